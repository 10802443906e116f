/*
 * cage.c - run a student's program, and let the grader look at it from outside.
 *
 *   cage [-t SECONDS] [-p N] [-s] [-u UID] [-w DIR] [-g DIR]... [-d DIR] REPORT OUTPUT PROGRAM
 *        [ARG...]
 *
 * The program runs in new user, mount, PID, network, IPC and UTS namespaces, below a PID 1 of the
 * cage's. In there it has all capabilities, and none over anything outside:
 *
 *   ids      root of the user namespace; outside that is an id which no account has (for a caller
 *            who is root), or the caller (for an ordinary user). Then once more a user namespace
 *            with a mount namespace: the mounts that it inherits are locked, so that it can make
 *            none of them writable
 *   files    all mounts are read-only, but for an empty tmpfs on /tmp, /var/tmp and /dev/shm, and
 *            the cgroup hierarchies with -g. PROGRAM is copied to /tmp/bin. HOME and TMPDIR are
 *            /tmp
 *   limits   processes, size of a file, of memory, of the CPU's time; it is the first that the
 *            kernel ends where memory is short
 *   signals  kill(-1, ...) reaches what is in the PID namespace; PID 1 takes no SIGSTOP from there
 *
 * The program sends messages on descriptor 3 (SOCK_SEQPACKET). Each is written to REPORT as a line
 * "PID TEXT"; PID is the sender's in the caller's PID namespace, and the kernel gives it
 * (SCM_CREDENTIALS, unix(7)). The first message there is one to the program: 16 random bytes, with
 * which each of its own has to begin. One that does not is written as "PID forged". What the
 * program writes on standard output and error is written to OUTPUT, up
 * to 64 KiB; the rest is read and dropped.
 *
 * Then "0 end exited N" or "0 end killed N"; "0 end time" after SECONDS (10), or 120 after
 * a message that begins with "report" or "caught". cage ends, and with
 * it all processes in there, when the program has ended, at the end of its own standard input, at
 * the time's end, and at SIGTERM.
 *
 *   -p N     so many processes at most (64)
 *   -s       all mounts are shared, as systemd makes them (else private)
 *   -w DIR   /tmp is this directory and not a tmpfs; it should belong to the id outside. For what
 *            a tmpfs cannot hold: overlay's marks, before Linux 6.6
 *   -u UID   the id outside: one that `cage -i` has printed. It depends on the caller's PID, so a
 *            caller that gives files to that id says it again here
 *   -g DIR   move the program into this cgroup (its cgroup.procs) first; repeatable. The directory
 *            should belong to the id outside
 *   -d DIR   mount DIR's tree, read-only, at the same place, also where /tmp is covered
 *
 *   cage -i  prints the uid that the program has outside
 *
 * Exit status: 0; 77: a namespace or a mount is refused here, with the reason on standard error;
 * 125: the cage failed otherwise.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <grp.h>
#include <unistd.h>

enum {
	OUTPUT_MOST = 64 * 1024,
	MESSAGE_MOST = 4096,
	MESSAGES_MOST = 64,
	IDS = 65536,
	PROCESSES = 64,
	FILE_MOST = 64 << 20,
	AFTER_REPORT = 120, /* seconds */
	SECRET = 16,
	NO_ACCOUNT =
		0x60000000, /* ids from here on belong to no account; the lowest bits are ours */
};

static int seconds = 10;
static int processes = PROCESSES;
static const char *groups[8];
static int group_count;
static const char *shown, *writable;
static unsigned chosen; /* -u */
static char **program;
static bool shared;
static bool many_ids; /* the caller may map a range of ids */
static char secret[SECRET];
static int message[2], output[2], ready[2], mapped[2], ended[2];

static void die(int status, const char *what, const char *why)
{
	fprintf(stderr, "cage: %s: %s%s%s\n", what, strerror(errno), why ? "; " : "",
		why ? why : "");
	_exit(status);
}

/* Namespaces and mounts are what a host may refuse: no fault of the program. */
static void refused(const char *what)
{
	die(77, what, "this host refuses it (minibox doctor says why)");
}

static unsigned outside_id(void)
{
	unsigned id = NO_ACCOUNT;

	if (geteuid() != 0)
		return geteuid();
	if (chosen)
		return chosen;
	/* Another one for each run at a time: limits on processes are counted by uid. Graders in PID
	 * namespaces of their own have the same PIDs, hence LAB_SLOT, 0 to 15. */
	id += ((unsigned)getppid() & 0xfff) * IDS;
	if (getenv("LAB_SLOT"))
		id ^= ((unsigned)atoi(getenv("LAB_SLOT")) & 0xf) << 24;
	return id;
}

