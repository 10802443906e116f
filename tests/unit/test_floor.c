/*
 * test_floor.c: SYS and its records, /proc's parsers, stages.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/stage.h"
#include "step01_clone_pid/floor/demo/say.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/wrap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- SYS ---- */

static void test_first_failure_is_kept(void **state)
{
	(void)state;
	char path[32] = "/nowhere/first";

	sys_failure_clear();
	assert_int_equal(SYS(open(path, O_RDONLY), path), -1);
	assert_int_equal(errno, ENOENT);
	strcpy(path, "/changed"); /* the subject was copied */
	assert_int_equal(SYS(mkdir("/proc/x", 0700), "/proc/x"), -1);
	assert_int_equal(sys_failure()->err, ENOENT);
	assert_string_equal(sys_failure()->subject, "/nowhere/first");
	assert_string_equal(sys_failure()->call, "open(path, O_RDONLY)");
	assert_non_null(strstr(sys_failure()->file, "test_floor.c"));
	assert_true(sys_failure()->line > 0);
	sys_failure_clear();
	assert_int_equal(sys_failure()->err, 0);
}

static void test_success_and_expected(void **state)
{
	(void)state;
	sys_failure_clear();
	errno = 77;
	int fd = SYS(open("/dev/null", O_RDONLY), "/dev/null");
	assert_true(fd >= 0);
	assert_int_equal(errno, 77); /* success leaves errno alone */
	close(fd);
	assert_int_equal(SYS_MAY(mkdir("/proc", 0755), "/proc", EEXIST), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(sys_failure()->err, 0);
	assert_int_equal(SYS_MAY(mkdir("/nowhere/x", 0755), "/nowhere/x", EEXIST), -1);
	assert_int_equal(sys_failure()->err, ENOENT);
	sys_failure_clear();
}

static void test_number_subject_and_set(void **state)
{
	(void)state;
	sys_failure_clear();
	assert_int_equal(SYS(kill(0x7ffffff0, 0), 0x7ffffff0), -1);
	assert_string_equal(sys_failure()->subject, "2147483632");
	sys_failure_set(EIO, "later", "later", NULL, NULL);
	assert_int_equal(errno, EIO);
	assert_int_equal(sys_failure()->err, ESRCH);
	sys_failure_clear();
	sys_failure_set(EINVAL, "parsing", "20", "A bare 20 means nothing.", "20% or 0.2");
	sys_failure_explain();
	assert_string_equal(sys_failure()->cause, "A bare 20 means nothing.");
	sys_failure_clear();
}

/* A result that is a pointer keeps its type, and fails with NULL or MAP_FAILED. */
static void test_pointer_results(void **state)
{
	(void)state;
	char small[2], room[4096];

	sys_failure_clear();
	char *path = SYS(getcwd(room, sizeof(room)), "here");
	assert_ptr_equal(path, room);
	assert_int_equal(sys_failure()->err, 0);
	if (strcmp(room, "/") == 0)
		assert_int_equal(chdir("/proc"), 0);
	path = SYS(getcwd(small, sizeof(small)), "here");
	assert_null(path);
	assert_int_equal(errno, ERANGE);
	assert_int_equal(sys_failure()->err, ERANGE);
	assert_true(sys_failure()->null);
	assert_string_equal(sys_failure()->call, "getcwd(small, sizeof(small))");
	sys_failure_clear();
	void *memory = SYS(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), "none");
	assert_ptr_equal(memory, MAP_FAILED);
	assert_int_equal(sys_failure()->err, EINVAL);
	assert_false(sys_failure()->null);
	sys_failure_clear();
	DIR *dir = SYS(opendir("/nowhere"), "/nowhere");
	assert_null(dir);
	assert_int_equal(sys_failure()->err, ENOENT);
	sys_failure_clear();
	FILE *file = SYS_MAY(fopen("/nowhere", "re"), "/nowhere", ENOENT);
	assert_null(file);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(sys_failure()->err, 0);
	dir = SYS(opendir("/"), "/");
	assert_non_null(dir);
	assert_int_equal(sys_failure()->err, 0);
	closedir(dir);
}

