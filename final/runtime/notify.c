/*
 * notify.c: a socket for the container, and one word that is handed on.
 */
#define _GNU_SOURCE
#include "notify.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char variable[] = "NOTIFY_SOCKET", directory[] = "notify", name[] = "notify.sock";

/* NULL: nothing is to be told. */
static const char *asked_for(void)
{
	const char *path = getenv(variable);

	return path && path[0] ? path : NULL;
}

/* ---- create ---- */

static int add_mount(struct spec *spec, const char *source)
{
	size_t count = (size_t)spec->mount_count + 1;
	struct spec_mount *more = realloc(spec->mounts, count * sizeof(*more));

	if (!more)
		return -1;
	spec->mounts = more;
	struct spec_mount *mount = &more[count - 1];
	*mount = (struct spec_mount){ .destination = strdup("/run/notify"),
				      .type = "bind",
				      .source = source,
				      .flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
				      .bind = true };
	if (!mount->destination)
		return -1;
	spec->mount_count++;
	return 0;
}

/* In the place of config.json's own. */
static int add_variable(struct spec *spec)
{
	static char ours[] = "NOTIFY_SOCKET=/run/notify/notify.sock";
	char **env = spec->process.env;
	size_t count = 0;

	for (; env[count]; count++)
		if (strncmp(env[count], ours, sizeof(variable)) == 0) {
			env[count] = ours;
			return 0;
		}
	char **longer = realloc(env, (count + 2) * sizeof(*env));
	if (!longer)
		return -1;
	longer[count] = ours;
	longer[count + 1] = NULL;
	spec->process.env = longer;
	return 0;
}

int notify_add(const struct box *box, struct spec *spec, char source[PATH_MAX])
{
	if (!asked_for())
		return 0;
	if (snprintf(source, PATH_MAX, "%s/%s/%s", box->root->path, box->id, directory) >= PATH_MAX)
		return errno = ENAMETOOLONG, -1;
	/* Whatever the user's mask is: the command may have other ids. */
	if (SYS(mkdirat(box->dir, directory, 0755), source) < 0 ||
	    SYS(fchmodat(box->dir, directory, 0755, 0), source) < 0)
		return -1;
	return add_mount(spec, source) < 0 ? -1 : add_variable(spec);
}

/* ---- start ---- */

/* A name that begins with @ is none of a file: unix(7), "Abstract sockets". */
static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path);

	if (path[0] != '/' && path[0] != '@') {
		sys_failure_set(EINVAL, variable, path,
				"It is no absolute path, and no name that begins with @.",
				"Unset it, or give the path of the manager's socket.");
		return -1;
	}
	if (length >= sizeof(address.sun_path)) {
		sys_failure_set(ENAMETOOLONG, variable, path, NULL, NULL);
		return -1;
	}
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	int fd = SYS(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), path);
	if (fd < 0 || SYS(connect(fd, (struct sockaddr *)&address,
				  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
			  path) == 0)
		return fd;
	sys_failure_clear();
	sys_failure_set(errno, "connect", path,
			"NOTIFY_SOCKET names it, and no service manager listens there.",
			"Unset NOTIFY_SOCKET, or start the manager first.");
	close_keeping_errno(fd);
	return -1;
}

/* By the directory's descriptor: the path may be longer than an address. */
static int listen_in(int dir)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (SYS_MAY(unlinkat(dir, name, 0), name, ENOENT) < 0 && errno != ENOENT)
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir, name);
	int fd = SYS(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), name);
	if (fd >= 0 && SYS(bind(fd, (struct sockaddr *)&address, sizeof(address)), name) == 0 &&
	    SYS(fchmodat(dir, name, 0777, 0), name) == 0)
		return fd;
	close_keeping_errno(fd);
	return -1;
}

int notify_open(const struct box *box, struct notify *notify)
{
	const char *path = asked_for();

	*notify = (struct notify){ -1, -1 };
	if (!path)
		return 0;
	int dir = openat(box->dir, directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 && errno == ENOENT)
		return 0; /* create had none */
	if (dir < 0)
		return SYS(-1, directory);
	if ((notify->to = connect_to(path)) >= 0)
		notify->from = listen_in(dir);
	close_keeping_errno(dir);
	if (notify->from >= 0)
		return 0;
	notify_close(notify);
	return -1;
}

void notify_close(struct notify *notify)
{
	close_keeping_errno(notify->from);
	close_keeping_errno(notify->to);
	*notify = (struct notify){ -1, -1 };
}

static bool says_ready(char *message)
{
	char *rest = message, *line;

	while ((line = strsep(&rest, "\n")))
		if (strcmp(line, "READY=1") == 0)
			return true;
	return false;
}

int notify_hand_on(struct notify *notify, pid_t pid)
{
	char text[4096];
	ssize_t n = recv(notify->from, text, sizeof(text) - 1, 0);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	text[n] = '\0';
	if (!says_ready(text))
		return 0;
	int length = pid ? snprintf(text, sizeof(text), "READY=1\nMAINPID=%d", pid)
			 : snprintf(text, sizeof(text), "READY=1");
	n = SYS(send(notify->to, text, (size_t)length, MSG_NOSIGNAL), variable);
	notify_close(notify);
	return n < 0 ? -1 : 1;
}

int notify_wait(struct notify *notify, const struct box *box)
{
	struct pollfd fds[] = { { .fd = notify->from, .events = POLLIN },
				{ .fd = -1, .events = POLLIN } };
	int told = notify->from < 0;

	if (!told)
		fds[1].fd = box_pidfd(box);
	while (!told && fds[1].fd >= 0) {
		int n = poll(fds, 2, -1);
		if (n < 0 && errno != EINTR)
			told = SYS(n, "poll");
		else if (n > 0 && fds[0].revents)
			told = notify_hand_on(notify, box->record.pid);
		else if (n > 0)
			break; /* it has ended, and was never ready */
	}
	close_keeping_errno(fds[1].fd);
	notify_close(notify);
	return told < 0 ? -1 : 0;
}
