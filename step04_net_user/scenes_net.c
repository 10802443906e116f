/*
 * scenes_net.c: a network with nothing in it, and cables.
 */
#define _GNU_SOURCE
#include "box.h"
#include "bridge.h"
#include "links.h"
#include "net_user.h"
#include "ping.h"
#include "rtnetlink.h"
#include "scenes.h"
#include "step01_clone_pid/floor/scene.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A counter of PID's network namespace: line "Icmp:" of PID/net/snmp, by the name in its head line.
 */
static long icmp_counter(pid_t pid, const char *name)
{
	char path[32], text[8192], *names, *values, *one, *number;

	snprintf(path, sizeof(path), "%d/net/snmp", pid);
	if (read_file_at(scene_proc(), path, text, sizeof(text)) < 0 ||
	    !(names = strstr(text, "\nIcmp: ")) || !(values = strstr(names + 1, "\nIcmp: ")))
		return -1;
	*values++ = '\0';
	values[strcspn(values, "\n")] = '\0';
	while ((one = strsep(&names, " ")) && (number = strsep(&values, " ")))
		if (strcmp(one, name) == 0)
			return atol(number);
	return -1;
}

/* A ping whose way is missing says so at once; that is an answer too. */
static int try_ping(const char *address, int count, int timeout_ms, struct ping *result)
{
	int error = ping(address, count, timeout_ms, result) < 0 ? errno : 0;

	if (error && error != ENETUNREACH && error != EHOSTUNREACH)
		fail_scene();
	sys_failure_clear();
	return error;
}

