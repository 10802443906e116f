/*
 * family.c: who may signal whom, and what a namespace does when its first process dies.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/scene.h"
#include "scenes.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void sleep_for_ever(void) __attribute__((noreturn));

static void sleep_for_ever(void)
{
	for (;;)
		pause();
}

/* ---- init-dies ---- */

enum { FAMILY = 6 };

struct family {
	pid_t pids[FAMILY]; /* outside; [0] is number 1 inside */
	int alive_before, alive_after;
	int fork_errno;
};

/* In a process of its own: its children are born in a new namespace, the first as number 1. They
 * wait at a leash, a pipe whose other end the scene holds: they end with it, however it ends. */
static void keep_family(struct family *family, int go, int leash)
{
	char byte;

	if (SYS(unshare(CLONE_NEWPID), "pid") < 0)
		fail_scene();
	for (int i = 0; i < FAMILY; i++) {
		pid_t pid = scene_fork();
		if (pid == 0)
			_exit(read(leash, &byte, 1) < 0);
		family->pids[i] = pid;
	}
	if (read(go, &byte, 1) < 0) /* until the scene has killed number 1 */
		_exit(1);
	while (waitpid(-1, NULL, 0) > 0)
		;
	errno = 0;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	family->fork_errno = pid < 0 ? errno : 0;
	_exit(0);
}

