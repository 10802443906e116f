/*
 * test_confine.c: identity_take(), judged by /proc/self/status of the process that it was called
 * in, and of what that executes; the environment, and which file a command is.
 */
#define _GNU_SOURCE
#include "final/runtime/inside/apparmor.h"
#include "final/runtime/inside/capabilities.h"
#include "final/runtime/inside/identity.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/self_map.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char scratch[] = "/tmp/minibox-unit-XXXXXX";
static bool rootless;
static const struct seccomp_filter no_filter;

enum { PASSED_OVER = 77 };

#define BIT(cap) (UINT64_C(1) << (cap))
#define THREE	 (BIT(CAP_CHOWN) | BIT(CAP_KILL) | BIT(CAP_NET_BIND_SERVICE))

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s (%d): %s: %s: %s\n", #condition, errno,                \
				sys_failure()->call, sys_failure()->subject,                       \
				sys_failure()->cause);                                             \
			return __LINE__ % 150 + 1;                                                 \
		}                                                                                  \
	} while (0)

/* As root of the host or, for an ordinary user, of a user namespace with this one id. */
static void in_child(int (*part)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		uid_t uid = geteuid();
		gid_t gid = getegid();
		sys_failure_clear();
		if (rootless &&
		    (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || self_map_write(uid, gid) < 0))
			_exit(PASSED_OVER);
		if (!rootless && unshare(CLONE_NEWNS) < 0)
			_exit(PASSED_OVER);
		_exit(part());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == PASSED_OVER)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A line of /proc/self/status behind its name, without blanks at its ends. */
static const char *field(const char *name)
{
	static char text[16384];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	size_t length = strlen(name);

	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strncmp(line, name, length) == 0 && line[length] == ':') {
			line += length + 1;
			line += strspn(line, " \t");
			for (size_t end = strlen(line); end && line[end - 1] == ' ';)
				line[--end] = '\0';
			return line;
		}
	return "no such field";
}

static uint64_t set_of(const char *name)
{
	return strtoull(field(name), NULL, 16);
}

static int take(const struct spec_process *process)
{
	return identity_take(process, &no_filter);
}

/* What the kernel shows after execve(2), too: a line of the status of a grep(1) that is
 * executed. */
static uint64_t set_after_exec(const char *name)
{
	char text[64] = "", word[32];
	int out[2];

	snprintf(word, sizeof(word), "^%s", name);
	if (pipe(out) < 0)
		return ~UINT64_C(0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(out[1], 1);
		execl("/bin/grep", "grep", word, "/proc/self/status", (char *)NULL);
		_exit(1);
	}
	close(out[1]);
	ssize_t n = read(out[0], text, sizeof(text) - 1);
	close(out[0]);
	waitpid(pid, NULL, 0);
	return n > 7 ? strtoull(text + 7, NULL, 16) : ~UINT64_C(0);
}

/* ---- capabilities ---- */

static int five_sets(void)
{
	struct spec_process process = { .capabilities = { .bounding = THREE,
							  .permitted = BIT(CAP_CHOWN) |
								       BIT(CAP_KILL),
							  .effective = BIT(CAP_KILL),
							  .inheritable = BIT(CAP_KILL),
							  .ambient = BIT(CAP_KILL) } };

	MUST(take(&process) == 0);
	MUST(set_of("CapBnd") == THREE);
	MUST(set_of("CapPrm") == (BIT(CAP_CHOWN) | BIT(CAP_KILL)));
	MUST(set_of("CapEff") == BIT(CAP_KILL));
	MUST(set_of("CapInh") == BIT(CAP_KILL));
	MUST(set_of("CapAmb") == BIT(CAP_KILL));
	/* uid 0 gets what is bounding. */
	MUST(set_after_exec("CapEff") == THREE);
	return 0;
}

/* Of uid 1000 the effective set is there before execve(2), and the ambient set after it. */
static int sets_of_a_user(void)
{
	struct spec_process process = { .uid = 1000,
					.gid = 1000,
					.capabilities = { .bounding = THREE,
							  .permitted = THREE,
							  .effective = THREE,
							  .inheritable = BIT(CAP_KILL),
							  .ambient = BIT(CAP_KILL) } };

	if (rootless)
		return PASSED_OVER;
	MUST(take(&process) == 0);
	MUST(set_of("CapEff") == THREE);
	MUST(set_after_exec("CapEff") == BIT(CAP_KILL));
	MUST(set_after_exec("CapPrm") == BIT(CAP_KILL));
	MUST(set_after_exec("CapBnd") == THREE);
	return 0;
}

