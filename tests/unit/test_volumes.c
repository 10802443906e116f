/*
 * Step 7's pieces: what -v means, where the mount point is made, what is writable.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step07_volumes/given/mount_flags.h"
#include "step07_volumes/given/volume_store.h"
#include "step07_volumes/volumes.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char scratch[] = "/tmp/minibox-unit-XXXXXX"; /* a tmpfs is mounted on it, and the working
						       directory is in there */

/* ---- parse ---- */

static void forms_of_v(void **state)
{
	static const struct {
		const char *text;
		const char *source, *destination;
		enum volume_kind kind;
		bool read_only;
	} good[] = {
		{ "/test", "", "/test", VOLUME_ANONYMOUS, false },
		{ "/home:/test", "/home", "/test", VOLUME_PATH, false },
		{ "/home:/test:ro", "/home", "/test", VOLUME_PATH, true },
		{ "/home:/test:rw", "/home", "/test", VOLUME_PATH, false },
		{ "/home:/test:z,ro,rprivate", "/home", "/test", VOLUME_PATH, true },
		{ "data:/test", "data", "/test", VOLUME_NAMED, false },
		{ "d.a_t-a1:/test:ro", "d.a_t-a1", "/test", VOLUME_NAMED, true },
		{ "/a:/b,c", "/a", "/b,c", VOLUME_PATH, false },
		{ "/a://b/./c/../d//", "/a", "/b/d", VOLUME_PATH, false },
		{ "/a:/../b", "/a", "/b", VOLUME_PATH, false },
		{ "/a:/b/...", "/a", "/b/...", VOLUME_PATH, false },
	};
	struct volume v;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(volume_parse(good[i].text, &v), 0);
		assert_int_equal(v.kind, good[i].kind);
		assert_string_equal(v.source, good[i].source);
		assert_string_equal(v.destination, good[i].destination);
		assert_int_equal(v.read_only, good[i].read_only);
	}
}

