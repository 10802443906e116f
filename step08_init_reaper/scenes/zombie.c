/*
 * zombie.c: the dead that stay, and the orphans that PID 1 inherits.
 */
#define _GNU_SOURCE
#include "observe.h"
#include "scenes.h"
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step01_clone_pid/scenes/scenes.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- zombie ---- */

enum { ZOMBIES = 4 };

/* Number 1 of a namespace, and a bad parent: three children end, one of them leaves an orphan
 * behind that ends too. */
static int never_waits(void *arg)
{
	(void)arg;
	if (fork() == 0)
		_exit(40);
	if (fork() == 0)
		_exit(raise(SIGKILL));
	if (fork() == 0) {
		if (fork() == 0) {
			while (getppid() != 1) /* until its parent is dead, and it is PID 1's */
				nap_ms(1);
			_exit(7);
		}
		_exit(0);
	}
	sleep_for_ever();
}

static int await_zombies(pid_t init, struct proc_stat *dead)
{
	for (long until = clock_ms() + 10000;
	     zombie_children(init) < ZOMBIES && clock_ms() < until;)
		nap_ms(2);
	return children_of(init, dead, ZOMBIES);
}

static void show_process(const struct proc_stat *stat)
{
	char kept[24] = "-", note[40] = "";
	pid_t inside = number_inside(stat->pid);

	if (stat->state == 'Z')
		status_text(stat->exit_code, kept, sizeof(kept));
	if (inside == 1)
		snprintf(note, sizeof(note), "PID 1, never waits");
	else if (stat->state == 'Z' && WIFEXITED(stat->exit_code) &&
		 WEXITSTATUS(stat->exit_code) == 7)
		snprintf(note, sizeof(note), "orphan, adopted by 1");
	evidence("%-8d%-4d%-9d%-7c%5llu KiB   %s%*s%s", stat->pid, inside, parent_inside(stat->pid),
		 stat->state, stat->rss_pages * (unsigned long long)sysconf(_SC_PAGESIZE) / 1024,
		 kept, note[0] ? 11 - (int)strlen(kept) : 0, "", note);
}

static void look_at(pid_t init, const struct proc_stat *dead, int count)
{
	struct proc_stat stat;
	int zombies = 0, kept = 0, pages = 0;

	say("HOST    IN  PPID-IN  STATE        RSS   EXIT KEPT");
	if (proc_stat_read(host_proc(), init, &stat) == 0)
		show_process(&stat);
	for (int i = 0; i < count; i++) {
		show_process(&dead[i]);
		zombies += dead[i].state == 'Z';
		pages += (int)dead[i].rss_pages;
		kept += dead[i].exit_code == 40 << 8 || dead[i].exit_code == SIGKILL ||
			dead[i].exit_code == 7 << 8;
	}
	value("zombies", "%d", zombies);
	value("zombie_rss_pages", "%d", pages);
	check(zombies == ZOMBIES, "%d zombies expected, %d found", ZOMBIES, zombies);
	check(pages == 0, "a zombie should have no memory, these have %d pages", pages);
	check(kept == 3, "the statuses 40, signal 9 and 7 should be kept, %d of them are", kept);
}

void scene_zombie(void)
{
	struct spawn init = { .flags = CLONE_NEWPID, .fn = never_waits };
	struct proc_stat dead[ZOMBIES] = { 0 };
	int status;

	act(NULL);
	if (spawn(&init) < 0)
		fail_scene();
	int count = await_zombies(init.pid, dead);
	if (!check(count > 0, "no child of %d has died", init.pid))
		return; /* kill(0) would be our own group */
	pid_t one = dead[0].pid;
	look_at(init.pid, dead, count < ZOMBIES ? count : ZOMBIES);

	act(NULL);
	show("kill -9 %d; cut -d' ' -f1-3 /proc/%d/stat", one, one);
	int killed = SYS(kill(one, SIGKILL), one);
	nap_ms(20);
	evidence("%d (%s) %c     kill succeeds; the dead cannot be killed", one, dead[0].comm,
		 state_of(one));
	check(killed == 0 && state_of(one) == 'Z', "it should be a zombie still, is %c",
	      state_of(one));

	act(NULL);
	show("kill -9 %d", init.pid);
	SYS(kill(init.pid, SIGKILL), init.pid);
	spawn_wait(&init, &status);
	int left = 0;
	for (int i = 0; i < count && i < ZOMBIES; i++)
		left += state_of(dead[i].pid) != 0;
	say("PID 1 is gone, so the kernel reaps for it: %d of %d left", left, count);
	value("left", "%d", left);
	check(left == 0, "with PID 1 all should go, %d are left", left);
	verdict("%d zombies: no memory, an exit status, a PID each", count);
}

