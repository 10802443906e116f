/*
 * register.c: the floor knows nothing of this step but what stands here.
 */
#include "register.h"
#include "abilities.h"

void step02_register(void)
{
	step02_abilities();
}
