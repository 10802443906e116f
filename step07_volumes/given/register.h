/*
 * register.h: what the floor is told of step 7 (given): probes for host_can(), rows of the
 * why-table, kinds of things that the guard removes.
 */
#pragma once

/* Registers them, and those of the steps below. To be called once, first, by the main() of whatever
 * links step 7. */
void step07_register(void);
