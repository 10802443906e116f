/*
 * options.c: the command line.
 */
#define _GNU_SOURCE
#include "options.h"
#include "final/inspector/text/message.h"
#include "step01_clone_pid/floor/call/exit_codes.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: inspector [OPTIONS] [CONTAINER | PID]\n"
	"\n"
	"Host and container side by side: the same processes by both numbers,\n"
	"namespaces, cgroup, identity, and what changes. CONTAINER is a name, an id or\n"
	"a kind (step05, minibox, podman ...): of a kind, the newest; if there is none\n"
	"yet, inspector waits for it. Without an argument: the newest container.\n"
	"\n"
	"  --once            print the screen as text and leave\n"
	"  --size WxH        its size (80x24)\n"
	"  --json            print the model as a line of JSON\n"
	"                    (final/inspector/SCHEMA.md)\n"
	"  --interval S      seconds between two looks (1.0)\n"
	"  --ticks N         leave after N looks; --json prints each\n"
	"  --vs CONTAINER    two containers side by side\n"
	"  --all             every process of the host\n"
	"  --presenter       few things, large (key P)\n"
	"  --record FILE     keep every look, a line of JSON each\n"
	"  --replay FILE     show a recording; needs nothing of this machine\n"
	"  --mouse           let the mouse choose rows\n"
	"  --proc-root DIR   read DIR/proc and DIR/sys instead of /; given again: the\n"
	"                    next moment\n"
	"  --clock T         seconds since the epoch, for --proc-root\n"
	"  -h, --help\n"
	"\n"
	"The view needs 60x10 cells; 80x24 shows everything. Keys: F1 tells them all.\n"
	"NO_COLOR is honoured.\n"
	"Try:  unshare -Urpf --mount-proc sleep 60 & inspector\n";

enum {
	O_ONCE = 256,
	O_SIZE,
	O_JSON,
	O_INTERVAL,
	O_TICKS,
	O_VS,
	O_ALL,
	O_PRESENTER,
	O_RECORD,
	O_REPLAY,
	O_MOUSE,
	O_ROOT,
	O_CLOCK
};

