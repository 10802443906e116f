/*
 * test_masks.c: devices, masked paths, sysctls and the special mounts, each with what an image
 * could put in their way. Judged by what is seen at the places afterwards.
 */
#define _GNU_SOURCE
#include "final/runtime/inside/console.h"
#include "final/runtime/inside/devices.h"
#include "final/runtime/inside/masks.h"
#include "final/runtime/inside/kernel_roots.h"
#include "final/runtime/inside/mounts.h"
#include "final/runtime/inside/sysctls.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step02_mount_ns/mount_ns.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static bool rootless;
static char scratch[] = "/tmp/minibox-unit-XXXXXX";

/* A test's part in a mount namespace of its own, with a tmpfs as the working directory and root/
 * in it. 0, or the line that does not hold. */
#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s: %s (%d): %s: %s\n", #condition, sys_failure()->call,  \
				errno, sys_failure()->subject, sys_failure()->cause);              \
			return __LINE__ % 200 + 1;                                                 \
		}                                                                                  \
	} while (0)

static void in_child(int (*part)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		sys_failure_clear();
		if (unshare(CLONE_NEWNS) < 0 || mount("tmpfs", scratch, "tmpfs", 0, NULL) < 0 ||
		    chdir(scratch) < 0 || mkdir("root", 0755) < 0)
			_exit(250);
		_exit(part());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int put_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ssize_t n = write(fd, text, strlen(text));

	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

static bool holds(const char *path, const char *text)
{
	char found[256] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, found, sizeof(found) - 1);

	close(fd);
	return n >= 0 && strcmp(found, text) == 0;
}

