/*
 * sys.c: the trace and the failure record behind SYS().
 */
#define _GNU_SOURCE
#include "sys.h"
#include "exit_codes.h"
#include "step01_clone_pid/floor/meet/escape.h"
#include "why.h"
#include "step01_clone_pid/floor/meet/wrap.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sys_tracing;
struct call_note call_note;

static int trace_fd = -1;
static char trace_who[16];
static void (*trace_writer)(int fd, const char *who, const char *text);
static struct failure first; /* the first failed call of this process */

void sys_trace_to(int fd)
{
	trace_fd = fd;
	sys_tracing = fd >= 0;
}

int sys_trace_fd(void)
{
	return sys_tracing ? trace_fd : -1;
}

void sys_trace_write_by(void (*writer)(int fd, const char *who, const char *text))
{
	trace_writer = writer;
}

void sys_trace_as(const char *who)
{
	snprintf(trace_who, sizeof(trace_who), "%s", who);
}

/* One text, one write: those of parent and child may alternate but never mix. A terminal gets it
 * broken into lines that fit, for a room to read; a file or pipe a line a call, for grep. */
static void trace_write(const char *text)
{
	char out[1200];

	if (trace_writer) {
		trace_writer(trace_fd, trace_who, text);
		return;
	}
	int n = snprintf(out, sizeof(out), "  %-6s ", trace_who);
	size_t width = terminal_width(trace_fd);
	size_t length = (size_t)n + wrap(out + n, sizeof(out) - (size_t)n - 1, text, (size_t)n, 13,
					 width ? width - 1 : SIZE_MAX);

	out[length++] = '\n';
	if (write(trace_fd, out, length) < 0)
		sys_tracing = false; /* nobody reads it any more */
}

void sys_trace_say(const char *format, ...)
{
	char text[512], line[ESCAPED];
	va_list args;
	int saved = errno;

	if (!sys_tracing)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "       %.1000s", SHOWN(text));
	trace_write(line);
	errno = saved;
}

/* "step03_uts_ipc/uts_ipc.c" belongs to lesson 3; final/ is explained by none. */
static int lesson_of(const char *file)
{
	const char *step = strstr(file, "step0");

	return step ? step[5] - '0' : 0;
}

static const char *errno_name(int err)
{
#ifdef __GLIBC__
	const char *name = strerrorname_np(err);
	return name ? name : "?";
#else
	return strerror(err);
#endif
}

/* What a failed call returned. */
static const char *failed_value(bool null)
{
	return null ? "NULL" : "-1";
}

static size_t name_length(const char *at)
{
	return strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
}

const char *sys_call_name(const char *call, size_t *length)
{
	while (*call == '(') { /* a cast */
		const char *end = strchr(call, ')');
		if (!end)
			break;
		call = end + 1 + strspn(end + 1, " ");
	}
	*length = name_length(call);
	if (*length == 7 && strncmp(call, "syscall(SYS_", 12) == 0) {
		call += 12;
		*length = name_length(call);
	}
	return call;
}

