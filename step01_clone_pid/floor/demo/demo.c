/*
 * demo.c: the command line of every step, the order of scenes, and the sums.
 */
#define _GNU_SOURCE
#include "ask.h"
#include "demo.h"
#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/meet/escape.h"
#include "step01_clone_pid/floor/host/ground.h"
#include "guard.h"
#include "page.h"
#include "play.h"
#include "run.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const struct demo *demo; /* the step whose program this is */
static struct options options;

/* ---- one scene, told ---- */

static void tell_verdict(const struct scene *scene)
{
	static const struct {
		const char *word, *tint;
	} words[] = { [SCENE_HELD] = { "HELD", "good" },
		      [SCENE_FAILED] = { "FAILED", "bad" },
		      [SCENE_SKIPPED] = { "SKIP", "warn" } };
	const char *text = outcome->verdict == SCENE_HELD ? outcome->summary : outcome->reason;

	if (scene->by_hand && outcome->verdict != SCENE_SKIPPED && !manner.broken)
		say_by_hand(scene->by_hand);
	if (outcome->verdict == SCENE_HELD)
		say_wrapped(words[SCENE_HELD].word, words[SCENE_HELD].tint, text);
	else
		say_reason(words[outcome->verdict].word, words[outcome->verdict].tint, text);
	/* A dozen scenes may miss the same thing. With --pause each has a screen of its own. */
	static char told[sizeof(outcome->remedy)];
	bool again = !manner.pause && strcmp(told, outcome->remedy) == 0;
	if (outcome->remedy[0])
		say_reason("      try:", "", again ? "as above" : outcome->remedy);
	if (outcome->remedy[0] && !again)
		snprintf(told, sizeof(told), "%s", outcome->remedy);
	emit("\n");
}

static int log_fd = -1;

/* To the narration with --json, to the file with --log. */
static void tell_json(const struct scene *scene)
{
	static const char *const words[] = { "failed", "held", "failed", "skipped" };
	char claim[1024], reason[1024], remedy[1024], object[12000];
	const char *text = outcome->verdict == SCENE_HELD ? outcome->summary : outcome->reason;

	json_escape(claim, sizeof(claim), scene_claim(scene));
	json_escape(reason, sizeof(reason), text);
	json_escape(remedy, sizeof(remedy), outcome->remedy);
	snprintf(object, sizeof(object),
		 "{\"step\": %d, \"scene\": \"%s\", \"claim\": \"%s\", \"verdict\": \"%s\", "
		 "\"reason\": \"%s\", "
		 "\"remedy\": \"%s\", \"core\": %s, \"values\": {%s}}\n",
		 demo->step, scene->name, claim, words[outcome->verdict], reason, remedy,
		 scene->flags & SCENE_CORE ? "true" : "false", outcome->values);
	if (manner.quiet)
		emit("%s", object);
	if (log_fd >= 0 && write(log_fd, object, strlen(object)) < 0)
		outcome->output_failed = true, outcome->output_error = errno;
}

static void tell_claim(const struct scene *scene)
{
	char head[128];

	snprintf(head, sizeof(head), "%s   CLAIM%s%s", scene->name,
		 scene->flags & SCENE_ATTACK ? "  (attack)" : "",
		 manner.broken ? "  (broken)" : "");
	say_wrapped(head, "bold", scene_claim(scene));
	if (scene_left_out(scene))
		say_wrapped("LEFT OUT", "bold", scene_left_out(scene));
}

/* The question, and what the claim is: one who goes back to an act has answered it already. */
static enum key tell_beginning(const struct scene *scene, int *answer)
{
	enum key key = KEY_ON;

	if (predicting(scene) && !manner.skip_acts) {
		*answer = ask(scene, &key); /* the claim is its answer, so it comes after */
		page_act();
	}
	if (interrupted)
		key = KEY_QUIT;
	if (key == KEY_ON && !manner.quiet) {
		page_head_begins();
		tell_claim(scene);
		page_head_ends();
	}
	return key;
}

static enum key tell(const struct scene *scene)
{
	static int answer; /* kept for one who goes back to an act */

