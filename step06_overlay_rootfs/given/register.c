/*
 * register.c: the floor knows nothing of this step but what stands here.
 */
#include "register.h"
#include "abilities.h"
#include "why_overlay.h"
#include "step05_cgroup_cpu/given/register.h"

void step06_register(void)
{
	step05_register();
	step06_abilities();
	why_register(&why_overlay);
}
