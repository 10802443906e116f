/*
 * driver.h: calls one function of a student's piece, and says what it returned.
 *
 * A lab's driver is tests/labs/drivers/NN_name.c: the table lab_calls, and for each entry a function
 * that makes the state before the call, makes it with TRY(), and returns. The program is
 *
 *	driver [--fail CALL:ERRNO]... [--nofile N] NAME [ARG...]
 *
 * linked with the student's piece and our files without that one. After the entry's function has
 * returned, the process sends its report on descriptor 3 (cage.c) and stops, for the grader to look
 * at it. Nothing that the student's code prints is read; and what it writes on descriptor 3 is
 * known for what it is, because it lacks the secret that the cage has given to the driver.
 *
 *	--fail CALL:ERRNO   from TRY() on this system call fails with that errno: EIO, EPERM, ...
 *	                    (seccomp(2)); for `clone` clone3 fails with ENOSYS as well
 *	--nofile N          from TRY() on only N more descriptors can be opened (EMFILE)
 */
#pragma once

#include "step01_clone_pid/floor/call/sys.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct lab_call {
	const char *name;
	int (*play)(char **args); /* args ends with NULL. Its result is not looked at */

	/* What is done, as a student is told when it fails: the call with the names of the header,
	 * and what is there before. NULL: the name and the arguments.
	 *
	 *	$1		the first argument; $m1: flags of mount(2), $c1: of clone(2), by name
	 *	$* $+		the arguments after the highest one that was named so far, with
	 *			commas or with blanks between them
	 *	[text $2]	left out where there is no such argument, or it is empty
	 *	[2?text]	only where there is one
	 *	[2=word:text]	only where it is that word; [*=word:text]: where one of the others is
	 */
	const char *did;
};
extern const struct lab_call lab_calls[]; /* ends with a name of NULL */

/* The call that is judged: notes result, errno, the failure record and what became of the
 * descriptors. Gives the call's value. The last TRY() is the one that is reported. */
/* clang-format off */
#define TRY(call) __extension__({ \
	try_begin(); \
	__typeof__(call) try_value = (call); \
	try_end((long)try_value, false); \
	try_value; })
/* The same for a function that returns a new descriptor: that one is no leak. */
#define TRY_FD(call) __extension__({ \
	try_begin(); \
	int try_value = (call); \
	try_end(try_value, true); \
	try_value; })
/* clang-format on */
void try_begin(void);
void try_end(long value, bool is_fd);

/* Adds KEY=VALUE to the report; for results that the kernel does not show (out parameters). */
void say(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends with a report that says that the grader's own work failed: a host that refuses something,
 * or a fault of ours. The part cannot be graded then. After the first TRY() the part has failed
 * instead: what the call has left behind may be the reason. */
void cannot(const char *what) __attribute__((noreturn));

/* New namespaces (unshare(2)), with CLONE_NEWUSER the caller's ids mapped to 0. With CLONE_NEWPID the caller goes on as PID 1 of the new one. */
void fresh(int namespaces);
/* The caller keeps no capability: only what it gets by entering a user namespace that it owns. */
void drop_capabilities(void);
/* A child that does nothing, with new namespaces of its own; ends with the caller. Its PID here. */
pid_t neighbour(int namespaces);
/* In any child: tells the grader of it as neighbour() does, and gives up the way to the grader. */
void announce(void);
/* A message of a driver's own: what takes the place of a report has to begin with "report" or
 * "caught", and has pairs KEY=VALUE, each behind a tab. */
void message(const char *text);
/* Tells the grader the PID of the calling process: PIDS[name] there. */
void tell(const char *name);
/* mkdir -p. */
void make_dirs(const char *path);
/* A file with a text; its directory is made. */
void make_file(const char *path, const char *text);
