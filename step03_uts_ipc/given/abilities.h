/*
 * abilities.h: what step 3 needs of a host (given).
 */
#pragma once

#include "step02_mount_ns/given/abilities.h"

enum {
	CAN_MQUEUE = STEP02_ABILITIES, /* POSIX message queues: mount an mqueue file system */
	CAN_SYSV_IPC,
	STEP03_ABILITIES,
};

/* Registers how they are found out. */
void step03_abilities(void);
