/*
 * test_net_user.c: step 4's calls, in disposable user and network namespaces.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/stage.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step04_net_user/given/abilities.h"
#include "step04_net_user/given/bridge.h"
#include "step04_net_user/given/links.h"
#include "step04_net_user/given/register.h"
#include "step04_net_user/net_user.h"
#include "step04_net_user/given/ping.h"
#include "step04_net_user/given/rtnetlink.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define EXPECT(condition)                                                                          \
	do                                                                                         \
		if (!(condition))                                                                  \
			return __LINE__;                                                           \
	while (0)

/* Runs fn in a child with a network namespace of its own, root in it; fn returns 0 or the line that
 * failed. */
static void in_own_net(int (*fn)(int netlink))
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int flags = CLONE_NEWNET | rootless_flags(), status;

	if (!host_can(CAN_NET_NS, NULL))
		skip();
	pid_t pid = fork();
	if (pid == 0) {
		sys_failure_clear();
		if (unshare(flags) < 0 || ((flags & CLONE_NEWUSER) && self_map_write(uid, gid) < 0))
			_exit(255);
		int line = fn(rtnl_open());
		if (line)
			dprintf(2, "failed at line %d: %s\n", line, strerror(errno));
		_exit(line ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* A second network namespace: that of a child that does nothing. */
static int other_net(pid_t *pid)
{
	int ready[2];
	char path[32], byte;

	if (pipe(ready) < 0 || (*pid = fork()) < 0)
		return -1;
	if (*pid == 0) {
		close(ready[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* also when a test fails */
		if (unshare(CLONE_NEWNET) < 0)
			_exit(1);
		close(ready[1]);
		pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 0) /* until it has closed its end */
		return -1;
	close(ready[0]);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", *pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int own_net(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* ---- links ---- */

static int up(int netlink)
{
	struct link lo;

	EXPECT(netlink >= 0 && fcntl(netlink, F_GETFD) == FD_CLOEXEC);
	EXPECT(link_read(netlink, "lo", &lo) == 0 && !(lo.flags & IFF_UP) && lo.index == 1);
	EXPECT(link_up(netlink, "lo") == 0);
	EXPECT(link_read(netlink, "lo", &lo) == 0 && (lo.flags & IFF_UP));
	EXPECT(link_up(netlink, "lo") == 0); /* once more is fine */
	EXPECT(!sys_failure()->err);
	EXPECT(link_up(netlink, "nothing") < 0 && errno == ENODEV);
	EXPECT(strcmp(sys_failure()->subject, "nothing") == 0);
	EXPECT(link_up(netlink, "") < 0 && errno == EINVAL);
	EXPECT(link_up(netlink, "a-name-of-16-byt") < 0 && errno == EINVAL);
	return 0;
}

static void link_goes_up(void **state)
{
	(void)state;
	in_own_net(up);
}

static int cable(int netlink)
{
	struct link here, gone;
	pid_t pid;
	int netns = other_net(&pid), there;

	EXPECT(netns >= 0);
	EXPECT(veth_into(netlink, "host0", "eth0", netns) == 0);
	EXPECT(link_read(netlink, "host0", &here) == 0);
	EXPECT(strcmp(here.kind, "veth") == 0 && !(here.flags & IFF_UP) && here.peer_elsewhere);
	EXPECT(link_read(netlink, "eth0", &gone) < 0 && errno == ENODEV);
	/* A socket in there, while we stay here. */
	EXPECT((there = rtnl_open_in(netns)) >= 0);
	EXPECT(link_read(netlink, "host0", &here) == 0);
	EXPECT(link_up(there, "lo") == 0 && address_add(there, "eth0", "10.9.0.2/24") == 0 &&
	       link_up(there, "eth0") == 0);
	EXPECT(address_add(netlink, "host0", "10.9.0.1/24") == 0 && link_up(netlink, "host0") == 0);
	struct ping result;
	EXPECT(ping("10.9.0.2", 2, 2000, &result) == 0 && result.sent == 2 && result.received == 2);
	EXPECT(ping("10.9.0.99", 1, 50, &result) == 0 && result.received == 0);
	EXPECT(!sys_failure()->err);
	/* Texts that are no name, of any length: on this side and on that. */
	static const char *const bad[] = { "", "a/b", "a b", "a-name-of-16-byt", NULL };
	char longer[600];
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	for (int i = 0; i < 5; i++) {
		const char *name = bad[i] ? bad[i] : longer;
		EXPECT(veth_into(netlink, name, "eth1", netns) < 0 && errno == EINVAL);
		EXPECT(veth_into(netlink, "host1", name, netns) < 0 && errno == EINVAL);
		EXPECT(sys_failure()->err == EINVAL);
		sys_failure_clear();
	}
	EXPECT(veth_into(netlink, "a-name-of-15-by", "another-of-15-b", netns) == 0);
	EXPECT(link_delete(netlink, "a-name-of-15-by") == 0);
	/* Names that are taken, on this side and on that. */
	EXPECT(veth_into(netlink, "host0", "eth1", netns) < 0 && errno == EEXIST);
	EXPECT(veth_into(netlink, "host1", "eth0", netns) < 0 && errno == EEXIST);
	EXPECT(link_read(netlink, "host1", &gone) < 0 &&
	       errno == ENODEV); /* no half of a pair is left */
	EXPECT(link_delete(there, "eth0") == 0);
	EXPECT(link_read(netlink, "host0", &gone) < 0 && errno == ENODEV); /* both are gone */
	kill(pid, SIGKILL);
	return 0;
}

static void veth_between_two_namespaces(void **state)
{
	(void)state;
	if (!host_can(CAN_VETH, NULL))
		skip();
	in_own_net(cable);
}

static int bad_cables(int netlink)
{
	int net = own_net(), null = open("/dev/null", O_RDONLY);

	EXPECT(veth_into(netlink, "a", "b", null) < 0 && errno == EINVAL);
	EXPECT(veth_into(netlink, "a", "b", 999) < 0 && (errno == EBADF || errno == EINVAL));
	EXPECT(veth_into(netlink, "a/b", "b", net) < 0 && errno == EINVAL);
	EXPECT(veth_into(netlink, "a-name-of-16-byt", "b", net) < 0);
	EXPECT(veth_into(netlink, "", "b", net) < 0);
	EXPECT(veth_into(netlink, "a", "a", net) < 0 && errno == EEXIST);
	return 0;
}

static void veth_with_bad_names(void **state)
{
	(void)state;
	if (!host_can(CAN_VETH, NULL))
		skip();
	in_own_net(bad_cables);
}

/* ---- addresses and routes ---- */

struct found {
	char text[256];
};

static int note_address(const struct link_address *address, void *arg)
{
	strcat(((struct found *)arg)->text, address->text);
	strcat(((struct found *)arg)->text, " ");
	return 0;
}

static int note_route(const struct link_route *route, void *arg)
{
	if (strchr(route->destination, ':'))
		return 0; /* IPv6 makes routes of its own */
	strcat(((struct found *)arg)->text, route->destination);
	strcat(((struct found *)arg)->text, "|");
	strcat(((struct found *)arg)->text, route->gateway);
	strcat(((struct found *)arg)->text, " ");
	return 0;
}

static int addresses(int netlink)
{
	static const char *const bad[] = {
		"10.0.0.2",    "10.0.0.2/",   "10.0.0.2/33", "10.0.0/8", "10.0.0.256/8", "/8",
		"10.0.0.2/8x", "10.0.0.2/-1", "fe80::1/64",  "",	 "10.0.0.2/ 8"
	};
	struct found found = { "" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		sys_failure_clear();
		EXPECT(address_add(netlink, "lo", bad[i]) < 0 && errno == EINVAL);
		EXPECT(strcmp(sys_failure()->subject, bad[i]) == 0);
	}
	EXPECT(address_add(netlink, "lo", "10.0.0.2/24") == 0);
	EXPECT(address_add(netlink, "lo", "10.0.0.2/24") < 0 && errno == EEXIST);
	EXPECT(address_add(netlink, "nothing", "10.0.0.3/24") < 0 && errno == ENODEV);
	EXPECT(address_each(netlink, note_address, &found) == 0);
	EXPECT(strcmp(found.text, "10.0.0.2/24 ") == 0);
	return 0;
}

static void address_is_added(void **state)
{
	(void)state;
	in_own_net(addresses);
}

static int routes(int netlink)
{
	struct found found = { "" };

	EXPECT(bridge_make(netlink, "br0") == 0);
	EXPECT(address_add(netlink, "br0", "10.0.0.2/24") == 0);
	EXPECT(route_default(netlink, "10.0.0.1") < 0 && errno == ENETUNREACH); /* br0 is down */
	EXPECT(link_up(netlink, "br0") == 0);
	EXPECT(route_default(netlink, "10.0.0.1") == 0);
	EXPECT(route_default(netlink, "10.0.0.1") < 0 && errno == EEXIST);
	EXPECT(route_default(netlink, "10.0.1.1") < 0 && errno == ENETUNREACH);
	EXPECT(route_default(netlink, "gateway") < 0 && errno == EINVAL);
	EXPECT(route_each(netlink, note_route, &found) == 0);
	EXPECT(strcmp(found.text, "default|10.0.0.1 10.0.0.0/24| ") == 0);
	return 0;
}

static void default_route(void **state)
{
	(void)state;
	if (!host_can(CAN_BRIDGE, NULL))
		skip();
	in_own_net(routes);
}

/* ---- bridge ---- */

static int plugs(int netlink)
{
	int net = own_net();
	struct link br0, a;

	EXPECT(bridge_make(netlink, "br0") == 0);
	EXPECT(bridge_make(netlink, "br0") < 0 && errno == EEXIST);
	EXPECT(veth_into(netlink, "a", "b", net) == 0);
	EXPECT(bridge_plug(netlink, "br0", "a") == 0);
	EXPECT(link_read(netlink, "br0", &br0) == 0 && strcmp(br0.kind, "bridge") == 0);
	EXPECT(link_read(netlink, "a", &a) == 0 && a.master == br0.index);
	EXPECT(bridge_plug(netlink, "br0", "nothing") < 0 && errno == ENODEV);
	EXPECT(bridge_plug(netlink, "nothing", "a") < 0 && errno == ENODEV);
	EXPECT(bridge_plug(netlink, "br0", "br0") < 0 && errno == ELOOP);
	EXPECT(link_delete(netlink, "br0") == 0);
	EXPECT(link_read(netlink, "a", &a) == 0 && a.master == 0);
	EXPECT(link_delete(netlink, "lo") < 0 && errno == EOPNOTSUPP);
	EXPECT(link_delete(netlink, "nothing") < 0 && errno == ENODEV);
	return 0;
}

static void links_in_a_bridge(void **state)
{
	(void)state;
	if (!host_can(CAN_BRIDGE, NULL) || !host_can(CAN_VETH, NULL))
		skip();
	in_own_net(plugs);
}

/* ---- without rights ---- */

static int powerless(int netlink)
{
	/* Another user namespace: root in there has no say over the network that it left. */
	EXPECT(unshare(CLONE_NEWUSER) == 0);
	EXPECT(link_up(netlink, "lo") < 0 && errno == EPERM);
	sys_failure_explain();
	EXPECT(strstr(sys_failure()->cause, "CAP_NET_ADMIN"));
	EXPECT(bridge_make(netlink, "br0") < 0 && errno == EPERM);
	return 0;
}

static void without_rights(void **state)
{
	(void)state;
	if (!host_can(CAN_USER_NS, NULL))
		skip();
	in_own_net(powerless);
}

/* ---- id maps ---- */

struct mapped {
	struct stages stages;
	struct id_maps maps;
	int become;
};

/* Says who it was before and after. */
static int mapped_child(void *arg)
{
	struct mapped *mapped = arg;
	unsigned told[2] = { getuid(), 0 };

	stage_child(&mapped->stages);
	if (stage_reach(&mapped->stages, STAGE_BORN) < 0)
		return 203;
	if (stage_await(&mapped->stages, STAGE_MAPPED, -1, 5000) < 0)
		return 200;
	told[1] = getuid();
	if (mapped->become && id_become(0, 0) < 0)
		return 201;
	if (told[0] != 65534)
		return 202;
	return (int)told[1] == 0 ? 0 : 100;
}

static int write_maps(struct mapped *mapped, int *status)
{
	struct spawn child = { .flags = CLONE_NEWUSER, .fn = mapped_child, .arg = mapped };
	int procfd = proc_open();

	sys_failure_clear();
	assert_int_equal(stage_open(&mapped->stages), 0);
	assert_int_equal(spawn(&child), 0);
	stage_parent(&mapped->stages);
	assert_int_equal(stage_await(&mapped->stages, STAGE_BORN, child.pidfd, 5000), 0);
	int result = id_maps_write(procfd, child.pid, &mapped->maps), saved = errno;
	if (result == 0)
		assert_int_equal(stage_reach(&mapped->stages, STAGE_MAPPED), 0);
	stage_close(&mapped->stages); /* a child that was told nothing ends */
	spawn_wait(&child, status);
	close(procfd);
	errno = saved;
	return result;
}

static void maps_make_root(void **state)
{
	struct id_map uid = { 0, geteuid(), 1 }, gid = { 0, getegid(), 1 };
	struct mapped mapped = {
		.maps = { .uid = &uid, .gid = &gid, .uids = 1, .gids = 1, .deny_setgroups = true },
		.become = 1
	};
	int status;

	(void)state;
	if (!host_can(CAN_USER_NS, NULL))
		skip();
	assert_int_equal(write_maps(&mapped, &status), 0);
	assert_int_equal(status, 0);
	assert_int_equal(sys_failure()->err, 0);
}

static void map_of_somebody_else(void **state)
{
	struct id_map uid = { 7, geteuid(), 1 }, gid = { 7, getegid(), 1 };
	struct mapped mapped = {
		.maps = { .uid = &uid, .gid = &gid, .uids = 1, .gids = 1, .deny_setgroups = true }
	};
	int status;

	(void)state;
	if (!host_can(CAN_USER_NS, NULL))
		skip();
	assert_int_equal(write_maps(&mapped, &status), 0);
	assert_int_equal(status, 100); /* it is 7 in there, not 0 */
	mapped.become = 1;
	assert_int_equal(write_maps(&mapped, &status), 0);
	assert_int_equal(status, 201); /* and cannot become 0, whom the map does not hold */
}

static void bad_maps_are_not_written(void **state)
{
	struct id_map two[] = { { 0, geteuid(), 1 }, { 0, geteuid(), 1 } },
		      gid = { 0, getegid(), 1 };
	struct mapped mapped = {
		.maps = { .uid = two, .gid = &gid, .uids = 2, .gids = 1, .deny_setgroups = true }
	};
	int status;

	(void)state;
	if (!host_can(CAN_USER_NS, NULL))
		skip();
	assert_int_equal(write_maps(&mapped, &status), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(sys_failure()->cause, "overlaps"));
	assert_int_equal(status, 200); /* the child never went on */
}

static void ordinary_users_limits(void **state)
{
	struct id_map uid = { 0, 1, 1 }, gid = { 0, getegid(), 1 };
	struct mapped mapped = {
		.maps = { .uid = &uid, .gid = &gid, .uids = 1, .gids = 1, .deny_setgroups = true }
	};
	int status;

	(void)state;
	if (geteuid() == 0 || !host_can(CAN_USER_NS, NULL))
		skip();
	assert_int_equal(write_maps(&mapped, &status), -1); /* user 1 is not ours to give out */
	assert_int_equal(errno, EPERM);
	uid.outside = geteuid();
	mapped.maps.deny_setgroups = false;
	assert_int_equal(write_maps(&mapped, &status), -1);
	assert_int_equal(errno, EPERM);
	assert_non_null(strstr(sys_failure()->subject, "gid_map"));
}

static void maps_of_one_who_is_gone(void **state)
{
	struct id_map line = { 0, geteuid(), 1 };
	struct id_maps maps = { .uid = &line, .gid = &line, .uids = 1, .gids = 1 };
	int procfd = proc_open();

	(void)state;
	sys_failure_clear();
	assert_int_equal(id_maps_write(procfd, 4194304 - 2, &maps), -1);
	assert_int_equal(errno, ENOENT);
	close(procfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_goes_up),
		cmocka_unit_test(veth_between_two_namespaces),
		cmocka_unit_test(veth_with_bad_names),
		cmocka_unit_test(address_is_added),
		cmocka_unit_test(default_route),
		cmocka_unit_test(links_in_a_bridge),
		cmocka_unit_test(without_rights),
		cmocka_unit_test(maps_make_root),
		cmocka_unit_test(map_of_somebody_else),
		cmocka_unit_test(bad_maps_are_not_written),
		cmocka_unit_test(ordinary_users_limits),
		cmocka_unit_test(maps_of_one_who_is_gone),
	};
	step04_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
