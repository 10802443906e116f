/*
 * cgroup_can.h: what can be done with cgroups on this host, for host_can() (given).
 */
#pragma once

/* Registers the probes of CAN_CGROUP_*: whether a group with that controller could be made, by whom
 * we are now, and if not why and the remedy. They make nothing. To be called once by whoever links
 * step 5 (a demo's prepare(), minibox's main). */
void cgroup_can_register(void);
