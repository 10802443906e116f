/*
 * 04_net_user.c: the calls of lab 4.
 *
 * The caller has no rights over the network namespace of the cage. So each call about links makes a
 * new one. What is made before a call is made by ioctl(2), netdevice(7), and by the given netlink
 * functions, never by the student's.
 */
#define _GNU_SOURCE
#include "tests/labs/lib/driver.h"
#include "step04_net_user/given/links.h"
#include "step04_net_user/given/rtnetlink.h"
#include "step04_net_user/net_user.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- links that are there before ---- */

static int netlink_here(void)
{
	int fd = rtnl_open();

	if (fd < 0)
		cannot("a netlink socket");
	return fd;
}

static int make_link(int netlink, const char *name, const char *kind)
{
	struct rtnl_request request;
	struct ifinfomsg link = { 0 };

	rtnl_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
	rtnl_put_text(&request, IFLA_IFNAME, name);
	struct rtattr *info = rtnl_nest(&request, IFLA_LINKINFO, NULL, 0);
	rtnl_put_text(&request, IFLA_INFO_KIND, kind);
	rtnl_nest_end(&request, info);
	return rtnl_ask(netlink, &request);
}

/* A link of whatever kind this kernel has. "lo" is there in every network namespace. */
static void a_link(int netlink, const char *name)
{
	if (strcmp(name, "lo") != 0 && make_link(netlink, name, "veth") < 0 &&
	    make_link(netlink, name, "dummy") < 0 && make_link(netlink, name, "bridge") < 0)
		cannot(name);
}

/* The network namespace that the caller is in. */
static void set_flags(const char *name, short flags)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		cannot(name);
	request.ifr_flags = (short)(request.ifr_flags | flags);
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		cannot(name);
	close(fd);
}

/* An address, and the link is up. */
static void set_address(const char *name, const char *address, const char *mask)
{
	struct ifreq request = { 0 };
	struct sockaddr_in ip = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	inet_pton(AF_INET, address, &ip.sin_addr);
	memcpy(&request.ifr_addr, &ip, sizeof(ip));
	if (fd < 0 || ioctl(fd, SIOCSIFADDR, &request) < 0)
		cannot(address);
	inet_pton(AF_INET, mask, &ip.sin_addr);
	memcpy(&request.ifr_addr, &ip, sizeof(ip));
	if (ioctl(fd, SIOCSIFNETMASK, &request) < 0)
		cannot(mask);
	close(fd);
	set_flags(name, IFF_UP);
}

/* What /proc does not show of a link. */
static int say_link(const struct link *link, void *key)
{
	say(key, "%s %s %s%s", link->name, *link->kind ? link->kind : "-",
	    link->flags & IFF_UP ? "up" : "down", link->flags & IFF_NOARP ? " noarp" : "");
	return 0;
}

static void say_links(const char *key, int netlink)
{
	link_each(netlink, say_link, (void *)key);
	close(netlink);
}

static int netns_of(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		cannot(path);
	return fd;
}

/* A socket for a namespace that the caller is not in; that one has the neighbour, and two links of
 * which the second is called name and has these flags. Where the caller is, a link of that name has
 * another number. */
static int netlink_elsewhere(const char *name, short flags)
{
	int netlink;

	fresh(CLONE_NEWNET);
	netlink = netlink_here();
	neighbour(0);
	a_link(netlink, "other");
	a_link(netlink, name);
	set_flags(name, flags);
	fresh(CLONE_NEWNET);
	int here = netlink_here();
	a_link(here, name);
	close(here);
	return netlink;
}

/* ---- link_up ---- */

/* link_up NAME: there is another link besides. NAME has a flag that is to stay. */
static int play_link_up(char **a)
{
	fresh(CLONE_NEWNET);
	int netlink = netlink_here();
	a_link(netlink, "other");
	a_link(netlink, a[0]);
	if (strcmp(a[0], "lo") != 0)
		set_flags(a[0], IFF_NOARP);
	int result = TRY(link_up(netlink, a[0]));
	say_links("link", netlink_here());
	return result;
}

/* link_up.elsewhere NAME: the socket is of the neighbour's network namespace. */
static int play_link_up_elsewhere(char **a)
{
	int netlink = netlink_elsewhere(a[0], 0);

	return TRY(link_up(netlink, a[0]));
}

/* link_up.foreign: the network namespace belongs to another user namespace. */
static int play_link_up_foreign(char **a)
{
	int netlink = netlink_here();

	(void)a;
	return TRY(link_up(netlink, "lo"));
}

