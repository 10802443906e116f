/*
 * register.c: the floor knows nothing of this step but what stands here.
 */
#include "register.h"
#include "busybox_root.h"
#include "why_mount.h"
#include "step01_clone_pid/floor/host/facts.h"

void step02_register(void)
{
	host_can_ask(CAN_BUSYBOX, busybox_probe);
	why_register(&why_mount);
}
