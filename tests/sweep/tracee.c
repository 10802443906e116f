/*
 * tracee.c: what a traced process has stopped for, and how it goes on.
 */
#define _GNU_SOURCE
#include "inject.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <linux/ptrace.h> /* after sys/ptrace.h: struct ptrace_syscall_info */
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

struct tracee *tracee_find(struct sweep *s, pid_t pid)
{
	for (int i = 0; i < TRACEES; i++)
		if (s->tracees[i].pid == pid)
			return &s->tracees[i];
	return NULL;
}

struct tracee *tracee_add(struct sweep *s, pid_t pid)
{
	struct tracee *t = tracee_find(s, 0);

	if (!t) {
		fprintf(stderr, "inject: more than %d processes\n", TRACEES);
		exit(2);
	}
	*t = (struct tracee){ .pid = pid };
	return t;
}

/* The calls are of interest until the point is reached; then the command goes on at full speed. */
void tracee_resume(struct sweep *s, struct tracee *t, int sig)
{
	bool look = t->ours && (s->opt.list || (s->opt.point.call >= 0 && !s->done) || t->fake);

	ptrace(look ? PTRACE_SYSCALL : PTRACE_CONT, t->pid, NULL, (void *)(long)sig);
}

/* Puts the machine's registers so that the kernel makes no call (at its entry), or so that it has
 * failed (at its end). */
static void skip_call(pid_t pid)
{
#if defined(__x86_64__)
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, orig_rax), -1L);
#elif defined(__aarch64__)
	int none = -1;
	ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &(struct iovec){ &none, sizeof(none) });
#else
#error "inject: the registers of this machine are not known"
#endif
}

static void fail_call(pid_t pid, int err)
{
#if defined(__x86_64__)
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, rax), -(long)err);
#elif defined(__aarch64__)
	struct user_regs_struct regs;
	struct iovec all = { &regs, sizeof(regs) };
	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all) == 0) {
		regs.regs[0] = (unsigned long)-(long)err;
		ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &all);
	}
#endif
}

/* ld.so makes calls before main() and reports their failures in words of its own: these are no
 * points. */
enum { LOADER_SIZE = 256 * 1024 };

static bool in_loader(const struct tracee *t, unsigned long at)
{
	return t->loader && at >= t->loader && at < t->loader + LOADER_SIZE;
}

static bool is_point(const struct sweep *s, const struct tracee *t, int nr)
{
	const struct point *p = &s->opt.point;

	return !s->done && p->call == nr && p->nth == t->made[nr] && strcmp(p->who, t->who) == 0;
}

/* What decides whether an errno is one that this call can give. */
static const char *note(const struct tracee *t, const struct ptrace_syscall_info *info)
{
	const __u64 *args = info->entry.args;

	if (t->foreign)
		return "foreign";
	switch (info->entry.nr) {
	case SYS_openat:
		return args[2] & O_CREAT ? "creates" : "-";
	case SYS_fcntl:
		return args[1] == F_DUPFD || args[1] == F_DUPFD_CLOEXEC ? "creates" : "-";
	default:
		return "-";
	}
}

static void at_entry(struct sweep *s, struct tracee *t, const struct ptrace_syscall_info *info)
{
	int nr = (int)info->entry.nr;

	if (nr < 0 || nr >= CALLS || in_loader(t, info->instruction_pointer))
		return;
	t->made[nr]++;
	if (s->opt.list)
		fprintf(s->opt.report, "call %s %s %d %s\n", t->who, call_name(nr), t->made[nr],
			note(t, info));
	if (!is_point(s, t, nr))
		return;
	s->done = true;
	fprintf(s->opt.report, "reached\n");
	if (!s->opt.point.err) {
		kill(t->pid, SIGKILL);
		return;
	}
	t->fake = s->opt.point.err;
	if (nr != SYS_close) /* close(2) gives the descriptor back also when it fails */
		skip_call(t->pid);
}

static void at_call(struct sweep *s, struct tracee *t)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY && t->ours) {
		at_entry(s, t, &info);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->fake) {
		fail_call(t->pid, t->fake);
		t->fake = 0;
	}
}

/* AT_BASE of the auxiliary vector is where the kernel has put ld.so. */
static unsigned long loader_of(pid_t pid)
{
	char path[64];
	Elf64_auxv_t entry;
	unsigned long base = 0;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && read(fd, &entry, sizeof(entry)) == sizeof(entry))
		if (entry.a_type == AT_BASE)
			base = entry.a_un.a_val;
	if (fd >= 0)
		close(fd);
	return base;
}

