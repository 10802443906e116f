/*
 * test_hooks.c: hooks, judged by what they write: their arguments, environment, standard input,
 * descriptors and signals; and by what is left of them.
 */
#define _GNU_SOURCE
#include "final/runtime/hooks.h"
#include "final/runtime/inside/seccomp.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static char scratch[] = "/tmp/minibox-unit-XXXXXX";
static const struct oci_state state = {
	.oci_version = "1.0.2", .id = "box", .status = "creating", .bundle = "/b", .pid = 77
};

/* A hook that is a shell's script; its name is args[0]. */
static struct spec_hook script(char *args[4], const char *text)
{
	args[0] = (char *)(uintptr_t) "a name";
	args[1] = (char *)(uintptr_t) "-c";
	args[2] = (char *)(uintptr_t)text;
	args[3] = NULL;
	return (struct spec_hook){ .path = "/bin/sh", .args = args };
}

static int run(struct spec_hook *hooks, int count, const struct oci_state *with)
{
	struct spec spec = { .hooks[HOOK_CREATE_RUNTIME] = { hooks, count } };

	sys_failure_clear();
	return hooks_run(&spec, HOOK_CREATE_RUNTIME, with);
}

static int run_script(const char *text)
{
	char *args[4];
	struct spec_hook hook = script(args, text);

	return run(&hook, 1, &state);
}

/* What the file holds; a NUL is shown as '|'. */
static const char *text_in(const char *path)
{
	static char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	for (ssize_t i = 0; i < n; i++)
		text[i] = text[i] ? text[i] : '|';
	unlink(path);
	return n < 0 ? "no file" : text;
}

static int descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void no_child_is_left(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_in_order(void **unused)
{
	char *args[3][4];
	struct spec_hook hooks[] = { script(args[0], "echo \"$0 1\" >>out"),
				     script(args[1], "echo \"$0 2\" >>out; exit 3"),
				     script(args[2], "echo \"$0 3\" >>out") };

	(void)unused;
	assert_int_equal(run(hooks, 3, &state), -1);
	assert_int_equal(errno, ECHILD);
	assert_string_equal(text_in("out"), "a name 1\na name 2\n");
	assert_string_equal(sys_failure()->call, "createRuntime hook #1");
	assert_non_null(strstr(sys_failure()->cause, "status 3"));
	assert_int_equal(run(hooks, 0, &state), 0);
	assert_string_equal(text_in("out"), "no file");
	no_child_is_left();
}

static void test_state_on_stdin(void **unused)
{
	char *expected = oci_state_text(&state);

	(void)unused;
	assert_string_equal(expected, "{\"ociVersion\":\"1.0.2\",\"id\":\"box\","
				      "\"pid\":77,\"status\":\"creating\",\"bundle\":\"/b\"}");
	assert_int_equal(run_script("cat >out"), 0);
	assert_string_equal(text_in("out"), expected);
	free(expected);
}

/* More than a pipe holds. The caller frees annotations. */
static struct oci_state large_state(void)
{
	static char large[200001];
	struct oci_state with = state;

	memset(large, 'x', sizeof(large) - 1);
	with.annotations = json_object_new_object();
	json_object_object_add(with.annotations, "a", json_object_new_string(large));
	return with;
}

/* The writer must neither wait for ever nor die of SIGPIPE. */
static void test_state_that_is_not_read(void **unused)
{
	struct oci_state with = large_state();
	struct sigaction after;
	char *args[2][4];
	struct spec_hook deaf[] = { script(args[0], "exit 0"),
				    script(args[1], "exec <&-; sleep 0.1; exit 0") };
	struct spec_hook reader;

	(void)unused;
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(run(deaf, 2, &with), 0);
	sigaction(SIGPIPE, NULL, &after);
	assert_true(after.sa_handler == SIG_DFL);
	reader = script(args[0], "wc -c >out");
	char *whole = oci_state_text(&with);
	assert_int_equal(run(&reader, 1, &with), 0);
	assert_int_equal(atoi(text_in("out")), strlen(whole));
	free(whole);
	json_object_put(with.annotations);
}

/* Its own, or the caller's; inside the container there is none of the caller's. */
static void test_environment(void **unused)
{
	char *args[4], one[] = "ONE=1", two[] = "TWO=2", *env[] = { one, two, NULL };
	struct spec_hook hook = script(args, "/bin/cat /proc/$$/environ >out");
	struct spec inside = { .hooks[HOOK_START_CONTAINER] = { &hook, 1 } };
	char *of_test[] = { two, NULL }, **before = environ;

	(void)unused;
	environ = of_test;
	int result = run(&hook, 1, &state), result_inside;
	assert_string_equal(text_in("out"), "TWO=2|");
	result_inside = hooks_run(&inside, HOOK_START_CONTAINER, &state);
	environ = before;
	assert_int_equal(result, 0);
	assert_int_equal(result_inside, 0);
	assert_string_equal(text_in("out"), "");
	hook.env = env;
	assert_int_equal(run(&hook, 1, &state), 0);
	assert_string_equal(text_in("out"), "ONE=1|TWO=2|");
}

/* The bundle's; one that is gone is no failure. */
static void test_directory(void **unused)
{
	struct oci_state here = state;
	char *args[4];
	struct spec_hook hook = script(args, "pwd >\"$OLD\"/out");

	(void)unused;
	setenv("OLD", scratch, 1);
	here.bundle = "/usr";
	assert_int_equal(run(&hook, 1, &here), 0);
	assert_string_equal(text_in("out"), "/usr\n");
	here.bundle = "/nowhere";
	assert_int_equal(run(&hook, 1, &here), 0);
	assert_int_equal(strncmp(text_in("out"), scratch, strlen(scratch)), 0);
}

/* What cleans up is run, whatever became of the one before it. */
static void test_every_poststop(void **unused)
{
	char *args[2][4];
	struct spec_hook hooks[] = { script(args[0], "exit 4"), script(args[1], "echo ran >out") };
	struct spec spec = { .hooks[HOOK_POSTSTOP] = { hooks, 2 } };

	(void)unused;
	sys_failure_clear();
	assert_int_equal(hooks_run(&spec, HOOK_POSTSTOP, &state), -1);
	assert_int_equal(errno, ECHILD);
	assert_non_null(strstr(sys_failure()->cause, "error running poststop hook #0:"));
	assert_string_equal(text_in("out"), "ran\n");
}

/* Without args, args[0] is the path. */
static void test_default_args(void **unused)
{
	char path[sizeof(scratch) + 8];
	struct spec_hook hook = { .path = path };

	(void)unused;
	snprintf(path, sizeof(path), "%s/hook", scratch);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	dprintf(fd, "#!/bin/sh\necho \"$# $0\" >%s/out\n", scratch);
	close(fd);
	assert_int_equal(run(&hook, 1, &state), 0);
	const char *text = text_in("out");
	assert_int_equal(strncmp(text, "0 ", 2), 0);
	assert_int_equal(strncmp(text + 2, path, strlen(path)), 0);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(run(&hook, 1, &state), -1);
	assert_int_equal(errno, EACCES);
	unlink(path);
}

static void test_nothing_leaks(void **unused)
{
	int leak = dup2(2, 50), count = descriptors();

	(void)unused;
	assert_int_equal(leak, 50);
	assert_int_equal(run_script("exec >out; for n in 3 4 5 6 7 8 9 10 11 12 13 14 50; do"
				    " [ ! -e /proc/$$/fd/$n ] || echo $n; done"),
			 0);
	assert_string_equal(text_in("out"), "");
	/* The same where the hook fails, and where it cannot be executed. */
	assert_int_equal(run_script("exit 1"), -1);
	struct spec_hook none = { .path = "/nonexistent/hook" };
	assert_int_equal(run(&none, 1, &state), -1);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(sys_failure()->subject, "/nonexistent/hook");
	assert_int_equal(descriptors(), count);
	no_child_is_left();
	close(leak);
}

static void test_signals_are_reset(void **unused)
{
	sigset_t mask, before;

	(void)unused;
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, &before);
	assert_int_equal(run_script("/bin/grep -E '^Sig(Blk|Ign)' /proc/self/status >out"), 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGUSR2, SIG_DFL);
	assert_string_equal(text_in("out"), "SigBlk:\t0000000000000000\nSigIgn:\t"
					    "0000000000000000\n");
}

