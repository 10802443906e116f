/*
 * sys.h: system calls that explain themselves.
 *
 *	if (SYS(mount("proc", target, "proc", MS_NOSUID, NULL), target) < 0)
 *		return -1;
 *
 * The call stays visible in the source. The second argument is its subject: the
 * path, process or name that it is about. With tracing off and the call a
 * success, SYS costs one branch. Otherwise it
 *   - writes one line of trace (--explain): file:line, call, subject, result, lesson;
 *   - keeps the first failed call in the failure record, until it is cleared.
 * A call has failed if it returned -1, or, where its result is a pointer, NULL or
 * MAP_FAILED: mmap, getcwd, opendir. (readdir, for which NULL is an answer too,
 * is not for SYS.) SYS has the call's value and type; errno is left as the call
 * set it.
 */
#pragma once

#include "calls.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What a call was about. Made by SUBJECT(); the text is copied when noted. */
struct sys_subject {
	const char *text;
	long number;
};

static inline struct sys_subject sys_subject_text(const char *text)
{
	return (struct sys_subject){ .text = text ? text : "(null)" };
}

static inline struct sys_subject sys_subject_number(long number)
{
	return (struct sys_subject){ .number = number };
}

/* What a call returned. Made by SYS_RESULT(). */
struct sys_result {
	bool failed;
	bool pointer;
	long value;
};

static inline struct sys_result sys_result_number(long value)
{
	return (struct sys_result){ .failed = value == -1, .value = value };
}

static inline struct sys_result sys_result_pointer(const void *value)
{
	/* NULL, or MAP_FAILED, as a number: comparing to an address of -1 tells an analyzer that
	 * malloc() may return it. */
	return (struct sys_result){ .failed = (unsigned long)value + 1 <= 1,
				    .pointer = true,
				    .value = (long)value };
}

/* clang-format off */
#define SUBJECT(s) _Generic((s), char *: sys_subject_text, const char *: sys_subject_text, \
			    default: sys_subject_number)(s)

/* The types of numbers are listed, since a pointer may be to anything: char, FILE, DIR. */
#define SYS_RESULT(r) _Generic((r), \
	char: sys_result_number, signed char: sys_result_number, unsigned char: sys_result_number, \
	short: sys_result_number, unsigned short: sys_result_number, \
	int: sys_result_number, unsigned: sys_result_number, \
	long: sys_result_number, unsigned long: sys_result_number, \
	long long: sys_result_number, unsigned long long: sys_result_number, \
	_Bool: sys_result_number, default: sys_result_pointer)(r)

#define SYS(call, subject) SYS_MADE(call, #call, subject, 0)

/* The same where one errno is an answer and no failure: SYS_MAY(mkdir(p, 0755), p, EEXIST). */
#define SYS_MAY(call, subject, expected) SYS_MADE(call, #call, subject, expected)

#define SYS_MADE(call, text, subject, expected) __extension__({ \
	call_note.name = NULL; \
	__typeof__(call) sys_value = (call); \
	struct sys_result sys_result = SYS_RESULT(sys_value); \
	if (__builtin_expect(sys_result.failed || sys_tracing, 0)) \
		sys_note(__FILE__, __LINE__, text, SUBJECT(subject), sys_result, expected); \
	sys_value; })

