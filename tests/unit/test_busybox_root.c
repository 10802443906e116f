/*
 * test_busybox_root.c: finding a static busybox, and a root made of it.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/abilities.h"
#include "step02_mount_ns/given/busybox_root.h"
#include "step02_mount_ns/given/register.h"
#include "step02_mount_ns/given/dev.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char base[64];

static int set_up(void **state)
{
	(void)state;
	strcpy(base, "/tmp/minibox-test-XXXXXX");
	sys_failure_clear();
	return mkdtemp(base) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	unsetenv("MINIBOX_BUSYBOX");
	return rmdir(base);
}

/* Runs fn in a child with a disposable mount namespace. What fn returns is 0 or the line that
 * failed. */
static int in_mount_namespace(int (*fn)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		uid_t uid = geteuid();
		gid_t gid = getegid();
		int rootless = rootless_flags();
		if (unshare(CLONE_NEWNS | rootless) < 0 ||
		    (rootless && self_map_write(uid, gid) < 0) ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(255);
		int line = fn();
		if (line)
			dprintf(2, "failed at line %d (%s)\n", line, strerror(errno));
		_exit(line ? 1 : 0);
	}
	waitpid(pid, &status, 0);
	return status;
}

#define NEED(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return __LINE__;                                                           \
	} while (0)

static void need_busybox(void)
{
	char path[PATH_MAX];

	if (busybox_find(path, sizeof(path)) < 0 || !host_can(CAN_MOUNT_NS, NULL))
		skip();
}

static void a_named_one_is_the_only_one(void **state)
{
	char path[PATH_MAX], script[100];
	struct verdict verdict = { 0 };

	(void)state;
	setenv("MINIBOX_BUSYBOX", "/nonexistent/busybox", 1);
	assert_int_equal(-1, busybox_find(path, sizeof(path)));
	assert_int_equal(ENOENT, errno);
	assert_string_equal("/nonexistent/busybox", sys_failure()->subject);
	assert_non_null(strstr(sys_failure()->remedy, "busybox-static"));
	sys_failure_clear();
	snprintf(script, sizeof(script), "%s/busybox", base);
	int fd = open(script, O_WRONLY | O_CREAT, 0755);
	assert_int_equal(10, write(fd, "#!/bin/sh\n", 10));
	close(fd);
	setenv("MINIBOX_BUSYBOX", script, 1);
	assert_int_equal(-1, busybox_find(path, sizeof(path)));
	assert_int_equal(ENOEXEC, errno);
	unlink(script);
	sys_failure_clear();
	assert_false(host_can(CAN_BUSYBOX, &verdict));
	assert_string_not_equal("", verdict.reason);
	assert_string_not_equal("", verdict.remedy);
	assert_int_equal(0, sys_failure()->err); /* a probe leaves no failure behind */
}

static void a_dynamic_one_is_refused(void **state)
{
	char path[PATH_MAX], self[PATH_MAX] = "";

	(void)state;
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) >
		    0); /* this test is linked dynamically */
	setenv("MINIBOX_BUSYBOX", self, 1);
	assert_int_equal(-1, busybox_find(path, sizeof(path)));
	assert_int_equal(ENOEXEC, errno);
	assert_non_null(strstr(sys_failure()->cause, "no static program"));
}

static int run_inside(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (chroot(base) < 0 || chdir("/") < 0)
			_exit(99);
		execl("/bin/sh", "sh", "-c",
		      "test -x /usr/bin/env && test -x /sbin/ls && grep -q ^root: /etc/passwd && . "
		      "/etc/os-release && "
		      "test $ID = busybox && test $(stat -c %a /tmp) = 1777 && test $(readlink "
		      "/bin/ls) = busybox",
		      (char *)NULL);
		_exit(98);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 97;
}

static int mount_and_run(void)
{
	struct stat st;
	int root = busybox_root_mount(base);

	NEED(root >= 0);
	NEED(fcntl(root, F_GETFD) & FD_CLOEXEC);
	NEED(fstatat(root, "proc", &st, 0) == 0 && S_ISDIR(st.st_mode));
	NEED(busybox_root_fill(root) < 0 &&
	     errno == EEXIST); /* only an empty directory is filled */
	NEED(run_inside() == 0);
	return 0;
}

static void a_root_runs(void **state)
{
	(void)state;
	need_busybox();
	assert_int_equal(0, in_mount_namespace(mount_and_run));
}

static int count(const struct mountinfo *mount, void *arg)
{
	*(int *)arg += strncmp(mount->mount_point, base, strlen(base)) == 0;
	return 0;
}

static int fail_and_leave_nothing(void)
{
	int mounts = 0, procfd = proc_open();

	setenv("MINIBOX_BUSYBOX", "/nonexistent", 1);
	NEED(busybox_root_mount(base) < 0 && errno == ENOENT);
	unsetenv("MINIBOX_BUSYBOX");
	sys_failure_clear();
	NEED(busybox_root_mount("/nonexistent") < 0 && errno == ENOENT);
	NEED(mountinfo_each(procfd, 0, count, &mounts) == 0 && mounts == 0);
	return 0;
}

static void a_failure_leaves_no_mount(void **state)
{
	(void)state;
	need_busybox();
	assert_int_equal(0, in_mount_namespace(fail_and_leave_nothing));
}

static int fill_dev(void)
{
	struct stat st, host;
	char byte = 'x', link[64] = "";
	int root = busybox_root_mount(base), mounts = 0, procfd = proc_open();

	NEED(root >= 0 && dev_mount(root) == 0);
	NEED(fstatat(root, "dev/null", &st, 0) == 0 && stat("/dev/null", &host) == 0);
	NEED(S_ISCHR(st.st_mode) && st.st_rdev == host.st_rdev);
	close(root);
	root = open(base,
		    O_PATH | O_DIRECTORY | O_CLOEXEC); /* through the mounts, as programs go */
	int fd = openat(root, "dev/zero", O_RDONLY | O_CLOEXEC);
	NEED(fd >= 0 && read(fd, &byte, 1) == 1 && byte == 0);
	NEED(readlinkat(root, "dev/stdin", link, sizeof(link) - 1) > 0 &&
	     strcmp(link, "/proc/self/fd/0") == 0);
	fd = openat(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	NEED(fd >= 0); /* a terminal of its own can be made */
	NEED(mountinfo_each(procfd, 0, count, &mounts) == 0 && mounts >= 9);
	return 0;
}

static void dev_has_what_programs_expect(void **state)
{
	(void)state;
	need_busybox();
	assert_int_equal(0, in_mount_namespace(fill_dev));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_named_one_is_the_only_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_dynamic_one_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_root_runs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failure_leaves_no_mount, set_up, tear_down),
		cmocka_unit_test_setup_teardown(dev_has_what_programs_expect, set_up, tear_down),
	};
	step02_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
