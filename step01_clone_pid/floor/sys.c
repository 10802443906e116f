/*
 * sys.c: the trace and the failure record behind SYS().
 */
#define _GNU_SOURCE
#include "sys.h"
#include "why.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool sys_tracing;

static int trace_fd = -1;
static char trace_who[16];
static struct failure first; /* the first failed call of this process */

void sys_trace_to(int fd)
{
	trace_fd = fd;
	sys_tracing = true;
}

void sys_trace_as(const char *who)
{
	snprintf(trace_who, sizeof(trace_who), "%s", who);
}

/* One line, one write: lines of parent and child may alternate but never mix. */
static void trace_write(char *line, size_t size, int length)
{
	if ((size_t)length >= size)
		length = (int)size - 1;
	line[length - 1] = '\n';
	if (write(trace_fd, line, (size_t)length) < 0)
		sys_tracing = false; /* nobody reads it any more */
}

void sys_trace_say(const char *format, ...)
{
	char text[512], line[640];
	va_list args;

	if (!sys_tracing)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	int n = snprintf(line, sizeof(line), "  %-6s        %s\n", trace_who, text);
	trace_write(line, sizeof(line), n);
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
	char line[768], lesson[24] = "";
	const char *file = what->file;
	int number = lesson_of(file);

	if (number) { /* the lesson's number stands for the step's folder */
		snprintf(lesson, sizeof(lesson), "   lesson %d", number);
		file = strchr(file, '/') ? strchr(file, '/') + 1 : file;
	}
	int n = snprintf(line, sizeof(line), "  %-6s %s:%d  %s  [%s] %s%s\n", trace_who, file,
			 what->line, what->call, what->subject, result, lesson);
	trace_write(line, sizeof(line), n);
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

void sys_note(const char *file, int line, const char *call, struct sys_subject subject, long result,
	      int expected)
{
	int err = result == -1 ? errno : 0;
	struct failure now;

	describe(&now, file, line, call, subject);
	now.err = err;
	if (sys_tracing) {
		char text[128];
		if (!err) /* an address reads better in hexadecimal */
			snprintf(text, sizeof(text), result > 0xffffffffL ? "= %#lx" : "= %ld",
				 result);
		else
			snprintf(text, sizeof(text), "= -1 %s (%s)", errno_name(err),
				 err == expected ? "an answer here, no failure" : strerror(err));
		trace_call(&now, text);
	}
	if (err && err != expected && !first.err)
		first = now;
	errno = err ? err : errno;
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
	first.err = 0;
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

void sys_failure_print(int fd, const char *prefix)
{
	int saved = errno;

	if (!first.err) {
		dprintf(fd, "%s: %s\n", prefix, strerror(saved));
		return;
	}
	sys_failure_explain();
	dprintf(fd, "%s: %s: %s\n", prefix, first.subject, strerror(first.err));
	dprintf(fd, "  what    %s = -1 %s", first.call, errno_name(first.err));
	if (first.file[0])
		dprintf(fd, "   (%s:%d)", first.file, first.line);
	dprintf(fd, "\n  why     %s\n", first.cause);
	if (first.remedy[0])
		dprintf(fd, "  remedy  %s\n", first.remedy);
	errno = saved;
}
