/*
 * register.c: the floor knows nothing of this step but what stands here.
 */
#include "register.h"
#include "abilities.h"
#include "why_net_user.h"
#include "step03_uts_ipc/given/register.h"

void step04_register(void)
{
	step03_register();
	step04_abilities();
	why_register(&why_net_user);
}
