/*
 * test_rtnetlink.c: the bytes of a message, read and written, and its words. No socket is needed.
 */
#define _GNU_SOURCE
#include "step04_net_user/given/rtnetlink.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

static void begin_link(struct rtnl_request *request, int flags)
{
	struct ifinfomsg link = { .ifi_index = 7 };

	rtnl_begin(request, RTM_NEWLINK, flags, &link, sizeof(link));
}

static void a_message_grows(void **state)
{
	struct rtnl_request request;

	(void)state;
	begin_link(&request, NLM_F_CREATE);
	assert_int_equal(request.head.nlmsg_len, 16 + 16); /* the header and ifinfomsg */
	assert_int_equal(request.head.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE);
	rtnl_put_text(&request, IFLA_IFNAME, "ab"); /* 4 of head, "ab" and its NUL, 1 to fill */
	assert_int_equal(request.head.nlmsg_len, 32 + 7);
	rtnl_put_number(&request, IFLA_MASTER, 5);
	assert_int_equal(request.head.nlmsg_len, 32 + 8 + 8);
	const struct rtattr *name = rtnl_find(&request.head, sizeof(struct ifinfomsg), IFLA_IFNAME);
	const struct rtattr *master = rtnl_find(&request.head, sizeof(struct ifinfomsg),
						IFLA_MASTER);
	assert_string_equal(RTA_DATA(name), "ab");
	assert_int_equal(*(const uint32_t *)RTA_DATA(master), 5);
	assert_null(rtnl_find(&request.head, sizeof(struct ifinfomsg), IFLA_MTU));
}

static void every_request_has_its_own_number(void **state)
{
	struct rtnl_request one, two;

	(void)state;
	begin_link(&one, 0);
	begin_link(&two, 0);
	assert_int_not_equal(one.head.nlmsg_seq, two.head.nlmsg_seq);
}

static void make_veth(struct rtnl_request *request)
{
	struct ifinfomsg body = { 0 };

	begin_link(request, NLM_F_CREATE | NLM_F_EXCL);
	rtnl_put_text(request, IFLA_IFNAME, "host0");
	struct rtattr *info = rtnl_nest(request, IFLA_LINKINFO, NULL, 0);
	rtnl_put_text(request, IFLA_INFO_KIND, "veth");
	struct rtattr *data = rtnl_nest(request, IFLA_INFO_DATA, NULL, 0);
	struct rtattr *peer = rtnl_nest(request, VETH_INFO_PEER, &body, sizeof(body));
	rtnl_put_text(request, IFLA_IFNAME, "eth0");
	rtnl_nest_end(request, peer);
	rtnl_nest_end(request, data);
	rtnl_nest_end(request, info);
}

static void nests_hold_what_is_between(void **state)
{
	struct rtnl_request request;

	(void)state;
	make_veth(&request);
	const struct rtattr *info = rtnl_find(&request.head, sizeof(struct ifinfomsg),
					      IFLA_LINKINFO);
	assert_ptr_equal((const char *)info + info->rta_len,
			 request.bytes + request.head.nlmsg_len);
	assert_string_equal(RTA_DATA(rtnl_find_in(info, IFLA_INFO_KIND)), "veth");
	const struct rtattr *data = rtnl_find_in(info, IFLA_INFO_DATA);
	assert_non_null(data);
	const struct rtattr *peer = rtnl_find_in(data, VETH_INFO_PEER);
	assert_int_equal(RTA_PAYLOAD(peer), sizeof(struct ifinfomsg) + 4 + 5);
	assert_null(rtnl_find_in(data, 99));
	assert_null(rtnl_find_in(NULL, 1));
}

static void what_does_not_fit_is_not_sent(void **state)
{
	struct rtnl_request request;
	char big[RTNL_ROOM] = { 0 };

	(void)state;
	begin_link(&request, 0);
	for (int i = 0; i < 200; i++)
		rtnl_put_number(&request, IFLA_MTU, 1);
	assert_true(request.overflow);
	assert_true(request.head.nlmsg_len <= RTNL_ROOM);
	assert_int_equal(rtnl_ask(-1, &request), -1);
	assert_int_equal(errno, EMSGSIZE);
	begin_link(&request, 0);
	rtnl_put(&request, 1, big, sizeof(big));
	assert_true(request.overflow);
	begin_link(&request, 0);
	rtnl_put(&request, 1, big, SIZE_MAX - 2);
	assert_true(request.overflow);
	assert_null(rtnl_nest(&request, 1, NULL, 0));
	rtnl_nest_end(&request, NULL);
}

