/*
 * devices.h: device nodes of the container's /dev.
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* Makes the default devices of the specification (null zero full random urandom tty, the links fd
 * stdin stdout stderr ptmx) where /dev is a file system of the container's own, then each of
 * linux.devices. By mknod(2), with mode and owner; where that is refused (a user namespace) the
 * host's node of that path is bound, if it is a device of that type and number. root: the
 * container's root. Called before pivot_into(), after the mounts.
 * Returns 0, or -1 with errno and the failure record: EEXIST (another kind of file is there), EPERM
 * (mknod(2) is refused and the host has no such node). Source: config-linux.md, "Devices". */
int devices_make(int root, const struct spec *spec);
