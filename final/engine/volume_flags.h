/*
 * volume_flags.h: -v of `minibox run`. Its text is parsed here and nowhere else in the engine:
 * bundle.c makes a mount of what flags->volumes[] says.
 */
#pragma once

#include "run_flags.h"

/* Takes optarg as one more volume: parsed, its place judged, a path of the host looked for. Returns
 * -1 to go on, or USAGE after a message. */
int volume_flag(struct run_flags *flags);

/* Why a volume may not be mounted there (place: inside the root, without links; "": the root), a
 * sentence, or NULL: it may. */
const char *volume_place_refused(const char *place);