/* ---- empty-net ---- */

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
	row("net ns", "%lu  (ours: %lu)", (unsigned long)ns_identity(box.child.pid, "net").ino,
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

/* ---- veth ---- */

static int set_up_eth0(struct box *self)
{
	if (box_wait(self) < 0)
		return -1;
	if (!broken("up") && box_net_up("eth0", self->script, NULL) < 0)
		return -1;
	return box_wait(self);
}

/* The cable made here whole, given its address, and only then moved in. */
static void cable_then_move(const struct box *box)
{
	int ours = box_netns(&(struct box){ .child.pid = getpid() }), theirs = box_netns(box);

	if (veth_into(scene_netlink(), "host0", "eth0", ours) < 0 ||
	    address_add(scene_netlink(), "eth0", "10.4.0.2/24") < 0 ||
	    link_move(scene_netlink(), "eth0", theirs) < 0 ||
	    address_add(scene_netlink(), "host0", "10.4.0.1/24") < 0 ||
	    link_up(scene_netlink(), "host0") < 0)
		fail_scene();
	close(ours);
	close(theirs);
}

static int note_ipv4(const struct link_address *address, void *arg)
{
	((struct inventory *)arg)->addresses += strchr(address->text, ':') ==
						NULL; /* IPv6 gives itself one */
	return 0;
}

static int only_up(struct box *self)
{
	int netlink;

	if (box_wait(self) < 0 || (netlink = rtnl_open()) < 0 || link_up(netlink, "eth0") < 0)
		return -1;
	if (address_each(netlink, note_ipv4, self->script) < 0)
		return -1;
	return box_wait(self);
}

static void veth_late_move(void)
{
	struct inventory *seen = box_memory(sizeof(*seen));
	struct box box = { .part = only_up, .script = seen };
	struct ping result;

	box_start(&box, CLONE_NEWNET);
	act("eth0 gets 10.4.0.2/24 here, then moves into the container, then goes up.");
	cable_then_move(&box);
	box_go(&box);
	int error = try_ping("10.4.0.2", 2, 300, &result);
	row("addresses", "of eth0, in there: %d", seen->addresses);
	row("ping", "%d sent, %d received%s%s", result.sent, result.received, error ? ": " : "",
	    error ? strerror(error) : "");
	check(seen->addresses == 0, "no address should have come along, %d did", seen->addresses);
	check(result.received == 0, "nothing should answer, %d replies came", result.received);
	verdict("0 addresses in there, 0 replies: set them after the move");
	box_end(&box);
}

static void pull_out(const struct box *box)
{
	struct link gone;

	show("ip link delete host0");
	if (link_delete(scene_netlink(), "host0") < 0)
		fail_scene();
	int here = link_read(scene_netlink(), "host0", &gone) < 0;
	char path[32], devices[4096];
	snprintf(path, sizeof(path), "%d/net/dev", box->child.pid);
	if (read_file_at(scene_proc(), path, devices, sizeof(devices)) < 0)
		fail_scene();
	bool there = strstr(devices, "eth0:") == NULL;
	row("", "host0 %s\teth0 %s", here ? "gone" : "is still there",
	    there ? "gone too" : "is still there");
	check(here && there, "both ends should be gone: %d, %d", here, there);
}

void scene_veth(void)
{
	char *address = box_memory(32);
	struct box box = { .part = set_up_eth0, .script = address };
	struct link host0;
	struct ping result;

	if (broken("late-move")) {
		veth_late_move();
		return;
	}
	snprintf(address, 32, "10.4.0.2/24");
	box_start(&box, CLONE_NEWNET);
	act("HOST is a disposable network namespace here, gone when the scene ends.");
	heads("HOST", "CONTAINER");
	row("net ns", "%lu\t%lu", (unsigned long)ns_identity(0, "net").ino,
	    (unsigned long)ns_identity(box.child.pid, "net").ino);
	show("ip link add host0 type veth peer name eth0 netns %d", box.child.pid);
	box_cable(scene_netlink(), &box, "host0", "10.4.0.1/24", "eth0");
	box_go(&box);
	row("ends", "host0 10.4.0.1/24\teth0  10.4.0.2/24%s", broken("up") ? "  (down)" : "");
	act(NULL);
	long before = icmp_counter(box.child.pid, "InEchos");
	show("ping -c 3 10.4.0.2");
	int error = try_ping("10.4.0.2", 3, broken("up") ? 300 : 2000, &result);
	long after = icmp_counter(box.child.pid, "InEchos");
	if (link_read(scene_netlink(), "host0", &host0) < 0)
		fail_scene();
	row("ping", "%d sent, %d received%s%s", result.sent, result.received, error ? ": " : "",
	    error ? strerror(error) : "");
	row("packets", "tx %llu, rx %llu\techo requests seen %ld -> %ld",
	    (unsigned long long)host0.tx_packets, (unsigned long long)host0.rx_packets, before,
	    after);
	value("sent", "%d", result.sent);
	value("received", "%d", result.received);
	value("rtt_ms", "%.3f", result.rtt_ms);
	value("echos_counted", "%ld", after - before);
	if (broken("up")) {
		check(result.received == 0 && after == before,
		      "nothing should get through, but %d came back", result.received);
		verdict("%d requests into the cable, 0 came out: the other plug is down",
			result.sent);
	} else {
		check(result.received == 3, "3 replies should come back, %d did", result.received);
		check(after - before == 3,
		      "the container should have counted 3 requests, counts %ld", after - before);
		pull_out(&box);
		verdict("3 of 3 answered, the last after %.0f us; one end pulled, both gone",
			result.rtt_ms * 1e3);
	}
	box_end(&box);
}

/* ---- bridge ---- */

struct station {
	char address[24];
	char target[16]; /* "": only answers */
	struct ping result;
	int error;
};

static int be_a_station(struct box *self)
{
	struct station *station = self->script;

	if (box_wait(self) < 0 || box_net_up("eth0", station->address, NULL) < 0 ||
	    box_wait(self) < 0)
		return -1;
	if (station->target[0])
		station->error = ping(station->target, 3, broken("plug") ? 300 : 2000,
				      &station->result) < 0
					 ? errno
					 : 0;
	return box_wait(self);
}

static int count_ports(const struct link *link, void *arg)
{
	int *count = arg;

	if (link->master == count[0])
		count[1]++;
	return 0;
}

void scene_bridge(void)
{
	struct station *a = box_memory(sizeof(*a)), *b = box_memory(sizeof(*b));
	struct box box_a = { .part = be_a_station, .script = a },
		   box_b = { .part = be_a_station, .script = b };
	int netlink = scene_netlink();
	struct link br0;

	*a = (struct station){ .address = "10.4.0.2/24", .target = "10.4.0.3" };
	*b = (struct station){ .address = "10.4.0.3/24" };
	box_start(&box_a, CLONE_NEWNET);
	box_start(&box_b, CLONE_NEWNET);
	act("HOST is a disposable network namespace here; in it, a switch:");
	show("ip link add br0 type bridge; ip link set toa master br0; ...");
	if (bridge_make(netlink, "br0") < 0 || link_up(netlink, "br0") < 0)
		fail_scene();
	box_cable(netlink, &box_a, "toa", NULL, "eth0");
	box_cable(netlink, &box_b, "tob", NULL, "eth0");
	if (bridge_plug(netlink, "br0", "toa") < 0 ||
	    (!broken("plug") && bridge_plug(netlink, "br0", "tob") < 0))
		fail_scene();
	if (link_read(netlink, "br0", &br0) < 0)
		fail_scene();
	int ports[2] = { br0.index, 0 };
	if (link_each(netlink, count_ports, ports) < 0)
		fail_scene();
	box_go(&box_a);
	box_go(&box_b);
	heads("CONTAINER A", "CONTAINER B");
	row("net ns", "%lu\t%lu", (unsigned long)ns_identity(box_a.child.pid, "net").ino,
	    (unsigned long)ns_identity(box_b.child.pid, "net").ino);
	row("cable", "eth0 - toa - br0\t%s",
	    broken("plug") ? "eth0 - tob   (not plugged in)" : "eth0 - tob - br0");
	row("address", "%s\t%s", a->address, b->address);
	act(NULL);
	long before = icmp_counter(box_b.child.pid, "InEchos");
	box_go(&box_a);
	long after = icmp_counter(box_b.child.pid, "InEchos");
	row("$ ping", "A to B: %d sent, %d received\techo requests seen %ld -> %ld", a->result.sent,
	    a->result.received, before, after);
	value("ports", "%d", ports[1]);
	value("received", "%d", a->result.received);
	if (broken("plug")) {
		check(a->result.received == 0 && after == before,
		      "nothing should get through, %d came back", a->result.received);
		verdict("%d port in the bridge, 0 replies", ports[1]);
	} else {
		check(ports[1] == 2, "two links should be in the bridge, %d are", ports[1]);
		check(a->result.received == 3 && after - before == 3,
		      "3 replies should come back, %d did: %s", a->result.received,
		      strerror(a->error));
		verdict("3 of 3 from A to B; the host has no address in that network");
	}
	box_end(&box_a);
	box_end(&box_b);
}
