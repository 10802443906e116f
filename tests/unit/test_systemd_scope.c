/*
 * test_systemd_scope.c: cgroupsPath as --systemd-cgroup reads it. What systemd makes of it is
 * judged by tests/runtime/systemd.bats.
 */
#define _GNU_SOURCE
#include "final/runtime/systemd_scope.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void expect(const char *path, bool user, const char *slice, const char *unit)
{
	struct systemd_scope scope;

	assert_int_equal(systemd_scope_parse(path, "box", user, &scope), 0);
	assert_string_equal(scope.slice, slice);
	assert_string_equal(scope.unit, unit);
	assert_int_equal(scope.user, user);
}

static void names(void **state)
{
	(void)state;
	expect(NULL, false, "system.slice", "minibox-box.scope");
	expect(NULL, true, "user.slice", "minibox-box.scope");
	expect("", false, "system.slice", "minibox-box.scope");
	expect("a-b.slice:libpod:0f", false, "a-b.slice", "libpod-0f.scope");
	expect(":libpod:0f", false, "system.slice", "libpod-0f.scope");
	expect(":libpod:0f", true, "user.slice", "libpod-0f.scope");
	expect("a.slice::0f", false, "a.slice", "0f.scope");
}

static void refused(void **state)
{
	static const char *const bad[] = {
		"/a/b", "a", "a:b", "a:b:", "a:b:c:d", "a/b.slice:c:d", "a.slice:b:c.slice"
	};
	struct systemd_scope scope;
	char longer[600];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		sys_failure_clear();
		assert_int_equal(systemd_scope_parse(bad[i], "box", false, &scope), -1);
		assert_int_equal(sys_failure()->err, EINVAL);
		assert_string_equal(sys_failure()->subject, bad[i]);
	}
	memset(longer, 'x', sizeof(longer));
	memcpy(longer, "a:b:", 4);
	longer[sizeof(longer) - 1] = '\0';
	sys_failure_clear();
	assert_int_equal(systemd_scope_parse(longer, "box", false, &scope), -1);
	assert_int_equal(sys_failure()->err, ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names), cmocka_unit_test(refused) };

	return cmocka_run_group_tests_name("systemd_scope", tests, NULL, NULL);
}
