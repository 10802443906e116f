/*
 * ask.h: --predict, as demo.c uses it.
 */
#pragma once

#include "say.h"

/* Is there a question, and has it been asked for? */
bool predicting(const struct scene *scene);

/* Asks before the experiment; returns the index of the choice, or -1 if nobody answers. *go: where
 * a key leads that is no answer, KEY_ON otherwise. */
int ask(const struct scene *scene, enum key *go);

/* After a claim that held: the answer, and what ask() returned. */
void reveal(const struct scene *scene, int answer);
