/*
 * minibox: a container runtime, linked from the pieces of the eight steps.
 */
#define _GNU_SOURCE
#include "final/engine/abilities.h"
#include "final/engine/commands.h"
#include "final/runtime/command/commands.h"

#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/meet/escape.h"
#include "step01_clone_pid/floor/host/ground.h"
#include "step08_init_reaper/given/register.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
	const char *more;   /* for --help; NULL: the command answers that itself */
	int without_ground; /* it acts on processes: the exit status where /proc is not ours; 0: it
			       says so itself */
} commands[] = {
	{ "run", command_run,
	  "run [OPTIONS] IMAGE [COMMAND...]   runs a command in a new container", NULL, EXIT_OURS },
	{ "doctor", command_doctor,
	  "doctor [--short | --json]          what this host can do, and how to mend it",
	  "A line a feature: ok or missing, by what, and the remedy; then which steps and scenes\n"
	  "run here. --short: a screen of what matters. --json: all of it, for scripts.",
	  0 },
	{ "inspector", command_inspector,
	  "inspector [CONTAINER|PID]          host and container side by side", NULL, 0 },
	{ "gc", command_gc,
	  "gc [--root DIR]                    removes what a killed minibox has left",
	  "Directories, groups and anonymous volumes of containers whose minibox is gone. `run` "
	  "does\n"
	  "so too before its own work; gc says what it finds.",
	  1 },
};

/* docker's commands that somebody will type. */
static const struct {
	const char *names, *instead;
} of_docker[] = {
	{ " ps container ", "minibox inspector shows what runs" },
	{ " exec attach ", "as root, nsenter -a -t PID sh; the PID is in minibox inspector" },
	{ " stop kill rm ", "end the minibox that runs it: kill PID; nothing of it stays" },
	{ " images image pull build load import ",
	  "minibox run busybox, or minibox run --rootfs DIR CMD" },
	{ " logs ", "minibox run ... >log 2>&1" },
	{ " create start restart pause unpause wait ", "minibox run" },
	{ " diff commit ", "bin/step06_overlay_rootfs diff DIR; its scene commit" },
	{ " volume network ", "minibox run -v NAME:DST, --network none" },
};

static int help(int fd, int status)
{
	int n = dprintf(fd, "minibox: containers, built step by step\n\n");

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		dprintf(fd, "  minibox %s\n", commands[i].help);
	dprintf(fd, "\nThe first one to try: minibox run busybox\n");
	if (n < 0)
		dprintf(2, "minibox: cannot write the help: %s\n", strerror(errno));
	return n < 0 ? 1 : status;
}

static int run(const struct command *command, int argc, char **argv)
{
	bool help = argc == 2 && strcmp(argv[1], "--help") == 0;

	/* A number in another namespace's /proc means another process than ours. */
	if (command->without_ground && !help && ground_check(NULL) != GROUND_GOOD) {
		ground_say("minibox");
		return command->without_ground;
	}
	if (!help || !command->more)
		return command->run(argc, argv);
	printf("minibox %s\n\n%s\n", command->help, command->more);
	return 0;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

static int unknown(const char *name)
{
	char word[32];

	snprintf(word, sizeof(word), " %s ", name);
	for (size_t i = 0; i < sizeof(of_docker) / sizeof(*of_docker); i++)
		if (strlen(name) < sizeof(word) - 2 && strstr(of_docker[i].names, word)) {
			dprintf(2, "minibox: docker has %s, minibox does not yet\n  try: %s\n",
				name, of_docker[i].instead);
			return EXIT_USAGE;
		}
	dprintf(2, "minibox: no command named \"%s\"\n", SHOWN(name));
	return help(2, EXIT_USAGE);
}

int main(int argc, char **argv)
{
	/* What we open must not land on 0 to 2, where it would be taken for a terminal or a log. */
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			return EXIT_OURS;
	/* A starter may have blocked all, or ignore SIGCHLD: then no status of a child is told. */
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGCHLD, SIG_DFL);
	/* What this process makes it must be able to use. A container has a mask of its own. */
	umask(umask(0) & 077);
	step08_register();
	minibox_abilities();
	/* Under its other name it is the runtime alone. own_exe_protect() executes it again by a
	 * descriptor, and keeps argv[0]. */
	if (strcmp(basename(argv[0]), "minibox-runtime") == 0)
		return runtime_main(argc, argv);
	if (argc < 2)
		return help(2, EXIT_USAGE);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    (strcmp(argv[1], "help") == 0 && argc == 2))
		return help(1, 0);
	const struct command *command = find(argv[1]);
	if (command)
		return run(command, argc - 1, argv + 1);
	command = strcmp(argv[1], "help") == 0 ? find(argv[2]) : NULL;
	if (command)
		return run(command, 2, (char *[]){ argv[2], (char[]){ "--help" }, NULL });
	return unknown(strcmp(argv[1], "help") == 0 ? argv[2] : argv[1]);
}
