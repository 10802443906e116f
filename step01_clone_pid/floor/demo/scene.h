/*
 * scene.h: a demo is a table of scenes, and a scene proves its own claim.
 *
 * A scene states a claim, runs the experiment, shows the evidence as the kernel
 * gives it, and judges. The engine does the rest: options, disposable
 * namespaces, pauses, predictions, breaks, JSON, the summary and the exit code.
 *
 *	static void pid_one(void)
 *	{
 *		...
 *		row("PID", "%d", "%d", outside, inside);
 *		show("grep NSpid /proc/%d/status", outside);
 *		evidence("%s", line);
 *		check(inside == 1, "the child should be number 1 inside, is %d", inside);
 *		verdict("1 inside, %d outside, same process", outside);
 *	}
 *
 * Narration is at most 76 columns and 16 lines a scene, by-hand line included (a test measures it).
 * All of these functions may be called from the scene's own children as well.
 */
#pragma once

#include "step01_clone_pid/floor/host/abilities.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <stdbool.h>
#include <stdint.h>

enum scene_flags {
	SCENE_CORE = 1,	  /* one of the at most five that run without options */
	SCENE_ATTACK = 2, /* somebody tries to get out */
	SCENE_HOST = 4,	  /* needs the real host: no disposable namespaces around it */
	SCENE_GUEST = 8,  /* may only run in a guest of tests/guest (sets the clock) */
};

struct scene_break {
	const char *name;     /* --break NAME */
	const char *claim;    /* "without it, X happens" */
	const char *left_out; /* the call, flag or write that is not there; 65 columns at most */
};

struct scene {
	const char *name;
	const char *claim; /* one sentence */
	/* A shell line that shows the same, for root and ordinary user; tested as it is printed,
	 * over several lines where it is too wide. */
	const char *by_hand;
	const char *shows; /* extended regular expression that its output must match */
	uint64_t
		needs; /* CAN(...) bits; what lacks makes the scene a SKIP with reason and remedy */
	int seconds;   /* how long it takes, rounded up */
	unsigned flags;
	void (*play)(void);
	const char *ask;	/* --predict: the question before */
	const char *choices[4]; /* and its answers */
	int answer;		/* the right one, if the claim holds */
	struct scene_break breaks[4];
};

/* ---- for a scene's play() ---- */

/* Starts an act: the place where --pause waits for a key. title: a line of text, or NULL. */
void act(const char *title, ...) __attribute__((format(printf, 1, 2)));

/* A line of text. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "$ command": what a student would type to see the evidence that follows. */
void show(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line as the kernel gave it (control characters are shown escaped; may hold several lines). */
void evidence(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "HOST is a stand-in ...": for a scene whose HOST is itself in namespaces of its own, so that what
 * it says of them is not what another program, beside it, says of the real host. */
void host_is_stand_in(void);

/* The heads of the two columns ("HOST", "CONTAINER"), and a row of them. format makes
 * "left\tright". */
void heads(const char *left, const char *right);
void row(const char *label, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A figure or text for --json's "values": read from the kernel, or counted here, now. */
void value(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One condition of the claim. If ok is false the scene has failed and the text (what was expected,
 * what was seen) is the reason. Returns ok. */
bool check(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The line that HELD ends with. */
void verdict(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* This host cannot show it, found out on the way: SKIP with reason and remedy (may be NULL). Ends
 * the scene. */
void skip_scene(const char *remedy, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* A call of ours failed that should not: the failure record is the reason. Ends the scene (FAILED).
 */
void fail_scene(void) __attribute__((noreturn));

/* fork(2), or the scene fails: a -1 or 0 that a later kill(2) takes for a PID means "everybody"
 * there.
 */
pid_t scene_fork(void);

/* Was --break NAME given? */
bool broken(const char *name);

/* Is narration going to a terminal (for a bar that redraws itself)? Width is 76 in any case. */
bool live(void);

/* Redraws the last line on a terminal, prints nothing elsewhere. For bars. */
void redraw(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- for main() and --list ---- */

/* All that the scene needs here: its own needs, and the disposable namespaces that it is played in
 * (behind a user namespace, without CAP_SYS_ADMIN). */
uint64_t scene_needs(const struct scene *scene);

struct run; /* run.h */

struct demo {
	int step;
	const char *name;	     /* "step01_clone_pid" */
	const char *title;	     /* "The PID-1 illusion" */
	const struct scene *scenes;  /* ends with a NULL name */
	int (*run)(struct run *run); /* stepNN_run, for -- CMD */
	/* Sub-commands of this step ("diff DIR", "--watch PID"): tried first. Returns -1 if it is
	 * none of its own, else the exit status. May be NULL. */
	int (*command)(int argc, char **argv);
	const char *command_help; /* lines for --help, or NULL */
	void (*prepare)(void);	  /* stepNN_register(), before anything else; may be NULL */
};

/* Parses the options, runs what they ask for below a guard. Returns the exit status: 0 every claim
 * held, 1 one failed, 2 usage, 77 nothing could run here. */
int demo_main(int argc, char **argv, const struct demo *demo);
