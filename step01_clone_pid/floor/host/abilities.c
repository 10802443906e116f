/*
 * abilities.c: what can be done on this host, found out by doing it.
 *
 * A probe runs in a forked child with namespaces of its own, which go when it
 * ends, so nothing stays on the host. Its calls are SYS() calls: if one fails,
 * the failure is explained in there, where the reason is, and handed to the
 * parent through a pipe.
 */
#define _GNU_SOURCE
#include "abilities.h"
#include "facts.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/program.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- judged from the facts ---- */

static bool no(struct verdict *out, const char *reason, const char *remedy)
{
	out->yes = false;
	snprintf(out->reason, sizeof(out->reason), "%.*s", (int)sizeof(out->reason) - 1, reason);
	snprintf(out->remedy, sizeof(out->remedy), "%.*s", (int)sizeof(out->remedy) - 1, remedy);
	return false;
}

static bool yes(struct verdict *out)
{
	*out = (struct verdict){ .yes = true };
	return true;
}

static bool judge_host_root(const struct host_facts *h, struct verdict *out)
{
	if (h->in_user_ns)
		return no(out,
			  "We are inside a user namespace: root in here is not root of the host.",
			  "Run it on the host, as root.");
	if (h->euid != 0 || !facts_cap(h, CAP_SYS_ADMIN))
		return no(out, "This process is not root with all capabilities.",
			  "Run it as root: sudo ...");
	return yes(out);
}

static bool judge_sub_ids(const struct host_facts *h, struct verdict *out)
{
	if (h->in_user_ns)
		return no(out, "newuidmap does not work from inside a user namespace.",
			  "Run it on the host.");
	if (!h->newuidmap)
		return no(out, "newuidmap and newgidmap are not installed.",
			  "Install the package uidmap (Debian, Ubuntu) or shadow-utils (Fedora).");
	if (!h->subuid)
		return no(out, "This user has no range in /etc/subuid and /etc/subgid.",
			  "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "
			  "$USER");
	return yes(out);
}

static bool judge_fuse(const struct host_facts *h, struct verdict *out)
{
	if (!h->proc)
		return no(
			out,
			"No proc file system is mounted at /proc, which lists what the kernel has.",
			"sudo mount -t proc proc /proc");
	if (!h->fuse)
		return no(out, "This kernel has no FUSE.", "sudo modprobe fuse");
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		return no(out, "/dev/fuse cannot be opened by this user, or is not there.",
			  "sudo modprobe fuse; sudo chmod 666 /dev/fuse");
	return yes(out);
}

static bool judge_loop(const struct host_facts *h, struct verdict *out)
{
	if (!judge_host_root(h, out))
		return false;
	if (access("/dev/loop-control", R_OK | W_OK) < 0)
		return no(out, "There is no /dev/loop-control.", "sudo modprobe loop");
	return yes(out);
}

static bool judge_clock(const struct host_facts *h, struct verdict *out)
{
	if (!getenv("MB_GUEST") && access("/run/minibox-guest", F_OK) < 0)
		return no(out, "The clock of a host in use is left alone.",
			  "Run it in a guest: tests/guest.");
	return judge_host_root(h, out);
}

static bool judge_busybox(struct verdict *out)
{
	static const char *const places[] = { "build/busybox", "/bin/busybox", "/usr/bin/busybox",
					      "/usr/local/bin/busybox" };
	char interpreter[256];

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (access(places[i], X_OK) == 0 &&
		    exec_interpreter(places[i], interpreter, sizeof(interpreter)) == 0 &&
		    !interpreter[0])
			return yes(out);
	return no(out, "No static busybox is at hand.", "make deps");
}

/* The same control is called otherwise in v2, or is built in. */
static bool judge_cgroup(const struct host_facts *h, const char *v1, const char *v2,
			 struct verdict *out)
{
	char reason[128];

	if (h->cgroup == CGROUP_NONE)
		return no(out, "No cgroup file system is mounted here.",
			  "sudo mount -t cgroup2 none /sys/fs/cgroup");
	bool there = facts_controller(h, v1) ||
		     (v2 ? facts_controller(h, v2) : h->cgroup == CGROUP_V2);
	if (!there) {
		snprintf(reason, sizeof(reason), "The cgroup controller %s is not to be had here.",
			 v1);
		return no(out, reason,
			  "cat /proc/cgroups and the top cgroup.controllers show what there is.");
	}
	if (!h->cgroup_writable)
		return no(out, "This user may not make cgroups here.",
			  "Run it as root, or: systemd-run --user --scope -p Delegate=yes ...");
	return yes(out);
}

/* ---- found by trying ---- */

/* In the child: everything as a new process has it, whatever our caller did with signals. */
static void probe_child(int (*try)(void), int pipe_end)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGALRM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(10); /* a probe that hangs must not hang the demo */
	sys_tracing = false;
	sys_failure_clear();
	if (try() == 0)
		_exit(0);
	if (!sys_failure()->err)
		sys_failure_set(errno ? errno : EIO, "probe", "", NULL, NULL);
	sys_failure_explain();
	ssize_t n = write(pipe_end, sys_failure(), sizeof(struct failure));
	_exit(n == (ssize_t)sizeof(struct failure) ? 1 : 2);
}