/* The source's call may be wrapped over several lines: squeeze its blanks. */
static void copy_call(char *out, size_t size, const char *call)
{
	size_t n = 0;

	/* Text of a macro's argument: strings keep their quotes. */
	for (const char *c = call; *c && n + 1 < size; c++) {
		bool blank = *c == ' ' || *c == '\t' || *c == '\n';
		if (!blank)
			out[n++] = *c;
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	out[n] = '\0';
}

static void copy_subject(char *out, size_t size, struct sys_subject subject)
{
	if (subject.text)
		snprintf(out, size, "%s", subject.text);
	else
		snprintf(out, size, "%ld", subject.number);
}

static void trace_call(const struct failure *what, const char *result)
{
	char line[ESCAPED], lesson[24] = "", where[80], subject[512];
	const char *file = what->file;
	int number = lesson_of(file);

	if (number) { /* the lesson's number stands for the step's folder */
		snprintf(lesson, sizeof(lesson), GLUE GLUE GLUE "lesson" GLUE "%d", number);
		file = strchr(file, '/') ? strchr(file, '/') + 1 : file;
	}
	snprintf(where, sizeof(where), "%s:%d", file, what->line);
	escape(subject, sizeof(subject), what->subject, "");
	if (terminal_width(trace_fd)) /* what is done comes first, where it is written last */
		snprintf(line, sizeof(line), "%s  [%s]" GLUE "%s   %s%s", what->call, subject,
			 result, where, lesson);
	else
		snprintf(line, sizeof(line), "%s  %s  [%s] %s%s", where, what->call, subject,
			 result, lesson);
	trace_write(line);
}

/* A path as the compiler was given it may be long or absolute: from the step's folder on is what a
 * reader needs. */
static void describe(struct failure *what, const char *file, int line, const char *call,
		     struct sys_subject subject)
{
	const char *from = strstr(file, "step0");

	if (!from)
		from = strstr(file, "final/");
	*what = (struct failure){ .line = line };
	snprintf(what->file, sizeof(what->file), "%s", from ? from : file);
	copy_call(what->call, sizeof(what->call), call);
	copy_subject(what->subject, sizeof(what->subject), subject);
}

static bool is_by_fd(const char *path)
{
	return path && strncmp(path, "/proc/self/fd/", 14) == 0;
}

/* What was noted belongs to this failure only if it was noted by this call, and not by one that a
 * function in SYS() made on its way. */
static void take_args(struct failure *what)
{
	size_t length;
	const char *name = sys_call_name(what->call, &length);

	if (!call_note.name || strlen(call_note.name) != length ||
	    strncmp(call_note.name, name, length) != 0)
		return;
	what->args = (struct call_args){
		.noted = true,
		.by_fd = is_by_fd(call_note.source) || is_by_fd(call_note.target),
		.flags = call_note.flags,
	};
	snprintf(what->args.type, sizeof(what->args.type), "%s",
		 call_note.type ? call_note.type : "");
}

/* What follows the call in a trace: "= 3", "= NULL ENOENT (No such file or directory)". */
static void result_text(char *out, size_t size, struct sys_result result, int err, int expected)
{
	if (err)
		snprintf(out, size, "=" GLUE "%s" GLUE "%s (%s)", failed_value(result.value == 0),
			 errno_name(err),
			 err == expected ? "an answer here, no failure" : strerror(err));
	else /* an address reads better in hexadecimal */
		snprintf(out, size, result.pointer ? "=" GLUE "%#lx" : "=" GLUE "%ld",
			 result.value);
}

void sys_note(const char *file, int line, const char *call, struct sys_subject subject,
	      struct sys_result result, int expected)
{
	int saved = errno, err = result.failed ? errno : 0;
	struct failure now;

	describe(&now, file, line, call, subject);
	now.err = err;
	now.null = result.failed && result.value == 0;
	if (sys_tracing) {
		char text[128];
		result_text(text, sizeof(text), result, err, expected);
		trace_call(&now, text);
	}
	if (err && err != expected && !first.err) {
		take_args(&now);
		first = now;
	}
	errno = saved;
}

void sys_note_exec(const char *file, int line, const char *call, struct sys_subject subject)
{
	bool is_first = !first.err;

	sys_note(file, line, call, subject, sys_result_number(-1), 0);
	first.at_exec = is_first || first.at_exec;
}

int sys_not_yet(const char *file, int line, const char *function, ...)
{
	struct failure now;
	char call[sizeof(now.call)];

	snprintf(call, sizeof(call), "%s()", function);
	describe(&now, file, line, call, sys_subject_text(function));
	now.err = ENOSYS;
	now.not_written = true;
	if (sys_tracing)
		trace_call(&now, "not written yet");
	if (!first.err)
		first = now;
	errno = ENOSYS;
	return -1;
}

int sys_failure_status(const struct failure *failure)
{
	if (!failure->at_exec)
		return EXIT_OURS;
	return failure->err == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

void sys_announce(const char *file, int line, const char *call, struct sys_subject subject)
{
	struct failure now;
	int saved = errno;

	describe(&now, file, line, call, subject);
	trace_call(&now, "...");
	errno = saved;
}

const struct failure *sys_failure(void)
{
	return &first;
}

void sys_failure_clear(void)
{
	first = (struct failure){ 0 };
}

void sys_failure_adopt(const struct failure *from)
{
	if (!first.err)
		first = *from;
}

void sys_failure_set(int err, const char *call, const char *subject, const char *cause,
		     const char *remedy)
{
	if (!first.err) {
		first = (struct failure){ .err = err };
		snprintf(first.call, sizeof(first.call), "%s", call);
		snprintf(first.subject, sizeof(first.subject), "%s", subject);
		snprintf(first.cause, sizeof(first.cause), "%s", cause ? cause : "");
		snprintf(first.remedy, sizeof(first.remedy), "%s", remedy ? remedy : "");
	}
	errno = err;
}

void sys_failure_set_at_exec(int err, const char *call, const char *subject, const char *cause,
			     const char *remedy)
{
	bool is_first = !first.err;

	sys_failure_set(err, call, subject, cause, remedy);
	first.at_exec = is_first || first.at_exec;
}

void sys_failure_explain(void)
{
	int saved = errno;

	if (first.err && !first.cause[0]) {
		facts_forget(); /* threads, maps, capabilities may have changed since they were read
				 */
		why_explain(host_facts(), &first);
	}
	errno = saved;
}

/* Below its own beginning on a terminal, where it is too long; a pipe gets a line, for grep. */
static void print_under(int fd, const char *word, const char *text)
{
	char out[1200];
	size_t width = terminal_width(fd);

	wrap(out, sizeof(out), text, 10, 10, width ? width - 1 : SIZE_MAX);
	dprintf(fd, "  %-6s  %s\n", word, out);
}

void sys_failure_print(int fd, const char *prefix)
{
	char what[512];
	int saved = errno;

	if (!first.err) {
		dprintf(fd, "%s: %s\n", SHOWN(prefix), strerror(saved));
		return;
	}
	sys_failure_explain();
	dprintf(fd, "%s: %s: %s\n", SHOWN(prefix), SHOWN(first.subject), strerror(first.err));
	int n = snprintf(what, sizeof(what), "%s =" GLUE "%s" GLUE "%s", SHOWN(first.call),
			 failed_value(first.null), errno_name(first.err));
	if (first.file[0] && n < (int)sizeof(what))
		snprintf(what + n, sizeof(what) - (size_t)n, "   (%s:%d)", first.file, first.line);
	print_under(fd, "what", what);
	print_under(fd, "why", SHOWN(first.cause));
	if (first.remedy[0])
		print_under(fd, "remedy", SHOWN(first.remedy));
	errno = saved;
}
