/*
 * 05_cgroup_cpu.c: the calls of lab 5.
 *
 * Groups are made in a group that belongs to this program's id (tests/labs/lib/group.c). What asks
 * for the files of one version only is also called on a directory of plain files, with a thread
 * that takes the writes as the kernel does: so each host grades both versions.
 */
#define _GNU_SOURCE
#include "tests/labs/lib/driver.h"
#include "step05_cgroup_cpu/cgroup_cpu.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REPORT = 3, PATH = 4096 };

static int dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		cannot(path);
	return fd;
}

static void put(const char *group, const char *file, const char *text)
{
	char path[PATH];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", group, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		cannot(path);
	close(fd);
}

static void put_number(const char *group, const char *file, long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", number);
	put(group, file, text);
}

/* Makes the group name in parent; its path is in the result until the next call. */
static const char *make(const char *parent, const char *name)
{
	static char path[PATH];
	char made[PATH];

	snprintf(made, sizeof(made), "%s/%s", parent, name);
	if (mkdir(made, 0755) < 0)
		cannot(made);
	snprintf(path, sizeof(path), "%s", made);
	return path;
}

static void set_limit(const char *group, int version, long quota, long period)
{
	char text[64];

	if (version == 1) {
		put_number(group, "cpu.cfs_period_us", period);
		put_number(group, "cpu.cfs_quota_us", quota);
		return;
	}
	if (quota < 0)
		snprintf(text, sizeof(text), "max %ld", period);
	else
		snprintf(text, sizeof(text), "%ld %ld", quota, period);
	put(group, "cpu.max", text);
}

/* ---- other processes ---- */

