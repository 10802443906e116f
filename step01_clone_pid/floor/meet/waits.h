/*
 * waits.h: what processes are waiting for, as the kernel says.
 */
#pragma once

#include <stddef.h>

/* Describes what every descendant of this process waits for, zombies left out, into out
 * (NUL-ended): "init (4711) in rt_sigtimedwait; sleep (4712) in clock_nanosleep". Says so where
 * there is none, and where /proc does not tell. proc_pid_syscall(5), proc_pid_wchan(5). */
void describe_waits(char *out, size_t size);
