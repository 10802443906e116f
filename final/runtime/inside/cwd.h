/*
 * cwd.h: the command's working directory.
 */
#pragma once

#include "final/runtime/inside/identity.h"

/* Enters cwd in the root in sight, and makes it where it is missing, as docker does. A magic link
 * (/proc/PID/fd/N, /proc/PID/cwd) is not followed, since it leads out of the root (CVE-2024-21626).
 * Returns 0, or -1 with errno and the failure record: ENOTDIR, ELOOP, EXDEV, EACCES.
 * Source: openat2(2), getcwd(2): "(unreachable)". */
int cwd_enter(const char *cwd);

/* cwd_enter() of process->cwd, and identity_take(). The directory first, with the runtime's rights:
 * the user may lack those to walk there. Where they do not suffice (a directory that only the user
 * may enter, of a root that is not ours), again as the user. Returns and errors as both. */
int cwd_and_identity(const struct spec_process *process, const struct seccomp_filter *filter);
