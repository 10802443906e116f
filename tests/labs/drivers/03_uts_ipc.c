/*
 * 03_uts_ipc.c: the calls of lab 3.
 */
#define _GNU_SOURCE
#include "tests/labs/lib/driver.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step03_uts_ipc/uts_ipc.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int proc(void)
{
	int fd = proc_open();

	if (fd < 0)
		cannot("/proc");
	return fd;
}

/* ---- names ---- */

static void set_names(const char *host, const char *domain)
{
	if (sethostname(host, strlen(host)) < 0 || setdomainname(domain, strlen(domain)) < 0)
		cannot("names");
}

static const char *or_null(const char *text)
{
	return strcmp(text, "NULL") == 0 ? NULL : text;
}

/* uts_set_names HOST DOMAIN OLD OLD: the old names are set before. NULL: that pointer. */
static int play_set_names(char **a)
{
	fresh(CLONE_NEWUTS);
	set_names(a[2], a[3]);
	return TRY(uts_set_names(or_null(a[0]), or_null(a[1])));
}

/* uts_unshare HOST DOMAIN OLD OLD: another process stays in the old namespace. */
static int play_unshare(char **a)
{
	fresh(CLONE_NEWUTS);
	set_names(a[2], a[3]);
	neighbour(0);
	return TRY(uts_unshare(or_null(a[0]), or_null(a[1])));
}

/* uts_unshare.full HOST DOMAIN OLD OLD: no UTS namespace more is allowed, after a call that worked.
 */
static int play_unshare_full(char **a)
{
	fresh(CLONE_NEWUTS);
	int before = uts_unshare(a[2], a[3]);

	neighbour(0);
	if (write_file_at(AT_FDCWD, "/proc/sys/user/max_uts_namespaces", "0") < 0)
		cannot("max_uts_namespaces");
	int result = TRY(uts_unshare(a[0], a[1]));
	say("before", "%d", before);
	return result;
}

/* ---- ns_is_same ---- */

/* ns_is_same FLAGS: the caller and a process with these namespaces of its own, by kinds. */
static int play_is_same(char **a)
{
	static const char *const kinds[] = { "uts", "ipc", "net", "mnt", "pid", "user" };
	pid_t other = neighbour((int)strtol(a[0], NULL, 0));
	int procfd = proc(), answers[6];

	for (int i = 0; i < 6; i++)
		answers[i] =
			TRY(ns_is_same(procfd, i % 2 ? 0 : other, i % 2 ? other : 0, kinds[i]));
	for (int i = 0; i < 6; i++)
		say(kinds[i], "%d", answers[i]);
	return 0;
}

/* ns_is_same.two: the caller has left the namespace that two others are in. */
static int play_is_same_two(char **a)
{
	pid_t first = neighbour(0), second = neighbour(0);
	int procfd = proc(), others, with_first, with_second, own;

	(void)a;
	fresh(CLONE_NEWUTS);
	with_first = TRY(ns_is_same(procfd, first, 0, "uts"));
	with_second = TRY(ns_is_same(procfd, 0, second, "uts"));
	own = TRY(ns_is_same(procfd, 0, getpid(), "uts"));
	others = TRY(ns_is_same(procfd, first, second, "uts"));
	say("others", "%d", others);
	say("own", "%d", own);
	say("with_others", "%d %d", with_first, with_second);
	return 0;
}

/* ns_is_same.inside: procfd is the /proc of the PID namespace above, where the caller has another
 * number; it has left the UTS namespace of another process. */
static int play_is_same_inside(char **a)
{
	pid_t other = neighbour(0);
	int procfd = proc(), itself, different;
	char number[32] = "";

	(void)a;
	fresh(CLONE_NEWPID | CLONE_NEWUTS);
	if (readlinkat(procfd, "self", number, sizeof(number) - 1) < 0)
		cannot("self");
	itself = TRY(ns_is_same(procfd, 0, (pid_t)atoi(number), "uts"));
	different = TRY(ns_is_same(procfd, other, 0, "uts"));
	say("itself", "%d", itself);
	say("with_other", "%d", different);
	return 0;
}

