/*
 * wait.c: who adopts, and how one learns of a death.
 */
#define _GNU_SOURCE
#include "observe.h"
#include "scenes.h"
#include "step08_init_reaper/given/subreaper.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step01_clone_pid/scenes/scenes.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- subreaper ---- */

struct family {
	volatile pid_t orphan;
	volatile bool leave, done;
	volatile int waited; /* the orphan's status, as its foster parent got it */
};

/* The one who wants to adopt; not 1 of anything. */
static void foster_parent(struct family *family, bool adopt) __attribute__((noreturn));

static void foster_parent(struct family *family, bool adopt)
{
	int status = -1;

	if (adopt && subreaper_become() < 0)
		fail_scene();
	if (fork() == 0) {
		if (fork() == 0) {
			family->orphan = getpid();
			while (!family->done)
				nap_ms(1);
			_exit(5);
		}
		while (!family->leave)
			nap_ms(1);
		_exit(0);
	}
	wait(NULL);
	family->waited = waitpid(family->orphan, &status, 0) == family->orphan ? WEXITSTATUS(status)
									       : -errno;
	sleep_for_ever();
}

/* Plays the family; returns whose the orphan has become. *waited: what the foster parent got from
 * waitpid. */
static pid_t play_family(bool adopt, pid_t *foster, int *waited)
{
	struct family *family = shared_notes(sizeof(*family));
	struct proc_stat stat = { 0 };

	family->waited = -1;
	*foster = scene_fork();
	if (*foster == 0)
		foster_parent(family, adopt);
	while (family->orphan == 0)
		nap_ms(1);
	proc_stat_read(host_proc(), family->orphan, &stat);
	pid_t parent = stat.ppid;
	family->leave = true;
	await_state(parent, 0);
	proc_stat_read(host_proc(), family->orphan, &stat);
	family->done = true;
	for (long until = clock_ms() + 10000; family->waited == -1 && clock_ms() < until;)
		nap_ms(1);
	*waited = family->waited;
	kill(*foster, SIGKILL);
	waitpid(*foster, NULL, 0);
	return stat.ppid;
}

static void name_of(pid_t pid, char *out, size_t size)
{
	struct proc_stat stat;

	if (proc_stat_read(host_proc(), pid, &stat) < 0)
		snprintf(out, size, "?");
	else
		snprintf(out, size, "%.15s, PID %d", stat.comm, pid);
}

void scene_subreaper(void)
{
	pid_t foster, adopted_by;
	int waited;
	char name[40];

	act("A grandparent, a parent, a child; none is PID 1. The parent ends.");
	adopted_by = play_family(false, &foster, &waited);
	name_of(adopted_by, name, sizeof(name));
	row("plain", "grandparent %d; orphan goes to %s", foster, name);
	row("", "grandparent's waitpid(orphan): %s", waited < 0 ? strerror(-waited) : "worked");
	check(adopted_by != foster && waited == -ECHILD,
	      "without the prctl the orphan should go elsewhere");
	value("plain_ppid", "%d", adopted_by);

	act(broken("prctl") ? "Once more, the prctl(2) left out:"
			    : "Once more, after prctl(PR_SET_CHILD_SUBREAPER, 1):");
	adopted_by = play_family(!broken("prctl"), &foster, &waited);
	name_of(adopted_by, name, sizeof(name));
	row("subreaper", "grandparent %d; orphan goes to %s", foster,
	    adopted_by == foster ? "it" : name);
	if (waited >= 0)
		row("", "grandparent's waitpid(orphan): status %d", waited);
	else
		row("", "grandparent's waitpid(orphan): %s", strerror(-waited));
	value("foster", "%d", foster);
	value("ppid", "%d", adopted_by);
	if (broken("prctl")) {
		check(adopted_by != foster, "without the prctl the orphan should go elsewhere");
		verdict("adopted by %d, not by %d", adopted_by, foster);
		return;
	}
	say("So do systemd --user, containerd-shim and conmon keep what they started,");
	say("and so does this demo: its scenes' orphans come to it and are ended.");
	check(adopted_by == foster, "the orphan should be %d's, is %d's", foster, adopted_by);
	check(waited == 5, "the subreaper should get its status 5, got %d", waited);
	verdict("%d adopted it and waited for it, PID 1 of nothing", foster);
}

