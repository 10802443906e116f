/*
 * apparmor.h: process.apparmorProfile.
 */
#pragma once

/* From the next execve(2) on the process is under this profile. Returns 0, or -1 with errno and the
 * failure record: ENOENT (AppArmor is off, or has no such profile), EACCES, EXDEV (what is mounted
 * at /proc is no proc: CVE-2025-52881). "unconfined" where AppArmor is off asks for nothing.
 * Source: kernel's admin-guide/LSM/apparmor.rst; config.md, "apparmorProfile". */
int apparmor_for_exec(const char *profile);
