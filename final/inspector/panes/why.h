/*
 * why.h: F7. What is under the cursor, why it is so, the shell command that shows the same, and the
 * lesson that explains it. The words stand with the panes.
 */
#pragma once

#include "final/inspector/view/view.h"

#define LESSON_1 "lessons/01_clone_pid"
#define LESSON_2 "lessons/02_mount_ns"
#define LESSON_3 "lessons/03_uts_ipc"
#define LESSON_4 "lessons/04_net_user"
#define LESSON_5 "lessons/05_cgroup_cpu"
#define LESSON_6 "lessons/06_overlay_rootfs"
#define LESSON_7 "lessons/07_volumes"
#define LESSON_8 "lessons/08_init_reaper"

/* In text and command stand %1$d for the process under the cursor, %2$d for its parent, %3$d for
 * the container's init, %4$s for the directory of its cgroup. */
struct why_words {
	const char *title, *text, *command, *lesson;
	const char *v1_command; /* where v1's file has another name; NULL: the same */
	const char *v1_tree;	/* the hierarchy of v1 that %4$s is in; NULL: cpu */
};

struct why_cell {
	char title[64];
	char text[400];	   /* one or two sentences */
	char command[160]; /* works in a shell on this host */
	char lesson[48];
};

/* Fills out from words. here: a sentence about this very container that comes first, or "". */
void why_answer(struct why_cell *out, const struct why_words *words, const char *here,
		const struct model *model, const struct view *view);