/* Every other type of result: -1 is the failure, and 0 none. */
static void test_number_results(void **state)
{
	(void)state;
	long wide = 0x7fffffffffffL;
	ssize_t minus = -1;
	pid_t child = 0;

	sys_failure_clear();
	assert_true(SYS(wide, "a long") == wide);
	assert_int_equal(SYS(child, "a pid"), 0);
	assert_true(SYS((bool)false, "a bool") == false);
	assert_int_equal(sys_failure()->err, 0);
	errno = EAGAIN;
	assert_int_equal(SYS(minus, "a size"), -1);
	assert_int_equal(sys_failure()->err, EAGAIN);
	sys_failure_clear();
}

static int asked; /* how often */

static int ask(int value)
{
	asked++;
	return value;
}

static const char *place(const char *path)
{
	(void)!SYS_MAY(access("/nowhere", F_OK), "/nowhere", ENOENT);
	return path;
}

static const struct call_args *noted(void)
{
	static struct call_args args;

	assert_true(sys_failure()->err != 0);
	args = sys_failure()->args;
	sys_failure_clear();
	return &args;
}

static int do_nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* The values that the kernel got, wherever the source has a variable. None of these calls succeeds,
 * for whoever makes it. */
static void test_args_are_noted(void **state)
{
	(void)state;
	const char *type = "overlay";
	unsigned long mount_flags = MS_BIND | MS_REC;
	struct clone_args args = { .flags = 1ULL << 63 | CLONE_NEWPID };
	char stack[64];

	sys_failure_clear();
	assert_int_equal(SYS(mount("none", place("/nowhere"), type, mount_flags, NULL), "x"), -1);
	assert_string_equal(sys_failure()->call,
			    "mount(\"none\", place(\"/nowhere\"), type, mount_flags, NULL)");
	assert_true(noted()->noted);
	assert_int_equal(SYS(mount("none", "/nowhere", type, mount_flags, NULL), "x"), -1);
	assert_string_equal(noted()->type, "overlay");
	assert_int_equal(SYS(mount("none", "/nowhere", NULL, mount_flags, NULL), "x"), -1);
	assert_int_equal(noted()->flags, MS_BIND | MS_REC);
	assert_int_equal(SYS(mount("none", "/nowhere", NULL, 0, NULL), "x"), -1);
	assert_false(noted()->by_fd);
	assert_int_equal(SYS(mount("none", "/proc/self/fd/98765", NULL, 0, NULL), "x"), -1);
	assert_true(noted()->by_fd);
	assert_int_equal(SYS(unshare(ask(CLONE_NEWUTS | 1)), "x"), -1);
	assert_string_equal(sys_failure()->call, "unshare(ask(CLONE_NEWUTS | 1))");
	assert_int_equal(noted()->flags, CLONE_NEWUTS | 1);
	assert_int_equal(asked, 1);
	assert_int_equal(SYS(setns(-1, ask(CLONE_NEWNET)), "x"), -1);
	assert_int_equal(noted()->flags, CLONE_NEWNET);
	int flags = CLONE_SIGHAND | CLONE_NEWTIME; /* not without CLONE_VM */
	assert_int_equal(SYS(clone(do_nothing, stack + sizeof(stack), flags, NULL), "x"), -1);
	assert_int_equal(noted()->flags, flags);
	assert_int_equal(SYS(clone3(&args, sizeof(args)), "x"), -1);
	assert_true(noted()->flags == args.flags);
}

static int mounts_and_fails(void)
{
	(void)!mount("none", "/nowhere", "proc", MS_MOVE, NULL);
	errno = EPERM;
	return -1;
}

