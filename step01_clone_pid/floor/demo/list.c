/*
 * list.c: what there is: --help, and --list for people and as JSON.
 */
#define _GNU_SOURCE
#include "demo.h"
#include "say.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int print_help(const struct demo *demo)
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
	for (int i = 0; run_options[i].help; i++)
		if (run_options[i].step <= demo->step)
			printf("      %s\n", run_options[i].help);
	if (demo->command_help)
		printf("%s", demo->command_help);
	printf("\nExit status: 0 every claim held, 1 one failed, 2 bad usage, 77 nothing could\n"
	       "run here; of -- CMD: the command's, 128 + signal, 125 our failure, 126 cannot\n"
	       "run, 127 not found. SIGTERM is handed on to a CMD that has a handler for it;\n"
	       "otherwise, or a second later, it ends everything: 143.\n"
	       "A scene that takes longer than MINIBOX_SCENE_LIMIT seconds has failed; by itself\n"
	       "that is ten times the time that --list gives, and 30 s.\n");
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	dprintf(2, "%s: cannot write the help: %s\n", demo->name, strerror(errno));
	return 1;
}

static void list_json(int step, const struct scene *scene)
{
	char claim[1024], by_hand[1024], shows[512];

	json_escape(claim, sizeof(claim), scene->claim);
	json_escape(by_hand, sizeof(by_hand), scene->by_hand ? scene->by_hand : "");
	json_escape(shows, sizeof(shows), scene->shows ? scene->shows : "");
	emit("{\"step\": %d, \"scene\": \"%s\", \"claim\": \"%s\", \"core\": %s, \"attack\": %s, "
	     "\"seconds\": %d, "
	     "\"by_hand\": \"%s\", \"shows\": \"%s\", \"needs\": [",
	     step, scene->name, claim, scene->flags & SCENE_CORE ? "true" : "false",
	     scene->flags & SCENE_ATTACK ? "true" : "false", scene->seconds, by_hand, shows);
	uint64_t needs = scene_needs(scene);
	const char *comma = "";
	for (int a = 0; a < MOST_ABILITIES; a++)
		if (needs & CAN(a)) {
			emit("%s\"%s\"", comma, ability_key(a));
			comma = ", ";
		}
	emit("], \"breaks\": [");
	for (int i = 0; scene->breaks[i].name; i++)
		emit("%s\"%s\"", i ? ", " : "", scene->breaks[i].name);
	emit("], \"left_out\": [");
	for (int i = 0; scene->breaks[i].name; i++) {
		json_escape(claim, sizeof(claim),
			    scene->breaks[i].left_out ? scene->breaks[i].left_out : "");
		emit("%s\"%s\"", i ? ", " : "", claim);
	}
	emit("]}\n");
}

static void list_line(const struct scene *scene)
{
	char needs[256] = "", head[128];

	for (int a = 0; a < MOST_ABILITIES; a++)
		if (scene->needs & CAN(a)) {
			size_t n = strlen(needs);
			snprintf(needs + n, sizeof(needs) - n, "%s%s", n ? ", " : "",
				 ability_title(a));
		}
	snprintf(head, sizeof(head), "%-18s %-6s %2d s", scene->name,
		 scene->flags & SCENE_CORE ? "core" : "", scene->seconds);
	say_reason(head, "bold", scene->claim);
	if (scene->flags & SCENE_ATTACK)
		emit("       an attack, and what stops it\n");
	if (needs[0])
		say_reason("      needs:", "", needs);
	for (int i = 0; scene->breaks[i].name; i++) {
		snprintf(head, sizeof(head), "      --break %s:", scene->breaks[i].name);
		say_reason(head, "", scene->breaks[i].claim);
	}
}

int list_scenes(const struct demo *demo, const char *only, bool json)
{
	for (const struct scene *scene = demo->scenes; scene->name; scene++)
		if (only && strcmp(only, scene->name) != 0)
			continue;
		else if (json)
			list_json(demo->step, scene);
		else
			list_line(scene);
	return 0;
}
