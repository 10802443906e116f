/*
 * stand_in.h: a demo's own host.
 *
 * A scene of a step's demo plays in a process with mount, IPC, UTS and network namespaces of its
 * own, so that what it mounts and names goes with it. On the scene that process is "HOST". What a
 * demo calls a container is compared with this stand-in here as well, so that both screens say the
 * same. It is known from /proc alone: a demo's process whose four namespaces are others than those
 * of its parent, which is a process of the same demo.
 */
#pragma once

#include "scan.h"

/* Marks the stand-ins among the processes of this tick. */
void stand_ins_mark(struct scan *scan);

/* The outermost stand-in among the ancestors of p; NULL: it is compared with the real host. */
const struct process *stand_in_of(const struct scan *scan, const struct process *p);

/* Is p a process of a step's demo, by its name ("step03_uts_ipc")? */
bool is_demo(const struct process *p);
