/*
 * console.c: a pseudo-terminal, made inside and held outside.
 */
#define _GNU_SOURCE
#include "console.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

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

static int send_descriptor(int socket, int fd)
{
	union control control = { 0 };
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
					   .cmsg_level = SOL_SOCKET,
					   .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return SYS(sendmsg(socket, &message, MSG_NOSIGNAL), "the terminal's master") < 0 ? -1 : 0;
}

int console_receive(int socket)
{
	union control control = { 0 };
	char byte;
	int fd;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
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

/* The image could have anything at that path; only devpts makes terminals of this container. */
static int open_master(void)
{
	struct statfs fs;
	int unlock = 0;
	int master = SYS(open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), "/dev/pts/ptmx");

	if (master < 0)
		return -1;
	if (fstatfs(master, &fs) < 0 || fs.f_type != DEVPTS_SUPER_MAGIC) {
		sys_failure_set(ENOTTY, "open", "/dev/pts/ptmx",
				"No devpts file system is mounted at /dev/pts in the container.",
				"Mount one there, or run without a terminal.");
	} else if (SYS(ioctl(master, TIOCSPTLCK, &unlock), "/dev/pts/ptmx") == 0) {
		return master;
	}
	close_keeping_errno(master);
	return -1;
}

int console_take(int socket, uid_t uid)
{
	int master = open_master(), slave = -1, result = -1;

	if (master < 0)
		return -1;
	/* By the master, not by a path: no link of the image can be in the way. */
	slave = SYS(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), "/dev/pts/ptmx");
	if (slave >= 0 && SYS(fchown(slave, uid, (gid_t)-1), uid) == 0)
		result = send_descriptor(socket, master);
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
