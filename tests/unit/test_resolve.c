/*
 * test_resolve.c: no path leads out of a root, and what is missing is made inside.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/resolve.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char base[64]; /* holds "outside" and "root" */
static int root;

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
	strcpy(base, "/tmp/minibox-test-XXXXXX");
	if (!mkdtemp(base))
		return -1;
	snprintf(path, sizeof(path), "%s/outside", base);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	snprintf(path, sizeof(path), "%s/root", base);
	mkdir(path, 0755);
	root = open(path, O_PATH | O_DIRECTORY);
	mkdirat(root, "etc", 0755);
	close(openat(root, "etc/passwd", O_WRONLY | O_CREAT, 0644));
	sys_failure_clear();
	return root < 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(root);
	return nftw(base, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* Is fd the file that "path" below the root names, without any link? */
static bool is(int fd, const char *path)
{
	struct stat a, b;

	return fd >= 0 && fstat(fd, &a) == 0 && fstatat(root, path, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void link_to(const char *target, const char *name)
{
	assert_int_equal(0, symlinkat(target, root, name));
}

static void nothing_leads_out(void **state)
{
	static const char *const ways[] = {
		"../outside", "/../../outside", "etc/../../outside", "up/outside", "abs", "rel"
	};
	char target[128];

	(void)state;
	link_to("..", "up");
	snprintf(target, sizeof(target), "%s/outside", base);
	link_to(target, "abs");
	link_to("../outside", "rel");
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		assert_int_equal(-1, resolve_in_root(root, ways[i], O_PATH, 0));
		assert_int_equal(ENOENT, errno);
	}
}

static void links_are_followed_inside(void **state)
{
	(void)state;
	link_to("/etc", "conf");
	link_to("../../../etc/passwd", "accounts");
	int fd = resolve_in_root(root, "/conf/passwd", O_RDONLY, 0);
	assert_true(is(fd, "etc/passwd"));
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	fd = resolve_in_root(root, "accounts", O_RDONLY, 0);
	assert_true(is(fd, "etc/passwd"));
	close(fd);
	fd = resolve_in_root(root, "..", O_PATH, 0);
	assert_true(is(fd, "."));
	close(fd);
}

static void errors_are_those_of_the_page(void **state)
{
	(void)state;
	link_to("loop", "loop");
	link_to("/proc/self/root", "magic");
	assert_int_equal(-1, resolve_in_root(root, "loop", O_PATH, 0));
	assert_int_equal(ELOOP, errno);
	assert_int_equal(-1, resolve_in_root(root, "etc/passwd/x", O_PATH, 0));
	assert_int_equal(ENOTDIR, errno);
	assert_int_equal(-1, resolve_in_root(root, "magic", O_PATH, 0));
	assert_int_equal(ENOENT, errno); /* there is no /proc inside */
	assert_int_equal(ELOOP, sys_failure()->err);
	assert_string_equal("loop", sys_failure()->subject);
	/* With the host's / for a root, a magic link could lead anywhere. */
	assert_int_equal(-1, resolve_in_root(AT_FDCWD, "/proc/self/root/etc", O_PATH, 0));
	assert_int_equal(EXDEV, errno);
	int fd = resolve_in_root(AT_FDCWD, base + 1, O_PATH,
				 0); /* no leading slash: still from / */
	assert_true(fd >= 0);
	close(fd);
}

static void directories_are_made(void **state)
{
	struct stat st;

	(void)state;
	int fd = make_dir_in_root(root, "/a/b//c/", 0755);
	assert_true(is(fd, "a/b/c"));
	close(fd);
	fd = make_dir_in_root(root, "a/b/c", 0755);
	assert_true(is(fd, "a/b/c"));
	close(fd);
	fd = make_dir_in_root(root, "/", 0755);
	assert_true(is(fd, "."));
	close(fd);
	fd = make_dir_in_root(root, "a/../../../d", 0700);
	assert_true(is(fd, "d"));
	close(fd);
	assert_int_equal(0, fstatat(root, "d", &st, 0));
	assert_int_equal(0700, st.st_mode & 07777);
	assert_int_equal(-1, make_dir_in_root(root, "etc/passwd/x", 0755));
	assert_int_equal(ENOTDIR, errno);
}

static void links_to_nowhere_get_their_target(void **state)
{
	(void)state;
	assert_int_equal(0, mkdirat(root, "var", 0755));
	link_to("/run", "var/run");	    /* Debian's, in an image without /run */
	link_to("../new/lock", "var/lock"); /* relative, two levels missing */
	link_to("../../../../tmp/minibox-evil", "var/evil");
	int fd = make_dir_in_root(root, "var/run/secrets", 0755);
	assert_true(is(fd, "run/secrets"));
	close(fd);
	fd = make_dir_in_root(root, "var/lock", 0755);
	assert_true(is(fd, "new/lock"));
	close(fd);
	fd = make_dir_in_root(root, "var/evil/x", 0755);
	assert_true(is(fd, "tmp/minibox-evil/x"));
	close(fd);
	assert_int_equal(-1, access("/tmp/minibox-evil", F_OK));
	link_to("b-link", "a-link");
	link_to("a-link/x", "b-link");
	assert_int_equal(-1, make_dir_in_root(root, "a-link", 0755));
	assert_int_equal(ELOOP, errno);
}

/* 30 links, each to the next: on the small stack of a child of clone too. */
static int follow_chain(void *arg)
{
	int fd = make_dir_in_root(root, "chain-0", 0755);

	(void)arg;
	return is(fd, "end") ? 0 : 1;
}

static void a_chain_of_links_fits_the_stack(void **state)
{
	struct spawn child = { .fn = follow_chain };
	int status = -1;

	(void)state;
	for (int i = 0; i < 30; i++) {
		char name[32], next[32];
		snprintf(name, sizeof(name), "chain-%d", i);
		snprintf(next, sizeof(next), "chain-%d", i + 1);
		link_to(i == 29 ? "end" : next, name);
	}
	assert_int_equal(0, spawn(&child));
	assert_int_equal(0, spawn_wait(&child, &status));
	assert_int_equal(0, status);
}

static void files_are_made_and_kept(void **state)
{
	struct stat st;
	char text[8] = "";

	(void)state;
	int fd = make_file_in_root(root, "/x/y/file", 0600);
	assert_true(is(fd, "x/y/file"));
	assert_int_equal(0, fstat(fd, &st));
	assert_true(S_ISREG(st.st_mode) && st.st_size == 0);
	close(fd);
	int writer = openat(root, "x/y/file", O_WRONLY);
	assert_int_equal(4, write(writer, "kept", 4));
	close(writer);
	fd = make_file_in_root(root, "x/y/file", 0600);
	assert_true(is(fd, "x/y/file"));
	close(fd);
	int reader = openat(root, "x/y/file", O_RDONLY);
	assert_int_equal(4, read(reader, text, sizeof(text)));
	close(reader);
	link_to("/etc/mtab-target", "link");
	fd = make_file_in_root(root, "link", 0644);
	assert_true(is(fd, "etc/mtab-target"));
	close(fd);
	assert_int_equal(0, mkfifoat(root, "fifo", 0600));
	alarm(5); /* opening it for real would wait for a writer */
	fd = make_file_in_root(root, "fifo", 0600);
	alarm(0);
	assert_true(is(fd, "fifo"));
	close(fd);
	assert_int_equal(-1, make_file_in_root(root, "etc/passwd/x", 0644));
	assert_int_equal(ENOTDIR, errno);
}

/* A link whose target is not there: Ubuntu's /etc/resolv.conf in an image without systemd, and what
 * an image could make of that. */
static void links_to_no_file_get_their_file(void **state)
{
	static const struct {
		const char *link, *target, *made;
	} rows[] = {
		{ "etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf",
		  "run/systemd/resolve/stub-resolv.conf" },
		{ "abs", "/new/deep/file", "new/deep/file" },
		{ "chain", "chain2", "new3/file" },
		{ "up", "../../../../../../tmp/minibox-evil/x", "tmp/minibox-evil/x" },
		{ "etc/up", "/../../tmp/minibox-evil/y", "tmp/minibox-evil/y" },
		{ "middle/file", NULL, "new4/deep/file" },
		{ "link-to-link-dir", "middle/sub/z", "new4/deep/sub/z" },
		{ "dots", "new5/../new6/./f", "new6/f" },
	};

	(void)state;
	link_to("/etc/../chain3", "chain2");
	link_to("./new3/file", "chain3");
	link_to("../../../new4/deep", "middle");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].target)
			link_to(rows[i].target, rows[i].link);
		int fd = make_file_in_root(root, rows[i].link, 0644);
		if (!is(fd, rows[i].made))
			fail_msg("%s: not %s (%m)", rows[i].link, rows[i].made);
		close(fd);
		fd = make_file_in_root(root, rows[i].link, 0644);
		assert_true(is(fd, rows[i].made)); /* and is found the second time */
		close(fd);
	}
	assert_int_equal(-1, access("/tmp/minibox-evil", F_OK));
	assert_int_equal(-1, access("/new", F_OK));
}

