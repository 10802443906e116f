/*
 * ping.c: echo requests and what comes back.
 */
#define _GNU_SOURCE
#include "ping.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct echo {
	struct icmphdr head;
	struct timespec at; /* when it left: the other side sends it back to us */
};

struct pinger {
	int fd;
	bool raw; /* a raw socket gets everybody's ICMP, with the IP header */
	uint16_t id;
};

/* RFC 1071: the one's complement of the one's complement sum. */
static uint16_t checksum(const void *data, size_t size)
{
	const unsigned char *byte = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += (uint32_t)byte[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static int open_pinger(struct pinger *pinger)
{
	pinger->raw = true;
	pinger->id = (uint16_t)getpid();
	pinger->fd = SYS_MAY(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP), "icmp", EPERM);
	if (pinger->fd >= 0 || errno != EPERM)
		return pinger->fd < 0 ? -1 : 0;
	/* No CAP_NET_RAW: the kernel's ping socket, which fills in the id itself. */
	pinger->raw = false;
	pinger->fd = SYS(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP), "icmp");
	return pinger->fd < 0 ? -1 : 0;
}

static int send_echo(const struct pinger *pinger, int number, const struct sockaddr_in *to,
		     const char *address)
{
	struct echo echo = { .head = { .type = ICMP_ECHO } };

	echo.head.un.echo.id = htons(pinger->id);
	echo.head.un.echo.sequence = htons((uint16_t)number);
	clock_gettime(CLOCK_MONOTONIC, &echo.at);
	echo.head.checksum = checksum(&echo, sizeof(echo));
	return SYS(sendto(pinger->fd, &echo, sizeof(echo), 0, (const struct sockaddr *)to,
			  sizeof(*to)),
		   address) < 0
		       ? -1
		       : 0;
}

/* Is this packet the reply to our request of that number? */
static bool take_reply(const struct pinger *pinger, const unsigned char *packet, size_t size,
		       int number, struct ping *result)
{
	struct timespec now;
	struct iphdr ip = { 0 };
	struct echo echo;
	size_t skip = 0;

	if (pinger->raw) {
		if (size < sizeof(ip))
			return false;
		memcpy(&ip, packet, sizeof(ip));
		skip = ip.ihl * 4UL;
	}
	if (size < skip + sizeof(echo))
		return false;
	memcpy(&echo, packet + skip, sizeof(echo));
	if (echo.head.type != ICMP_ECHOREPLY || ntohs(echo.head.un.echo.sequence) != number ||
	    (pinger->raw && ntohs(echo.head.un.echo.id) != pinger->id))
		return false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	result->rtt_ms = (double)(now.tv_sec - echo.at.tv_sec) * 1e3 +
			 (double)(now.tv_nsec - echo.at.tv_nsec) / 1e6;
	result->ttl = ip.ttl;
	result->received++;
	return true;
}

static long ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
}

static int await_reply(const struct pinger *pinger, int number, int timeout_ms, struct ping *result)
{
	struct timespec start;
	unsigned char packet[2048];
	long left;

	clock_gettime(CLOCK_MONOTONIC, &start);
	/* What arrives meanwhile may be another's: the time runs on. */
	while ((left = timeout_ms - ms_since(&start)) > 0) {
		struct pollfd fd = { .fd = pinger->fd, .events = POLLIN };
		int ready = poll(&fd, 1, (int)left);
		if (ready < 0 && errno != EINTR)
			return -1;
		if (ready <= 0)
			continue;
		ssize_t n = recv(pinger->fd, packet, sizeof(packet), MSG_DONTWAIT);
		if (n > 0 && take_reply(pinger, packet, (size_t)n, number, result))
			return 0;
	}
	return 0;
}

int ping(const char *address, int count, int timeout_ms, struct ping *result)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct pinger pinger;
	int status = 0;

	*result = (struct ping){ 0 };
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1) {
		sys_failure_set(EINVAL, "ping", address, "This is no IPv4 address.",
				"For example 10.0.0.2.");
		return -1;
	}
	if (open_pinger(&pinger) < 0)
		return -1;
	for (int i = 1; i <= count && status == 0; i++) {
		status = send_echo(&pinger, i, &to, address);
		result->sent += status == 0;
		if (status == 0)
			status = await_reply(&pinger, i, timeout_ms, result);
	}
	int saved = errno;
	close(pinger.fd);
	errno = saved;
	return status;
}