static void nothing_is_read_beyond_a_message(void **state)
{
	struct rtnl_request request;

	(void)state;
	make_veth(&request);
	unsigned whole = request.head.nlmsg_len;
	/* Cut at every byte, in memory that ends there, for the sanitizer to see. */
	for (unsigned length = 16; length < whole; length++) {
		struct nlmsghdr *cut = malloc(length);
		memcpy(cut, &request, length);
		cut->nlmsg_len = length;
		const struct rtattr *info = rtnl_find(cut, sizeof(struct ifinfomsg), IFLA_LINKINFO);
		assert_null(info); /* the last attribute ends where the message does */
		free(cut);
	}
	/* An attribute that says it is longer than what holds it, or of length 0 (which would
	 * loop). */
	struct rtattr *name = (struct rtattr *)(request.bytes + 32);
	name->rta_len = 60000;
	assert_null(rtnl_find(&request.head, sizeof(struct ifinfomsg), IFLA_LINKINFO));
	name->rta_len = 0;
	assert_null(rtnl_find(&request.head, sizeof(struct ifinfomsg), IFLA_LINKINFO));
}

/* ---- words ---- */

static void collect(const char *text, void *arg)
{
	strcat(arg, text);
	strcat(arg, "\n");
}

static void a_message_in_words(void **state)
{
	struct rtnl_request request;
	char words[1024] = "";

	(void)state;
	make_veth(&request);
	rtnl_put_number(&request, 999, 1);
	rtnl_show(&request.head, collect, words);
	assert_string_equal(words, "   netlink RTM_NEWLINK CREATE EXCL  link 7\n"
				   "     IFLA_IFNAME \"host0\"\n"
				   "     IFLA_LINKINFO holds\n"
				   "       IFLA_INFO_KIND \"veth\"\n"
				   "       IFLA_INFO_DATA holds\n"
				   "         VETH_INFO_PEER (a link message) holds\n"
				   "           IFLA_IFNAME \"eth0\"\n"
				   "     attribute 999, 4 bytes\n");
}

static void addresses_and_routes_in_words(void **state)
{
	struct rtnl_request request;
	struct ifaddrmsg address = { .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 2 };
	struct rtmsg route = { .rtm_family = AF_INET };
	struct ifinfomsg link = { 0 };
	struct in_addr ip = { htonl(0x0a000001) };
	char words[1024] = "";

	(void)state;
	rtnl_begin(&request, RTM_NEWADDR, 0, &address, sizeof(address));
	rtnl_put(&request, IFA_LOCAL, &ip, sizeof(ip));
	rtnl_show(&request.head, collect, words);
	rtnl_begin(&request, RTM_NEWROUTE, 0, &route, sizeof(route));
	rtnl_put(&request, RTA_GATEWAY, &ip, sizeof(ip));
	rtnl_show(&request.head, collect, words);
	rtnl_begin(&request, RTM_GETLINK, NLM_F_DUMP, &link, sizeof(link));
	rtnl_show(&request.head, collect, words);
	request.head.nlmsg_type = 200;
	rtnl_show(&request.head, collect, words);
	assert_string_equal(words, "   netlink RTM_NEWADDR  link 2  prefix /24\n"
				   "     IFA_LOCAL 10.0.0.1\n"
				   "   netlink RTM_NEWROUTE  to any/0\n"
				   "     RTA_GATEWAY 10.0.0.1\n"
				   "   netlink RTM_GETLINK DUMP\n"
				   "   netlink message of type 200, 32 bytes\n");
}

static void count_lines(const char *text, void *arg)
{
	(void)text;
	++*(int *)arg;
}

static void words_of_a_broken_message(void **state)
{
	struct rtnl_request request;
	int lines = 0;

	(void)state;
	make_veth(&request);
	unsigned whole = request.head.nlmsg_len;
	for (unsigned length = 16; length < whole; length++) {
		struct nlmsghdr *cut = malloc(length);
		memcpy(cut, &request, length);
		cut->nlmsg_len = length;
		rtnl_show(cut, count_lines, &lines);
		free(cut);
	}
	assert_true(lines > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_grows),
		cmocka_unit_test(every_request_has_its_own_number),
		cmocka_unit_test(nests_hold_what_is_between),
		cmocka_unit_test(what_does_not_fit_is_not_sent),
		cmocka_unit_test(nothing_is_read_beyond_a_message),
		cmocka_unit_test(a_message_in_words),
		cmocka_unit_test(addresses_and_routes_in_words),
		cmocka_unit_test(words_of_a_broken_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