/* What one call noted is not told of another. */
static void test_args_are_of_their_call(void **state)
{
	(void)state;
	sys_failure_clear();
	(void)!mount("none", "/nowhere", "proc", MS_MOVE, NULL);
	assert_int_equal(SYS(open("/nowhere", O_RDONLY), "/nowhere"), -1);
	assert_false(noted()->noted);
	(void)!unshare(1);
	assert_int_equal(SYS(syscall(SYS_unshare, 1), "not noted"), -1);
	assert_false(noted()->noted);
	assert_int_equal(SYS(mounts_and_fails(), "within"), -1);
	assert_false(noted()->noted);
	assert_int_equal(SYS(mount("none", "/nowhere", "proc", 0, NULL), "x"), -1);
	sys_failure_clear();
	sys_failure_set(EPERM, "mount", "by hand", NULL, NULL);
	assert_false(noted()->noted);
}

/* ---- NOT_YET ---- */

static int gap_of_none(void)
{
	return NOT_YET();
}

struct pair {
	long a, b;
};

static ssize_t gap_of_many(int root, const char *path, struct pair pair, double factor,
			   const char *const list[], unsigned char small, int (*fn)(void *),
			   const struct pair *out)
{
	return NOT_YET(root, path, pair, factor, list, small, fn, out);
}

/* The why-table answers by the mark, not by the file's name. */
static void test_not_yet(void **state)
{
	(void)state;
	struct pair pair = { 1, 2 };

	sys_failure_clear();
	errno = 0;
	assert_int_equal(gap_of_none(), -1);
	assert_int_equal(errno, ENOSYS);
	assert_int_equal(sys_failure()->err, ENOSYS);
	assert_true(sys_failure()->not_written);
	assert_string_equal(sys_failure()->call, "gap_of_none()");
	assert_string_equal(sys_failure()->subject, "gap_of_none");
	assert_non_null(strstr(sys_failure()->file, "test_floor.c"));
	int line = sys_failure()->line;
	sys_failure_explain();
	assert_non_null(strstr(sys_failure()->cause, "Not written yet: "));
	assert_non_null(strstr(sys_failure()->cause, "test_floor.c:"));
	assert_true(gap_of_many(1, "x", pair, 0.5, NULL, 1, do_nothing, &pair) == -1);
	assert_int_equal(sys_failure()->line, line); /* the first one is kept */
	sys_failure_clear();
	assert_true(gap_of_many(1, "x", pair, 0.5, NULL, 1, do_nothing, &pair) == -1);
	assert_string_equal(sys_failure()->call, "gap_of_many()");
	assert_true(sys_failure()->line > line);
	sys_failure_clear();
	/* ENOSYS of a call, in the same file, is none. */
	assert_int_equal(SYS(syscall(99999), "no call"), -1);
	sys_failure_explain();
	assert_false(sys_failure()->not_written);
	assert_null(strstr(sys_failure()->cause, "Not written yet"));
	sys_failure_clear();
}

static void read_trace(char *out, size_t size, void (*calls)(void))
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	sys_trace_to(fds[1]);
	sys_trace_as("tester");
	calls();
	sys_tracing = false;
	close(fds[1]);
	ssize_t n = read(fds[0], out, size - 1);
	assert_true(n > 0);
	out[n] = '\0';
	close(fds[0]);
}

static void traced_calls(void)
{
	if (SYS(access("/dev/null", F_OK), "/dev/null") < 0 ||
	    SYS(access("/nowhere", F_OK), "/nowhere") == 0)
		abort();
	if (!SYS(opendir("/nowhere"), "/nowhere"))
		gap_of_none();
	sys_trace_say("a comment of %d words", 4);
}