/* All zero: none, whatever the caller had, inheritable and ambient too. */
static int no_sets(void)
{
	struct spec_process all = {
		.capabilities = { .bounding = THREE | BIT(CAP_SETPCAP) | BIT(CAP_SETUID) |
					      BIT(CAP_SETGID),
				  .inheritable = THREE,
				  .permitted = THREE | BIT(CAP_SETPCAP) | BIT(CAP_SETUID) |
					       BIT(CAP_SETGID),
				  .effective = BIT(CAP_SETPCAP) | BIT(CAP_SETUID) | BIT(CAP_SETGID),
				  .ambient = THREE }
	};
	struct spec_process none = { .uid = 0 };
	static const char *const sets[] = { "CapBnd", "CapPrm", "CapEff", "CapInh", "CapAmb" };

	MUST(take(&all) == 0);
	MUST(set_of("CapAmb") == THREE);
	/* What is still permitted and inheritable would stay ambient by itself. */
	all.capabilities.ambient = 0;
	MUST(take(&all) == 0);
	MUST(set_of("CapAmb") == 0 && set_of("CapInh") == THREE);
	MUST(take(&none) == 0);
	for (int i = 0; i < 5; i++)
		MUST(set_of(sets[i]) == 0);
	MUST(set_after_exec("CapEff") == 0);
	return 0;
}

static void lose(int cap)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	syscall(SYS_capget, &header, data);
	data[cap / 32].permitted &= ~(1U << (cap % 32));
	data[cap / 32].effective &= ~(1U << (cap % 32));
	syscall(SYS_capset, &header, data);
}

static uint64_t missing_of(const struct spec_process *process)
{
	uint64_t missing = ~UINT64_C(0);

	return capabilities_missing(&process->capabilities, false, &missing) == 0 ? missing
										  : ~UINT64_C(0);
}

/* Left out, as the specification demands; the runtime says so. */
static int what_cannot_be_had(void)
{
	struct spec_process process = { .capabilities = { .bounding = BIT(CAP_SYS_TIME),
							  .permitted = BIT(CAP_SYS_TIME) } };

	lose(CAP_SYS_TIME);
	MUST(missing_of(&process) == BIT(CAP_SYS_TIME));
	MUST(take(&process) == 0);
	MUST(set_of("CapPrm") == 0);
	return 0;
}

static int effective_without_permitted(void)
{
	struct spec_process process = { .capabilities = { .bounding = THREE,
							  .permitted = BIT(CAP_KILL),
							  .effective = BIT(CAP_CHOWN) |
								       BIT(CAP_KILL) } };

	MUST(missing_of(&process) == BIT(CAP_CHOWN));
	MUST(take(&process) == 0);
	MUST(set_of("CapEff") == BIT(CAP_KILL));
	return 0;
}

static int inheritable_beyond_bounding(void)
{
	struct spec_process process = { .capabilities = { .bounding = BIT(CAP_CHOWN),
							  .inheritable = BIT(CAP_KILL) } };

	MUST(take(&process) == 0);
	MUST(set_of("CapInh") == 0);
	return 0;
}

/* ---- the rest of who it is ---- */

static int ids_and_groups(void)
{
	gid_t groups[] = { 12, 34567 };
	struct spec_process process = {
		.uid = 1000, .gid = 1001, .additional_gids = groups, .additional_gid_count = 2
	};

	if (rootless)
		return PASSED_OVER;
	MUST(take(&process) == 0);
	MUST(strcmp(field("Uid"), "1000\t1000\t1000\t1000") == 0);
	MUST(strcmp(field("Gid"), "1001\t1001\t1001\t1001") == 0);
	MUST(strcmp(field("Groups"), "12 34567") == 0);
	return 0;
}

/* The caller's are not the command's. In a user namespace that forbids setgroups(2) they stay. */
static int no_groups(void)
{
	gid_t groups[] = { 12 };
	struct spec_process process = { .uid = 0 };

	MUST(rootless || syscall(SYS_setgroups, 1, groups) == 0);
	MUST(take(&process) == 0);
	MUST(rootless || strcmp(field("Groups"), "") == 0);
	return 0;
}

static int groups_that_are_denied(void)
{
	gid_t groups[] = { 12 };
	struct spec_process process = { .additional_gids = groups, .additional_gid_count = 1 };

	if (!rootless)
		return PASSED_OVER;
	MUST(take(&process) == -1 && errno == EPERM);
	return 0;
}

static int umask_default(void)
{
	struct spec_process process = { .umask = 077 };

	umask(0);
	MUST(take(&process) == 0);
	MUST(strcmp(field("Umask"), "0022") == 0);
	return 0;
}

static int umask_asked_for(void)
{
	struct spec_process process = { .has_umask = true, .umask = 0 };

	umask(077);
	MUST(take(&process) == 0);
	MUST(strcmp(field("Umask"), "0000") == 0);
	return 0;
}

static int new_privileges(void)
{
	struct spec_process process = { .no_new_privileges = false };

	MUST(take(&process) == 0);
	MUST(strcmp(field("NoNewPrivs"), "0") == 0);
	return 0;
}

