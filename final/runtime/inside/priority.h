/*
 * priority.h: when the command gets a processor and a disk, and which processors and memory.
 */
#pragma once

#include "final/runtime/spec/spec.h"

/* Gives the caller the processors of a list, "0-3,7"; NULL: every one that its group has, also
 * where the caller of the runtime was kept to few. To be called before priority_take():
 * SCHED_DEADLINE wants all. Returns 0, or -1 with errno and the failure record. Source:
 * sched_setaffinity(2). */
int priority_take_cpus(const char *list);

/* The nodes that the caller, its children and the command get memory from. Returns 0, or -1 with
 * errno and the failure record: EINVAL, ENOSYS (a kernel without NUMA). Source:
 * set_mempolicy(2). */
int priority_take_memory(const struct spec_memory_policy *policy);

/* Gives the caller process->ioPriority and process->scheduler, where they are said; its children
 * and the command inherit them. To be called before identity_take(): the classes of real time need
 * CAP_SYS_NICE or CAP_SYS_ADMIN. Returns 0, or -1 with errno and the failure record: EPERM, EINVAL
 * (SCHED_DEADLINE with times that do not fit; a priority that the policy has not), EBUSY.
 * Source: ioprio_set(2), sched_setattr(2). */
int priority_take(const struct spec_process *process);
