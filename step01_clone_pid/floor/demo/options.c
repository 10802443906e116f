/*
 * options.c: reading a step's command line.
 */
#define _GNU_SOURCE
#include "demo.h"
#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/meet/escape.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An option's code is its place among known[]. */
enum option_code {
	OPT_ALL,
	OPT_SCENE,
	OPT_LIST,
	OPT_PAUSE,
	OPT_PREDICT,
	OPT_EXPLAIN,
	OPT_BREAK,
	OPT_JSON,
	OPT_LOG,
	OPT_HELP,
	OPT_HOSTNAME,
	OPT_CPU,
	OPT_MEMORY,
	OPT_PIDS,
	OPT_VOLUME,
	OPT_COMMAND, /* -- CMD */
	OPTIONS,
};

#define BIT(code) (1U << (code))

static const char *const known[OPTIONS] = {
	"--all", "--scene", "--list",	  "--pause", "--predict", "--explain", "--break",  "--json",
	"--log", "--help",  "--hostname", "--cpu",   "--memory",  "--pids",    "--volume", "-- CMD",
};

enum { CODE = 256 }; /* getopt's codes begin above its letters */

static const struct option long_options[] = {
	{ "all", no_argument, NULL, CODE + OPT_ALL },
	{ "scene", required_argument, NULL, CODE + OPT_SCENE },
	{ "list", no_argument, NULL, CODE + OPT_LIST },
	{ "pause", no_argument, NULL, CODE + OPT_PAUSE },
	{ "predict", no_argument, NULL, CODE + OPT_PREDICT },
	{ "explain", no_argument, NULL, CODE + OPT_EXPLAIN },
	{ "break", required_argument, NULL, CODE + OPT_BREAK },
	{ "json", no_argument, NULL, CODE + OPT_JSON },
	{ "log", required_argument, NULL, CODE + OPT_LOG },
	{ "help", no_argument, NULL, CODE + OPT_HELP },
	{ "hostname", required_argument, NULL, CODE + OPT_HOSTNAME },
	{ "cpu", required_argument, NULL, CODE + OPT_CPU },
	{ "memory", required_argument, NULL, CODE + OPT_MEMORY },
	{ "pids", required_argument, NULL, CODE + OPT_PIDS },
	{ "volume", required_argument, NULL, CODE + OPT_VOLUME },
	{ NULL, 0, NULL, 0 },
};

enum {
	OF_SCENES = BIT(OPT_ALL) | BIT(OPT_SCENE) | BIT(OPT_LIST) | BIT(OPT_PAUSE) |
		    BIT(OPT_PREDICT) | BIT(OPT_BREAK) | BIT(OPT_JSON) | BIT(OPT_LOG),
	OF_COMMANDS = BIT(OPT_HOSTNAME) | BIT(OPT_CPU) | BIT(OPT_MEMORY) | BIT(OPT_PIDS) |
		      BIT(OPT_VOLUME),
	ONCE = BIT(OPT_SCENE) | BIT(OPT_BREAK) | BIT(OPT_LOG) | (OF_COMMANDS & ~BIT(OPT_VOLUME)),
};

/* Which options do not go together. A pair that is not here is obeyed, both of it. (--help answers
 * whatever stands beside it.) */
static const struct {
	enum option_code one;
	unsigned others;
	const char *why;
} apart[] = {
	{ OPT_COMMAND, OF_SCENES, "a command plays no scene" },
	{ OPT_LIST,
	  BIT(OPT_PAUSE) | BIT(OPT_PREDICT) | BIT(OPT_EXPLAIN) | BIT(OPT_BREAK) | BIT(OPT_LOG),
	  "a list plays no scene" },
	{ OPT_SCENE, BIT(OPT_ALL), "one scene, or all of them" },
	{ OPT_BREAK, BIT(OPT_ALL), "it plays the scene that has that call, and no other" },
	{ OPT_BREAK, BIT(OPT_PREDICT), "the question is about the claim with nothing left out" },
	{ OPT_JSON, BIT(OPT_PAUSE) | BIT(OPT_PREDICT), "a program that reads objects has no keys" },
};