static void *wait_for_the_end(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* A process of three threads, which the grader is told of. */
static pid_t threads(void)
{
	int sync[2];
	char byte;
	pthread_t thread;

	if (pipe2(sync, O_CLOEXEC) < 0)
		cannot("pipe");
	pid_t child = fork();
	if (child < 0)
		cannot("fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0; i < 2; i++)
			if (pthread_create(&thread, NULL, wait_for_the_end, NULL) != 0)
				_exit(99);
		announce();
		close(sync[0]);
		close(sync[1]);
		wait_for_the_end(NULL);
	}
	close(sync[1]);
	while (read(sync[0], &byte, 1) > 0)
		;
	close(sync[0]);
	return child;
}

/* ---- join, create ---- */

/* cgroup_join PARENT NAME WHO: WHO is other, self, or gone: a process that has ended. */
static int play_join(char **a)
{
	pid_t pid = 0, other = threads();
	int group = dir(make(a[0], a[1]));

	if (strcmp(a[2], "other") == 0)
		pid = other;
	if (strcmp(a[2], "gone") == 0) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	return TRY(cgroup_join(group, pid));
}

/* cgroup_create PARENT NAME. */
static int play_create(char **a)
{
	int parent = dir(a[0]);

	return TRY_FD(cgroup_create(parent, a[1]));
}

/* cgroup_create.again PARENT NAME: it is there already. */
static int play_create_again(char **a)
{
	int parent = dir(a[0]);

	make(a[0], a[1]);
	return TRY_FD(cgroup_create(parent, a[1]));
}

/* cgroup_create.names, cgroup_remove.names PARENT NAME OTHER WORD...: the groups PARENT/NAME,
 * NAME/in, NAME/in/deep and PARENT/OTHER are there; then the function is called with each WORD, in
 * NAME, until one is taken for a name. */
static int play_names(char **a, bool create)
{
	int parent = dir(make(a[0], a[1])), result = 0;
	char path[PATH];

	snprintf(path, sizeof(path), "%s/%s", a[0], a[1]);
	make(a[0], a[2]);
	make(make(path, "in"), "deep");
	for (a += 3; *a; a++) {
		result = create ? TRY_FD(cgroup_create(parent, *a))
				: TRY(cgroup_remove(parent, *a));
		if (result != -1 || errno != EINVAL)
			break;
	}
	say("name", "%s", *a ? *a : "none");
	return result;
}

static int play_create_names(char **a)
{
	return play_names(a, true);
}

static int play_remove_names(char **a)
{
	return play_names(a, false);
}

/* ---- a directory that takes writes as the kernel does ---- */

static struct {
	char dir[PATH];
	int version;
	long quota, period; /* microseconds; quota -1: none */
	long most;	    /* percent that the group above has, 0: no limit */
	volatile int listener;
} fake;

/* Plain text, in the file that is read. */
static void fake_show(const char *name, const char *format, ...)
{
	char path[PATH + 64], text[64];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(path, sizeof(path), "%s/%s", fake.dir, name);
	make_file(path, text);
}

static void fake_show_all(void)
{
	if (fake.version == 1) {
		fake_show("cpu.cfs_quota_us", "%ld\n", fake.quota);
		fake_show("cpu.cfs_period_us", "%ld\n", fake.period);
	} else if (fake.quota < 0) {
		fake_show("cpu.max", "max %ld\n", fake.period);
	} else {
		fake_show("cpu.max", "%ld %ld\n", fake.quota, fake.period);
	}
}

/* tg_set_cfs_bandwidth() and __cfs_schedulable() of the kernel, sched/core.c. */
static int fake_set(long quota, long period)
{
	if (period < 1000 || period > 1000000 || (quota >= 0 && quota < 1000))
		return EINVAL;
	if (fake.version == 1 && fake.most && quota > 0 && quota * 100 > fake.most * period)
		return EINVAL;
	fake.quota = quota < 0 ? -1 : quota;
	fake.period = period;
	fake_show_all();
	return 0;
}

/* One write of text to the file: 0, or the errno. */
static int fake_write(const char *file, const char *text)
{
	char word[21] = "", *end;
	long number = strtol(text, &end, 10), period = fake.period;
	bool is_number = end != text && end[strspn(end, " \n")] == '\0';

	if (fake.version == 1 && strcmp(file, "cpu.cfs_quota_us") == 0)
		return is_number ? fake_set(number, fake.period) : EINVAL;
	if (fake.version == 1 && strcmp(file, "cpu.cfs_period_us") == 0)
		return is_number ? fake_set(fake.quota, number) : EINVAL;
	if (fake.version == 1 || strcmp(file, "cpu.max") != 0)
		return EPERM;
	if (sscanf(text, "%20s %ld", word, &period) < 1)
		return EINVAL;
	if (strcmp(word, "max") == 0)
		return fake_set(-1, period);
	number = strtol(word, &end, 10);
	return *end || number < 0 ? EINVAL : fake_set(number, period);
}

/* What a write(2), pwrite64(2) or writev(2) of this process writes. Its length, or -1: the file is
 * none of the directory's. */
static ssize_t fake_text(const struct seccomp_data *call, char *file, size_t size, char *text)
{
	char link[32], path[PATH];
	const struct iovec *vec = (const struct iovec *)(uintptr_t)call->args[1]; // NOLINT
	struct iovec one = { (void *)(uintptr_t)call->args[1], call->args[2] };	  // NOLINT
	size_t count = 1, used = 0, prefix = strlen(fake.dir);

	snprintf(link, sizeof(link), "/proc/self/fd/%d", (int)call->args[0]);
	ssize_t n = readlink(link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	if (strncmp(path, fake.dir, prefix) != 0 || path[prefix] != '/')
		return -1;
	snprintf(file, size, "%s", path + prefix + 1);
	if (call->nr == SYS_writev)
		count = call->args[2];
	else
		vec = &one;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < vec[i].iov_len && used < 255; j++)
			text[used++] = ((const char *)vec[i].iov_base)[j];
	text[used] = '\0';
	return (ssize_t)used;
}

static void *fake_kernel(void *unused)
{
	while (fake.listener < 0)
		usleep(100);
	for (;;) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp answer = { 0 };
		char file[64], text[256];

		if (ioctl(fake.listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) {
			if (errno == EINTR || errno == ENOENT)
				continue;
			break;
		}
		answer.id = call.id;
		ssize_t length = fake_text(&call.data, file, sizeof(file), text);
		if (length < 0)
			answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		else
			answer.error = -fake_write(file, text);
		answer.val = length < 0 || answer.error ? 0 : length;
		ioctl(fake.listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
	return unused;
}

/* The thread is started first: the filter is for the caller alone. */
static void fake_start(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pwrite64, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_writev, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(*code), code };
	pthread_t thread;
	sigset_t all, before;

	fake.listener = -1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, fake_kernel, NULL) != 0)
		cannot("a thread");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	fake.listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				     SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
	if (fake.listener < 0)
		cannot("a seccomp listener");
}

