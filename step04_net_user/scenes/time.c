/*
 * time.c: clocks: one that is everybody's, and two that can be one's own.
 */
#define _GNU_SOURCE
#include "box.h"
#include "scenes.h"
#include "step04_net_user/given/time_ns.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long ns_of_time(const struct timespec *t)
{
	return t->tv_sec * 1000000000LL + t->tv_nsec;
}

static const char *wall(const struct timespec *t, char *text, size_t size)
{
	struct tm tm;

	gmtime_r(&t->tv_sec, &tm);
	size_t n = strftime(text, size, "%H:%M:%S", &tm);
	snprintf(text + n, size - n, ".%06ld", t->tv_nsec / 1000);
	return text;
}

static bool has_cap(int cap)
{
	facts_forget();
	return facts_cap(host_facts_of(FACTS_SELF), cap);
}

/* Takes one capability from this process, for good. */
static int drop_capability(int cap)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return -1;
	data[cap / 32].effective &= ~(1u << (cap % 32));
	data[cap / 32].permitted &= ~(1u << (cap % 32));
	data[cap / 32].inheritable = 0;
	return SYS((int)syscall(SYS_capset, &head, data), cap);
}

/* ---- wall-clock ---- */

struct clocks {
	struct timespec now; /* as the container read it */
	bool cap;
	int error; /* of clock_settime */
	unsigned long user_ns;
};

/* The clock is set to what it shows at that moment: should the kernel ever allow it, next to
 * nothing happens. */
static int set_clock_to_now(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return errno;
	return SYS_MAY(clock_settime(CLOCK_REALTIME, &now), "CLOCK_REALTIME", EPERM) < 0 ? errno
											 : 0;
}

static int be_without_capability(struct box *self)
{
	struct clocks *seen = self->script;

	if (drop_capability(CAP_SYS_TIME) < 0)
		return -1;
	if ((seen->cap = has_cap(CAP_SYS_TIME)))
		return -1; /* never set the clock of a host */
	seen->user_ns = (unsigned long)ns_identity(0, "user").ino;
	seen->error = set_clock_to_now();
	return box_wait(self);
}

static int be_root_in_there(struct box *self)
{
	struct clocks *seen = self->script;

	clock_gettime(CLOCK_REALTIME, &seen->now);
	seen->cap = has_cap(CAP_SYS_TIME);
	seen->user_ns = (unsigned long)ns_identity(0, "user").ino;
	seen->error = set_clock_to_now();
	return box_wait(self);
}

static const char *answer_of(int error)
{
	return error ? strerror(error) : "it is set";
}

void scene_wall_clock(void)
{
	struct clocks *plain = box_memory(sizeof(*plain)), *root = box_memory(sizeof(*root));
	struct box box = { .part = be_without_capability, .script = plain };
	struct box rootbox = { .part = be_root_in_there, .script = root };
	struct timespec before, after;
	char text[32];

	box_start(&rootbox,
		  CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET);
	act("A container of five namespaces reads the clock between two looks of ours:");
	heads("HOST", "CONTAINER");
	clock_gettime(CLOCK_REALTIME, &before);
	box_map(&rootbox, your_map());
	clock_gettime(CLOCK_REALTIME, &after);
	row("before", "%s", wall(&before, text, sizeof(text)));
	row("", "\t%s", wall(&root->now, text, sizeof(text)));
	row("after", "%s", wall(&after, text, sizeof(text)));
	act("Each tries clock_settime(CLOCK_REALTIME, now):");
	box_start(&box, 0);
	heads("WITHOUT CAP_SYS_TIME", "ROOT OF A USER NAMESPACE");
	row("user ns", "%lu\t%lu", plain->user_ns, root->user_ns);
	row("capability", "%s\t%s", plain->cap ? "yes" : "no",
	    root->cap ? "yes, over its own namespace" : "no");
	row("answer", "%s\t%s", answer_of(plain->error), answer_of(root->error));
	value("plain_errno", "%d", plain->error);
	value("root_errno", "%d", root->error);
	value("inside_realtime", "%lld", (long long)root->now.tv_sec);
	check(ns_of_time(&before) <= ns_of_time(&root->now) &&
		      ns_of_time(&root->now) <= ns_of_time(&after),
	      "the container's clock should lie between our two looks");
	check(!plain->cap && root->cap,
	      "CAP_SYS_TIME should be missing on the left and there on the right");
	check(plain->error == EPERM, "without the capability it should be EPERM, is: %s",
	      answer_of(plain->error));
	check(root->error == EPERM, "for root in there it should be EPERM, is: %s",
	      answer_of(root->error));
	verdict("one clock; no namespace holds it, so no root of one may set it");
	box_end(&box);
	box_end(&rootbox);
}

