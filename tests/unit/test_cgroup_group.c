/* One group over all trees, made, joined, killed, removed: by the kernel that is here. */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/given/cgroup_group.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
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
#include <unistd.h>
#include <cmocka.h>

static struct cgroup_host host;
static char name[64];
static int announced, nests;

static int announce(const struct cgroup_news *news, void *arg)
{
	(void)arg;
	announced += news->what == CGROUP_WILL_BE;
	nests += news->what == CGROUP_WILL_BE && news->role == CGROUP_NEST;
	return 0;
}

/* Only where it can be done without moving the tests' own processes about. */
static void need(unsigned controllers)
{
	struct cgroup_parent parent;

	sys_failure_clear();
	if (cgroup_find(AT_FDCWD, &host) < 0)
		skip();
	for (int c = 0; c < CG_KINDS; c++)
		if ((controllers & CG(c)) &&
		    (host.of[c] < 0 ||
		     cgroup_parent_find(&host, host.of[c], controllers, &parent) < 0 ||
		     parent.enable))
			skip();
	snprintf(name, sizeof(name), "minibox-unit%d", getpid());
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void life(void **state)
{
	struct cgroup group, again;
	char paths[CG_KINDS][CG_PATH], text[64];
	pid_t pids[8];

	(void)state;
	need(CG(CG_CPU) | CG(CG_PIDS));
	announced = 0;
	assert_int_equal(group_create(&host, CG(CG_CPU) | CG(CG_PIDS) | CG(CG_FREEZER), name,
				      announce, NULL, &group),
			 0);
	assert_int_equal(announced, group.parts);
	assert_int_equal(group.parts, host.tree[host.of[CG_CPU]].version == 2 ? 1 : 3);
	assert_non_null(group_part(&group, CG_CPU));
	assert_non_null(group_part(&group, CG_PIDS));
	assert_null(group_part(&group, CG_MEMORY));

	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody */
		/* joined first, forked later: the grandchild is born inside */
		group_join(&group, 0);
		if (fork() == 0)
			prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	for (int i = 0; i < 10000 && group_pids(&group, pids, 8) < 2; i++)
		usleep(2000);
	assert_int_equal(group_pids(&group, pids, 8), 2);
	assert_int_equal(group_pids(&group, pids, 1), 2); /* counts beyond max */

	again = (struct cgroup){ 0 };
	for (int i = 0; i < group.parts; i++) {
		strcpy(paths[i], group.part[i].path);
		assert_int_equal(group_open(&again, paths[i]), 0);
	}
	assert_true(group_open(&again, "/no/such") == -1 && errno == ENOENT);
	assert_true(group_open(&again, "/tmp") == -1 && errno == EINVAL);
	assert_int_equal(again.parts, group.parts);
	assert_int_equal(again.part[0].version, group.part[0].version);
	assert_int_equal(group_pids(&again, pids, 8), 2);
	assert_int_equal(group_create(&host, CG(CG_CPU), name, NULL, NULL, &(struct cgroup){ 0 }),
			 -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(group_kill(&again, 5000), 0);
	waitpid(pid, NULL, 0);
	group_close(&again);
	assert_int_equal(mkdirat(group.part[0].dir, "below", 0755), 0);
	snprintf(text, sizeof(text), "%d", group.parts);
	assert_int_equal(group_remove(&group), 0);
	for (int i = 0; i < atoi(text); i++)
		assert_false(exists(paths[i]));
}

static void absolute_path(void **state)
{
	struct cgroup group;
	char path[96], top[CG_PATH + 96];

	(void)state;
	need(CG(CG_CPU));
	if (geteuid() != 0)
		skip();
	snprintf(path, sizeof(path), "/%s/inner", name);
	announced = 0;
	assert_int_equal(
		group_create(&host, CG(CG_CPU) | CG(CG_CPUACCT), path, announce, NULL, &group), 0);
	assert_int_equal(announced, 2 * group.parts); /* the upper one too */
	assert_int_equal(group_remove(&group), 0);
	for (int c = CG_CPU; c <= CG_CPUACCT; c++) {
		snprintf(top, sizeof(top), "%s/%s", host.tree[host.of[c]].mount, name);
		rmdir(top);
		assert_false(exists(top));
	}
}

static void bad_names(void **state)
{
	static const char *const bad[] = { "",	"..",  "a/b", "/a/../b", "/a//b",
					   "/", "/a/", "/..", "/a/..",	 "a\nb" };
	struct cgroup group;

	(void)state;
	cgroup_find(AT_FDCWD, &host);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		sys_failure_clear();
		errno = 0;
		assert_int_equal(group_create(&host, CG(CG_CPU), bad[i], NULL, NULL, &group), -1);
		assert_int_equal(errno, EINVAL);
	}
}

static void no_such_controller(void **state)
{
	static struct cgroup_host none;
	struct cgroup group;

	(void)state;
	for (int c = 0; c < CG_KINDS; c++)
		none.of[c] = -1;
	sys_failure_clear();
	assert_int_equal(group_create(&none, CG(CG_MEMORY), "x", NULL, NULL, &group), -1);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(sys_failure()->subject, "memory");
	assert_non_null(strstr(sys_failure()->cause, "No cgroup file system"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life),
		cmocka_unit_test(absolute_path),
		cmocka_unit_test(bad_names),
		cmocka_unit_test(no_such_controller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
