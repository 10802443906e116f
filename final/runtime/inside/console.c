/*
 * console.c: a pseudo-terminal, made inside and held outside.
 */
#define _GNU_SOURCE
#include "console.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/mount_api.h"
#include "step02_mount_ns/given/resolve.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/stat.h>
#include <unistd.h>

/* sizeof a descriptor in a control message, aligned as cmsg(3) wants it. */
union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

int console_send(int socket, int fd, const char *what)
{
	static char name[] = "/dev/ptmx"; /* what clients expect to read beside it */
	union control control = { 0 };
	struct iovec data = { .iov_base = name, .iov_len = sizeof(name) - 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
					   .cmsg_level = SOL_SOCKET,
					   .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return SYS(sendmsg(socket, &message, MSG_NOSIGNAL), what) < 0 ? -1 : 0;
}

int console_receive(int socket)
{
	union control control = { 0 };
	char name[256];
	int fd;
	struct iovec data = { .iov_base = name, .iov_len = sizeof(name) };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n = SYS(recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT),
			"the terminal's master");

	if (n < 0)
		return -1;
	if (n == 0 || !CMSG_FIRSTHDR(&message) || control.header.cmsg_type != SCM_RIGHTS) {
		sys_failure_set(ECONNRESET, "recvmsg", "the terminal's master",
				"The container's process ended before it had made a terminal.",
				NULL);
		return -1;
	}
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

/* The image could have anything at that path, a device whose opening does something too; only
 * devpts makes terminals of this container. So the directory is looked at first, and the file in
 * it is opened without a step into another mount or through a link. */
static int open_master(void)
{
	struct open_how how = { .flags = O_RDWR | O_NOCTTY | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV |
					   RESOLVE_NO_SYMLINKS };
	struct statfs fs;
	int unlock = 0, master = -1;
	int pts = resolve_in_root(AT_FDCWD, "/dev/pts", O_PATH | O_DIRECTORY, 0);

	if (pts < 0)
		return -1;
	if (fstatfs(pts, &fs) == 0 && fs.f_type == DEVPTS_SUPER_MAGIC)
		master = SYS(openat2(pts, "ptmx", &how, sizeof(how)), "/dev/pts/ptmx");
	else
		sys_failure_set(ENOTTY, "open", "/dev/pts/ptmx",
				"No devpts file system is mounted at /dev/pts in the container.",
				"Mount one there, or run without a terminal.");
	close_keeping_errno(pts);
	if (master < 0 || SYS(ioctl(master, TIOCSPTLCK, &unlock), "/dev/pts/ptmx") == 0)
		return master;
	close_keeping_errno(master);
	return -1;
}

static int set_size(int master, const struct spec_process *process)
{
	struct winsize size = { .ws_row = process->console_rows,
				.ws_col = process->console_columns };

	if (!size.ws_row && !size.ws_col)
		return 0;
	return SYS(ioctl(master, TIOCSWINSZ, &size), "process.consoleSize");
}

/* The slave is a node of our own devpts, made a moment ago: no other file's owner can change here.
 */
static int give_to_user(int slave, const struct spec_process *process)
{
	if (SYS(fchown(slave, process->uid, (gid_t)-1), process->uid) < 0)
		return -1;
	return SYS(fchmod(slave, 0620), "the terminal");
}

/* An empty file, or what devices_make() has left for us: in an image of old a node. A link is not
 * followed, it would have the terminal mounted wherever the image likes. */
static int open_console(void)
{
	struct stat st;
	int dev = resolve_in_root(AT_FDCWD, "/dev", O_PATH | O_DIRECTORY, 0);
	int made = dev < 0 ? -1
			   : SYS_MAY(openat(dev, "console", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
					    0600),
				     "/dev/console", EEXIST);
	int on = made >= 0 || (dev >= 0 && errno == EEXIST)
			 ? SYS(openat(dev, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC),
			       "/dev/console")
			 : -1;

	close_keeping_errno(made);
	close_keeping_errno(dev);
	if (on < 0 || SYS(fstat(on, &st), "/dev/console") < 0)
		return on;
	if (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))
		return on;
	close(on);
	sys_failure_set(EEXIST, "console_take", "/dev/console",
			"A link, or another file that is no device, is in the way of the terminal.",
			"Mount a tmpfs at /dev, or remove the file from the image.");
	return -1;
}

static int bind_console(int slave)
{
	unsigned flags = AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	int result = -1, tree = -1, on = open_console();

	if (on >= 0)
		tree = SYS(open_tree(slave, "", flags), "/dev/console");
	if (tree >= 0)
		result = SYS(move_mount(tree, "", on, "",
					MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
			     "/dev/console");
	close_keeping_errno(tree);
	close_keeping_errno(on);
	return result;
}

int console_take(int socket, const struct spec_process *process, bool bind)
{
	int master = open_master(), slave = -1, result = -1;

	if (master < 0)
		return -1;
	/* By the master, not by a path: no link of the image can be in the way. */
	slave = SYS(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), "/dev/pts/ptmx");
	if (slave >= 0 && give_to_user(slave, process) == 0 && set_size(master, process) == 0 &&
	    (!bind || bind_console(slave) == 0))
		result = console_send(socket, master, "the terminal's master");
	for (int fd = 0; result == 0 && fd <= 2; fd++)
		if (SYS(dup2(slave, fd), fd) < 0)
			result = -1;
	int saved = errno;
	close(master);
	if (slave > 2)
		close(slave);
	errno = saved;
	return result;
}

int console_session(bool terminal)
{
	if (SYS(setsid(), "the container's session") < 0)
		return -1;
	if (terminal && SYS(ioctl(0, TIOCSCTTY, 0), "standard input") < 0)
		return -1;
	return 0;
}
