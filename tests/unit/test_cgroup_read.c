/* Counters as kernels print them, of both layouts. */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static void keys(void **state)
{
	static const char text[] = "anon 12\nanon_thp 5\nfile 4096\noom_kill 3\n";

	(void)state;
	assert_int_equal(cgroup_key(text, "anon"), 12);
	assert_int_equal(cgroup_key(text, "file"), 4096);
	assert_int_equal(cgroup_key(text, "oom"), -1); /* not "oom_kill" */
	assert_int_equal(cgroup_key(text, "kill"), -1);
	assert_int_equal(cgroup_key("", "anon"), -1);
	assert_int_equal(cgroup_key("anon", "anon"), -1);
	assert_int_equal(cgroup_key("anon x\n", "anon"), -1);
}

static void numbers(void **state)
{
	(void)state;
	assert_int_equal(cgroup_number_parse("0\n"), 0);
	assert_int_equal(cgroup_number_parse("33554432\n"), 33554432);
	assert_true(cgroup_number_parse("max\n") == CGROUP_MAX);
	assert_true(cgroup_number_parse("9223372036854771712\n") == CGROUP_MAX);
	assert_true(cgroup_number_parse("99999999999999999999\n") == CGROUP_MAX);
	assert_int_equal(cgroup_number_parse(""), -1);
	assert_int_equal(cgroup_number_parse("-1\n"), -1);
	assert_int_equal(cgroup_number_parse("12x\n"), -1);
}

static void cpu_max(void **state)
{
	struct cgroup_cpu_stat stat = { 0 };

	(void)state;
	cgroup_cpu_max_parse("20000 100000\n", &stat);
	assert_int_equal(stat.quota_us, 20000);
	assert_int_equal(stat.period_us, 100000);
	cgroup_cpu_max_parse("max 50000\n", &stat);
	assert_true(stat.quota_us == CGROUP_MAX);
	assert_int_equal(stat.period_us, 50000);
	cgroup_cpu_max_parse("", &stat);
	assert_int_equal(stat.quota_us, -1);
	assert_int_equal(stat.period_us, -1);
}

static void io_of_v1_and_v2(void **state)
{
	struct cgroup_io_stat stat;

	(void)state;
	cgroup_io_stat_parse(
		"7:0 Read 4096\n7:0 Write 1048576\n7:0 Sync 1\n8:0 Read 1\nTotal 1052673\n", 1,
		&stat);
	assert_int_equal(stat.read_bytes, 4097);
	assert_int_equal(stat.write_bytes, 1048576);
	cgroup_io_stat_parse("7:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n8:0 rbytes=10 "
			     "wbytes=20 rios=30 wios=40\n",
			     2, &stat);
	assert_int_equal(stat.read_bytes, 11);
	assert_int_equal(stat.write_bytes, 22);
	assert_int_equal(stat.reads, 33);
	assert_int_equal(stat.writes, 44);
	cgroup_io_stat_parse("7:0\ngarbage\n:\n7:0 rbytes", 2, &stat);
	assert_int_equal(stat.read_bytes, 0);
}

/* A directory with these files, read back whole. */
static int fixture(const char *const files[][2], char *path)
{
	assert_non_null(mkdtemp(path));
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; files[i][0]; i++) {
		int fd = openat(dir, files[i][0], O_CREAT | O_WRONLY, 0644);
		assert_int_equal(write(fd, files[i][1], strlen(files[i][1])),
				 (ssize_t)strlen(files[i][1]));
		close(fd);
	}
	return dir;
}

static void unfixture(const char *const files[][2], int dir, const char *path)
{
	for (int i = 0; files[i][0]; i++)
		unlinkat(dir, files[i][0], 0);
	close(dir);
	rmdir(path);
}

/* The counters, the limit, the weight, in one struct. */
static void cpu_of_v1_and_v2(void **state)
{
	static const char *const v1[][2] = {
		{ "cpu.stat", "nr_periods 31\nnr_throttled 30\nthrottled_time 2400123456\n" },
		{ "cpu.cfs_quota_us", "-1\n" },
		{ "cpu.cfs_period_us", "50000\n" },
		{ "cpu.shares", "512\n" },
		{ NULL, NULL },
	};
	static const char *const v2[][2] = {
		{ "cpu.stat", "usage_usec 77\nnr_periods 3\nnr_throttled 2\nthrottled_usec 9\n" },
		{ "cpu.max", "20000 100000\n" },
		{ "cpu.weight", "100\n" },
		{ NULL, NULL },
	};
	static const char *const off[][2] = { { "cpu.stat", "usage_usec 77\n" }, { NULL, NULL } };
	char path[3][32] = { "/tmp/mb-unit-read-XXXXXX", "/tmp/mb-unit-read-XXXXXX",
			     "/tmp/mb-unit-read-XXXXXX" };
	struct cgroup_cpu_stat cpu;

	(void)state;
	int dir = fixture(v1, path[0]);
	assert_int_equal(cgroup_read_cpu(dir, 1, &cpu), 0);
	assert_true(cpu.quota_us == CGROUP_MAX && cpu.period_us == 50000 && cpu.shares == 512);
	assert_true(cpu.periods == 31 && cpu.throttled == 30 && cpu.throttled_us == 2400123);
	assert_int_equal(cpu.usage_us, -1);
	unfixture(v1, dir, path[0]);
	dir = fixture(v2, path[1]);
	assert_int_equal(cgroup_read_cpu(dir, 2, &cpu), 0);
	assert_true(cpu.quota_us == 20000 && cpu.period_us == 100000 && cpu.shares == 100);
	assert_true(cpu.periods == 3 && cpu.throttled == 2 && cpu.throttled_us == 9);
	assert_int_equal(cpu.usage_us, 77);
	unfixture(v2, dir, path[1]);
	dir = fixture(off, path[2]); /* v2, and the controller is not on */
	assert_int_equal(cgroup_read_cpu(dir, 2, &cpu), 0);
	assert_true(cpu.periods == -1 && cpu.throttled == -1 && cpu.throttled_us == -1);
	assert_int_equal(cpu.usage_us, 77);
	unfixture(off, dir, path[2]);
}