	if (!manner.skip_acts)
		answer = -1;
	acts_reset();
	page_begin(); /* in a room each scene has the screen for itself */
	enum key key = tell_beginning(scene, &answer);
	if (key == KEY_ON)
		key = scene_play(scene);
	if (key != KEY_ON) {
		if (!manner.quiet)
			emit("\n");
		return key;
	}
	tell_json(scene);
	if (!manner.quiet) {
		reveal(scene, answer);
		tell_verdict(scene);
	}
	return KEY_ON;
}

/* ---- the order of scenes ---- */

static bool chosen(const struct scene *scene)
{
	if (options.scene)
		return strcmp(scene->name, options.scene) == 0;
	if (options.broken)
		return scene_claim(scene) != scene->claim;
	return options.all || (scene->flags & SCENE_CORE);
}

static const struct scene *next_scene(const struct scene *scene, int direction)
{
	do
		scene += direction;
	while (scene >= demo->scenes && scene->name && !chosen(scene));
	return scene >= demo->scenes && scene->name ? scene : NULL;
}

struct sums {
	int held, failed, skipped;
};

/* A scene that is played again counts once, with its last verdict. */
static void count_verdict(struct sums *sums, const struct scene *scene)
{
	static int before[128];
	int *last = &before[(size_t)(scene - demo->scenes) % 128];
	int *counts[] = { [SCENE_UNJUDGED] = NULL,
			  [SCENE_HELD] = &sums->held,
			  [SCENE_FAILED] = &sums->failed,
			  [SCENE_SKIPPED] = &sums->skipped };

	if (counts[*last])
		--*counts[*last];
	*last = outcome->verdict;
	if (counts[*last])
		++*counts[*last];
}

/* Plays the chosen scenes; with --pause the keys walk among them. Returns false when the room has
 * left. */
static bool play_all(struct sums *sums)
{
	const struct scene *scene = chosen(demo->scenes) ? demo->scenes
							 : next_scene(demo->scenes, 1);

	manner.skip_acts = 0;
	while (scene) {
		enum key key = tell(scene);
		bool asked = manner.pause && predicting(scene);
		int stops = acts_begun() - 1; /* before the first act is none */
		if (key == KEY_ON) {
			count_verdict(sums, scene);
			stops++;
			/* After the last one too: the sums would push its claim off the screen. */
			if (manner.pause && (next_scene(scene, 1) || live()))
				key = wait_key("on");
			if (key == KEY_QUIT && !next_scene(scene, 1))
				return !interrupted;
		}
		manner.skip_acts = 0;
		if (key == KEY_QUIT || interrupted || outcome->output_failed)
			return false;
		if (key == KEY_BACK && stops > 1)
			manner.skip_acts = stops - 1; /* to the stop before this one */
		else if (key == KEY_BACK && !(asked && stops >= 0)) /* its own question */
			scene = next_scene(scene, -1) ? next_scene(scene, -1) : scene;
		else if (key == KEY_BACK)
			continue;
		else if (key != KEY_AGAIN)
			scene = next_scene(scene, 1);
	}
	return true;
}

/* What could not be written is no success, and no secret; but `| head` has seen enough. */
static bool output_failed(void)
{
	if (outcome->output_failed && outcome->output_error != EPIPE)
		dprintf(2, "%s: cannot write the narration: %s\n", demo->name,
			strerror(outcome->output_error));
	return outcome->output_failed;
}

static int play_step(void)
{
	struct sums sums = { 0 };

	if (!manner.quiet)
		emit("%s%s%s: %s\n\n", tint("bold"), demo->name, tint(""), demo->title);
	bool whole = play_all(&sums);
	page_end();
	if (!manner.quiet)
		emit("step %d: %d held, %d failed, %d skipped%s\n", demo->step, sums.held,
		     sums.failed, sums.skipped, whole ? "" : " (ended early)");
	if (output_failed() || sums.failed)
		return 1;
	if (!whole)
		return EXIT_SIGNAL + SIGINT;
	/* Passed over by key: that is no failure. */
	return sums.held || !sums.skipped ? 0 : EXIT_SKIPPED;
}

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1; /* the scene dies of it; between scenes there is only this */
}

