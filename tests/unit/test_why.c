/*
 * test_why.c: every row of the why-tables, the floor's and those of all steps, is
 * reached by a failure that it is about, and, if it has a condition, not by one
 * that it is not about.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/call/why.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/meet/program.h"
#include "step02_mount_ns/given/why_mount.h"
#include "step06_overlay_rootfs/given/why_overlay.h"
#include "step08_init_reaper/given/register.h"
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

/* The rows of all tables are counted through. NULL: after the last. */
static const struct why_row *row_at(size_t i)
{
	for (const struct why_table *table = why_tables(); table; table = table->next) {
		if (i < table->count)
			return &table->rows[i];
		i -= table->count;
	}
	return NULL;
}

static void reach(const struct why_row *row)
{
	const struct why_row *at;

	for (size_t i = 0; i < sizeof(reached) && (at = row_at(i)); i++)
		reached[i] |= at == row;
}

static struct failure failure_of(const char *call, int err, const char *subject)
{
	struct failure f = { .err = err, .line = 41, .file = "step02_mount_ns/mount_ns.c" };

	snprintf(f.call, sizeof(f.call), "%s", call);
	/* "@name" is one of our programs. */
	if (subject && subject[0] == '@')
		snprintf(f.subject, sizeof(f.subject), "%s/%s", programs, subject + 1);
	else
		snprintf(f.subject, sizeof(f.subject), "%s", subject ? subject : "");
	return f;
}