static void test_wrap(void **state)
{
	(void)state;
	char out[64];

	wrap(out, sizeof(out), "one two three", 0, 2, 8);
	assert_string_equal(out, "one two\n  three");
	wrap(out, sizeof(out), "one two" GLUE "three", 0, 2, 8);
	assert_string_equal(out, "one\n  two three");
	wrap(out, sizeof(out), "longer-than-the-line x", 4, 2, 8);
	assert_string_equal(out, "longer-than-the-line\n  x");
	wrap(out, 8, "one two three", 0, 2, SIZE_MAX); /* no room: cut, and ended */
	assert_string_equal(out, "one two");
}

static void test_wrap_shell(void **state)
{
	(void)state;
	char out[128], tight[16];

	wrap_shell(out, sizeof(out), "one; two && three", 0, 2, 17);
	assert_string_equal(out, "one; two && three");
	wrap_shell(out, sizeof(out), "one; two && three", 0, 2, 13);
	assert_string_equal(out, "one; two &&\n  three");
	wrap_shell(out, sizeof(out), "one; two && three", 4, 2, 13);
	assert_string_equal(out, "one;\n  two &&\n  three");
	/* Only a backslash joins what the shell takes for two lines. */
	wrap_shell(out, sizeof(out), "one two three four", 0, 2, 12);
	assert_string_equal(out, "one two \\\n  three four");
	/* In double quotes a backslash would let the indent in: there only after a semicolon. */
	wrap_shell(out, sizeof(out), "grep \"a b c d e f\" x", 0, 2, 12);
	assert_string_equal(out, "grep \\\n  \"a b c d e f\" \\\n  x");
	wrap_shell(out, sizeof(out), "sh -c \"one | two; three\"", 0, 2, 18);
	assert_string_equal(out, "sh -c \"one | two;\n  three\"");
	wrap_shell(out, sizeof(out), "longer-than-the-line x", 4, 2, 8);
	assert_string_equal(out, "longer-than-the-line \\\n  x");
	wrap_shell(tight, sizeof(tight), "one; two; three; four", 0, 2, 10); /* no room: cut */
	assert_string_equal(tight, "one; two;\n  ");
}

/* ---- JSON ---- */

static void test_json_escape(void **state)
{
	(void)state;
	char out[64], tight[12];

	json_escape(out, sizeof(out), "a\"b\\c\n\xc3\xa9\xff\xc3");
	assert_string_equal(out, "a\\\"b\\\\c\\u000a\xc3\xa9\\ufffd\\ufffd");
	json_escape(out, sizeof(out), "\xed\xa0\x80"); /* half a surrogate pair is no character */
	assert_string_equal(out, "\\ufffd\\ufffd\\ufffd");
	json_escape(tight, sizeof(tight), "\n\n\n\n"); /* cut between escapes, never inside one */
	assert_string_equal(tight, "\\u000a");
}

static void test_values_stay_json(void **state)
{
	(void)state;
	char key[32];

	assert_true(say_setup());
	value("a", "%s", "-01"); /* no number in JSON */
	value("b", "%s", "-0.5");
	assert_string_equal(outcome->values, "\"a\": \"-01\", \"b\": -0.5");
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		value(key, "%d", i);
	}
	size_t length = strlen(outcome->values);
	assert_true(length < sizeof(outcome->values));
	assert_true(outcome->values[length - 1] >= '0' && outcome->values[length - 1] <= '9');
	assert_int_equal(outcome->verdict, SCENE_FAILED); /* and the scene says so */
}

static void test_trace(void **state)
{
	(void)state;
	char text[2048];

	sys_failure_clear();
	read_trace(text, sizeof(text), traced_calls);
	sys_failure_clear();
	assert_non_null(strstr(text, "test_floor.c:"));
	assert_non_null(strstr(text, "tester"));
	assert_non_null(strstr(text, "access(\"/dev/null\", F_OK)  [/dev/null] = 0"));
	assert_non_null(strstr(text, "[/nowhere] = -1 ENOENT (No such file or directory)"));
	assert_non_null(strstr(text, "opendir(\"/nowhere\")  [/nowhere] = NULL ENOENT (No such"));
	assert_non_null(strstr(text, "gap_of_none()  [gap_of_none] not written yet"));
	assert_non_null(strstr(text, "a comment of 4 words\n"));
}

