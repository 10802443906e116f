/*
 * capabilities.c: capset(2) and prctl(2).
 */
#define _GNU_SOURCE
#include "capabilities.h"
#include "final/runtime/spec/spec_words.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 64 };

static const char *name_of(int cap)
{
	for (int i = 0; spec_capability_words[i]; i++)
		if (i == cap)
			return spec_capability_words[i];
	return "a capability of a newer kernel";
}

int capabilities_bound(uint64_t bounding)
{
	for (unsigned long cap = 0; cap < MOST; cap++) {
		int has = SYS_MAY(prctl(PR_CAPBSET_READ, cap, 0, 0, 0), name_of((int)cap), EINVAL);
		if (has < 0) /* EINVAL: the kernel has no more */
			return errno == EINVAL ? 0 : -1;
		if (has && !(bounding >> cap & 1) &&
		    SYS(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0), name_of((int)cap)) < 0)
			return -1;
	}
	return 0;
}

static int bounding_now(uint64_t *set)
{
	*set = 0;
	for (unsigned long cap = 0; cap < MOST; cap++) {
		int has = SYS_MAY(prctl(PR_CAPBSET_READ, cap, 0, 0, 0), name_of((int)cap), EINVAL);
		if (has < 0)
			return errno == EINVAL ? 0 : -1;
		if (has)
			*set |= UINT64_C(1) << cap;
	}
	return 0;
}

struct held {
	uint64_t permitted, inheritable;
};

static int get_held(struct held *out)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (SYS(syscall(SYS_capget, &header, data), "capabilities") < 0)
		return -1;
	out->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	out->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

static int refuse(uint64_t missing, const char *set)
{
	char cause[200];
	int cap = __builtin_ctzll(missing);

	snprintf(cause, sizeof(cause), "%s is asked for, and the runtime has not got it to give.",
		 name_of(cap));
	sys_failure_set(EPERM, "capset", set, cause,
			"Leave it out, or start the runtime with that capability.");
	return -1;
}

static int set_ambient(uint64_t ambient)
{
	/* EINVAL: a kernel before 4.3, which has no ambient ones. */
	if (SYS_MAY(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient", EINVAL) <
		    0 &&
	    (ambient || errno != EINVAL))
		return SYS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "ambient");
	for (unsigned long cap = 0; cap < MOST; cap++)
		if ((ambient >> cap & 1) &&
		    SYS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0), name_of((int)cap)) <
			    0)
			return -1;
	return 0;
}

int capabilities_set(const struct spec_capabilities *sets)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	struct held held;
	uint64_t bounding;

	if (get_held(&held) < 0)
		return -1;
	if (sets->permitted & ~held.permitted)
		return refuse(sets->permitted & ~held.permitted, "process.capabilities.permitted");
	if (sets->effective & ~sets->permitted)
		return refuse(sets->effective & ~sets->permitted, "process.capabilities.effective");
	for (int i = 0; i < 2; i++)
		data[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(sets->effective >> (32 * i)),
			.permitted = (uint32_t)(sets->permitted >> (32 * i)),
			.inheritable = (uint32_t)(sets->inheritable >> (32 * i)),
		};
	/* The kernel says only EPERM where an inheritable one is neither bounding nor
	 * inheritable. */
	if (bounding_now(&bounding) < 0)
		return -1;
	uint64_t beyond = sets->inheritable & ~(held.inheritable | bounding);
	if (beyond)
		return refuse(beyond, "process.capabilities.inheritable");
	if (SYS(syscall(SYS_capset, &header, data), "process.capabilities") < 0)
		return -1;
	/* The kernel takes an ambient one only where it is permitted and inheritable. The default
	 * config asks for some that are not inheritable, and runc passes over them. */
	return set_ambient(sets->ambient & sets->permitted & sets->inheritable);
}
