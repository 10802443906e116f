/*
 * test_bundle.c: the words of `minibox run`, through flags and config.json, arrive at the runtime.
 */
#define _GNU_SOURCE
#include "final/engine/bundle.h"
#include "final/engine/limit_flags.h"
#include "final/runtime/spec/spec.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char scratch[64];
static struct state store;
static struct box_state box;
static struct run_flags flags;
static struct spec spec;

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int set_up(void **state)
{
	char path[128];

	(void)state;
	strcpy(scratch, "/tmp/minibox-unit-XXXXXX");
	if (!mkdtemp(scratch))
		return -1;
	snprintf(store.root, sizeof(store.root), "%s", scratch);
	snprintf(box.path, sizeof(box.path), "%s", scratch);
	strcpy(box.id, "0123456789ab");
	snprintf(path, sizeof(path), "%s/rootfs", scratch);
	mkdir(path, 0755);
	box.dir = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	sys_failure_clear();
	return box.dir < 0;
}

static int tear_down(void **state)
{
	(void)state;
	spec_free(&spec);
	close(box.dir);
	return nftw(scratch, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* words: parted by blanks, $ the scratch directory. Returns the exit status of the flags, -1: they
 * were taken and spec holds what the runtime reads. */
static int run_words(const char *words)
{
	static char text[4096];
	static char *argv[64];
	char *at = text, *next = text;
	int argc = 0;

	for (; *words; words++)
		at += *words == '$' ? sprintf(at, "%s", scratch) : sprintf(at, "%c", *words);
	argv[argc++] = (char *)"run";
	while ((argv[argc] = strsep(&next, " ")))
		argc++;
	flags = (struct run_flags){ 0 };
	sys_failure_clear();
	int status = run_flags_parse(argc, argv, &flags);
	if (status >= 0)
		return status;
	if (bundle_write(&store, &box, &flags, false, false) < 0)
		return 1;
	spec_free(&spec);
	if (spec_read(box.dir, &spec) < 0)
		fail_msg("%s: %s: %s", argv[1], sys_failure()->subject, sys_failure()->cause);
	return -1;
}

static const char *variable(const char *name)
{
	size_t n = strlen(name);

	for (char **line = spec.process.env; *line; line++)
		if (strncmp(*line, name, n) == 0 && (*line)[n] == '=')
			return *line + n + 1;
	return NULL;
}

static void a_plain_run(void **state)
{
	(void)state;
	assert_int_equal(run_words("busybox"), -1);
	assert_string_equal(spec.process.args[0], "sh");
	assert_null(spec.process.args[1]);
	assert_string_equal(spec.process.cwd, "/");
	assert_string_equal(spec.hostname, "0123456789ab");
	assert_string_equal(spec.root_path, "rootfs");
	assert_true(!spec.root_read_only && !spec.init && spec.swap_if_accounted);
	assert_int_equal(spec.namespaces, CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
						  CLONE_NEWCGROUP);
	assert_int_equal(limits_need(&spec.resources.limits), 0);
	assert_non_null(variable("PATH"));
	assert_string_equal(variable("HOME"), "/root");
	assert_int_equal(spec.mount_count, 6);
	assert_string_equal(spec.mounts[0].type, "proc");
	assert_string_equal(spec.mounts[2].destination, "/dev/pts");
	assert_string_equal(spec.mounts[3].destination, "/dev/shm");
	assert_string_equal(spec.mounts[5].destination, "/sys");
	assert_true(spec.mounts[5].flags & MS_RDONLY);
}

static void every_flag_arrives(void **state)
{
	(void)state;
	setenv("MB_FROM_HERE", "taken", 1);
	assert_int_equal(
		run_words("--init --read-only --network none -h web -w /w -e A=1 -e A=2 -e "
			  "MB_FROM_HERE -e MB_NOT_SET --name box busybox prog -x"),
		-1);
	assert_true(spec.init && spec.root_read_only && (spec.namespaces & CLONE_NEWNET));
	assert_string_equal(spec.hostname, "web");
	assert_string_equal(spec.process.cwd, "/w");
	assert_string_equal(variable("A"), "2");
	assert_string_equal(variable("MB_FROM_HERE"), "taken");
	assert_null(variable("MB_NOT_SET"));
	assert_string_equal(spec.process.args[1], "-x");
	assert_int_equal(run_words("-h a -h b -w /a -w /b --init --init=false --network none "
				   "--network host busybox"),
			 -1);
	assert_string_equal(spec.hostname, "b"); /* the last counts */
	assert_string_equal(spec.process.cwd, "/b");
	assert_true(!spec.init && !(spec.namespaces & CLONE_NEWNET));
}

static void limits_arrive_in_the_kernels_units(void **state)
{
	static const int64_t mib = 1 << 20;

	(void)state;
	assert_int_equal(
		run_words("-m 64m --cpus 0.5 --pids-limit 7 -c 512 --cpuset-cpus 0 busybox"), -1);
	assert_true(spec.resources.limits.memory == 64 * mib &&
		    spec.resources.limits.swap == 64 * mib);
	assert_true(spec.resources.limits.cpu_quota_us == 50000 &&
		    spec.resources.limits.cpu_period_us == 100000);
	assert_true(spec.resources.limits.pids == 7 && spec.resources.limits.cpu_shares == 512);
	assert_string_equal(spec.resources.limits.cpus, "0");
	assert_int_equal(run_words("-m 64m --memory-swap 64m busybox"), -1);
	assert_true(spec.resources.limits.swap == CGROUP_NO_SWAP && !spec.swap_if_accounted);
	assert_int_equal(run_words("-m 64m --memory-swap 100m busybox"), -1);
	assert_true(spec.resources.limits.swap == 36 * mib);
	assert_int_equal(run_words("-m 64m --memory-swap -1 busybox"), -1);
	assert_true(spec.resources.limits.memory == 64 * mib && spec.resources.limits.swap == 0);
	assert_int_equal(run_words("-m 64m --memory-swap 0 busybox"), -1); /* as if not said */
	assert_true(spec.resources.limits.swap == 64 * mib && spec.swap_if_accounted);
	assert_int_equal(run_words("-m 1048576 --cpu-quota 5000 --cpu-period 10000 busybox"), -1);
	assert_true(spec.resources.limits.memory == mib &&
		    spec.resources.limits.cpu_quota_us == 5000);
	assert_true(spec.resources.limits.cpu_period_us == 10000);
	assert_int_equal(run_words("--cpus 1 --cpus 0 --cpu-quota 5000 busybox"), -1);
	assert_true(spec.resources.limits.cpu_quota_us == 5000);
	assert_int_equal(
		run_words(
			"--pids-limit 5 --pids-limit 9 --cpu-quota 9000 --cpu-quota 2000 busybox"),
		-1);
	assert_true(spec.resources.limits.pids == 9 && spec.resources.limits.cpu_quota_us == 2000);
}

static void no_limit_is_none(void **state)
{
	static const char *const none[] = { "-m 0",
					    "-m 000",
					    "-m 0g",
					    "--memory-swap 0",
					    "--memory-swap -1",
					    "--pids-limit 0",
					    "--pids-limit -1",
					    "--cpus 0",
					    "--cpus 0.00",
					    "-c 0",
					    "--cpu-quota 0",
					    "--cpu-quota -1",
					    "--cpu-period 0",
					    "--cpuset-cpus=" };
	char words[64];

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		snprintf(words, sizeof(words), "%s busybox", none[i]);
		if (run_words(words) != -1 || limits_need(&spec.resources.limits))
			fail_msg("%s is a limit, or refused", none[i]);
	}
}

static void volumes_arrive(void **state)
{
	struct stat st;
	char path[128];

	(void)state;
	assert_int_equal(run_words("-v $:/host:ro -v data:/named busybox"), -1);
	assert_int_equal(spec.mount_count, 8);
	assert_true(spec.mounts[6].bind && (spec.mounts[6].flags & MS_REC));
	assert_true(spec.mounts[6].flags & MS_RDONLY);
	assert_string_equal(spec.mounts[6].source, scratch);
	assert_string_equal(spec.mounts[7].destination, "/named");
	assert_false(spec.mounts[7].flags & MS_RDONLY);
	snprintf(path, sizeof(path), "%s/volumes/data/_data", scratch);
	assert_string_equal(spec.mounts[7].source, path);
	assert_int_equal(stat(path, &st), 0);
}

static void wrong_words_make_nothing(void **state)
{
	static const char *const wrong[] = {
		"-v $:/proc busybox",	      "-v new:/proc/x busybox",
		"-v $:/a -v new:/a/ busybox", "-v new:/n -v $/none:/a busybox",
		"-v new:/d:xx busybox",	      "-v new:/n --cpus -1 busybox",
		"-v new:/n -m 1 busybox",     "-v new:/n",
		"-v new:/n -w w busybox",
	};
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/volumes", scratch);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (run_words(wrong[i]) != 125 || access(path, F_OK) == 0)
			fail_msg("%s: taken, or something was made", wrong[i]);
}

static void the_images_links_are_looked_at(void **state)
{
	static const char *const wrong[] = { "-v new:/n -v $:/to-proc busybox",
					     "-v new:/n -v $:/to-proc/x busybox",
					     "-v new:/n -v $:/to-root busybox",
					     "-v new:/n -v $:/up/dev busybox",
					     "-v $:/data -v new:/to-data busybox" };
	static const char *const links[][2] = { { "../../proc", "to-proc" },
						{ "/", "to-root" },
						{ "..", "up" },
						{ "data", "to-data" } };
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		snprintf(path, sizeof(path), "%s/rootfs/%s", scratch, links[i][1]);
		assert_int_equal(symlink(links[i][0], path), 0);
	}
	snprintf(path, sizeof(path), "%s/volumes", scratch);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		if (run_words(wrong[i]) != 1 || access(path, F_OK) == 0)
			fail_msg("%s: taken, or something was made", wrong[i]);
		assert_non_null(strstr(sys_failure()->cause, "link of the image"));
	}
}

static void what_is_shown_is_harmless(void **state)
{
	char out[64], small[16];

	(void)state;
	assert_string_equal(flag_shown("a b\xc3\xa4", out, sizeof(out)), "a b\xc3\xa4");
	assert_string_equal(flag_shown("\n\t\x1b[1m\x7f\r", out, sizeof(out)),
			    "\\n\\t\\x1b[1m\\x7f\\x0d");
	assert_string_equal(flag_shown("\xc2\x9b"
				       "31m",
				       out, sizeof(out)),
			    "\\xc2\\x9b31m"); /* U+009B: CSI */
	assert_string_equal(flag_shown("\xff\xe2\x82", out, sizeof(out)), "\\xff\\xe2\\x82");
	assert_string_equal(flag_shown("0123456789abcdef", small, sizeof(small)), "01234567...");
}

int main(void)
{
#define IN_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		IN_BOX(a_plain_run),
		IN_BOX(every_flag_arrives),
		IN_BOX(limits_arrive_in_the_kernels_units),
		IN_BOX(no_limit_is_none),
		IN_BOX(volumes_arrive),
		IN_BOX(wrong_words_make_nothing),
		IN_BOX(the_images_links_are_looked_at),
		cmocka_unit_test(what_is_shown_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
