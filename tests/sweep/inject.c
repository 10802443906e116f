/*
 * inject.c: the command line and the loop of inject.h.
 *
 *	inject -o REPORT [-l | -i WHO:CALL:N:ERRNO|KILL] [-c COMM] [-e PROGRAM] [-g SHELL-COMMAND]
 *	       [-u UID:GID] [-t SECS] [-s SECS] [-w SECS] COMMAND [ARG...]
 *
 * REPORT is lines: "call WHO NAME N NOTE" (-l), "reached", "started WHO" (the container's command),
 * "crash WHO SIGNAL", "timeout", "exit N" or "signal NAME" of COMMAND, "alive WHO COMM" when the
 * others' time was over, "after N" (status of -g), "left WHO COMM" for what was alive after that.
 * Nothing is alive when inject ends. Its own exit status is 0, or 2 for a wrong command line.
 */
#define _GNU_SOURCE
#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void become(const struct options *opt)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (opt->uid == (uid_t)-1)
		return;
	if (setgroups(1, &opt->gid) < 0 || setresgid(opt->gid, opt->gid, opt->gid) < 0 ||
	    setresuid(opt->uid, opt->uid, opt->uid) < 0)
		_exit(2);
}

static const long trace_options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
				  PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

/* The child waits in read(2) until it is seized. */
static void start(struct sweep *s, char **argv)
{
	int go[2];
	char byte;

	if (pipe2(go, O_CLOEXEC) < 0)
		die("pipe");
	s->main = fork();
	if (s->main < 0)
		die("fork");
	if (s->main == 0) {
		close(go[1]);
		if (read(go[0], &byte, 1) != 0)
			_exit(2);
		become(&s->opt);
		execvp(argv[0], argv);
		fprintf(stderr, "inject: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	if (ptrace(PTRACE_SEIZE, s->main, NULL, trace_options) < 0)
		die("PTRACE_SEIZE");
	struct tracee *t = tracee_add(s, s->main);
	strcpy(t->who, "main");
	t->named = true;
	s->status = -1;
	s->program = argv[0];
	close(go[0]);
	close(go[1]);
}

/* Everything that waits for us, then up to 10 ms for more. */
static void turn(struct sweep *s)
{
	sigset_t child;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
		if (WIFSTOPPED(status))
			tracee_stopped(s, pid, status);
		else
			tracee_ended(s, pid, status);
	}
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigtimedwait(&child, NULL, &(struct timespec){ .tv_nsec = 10000000 });
}

static int alive(const struct sweep *s)
{
	int n = 0;

	for (int i = 0; i < TRACEES; i++)
		n += s->tracees[i].pid != 0;
	return n;
}

/* Where the command's main lives on after the kill, the container's command goes on as well after a
 * moment. */
static void release_held(struct sweep *s, double after)
{
	for (int i = 0; i < TRACEES; i++) {
		struct tracee *t = &s->tracees[i];
		if (t->pid && t->held && now() > s->held_since + after) {
			t->held = false;
			tracee_resume(s, t, 0);
		}
	}
}

static void say_alive(const struct sweep *s, const char *what)
{
	for (int i = 0; i < TRACEES; i++) {
		char path[64], comm[32] = "?";
		if (!s->tracees[i].pid)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/comm", s->tracees[i].pid);
		FILE *f = fopen(path, "re");
		if (f && fgets(comm, sizeof(comm), f))
			comm[strcspn(comm, "\n")] = '\0';
		if (f)
			fclose(f);
		fprintf(s->opt.report, "%s %s %s%s\n", what, s->tracees[i].who, comm,
			s->tracees[i].held ? " (held)" : "");
	}
}

static void kill_all(struct sweep *s)
{
	while (alive(s)) {
		for (int i = 0; i < TRACEES; i++)
			if (s->tracees[i].pid)
				kill(s->tracees[i].pid, SIGKILL);
		turn(s);
	}
}

static void run(struct sweep *s)
{
	double end = now() + s->opt.limit;

	while (s->status == -1 && now() < end) {
		turn(s);
		release_held(s, 0.3);
	}
	if (s->status == -1) {
		fprintf(s->opt.report, "timeout\n");
		say_alive(s, "hangs");
	} else if (WIFEXITED(s->status)) {
		fprintf(s->opt.report, "exit %d\n", WEXITSTATUS(s->status));
	} else {
		fprintf(s->opt.report, "signal %s\n", sigabbrev_np(WTERMSIG(s->status)));
	}
	end = now() + (s->opt.linger >= 0 ? s->opt.linger : s->opt.settle);
	while (s->status != -1 && alive(s) && now() < end)
		turn(s);
	say_alive(s, "alive");
}

/* The tracees' stops are served meanwhile: what it kills must be able to die. */
static void tidy(struct sweep *s)
{
	int status = -1;
	double end = now() + s->opt.limit;

	if (s->status == -1) /* a hang has been reported: it is over before */
		kill_all(s);
	pid_t pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		become(&s->opt);
		execl("/bin/sh", "sh", "-c", s->opt.after, NULL);
		_exit(127);
	}
	struct tracee *t = tracee_add(s, pid); /* no tracee, but its end is noted as of one */
	pid_t own = s->main;
	s->main = pid, s->status = -1;
	while (s->status == -1 && now() < end)
		turn(s);
	status = s->status;
	if (status == -1)
		kill(pid, SIGKILL);
	else
		t->pid = 0;
	s->main = own;
	fprintf(s->opt.report, "after %d\n",
		status == -1	    ? -1
		: WIFEXITED(status) ? WEXITSTATUS(status)
				    : 128 + WTERMSIG(status));
	for (end = now() + s->opt.settle; alive(s) && now() < end;)
		turn(s);
	say_alive(s, "left");
}

