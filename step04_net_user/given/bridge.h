/*
 * bridge.h: a switch inside the kernel (given); several veth cables meet in it.
 */
#pragma once

/* Makes a bridge, down, without addresses. Returns 0, or -1 with errno: EEXIST, EPERM, EOPNOTSUPP
 * (a kernel without bridges), EINVAL (name). */
int bridge_make(int netlink, const char *name);

/* Plugs a link into the bridge (as `ip link set LINK master BRIDGE`). Returns 0, or -1 with errno:
 * ENODEV, EBUSY (it is in another one), EPERM, ELOOP. */
int bridge_plug(int netlink, const char *bridge, const char *link);
