/*
 * test_why.c: every row of the why-table is reached by a failure that it is
 * about, and, if it has a condition, not by one that it is not about.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/call/why.h"
#include "step01_clone_pid/floor/meet/idmap.h"
#include "fixture.h"
#include "why_cases.h"

#include <elf.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cmocka.h>

static char programs[64]; /* a scratch directory of programs that cannot run */
static bool reached[512];

static struct failure failure_of(const char *call, int err, const char *subject, const char *file)
{
	struct failure f = { .err = err, .line = 41 };

	snprintf(f.call, sizeof(f.call), "%s", call);
	snprintf(f.file, sizeof(f.file), "%s", file ? file : "step02_mount_ns/given.c");
	/* "@name" is one of our programs. */
	if (subject && subject[0] == '@')
		snprintf(f.subject, sizeof(f.subject), "%s/%s", programs, subject + 1);
	else
		snprintf(f.subject, sizeof(f.subject), "%s", subject ? subject : "");
	return f;
}

static void check_one(const struct why_case *c)
{
	struct failure f = failure_of(c->call, c->err, c->subject, c->file);
	const struct host_facts *on = c->on ? c->on : &root;
	const struct why_row *row = why_find(on, &f);

	if (!row)
		fail_msg("%s: %s: no row", c->call, strerror(c->err));
	why_explain(on, &f);
	if (!strstr(f.cause, c->words))
		fail_msg("%s: %s: wanted \"%s\", got \"%s\"", c->call, strerror(c->err), c->words,
			 f.cause);
	reached[row - why_table] = true;
	if (!row->when)
		return;
	if (!c->not_call && !c->not_subject && !c->not_on && !c->not_file)
		fail_msg("%s: \"%s\" has a condition, and no case where it does not hold", c->call,
			 c->words);
	f = failure_of(c->not_call ? c->not_call : c->call, c->err,
		       c->not_subject ? c->not_subject : c->subject,
		       c->not_file ? c->not_file : c->file);
	if (why_find(c->not_on ? c->not_on : on, &f) == row)
		fail_msg("%s: \"%s\" also where it should not", c->call, c->words);
}

static void rows_by_cases(void **state)
{
	(void)state;
	for (const struct why_case *c = why_cases; c->call; c++)
		check_one(c);
}

/* A mount with noexec cannot be counted on: the child makes one. Exit status 0: the row was found.
 */
