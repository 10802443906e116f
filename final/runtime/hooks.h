/*
 * hooks.h: programs that are run at six points of a container's life; config.md, "POSIX-platform
 * Hooks".
 */
#pragma once

#include "final/runtime/spec/spec.h"

#include <sys/types.h>

/* The state of a container as the specification has it (runtime.md, "State"): what `state` prints
 * and what a hook reads from its standard input. The caller owns every string. */
struct oci_state {
	const char *oci_version, *id, *status, *bundle;
	const char *rootfs, *created; /* of `state` alone, or NULL */
	pid_t pid; /* 0: there is none, and the member is left out, but of `state` */
	struct json_object *annotations; /* or NULL */
};

/* The state as JSON, in one line. Returns it, for the caller to free(3), or NULL with ENOMEM. */
char *oci_state_text(const struct oci_state *state);

/* Runs the hooks of a kind, one after the other, each with the state on its standard input, in the
 * bundle's directory, and with no descriptor of ours but 0, 1 and 2. A hook's args[0] is its name
 * only: path is executed, as it is seen in the caller's mount namespace. Without env it gets the
 * caller's environment, as runc's hooks do; a startContainer hook, which runs inside the container,
 * gets none and stays in its directory. A hook that has not ended after its timeout is killed, with
 * its process group.
 *
 * Stops at the first that fails; those of HOOK_POSTSTOP clean up, and all of them are run. Returns
 * 0, or -1 with errno of the first failure: of execve(2); ETIMEDOUT; ECHILD (it has ended with
 * another status than 0, or by a signal); the failure record names the hook, its kind
 * ("createRuntime hook #0") and its status. */
int hooks_run(const struct spec *spec, enum hook_kind kind, const struct oci_state *state);
