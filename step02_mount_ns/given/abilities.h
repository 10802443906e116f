/*
 * abilities.h: what step 2 needs of a host (given).
 */
#pragma once

#include "step01_clone_pid/floor/host/abilities.h"

enum {
	CAN_MOUNT_PROC = STEP01_ABILITIES, /* a proc of one's own in new pid + mount namespaces */
	CAN_PIVOT_ROOT,
	CAN_BUSYBOX, /* a static busybox is at hand */
	STEP02_ABILITIES,
};

/* For a probe that tries: enters a mount namespace, and others by CLONE_NEW* flags, in which no
 * mount spreads to the host. Returns 0, or -1 with the failure recorded. */
int probe_mounts(int flags);

/* After that: an empty tmpfs becomes the working directory. Returns as above. */
int probe_tmpfs(void);

/* Registers how they are found out. */
void step02_abilities(void);
