/*
 * test_seccomp.c: profiles as filters, judged by what the kernel does to the calls of a child that
 * has one; and the cache of filters, judged by its bytes.
 */
#define _GNU_SOURCE
#include "final/runtime/inside/seccomp.h"
#include "final/runtime/inside/seccomp_cache.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char scratch[] = "/tmp/minibox-unit-XXXXXX";
static int cache; /* scratch */

/* A profile in which ' stands for ". */
static struct json_object *profile_of(const char *text)
{
	char *copy = strdup(text);

	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	struct json_object *profile = json_tokener_parse(copy);
	assert_non_null(profile);
	free(copy);
	return profile;
}

static struct seccomp_filter filter_of(const char *text)
{
	struct json_object *profile = profile_of(text);
	struct seccomp_filter filter;

	sys_failure_clear();
	int result = seccomp_translate(profile, &filter);
	if (result < 0)
		print_error("%s: %s\n", sys_failure()->subject, sys_failure()->cause);
	assert_int_equal(result, 0);
	assert_true(filter.length > 0);
	json_object_put(profile);
	return filter;
}

/* What a child ends with, as wait(2) has it, that has the filter and then calls part. */
static int under(const char *text, int (*part)(void))
{
	struct seccomp_filter filter = filter_of(text);
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSYS, SIG_DFL); /* cmocka catches it */
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || seccomp_install(&filter) < 0)
			_exit(250);
		syscall(SYS_exit_group, part());
	}
	seccomp_free(&filter);
	assert_null(filter.code);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int ended_with(const char *text, int (*part)(void))
{
	int status = under(text, part);

	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The errno of mkdir(2), of a directory that is there. */
static int by_mkdir(void)
{
	return syscall(SYS_mkdirat, AT_FDCWD, "/", 0755) < 0 ? errno : 0;
}

static int by_getppid(void)
{
	return syscall(SYS_getppid) < 0 ? errno : 0;
}

/* A bit for each number that personality(2) refuses: of none of them is it true by itself. */
static int by_personality(void)
{
	static const unsigned long numbers[] = { 0, 8, 0x20000, 0x20008, 0xffffffff };
	int refused = 0;

	for (int i = 0; i < 5; i++)
		refused |= (syscall(SYS_personality, numbers[i]) < 0) << i;
	return refused;
}

static int by_status(void)
{
	char text[8192];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	char *line = strstr(text, "\nSeccomp:");
	return line ? atoi(line + 9) : 99;
}

#define ALLOW_BUT(rules) "{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[" rules "]}"
#define MKDIR(more)	 "{'names':['mkdirat','no_such_call']," more "}"

static void test_errno(void **unused)
{
	(void)unused;
	assert_int_equal(by_mkdir(), EEXIST);
	assert_int_equal(ended_with(ALLOW_BUT(MKDIR("'action':'SCMP_ACT_ERRNO'")), by_mkdir),
			 EPERM);
	assert_int_equal(
		ended_with(ALLOW_BUT(MKDIR("'action':'SCMP_ACT_ERRNO','errnoRet':95")), by_mkdir),
		95);
	assert_int_equal(ended_with(ALLOW_BUT(MKDIR("'action':'SCMP_ACT_LOG'")), by_mkdir), EEXIST);
	assert_int_equal(ended_with(ALLOW_BUT(MKDIR("'action':'SCMP_ACT_ERRNO'")), by_status),
			 SECCOMP_MODE_FILTER);
	/* No tracer is there: ENOSYS; seccomp(2), SECCOMP_RET_TRACE. */
	assert_int_equal(ended_with(ALLOW_BUT(MKDIR("'action':'SCMP_ACT_TRACE'")), by_mkdir),
			 ENOSYS);
}

/* Rules that say what the default says, the same rule twice, and no rule at all. */
static void test_rules_that_change_nothing(void **unused)
{
	(void)unused;
	assert_int_equal(ended_with(ALLOW_BUT(MKDIR("'action':'SCMP_ACT_ALLOW'")), by_mkdir),
			 EEXIST);
	assert_int_equal(ended_with(ALLOW_BUT(MKDIR("'action':'SCMP_ACT_ERRNO'") "," MKDIR(
					    "'action':'SCMP_ACT_ERRNO'")),
				    by_mkdir),
			 EPERM);
	assert_int_equal(ended_with("{'defaultAction':'SCMP_ACT_ALLOW'}", by_mkdir), EEXIST);
}

static void test_default_action(void **unused)
{
	static const char profile[] =
		"{'defaultAction':'SCMP_ACT_ERRNO','defaultErrnoRet':42,'syscalls':["
		"{'names':['exit_group','mkdirat'],'action':'SCMP_ACT_ALLOW'},"
		"{'names':['getppid'],'action':'SCMP_ACT_ERRNO','errnoRet':42}]}";

	(void)unused;
	assert_int_equal(ended_with(profile, by_mkdir), EEXIST);
	assert_int_equal(ended_with(profile, by_getppid), 42);
	assert_int_equal(ended_with(profile, by_personality), 31);
}

static void test_kills(void **unused)
{
	static const char *const kills[] = {
		ALLOW_BUT(MKDIR("'action':'SCMP_ACT_KILL'")),
		ALLOW_BUT(MKDIR("'action':'SCMP_ACT_KILL_THREAD'")),
		ALLOW_BUT(MKDIR("'action':'SCMP_ACT_KILL_PROCESS'")),
		ALLOW_BUT(MKDIR("'action':'SCMP_ACT_TRAP'")),
	};

	(void)unused;
	for (int i = 0; i < 4; i++) {
		int status = under(kills[i], by_mkdir);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
		assert_int_equal(ended_with(kills[i], by_getppid), 0);
	}
}

#define PERSONALITY(args)                                                                          \
	ALLOW_BUT("{'names':['personality'],'action':'SCMP_ACT_ERRNO','args':[" args "]}")
#define ARG(op, value) "{'index':0,'op':'SCMP_CMP_" op "','value':" value "}"
#define MASK(mask, value)                                                                          \
	"{'index':0,'op':'SCMP_CMP_MASKED_EQ','value':" mask ",'valueTwo':" value "}"

static void test_arguments(void **unused)
{
	(void)unused;
	assert_int_equal(ended_with(PERSONALITY(ARG("EQ", "8")), by_personality), 2);
	assert_int_equal(ended_with(PERSONALITY(ARG("NE", "8")), by_personality), 31 - 2);
	assert_int_equal(ended_with(PERSONALITY(ARG("LT", "8")), by_personality), 1);
	assert_int_equal(ended_with(PERSONALITY(ARG("LE", "8")), by_personality), 3);
	assert_int_equal(ended_with(PERSONALITY(ARG("GT", "131080")), by_personality), 16);
	assert_int_equal(ended_with(PERSONALITY(ARG("GE", "131080")), by_personality), 24);
	/* value is the mask; bit 3 is set in 8, 0x20008 and 0xffffffff. */
	assert_int_equal(ended_with(PERSONALITY(MASK("8", "8")), by_personality), 2 + 8 + 16);
	assert_int_equal(ended_with(PERSONALITY(MASK("131080", "8")), by_personality), 2);
}

/* Two tests of one argument are two rules; also more tests than a system call has arguments. */
static void test_one_argument_twice(void **unused)
{
	(void)unused;
	assert_int_equal(
		ended_with(PERSONALITY(ARG("EQ", "0") "," ARG("EQ", "131072")), by_personality),
		1 + 4);
	assert_int_equal(
		ended_with(
			PERSONALITY(ARG("EQ", "0") "," ARG("EQ", "8") "," ARG("EQ", "21") "," ARG(
				"EQ", "22") "," ARG("EQ", "23") "," ARG("EQ",
									"24") "," ARG("EQ",
										      "131080")),
			by_personality),
		1 + 2 + 8);
}

/* Of a byte order that is not this machine's, or unknown to libseccomp. */
static void test_other_architectures(void **unused)
{
	(void)unused;
	assert_int_equal(ended_with("{'defaultAction':'SCMP_ACT_ALLOW','architectures':["
				    "'SCMP_ARCH_S390X','SCMP_ARCH_LOONGARCH64','SCMP_ARCH_X86',"
				    "'SCMP_ARCH_X32','SCMP_ARCH_X86_64','SCMP_ARCH_AARCH64'],"
				    "'syscalls':[" MKDIR("'action':'SCMP_ACT_ERRNO'") "]}",
				    by_mkdir),
			 EPERM);
}

static void test_flags(void **unused)
{
	static const char profile[] =
		"{'defaultAction':'SCMP_ACT_ALLOW','flags':['SECCOMP_FILTER_FLAG_LOG',"
		"'SECCOMP_FILTER_FLAG_TSYNC','SECCOMP_FILTER_FLAG_SPEC_ALLOW'],"
		"'syscalls':[" MKDIR("'action':'SCMP_ACT_ERRNO'") "]}";
	struct seccomp_filter filter = filter_of(profile);

	(void)unused;
	assert_int_equal(filter.flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_TSYNC |
					       SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	seccomp_free(&filter);
	assert_int_equal(ended_with(profile, by_mkdir), EPERM);
}

static void test_no_profile(void **unused)
{
	struct seccomp_filter filter = { .length = 7 };

	(void)unused;
	assert_int_equal(seccomp_translate(NULL, &filter), 0);
	assert_null(filter.code);
	assert_int_equal(filter.length, 0);
}

/* The kernel would say EINVAL, and nothing about why. */
static void test_too_long(void **unused)
{
	struct json_object *profile = profile_of("{'defaultAction':'SCMP_ACT_ALLOW','syscalls':["
						 "{'names':['personality'],'args':[],"
						 "'action':'SCMP_ACT_ERRNO'}]}");
	struct json_object *args;
	struct seccomp_filter filter;

	(void)unused;
	json_object_object_get_ex(
		json_object_array_get_idx(json_object_object_get(profile, "syscalls"), 0), "args",
		&args);
	for (int i = 0; i < 1200; i++) {
		struct json_object *arg = profile_of(ARG("EQ", "0"));
		json_object_object_add(arg, "value", json_object_new_int64((int64_t)i << 32 | i));
		json_object_array_add(args, arg);
	}
	sys_failure_clear();
	assert_int_equal(seccomp_translate(profile, &filter), -1);
	assert_int_equal(errno, E2BIG);
	assert_string_equal(sys_failure()->subject, "linux.seccomp");
	assert_null(filter.code);
	json_object_put(profile);
}

/* ---- the cache ---- */

static const char small[] = ALLOW_BUT(MKDIR("'action':'SCMP_ACT_ERRNO'"));
static char file[300]; /* its name in the cache */
static struct seccomp_filter made;
static size_t size; /* the file's */

static bool is_made(const struct seccomp_filter *filter)
{
	return filter->length == made.length && filter->flags == made.flags &&
	       memcmp(filter->code, made.code, made.length * sizeof(*made.code)) == 0;
}

/* The filter that the cache gives for a profile is `made`. */
static void gives_made(int directory)
{
	struct json_object *profile = profile_of(small);
	struct seccomp_filter filter;

	assert_int_equal(seccomp_translate_cached(profile, directory, &filter), 0);
	assert_true(is_made(&filter));
	seccomp_free(&filter);
	json_object_put(profile);
}

/* How many files the cache has; file: the name of the last. */
static int files(void)
{
	char path[64];
	FILE *list;
	int count = 0;

	snprintf(path, sizeof(path), "ls -A %s", scratch);
	list = popen(path, "r");
	while (list && fgets(file, sizeof(file), list))
		count++;
	pclose(list);
	file[strcspn(file, "\n")] = '\0';
	return count;
}

static unsigned char *contents(void)
{
	struct stat st;
	int fd = openat(cache, file, O_RDONLY | O_CLOEXEC);

	assert_int_equal(fstat(fd, &st), 0);
	size = (size_t)st.st_size;
	unsigned char *bytes = malloc(size);
	assert_int_equal(read(fd, bytes, size), size);
	close(fd);
	return bytes;
}

static void replace(const unsigned char *bytes, size_t count, mode_t mode)
{
	unlinkat(cache, file, 0);
	int fd = openat(cache, file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, bytes, count), count);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int fill_cache(void **unused)
{
	struct stat st;

	(void)unused;
	made = filter_of(small);
	gives_made(cache);
	assert_int_equal(files(), 1);
	assert_int_equal(fstatat(cache, file, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	return 0;
}

static int empty_cache(void **unused)
{
	(void)unused;
	seccomp_free(&made);
	return unlinkat(cache, file, 0);
}

/* A hit leaves the file as it is, and does not write another. */
static void test_hit(void **unused)
{
	struct stat before, after;

	(void)unused;
	assert_int_equal(fstatat(cache, file, &before, 0), 0);
	gives_made(cache);
	assert_int_equal(fstatat(cache, file, &after, 0), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(files(), 1);
	gives_made(-1);
}

/* That the cache is read at all: a whole file with another filter in it, whose sum is right, is
 * obeyed. So what the other tests refuse is refused for the reason that they give. */
static void test_a_whole_file_is_obeyed(void **unused)
{
	unsigned char *bytes = contents();
	struct json_object *profile = profile_of(small);
	struct seccomp_filter filter;
	uint64_t sum = 0xcbf29ce484222325;
	const unsigned k = SECCOMP_RET_ERRNO | 77;

	(void)unused;
	memcpy(bytes + size - sizeof(k), &k, sizeof(k));	/* of the last instruction */
	for (size_t i = 12; i < size; i = i == 15 ? 32 : i + 1) /* flags, text, code */
		sum = (sum ^ bytes[i]) * 0x100000001b3;
	memcpy(bytes + 24, &sum, sizeof(sum));
	replace(bytes, size, 0600);
	assert_int_equal(seccomp_translate_cached(profile, cache, &filter), 0);
	assert_false(is_made(&filter));
	assert_int_equal(filter.code[filter.length - 1].k, k);
	seccomp_free(&filter);
	/* The same file, where others may write to it. */
	replace(bytes, size, 0620);
	gives_made(cache);
	replace(bytes, size, 0602);
	gives_made(cache);
	free(bytes);
	json_object_put(profile);
}

/* Cut anywhere, longer, empty, or with any one bit changed. And what is refused is mended. */
static void test_torn(void **unused)
{
	unsigned char *bytes = contents(), *now;
	size_t whole = size;

	(void)unused;
	for (size_t cut = 0; cut < whole; cut += 1 + whole / 40) {
		replace(bytes, cut, 0600);
		gives_made(cache);
	}
	for (size_t at = 0; at < whole; at += at < 32 ? 1 : 1 + whole / 40) {
		bytes[at] ^= 4;
		replace(bytes, whole, 0600);
		gives_made(cache);
		bytes[at] ^= 4;
	}
	now = contents();
	assert_int_equal(size, whole);
	assert_memory_equal(now, bytes, whole);
	assert_int_equal(files(), 1);
	free(now);
	free(bytes);
}

/* Another profile's file under this one's name, as two texts with one hash would have it; whole,
 * and of the same length. */
static void test_same_hash(void **unused)
{
	struct json_object *other = profile_of(ALLOW_BUT(MKDIR("'action':'SCMP_ACT_TRACE'")));
	struct seccomp_filter filter;
	char ours[sizeof(file)];

	(void)unused;
	memcpy(ours, file, sizeof(file));
	assert_int_equal(unlinkat(cache, ours, 0), 0);
	assert_int_equal(seccomp_translate_cached(other, cache, &filter), 0);
	assert_int_equal(files(), 1);
	assert_string_not_equal(file, ours);
	assert_false(is_made(&filter));
	assert_int_equal(renameat(cache, file, cache, ours), 0);
	gives_made(cache);
	assert_int_equal(files(), 1);
	seccomp_free(&filter);
	json_object_put(other);
}

/* Neither waits nor fails: a FIFO, a link to a good file, a directory, and no cache that can be
 * written. */
static void test_other_kinds_of_file(void **unused)
{
	(void)unused;
	assert_int_equal(renameat(cache, file, cache, "elsewhere"), 0);
	assert_int_equal(symlinkat("elsewhere", cache, file), 0);
	gives_made(cache);
	unlinkat(cache, "elsewhere", 0);
	unlinkat(cache, file, 0);
	assert_int_equal(mkfifoat(cache, file, 0600), 0);
	alarm(10);
	gives_made(cache);
	alarm(0);
	unlinkat(cache, file, 0);
	assert_int_equal(mkdirat(cache, file, 0700), 0);
	gives_made(cache);
	assert_int_equal(unlinkat(cache, file, AT_REMOVEDIR), 0);
	int none = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	gives_made(none);
	close(none);
	assert_int_equal(files(), 0);
	gives_made(cache);
	assert_int_equal(files(), 1);
}

int main(void)
{
#define CACHE_TEST(test) cmocka_unit_test_setup_teardown(test, fill_cache, empty_cache)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_rules_that_change_nothing),
		cmocka_unit_test(test_default_action),
		cmocka_unit_test(test_kills),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_one_argument_twice),
		cmocka_unit_test(test_other_architectures),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_no_profile),
		cmocka_unit_test(test_too_long),
		CACHE_TEST(test_hit),
		CACHE_TEST(test_a_whole_file_is_obeyed),
		CACHE_TEST(test_torn),
		CACHE_TEST(test_same_hash),
		CACHE_TEST(test_other_kinds_of_file),
	};

	if (!seccomp_translator()) {
		printf("built without libseccomp\n");
		return 77;
	}
	if (!mkdtemp(scratch))
		return 1;
	cache = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = cmocka_run_group_tests(tests, NULL, NULL);
	if (rmdir(scratch) < 0)
		perror(scratch);
	return result;
}
