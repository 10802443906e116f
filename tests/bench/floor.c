/*
 * floor.c: the floor that a container's start stands on: the kernel's own work, with nothing read,
 * parsed, recorded or proved. Written for one bundle, that of tests/bench/runtime; no example of how
 * it is done: it follows paths that a container could change, and it leaves things behind when it
 * fails.
 *
 *	floor ROOTFS FILTER GROUP COMMAND
 *
 * FILTER: instructions for seccomp(2). GROUP: the cgroup's name. The exit status is the command's;
 * 77: the kernel refuses a step, whose name is on standard error.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *rootfs, *group, *command;
static struct sock_filter code[BPF_MAXINSNS];
static struct sock_fprog filter = { .filter = code };

static const char *const controllers[] = { "cpu",     "cpuacct", "cpuset", "memory", "devices",
					   "freezer", "blkio",	 "pids",   NULL };
static const char *const limited[][3] = { { "cpu", "cpu.shares", "512" },
					  { "memory", "memory.limit_in_bytes", "268435456" },
					  { "pids", "pids.max", "512" } };
enum { LIMITED = sizeof(limited) / sizeof(*limited) };

static int must(const char *step, long result)
{
	if (result >= 0)
		return (int)result;
	fprintf(stderr, "floor: %s: %s\n", step, strerror(errno));
	_exit(77);
}

static void put(const char *path, const char *text)
{
	int fd = must(path, open(path, O_WRONLY | O_CLOEXEC));

	must(path, write(fd, text, strlen(text)));
	close(fd);
}

/* A group of its own in three hierarchies of v1, or one of v2. */
static bool is_v2(void)
{
	return access("/sys/fs/cgroup/cgroup.procs", F_OK) == 0;
}

static void name_group(char *path, size_t size, int i, const char *file)
{
	snprintf(path, size, "/sys/fs/cgroup/%s%s%s/%s", is_v2() ? "" : limited[i][0],
		 is_v2() ? "" : "/", group, file);
}

static void make_groups(void)
{
	static const char *const v2[LIMITED][2] = { { "cpu.weight", "50" },
						    { "memory.max", "268435456" },
						    { "pids.max", "512" } };
	char path[300];

	for (int i = 0; i < LIMITED; i++) {
		name_group(path, sizeof(path), i, "");
		if (!is_v2() || i == 0)
			must(path, mkdir(path, 0755));
		name_group(path, sizeof(path), i, is_v2() ? v2[i][0] : limited[i][1]);
		put(path, is_v2() ? v2[i][1] : limited[i][2]);
	}
}

static void join_groups(pid_t pid)
{
	char path[300], number[16];

	snprintf(number, sizeof(number), "%d", pid);
	for (int i = 0; i < (is_v2() ? 1 : LIMITED); i++) {
		name_group(path, sizeof(path), i, "cgroup.procs");
		put(path, number);
	}
}

static void remove_groups(void)
{
	char path[300];

	for (int i = 0; i < (is_v2() ? 1 : LIMITED); i++) {
		name_group(path, sizeof(path), i, "");
		for (int tries = 0; rmdir(path) < 0 && errno == EBUSY && tries < 100; tries++)
			usleep(1000);
	}
}

static void attach(const char *source, const char *target, const char *type, unsigned long flags,
		   const char *data)
{
	must(target, mount(source, target, type, flags, data));
}

static void mount_all(void)
{
	const unsigned long quiet = MS_NOSUID | MS_NOEXEC | MS_NODEV;
	char host[300], here[300];

	attach("proc", "proc", "proc", 0, NULL);
	attach("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
	must("pts", mkdir("dev/pts", 0755));
	attach("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	       "newinstance,ptmxmode=0666,mode=0620,gid=5");
	must("shm", mkdir("dev/shm", 0755));
	attach("shm", "dev/shm", "tmpfs", quiet, "mode=1777,size=65536k");
	must("mqueue", mkdir("dev/mqueue", 0755));
	attach("mqueue", "dev/mqueue", "mqueue", quiet, NULL);
	attach("sysfs", "sys", "sysfs", quiet | MS_RDONLY, NULL);
	if (is_v2()) {
		attach("cgroup", "sys/fs/cgroup", "cgroup2", quiet | MS_RDONLY, NULL);
		return;
	}
	attach("cgroup", "sys/fs/cgroup", "tmpfs", quiet, "mode=755");
	for (const char *const *name = controllers; *name; name++) {
		snprintf(host, sizeof(host), "/sys/fs/cgroup/%s", *name);
		snprintf(here, sizeof(here), "sys/fs/cgroup/%s", *name);
		must(here, mkdir(here, 0755));
		attach("cgroup", here, "cgroup", quiet | MS_RDONLY, *name);
	}
	attach(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | quiet, NULL);
}

static void make_devices(void)
{
	static const struct {
		const char *name;
		unsigned major, minor;
	} nodes[] = { { "null", 1, 3 },	  { "zero", 1, 5 },    { "full", 1, 7 },
		      { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 } };
	char path[64];

	umask(0);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		snprintf(path, sizeof(path), "dev/%s", nodes[i].name);
		must(path, mknod(path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)));
	}
	must("link", symlink("/proc/self/fd", "dev/fd"));
	must("link", symlink("/proc/self/fd/0", "dev/stdin"));
	must("link", symlink("/proc/self/fd/1", "dev/stdout"));
	must("link", symlink("/proc/self/fd/2", "dev/stderr"));
	must("link", symlink("pts/ptmx", "dev/ptmx"));
	umask(0022);
}