static void test_signal_ends_it(void **unused)
{
	(void)unused;
	assert_int_equal(run_script("kill -9 $$"), -1);
	assert_int_equal(errno, ECHILD);
	assert_non_null(strstr(sys_failure()->cause, "signal 9"));
}

/* What it has started in the background ends with it; the test is a subreaper, so that it sees
 * that end. */
static void test_timeout(void **unused)
{
	char *args[4];
	struct spec_hook hook = script(args, "sleep 60 & echo $! >out; wait");
	struct oci_state with = large_state(); /* unread: a write that waits would go on */
	int status = 0;

	(void)unused;
	hook.timeout_s = 1;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	alarm(20);
	assert_int_equal(run(&hook, 1, &with), -1);
	alarm(0);
	json_object_put(with.annotations);
	assert_int_equal(errno, ETIMEDOUT);
	assert_non_null(strstr(sys_failure()->cause, "1 s"));
	pid_t sleeper = (pid_t)atoi(text_in("out"));
	assert_true(sleeper > 0);
	assert_int_equal(waitpid(sleeper, &status, 0), sleeper);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
	no_child_is_left();
}

/* INT_MAX seconds are more milliseconds than poll(2) can be told. */
static void test_long_timeout(void **unused)
{
	char *args[4];
	struct spec_hook hook = script(args, "sleep 0.1");

	(void)unused;
	hook.timeout_s = INT32_MAX;
	assert_int_equal(run(&hook, 1, &state), 0);
}

/* pidfd_open(2) is refused by a filter: the hook that runs by then is ended. */
static int without_pidfd(void)
{
	struct json_object *profile = json_tokener_parse(
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"pidfd_open\"],"
		"\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":24}]}");
	struct seccomp_filter filter;

	if (seccomp_translate(profile, &filter) < 0)
		return errno == ENOSYS ? 77 : 1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || seccomp_install(&filter) < 0)
		return 2;
	alarm(5);
	if (run_script("exec sleep 60") != -1 || errno != EMFILE)
		return 3;
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 4;
}

static void test_no_pidfd(void **unused)
{
	int status;
	pid_t pid = fork();

	(void)unused;
	if (pid == 0)
		_exit(without_pidfd());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_state_on_stdin),
		cmocka_unit_test(test_state_that_is_not_read),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_every_poststop),
		cmocka_unit_test(test_default_args),
		cmocka_unit_test(test_nothing_leaks),
		cmocka_unit_test(test_signals_are_reset),
		cmocka_unit_test(test_signal_ends_it),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_long_timeout),
		cmocka_unit_test(test_no_pidfd),
	};

	if (!mkdtemp(scratch) || chdir(scratch) < 0)
		return 1;
	int result = cmocka_run_group_tests(tests, NULL, NULL);
	if (rmdir(scratch) < 0)
		perror(scratch);
	return result;
}