static const struct option table[] = {
	{ "once", no_argument, NULL, O_ONCE },
	{ "size", required_argument, NULL, O_SIZE },
	{ "json", no_argument, NULL, O_JSON },
	{ "interval", required_argument, NULL, O_INTERVAL },
	{ "ticks", required_argument, NULL, O_TICKS },
	{ "vs", required_argument, NULL, O_VS },
	{ "all", no_argument, NULL, O_ALL },
	{ "presenter", no_argument, NULL, O_PRESENTER },
	{ "record", required_argument, NULL, O_RECORD },
	{ "replay", required_argument, NULL, O_REPLAY },
	{ "mouse", no_argument, NULL, O_MOUSE },
	{ "proc-root", required_argument, NULL, O_ROOT },
	{ "clock", required_argument, NULL, O_CLOCK },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int mistake(const char *option, const char *value, const char *wanted)
{
	fprintf(stderr, "inspector: %s %s: %s\n", option, for_terminal(value), wanted);
	return EXIT_USAGE;
}

#define BIT(option) (1U << ((option)-O_ONCE))

static const char *name_of(int option)
{
	const struct option *at = table;

	while (at->val != option)
		at++;
	return at->name;
}

static int refuse_pair(const char *option, const char *other, const char *why)
{
	if (other)
		fprintf(stderr, "inspector: --%s --%s: %s\n", option, other, why);
	else
		fprintf(stderr, "inspector: --%s: %s\n", option, why);
	return EXIT_USAGE;
}

/* getopt_long(3) itself would print the word as it is. */
static int not_an_option(char **argv, int option)
{
	char letter[] = { '-', (char)optopt, '\0' };
	bool is_letter = optopt && optopt < O_ONCE;
	const char *word = is_letter ? letter : argv[optind - 1];

	fprintf(stderr, "inspector: %s: %s. inspector --help lists the options.\n",
		for_terminal(word),
		option == ':'	       ? "this option needs a value"
		: optopt && !is_letter ? "this option takes no value"
				       : "no such option, or the beginning of several");
	return EXIT_USAGE;
}

static bool number(const char *text, double least, double most, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return end != text && !*end && *out >= least && *out <= most;
}

static int take(int option, struct options *o)
{
	double value = 0;
	char rest;

	switch (option) {
	case O_ONCE:
		o->once = true;
		return -1;
	case O_JSON:
		o->json = true;
		return -1;
	case O_ALL:
		o->all = true;
		return -1;
	case O_PRESENTER:
		o->presenter = true;
		return -1;
	case O_MOUSE:
		o->mouse = true;
		return -1;
	case O_SIZE:
		if (sscanf(optarg, "%4dx%4d%c", &o->width, &o->height, &rest) != 2 ||
		    o->width < 1 || o->height < 1 || o->width > 1000 || o->height > 1000)
			return mistake("--size", optarg,
				       "a size is WIDTHxHEIGHT, such as 80x24, up to 1000");
		return -1;
	case O_INTERVAL:
		if (!number(optarg, 0.05, 3600, &o->interval))
			return mistake("--interval", optarg,
				       "an interval is a number of seconds from 0.05 to 3600");
		return -1;
	case O_TICKS:
		if (!number(optarg, 1, 1e6, &value) || value != (int)value)
			return mistake("--ticks", optarg,
				       "how many looks: a whole number from 1 to 1000000");
		o->ticks = (int)value;
		return -1;
	case O_CLOCK:
		if (!number(optarg, 0, 1e11, &value))
			return mistake("--clock", optarg,
				       "a time is a number of seconds since 1970");
		o->clock = (int64_t)(value * 1000);
		return -1;
	case O_ROOT:
		if (o->roots_count == OPTIONS_ROOTS)
			return mistake("--proc-root", optarg, "no more than 16 of them");
		o->roots[o->roots_count++] = optarg;
		return -1;
	case O_VS:
		o->other = optarg;
		return -1;
	case O_RECORD:
		o->record = optarg;
		return -1;
	case O_REPLAY:
		o->replay = optarg;
		return -1;
	case 'h':
		fputs(usage, stdout);
		return 0;
	default:
		return EXIT_USAGE;
	}
}

/* Options that another one leaves without effect are refused: each pair, and why. */
static int contradiction(unsigned seen)
{
	static const struct {
		int option, other;
		const char *why;
	} pairs[] = {
		{ O_JSON, O_ONCE, "one of the two: JSON, or the screen as text" },
		{ O_JSON, O_SIZE, "JSON has no size" },
		{ O_JSON, O_PRESENTER, "JSON has no presenter mode" },
		{ O_JSON, O_MOUSE, "there is no mouse without the view" },
		{ O_ONCE, O_MOUSE, "there is no mouse without the view" },
		{ O_REPLAY, O_ALL, "a recording shows the processes that were recorded" },
		{ O_REPLAY, O_INTERVAL, "a recording goes at its own pace" },
		{ O_REPLAY, O_CLOCK, "a recording has its own time" },
		{ O_REPLAY, O_VS, "a recording is of one container" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if ((seen & BIT(pairs[i].option)) && (seen & BIT(pairs[i].other)))
			return refuse_pair(name_of(pairs[i].option), name_of(pairs[i].other),
					   pairs[i].why);
	if ((seen & BIT(O_SIZE)) && !(seen & BIT(O_ONCE)))
		return refuse_pair("size", NULL, "only with --once; a terminal has its own size");
	return -1;
}

static int read_all(int argc, char **argv, struct options *o, unsigned *seen)
{
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
		if (option == '?' || option == ':')
			return not_an_option(argv, option);
		if (option >= O_ONCE && option != O_ROOT && (*seen & BIT(option)))
			return refuse_pair(name_of(option), NULL, "once is enough");
		*seen |= option >= O_ONCE ? BIT(option) : 0;
		int status = take(option, o);
		if (status >= 0)
			return status;
	}
	return -1;
}

int options_read(int argc, char **argv, struct options *o)
{
	unsigned seen = 0;

	*o = (struct options){
		.wanted = "", .width = 80, .height = 24, .interval = 1.0, .clock = -1
	};
	int status = read_all(argc, argv, o, &seen);
	if (status >= 0)
		return status;
	if (optind < argc)
		o->wanted = argv[optind++];
	if (optind < argc)
		return mistake("one container at a time, not", argv[optind],
			       "two side by side: --vs");
	if (o->other && !*o->wanted)
		return mistake("--vs", o->other,
			       "say which container it is compared with: inspector A --vs B");
	if (o->other && (o->json || o->record))
		return mistake("--vs", o->other,
			       "a picture of two; --json and --record are of one container");
	if (o->replay && (o->record || o->roots_count || *o->wanted))
		return mistake("--replay", o->replay,
			       "a recording has its container in it; give no other");
	return contradiction(seen);
}
