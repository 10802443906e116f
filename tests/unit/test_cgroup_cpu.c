/* The lab piece: what it writes (into plain files), and what the kernel makes of it (where groups
 * can be made). */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/cgroup_cpu.h"
#include "step05_cgroup_cpu/given/cgroup_find.h"
#include "step05_cgroup_cpu/given/cgroup_parent.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static char dir_path[64];
static int dir;

static void put(const char *name, const char *text)
{
	int fd = openat(dir, name, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void touch(const char *name)
{
	close(openat(dir, name, O_CREAT | O_WRONLY, 0644));
}

static const char *content(const char *name)
{
	static char text[256];

	assert_true(read_file_at(dir, name, text, sizeof(text)) >= 0);
	return text;
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir_path, sizeof(dir_path), "/tmp/mb-unit-cg-XXXXXX");
	assert_non_null(mkdtemp(dir_path));
	dir = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	sys_failure_clear();
	return dir < 0;
}

static int remove_dir(void **state)
{
	static const char *const files[] = { "cpu.max", "cpu.cfs_quota_us", "cpu.cfs_period_us",
					     "cgroup.procs", "cpu.stat" };

	(void)state;
	for (int i = 0; i < 5; i++)
		unlinkat(dir, files[i], 0);
	close(dir);
	return rmdir(dir_path);
}

static void quota_v2_is_one_line(void **state)
{
	(void)state;
	touch("cpu.max");
	assert_int_equal(cgroup_quota(dir, 2, 20000, 100000), 0);
	assert_string_equal(content("cpu.max"), "20000 100000");
	unlinkat(dir, "cpu.max", 0);
	touch("cpu.max");
	assert_int_equal(cgroup_quota(dir, 2, -1, 50000), 0);
	assert_string_equal(content("cpu.max"), "max 50000");
}

static void quota_v1_is_two_files(void **state)
{
	(void)state;
	touch("cpu.cfs_quota_us");
	touch("cpu.cfs_period_us");
	assert_int_equal(cgroup_quota(dir, 1, 20000, 100000), 0);
	assert_string_equal(content("cpu.cfs_quota_us"), "20000");
	assert_string_equal(content("cpu.cfs_period_us"), "100000");
}

static void quota_without_the_controller(void **state)
{
	(void)state;
	errno = 0;
	assert_int_equal(cgroup_quota(dir, 2, 20000, 100000), -1);
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(sys_failure()->subject, "/cpu.max"));
	assert_non_null(strstr(sys_failure()->subject, dir_path));
}

static void join_writes_the_pid(void **state)
{
	(void)state;
	touch("cgroup.procs");
	assert_int_equal(cgroup_join(dir, 4711), 0);
	assert_string_equal(content("cgroup.procs"), "4711");
}

static void names_are_one_word(void **state)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "../up", "/abs", "a\nb" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		errno = 0;
		assert_int_equal(cgroup_create(dir, bad[i]), -1);
		assert_int_equal(errno, EINVAL);
		errno = 0;
		assert_int_equal(cgroup_remove(dir, bad[i]), -1);
		assert_int_equal(errno, EINVAL);
	}
}