const struct run_option run_options[] = {
	{ OPT_HOSTNAME, 3, "-h, --hostname NAME   the container's host name" },
	{ OPT_CPU, 5, "--cpu 20%             CPU quota, of one CPU" },
	{ OPT_MEMORY, 5, "--memory 64m          memory limit (k, m, g)" },
	{ OPT_PIDS, 5, "--pids 32             most processes and threads" },
	{ OPT_VOLUME, 7, "-v [SRC:]DST[:ro]     a volume; may be repeated" },
	{ 0 },
};

/* Says what is wrong, about which word, and what to do instead. Returns EXIT_USAGE. */
static int usage(const struct demo *demo, const char *what, const char *about, const char *remedy)
{
	dprintf(2, "%s: %s%s%s\n  try: ", demo->name, what, about ? ": " : "",
		about ? SHOWN(about) : "");
	if (remedy)
		dprintf(2, "%s\n", remedy);
	else
		dprintf(2, "bin/%s --help\n", demo->name);
	return EXIT_USAGE;
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
					demo->name, SHOWN(name), scene->name, asked, demo->name,
					SHOWN(name));
				return true;
			}
	return false;
}

static int unknown(const struct demo *demo, const char *what, const char *name, bool breaks)
{
	dprintf(2, "%s: no %s named \"%s\"\n  there are:", demo->name, what, SHOWN(name));
	for (const struct scene *scene = demo->scenes; scene->name; scene++) {
		if (!breaks)
			dprintf(2, " %s", scene->name);
		for (int i = 0; breaks && scene->breaks[i].name; i++)
			dprintf(2, " %s", scene->breaks[i].name);
	}
	dprintf(2, "\n");
	return EXIT_USAGE;
}

