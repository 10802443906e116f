/*
 * spec_words.h: the words that config.json may use: for the reader, and for `features`, which lists
 * them. What is in a table is acted on.
 */
#pragma once

#include "spec.h"

#include <stddef.h>

/* Each of these ends with NULL. */
extern const char *const spec_capability_words[]; /* "CAP_CHOWN" is 0: by number */
extern const char *const spec_seccomp_actions[];
extern const char *const spec_seccomp_operators[];
extern const char *const spec_seccomp_archs[];
extern const char *const spec_seccomp_flags[];
extern const char *const spec_memory_modes[]; /* "MPOL_DEFAULT" is 0: by number */
extern const char *const spec_memory_flags[];
extern const char *const spec_namespace_words[NS_KINDS + 1]; /* "mount" is [NS_MNT] */
extern const char *const spec_hook_words[HOOK_KINDS + 1];    /* "prestart" is [HOOK_PRESTART] */

/* The mount options that are not a file system's own, by index; NULL: there are no more. */
const char *spec_mount_option_word(size_t index);

/* The number of a capability by its name ("CAP_KILL"), or -1. */
int spec_capability(const char *name);

/* Processors, or nodes, by number, "0-3,7", as bits; cpuset(7), "List format". Returns 0, or -1: it
 * is no such list, or a number in it is SPEC_CPUS or more. */
enum { SPEC_CPUS = 8192 };
int spec_cpu_list(const char *text, uint64_t bits[SPEC_CPUS / 64]);

/* The name of a limit of setrlimit(2), "RLIMIT_NOFILE"; "?" where config.json has no word for
 * it. */
const char *spec_rlimit_name(int resource);

/* The file of a sysctl, relative to /proc/sys: as in sysctl(8) the separator is whichever of . and
 * / comes first in name, and the other of them stands for it inside a part:
 * "net.ipv4.conf.eth0/1.forwarding" and "net/ipv4/conf/eth0.1/forwarding" are one file. Returns 0,
 * or -1 with errno: EINVAL (an empty part, or one that is . or ..), ENAMETOOLONG. */
int spec_sysctl_path(const char *name, char *out, size_t size);
