/*
 * ground.c: is /proc ours, and are our children?
 */
#define _GNU_SOURCE
#include "ground.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/wrap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static enum ground bad(enum ground ground, struct verdict *out, const char *remedy,
		       const char *format, ...) __attribute__((format(printf, 4, 5)));

static enum ground bad(enum ground ground, struct verdict *out, const char *remedy,
		       const char *format, ...)
{
	va_list args;

	out->yes = false;
	va_start(args, format);
	vsnprintf(out->reason, sizeof(out->reason), format, args);
	va_end(args);
	snprintf(out->remedy, sizeof(out->remedy), "%s", remedy);
	return ground;
}

static bool is_proc(int procfd)
{
	struct statfs fs;

	return procfd >= 0 && fstatfs(procfd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* NSpid holds our numbers from the PID namespace of this proc down to our own: a single one where
 * both are the same. (Numbers alone may agree by chance.) Kernels before 4.1 have no NSpid. */
static bool is_our_namespace(int procfd, char *self, size_t size)
{
	char numbers[512];
	ssize_t n = readlinkat(procfd, "self", self, size - 1);

	self[n < 0 ? 0 : n] = '\0';
	if (n < 0 || strtol(self, NULL, 10) != getpid())
		return false;
	return !proc_status_value(procfd, 0, "NSpid", numbers, sizeof(numbers)) ||
	       !strpbrk(numbers, " \t");
}

bool ground_is_own_proc(int procfd)
{
	char self[32];
	int saved = errno;
	bool own = is_proc(procfd) && is_our_namespace(procfd, self, sizeof(self));

	errno = saved;
	return own;
}

static enum ground look_at_proc(int procfd, struct verdict *out)
{
	static const char own_proc[] =
		"Start it with a /proc of its own: unshare -pf --mount-proc ... (an ordinary user: "
		"unshare -Urpf --mount-proc ...).";
	char self[32];

	if (!is_proc(procfd))
		return bad(GROUND_NO_PROC, out,
			   "sudo mount -t proc proc /proc; for a chroot, from outside: mount -t "
			   "proc proc ROOT/proc",
			   "no proc file system is mounted at /proc, where the evidence is read");
	if (is_our_namespace(procfd, self, sizeof(self)))
		return GROUND_GOOD;
	if (!self[0])
		return bad(GROUND_OTHER_PROC, out, own_proc,
			   "the proc file system at /proc is that of another PID namespace, in "
			   "which this process has no number (here it is PID %d): every number in "
			   "it means another process",
			   getpid());
	return bad(GROUND_OTHER_PROC, out, own_proc,
		   "the proc file system at /proc is that of another PID namespace (this process "
		   "is PID %d, and %s in there): its numbers mean other processes",
		   getpid(), self);
}

/* Between unshare(CLONE_NEWPID) and the first child the link is there and leads nowhere. */
static enum ground look_at_children(int procfd, struct verdict *out)
{
	static const char fork_first[] =
		"Let unshare itself make the first child: unshare -pf --mount-proc ... (nsenter: "
		"without --no-fork). In a shell, leave with exit first.";
	struct ns_id own, theirs;
	struct stat link;

	if (proc_ns_id(procfd, 0, "pid", &own) < 0 ||
	    fstatat(procfd, "self/ns/pid_for_children", &link, AT_SYMLINK_NOFOLLOW) < 0)
		return GROUND_GOOD; /* a kernel without one of them: nothing can be said */
	bool born = proc_ns_id(procfd, 0, "pid_for_children", &theirs) == 0;
	if (born ? ns_id_equal(own, theirs) : errno != ENOENT)
		return GROUND_GOOD;
	return bad(GROUND_CHILDREN_ELSEWHERE, out, fork_first, "%s",
		   born ? "children of this process are born in another PID namespace than its "
			  "own, and /proc does not show them by the numbers that they have there"
			: "the next child of this process will be PID 1 of a new PID namespace "
			  "(unshare -p without -f), and when it has ended no other can be started");
}

enum ground ground_check(struct verdict *out)
{
	struct verdict own = { 0 };
	int saved = errno, procfd = proc_open();
	enum ground ground = GROUND_GOOD;

	out = out ? out : &own;
	*out = (struct verdict){ .yes = true };
	/* The remedy for /proc would not help where children are elsewhere. */
	if (is_proc(procfd))
		ground = look_at_children(procfd, out);
	if (ground == GROUND_GOOD)
		ground = look_at_proc(procfd, out);
	if (procfd >= 0)
		close(procfd);
	errno = saved;
	return ground;
}

static void print_under(const char *word, const char *text)
{
	char out[600];
	size_t width = terminal_width(2);

	wrap(out, sizeof(out), text, 10, 10, width ? width - 1 : SIZE_MAX);
	dprintf(2, "  %-6s  %s\n", word, out);
}

void ground_say(const char *program)
{
	struct verdict ground;

	if (ground_check(&ground) == GROUND_GOOD) /* it has just been otherwise */
		bad(GROUND_NO_PROC, &ground, "Start it again; sudo dmesg | tail may tell more.",
		    "/proc could not be read a moment ago, and now it can");
	dprintf(2, "%s: nothing can be started or looked at here\n", program);
	print_under("why", ground.reason);
	print_under("remedy", ground.remedy);
}
