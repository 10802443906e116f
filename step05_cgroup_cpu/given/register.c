/*
 * register.c: the floor knows nothing of this step but what stands here.
 */
#include "register.h"
#include "abilities.h"
#include "why_cgroup.h"
#include "step04_net_user/given/register.h"

void step05_register(void)
{
	step04_register();
	step05_abilities();
	why_register(&why_cgroup);
}
