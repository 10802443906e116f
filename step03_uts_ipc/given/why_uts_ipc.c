/*
 * why_uts_ipc.c: why calls on host names, message queues and System V objects fail.
 */
#define _GNU_SOURCE
#include "why_uts_ipc.h"
#include "step01_clone_pid/floor/call/why_when.h"

/* AppArmor's rule explains more than what is mounted does: that is the floor's to say. */
static WHEN(mqueue_in_userns)
{
	return h->in_user_ns && has_type(f, "mqueue") && !apparmor_in_userns(h, f);
}

#define HOSTNAME "sethostname|setdomainname"
#define SYSV_GET "shmget|semget|msgget"

/* Rows are read as a table. */
/* clang-format off */
static const struct why_row rows[] = {
/* ---- mounting ---- */
{ "mount", EPERM, mqueue_in_userns, "mqueue can be mounted only by who has rights over the IPC namespace that it shows.",
  "Add CLONE_NEWIPC beside CLONE_NEWUSER." },
/* ---- host name ---- */
{ HOSTNAME, EPERM, in_user_ns, "The UTS namespace belongs to the outside; only its owner may change the name.",
  "Add CLONE_NEWUTS beside CLONE_NEWUSER." },
{ HOSTNAME, EPERM, NULL, "Changing the name needs CAP_SYS_ADMIN over this UTS namespace.",
  "Run it as root, or make a user and a UTS namespace first: unshare -Uru." },
{ HOSTNAME, EINVAL, NULL, "The name is longer than the kernel's 64 bytes.", "Use at most 64 bytes." },
/* ---- IPC objects ---- */
{ "mq_open", ENOSPC, NULL, "As many message queues exist as fs.mqueue.queues_max allows.",
  "sudo sysctl -w fs.mqueue.queues_max=512, or remove old ones: ls /dev/mqueue." },
{ "mq_open", EMFILE, NULL, "The queue would exceed RLIMIT_MSGQUEUE, or too many files are open.", "ulimit -q; ulimit -n" },
{ "mq_open", EACCES, NULL, "This user may not open the queue %s, or its name holds a second '/'.", "ls -l /dev/mqueue" },
{ "mq_open", ENOENT, NULL, "There is no queue %s in this IPC namespace.",
  "Make it with O_CREAT; ls /dev/mqueue; the same name in another IPC namespace is another queue." },
{ "mq_open", EINVAL, NULL,
  "The name must begin with '/', and size and number of messages must fit fs.mqueue.msg_max and msgsize_max.",
  "sysctl fs.mqueue" },
{ SYSV_GET, ENOSPC, NULL, "As many of these objects exist in this IPC namespace as it may hold.",
  "ipcs -l shows the limits, ipcs -a the objects; ipcrm removes one." },
{ SYSV_GET, EACCES, NULL, "An object with key %s exists, and this user has no permission on it.",
  "ipcs -a shows owner and mode." },
{ SYSV_GET, ENOENT, NULL, "There is no object with key %s in this IPC namespace.",
  "Make it with IPC_CREAT; ipcs -a; the same key in another IPC namespace is another object." },
{ SYSV_GET, EEXIST, NULL, "An object with key %s exists already.", "Leave IPC_EXCL out, or remove it: ipcrm." },
{ SYSV_GET, EINVAL, NULL, "The size is 0, over the limit, or larger than the object that exists with this key.",
  "ipcs -l; ipcs -a" },
};
/* clang-format on */

struct why_table why_uts_ipc = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]) };
