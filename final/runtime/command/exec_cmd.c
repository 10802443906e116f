/*
 * exec_cmd.c: exec.
 */
#define _GNU_SOURCE
#include "command_line.h"
#include "commands.h"
#include "final/runtime/exec.h"
#include "final/runtime/foreground/attend.h"
#include "final/runtime/foreground/streams.h"
#include "final/runtime/spec/spec_words.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/escape.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXEC_FAILED = 255 }; /* as runc: told from the command's own status */

struct exec_options {
	const char *process_file, *cwd, *user, *apparmor, *label, *console_socket;
	const char *pid_file, *pidfd_socket;
	struct option_list env, groups, caps, cgroups;
	bool tty, detach, no_new_privs, ignore_paused, no_subreaper;
	int preserve_fds;
	char **args;
};

static int failed(void)
{
	command_failed();
	return EXEC_FAILED;
}

static int refuse(const char *option, const char *cause)
{
	command_refuse(option, cause, NULL);
	return -1;
}

static int parse(int argc, char **argv, struct exec_options *o)
{
	const struct option_row rows[] = {
		{ "console-socket", 0, OPTION_TEXT, &o->console_socket,
		  "PATH: the socket that gets the terminal" },
		{ "cwd", 0, OPTION_TEXT, &o->cwd, "DIR: the working directory inside" },
		{ "env", 'e', OPTION_LIST, &o->env, "NAME=VALUE, more than once" },
		{ "tty", 't', OPTION_FLAG, &o->tty, "with a terminal" },
		{ "user", 'u', OPTION_TEXT, &o->user, "UID[:GID]" },
		{ "additional-gids", 'g', OPTION_LIST, &o->groups, "GID, more than once" },
		{ "process", 'p', OPTION_TEXT, &o->process_file,
		  "FILE: a \"process\" as config.json has it" },
		{ "detach", 'd', OPTION_FLAG, &o->detach, "do not wait for its end" },
		{ "pid-file", 0, OPTION_TEXT, &o->pid_file, "FILE: gets the process's number" },
		{ "pidfd-socket", 0, OPTION_TEXT, &o->pidfd_socket,
		  "PATH: the socket that gets a pidfd of it" },
		{ "process-label", 0, OPTION_TEXT, &o->label, "refused: SELinux" },
		{ "apparmor", 0, OPTION_TEXT, &o->apparmor, "PROFILE" },
		{ "no-new-privs", 0, OPTION_FLAG, &o->no_new_privs, "no_new_privs is set" },
		{ "cap", 'c', OPTION_LIST, &o->caps, "CAP_NAME, more than once" },
		{ "preserve-fds", 0, OPTION_NUMBER, &o->preserve_fds,
		  "N: so many descriptors from 3 on are the command's" },
		{ "cgroup", 0, OPTION_LIST, &o->cgroups,
		  "[CONTROLLER:]PATH below the container's group" },
		{ "ignore-paused", 0, OPTION_FLAG, &o->ignore_paused,
		  "also in a paused container" },
		{ "no-subreaper", 0, OPTION_FLAG, &o->no_subreaper, "taken" },
		{ NULL, 0, OPTION_FLAG, NULL, NULL },
	};
	const struct option_table table = { "exec [OPTIONS] CONTAINER-ID COMMAND [ARGUMENTS]",
					    "exec - another process in a container", rows, 1, -1 };
	int first = command_line(&table, argc, argv);

	if (first < 0)
		return first;
	o->args = argv + first + 1;
	if (!o->process_file && !*o->args)
		return refuse("exec", "process args cannot be empty");
	if (o->label)
		return refuse("--process-label", "SELinux labels are not acted on.");
	return first;
}

/* ---- what is to run ---- */

static int number_of(const char *text, unsigned *out)
{
	char *end;

	errno = 0;
	unsigned long number = strtoul(text, &end, 10);
	if (!*text || *text == '-' || *end || errno || number > 4294967294UL)
		return -1;
	*out = (unsigned)number;
	return 0;
}

static int set_user(const char *user, struct spec_process *process)
{
	char first[32];
	const char *colon = strchrnul(user, ':');

	snprintf(first, sizeof(first), "%.*s", (int)(colon - user), user);
	process->gid = 0;
	if (number_of(first, &process->uid) < 0 ||
	    (*colon && number_of(colon + 1, &process->gid) < 0))
		return refuse("--user", "It is UID or UID:GID, numbers.");
	return 0;
}

/* Not inheritable, and so not ambient: with an inheritable set that is not empty a file's own
 * inheritable capabilities would count inside (CVE-2022-29162). */
static int add_caps(const struct option_list *caps, struct spec_capabilities *sets)
{
	for (int i = 0; i < caps->count; i++) {
		int cap = spec_capability(caps->item[i]);
		if (cap < 0) {
			dprintf(2,
				"minibox-runtime: warning: --cap: %s is no capability that is "
				"known here; it is left out\n",
				SHOWN(caps->item[i]));
			continue;
		}
		uint64_t bit = (uint64_t)1 << cap;
		sets->bounding |= bit;
		sets->effective |= bit;
		sets->permitted |= bit;
	}
	return 0;
}

