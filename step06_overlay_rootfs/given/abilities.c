/*
 * abilities.c: can this host mount an overlay?
 */
#define _GNU_SOURCE
#include "abilities.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/host/facts.h"

#include <sys/mount.h>
#include <sys/stat.h>

static int try_overlay(int unused)
{
	static const char *const directories[] = { "lower", "upper", "work", "merged" };
	/* Attributes in trusted.* are only root's; without root the overlay keeps them in user.*.
	 */
	const char *options = rootless_flags()
				      ? "lowerdir=lower,upperdir=upper,workdir=work,userxattr"
				      : "lowerdir=lower,upperdir=upper,workdir=work";

	(void)unused;
	if (probe_mounts(0) < 0 || probe_tmpfs() < 0)
		return -1;
	for (int i = 0; i < 4; i++)
		if (SYS(mkdir(directories[i], 0755), directories[i]) < 0)
			return -1;
	return SYS(mount("overlay", "merged", "overlay", 0, options), "merged");
}

void step06_abilities(void)
{
	static const struct ability overlay = { CAN_OVERLAY, "overlay", "overlay file system",
						.try = try_overlay };

	host_can_register(&overlay, 1);
}
