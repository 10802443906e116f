/*
 * seccomp_cache.h: filters that were translated before.
 *
 * libseccomp takes 10 ms for docker's profile, longer than all the rest of a container's start.
 */
#pragma once

#include "seccomp.h"

/* seccomp_translate() through a directory of filters that were made before (cache: its descriptor,
 * a directory that others cannot write to; -1: none). A file of it holds the profile's text too,
 * which is compared byte for byte: its name is a hash, and a hash proves nothing. A file is obeyed
 * only if it is whole, made by this version of the translator on this kernel, ours, and others
 * cannot write to it. A cache that cannot be read or written is no failure. It holds at most 64
 * files.
 * Returns what seccomp_translate() returns. */
int seccomp_translate_cached(struct json_object *profile, int cache, struct seccomp_filter *out);

/* The same with the directory ".filters~" below root, a directory of the caller's that others cannot
 * write to; it is made where it is missing, and passed over where it is not ours. NULL: no filter,
 * and nothing is opened. */
int seccomp_prepare(struct json_object *profile, int root, struct seccomp_filter *out);
