/* Layouts that this machine does not have, as fixture trees. */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/given/cgroup_find.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char root_path[64];
static int root;
static struct cgroup_host host;

static void put(const char *path, const char *text)
{
	char way[256];

	snprintf(way, sizeof(way), "%s", path);
	for (char *slash = way; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdirat(root, way, 0755);
		*slash = '/';
	}
	int fd = openat(root, path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static int make_root(void **state)
{
	(void)state;
	snprintf(root_path, sizeof(root_path), "/tmp/mb-unit-find-XXXXXX");
	assert_non_null(mkdtemp(root_path));
	root = open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return 0;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	close(root);
	return nftw(root_path, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static void v2_of_systemd(void **state)
{
	char path[CG_PATH], dir[CG_PATH];

	(void)state;
	put("proc/self/mountinfo",
	    "30 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 "
	    "cgroup2 rw,nsdelegate,memory_recursiveprot\n");
	put("proc/self/cgroup", "0::/user.slice/user-1000.slice/session-2.scope\n");
	put("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma\n");
	assert_int_equal(cgroup_find(root, &host), 0);
	assert_int_equal(host.layout, CGROUP_V2);
	assert_int_equal(host.trees, 1);
	for (int c = 0; c < CG_KINDS; c++) /* two are of v1 alone */
		assert_int_equal(host.of[c], c == CG_NET_CLS || c == CG_NET_PRIO ? -1 : 0);
	int procfd = openat(root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(cgroup_path_of(procfd, 0, &host.tree[0], path, sizeof(path)), 0);
	close(procfd);
	assert_string_equal(path, "/user.slice/user-1000.slice/session-2.scope");
	assert_int_equal(cgroup_directory(&host.tree[0], path, dir, sizeof(dir)), 0);
	assert_string_equal(dir, "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope");
	assert_int_equal(cgroup_directory(&host.tree[0], "/", dir, sizeof(dir)), 0);
	assert_string_equal(dir, "/sys/fs/cgroup");
}

static void v1_with_two_in_one(void **state)
{
	char path[CG_PATH];

	(void)state;
	put("proc/self/mountinfo",
	    "25 24 0:21 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755\n"
	    "26 25 0:22 / /sys/fs/cgroup/systemd rw - cgroup cgroup "
	    "rw,xattr,release_agent=/lib/x,name=systemd\n"
	    "27 25 0:23 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
	    "28 25 0:24 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
	put("proc/self/cgroup", "4:memory:/m:with:colons\n3:cpuacct,cpu:/c\n1:name=systemd:/s\n");
	assert_int_equal(cgroup_find(root, &host), 0);
	assert_int_equal(host.layout, CGROUP_V1);
	assert_int_equal(host.trees, 3);
	assert_int_equal(host.of[CG_CPU], host.of[CG_CPUACCT]);
	assert_string_equal(host.tree[host.of[CG_MEMORY]].mount, "/sys/fs/cgroup/memory");
	assert_int_equal(host.of[CG_PIDS], -1);
	assert_string_equal(host.tree[0].subsystems, "name=systemd");
	int procfd = openat(root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(cgroup_path_of(procfd, 0, &host.tree[host.of[CG_CPU]], path, sizeof(path)),
			 0);
	assert_string_equal(path, "/c"); /* "cpuacct,cpu" is "cpu,cpuacct" */
	assert_int_equal(
		cgroup_path_of(procfd, 0, &host.tree[host.of[CG_MEMORY]], path, sizeof(path)), 0);
	assert_string_equal(path, "/m:with:colons");
	assert_int_equal(cgroup_path_of(procfd, 0, &host.tree[0], path, sizeof(path)), 0);
	assert_string_equal(path, "/s");
	close(procfd);
}

static void hybrid_is_asked_per_controller(void **state)
{
	(void)state;
	put("proc/self/mountinfo",
	    "27 25 0:23 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
	    "28 25 0:24 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n"
	    "29 25 0:25 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
	put("sys/fs/cgroup/unified/cgroup.controllers", "memory pids\n");
	assert_int_equal(cgroup_find(root, &host), 0);
	assert_int_equal(host.layout, CGROUP_HYBRID);
	assert_int_equal(host.tree[host.of[CG_CPU]].version, 1);
	assert_int_equal(host.tree[host.of[CG_FREEZER]].version, 1);
	assert_int_equal(host.tree[host.of[CG_MEMORY]].version, 2);
	assert_int_equal(host.of[CG_IO], -1);
}

static void a_containers_mount_shows_a_part(void **state)
{
	char dir[CG_PATH];

	(void)state;
	put("proc/self/mountinfo",
	    "27 25 0:23 /docker/4f2a /sys/fs/cgroup/cpu ro,nosuid - cgroup cgroup rw,cpu\n");
	assert_int_equal(cgroup_find(root, &host), 0);
	assert_true(host.tree[0].read_only);
	assert_int_equal(cgroup_directory(&host.tree[0], "/docker/4f2a", dir, sizeof(dir)), 0);
	assert_string_equal(dir, "/sys/fs/cgroup/cpu");
	assert_int_equal(cgroup_directory(&host.tree[0], "/docker/4f2a/x", dir, sizeof(dir)), 0);
	assert_string_equal(dir, "/sys/fs/cgroup/cpu/x");
	errno = 0;
	assert_int_equal(cgroup_directory(&host.tree[0], "/docker/4f2abc", dir, sizeof(dir)), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(cgroup_directory(&host.tree[0], "/", dir, sizeof(dir)), -1);
	assert_int_equal(cgroup_directory(&host.tree[0], "/../x", dir, sizeof(dir)), -1);
}

static void nothing_mounted(void **state)
{
	(void)state;
	put("proc/self/mountinfo", "27 25 0:23 / / rw - ext4 /dev/root rw\n");
	assert_int_equal(cgroup_find(root, &host), 0);
	assert_int_equal(host.layout, CGROUP_NONE);
	assert_int_equal(host.of[CG_CPU], -1);
}

static void without_proc(void **state)
{
	(void)state;
	errno = 0;
	assert_int_equal(cgroup_find(root, &host), -1);
	assert_int_equal(errno, ENOENT);
}

static void lines_that_do_not_fit(void **state)
{
	struct cgroup_tree tree = { .version = 2 };
	char path[8];

	(void)state;
	errno = 0;
	assert_int_equal(cgroup_path_parse("0::/much-too-long\n", &tree, path, sizeof(path)), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(cgroup_path_parse("", &tree, path, sizeof(path)), -1);
	assert_int_equal(cgroup_path_parse("0:\n::\n", &tree, path, sizeof(path)), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(cgroup_path_parse("0::/", &tree, path, sizeof(path)), 0);
	assert_string_equal(path, "/");
}

static void lists_of_controllers(void **state)
{
	(void)state;
	assert_int_equal(cgroup_controllers_parse("cpu memory\n", 2), CG(CG_CPU) | CG(CG_MEMORY));
	assert_int_equal(cgroup_controllers_parse("cpu,cpuacct", 1), CG(CG_CPU) | CG(CG_CPUACCT));
	assert_int_equal(cgroup_controllers_parse("io", 1), 0);
	assert_int_equal(cgroup_controllers_parse("blkio", 1), CG(CG_IO));
	assert_int_equal(cgroup_controllers_parse("cpux cp", 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(v2_of_systemd, make_root, remove_root),
		cmocka_unit_test_setup_teardown(v1_with_two_in_one, make_root, remove_root),
		cmocka_unit_test_setup_teardown(hybrid_is_asked_per_controller, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(a_containers_mount_shows_a_part, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(nothing_mounted, make_root, remove_root),
		cmocka_unit_test_setup_teardown(without_proc, make_root, remove_root),
		cmocka_unit_test(lines_that_do_not_fit),
		cmocka_unit_test(lists_of_controllers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
