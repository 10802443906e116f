/*
 * proc_view.c: line by line, what a container may be told.
 */
#define _GNU_SOURCE
#include "proc_view.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text {
	char *out;
	size_t size, length;
	bool full;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text->out + text->length, text->size - text->length, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= text->size - text->length)
		text->full = true;
	else
		text->length += (size_t)n;
}

static int finish(const struct text *text)
{
	if (text->full) {
		errno = ENOSPC;
		return -1;
	}
	return (int)text->length;
}

/* The next line's length with its newline; 0 at the end. */
static size_t line_length(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? (size_t)(end - line) + 1 : strlen(line);
}

int proc_view_meminfo(const char *host, int64_t limit, int64_t used, int64_t cache, char *out,
		      size_t size)
{
	const char *total = strstr(host, "MemTotal:");
	int64_t host_kb = total ? strtoll(total + 9, NULL, 10) : 0;
	int64_t kb = limit / 1024 < host_kb || !host_kb ? limit / 1024 : host_kb;
	int64_t free_kb = used / 1024 < kb ? kb - used / 1024 : 0;
	int64_t cache_kb = cache > 0 ? cache / 1024 : 0;
	const struct {
		const char *key;
		int64_t kb;
	} replaced[] = { { "MemTotal:", kb },
			 { "MemFree:", free_kb },
			 { "MemAvailable:", free_kb + cache_kb < kb ? free_kb + cache_kb : kb },
			 { "Cached:", cache_kb },
			 { "SwapTotal:", 0 },
			 { "SwapFree:", 0 } };
	struct text text = { .out = out, .size = size };

	for (size_t n; (n = line_length(host)); host += n) {
		bool done = false;
		for (size_t i = 0; !done && i < sizeof(replaced) / sizeof(*replaced); i++)
			if (strncmp(host, replaced[i].key, strlen(replaced[i].key)) == 0) {
				add(&text, "%-15s%9" PRId64 " kB\n", replaced[i].key,
				    replaced[i].kb);
				done = true;
			}
		if (!done)
			add(&text, "%.*s", (int)n, host);
	}
	return finish(&text);
}

int proc_view_cpuinfo(const char *host, int n, char *out, size_t size)
{
	struct text text = { .out = out, .size = size };
	int seen = 0;

	/* A processor is a paragraph that begins with its number. */
	for (size_t length; (length = line_length(host)); host += length) {
		if (strncmp(host, "processor", 9) == 0 && ++seen > n)
			break;
		add(&text, "%.*s", (int)length, host);
	}
	return finish(&text);
}

int proc_view_stat(const char *host, int n, int64_t started, char *out, size_t size)
{
	struct text text = { .out = out, .size = size };
	int seen = 0;

	for (size_t length; (length = line_length(host)); host += length) {
		if (strncmp(host, "cpu", 3) == 0 && isdigit((unsigned char)host[3])) {
			if (seen++ < n) /* renumbered: CPU 3 of 4 is the container's only one */
				add(&text, "cpu%d%.*s", seen - 1,
				    (int)(length - strcspn(host, " ")), strchr(host, ' '));
		} else if (strncmp(host, "btime ", 6) == 0) {
			add(&text, "btime %" PRId64 "\n", started);
		} else {
			add(&text, "%.*s", (int)length, host);
		}
	}
	return finish(&text);
}

int proc_view_uptime(double seconds, double cpu_seconds, int n, char *out, size_t size)
{
	struct text text = { .out = out, .size = size };
	double idle = seconds * n - cpu_seconds;

	add(&text, "%.2f %.2f\n", seconds, idle > 0 ? idle : 0);
	return finish(&text);
}
