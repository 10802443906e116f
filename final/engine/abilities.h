/*
 * abilities.h: what minibox needs of a host beside what the steps need.
 */
#pragma once

#include "step06_overlay_rootfs/given/abilities.h"

enum {
	CAN_FUSE = STEP06_ABILITIES, /* mount a file system of one's own, through /dev/fuse */
	ABILITIES,
};

/* Registers how that is found out. */
void minibox_abilities(void);
