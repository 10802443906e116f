/*
 * driver.c: one call of a student's function, and the report of it. driver.h says how it is used.
 */
#define _GNU_SOURCE
#include "driver.h"

#include <execinfo.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum { FDS = 256, FAILS = 8, REPORT = 3, SECRET = 16 };

static char secret[SECRET]; /* what the cage knows our messages by */
static bool tried;
static char report[4096] = "report";
static size_t used = 6;
static bool open_before[FDS];
static int fail_call[FAILS], fail_errno[FAILS], fails, nofile = -1;

void say(const char *key, const char *format, ...)
{
	char value[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	/* A tab between pairs: values hold blanks. */
	int n = snprintf(report + used, sizeof(report) - used, "\t%s=%s", key, value);
	used += n < 0 ? 0 : (size_t)n;
	if (used >= sizeof(report))
		used = sizeof(report) - 1;
}

static void send_message(const char *text, size_t size)
{
	struct iovec parts[] = { { secret, SECRET }, { (char *)text, size } };
	struct msghdr header = { .msg_iov = parts, .msg_iovlen = 2 };

	/* By the socket's own call: a student may have closed the descriptor, and then the number is
	 * that of a file of his. */
	if (sendmsg(REPORT, &header, MSG_NOSIGNAL) < 0)
		_exit(99);
}

void message(const char *text)
{
	send_message(text, strlen(text));
}

static void send_report(void)
{
	send_message(report, used);
}

/* Before any of the student's code runs: the message is gone from the socket then. */
static void take_secret(void)
{
	if (recv(REPORT, secret, SECRET, MSG_DONTWAIT) != SECRET)
		_exit(99);
}

void cannot(const char *what)
{
	int saved = errno;

	/* After the call it may be the student's fault, which must not become the host's. */
	used = (size_t)snprintf(report, sizeof(report), tried ? "spoilt" : "cannot");
	say("what", "%s: %s", what, strerror(saved));
	send_report();
	_exit(98);
}

/* ---- what is done, in words ---- */

enum { ARGS = 64, DID = 1400, ARG_MOST = 200 };

struct words {
	char text[DID];
	size_t used;
	char **args;
	int count, named; /* arguments, and the highest that was named */
	bool missing;	  /* one that was asked for is not there, or is empty */
};

static void put(struct words *w, const char *text, size_t length)
{
	for (size_t i = 0; i < length && w->used + 3 < sizeof(w->text); i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n' || c == '\t') {
			w->text[w->used++] = '\\';
			w->text[w->used++] = c == '\n' ? 'n' : 't';
		} else {
			w->text[w->used++] = c < ' ' || c > '~' ? '?' : (char)c;
		}
	}
	w->text[w->used] = '\0';
}

static void put_text(struct words *w, const char *text)
{
	put(w, text, strlen(text));
}

static void put_arg(struct words *w, const char *arg)
{
	size_t length = strlen(arg);

	put(w, arg, length > ARG_MOST ? ARG_MOST : length);
	if (length > ARG_MOST)
		put_text(w, "...");
}

static const struct flag {
	char kind; /* m: of mount(2), c: of clone(2) */
	unsigned long bit;
	const char *name;
} flags[] = {
	{ 'm', MS_RDONLY, "MS_RDONLY" },       { 'm', MS_NOSUID, "MS_NOSUID" },
	{ 'm', MS_NODEV, "MS_NODEV" },	       { 'm', MS_NOEXEC, "MS_NOEXEC" },
	{ 'm', MS_NOATIME, "MS_NOATIME" },     { 'm', MS_REC, "MS_REC" },
	{ 'c', CLONE_NEWNS, "CLONE_NEWNS" },   { 'c', CLONE_NEWUTS, "CLONE_NEWUTS" },
	{ 'c', CLONE_NEWIPC, "CLONE_NEWIPC" }, { 'c', CLONE_NEWUSER, "CLONE_NEWUSER" },
	{ 'c', CLONE_NEWPID, "CLONE_NEWPID" }, { 'c', CLONE_NEWNET, "CLONE_NEWNET" },
};