static void check_one(const struct why_case *c)
{
	struct failure f = failure_of(c->call, c->err, c->subject);
	const struct host_facts *on = c->on ? c->on : &root;

	f.args = c->args;
	f.not_written = c->gap;
	const struct why_row *row = why_find(on, &f);

	if (!row)
		fail_msg("%s: %s: no row", c->call, strerror(c->err));
	why_explain(on, &f);
	if (!strstr(f.cause, c->words))
		fail_msg("%s: %s: wanted \"%s\", got \"%s\"", c->call, strerror(c->err), c->words,
			 f.cause);
	reach(row);
	if (!row->when)
		return;
	if (!c->not_subject && !c->not_on && !c->not_args.noted && !c->gap)
		fail_msg("%s: \"%s\" has a condition, and no case where it does not hold", c->call,
			 c->words);
	f = failure_of(c->call, c->err, c->not_subject ? c->not_subject : c->subject);
	f.args = c->not_args.noted ? c->not_args : c->args;
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
		     (unshare(CLONE_NEWUSER) < 0 || self_map_write(uid, gid) < 0)) ||
		    unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("tmpfs", inside, "tmpfs", MS_NOEXEC, NULL) < 0)
			_exit(77);
		int fd = open(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
		if (fd < 0)
			_exit(77);
		fchmod(fd, 0755);
		struct failure f = failure_of("execve(path, argv, env)", EACCES, copy);
		why_explain(&root, &f);
		_exit(strstr(f.cause, "noexec") ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	struct failure f = failure_of("execve(path, argv, env)", EACCES, "@fine");
	why_explain(&root, &f);
	assert_null(strstr(f.cause, "a mount with noexec"));
	const struct why_row *row;
	for (size_t i = 0; (row = row_at(i)); i++)
		if (strstr(row->cause, "a mount with noexec"))
			reach(row);
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* Comes last: a row that nobody tested fails here. */
static void every_row_is_reached(void **state)
{
	const struct why_row *row;
	int missing = 0;

	(void)state;
	for (size_t i = 0; (row = row_at(i)); i++) {
		assert_true(i < sizeof(reached));
		if (!reached[i]) {
			print_message("no test: %s %s: %s\n", row->call, strerror(row->err),
				      row->cause);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
}

/* One sentence that ends, a remedy that fits a verdict (abilities.h), placeholders that exist. */
static void rows_are_well_formed(void **state)
{
	const struct why_row *row;

	(void)state;
	for (size_t i = 0; (row = row_at(i)); i++) {
		assert_int_equal(row->cause[strlen(row->cause) - 1], '.');
		assert_true(strlen(row->cause) < 256 && strlen(row->remedy) < 256);
		for (const char *at = row->cause; (at = strchr(at, '%')); at++)
			assert_non_null(strchr("swki", at[1]));
	}
}

/* Is every call of row one of those in a row above it, of the same errno and without a condition?
 */
static bool is_hidden(const struct why_row *row)
{
	for (const char *name = row->call; *name; name += strspn(name, "|")) {
		const struct why_row *above;
		size_t n = strcspn(name, "|");
		bool covered = false;

		for (size_t i = 0; (above = row_at(i)) && above != row && !covered; i++) {
			struct failure f = { 0 };
			snprintf(f.call, sizeof(f.call), "%.*s()", (int)n, name);
			f.err = above->when ? 0 : row->err;
			covered = above->err == f.err && why_names(above, &f);
		}
		if (!covered)
			return false;
		name += n;
	}
	return true;
}

/* What stands below a row without a condition is never found, in whichever table. */
static void no_row_is_hidden(void **state)
{
	const struct why_row *row;

	(void)state;
	for (size_t i = 0; (row = row_at(i)); i++)
		if (is_hidden(row))
			fail_msg("hidden: %s: %s", row->call, row->cause);
}

static int place_of(const struct why_table *wanted)
{
	int i = 0;

	for (const struct why_table *table = why_tables(); table != wanted;
	     table = table->next, i++)
		assert_non_null(table);
	return i; /* of NULL: how many there are */
}

/* A step's own table before those of the steps below, the floor's last. Rows for any call are only
 * there, below all others. */
static void tables_in_order(void **state)
{
	const struct why_table *first = why_tables();
	const struct why_row *row;
	bool any = false;

	(void)state;
	step08_register(); /* once more: nothing changes */
	assert_ptr_equal(why_tables(), first);
	assert_true(place_of(&why_overlay) < place_of(&why_mount));
	assert_true(place_of(&why_mount) < place_of(NULL) - 1);
	for (size_t i = 0; (row = row_at(i)); i++) {
		assert_true(!any || strcmp(row->call, "*") == 0);
		any |= strcmp(row->call, "*") == 0;
	}
	assert_true(any);
}

/* ---- texts ---- */

static void fills_in(void **state)
{
	struct failure f = failure_of("clone(fn, top, flags, arg)", ENOSPC, "two");
	struct host_facts h = root;

	(void)state;
	f.args = (struct call_args){ .noted = true, .flags = CLONE_NEWNS | CLONE_NEWNET };
	h.max_ns[NS_PID] = h.max_ns[NS_NET] = 0; /* pid was not asked for */
	why_explain(&h, &f);
	assert_string_equal(f.cause,
			    "The limit on net namespaces is 0 here: user.max_net_namespaces.");
	assert_string_equal(f.remedy, "sudo sysctl -w user.max_net_namespaces=10000");
	f = failure_of("mount_private()", ENOSYS, "/");
	f.not_written = true;
	why_explain(&root, &f);
	assert_string_equal(f.cause, "Not written yet: step02_mount_ns/mount_ns.c:41.");
	f = failure_of("execve(path, argv, env)", ENOENT, "@dos");
	why_explain(&root, &f);
	assert_non_null(strstr(f.cause, "/bin/sh^M"));
	f = failure_of("execvp(argv[0], argv)", ENOENT, "evil\033[2J%s");
	why_explain(&root, &f);
	assert_string_equal(f.cause, "The command evil^[[2J%s is in no directory of PATH.");
}

static void long_subject_is_cut(void **state)
{
	struct failure f = failure_of("kill(pid, 0)", ESRCH, "");

	(void)state;
	memset(f.subject, '\033', sizeof(f.subject) - 1);
	why_explain(&root, &f);
	assert_int_equal(strlen(f.cause), sizeof(f.cause) - 1);
}

static void no_row_gives_strerror(void **state)
{
	struct failure f = failure_of("frobnicate(1)", EDOM, "x");

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
		struct failure f = failure_of(calls[i], ESRCH, "7");
		assert_non_null(why_find(&root, &f));
	}
	for (size_t i = 0; i < 7; i++) {
		struct failure f = failure_of(others[i], ESRCH, "7");
		assert_null(why_find(&root, &f));
	}
}

/* ---- rows on the hosts of the fixtures ---- */

static void on_fixture(const char *host, const char *call, struct call_args args, int err,
		       const char *subject, const char *words)
{
	struct failure f = failure_of(call, err, subject);
	struct host_facts facts;

	f.args = args;
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
	const char *userns = "unshare(flags)", *call = "mount(source, target, type, flags, data)";
	const struct call_args none = { 0 }, user = FLAGS(CLONE_NEWUSER), net = FLAGS(CLONE_NEWNET),
			       group = FLAGS(CLONE_NEWCGROUP), proc = TYPE("proc", 0),
			       private = TYPE("", MS_REC | MS_PRIVATE);

	(void)state;
	on_fixture("ubuntu2404-user", userns, user, EPERM, "user", "AppArmor restricts");
	on_fixture("ubuntu2404-in-userns", "write(fd, text, length)", none, EPERM,
		   "/proc/self/uid_map", "AppArmor");
	on_fixture("ubuntu2404-in-userns", call, private, EACCES, "/", "AppArmor denies mounts");
	on_fixture("userns-clone-0", userns, user, EPERM, "user", "unprivileged_userns_clone is 0");
	on_fixture("max-user-ns-0", userns, user, ENOSPC, "user", "user.max_user_namespaces");
	on_fixture("docker", userns, user, EPERM, "user", "seccomp");
	on_fixture("podman-rootless", call, proc, EPERM, "/proc", "mounted over");
	on_fixture("debian12-user", userns, net, EPERM, "net", "needs CAP_SYS_ADMIN");
	on_fixture("debian12-user", userns, user, EPERM, "user", "security module");
	on_fixture("cgroup-v1", userns, group, EINVAL, "cgroup", "has no cgroup namespaces");
	on_fixture("cgroup-none", "pivot_root(\".\", \".\")", none, EINVAL, ".", "initramfs");
	on_fixture("chroot", userns, user, EPERM, "user", "inside a chroot");
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

	struct {
		Elf32_Ehdr head;
		Elf32_Phdr segment;
		char loader[16];
	} narrow = { .head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB,
					    EV_CURRENT },
			       .e_phoff = sizeof(Elf32_Ehdr),
			       .e_phentsize = sizeof(Elf32_Phdr),
			       .e_phnum = 1 },
		     .segment = { .p_type = PT_INTERP,
				  .p_offset = sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr),
				  .p_filesz = 11 },
		     .loader = "/no/ld32.so" };

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
	program(dir, "elf32", 0755, &narrow, sizeof(narrow));
	narrow.segment.p_type = PT_LOAD;
	program(dir, "static32", 0755, &narrow, sizeof(narrow));
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
	} cases[] = { { "script", 0, "/no/shell" },
		      { "dos", 0, "/bin/sh\r" },
		      { "elf", 0, "/no/ld.so" },
		      { "static", 0, "" },
		      { "elf32", 0, "/no/ld32.so" },
		      { "static32", 0, "" },
		      { "torn", -1, "" },
		      { "text", -1, "" },
		      { "empty", -1, "" },
		      { "noexec", -1, "" },
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
		cmocka_unit_test(tables_in_order),
		cmocka_unit_test(fills_in),
		cmocka_unit_test(long_subject_is_cut),
		cmocka_unit_test(no_row_gives_strerror),
		cmocka_unit_test(names_of_calls),
		cmocka_unit_test(hosts),
		cmocka_unit_test(really),
		cmocka_unit_test(interpreters),
	};
	step08_register();
	return cmocka_run_group_tests(tests, make_programs, remove_programs);
}