static void parse_point(struct point *p, char *text)
{
	char *who = strsep(&text, ":"), *call = strsep(&text, ":"), *nth = strsep(&text, ":");

	if (!text) {
		fprintf(stderr, "inject: -i wants WHO:CALL:N:ERRNO or WHO:CALL:N:KILL\n");
		exit(2);
	}
	snprintf(p->who, sizeof(p->who), "%s", who);
	p->call = call_number(call);
	p->nth = atoi(nth);
	p->err = strcmp(text, "KILL") == 0 ? 0 : errno_number(text);
	if (p->call < 0 || p->nth < 1 || (!p->err && strcmp(text, "KILL") != 0)) {
		fprintf(stderr, "inject: %s:%s:%s: no such call, number or errno\n", call, nth,
			text);
		exit(2);
	}
}

static int parse(struct options *opt, int argc, char **argv)
{
	int c;

	*opt = (struct options){ .point.call = -1,
				 .uid = (uid_t)-1,
				 .gid = (gid_t)-1,
				 .limit = 60,
				 .settle = 20,
				 .linger = -1 };
	while ((c = getopt(argc, argv, "+o:li:c:e:g:u:t:s:w:")) != -1) {
		switch (c) {
		case 'o':
			opt->report = fopen(optarg, "we");
			break;
		case 'l':
			opt->list = true;
			break;
		case 'i':
			parse_point(&opt->point, optarg);
			break;
		case 'c':
			opt->command = optarg;
			break;
		case 'e':
			opt->evidence = optarg;
			break;
		case 'g':
			opt->after = optarg;
			break;
		case 'u':
			opt->uid = (uid_t)strtoul(strsep(&optarg, ":"), NULL, 10);
			opt->gid = optarg ? (gid_t)strtoul(optarg, NULL, 10) : opt->uid;
			break;
		case 't':
			opt->limit = atof(optarg);
			break;
		case 's':
			opt->settle = atof(optarg);
			break;
		case 'w':
			opt->linger = atof(optarg);
			break;
		default:
			exit(2);
		}
	}
	if (!opt->report || optind == argc) {
		fprintf(stderr, "usage: inject -o REPORT [OPTION...] COMMAND [ARG...]; "
				"tests/sweep/inject.c lists them\n");
		exit(2);
	}
	setvbuf(opt->report, NULL, _IOLBF, 0);
	return optind;
}

int main(int argc, char **argv)
{
	static struct sweep s;
	sigset_t child;
	int first = parse(&s.opt, argc, argv);

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	start(&s, argv + first);
	run(&s);
	if (s.opt.after)
		tidy(&s);
	kill_all(&s);
	return 0;
}
