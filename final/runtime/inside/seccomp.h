/*
 * seccomp.h: linux.seccomp of config.json, as a filter of the kernel.
 */
#pragma once

#include <json-c/json.h>
#include <linux/filter.h>

/* All zero: no filter. */
struct seccomp_filter {
	struct sock_filter *code; /* ours */
	unsigned short length;	  /* instructions */
	unsigned flags;		  /* SECCOMP_FILTER_FLAG_* of seccomp(2) */
};

/* Translates a profile that spec_parse() has checked, by libseccomp; NULL: no filter. A system call
 * whose name libseccomp does not know is passed over, as runc does it. Done outside, before
 * clone(2). Returns 0, or -1 with errno and the failure record: ENOSYS (built without libseccomp);
 * EINVAL. */
int seccomp_translate(struct json_object *profile, struct seccomp_filter *out);

/* Puts the filter into force for the calling process, for ever. It needs CAP_SYS_ADMIN in the
 * caller's user namespace, or no_new_privs. Returns 0, or -1 with errno: EACCES (neither), EINVAL.
 * Source: seccomp(2), SECCOMP_SET_MODE_FILTER. */
int seccomp_install(const struct seccomp_filter *filter);

void seccomp_free(struct seccomp_filter *filter);
