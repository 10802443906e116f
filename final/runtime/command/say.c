/*
 * say.c: a failure, for a person and for a program.
 */
#define _GNU_SOURCE
#include "commands.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/escape.h"

#include <ctype.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The words that podman, containerd and docker derive 126 and 127 from. */
static void message_of_exec(const struct failure *failure, char *out, size_t size)
{
	const char *name = failure->subject;
	char why[64];

	/* execve(2) itself has failed: what was found by that name is no program, or the program
	 * that its #! line names is not there. */
	if (strncmp(failure->call, "execve(", 7) == 0) {
		snprintf(why, sizeof(why), "%s", strerror(failure->err));
		why[0] = (char)tolower((unsigned char)why[0]);
		snprintf(out, size, "exec %s: %s", name, why);
	} else if (failure->err == EACCES)
		snprintf(out, size, "exec: \"%s\": permission denied", name);
	else if (failure->err == ENOENT && !strchr(name, '/'))
		snprintf(out, size, "exec: \"%s\": executable file not found in $PATH", name);
	else if (failure->err == ENOENT)
		snprintf(out, size, "exec: \"%s\": stat %s: no such file or directory", name, name);
	else
		snprintf(out, size, "exec: \"%s\": %s", name, strerror(failure->err));
}

/* What clients look for in a runtime's words: where something failed, on what and why. No remedy:
 * its words would be taken for a reason (podman derives its exit status from them). */
static void message(const struct failure *failure, char *out, size_t size)
{
	size_t length;
	const char *call = sys_call_name(failure->call, &length);

	if (failure->at_exec)
		message_of_exec(failure, out, size);
	else if (failure->cause[0])
		snprintf(out, size, "%.*s %s: %s: %s", (int)length, call, failure->subject,
			 failure->cause, strerror(failure->err));
	else
		snprintf(out, size, "%.*s %s: %s", (int)length, call, failure->subject,
			 strerror(failure->err));
}

static void time_now(char out[40])
{
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(out, 40, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* One object, one write(2). */
static void log_json(int fd, const char *level, const char *text)
{
	struct json_object *object = json_object_new_object();
	char now[40], shown[1024];

	time_now(now);
	json_object_object_add(object, "level", json_object_new_string(level));
	json_object_object_add(object, "msg",
			       json_object_new_string(escape(shown, sizeof(shown), text, "\n\t")));
	json_object_object_add(object, "time", json_object_new_string(now));
	dprintf(fd, "%s\n",
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static void log_line(int fd, const char *level, const char *text)
{
	char now[40];

	if (strcmp(globals.log_format, "json") == 0) {
		log_json(fd, level, text);
		return;
	}
	time_now(now);
	dprintf(fd, "time=\"%s\" level=%s msg=\"%s\"\n", now, level, SHOWN(text));
}

static int open_log(void)
{
	int fd = open(globals.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);

	if (fd < 0)
		dprintf(2, "minibox-runtime: --log %s: %s\n", SHOWN(globals.log), strerror(errno));
	return fd;
}

static void write_log(const char *text)
{
	int fd = open_log();

	if (fd >= 0) {
		log_line(fd, "error", text);
		close(fd);
	}
}

static void write_debug(int fd, const char *who, const char *text)
{
	char line[1100];

	snprintf(line, sizeof(line), "%s: %s", who, text + strspn(text, " "));
	for (char *at = line; (at = strchr(at, '\x1f'));)
		*at = ' '; /* a blank at which the trace is not to be folded */
	log_line(fd, "debug", line);
}

void command_debug(void)
{
	int log = globals.log && *globals.log ? open_log() : -1;

	/* Away from 3 and what follows: those may be promised to the command. */
	sys_trace_to(fcntl(log < 0 ? 2 : log, F_DUPFD_CLOEXEC, 10));
	sys_trace_write_by(write_debug);
	if (log >= 0)
		close(log);
}

int command_failed(void)
{
	char text[1024];

	if (!sys_failure()->err)
		sys_failure_set(errno ? errno : EIO, "minibox-runtime", "", NULL, NULL);
	sys_failure_explain();
	message(sys_failure(), text, sizeof(text));
	if (globals.log && *globals.log) {
		/* A program has started us: it gets the same line as the log. */
		write_log(text);
		dprintf(2, "minibox-runtime: %s\n", SHOWN(text));
		return 1;
	}
	if (sys_failure()->at_exec)
		dprintf(2, "minibox-runtime: %s\n", SHOWN(text));
	/* A program, too: the command's own output may be on the same pipe. */
	if (sys_failure()->at_exec && !isatty(2))
		return 1;
	sys_failure_print(2, "minibox-runtime");
	return 1;
}

int command_refuse(const char *subject, const char *cause, const char *remedy)
{
	sys_failure_clear();
	sys_failure_set(EINVAL, "minibox-runtime", subject, cause, remedy);
	return command_failed();
}

int command_root(struct runtime_root *root)
{
	return runtime_root_open(globals.root, root);
}

int command_box(struct runtime_root *root, const char *id, enum box_how how, struct box *box)
{
	return command_root(root) < 0 ? -1 : box_open(root, id, how, box);
}
