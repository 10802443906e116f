/*
 * abilities.h: what step 5 needs of a host (given).
 */
#pragma once

#include "step04_net_user/given/abilities.h"

enum {
	CAN_CGROUP_CPU = STEP04_ABILITIES, /* make a group with this controller, as root or below a
					      group that was delegated */
	CAN_CGROUP_MEMORY,
	CAN_CGROUP_PIDS,
	CAN_CGROUP_CPUSET,
	CAN_CGROUP_IO,
	CAN_CGROUP_FREEZE,
	CAN_CGROUP_DEVICES,
	CAN_LOOP, /* attach a loop device */
	STEP05_ABILITIES,
};

/* Registers how they are found out. Nothing is tried: a group made for a probe would be seen. */
void step05_abilities(void);
