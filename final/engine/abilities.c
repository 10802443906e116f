/*
 * abilities.c: FUSE, for a /proc that knows of the container's limits.
 */
#define _GNU_SOURCE
#include "abilities.h"
#include "step01_clone_pid/floor/host/facts.h"

#include <unistd.h>

static bool judge_fuse(int unused, struct verdict *out)
{
	(void)unused;
	if (!host_facts_of(FACTS_SELF)->proc)
		return verdict_no(
			out,
			"No proc file system is mounted at /proc, which lists what the kernel has.",
			"sudo mount -t proc proc /proc");
	if (!facts_filesystem(host_facts_of(FACTS_FILESYSTEMS), "fuse"))
		return verdict_no(out, "This kernel has no FUSE.", "sudo modprobe fuse");
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		return verdict_no(out, "/dev/fuse cannot be opened by this user, or is not there.",
				  "sudo modprobe fuse; sudo chmod 666 /dev/fuse");
	return verdict_yes(out);
}

void minibox_abilities(void)
{
	static const struct ability fuse = { CAN_FUSE, "fuse", "FUSE", .judge = judge_fuse };

	host_can_register(&fuse, 1);
}
