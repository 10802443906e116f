/* /proc's texts, cut to a limit. */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/given/proc_view.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static char out[1024];

static void meminfo(void **state)
{
	static const char host[] = "MemTotal:       16000000 kB\nMemFree:         1000000 "
				   "kB\nMemAvailable:    9000000 kB\n"
				   "Buffers:             123 kB\nCached:          5000000 "
				   "kB\nSwapCached:            0 kB\n"
				   "SwapTotal:       2000000 kB\nSwapFree:        2000000 kB\n";

	(void)state;
	assert_true(proc_view_meminfo(host, 64 << 20, 16 << 20, 4 << 20, out, sizeof(out)) > 0);
	assert_non_null(strstr(out, "MemTotal:          65536 kB\n"));
	assert_non_null(strstr(out, "MemFree:           49152 kB\n"));
	assert_non_null(strstr(out, "MemAvailable:      53248 kB\n"));
	assert_non_null(strstr(out, "\nCached:             4096 kB\n"));
	assert_non_null(strstr(out, "Buffers:             123 kB\n"));
	assert_non_null(strstr(out, "SwapCached:            0 kB\n"));
	assert_non_null(strstr(out, "SwapTotal:             0 kB\n"));
	assert_true(proc_view_meminfo(host, INT64_MAX, 0, 0, out, sizeof(out)) > 0);
	assert_non_null(strstr(
		out, "MemTotal:       16000000 kB\n")); /* no limit: the machine is the limit */
	errno = 0;
	assert_int_equal(proc_view_meminfo(host, 64 << 20, 0, 0, out, 40), -1);
	assert_int_equal(errno, ENOSPC);
}

static void cpuinfo(void **state)
{
	static const char host[] = "processor\t: 0\nmodel\t: a\n\nprocessor\t: 1\nmodel\t: b\n\n";

	(void)state;
	assert_true(proc_view_cpuinfo(host, 1, out, sizeof(out)) > 0);
	assert_string_equal(out, "processor\t: 0\nmodel\t: a\n\n");
	assert_true(proc_view_cpuinfo(host, 7, out, sizeof(out)) > 0);
	assert_string_equal(out, host);
}

static void stat_and_uptime(void **state)
{
	static const char host[] =
		"cpu  10 20\ncpu0 1 2\ncpu1 3 4\nintr 5\nbtime 1000\nprocesses 9\n";

	(void)state;
	assert_true(proc_view_stat(host, 1, 2000, out, sizeof(out)) > 0);
	assert_string_equal(out, "cpu  10 20\ncpu0 1 2\nintr 5\nbtime 2000\nprocesses 9\n");
	assert_true(proc_view_uptime(10.5, 1.5, 2, out, sizeof(out)) > 0);
	assert_string_equal(out, "10.50 19.50\n");
	assert_true(proc_view_uptime(1, 9, 1, out, sizeof(out)) > 0);
	assert_string_equal(out, "1.00 0.00\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meminfo),
		cmocka_unit_test(cpuinfo),
		cmocka_unit_test(stat_and_uptime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
