/*
 * rtnetlink.h: talking to the kernel's network (given); rtnetlink(7), netlink(7).
 *
 * A request is one datagram: a header, a fixed struct of its type, then attributes,
 * each a length, a type and a value, padded to 4 bytes; an attribute may hold
 * attributes. The kernel answers with an errno (0: done).
 *
 *	struct rtnl_request request;
 *	rtnl_begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
 *	rtnl_put_text(&request, IFLA_IFNAME, "br0");
 *	struct rtattr *info = rtnl_nest(&request, IFLA_LINKINFO, NULL, 0);
 *	rtnl_put_text(&request, IFLA_INFO_KIND, "bridge");
 *	rtnl_nest_end(&request, info);
 *	if (SYS(rtnl_ask(netlink, &request), "br0") < 0)
 *		return -1;
 *
 * Under --explain each request is shown decoded, and the kernel's own words on why not.
 */
#pragma once

#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RTNL_ROOM = 1024 };

struct rtnl_request {
	union {
		struct nlmsghdr head;
		char bytes[RTNL_ROOM];
	};
	bool overflow;	/* an attribute did not fit: rtnl_ask says EMSGSIZE */
	char said[128]; /* out: what the kernel said about a refusal, or "" */
};

/* A socket to the network namespace that the caller is in, close-on-exec. Returns it, or -1 with
 * errno of socket(2). */
int rtnl_open(void);

/* The same for the namespace netns (an open /proc/PID/ns/net): the caller enters it for that
 * moment. For single-threaded callers with CAP_SYS_ADMIN over both namespaces. Returns the socket,
 * or -1 with errno: EPERM, EINVAL, EBADF of setns(2). */
int rtnl_open_in(int netns);

/* Starts a request. type: RTM_*; flags: NLM_F_* beside REQUEST and ACK. body: the type's fixed
 * struct (ifinfomsg, ifaddrmsg, rtmsg). */
void rtnl_begin(struct rtnl_request *request, int type, int flags, const void *body, size_t size);

/* Adds an attribute: bytes, a text with its NUL, a 32-bit number. Too long is remembered, not
 * written. */
void rtnl_put(struct rtnl_request *request, int type, const void *data, size_t size);
void rtnl_put_text(struct rtnl_request *request, int type, const char *text);
void rtnl_put_number(struct rtnl_request *request, int type, uint32_t number);

/* What is put between these two becomes the inside of one attribute. body (may be NULL): a fixed
 * struct at its start, as VETH_INFO_PEER has. */
struct rtattr *rtnl_nest(struct rtnl_request *request, int type, const void *body, size_t size);
void rtnl_nest_end(struct rtnl_request *request, struct rtattr *nest);

/* Sends the request and waits for the answer. Returns 0, or -1 with the kernel's errno, or
 * EMSGSIZE. */
int rtnl_ask(int netlink, struct rtnl_request *request);

/* Asks for a list (RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE; request made by rtnl_begin with
 * NLM_F_DUMP) and calls fn for every message of it. fn returns 0 to go on; what else it returns is
 * returned, after the rest has been read away. -1 with errno: EINTR (the list changed while it was
 * read: ask again), and those of rtnl_ask. Without NLM_F_DUMP it is the way to ask for one. */
int rtnl_list(int netlink, struct rtnl_request *request,
	      int (*fn)(const struct nlmsghdr *message, void *arg), void *arg);

/* The attribute of that type in a message whose fixed struct has that size, or NULL. Never reads
 * beyond the message's length. */
const struct rtattr *rtnl_find(const struct nlmsghdr *message, size_t body, int type);

/* The same inside an attribute that holds attributes. */
const struct rtattr *rtnl_find_in(const struct rtattr *nest, int type);

/* The number of a link (its ifindex) in the socket's namespace, by name. Returns it, or -1 with
 * errno ENODEV, EINVAL (no link can have this name). */
int rtnl_link_index(int netlink, const char *name);

/* Decodes a message, one line of text a part, as man rtnetlink names things; calls line(text, arg)
 * for each (rtnetlink_show.c). */
void rtnl_show(const struct nlmsghdr *message, void (*line)(const char *text, void *arg),
	       void *arg);
