/*
 * volume_flags.c: -v of `minibox run`, read and judged.
 */
#define _GNU_SOURCE
#include "volume_flags.h"
#include "limit_flags.h"

#include "step07_volumes/given/volume_store.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the container has to have there: bundle.c asks again where the image's links lead. */
const char *volume_place_refused(const char *place)
{
	static const char *const ours[] = { "/dev", "/dev/pts", "/dev/mqueue", "/sys" };

	if (!place[0])
		return "DST is /, the container's root itself.";
	if (strncmp(place, "/proc", 5) == 0 && (!place[5] || place[5] == '/'))
		return "DST is /proc or inside it: it would hide the container's processes, or "
		       "tell lies about them.";
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (strcmp(place, ours[i]) == 0)
			return "DST is a place where the container's own devices or kernel files "
			       "are: "
			       "it would hide them.";
	return NULL;
}

static int duplicate(const struct run_flags *flags, const char *place)
{
	char cause[300], first[120], shown[120];

	for (int i = 0; i < flags->volume_count; i++)
		if (strcmp(flags->volumes[i]->volume.destination, place) == 0) {
			snprintf(cause, sizeof(cause),
				 "Duplicate mount point: %s is that of -v %s too.",
				 flag_shown(place, shown, sizeof(shown)),
				 flag_shown(flags->volumes[i]->text, first, sizeof(first)));
			return flag_refused("-v", optarg, cause,
					    "Give each volume a place of its own.");
		}
	return -1;
}

static int judge(const struct run_flags *flags, struct volume *volume)
{
	if (volume_parse(optarg, volume) < 0)
		return flag_recorded("-v", optarg);
	const char *refused = volume_place_refused(volume->destination);
	if (refused)
		return flag_refused("-v", optarg, refused, "Choose another DST.");
	if (flags->volume_count == RUN_VOLUMES)
		return flag_wrong("-v", optarg, "at most 9000 of them");
	if (duplicate(flags, volume->destination) >= 0)
		return USAGE;
	if (volume->kind != VOLUME_PATH)
		return -1;
	int source = volume_open("", volume, NULL);
	if (source < 0)
		return flag_recorded("-v", optarg);
	close(source);
	return -1;
}

int volume_flag(struct run_flags *flags)
{
	if (flag_text_ok("-v", optarg) >= 0)
		return USAGE;
	struct run_volume *one = malloc(sizeof(*one));
	if (!one)
		return flag_wrong("-v", optarg, "more memory");
	one->text = optarg;
	if (judge(flags, &one->volume) >= 0) {
		free(one);
		return USAGE;
	}
	flags->volumes[flags->volume_count++] = one;
	return -1;
}
