/*
 * register.c: the floor knows nothing of this step but what stands here.
 */
#include "register.h"
#include "abilities.h"
#include "why_uts_ipc.h"
#include "step02_mount_ns/given/register.h"

void step03_register(void)
{
	step02_register();
	step03_abilities();
	why_register(&why_uts_ipc);
}