/* ns_is_same.children: after unshare(CLONE_NEWPID), before and after the first child. */
static int play_is_same_children(char **a)
{
	pid_t other = neighbour(0), child;
	int procfd = proc(), early, pid, children, of_child;

	(void)a;
	if (unshare(CLONE_NEWPID) < 0)
		cannot("unshare");
	early = TRY(ns_is_same(procfd, 0, other, "pid_for_children"));
	child = neighbour(0);
	pid = TRY(ns_is_same(procfd, 0, other, "pid"));
	of_child = TRY(ns_is_same(procfd, 0, child, "pid"));
	children = TRY(ns_is_same(procfd, 0, other, "pid_for_children"));
	say("early", "%d", early);
	say("pid", "%d", pid);
	say("pid_for_children", "%d", children);
	say("pid_of_the_child", "%d", of_child);
	return 0;
}

static pid_t who(const char *text)
{
	if (strcmp(text, "zombie") != 0)
		return (pid_t)atoi(text);
	pid_t pid = fork();
	siginfo_t info;

	if (pid < 0)
		cannot("fork");
	if (pid == 0)
		_exit(0);
	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0)
		cannot("waitid");
	return pid;
}

/* ns_is_same.unreadable A B NAME: a number, or "zombie". Number 1 belongs to the user namespace
 * above, so that its links may not be read. */
static int play_is_same_unreadable(char **a)
{
	pid_t first = who(a[0]), second = who(a[1]);
	int procfd = proc();

	return TRY(ns_is_same(procfd, first, second, a[2]));
}

/* A directory as /proc/PID: ns/KIND is a link that leads to the same inode number each time, in a
 * file system of its own. */
static ino_t fake_process(const char *dir, int pid, const char *kind)
{
	char on[256], path[512], target[512];
	struct stat st;

	snprintf(on, sizeof(on), "%s/%d", dir, pid);
	make_dirs(on);
	if (mount("lab", on, "tmpfs", 0, NULL) < 0)
		cannot(on);
	snprintf(path, sizeof(path), "%s/ns/new", on);
	make_file(path, "");
	if (stat(path, &st) < 0)
		cannot(path);
	snprintf(target, sizeof(target), "%s/ns/%.3s:[%lu]", on, kind, (unsigned long)st.st_ino);
	rename(path, target);
	snprintf(path, sizeof(path), "%s/ns/%s", on, kind);
	if (symlink(strrchr(target, '/') + 1, path) < 0)
		cannot(path);
	return st.st_ino;
}

/* ns_is_same.device DIR PID KIND: processes PID and PID + 1 below DIR, with one inode number on two
 * devices. */