static int demo_body(void *arg)
{
	struct run run = { .argv = options.argv,
			   .hostname = options.hostname,
			   .cpu = options.cpu,
			   .memory = options.memory,
			   .pids = options.pids,
			   .volumes = options.volumes,
			   .step = demo->run };

	(void)arg;
	prctl(PR_SET_NAME, demo->name); /* what the guard's fork has changed */
	prctl(PR_SET_CHILD_SUBREAPER,
	      1); /* a scene's orphans come to us, to be ended before the next scene */
	sys_trace_as("demo");
	if (demo->prepare)
		demo->prepare();
	if (options.list) {
		int status = list_scenes(demo, options.scene, options.json);
		return output_failed() ? 1 : status;
	}
	if (options.argv) {
		if (ground_check(NULL) > GROUND_NO_PROC) {
			ground_say(demo->name);
			return EXIT_OURS;
		}
		int status = demo->run(&run);
		if (status < 0) {
			if (!sys_failure()->err) /* of a call that is not made with SYS() */
				sys_failure_set(errno, "stepNN_run", "CMD", NULL, NULL);
			sys_failure_print(2, demo->name);
			return EXIT_OURS;
		}
		return status;
	}
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = on_interrupt }, NULL);
	return play_step();
}

/* Descriptors 0 to 2 must be something: what we open later would land there and be read or written
 * as them. */
static bool standard_files_open(void)
{
	bool out = fcntl(1, F_GETFD) >= 0;

	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			return false;
	if (!out)
		dprintf(2, "%s: standard output is closed: nowhere to tell the story\n",
			demo->name);
	return out;
}

/* $MINIBOX_SCENE_LIMIT, for a machine that is slower than we expect, and for tests. */
static bool read_limit(void)
{
	const char *text = getenv("MINIBOX_SCENE_LIMIT");
	char *end;

	if (!text || !*text)
		return true;
	manner.limit = strtol(text, &end, 10);
	if (*end == '\0' && text[0] >= '0' && text[0] <= '9' && manner.limit >= 1 &&
	    manner.limit <= 1000000)
		return true;
	dprintf(2,
		"%s: MINIBOX_SCENE_LIMIT is \"%s\": that is no number of seconds, 1 to 1000000\n"
		"  try: unset MINIBOX_SCENE_LIMIT\n",
		demo->name, SHOWN(text));
	return false;
}

int demo_main(int argc, char **argv, const struct demo *the_demo)
{
	demo = the_demo;
	if (!standard_files_open())
		return 1;
	/* `| head` and `ulimit -f` end us by an error of write, so that it is told. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (!say_setup()) {
		sys_failure_set(errno, "mmap", "memory that the scenes share", NULL, NULL);
		sys_failure_print(2, demo->name);
		return 1;
	}
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	manner.tty = isatty(1);
	manner.colour = manner.tty && !(no_colour && *no_colour) && term &&
			strcmp(term, "dumb") != 0;
	if (demo->command) {
		int status = demo->command(argc, argv);
		if (status >= 0)
			return status;
		for (argc = 0; argv[argc]; argc++)
			; /* it may have taken a word of its own away */
	}
	int status = options_parse(argc, argv, demo, &options);
	if (status >= 0)
		return status;
	if (!read_limit())
		return EXIT_USAGE;
	manner.quiet = options.json;
	manner.pause = options.pause;
	manner.predict = options.predict;
	manner.broken = options.broken;
	if (options.log &&
	    (log_fd = open(options.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) < 0) {
		dprintf(2, "%s: --log %s: %s\n", demo->name, SHOWN(options.log), strerror(errno));
		return 1;
	}
	int trace = options.explain ? fcntl(2, F_DUPFD_CLOEXEC, 10)
				    : -1; /* few descriptors: none */
	if (options.explain)
		sys_trace_to(trace >= 0 ? trace : 2);
	/* No scene begins there that had to be guarded, and the guard could become the PID 1 that
	 * nothing can be started after. */
	return ground_check(NULL) > GROUND_NO_PROC ? demo_body(NULL) : guard_run(demo_body, NULL);
}
