/*
 * systemd_scope.c: StartTransientUnit, by busctl(1).
 */
#define _GNU_SOURCE
#include "systemd_scope.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NO_SYSTEMD                                                                                 \
	"podman --cgroup-manager cgroupfs; dockerd --exec-opt native.cgroupdriver=cgroupfs"

enum { WORDS = 512, TEXT = 16 * 1024, WAIT_MS = 10000, EVERY_MS = 5, QUOTA_STEP_US = 10000 };

/* ---- its name ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

int systemd_scope_parse(const char *cgroups_path, const char *id, bool user,
			struct systemd_scope *scope)
{
	const char *path = cgroups_path ? cgroups_path : "",
		   *usual = user ? "user.slice" : "system.slice";
	const char *prefix = strchr(path, ':'), *name = prefix ? strchr(prefix + 1, ':') : NULL;
	int slice, unit;

	*scope = (struct systemd_scope){ .user = user };
	if (!path[0]) {
		slice = snprintf(scope->slice, sizeof(scope->slice), "%s", usual);
		unit = snprintf(scope->unit, sizeof(scope->unit), "minibox-%s.scope", id);
	} else if (!name || !name[1] || strchr(name + 1, ':') || strchr(path, '/') ||
		   ends_with(name, ".slice")) {
		sys_failure_set(EINVAL, "linux.cgroupsPath", path,
				"expected cgroupsPath to be of format \"slice:prefix:name\" for "
				"systemd cgroups",
				"\"system.slice:minibox:NAME\", or no --systemd-cgroup.");
		return -1;
	} else {
		int before = (int)(prefix - path), between = (int)(name - prefix - 1);
		slice = snprintf(scope->slice, sizeof(scope->slice), "%.*s",
				 before ? before : (int)strlen(usual), before ? path : usual);
		unit = snprintf(scope->unit, sizeof(scope->unit), "%.*s%s%s.scope", between,
				prefix + 1, between ? "-" : "", name + 1);
	}
	if (slice < (int)sizeof(scope->slice) && unit < (int)sizeof(scope->unit))
		return 0;
	sys_failure_set(ENAMETOOLONG, "linux.cgroupsPath", path, NULL, NULL);
	return -1;
}

/* ---- the words of the call ---- */

/* busctl's line. A property is its name, its D-Bus type and its value. */
struct words {
	char *list[WORDS];
	int count, properties, at; /* at: where the number of properties stands */
	char text[TEXT];
	size_t used;
	bool full;
};

static void add(struct words *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct words *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int n = vsnprintf(w->text + w->used, TEXT - w->used, format, args);
	va_end(args);
	if (n < 0 || w->used + (size_t)n + 1 > TEXT || w->count + 1 >= WORDS) {
		w->full = true;
		return;
	}
	w->list[w->count++] = w->text + w->used;
	w->used += (size_t)n + 1;
}

static void property(struct words *w, const char *name, const char *type, const char *value)
{
	add(w, "%s", name);
	add(w, "%s", type);
	add(w, "%s", value);
	w->properties++;
}

static void number(struct words *w, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	property(w, name, "t", text);
}

/* systemd's infinity is the largest number; -1 is ours. */
static void limit(struct words *w, const char *name, int64_t value)
{
	if (value)
		number(w, name, value < 0 ? UINT64_MAX : (uint64_t)value);
}

/* A list "0-2,5" as the bytes of a bit field. A list that cannot be read is left to the kernel,
 * which refuses it when it is written. */
static void bits(struct words *w, const char *name, const char *list)
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
	add(w, "%s", name);
	add(w, "ay");
	add(w, "%d", last + 1);
	for (int i = 0; i <= last; i++)
		add(w, "%d", field[i]);
	w->properties++;
}

/* systemd takes the time in a second, in whole hundredths, as runc gives it. */
static void quota(struct words *w, const struct cgroup_limits *limits)
{
	long period = limits->cpu_period_us ? limits->cpu_period_us : 100000;
	uint64_t second = UINT64_MAX;

	if (!limits->cpu_quota_us)
		return;
	if (limits->cpu_quota_us > 0) {
		second = (uint64_t)limits->cpu_quota_us * 1000000 / (uint64_t)period;
		second = (second + QUOTA_STEP_US - 1) / QUOTA_STEP_US * QUOTA_STEP_US;
	}
	number(w, "CPUQuotaPerSecUSec", second);
	number(w, "CPUQuotaPeriodUSec", (uint64_t)period);
}

