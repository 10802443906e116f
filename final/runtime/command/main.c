/*
 * main.c: minibox-runtime, the command line over runtime.h.
 */
#define _GNU_SOURCE
#include "commands.h"
#include "command_line.h"
#include "spec_cmd.h"
#include "final/runtime/own_exe.h"

#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/escape.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct globals globals = { .log_format = "text", .cgroup_manager = "cgroupfs", .rootless = "auto" };

/* These two set the failure record and leave its words to the caller. */
static int spec_cmd(int argc, char **argv)
{
	int status = command_spec(argc, argv);

	return status == 1 && sys_failure()->err ? command_failed() : status;
}

static int features_cmd(int argc, char **argv)
{
	int status = command_features(argc, argv);

	return status == 1 && sys_failure()->err ? command_failed() : status;
}

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "create", runtime_cmd_create, "create a container; it waits for start" },
	{ "delete", runtime_cmd_delete, "remove what is left of a container" },
	{ "events", runtime_cmd_events, "what a container uses, and OOM kills in it" },
	{ "exec", runtime_cmd_exec, "another process in a container that runs" },
	{ "features", features_cmd, "print what config.json may say" },
	{ "kill", runtime_cmd_kill, "send a signal to a container's first process" },
	{ "list", runtime_cmd_list, "list the containers below --root" },
	{ "pause", runtime_cmd_pause, "stop all processes of a container" },
	{ "ps", runtime_cmd_ps, "show the processes of a container" },
	{ "resume", runtime_cmd_resume, "let them go on" },
	{ "run", runtime_cmd_run, "create, start, wait, delete" },
	{ "spec", spec_cmd, "write a config.json to begin with" },
	{ "start", runtime_cmd_start, "let a created container run its command" },
	{ "state", runtime_cmd_state, "print a container's state" },
	{ "update", runtime_cmd_update, "give a container other limits" },
};

static int help(FILE *to)
{
	fprintf(to, "minibox-runtime: an OCI runtime, built of the pieces of eight steps\n\n"
		    "  minibox-runtime [GLOBAL OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
	fprintf(to, "\nGlobal options: --root DIR, --log FILE, --log-format text|json, --debug,\n"
		    "--systemd-cgroup, --cgroup-manager cgroupfs|systemd|disabled,\n"
		    "--rootless true|false|auto, --explain, --version. COMMAND --help shows its own.\n");
	return to == stdout ? 0 : EXIT_USAGE;
}

static int version(void)
{
	printf("minibox-runtime version 1.0.0\nspec: 1.0.2\n");
	return 0;
}

static bool one_of(const char *text, const char *const words[])
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

/* What is not acted on is refused. */
static int check_globals(void)
{
	if (!one_of(globals.log_format, (const char *const[]){ "text", "json", NULL }))
		return command_refuse("--log-format", "The format is text or json.", NULL);
	if (!one_of(globals.cgroup_manager,
		    (const char *const[]){ "cgroupfs", "systemd", "disabled", NULL }))
		return command_refuse("--cgroup-manager", "It is cgroupfs, systemd or disabled.",
				      NULL);
	if (!one_of(globals.rootless, (const char *const[]){ "true", "false", "auto", NULL }))
		return command_refuse("--rootless", "It is true, false or auto.", NULL);
	return 0;
}

/* Those that make a process of the container: it could open our own file by its /proc/PID/exe. */
static const char *const makers[] = { "create", "exec", "run", NULL };

static int run(int argc, char **argv, char **all)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(argv[0], commands[i].name) != 0)
			continue;
		if (one_of(argv[0], makers) && own_exe_protect(all) < 0)
			return command_failed();
		if (globals.explain || globals.debug)
			sys_trace_to(fcntl(2, F_DUPFD_CLOEXEC, 10));
		sys_trace_as("runtime");
		return commands[i].run(argc, argv);
	}
	if (strcmp(argv[0], "help") == 0)
		return help(stdout);
	fprintf(stderr, "minibox-runtime: no command named \"%s\"\n", SHOWN(argv[0]));
	return help(stderr);
}

int runtime_main(int argc, char **argv)
{
	const struct option_row rows[] = {
		{ "root", 0, OPTION_TEXT, &globals.root, "DIR: where containers are recorded" },
		{ "log", 0, OPTION_TEXT, &globals.log, "FILE: failures are written there, too" },
		{ "log-format", 0, OPTION_TEXT, &globals.log_format, "text or json" },
		{ "debug", 0, OPTION_FLAG, &globals.debug, "as --explain" },
		{ "systemd-cgroup", 's', OPTION_FLAG, &globals.systemd_cgroup,
		  "systemd makes the cgroup" },
		{ "cgroup-manager", 0, OPTION_TEXT, &globals.cgroup_manager,
		  "cgroupfs, systemd or disabled" },
		{ "rootless", 0, OPTION_TEXT, &globals.rootless,
		  "true, false, auto: taken, and decided by what the kernel lets us do" },
		{ "criu", 0, OPTION_TEXT, &globals.criu, "taken, and not used" },
		{ "explain", 0, OPTION_FLAG, &globals.explain, "narrate the system calls" },
		{ "version", 'v', OPTION_FLAG, &globals.version, "print the version" },
		{ NULL, 0, OPTION_FLAG, NULL, NULL },
	};
	const struct option_table table = { .usage = "[GLOBAL OPTIONS] COMMAND ...",
					    .about = "minibox-runtime: an OCI runtime",
					    .rows = rows,
					    .most = -1 };
	int first = argc > 1 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
			    ? -2
			    : command_line(&table, argc, argv);

	if (first < 0)
		return first == -2 ? help(stdout) : EXIT_USAGE;
	if (globals.version)
		return version();
	if (check_globals() != 0)
		return 1;
	if (first == argc)
		return help(stderr);
	/* A reader that is gone (of the gate, of a pipe) is an error of write(2). */
	signal(SIGPIPE, SIG_IGN);
	return run(argc - first, argv + first, argv);
}
