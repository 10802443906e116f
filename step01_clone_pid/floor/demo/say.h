/*
 * say.h: inside of scene.h's narration: where words go, and what the scene's
 * processes tell the engine. Shared by scene.c and demo.c only.
 */
#pragma once

#include "scene.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

enum scene_verdict { SCENE_UNJUDGED, SCENE_HELD, SCENE_FAILED, SCENE_SKIPPED };

/* One scene's outcome, in memory shared by all its processes. */
struct outcome {
	int verdict; /* enum scene_verdict; UNJUDGED until check() was called */
	int checks;
	char reason[400]; /* why failed or skipped */
	char remedy[300];
	char summary[400];  /* verdict()'s line */
	char values[8192];  /* JSON members, ", " between them */
	bool output_failed; /* a write failed: /dev/full, a closed pipe */
	int output_error;
	int key;		/* enum key: what ended it */
	unsigned waits_for_key; /* counts on as long as a process of the scene waits for a key */
};

struct manner {	    /* how the play is given; set once by the options, before any scene */
	bool quiet; /* --json: no narration */
	bool colour;
	bool tty; /* narration goes to a terminal */
	bool pause, predict;
	const char *broken; /* --break NAME */
	long limit;	    /* seconds that every scene may take; 0: as its own time says */
	int skip_acts;	    /* --pause: play this many acts without waiting (the b key) */
};

extern struct manner manner;
extern struct outcome *outcome;
extern int *act_count; /* how many acts of the scene have begun; shared memory */

/* What a key asks for; also the exit status of a scene that it ended. */
enum key { KEY_ON = 0, KEY_BACK = 90, KEY_AGAIN, KEY_SKIP, KEY_QUIT, SCENE_ENDED = 99 };

/* The variable arguments of the function that it stands in, formatted into an array. */
#define FORMAT_INTO(text)                                                                          \
	do {                                                                                       \
		va_list args;                                                                      \
		va_start(args, format);                                                            \
		vsnprintf(text, sizeof(text), format, args);                                       \
		va_end(args);                                                                      \
	} while (0)

/* Makes the shared outcome; false with errno if there is no memory. */
bool say_setup(void);

/* Shows what had no room on the page, in pieces, then the keys, and waits for one. what: what space
 * does ("on"). End of input is KEY_ON. */
enum key wait_key(const char *what);

/* One key as typed, lower case, or TYPED_..., or 0 at the end of input. prompt(about) is called
 * before, and again after Ctrl-Z and `fg`. At a terminal what was typed before it is dropped. */
enum { TYPED_ON = 256, TYPED_BACK };
int read_key(void (*prompt)(const void *about), const void *about);

/* The room has pressed Ctrl-C: the demo ends, from wherever it is. */
extern volatile sig_atomic_t interrupted;

/* How many acts of this scene have begun (for KEY_BACK); shared memory. */
int acts_begun(void);
void acts_reset(void);

/* Colours: "bold", "good", "bad", "warn", "dim", "" to end; empty strings where colour is off. */
const char *tint(const char *name);

/* Writes raw text to the narration whatever manner.quiet says (JSON, lists). */
void emit(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, also where the page has no room for it: for a line of keys. */
void emit_now(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A word, and a text that continues below itself where it is wider than a projector, or than this
 * terminal. */
void say_wrapped(const char *word, const char *colour, const char *text);

/* The same, but for a reader of the output who is no person: into a pipe it stays one line. */
void say_reason(const char *word, const char *colour, const char *text);

/* "by hand:" and a shell line, over several lines where it is too wide: wrap_shell(). */
void say_by_hand(const char *line);

/* JSON string contents, escaped, into out. */
void json_escape(char *out, size_t size, const char *text);