static int root_fd(void)
{
	return open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static const struct kernel_roots roots = { -1, -1 };
static const struct sources no_sources = { .send = -1, .take = -1 };
static const struct mounts_from from = { &no_sources, scratch };

static int make(struct spec_mount *mounts, int count)
{
	struct spec spec = { .mounts = mounts, .mount_count = count };

	return mounts_make(root_fd(), &spec, &from);
}

static int fresh_dev(struct spec *spec)
{
	static char place[] = "/dev", mode[] = "mode=755";
	static struct spec_mount dev = { .destination = place,
					 .type = "tmpfs",
					 .source = "tmpfs",
					 .flags = MS_NOSUID | MS_RDONLY,
					 .data = mode };

	spec->mounts = &dev;
	spec->mount_count = 1;
	if (mounts_make(root_fd(), spec, &from) < 0)
		return -1;
	return devices_make(root_fd(), spec);
}

static int default_devices(void)
{
	struct spec spec = { 0 };
	struct stat st;
	char target[64] = "";

	umask(077);
	MUST(fresh_dev(&spec) == 0);
	MUST(stat("root/dev/full", &st) == 0 && S_ISCHR(st.st_mode));
	MUST(st.st_rdev == makedev(1, 7) && (st.st_mode & 0777) == 0666);
	MUST(stat("root/dev/tty", &st) == 0 && st.st_rdev == makedev(5, 0));
	MUST(readlink("root/dev/fd", target, sizeof(target)) > 0);
	MUST(strcmp(target, "/proc/self/fd") == 0);
	MUST(mkdir("root/dev/x", 0700) < 0 && errno == EROFS);
	return 0;
}

static int device_of_the_spec(void)
{
	struct spec_device fifo = { .path = "/run/f", .type = S_IFIFO, .mode = 0622 };
	struct spec spec = { .devices = &fifo, .device_count = 1 };
	struct stat st;

	umask(077);
	MUST(devices_make(root_fd(), &spec) == 0);
	MUST(lstat("root/run/f", &st) == 0 && S_ISFIFO(st.st_mode) && (st.st_mode & 0777) == 0622);
	MUST(access("root/dev", F_OK) < 0); /* no /dev of its own: nothing written to the image */
	return 0;
}

static int something_in_the_way(void)
{
	struct spec_device null = {
		.path = "/dev/null", .type = S_IFCHR, .major = 1, .minor = 3, .mode = 0600
	};
	struct spec spec = { .devices = &null, .device_count = 1 };
	struct stat st;

	MUST(mkdir("root/dev", 0755) == 0 && put_file("root/target", "mine") == 0);
	MUST(chmod("root/target", 0644) == 0 && symlink("../target", "root/dev/null") == 0);
	MUST(devices_make(root_fd(), &spec) < 0 && errno == EEXIST);
	MUST(stat("root/target", &st) == 0 && (st.st_mode & 07777) == 0644);
	sys_failure_clear();
	MUST(unlink("root/dev/null") == 0 && mkfifo("root/dev/null", 0600) == 0);
	MUST(devices_make(root_fd(), &spec) < 0 && errno == EEXIST);
	MUST(lstat("root/dev/null", &st) == 0 && S_ISFIFO(st.st_mode));
	return 0;
}

/* With -v /dev:/dev the host's directory is in sight: it is left as it is. */
static int dev_is_the_hosts(void)
{
	char place[] = "/dev";
	struct spec_mount m = { .destination = place,
				.type = "bind",
				.source = "host",
				.bind = true,
				.flags = MS_BIND };
	struct spec_device fifo = { .path = "/dev/f", .type = S_IFIFO, .mode = 0622 };
	struct spec spec = { .mounts = &m, .mount_count = 1 };

	MUST(mkdir("host", 0755) == 0 && make(&m, 1) == 0);
	MUST(devices_make(root_fd(), &spec) == 0 && access("host/null", F_OK) < 0);
	spec.devices = &fifo;
	spec.device_count = 1;
	MUST(devices_make(root_fd(), &spec) < 0 && errno == EPERM && access("host/f", F_OK) < 0);
	return 0;
}

/* linux.devices may not name a device of the host by another number than it has. */
static int no_such_device(void)
{
	struct spec_device none = { .path = "/dev/null", .type = S_IFBLK, .major = 1, .minor = 3 };
	struct spec spec = { .devices = &none, .device_count = 1 };

	if (devices_make(root_fd(), &spec) == 0)
		return 0; /* mknod(2) works here: it is what was asked for */
	MUST(errno == EPERM && strcmp(sys_failure()->subject, "/dev/null") == 0);
	return 0;
}

/* The root with a /dev of its own and some files, entered. */
static int enter(void)
{
	struct spec spec = { 0 };

	if (fresh_dev(&spec) < 0 || put_file("root/secret", "s") < 0 ||
	    mkdir("root/dir", 0755) < 0 || put_file("root/dir/in", "in") < 0 ||
	    mkdir("root/keep", 0755) < 0 || put_file("root/keep/in", "in") < 0)
		return -1;
	return pivot_into(root_fd());
}

static int masks(void)
{
	struct stat st;
	char *masked[] = { (char[]){ "/secret" }, (char[]){ "/dir" }, (char[]){ "/not/there" },
			   (char[]){ "/secret/below" }, NULL };
	char *readonly[] = { (char[]){ "/keep" }, (char[]){ "/nothing" }, NULL };
	struct spec spec = { .masked_paths = masked, .readonly_paths = readonly };

	MUST(enter() == 0 && masks_apply(&roots, &spec) == 0);
	MUST(stat("/secret", &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
	MUST(access("/dir/in", F_OK) < 0 && errno == ENOENT);
	MUST(mkdir("/dir/x", 0700) < 0 && errno == EROFS);
	MUST(holds("/keep/in", "in") && put_file("/other", "x") == 0);
	MUST(open("/keep/in", O_WRONLY | O_CLOEXEC) < 0 && errno == EROFS);
	return 0;
}

/* CVE-2025-31133: the link's target would lie, writable, over the masked file. */
static int null_is_a_link(void)
{
	char *masked[] = { (char[]){ "/secret" }, NULL };
	struct spec spec = { .masked_paths = masked };
	struct stat st;

	MUST(mkdir("root/dev", 0755) == 0 && put_file("root/evil", "evil") == 0);
	MUST(put_file("root/secret", "s") == 0 && symlink("/evil", "root/dev/null") == 0);
	MUST(pivot_into(root_fd()) == 0);
	MUST(masks_apply(&roots, &spec) < 0 && errno == ENODEV);
	MUST(strcmp(sys_failure()->subject, "/dev/null") == 0);
	MUST(stat("/secret", &st) == 0 && S_ISREG(st.st_mode) && holds("/secret", "s"));
	return 0;
}

static int mask_is_a_link(void)
{
	char *masked[] = { (char[]){ "/out" }, NULL }, *magic[] = { (char[]){ "/magic" }, NULL };
	struct spec spec = { .masked_paths = masked };
	struct stat st;

	MUST(mkdir("root/proc", 0755) == 0 && symlink("../../../secret", "root/out") == 0);
	MUST(symlink("/proc/self/root/secret", "root/magic") == 0);
	MUST(mount_own_proc(root_fd(), "/proc", PROC_FLAGS, NULL) == 0 && enter() == 0);
	spec.masked_paths = magic;
	MUST(masks_apply(&roots, &spec) < 0 && (errno == EXDEV || errno == ELOOP));
	MUST(holds("/secret", "s"));
	sys_failure_clear();
	spec.masked_paths = masked; /* where the link leads inside this root */
	MUST(masks_apply(&roots, &spec) == 0);
	MUST(stat("/secret", &st) == 0 && S_ISCHR(st.st_mode));
	return 0;
}

static int proc_is_a_link(void)
{
	static const char *const types[] = { "proc", "sysfs" };
	struct spec_mount m = { .source = "x" };

	MUST(mkdir("root/elsewhere", 0755) == 0 && symlink("elsewhere", "root/proc") == 0);
	MUST(symlink("/elsewhere", "root/sys") == 0);
	for (int i = 0; i < 2; i++) {
		m.type = types[i];
		m.destination = i ? (char[]){ "/sys" } : (char[]){ "/proc" };
		sys_failure_clear();
		MUST(make(&m, 1) < 0 && errno == ELOOP);
		MUST(access("root/elsewhere/self", F_OK) < 0);
		MUST(access("root/elsewhere/kernel", F_OK) < 0);
	}
	return 0;
}

/* The mount moves with its directory, and the path leads to what the image has: nothing is
 * masked by that path, and nothing is masked at all. */
static int proc_is_moved(void)
{
	struct spec_mount m = { .destination = (char[]){ "/proc" }, .type = "proc", .source = "x" };
	struct spec spec = { .mounts = &m, .mount_count = 1 };
	char *masked[] = { (char[]){ "/proc/version" }, NULL };
	struct kernel_roots found;
	struct stat st;

	MUST(mkdir("root/fake", 0755) == 0 && make(&m, 1) == 0 && enter() == 0);
	MUST(kernel_roots_open(&spec, &found) == 0 && found.proc >= 0 && found.sys < 0);
	spec.masked_paths = masked;
	MUST(masks_apply(&found, &spec) == 0);
	MUST(stat("/proc/version", &st) == 0 && S_ISCHR(st.st_mode));
	kernel_roots_close(&found);
	MUST(mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0);
	MUST(kernel_roots_open(&spec, &found) < 0 && errno == EXDEV && found.proc < 0);
	sys_failure_clear();
	MUST(umount2("/proc", MNT_DETACH) == 0);
	MUST(mount("/proc/sys", "/proc", NULL, MS_BIND, NULL) == 0); /* a proc, and not its root */
	MUST(kernel_roots_open(&spec, &found) < 0 && errno == EXDEV);
	return 0;
}

static int sysctls(void)
{
	struct spec_sysctl name = { "kernel.hostname", "by-sysctl" },
			   out = { "kernel/../../1/comm", "x" };
	struct spec spec = { .sysctls = &name, .sysctl_count = 1 };
	char host[65] = "";

	MUST(mkdir("root/proc", 0755) == 0);
	MUST(mount_own_proc(root_fd(), "/proc", PROC_FLAGS, NULL) == 0);
	int proc = open("root/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* In a user namespace this file still belongs to the host's root. */
	int written = sysctls_write(proc, &spec);
	MUST(written == 0 || (errno == EACCES && rootless));
	MUST(gethostname(host, sizeof(host)) == 0);
	MUST((strcmp(host, "by-sysctl") == 0) == (written == 0));
	sys_failure_clear();
	spec.sysctls = &out;
	MUST(sysctls_write(proc, &spec) < 0 && errno == EXDEV);
	sys_failure_clear();
	/* CVE-2025-52881: something else lies where the value is to be written. */
	spec.sysctls = &name;
	MUST(mount("tmpfs", "root/proc/sys", "tmpfs", 0, NULL) == 0);
	MUST(mkdir("root/proc/sys/kernel", 0755) == 0);
	MUST(put_file("root/proc/sys/kernel/hostname", "old") == 0);
	MUST(sysctls_write(proc, &spec) < 0 && errno == EXDEV);
	MUST(holds("root/proc/sys/kernel/hostname", "old"));
	/* And a directory that is no proc at all. */
	sys_failure_clear();
	MUST(sysctls_write(root_fd(), &spec) < 0 && errno == EXDEV);
	return 0;
}

static bool mountinfo_has(const char *place, const char *word)
{
	char line[4096], wanted[PATH_MAX];
	bool found = false;
	FILE *file = fopen("/proc/self/mountinfo", "re");

	snprintf(wanted, sizeof(wanted), " %s/root%s ", scratch, place);
	while (file && fgets(line, sizeof(line), file))
		found = found || (strstr(line, wanted) && strstr(strstr(line, wanted), word));
	if (file)
		fclose(file);
	return found;
}

static int kinds_of_mounts(void)
{
	struct spec_mount m[] = {
		{ .destination = (char[]){ "/b" },
		  .type = "bind",
		  .source = "src",
		  .bind = true,
		  .flags = MS_BIND | MS_REC,
		  .attributes_set = 1,
		  .propagation = MS_SHARED | MS_REC },
		{ .destination = (char[]){ "/c" },
		  .type = "tmpfs",
		  .source = "",
		  .tmpcopyup = true,
		  .flags = MS_RDONLY },
		{ .destination = (char[]){ "/f" },
		  .type = "bind",
		  .source = "src/file",
		  .bind = true,
		  .flags = MS_BIND },
	};
	struct spec_mount none = { .destination = (char[]){ "/n" },
				   .type = "bind",
				   .source = "nowhere",
				   .bind = true,
				   .flags = MS_BIND };
	struct stat st;

	MUST(mkdir("src", 0755) == 0 && mkdir("src/sub", 0755) == 0);
	MUST(put_file("src/file", "f") == 0 && mount("t", "src/sub", "tmpfs", 0, NULL) == 0);
	MUST(mkdir("root/c", 0751) == 0 && mkdir("root/c/d", 0700) == 0);
	MUST(put_file("root/c/d/x", "x") == 0 && symlink("d/x", "root/c/l") == 0);
	MUST(chmod("root/c", 0751) == 0 && make(m, 3) == 0);
	MUST(mountinfo_has("/b", "shared:") && mountinfo_has("/b/sub", "shared:"));
	MUST(mkdir("root/b/sub/x", 0700) < 0 && errno == EROFS);
	MUST(mkdir("src/sub/x", 0700) == 0); /* the host's own stays writable */
	MUST(holds("root/c/l", "x") && mountinfo_has("/c", "tmpfs"));
	MUST(stat("root/c", &st) == 0 && (st.st_mode & 07777) == 0751);
	MUST(mkdir("root/c/x", 0700) < 0 && errno == EROFS && holds("root/f", "f"));
	MUST(make(&none, 1) < 0 && errno == ENOENT && strstr(sys_failure()->subject, "nowhere"));
	return 0;
}

static int groups(void)
{
	struct spec_mount m = { .destination = (char[]){ "/cg" },
				.type = "cgroup",
				.source = "cgroup",
				.flags = MS_RDONLY | MS_NOSUID };

	if (make(&m, 1) < 0) {
		MUST(errno == ENODEV || errno == ENOENT || errno == EPERM || errno == EINVAL);
		return 0; /* none here; or this group lies outside of what is mounted */
	}
	MUST(mountinfo_has("/cg", "ro,"));
	MUST(mkdir("root/cg/x", 0700) < 0 && errno == EROFS);
	MUST(access("root/cg/unified/cgroup.procs", F_OK) == 0 ||
	     access("root/cg/cgroup.procs", F_OK) == 0 ||
	     access("root/cg/memory/cgroup.procs", F_OK) == 0);
	return 0;
}

static int root_is_shared(void)
{
	struct spec spec = { .root_propagation = MS_SHARED };
	char line[4096];
	bool shared = false;

	MUST(mkdir("root/proc", 0755) == 0);
	MUST(mount_own_proc(root_fd(), "/proc", PROC_FLAGS, NULL) == 0 && enter() == 0);
	MUST(mounts_root_propagation(&spec) == 0);
	FILE *file = fopen("/proc/self/mountinfo", "re");
	while (file && fgets(line, sizeof(line), file))
		shared = shared || (strstr(line, " / rw") && strstr(line, " shared:"));
	MUST(shared);
	return 0;
}

static int terminal(void)
{
	char pts[] = "/dev/pts", options[] = "newinstance,ptmxmode=0666,mode=0600";
	struct spec_mount m = {
		.destination = pts, .type = "devpts", .source = "d", .data = options
	};
	struct spec spec = {
		.process = { .terminal = true, .console_rows = 33, .console_columns = 99 }
	};
	struct winsize size;
	struct stat in, console;
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	MUST(fresh_dev(&spec) == 0); /* read-only, but the place of /dev/console is there */
	MUST(mkdir("root/dev/pts", 0755) < 0 && errno == EROFS);
	MUST(mount(NULL, "root/dev", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID, NULL) == 0);
	MUST(make(&m, 1) == 0 && pivot_into(root_fd()) == 0);
	MUST(console_take(pair[0], &spec.process, true) == 0);
	int master = console_receive(pair[1]);
	MUST(master >= 0 && isatty(0) && ioctl(master, TIOCGWINSZ, &size) == 0);
	MUST(size.ws_row == 33 && size.ws_col == 99);
	MUST(fstat(0, &in) == 0 && stat("/dev/console", &console) == 0);
	MUST(in.st_ino == console.st_ino && in.st_dev == console.st_dev);
	MUST((in.st_mode & 07777) == 0620);
	return 0;
}

static int console_is_a_link(void)
{
	char pts[] = "/dev/pts", options[] = "newinstance,ptmxmode=0666,mode=0620";
	struct spec_mount m = {
		.destination = pts, .type = "devpts", .source = "d", .data = options
	};
	struct spec_process process = { .terminal = true };
	struct stat st;
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	MUST(mkdir("root/dev", 0755) == 0 && put_file("root/evil", "e") == 0);
	MUST(symlink("/evil", "root/dev/console") == 0 && make(&m, 1) == 0);
	MUST(pivot_into(root_fd()) == 0);
	MUST(console_take(pair[0], &process, true) < 0 && errno == EEXIST);
	MUST(stat("/evil", &st) == 0 && S_ISREG(st.st_mode));
	return 0;
}

/* clang-format off */
#define PARTS(X) \
	X(default_devices) X(device_of_the_spec) X(something_in_the_way) X(no_such_device) \
	X(dev_is_the_hosts) X(masks) X(null_is_a_link) X(mask_is_a_link) \
	X(proc_is_a_link) X(proc_is_moved) X(sysctls) X(kinds_of_mounts) X(groups) \
	X(root_is_shared) X(terminal) X(console_is_a_link)
/* clang-format on */

#define TEST_OF(part)                                                                              \
	static void test_##part(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		in_child(part);                                                                    \
	}
PARTS(TEST_OF)

static int play_tests(void)
{
#define ENTRY_OF(part) cmocka_unit_test(test_##part),
	const struct CMUnitTest tests[] = { PARTS(ENTRY_OF) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | rootless_flags(), status = 0;

	rootless = flags & CLONE_NEWUSER;
	if (!mkdtemp(scratch))
		return 1;
	if (unshare(flags) < 0 || ((flags & CLONE_NEWUSER) && self_map_write(uid, gid) < 0) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		printf("no mount namespace here: %m\n");
		rmdir(scratch);
		return 77;
	}
	pid_t child = fork();
	if (child == 0)
		_exit(mount("proc", "/proc", "proc", 0, NULL) < 0 && errno == EPERM ? 77
										    : play_tests());
	int waited = (int)waitpid(child, &status, 0);
	rmdir(scratch);
	return waited == child && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
