/*
 * identity.h: who the command is: ids, groups, capabilities, limits of what it may call.
 */
#pragma once

#include "final/runtime/inside/seccomp.h"
#include "final/runtime/spec/spec.h"

/* In a user namespace, whose first process has the ids of who made it: 0, which gives it its
 * capabilities there over files, too; or process's own where 0 is not mapped. Elsewhere nothing.
 * Returns 0, or -1 with errno and the failure record. Source: user_namespaces(7). */
int identity_first(const struct spec *spec, const struct spec_process *process);

/* Takes on everything of process that takes rights away, in the order in which each step still has
 * the rights it needs: AppArmor's label for the next execve(2) | the filter, unless
 * noNewPrivileges | bounding set | groups and ids, with kept capabilities | the capability sets,
 * the ambient ones last | umask | no_new_privs, then the filter where it was not set before. The
 * resource limits and oom_score_adj are not of it: the runtime sets them from outside.
 *
 * In a user namespace whose setgroups(2) is denied, no additional groups are no error.
 * Returns 0, or -1 with errno and the failure record: EPERM, EINVAL (an id without a mapping;
 * a capability that this kernel has not), ENOENT (AppArmor is off, or has no such profile). After a
 * failure the process must end. Source: capabilities(7), setresuid(2), seccomp(2). */
int identity_take(const struct spec_process *process, const struct seccomp_filter *filter);

/* process->env, of two of a name the last one, and where they are not in it, HOME (also where it is
 * empty) from /etc/passwd of the root in sight, else "/", and PATH: the usual six directories.
 * Returns a new array; the process ends with it, or calls execve(2). NULL with ENOMEM. */
char **identity_environment(const struct spec_process *process);

/* The file that execve(2) is to be given for args[0]: itself where it has a slash, else the first
 * match in PATH of env. Looked up with the rights that the command will have, so after
 * identity_take() and in its working directory.
 * path: PATH_MAX bytes. Returns 0, or -1 with errno and a failure record whose at_exec is set and
 * whose subject is name: ENOENT, EACCES (also for a directory), ENAMETOOLONG. environ is env then:
 * the reason depends on its PATH. */
int identity_find_command(const char *name, char *const env[], char *path);
