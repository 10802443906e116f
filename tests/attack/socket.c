/*
 * socket.c: the other end of a socket that the runtime is given. No attack: what a service manager, a
 * command that is ready and a client with a terminal do.
 *
 *	socket send PATH TEXT    one datagram
 *	socket receive PATH      makes PATH, prints the datagrams that come within a second after the first
 *	socket console PATH      makes PATH, takes a terminal that is sent (SCM_RIGHTS), and prints the
 *	                         descriptor's name in the message and what the terminal says in its
 *	                         first line
 *
 * receive and console wait 30 seconds at most. A PATH that begins with @ is an abstract name.
 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "socket: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_at(const char *path, int type, int (*use)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path);
	int fd = socket(AF_UNIX, type, 0);

	if (length >= sizeof(address.sun_path))
		exit(2);
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	if (fd < 0 || use(fd, (struct sockaddr *)&address,
			  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		die(path);
	return fd;
}

static void await(int fd)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };

	if (poll(&in, 1, 30000) <= 0)
		die("nothing comes");
}

static void receive(int fd)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };
	char text[4096];

	await(fd);
	do {
		ssize_t n = recv(fd, text, sizeof(text), 0);
		if (n < 0)
			die("recv");
		printf("%.*s\n--\n", (int)n, text);
	} while (poll(&in, 1, 1000) > 0);
}

static void console(int listener)
{
	char name[256] = "", control[CMSG_SPACE(sizeof(int))], line[256] = "";
	struct iovec data = { name, sizeof(name) - 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	size_t used = 0;

	await(listener);
	int fd = accept(listener, NULL, NULL);
	if (fd < 0)
		die("accept");
	await(fd);
	if (recvmsg(fd, &message, 0) < 0)
		die("recvmsg");
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	if (!rights || rights->cmsg_type != SCM_RIGHTS)
		die("no descriptor came");
	int master = *(int *)(void *)CMSG_DATA(rights);
	struct winsize size = { 0 };
	ioctl(master, TIOCGWINSZ, &size);
	printf("%s %d %d\n", name, size.ws_row, size.ws_col);
	fflush(stdout);
	while (used + 1 < sizeof(line) && !strchr(line, '\n')) {
		await(master);
		ssize_t n = read(master, line + used, sizeof(line) - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	printf("%s\n", line);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "send") == 0) {
		int fd = open_at(argv[2], SOCK_DGRAM, connect);
		return send(fd, argv[3], strlen(argv[3]), 0) < 0 ? 1 : 0;
	}
	if (argc == 3 && strcmp(argv[1], "receive") == 0) {
		receive(open_at(argv[2], SOCK_DGRAM, bind));
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "console") == 0) {
		int fd = open_at(argv[2], SOCK_STREAM, bind);
		if (listen(fd, 1) < 0)
			die("listen");
		console(fd);
		return 0;
	}
	return 2;
}
