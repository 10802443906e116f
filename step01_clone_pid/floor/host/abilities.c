/*
 * abilities.c: what can be done on this host, found out by doing it.
 *
 * A probe runs in a forked child with namespaces of its own, which go when it
 * ends, so nothing stays on the host. Its calls are SYS() calls: if one fails,
 * the failure is explained in there, where the reason is, and handed to the
 * parent through a pipe.
 */
#define _GNU_SOURCE
#include "abilities.h"
#include "abilities_try.h"
#include "facts.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/program.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

/* ---- judged from the facts ---- */

bool verdict_no(struct verdict *out, const char *reason, const char *remedy)
{
	out->yes = false;
	snprintf(out->reason, sizeof(out->reason), "%.*s", (int)sizeof(out->reason) - 1, reason);
	snprintf(out->remedy, sizeof(out->remedy), "%.*s", (int)sizeof(out->remedy) - 1, remedy);
	return false;
}

bool verdict_yes(struct verdict *out)
{
	*out = (struct verdict){ .yes = true };
	return true;
}

static bool judge_host_root(int unused, struct verdict *out)
{
	const struct host_facts *h = host_facts_of(FACTS_SELF);

	(void)unused;
	if (h->in_user_ns)
		return verdict_no(
			out,
			"We are inside a user namespace: root in here is not root of the host.",
			"Run it on the host, as root.");
	if (h->euid != 0 || !facts_cap(h, CAP_SYS_ADMIN))
		return verdict_no(out, "This process is not root with all capabilities.",
				  "Run it as root: sudo ...");
	return verdict_yes(out);
}

bool host_is_guest(void)
{
	return getenv("MB_GUEST") || access("/run/minibox-guest", F_OK) == 0;
}

/* ---- found by trying ---- */

/* In the child: everything as a new process has it, whatever our caller did with signals. */
static void probe_child(const struct ability *ability, int pipe_end)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGALRM, SIG_DFL);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(10); /* a probe that hangs must not hang the demo */
	sys_tracing = false;
	sys_failure_clear();
	if (ability->try(ability->arg) == 0)
		_exit(0);
	if (!sys_failure()->err)
		sys_failure_set(errno ? errno : EIO, "probe", "", NULL, NULL);
	sys_failure_explain();
	ssize_t n = write(pipe_end, sys_failure(), sizeof(struct failure));
	_exit(n == (ssize_t)sizeof(struct failure) ? 1 : 2);
}

static ssize_t read_failure(int fd, struct failure *failure)
{
	size_t have = 0;

	while (have < sizeof(*failure)) {
		ssize_t n = read(fd, (char *)failure + have, sizeof(*failure) - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static bool ask_probe(const struct ability *ability, struct verdict *out)
{
	struct failure failure = { 0 };
	int ends[2], status = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return verdict_no(out, strerror(errno), "");
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		probe_child(ability, ends[1]);
	}
	close(ends[1]);
	bool told = pid > 0 && read_failure(ends[0], &failure) == (ssize_t)sizeof(failure);
	close(ends[0]);
	if (pid < 0)
		return verdict_no(out, "No process can be made to try it.", "ulimit -u");
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) /* ECHILD: SIGCHLD is ignored; then only the pipe tells */
			break;
	if (told)
		return verdict_no(out, failure.cause, failure.remedy);
	if (WIFSIGNALED(status)) {
		snprintf(failure.cause, sizeof(failure.cause), "Trying it was ended by signal %d.",
			 WTERMSIG(status));
		return verdict_no(
			out, failure.cause,
			"grep Seccomp /proc/self/status tells whether a filter is in force.");
	}
	return status == 0 ? verdict_yes(out)
			   : verdict_no(out, "Trying it failed without a word.", "");
}

/* ---- the list ---- */

static struct ability list[MOST_ABILITIES] = {
	{ CAN_PID_NS, "pid_ns", "PID namespace", .try = probe_namespaces, .arg = CLONE_NEWPID },
	{ CAN_MOUNT_NS, "mount_ns", "mount namespace", .try = probe_namespaces,
	  .arg = CLONE_NEWNS },
	{ CAN_UTS_NS, "uts_ns", "UTS namespace", .try = probe_namespaces, .arg = CLONE_NEWUTS },
	{ CAN_IPC_NS, "ipc_ns", "IPC namespace", .try = probe_namespaces, .arg = CLONE_NEWIPC },
	{ CAN_NET_NS, "net_ns", "network namespace", .try = probe_namespaces, .arg = CLONE_NEWNET },
	{ CAN_USER_NS, "user_ns", "user namespace", .try = try_user_ns },
	{ CAN_CGROUP_NS, "cgroup_ns", "cgroup namespace", .try = probe_namespaces,
	  .arg = CLONE_NEWCGROUP },
	{ CAN_TIME_NS, "time_ns", "time namespace", .try = probe_namespaces, .arg = CLONE_NEWTIME },
	{ CAN_HOST_ROOT, "host_root", "root of the host", .judge = judge_host_root },
	{ CAN_PTRACE, "ptrace", "ptrace", .try = try_ptrace },
};
static int known = STEP01_ABILITIES;

static struct {
	bool known;
	struct verdict verdict;
} answers[MOST_ABILITIES];

void host_can_register(const struct ability more[], int count)
{
	for (int i = 0; i < count; i++) {
		int number = more[i].number;
		if (number < 0 || number >= MOST_ABILITIES)
			continue; /* CAN() has no bit for it; host_can() says no */
		list[number] = more[i];
		answers[number].known = false;
		known = number < known ? known : number + 1;
	}
}

int abilities_known(void)
{
	return known;
}

static const struct ability *find(int ability)
{
	return ability >= 0 && ability < known && list[ability].key ? &list[ability] : NULL;
}

static void find_out(const struct ability *ability, struct verdict *out)
{
	struct failure before = *sys_failure();

	*out = (struct verdict){ 0 };
	sys_failure_clear();
	if (ability->try)
		ask_probe(ability, out);
	else
		out->yes = ability->judge(ability->arg, out);
	sys_failure_clear(); /* a probe's no is an answer, and no failure */
	if (before.err)
		sys_failure_adopt(&before);
}

bool host_can(int number, struct verdict *out)
{
	const struct ability *ability = find(number);
	struct verdict unused;
	int saved = errno;

	if (!ability)
		return verdict_no(out ? out : &unused, "No step of this program has registered it.",
				  "");
	if (!answers[number].known) {
		find_out(ability, &answers[number].verdict);
		answers[number].known = true;
	}
	if (out)
		*out = answers[number].verdict;
	errno = saved;
	return answers[number].verdict.yes;
}

const char *ability_title(int ability)
{
	return find(ability) ? find(ability)->title : "unknown";
}

const char *ability_key(int ability)
{
	return find(ability) ? find(ability)->key : "unknown";
}