static void what_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		":",
		"::",
		"/",
		"/..",
		"/.",
		"//",
		"/a:/",
		"/a:/..",
		"/a:/b/..",
		"test",
		"/a:test",
		":/test",
		"./a:/test",
		"../a:/test",
		"a/b:/test",
		"a:/test",
		".hidden:/test",
		"/a:/b:",
		"/a:/b:rx",
		"/a:/b:ro,rw",
		"/a:/b:ro,ro",
		"/a:/b:ro,",
		"/a:/b:c:d",
		"/a:/b:rshared",
		"/a:",
		"na me:/test",
	};
	char long_text[3 * PATH_MAX];
	struct volume v;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		sys_failure_clear();
		if (volume_parse(bad[i], &v) == 0)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_equal(errno, EINVAL);
		assert_string_equal(sys_failure()->subject, bad[i]);
		assert_true(sys_failure()->cause[0]);
	}
	memset(long_text, 'a', sizeof(long_text));
	long_text[0] = '/';
	long_text[PATH_MAX + 10] = '\0';
	assert_int_equal(volume_parse(long_text, &v), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	long_text[PATH_MAX + 10] = 'a';
	long_text[sizeof(long_text) - 1] = '\0';
	assert_int_equal(volume_parse(long_text, &v), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

/* The words that help: what a person meant is written so that it works. */
static void what_was_meant_is_said(void **state)
{
	static const struct {
		const char *text, *cause, *remedy;
	} rows[] = {
		{ "./v:/d", "SRC is neither", "-v \"$PWD/v\":/d" },
		{ ".//v:/d:ro", "SRC is neither", "-v \"$PWD/v\":/d:ro" },
		{ ".:/d", "SRC is neither", "-v \"$PWD\":/d" },
		{ "./:/d", "SRC is neither", "-v \"$PWD\":/d" },
		{ "../v:/d", "SRC is neither", "-v \"$PWD/../v\":/d" },
		{ "a/b:/d", "SRC is neither", "-v \"$PWD/a/b\":/d" },
		{ "/tmp/a:b:/data", "colon cannot be in a path", "-v OTHER:DST" },
		{ "/tmp/a:b:c:/data:ro", "colon cannot be in a path", "-v OTHER:DST" },
		{ "/a:/b:/c", "colon cannot be in a path", "-v OTHER:DST" },
		{ "x:/d", "two at least", "Write -v" },
	};
	struct volume v;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		sys_failure_clear();
		assert_int_equal(volume_parse(rows[i].text, &v), -1);
		assert_int_equal(errno, EINVAL);
		assert_string_equal(sys_failure()->subject, rows[i].text);
		if (!strstr(sys_failure()->cause, rows[i].cause) ||
		    !strstr(sys_failure()->remedy, rows[i].remedy))
			fail_msg("%s: %s / %s", rows[i].text, sys_failure()->cause,
				 sys_failure()->remedy);
	}
}

/* ---- a root and a host ---- */

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	ssize_t n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

static ino_t inode(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static int root = -1;

static int make_root(void **state)
{
	static int number;
	char name[32];

	(void)state;
	snprintf(name, sizeof(name), "%s/%d", scratch, number++);
	if (mkdir(name, 0755) < 0 || chdir(name) < 0 || mkdir("root", 0755) < 0 ||
	    mkdir("host", 0755) < 0 || put("host/file", "of the host") < 0)
		return -1;
	sys_failure_clear();
	root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : 0;
}

static int leave_root(void **state)
{
	(void)state;
	close(root);
	return 0;
}

static int bind_at(const char *source, const char *destination, unsigned long flags)
{
	int fd = open(source, O_PATH | O_CLOEXEC);
	int result;

	assert_true(fd >= 0);
	result = volume_bind(root, destination, fd, MS_REC | flags);
	int saved = errno;
	close(fd);
	errno = saved;
	return result;
}

static void a_directory_is_the_same_directory(void **state)
{
	(void)state;
	assert_int_equal(bind_at("host", "/data/deep", 0), 0);
	assert_true(inode("root/data/deep") == inode("host"));
	assert_int_equal(put("root/data/deep/new", "from inside"), 0);
	assert_true(inode("root/data/deep/new") == inode("host/new"));
}

static void a_file_too(void **state)
{
	(void)state;
	assert_int_equal(bind_at("host/file", "/etc/conf", MS_RDONLY), 0);
	assert_true(inode("root/etc/conf") == inode("host/file"));
	assert_int_equal(put("root/etc/conf", "x"), -1);
	assert_int_equal(errno, EROFS);
	mkdir("root/dir", 0755);
	assert_int_equal(bind_at("host/file", "/dir", 0), -1);
	assert_int_equal(errno, EISDIR);
	put("root/plain", "");
	assert_int_equal(bind_at("host", "/plain", 0), -1);
	assert_int_equal(errno, ENOTDIR);
}

static void read_only_is_read_only_below_too(void **state)
{
	(void)state;
	mkdir("host/sub", 0755);
	assert_int_equal(mount("tmpfs", "host/sub", "tmpfs", 0, NULL), 0);
	assert_int_equal(bind_at("host", "/data", MS_RDONLY), 0);
	assert_int_equal(put("root/data/file", "x"), -1);
	assert_int_equal(errno, EROFS);
	assert_true(inode("root/data/sub") == inode("host/sub")); /* MS_REC: it came along */
	assert_int_equal(put("root/data/sub/file", "x"), -1);	  /* 5.12 and later */
	assert_int_equal(errno, EROFS);
	assert_int_equal(put("host/file", "x"), 0); /* the host's own side is as it was */
	assert_int_equal(put("host/sub/file", "x"), 0);
}

static void locked_flags_are_repeated(void **state)
{
	(void)state;
	mkdir("host/locked", 0755);
	assert_int_equal(
		mount("tmpfs", "host/locked", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), 0);
	/* In a namespace of less privilege the three are locked. */
	pid_t pid = fork();
	if (pid == 0) {
		uid_t uid = geteuid();
		gid_t gid = getegid();
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || self_map_write(uid, gid) < 0)
			_exit(3);
		root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC); /* of this mount namespace */
		int source = open("host/locked", O_PATH | O_CLOEXEC);
		if (volume_bind(root, "/data", source, MS_REC | MS_RDONLY) < 0)
			_exit(1);
		int fd = open("root/data", O_PATH | O_CLOEXEC);
		unsigned long want = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
		if ((mount_flags_of(fd) & want) != want)
			_exit(2);
		/* And without them it would not work: the claim behind the line. */
		_exit(mount(NULL, "root/data", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0 &&
				      errno == EPERM
			      ? 0
			      : 4);
	}
	int status = -1;
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_int_equal(status, 0);
}

/* The options of the mount at root/PLACE, from /proc/self/mountinfo; "": none there. */
static const char *options_of(const char *place)
{
	static char options[256];
	char line[4096], here[PATH_MAX], wanted[2 * PATH_MAX], point[4096];
	FILE *file = fopen("/proc/self/mountinfo", "r");

	options[0] = '\0';
	snprintf(wanted, sizeof(wanted), "%s/root/%s", getcwd(here, sizeof(here)), place);
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %*s %*s %*s %4095s %255s", point, options) == 2 &&
		    strcmp(point, wanted) == 0)
			break;
		else
			options[0] = '\0';
	if (file)
		fclose(file);
	return options;
}