static void add_limits(struct words *w, const struct cgroup_limits *limits, int version)
{
	limit(w, version == 2 ? "MemoryMax" : "MemoryLimit", limits->memory);
	if (limits->cpu_shares && version == 1)
		number(w, "CPUShares", limits->cpu_shares);
	if (limits->cpu_shares && version == 2)
		number(w, "CPUWeight", cgroup_weight_of_shares(limits->cpu_shares));
	quota(w, limits);
	limit(w, "TasksMax", limits->pids);
	if (version == 1) /* v1's cpuset, swap and soft limit are none of systemd's */
		return;
	limit(w, "MemoryLow", limits->memory_reservation);
	if (limits->swap == CGROUP_NO_SWAP)
		number(w, "MemorySwapMax", 0);
	else
		limit(w, "MemorySwapMax", limits->swap);
	bits(w, "AllowedCPUs", limits->cpus);
	bits(w, "AllowedMemoryNodes", limits->mems);
}

static void make_words(struct words *w, const struct systemd_scope *scope,
		       const struct cgroup_limits *limits, int version, pid_t pid)
{
	static const char *const accounts[] = { "CPUAccounting", "MemoryAccounting", "IOAccounting",
						"TasksAccounting" };
	static const char *const call[] = { "call",
					    "org.freedesktop.systemd1",
					    "/org/freedesktop/systemd1",
					    "org.freedesktop.systemd1.Manager",
					    "StartTransientUnit",
					    "ssa(sv)a(sa(sv))" };

	add(w, "busctl");
	add(w, scope->user ? "--user" : "--system");
	add(w, "--quiet");
	for (size_t i = 0; i < sizeof(call) / sizeof(*call); i++)
		add(w, "%s", call[i]);
	add(w, "%s", scope->unit);
	add(w, "fail"); /* another's unit of this name is not replaced */
	w->at = w->count;
	add(w, "%4d", 0);
	property(w, "Description", "s", "A container of minibox");
	property(w, "Slice", "s", scope->slice);
	property(w, "DefaultDependencies", "b", "false");
	property(w, "CollectMode", "s", "inactive-or-failed");
	for (size_t i = 0; i < sizeof(accounts) / sizeof(*accounts); i++)
		property(w, accounts[i], "b", "true");
	property(w, "Delegate", "b", "true");
	property(w, "PIDs", "au", "1");
	add(w, "%d", pid);
	add_limits(w, limits, version);
	add(w, "0"); /* no further units */
	sprintf(w->list[w->at], "%d", w->properties);
	w->list[w->count] = NULL;
}

/* ---- the call ---- */

static void become_busctl(char *const words[], int out) __attribute__((noreturn));

static void become_busctl(char *const words[], int out)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(out, 2) < 0)
		_exit(126);
	SYS_EXEC(execvp(words[0], words), words[0]);
	_exit(errno == ENOENT ? 127 : 126);
}

static int judge(const struct systemd_scope *scope, int status, const char *said)
{
	const char *kind = scope->user ? "systemd of this user" : "systemd";
	char cause[300];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		sys_failure_set(ENOENT, "execvp", "busctl", "It is part of systemd.", NO_SYSTEMD);
		return -1;
	}
	snprintf(cause, sizeof(cause), "%s says: %s", kind, said[0] ? said : "(nothing)");
	sys_failure_set(EPERM, "StartTransientUnit", scope->unit, cause,
			scope->user ? "busctl --user list must work: log in, or set "
				      "XDG_RUNTIME_DIR. Else: " NO_SYSTEMD
				    : NO_SYSTEMD);
	return -1;
}