static void links_without_end_or_file_are_refused(void **state)
{
	(void)state;
	link_to("b-link", "a-link");
	link_to("a-link", "b-link");
	assert_int_equal(-1, make_file_in_root(root, "a-link", 0644));
	assert_int_equal(ELOOP, errno);
	link_to("grow/x", "grow"); /* longer at each turn */
	assert_int_equal(-1, make_file_in_root(root, "grow", 0644));
	assert_int_equal(ELOOP, errno);
	link_to("etc/passwd/x", "through-file");
	assert_int_equal(-1, make_file_in_root(root, "through-file", 0644));
	assert_int_equal(ENOTDIR, errno);
	link_to("nothing/", "to-directory");
	assert_int_equal(-1, make_file_in_root(root, "to-directory", 0644));
	assert_int_equal(EISDIR, errno);
	link_to("nothing/..", "to-dots");
	assert_int_equal(-1, make_file_in_root(root, "to-dots", 0644));
	assert_int_equal(EISDIR, errno);
	/* With the host's / for a root: a magic link's text is "/", and followed it would be more.
	 */
	assert_int_equal(-1, make_file_in_root(AT_FDCWD, "/proc/self/root/minibox-evil", 0644));
	assert_int_equal(EXDEV, errno);
	assert_int_equal(-1, access("/minibox-evil", F_OK));
}