/* How access times are noted is locked as well. A remount that names one of the flags for it sets
 * all of them anew, so one kept for itself changes the others. */
static void locked_atime_is_kept(void **state)
{
	static const struct {
		unsigned long flags, more;
		const char *options;
	} rows[] = {
		{ MS_NODIRATIME | MS_STRICTATIME, MS_RDONLY, "ro,nodiratime" },
		{ MS_NOATIME, MS_RDONLY | MS_NODEV, "ro,nodev,noatime" },
		{ MS_NODIRATIME | MS_NOATIME, MS_NODIRATIME, "rw,noatime,nodiratime" },
		{ MS_STRICTATIME, MS_STRICTATIME | MS_NOSUID, "rw,nosuid" },
		{ MS_NOEXEC | MS_RELATIME, MS_RDONLY, "ro,noexec,relatime" },
	};

	(void)state;
	mkdir("host/times", 0755);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(mount("tmpfs", "host/times", "tmpfs", rows[i].flags, NULL), 0);
		pid_t pid = fork();
		if (pid == 0) {
			uid_t uid = geteuid();
			gid_t gid = getegid();
			if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
			    self_map_write(uid, gid) < 0)
				_exit(3);
			root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
			int source = open("host/times", O_PATH | O_CLOEXEC);
			if (volume_bind(root, "/data", source, MS_REC | rows[i].more) < 0)
				_exit(1);
			_exit(strcmp(options_of("data"), rows[i].options) != 0);
		}
		int status = -1;
		assert_true(waitpid(pid, &status, 0) == pid);
		assert_int_equal(umount("host/times"), 0);
		if (status != 0)
			fail_msg("row %zu: status %#x, not \"%s\"", i, status, rows[i].options);
	}
}

/* Two directories change places all the time while /one/in is mounted on. Whichever it was: there
 * is one new mount, and it is that one which is read-only. */
static void a_path_that_changes_meanwhile(void **state)
{
	int one, two, mounted = 0;

	(void)state;
	assert_int_equal(mkdir("root/one", 0755) | mkdir("root/one/in", 0755), 0);
	assert_int_equal(mkdir("root/two", 0755) | mkdir("root/two/in", 0755), 0);
	one = open("root/one", O_PATH | O_CLOEXEC);
	two = open("root/two", O_PATH | O_CLOEXEC);
	pid_t other = fork();
	if (other == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			renameat2(AT_FDCWD, "root/one", AT_FDCWD, "root/two", RENAME_EXCHANGE);
	}
	for (int i = 0; i < 2000; i++) {
		char path[64];
		if (bind_at("host", "/one/in", MS_RDONLY) < 0) {
			mounted = -errno;
			break;
		}
		int found = 0;
		for (int n = 0; n < 2; n++) {
			struct statvfs fs;
			snprintf(path, sizeof(path), "/proc/self/fd/%d/in", n ? two : one);
			if (inode(path) != inode("host"))
				continue;
			found += statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY) ? 1 : 100;
			umount2(path, MNT_DETACH);
		}
		mounted += found == 1;
	}
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(one);
	close(two);
	assert_int_equal(mounted, 2000);
}

/* From here on this process's open_tree(2) fails with err, as under a filter of a host. */
static int filter_open_tree(int err)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_open_tree, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) |
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* mount(2) alone does it too: the same mounts, the same flags, below as well. */
static void without_open_tree(void **state)
{
	static const int errors[] = { ENOSYS, EPERM };

	(void)state;
	mkdir("host/sub", 0755);
	assert_int_equal(mount("tmpfs", "host/sub", "tmpfs", 0, NULL), 0);
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			if (unshare(CLONE_NEWNS) < 0 || filter_open_tree(errors[i]) < 0)
				_exit(77);
			root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
			if (bind_at("host", "/data", MS_RDONLY) < 0 || sys_failure()->err)
				_exit(1);
			if (inode("root/data") != inode("host") ||
			    inode("root/data/sub") != inode("host/sub"))
				_exit(2);
			if (put("root/data/new", "") == 0 || put("root/data/sub/new", "") == 0)
				_exit(3);
			sys_failure_clear();
			int closed = open("root", O_PATH | O_CLOEXEC); /* and it may fail, too */
			close(closed);
			_exit(volume_bind(root, "/x", closed, 0) == 0 || errno != EBADF);
		}
		int status = -1;
		assert_true(waitpid(pid, &status, 0) == pid);
		if (status == 77 << 8)
			skip();
		assert_int_equal(status, 0);
	}
}

