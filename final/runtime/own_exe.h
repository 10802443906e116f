/*
 * own_exe.h: the file of this program, out of a container's reach.
 *
 * /proc/PID/exe of a container's process is the host's minibox until it calls execve(2), and of an
 * --init for ever; and an image may name /proc/self/exe as the command or as a script's
 * interpreter. Such a process could write to the file, which the next user then runs outside.
 */
#pragma once

/* Goes on as it is where the file cannot be written by this user in any case (its owner and mode, a
 * read-only file system, immutable, verity). Else executes the same program again, with the same
 * arguments and environment, from a read-only mount of the file or, where none can be made, from a
 * sealed copy in memory. To be called first, before anything is open.
 * Returns 0 to go on, or -1 with errno and the failure record.
 * Source: open_tree(2), mount_setattr(2), memfd_create(2), execveat(2). */
int own_exe_protect(char **argv);