static void test_report(void **state)
{
	(void)state;
	char text[2048];
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	sys_failure_clear();
	assert_int_equal(SYS(open("/nowhere/at/all", O_RDONLY), "/nowhere/at/all"), -1);
	sys_failure_print(fds[1], "prog");
	sys_failure_clear();
	close(fds[1]);
	ssize_t n = read(fds[0], text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(fds[0]);
	assert_non_null(strstr(text, "prog: /nowhere/at/all: No such file or directory"));
	assert_non_null(strstr(text, "open(\"/nowhere/at/all\", O_RDONLY) = -1 ENOENT"));
	assert_non_null(strstr(text, "why  "));

	assert_int_equal(pipe(fds), 0);
	assert_null(SYS(opendir("/nowhere/at/all"), "/nowhere/at/all"));
	sys_failure_print(fds[1], "prog");
	sys_failure_clear();
	close(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(fds[0]);
	assert_non_null(strstr(text, "opendir(\"/nowhere/at/all\") = NULL ENOENT"));

	/* On a terminal no line is wider than it. */
	struct winsize window = { .ws_row = 24, .ws_col = 60 };
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
	int tty = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	assert_int_equal(ioctl(tty, TIOCSWINSZ, &window), 0);
	sys_failure_set(ENOENT, "a(call, with, many, words, and, as, many, arguments, as, those)",
			"x", "a cause that takes more than sixty columns to be told in one line",
			"a remedy that takes more than sixty columns to be told: THE END");
	sys_failure_print(tty, "prog");
	sys_failure_clear();
	size_t length = 0;
	for (text[0] = '\0'; !strstr(text, "THE END"); text[length] = '\0') {
		n = read(terminal, text + length, sizeof(text) - 1 - length);
		assert_true(n > 0);
		length += (size_t)n;
	}
	assert_non_null(strstr(text, "  why     a cause that"));
	assert_non_null(strstr(text, "\n          "));
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		assert_true(strlen(line) <= 60); /* 59 and the carriage return */
	close(tty);
	close(terminal);
}

/* ---- /proc ---- */

static void test_stat_parse(void **state)
{
	(void)state;
	struct proc_stat s;
	static const char line[] =
		"42 (a) S) (b c) Z 7 8 9 0 -1 4 1 0 0 0 11 22 0 0 20 0 3 0 555 4096 6 "
		"18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 10240\n";

	assert_int_equal(proc_stat_parse(line, &s), 0);
	assert_int_equal(s.pid, 42);
	assert_string_equal(s.comm, "a) S) (b c");
	assert_int_equal(s.state, 'Z');
	assert_int_equal(s.ppid, 7);
	assert_int_equal(s.pgrp, 8);
	assert_int_equal(s.session, 9);
	assert_int_equal(s.utime, 11);
	assert_int_equal(s.stime, 22);
	assert_int_equal(s.threads, 3);
	assert_int_equal(s.starttime, 555);
	assert_int_equal(s.rss_pages, 6);
	assert_int_equal(s.exit_code, 10240);
	static const char *const bad[] = { "", "42", "42 (x", "x (y) S", "42 (x) S 1 2", ") 42 (" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(proc_stat_parse(bad[i], &s), -1);
		assert_int_equal(errno, EINVAL);
	}
}

static void test_stat_self(void **state)
{
	(void)state;
	struct proc_stat s;
	int procfd = proc_open();

	assert_int_equal(proc_stat_read(procfd, getpid(), &s), 0);
	assert_int_equal(s.ppid, getppid());
	assert_int_equal(s.state, 'R');
	close(procfd);
}

static void test_status_value(void **state)
{
	(void)state;
	char out[16];

	assert_true(status_value("A:\t1\nAB:  two words \nB:\n", "AB", out, sizeof(out)));
	assert_string_equal(out, "two words");
	assert_true(status_value("A:\t1\nAB: 2\nB:\n", "B", out, sizeof(out)));
	assert_string_equal(out, "");
	assert_false(status_value("A:\t1\n", "AA", out, sizeof(out)));
	assert_true(status_value("A:0123456789012345678", "A", out, sizeof(out)));
	assert_string_equal(out, "012345678901234");
}

static void test_ns_ids(void **state)
{
	(void)state;
	struct ns_id self, again, uts;
	int procfd = proc_open();

	assert_int_equal(proc_ns_id(procfd, 0, "pid", &self), 0);
	assert_int_equal(proc_ns_id(procfd, getpid(), "pid", &again), 0);
	assert_int_equal(proc_ns_id(procfd, 0, "uts", &uts), 0);
	assert_true(ns_id_equal(self, again));
	assert_false(ns_id_equal(self, uts));
	assert_false(ns_id_equal(self, (struct ns_id){ .dev = self.dev + 1, .ino = self.ino }));
	assert_int_equal(proc_ns_id(procfd, 0, "nonsense", &uts), -1);
	assert_int_equal(errno, ENOENT);
	close(procfd);
}

static void test_write_file(void **state)
{
	(void)state;
	char path[] = "/tmp/minibox-test-XXXXXX", text[32];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write_file_at(AT_FDCWD, path, "hello"), 0);
	assert_int_equal(read_file_at(AT_FDCWD, path, text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
	assert_int_equal(read_file_at(AT_FDCWD, path, text, 3), 2);
	assert_string_equal(text, "he");
	close(fd);
	unlink(path);
	sys_failure_clear();
	assert_int_equal(write_file_at(AT_FDCWD, "/dev/full", "x"), -1);
	assert_int_equal(errno, ENOSPC);
	assert_string_equal(sys_failure()->subject, "/dev/full");
	sys_failure_clear();
}

static void fill_file(int fd, size_t size)
{
	static char block[65537];

	memset(block, 'x', sizeof(block));
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, block, size, 0), (ssize_t)size);
}

/* Around the sizes at which the buffer grows, to the byte. */
static void test_read_whole(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 1, 4094, 4095, 4096, 4097, 8190, 8191, 8192, 65537 };
	char path[] = "/tmp/minibox-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t length = 99;
		fill_file(fd, sizes[i]);
		char *text = read_whole_at(AT_FDCWD, path, &length);
		assert_non_null(text);
		assert_int_equal(length, sizes[i]);
		assert_int_equal(strlen(text), sizes[i]);
		free(text);
	}
	close(fd);
	unlink(path);
}

