/*
 * mqueue.c: mq_open(3)'s queues, to be listed and removed as files.
 */
#include "mqueue.h"
#include "step02_mount_ns/given/mount_in_root.h"

#include <sys/mount.h>

int mqueue_mount(int root, const char *path)
{
	/* Which queues it shows is settled now: those of the IPC namespace that the caller is in.
	 * Mounted by the parent it would be the parent's queues. */
	return mount_in_root(root, path, "mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			     NULL);
}
