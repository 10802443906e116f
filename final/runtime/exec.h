/*
 * exec.h: another process in a container that runs.
 */
#pragma once

#include "runtime.h"

struct exec_request {
	const struct spec_process *process;
	int console;  /* process->terminal: a socket that gets the terminal; else -1 */
	int stdio[3]; /* -1: the caller's */
	int preserve_fds;
	const char *pid_file;	  /* or NULL */
	const char *pidfd_socket; /* as of create; or NULL */
	const char *const
		*groups; /* groups below the container's, as exec_group_enter(); or NULL */
	bool ignore_paused;
	bool dies_with_caller;
};

/* Joins the container's group and namespaces in a process between, which clones the new one with
 * CLONE_PARENT, so that it is the caller's child. Until it has given up all that the spec does not
 * grant it is not dumpable: a process of the container cannot trace it. The container's seccomp
 * profile holds for it, too.
 *
 * Returns 0 when the command runs; container->process is it, for container_wait() and attend(). -1
 * with errno and the failure record: ESRCH, `container not running`; EBUSY (paused); at_exec: the
 * command cannot be executed; nothing is left then. Source: setns(2), prctl(2): PR_SET_DUMPABLE. */
int runtime_exec(const struct box *box, const struct spec *spec, const struct exec_request *request,
		 struct container *container);