static int run_busctl(const struct systemd_scope *scope, char *const words[])
{
	int ends[2], status = 0;
	char said[200];
	size_t used = 0;
	ssize_t n;

	if (SYS(pipe2(ends, O_CLOEXEC), "busctl") < 0)
		return -1;
	pid_t child = SYS(fork(), "busctl");
	if (child == 0)
		become_busctl(words, ends[1]);
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
	return judge(scope, status, said);
}

/* ---- the group ---- */

/* Where the process is, if that is the scope. */
static bool is_there(int procfd, pid_t pid, const struct cgroup_tree *tree, const char *unit,
		     char *dir)
{
	char path[CG_PATH];

	if (cgroup_path_of(procfd, pid, tree, path, sizeof(path)) < 0)
		return false;
	const char *last = strrchr(path, '/');
	return last && strcmp(last + 1, unit) == 0 &&
	       cgroup_directory(tree, path, dir, CG_PATH) == 0;
}

static int await(int procfd, pid_t pid, const struct cgroup_tree *tree, const char *unit, char *dir)
{
	for (int ms = 0; ms < WAIT_MS; ms += EVERY_MS) {
		if (is_there(procfd, pid, tree, unit, dir))
			return 0;
		nanosleep(&(struct timespec){ .tv_nsec = EVERY_MS * 1000000L }, NULL);
	}
	sys_failure_set(
		ETIMEDOUT, "StartTransientUnit", unit,
		"systemd has taken the call, and 10 s later the process is not in the unit.",
		"systemctl status UNIT, and the journal.");
	return -1;
}

static int take(const char *dir, int version, unsigned controllers, cgroup_announce *announce,
		void *arg, struct cgroup_part *part)
{
	struct cgroup_news news = { .what = CGROUP_WILL_BE, .path = dir, .dir = -1 };

	*part = (struct cgroup_part){ .version = version, .controllers = controllers };
	snprintf(part->path, sizeof(part->path), "%s", dir);
	if (announce && announce(&news, arg) != 0)
		return -1;
	part->dir = SYS(open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), dir);
	news.what = CGROUP_MADE;
	news.dir = part->dir;
	if (part->dir >= 0 && (!announce || announce(&news, arg) == 0))
		return 0;
	close_keeping_errno(part->dir);
	return -1;
}

static int find_group(const struct systemd_scope *scope, const struct cgroup_host *host,
		      unsigned controllers, pid_t pid, cgroup_announce *announce, void *arg,
		      struct cgroup *group)
{
	char dir[CG_PATH];
	int procfd = SYS(proc_open(), "/proc"), result = procfd < 0 ? -1 : 0;

	*group = (struct cgroup){ 0 };
	for (int tree = 0; result == 0 && tree < host->trees; tree++) {
		const struct cgroup_tree *t = &host->tree[tree];
		unsigned here = 0;
		for (int c = 0; c < CG_KINDS; c++)
			if (host->of[c] == tree)
				here |= CG(c);
		if (t->version == 1 && !(here & controllers))
			continue;
		result = await(procfd, pid, t, scope->unit, dir);
		if (result == 0)
			result = take(dir, t->version, here, announce, arg,
				      &group->part[group->parts]);
		group->parts += result == 0;
	}
	close_keeping_errno(procfd);
	if (result < 0) {
		int saved = errno;
		group_close(group);
		errno = saved;
	}
	return result;
}

int systemd_scope_start(const struct systemd_scope *scope, const struct cgroup_host *host,
			unsigned controllers, const struct cgroup_limits *limits, pid_t pid,
			cgroup_announce *announce, void *arg, struct cgroup *group)
{
	int version = host->layout == CGROUP_V2 ? 2 : 1;

	if (access("/run/systemd/system", F_OK) < 0) {
		sys_failure_set(ENOTSUP, "--systemd-cgroup", "/run/systemd/system",
				"systemd does not run here.", NO_SYSTEMD);
		return -1;
	}
	struct words *words = SYS(calloc(1, sizeof(*words)), "busctl");
	if (!words)
		return -1;
	make_words(words, scope, limits, version, pid);
	int result = words->full ? (errno = E2BIG, -1) : run_busctl(scope, words->list);
	free_keeping_errno(words);
	return result < 0 ? -1 : find_group(scope, host, controllers, pid, announce, arg, group);
}
