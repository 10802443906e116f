/*
 * net.c: cables, and a switch.
 */
#define _GNU_SOURCE
#include "box.h"
#include "step04_net_user/given/bridge.h"
#include "step04_net_user/given/links.h"
#include "step04_net_user/given/net_up.h"
#include "step04_net_user/net_user.h"
#include "step04_net_user/given/ping.h"
#include "step04_net_user/given/rtnetlink.h"
#include "scenes.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A counter of PID's network namespace: line "Icmp:" of PID/net/snmp, by the name in its head line.
 */
static long icmp_counter(pid_t pid, const char *name)
{
	char path[32], *names, *values = NULL, *one, *number;
	long counter = -1;

	snprintf(path, sizeof(path), "%d/net/snmp", pid);
	char *text = read_whole_at(scene_proc(), path, NULL);
	if (text && (names = strstr(text, "\nIcmp: ")))
		values = strstr(names + 1, "\nIcmp: ");
	if (values) {
		*values++ = '\0';
		values[strcspn(values, "\n")] = '\0';
	}
	while (values && (one = strsep(&names, " ")) && (number = strsep(&values, " ")))
		if (strcmp(one, name) == 0)
			counter = atol(number);
	free(text);
	return counter;
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

/* ---- veth ---- */

static int set_up_eth0(struct box *self)
{
	if (box_wait(self) < 0)
		return -1;
	if (!broken("up") && net_up("eth0", self->script, NULL) < 0)
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
	*(int *)arg += strchr(address->text, ':') == NULL; /* IPv6 gives itself one */
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
	int *addresses = box_memory(sizeof(*addresses));
	struct box box = { .part = only_up, .script = addresses };
	struct ping result;

	box_start(&box, CLONE_NEWNET);
	act("eth0 gets 10.4.0.2/24 here, then moves into the container, then goes up.");
	cable_then_move(&box);
	box_go(&box);
	int error = try_ping("10.4.0.2", 2, 300, &result);
	row("addresses", "of eth0, in there: %d", *addresses);
	row("ping", "%d sent, %d received%s%s", result.sent, result.received, error ? ": " : "",
	    error ? strerror(error) : "");
	check(*addresses == 0, "no address should have come along, %d did", *addresses);
	check(result.received == 0, "nothing should answer, %d replies came", result.received);
	verdict("0 addresses in there, 0 replies: set them after the move");
	box_end(&box);
}

static void pull_out(const struct box *box)
{
	struct link gone = { 0 };

	show("ip link delete host0");
	if (link_delete(scene_netlink(), "host0") < 0)
		fail_scene();
	int here = link_read(scene_netlink(), "host0", &gone) < 0;
	char path[32];
	snprintf(path, sizeof(path), "%d/net/dev", box->child.pid);
	char *devices = read_whole_at(scene_proc(), path, NULL);
	if (!devices)
		fail_scene();
	bool there = strstr(devices, "eth0:") == NULL;
	free(devices);
	row("", "host0 %s\teth0 %s", here ? "gone" : "is still there",
	    there ? "gone too" : "is still there");
	check(here && there, "both ends should be gone: %d, %d", here, there);
}

static void tell_namespaces(pid_t left, pid_t right)
{
	row("net ns", "%lu\t%lu", (unsigned long)ns_identity(left, "net").ino,
	    (unsigned long)ns_identity(right, "net").ino);
}

/* Three echoes through the cable, counted at both ends. */
static void ping_through(const struct box *box)
{
	struct link host0 = { 0 };
	struct ping result;
	long before = icmp_counter(box->child.pid, "InEchos");

	show("ping -c 3 10.4.0.2");
	int error = try_ping("10.4.0.2", 3, broken("up") ? 300 : 2000, &result);
	long seen = icmp_counter(box->child.pid, "InEchos") - before;
	if (link_read(scene_netlink(), "host0", &host0) < 0)
		fail_scene();
	row("ping", "%d sent, %d received%s%s", result.sent, result.received, error ? ": " : "",
	    error ? strerror(error) : "");
	row("packets", "tx %llu, rx %llu\techo requests seen %ld -> %ld",
	    (unsigned long long)host0.tx_packets, (unsigned long long)host0.rx_packets, before,
	    before + seen);
	if (!broken("up") && host0.tx_packets > (unsigned)result.sent)
		say("(the others: ARP, and IPv6 looking for neighbours and routers)");
	value("sent", "%d", result.sent);
	value("received", "%d", result.received);
	value("rtt_ms", "%.3f", result.rtt_ms);
	value("echos_counted", "%ld", seen);
	if (broken("up")) {
		check(result.received == 0 && seen == 0,
		      "nothing should get through, but %d came back", result.received);
		verdict("%d requests into the cable, 0 came out: the other plug is down",
			result.sent);
		return;
	}
	check(result.received == 3, "3 replies should come back, %d did", result.received);
	check(seen == 3, "the container should have counted 3 requests, counts %ld", seen);
	verdict("3 of 3 answered, the last after %.0f us; one end pulled, both gone",
		result.rtt_ms * 1e3);
}

void scene_veth(void)
{
	char *address = box_memory(32);
	struct box box = { .part = set_up_eth0, .script = address };

	if (broken("late-move")) {
		veth_late_move();
		return;
	}
	snprintf(address, 32, "10.4.0.2/24");
	box_start(&box, CLONE_NEWNET);
	act("HOST is a disposable network namespace here, gone when the scene ends.");
	heads("HOST", "CONTAINER");
	tell_namespaces(0, box.child.pid);
	show("ip link add host0 type veth peer name eth0 netns %d", box.child.pid);
	box_cable(scene_netlink(), &box, "host0", "10.4.0.1/24", "eth0");
	box_go(&box);
	row("ends", "host0 10.4.0.1/24\teth0  10.4.0.2/24%s", broken("up") ? "  (down)" : "");
	act(NULL);
	ping_through(&box);
	if (!broken("up"))
		pull_out(&box);
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
	int patience = broken("plug") ? 300 : 2000;

	if (box_wait(self) < 0 || net_up("eth0", station->address, NULL) < 0 || box_wait(self) < 0)
		return -1;
	if (station->target[0] && ping(station->target, 3, patience, &station->result) < 0)
		station->error = errno;
	return box_wait(self);
}

struct ports {
	int bridge, count;
};

static int count_port(const struct link *link, void *arg)
{
	struct ports *ports = arg;

	ports->count += link->master == ports->bridge;
	return 0;
}

/* Returns how many links are plugged into it, as the kernel tells. */
static int build_bridge(const struct box *a, const struct box *b)
{
	int netlink = scene_netlink();
	struct link br0;

	show("ip link add br0 type bridge; ip link set toa master br0; ...");
	if (bridge_make(netlink, "br0") < 0 || link_up(netlink, "br0") < 0)
		fail_scene();
	box_cable(netlink, a, "toa", NULL, "eth0");
	box_cable(netlink, b, "tob", NULL, "eth0");
	if (bridge_plug(netlink, "br0", "toa") < 0 ||
	    (!broken("plug") && bridge_plug(netlink, "br0", "tob") < 0))
		fail_scene();
	if (link_read(netlink, "br0", &br0) < 0)
		fail_scene();
	struct ports ports = { .bridge = br0.index };
	if (link_each(netlink, count_port, &ports) < 0)
		fail_scene();
	return ports.count;
}

static void judge_bridge(const struct station *a, int ports, long seen)
{
	value("ports", "%d", ports);
	value("received", "%d", a->result.received);
	if (broken("plug")) {
		check(a->result.received == 0 && seen == 0,
		      "nothing should get through, %d came back", a->result.received);
		verdict("%d port in the bridge, 0 replies", ports);
		return;
	}
	check(ports == 2, "two links should be in the bridge, %d are", ports);
	check(a->result.received == 3 && seen == 3, "3 replies should come back, %d did: %s",
	      a->result.received, strerror(a->error));
	verdict("3 of 3 from A to B; the host has no address in that network");
}

void scene_bridge(void)
{
	struct station *a = box_memory(sizeof(*a)), *b = box_memory(sizeof(*b));
	struct box box_a = { .part = be_a_station, .script = a };
	struct box box_b = { .part = be_a_station, .script = b };

	*a = (struct station){ .address = "10.4.0.2/24", .target = "10.4.0.3" };
	*b = (struct station){ .address = "10.4.0.3/24" };
	box_start(&box_a, CLONE_NEWNET);
	box_start(&box_b, CLONE_NEWNET);
	act("HOST is a disposable network namespace here; in it, a switch:");
	int ports = build_bridge(&box_a, &box_b);
	box_go(&box_a);
	box_go(&box_b);
	heads("CONTAINER A", "CONTAINER B");
	tell_namespaces(box_a.child.pid, box_b.child.pid);
	row("cable", "eth0 - toa - br0\t%s",
	    broken("plug") ? "eth0 - tob   (not plugged in)" : "eth0 - tob - br0");
	row("address", "%s\t%s", a->address, b->address);
	act(NULL);
	long before = icmp_counter(box_b.child.pid, "InEchos");
	box_go(&box_a);
	long after = icmp_counter(box_b.child.pid, "InEchos");
	row("$ ping", "A to B: %d sent, %d received\techo requests seen %ld -> %ld", a->result.sent,
	    a->result.received, before, after);
	judge_bridge(a, ports, after - before);
	box_end(&box_a);
	box_end(&box_b);
}
