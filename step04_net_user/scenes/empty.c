/*
 * empty.c: a network with nothing in it.
 */
#define _GNU_SOURCE
#include "box.h"
#include "step04_net_user/given/links.h"
#include "step04_net_user/given/rtnetlink.h"
#include "scenes.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

struct inventory {
	int links, fallbacks, up, addresses, routes;
	char lo[64], names[160];
	int connect_errno;
};

/* Modules of the host's kernel (sit, ip_tunnel, ip_gre, ...) put one tunnel into every network
 * namespace, down and without ends. */
static bool is_fallback(const struct link *link)
{
	static const char *const names[] = { "sit0",	"tunl0",    "gre0",    "gretap0", "erspan0",
					     "ip_vti0", "ip6_vti0", "ip6tnl0", "ip6gre0" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(link->name, names[i]) == 0 && !(link->flags & IFF_UP))
			return true;
	return false;
}

static int note_link(const struct link *link, void *arg)
{
	struct inventory *seen = arg;
	size_t used = strlen(seen->names);

	if (strcmp(link->name, "lo") == 0)
		snprintf(seen->lo, sizeof(seen->lo), "%d: lo: %s", link->index,
			 link->flags & IFF_UP ? "UP" : "DOWN");
	if (is_fallback(link)) {
		seen->fallbacks++;
		snprintf(seen->names + used, sizeof(seen->names) - used, "%s%s", used ? " " : "",
			 link->name);
	}
	seen->up += (link->flags & IFF_UP) != 0;
	seen->links++;
	return 0;
}

static int note_address(const struct link_address *address, void *arg)
{
	(void)address;
	((struct inventory *)arg)->addresses++;
	return 0;
}

static int note_route(const struct link_route *route, void *arg)
{
	(void)route;
	((struct inventory *)arg)->routes++;
	return 0;
}

static int take_inventory(struct box *self)
{
	struct inventory *seen = self->script;
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(80),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), netlink = rtnl_open();

	if (netlink < 0 || link_each(netlink, note_link, seen) < 0 ||
	    address_each(netlink, note_address, seen) < 0 ||
	    route_each(netlink, note_route, seen) < 0)
		return -1;
	if (SYS_MAY(connect(fd, (struct sockaddr *)&to, sizeof(to)), "127.0.0.1:80", ENETUNREACH) <
	    0)
		seen->connect_errno = errno;
	return box_wait(self);
}

void scene_empty_net(void)
{
	struct inventory *seen = box_memory(sizeof(*seen));
	struct box box = { .part = take_inventory, .script = seen };

	act("clone(child, stack_top, CLONE_NEWNET | SIGCHLD, NULL)");
	box_start(&box, CLONE_NEWNET);
	row("net ns", "%lu  (this scene's: %lu)",
	    (unsigned long)ns_identity(box.child.pid, "net").ino,
	    (unsigned long)ns_identity(0, "net").ino);
	show("ip link; ip address; ip route          in there, by netlink");
	row("links", "%s", seen->lo);
	if (seen->fallbacks) {
		row("", "%s", seen->names);
		row("", "(of tunnel modules in the host's kernel: every namespace gets one)");
	}
	row("addresses", "%d", seen->addresses);
	row("routes", "%d", seen->routes);
	row("connect", "127.0.0.1:80: %s", strerror(seen->connect_errno));
	value("links", "%d", seen->links - seen->fallbacks);
	value("fallback_tunnels", "%d", seen->fallbacks);
	value("addresses", "%d", seen->addresses);
	value("routes", "%d", seen->routes);
	check(seen->links - seen->fallbacks == 1 && seen->lo[0],
	      "there should be lo and no more, there are %d links", seen->links - seen->fallbacks);
	check(seen->up == 0, "no link should be up, %d are", seen->up);
	check(seen->addresses == 0 && seen->routes == 0,
	      "there should be no address and no route: %d, %d", seen->addresses, seen->routes);
	check(seen->connect_errno == ENETUNREACH, "127.0.0.1 should be unreachable, but: %s",
	      strerror(seen->connect_errno));
	verdict("one link, down; 0 addresses, 0 routes; not even 127.0.0.1");
	box_end(&box);
}