/* ---- wall-clock-really: in a guest ---- */

enum { AN_HOUR = 3600 };

static int set_an_hour_on(struct box *self)
{
	struct clocks *seen = self->script;
	struct timespec now;

	if (box_wait(self) < 0 || clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -1;
	now.tv_sec += AN_HOUR;
	if (SYS(clock_settime(CLOCK_REALTIME, &now), "CLOCK_REALTIME") < 0)
		return -1;
	clock_gettime(CLOCK_REALTIME, &seen->now);
	return box_wait(self);
}

/* What the clock would show now had nobody touched it: then, and what the monotonic clock, which
 * nobody can set, says has passed. */
static struct timespec untouched(const struct timespec *then, const struct timespec *monotonic_then)
{
	struct timespec monotonic;

	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	long long ns = ns_of_time(then) + ns_of_time(&monotonic) - ns_of_time(monotonic_then);
	return (struct timespec){ .tv_sec = ns / 1000000000LL, .tv_nsec = ns % 1000000000LL };
}

/* How far the clock is from that. Others may run between the two looks: the best of three. */
static long long off_ms(const struct timespec *then, const struct timespec *monotonic_then)
{
	long long best = LLONG_MAX;

	for (int tries = 0; tries < 3; tries++) {
		struct timespec now, right = untouched(then, monotonic_then);
		clock_gettime(CLOCK_REALTIME, &now);
		long long off = llabs(ns_of_time(&now) - ns_of_time(&right)) / 1000000LL;
		best = off < best ? off : best;
	}
	return best;
}

void scene_wall_clock_really(void)
{
	struct clocks *seen = box_memory(sizeof(*seen));
	struct box box = { .part = set_an_hour_on, .script = seen };
	struct timespec before, monotonic, moved, back;
	char text[32];

	/* Root with the host's user namespace: the capability counts. All other namespaces are its
	 * own. */
	box_start(&box, CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET);
	heads("HOST", "CONTAINER");
	clock_gettime(CLOCK_REALTIME, &before);
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	row("before", "%s", wall(&before, text, sizeof(text)));
	box_go(&box);
	clock_gettime(CLOCK_REALTIME, &moved);
	struct timespec right = untouched(&before, &monotonic);
	if (SYS(clock_settime(CLOCK_REALTIME, &right), "CLOCK_REALTIME") < 0)
		fail_scene();
	/* On a busy machine others may run between the reading and the setting: once more. */
	for (int tries = 0; tries < 5 && off_ms(&before, &monotonic) > 10; tries++) {
		right = untouched(&before, &monotonic);
		if (SYS(clock_settime(CLOCK_REALTIME, &right), "CLOCK_REALTIME") < 0)
			fail_scene();
	}
	long long off = off_ms(&before, &monotonic);
	clock_gettime(CLOCK_REALTIME, &back);
	row("sets it", "\t%s", wall(&seen->now, text, sizeof(text)));
	row("after", "%s", wall(&moved, text, sizeof(text)));
	row("put back", "%s   by the monotonic clock", wall(&back, text, sizeof(text)));
	long long jump = (ns_of_time(&moved) - ns_of_time(&before)) / 1000000000LL;
	value("jump_seconds", "%lld", jump);
	value("off_ms", "%lld", off);
	check(jump >= AN_HOUR && jump < AN_HOUR + 60,
	      "the host's clock should have jumped an hour, it jumped %lld s", jump);
	check(off < 1000, "put back it should be right to a second, it is %lld ms off", off);
	verdict("the container moved the host's clock by %lld s; it is back", jump);
	box_end(&box);
}

/* ---- time-ns ---- */

static const struct time_offsets offsets = { .monotonic.tv_sec = 86400,
					     .boottime.tv_sec = 7 * 86400 };

struct readings {
	double monotonic, boottime, realtime, uptime; /* seconds; the last from /proc/uptime */
};

static double seconds_of(clockid_t clock)
{
	struct timespec t = { 0 };

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void read_clocks(struct readings *clocks)
{
	char text[64] = "";

	clocks->monotonic = seconds_of(CLOCK_MONOTONIC);
	clocks->boottime = seconds_of(CLOCK_BOOTTIME);
	clocks->realtime = seconds_of(CLOCK_REALTIME);
	read_file_at(scene_proc(), "uptime", text, sizeof(text));
	clocks->uptime = strtod(text, NULL);
}

static int read_in_there(struct box *self)
{
	read_clocks(self->script);
	return box_wait(self);
}

/* A clock of the container's lies between our own two looks, less the shift; uptime has hundredths
 * only. However long a busy machine takes between the looks. */
static bool shifted_by(double before, double there, double after, double shift)
{
	return before + shift <= there + 0.02 && there <= after + shift + 0.02;
}

static void clock_row(const char *name, double here, double there)
{
	row(name, "%.0f\t%.0f   %+.0f", here, there, there - here);
}

static void judge_clocks(const struct readings *before, const struct readings *there,
			 const struct readings *after)
{
	double day = (double)offsets.monotonic.tv_sec, week = (double)offsets.boottime.tv_sec;

	value("monotonic_shift", "%.0f", there->monotonic - before->monotonic);
	value("boottime_shift", "%.0f", there->boottime - before->boottime);
	value("realtime_shift", "%.0f", there->realtime - before->realtime);
	value("between_looks", "%.0f", after->monotonic - before->monotonic);
	check(shifted_by(before->monotonic, there->monotonic, after->monotonic, day),
	      "MONOTONIC should be a day on, is %.2f s", there->monotonic - before->monotonic);
	check(shifted_by(before->boottime, there->boottime, after->boottime, week),
	      "BOOTTIME should be a week on, is %.2f s", there->boottime - before->boottime);
	check(shifted_by(before->uptime, there->uptime, after->uptime, week),
	      "uptime should follow BOOTTIME, is %.2f s on", there->uptime - before->uptime);
	check(shifted_by(before->realtime, there->realtime, after->realtime, 0),
	      "REALTIME should be the same, is %.2f s off", there->realtime - before->realtime);
}

void scene_time_ns(void)
{
	struct readings before, after, *there = box_memory(sizeof(*there));
	struct box box = { .part = read_in_there, .script = there };
	struct time_offsets written;

	act("unshare(CLONE_NEWTIME), then two lines into /proc/self/timens_offsets");
	if (time_ns_unshare(&offsets) < 0 || time_ns_read(scene_proc(), 0, &written) < 0)
		fail_scene();
	show("cat /proc/self/timens_offsets          seconds, for the children to come");
	evidence("monotonic %lld   boottime %lld", (long long)written.monotonic.tv_sec,
		 (long long)written.boottime.tv_sec);
	read_clocks(&before);
	box_start(&box, 0);
	read_clocks(&after);
	heads("HOST", "CONTAINER");
	row("time ns", "%lu\t%lu", (unsigned long)ns_identity(0, "time").ino,
	    (unsigned long)ns_identity(box.child.pid, "time").ino);
	clock_row("MONOTONIC", before.monotonic, there->monotonic);
	clock_row("BOOTTIME", before.boottime, there->boottime);
	clock_row("uptime", before.uptime, there->uptime);
	clock_row("REALTIME", before.realtime, there->realtime);
	judge_clocks(&before, there, &after);
	verdict("a day and a week older by two clocks, not a second by the third");
	box_end(&box);
}
