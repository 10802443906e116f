/*
 * ps_table.h: the processes of a container, for people.
 */
#pragma once

#include <sys/types.h>

/* Prints a table on fd with the columns NSPID UID PID PPID C STIME TTY TIME CMD: those of `ps -ef`,
 * and before them the number that a process has in its own PID namespace. A process that has ended
 * meanwhile is left out. Returns 0, or -1 with errno of write(2). */
int ps_table(int fd, const pid_t pids[], int count);

/* Runs ps(1) with these options and prints its first line and those lines whose column PID is one
 * of pids. Returns 0, or -1 with errno, recorded: ENOENT (there is no ps), EINVAL (its options give
 * no column PID), ECHILD (it has failed). */
int ps_filtered(char *const options[], const pid_t pids[], int count);