static int no_new_privileges(void)
{
	struct spec_process process = { .no_new_privileges = true };

	MUST(take(&process) == 0);
	MUST(strcmp(field("NoNewPrivs"), "1") == 0);
	return 0;
}

/* ---- the order of the filter ---- */

/* A filter that refuses capset(2), with errno 99. */
static int without_capset(struct seccomp_filter *filter)
{
	struct json_object *profile = json_tokener_parse(
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"capset\"],"
		"\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":99}]}");

	return seccomp_translate(profile, filter);
}

/* With no_new_privs it goes in last, and does not meet what comes before. */
static int filter_last(void)
{
	struct spec_process process = { .no_new_privileges = true };
	struct seccomp_filter filter;
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (!seccomp_translator())
		return PASSED_OVER;
	MUST(without_capset(&filter) == 0);
	MUST(identity_take(&process, &filter) == 0);
	MUST(strcmp(field("Seccomp"), "2") == 0);
	MUST(syscall(SYS_capset, &header, data) == -1 && errno == 99);
	return 0;
}

/* Without, it needs CAP_SYS_ADMIN, which the command has not: it goes in before that is lost. */
static int filter_first(void)
{
	struct spec_process process = { .no_new_privileges = false };
	struct seccomp_filter filter;

	if (!seccomp_translator())
		return PASSED_OVER;
	MUST(without_capset(&filter) == 0);
	MUST(identity_take(&process, &filter) == -1 && errno == 99);
	MUST(strcmp(field("Seccomp"), "2") == 0);
	MUST(strcmp(field("NoNewPrivs"), "0") == 0);
	return 0;
}

/* ---- AppArmor ---- */

static int apparmor_off(void)
{
	if (access("/sys/module/apparmor/parameters/enabled", F_OK) == 0)
		return PASSED_OVER;
	MUST(apparmor_for_exec("a-profile") == -1 && errno == ENOENT);
	MUST(strstr(sys_failure()->cause, "AppArmor is off"));
	MUST(strcmp(sys_failure()->subject, "a-profile") == 0);
	sys_failure_clear();
	MUST(apparmor_for_exec("unconfined") == 0);
	MUST(apparmor_for_exec("") == 0);
	MUST(sys_failure()->err == 0);
	return 0;
}

/* What is mounted at /proc is no proc, or is a part of one. */
static int no_proc(void)
{
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mount("/proc/self", "/proc", NULL, MS_BIND | MS_REC, NULL) == 0);
	MUST(apparmor_for_exec("a-profile") == -1 && errno == EXDEV);
	sys_failure_clear();
	MUST(mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0);
	MUST(apparmor_for_exec("a-profile") == -1 && errno == EXDEV);
	return 0;
}

/* ---- the environment ---- */

static int put_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n = write(fd, text, strlen(text));

	fchmod(fd, mode);
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

static int own_etc(void)
{
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
			       mount("tmpfs", "/etc", "tmpfs", 0, NULL) < 0
		       ? -1
		       : 0;
}

static bool environment_is(char **given, uid_t uid, const char *expected)
{
	struct spec_process process = { .env = given, .uid = uid };
	char **env = identity_environment(&process), text[1024] = "";

	for (; *env; env++)
		strcat(strcat(text, *env), "|");
	if (strcmp(text, expected) != 0)
		fprintf(stderr, "found: %s\n", text);
	return strcmp(text, expected) == 0;
}

#define USUAL "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|"

static int environment(void)
{
	char home[] = "HOME=/h", path[] = "PATH=/p", a[] = "HOMES=1";
	char *all[] = { home, path, NULL }, *some[] = { a, NULL }, *none[] = { NULL };

	MUST(own_etc() == 0);
	MUST(environment_is(none, 7, USUAL "HOME=/|"));
	MUST(put_file("/etc/passwd",
		      "broken\nx:x:word:0::/w:/s\nx:x:0x:0::/x:/s\n:::::\nroot:x:0:0:r:/root:/s\n"
		      "seven:x:7:7::/home/7:/s\nagain:x:7:7::/no:/s\nempty:x:8:8:::/s\n"
		      "short:x:9:9::/nine\n",
		      0644) == 0);
	MUST(environment_is(all, 7, "HOME=/h|PATH=/p|"));
	MUST(environment_is(some, 7, "HOMES=1|" USUAL "HOME=/home/7|"));
	MUST(environment_is(none, 0, USUAL "HOME=/root|"));
	MUST(environment_is(none, 8, USUAL "HOME=/|"));
	MUST(environment_is(none, 9, USUAL "HOME=/nine|"));
	MUST(environment_is(none, 70, USUAL "HOME=/|"));
	return 0;
}

