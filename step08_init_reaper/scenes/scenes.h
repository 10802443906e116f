/*
 * scenes.h: the scenes of step 8, for main.c's table.
 */
#pragma once

void scene_zombie(void);
void scene_orphan(void);
void scene_reaper(void);
void scene_signals(void);
void scene_pod(void);
void scene_subreaper(void);
void scene_sigchld(void);
void scene_pid_table_full(void);
void scene_states(void);
void scene_same_life(void);