static void test_read_whole_fails(void **state)
{
	(void)state;
	int next = dup(0);

	close(next);
	assert_null(read_whole_at(AT_FDCWD, "/nowhere", NULL));
	assert_int_equal(errno, ENOENT);
	assert_null(read_whole_at(AT_FDCWD, "/proc", NULL));
	assert_int_equal(errno, EISDIR);
	assert_null(read_whole_at(AT_FDCWD, "/dev/zero", NULL));
	assert_int_equal(errno, EFBIG);
	assert_int_equal(dup(0), next); /* no descriptor stayed open */
	close(next);
}

/* A directory service may give a user more groups than fit on a page or two. NSpid stands behind
 * them. */
static int with_groups(void *count)
{
	static gid_t groups[65536];
	size_t length;
	pid_t pids[32];
	char seccomp[8];

	for (int i = 0; i < *(int *)count; i++)
		groups[i] = 4000000000u + (gid_t)i;
	if (setgroups((size_t) * (int *)count, groups) < 0)
		return 2;
	int procfd = proc_open(), found = nspid_read(procfd, getpid(), pids, 32);
	char *text = read_whole_at(procfd, "self/status", &length);
	bool ok = found > 0 && pids[0] == getpid() && text &&
		  length > (size_t) * (int *)count * 10 && text[length - 1] == '\n' &&
		  proc_status_value(procfd, 0, "Seccomp", seccomp, sizeof(seccomp)) &&
		  proc_status_value(procfd, getpid(), "Seccomp", seccomp, sizeof(seccomp));
	free(text);
	return ok ? 0 : 1;
}

