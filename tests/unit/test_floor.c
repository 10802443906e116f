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

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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
	assert_true(ns_same(self, again));
	assert_false(ns_same(self, uts));
	assert_false(ns_same(self, (struct ns_id){ .dev = self.dev + 1, .ino = self.ino }));
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
		struct spawn sp = { .cgroup = -1, .fn = with_groups, .arg = &counts[i] };
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
		stage_reach(&stages, STAGE_ROOTED);
		pause();
		return 1;
	default:
		_exit(3);
	}
}

static int await_child(int part, struct spawn *sp)
{
	child_part = part;
	*sp = (struct spawn){ .cgroup = -1, .fn = stage_child_main };
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
	sp = (struct spawn){ .cgroup = -1, .fn = stage_child_main };
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
	sp = (struct spawn){ .cgroup = -1, .fn = stage_child_main };
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_failure_is_kept),
		cmocka_unit_test(test_success_and_expected),
		cmocka_unit_test(test_number_subject_and_set),
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
	};
	return cmocka_run_group_tests_name("floor", tests, NULL, NULL);
}