/* ---- sigchld ---- */

enum { CHILDREN = 20, STATUS = 9 };

enum way { ONE_WAIT, LOOP, IGNORE, WAYS };

struct way_result {
	volatile int signals, waited, zombies, error;
	volatile bool all_born, all_dead, has_heard, looked_at;
};

static enum way way;
static struct way_result *result;

static void on_child(int signal_number)
{
	int saved = errno;

	(void)signal_number;
	result->signals++;
	while (waitpid(-1, NULL, WNOHANG) > 0) {
		result->waited++;
		if (way == ONE_WAIT)
			break;
	}
	errno = saved;
}

static void a_parent(void) __attribute__((noreturn));

static void a_parent(void)
{
	struct sigaction action = { .sa_handler = way == IGNORE ? SIG_IGN : on_child,
				    .sa_flags = SA_RESTART };
	sigset_t child, before;

	sigaction(SIGCHLD, &action, NULL);
	/* Busy, as far as signals are concerned: all children die meanwhile. */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0)
			_exit(STATUS);
	result->all_born = true;
	while (!result->all_dead)
		nap_ms(1);
	sigprocmask(SIG_SETMASK, &before, NULL); /* what is pending comes before this returns */
	if (way == IGNORE)
		result->error = wait(NULL) < 0 ? errno : 0;
	result->has_heard = true;
	while (!result->looked_at)
		nap_ms(1);
	_exit(0);
}

static void try_way(enum way one, struct way_result *out)
{
	way = one;
	result = out;
	pid_t pid = scene_fork();
	if (pid == 0)
		a_parent();
	/* All dead: zombies where somebody could still wait for them, gone where nobody wants to
	 * know. */
	for (long until = clock_ms() + 10000; clock_ms() < until; nap_ms(1))
		if (out->all_born && (one == IGNORE ? children_of(pid, NULL, 0) == 0
						    : zombie_children(pid) == CHILDREN))
			break;
	out->all_dead = true;
	for (long until = clock_ms() + 10000; !out->has_heard && clock_ms() < until;)
		nap_ms(1);
	out->zombies = zombie_children(pid);
	out->looked_at = true;
	waitpid(pid, NULL, 0);
}

void scene_sigchld(void)
{
	static const char *const ways[] = { "handler, one wait", "handler, waits in a loop",
					    "SIG_IGN" };
	struct way_result *of = shared_notes(WAYS * sizeof(*of));

	act("%d children exit with %d while their parent has SIGCHLD blocked.", CHILDREN, STATUS);
	say("%-27s%8s%8s%9s   %s", "", "SIGNALS", "WAITED", "ZOMBIES", "STATUS KNOWN");
	for (int i = 0; i < WAYS; i++) {
		try_way((enum way)i, &of[i]);
		evidence("%-27s%8d%8d%9d   %s", ways[i], of[i].signals, of[i].waited, of[i].zombies,
			 i == IGNORE		    ? "no"
			 : of[i].waited == CHILDREN ? "of all"
						    : "of one");
		act(NULL);
	}
	say("SIG_IGN: the kernel reaps at once, and wait() says: %s", strerror(of[IGNORE].error));
	say("Signals below 32 do not queue. One may stand for any number of deaths.");
	value("signals_one_wait", "%d", of[ONE_WAIT].signals);
	value("zombies_one_wait", "%d", of[ONE_WAIT].zombies);
	value("zombies_loop", "%d", of[LOOP].zombies);
	value("zombies_ignored", "%d", of[IGNORE].zombies);
	check(of[ONE_WAIT].signals == 1, "1 signal expected, %d came", of[ONE_WAIT].signals);
	check(of[ONE_WAIT].zombies == CHILDREN - 1, "%d zombies expected, %d found", CHILDREN - 1,
	      of[ONE_WAIT].zombies);
	check(of[LOOP].zombies == 0 && of[LOOP].waited == CHILDREN,
	      "the loop should get all %d, got %d", CHILDREN, of[LOOP].waited);
	check(of[IGNORE].zombies == 0 && of[IGNORE].error == ECHILD,
	      "ignored children should leave nothing");
	verdict("%d deaths, 1 signal: %d zombies without the loop", CHILDREN, of[ONE_WAIT].zombies);
}