/* link_up.missing NAME: there is no such link. */
static int play_link_up_missing(char **a)
{
	fresh(CLONE_NEWNET);
	int netlink = netlink_here();
	return TRY(link_up(netlink, a[0]));
}

/* ---- id_maps_write ---- */

static void lines(const char *text, struct id_map *map, int *count)
{
	*count = id_map_parse(text, map, 400);
	if (*count < 0)
		cannot(text);
}

static void drop_set_ids(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		cannot("capget");
	data[0].effective &= ~(1U << CAP_SETUID | 1U << CAP_SETGID);
	data[0].permitted &= ~(1U << CAP_SETUID | 1U << CAP_SETGID);
	data[0].inheritable = 0;
	if (syscall(SYS_capset, &header, data) < 0)
		cannot("capset");
}

/* id_maps_write UID GID deny|allow [WORD...]: the maps of the neighbour. Words:
 *	unprivileged   without CAP_SETUID and CAP_SETGID
 *	covered        the descriptor is the only way to the proc file system
 *	mapped         uid_map is written already
 *	ended          the neighbour is no process any more */
static int play_id_maps(char **a)
{
	static struct id_map uid[400], gid[400];
	struct id_maps maps = { .uid = uid,
				.gid = gid,
				.deny_setgroups = strcmp(a[2], "deny") == 0 };
	pid_t other;

	fresh(CLONE_NEWNS);
	other = neighbour(CLONE_NEWUSER);
	int procfd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (procfd < 0)
		cannot("/proc");
	lines(a[0], uid, &maps.uids);
	lines(a[1], gid, &maps.gids);
	for (char **word = a + 3; *word; word++) {
		if (strcmp(*word, "unprivileged") == 0) {
			drop_set_ids();
		} else if (strcmp(*word, "covered") == 0) {
			if (mount("lab", "/proc", "tmpfs", 0, NULL) < 0)
				cannot("cover /proc");
		} else if (strcmp(*word, "mapped") == 0) {
			char path[64];

			snprintf(path, sizeof(path), "/proc/%d/uid_map", other);
			int fd = open(path, O_WRONLY | O_CLOEXEC);
			if (fd < 0 || write(fd, "0 0 1", 5) != 5)
				cannot(path);
			close(fd);
		} else {
			kill(other, SIGKILL);
			waitpid(other, NULL, 0);
		}
	}
	return TRY(id_maps_write(procfd, other, &maps));
}

/* ---- veth_into ---- */

static void need_veth(int netlink)
{
	if (make_link(netlink, "probe", "veth") < 0)
		cannot("a veth pair");
	if (link_delete(netlink, "probe") < 0)
		cannot("delete a veth pair");
}

/* veth_into HERE THERE [WORD...]: the other end is the neighbour's. Words:
 *	there    the caller has a link that is called THERE
 *	taken    the neighbour has it
 *	here     the caller has a link that is called HERE
 *	file     netns is no network namespace */
static int play_veth(char **a)
{
	fresh(CLONE_NEWNET);
	int netlink = netlink_here();
	need_veth(netlink);
	int netns = netns_of(neighbour(CLONE_NEWNET)), second = netns;
	int in_there = rtnl_open_in(netns);
	if (in_there < 0)
		cannot("a netlink socket in the neighbour's namespace");
	for (char **word = a + 2; *word; word++) {
		if (strcmp(*word, "taken") == 0)
			a_link(in_there, a[1]);
		else if (strcmp(*word, "file") == 0)
			second = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		else
			a_link(netlink, strcmp(*word, "there") == 0 ? a[1] : a[0]);
	}
	int result = TRY(veth_into(netlink, a[0], a[1], second));
	say_links("here", netlink_here());
	say_links("there", in_there);
	return result;
}

/* veth_into.foreign HERE THERE: the network namespace belongs to another user namespace. */
static int play_veth_foreign(char **a)
{
	int netlink = netlink_here(), netns = netns_of(getpid());

	return TRY(veth_into(netlink, a[0], a[1], netns));
}

/* ---- address_add ---- */

/* address_add LINK ADDRESS...: in that order, up to the first that is refused; the link is up. */
static int play_address(char **a)
{
	int result = 0;

	fresh(CLONE_NEWNET);
	int netlink = netlink_here();
	a_link(netlink, "other");
	a_link(netlink, a[0]);
	set_flags("other", IFF_UP);
	set_flags(a[0], IFF_UP);
	for (char **address = a + 1; *address && result == 0; address++)
		result = TRY(address_add(netlink, a[0], *address));
	return result;
}

