/*
 * group.c - a group of the grader's own, in which a student's program may make groups.
 *
 *   group make TOKEN UID [hold]
 *                           makes minibox-lab-TOKEN with the controller cpu (pids and memory too,
 *                           where that costs nothing) and gives it to UID. Prints
 *                               group VERSION DIR   where groups with cpu can be made
 *                               join DIR            where a process is put, for the program to move
 *                                                   it on; a line for each tree
 *                           hold: it does not end then. At the end of its standard input, which is
 *                           also that of a caller that was killed, it removes the group
 *   group remove TOKEN      removes it, and the groups in it. The processes must have ended
 *
 * On version 1 the group is a directory in each controller's tree, and a process is put there. On
 * version 2 it is one directory that hands its controllers down, and takes no processes: they are
 * put into a group in it, "inside". Where version 2 asks for it, the processes that are in the
 * parent (the caller's, in a delegated group) go down into a group beside ours, and come back with
 * remove (step05_cgroup_cpu/given/cgroup_parent.h).
 *
 * Nothing is removed but directories of cgroup file systems that have this name, or are in one that
 * has it; and those by rmdir(2), which takes no group with a process in it. No process is ended.
 *
 * Exit status: 0; 77: no group can be had here, with reason and remedy on standard error; 1: it
 * failed otherwise; 2: usage.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/call/sys.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step05_cgroup_cpu/given/cgroup_group.h"
#include "step05_cgroup_cpu/given/cgroup_members.h"
#include "step05_cgroup_cpu/given/register.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct cgroup_host host;
static char name[64];

static int failed(int status)
{
	const struct failure *failure;

	sys_failure_explain();
	failure = sys_failure();
	if (status == 77 && failure->cause[0])
		fprintf(stderr, "no group of processes can be made here: %s%s%s\n", failure->cause,
			failure->remedy[0] ? "; what helps: " : "", failure->remedy);
	else
		sys_failure_print(2, "group");
	return status;
}

/* Runs that are in one delegated group share a nest: one makes or removes at a time. The lock goes
 * with the descriptor. Somebody who keeps it does not stop us for ever. */
static int lock(void)
{
	int tree = host.of[CG_CPU];
	int fd = tree < 0 ? -1 : open(host.tree[tree].mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && i < 1000; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	return fd;
}

/* ---- make ---- */

/* cpu, and what comes with it: where the parent for cpu hands it down too, or a tree of its own has
 * it. */
static unsigned choose(void)
{
	static const enum cgroup_controller more[] = { CG_PIDS, CG_MEMORY };
	struct cgroup_parent cpu, with;
	unsigned wanted = CG(CG_CPU);

	if (host.of[CG_CPU] < 0 || cgroup_parent_find(&host, host.of[CG_CPU], wanted, &cpu) < 0)
		return wanted; /* group_create() says why not */
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		int tree = host.of[more[i]];
		unsigned both = tree == host.of[CG_CPU] ? wanted | CG(more[i]) : CG(more[i]);
		if (tree < 0 || cgroup_parent_find(&host, tree, both, &with) < 0)
			continue;
		if (tree != host.of[CG_CPU]
			    ? !with.enable
			    : strcmp(with.path, cpu.path) == 0 && (cpu.enable || !with.enable))
			wanted |= CG(more[i]);
	}
	return wanted;
}

static int give(int dir, const char *file, uid_t uid)
{
	char path[CG_PATH + 64];

	if (uid == geteuid()) /* its own already */
		return 0;
	return SYS_MAY(fchownat(dir, file, uid, uid, *file ? 0 : AT_EMPTY_PATH),
		       cgroup_file_path(dir, file, path, sizeof(path)), ENOENT) < 0 &&
			       errno != ENOENT
		       ? -1
		       : 0;
}

/* The files whose name begins so. */
static int give_all(int dir, const char *start, uid_t uid)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
	DIR *list = copy < 0 ? NULL : fdopendir(copy);

	if (!list)
		return -1;
	for (struct dirent *entry; result == 0 && (entry = readdir(list));)
		if (strncmp(entry->d_name, start, strlen(start)) == 0)
			result = give(dir, entry->d_name, uid);
	closedir(list);
	return result;
}

static int give_part(const struct cgroup_part *part, uid_t uid)
{
	if (give(part->dir, "", uid) < 0 || give(part->dir, "cgroup.procs", uid) < 0)
		return -1;
	if (part->version == 2)
		return give(part->dir, "cgroup.threads", uid) < 0
			       ? -1
			       : give(part->dir, "cgroup.subtree_control", uid);
	return give(part->dir, "tasks", uid) < 0 ? -1 : give_all(part->dir, "cpu.", uid);
}

/* The part hands its controllers down, and gets a child for processes. */
static int divide(const struct cgroup_part *part)
{
	char path[CG_PATH + 64];

	for (int c = 0; c < CG_KINDS; c++) {
		const char *word = cgroup_controller_name((enum cgroup_controller)c, 2);
		if ((part->controllers & CG(c)) && word &&
		    cgroup_writef(part->dir, "cgroup.subtree_control", "+%s", word) < 0)
			return -1;
	}
	return SYS(mkdirat(part->dir, "inside", 0755),
		   cgroup_file_path(part->dir, "inside", path, sizeof(path)));
}

