/*
 * test_default_seccomp.c: the default profile, judged by the calls of a child that has it.
 */
#define _GNU_SOURCE
#include "final/engine/default_seccomp.h"
#include "final/runtime/inside/seccomp.h"
#include "final/runtime/spec/spec.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#if __has_include(<seccomp.h>)
#include <seccomp.h>
#endif

/* 0, or the errno of a call. */
#define ERR(...) (syscall(__VA_ARGS__) < 0 ? errno : 0)

/* What part answers in a child, under the profile (with: 0, 1 for CAP_SYS_ADMIN) or without
 * (-1). */
static int in_child(int with, int (*part)(void))
{
	struct json_object *profile = with < 0 ? NULL : default_seccomp(with);
	struct seccomp_filter filter;
	int status;

	sys_failure_clear();
	if (seccomp_translate(profile, &filter) < 0)
		print_error("%s: %s\n", sys_failure()->subject, sys_failure()->cause);
	assert_true(with < 0 || filter.length > 0);
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGSYS, SIG_DFL);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    (filter.length && seccomp_install(&filter) < 0))
			_exit(250);
		_exit(part());
	}
	seccomp_free(&filter);
	json_object_put(profile);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int by_keyctl(void)
{
	return ERR(SYS_keyctl, -1, 0, 0, 0, 0);
}

static int by_setns(void)
{
	return ERR(SYS_setns, -1, 0);
}

static int by_unshare(void)
{
	return ERR(SYS_unshare, 0);
}

static int by_clone3(void)
{
	return ERR(SYS_clone3, NULL, 0);
}

/* By number: NEWUSER with CLONE_FS is EINVAL for every caller, and makes nothing. */
static int by_clone_user(void)
{
	return ERR(SYS_clone, CLONE_NEWUSER | CLONE_FS | SIGCHLD, NULL, NULL, NULL, NULL);
}

static int by_vsock(void)
{
	return ERR(SYS_socket, AF_VSOCK, -1, 0);
}

static int by_unix(void)
{
	return ERR(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
}

static int by_fork(void)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(7);
	return pid > 0 && waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : 99;
}

static void test_calls(void **unused)
{
	static const struct {
		int (*part)(void);
		int without, under, sys_admin;
	} rows[] = {
		{ by_keyctl, EOPNOTSUPP, EPERM, EPERM },
		{ by_setns, EBADF, EPERM, EBADF },
		{ by_unshare, 0, EPERM, 0 },
		{ by_clone3, EINVAL, ENOSYS, EINVAL },
		{ by_clone_user, EINVAL, EPERM, EINVAL },
		{ by_unix, 0, 0, 0 },
		{ by_fork, 7, 7, 7 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(in_child(-1, rows[i].part), rows[i].without);
		assert_int_equal(in_child(0, rows[i].part), rows[i].under);
		assert_int_equal(in_child(1, rows[i].part), rows[i].sys_admin);
	}
	/* What it is without the filter depends on a module. */
	assert_int_not_equal(in_child(-1, by_vsock), EPERM);
	assert_int_equal(in_child(0, by_vsock), EPERM);
	assert_int_equal(in_child(1, by_vsock), EPERM);
}

static bool is_refused(uint64_t personality)
{
	return syscall(SYS_personality, personality) < 0 && errno == EPERM;
}

/* 0, or which kind of number is judged wrong. */
static int by_personality(void)
{
	static const uint32_t allowed[] = { 0, 8, 0x20000, 0x20008, 0xffffffff };
	static const uint32_t refused[] = { 0xfffffff7, 0xfffdffff, 0xfffdfff7, 0x40000,   0x40008,
					    0x0400000,	1,	    0x80000000, 0x7fffffff };
	uint32_t seed = 1;

	for (int i = 0; i < 5; i++)
		if (is_refused(allowed[i]))
			return 1;
	for (int i = 0; i < 9; i++)
		if (!is_refused(refused[i]) || !is_refused(refused[i] | UINT64_C(1) << 32))
			return 2;
	for (int bit = 0; bit < 32; bit++)
		if (bit != 3 && bit != 17 &&
		    (!is_refused(UINT64_C(1) << bit) || !is_refused(UINT64_C(1) << bit | 0x20008)))
			return 3;
	for (int bit = 0; bit < 32; bit++)
		if (!is_refused(0xffffffff & ~(UINT64_C(1) << bit)))
			return 4;
	for (int i = 0; i < 10000; i++) {
		seed = seed * 1664525 + 1013904223;
		if ((seed & ~UINT32_C(0x20008)) && seed != 0xffffffff && !is_refused(seed))
			return 5;
	}
	return 0;
}

static void test_personality(void **unused)
{
	(void)unused;
	assert_int_equal(in_child(-1, by_personality), 2);
	assert_int_equal(in_child(0, by_personality), 0);
}

/* The reader of config.json takes it, whole. */
static void test_is_a_profile(void **unused)
{
	(void)unused;
	for (int sys_admin = 0; sys_admin < 2; sys_admin++) {
		struct json_object *profile = default_seccomp(sys_admin);
		const char *text = json_object_to_json_string(profile);
		struct spec spec;
		char *config;
		assert_true(asprintf(&config,
				     "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},"
				     "\"process\":{\"cwd\":\"/\",\"args\":[\"x\"],"
				     "\"user\":{\"uid\":0,\"gid\":0}},"
				     "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},"
				     "{\"type\":\"pid\"}],\"seccomp\":%s}}",
				     text) > 0);
		sys_failure_clear();
		int result = spec_parse(config, strlen(config), &spec);
		if (result < 0)
			print_error("%s: %s\n", sys_failure()->subject, sys_failure()->cause);
		assert_int_equal(result, 0);
		assert_true(json_object_equal(spec.seccomp, profile));
		spec_free(&spec);
		free(config);
		json_object_put(profile);
	}
}

/* A name with a slip of the pen would be passed over. */
static void test_names(void **unused)
{
	(void)unused;
#ifdef __NR_SCMP_ERROR
	struct json_object *profile = default_seccomp(false);
	struct json_object *rules = json_object_object_get(profile, "syscalls");

	for (size_t i = 0; i < json_object_array_length(rules); i++) {
		struct json_object *names =
			json_object_object_get(json_object_array_get_idx(rules, i), "names");
		for (size_t k = 0; k < json_object_array_length(names); k++) {
			const char *name =
				json_object_get_string(json_object_array_get_idx(names, k));
			if (seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR)
				fail_msg("libseccomp does not know \"%s\"", name);
		}
	}
	json_object_put(profile);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_personality),
		cmocka_unit_test(test_is_a_profile),
		cmocka_unit_test(test_names),
	};

	if (!seccomp_translator()) {
		printf("built without libseccomp\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
