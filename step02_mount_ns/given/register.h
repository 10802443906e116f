/*
 * register.h: what the floor is told of step 2 (given): probes for host_can(), rows of the
 * why-table, kinds of things that the guard removes.
 */
#pragma once

/* Registers them, and those of the steps below. To be called once, first, by the main() of whatever
 * links step 2. */
void step02_register(void);
