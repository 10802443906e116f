/*
 * abilities.h: what step 6 needs of a host (given).
 */
#pragma once

#include "step05_cgroup_cpu/given/abilities.h"

enum {
	CAN_OVERLAY = STEP05_ABILITIES, /* mount an overlay in a mount namespace of one's own */
	STEP06_ABILITIES,
};

/* Registers how that is found out. */
void step06_abilities(void);
