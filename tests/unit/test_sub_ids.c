/*
 * test_sub_ids.c: lines of id maps, and ranges of sub-ids.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/call/sys.h"
#include "step04_net_user/given/id_map.h"
#include "step04_net_user/given/sub_ids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* ---- text of a map ---- */

static void map_text(void **state)
{
	const struct id_map map[] = { { 0, 1000, 1 }, { 1, 100000, 65535 } };
	char text[64], small[16];

	(void)state;
	assert_int_equal(id_map_text(map, 2, text, sizeof(text)), 24);
	assert_string_equal(text, "0 1000 1\n1 100000 65535\n");
	assert_int_equal(id_map_text(map, 2, small, sizeof(small)), -1);
	assert_int_equal(errno, E2BIG);
}

static void map_that_the_kernel_would_refuse(void **state)
{
	static const struct {
		struct id_map map[2];
		int count;
		const char *words; /* in the cause */
	} cases[] = {
		{ { { 0, 1000, 1 } }, 0, "at least one line" },
		{ { { 0, 1000, 1 } }, 341, "at most 340" },
		{ { { 0, 1000, 0 } }, 1, "count is 0" },
		{ { { 4294967294U, 0, 2 } }, 1, "beyond the last id" },
		{ { { 0, 4294967295U, 1 } }, 1, "beyond the last id" },
		{ { { 0, 1, 4294967295U } }, 1, "beyond the last id" },
		{ { { 0, 1000, 10 }, { 9, 2000, 1 } }, 2, "an id inside would be two" },
		{ { { 9, 1000, 1 }, { 0, 2000, 10 } }, 2, "an id inside would be two" },
		{ { { 0, 1000, 10 }, { 10, 1009, 1 } }, 2, "two ids inside would be one" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		sys_failure_clear();
		assert_int_equal(id_map_text(cases[i].map, cases[i].count, text, sizeof(text)), -1);
		assert_int_equal(errno, EINVAL);
		assert_non_null(strstr(sys_failure()->cause, cases[i].words));
	}
}

static void ranges_that_touch_do_not_overlap(void **state)
{
	const struct id_map map[] = { { 0, 1000, 10 }, { 10, 1010, 10 }, { 20, 990, 10 } };
	const struct id_map all[] = { { 0, 0, 4294967295U } };
	char text[64];

	(void)state;
	assert_true(id_map_text(map, 3, text, sizeof(text)) > 0);
	assert_true(id_map_text(all, 1, text, sizeof(text)) >
		    0); /* what the first user namespace shows */
}

static void map_read_back(void **state)
{
	struct id_map map[4];

	(void)state;
	assert_int_equal(
		id_map_parse("         0       1000          1\n         1     100000      65535\n",
			     map, 4),
		2);
	assert_int_equal(map[1].inside, 1);
	assert_int_equal(map[1].outside, 100000);
	assert_int_equal(map[1].count, 65535);
	assert_int_equal(id_map_parse("0:1000:1,1:100000:65535", map, 4), 2);
	assert_int_equal(id_map_parse("", map, 4), 0);
	assert_int_equal(id_map_parse("0 0 4294967295\n", map, 4), 1);
	assert_int_equal(map[0].count, 4294967295U);
	assert_int_equal(id_map_parse("0 1 1\n1 2 1\n", map, 1), -1);
	assert_int_equal(errno, E2BIG);
}

static void text_that_is_no_map(void **state)
{
	static const char *const texts[] = { "0 1000",
					     "0 1000 1 1",
					     "a b c",
					     "0 -1 1",
					     "0 1000 1x",
					     "0::1",
					     "0 4294967296 1",
					     "0 1000 1 "
					     "\t"
					     "x" };
	struct id_map map[4];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		sys_failure_clear();
		assert_int_equal(id_map_parse(texts[i], map, 4), -1);
		assert_int_equal(errno, EINVAL);
		assert_string_equal(sys_failure()->subject, texts[i]);
	}
}

/* ---- /etc/subuid ---- */

