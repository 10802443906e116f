/*
 * options.c: reading a step's command line.
 */
#define _GNU_SOURCE
#include "demo.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USAGE = 2 };

enum option_code {
	OPT_ALL = 256,
	OPT_SCENE,
	OPT_LIST,
	OPT_PAUSE,
	OPT_PREDICT,
	OPT_EXPLAIN,
	OPT_BREAK,
	OPT_JSON,
	OPT_LOG,
	OPT_HELP,
	OPT_CPU,
	OPT_MEMORY,
	OPT_PIDS,
};

static const struct option long_options[] = {
	{ "all", no_argument, NULL, OPT_ALL },
	{ "scene", required_argument, NULL, OPT_SCENE },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "pause", no_argument, NULL, OPT_PAUSE },
	{ "predict", no_argument, NULL, OPT_PREDICT },
	{ "explain", no_argument, NULL, OPT_EXPLAIN },
	{ "break", required_argument, NULL, OPT_BREAK },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "hostname", required_argument, NULL, 'h' },
	{ "cpu", required_argument, NULL, OPT_CPU },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "pids", required_argument, NULL, OPT_PIDS },
	{ "volume", required_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

/* Which step brings an option of -- CMD. */
static const struct {
	int code, step;
	const char *help;
} run_options[] = {
	{ 'h', 3, "-h, --hostname NAME   the container's host name" },
	{ OPT_CPU, 5, "--cpu 20%             CPU quota, of one CPU" },
	{ OPT_MEMORY, 5, "--memory 64m          memory limit (k, m, g)" },
	{ OPT_PIDS, 5, "--pids 32             most processes and threads" },
	{ 'v', 7, "-v [SRC:]DST[:ro]     a volume; may be repeated" },
};

static int help(const struct demo *demo)
{
	printf("%s: %s\n\n"
	       "  bin/%s, with none of these: the core scenes, narrated\n"
	       "  --all            every scene\n"
	       "  --scene NAME     one\n"
	       "  --list           their names, claims, needs and breaks\n"
	       "  --pause          a key between acts: space on, b back, r again, s skip, q quit\n"
	       "  --predict        ask first, then show\n"
	       "  --explain        every system call as it happens, on standard error\n"
	       "  --break NAME     leave that call out, and see what it was for\n"
	       "  --json           one object a line and scene\n"
	       "  --log FILE       the same objects into FILE, besides the narration\n"
	       "  -- CMD...        run CMD in what has been built so far\n",
	       demo->name, demo->title, demo->name);
	for (size_t i = 0; i < sizeof(run_options) / sizeof(*run_options); i++)
		if (run_options[i].step <= demo->step)
			printf("      %s\n", run_options[i].help);
	if (demo->command_help)
		printf("%s", demo->command_help);
	printf("\nExit status: 0 every claim held, 1 one failed, 2 bad usage, 77 nothing could\n"
	       "run here; of -- CMD: the command's, 128 + signal, 125 our failure, 126 cannot\n"
	       "run, 127 not found. SIGTERM is handed on to a CMD that has a handler for it;\n"
	       "otherwise, or a second later, it ends everything: 143.\n");
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	dprintf(2, "%s: cannot write the help: %s\n", demo->name, strerror(errno));
	return 1;
}

static int usage(const struct demo *demo, const char *what, const char *about)
{
	dprintf(2, "%s: %s%s%s\n  try: bin/%s --help\n", demo->name, what, about ? ": " : "",
		about ? about : "", demo->name);
	return USAGE;
}

/* A break by that name, but of another scene than the one that was asked for. */
static bool break_of_another(const struct demo *demo, const char *asked, const char *name)
{
	for (const struct scene *scene = demo->scenes; scene->name; scene++)
		for (int i = 0; asked && scene->breaks[i].name; i++)
			if (strcmp(scene->breaks[i].name, name) == 0) {
				dprintf(2,
					"%s: the break \"%s\" belongs to the scene %s, not to %s\n"
					"  try: bin/%s --break %s\n",
					demo->name, name, scene->name, asked, demo->name, name);
				return true;
			}
	return false;
}

static int unknown(const struct demo *demo, const char *what, const char *name, bool breaks)
{
	dprintf(2, "%s: no %s named \"%s\"\n  there are:", demo->name, what, name);
	for (const struct scene *scene = demo->scenes; scene->name; scene++) {
		if (!breaks)
			dprintf(2, " %s", scene->name);
		for (int i = 0; breaks && scene->breaks[i].name; i++)
			dprintf(2, " %s", scene->breaks[i].name);
	}
	dprintf(2, "\n");
	return USAGE;
}

static bool has_scene(const struct demo *demo, const char *name)
{
	for (const struct scene *scene = demo->scenes; scene->name; scene++)
		if (strcmp(scene->name, name) == 0)
			return true;
	return false;
}

static bool has_break(const struct demo *demo, const char *scene_name, const char *name)
{
	for (const struct scene *scene = demo->scenes; scene->name; scene++)
		for (int i = 0; scene->breaks[i].name; i++)
			if (strcmp(scene->breaks[i].name, name) == 0 &&
			    (!scene_name || strcmp(scene_name, scene->name) == 0))
				return true;
	return false;
}

/* For -- CMD, if this step has built it yet. Returns -1 or USAGE. */
static int run_option(const struct demo *demo, struct options *options, int code)
{
	static int volumes;

	for (size_t i = 0; i < sizeof(run_options) / sizeof(*run_options); i++)
		if (run_options[i].code == code && run_options[i].step > demo->step) {
			dprintf(2, "%s: that option comes with step %d: %s\n", demo->name,
				run_options[i].step, run_options[i].help);
			return USAGE;
		}
	if (code == 'h')
		options->hostname = optarg;
	if (code == OPT_CPU)
		options->cpu = optarg;
	if (code == OPT_MEMORY)
		options->memory = optarg;
	if (code == OPT_PIDS)
		options->pids = optarg;
	if (code == 'v') {
		options->volumes = reallocarray(options->volumes, (size_t)volumes + 2,
						sizeof(char *));
		if (!options->volumes)
			return usage(demo, "out of memory", NULL);
		options->volumes[volumes++] = optarg;
		options->volumes[volumes] = NULL;
	}
	return -1;
}

static int one_option(const struct demo *demo, struct options *options, int code, char **argv)
{
	char letter[] = "-?";

	switch (code) {
	case OPT_ALL:
		options->all = true;
		return -1;
	case OPT_SCENE:
		options->scene = optarg;
		return -1;
	case OPT_LIST:
		options->list = true;
		return -1;
	case OPT_PAUSE:
		options->pause = true;
		return -1;
	case OPT_PREDICT:
		options->predict = true;
		return -1;
	case OPT_EXPLAIN:
		options->explain = true;
		return -1;
	case OPT_BREAK:
		options->broken = optarg;
		return -1;
	case OPT_JSON:
		options->json = true;
		return -1;
	case OPT_LOG:
		options->log = optarg;
		return -1;
	case OPT_HELP:
		return help(demo);
	case ':':
		if (optopt == 'h' && run_options[0].step > demo->step) {
			return help(demo); /* no host name can be meant yet */
		}
		return usage(demo, "this option needs a value", argv[optind - 1]);
	case '?': /* of a letter the word may be "-xyz", and argv[optind - 1] the one before */
		letter[1] = (char)optopt;
		return usage(demo, "unknown option",
			     optopt > 0 && optopt < 256 ? letter : argv[optind - 1]);
	default:
		return run_option(demo, options, code);
	}
}

int options_parse(int argc, char **argv, const struct demo *demo, struct options *options)
{
	int code, status = -1;

	opterr = 0;
	while (status < 0 && (code = getopt_long(argc, argv, "+:h:v:", long_options, NULL)) != -1)
		status = one_option(demo, options, code, argv);
	if (status >= 0)
		return status;
	bool dashes = optind > 1 && strcmp(argv[optind - 1], "--") == 0;
	if (optind < argc && !dashes)
		return usage(demo, "a command stands after --", argv[optind]);
	if (dashes && (optind == argc || !argv[optind][0]))
		return usage(demo, "no command after --", NULL);
	if (dashes)
		options->argv = argv + optind;
	if (!options->argv && (options->hostname || options->cpu || options->memory ||
			       options->pids || options->volumes))
		return usage(demo, "this option is for a command: add -- CMD", NULL);
	if (options->scene && !has_scene(demo, options->scene))
		return unknown(demo, "scene", options->scene, false);
	if (options->broken && !has_break(demo, options->scene, options->broken))
		return break_of_another(demo, options->scene, options->broken)
			       ? USAGE
			       : unknown(demo, "break", options->broken, true);
	if (options->json && options->pause)
		return usage(demo, "--json and --pause exclude each other", NULL);
	return -1;
}