/* ---- orphan ---- */

struct orphanage {
	volatile bool ready, leave;
};

/* Number 1 (were it not for the break), its child the parent, and the grandchild that will be an
 * orphan. */
static int have_a_grandchild(void *arg)
{
	struct orphanage *orphanage = arg;

	pid_t parent = scene_fork();
	if (parent == 0) {
		if (fork() == 0)
			sleep_for_ever();
		orphanage->ready = true;
		while (!orphanage->leave)
			nap_ms(1);
		_exit(0);
	}
	waitpid(parent, NULL,
		0); /* so that of the parent nothing is left, and the orphan is the only one */
	sleep_for_ever();
}

static void show_line(pid_t pid, const char *when)
{
	struct proc_stat stat = { 0 };

	proc_stat_read(host_proc(), pid, &stat);
	row(when, "PPid %d\tPPid %d", stat.ppid, parent_inside(pid));
}

void scene_orphan(void)
{
	struct orphanage *orphanage = shared_notes(sizeof(*orphanage));
	struct spawn init = { .flags = broken("newpid") ? 0 : CLONE_NEWPID,

			      .fn = have_a_grandchild,
			      .arg = orphanage };
	struct proc_stat parent = { 0 }, orphan = { 0 };

	act("%s has a child, and that has one: a grandchild.",
	    broken("newpid") ? "The first, no PID 1 now," : "PID 1");
	if (spawn(&init) < 0)
		fail_scene();
	for (long until = clock_ms() + 10000; !orphanage->ready && clock_ms() < until;)
		nap_ms(1);
	children_of(init.pid, &parent, 1);
	if (children_of(parent.pid, &orphan, 1) != 1)
		fail_scene();
	heads("HOST", "CONTAINER");
	row(broken("newpid") ? "the first" : "PID 1", "%d\t%d", init.pid, number_inside(init.pid));
	row("parent", "%d\t%d", parent.pid, number_inside(parent.pid));
	row("grandchild", "%d\t%d", orphan.pid, number_inside(orphan.pid));
	show_line(orphan.pid, "  before");
	check(orphan.ppid == parent.pid, "its parent should be %d, is %d", parent.pid, orphan.ppid);

	act("The parent ends. Nobody asks the grandchild.");
	orphanage->leave = true;
	await_state(parent.pid, 0);
	show_line(orphan.pid, "  after");
	proc_stat_read(host_proc(), orphan.pid, &orphan);
	pid_t inside = parent_inside(orphan.pid);
	value("init", "%d", init.pid);
	value("ppid", "%d", orphan.ppid);
	value("ppid_inside", "%d", inside);
	show("grep PPid /proc/%d/status", orphan.pid);
	evidence("PPid:   %d", orphan.ppid);
	if (broken("newpid")) {
		check(orphan.ppid != init.pid, "it should be adopted by somebody else");
		verdict("adopted by %d, somebody outside: not by the first, %d", orphan.ppid,
			init.pid);
	} else {
		say("Not the host's init: the first process of *its* namespace.");
		check(orphan.ppid == init.pid, "PPid should be %d, is %d", init.pid, orphan.ppid);
		check(inside == 1, "PPid inside should be 1, is %d", inside);
		verdict("%d is %d's child now; inside, 1's", orphan.pid, init.pid);
	}
}