static void on_noexec_mount(void **state)
{
	char inside[80];
	int status;
	pid_t pid = fork();

	(void)state;
	snprintf(inside, sizeof(inside), "%s/noexec", programs);
	if (pid == 0) {
		char copy[96];
		uid_t uid = geteuid();
		gid_t gid = getegid();
		snprintf(copy, sizeof(copy), "%s/x", inside);
		if ((rootless_flags() &&
		     (unshare(CLONE_NEWUSER) < 0 || idmap_self(uid, gid) < 0)) ||
		    unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("tmpfs", inside, "tmpfs", MS_NOEXEC, NULL) < 0)
			_exit(77);
		int fd = open(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
		if (fd < 0)
			_exit(77);
		fchmod(fd, 0755);
		struct failure f = failure_of("execve(path, argv, env)", EACCES, copy, NULL);
		why_explain(&root, &f);
		_exit(strstr(f.cause, "noexec") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	struct failure f = failure_of("execve(path, argv, env)", EACCES, "@fine", NULL);
	why_explain(&root, &f);
	assert_null(strstr(f.cause, "a mount with noexec"));
	for (size_t i = 0; i < why_rows; i++)
		if (strstr(why_table[i].cause, "a mount with noexec"))
			reached[i] = true;
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* Comes last: a row that nobody tested fails here. */
static void every_row_is_reached(void **state)
{
	int missing = 0;

	(void)state;
	assert_true(why_rows <= sizeof(reached));
	for (size_t i = 0; i < why_rows; i++)
		if (!reached[i]) {
			print_message("no test: %s %s: %s\n", why_table[i].call,
				      strerror(why_table[i].err), why_table[i].cause);
			missing++;
		}
	assert_int_equal(missing, 0);
}

/* One sentence that ends, a remedy that fits a verdict (abilities.h), placeholders that exist. */
static void rows_are_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; i < why_rows; i++) {
		const struct why_row *row = &why_table[i];
		assert_int_equal(row->cause[strlen(row->cause) - 1], '.');
		assert_true(strlen(row->cause) < 256 && strlen(row->remedy) < 256);
		for (const char *at = row->cause; (at = strchr(at, '%')); at++)
			assert_non_null(strchr("swki", at[1]));
	}
}

/* Within one call and errno nothing may stand below the row without a condition. */
static void no_row_is_hidden(void **state)
{
	(void)state;
	for (size_t i = 0; i < why_rows; i++)
		for (size_t j = i + 1; !why_table[i].when && j < why_rows; j++)
			if (why_table[i].err == why_table[j].err &&
			    strcmp(why_table[i].call, why_table[j].call) == 0)
				fail_msg("hidden: %s: %s", why_table[j].call, why_table[j].cause);
}

/* ---- texts ---- */

static void fills_in(void **state)
{
	struct failure f = failure_of("clone(fn, top, flags, arg)", ENOSPC, "mnt, net", NULL);
	struct host_facts h = root;

	(void)state;
	h.max_ns[NS_PID] = h.max_ns[NS_NET] = 0; /* pid was not asked for */
	why_explain(&h, &f);
	assert_string_equal(f.cause,
			    "The limit on net namespaces is 0 here: user.max_net_namespaces.");
	assert_string_equal(f.remedy, "sudo sysctl -w user.max_net_namespaces=10000");
	f = failure_of("mount_private()", ENOSYS, "/", "step02_mount_ns/mount_ns.c");
	why_explain(&root, &f);
	assert_string_equal(f.cause, "Not written yet: step02_mount_ns/mount_ns.c:41.");
	f = failure_of("execve(path, argv, env)", ENOENT, "@dos", NULL);
	why_explain(&root, &f);
	assert_non_null(strstr(f.cause, "/bin/sh^M"));
	f = failure_of("execvp(argv[0], argv)", ENOENT, "evil\033[2J%s", NULL);
	why_explain(&root, &f);
	assert_string_equal(f.cause, "The command evil^[[2J%s is in no directory of PATH.");
}

static void long_subject_is_cut(void **state)
{
	struct failure f = failure_of("kill(pid, 0)", ESRCH, "", NULL);

	(void)state;
	memset(f.subject, '\033', sizeof(f.subject) - 1);
	why_explain(&root, &f);
	assert_int_equal(strlen(f.cause), sizeof(f.cause) - 1);
}

static void no_row_gives_strerror(void **state)
{
	struct failure f = failure_of("frobnicate(1)", EDOM, "x", NULL);

	(void)state;
	errno = ENOTTY;
	assert_null(why_find(&root, &f));
	why_explain(&root, &f);
	assert_string_equal(f.cause, "Numerical argument out of domain.");
	assert_string_equal(f.remedy, "");
	assert_int_equal(errno, ENOTTY);
}

static void names_of_calls(void **state)
{
	static const char *const calls[] = { "kill(pid, SIGTERM)", "(int)syscall(SYS_kill, pid, 9)",
					     "syscall(SYS_pidfd_send_signal, fd, 9, NULL, 0)",
					     "(int) kill(1, 0)" };
	static const char *const others[] = { "killpg(1, 9)", "skill(1)", "kil(1)", "", "(",
					      "((",	      "syscall(" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct failure f = failure_of(calls[i], ESRCH, "7", NULL);
		assert_non_null(why_find(&root, &f));
	}
	for (size_t i = 0; i < 7; i++) {
		struct failure f = failure_of(others[i], ESRCH, "7", NULL);
		assert_null(why_find(&root, &f));
	}
}

/* ---- rows on the hosts of the fixtures ---- */

static void on_fixture(const char *host, const char *call, int err, const char *subject,
		       const char *words)
{
	struct failure f = failure_of(call, err, subject, NULL);
	struct host_facts facts;
	int fd = fixture_open(host);

	assert_true(fd >= 0);
	facts_read(fd, &facts);
	fixture_close(fd);
	why_explain(&facts, &f);
	if (!strstr(f.cause, words))
		fail_msg("%s: %s: wanted \"%s\", got \"%s\"", host, call, words, f.cause);
}

static void hosts(void **state)
{
	const char *userns = "unshare(CLONE_NEWUSER)",
		   *proc = "mount(\"proc\", \"/proc\", \"proc\", 0, NULL)";

	(void)state;
	on_fixture("ubuntu2404-user", userns, EPERM, "user", "AppArmor restricts");
	on_fixture("ubuntu2404-in-userns", "write(fd, text, length)", EPERM, "/proc/self/uid_map",
		   "AppArmor");
	on_fixture("ubuntu2404-in-userns", "mount(NULL, \"/\", NULL, MS_REC | MS_PRIVATE, NULL)",
		   EACCES, "/", "AppArmor denies mounts");
	on_fixture("userns-clone-0", userns, EPERM, "user", "unprivileged_userns_clone is 0");
	on_fixture("max-user-ns-0", userns, ENOSPC, "user", "user.max_user_namespaces");
	on_fixture("docker", userns, EPERM, "user", "seccomp");
	on_fixture("podman-rootless", proc, EPERM, "/proc", "mounted over");
	on_fixture("debian12-user", "unshare(CLONE_NEWNET)", EPERM, "net", "needs CAP_SYS_ADMIN");
	on_fixture("debian12-user", userns, EPERM, "user", "security module");
	on_fixture("cgroup-v1", "unshare(CLONE_NEWCGROUP)", EINVAL, "cgroup",
		   "has no cgroup namespaces");
	on_fixture("cgroup-none", "pivot_root(\".\", \".\")", EINVAL, ".", "initramfs");
	on_fixture("chroot", userns, EPERM, "user", "inside a chroot");
}

/* And on this one, where the failure is real. */
static void really(void **state)
{
	(void)state;
	sys_failure_clear();
	assert_int_equal(SYS(setns(STDERR_FILENO, CLONE_NEWPID), "stderr"), -1);
	sys_failure_explain();
	assert_non_null(strstr(sys_failure()->cause, "of another kind"));
	sys_failure_clear();
	assert_int_equal(SYS(openat(AT_FDCWD, "/proc/1/none/such", O_RDONLY), "/proc/1/none/such"),
			 -1);
	sys_failure_explain();
	assert_non_null(strstr(sys_failure()->cause, "does not exist"));
	sys_failure_clear();
}

/* ---- programs that cannot run ---- */

static void program(int dir, const char *name, int mode, const void *data, size_t size)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	fchmod(fd, (mode_t)mode);
	close(fd);
}

static int make_programs(void **state)
{
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr segment;
		char loader[16];
	} elf = { .head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			    .e_phoff = sizeof(Elf64_Ehdr),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 1 },
		  .segment = { .p_type = PT_INTERP,
			       .p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
			       .p_filesz = 9 },
		  .loader = "/no/ld.so" };

	(void)state;
	snprintf(programs, sizeof(programs), "/tmp/minibox-why-XXXXXX");
	if (!mkdtemp(programs))
		return -1;
	int dir = open(programs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	program(dir, "script", 0755, "#! /no/shell -e\n", 16);
	program(dir, "dos", 0755, "#!/bin/sh\r\n", 11);
	program(dir, "fine", 0755, "#!/bin/sh\n", 10);
	program(dir, "plain", 0644, "#!/bin/sh\n", 10);
	program(dir, "empty", 0755, "", 0);
	program(dir, "text", 0755, "hello\n", 6);
	program(dir, "elf", 0755, &elf, sizeof(elf));
	elf.segment.p_type = PT_LOAD;
	program(dir, "static", 0755, &elf, sizeof(elf));
	elf.head.e_phnum = 60000; /* more than the file holds */
	program(dir, "torn", 0755, &elf, sizeof(elf));
	mkdirat(dir, "noexec", 0755);
	close(dir);
	return 0;
}