static bool is_called(pid_t pid, const char *name)
{
	char path[64], comm[32] = "";

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, comm, sizeof(comm) - 1);
	if (fd >= 0)
		close(fd);
	if (n > 0 && comm[n - 1] == '\n')
		comm[n - 1] = '\0';
	return strcmp(comm, name) == 0;
}

/* By device and inode, because a command may run its own file through another mount or as a copy in
 * memory. */
static bool is_foreign(const struct sweep *s, pid_t pid)
{
	char path[64], link[16] = "";
	struct stat ours, its;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	if (stat(path, &its) < 0 || readlink(path, link, sizeof(link) - 1) < 0)
		return false;
	bool same = stat(s->program, &ours) == 0 && ours.st_dev == its.st_dev &&
		    ours.st_ino == its.st_ino;
	return !same && strncmp(link, "/memfd:", 7) != 0;
}

static void take_evidence(const struct sweep *s, pid_t pid)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", pid);
	pid_t child = fork();
	if (child == 0) {
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execl(s->opt.evidence, s->opt.evidence, number, NULL);
		_exit(127);
	}
	if (child > 0)
		waitpid(child, NULL, 0);
}

/* After a SIGKILL the container's command is kept from running, as one that never ends: whoever is
 * left has to end it. */
static bool at_exec(struct sweep *s, struct tracee *t)
{
	t->loader = loader_of(t->pid);
	if (!s->opt.command || !is_called(t->pid, s->opt.command)) {
		t->ours = true;
		t->foreign = is_foreign(s, t->pid);
		return false;
	}
	t->ours = false;
	fprintf(s->opt.report, "started %s\n", t->who);
	if (s->opt.evidence)
		take_evidence(s, t->pid);
	if (s->done && !s->opt.point.err) {
		t->held = true;
		s->held_since = now();
	}
	return t->held;
}

static void at_birth(struct sweep *s, struct tracee *parent)
{
	unsigned long message = 0;

	ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &message);
	struct tracee *t = tracee_find(s, (pid_t)message);
	if (!t)
		t = tracee_add(s, (pid_t)message);
	int n = snprintf(t->who, sizeof(t->who), "%s/%d", parent->who, ++parent->children);
	if (n >= (int)sizeof(t->who))
		t->who[sizeof(t->who) - 1] = '\0';
	t->named = true;
	t->ours = parent->ours;
	t->foreign = parent->foreign;
	t->loader = parent->loader;
	if (t->waits) {
		t->waits = false;
		tracee_resume(s, t, 0);
	}
}

static bool job_control(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

void tracee_stopped(struct sweep *s, pid_t pid, int status)
{
	struct tracee *t = tracee_find(s, pid);
	int sig = WSTOPSIG(status), event = status >> 16, pass = 0;

	if (!t)
		t = tracee_add(s, pid);
	if (!t->named) { /* its parent's event is still on its way */
		t->waits = true;
		return;
	}
	if (sig == (SIGTRAP | 0x80)) {
		at_call(s, t);
	} else if (event == PTRACE_EVENT_EXEC) {
		if (at_exec(s, t))
			return;
	} else if (event == PTRACE_EVENT_STOP) {
		if (job_control(sig)) { /* stopped as by Ctrl-Z: stays so until SIGCONT */
			ptrace(PTRACE_LISTEN, pid, NULL, NULL);
			return;
		}
	} else if (event) {
		at_birth(s, t);
	} else {
		pass = sig;
	}
	tracee_resume(s, t, pass);
}

static bool is_crash(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGABRT || sig == SIGILL ||
	       sig == SIGFPE || sig == SIGSYS || sig == SIGPIPE || sig == SIGXFSZ || sig == SIGTRAP;
}

void tracee_ended(struct sweep *s, pid_t pid, int status)
{
	struct tracee *t = tracee_find(s, pid);

	if (pid == s->main)
		s->status = status;
	if (!t)
		return;
	if (WIFSIGNALED(status) && is_crash(WTERMSIG(status)))
		fprintf(s->opt.report, "crash %s %s\n", t->who, sigabbrev_np(WTERMSIG(status)));
	t->pid = 0;
}
