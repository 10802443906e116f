/* The other controllers: which file gets which text, in both layouts. */
#define _GNU_SOURCE
#include "step05_cgroup_cpu/given/cgroup_devices.h"
#include "step05_cgroup_cpu/given/cgroup_freeze.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"

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

static char dir_path[64];
static int dir;

static void put(const char *name, const char *text)
{
	int fd = openat(dir, name, O_CREAT | O_WRONLY | O_TRUNC, 0644);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void assert_has(const char *name, const char *expected)
{
	char text[256];

	assert_true(read_file_at(dir, name, text, sizeof(text)) >= 0);
	assert_string_equal(text, expected);
}

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir_path, sizeof(dir_path), "/tmp/mb-unit-lim-XXXXXX");
	assert_non_null(mkdtemp(dir_path));
	dir = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	sys_failure_clear();
	return 0;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int remove_dir(void **state)
{
	(void)state;
	close(dir);
	return nftw(dir_path, drop, 8, FTW_DEPTH | FTW_PHYS);
}

static void weights(void **state)
{
	(void)state;
	assert_int_equal(cgroup_weight_of_shares(1024), 100);
	assert_int_equal(cgroup_weight_of_shares(2048), 200);
	assert_int_equal(cgroup_weight_of_shares(512), 50);
	assert_int_equal(cgroup_weight_of_shares(2), 1);
	assert_int_equal(cgroup_weight_of_shares(262144), 10000);
}

static void shares(void **state)
{
	(void)state;
	put("cpu.shares", "");
	put("cpu.weight", "");
	assert_int_equal(cgroup_cpu_shares(dir, 1, 512), 0);
	assert_int_equal(cgroup_cpu_shares(dir, 2, 2048), 0);
	assert_has("cpu.shares", "512");
	assert_has("cpu.weight", "200");
}

static void memory_v1_down_and_up(void **state)
{
	(void)state;
	put("memory.limit_in_bytes", "");
	put("memory.memsw.limit_in_bytes", "9223372036854771712\n");
	assert_int_equal(cgroup_memory(dir, 1, 1000, CGROUP_NO_SWAP), 0);
	assert_has("memory.limit_in_bytes", "1000");
	put("memory.memsw.limit_in_bytes", "500\n");
	put("memory.limit_in_bytes", "");
	assert_int_equal(cgroup_memory(dir, 1, 1000, 200), 0);
	assert_has("memory.memsw.limit_in_bytes", "1200"); /* the sum */
	assert_has("memory.limit_in_bytes", "1000");
}

static void memory_without_swap_accounting(void **state)
{
	(void)state;
	put("memory.limit_in_bytes", "");
	put("memory.max", "");
	assert_int_equal(cgroup_memory(dir, 1, 1000, -1), 0);
	assert_int_equal(cgroup_memory(dir, 1, 1000, CGROUP_NO_SWAP), -1);
	assert_int_equal(errno, ENOTSUP);
	assert_int_equal(cgroup_memory(dir, 2, 1000, -1), 0);
	assert_int_equal(cgroup_memory(dir, 2, 1000, CGROUP_NO_SWAP), -1);
	assert_int_equal(errno, ENOTSUP);
	put("memory.swap.max", "");
	assert_int_equal(cgroup_memory(dir, 2, 2000, CGROUP_NO_SWAP), 0);
	assert_has("memory.swap.max", "0");
	assert_has("memory.max", "2000");
}

static void pids_and_io(void **state)
{
	struct cgroup_io io = { .major = 7, .minor = 3, .write_bps = 1 << 20 };

	(void)state;
	put("pids.max", "");
	assert_int_equal(cgroup_pids(dir, 2, 16), 0);
	assert_has("pids.max", "16");
	put("io.max", "");
	put("blkio.throttle.write_bps_device", "");
	assert_int_equal(cgroup_io(dir, 2, &io), 0);
	assert_has("io.max", "7:3 wbps=1048576");
	assert_int_equal(cgroup_io(dir, 1, &io), 0);
	assert_has("blkio.throttle.write_bps_device", "7:3 1048576");
}

