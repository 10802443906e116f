/*
 * events_cmd.c: events: what a container uses, and when its memory has run out.
 */
#define _GNU_SOURCE
#include "commands.h"
#include "command_line.h"
#include "final/runtime/clock.h"
#include "final/runtime/oom_watch.h"
#include "final/runtime/stats.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <json-c/json.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "5s", "500ms", "1m30s", as Go's durations. Returns milliseconds, or -1. */
static long parse_interval(const char *text)
{
	double all = 0;

	do {
		char *end;
		double number = strtod(text, &end);
		if (end == text || !(number >= 0) || strpbrk(text, "xXnN+-eE") == text)
			return -1;
		if (strncmp(end, "ms", 2) == 0) {
			all += number;
			text = end + 2;
		} else if (*end == 's' || *end == 'm' || *end == 'h') {
			all += number * (*end == 's' ? 1e3 : *end == 'm' ? 60e3 : 3600e3);
			text = end + 1;
		} else {
			return -1;
		}
	} while (*text);
	return all >= 1 && all <= INT_MAX ? (long)all : -1;
}

/* A line. The container may have ended meanwhile: then there is nothing to tell. */
static int say(const char *type, const char *id, struct json_object *data)
{
	struct json_object *line = json_object_new_object();

	json_object_object_add(line, "type", json_object_new_string(type));
	json_object_object_add(line, "id", json_object_new_string(id));
	if (data)
		json_object_object_add(line, "data", data);
	printf("%s\n", json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN));
	json_object_put(line);
	if (fflush(stdout) == 0)
		return 0;
	sys_failure_set(errno, "write", "standard output", NULL, NULL);
	return -1;
}

/* Until the container has ended. */
static int follow(const struct box *box, const struct cgroup *group, long interval)
{
	struct oom_watch watch;
	int pidfd = box_pidfd(box), result;
	long next = now_ms() + interval;

	if (pidfd < 0) /* ESRCH: it has ended meanwhile */
		return errno == ESRCH ? 0 : -1;
	result = oom_watch_open(group, &watch);
	while (result == 0) {
		struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN },
					{ .fd = watch.fd, .events = watch.events } };
		long left = next - now_ms();
		int ready = poll(fds, 2, left < 0 ? 0 : (int)left);
		if (ready < 0 && errno != EINTR)
			result = SYS(ready, "poll");
		if (oom_watch_happened(&watch))
			result = say("oom", box->id, NULL);
		if (fds[0].revents)
			break;
		if (result == 0 && now_ms() >= next) {
			result = say("stats", box->id, stats_of(group));
			next += interval;
		}
	}
	oom_watch_close(&watch);
	close_keeping_errno(pidfd);
	return result;
}

int runtime_cmd_events(int argc, char **argv)
{
	const char *interval = "5s";
	bool stats = false;
	const struct option_row rows[] = {
		{ "interval", 0, OPTION_TEXT, &interval, "DURATION between two lines, as 5s" },
		{ "stats", 0, OPTION_FLAG, &stats, "one line, now" },
		{ NULL, 0, OPTION_FLAG, NULL, NULL },
	};
	const struct option_table table = { "events [OPTIONS] CONTAINER-ID",
					    "events - what a container uses, and OOM kills in it",
					    rows, 1, 1 };
	static struct runtime_root root;
	static struct box box;
	struct cgroup group;
	int first = command_line(&table, argc, argv);

	if (first < 0)
		return first == -2 ? 0 : 1;
	long ms = parse_interval(interval);
	if (ms < 0)
		return command_refuse("--interval", "duration interval must be greater than 0",
				      "A duration as 5s or 500ms.");
	if (command_box(&root, argv[first], BOX_LOOK, &box) < 0)
		return command_failed();
	enum box_status status = box_status(&box);
	if (status == BOX_STOPPED || status == BOX_UNKNOWN) {
		box_close(&box);
		return status == BOX_UNKNOWN
			       ? command_failed()
			       : command_refuse(argv[first], "container not running", NULL);
	}
	int result = box_groups(&box, &group);
	group_learn(&group);
	if (result == 0)
		result = stats ? say("stats", box.id, stats_of(&group)) : follow(&box, &group, ms);
	int saved = errno;
	group_close(&group);
	box_close(&box);
	errno = saved;
	return result < 0 ? command_failed() : 0;
}