static int play_is_same_device(char **a)
{
	int procfd, itself, pid = atoi(a[1]);

	fresh(CLONE_NEWNS);
	if (fake_process(a[0], pid, a[2]) != fake_process(a[0], pid + 1, a[2])) {
		errno = 0;
		cannot("the same inode number on two devices");
	}
	procfd = open(a[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	itself = TRY(ns_is_same(procfd, pid, pid, a[2]));
	int result = TRY(ns_is_same(procfd, pid, pid + 1, a[2]));
	say("itself", "%d", itself);
	return result;
}

/* ---- ns_keep ---- */

static void set_name_in(pid_t pid, const char *host)
{
	int procfd = proc(), own = openat(procfd, "self/ns/uts", O_RDONLY | O_CLOEXEC);
	char link[32];

	snprintf(link, sizeof(link), "%d/ns/uts", pid);
	int its = openat(procfd, link, O_RDONLY | O_CLOEXEC);
	if (setns(its, CLONE_NEWUTS) < 0 || sethostname(host, strlen(host)) < 0 ||
	    setns(own, CLONE_NEWUTS) < 0)
		cannot("a name in another namespace");
	close(its);
	close(own);
	close(procfd);
}

/* ns_keep PATH HOST: of a process whose UTS namespace has this name; it ends afterwards. */
static int play_keep(char **a)
{
	int procfd = proc();

	fresh(CLONE_NEWNS | CLONE_NEWUTS);
	pid_t other = neighbour(CLONE_NEWUTS);
	set_name_in(other, a[1]);
	int result = TRY(ns_keep(procfd, other, "uts", a[0]));
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	return result;
}

/* ns_keep.own PATH HOST [inside]: the caller's own namespace has this name; the caller leaves it.
 * inside: procfd is the /proc of the PID namespace above, where the caller has another number. */
static int play_keep_own(char **a)
{
	int procfd = proc();

	fresh(CLONE_NEWNS | CLONE_NEWUTS | (a[2] ? CLONE_NEWPID : 0));
	set_names(a[1], "none");
	int result = TRY(ns_keep(procfd, 0, "uts", a[0]));
	if (unshare(CLONE_NEWUTS) < 0)
		cannot("unshare");
	set_names("left", "none");
	return result;
}

/* ns_keep.below DIR PID PATH: DIR is procfd, and its process PID has the IPC namespace of another
 * process, which stays. */
static int play_keep_below(char **a)
{
	char path[512], target[64];

	fresh(CLONE_NEWNS);
	snprintf(target, sizeof(target), "/proc/%d/ns/ipc", neighbour(CLONE_NEWIPC));
	snprintf(path, sizeof(path), "%s/%s/ns", a[0], a[1]);
	make_dirs(path);
	strcat(path, "/ipc");
	if (symlink(target, path) < 0)
		cannot(path);
	int procfd = open(a[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return TRY(ns_keep(procfd, (pid_t)atoi(a[1]), "ipc", a[2]));
}

/* ns_keep.file PATH [TEXT]: PATH is a file with this text, or is missing. It is unmounted
 * afterwards, so that the file is seen. */
static int play_keep_file(char **a)
{
	int procfd = proc();

	fresh(CLONE_NEWNS | CLONE_NEWUTS);
	umask(0);
	if (a[1])
		make_file(a[0], a[1]);
	int result = TRY(ns_keep(procfd, 0, "uts", a[0]));
	if (result == 0 && umount2(a[0], MNT_DETACH) < 0)
		say("mounted", "no");
	return result;
}

/* ns_keep.refused PATH NAME [TEXT]: the caller's own. "mnt" is refused by mount(2). */
static int play_keep_refused(char **a)
{
	int procfd = proc();

	fresh(CLONE_NEWNS);
	if (a[2])
		make_file(a[0], a[2]);
	return TRY(ns_keep(procfd, 0, a[1], a[0]));
}

const struct lab_call lab_calls[] = {
	{ "uts_set_names", play_set_names,
	  "uts_set_names(hostname, domainname); hostname $1, domainname $2; before, the names are "
	  "$3 and $4" },
	{ "uts_unshare", play_unshare,
	  "uts_unshare(hostname, domainname); hostname $1, domainname $2; before, the names are $3 "
	  "and $4" },
	{ "uts_unshare.full", play_unshare_full,
	  "uts_unshare(hostname, domainname), where unshare(2) fails; hostname $1, domainname $2; "
	  "before, the names are $3 and $4" },
	{ "ns_is_same", play_is_same,
	  "ns_is_same(procfd, a, b, name) for six kinds; a is the caller, b a process with new "
	  "namespaces: $c1" },
	{ "ns_is_same.two", play_is_same_two,
	  "ns_is_same(procfd, a, b, 'uts') of the caller, which has left its namespace, and two "
	  "other processes" },
	{ "ns_is_same.inside", play_is_same_inside,
	  "ns_is_same(procfd, a, b, 'uts') of the caller, number 1 of a PID namespace; procfd is "
	  "the "
	  "/proc of the namespace above" },
	{ "ns_is_same.children", play_is_same_children,
	  "ns_is_same(procfd, a, b, name) of the caller, which has called unshare(CLONE_NEWPID), "
	  "and others" },
	{ "ns_is_same.unreadable", play_is_same_unreadable,
	  "ns_is_same(procfd, a, b, name); a $1, b $2, name $3" },
	{ "ns_is_same.device", play_is_same_device,
	  "ns_is_same(procfd, a, a + 1, name); procfd is $1, a $2, name $3, and the files of both "
	  "have one inode number, on two devices" },
	{ "ns_keep", play_keep,
	  "ns_keep(procfd, pid, 'uts', path); path $1; in the namespace the host name is $2; then "
	  "process pid ends" },
	{ "ns_keep.own", play_keep_own,
	  "ns_keep(procfd, 0, 'uts', path); path $1; in the namespace the host name is $2; then "
	  "the caller leaves it[3?; procfd is that of the PID namespace above]" },
	{ "ns_keep.below", play_keep_below,
	  "ns_keep(procfd, pid, 'ipc', path); procfd is $1, pid $2, path $3" },
	{ "ns_keep.file", play_keep_file,
	  "ns_keep(procfd, 0, 'uts', path); path $1[2?, which is there already]; then path is "
	  "unmounted" },
	{ "ns_keep.refused", play_keep_refused,
	  "ns_keep(procfd, 0, name, path), which fails; name $2, path $1[3?, which is there "
	  "already]" },
	{ 0 },
};
