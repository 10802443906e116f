/*
 * rtnetlink.c: requests, answers and lists.
 */
#define _GNU_SOURCE
#include "rtnetlink.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ANSWER_SIZE = 32768
}; /* the kernel fills a buffer of this size where it gets one; netlink(7) */

int rtnl_open(void)
{
	const int on = 1;
	int fd = SYS(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "rtnetlink");

	if (fd < 0)
		return -1;
	/* A refusal then comes with a sentence and not with an errno alone; a kernel that cannot do
	 * it (before 4.12) may say so. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	return fd;
}

int rtnl_open_in(int netns)
{
	int fd = -1, saved;
	int own = SYS(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "/proc/self/ns/net");

	if (own < 0)
		return -1;
	if (SYS(setns(netns, CLONE_NEWNET), netns) == 0) {
		fd = rtnl_open(); /* a socket stays in the namespace where it was made, whoever
				     holds it */
		saved = errno;
		if (SYS(setns(own, CLONE_NEWNET), own) < 0 && fd >= 0) {
			saved = errno;
			close(fd);
			fd = -1;
		}
		errno = saved;
	}
	saved = errno;
	close(own);
	errno = saved;
	return fd;
}

/* ---- encoding ---- */

/* Room for so many bytes, 4-byte aligned, zeroed; NULL when the request is full. */
static void *grow(struct rtnl_request *request, size_t size)
{
	size_t used = NLMSG_ALIGN(request->head.nlmsg_len);

	if (request->overflow || size > RTNL_ROOM || used + NLMSG_ALIGN(size) > RTNL_ROOM) {
		request->overflow = true;
		return NULL;
	}
	request->head.nlmsg_len = (uint32_t)(used + size);
	return memset(request->bytes + used, 0, NLMSG_ALIGN(size));
}

void rtnl_begin(struct rtnl_request *request, int type, int flags, const void *body, size_t size)
{
	static uint32_t sequence;

	memset(request, 0, sizeof(*request));
	request->head.nlmsg_len = NLMSG_HDRLEN;
	request->head.nlmsg_type = (uint16_t)type;
	request->head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	request->head.nlmsg_seq = ++sequence; /* an answer repeats it */
	void *place = grow(request, size);
	if (place)
		memcpy(place, body, size);
}

void rtnl_put(struct rtnl_request *request, int type, const void *data, size_t size)
{
	struct rtattr *attribute = size < RTNL_ROOM ? grow(request, RTA_LENGTH(size)) : NULL;

	if (!attribute) {
		request->overflow = true;
		return;
	}
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	attribute->rta_type = (unsigned short)type;
	if (size)
		memcpy(RTA_DATA(attribute), data, size);
}

void rtnl_put_text(struct rtnl_request *request, int type, const char *text)
{
	rtnl_put(request, type, text, strlen(text) + 1);
}

void rtnl_put_number(struct rtnl_request *request, int type, uint32_t number)
{
	rtnl_put(request, type, &number, sizeof(number));
}

struct rtattr *rtnl_nest(struct rtnl_request *request, int type, const void *body, size_t size)
{
	size_t start = NLMSG_ALIGN(request->head.nlmsg_len);

	rtnl_put(request, type | NLA_F_NESTED, body, size);
	return request->overflow ? NULL : (struct rtattr *)(request->bytes + start);
}

void rtnl_nest_end(struct rtnl_request *request, struct rtattr *nest)
{
	/* Its length was not known when it began: everything since belongs to it. */
	if (nest && !request->overflow)
		nest->rta_len =
			(unsigned short)(request->bytes + request->head.nlmsg_len - (char *)nest);
}

/* ---- decoding ---- */

/* left is an int: the last attribute's padding may not be there, and then it becomes negative. */
static const struct rtattr *find(const struct rtattr *attribute, int left, int type)
{
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if ((attribute->rta_type & NLA_TYPE_MASK) == type)
			return attribute;
	return NULL;
}

const struct rtattr *rtnl_find(const struct nlmsghdr *message, size_t body, int type)
{
	if (message->nlmsg_len < NLMSG_SPACE(body))
		return NULL;
	return find((const struct rtattr *)((const char *)message + NLMSG_SPACE(body)),
		    (int)(message->nlmsg_len - NLMSG_SPACE(body)), type);
}

const struct rtattr *rtnl_find_in(const struct rtattr *nest, int type)
{
	return nest ? find(RTA_DATA(nest), (int)RTA_PAYLOAD(nest), type) : NULL;
}

/* ---- asking ---- */

static void trace_line(const char *text, void *arg)
{
	(void)arg;
	sys_trace_say("%s", text);
}

