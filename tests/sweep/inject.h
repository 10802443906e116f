/*
 * inject.h: a command below ptrace(2), one of whose system calls fails, or one of whose processes
 * is killed before that call is made.
 *
 * A point is (who, call, n, errno or SIGKILL). who is a place in the tree of processes: "main", its
 * second child "main/2", that one's first child "main/2/1". n counts that process's calls of this
 * name, from 1. Unlike strace's when=N this names one process, so that one point is one failure.
 *
 * Every descendant is traced from its first instruction and dies with the tracer
 * (PTRACE_O_EXITKILL), so none can get away, whatever the command does with sessions, parents and
 * namespaces.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

enum { WHO_SIZE = 64, CALLS = 600, TRACEES = 256 };

struct tracee {
	pid_t pid; /* 0: this entry is free */
	char who[WHO_SIZE];
	int children; /* so far, for the next one's name */
	bool named;   /* its parent has told of it */
	bool waits;   /* it stopped before its parent told of it: not yet resumed */
	bool ours;    /* does not run the container's command: its calls are points */
	bool foreign; /* runs a program of somebody else's that the command starts (busybox --list):
			 a kill of it is a point, its errors are not for us to report */
	bool held;    /* the container's command, kept at its first instruction */
	/* Address of ld.so, whose calls are none of the program's; 0: static. */
	unsigned long loader;
	int fake;		    /* errno that this call's end is to give; 0: none */
	unsigned short made[CALLS]; /* how often it has made each call */
};

struct point {
	char who[WHO_SIZE];
	int call; /* -1: no point, the command runs untouched */
	int nth;
	int err; /* 0: SIGKILL */
};

struct options {
	bool list;	     /* print every call to the report, inject nothing */
	struct point point;  /* of -i */
	const char *command; /* comm of the container's command: no points in it, or after it in
				that process */
	const char
		*evidence; /* program: gets the PID of the container's command before that runs */
	const char *after; /* shell command that tidies up when all is over (minibox gc) */
	uid_t uid;	   /* with gid: who the command runs as; -1: we */
	gid_t gid;
	double limit;  /* s until the command hangs */
	double settle; /* s that its other processes have to end after it */
	double linger; /* the same before -g, for a command whose processes live on; -1: settle */
	FILE *report;
};

struct sweep {
	struct options opt;
	struct tracee tracees[TRACEES];
	pid_t main;
	const char *program; /* path of its file */
	int status;	     /* of main, as waitpid gives it; -1: it lives */
	bool done;	     /* the point was reached */
	double held_since;
};

/* calls.c */
const char *call_name(int nr);	    /* "openat"; "?" */
int call_number(const char *name);  /* -1: not of this machine */
int errno_number(const char *name); /* "ENOENT" -> 2; 0: unknown */

/* tracee.c: one stop of one process. Both resume it unless it is to stay. */
void tracee_stopped(struct sweep *s, pid_t pid, int status);
void tracee_ended(struct sweep *s, pid_t pid, int status);
struct tracee *tracee_find(struct sweep *s, pid_t pid);
struct tracee *tracee_add(struct sweep *s, pid_t pid);
void tracee_resume(struct sweep *s, struct tracee *t, int sig);

double now(void); /* CLOCK_MONOTONIC, s */