static void an_images_links_lead_nowhere(void **state)
{
	(void)state;
	mkdir("outside", 0755);
	assert_int_equal(symlink("../../outside", "root/data"), 0);
	assert_int_equal(symlink("/etc", "root/abs"), 0);
	assert_int_equal(bind_at("host", "/data", 0), 0);
	assert_int_not_equal(inode("outside"), inode("host"));
	assert_true(inode("root/outside") == inode("host")); /* ".." stops at the root */
	assert_int_equal(bind_at("host", "/abs", 0), 0);
	assert_true(inode("root/etc") == inode("host"));
	assert_int_not_equal(inode("/etc"), inode("host"));
	assert_int_equal(symlink("loop", "root/loop"), 0);
	assert_int_equal(bind_at("host", "/loop", 0), -1);
	assert_int_equal(errno, ELOOP);
}

static void a_target_is_made_once_and_kept(void **state)
{
	(void)state;
	mkdir("root/data", 0700);
	put("root/data/kept", "");
	int fd = volume_target(root, "/data", true);
	struct stat st = { 0 };
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(access("root/data/kept", F_OK), 0);
	close(fd);
	fd = volume_target(root, "/run/app.sock", false);
	assert_true(fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0);
	close(fd);
}

static void sources_are_opened(void **state)
{
	struct volume v;
	char id[VOLUME_ID_SIZE], path[PATH_MAX];

	(void)state;
	mkdir("store", 0755);
	assert_int_equal(volume_parse("/test", &v), 0);
	int fd = volume_open("store", &v, id);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(strlen(id), 64);
	assert_int_equal(strspn(id, "0123456789abcdef"), 64);
	snprintf(path, sizeof(path), "store/volumes/%s/_data", id);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(volume_parse("data:/test", &v), 0);
	for (int i = 0; i < 2; i++) { /* the second time it is there, and is the same */
		fd = volume_open("store", &v, NULL);
		assert_true(fd >= 0);
		struct stat st;
		assert_int_equal(fstat(fd, &st), 0);
		assert_true(st.st_ino == inode("store/volumes/data/_data"));
		close(fd);
	}
	snprintf(path, sizeof(path), "%s/none:/test", scratch);
	assert_int_equal(volume_add(root, "store", path), -1);
	assert_int_equal(errno, ENOENT);
	assert_non_null(strstr(sys_failure()->subject, "/none"));
	sys_failure_clear();
	snprintf(path, sizeof(path), "%s/fifo", scratch);
	assert_int_equal(mkfifo(path, 0600), 0);
	snprintf(path, sizeof(path), "%s/fifo:/test", scratch);
	assert_int_equal(volume_add(root, "store", path), -1); /* and does not wait for a writer */
	assert_int_equal(errno, EINVAL);
	assert_int_equal(access("root/test", F_OK), -1); /* nothing left */
	assert_int_equal(volume_add(root, "store", "data:/named:ro"), 0);
	assert_true(inode("root/named") == inode("store/volumes/data/_data"));
	assert_int_equal(put("root/named/x", ""), -1);
	assert_int_equal(errno, EROFS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_ROOT(test) cmocka_unit_test_setup_teardown(test, make_root, leave_root)
		cmocka_unit_test(forms_of_v),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(what_was_meant_is_said),
		IN_ROOT(a_directory_is_the_same_directory),
		IN_ROOT(a_file_too),
		IN_ROOT(read_only_is_read_only_below_too),
		IN_ROOT(locked_flags_are_repeated),
		IN_ROOT(locked_atime_is_kept),
		IN_ROOT(a_path_that_changes_meanwhile),
		IN_ROOT(without_open_tree),
		IN_ROOT(an_images_links_lead_nowhere),
		IN_ROOT(a_target_is_made_once_and_kept),
		IN_ROOT(sources_are_opened),
	};
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int flags = CLONE_NEWNS | rootless_flags();

	if (unshare(flags) < 0 || ((flags & CLONE_NEWUSER) && self_map_write(uid, gid) < 0) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		printf("no mount namespace here: %m\n");
		return 77;
	}
	if (!mkdtemp(scratch) || mount("tmpfs", scratch, "tmpfs", 0, NULL) < 0)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	if (chdir("/") == 0)
		umount2(scratch, MNT_DETACH);
	rmdir(scratch);
	return failed;
}
