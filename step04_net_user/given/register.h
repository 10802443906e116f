/*
 * register.h: what the floor is told of step 4 (given): probes for host_can(), rows of the
 * why-table, kinds of things that the guard removes.
 */
#pragma once

/* Registers them, and those of the steps below. To be called once by whoever links step 4, before
 * anything else: its demo's .prepare. */
void step04_register(void);
