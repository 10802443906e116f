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
 * errno is left as the call set it.
 */
#pragma once

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

/* clang-format off */
#define SUBJECT(s) _Generic((s), char *: sys_subject_text, const char *: sys_subject_text, \
			    default: sys_subject_number)(s)

#define SYS(call, subject) __extension__({ \
	__auto_type sys_result = (call); \
	if (__builtin_expect((long)sys_result == -1 || sys_tracing, 0)) \
		sys_note(__FILE__, __LINE__, #call, SUBJECT(subject), (long)sys_result, 0); \
	sys_result; })

/* The same where one errno is an answer and no failure: SYS_MAY(mkdir(p, 0755), p, EEXIST). */
#define SYS_MAY(call, subject, expected) __extension__({ \
	__auto_type sys_result = (call); \
	if (__builtin_expect((long)sys_result == -1 || sys_tracing, 0)) \
		sys_note(__FILE__, __LINE__, #call, SUBJECT(subject), (long)sys_result, expected); \
	sys_result; })

/* For a call that does not come back when it works (execve): traced before it is made. */
#define SYS_EXEC(call, subject) __extension__({ \
	if (__builtin_expect(sys_tracing, 0)) \
		sys_announce(__FILE__, __LINE__, #call, SUBJECT(subject)); \
	long sys_result = (call); \
	sys_note_exec(__FILE__, __LINE__, #call, SUBJECT(subject)); sys_result; })
/* clang-format on */

/* The first call that failed. Plain memory: it crosses a socket, or fork, as it is. */
struct failure {
	int err; /* errno; 0 = nothing failed */
	int line;
	char file[64];
	char call[192];	   /* the call as the source has it */
	char subject[256]; /* what it was about */
	char cause[400];   /* from the why-table, judged in the process that failed */
	char remedy[400];
	bool at_exec; /* the command itself could not be executed: 126 or 127, not 125 */
};

/* The exit status of a program whose command failed to start, as docker and shells have it: 127
 * (the command was not found), 126 (it cannot be executed), 125 (all else: our own failure). */
int sys_failure_status(const struct failure *failure);

extern bool sys_tracing;

/* Starts the trace. fd: where its lines go (not closed by us), or -1 to end it; written one line a
 * write(2), so that parent and child share one stream in the order in which things happen. */
void sys_trace_to(int fd);

/* The descriptor that the trace goes to, or -1: none. It crosses fork; a child that closes what it
 * inherits keeps it. */
int sys_trace_fd(void);

/* Names this process in the trace ("parent", "child"); kept by value, 15 bytes at most. */
void sys_trace_as(const char *who);

/* One line of commentary in the trace, for what is not a call (a decoded netlink message). */
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

/* Fills cause and remedy of the record from the why-table (why.h), in this process, now: the answer
 * depends on who asks. Called before a record is handed on or printed. No-op if they are there. */
void sys_failure_explain(void);

/* Prints the record on fd as a user should see it, explained: what failed, on what, why, what to
 * do. prefix: the program's name. With no failure recorded it prints errno's text. */
void sys_failure_print(int fd, const char *prefix);

/* For the macros. */
void sys_note(const char *file, int line, const char *call, struct sys_subject subject, long result,
	      int expected);
void sys_note_exec(const char *file, int line, const char *call, struct sys_subject subject);
void sys_announce(const char *file, int line, const char *call, struct sys_subject subject);

/*
 * System calls for which glibc 2.36 has no wrapper, or has one only in some
 * versions, under the name of their man page, so that trace and manual read the
 * same. Errors: as their pages say, -1 and errno.
 */
#include <linux/openat2.h>
#include <linux/sched.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* pivot_root(2) */
static inline int pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

/* openat2(2) */
static inline int openat2(int dirfd, const char *path, const struct open_how *how, size_t size)
{
	return (int)syscall(SYS_openat2, dirfd, path, how, size);
}

/* clone3(2); like fork it returns in both processes when no stack is given */
static inline pid_t clone3(struct clone_args *args, size_t size)
{
	return (pid_t)syscall(SYS_clone3, args, size);
}
