/*
 * pids.c: the attack by numbers.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"
#include "scenes.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIDS = 16, BOUND = 120 }; /* BOUND: where our bomb stops by itself, should nobody stop it */

struct bomb {
	int alive;	  /* processes that were born, the first one included */
	int refused, err; /* refused counts last: whoever sees it sees err, too */
	int threads;	  /* of the first process, after the bomb */
	int thread_err;
};

static struct bomb *bomb; /* shared memory */

/* Everybody forks, and so does everybody who was forked: :(){ :|:& };: with a bottom. */
static void explode(void)
{
	for (;;) {
		if (__atomic_add_fetch(&bomb->alive, 1, __ATOMIC_SEQ_CST) > BOUND) {
			__atomic_sub_fetch(&bomb->alive, 1, __ATOMIC_SEQ_CST);
			return;
		}
		pid_t pid = fork();
		if (pid < 0) {
			__atomic_sub_fetch(&bomb->alive, 1, __ATOMIC_SEQ_CST);
			bomb->err = errno;
			__atomic_add_fetch(&bomb->refused, 1, __ATOMIC_SEQ_CST);
			return;
		}
		if (pid == 0)
			prctl(PR_SET_PDEATHSIG, SIGKILL);
	}
}

static int light(void *arg)
{
	(void)arg;
	bomb->alive = 1;
	explode();
	pause();
	return 0;
}

static void *thread_body(void *arg)
{
	pause();
	return arg;
}

/* Threads are tasks, and tasks are what pids.max counts. */
static int make_threads(void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;
	int err = 0;

	(void)arg;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 * 1024);
	for (int i = 0; i < BOUND && !err; i++) {
		err = pthread_create(&thread, &attr, thread_body, NULL);
		bomb->threads += err == 0;
	}
	bomb->thread_err = err;
	pause();
	return 0;
}

static struct cgroup_pids_stat pids_stat(const struct cgroup *group)
{
	const struct cgroup_part *part = group_part(group, CG_PIDS);
	struct cgroup_pids_stat stat;

	if (cgroup_read_pids(part->dir, part->version, &stat) < 0)
		fail_scene();
	return stat;
}

/* Has the bomb been stopped, or has it come to its bound? */
static bool burnt_out(const struct cgroup_pids_stat *now)
{
	return broken("pids") ? now->current >= BOUND : bomb->refused > 0 && now->refused > 0;
}

/* Until then, and until it moves no more. Only both: on a busy machine a bomb rests in between. */
static struct cgroup_pids_stat settle(const struct cgroup *group)
{
	struct cgroup_pids_stat now = pids_stat(group), before;
	int still = 0;

	for (int i = 0; i < 2000 && still < 10; i++) {
		before = now;
		arena_sleep_ms(10);
		now = pids_stat(group);
		still = now.current == before.current && burnt_out(&now) ? still + 1 : 0;
	}
	return now;
}

/* The dead are in the count too, until somebody has waited for them: we are their subreaper. */
static void bury_all(const struct cgroup *group)
{
	group_kill(group, 5000);
	for (int i = 0; i < 500 && pids_stat(group).current > 0; i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		arena_sleep_ms(2);
	}
}

static void threads_too(const struct cgroup *group)
{
	arena_run(group, make_threads, NULL);
	for (int i = 0; i < 10000 && !bomb->thread_err && bomb->threads < BOUND; i++)
		arena_sleep_ms(2);
	say("threads count too: after %d more, pthread_create says %s", bomb->threads,
	    bomb->thread_err ? strerrorname_np(bomb->thread_err) : "nothing");
	value("threads", "%d", bomb->threads);
	check(bomb->thread_err == EAGAIN && bomb->threads == PIDS - 1,
	      "%d threads should be made, then EAGAIN; %d were", PIDS - 1, bomb->threads);
	bury_all(group);
}

static void judge(const struct cgroup *group, const struct cgroup_pids_stat *stat)
{
	value("current", "%lld", (long long)stat->current);
	value("refused", "%lld", (long long)stat->refused);
	value("fork_errno", "%d", bomb->err);
	if (broken("pids")) {
		check(stat->current >= BOUND, "it should grow to its own bound of %d, has %lld",
		      BOUND, (long long)stat->current);
		verdict("%lld processes, and a real bomb has no bottom", (long long)stat->current);
		return;
	}
	check(stat->current == PIDS, "it should stand still at %d, is at %lld", PIDS,
	      (long long)stat->current);
	check(stat->refused > 0, "pids.events should count refusals");
	check(bomb->err == EAGAIN, "fork should say EAGAIN, says %s", strerror(bomb->err));
	threads_too(group);
	verdict("stands still at %lld, %lld forks refused, the host forks on",
		(long long)stat->current, (long long)stat->refused);
}

void scene_pids(void)
{
	struct cgroup group;

	bomb = mmap(NULL, sizeof(*bomb), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (bomb == MAP_FAILED)
		fail_scene();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	act("a fork bomb, lit in a group of its own");
	arena_group(&group, CG(CG_PIDS), "bomb");
	const struct cgroup_part *part = group_part(&group, CG_PIDS);
	if (broken("pids"))
		say("(no limit is written; the bomb has a bottom of its own at %d)", BOUND);
	else if (cgroup_pids(part->dir, part->version, PIDS) < 0)
		fail_scene();
	else
		show("echo %d > pids.max", PIDS);
	arena_run(&group, light, NULL);
	struct cgroup_pids_stat stat = settle(&group);
	show("cat pids.current pids.events");
	evidence("%lld   max %lld", (long long)stat.current, (long long)stat.refused);
	say("fork() in it, %d times: %s", bomb->refused,
	    bomb->refused ? strerror(bomb->err) : "(never refused)");
	pid_t ours = fork();
	if (ours == 0)
		_exit(0);
	int ours_well = ours < 0 ? -1 : arena_wait(ours);
	say("fork() out here meanwhile: %s", ours_well == 0 ? "works" : "FAILS");
	act(NULL);
	bury_all(&group);
	check(ours_well == 0, "outside, fork should work");
	judge(&group, &stat);
	arena_end(&group);
}
