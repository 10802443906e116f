/*
 * table.c: a fork bomb, its limits, and which of them bites first.
 */
#define _GNU_SOURCE
#include "observe.h"
#include "scenes.h"
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/scenes/scenes.h"
#include "step05_cgroup_cpu/scenes/arena.h"
#include "step05_cgroup_cpu/given/abilities.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 24, CAP = 200, LOWEST_PID_MAX = 301, SOMEBODY = 61977 };

enum kind { PIDS_MAX, ULIMIT, ULIMIT_USER, PID_MAX, NO_LIMIT };

/* Shared with the bomb. */
struct bomb {
	enum kind kind;
	bool with_shell; /* is there a shell that will be asked to ls? */
	struct cgroup group;
	volatile int born, error, thread_error; /* how many, and why not more */
	volatile bool done;
	char shell[80]; /* what a shell in there says to ls */
};

/* ---- the bomb: number 1 of a namespace, so that one kill ends all of it ---- */

static int limit_ulimit(void)
{
	struct rlimit most = { LIMIT, LIMIT };

	return SYS(setrlimit(RLIMIT_NPROC, &most), LIMIT);
}

static int set_limit(struct bomb *bomb)
{
	switch (bomb->kind) {
	case PIDS_MAX:
		return group_join(&bomb->group, 0);
	case ULIMIT:
		return limit_ulimit();
	case ULIMIT_USER:
		/* Root is not bound. Somebody whom nobody else on this host is, so that the count
		 * is ours alone. */
		return limit_ulimit() < 0 ? -1
					  : SYS(setresuid(SOMEBODY, SOMEBODY, SOMEBODY), SOMEBODY);
	case PID_MAX:
		return write_file_at(AT_FDCWD, "/proc/sys/kernel/pid_max", "301");
	case NO_LIMIT:
		break;
	}
	return 0;
}