static int take_back(void);

static int make_parts(struct cgroup *group, uid_t uid)
{
	if (group_create(&host, choose(), name, NULL, NULL, group) < 0)
		return -1;
	for (int i = 0; i < group->parts; i++) {
		const struct cgroup_part *part = &group->part[i];
		if ((part->version == 2 && divide(part) < 0) || give_part(part, uid) < 0)
			return -1;
	}
	return 0;
}

static bool refuses(int err)
{
	return err == EACCES || err == EROFS || err == ENOENT || err == EPERM || err == EAGAIN;
}

static int make(uid_t uid)
{
	struct cgroup group;

	for (int tries = 0; make_parts(&group, uid) < 0; tries++) {
		int err = errno;
		/* No part was made: the answer is no. Else another program that shares the parent may
		 * have changed what it hands down. */
		bool again = group.parts && tries < 2;
		int status = again ? 0 : failed(refuses(err) ? 77 : 1);
		if (err != EEXIST) /* what is there is not ours */
			take_back();
		if (status)
			return status;
		sys_failure_clear();
	}
	for (int i = 0; i < group.parts; i++) {
		const struct cgroup_part *part = &group.part[i];
		if (part->controllers & CG(CG_CPU))
			printf("group %d %s\n", part->version, part->path);
		printf("join %s%s\n", part->path, part->version == 2 ? "/inside" : "");
	}
	group_close(&group);
	return 0;
}

/* ---- remove ---- */

/* For a moment after its last process has ended a group is busy. */
static int remove_dir(int parent, const char *what)
{
	char path[CG_PATH + 64];

	for (int i = 0; i < 300; i++) {
		if (unlinkat(parent, what, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	sys_failure_set(errno, "rmdir", cgroup_file_path(parent, what, path, sizeof(path)), NULL,
			NULL);
	return -1;
}

static int remove_below(int parent, const char *what, int dir, void *arg)
{
	cgroup_each_child(dir, remove_below, arg);
	if (remove_dir(parent, what) < 0)
		*(int *)arg = -1;
	return 0;
}

/* Looks for ours in all of a tree: where it was made depends on the group that its maker was in. */
static int look_for(int parent, const char *what, int dir, void *arg)
{
	if (strcmp(what, name) == 0)
		return remove_below(parent, what, dir, arg);
	cgroup_each_child(dir, look_for, arg);
	return 0;
}

/* The nest that make has made. Where another run's group is beside it, it is needed still, and is
 * left: that run takes it away with its own. So those of other runs are looked at as well; with the
 * lock none of them is just being made. */
static int look_for_nest(int parent, const char *what, int dir, void *arg)
{
	size_t n = strlen(name);

	(void)parent;
	if (strncmp(what, "minibox-lab-", 12) != 0 || !strstr(what, ".nest")) {
		cgroup_each_child(dir, look_for_nest, arg);
		return 0;
	}
	if (cgroup_unnest_dir(dir, what) < 0 && strncmp(what, name, n) == 0 && what[n] == '.')
		*(int *)arg = -1;
	return 0;
}

static int take_back(void)
{
	int result = 0;

	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < host.trees; i++) {
			if (host.tree[i].read_only)
				continue;
			int dir = open(host.tree[i].mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			if (dir < 0)
				continue;
			cgroup_each_child(dir, pass ? look_for_nest : look_for, &result);
			close(dir);
		}
	return result;
}

/* SIGINT and SIGHUP go to a whole session. The caller removes what it has made, or ends. */
static int hold(int locked)
{
	char byte;
	ssize_t n;

	close(locked);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	fflush(stdout);
	close(1); /* the caller reads to the end */
	do
		n = read(0, &byte, 1);
	while (n > 0 || (n < 0 && errno == EINTR));
	lock();
	return take_back();
}

int main(int argc, char **argv)
{
	bool holding = argc == 5 && strcmp(argv[4], "hold") == 0;
	bool making = (argc == 4 || holding) && strcmp(argv[1], "make") == 0;

	if ((!making && (argc != 3 || strcmp(argv[1], "remove") != 0)) || strlen(argv[2]) < 4 ||
	    strlen(argv[2]) > 32 || argv[2][strspn(argv[2], "0123456789abcdef")]) {
		fprintf(stderr, "usage: group make TOKEN UID [hold] | group remove TOKEN\n");
		return 2;
	}
	step05_register();
	snprintf(name, sizeof(name), "minibox-lab-%s", argv[2]);
	if (cgroup_find(AT_FDCWD, &host) < 0)
		return failed(1);
	int locked = lock();
	if (making) {
		int status = make((uid_t)strtoul(argv[3], NULL, 10));
		return status == 0 && holding ? hold(locked) < 0 : status;
	}
	return take_back() < 0 ? failed(1) : 0;
}
