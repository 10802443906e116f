/*
 * sources.c: descriptors of what is bound, opened by who may.
 */
#define _GNU_SOURCE
#include "sources.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const char subject[] = "the sources of bind mounts";

/* sizeof a descriptor in a control message, aligned as cmsg(3) wants it. */
union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static bool are_needed(const struct spec *spec)
{
	if ((!(spec->namespaces & CLONE_NEWUSER) && !spec->join[NS_USER]) || geteuid() != 0)
		return false;
	for (int i = 0; i < spec->mount_count; i++)
		if (spec->mounts[i].bind)
			return true;
	return false;
}

int sources_make(const struct spec *spec, struct sources *sources)
{
	int ends[2] = { -1, -1 };

	*sources = (struct sources){ .send = -1, .take = -1, .helper = { .pidfd = -1 } };
	if (are_needed(spec) &&
	    SYS(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), subject) < 0)
		return -1;
	sources->take = ends[0];
	sources->send = ends[1];
	return 0;
}

/* ---- the helper ---- */

struct job {
	const struct spec *spec;
	const char *bundle;
	int socket, other, mount_ns;
};

static char *path_of(const struct spec_mount *m, const char *bundle)
{
	bool absolute = m->source[0] == '/';
	char *path = NULL;

	return asprintf(&path, "%s%s%s", absolute ? "" : bundle, absolute ? "" : "/", m->source) < 0
		       ? NULL
		       : path;
}

/* fd -1: a byte alone, and the other side tries for itself, and says what is wrong. */
static int send_one(int socket, int fd)
{
	union control control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
					      .cmsg_level = SOL_SOCKET,
					      .cmsg_type = SCM_RIGHTS } };
	char byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/* Its failures are nobody's: the socket's end is enough. */
static int helper_main(void *arg)
{
	const struct job *job = arg;
	int result = 0;

	close(job->other);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || setns(job->mount_ns, CLONE_NEWNS) < 0)
		return 1;
	for (int i = 0; i < job->spec->mount_count && result == 0; i++) {
		const struct spec_mount *m = &job->spec->mounts[i];
		if (!m->bind)
			continue;
		char *path = path_of(m, job->bundle);
		int fd = path ? open(path, O_PATH | O_CLOEXEC) : -1;
		result = send_one(job->socket, fd);
		if (fd >= 0)
			close(fd);
		free(path);
	}
	return result < 0;
}

/* ---- the runtime ---- */

static void close_end(int *end)
{
	close_keeping_errno(*end);
	*end = -1;
}

int sources_send(struct sources *sources, const struct spec *spec, const char *bundle, int procfd,
		 pid_t pid)
{
	struct job job = { spec, bundle, sources->send, sources->take, -1 };
	char name[40];

	if (sources->send < 0)
		return 0;
	snprintf(name, sizeof(name), "%d/ns/mnt", pid);
	job.mount_ns = SYS(openat(procfd, name, O_RDONLY | O_CLOEXEC), name);
	sources->helper = (struct spawn){ .fn = helper_main, .arg = &job, .pidfd = -1 };
	int result = job.mount_ns < 0 ? -1 : spawn(&sources->helper);
	close_keeping_errno(job.mount_ns);
	close_end(&sources->send); /* the helper's end is the end for the other side */
	close_end(&sources->take);
	return result;
}

void sources_end(struct sources *sources)
{
	int saved = errno, status;

	close_end(&sources->send);
	close_end(&sources->take);
	if (sources->helper.pid > 0 && sources->helper.pidfd >= 0) {
		kill(sources->helper.pid, SIGKILL);
		spawn_wait(&sources->helper, &status);
	}
	errno = saved;
}

/* ---- the container's process ---- */

static int take_one(int socket)
{
	union control control = { 0 };
	char byte;
	int fd = -1;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) > 0 && CMSG_FIRSTHDR(&message) &&
	    control.header.cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static int open_here(const struct spec_mount *m, const char *bundle)
{
	char *path = path_of(m, bundle);

	if (!path)
		return -1;
	int fd = SYS_MAY(open(path, O_PATH | O_CLOEXEC), path, ENOENT);
	if (fd < 0 && errno == ENOENT)
		sys_failure_set(ENOENT, "open", path,
				"The source of this bind mount is not there: no such file or "
				"directory.",
				"Make it first, or correct \"source\" in config.json.");
	free_keeping_errno(path);
	return fd;
}

int sources_take(const struct sources *sources, const struct spec_mount *mount, const char *bundle)
{
	/* One at a time: the limit on descriptors may be the container's already. */
	static const struct spec_mount *last;
	static int taken = -1;

	if (sources->take >= 0 && mount != last) {
		close_keeping_errno(taken);
		taken = take_one(sources->take);
		last = mount;
	}
	if (sources->take >= 0 && taken >= 0)
		return SYS(fcntl(taken, F_DUPFD_CLOEXEC, 3), mount->source);
	return open_here(mount, bundle);
}
