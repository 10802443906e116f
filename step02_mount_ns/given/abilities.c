/*
 * abilities.c: what can be done with mounts on this host.
 */
#define _GNU_SOURCE
#include "abilities.h"
#include "busybox_root.h"
#include "mount_api.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int probe_mounts(int flags)
{
	if (probe_namespaces(CLONE_NEWNS | flags) < 0)
		return -1;
	return SYS(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
}

/* Any directory of the host will do to mount it on, /proc excepted: there the explanation of a
 * failure is read. */
int probe_tmpfs(void)
{
	static const char *const places[] = { "/tmp", "/mnt", "/run", "/sys" };
	const char *place = "/";

	for (int i = 0; i < 4 && place[1] == '\0'; i++)
		if (access(places[i], F_OK) == 0)
			place = places[i];
	if (SYS(mount("tmpfs", place, "tmpfs", 0, "size=1m"), place) < 0)
		return -1;
	return SYS(chdir(place), place);
}

/* The rest of the probe is done by a child, as PID 1 of the new namespace; the parent is only its
 * shell. */
static int go_on_as_pid_1(void)
{
	int status;
	pid_t pid = SYS(fork(), "PID 1");

	if (pid < 0)
		return -1;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return 0;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}

static int try_mount_proc(int unused)
{
	(void)unused;
	if (probe_mounts(CLONE_NEWPID) < 0 || go_on_as_pid_1() < 0)
		return -1;
	return SYS(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "/proc");
}

static int try_pivot_root(int unused)
{
	(void)unused;
	if (probe_mounts(0) < 0 || probe_tmpfs() < 0)
		return -1;
	/* As pivot_into() does it: a filter may know mount(2), and not these. */
	int tree = SYS(open_tree(AT_FDCWD, ".", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE),
		       "a tmpfs");
	if (tree < 0 ||
	    SYS(move_mount(tree, "", AT_FDCWD, ".", MOVE_MOUNT_F_EMPTY_PATH), "a tmpfs") < 0 ||
	    SYS(fchdir(tree), "a tmpfs") < 0)
		return -1;
	return SYS(pivot_root(".", "."), "a tmpfs");
}

static bool judge_busybox(int unused, struct verdict *out)
{
	char path[PATH_MAX], reason[256];

	(void)unused;
	if (busybox_find(path, sizeof(path)) == 0)
		return verdict_yes(out);
	snprintf(reason, sizeof(reason), "%.80s: %.160s", sys_failure()->subject,
		 sys_failure()->cause);
	return verdict_no(out, reason, sys_failure()->remedy);
}

void step02_abilities(void)
{
	static const struct ability list[] = {
		{ CAN_MOUNT_PROC, "mount_proc", "own /proc", .try = try_mount_proc },
		{ CAN_PIVOT_ROOT, "pivot_root", "pivot_root", .try = try_pivot_root },
		{ CAN_BUSYBOX, "busybox", "static busybox", .judge = judge_busybox },
	};

	host_can_register(list, sizeof(list) / sizeof(*list));
}
