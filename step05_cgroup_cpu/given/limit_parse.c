/*
 * limit_parse.c: limits as people type them.
 */
#define _GNU_SOURCE
#include "limit_parse.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static int refuse(int err, const char *option, const char *text, const char *remedy,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));

static int refuse(int err, const char *option, const char *text, const char *remedy,
		  const char *format, ...)
{
	char call[48], cause[300];
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof(cause), format, args);
	va_end(args);
	snprintf(call, sizeof(call), "reading %s", option);
	sys_failure_set(err, call, text, cause, remedy);
	return -1;
}

/* Digits with at most one point, nothing else: no blanks, signs, exponents, "inf". */
static bool plain_number(const char *text, size_t n)
{
	int digits = 0, points = 0;

	for (size_t i = 0; i < n; i++) {
		digits += isdigit((unsigned char)text[i]) != 0;
		points += text[i] == '.';
		if (!isdigit((unsigned char)text[i]) && text[i] != '.')
			return false;
	}
	return digits && points <= 1;
}

int parse_cpu(const char *text, int cpus, long *quota_us)
{
	static const char remedy[] = "--cpu 20% (of one CPU), or in CPUs with a point: --cpu 0.2";
	size_t n = strlen(text);
	bool percent = n && text[n - 1] == '%';

	if (!plain_number(text, n - percent))
		return refuse(EINVAL, "--cpu", text, remedy, "This is no amount of CPU.");
	if (!percent && !strchr(text, '.'))
		return refuse(EINVAL, "--cpu", text, remedy,
			      "Without a unit it could be %s %% or %s CPUs.", text, text);
	double part = strtod(text, NULL) / (percent ? 100 : 1);
	long quota = part > 1e6 ? LONG_MAX : (long)(part * CPU_PERIOD_US + 0.5);
	if (quota < 1000)
		return refuse(ERANGE, "--cpu", text, remedy,
			      "The kernel takes a quota of 1 ms in 100 ms at least: 1%%.");
	if (quota > (long)cpus * CPU_PERIOD_US)
		return refuse(ERANGE, "--cpu", text, remedy,
			      "This machine has %d CPU%s: %d%% at most.", cpus,
			      cpus == 1 ? "" : "s", cpus * 100);
	*quota_us = quota;
	return 0;
}

int parse_memory(const char *text, int64_t total, int64_t *bytes)
{
	static const char remedy[] = "A whole number and b, k, m or g: --memory 64m";
	static const char units[] = "bkmg";
	size_t n = strlen(text);
	const char *unit = n ? strchr(units, tolower((unsigned char)text[n - 1])) : NULL;

	if (!unit && plain_number(text, n) && !strchr(text, '.'))
		return refuse(EINVAL, "--memory", text, remedy,
			      "A unit is missing: %s bytes, k, m or g?", text);
	if (!unit || !*unit || !plain_number(text, n - 1) || strchr(text, '.'))
		return refuse(EINVAL, "--memory", text, remedy, "This is no amount of memory.");
	errno = 0;
	uint64_t number = strtoull(text, NULL, 10);
	int shift = (int)(unit - units) * 10;
	bool overflow = errno == ERANGE || number > (uint64_t)INT64_MAX >> shift;
	if (!overflow && number << shift < 1 << 20)
		return refuse(ERANGE, "--memory", text, remedy,
			      "A process cannot even start in so little: 1m at least.");
	if (overflow || (int64_t)(number << shift) > total)
		return refuse(ERANGE, "--memory", text, remedy, "This machine has %" PRId64 "m.",
			      total >> 20);
	*bytes = (int64_t)(number << shift);
	return 0;
}

int parse_pids(const char *text, long most, long *pids)
{
	static const char remedy[] = "A whole number: --pids 32";

	if (!plain_number(text, strlen(text)) || strchr(text, '.'))
		return refuse(EINVAL, "--pids", text, remedy, "This is no number of processes.");
	errno = 0;
	long number = strtol(text, NULL, 10);
	if (number == 0)
		return refuse(ERANGE, "--pids", text, remedy, "The command itself is one.");
	if (errno == ERANGE || number > most)
		return refuse(ERANGE, "--pids", text, remedy,
			      "This machine has %ld process numbers (kernel.pid_max).", most);
	*pids = number;
	return 0;
}

/* Digits alone; strtol would take blanks and signs. Returns what is behind them, or NULL. */
static const char *list_number(const char *text, long *number)
{
	char *end;

	errno = 0;
	*number = strtol(text, &end, 10);
	if (!isdigit((unsigned char)*text) || errno == ERANGE)
		return NULL;
	return end;
}

int parse_id_list(const char *text, long most)
{
	for (const char *at = text;; at++) {
		long first, last;
		at = list_number(at, &first);
		last = first;
		if (at && *at == '-')
			at = list_number(at + 1, &last);
		if (!at || last < first || (*at && *at != ',')) {
			errno = EINVAL;
			return -1;
		}
		if (last > most) {
			errno = ERANGE;
			return -1;
		}
		if (!*at)
			return 0;
	}
}

int machine_cpus(void)
{
	/* Those that are there, not those that we may run on: a quota counts time, wherever it is
	 * spent. */
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (int)n : 1;
}

int64_t machine_memory(void)
{
	struct sysinfo info;

	return sysinfo(&info) == 0 ? (int64_t)info.totalram * info.mem_unit : INT64_MAX;
}

long machine_pid_max(void)
{
	char text[32];

	return read_file_at(AT_FDCWD, "/proc/sys/kernel/pid_max", text, sizeof(text)) > 0
		       ? atol(text)
		       : 4194304;
}