/* ---- quota, throttled ---- */

/* cgroup_quota VERSION PARENT NAME MOST OLD_QUOTA OLD_PERIOD QUOTA PERIOD...: of the group NAME/in
 * in PARENT, which has the old pair, then one pair after the other, while it returns 0.
 * MOST: percent that NAME has, which bounds version 1's; 0: no limit. PARENT below /tmp: plain
 * files. */
static int play_quota(char **a)
{
	int version = atoi(a[0]), group, result = -1;
	long most = atol(a[3]);
	char path[PATH];

	snprintf(path, sizeof(path), "%s/%s/in", a[1], a[2]);
	if (strncmp(a[1], "/tmp/", 5) == 0) {
		make_dirs(path);
		snprintf(fake.dir, sizeof(fake.dir), "%s", path);
		fake.version = version;
		fake.most = most;
		if (fake_set(atol(a[4]), atol(a[5])) != 0)
			cannot("the old pair");
		group = dir(path);
		fake_start();
	} else {
		const char *above = make(a[1], a[2]);
		if (version == 2)
			put(above, "cgroup.subtree_control", "+cpu");
		else if (most)
			set_limit(above, 1, most * 1000, 100000);
		make(above, "in");
		set_limit(path, version, atol(a[4]), atol(a[5]));
		group = dir(path);
	}
	for (a += 6; *a; a += 2) {
		result = TRY(cgroup_quota(group, version, atol(a[0]), atol(a[1])));
		say("pair", "%s %s", a[0], a[1]);
		if (result < 0)
			break;
	}
	return result;
}

static int try_throttled(int group, int version)
{
	struct cgroup_throttling got = { -7, -7, -7 };
	int result = TRY(cgroup_throttled(group, version, &got));

	say("periods", "%" PRId64, got.periods);
	say("throttled", "%" PRId64, got.throttled);
	say("throttled_us", "%" PRId64, got.throttled_us);
	return result;
}

/* cgroup_throttled.text VERSION DIR TEXT: cpu.stat is a plain file with this text; "-": there is
 * none. */
static int play_throttled_text(char **a)
{
	char path[PATH];

	make_dirs(a[1]);
	snprintf(path, sizeof(path), "%s/cpu.stat", a[1]);
	if (strcmp(a[2], "-") != 0)
		make_file(path, a[2]);
	return try_throttled(dir(a[1]), atoi(a[0]));
}

static void read_stat(int group, char *text, size_t size)
{
	int fd = openat(group, "cpu.stat", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n < 0)
		cannot("cpu.stat");
	text[n] = '\0';
	close(fd);
}

/* At first it runs a little in each period, then it wants more than its quota. */
static void be_busy(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(REPORT);
	for (int i = 0; i < 3; i++)
		usleep(12000);
	for (;;)
		;
}

