/*
 * runtime.h: the operations of an OCI runtime (runtime.md, "Operations").
 *
 * minibox-runtime is the command line over them; another program may call them in its own process.
 * They change nothing of the caller: not its namespaces, working directory, ids, mask or
 * environment. Every operation may come from another process than the one before.
 *
 * All return 0, or -1 with errno and the failure record, whose cause holds the words that clients
 * look for.
 */
#pragma once

#include "final/runtime/launch.h"
#include "final/runtime/notify.h"
#include "final/runtime/state/box.h"

/* All zero: the defaults of `create`. */
struct create_request {
	const char *id;
	const char *bundle;	  /* a directory; NULL: the working directory */
	const char *config;	  /* the file, instead of BUNDLE/config.json; or NULL */
	const char *pid_file;	  /* or NULL */
	const char *pidfd_socket; /* the path of an AF_UNIX socket that gets a pidfd; or NULL */
	const char
		*console_socket; /* the path of an AF_UNIX socket that gets the terminal; or NULL */
	int console;		 /* or the socket itself, where it is more than 0 */
	int stdio[3];		 /* 0: the caller's */
	int preserve_fds;
	int listen_fds; /* so many of them are of socket activation; sd_listen_fds(3) */
	bool no_new_keyring, no_group, systemd, no_pivot;
	bool dies_with_caller;
	/* Called when the spec is read and nothing is made yet: it may set console and stdio.
	 * Returns 0, or -1 with errno, recorded. Or NULL. */
	int (*prepare)(struct create_request *request, const struct spec *spec);
	void *arg; /* prepare's */
};

/* A container of this process's making. */
struct created {
	struct box box; /* its lock is held */
	struct spec spec;
	struct container container;
	char bundle[PATH_MAX];
	char listen_fds[32];   /* "LISTEN_FDS=1" */
	char notify[PATH_MAX]; /* the directory of its socket */
};

/* create: the container waits at its gate. On failure nothing is left, and the poststop hooks have
 * been run. The caller gives *created to created_close(). */
int runtime_create(const struct runtime_root *root, struct create_request *request,
		   struct created *created);
void created_close(struct created *created);

/* start: of a container in the state created. A poststart hook that fails is a failure, and
 * the container is killed. box is held (BOX_HOLD). notify: gets the sockets of NOTIFY_SOCKET, for
 * notify_wait() or notify_hand_on(); on failure all is closed. */
int runtime_start(struct box *box, struct notify *notify);

/* kill. all: every process of its group. A container that is stopped: ESRCH, `container not
 * running`, but for --all. */
int runtime_kill(const struct box *box, int signal_number, bool all);

/* delete. force: also a container that lives, which is killed. box is held, and closed in any case.
 */
int runtime_delete(struct box *box, bool force);

/* update: new limits for a container that lives; what is not in resources stays. Controllers that
 * its group lacks are added. systemd is told of the limits of its scope. box is held. Returns 0, or
 * -1 with errno, recorded: EINVAL: memory and swap do not fit together, or the limit is below what
 * is in use and checkBeforeUpdate is set; or of the write. What was written by then stays. */
int runtime_update(struct box *box, struct spec_resources *resources);

/* The state as JSON, one line, ours to free(3); NULL with errno. */
char *runtime_state(const struct box *box);

/* A socket that is connected to the one that listens at path. Returns it, or -1. */
int runtime_connect_console(const char *path);

/* The same for a pidfd: it is sent over the socket. Returns 0, or -1. */
int runtime_send_pidfd(const char *path, int pidfd);

/* Writes a number to a file that is replaced whole. */
int runtime_write_pid(const char *path, pid_t pid);
