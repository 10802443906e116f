/*
 * list.c: --list, for people and as JSON.
 */
#define _GNU_SOURCE
#include "demo.h"
#include "say.h"

#include <stdio.h>
#include <string.h>

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
	for (int a = 0; a < ABILITIES; a++)
		if (needs & CAN(a)) {
			emit("%s\"%s\"", comma, ability_key((enum ability)a));
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

	for (int a = 0; a < ABILITIES; a++)
		if (scene->needs & CAN(a)) {
			size_t n = strlen(needs);
			snprintf(needs + n, sizeof(needs) - n, "%s%s", n ? ", " : "",
				 ability_title((enum ability)a));
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