/* address_add.elsewhere LINK ADDRESS: the socket is of the neighbour's network namespace. */
static int play_address_elsewhere(char **a)
{
	int netlink = netlink_elsewhere(a[0], IFF_UP);

	return TRY(address_add(netlink, a[0], a[1]));
}

/* address_add.missing LINK ADDRESS: there is no such link. */
static int play_address_missing(char **a)
{
	fresh(CLONE_NEWNET);
	int netlink = netlink_here();
	return TRY(address_add(netlink, a[0], a[1]));
}

/* address_add.bad TEXT...: texts that are no address, for a link that is there; up to the first that
 * is taken for one. */
static int play_address_bad(char **a)
{
	fresh(CLONE_NEWNET);
	int netlink = netlink_here();
	for (; *a; a++)
		if (TRY(address_add(netlink, "lo", *a)) != -1 || errno != EINVAL)
			break;
	say("taken", "%s", *a ? *a : "");
	return 0;
}

/* ---- route_default ---- */

/* route_default GATEWAY [ADDRESS LINK]... [OLD]: each link has that address, of a network of 65536.
 * OLD: there is a default route, to that gateway. */
static int play_route(char **a)
{
	const char *gateway = a[0];

	fresh(CLONE_NEWNET);
	int netlink = netlink_here();
	for (a++; a[0] && a[1]; a += 2) {
		a_link(netlink, a[1]);
		set_address(a[1], a[0], "255.255.0.0");
	}
	if (a[0]) {
		struct rtnl_request request;
		struct rtmsg body = { .rtm_family = AF_INET,
				      .rtm_table = RT_TABLE_MAIN,
				      .rtm_protocol = RTPROT_BOOT,
				      .rtm_type = RTN_UNICAST };
		struct in_addr ip;

		inet_pton(AF_INET, a[0], &ip);
		rtnl_begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof(body));
		rtnl_put(&request, RTA_GATEWAY, &ip, sizeof(ip));
		if (rtnl_ask(netlink, &request) < 0)
			cannot(a[0]);
	}
	return TRY(route_default(netlink, gateway));
}

const struct lab_call lab_calls[] = {
	{ "link_up", play_link_up, "link_up(netlink, name); name $1" },
	{ "link_up.elsewhere", play_link_up_elsewhere,
	  "link_up(netlink, name); name $1, netlink is a socket of another network namespace" },
	{ "link_up.foreign", play_link_up_foreign,
	  "link_up(netlink, 'lo'), in a network namespace of another user namespace" },
	{ "link_up.missing", play_link_up_missing, "link_up(netlink, name); there is no link $1" },
	{ "id_maps_write", play_id_maps,
	  "id_maps_write(procfd, pid, maps); maps as INSIDE:OUTSIDE:COUNT: uid $1, gid $2; "
	  "deny_setgroups is [3=deny:true][3=allow:false][*=unprivileged:; the caller has no "
	  "CAP_SETUID and no CAP_SETGID][*=covered:; another mount covers /proc][*=mapped:; "
	  "uid_map is written already][*=ended:; process pid has ended]" },
	{ "veth_into", play_veth,
	  "veth_into(netlink, here, there, netns); here $1, there $2[3=there:; a link $2 is in the "
	  "socket's namespace already][3=taken:; a link $2 is in netns already][3=here:; a link $1 "
	  "is in the socket's namespace already][3=file:; netns is a file, and no namespace]" },
	{ "veth_into.foreign", play_veth_foreign,
	  "veth_into(netlink, here, there, netns); here $1, there $2, netns belongs to another "
	  "user namespace" },
	{ "address_add", play_address, "address_add(netlink, link, address); link $1, address $*" },
	{ "address_add.elsewhere", play_address_elsewhere,
	  "address_add(netlink, link, address); link $1, address $2, netlink is a socket of "
	  "another network namespace" },
	{ "address_add.missing", play_address_missing,
	  "address_add(netlink, link, address); there is no link $1, address $2" },
	{ "address_add.bad", play_address_bad,
	  "address_add(netlink, link, address), with each of these texts: $*" },
	{ "route_default", play_route,
	  "route_default(netlink, gateway); gateway $1[; link $3 has the address $2/16][; link $5 "
	  "has the address $4/16][; a default route to $6 is there already]" },
	{ 0 },
};
