/*
 * test_guard.c: the guard's ledger: kinds of things, their order, and a group that does not want to
 * die.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step05_cgroup_cpu/given/cgroup_freeze.h"
#include "step05_cgroup_cpu/given/cgroup_group.h"
#include "step05_cgroup_cpu/given/guard_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* What the kinds below did, seen by every process. */
static struct notes {
	char said[256];
	pid_t sleeper;
	bool alive_before, alive_at_undo;
	char group[CG_PATH];
} * notes;

static int set_up(void **state)
{
	(void)state;
	notes = mmap(NULL, sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	return notes == MAP_FAILED;
}

static int tear_down(void **state)
{
	(void)state;
	return munmap(notes, sizeof(*notes));
}

/* guard_run() makes its caller a subreaper and sets handlers: so in a child. */
static int guarded(int (*body)(void *arg))
{
	int status;

	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		_exit(guard_run(body, NULL));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void say(const char *verb, const char *what)
{
	size_t n = strlen(notes->said);

	snprintf(notes->said + n, sizeof(notes->said) - n, "%s %s, ", verb, what);
}

static void before(const char *what)
{
	say("before", what);
	notes->alive_before |= notes->sleeper && kill(notes->sleeper, 0) == 0;
}

static void undo(const char *what)
{
	say("undo", what);
	notes->alive_at_undo |= notes->sleeper && kill(notes->sleeper, 0) == 0;
}

static const struct guard_kind plain = { .undo = undo };
static const struct guard_kind held = { .before = before, .undo = undo };
static const struct guard_kind at_last = { .undo = undo, .last = true };

static int enters_three(void *arg)
{
	(void)arg;
	if (guard_enter(&at_last, "nest") < 0 || guard_enter(&plain, "a") < 0 ||
	    guard_enter(&held, "b") < 0)
		return 1;
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		for (;;)
			pause();
	}
	notes->sleeper = pid;
	return 7;
}

static void order_of_kinds(void **state)
{
	(void)state;
	assert_int_equal(guarded(enters_three), 7);
	assert_string_equal(notes->said, "before b, undo b, undo a, undo nest, ");
	assert_true(notes->alive_before);
	assert_false(notes->alive_at_undo);
}

static int plays_a_scene(void *arg)
{
	(void)arg;
	guard_enter(&plain, "demo");
	guard_scene_begins();
	guard_enter(&at_last, "nest");
	guard_enter(&held, "scene");
	guard_forget(guard_enter(&plain, "gone"));
	guard_scene_ended();
	say("scene", "ended");
	return 0;
}

static void scene_of_kinds(void **state)
{
	(void)state;
	assert_int_equal(guarded(plays_a_scene), 0);
	assert_string_equal(notes->said,
			    "before scene, undo scene, scene ended, undo demo, undo nest, ");
}

static int is_killed(void *arg)
{
	enters_three(arg);
	raise(SIGKILL);
	return 0;
}

static void killed_demo(void **state)
{
	(void)state;
	assert_int_equal(guarded(is_killed), 128 + SIGKILL);
	assert_string_equal(notes->said, "before b, undo b, undo a, undo nest, ");
	assert_false(notes->alive_at_undo);
}

static int fills_the_ledger(void *arg)
{
	char name[600];
	int entered = 0;

	(void)arg;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	if (guard_enter(&plain, name) != -1 || errno != ENAMETOOLONG)
		return 1;
	while (guard_file("/nonexistent/minibox") >= 0)
		entered++;
	return errno == ENOSPC && entered >= 100 ? 0 : 2;
}

static void full(void **state)
{
	(void)state;
	assert_int_equal(guarded(fills_the_ledger), 0);
	assert_int_equal(guard_enter(&plain, "no guard here"), -1);
}

/* ---- a group below which another one is frozen ---- */

static bool makes_frozen(const struct cgroup_part *part)
{
	int below = mkdirat(part->dir, "below", 0755) == 0
			    ? openat(part->dir, "below", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
			    : -1;
	pid_t pid = below < 0 ? -1 : fork();

	for (int fd = 0; pid == 0 && fd < 3; fd++)
		close(fd); /* frozen for good by a failure, it must not hold a pipe open */
	if (pid == 0)
		for (;;)
			pause();
	notes->sleeper = pid;
	return pid > 0 && cgroup_writef(below, "cgroup.procs", "%d", pid) == 0 &&
	       cgroup_freeze(below, part->version, true, 5000) == 0;
}

static int leaves_a_frozen_group(void *arg)
{
	struct cgroup_host host;
	struct cgroup group;
	char name[64];

	(void)arg;
	snprintf(name, sizeof(name), "minibox-%s-unit", guard_token());
	if (cgroup_find(AT_FDCWD, &host) < 0 || host.of[CG_FREEZER] < 0)
		return 77;
	struct cgroup_parent parent;
	if (cgroup_parent_find(&host, host.of[CG_FREEZER], CG(CG_FREEZER), &parent) < 0 ||
	    parent.enable || parent.nest)
		return 77;
	snprintf(notes->group, sizeof(notes->group), "%.400s/%s", parent.path, name);
	if (guard_cgroup(notes->group) < 0 ||
	    group_create(&host, CG(CG_FREEZER), name, NULL, NULL, &group) < 0)
		return 1;
	return makes_frozen(&group.part[0]) ? 0 : 2;
}

static void frozen_group(void **state)
{
	int status = guarded(leaves_a_frozen_group);

	(void)state;
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
	assert_true(access(notes->group, F_OK) < 0 && errno == ENOENT);
	assert_true(kill(notes->sleeper, 0) < 0 && errno == ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(order_of_kinds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(scene_of_kinds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(killed_demo, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frozen_group, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