/* For a call that does not come back when it works (execve): traced before it is made. */
#define SYS_EXEC(call, subject) __extension__({ \
	if (__builtin_expect(sys_tracing, 0)) \
		sys_announce(__FILE__, __LINE__, #call, SUBJECT(subject)); \
	call_note.name = NULL; \
	__typeof__(call) sys_value = (call); \
	sys_note_exec(__FILE__, __LINE__, #call, SUBJECT(subject)); sys_value; })

/* The body of a function that is still to be written, and returns int, pid_t or ssize_t:
 *	return NOT_YET(root, path);
 * Takes the function's parameters, none or any number of any type, so that none is unused. Is -1
 * with errno ENOSYS; records file, line and function as a failure with not_written set, which the
 * why-table answers with "Not written yet: FILE:LINE". */
#define NOT_YET(...) sys_not_yet(__FILE__, __LINE__, __func__, ##__VA_ARGS__)
/* clang-format on */

/* The arguments of a call that notes them (calls.h), as the kernel got them. */
struct call_args {
	bool noted;	     /* false: of another call; all else is 0 then */
	bool by_fd;	     /* mount: source or target is named through /proc/self/fd */
	unsigned long flags; /* of clone, clone3, unshare, mount; setns's nstype */
	char type[32];	     /* mount's file system, "" for NULL */
};

/* The first call that failed. Plain memory: it crosses a socket, or fork, as it is. */
struct failure {
	int err; /* errno; 0 = nothing failed */
	int line;
	char file[64];
	char call[192]; /* the call as the source has it; its name is what the why-table asks for */
	char subject[256]; /* what it was about */
	char cause[400];   /* from the why-table, judged in the process that failed */
	char remedy[400];
	bool at_exec;	  /* the command itself could not be executed: 126 or 127, not 125 */
	bool not_written; /* no call failed: the function is a NOT_YET() */
	bool null;	  /* the call returned NULL, not -1 */
	struct call_args args;
};

/* The exit status of a program whose command failed to start, as docker and shells have it: 127
 * (the command was not found), 126 (it cannot be executed), 125 (all else: our own failure). */
int sys_failure_status(const struct failure *failure);

extern bool sys_tracing;

/* Starts the trace. fd: where its lines go (not closed by us), or -1 to end it; written one line a
 * write(2), so that parent and child share one stream in the order in which things happen. */
void sys_trace_to(int fd);

/* Has each line of the trace written by writer instead, who is sys_trace_as()'s name: for a trace
 * that is a log with a format of its own. NULL: as always. It crosses fork. */
void sys_trace_write_by(void (*writer)(int fd, const char *who, const char *text));

/* The descriptor that the trace goes to, or -1: none. It crosses fork; a child that closes what it
 * inherits keeps it. */
int sys_trace_fd(void);

/* Names this process in the trace ("parent", "child"); kept by value, 15 bytes at most. */
void sys_trace_as(const char *who);

/* One line of commentary in the trace, for what is not a call (what a message holds). */
void sys_trace_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The failure record of this process. sys_failure()->err is 0 while nothing has failed. */
const struct failure *sys_failure(void);
void sys_failure_clear(void);

/* Takes over another process's failure (read from a stage's message). Keeps ours if there is one.
 */
void sys_failure_adopt(const struct failure *from);

/* Records a failure that no system call reported: bad contents, a limit of our own. Sets errno to
 * err. call: what was being done; subject: on what; cause and remedy may be NULL (the why-table
 * answers). */
void sys_failure_set(int err, const char *call, const char *subject, const char *cause,
		     const char *remedy);

/* The same for a command that was looked for and cannot be executed: at_exec is set. */
void sys_failure_set_at_exec(int err, const char *call, const char *subject, const char *cause,
			     const char *remedy);

/* Fills cause and remedy of the record from the why-table (why.h), in this process, now: the answer
 * depends on who asks. Called before a record is handed on or printed. No-op if they are there. */
void sys_failure_explain(void);

/* Prints the record on fd as a user should see it, explained: what failed, on what, why, what to
 * do. prefix: the program's name. With no failure recorded it prints errno's text. */
void sys_failure_print(int fd, const char *prefix);

/* The function's name in the source of a call, and its length: kill in "kill(pid, 0)" and in
 * "(int)syscall(SYS_kill, pid, 0)". */
const char *sys_call_name(const char *call, size_t *length);

/* For the macros. */
void sys_note(const char *file, int line, const char *call, struct sys_subject subject,
	      struct sys_result result, int expected);
void sys_note_exec(const char *file, int line, const char *call, struct sys_subject subject);
void sys_announce(const char *file, int line, const char *call, struct sys_subject subject);
int sys_not_yet(const char *file, int line, const char *function, ...);