static void put_flags(struct words *w, char kind, const char *arg)
{
	unsigned long left = strtoul(arg, NULL, 0);
	const char *between = "";
	char rest[32];

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (flags[i].kind == kind && (left & flags[i].bit)) {
			put_text(w, between);
			put_text(w, flags[i].name);
			left &= ~flags[i].bit;
			between = " | ";
		}
	if (left == 0 && *between)
		return;
	put_text(w, between);
	snprintf(rest, sizeof(rest), left ? "%#lx" : "0", left);
	put_text(w, rest);
}

/* Argument N of the words, counted from 1, or NULL. */
static const char *argument(struct words *w, int n)
{
	w->named = n > w->named ? n : w->named;
	return n <= w->count ? w->args[n - 1] : NULL;
}

/* What stands after a '$'. Returns what follows. */
static const char *put_value(struct words *w, const char *p)
{
	char kind = 0;

	if (*p == '*' || *p == '+') {
		for (int i = w->named; i < w->count; i++) {
			if (i > w->named)
				put_text(w, *p == '*' ? ", " : " ");
			if (*w->args[i])
				put_arg(w, w->args[i]);
			else
				put_text(w, "\"\"");
		}
		w->missing |= w->named >= w->count;
		return p + 1;
	}
	if (*p == 'm' || *p == 'c')
		kind = *p++;
	const char *arg = argument(w, *p - '0');
	if (!arg || !*arg)
		w->missing = true;
	else if (kind)
		put_flags(w, kind, arg);
	else
		put_arg(w, arg);
	return p + 1;
}

/* The condition of a group, N? or N=WORD: or none. Returns the text after it, and whether it holds. */
static const char *condition(struct words *w, const char *p, bool *holds)
{
	*holds = true;
	if (p[0] >= '1' && p[0] <= '9' && p[1] == '?') {
		const char *arg = argument(w, p[0] - '0');

		*holds = arg && *arg;
		return p + 2;
	}
	if ((p[0] != '*' && (p[0] < '1' || p[0] > '9')) || p[1] != '=')
		return p;
	const char *word = p + 2, *end = strchr(word, ':');
	size_t length = (size_t)(end - word);
	int from = *p == '*' ? w->named + 1 : p[0] - '0', to = *p == '*' ? w->count : from;

	*holds = false;
	for (int i = from; i <= to; i++) {
		const char *arg = i <= w->count ? w->args[i - 1] : NULL;
		*holds |= arg && strlen(arg) == length && strncmp(arg, word, length) == 0;
	}
	if (*p != '*')
		argument(w, from);
	return end + 1;
}

/* Tells the grader, before the student's code is called. */
static void tell_did(const struct lab_call *call, char **args)
{
	struct words w = { .args = args };
	size_t before = 0;
	bool holds = true;

	while (w.count < ARGS && args[w.count])
		w.count++;
	put_text(&w, "did ");
	for (const char *p = call->did ? call->did : ""; *p;) {
		if (*p == '[') {
			before = w.used;
			w.missing = false;
			p = condition(&w, p + 1, &holds);
		} else if (*p == ']') {
			if (!holds || w.missing)
				w.text[w.used = before] = '\0';
			p++;
		} else if (*p == '$') {
			p = put_value(&w, p + 1);
		} else {
			put(&w, p++, 1);
		}
	}
	if (call->did)
		send_message(w.text, w.used);
}

/* ---- what goes wrong on purpose ---- */

static const struct {
	const char *name;
	int number;
} calls[] = {
	{ "clone", SYS_clone },
	{ "close", SYS_close },
	{ "munmap", SYS_munmap },
	{ "mount", SYS_mount },
	{ "umount2", SYS_umount2 },
	{ "unlinkat", SYS_unlinkat },
	{ "fchdir", SYS_fchdir },
	{ "chdir", SYS_chdir },
	{ "pivot_root", SYS_pivot_root },
	{ "move_mount", SYS_move_mount },
	{ "open_tree", SYS_open_tree },
	{ "mount_setattr", SYS_mount_setattr },
	{ "setns", SYS_setns },
	{ "unshare", SYS_unshare },
	{ "sethostname", SYS_sethostname },
	{ "setdomainname", SYS_setdomainname },
	{ "waitid", SYS_waitid },
	{ "wait4", SYS_wait4 },
	{ "kill", SYS_kill },
	{ "mkdirat", SYS_mkdirat },
	{ "openat", SYS_openat },
	{ "openat2", SYS_openat2 },
	{ "write", SYS_write },
	{ "fstat", SYS_fstat },
	{ "newfstatat", SYS_newfstatat },
	{ "statx", SYS_statx },
#ifdef SYS_fork
	{ "fork", SYS_fork },
	{ "vfork", SYS_vfork },
	{ "unlink", SYS_unlink },
	{ "rmdir", SYS_rmdir },
	{ "mkdir", SYS_mkdir },
	{ "open", SYS_open },
#endif
	{ "clone3", SYS_clone3 },
	{ "sendto", SYS_sendto },
	{ "sendmsg", SYS_sendmsg },
};