static void mask(void)
{
	static const char *const read_only[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
						 "/proc/sysrq-trigger" };
	static const char *const masked[] = { "/proc/acpi",	     "/proc/asound",
					      "/proc/kcore",	     "/proc/keys",
					      "/proc/latency_stats", "/proc/timer_list",
					      "/proc/timer_stats",   "/proc/sched_debug",
					      "/sys/firmware",	     "/proc/scsi" };

	for (size_t i = 0; i < sizeof(read_only) / sizeof(*read_only); i++)
		if (mount(read_only[i], read_only[i], NULL, MS_BIND | MS_REC, NULL) == 0)
			attach(NULL, read_only[i], NULL,
			       MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, NULL);
	for (size_t i = 0; i < sizeof(masked) / sizeof(*masked); i++)
		if (mount("/dev/null", masked[i], NULL, MS_BIND, NULL) < 0 && errno == ENOTDIR)
			attach("tmpfs", masked[i], "tmpfs", MS_RDONLY, NULL);
}

static void lo_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = must("socket", socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	must("lo", ioctl(fd, SIOCSIFFLAGS, &lo));
	close(fd);
}

/* docker's fourteen. */
static void drop_rights(void)
{
	const uint32_t kept = 0xa80425fb;
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { kept, kept, 0 } };

	must("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter));
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (cap > 31 || !(kept & 1U << cap))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	must("capset", syscall(SYS_capset, &head, data));
}

static void inside(int go)
{
	char byte;
	char *argv[] = { (char *)(uintptr_t)command, NULL }, *envp[] = { NULL };
	const struct rlimit files = { 1024, 1024 };

	must("pipe", read(go, &byte, 1));
	must("setsid", setsid());
	must("cgroup", unshare(CLONE_NEWCGROUP));
	must("private", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	must("root", mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL));
	must("root", chdir(rootfs));
	mount_all();
	make_devices();
	must("pivot_root", syscall(SYS_pivot_root, ".", "."));
	must("umount2", umount2(".", MNT_DETACH));
	must("chdir", chdir("/"));
	must("sethostname", sethostname("floor", 5));
	lo_up();
	mask();
	must("setrlimit", setrlimit(RLIMIT_NOFILE, &files));
	close_range(3, ~0U, 0);
	drop_rights();
	must(command, execve(command, argv, envp));
}

int main(int argc, char **argv)
{
	struct clone_args args = { .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS |
					    CLONE_NEWIPC | CLONE_NEWNET,
				   .exit_signal = SIGCHLD };
	int go[2], status;

	if (argc != 5) {
		fprintf(stderr, "usage: floor ROOTFS FILTER GROUP COMMAND\n");
		return 2;
	}
	rootfs = argv[1], group = argv[3], command = argv[4];
	int fd = must(argv[2], open(argv[2], O_RDONLY | O_CLOEXEC));
	ssize_t n = must(argv[2], read(fd, code, sizeof(code)));
	filter.len = (unsigned short)((size_t)n / sizeof(*code));
	close(fd);
	must("pipe", pipe2(go, O_CLOEXEC));
	make_groups();
	pid_t pid = must("clone3", syscall(SYS_clone3, &args, sizeof(args)));
	if (pid == 0)
		inside(go[0]);
	join_groups(pid);
	must("pipe", write(go[1], "", 1));
	must("waitpid", waitpid(pid, &status, 0));
	remove_groups();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
