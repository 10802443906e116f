/*
 * ports.c: the same port twice, and whose 127.0.0.1 it is.
 */
#define _GNU_SOURCE
#include "box.h"
#include "step04_net_user/given/net_up.h"
#include "step04_net_user/net_user.h"
#include "step04_net_user/given/rtnetlink.h"
#include "scenes.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in address_of(const char *ip, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, ip, &address.sin_addr);
	return address;
}

/* A server's socket. Returns it, or -1 with errno; EADDRINUSE is an answer. */
static int listen_on(const char *ip, int port)
{
	struct sockaddr_in address = address_of(ip, port);
	int fd = SYS(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "tcp");

	if (fd < 0)
		return -1;
	if (SYS_MAY(bind(fd, (struct sockaddr *)&address, sizeof(address)), port, EADDRINUSE) ==
		    0 &&
	    SYS_MAY(listen(fd, 4), port, EADDRINUSE) == 0)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* A client: connects and reads what the server says. Returns 0 or the errno. */
static int ask_server(const char *ip, int port, char *answer, size_t size)
{
	struct sockaddr_in address = address_of(ip, port);
	struct timeval patience = { .tv_sec = 5 };
	int fd = SYS(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "tcp"), error = 0;

	*answer = '\0';
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)); /* connect's too */
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		error = errno;
	} else {
		ssize_t n = recv(fd, answer, size - 1, 0);
		answer[n > 0 ? n : 0] = '\0';
	}
	close(fd);
	return error;
}

/* Answers whoever calls with one line, until nobody has for a while. */
static void serve(int fd, const char *greeting)
{
	struct pollfd waiting = { .fd = fd, .events = POLLIN };

	while (poll(&waiting, 1, 20000) > 0) {
		int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (client < 0)
			continue;
		send(client, greeting, strlen(greeting), MSG_NOSIGNAL);
		close(client);
	}
}

/* ---- port-collision ---- */

struct server {
	char link[16], address[24], greeting[64];
	int enter; /* a network namespace to enter first; -1: stay */
	int error; /* of bind(2), listen(2) */
};

static int be_a_server(struct box *self)
{
	struct server *server = self->script;

	if (box_wait(self) < 0)
		return -1;
	if (server->enter >= 0 && SYS(setns(server->enter, CLONE_NEWNET), server->enter) < 0)
		return -1;
	if (server->address[0] && net_up(server->link, server->address, NULL) < 0)
		return -1;
	snprintf(server->greeting, sizeof(server->greeting), "hello from PID %d\n", getpid());
	int fd = listen_on("0.0.0.0", 80);
	server->error = fd < 0 ? errno : 0;
	if (fd < 0)
		return box_wait(self);
	if (stage_reach(&self->stages, STAGE_READY) < 0)
		return -1;
	serve(fd, server->greeting);
	return 0;
}

/* How many sockets listen on port 80 in PID's network namespace, as its net/tcp shows them. */
static int listeners(pid_t pid, char *line, size_t size)
{
	char path[32];
	int count = 0;

	*line = '\0';
	snprintf(path, sizeof(path), "%d/net/tcp", pid);
	char *text = read_whole_at(scene_proc(), path, NULL);
	if (!text)
		return -1;
	for (char *rest = text, *one; (one = strsep(&rest, "\n"));)
		if (strstr(one, ":0050 00000000:0000 0A")) {
			snprintf(line, size, "%.33s", one + strspn(one, " "));
			count++;
		}
	free(text);
	return count;
}

static void start_server(struct box *box, struct server *server, bool apart, const char *here,
			 const char *here_address)
{
	server->enter = -1;
	*box = (struct box){ .part = be_a_server, .script = server };
	box_start(box, apart ? CLONE_NEWNET : 0);
	if (apart)
		box_cable(scene_netlink(), box, here, here_address, server->link);
	box_go(box);
}

static const char *outcome_of(int error)
{
	return error ? strerror(error) : "listening";
}

/* A second server where one is already. */
static int collide(const struct box *with)
{
	struct server *third = box_memory(sizeof(*third));
	struct box box = { .part = be_a_server, .script = third };

	third->enter = box_netns(with);
	box_start(&box, 0);
	box_go(&box);
	box_end(&box);
	return third->error;
}

/* Each namespace's own table of sockets, and a call to each server over its cable. */
static void compare_servers(const struct box *box_a, const struct box *box_b)
{
	const struct server *a = box_a->script, *b = box_b->script;
	char line_a[64], line_b[64], said_a[64], said_b[64];
	int count_a = listeners(box_a->child.pid, line_a, sizeof(line_a));
	int count_b = listeners(box_b->child.pid, line_b, sizeof(line_b));

	show("grep ' 0A ' /proc/PID/net/tcp     0050 is 80, 0A is LISTEN");
	row("A", "%s", line_a);
	row("B", "%s", line_b);
	act(NULL);
	int error_a = ask_server("10.4.1.2", 80, said_a, sizeof(said_a));
	int error_b = ask_server("10.4.2.2", 80, said_b, sizeof(said_b));
	row("call them", "%.*s\t%.*s", (int)strcspn(said_a, "\n"), said_a,
	    (int)strcspn(said_b, "\n"), said_b);
	check(a->error == 0 && b->error == 0, "both should listen: %s, %s", outcome_of(a->error),
	      outcome_of(b->error));
	check(count_a == 1 && count_b == 1,
	      "each namespace should have one listener, they have %d and %d", count_a, count_b);
	check(error_a == 0 && strcmp(said_a, a->greeting) == 0, "A should answer for itself: %s",
	      outcome_of(error_a));
	check(error_b == 0 && strcmp(said_b, b->greeting) == 0, "B should answer for itself: %s",
	      outcome_of(error_b));
}