static const struct scene *scene_of(const struct demo *demo, const char *name)
{
	for (const struct scene *scene = demo->scenes; scene->name; scene++)
		if (strcmp(scene->name, name) == 0)
			return scene;
	return NULL;
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

/* For -- CMD, if this step has built it yet. Returns -1 or EXIT_USAGE. */
static int has_come(const struct demo *demo, enum option_code code)
{
	for (int i = 0; run_options[i].help; i++)
		if (run_options[i].code == (int)code && run_options[i].step > demo->step) {
			dprintf(2, "%s: that option comes with step %d: %s\n", demo->name,
				run_options[i].step, run_options[i].help);
			return EXIT_USAGE;
		}
	return -1;
}

static int add_volume(const struct demo *demo, struct options *options)
{
	static int volumes;

	options->volumes = reallocarray(options->volumes, (size_t)volumes + 2,
					sizeof(*options->volumes));
	if (!options->volumes)
		return usage(demo, "out of memory", NULL, NULL);
	options->volumes[volumes++] = optarg;
	options->volumes[volumes] = NULL;
	return -1;
}

/* getopt returned ':' (no value) or '?'. */
static int bad_option(const struct demo *demo, int code, char **argv)
{
	char letter[] = "-?";
	const char *word = argv[optind - 1];

	if (code == ':' && optopt == 'h' && demo->step < run_options[0].step)
		return print_help(demo); /* no host name can be meant yet */
	if (code == ':')
		return usage(demo, "this option needs a value", word, NULL);
	if (optopt >= CODE)
		return usage(demo, "this option takes no value", word, NULL);
	/* Of a letter the word may be "-xyz", and argv[optind - 1] the one before. */
	letter[1] = (char)optopt;
	if (optopt)
		return usage(demo, "unknown option", letter, NULL);
	if (demo->command_help && word[2] && strstr(demo->command_help, word))
		return usage(demo, "this word comes first, without another option before it", word,
			     NULL);
	return usage(demo, "unknown option", word, NULL);
}

/* Notes one option. Returns -1 to go on, or the exit status. */
static int one_option(const struct demo *demo, struct options *options, enum option_code code)
{
	const char **const value[OPTIONS] = {
		[OPT_SCENE] = &options->scene,	     [OPT_BREAK] = &options->broken,
		[OPT_LOG] = &options->log,	     [OPT_CPU] = &options->cpu,
		[OPT_HOSTNAME] = &options->hostname, [OPT_MEMORY] = &options->memory,
		[OPT_PIDS] = &options->pids,
	};
	bool *const flag[OPTIONS] = {
		[OPT_ALL] = &options->all,	   [OPT_LIST] = &options->list,
		[OPT_PAUSE] = &options->pause,	   [OPT_PREDICT] = &options->predict,
		[OPT_EXPLAIN] = &options->explain, [OPT_JSON] = &options->json,
	};

	if (code == OPT_HELP)
		return print_help(demo);
	int status = has_come(demo, code);
	if (status >= 0)
		return status;
	if (code == OPT_VOLUME)
		return add_volume(demo, options);
	if (flag[code])
		*flag[code] = true;
	if (value[code])
		*value[code] = optarg;
	return -1;
}

static int parse(int argc, char **argv, const struct demo *demo, struct options *options,
		 unsigned *given)
{
	int code, status = -1;

	opterr = 0;
	while (status < 0 && (code = getopt_long(argc, argv, "+:h:v:", long_options, NULL)) != -1) {
		if (code == ':' || code == '?')
			return bad_option(demo, code, argv);
		enum option_code option = code == 'h'	? OPT_HOSTNAME
					  : code == 'v' ? OPT_VOLUME
							: (enum option_code)(code - CODE);
		if (*given & ONCE & BIT(option))
			return usage(demo, "this option is given twice", known[option],
				     "leave out one of the two");
		if (optarg && strcmp(optarg, "--") == 0)
			return usage(demo, "this option needs a value", known[option], NULL);
		*given |= BIT(option);
		status = one_option(demo, options, option);
	}
	return status;
}

/* The command after "--", or none. Returns -1 or EXIT_USAGE. */
static int parse_command(int argc, char **argv, const struct demo *demo, struct options *options,
			 unsigned *given)
{
	bool dashes = optind > 1 && strcmp(argv[optind - 1], "--") == 0;

	if (optind < argc && !dashes)
		return usage(demo, "a command stands after --", argv[optind], NULL);
	if (!dashes)
		return -1;
	if (optind == argc || !argv[optind][0])
		return usage(demo, "no command after --", NULL, NULL);
	options->argv = argv + optind;
	*given |= BIT(OPT_COMMAND);
	return -1;
}

static int refuse_pair(const struct demo *demo, enum option_code one, enum option_code other,
		       const char *why)
{
	dprintf(2, "%s: %s and %s do not go together: %s\n  try: leave out %s, or %s\n", demo->name,
		known[other], known[one], why, known[other], known[one]);
	return EXIT_USAGE;
}

static int check_pairs(const struct demo *demo, unsigned given)
{
	for (size_t i = 0; i < sizeof(apart) / sizeof(*apart); i++)
		for (int code = 0; code < OPTIONS && (given & BIT(apart[i].one)); code++)
			if (given & apart[i].others & BIT(code))
				return refuse_pair(demo, apart[i].one, (enum option_code)code,
						   apart[i].why);
	for (int code = 0; code < OPTIONS && !(given & BIT(OPT_COMMAND)); code++)
		if (given & OF_COMMANDS & BIT(code))
			return usage(demo, "this option is for a command", known[code],
				     "add -- CMD");
	return -1;
}

/* Names that there are, and go together. */
static int check_names(const struct demo *demo, const struct options *options)
{
	const struct scene *scene = options->scene ? scene_of(demo, options->scene) : NULL;

	if (options->scene && !scene)
		return unknown(demo, "scene", options->scene, false);
	if (options->broken && !has_break(demo, options->scene, options->broken))
		return break_of_another(demo, options->scene, options->broken)
			       ? EXIT_USAGE
			       : unknown(demo, "break", options->broken, true);
	if (scene && options->predict && !scene->ask)
		return usage(demo, "this scene has no question for --predict", scene->name,
			     "leave out --predict");
	return -1;
}

int options_parse(int argc, char **argv, const struct demo *demo, struct options *options)
{
	unsigned given = 0;
	int status = parse(argc, argv, demo, options, &given);

	if (status < 0)
		status = parse_command(argc, argv, demo, options, &given);
	if (status < 0)
		status = check_pairs(demo, given);
	if (status < 0)
		status = check_names(demo, options);
	return status;
}