static int remove_programs(void **state)
{
	(void)state;
	return nftw(programs, fixture_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static void interpreters(void **state)
{
	static const struct {
		const char *name;
		int result;
		const char *interpreter;
	} cases[] = { { "script", 0, "/no/shell" }, { "dos", 0, "/bin/sh\r" },
		      { "elf", 0, "/no/ld.so" },    { "static", 0, "" },
		      { "torn", -1, "" },	    { "text", -1, "" },
		      { "empty", -1, "" },	    { "noexec", -1, "" },
		      { "missing", -1, "" } };
	char path[128], out[256], small[4];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(path, sizeof(path), "%s/%s", programs, cases[i].name);
		assert_int_equal(exec_interpreter(path, out, sizeof(out)), cases[i].result);
		assert_string_equal(out, cases[i].interpreter);
		exec_interpreter(path, small, sizeof(small));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_by_cases),
		cmocka_unit_test(on_noexec_mount),
		cmocka_unit_test(every_row_is_reached),
		cmocka_unit_test(rows_are_well_formed),
		cmocka_unit_test(no_row_is_hidden),
		cmocka_unit_test(fills_in),
		cmocka_unit_test(long_subject_is_cut),
		cmocka_unit_test(no_row_gives_strerror),
		cmocka_unit_test(names_of_calls),
		cmocka_unit_test(hosts),
		cmocka_unit_test(really),
		cmocka_unit_test(interpreters),
	};
	return cmocka_run_group_tests(tests, make_programs, remove_programs);
}