static int errno_number(const char *name)
{
	for (int e = 1; e < 134; e++) {
		const char *known = strerrorname_np(e);

		if (known && strcmp(known, name) == 0)
			return e;
	}
	return -1;
}

static void add_fail(const char *text)
{
	char name[32];
	const char *colon = strchr(text, ':');

	snprintf(name, sizeof(name), "%.*s", colon ? (int)(colon - text) : 0, text);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls) && fails < FAILS; i++)
		if (strcmp(calls[i].name, name) == 0) {
			fail_call[fails] = calls[i].number;
			fail_errno[fails++] = errno_number(colon + 1);
			return;
		}
	errno = EINVAL;
	cannot(text);
}

static void install_fails(void)
{
	struct sock_filter code[2 * FAILS + 3];
	unsigned short n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr));
	for (int i = 0; i < fails; i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 (unsigned)fail_call[i], 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)fail_errno[i]);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = { n, code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
		cannot("a seccomp filter");
}

static void limit_files(void)
{
	struct rlimit limit;
	int top = open("/", O_PATH | O_CLOEXEC); /* the lowest number that is free */

	getrlimit(RLIMIT_NOFILE, &limit);
	close(top);
	limit.rlim_cur = (rlim_t)(top + nofile);
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* What computes is ended after two seconds of that, however busy the machine is; what sleeps, after
 * ten. */
static void limit_time(void)
{
	struct rusage usage;
	struct rlimit limit;

	getrusage(RUSAGE_SELF, &usage);
	getrlimit(RLIMIT_CPU, &limit);
	limit.rlim_cur = (rlim_t)usage.ru_utime.tv_sec + (rlim_t)usage.ru_stime.tv_sec + 3;
	setrlimit(RLIMIT_CPU, &limit);
	alarm(10);
}

/* ---- crashes and hangs: where ---- */

/* The program is linked with fixed addresses (-no-pie), so that these are the ones that addr2line
 * takes. */
static void caught(int sig, siginfo_t *info, void *context)
{
	void *frames[32];
	int count = backtrace(frames, 32);

	(void)info;
	(void)context;
	used = (size_t)snprintf(report, sizeof(report), "caught");
	say("signal", "%s", sigabbrev_np(sig));
	for (int i = 0; i < count; i++)
		say("frame", "%p", frames[i]);
	send_report();
	_exit(97);
}

static void catch_signals(void)
{
	static char stack[64 * 1024];
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM, SIGXCPU };
	struct sigaction action = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	void *frame;

	backtrace(&frame,
		  1); /* loads the library that it needs, which must not happen in a handler */
	sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
}

/* ---- failures that are recorded: which line of the student's led there ---- */

/* Linked with --wrap of sys_note and sys_failure_set: of the first failure the frames are kept, since
 * its place may be in a file of ours that the student's function called. */
static void *failed_frames[16];
static int failed_count;

static void keep_frames(bool first)
{
	int saved = errno;

	if (first && sys_failure()->err)
		failed_count = backtrace(failed_frames, 16);
	errno = saved;
}

/* clang-format off */
void __real_sys_note(const char *, int, const char *, struct sys_subject, struct sys_result, int);
void __real_sys_failure_set(int, const char *, const char *, const char *, const char *);
void __wrap_sys_note(const char *, int, const char *, struct sys_subject, struct sys_result, int);
void __wrap_sys_failure_set(int, const char *, const char *, const char *, const char *);
/* clang-format on */

void __wrap_sys_note(const char *file, int line, const char *call, struct sys_subject subject,
		     struct sys_result result, int expected)
{
	bool first = !sys_failure()->err;

	__real_sys_note(file, line, call, subject, result, expected);
	keep_frames(first);
}

