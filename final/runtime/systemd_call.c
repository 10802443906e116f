/*
 * systemd_call.c: D-Bus values as busctl(1) takes them.
 */
#define _GNU_SOURCE
#include "systemd_call.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_SYSTEMD                                                                                 \
	"podman --cgroup-manager cgroupfs; dockerd --exec-opt native.cgroupdriver=cgroupfs"

enum { QUOTA_STEP_US = 10000 };

void systemd_call_word(struct systemd_call *call, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(call->text + call->used, SYSTEMD_TEXT - call->used, format, args);
	va_end(args);
	if (n < 0 || call->used + (size_t)n + 1 > SYSTEMD_TEXT ||
	    call->count + 1 >= SYSTEMD_WORDS) {
		call->full = true;
		return;
	}
	call->list[call->count++] = call->text + call->used;
	call->used += (size_t)n + 1;
}

void systemd_call_begin(struct systemd_call *call, bool user, const char *method, const char *types)
{
	static const char *const manager[] = { "org.freedesktop.systemd1",
					       "/org/freedesktop/systemd1",
					       "org.freedesktop.systemd1.Manager" };

	memset(call, 0, sizeof(*call));
	call->user = user;
	systemd_call_word(call, "busctl");
	systemd_call_word(call, user ? "--user" : "--system");
	systemd_call_word(call, "--quiet");
	systemd_call_word(call, "call");
	for (size_t i = 0; i < sizeof(manager) / sizeof(*manager); i++)
		systemd_call_word(call, "%s", manager[i]);
	systemd_call_word(call, "%s", method);
	systemd_call_word(call, "%s", types);
}

void systemd_call_properties(struct systemd_call *call)
{
	call->at = call->count;
	systemd_call_word(call, "%4d", 0);
}

void systemd_call_property(struct systemd_call *call, const char *name, const char *type,
			   const char *value)
{
	systemd_call_word(call, "%s", name);
	systemd_call_word(call, "%s", type);
	systemd_call_word(call, "%s", value);
	call->properties++;
}

static void number(struct systemd_call *call, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	systemd_call_property(call, name, "t", text);
}

/* systemd's infinity is the largest number; -1 is ours. */
static void limit(struct systemd_call *call, const char *name, int64_t value)
{
	if (value)
		number(call, name, value < 0 ? UINT64_MAX : (uint64_t)value);
}

/* A list "0-2,5" as the bytes of a bit field. A list that cannot be read is left to the kernel,
 * which refuses it when it is written. */
static void bits(struct systemd_call *call, const char *name, const char *list)
{
	unsigned char field[128] = { 0 };
	int last = -1;

	for (const char *at = list; at && *at;) {
		char *end;
		unsigned long from = strtoul(at, &end, 10), to = from;
		if (end == at)
			return;
		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		if (to < from || to >= sizeof(field) * 8)
			return;
		for (unsigned long bit = from; bit <= to; bit++)
			field[bit / 8] |= (unsigned char)(1U << (bit % 8));
		last = (int)(to / 8) > last ? (int)(to / 8) : last;
		at = *end == ',' ? end + 1 : end;
	}
	if (last < 0)
		return;
	systemd_call_word(call, "%s", name);
	systemd_call_word(call, "ay");
	systemd_call_word(call, "%d", last + 1);
	for (int i = 0; i <= last; i++)
		systemd_call_word(call, "%d", field[i]);
	call->properties++;
}

/* systemd takes the time in a second, in whole hundredths, as runc gives it. */
static void quota(struct systemd_call *call, const struct cgroup_limits *limits)
{
	long period = limits->cpu_period_us ? limits->cpu_period_us : 100000;
	uint64_t second = UINT64_MAX;

	if (!limits->cpu_quota_us)
		return;
	if (limits->cpu_quota_us > 0) {
		second = (uint64_t)limits->cpu_quota_us * 1000000 / (uint64_t)period;
		second = (second + QUOTA_STEP_US - 1) / QUOTA_STEP_US * QUOTA_STEP_US;
	}
	number(call, "CPUQuotaPerSecUSec", second);
	number(call, "CPUQuotaPeriodUSec", (uint64_t)period);
}

