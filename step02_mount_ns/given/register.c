/*
 * register.c: the floor knows nothing of this step but what stands here.
 */
#include "register.h"
#include "abilities.h"
#include "why_mount.h"

void step02_register(void)
{
	step02_abilities();
	why_register(&why_mount);
}
