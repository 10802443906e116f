/*
 * abilities.c: the two kinds of IPC on this host.
 */
#define _GNU_SOURCE
#include "abilities.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/shm.h>

static int try_mqueue(int unused)
{
	(void)unused;
	if (probe_mounts(CLONE_NEWIPC) < 0 || probe_tmpfs() < 0)
		return -1;
	return SYS(mount("mqueue", ".", "mqueue", 0, NULL), "mqueue");
}

static int try_sysv_ipc(int unused)
{
	(void)unused;
	if (probe_namespaces(CLONE_NEWIPC) < 0)
		return -1;
	/* It goes with its namespace, that is with us. */
	return SYS(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600), "IPC_PRIVATE") < 0 ? -1 : 0;
}

void step03_abilities(void)
{
	static const struct ability list[] = {
		{ CAN_MQUEUE, "mqueue", "POSIX message queues", .try = try_mqueue },
		{ CAN_SYSV_IPC, "sysv_ipc", "System V IPC", .try = try_sysv_ipc },
	};

	host_can_register(list, sizeof(list) / sizeof(*list));
}