static int send_request(int netlink, const struct rtnl_request *request)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t n;

	if (request->overflow) {
		errno = EMSGSIZE;
		return -1;
	}
	if (sys_tracing)
		rtnl_show(&request->head, trace_line, NULL);
	do
		n = sendto(netlink, request->bytes, request->head.nlmsg_len, 0,
			   (struct sockaddr *)&kernel, sizeof(kernel));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -1 : 0;
}

static ssize_t receive(int netlink, char *answer)
{
	struct sockaddr_nl from = { 0 };
	socklen_t size = sizeof(from);
	ssize_t n;

	do
		n = recvfrom(netlink, answer, ANSWER_SIZE, 0, (struct sockaddr *)&from, &size);
	while ((n < 0 && errno == EINTR) ||
	       (n >= 0 && from.nl_pid != 0)); /* 0: the kernel; others may send to us as well */
	return n;
}

/* The kernel's sentence stands behind the request that an error message repeats. */
static void keep_sentence(const struct nlmsghdr *message, char *said, size_t size)
{
	const struct nlmsgerr *error = NLMSG_DATA(message);
	size_t body = sizeof(*error);

	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(message->nlmsg_flags & NLM_F_CAPPED) && error->msg.nlmsg_len > sizeof(error->msg))
		body += NLMSG_ALIGN(error->msg.nlmsg_len - sizeof(error->msg));
	const struct rtattr *text = rtnl_find(message, body, NLMSGERR_ATTR_MSG);
	if (text)
		snprintf(said, size, "%.*s", (int)RTA_PAYLOAD(text), (const char *)RTA_DATA(text));
}

struct conversation {
	struct rtnl_request *request;
	int (*fn)(const struct nlmsghdr *message, void *arg);
	void *arg;
	int result;	  /* fn's first that is not 0 */
	bool interrupted; /* NLM_F_DUMP_INTR: the list changed while we read it */
};

/* Returns 1 to go on, 0 when the answer is complete, -1 with errno. */
static int take_message(struct conversation *talk, const struct nlmsghdr *message)
{
	if (message->nlmsg_seq != talk->request->head.nlmsg_seq)
		return 1; /* an answer to somebody who asked with this socket before us and did not
			     stay for it */
	talk->interrupted |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
	if (message->nlmsg_type == NLMSG_ERROR &&
	    message->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr))) {
		const struct nlmsgerr *error = NLMSG_DATA(message);
		keep_sentence(message, talk->request->said, sizeof(talk->request->said));
		if (error->error == 0)
			return 0;
		if (talk->request->said[0])
			sys_trace_say("   the kernel says: %s", talk->request->said);
		errno = -error->error;
		return -1;
	}
	if (message->nlmsg_type == NLMSG_DONE)
		return 0;
	if (talk->fn && talk->result == 0)
		talk->result = talk->fn(message, talk->arg);
	return 1;
}

static int converse(int netlink, struct conversation *talk)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_SIZE];

	if (send_request(netlink, talk->request) < 0)
		return -1;
	for (;;) {
		ssize_t n = receive(netlink, answer);
		if (n < 0)
			return -1;
		int left = (int)n; /* an int, as in find() */
		for (struct nlmsghdr *message = (struct nlmsghdr *)answer; NLMSG_OK(message, left);
		     message = NLMSG_NEXT(message, left)) {
			int more = take_message(talk, message);
			if (more <= 0)
				return more;
		}
	}
}

int rtnl_ask(int netlink, struct rtnl_request *request)
{
	struct conversation talk = { .request = request };

	return converse(netlink, &talk);
}

int rtnl_list(int netlink, struct rtnl_request *request,
	      int (*fn)(const struct nlmsghdr *message, void *arg), void *arg)
{
	struct conversation talk = { .request = request, .fn = fn, .arg = arg };

	if (converse(netlink, &talk) < 0)
		return -1;
	if (talk.interrupted) {
		errno = EINTR;
		return -1;
	}
	return talk.result;
}

/* ---- the one question that all others begin with ---- */

static int keep_index(const struct nlmsghdr *message, void *arg)
{
	const struct ifinfomsg *link = NLMSG_DATA(message);

	*(int *)arg = link->ifi_index;
	return 0;
}

int rtnl_link_index(int netlink, const char *name)
{
	struct ifinfomsg link = { 0 };
	struct rtnl_request request;
	int index = 0;

	if (!*name || strlen(name) >= IF_NAMESIZE) {
		sys_failure_set(EINVAL, "rtnl_link_index", name, "A link's name has 1 to 15 bytes.",
				NULL);
		return -1;
	}
	rtnl_begin(&request, RTM_GETLINK, 0, &link, sizeof(link));
	rtnl_put_text(&request, IFLA_IFNAME, name);
	if (SYS(rtnl_list(netlink, &request, keep_index, &index), name) < 0)
		return -1;
	return index;
}