static void a_path_is_told_without_links(void **state)
{
	static const struct {
		const char *path, *place;
	} rows[] = {
		{ "/", "" },
		{ "etc//passwd", "/etc/passwd" },
		{ "/p", "/proc" },
		{ "/p/sys/x", "/proc/sys/x" },
		{ "var/run/x", "/run/x" },
		{ "var/run/../y", "/y" },
		{ "up/../..//none/./z", "/none/z" },
		{ "here/passwd", "/etc/passwd" },
		{ "not/there/at/all", "/not/there/at/all" },
		{ "etc/passwd/x", "/etc/passwd/x" },
	};
	char out[PATH_MAX];

	(void)state;
	assert_int_equal(0, mkdirat(root, "var", 0755));
	link_to("/run", "var/run");
	link_to("var/../..//proc/", "p");
	link_to("../../../..", "up");
	link_to("./etc/.", "here");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(0, path_in_root(root, rows[i].path, out));
		assert_string_equal(out, rows[i].place);
	}
	link_to("loop/x", "loop");
	assert_int_equal(-1, path_in_root(root, "loop", out));
	assert_int_equal(ELOOP, errno);
}

static void long_paths_are_refused(void **state)
{
	char path[6000];

	(void)state;
	memset(path, 'a', 300);
	path[300] = '\0';
	assert_int_equal(-1, make_dir_in_root(root, path, 0755));
	assert_int_equal(ENAMETOOLONG, errno);
	for (size_t i = 0; i + 1 < sizeof(path); i++)
		path[i] = i % 2 ? '/' : 'a';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(-1, make_dir_in_root(root, path, 0755));
	assert_int_equal(ENAMETOOLONG, errno);
}

static void a_descriptor_has_a_path(void **state)
{
	char name[32];
	struct stat a, b;

	(void)state;
	assert_int_equal(0, stat(fd_path(root, name, sizeof(name)), &a));
	assert_int_equal(0, fstat(root, &b));
	assert_true(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_leads_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(links_are_followed_inside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(errors_are_those_of_the_page, set_up, tear_down),
		cmocka_unit_test_setup_teardown(directories_are_made, set_up, tear_down),
		cmocka_unit_test_setup_teardown(links_to_nowhere_get_their_target, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_chain_of_links_fits_the_stack, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_are_made_and_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(links_to_no_file_get_their_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(links_without_end_or_file_are_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_path_is_told_without_links, set_up, tear_down),
		cmocka_unit_test_setup_teardown(long_paths_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_descriptor_has_a_path, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