/* Is it an id that outside_id() gives? No other may come from the command line: an account's. */
static bool outside_id_is(const char *text)
{
	char *end;
	unsigned long id = strtoul(text, &end, 10);

	if (*end || end == text)
		return false;
	if (geteuid() != 0)
		return id == geteuid();
	return id >= NO_ACCOUNT && id <= NO_ACCOUNT + 0xfffUL * IDS && id % IDS == 0;
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return n < 0 ? -1 : 0;
}

/* Writes the maps of a process: count ids from 0 inside are those from first outside. */
static int write_maps(pid_t pid, unsigned first_uid, unsigned first_gid, unsigned count)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	snprintf(text, sizeof(text), "0 %u %u\n", first_uid, count);
	if (write_text(path, text) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/setgroups", pid);
	if (count == 1)
		write_text(path, "deny");
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	snprintf(text, sizeof(text), "0 %u %u\n", first_gid, count);
	return write_text(path, text);
}

/* ---- inside ---- */

static void mount_tmpfs(const char *on)
{
	struct stat st;

	if (stat(on, &st) < 0)
		return;
	if (mount("tmpfs", on, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=128m") < 0)
		refused("mount a tmpfs");
}

/* By descriptor: the way to the directory may be closed to this id. */
static void mount_writable(int dir, const char *on)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
				   .attr_clr = MOUNT_ATTR_RDONLY };
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	if (mount(path, on, NULL, MS_BIND, NULL) < 0 ||
	    syscall(SYS_mount_setattr, -1, on, 0, &attr, sizeof(attr)) < 0)
		refused("a directory as /tmp");
}

/* The lines of mountinfo whose file system is a cgroup: writable again. */
static void cgroups_writable(void)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[4096], path[2048];

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, " - cgroup") && sscanf(line, "%*s %*s %*s %*s %2047s", path) == 1)
			syscall(SYS_mount_setattr, -1, path, 0, &attr, sizeof(attr));
	if (f)
		fclose(f);
}

static void set_up_files(int binary, int shown_fd, int writable_fd)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	char path[512], buffer[65536];
	const char *name = strrchr(program[0], '/');
	ssize_t n;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		refused("make the mounts private");
	if (syscall(SYS_mount_setattr, -1, "/", AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		refused("make the mounts read-only (mount_setattr, Linux 5.12)");
	if (group_count)
		cgroups_writable();
	if (writable)
		mount_writable(writable_fd, "/tmp");
	else
		mount_tmpfs("/tmp");
	mount_tmpfs("/var/tmp");
	mount_tmpfs("/dev/shm");
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		refused("mount a proc");
	if (shown) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", shown_fd);
		for (char *p = strchr(shown + 1, '/'); p; p = strchr(p + 1, '/')) {
			snprintf(buffer, sizeof(buffer), "%.*s", (int)(p - shown), shown);
			mkdir(buffer, 0755);
		}
		mkdir(shown, 0755);
		if (mount(path, shown, NULL, MS_BIND | MS_REC, NULL) < 0)
			refused("show the directory");
	}
	/* A copy: the way to the original may be closed to this id, or covered by the tmpfs. */
	mkdir("/tmp/bin", 0755);
	snprintf(path, sizeof(path), "/tmp/bin/%s", name ? name + 1 : program[0]);
	int copy = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	while (copy >= 0 && (n = read(binary, buffer, sizeof(buffer))) > 0)
		if (write(copy, buffer, (size_t)n) != n)
			break;
	if (copy < 0 || n != 0)
		die(125, path, NULL);
	close(copy);
	program[0] = strdup(path);
	if (chdir("/tmp") < 0)
		die(125, "/tmp", NULL);
}

static void limit(int what, rlim_t value)
{
	struct rlimit limit;

	getrlimit(what, &limit);
	if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < value)
		value = limit.rlim_max;
	limit.rlim_cur = limit.rlim_max = value;
	setrlimit(what, &limit);
}

static void execute(void)
{
	char token[64] = "", seed[64] = "";
	const char *value = getenv("MINIBOX_TOKEN");

	snprintf(token, sizeof(token), "MINIBOX_TOKEN=%s", value ? value : "");
	value = getenv("LAB_SEED");
	snprintf(seed, sizeof(seed), "LAB_SEED=%s", value ? value : "0");
	char *env[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			"HOME=/tmp",
			"TMPDIR=/tmp",
			"LC_ALL=C",
			seed,
			*token ? token : NULL,
			NULL };

	limit(RLIMIT_NPROC, (rlim_t)processes);
	limit(RLIMIT_FSIZE, FILE_MOST);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, 256);
	limit(RLIMIT_CPU, (rlim_t)seconds + 1);
	limit(RLIMIT_AS, (rlim_t)1 << 30);
	umask(022);
	execve(program[0], program, env);
	die(125, program[0], NULL);
}