void scene_port_collision(void)
{
	struct server *a = box_memory(sizeof(*a)), *b = box_memory(sizeof(*b));
	bool apart = !broken("newnet");
	struct box box_a, box_b;

	if (apart) {
		*a = (struct server){ .link = "eth0", .address = "10.4.1.2/24" };
		*b = (struct server){ .link = "eth0", .address = "10.4.2.2/24" };
	}
	act("Two servers, each: bind(0.0.0.0:80), listen()%s",
	    apart ? "" : "      without CLONE_NEWNET");
	start_server(&box_a, a, apart, "toa", "10.4.1.1/24");
	start_server(&box_b, b, apart, "tob", "10.4.2.1/24");
	heads("SERVER A", "SERVER B");
	row("PID", "%d\t%d", box_a.child.pid, box_b.child.pid);
	row("net ns", "%lu\t%lu", (unsigned long)ns_identity(box_a.child.pid, "net").ino,
	    (unsigned long)ns_identity(box_b.child.pid, "net").ino);
	row("port 80", "%s\t%s", outcome_of(a->error), outcome_of(b->error));
	value("error_a", "%d", a->error);
	value("error_b", "%d", b->error);
	if (!apart) {
		check(a->error == 0 && b->error == EADDRINUSE,
		      "A should listen and B should be refused: %s, %s", outcome_of(a->error),
		      outcome_of(b->error));
		verdict("one network, one port 80: %s", strerror(b->error));
		return;
	}
	compare_servers(&box_a, &box_b);
	int third = collide(&box_a);
	row("a third", "in A's namespace: %s", outcome_of(third));
	value("error_third", "%d", third);
	check(third == EADDRINUSE, "a third one in A's namespace should be refused, but: %s",
	      outcome_of(third));
	verdict("80 twice, in two namespaces; twice in one: %s", strerror(third));
}

/* ---- loopback ---- */

struct local {
	int down_error, up_error, own_error;
	char answer[64];
};

static int look_at_lo(struct box *self)
{
	struct local *seen = self->script;
	char unused[64];
	int netlink = rtnl_open();

	if (netlink < 0)
		return -1;
	seen->down_error = ask_server("127.0.0.1", 8080, unused, sizeof(unused));
	if (link_up(netlink, "lo") < 0)
		return -1;
	seen->up_error = ask_server("127.0.0.1", 8080, unused, sizeof(unused));
	if (box_wait(self) < 0)
		return -1;
	int fd = listen_on("127.0.0.1", 8080);
	if (fd < 0)
		return -1;
	pid_t server = SYS(fork(), "server");
	if (server == 0) {
		serve(fd, "hello from in there\n");
		_exit(0);
	}
	seen->own_error = ask_server("127.0.0.1", 8080, seen->answer, sizeof(seen->answer));
	return box_wait(self);
}

static const char *reached(int error)
{
	return error ? strerror(error) : "reached";
}

void scene_loopback(void)
{
	struct local *seen = box_memory(sizeof(*seen));
	struct box box = { .part = look_at_lo, .script = seen };
	char answer[64];

	act("HOST (this scene's own namespace): lo up, a server on 127.0.0.1:8080");
	if (link_up(scene_netlink(), "lo") < 0)
		fail_scene();
	int fd = listen_on("127.0.0.1", 8080);
	if (fd < 0)
		fail_scene();
	pid_t server = SYS(fork(), "server");
	if (server == 0) {
		serve(fd, "hello from out here\n");
		_exit(0);
	}
	close(fd);
	int outside = ask_server("127.0.0.1", 8080, answer, sizeof(answer));
	box_start(&box, CLONE_NEWNET);
	heads("HOST", "CONTAINER");
	row("as born", "%.*s\tlo down: %s", (int)strcspn(answer, "\n"), answer,
	    reached(seen->down_error));
	row("then", "\tlo up: %s", reached(seen->up_error));
	act("The container starts its own server on 127.0.0.1:8080");
	box_go(&box);
	row("its own", "\t%.*s", (int)strcspn(seen->answer, "\n"), seen->answer);
	value("down_error", "%d", seen->down_error);
	value("up_error", "%d", seen->up_error);
	check(outside == 0 && strstr(answer, "out here"),
	      "the host should reach its own server: %s", reached(outside));
	check(seen->down_error == ENETUNREACH, "with lo down it should be unreachable, but: %s",
	      reached(seen->down_error));
	check(seen->up_error == ECONNREFUSED, "with lo up nobody should listen there, but: %s",
	      reached(seen->up_error));
	check(seen->own_error == 0 && strstr(seen->answer, "in there"),
	      "it should reach its own server: %s", reached(seen->own_error));
	verdict("one address, two machines: each reached its own server");
	box_end(&box);
}