static void create_and_remove(void **state)
{
	(void)state;
	int group = cgroup_create(dir, "g");
	assert_true(group >= 0);
	assert_int_not_equal(fcntl(group, F_GETFD) & FD_CLOEXEC, 0);
	close(group);
	assert_int_equal(cgroup_create(dir, "g"), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(cgroup_remove(dir, "g"), 0);
	sys_failure_clear();
	assert_int_equal(cgroup_remove(dir, "g"), 0); /* gone already: no error */
	assert_int_equal(sys_failure()->err, 0);      /* and none is recorded */
}

/* cpu.stat as kernels write it: 6.18 (v1), 6.12 (v2). */
static void throttled_of_v1(void **state)
{
	struct cgroup_throttling counted;

	(void)state;
	put("cpu.stat", "nr_periods 31\nnr_throttled 30\nthrottled_time 2400123456\n");
	assert_int_equal(cgroup_throttled(dir, 1, &counted), 0);
	assert_int_equal(counted.periods, 31);
	assert_int_equal(counted.throttled, 30);
	assert_int_equal(counted.throttled_us, 2400123);
	put("cpu.stat",
	    "nr_periods 2\nnr_throttled 1\nthrottled_time 999\nnr_bursts 0\nburst_time 0\n");
	assert_int_equal(cgroup_throttled(dir, 1, &counted), 0);
	assert_int_equal(counted.throttled_us, 0);
}

static void throttled_of_v2(void **state)
{
	struct cgroup_throttling counted;

	(void)state;
	put("cpu.stat", "usage_usec 2021301\nuser_usec 2000000\nsystem_usec 21301\n"
			"core_sched.force_idle_usec 0\nnr_periods 103\nnr_throttled 101\n"
			"throttled_usec 8123456\nnr_bursts 0\nburst_usec 0\n");
	assert_int_equal(cgroup_throttled(dir, 2, &counted), 0);
	assert_int_equal(counted.periods, 103);
	assert_int_equal(counted.throttled, 101);
	assert_int_equal(counted.throttled_us, 8123456);
}

static void throttled_without_the_controller(void **state)
{
	struct cgroup_throttling counted;

	(void)state;
	errno = 0;
	assert_int_equal(cgroup_throttled(dir, 1, &counted), -1);
	assert_int_equal(errno, ENOENT);
	put("cpu.stat", "usage_usec 2021301\nuser_usec 2000000\nsystem_usec 21301\n");
	errno = 0;
	assert_int_equal(cgroup_throttled(dir, 2, &counted), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(sys_failure()->err, 0); /* an answer, no failure */
}

/* ---- with the kernel's own ---- */

static int real_parent(int *version)
{
	static struct cgroup_host host;
	struct cgroup_parent parent;

	if (cgroup_find(AT_FDCWD, &host) < 0 || host.of[CG_CPU] < 0 ||
	    cgroup_parent_find(&host, host.of[CG_CPU], CG(CG_CPU), &parent) < 0 || parent.nest)
		skip();
	*version = parent.version;
	return open(parent.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void real_group(void **state)
{
	char name[64], text[256], expected[32];
	int version;

	(void)state;
	int parent = real_parent(&version);
	snprintf(name, sizeof(name), "minibox-unit%d", getpid());
	int group = cgroup_create(parent, name);
	assert_true(group >= 0);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody */
		pause();
		_exit(0);
	}
	assert_int_equal(cgroup_quota(group, version, 20000, 100000), 0);
	assert_int_equal(cgroup_quota(group, version, 5000, 10000), 0); /* and changed again */
	assert_int_equal(cgroup_join(group, pid), 0);
	assert_true(read_file_at(group, "cgroup.procs", text, sizeof(text)) > 0);
	snprintf(expected, sizeof(expected), "%d\n", pid);
	assert_string_equal(text, expected);
	assert_true(read_file_at(group, version == 1 ? "cpu.cfs_quota_us" : "cpu.max", text,
				 sizeof(text)) > 0);
	assert_int_equal(strncmp(text, "5000", 4), 0);
	errno = 0;
	assert_int_equal(cgroup_quota(group, version, 10, 100000), -1);
	assert_int_equal(errno, EINVAL);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	errno = 0;
	assert_int_equal(cgroup_join(group, pid), -1);
	assert_int_equal(errno, ESRCH);
	close(group);
	assert_int_equal(cgroup_remove(parent, name), 0);
	assert_int_not_equal(faccessat(parent, name, F_OK, 0), 0);
	close(parent);
}

/* The loop's own CPU clock is the oracle: what it got of a second, with a quota of a tenth. */
static void real_loop_is_throttled(void **state)
{
	struct cgroup_throttling before, after;
	char name[64];
	int version;

	(void)state;
	int parent = real_parent(&version);
	snprintf(name, sizeof(name), "minibox-unit%d-loop", getpid());
	int group = cgroup_create(parent, name);
	assert_true(group >= 0);
	assert_int_equal(cgroup_quota(group, version, 10000, 100000), 0);
	assert_int_equal(cgroup_throttled(group, version, &before), 0);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (cgroup_join(group, 0) < 0)
			_exit(1);
		for (volatile unsigned long i = 0;; i++)
			;
	}
	clockid_t clock;
	struct timespec used = { 0 };
	assert_int_equal(clock_getcpuclockid(pid, &clock), 0);
	/* On a busy machine it takes longer until a period's quota is used up: wait for it. */
	for (int i = 0; i < 100; i++) {
		usleep(100000);
		assert_int_equal(cgroup_throttled(group, version, &after), 0);
		if (i >= 10 && after.throttled > before.throttled + 2)
			break;
	}
	assert_int_equal(clock_gettime(clock, &used), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(group);
	assert_int_equal(cgroup_remove(parent, name), 0);
	close(parent);
	assert_int_equal(before.throttled, 0);
	assert_true(after.throttled > 0 && after.throttled <= after.periods);
	assert_true(after.throttled_us > after.throttled * 1000);
	assert_true(after.throttled_us < after.throttled * 300000);
	/* A quota of 10 ms in each period, and a few ms that a tick may let it overrun. */
	int64_t used_us = used.tv_sec * 1000000LL + used.tv_nsec / 1000;
	assert_true(used_us <= (after.periods + 2) * 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(quota_v2_is_one_line, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(quota_v1_is_two_files, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(quota_without_the_controller, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(join_writes_the_pid, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(names_are_one_word, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(create_and_remove, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(throttled_of_v1, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(throttled_of_v2, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(throttled_without_the_controller, make_dir,
						remove_dir),
		cmocka_unit_test(real_group),
		cmocka_unit_test(real_loop_is_throttled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
