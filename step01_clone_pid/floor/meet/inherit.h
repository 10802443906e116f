/*
 * inherit.h: what a process hands to its child although no namespace divides it.
 *
 * Open descriptors, signal dispositions and the signal mask cross clone(2), and most of them
 * execve(2) too. A container must not get them by accident: "/proc/self/fd/7/.." is a path, and
 * leads to where descriptor 7 was opened. Close-on-exec is no help until execve(2), and a process
 * that never calls it (an init) keeps everything.
 */
#pragma once

/* Closes every descriptor from 3 up but those in keep (count of them; -1 in it means none). At most
 * 64 are kept.
 * Returns 0, or -1 with errno: EINVAL (more than 64), or that of opening /proc/self/fd on a kernel
 * without close_range(2). Source: close_range(2), Linux 5.9. */
int inherit_close(const int keep[], int count);

/* The same from first up: those from 3 to first - 1 are the command's, too. */
int inherit_close_from(int first, const int keep[], int count);

/* Every signal gets its default action, and none is blocked. Ignored signals and the mask survive
 * execve(2), and a SIGCHLD that is ignored makes wait(2) lose the status.
 * Source: signal(7), execve(2). */
void inherit_signals(void);

/* Refuses a directory as descriptor 0, 1 or 2: the command could walk from it to all of the host by
 * "/proc/self/fd/0/..". Returns 0, or -1 with errno EISDIR and a failure record. */
int inherit_check_standard(void);
