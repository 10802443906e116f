/*
 * mqueue.h: the POSIX message queues of an IPC namespace, as files (given).
 */
#pragma once

/* Mounts the POSIX message queues of the *caller's* IPC namespace at path (made if missing) inside
 * root, nosuid, nodev, noexec. The mount shows that namespace for good, whoever looks. root: a
 * directory's descriptor, or AT_FDCWD for /; path is resolved inside root (resolve.h). Returns 0,
 * or -1 with errno: EPERM (no rights over the IPC namespace), ENODEV (a kernel without message
 * queues), ENOTDIR, EXDEV (a link led out). Source: mq_overview(7), "Mounting the message queue
 * filesystem". */
int mqueue_mount(int root, const char *path);