static void ranges_of_a_user(void **state)
{
	const char *text = "# "
			   "comment\nroot:1000:1\nalice:100000:65536\n1234:300000:10\nalice2:5:"
			   "5\nalice:200000:100";
	struct sub_range ranges[4];

	(void)state;
	assert_int_equal(sub_ids_parse(text, "alice", 1234, ranges, 4), 3);
	assert_int_equal(ranges[0].first, 100000);
	assert_int_equal(ranges[0].count, 65536);
	assert_int_equal(ranges[1].first, 300000); /* by number */
	assert_int_equal(ranges[2].count, 100);	   /* no newline at the end */
	assert_int_equal(sub_ids_parse(text, NULL, 1234, ranges, 4), 1);
	assert_int_equal(sub_ids_parse(text, "bob", 5, ranges, 4), 0);
	assert_int_equal(sub_ids_parse(text, "alice", 1234, ranges, 1), 1);
	assert_int_equal(sub_ids_parse("", "alice", 1234, ranges, 4), 0);
}

static void lines_in_no_such_form(void **state)
{
	static const char *const lines[] = { "alice",	    "alice:1",
					     "alice::1",    "alice:1:",
					     "alice:x:1",   "alice:1:0",
					     "alice:1:1:1", "alice:4294967295:1",
					     "alice:1:1x",  "alice:4000000000:4000000000",
					     "::",	    ":1:1" };
	struct sub_range ranges[4];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_int_equal(sub_ids_parse(lines[i], "alice", 1234, ranges, 4), 0);
}

static void plan_of_65536(void **state)
{
	const struct sub_range one[] = { { 100000, 65536 } },
			       two[] = { { 100000, 1000 }, { 300000, 500000 } };
	struct id_map map[4];

	(void)state;
	assert_int_equal(sub_ids_plan(1000, one, 1, map, 4), 2);
	assert_int_equal(map[0].outside, 1000);
	assert_int_equal(map[1].inside, 1);
	assert_int_equal(map[1].count, 65535); /* the last of the range is left over */
	assert_int_equal(sub_ids_plan(1000, two, 2, map, 4), 3);
	assert_int_equal(map[2].inside, 1001);
	assert_int_equal(map[2].count, 64535);
	assert_int_equal(sub_ids_plan(1000, two, 2, map, 2), 2);
	assert_int_equal(sub_ids_plan(1000, NULL, 0, map, 4), 1);
}

static void no_ranges_says_what_to_do(void **state)
{
	struct sub_range ranges[4];

	(void)state;
	sys_failure_clear();
	assert_int_equal(sub_ids_read("/dev/null", 4000000000U, ranges, 4), -1);
	assert_int_equal(errno, ENODATA);
	assert_non_null(strstr(sys_failure()->remedy, "usermod --add-subuids"));
	assert_int_equal(sub_ids_read("/nowhere", 1, ranges, 4), -1);
	assert_int_equal(errno, ENOENT);
}

static void programs_that_are_missing_or_refuse(void **state)
{
	const struct id_map line = { 0, 1, 65536 };
	const struct id_maps maps = { .uid = &line, .gid = &line, .uids = 1, .gids = 1 };
	char old[4096];

	(void)state;
	snprintf(old, sizeof(old), "%s", getenv("PATH"));
	setenv("PATH", "/nowhere", 1);
	sys_failure_clear();
	assert_int_equal(sub_ids_write(getpid(), &maps), -1);
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(sys_failure()->remedy, "uidmap"));
	setenv("PATH", old, 1);
	if (access("/usr/bin/newuidmap", X_OK) < 0)
		skip();
	sys_failure_clear();
	assert_int_equal(sub_ids_write(getpid(), &maps), -1); /* this process has its maps */
	assert_int_equal(errno, EPERM);
	assert_non_null(strstr(sys_failure()->subject, "newuidmap"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_text),
		cmocka_unit_test(map_that_the_kernel_would_refuse),
		cmocka_unit_test(ranges_that_touch_do_not_overlap),
		cmocka_unit_test(map_read_back),
		cmocka_unit_test(text_that_is_no_map),
		cmocka_unit_test(ranges_of_a_user),
		cmocka_unit_test(lines_in_no_such_form),
		cmocka_unit_test(plan_of_65536),
		cmocka_unit_test(no_ranges_says_what_to_do),
		cmocka_unit_test(programs_that_are_missing_or_refuse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