/* cgroup_throttled VERSION PARENT NAME: of a group that was throttled, and is at rest now. */
static int play_throttled(char **a)
{
	int version = atoi(a[0]);
	const char *path = make(a[1], a[2]), *value;
	int group = dir(path);
	char text[4096], again[4096];

	set_limit(path, version, 2000, 10000);
	pid_t child = fork();
	if (child < 0)
		cannot("fork");
	if (child == 0)
		be_busy();
	put_number(path, "cgroup.procs", child);
	for (int i = 0; i < 400; i++) {
		usleep(10000);
		read_stat(group, text, sizeof(text));
		value = strstr(text, "nr_throttled ");
		if (!value)
			cannot("cpu.stat has no nr_throttled");
		if (atol(value + strlen("nr_throttled ")) > 3)
			break;
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	for (int i = 0; i < 100; i++) { /* the last period ends after its process */
		read_stat(group, text, sizeof(text));
		usleep(30000);
		read_stat(group, again, sizeof(again));
		if (strcmp(text, again) == 0)
			break;
	}
	return try_throttled(group, version);
}

/* ---- remove ---- */

/* cgroup_remove PARENT NAME WHAT: WHAT is empty: a group without processes; gone: there is none. */
static int play_remove(char **a)
{
	int parent = dir(a[0]);

	if (strcmp(a[2], "empty") == 0)
		make(a[0], a[1]);
	return TRY(cgroup_remove(parent, a[1]));
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* cgroup_remove.busy PARENT NAME: a process is in it, and a group. */
static int play_remove_busy(char **a)
{
	int parent = dir(a[0]), result;
	const char *path = make(a[0], a[1]);
	long start;

	put_number(path, "cgroup.procs", neighbour(0));
	make(path, "in");
	start = now_ms();
	result = TRY(cgroup_remove(parent, a[1]));
	say("ms", "%ld", now_ms() - start);
	return result;
}

/* cgroup_remove.ending PARENT NAME MS: the process in it ends so many milliseconds later. */
static int play_remove_ending(char **a)
{
	int parent = dir(a[0]), go[2];
	const char *path = make(a[0], a[1]);
	char byte;

	signal(SIGCHLD, SIG_IGN); /* the kernel reaps it: no wait(2) follows */
	if (pipe2(go, O_CLOEXEC) < 0)
		cannot("pipe");
	pid_t child = fork();
	if (child < 0)
		cannot("fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(REPORT);
		close(go[1]);
		if (read(go[0], &byte, 1) >= 0)
			usleep((useconds_t)atoi(a[2]) * 1000);
		_exit(0);
	}
	put_number(path, "cgroup.procs", child);
	close(go[0]);
	close(go[1]);
	return TRY(cgroup_remove(parent, a[1]));
}

const struct lab_call lab_calls[] = {
	{ "cgroup_join", play_join,
	  "cgroup_join(group, pid); group is $1/$2, pid is [3=other:another "
	  "process][3=self:0][3=gone:that of a process that has ended]" },
	{ "cgroup_create", play_create, "cgroup_create(parent, name); parent is $1, name $2" },
	{ "cgroup_create.again", play_create_again,
	  "cgroup_create(parent, name); parent is $1, name $2, which is there already" },
	{ "cgroup_create.names", play_create_names,
	  "cgroup_create(parent, name); parent is $1/$2; with each of these names: [3?]$*" },
	{ "cgroup_quota", play_quota,
	  "cgroup_quota(group, version, quota_us, period_us); version $1, group is $2/$3/in, which "
	  "has the quota $5 and the period $6; quota_us, period_us: $*" },
	{ "cgroup_throttled", play_throttled,
	  "cgroup_throttled(group, version, out); version $1, group is $2/$3" },
	{ "cgroup_throttled.text", play_throttled_text,
	  "cgroup_throttled(group, version, out); version $1, group is $2; [3=-:it has no "
	  "cpu.stat][3?its cpu.stat: $3]" },
	{ "cgroup_remove", play_remove,
	  "cgroup_remove(parent, name); parent is $1, name $2[3=gone:, which is not there any "
	  "more]" },
	{ "cgroup_remove.busy", play_remove_busy,
	  "cgroup_remove(parent, name); parent is $1, name $2, with a process and a group in it" },
	{ "cgroup_remove.ending", play_remove_ending,
	  "cgroup_remove(parent, name); parent is $1, name $2; its last process ends $3 ms later" },
	{ "cgroup_remove.names", play_remove_names,
	  "cgroup_remove(parent, name); parent is $1/$2; with each of these names: [3?]$*" },
	{ 0 },
};