static int add_groups(const struct option_list *groups, struct spec_process *process)
{
	size_t count = (size_t)process->additional_gid_count + (size_t)groups->count;
	gid_t *all = groups->count ? realloc(process->additional_gids, count * sizeof(*all)) : NULL;

	if (!groups->count)
		return 0;
	if (!all)
		return -1;
	process->additional_gids = all;
	for (int i = 0; i < groups->count; i++)
		if (number_of(groups->item[i], &all[process->additional_gid_count++]) < 0)
			return refuse("--additional-gids", "They are numbers.");
	return 0;
}

/* Ours come last: of two of a name identity_environment() takes that. */
static int add_env(const struct option_list *list, struct spec_process *process)
{
	size_t count = 0;

	while (process->env && process->env[count])
		count++;
	char **env = calloc(count + (size_t)list->count + 1, sizeof(*env));
	if (!env)
		return -1;
	for (int i = 0; i < list->count; i++)
		if (strchr(list->item[i], '=') <= list->item[i]) {
			free(env);
			return refuse("--env", "It is NAME=VALUE.");
		}
	for (int i = 0; i < list->count; i++)
		env[count + (size_t)i] = (char *)(uintptr_t)list->item[i];
	for (size_t i = 0; i < count; i++)
		env[i] = process->env[i];
	free(process->env);
	process->env = env;
	return 0;
}

/* The container's own process, changed by the options. */
static int from_options(const struct exec_options *o, struct spec_process *process)
{
	size_t count = 0;

	while (o->args[count])
		count++;
	free(process->args);
	process->args = calloc(count + 1, sizeof(*process->args));
	if (!process->args)
		return -1;
	memcpy(process->args, o->args, count * sizeof(*process->args));
	process->terminal = o->tty;
	process->no_new_privileges |= o->no_new_privs;
	if (o->cwd && o->cwd[0] != '/')
		return refuse("--cwd", "It must be an absolute path.");
	if (o->cwd)
		process->cwd = o->cwd;
	if (o->apparmor)
		process->apparmor_profile = o->apparmor;
	if (o->user && set_user(o->user, process) < 0)
		return -1;
	return add_caps(&o->caps, &process->capabilities) < 0 || add_groups(&o->groups, process) < 0
		       ? -1
		       : add_env(&o->env, process);
}

static int from_file(const char *path, struct spec_process *process, struct json_object **json)
{
	size_t length = 0;
	char *text = SYS(read_whole_at(AT_FDCWD, path, &length), path);
	int result = text ? spec_parse_process(text, length, process, json) : -1;

	free_keeping_errno(text);
	return result;
}

/* ---- running it ---- */

static int run_detached(const struct box *box, const struct spec *spec,
			struct exec_request *request, const struct exec_options *o)
{
	struct container container;

	if (request->process->terminal) {
		if (!o->console_socket) {
			sys_failure_set(EINVAL, "exec", "--detach",
					"cannot allocate tty if runc will detach without setting "
					"console socket",
					"--console-socket PATH, or no --tty.");
			return -1;
		}
		request->console = runtime_connect_console(o->console_socket);
		if (request->console < 0)
			return -1;
	}
	int result = runtime_exec(box, spec, request, &container);
	if (result == 0)
		container_leave(&container);
	return result;
}

static int run_attended(const struct box *box, const struct spec *spec,
			struct exec_request *request, int *status)
{
	struct container container;
	struct streams streams;

	if (streams_open(&streams, request->process->terminal, 1) < 0)
		return -1;
	if (request->process->terminal)
		request->console = streams.console[1];
	for (int i = 0; i < 3; i++)
		request->stdio[i] = streams.stdio[i];
	request->dies_with_caller = true;
	int signals = attend_signals();
	int result = signals < 0 ? -1 : runtime_exec(box, spec, request, &container);
	if (result == 0 && (result = streams_started(&streams)) == 0)
		result = attend(&container, &streams, signals, status);
	streams_close(&streams);
	return result;
}

int runtime_cmd_exec(int argc, char **argv)
{
	static struct exec_options o;
	static struct runtime_root root;
	static struct box box;
	static struct spec spec;
	static struct spec_process process;
	struct json_object *json = NULL;
	int first = parse(argc, argv, &o), status = 0;

	if (first < 0)
		return first == -2 ? 0 : sys_failure()->err ? EXEC_FAILED : 1;
	if (command_box(&root, argv[first], BOX_LOOK, &box) < 0 || spec_read(box.dir, &spec) < 0)
		return failed();
	if (o.process_file) {
		if (from_file(o.process_file, &process, &json) < 0)
			return failed();
	} else {
		process = spec.process;
		if (from_options(&o, &process) < 0)
			return sys_failure()->err ? EXEC_FAILED : failed();
	}
	if (o.tty)
		process.terminal = true;
	struct exec_request request = { .process = &process,
					.console = -1,
					.stdio = { -1, -1, -1 },
					.preserve_fds = o.preserve_fds,
					.pid_file = o.pid_file,
					.pidfd_socket = o.pidfd_socket,
					.groups = o.cgroups.item,
					.ignore_paused = o.ignore_paused };
	int result = o.detach || o.console_socket ? run_detached(&box, &spec, &request, &o)
						  : run_attended(&box, &spec, &request, &status);
	return result < 0 ? failed() : status;
}
