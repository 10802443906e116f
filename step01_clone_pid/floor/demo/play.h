/*
 * play.h: what demo.c asks of scene.c.
 */
#pragma once

#include "say.h"

/* Plays a scene; its outcome is in *outcome. Returns the key that ended it, KEY_ON if it came to
 * its end. */
enum key scene_play(const struct scene *scene);

/* The claim that is tested now: the scene's own, or that of --break. */
const char *scene_claim(const struct scene *scene);

/* --break: what is left out. NULL: nothing is. */
const char *scene_left_out(const struct scene *scene);
