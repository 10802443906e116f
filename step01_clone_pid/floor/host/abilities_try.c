/*
 * abilities_try.c: the probes behind host_can().
 */
#define _GNU_SOURCE
#include "abilities.h"
#include "facts.h"
#include "step01_clone_pid/floor/meet/idmap.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

/* ---- namespaces ---- */

/* Who has no rights gets them in a user namespace of his own first. */
static int own_user_ns(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (SYS(unshare(CLONE_NEWUSER), "user namespace") < 0)
		return -1;
	return idmap_self(uid, gid);
}

static int own(int flags)
{
	if (rootless_flags() && own_user_ns() < 0)
		return -1;
	return SYS(unshare(flags), ns_names(flags));
}

int try_user_ns(void)
{
	return own_user_ns();
}

int try_pid_ns(void)
{
	return own(CLONE_NEWPID);
}

int try_mount_ns(void)
{
	return own(CLONE_NEWNS);
}

int try_uts_ns(void)
{
	return own(CLONE_NEWUTS);
}

int try_ipc_ns(void)
{
	return own(CLONE_NEWIPC);
}

int try_net_ns(void)
{
	return own(CLONE_NEWNET);
}

int try_cgroup_ns(void)
{
	return own(CLONE_NEWCGROUP);
}

int try_time_ns(void)
{
	return own(CLONE_NEWTIME);
}

/* ---- mounts ---- */

/* A mount namespace (and others) where nothing of ours spreads to the host. */
static int own_mounts(int flags)
{
	if (own(CLONE_NEWNS | flags) < 0)
		return -1;
	return SYS(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
}

/* An empty tmpfs as working directory. Any directory of the host will do to mount it on, /proc
 * excepted: there the explanation of a failure is read. */
static int own_tmpfs(void)
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

int try_mount_proc(void)
{
	if (own_mounts(CLONE_NEWPID) < 0 || go_on_as_pid_1() < 0)
		return -1;
	return SYS(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "/proc");
}

int try_pivot_root(void)
{
	if (own_mounts(0) < 0 || own_tmpfs() < 0)
		return -1;
	return SYS(pivot_root(".", "."), "a tmpfs");
}

int try_overlay(void)
{
	static const char *const directories[] = { "lower", "upper", "work", "merged" };
	/* Attributes in trusted.* are only root's; without root the overlay keeps them in user.*.
	 */
	const char *options = rootless_flags()
				      ? "lowerdir=lower,upperdir=upper,workdir=work,userxattr"
				      : "lowerdir=lower,upperdir=upper,workdir=work";

	if (own_mounts(0) < 0 || own_tmpfs() < 0)
		return -1;
	for (int i = 0; i < 4; i++)
		if (SYS(mkdir(directories[i], 0755), directories[i]) < 0)
			return -1;
	return SYS(mount("overlay", "merged", "overlay", 0, options), "merged");
}

/* ---- IPC and ptrace ---- */

int try_mqueue(void)
{
	if (own_mounts(CLONE_NEWIPC) < 0 || own_tmpfs() < 0)
		return -1;
	return SYS(mount("mqueue", ".", "mqueue", 0, NULL), "mqueue");
}

int try_sysv_ipc(void)
{
	if (own(CLONE_NEWIPC) < 0)
		return -1;
	/* It goes with its namespace, that is with us. */
	return SYS(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600), "IPC_PRIVATE") < 0 ? -1 : 0;
}

int try_ptrace(void)
{
	int status;
	pid_t pid = SYS(fork(), "tracee");

	if (pid < 0)
		return -1;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	int result = (int)SYS(ptrace(PTRACE_SEIZE, pid, NULL, NULL), pid);
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return result;
}

/* ---- network links ---- */

static void add_attribute(struct nlmsghdr *head, unsigned short type, const void *data, size_t size)
{
	struct rtattr *attribute = (struct rtattr *)((char *)head + NLMSG_ALIGN(head->nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(attribute), data, size);
	head->nlmsg_len = NLMSG_ALIGN(head->nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

/* The smallest RTM_NEWLINK: a kind, and a name that the kernel makes up. Step 4 explains netlink.
 */
static int make_link(const char *kind)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg info;
		char attributes[64];
	} ask = { .head = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			    .nlmsg_type = RTM_NEWLINK,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL |
					   NLM_F_ACK } };
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char more[512];
	} answer = { 0 };
	char nested[32];
	struct rtattr *inner = (struct rtattr *)nested;

	inner->rta_type = IFLA_INFO_KIND;
	inner->rta_len = (unsigned short)RTA_LENGTH(strlen(kind) + 1);
	memcpy(RTA_DATA(inner), kind, strlen(kind) + 1);
	add_attribute(&ask.head, IFLA_LINKINFO, nested, inner->rta_len);
	int fd = SYS(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "rtnetlink");
	if (fd < 0)
		return -1;
	if (SYS(send(fd, &ask, ask.head.nlmsg_len, 0), kind) < 0 ||
	    SYS(recv(fd, &answer, sizeof(answer), 0), kind) < 0)
		return -1;
	if (answer.head.nlmsg_type != NLMSG_ERROR || answer.error.error == 0)
		return 0;
	sys_failure_set(-answer.error.error, "RTM_NEWLINK", kind, NULL, NULL);
	return -1;
}

int try_veth(void)
{
	return own(CLONE_NEWNET) < 0 ? -1 : make_link("veth");
}

int try_bridge(void)
{
	return own(CLONE_NEWNET) < 0 ? -1 : make_link("bridge");
}
