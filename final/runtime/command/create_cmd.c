/*
 * create_cmd.c: create and run.
 */
#define _GNU_SOURCE
#include "commands.h"
#include "command_line.h"
#include "final/runtime/foreground/attend.h"
#include "final/runtime/foreground/streams.h"
#include "final/runtime/give_back.h"

#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct create_options {
	struct create_request request;
	bool no_subreaper, detach, keep;
};

/* The options of both; run has some more. */
static int parse(int argc, char **argv, const char *usage, const char *about,
		 struct create_options *options)
{
	struct create_request *request = &options->request;
	bool is_run = strcmp(argv[0], "run") == 0;
	const struct option_row rows[] = {
		{ "bundle", 'b', OPTION_TEXT, &request->bundle,
		  "DIR: the bundle; here, if not said" },
		{ "config", 'f', OPTION_TEXT, &request->config, "FILE: instead of config.json" },
		{ "console-socket", 0, OPTION_TEXT, &request->console_socket,
		  "PATH: the socket that gets the terminal" },
		{ "pid-file", 0, OPTION_TEXT, &request->pid_file,
		  "FILE: gets the process's number" },
		{ "pidfd-socket", 0, OPTION_TEXT, &request->pidfd_socket,
		  "PATH: the socket that gets a pidfd of the process" },
		{ "no-pivot", 0, OPTION_FLAG, &request->no_pivot,
		  "chroot(2) instead of pivot_root(2): where the root is an initial ramfs" },
		{ "no-new-keyring", 0, OPTION_FLAG, &request->no_new_keyring,
		  "leave the session keyring" },
		{ "preserve-fds", 0, OPTION_NUMBER, &request->preserve_fds,
		  "N: so many descriptors from 3 on are the command's" },
		{ is_run ? "no-subreaper" : NULL, 0, OPTION_FLAG, &options->no_subreaper,
		  "taken: the runtime is no subreaper" },
		{ "detach", 'd', OPTION_FLAG, &options->detach, "do not wait for the end" },
		{ "keep", 0, OPTION_FLAG, &options->keep, "do not delete it at the end" },
		{ NULL, 0, OPTION_FLAG, NULL, NULL },
	};
	const struct option_table table = {
		.usage = usage, .about = about, .rows = rows, .least = 1, .most = 1
	};
	int first = command_line(&table, argc, argv);

	if (first < 0)
		return first;
	request->id = argv[first];
	request->no_group = strcmp(globals.cgroup_manager, "disabled") == 0;
	request->systemd = globals.systemd_cgroup || strcmp(globals.cgroup_manager, "systemd") == 0;
	return 0;
}

/* LISTEN_FDS: descriptors of socket activation; sd_listen_fds(3). */
static void add_listen_fds(struct create_request *request)
{
	const char *text = getenv("LISTEN_FDS");
	const char *pid = getenv("LISTEN_PID");
	int count = text ? atoi(text) : 0, open = 0;

	/* For another process they are, and only its variables have come down to this one. */
	if (pid && *pid && atoi(pid) != getpid())
		return;
	while (open < count && fcntl(3 + open, F_GETFD) >= 0)
		open++;
	request->listen_fds = open;
	request->preserve_fds += open;
}

int runtime_cmd_create(int argc, char **argv)
{
	static struct create_options options;
	static struct created created;
	static struct runtime_root root;
	int parsed = parse(argc, argv, "create [OPTIONS] CONTAINER-ID",
			   "create - make a container, which waits for start", &options);

	if (parsed < 0)
		return parsed == -2 ? 0 : 1;
	add_listen_fds(&options.request);
	if (command_root(&root) < 0 || runtime_create(&root, &options.request, &created) < 0)
		return command_failed();
	created_close(&created);
	return 0;
}

/* ---- run ---- */

static int start_and_leave(struct created *created)
{
	struct notify notify;
	int result = runtime_start(&created->box, &notify);

	if (result < 0) {
		runtime_delete(&created->box, true);
	} else {
		box_let_go(&created->box);
		result = notify_wait(&notify, &created->box);
	}
	created_close(created);
	return result < 0 ? command_failed() : 0;
}

/* What another operation has deleted meanwhile is no failure: it was to go. */
static int remove_it(struct created *created)
{
	if (box_hold_again(&created->box) < 0)
		return errno == ENOENT ? 0 : -1;
	return runtime_delete(&created->box, true);
}

static int start_and_wait(struct created *created, struct streams *streams, int signals, bool keep)
{
	struct notify notify = { -1, -1 };
	int status = EXIT_OURS;

	created->container.notify = &notify;
	if (streams_started(streams) < 0 || runtime_start(&created->box, &notify) < 0) {
		status = command_failed();
	} else {
		/* While it runs, others may pause and delete it. */
		box_let_go(&created->box);
		give_back_memory(); /* we stay as long as it does */
		if (attend(&created->container, streams, signals, &status) < 0)
			status = command_failed();
	}
	sys_failure_clear();
	notify_close(&notify);
	container_leave(&created->container);
	box_let_go(&created->box);
	/* What is left needs a delete --force: that is no success, whatever the command's
	 * status. */
	if (!keep && remove_it(created) < 0) {
		command_failed();
		status = status ? status : 1;
	}
	created_close(created);
	return status;
}

/* The container's terminal, or its pipes: known when the spec is. */
static int open_streams(struct create_request *request, const struct spec *spec)
{
	struct streams *streams = request->arg;

	if (streams_open(streams, spec->process.terminal, 1) < 0)
		return -1;
	request->console = spec->process.terminal ? streams->console[1] : 0;
	for (int i = 0; i < 3; i++)
		request->stdio[i] = streams->stdio[i];
	return 0;
}

static int run_in_foreground(const struct runtime_root *root, struct create_options *options)
{
	static struct created created;
	static struct streams streams; /* the static options of the command point to it */
	int signals = attend_signals(), status;

	streams_none(&streams);
	options->request.prepare = open_streams;
	options->request.arg = &streams;
	options->request.dies_with_caller = true;
	if (signals < 0 || runtime_create(root, &options->request, &created) < 0)
		status = command_failed();
	else
		status = start_and_wait(&created, &streams, signals, options->keep);
	streams_close(&streams);
	return status;
}

int runtime_cmd_run(int argc, char **argv)
{
	static struct create_options options;
	static struct created created;
	static struct runtime_root root;
	int parsed = parse(argc, argv, "run [OPTIONS] CONTAINER-ID",
			   "run - create, start, wait for the end, delete", &options);

	if (parsed < 0)
		return parsed == -2 ? 0 : 1;
	add_listen_fds(&options.request);
	if (command_root(&root) < 0)
		return command_failed();
	if (!options.detach && !options.request.console_socket)
		return run_in_foreground(&root, &options);
	if (runtime_create(&root, &options.request, &created) < 0)
		return command_failed();
	return start_and_leave(&created);
}
