/* What people type, and what they should have typed. */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/given/limit_parse.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void cpu(void **state)
{
	static const struct {
		const char *text;
		long quota; /* or -errno */
		const char *says;
	} rows[] = {
		{ "20%", 20000, NULL },
		{ "0.5", 50000, NULL },
		{ "1.5", 150000, NULL },
		{ "2.0", 200000, NULL },
		{ "200%", 200000, NULL },
		{ "12.5%", 12500, NULL },
		{ "1%", 1000, NULL },
		{ "20", -EINVAL, "Without a unit it could be 20 % or 20 CPUs" },
		{ "0", -EINVAL, NULL },
		{ "0%", -ERANGE, "at least" },
		{ "0.0", -ERANGE, "at least" },
		{ "0.5%", -ERANGE, "at least" },
		{ "-20%", -EINVAL, "no amount" },
		{ "201%", -ERANGE, "2 CPUs" },
		{ "3.0", -ERANGE, "200% at most" },
		{ "9999999999999999999999%", -ERANGE, "2 CPUs" },
		{ "", -EINVAL, "no amount" },
		{ "%", -EINVAL, "no amount" },
		{ ".", -EINVAL, "no amount" },
		{ "1.2.3", -EINVAL, "no amount" },
		{ "20 %", -EINVAL, "no amount" },
		{ " 20%", -EINVAL, "no amount" },
		{ "20%%", -EINVAL, "no amount" },
		{ "1e1%", -EINVAL, "no amount" },
		{ "inf%", -EINVAL, "no amount" },
		{ "0x10%", -EINVAL, "no amount" },
		{ "half", -EINVAL, "no amount" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		long quota = 0;
		sys_failure_clear();
		int result = parse_cpu(rows[i].text, 2, &quota);
		assert_int_equal(result < 0 ? -errno : quota, rows[i].quota);
		if (rows[i].quota < 0) {
			assert_string_equal(sys_failure()->subject, rows[i].text);
			assert_non_null(strstr(sys_failure()->remedy, "--cpu 20%"));
		}
		if (rows[i].says)
			assert_non_null(strstr(sys_failure()->cause, rows[i].says));
	}
}

static void memory(void **state)
{
	static const int64_t total = 1LL << 30;
	static const struct {
		const char *text;
		int64_t bytes;
		const char *says;
	} rows[] = {
		{ "64m", 64 << 20, NULL },
		{ "64M", 64 << 20, NULL },
		{ "1g", 1 << 30, NULL },
		{ "2048k", 2048 << 10, NULL },
		{ "1048576b", 1 << 20, NULL },
		{ "1k", -ERANGE, "1m at least" },
		{ "0m", -ERANGE, "1m at least" },
		{ "64", -EINVAL, "unit is missing" },
		{ "1", -EINVAL, "unit is missing" },
		{ "2g", -ERANGE, "1024m" },
		{ "99999999999g", -ERANGE, "1024m" },
		{ "99999999999999999999999m", -ERANGE, "1024m" },
		{ "-64m", -EINVAL, "no amount" },
		{ "1.5g", -EINVAL, "no amount" },
		{ "64mb", -EINVAL, "no amount" },
		{ "64 m", -EINVAL, "no amount" },
		{ "m", -EINVAL, "no amount" },
		{ "", -EINVAL, "no amount" },
		{ "64t", -EINVAL, "no amount" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t bytes = 0;
		sys_failure_clear();
		int result = parse_memory(rows[i].text, total, &bytes);
		assert_int_equal(result < 0 ? -errno : bytes, rows[i].bytes);
		if (rows[i].says)
			assert_non_null(strstr(sys_failure()->cause, rows[i].says));
	}
}

static void pids(void **state)
{
	long number = 0;

	(void)state;
	assert_int_equal(parse_pids("32", 32768, &number), 0);
	assert_int_equal(number, 32);
	static const char *const bad[] = {
		"0", "-1", "", "32k", "1.5", "32769", "99999999999999999999", "max", " 3"
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		sys_failure_clear();
		assert_int_equal(parse_pids(bad[i], 32768, &number), -1);
		assert_true(errno == EINVAL || errno == ERANGE);
		assert_non_null(strstr(sys_failure()->remedy, "--pids 32"));
	}
}

static void lists(void **state)
{
	static const char *const good[] = { "0", "3", "0-3", "0,2", "0-1,3", "1,1-1" };
	static const char *const bad[] = { "",
					   ",",
					   "0,",
					   ",0",
					   "0-",
					   "-1",
					   "3-1",
					   " 0",
					   "0 ",
					   "+1",
					   "1.5",
					   "0x1",
					   "all",
					   "0\n",
					   "0--1",
					   "0,-1",
					   "99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (parse_id_list(good[i], 3) < 0)
			fail_msg("\"%s\" was refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (parse_id_list(bad[i], 3) == 0)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(parse_id_list("0-4", 3), -1);
	assert_int_equal(errno, ERANGE);
}

static void machine(void **state)
{
	(void)state;
	assert_true(machine_cpus() >= 1);
	assert_true(machine_memory() > 1 << 20);
	assert_true(machine_pid_max() > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpu),	 cmocka_unit_test(memory),  cmocka_unit_test(pids),
		cmocka_unit_test(lists), cmocka_unit_test(machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