static void cpuset_v1_inherits(void **state)
{
	(void)state;
	put("cpuset.cpus", "0-3\n");
	put("cpuset.mems", "0\n");
	assert_int_equal(mkdirat(dir, "child", 0755), 0);
	int parent = dir;
	dir = openat(parent, "child", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put("cpuset.cpus", "\n");
	put("cpuset.mems", "\n");
	assert_int_equal(cgroup_cpuset(dir, 1, "1", NULL), 0);
	assert_has("cpuset.cpus", "1");
	assert_has("cpuset.mems", "0");
	close(dir);
	dir = parent;
}

static void devices_v1(void **state)
{
	static const struct device_rule rules[] = { { true, 'c', 1, 3, "rwm" } };

	(void)state;
	put("devices.deny", "");
	put("devices.allow", "");
	assert_int_equal(cgroup_devices(dir, 1, rules, 1), 0);
	assert_has("devices.deny", "a");
	assert_has("devices.allow", "c 1:3 rwm");
}

static void freeze_waits_for_the_kernel(void **state)
{
	(void)state;
	put("freezer.state", "");
	assert_int_equal(cgroup_freeze(dir, 1, true, 50),
			 0); /* a plain file says at once what was written */
	assert_has("freezer.state", "FROZEN");
	put("cgroup.freeze", "0");
	put("cgroup.events", "populated 1\nfrozen 0\n");
	assert_int_equal(cgroup_freeze(dir, 2, true, 20), -1);
	assert_int_equal(errno, ETIMEDOUT);
	put("cgroup.events", "populated 1\nfrozen 1\n");
	assert_int_equal(cgroup_freeze(dir, 2, true, 20), 0);
}

static void all_at_once(void **state)
{
	struct cgroup group = { .parts = 1,
				.part = { { .version = 2,
					    .controllers = CG(CG_CPU) | CG(CG_PIDS) | CG(CG_MEMORY),
					    .dir = dir } } };
	struct cgroup_limits limits = { .cpu_quota_us = 20000, .pids = 32, .memory = 1 << 20 };

	(void)state;
	group.part[0].dir = dir;
	put("cpu.max", "");
	put("pids.max", "");
	put("memory.max", "");
	assert_int_equal(limits_need(&limits), CG(CG_CPU) | CG(CG_PIDS) | CG(CG_MEMORY));
	assert_int_equal(group_limit(&group, &limits), 0);
	assert_has("cpu.max", "20000 100000");
	assert_has("pids.max", "32");
	assert_has("memory.max", "1048576");
	limits = (struct cgroup_limits){ .cpus = "0" };
	assert_int_equal(group_limit(&group, &limits), -1);
	assert_int_equal(errno, ENOENT);
}

/* Without memory.swap.max: all limits but swap are written, and that is said. */
static void swap_is_left_out_where_it_is_not_counted(void **state)
{
	struct cgroup group = {
		.parts = 1,
		.part = { { .version = 2, .controllers = CG(CG_PIDS) | CG(CG_MEMORY), .dir = dir } }
	};
	struct cgroup_limits limits = { .pids = 32, .memory = 1 << 20, .swap = CGROUP_NO_SWAP };
	bool left_out = false;

	(void)state;
	put("pids.max", "");
	put("memory.max", "");
	assert_int_equal(group_limit(&group, &limits), -1);
	assert_int_equal(errno, ENOTSUP);
	sys_failure_clear();
	assert_int_equal(group_limit_swap_optional(&group, &limits, &left_out), 0);
	assert_true(left_out);
	assert_int_equal(sys_failure()->err, 0);
	assert_has("pids.max", "32");
	assert_has("memory.max", "1048576");
	put("memory.swap.max", "");
	assert_int_equal(group_limit_swap_optional(&group, &limits, &left_out), 0);
	assert_false(left_out);
	assert_has("memory.swap.max", "0");
	unlinkat(dir, "memory.max", 0); /* another failure stays one */
	assert_int_equal(group_limit_swap_optional(&group, &limits, &left_out), -1);
	assert_int_equal(errno, ENOENT);
	assert_false(left_out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weights),
		cmocka_unit_test_setup_teardown(shares, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(memory_v1_down_and_up, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(memory_without_swap_accounting, make_dir,
						remove_dir),
		cmocka_unit_test_setup_teardown(pids_and_io, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(cpuset_v1_inherits, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(devices_v1, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(freeze_waits_for_the_kernel, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(all_at_once, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(swap_is_left_out_where_it_is_not_counted, make_dir,
						remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