/* A shell that is there already, for none can be started later; it reads from a pipe. */
static pid_t start_shell(int *in, int *out)
{
	int commands[2], answers[2];

	if (pipe2(commands, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = scene_fork();
	if (pid == 0) {
		dup2(commands[0], 0);
		dup2(answers[1], 1);
		dup2(answers[1], 2);
		execl("/bin/sh", "sh", (char *)NULL);
		_exit(127);
	}
	*in = commands[1];
	*out = answers[0];
	return pid;
}

static void ask_shell(struct bomb *bomb, int in, int out)
{
	struct pollfd answer = { .fd = out, .events = POLLIN };

	snprintf(bomb->shell, sizeof(bomb->shell), "no answer");
	if (write(in, "ls /\n", 5) != 5)
		return;
	/* It writes its line in pieces. */
	for (size_t have = 0; have < sizeof(bomb->shell) - 1 && poll(&answer, 1, 10000) > 0;) {
		ssize_t n = read(out, bomb->shell + have, sizeof(bomb->shell) - 1 - have);
		if (n <= 0)
			break;
		have += (size_t)n;
		bomb->shell[have] = '\0';
		if (strchr(bomb->shell, '\n'))
			break;
	}
	bomb->shell[strcspn(bomb->shell, "\n")] = '\0';
}

static void *no_thread(void *arg)
{
	return arg;
}

static int explode(void *arg)
{
	struct bomb *bomb = arg;
	pthread_t thread;
	int in = -1, out = -1;

	if (set_limit(bomb) < 0) {
		bomb->error = errno;
		bomb->born = -1;
		bomb->done = true;
		sleep_for_ever();
	}
	int most = bomb->kind == PID_MAX ? 2 * LOWEST_PID_MAX : CAP;
	if (bomb->with_shell)
		start_shell(&in, &out);
	while (bomb->born < most) {
		pid_t pid = fork();
		if (pid == 0)
			sleep_for_ever();
		if (pid < 0) {
			bomb->error = errno;
			break;
		}
		bomb->born++;
	}
	bomb->thread_error = pthread_create(&thread, NULL, no_thread, NULL);
	if (bomb->with_shell)
		ask_shell(bomb, in, out);
	bomb->done = true;
	sleep_for_ever();
}

/* Lets it go off, and ends it. */
static void detonate(struct bomb *bomb, enum kind kind)
{
	struct spawn container = { .flags = CLONE_NEWPID, .fn = explode, .arg = bomb };
	int status;

	bomb->kind = kind;
	bomb->done = false;
	bomb->born = bomb->error = bomb->thread_error = 0;
	if (spawn(&container) < 0)
		fail_scene();
	for (long until = clock_ms() + 40000; !bomb->done && clock_ms() < until;)
		nap_ms(2);
	kill(container.pid, SIGKILL);
	spawn_wait(&container, &status);
}

/* ---- the scene ---- */

static void tell(const struct bomb *bomb, const char *limit, const char *height, const char *binds)
{
	char end[64];

	if (bomb->born < 0)
		snprintf(end, sizeof(end), "not set: %s", strerror(bomb->error));
	else if (bomb->error)
		snprintf(end, sizeof(end), "%4d, then %s", bomb->born,
			 strerrorname_np(bomb->error));
	else
		snprintf(end, sizeof(end), "%4d, no end: stopped by us", bomb->born);
	evidence("%-11s%5s   %-22s%s", limit, height, binds, end);
}

static const char *limit_text(void)
{
	return broken("limit") ? "none" : "24";
}

/* What is it like in there? */
static void inside(const struct bomb *bomb)
{
	row("in there", "fork: %s   pthread_create: %s",
	    bomb->error ? strerrorname_np(bomb->error) : "works",
	    bomb->thread_error ? strerrorname_np(bomb->thread_error) : "works");
	show("ls /");
	evidence("%s", bomb->shell);
	value("born", "%d", bomb->born);
	value("shell", "%s", bomb->shell);
	if (broken("limit")) {
		check(bomb->error == 0 && bomb->born == CAP,
		      "nothing should stop it, but at %d: %s", bomb->born, strerror(bomb->error));
		return;
	}
	check(bomb->error == EAGAIN && bomb->born < LIMIT,
	      "fork should be EAGAIN below %d, %d were born", LIMIT, bomb->born);
	check(bomb->thread_error == EAGAIN, "pthread_create should be EAGAIN, is %s",
	      strerror(bomb->thread_error));
	check(strcasestr(bomb->shell, "fork") != NULL,
	      "the shell should not be able to fork, says: %s", bomb->shell);
}

static void by_pids_max(struct bomb *bomb)
{
	struct cgroup_pids_stat stat = { 0 };

	arena_group(&bomb->group, CG(CG_PIDS), "bomb");
	const struct cgroup_part *part = group_part(&bomb->group, CG_PIDS);
	if (!broken("limit") && cgroup_pids(part->dir, part->version, LIMIT) < 0)
		fail_scene();
	bomb->with_shell = true;
	detonate(bomb, PIDS_MAX);
	bomb->with_shell = false;
	tell(bomb, "pids.max", limit_text(), "this group, root too");
	cgroup_read_pids(part->dir, part->version, &stat);
	inside(bomb);
	value("pids_refused", "%lld", (long long)stat.refused);
	if (!broken("limit"))
		check(stat.refused > 0, "pids.events should count refusals, says %lld",
		      (long long)stat.refused);
	arena_end(&bomb->group);
}

static void by_ulimit(struct bomb *bomb, bool told)
{
	char who[32];
	bool root = host_can(CAN_HOST_ROOT, NULL);

	/* For the kernel root is who has CAP_SYS_ADMIN or CAP_SYS_RESOURCE on the host; root of a
	 * user namespace is not. */
	if (root && !broken("limit")) {
		detonate(bomb, ULIMIT);
		tell(bomb, "ulimit -u", "24", "a user, but not root");
		check(bomb->error == 0, "RLIMIT_NPROC should not bind root: %s",
		      strerror(bomb->error));
		value("root_born", "%d", bomb->born);
		act(NULL);
	}
	snprintf(who, sizeof(who), "this user%s", root ? ", 61977" : "");
	bomb->with_shell = !told;
	detonate(bomb, broken("limit") && !told ? NO_LIMIT : root ? ULIMIT_USER : ULIMIT);
	tell(bomb, "ulimit -u", told ? "24" : limit_text(), who);
	value("user_born", "%d", bomb->born);
	bomb->with_shell = false;
	if (!told)
		inside(bomb);
	else
		check(bomb->error == EAGAIN, "fork should be EAGAIN for a user: %s",
		      strerror(bomb->error));
}

static int read_pid_max(void *arg)
{
	char text[32];

	if (read_file_at(AT_FDCWD, "/proc/sys/kernel/pid_max", text, sizeof(text)) > 0)
		*(long *)arg = atol(text);
	return 0;
}

static long pid_max_of_new_namespace(void)
{
	long *of_child = shared_notes(sizeof(*of_child));
	struct spawn child = { .flags = CLONE_NEWPID, .fn = read_pid_max, .arg = of_child };
	int status;

	if (spawn(&child) < 0 || spawn_wait(&child, &status) < 0)
		fail_scene();
	return *of_child;
}

/* True if pid_max is a namespace's own (since Linux 6.14): a new one starts with the kernel's
 * highest and not with the host's. */
static bool pid_max_is_ours(long *host)
{
	const struct host_facts *facts = host_facts_of(FACTS_KERNEL);
	long of_child = pid_max_of_new_namespace();

	read_pid_max(host);
	bool new_enough = facts->kernel_major > 6 ||
			  (facts->kernel_major == 6 && facts->kernel_minor >= 14);
	return new_enough && of_child > 0 && of_child != *host;
}

static void by_pid_max(struct bomb *bomb)
{
	char height[24];
	long host = 0;

	if (!pid_max_is_ours(&host)) {
		snprintf(height, sizeof(height), "%ld", host);
		evidence("%-11s%5s   %-22s%s", "pid_max", height, "the whole machine",
			 "not tried: not ours alone");
		return;
	}
	detonate(bomb, PID_MAX);
	tell(bomb, "pid_max", "301", "this PID ns, root too");
	check(bomb->born < 0 || (bomb->error == EAGAIN && bomb->born < LOWEST_PID_MAX),
	      "fork should be EAGAIN below %d", LOWEST_PID_MAX);
	value("pid_max_born", "%d", bomb->born);
}

void scene_pid_table_full(void)
{
	struct bomb *bomb = shared_notes(sizeof(*bomb));
	struct rlimit mine = { 0 };
	long pid_max = 0;
	bool group = host_can(CAN_CGROUP_PIDS, NULL);

	act("PID 1 of a container forks and forks, up to %d times.", CAP);
	say("%-11s%5s   %-22s%s", "LIMIT", "SET", "BINDS", "BORN");
	if (group)
		by_pids_max(bomb);
	else
		evidence("%-11s%5s   %-22s%s", "pids.max", "-", "a group",
			 "not tried: no group for us here");
	act(NULL);
	if (!broken("limit") || !group)
		by_ulimit(bomb, group);
	if (broken("limit")) {
		verdict("no limit: it ended at %d, because we ended it", CAP);
		return;
	}
	act(NULL);
	by_pid_max(bomb);
	getrlimit(RLIMIT_NPROC, &mine);
	read_pid_max(&pid_max);
	say("Here: ulimit -u %lld, pid_max %ld, in a new PID ns %ld. Without a",
	    (long long)mine.rlim_cur, pid_max, pid_max_of_new_namespace());
	say("group's limit the lower one is left for everybody. Zombies count as well.");
	verdict("at the %s of %d: EAGAIN, and no ls", group ? "group's limit" : "user's limit",
		LIMIT);
}