static ssize_t read_failure(int fd, struct failure *failure)
{
	size_t have = 0;

	while (have < sizeof(*failure)) {
		ssize_t n = read(fd, (char *)failure + have, sizeof(*failure) - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static bool ask_probe(int (*try)(void), struct verdict *out)
{
	struct failure failure = { 0 };
	int ends[2], status = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return no(out, strerror(errno), "");
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		probe_child(try, ends[1]);
	}
	close(ends[1]);
	bool told = pid > 0 && read_failure(ends[0], &failure) == (ssize_t)sizeof(failure);
	close(ends[0]);
	if (pid < 0)
		return no(out, "No process can be made to try it.", "ulimit -u");
	while (waitpid(pid, &status, 0) < 0)
		if (errno !=
		    EINTR) /* ECHILD: the caller ignores SIGCHLD; then only the pipe tells */
			break;
	if (told)
		return no(out, failure.cause, failure.remedy);
	if (WIFSIGNALED(status)) {
		snprintf(failure.cause, sizeof(failure.cause), "Trying it was ended by signal %d.",
			 WTERMSIG(status));
		return no(out, failure.cause,
			  "grep Seccomp /proc/self/status tells whether a filter is in force.");
	}
	return status == 0 ? yes(out) : no(out, "Trying it failed without a word.", "");
}

/* ---- the list ---- */

/* An ability is tried if it has a probe, and else judged. v1, v2: names of a cgroup controller. */
static const struct {
	const char *key, *title;
	int (*try)(void);
	bool (*judge)(const struct host_facts *h, struct verdict *out);
	const char *v1, *v2;
} list[ABILITIES] = {
	[CAN_PID_NS] = { "pid_ns", "PID namespace", .try = try_pid_ns },
	[CAN_MOUNT_NS] = { "mount_ns", "mount namespace", .try = try_mount_ns },
	[CAN_UTS_NS] = { "uts_ns", "UTS namespace", .try = try_uts_ns },
	[CAN_IPC_NS] = { "ipc_ns", "IPC namespace", .try = try_ipc_ns },
	[CAN_NET_NS] = { "net_ns", "network namespace", .try = try_net_ns },
	[CAN_USER_NS] = { "user_ns", "user namespace", .try = try_user_ns },
	[CAN_CGROUP_NS] = { "cgroup_ns", "cgroup namespace", .try = try_cgroup_ns },
	[CAN_TIME_NS] = { "time_ns", "time namespace", .try = try_time_ns },
	[CAN_MOUNT_PROC] = { "mount_proc", "own /proc", .try = try_mount_proc },
	[CAN_PIVOT_ROOT] = { "pivot_root", "pivot_root", .try = try_pivot_root },
	[CAN_OVERLAY] = { "overlay", "overlay file system", .try = try_overlay },
	[CAN_SUB_IDS] = { "sub_ids", "subordinate ids", .judge = judge_sub_ids },
	[CAN_HOST_ROOT] = { "host_root", "root of the host", .judge = judge_host_root },
	[CAN_PTRACE] = { "ptrace", "ptrace", .try = try_ptrace },
	[CAN_MQUEUE] = { "mqueue", "POSIX message queues", .try = try_mqueue },
	[CAN_SYSV_IPC] = { "sysv_ipc", "System V IPC", .try = try_sysv_ipc },
	[CAN_VETH] = { "veth", "veth pair", .try = try_veth },
	[CAN_BRIDGE] = { "bridge", "bridge", .try = try_bridge },
	[CAN_CGROUP_CPU] = { "cgroup_cpu", "cgroup: cpu", .v1 = "cpu", .v2 = "cpu" },
	[CAN_CGROUP_MEMORY] = { "cgroup_memory", "cgroup: memory", .v1 = "memory", .v2 = "memory" },
	[CAN_CGROUP_PIDS] = { "cgroup_pids", "cgroup: pids", .v1 = "pids", .v2 = "pids" },
	[CAN_CGROUP_CPUSET] = { "cgroup_cpuset", "cgroup: cpuset", .v1 = "cpuset", .v2 = "cpuset" },
	[CAN_CGROUP_IO] = { "cgroup_io", "cgroup: io", .v1 = "blkio", .v2 = "io" },
	[CAN_CGROUP_FREEZE] = { "cgroup_freeze", "cgroup: freezer", .v1 = "freezer" },
	[CAN_CGROUP_DEVICES] = { "cgroup_devices", "cgroup: devices", .v1 = "devices" },
	[CAN_FUSE] = { "fuse", "FUSE", .judge = judge_fuse },
	[CAN_LOOP] = { "loop", "loop device", .judge = judge_loop },
	[CAN_SET_CLOCK] = { "set_clock", "setting the clock", .judge = judge_clock },
	[CAN_BUSYBOX] = { "busybox", "static busybox", .judge = NULL },
};

static struct {
	bool known;
	struct verdict verdict;
	bool (*probe)(struct verdict *out); /* of a higher step */
} answers[ABILITIES];

void host_can_ask(enum ability ability, bool (*probe)(struct verdict *out))
{
	answers[ability].probe = probe;
	answers[ability].known = false;
}

static void find_out(enum ability ability, struct verdict *out)
{
	*out = (struct verdict){ 0 };
	if (answers[ability].probe)
		out->yes = answers[ability].probe(out);
	else if (list[ability].try)
		ask_probe(list[ability].try, out);
	else if (list[ability].judge)
		list[ability].judge(host_facts(), out);
	else if (list[ability].v1)
		judge_cgroup(host_facts(), list[ability].v1, list[ability].v2, out);
	else
		judge_busybox(out);
}

bool host_can(enum ability ability, struct verdict *out)
{
	int saved = errno;

	if (!answers[ability].known) {
		find_out(ability, &answers[ability].verdict);
		answers[ability].known = true;
	}
	if (out)
		*out = answers[ability].verdict;
	errno = saved;
	return answers[ability].verdict.yes;
}

const char *ability_title(enum ability ability)
{
	return list[ability].title;
}

const char *ability_key(enum ability ability)
{
	return list[ability].key;
}
