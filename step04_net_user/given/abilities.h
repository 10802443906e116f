/*
 * abilities.h: what step 4 needs of a host (given).
 */
#pragma once

#include "step03_uts_ipc/given/abilities.h"

enum {
	CAN_SUB_IDS = STEP03_ABILITIES, /* newuidmap, newgidmap and a range for this user */
	CAN_VETH,			/* make a veth pair in a network namespace of one's own */
	CAN_BRIDGE,
	CAN_SET_CLOCK, /* is never assumed: only a guest of tests/guest says yes */
	STEP04_ABILITIES,
};

/* Registers how they are found out. */
void step04_abilities(void);