/* The program's process: in a second user namespace, so that the mounts are locked. */
static void run_program(void)
{
	char byte;

	setsid();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		refused("a user namespace in a user namespace");
	if (write(ready[1], "", 1) != 1 || read(mapped[0], &byte, 1) != 1)
		die(125, "the maps of the program", NULL);
	if (many_ids &&
	    (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
		die(125, "setresuid", NULL);
	if (shared && mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		refused("make the mounts shared");
	close_range(4, ~0U, 0);
	execute();
}

/* PID 1. How the program ended it says on a pipe, which the program does not have; it is told after
 * all messages. */
static int first_process(int binary)
{
	/* A bind takes only what was opened in its own mount namespace; and the caller's directory may
	 * be closed to the id that comes next. */
	int shown_fd = shown ? open(shown, O_PATH | O_CLOEXEC) : -1;
	int writable_fd = writable ? open(writable, O_PATH | O_CLOEXEC) : -1;
	char byte;
	int status, null;
	pid_t child, pid;

	if (read(mapped[0], &byte, 1) != 1)
		_exit(125);
	if (many_ids &&
	    (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0))
		die(125, "setresuid", NULL);
	prctl(PR_SET_DUMPABLE, 1); /* its files in /proc belong to it again */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	set_up_files(binary, shown_fd, writable_fd);
	close(binary);
	write_text("/proc/self/oom_score_adj", "1000");

	child = fork();
	if (child < 0)
		die(125, "fork", NULL);
	if (child == 0) {
		null = open("/dev/null", O_RDONLY);
		dup2(null, 0);
		dup2(output[1], 1);
		dup2(output[1], 2);
		/* Both pairs above 3, before 3 is the socket. */
		ready[1] = fcntl(ready[1], F_DUPFD, 10);
		mapped[0] = fcntl(mapped[0], F_DUPFD, 10);
		dup2(message[1], 3);
		fcntl(3, F_SETFD, 0);
		run_program();
	}
	close(output[1]);
	close(message[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) == 1) {
		if (write_maps(child, 0, 0, many_ids ? IDS : 1) < 0)
			die(77, "the maps of the second user namespace", NULL);
		if (write(mapped[1], "", 1) != 1)
			_exit(125);
	}
	while ((pid = wait(&status)) > 0 || errno == EINTR) {
		if (pid != child)
			continue;
		_exit(write(ended[1], &status, sizeof(status)) == sizeof(status) ? 0 : 125);
	}
	_exit(125);
}

/* ---- outside ---- */

static bool reported; /* the call that is graded has come back, or has been caught */

/* Returns false when no message can come any more. */
static bool take_message(int report)
{
	static int count;
	char text[SECRET + MESSAGE_MOST + 1], control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec vec = { text, SECRET + MESSAGE_MOST };
	struct msghdr header = { .msg_iov = &vec,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(message[0], &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&header);
	struct ucred sender = { 0 };
	char *said;

	if (n == 0 || (n < 0 && errno != EINTR))
		return false;
	if (n < 0 || ++count > MESSAGES_MOST)
		return true;
	if (c && c->cmsg_type == SCM_CREDENTIALS)
		memcpy(&sender, CMSG_DATA(c), sizeof(sender));
	text[n] = '\0';
	if (n < SECRET || memcmp(text, secret, SECRET) != 0) {
		dprintf(report, "%d forged\n", (int)sender.pid);
		return true;
	}
	said = text + SECRET;
	for (char *p = said; *p; p++)
		if (*p == '\n')
			*p = ' ';
	dprintf(report, "%d %s\n", (int)sender.pid, said);
	reported = reported || strncmp(said, "report", 6) == 0 || strncmp(said, "caught", 6) == 0;
	return true;
}

static void take_output(int out)
{
	static size_t kept;
	char text[16384];
	ssize_t n = read(output[0], text, sizeof(text));

	if (n <= 0)
		return;
	if (kept + (size_t)n > OUTPUT_MOST)
		n = (ssize_t)(OUTPUT_MOST - kept);
	if (n > 0 && write(out, text, (size_t)n) == n)
		kept += (size_t)n;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void tell_end(int report)
{
	int status;

	while (take_message(report))
		;
	fcntl(ended[0], F_SETFL, O_NONBLOCK);
	if (read(ended[0], &status, sizeof(status)) != sizeof(status))
		return;
	if (WIFSIGNALED(status))
		dprintf(report, "0 end killed %d\n", WTERMSIG(status));
	else
		dprintf(report, "0 end exited %d\n", WEXITSTATUS(status));
}

static int serve(pid_t first, int pidfd, int signals, int report, int out)
{
	double end = now() + seconds;
	struct pollfd fds[] = { { pidfd, POLLIN, 0 },
				{ message[0], POLLIN, 0 },
				{ output[0], POLLIN, 0 },
				{ STDIN_FILENO, POLLIN, 0 },
				{ signals, POLLIN, 0 } };
	char drop[256];
	int status = 0;

	for (;;) {
		int left = (int)((end - now()) * 1000);

		if (left <= 0) {
			dprintf(report, "0 end time %d\n", seconds);
			break;
		}
		if (poll(fds, 5, left) < 0)
			continue;
		if (fds[1].revents) {
			if (!take_message(report))
				fds[1].fd = -1; /* its last writer has gone */
			/* The time is that of the program. What looks at it afterwards may take
			 * longer, and ends it. */
			if (reported)
				end = now() + AFTER_REPORT;
			reported = false;
		}
		if (fds[2].revents & POLLIN)
			take_output(out);
		else if (fds[2].revents)
			fds[2].fd = -1;
		if ((fds[1].revents | fds[2].revents) & POLLIN)
			continue; /* all that was said, before the end is looked at */
		if (fds[0].revents) {
			tell_end(report);
			break;
		}
		if (fds[4].revents)
			break;
		if (fds[3].revents && read(0, drop, sizeof(drop)) <= 0)
			break;
	}
	kill(first, SIGKILL);
	waitpid(first, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static void join_groups(void)
{
	char path[4096];

	for (int i = 0; i < group_count; i++) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", groups[i]);
		if (write_text(path, "0") < 0)
			die(125, path, NULL);
	}
}

static int run(int report, int out)
{
	int namespaces = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC |
			 CLONE_NEWUTS;
	int binary = open(program[0], O_RDONLY | O_CLOEXEC), on = 1, pidfd = -1;
	unsigned id = outside_id();
	sigset_t set;

	if (binary < 0)
		die(125, program[0], NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, message) < 0 ||
	    setsockopt(message[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ||
	    pipe2(output, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0 ||
	    pipe2(mapped, O_CLOEXEC) < 0 || pipe2(ended, O_CLOEXEC) < 0)
		die(125, "pipe", NULL);
	if (getrandom(secret, SECRET, 0) != SECRET ||
	    send(message[0], secret, SECRET, MSG_NOSIGNAL) != SECRET)
		die(125, "a secret for the program", NULL);
	many_ids = geteuid() == 0;
	join_groups();
	/* As fork(2), with flags; a raw call takes NULL for the stack. */
	pid_t first = (pid_t)syscall(SYS_clone, namespaces | CLONE_PIDFD | SIGCHLD, NULL, &pidfd,
				     NULL, NULL);
	if (first < 0)
		refused("new namespaces");
	if (first == 0) {
		for (int sig = 1; sig < 32; sig++)
			signal(sig, SIG_DFL);
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		first_process(binary);
	}
	if (write_maps(first, id, many_ids ? id : getegid(), many_ids ? IDS : 1) < 0) {
		int saved = errno;

		kill(first, SIGKILL);
		errno = saved;
		refused("the maps of a user namespace");
	}
	if (write(mapped[1], "", 1) != 1)
		die(125, "write", NULL);
	close(message[1]);
	close(output[1]);
	close(mapped[0]);
	close(mapped[1]);
	close(ready[0]);
	close(ready[1]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return serve(first, pidfd, signalfd(-1, &set, SFD_CLOEXEC), report, out);
}

int main(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+t:p:sw:g:d:u:i")) != -1) {
		if (option == 't')
			seconds = atoi(optarg);
		else if (option == 'g' && group_count < 8)
			groups[group_count++] = optarg;
		else if (option == 'p')
			processes = atoi(optarg);
		else if (option == 's')
			shared = true;
		else if (option == 'w')
			writable = optarg;
		else if (option == 'd')
			shown = optarg;
		else if (option == 'u' && outside_id_is(optarg))
			chosen = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'i')
			return printf("%u\n", outside_id()) < 0;
		else
			return 125;
	}
	if (argc - optind < 3 || seconds <= 0) {
		fprintf(stderr,
			"usage: cage [-t SECONDS] [-p N] [-s] [-u UID] [-w DIR] [-g DIR]... "
			"[-d DIR] REPORT OUTPUT PROGRAM [ARG...]\n");
		return 125;
	}
	int report = open(argv[optind], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	int out = open(argv[optind + 1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (report < 0 || out < 0)
		die(125, argv[optind], NULL);
	signal(SIGPIPE, SIG_IGN);
	program = argv + optind + 2;
	return run(report, out);
}