static void memory_v1(void **state)
{
	static const char *const files[][2] = {
		{ "memory.usage_in_bytes", "1000\n" },
		{ "memory.limit_in_bytes", "5000\n" },
		{ "memory.max_usage_in_bytes", "4000\n" },
		{ "memory.memsw.usage_in_bytes", "1300\n" },
		{ "memory.memsw.limit_in_bytes", "6000\n" },
		{ "memory.failcnt", "7\n" },
		{ "memory.stat", "cache 1\nrss 2\ntotal_cache 100\ntotal_rss 900\n" },
		{ "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n" },
		{ NULL, NULL },
	};
	char path[] = "/tmp/mb-unit-read-XXXXXX";
	struct cgroup_memory_stat stat;

	(void)state;
	int dir = fixture(files, path);
	assert_int_equal(cgroup_read_memory(dir, 1, &stat), 0);
	assert_int_equal(stat.current, 1000);
	assert_int_equal(stat.max, 5000);
	assert_int_equal(stat.peak, 4000);
	assert_int_equal(stat.swap, 300);
	assert_int_equal(stat.swap_max, 1000);
	assert_int_equal(stat.failcnt, 7);
	assert_int_equal(stat.cache, 100);
	assert_int_equal(stat.anon, 900);
	assert_int_equal(stat.oom_kill, 2);
	unfixture(files, dir, path);
}

/* A host with hundreds of devices: the last line counts too. */
static void io_of_many_devices(void **state)
{
	enum { DEVICES = 400 };
	static char text[DEVICES * 80];
	const char *files[][2] = { { "io.stat", text }, { NULL, NULL } };
	char path[] = "/tmp/mb-unit-read-XXXXXX";
	struct cgroup_io_stat stat;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < DEVICES; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "8:%d rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n", i);
	assert_true(n > 2 * 8192);
	int dir = fixture(files, path);
	assert_int_equal(cgroup_read_io(dir, 2, &stat), 0);
	assert_int_equal(stat.read_bytes, DEVICES);
	assert_int_equal(stat.writes, 4 * DEVICES);
	unfixture(files, dir, path);
}

static void all_of_v2(void **state)
{
	static const char *const files[][2] = {
		{ "memory.current", "1000\n" },
		{ "memory.max", "max\n" },
		{ "memory.stat", "anon 900\nfile 100\n" },
		{ "memory.events", "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\noom_group_kill 0\n" },
		{ "pids.current", "5\n" },
		{ "pids.max", "32\n" },
		{ "pids.events", "max 3\n" },
		{ "cgroup.freeze", "1\n" },
		{ "cgroup.events", "populated 1\nfrozen 0\n" },
		{ NULL, NULL },
	};
	char path[] = "/tmp/mb-unit-read-XXXXXX";
	struct cgroup_memory_stat memory;
	struct cgroup_pids_stat pids;
	struct cgroup_cpu_stat cpu;

	(void)state;
	int dir = fixture(files, path);
	assert_int_equal(cgroup_read_memory(dir, 2, &memory), 0);
	assert_true(memory.max == CGROUP_MAX);
	assert_int_equal(memory.peak, -1); /* kernels before 5.19 */
	assert_int_equal(memory.swap_max, -1);
	assert_int_equal(memory.failcnt, 9);
	assert_int_equal(memory.oom, 1);
	assert_int_equal(memory.oom_kill, 1);
	assert_int_equal(cgroup_read_pids(dir, 2, &pids), 0);
	assert_int_equal(pids.current, 5);
	assert_int_equal(pids.max, 32);
	assert_int_equal(pids.refused, 3);
	assert_int_equal(cgroup_read_frozen(dir, 2), CGROUP_FREEZING);
	assert_int_equal(cgroup_read_frozen(dir, 1), CGROUP_FREEZE_UNKNOWN);
	errno = 0;
	assert_int_equal(cgroup_read_cpu(dir, 2, &cpu), -1);
	assert_int_equal(errno, ENOENT);
	unfixture(files, dir, path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(numbers),
		cmocka_unit_test(cpu_max),
		cmocka_unit_test(cpu_of_v1_and_v2),
		cmocka_unit_test(io_of_v1_and_v2),
		cmocka_unit_test(memory_v1),
		cmocka_unit_test(all_of_v2),
		cmocka_unit_test(io_of_many_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
