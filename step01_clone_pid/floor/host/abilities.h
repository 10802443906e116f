/*
 * abilities.h: what can be done on this host: the list behind host_can().
 *
 * The list is open. The floor's own abilities stand here; each higher step
 * numbers its own on from those of the step below, in its given/abilities.h,
 *
 *	enum { CAN_THIS = STEP03_ABILITIES, CAN_THAT, STEP04_ABILITIES };
 *
 * and registers how they are found out. So all of them are bits of one mask.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	CAN_PID_NS, /* make a namespace of this kind, alone or behind a user namespace */
	CAN_MOUNT_NS,
	CAN_UTS_NS,
	CAN_IPC_NS,
	CAN_NET_NS,
	CAN_USER_NS,
	CAN_CGROUP_NS,
	CAN_TIME_NS,
	CAN_HOST_ROOT, /* real root: euid 0 and CAP_SYS_ADMIN in the first user namespace */
	CAN_PTRACE,    /* trace one's own child */
	STEP01_ABILITIES,
};

enum { MOST_ABILITIES = 64 }; /* CAN() is a bit of 64 */

/* Scenes name what they need in .needs, as CAN(...) bits. */
#define CAN(ability) (1ULL << (ability))

struct verdict {
	bool yes;
	char reason[256]; /* why not: one line */
	char remedy[256]; /* what to do about it, "" if nothing helps */
};

/* Can this process (behind a user namespace if it has to) do that? Found out once, and kept for
 * the life of the process. errno and the failure record are left alone. out may be NULL. Returns
 * out->yes; an ability that no step has registered is a no, with that as the reason. */
bool host_can(int ability, struct verdict *out);

/* Its short name ("user namespace") and its name for --json ("user_ns"); "unknown" where it was not
 * registered. */
const char *ability_title(int ability);
const char *ability_key(int ability);

/* One more than the highest number that was registered: for a loop over all. */
int abilities_known(void);

/* How an ability is found out: by trying it, or else by looking. */
struct ability {
	int number;		 /* CAN_... */
	const char *key, *title; /* as ability_key() and ability_title() give them; static */
	/* Does the thing, in a forked child that it may spoil: in disposable namespaces, so that
	 * the kernel takes everything away when the child ends. Returns 0, or -1 with the failure
	 * recorded by SYS(): its cause and remedy become the reason. */
	int (*try)(int arg);
	/* Where trying would leave something behind: judges from what can be read. Fills reason and
	 * remedy where the answer is no, and returns the answer. */
	bool (*judge)(int arg, struct verdict *out);
	int arg; /* for either of them */
};

/* Adds these to the list; one that is there already is replaced, and its answer forgotten. */
void host_can_register(const struct ability list[], int count);

/* For a judge: fills the verdict and returns its answer. */
bool verdict_yes(struct verdict *out);
bool verdict_no(struct verdict *out, const char *reason, const char *remedy);

/* For a try: enters new namespaces of these CLONE_NEW* kinds, behind a user namespace of its own
 * where the process lacks CAP_SYS_ADMIN. Returns 0, or -1 with the failure recorded. */
int probe_namespaces(int flags);

/* For a judge: is this a machine that was booted for tests (tests/guest), whose clock and limits
 * may be changed? $MB_GUEST or /run/minibox-guest says so; it is never assumed. */
bool host_is_guest(void);