/* The image's, and nothing to wait for. */
static int passwd_is_a_fifo(void)
{
	char *none[] = { NULL };

	MUST(own_etc() == 0 && mkfifo("/etc/passwd", 0600) == 0);
	alarm(5);
	MUST(environment_is(none, 0, USUAL "HOME=/|"));
	return 0;
}

/* ---- which file is the command? ---- */

static int find(const char *name, const char *path, char *found)
{
	char variable[PATH_MAX + 8], *env[] = { variable, NULL };

	snprintf(variable, sizeof(variable), "PATH=%s", path);
	sys_failure_clear();
	return identity_find_command(name, path ? env : env + 1, found);
}

static int commands(void)
{
	char found[PATH_MAX];
	static const struct {
		const char *name, *path;
		const char *found; /* or, with err, the subject: the name */
		int err;
	} cases[] = {
		{ "good", "a:b", "b/good", 0 },
		{ "twice", "b:a", "b/twice", 0 },
		{ "twice", "a:b", "a/twice", 0 },
		{ "./b/good", "", "./b/good", 0 },
		{ "b/good", "a", "b/good", 0 },
		{ "here", "a:", "./here", 0 }, /* an empty element: the working directory */
		{ "here", "a::b", "./here", 0 },
		{ "here", ":a", "./here", 0 },
		{ "plain", "b:a", "a/plain", 0 }, /* what cannot be executed is passed over */
		{ "here", "a:b", "here", ENOENT },
		{ "good", NULL, "good", ENOENT },
		{ "none", "a:b", "none", ENOENT },
		{ "./none", "a", "./none", ENOENT },
		{ "./b/plain", "a", "./b/plain", EACCES },
		{ "plain", "b", "plain", EACCES },
		{ "./b", "a", "./b", EACCES },
		{ "directory", "b", "directory", EACCES },
	};

	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mount("tmpfs", scratch, "tmpfs", 0, NULL) == 0 && chdir(scratch) == 0);
	MUST(mkdir("a", 0755) == 0 && mkdir("b", 0755) == 0 && mkdir("b/directory", 0755) == 0);
	MUST(put_file("b/good", "", 0755) == 0 && put_file("here", "", 0755) == 0);
	MUST(put_file("a/twice", "", 0755) == 0 && put_file("b/twice", "", 0755) == 0);
	MUST(put_file("a/plain", "", 0755) == 0 && put_file("b/plain", "", 0644) == 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int result = find(cases[i].name, cases[i].path, found);
		const char *got = cases[i].err ? sys_failure()->subject : found;
		if (result != (cases[i].err ? -1 : 0) || strcmp(got, cases[i].found) != 0)
			fprintf(stderr, "%s in %s: %s\n", cases[i].name, cases[i].path, got);
		MUST(strcmp(got, cases[i].found) == 0);
		MUST(result == (cases[i].err ? -1 : 0));
		MUST(!result || (sys_failure()->err == cases[i].err && sys_failure()->at_exec));
		MUST(!result || (errno == cases[i].err && sys_failure()->cause[0]));
	}
	return 0;
}

/* A mode that lets root in, and not the command's user. */
static int command_of_a_user(void)
{
	struct spec_process process = { .uid = 1000, .gid = 1000 };
	char found[PATH_MAX];

	if (rootless)
		return PASSED_OVER;
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mount("tmpfs", "/mnt", "tmpfs", 0, NULL) == 0 && chdir("/mnt") == 0);
	MUST(put_file("mine", "", 0700) == 0);
	MUST(find("mine", "/mnt", found) == 0);
	MUST(take(&process) == 0);
	MUST(find("mine", "/mnt", found) == -1 && errno == EACCES);
	return 0;
}

/* clang-format off */
#define PARTS(X) X(five_sets) X(sets_of_a_user) X(no_sets) X(what_cannot_be_had) \
	X(effective_without_permitted) X(inheritable_beyond_bounding) X(ids_and_groups) \
	X(no_groups) X(groups_that_are_denied) X(umask_default) X(umask_asked_for) \
	X(new_privileges) X(no_new_privileges) X(filter_last) X(filter_first) X(apparmor_off) \
	X(no_proc) X(environment) X(passwd_is_a_fifo) X(commands) X(command_of_a_user)
/* clang-format on */

#define TEST_OF(part)                                                                              \
	static void test_##part(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		in_child(part);                                                                    \
	}
PARTS(TEST_OF)

int main(void)
{
#define ENTRY_OF(part) cmocka_unit_test(test_##part),
	const struct CMUnitTest tests[] = { PARTS(ENTRY_OF) };

	rootless = geteuid() != 0;
	if (!mkdtemp(scratch))
		return 1;
	int result = cmocka_run_group_tests(tests, NULL, NULL);
	if (rmdir(scratch) < 0)
		perror(scratch);
	return result;
}