void systemd_call_limits(struct systemd_call *call, const struct cgroup_limits *limits, int version)
{
	limit(call, version == 2 ? "MemoryMax" : "MemoryLimit", limits->memory);
	if (limits->cpu_shares && version == 1)
		number(call, "CPUShares", limits->cpu_shares);
	if (limits->cpu_shares && version == 2)
		number(call, "CPUWeight", cgroup_weight_of_shares(limits->cpu_shares));
	quota(call, limits);
	limit(call, "TasksMax", limits->pids);
	if (version == 1) /* v1's cpuset, swap and soft limit are none of systemd's */
		return;
	limit(call, "MemoryLow", limits->memory_reservation);
	if (limits->swap == CGROUP_NO_SWAP)
		number(call, "MemorySwapMax", 0);
	else
		limit(call, "MemorySwapMax", limits->swap);
	bits(call, "AllowedCPUs", limits->cpus);
	bits(call, "AllowedMemoryNodes", limits->mems);
}

/* ---- running it ---- */

static void become_busctl(char *const words[], int out) __attribute__((noreturn));

static void become_busctl(char *const words[], int out)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	SYS_EXEC(execvp(words[0], words), words[0]);
	_exit(errno == ENOENT ? 127 : 126);
}

static int judge(const struct systemd_call *call, int status, const char *said, const char *method,
		 const char *unit)
{
	const char *kind = call->user ? "systemd of this user" : "systemd";
	char cause[300];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		sys_failure_set(ENOENT, "execvp", "busctl", "It is part of systemd.", NO_SYSTEMD);
		return -1;
	}
	snprintf(cause, sizeof(cause), "%s says: %s", kind, said[0] ? said : "(nothing)");
	sys_failure_set(EPERM, method, unit, cause,
			call->user ? "busctl --user list must work: log in, or set "
				     "XDG_RUNTIME_DIR. Else: " NO_SYSTEMD
				   : NO_SYSTEMD);
	return -1;
}

bool systemd_runs(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

int systemd_call_run(struct systemd_call *call, const char *method, const char *unit)
{
	return systemd_call_run_may(call, method, unit, NULL);
}

int systemd_call_run_may(struct systemd_call *call, const char *method, const char *unit,
			 const char *expected)
{
	int ends[2], status = 0;
	char said[200];
	size_t used = 0;
	ssize_t n;

	if (!systemd_runs()) {
		sys_failure_set(ENOTSUP, "--systemd-cgroup", "/run/systemd/system",
				"systemd does not run here.", NO_SYSTEMD);
		return -1;
	}
	if (call->full) {
		sys_failure_set(E2BIG, method, unit, NULL, NULL);
		return -1;
	}
	if (call->properties)
		sprintf(call->list[call->at], "%d", call->properties);
	call->list[call->count] = NULL;
	if (SYS(pipe2(ends, O_CLOEXEC), "busctl") < 0)
		return -1;
	pid_t child = SYS(fork(), "busctl");
	if (child == 0)
		become_busctl(call->list, ends[1]);
	close_keeping_errno(ends[1]);
	while (child > 0 && used + 1 < sizeof(said) &&
	       ((n = read(ends[0], said + used, sizeof(said) - used - 1)) > 0 ||
		(n < 0 && errno == EINTR)))
		used += n > 0 ? (size_t)n : 0;
	close_keeping_errno(ends[0]);
	if (child < 0)
		return -1;
	said[used] = '\0';
	said[strcspn(said, "\n")] = '\0';
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (expected && strstr(said, expected))
		return 0;
	return judge(call, status, said, method, unit);
}
