/*
 * default_seccomp.c: the list, with a reason for each row, and what has to look at an argument.
 *
 * It is a list of what is refused, not of what is allowed: a program of next year with a system
 * call of next year runs; the price is that a dangerous call of next year runs, too.
 */
#define _GNU_SOURCE
#include "default_seccomp.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

typedef struct json_object json;

/* Names, with blanks between them. EPERM, as the kernel has it without the capability. */
static const char *const refused[] = {
	/* Another kernel, or code in this one. */
	"kexec_load kexec_file_load",
	"init_module finit_module delete_module",
	"bpf",
	/* Samples of every process of the machine; many holes of the kernel were here. */
	"perf_event_open",
	/* Stops the kernel in the middle of a copy from user memory for as long as one likes, which
	 * is what makes its races easy to win. */
	"userfaultfd",
	/* Keyrings belong to a user's number, and no namespace but the user's divides them. */
	"keyctl add_key request_key",
	/* The machine as a whole: its power, its swap, its accounting. */
	"reboot swapon swapoff acct",
	/* Its clock. CLOCK_REALTIME has no namespace. */
	"settimeofday stime clock_settime clock_settime64",
	"adjtimex clock_adjtime clock_adjtime64",
	/* Its devices' ports. */
	"iopl ioperm",
	/* A file by its number, past every directory: out of the container's root. */
	"open_by_handle_at",
	/* Limits that hold for a whole file system of the host. */
	"quotactl quotactl_fd",
	/* Of old kernels, or of profilers of old; their code is hardly tested any more. */
	"lookup_dcookie nfsservctl _sysctl",
	/* The processor's mode of 1978, a part of the kernel that is seldom tested. */
	"vm86 vm86old",
	NULL,
};

/* The same, but for the holder of CAP_SYS_ADMIN. */
static const char *const refused_without_sys_admin[] = {
	/* With a user namespace of its own any process may mount, and gets at much more of the
	 * kernel than the capability would let it. */
	"mount umount umount2 pivot_root",
	"fsopen fsconfig fsmount fspick move_mount open_tree mount_setattr",
	"setns unshare",
	NULL,
};

/* Where clone(2) has its flags: s390 has the stack first. */
#ifdef __s390__
enum { CLONE_FLAGS = 1 };
#else
enum { CLONE_FLAGS = 0 };
#endif

static const char *const architectures[] = {
#if defined(__x86_64__)
	"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32",
#elif defined(__aarch64__)
	"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM",
#endif
	NULL, /* none: libseccomp takes the machine's own */
};

static json *add_rule(json *rules, const char *names, int err)
{
	json *rule = json_object_new_object(), *list = json_object_new_array();

	while (*names) {
		size_t length = strcspn(names, " ");
		json_object_array_add(list, json_object_new_string_len(names, (int)length));
		names += length + (names[length] == ' ');
	}
	json_object_object_add(rule, "names", list);
	json_object_object_add(rule, "action", json_object_new_string("SCMP_ACT_ERRNO"));
	json_object_object_add(rule, "errnoRet", json_object_new_int(err));
	json_object_array_add(rules, rule);
	return rule;
}

/* The rule holds where (argument & mask) == value. Of a 32-bit argument a mask looks at no more:
 * the kernel ignores the upper half of the register, and an EQ would not. */
static void add_mask(json *rule, int index, uint32_t mask, uint32_t value)
{
	json *args = json_object_new_array(), *one = json_object_new_object();

	json_object_object_add(one, "index", json_object_new_int(index));
	json_object_object_add(one, "value", json_object_new_int64(mask));
	json_object_object_add(one, "valueTwo", json_object_new_int64(value));
	json_object_object_add(one, "op", json_object_new_string("SCMP_CMP_MASKED_EQ"));
	json_object_array_add(args, one);
	json_object_object_add(rule, "args", args);
}

/* Other personalities switch on old behaviour of the kernel, and switch off the random layout of
 * memory. Allowed are PER_LINUX, PER_LINUX32 (8), each with UNAME26 (0x20000) or not, and
 * 0xffffffff, which asks and changes nothing. So what is refused has one of the other 30 bits
 * set and one of all 32 clear. A rule can say "this one is set and that one is clear". Go round
 * the 30 in a circle: unless they are all alike, one that is set stands before one that is
 * clear. Where all are set, bit 3 or bit 17 is clear. */
static void add_personality(json *rules)
{
	const uint32_t free_bits = 0x20008;
	int first = -1, last = -1;

	for (int bit = 0; bit < 32; bit++) {
		uint32_t own = UINT32_C(1) << bit;
		if (free_bits & own)
			continue;
		if (last >= 0)
			add_mask(add_rule(rules, "personality", EPERM), 0,
				 UINT32_C(1) << last | own, UINT32_C(1) << last);
		first = first < 0 ? bit : first;
		last = bit;
	}
	uint32_t end = UINT32_C(1) << last;
	const uint32_t clear[] = { UINT32_C(1) << first, 0x8, 0x20000 };
	for (int i = 0; i < 3; i++)
		add_mask(add_rule(rules, "personality", EPERM), 0, end | clear[i], end);
}

/* No filter can look at the flags of clone3(2), which are in memory. ENOSYS: C libraries then call
 * clone(2). */
static void add_clone(json *rules)
{
	add_mask(add_rule(rules, "clone", EPERM), CLONE_FLAGS, CLONE_NEWUSER, CLONE_NEWUSER);
	add_rule(rules, "clone3", ENOSYS);
}

static void add_all(json *rules, const char *const names[])
{
	for (; *names; names++)
		add_rule(rules, *names, EPERM);
}

struct json_object *default_seccomp(bool sys_admin)
{
	json *profile = json_object_new_object(), *rules = json_object_new_array();
	json *list = json_object_new_array();

	if (!profile || !rules || !list) {
		json_object_put(profile);
		json_object_put(rules);
		json_object_put(list);
		errno = ENOMEM;
		return NULL;
	}
	add_all(rules, refused);
	add_personality(rules);
	/* Sockets to the hypervisor: no network namespace divides them. A 32-bit program on x86
	 * gets one by socketcall(2), whose arguments are in memory. */
	add_mask(add_rule(rules, "socket", EPERM), 0, UINT32_MAX, AF_VSOCK);
	if (!sys_admin) {
		add_all(rules, refused_without_sys_admin);
		add_clone(rules);
	}
	for (const char *const *name = architectures; *name; name++)
		json_object_array_add(list, json_object_new_string(*name));
	json_object_object_add(profile, "defaultAction", json_object_new_string("SCMP_ACT_ALLOW"));
	json_object_object_add(profile, "architectures", list);
	json_object_object_add(profile, "syscalls", rules);
	return profile;
}
