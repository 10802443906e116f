/*
 * net_user.c: a second solution of lab 4, written from the header.
 *
 * The files are written by calls without SYS(), links are named to the kernel by IFLA_IFNAME where
 * it takes that, and the inner part of the veth message is a function.
 */
#define _GNU_SOURCE
#include "step04_net_user/net_user.h"

#include "step04_net_user/given/rtnetlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(int err)
{
	errno = err;
	return -1;
}

/* Opens PID/file and writes the text at once. */
static int write_at_once(int procfd, pid_t pid, const char *file, const char *text, size_t length)
{
	char path[48];

	snprintf(path, sizeof(path), "%d/%s", (int)pid, file);
	int fd = openat(procfd, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t written = write(fd, text, length);
	int err = written < 0 ? errno : EIO;
	close(fd);
	return written == (ssize_t)length ? 0 : fail(err);
}

int id_maps_write(int procfd, pid_t pid, const struct id_maps *maps)
{
	const struct {
		const char *file;
		const struct id_map *lines;
		int count;
	} todo[] = {
		{ "uid_map", maps->uid, maps->uids },
		{ "gid_map", maps->gid, maps->gids },
	};

	if (maps->deny_setgroups && write_at_once(procfd, pid, "setgroups", "deny", 4) != 0)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		char text[4096];
		ssize_t length = id_map_text(todo[i].lines, todo[i].count, text, sizeof(text));

		if (length < 0 ||
		    write_at_once(procfd, pid, todo[i].file, text, (size_t)length) != 0)
			return -1;
	}
	return 0;
}

/* 1 to 15 bytes, no blank and no slash: the kernel would take an empty name for "choose one". */
static int check_name(const char *name)
{
	size_t length = strlen(name);

	if (length < 1 || length >= IFNAMSIZ || name[strcspn(name, "/ \t\n\v\f\r")] != '\0')
		return fail(EINVAL);
	return 0;
}

int link_up(int netlink, const char *name)
{
	struct rtnl_request request;
	struct ifinfomsg link = { .ifi_family = AF_UNSPEC,
				  .ifi_flags = IFF_UP,
				  .ifi_change = IFF_UP };

	if (check_name(name) != 0)
		return -1;
	rtnl_begin(&request, RTM_NEWLINK, 0, &link, sizeof(link));
	rtnl_put_text(&request, IFLA_IFNAME, name);
	return rtnl_ask(netlink, &request);
}

/* The part of the message that is about the other end. */
static void put_peer(struct rtnl_request *request, const char *name, int netns)
{
	struct ifinfomsg none;

	memset(&none, 0, sizeof(none));
	struct rtattr *peer = rtnl_nest(request, VETH_INFO_PEER, &none, sizeof(none));
	rtnl_put_number(request, IFLA_NET_NS_FD, (uint32_t)netns);
	rtnl_put_text(request, IFLA_IFNAME, name);
	rtnl_nest_end(request, peer);
}

int veth_into(int netlink, const char *here, const char *there, int netns)
{
	struct rtnl_request request;
	struct ifinfomsg none;

	if (check_name(here) != 0 || check_name(there) != 0)
		return -1;
	memset(&none, 0, sizeof(none));
	rtnl_begin(&request, RTM_NEWLINK, NLM_F_EXCL | NLM_F_CREATE, &none, sizeof(none));
	struct rtattr *info = rtnl_nest(&request, IFLA_LINKINFO, NULL, 0);
	rtnl_put_text(&request, IFLA_INFO_KIND, "veth");
	struct rtattr *data = rtnl_nest(&request, IFLA_INFO_DATA, NULL, 0);
	put_peer(&request, there, netns);
	rtnl_nest_end(&request, data);
	rtnl_nest_end(&request, info);
	rtnl_put_text(&request, IFLA_IFNAME, here);
	return rtnl_ask(netlink, &request);
}

/* Takes "10.0.0.2/24" apart. */
static int parse_address(const char *text, struct in_addr *address, unsigned char *prefix)
{
	char number[INET_ADDRSTRLEN];
	const char *slash = strchr(text, '/');

	if (slash == NULL || (size_t)(slash - text) >= sizeof(number))
		return fail(EINVAL);
	memcpy(number, text, (size_t)(slash - text));
	number[slash - text] = '\0';

	const char *digits = slash + 1;
	size_t length = strspn(digits, "0123456789");
	if (inet_pton(AF_INET, number, address) != 1 || length < 1 || length > 2 ||
	    digits[length] != '\0' || atoi(digits) > 32)
		return fail(EINVAL);
	*prefix = (unsigned char)atoi(digits);
	return 0;
}

int address_add(int netlink, const char *link, const char *address)
{
	struct rtnl_request request;
	struct in_addr ip;
	struct ifaddrmsg message = { .ifa_family = AF_INET };

	if (parse_address(address, &ip, &message.ifa_prefixlen) != 0)
		return -1;
	int index = rtnl_link_index(netlink, link);
	if (index < 0)
		return -1;
	message.ifa_index = (unsigned)index;
	rtnl_begin(&request, RTM_NEWADDR, NLM_F_EXCL | NLM_F_CREATE, &message, sizeof(message));
	rtnl_put(&request, IFA_ADDRESS, &ip, sizeof(ip));
	rtnl_put(&request, IFA_LOCAL, &ip, sizeof(ip));
	return rtnl_ask(netlink, &request);
}

int route_default(int netlink, const char *gateway)
{
	struct rtnl_request request;
	struct in_addr ip;
	struct rtmsg route = {
		.rtm_family = AF_INET,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_type = RTN_UNICAST,
	};

	if (inet_pton(AF_INET, gateway, &ip) != 1)
		return fail(EINVAL);
	rtnl_begin(&request, RTM_NEWROUTE, NLM_F_EXCL | NLM_F_CREATE, &route, sizeof(route));
	rtnl_put(&request, RTA_GATEWAY, &ip, sizeof(ip));
	return rtnl_ask(netlink, &request);
}