static void test_many_groups(void **state)
{
	(void)state;
	static int counts[] = { 330, 700, 65536 };

	for (int i = 0; i < 3; i++) {
		struct spawn sp = { .fn = with_groups, .arg = &counts[i] };
		int status = -1;
		assert_int_equal(spawn(&sp), 0);
		assert_int_equal(spawn_wait(&sp, &status), 0);
		if (status == 2)
			skip(); /* not ours to set */
		assert_int_equal(status, 0);
	}
}

/* ---- stages ---- */

static struct stages stages;
static int child_part;

enum { REACH, FAIL, DIE, WRONG_STAGE };

static int stage_child_main(void *arg)
{
	(void)arg;
	stage_child(&stages);
	sys_failure_clear();
	switch (child_part) {
	case REACH:
		if (stage_reach(&stages, STAGE_READY) < 0 ||
		    stage_await(&stages, STAGE_START, -1, 5000) < 0)
			return 1;
		return 42;
	case FAIL:
		SYS(open("/nowhere/inside", O_RDONLY), "/nowhere/inside");
		stage_fail(&stages);
		return 1;
	case WRONG_STAGE:
		stage_reach(&stages, STAGE_LINKED);
		pause();
		return 1;
	default:
		_exit(3);
	}
}

static int await_child(int part, struct spawn *sp)
{
	child_part = part;
	*sp = (struct spawn){ .fn = stage_child_main };
	sys_failure_clear();
	assert_int_equal(stage_open(&stages), 0);
	assert_int_equal(spawn(sp), 0);
	stage_parent(&stages);
	return stage_await(&stages, STAGE_READY, sp->pidfd, 5000);
}

static int finish(struct spawn *sp)
{
	int status;

	stage_close(&stages);
	kill(sp->pid, SIGKILL);
	assert_int_equal(spawn_wait(sp, &status), 0);
	sys_failure_clear();
	return status;
}

static void test_stage_meeting(void **state)
{
	(void)state;
	struct spawn sp;
	int status;

	assert_int_equal(await_child(REACH, &sp), 0);
	assert_int_equal(stage_reach(&stages, STAGE_START), 0);
	assert_int_equal(stage_await_exec(&stages, sp.pidfd), 0);
	stage_close(&stages);
	assert_int_equal(spawn_wait(&sp, &status), 0);
	assert_int_equal(status, 42);
}

static void test_stage_failure_comes_up(void **state)
{
	(void)state;
	struct spawn sp;

	assert_int_equal(await_child(FAIL, &sp), -1);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(sys_failure()->subject, "/nowhere/inside");
	assert_true(sys_failure()->cause[0] != '\0'); /* explained where it happened */
	finish(&sp);
}

static void test_stage_death_ends_the_wait(void **state)
{
	(void)state;
	struct spawn sp;
	int held;

	/* Somebody else holds the child's end open: only the pidfd tells of its death. */
	child_part = DIE;
	sp = (struct spawn){ .fn = stage_child_main };
	sys_failure_clear();
	assert_int_equal(stage_open(&stages), 0);
	held = dup(stages.end[1]);
	assert_int_equal(spawn(&sp), 0);
	stage_parent(&stages);
	assert_int_equal(stage_await(&stages, STAGE_READY, sp.pidfd, 5000), -1);
	assert_int_equal(errno, ECHILD);
	close(held);
	assert_int_equal(finish(&sp), 3);
}

