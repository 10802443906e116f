/*
 * test_mountinfo.c: mountinfo.c, from text and from the kernel.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static int parse(const char *text, struct mountinfo *out)
{
	static char line[512];

	snprintf(line, sizeof(line), "%s", text);
	return mountinfo_parse(line, out);
}

static void a_line_has_eleven_fields(void **state)
{
	struct mountinfo m;

	(void)state;
	assert_int_equal(0, parse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root "
				  "rw,errors=continue\n",
				  &m));
	assert_int_equal(36, m.id);
	assert_int_equal(35, m.parent);
	assert_int_equal(98, m.major);
	assert_int_equal(0, m.minor);
	assert_string_equal("/mnt1", m.root);
	assert_string_equal("/mnt2", m.mount_point);
	assert_string_equal("rw,noatime", m.mount_options);
	assert_string_equal("master:1", m.optional_fields);
	assert_string_equal("ext3", m.fs_type);
	assert_string_equal("/dev/root", m.source);
	assert_string_equal("rw,errors=continue", m.super_options);
	assert_int_equal(1, mountinfo_master(&m));
	assert_int_equal(0, mountinfo_shared(&m));
}

static void optional_fields_are_none_or_several(void **state)
{
	struct mountinfo m;

	(void)state;
	assert_int_equal(0, parse("1 0 0:5 / / rw - proc proc rw", &m));
	assert_string_equal("", m.optional_fields);
	assert_int_equal(0, mountinfo_shared(&m));
	assert_string_equal("proc", m.fs_type);
	assert_int_equal(0, parse("1 0 0:5 / / rw shared:12 master:345 propagate_from:7 unbindable "
				  "- proc proc rw",
				  &m));
	assert_int_equal(12, mountinfo_shared(&m));
	assert_int_equal(345, mountinfo_master(&m));
	assert_string_equal("shared:12 master:345 propagate_from:7 unbindable", m.optional_fields);
	/* A tag is a whole word. */
	assert_int_equal(0, parse("1 0 0:5 / / rw unshared:9 - proc proc rw", &m));
	assert_int_equal(0, mountinfo_shared(&m));
}

static void escapes_become_bytes_again(void **state)
{
	struct mountinfo m;

	(void)state;
	assert_int_equal(0, parse("1 0 0:5 / /a\\040b\\011c\\134d\\9 rw - tmpfs x\\012y rw", &m));
	assert_string_equal("/a b\tc\\d\\9", m.mount_point);
	assert_string_equal("x\ny", m.source);
	/* mount("", ...) leaves an empty source, and the line two blanks in a row */
	assert_int_equal(0, parse("1 0 0:5 / /x rw - tmpfs  rw,size=1k", &m));
	assert_string_equal("", m.source);
	assert_string_equal("rw,size=1k", m.super_options);
}

static void what_is_no_line_is_refused(void **state)
{
	static const char *const bad[] = { "",
					   "\n",
					   "36",
					   "36 35 98:0 /a /b rw",
					   "36 35 98:0 /a /b rw - ext3 dev",
					   "x 35 98:0 / / rw - a b c",
					   "36 35 980 / / rw - a b c",
					   "36 35 98:0 / / rw master:1 ext3 dev rw" };
	struct mountinfo m;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		errno = 0;
		assert_int_equal(-1, parse(bad[i], &m));
		assert_int_equal(EINVAL, errno);
	}
}

struct seen {
	int lines, stop_after;
	struct stat root;
	int roots;
};

static int see(const struct mountinfo *mount, void *arg)
{
	struct seen *seen = arg;

	seen->lines++;
	if (strcmp(mount->mount_point, "/") == 0 && mount->major == major(seen->root.st_dev) &&
	    mount->minor == minor(seen->root.st_dev))
		seen->roots++;
	return seen->lines == seen->stop_after ? 42 : 0;
}

static void every_line_of_a_process_is_given(void **state)
{
	struct seen seen = { 0 }, again = { .stop_after = 2 };
	char text[1 << 16];
	int procfd = proc_open(), lines = 0;

	(void)state;
	assert_int_equal(0, stat("/", &seen.root));
	assert_int_equal(0, mountinfo_each(procfd, 0, see, &seen));
	assert_true(read_file_at(procfd, "self/mountinfo", text, sizeof(text)) > 0);
	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, seen.lines);
	assert_true(seen.roots >= 1);
	assert_int_equal(42, mountinfo_each(procfd, getpid(), see, &again));
	assert_int_equal(2, again.lines);
	close(procfd);
}

static void a_long_file_is_read_whole(void **state)
{
	char dir[] = "/tmp/minibox-test-XXXXXX", path[64];
	struct seen seen = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/self", dir);
	assert_int_equal(0, mkdir(path, 0700));
	snprintf(path, sizeof(path), "%s/self/mountinfo", dir);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	for (int i = 0; i < 3000; i++)
		fprintf(f,
			"%d 1 0:5 / /a/rather/long/path/number/%d rw,relatime shared:%d - tmpfs "
			"none rw\n",
			i, i, i);
	fprintf(f, "this is no line\n");
	fclose(f);
	int fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(0, mountinfo_each(fd, 0, see, &seen));
	assert_int_equal(3000, seen.lines);
	close(fd);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	rmdir(dir);
}

static void the_dead_have_no_mounts(void **state)
{
	struct seen seen = { 0 };
	int procfd = proc_open();
	siginfo_t info;
	pid_t zombie = fork();

	(void)state;
	if (zombie == 0)
		_exit(0);
	assert_int_equal(0, waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT));
	assert_int_equal(-1, mountinfo_each(procfd, zombie, see, &seen));
	assert_int_equal(EINVAL, errno);
	waitpid(zombie, NULL, 0);
	assert_int_equal(-1, mountinfo_each(procfd, zombie, see, &seen));
	assert_int_equal(ENOENT, errno);
	close(procfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_eleven_fields),
		cmocka_unit_test(optional_fields_are_none_or_several),
		cmocka_unit_test(escapes_become_bytes_again),
		cmocka_unit_test(what_is_no_line_is_refused),
		cmocka_unit_test(every_line_of_a_process_is_given),
		cmocka_unit_test(a_long_file_is_read_whole),
		cmocka_unit_test(the_dead_have_no_mounts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
