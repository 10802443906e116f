/*
 * cwd.h: the command's working directory.
 */
#pragma once

/* Enters cwd in the root in sight, and makes it where it is missing, as docker does. A magic link
 * (/proc/PID/fd/N, /proc/PID/cwd) is not followed, since it leads out of the root (CVE-2024-21626).
 * Returns 0, or -1 with errno and the failure record: ENOTDIR, ELOOP, EXDEV, EACCES.
 * Source: openat2(2), getcwd(2): "(unreachable)". */
int cwd_enter(const char *cwd);