/* A stage that cannot be told: the parent has the child's own reason if there is one. */
static void told_too_late(int part, int err, const char *subject)
{
	struct spawn sp;

	child_part = part;
	sp = (struct spawn){ .fn = stage_child_main };
	sys_failure_clear();
	assert_int_equal(stage_open(&stages), 0);
	assert_int_equal(spawn(&sp), 0);
	stage_parent(&stages);
	assert_int_equal(poll(&(struct pollfd){ .fd = sp.pidfd, .events = POLLIN }, 1, 5000), 1);
	assert_int_equal(stage_reach(&stages, STAGE_START), -1);
	assert_int_equal(errno, err);
	assert_int_equal(sys_failure()->err, err);
	assert_string_equal(sys_failure()->subject, subject);
	assert_true(sys_failure()->call[0] != '\0');
	finish(&sp);
}

static void test_stage_nobody_to_tell(void **state)
{
	(void)state;
	told_too_late(DIE, EPIPE, "start");
	told_too_late(FAIL, ENOENT, "/nowhere/inside");
}

static void test_stage_order(void **state)
{
	(void)state;
	struct spawn sp;

	assert_int_equal(await_child(WRONG_STAGE, &sp), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(finish(&sp), 128 + SIGKILL);
}

static void test_stage_timeout(void **state)
{
	(void)state;
	sys_failure_clear();
	assert_int_equal(stage_open(&stages), 0);
	assert_int_equal(stage_await(&stages, STAGE_READY, -1, 10), -1);
	assert_int_equal(errno, ETIMEDOUT);
	stage_close(&stages);
	sys_failure_clear();
}

/* All zero is closed: descriptor 0 is no end. */
static void test_stage_zeroed(void **state)
{
	(void)state;
	struct stages none = { 0 };
	int held = dup(0);

	if (fcntl(0, F_GETFD) < 0)
		assert_int_equal(open("/dev/null", O_RDONLY), 0);
	stage_parent(&none);
	assert_int_equal(stage_child(&none), -1);
	assert_int_equal(stage_await(&none, STAGE_READY, -1, 10), -1);
	assert_int_equal(stage_reach(&none, STAGE_READY), -1);
	assert_int_equal(errno, EBADF);
	stage_close(&none);
	assert_true(fcntl(0, F_GETFD) >= 0);
	/* And the same after it was open. */
	assert_int_equal(stage_open(&none), 0);
	int end = stage_child(&none);
	assert_true(end > 0 && fcntl(end, F_GETFD) & FD_CLOEXEC);
	stage_close(&none);
	assert_int_equal(stage_child(&none), -1);
	assert_true(fcntl(end, F_GETFD) < 0);
	close(held);
	sys_failure_clear();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_failure_is_kept),
		cmocka_unit_test(test_success_and_expected),
		cmocka_unit_test(test_number_subject_and_set),
		cmocka_unit_test(test_pointer_results),
		cmocka_unit_test(test_number_results),
		cmocka_unit_test(test_args_are_noted),
		cmocka_unit_test(test_args_are_of_their_call),
		cmocka_unit_test(test_not_yet),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_wrap_shell),
		cmocka_unit_test(test_json_escape),
		cmocka_unit_test(test_values_stay_json),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_stat_parse),
		cmocka_unit_test(test_stat_self),
		cmocka_unit_test(test_status_value),
		cmocka_unit_test(test_ns_ids),
		cmocka_unit_test(test_write_file),
		cmocka_unit_test(test_read_whole),
		cmocka_unit_test(test_read_whole_fails),
		cmocka_unit_test(test_many_groups),
		cmocka_unit_test(test_stage_meeting),
		cmocka_unit_test(test_stage_failure_comes_up),
		cmocka_unit_test(test_stage_death_ends_the_wait),
		cmocka_unit_test(test_stage_nobody_to_tell),
		cmocka_unit_test(test_stage_order),
		cmocka_unit_test(test_stage_timeout),
		cmocka_unit_test(test_stage_zeroed),
	};
	return cmocka_run_group_tests_name("floor", tests, NULL, NULL);
}
