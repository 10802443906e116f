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

static uint64_t known(void)
{
	uint64_t set = 0;

	for (unsigned long cap = 0; cap < MOST && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		set |= UINT64_C(1) << cap;
	return set;
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

/* What the kernel would refuse is left out, as the specification demands: of a set that is asked
 * for, what can be had. capset(2): inheritable ones come out of the bounding set. */
static struct spec_capabilities possible(const struct spec_capabilities *asked,
					 const struct held *held, uint64_t bounding)
{
	struct spec_capabilities can = *asked;

	can.bounding &= bounding;
	can.permitted &= held->permitted;
	can.effective &= can.permitted;
	can.inheritable &= held->inheritable | bounding;
	/* Some ambient ones are not inheritable in the config.json that `spec` writes, and runc's:
	 * they are no fault, the kernel takes only what is permitted and inheritable. */
	can.ambient &= can.permitted & can.inheritable;
	return can;
}

int capabilities_missing(const struct spec_capabilities *asked, bool new_user_ns, uint64_t *missing)
{
	struct held held;
	uint64_t bounding;

	*missing = 0;
	if (get_held(&held) < 0 || bounding_now(&bounding) < 0)
		return -1;
	/* The first process of a user namespace has whatever the kernel knows. */
	if (new_user_ns)
		held.permitted = bounding = known();
	struct spec_capabilities can = possible(asked, &held, bounding);
	*missing = (asked->bounding & ~can.bounding) | (asked->permitted & ~can.permitted) |
		   (asked->effective & ~can.effective) | (asked->inheritable & ~can.inheritable);
	return 0;
}

const char *capabilities_name(uint64_t set)
{
	return name_of(__builtin_ctzll(set));
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

	if (get_held(&held) < 0 || bounding_now(&bounding) < 0)
		return -1;
	struct spec_capabilities can = possible(sets, &held, bounding);
	for (int i = 0; i < 2; i++)
		data[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(can.effective >> (32 * i)),
			.permitted = (uint32_t)(can.permitted >> (32 * i)),
			.inheritable = (uint32_t)(can.inheritable >> (32 * i)),
		};
	if (SYS(syscall(SYS_capset, &header, data), "process.capabilities") < 0)
		return -1;
	return set_ambient(can.ambient);
}
