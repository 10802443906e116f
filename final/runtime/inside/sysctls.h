/*
 * sysctls.h: linux.sysctl of config.json.
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* Writes each value to its file below /proc/sys. To be called after pivot_into(), before the
 * readonly paths are. proc: a descriptor of a proc that was opened by us and is proved to be a proc
 * file system, so that what a raced mount put at /proc/sys is not written to (CVE-2025-52881).
 * spec_parse() has refused those of no namespace of the container's own.
 * Returns 0, or -1 with errno and the failure record: ENOENT (this kernel has no such value),
 * EINVAL, EACCES. Source: config-linux.md, "Sysctl". */
int sysctls_write(int proc, const struct spec *spec);