void __wrap_sys_failure_set(int err, const char *call, const char *subject, const char *cause,
			    const char *remedy)
{
	bool first = !sys_failure()->err;

	__real_sys_failure_set(err, call, subject, cause, remedy);
	keep_frames(first);
}

/* ---- the call ---- */

static void look_at_descriptors(bool now_open[FDS])
{
	for (int fd = 0; fd < FDS; fd++)
		now_open[fd] = fcntl(fd, F_GETFD) >= 0;
}

void try_begin(void)
{
	tried = true;
	used = (size_t)snprintf(report, sizeof(report), "report");
	sys_failure_clear();
	failed_count = 0;
	look_at_descriptors(open_before);
	if (nofile >= 0)
		limit_files();
	if (fails)
		install_fails();
	limit_time();
	errno = 0;
}

void try_end(long value, bool is_fd)
{
	int saved = errno;
	const struct failure *failure = sys_failure();
	bool now_open[FDS];

	alarm(0);
	look_at_descriptors(now_open);
	say("result", "%ld", value);
	say("errno", "%s", saved ? strerrorname_np(saved) : "0");
	if (failure->err) {
		if (failure->line) /* sys_failure_set() knows none */
			say("place", "%s:%d", failure->file, failure->line);
		say("failed", "%s", failure->call);
		say("subject", "%s", failure->subject);
		if (failure->not_written)
			say("not_written", "1");
		for (int i = 0; i < failed_count; i++)
			say("frame", "%p", failed_frames[i]);
	}
	for (int fd = 0; fd < FDS; fd++) {
		char link[32], name[512] = "";

		if (now_open[fd] == open_before[fd] || (is_fd && fd == value))
			continue;
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		ssize_t n = now_open[fd] ? readlink(link, name, sizeof(name) - 1) : 0;
		say(now_open[fd] ? "leaked" : "closed", "%d %.*s", fd, n > 0 ? (int)n : 0, name);
	}
	if (is_fd && value >= 0 && value < FDS && !(fcntl((int)value, F_GETFD) & FD_CLOEXEC))
		say("inherited", "%ld", value);
	errno = saved;
}

/* ---- what goes before a call ---- */

static void write_self(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		cannot(path);
	close(fd);
}

void fresh(int namespaces)
{
	int status;
	pid_t child;

	if (unshare(namespaces) < 0)
		cannot("unshare");
	if (namespaces & CLONE_NEWUSER) {
		write_self("/proc/self/uid_map", "0 0 1");
		write_self("/proc/self/setgroups", "deny");
		write_self("/proc/self/gid_map", "0 0 1");
	}
	if (!(namespaces & CLONE_NEWPID))
		return;
	child = fork();
	if (child < 0)
		cannot("fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	close(REPORT);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

void announce(void)
{
	message("neighbour");
	close(REPORT);
}

pid_t neighbour(int namespaces)
{
	int sync[2];
	char byte;
	pid_t child;

	if (pipe2(sync, O_CLOEXEC) < 0)
		cannot("pipe");
	child = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, NULL);
	if (child < 0)
		cannot("clone");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		announce();
		close(sync[0]);
		close(sync[1]);
		for (;;)
			pause();
	}
	close(sync[1]);
	while (read(sync[0], &byte, 1) > 0)
		;
	close(sync[0]);
	return child;
}

void tell(const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "called %s", name);
	message(text);
}

void drop_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };

	if (syscall(SYS_capset, &header, none) < 0)
		cannot("capset");
}

void make_dirs(const char *path)
{
	char part[4096];

	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(p - path), path);
		mkdir(part, 0755);
	}
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		cannot(path);
}

void make_file(const char *path, const char *text)
{
	char dir[4096];
	int fd;

	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (*dir)
		make_dirs(dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		cannot(path);
	close(fd);
}

int main(int argc, char **argv)
{
	int i = 1;

	take_secret();
	catch_signals();
	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		if (strcmp(argv[i], "--fail") == 0)
			add_fail(argv[i + 1]);
		else
			nofile = atoi(argv[i + 1]);
	}
	for (const struct lab_call *call = lab_calls; i < argc && call->name; call++) {
		if (strcmp(call->name, argv[i]) != 0)
			continue;
		tell_did(call, argv + i + 1);
		call->play(argv + i + 1);
		send_report();
		for (;;)
			pause();
	}
	errno = ENOSYS;
	cannot(argc > i ? argv[i] : "no name of a call");
}