void scene_init_dies(void)
{
	struct family *family = mmap(NULL, sizeof(*family), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int go[2], leash[2];

	if (family == MAP_FAILED || pipe2(go, O_CLOEXEC) < 0 || pipe2(leash, O_CLOEXEC) < 0)
		fail_scene();
	act(NULL);
	pid_t keeper = scene_fork();
	if (keeper == 0) {
		close(go[1]);
		close(leash[1]);
		keep_family(family, go[0], leash[0]);
	}
	close(go[0]);
	while (family->pids[FAMILY - 1] == 0 && waitpid(keeper, NULL, WNOHANG) == 0)
		usleep(1000);
	/* Where the keeper has failed it has said why. kill(0, ...) would be our own group's end.
	 */
	if (!check(family->pids[FAMILY - 1] > 0, "the family was not born"))
		return;
	struct ns_id ns = pid_ns_of(family->pids[0]);
	family->alive_before = processes_in(ns, NULL, 0);
	say("PID 1 is %d outside; %d more live with it (%d to %d).", family->pids[0], FAMILY - 1,
	    family->pids[1], family->pids[FAMILY - 1]);
	act(NULL);
	show("kill -9 %d", family->pids[0]);
	if (SYS(kill(family->pids[0], SIGKILL), family->pids[0]) < 0)
		fail_scene();
	close(go[1]);
	waitpid(keeper, NULL, 0);
	family->alive_after = processes_in(ns, NULL, 0);

	row("in the ns", "%d before, %d after", family->alive_before, family->alive_after);
	row("fork()", "%s", family->fork_errno ? strerror(family->fork_errno) : "worked");
	say("Nobody is out of memory: ENOMEM is how pid_namespaces(7) says that a");
	say("namespace without its PID 1 takes nobody in any more.");
	value("before", "%d", family->alive_before);
	value("after", "%d", family->alive_after);
	value("fork_errno", "%d", family->fork_errno);
	check(family->alive_before == FAMILY, "%d processes should live there, %d do", FAMILY,
	      family->alive_before);
	check(family->alive_after == 0, "nobody should be left, %d are", family->alive_after);
	check(family->fork_errno == ENOMEM, "fork into the dead namespace should be ENOMEM, is %s",
	      strerror(family->fork_errno));
	verdict("%d lived, 1 was killed, 0 are left; fork: ENOMEM", FAMILY);
}

/* ---- one-process ---- */

static int await_signal(struct witness *self)
{
	sigset_t set;
	siginfo_t info = { 0 };

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (witness_wait(self) < 0 || sigwaitinfo(&set, &info) < 0)
		return -1;
	self->seen->other = info.si_pid;
	self->seen->count = 1;
	sleep_for_ever();
}

/* Enters the namespace by setns; its child is inside, but has no parent there. */
static int join_and_ask(pid_t pid, pid_t *inside)
{
	char path[64];
	pid_t *seen = mmap(NULL, sizeof(pid_t) * 2, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	pid_t visitor = seen == MAP_FAILED ? -1 : scene_fork();
	if (visitor == 0) {
		int fd = SYS(open(path, O_RDONLY | O_CLOEXEC), path);
		if (fd < 0 || SYS(setns(fd, CLONE_NEWPID), path) < 0)
			fail_scene();
		pid_t child = scene_fork();
		if (child == 0) {
			seen[0] = getpid();
			seen[1] = getppid();
			_exit(0);
		}
		waitpid(child, NULL, 0);
		_exit(0);
	}
	if (visitor < 0)
		fail_scene();
	waitpid(visitor, NULL, 0);
	*inside = seen[0];
	return seen[1];
}

void scene_one_process(void)
{
	struct witness child;
	struct proc_stat stat;
	pid_t joined = 0;

	act(NULL);
	witness_start(&child, CLONE_NEWPID, await_signal, NULL);
	pid_t pid = child.child.pid;
	if (proc_stat_read(host_proc(), pid, &stat) < 0)
		fail_scene();
	heads("HOST", "CONTAINER");
	row("PID", "%d\t%d", pid, child.seen->pid);
	row("PPid", "%d\t%d  (its parent has no number here)", stat.ppid, child.seen->ppid);
	int joined_ppid = join_and_ask(pid, &joined);
	row("joined", "by setns + fork\tPID %d, PPid %d  (so has this one)", joined, joined_ppid);
	act(NULL);

	stage_reach(&child.stages, STAGE_START);
	show("kill -USR1 %d", pid);
	if (SYS(kill(pid, SIGUSR1), pid) < 0)
		fail_scene();
	for (int i = 0; i < 5000 && !child.seen->count; i++)
		usleep(1000);
	row("arrives", "\t%s, from PID %d", child.seen->count ? "SIGUSR1" : "nothing",
	    child.seen->other);
	show("kill -9 %d", pid);
	if (SYS(kill(pid, SIGKILL), pid) < 0)
		fail_scene();
	int status = 0;
	spawn_wait(&child.child, &status);
	row("ends", "waitid: %d = 128 + 9", status);

	value("pid_outside", "%d", pid);
	value("status", "%d", status);
	check(stat.ppid == getpid() && child.seen->ppid == 0,
	      "PPid should be %d outside and 0 inside", getpid());
	check(joined > 1 && joined_ppid == 0, "the one that joined should have PPid 0, has %d",
	      joined_ppid);
	check(child.seen->count == 1, "the signal should arrive inside");
	check(child.seen->other == 0, "its sender should be 0 inside, is %d", child.seen->other);
	check(status == 137, "kill -9 from outside should end it with 137, status is %d", status);
	verdict("%d outside is 1 inside: signalled, then killed", pid);
}

/* ---- signal-the-host ---- */

static int shoot(struct witness *self)
{
	pid_t target = *(pid_t *)self->arg;

	/* The number is right, on the host. */
	self->seen->err = SYS_MAY(kill(target, SIGKILL), target, ESRCH) < 0 ? errno : 0;
	return 0;
}

void scene_signal_the_host(void)
{
	struct witness attacker;
	struct proc_stat stat = { 0 };
	pid_t self = getpid(), target = scene_fork();

	if (target == 0) {
		die_with(self);
		sleep_for_ever();
	}
	act("The host has a sleeping process %d. Inside, somebody knows that number.", target);
	witness_start(&attacker, broken("newpid") ? 0 : CLONE_NEWPID, shoot, &target);
	/* A signal on its way has time to do its work, and the target to fall asleep. */
	for (int i = 0; i < 10000 && stat.state != (attacker.seen->err ? 'S' : 'Z'); i++) {
		usleep(1000);
		if (proc_stat_read(host_proc(), target, &stat) < 0)
			fail_scene();
	}
	row("attacker", "PID %d inside: kill(%d, SIGKILL) = %s", attacker.seen->pid, target,
	    attacker.seen->err ? strerror(attacker.seen->err) : "0, done");
	show("cut -d' ' -f1-3 /proc/%d/stat", target);
	evidence("%d (%s) %c", stat.pid, stat.comm, stat.state);
	act(NULL);
	value("target", "%d", target);
	value("state", "%c", stat.state);
	value("errno", "%d", attacker.seen->err);
	if (broken("newpid")) {
		check(stat.state == 'Z' && attacker.seen->err == 0,
		      "the host's process should be dead, is %c", stat.state);
		verdict("same number, same kill: the host's process is dead");
	} else {
		check(attacker.seen->err == ESRCH, "kill should say ESRCH, says %s",
		      strerror(attacker.seen->err));
		check(stat.state == 'S', "the host's process should sleep on, is in state %c",
		      stat.state);
		verdict("%d means nobody inside: ESRCH", target);
	}
	witness_end(&attacker);
	kill(target, SIGKILL);
	waitpid(target, NULL, 0);
}
