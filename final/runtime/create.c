/*
 * create.c: the operation create.
 */
#define _GNU_SOURCE
#include "runtime.h"
#include "final/runtime/inside/capabilities.h"
#include "final/runtime/inside/console.h"
#include "final/runtime/inside/seccomp_cache.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/escape.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { END_MS = 5000 };

static int refuse(int err, const char *subject, const char *cause, const char *remedy)
{
	sys_failure_set(err, "create", subject, cause, remedy);
	return -1;
}

/* ---- config.json ---- */

/* Of the bundle, or --config's. A copy stays with the container: later operations need what it was
 * created from. */
static char *read_config(const struct create_request *request, const char *bundle, size_t *length)
{
	char path[PATH_MAX + 16];
	struct stat st;

	if (request->config)
		snprintf(path, sizeof(path), "%s", request->config);
	else
		snprintf(path, sizeof(path), "%s/config.json", bundle);
	if (SYS(stat(path, &st), path) < 0)
		return NULL;
	if (S_ISREG(st.st_mode) && st.st_size <= SPEC_BYTES)
		return SYS(read_whole_at(AT_FDCWD, path, length), path);
	refuse(S_ISDIR(st.st_mode) ? EISDIR : EINVAL, path,
	       "It is no regular file of at most 4 MiB.",
	       "Give a bundle: a directory with the file config.json in it.");
	return NULL;
}

static int keep_config(const struct box *box, const char *text, size_t length)
{
	int fd = SYS(openat(box->dir, "config.json",
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600),
		     "config.json");
	ssize_t n = fd < 0 ? -1 : SYS(write(fd, text, length), "config.json");

	close_keeping_errno(fd);
	if (n >= 0 && (size_t)n < length)
		sys_failure_set(ENOSPC, "write", "config.json", NULL, NULL);
	return n == (ssize_t)length ? 0 : -1;
}

/* ---- the terminal ---- */

static int check_console(const struct create_request *request, const struct spec *spec)
{
	bool wants = spec->process.terminal, has = request->console_socket || request->console > 0;

	if (wants && !has)
		return refuse(
			EINVAL, "process.terminal",
			"cannot allocate tty if runc will detach without setting console socket",
			"--console-socket PATH, or \"terminal\": false in config.json.");
	if (!wants && request->console_socket)
		return refuse(EINVAL, "--console-socket",
			      "cannot use console socket if runc will not detach or allocate tty",
			      "\"terminal\": true in config.json.");
	return 0;
}

/* The socket that the caller listens on. Returns it, or -1. */
int runtime_connect_console(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return refuse(ENAMETOOLONG, path, NULL, NULL);
	memcpy(address.sun_path, path, strlen(path));
	fd = SYS(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), path);
	if (fd < 0 || SYS(connect(fd, (struct sockaddr *)&address, sizeof(address)), path) == 0)
		return fd;
	sys_failure_clear();
	sys_failure_set(errno, "connect", path, "No process listens at this socket.",
			"Make the socket and listen there before the runtime is called.");
	close_keeping_errno(fd);
	return -1;
}

/* ---- the rest ---- */

int runtime_send_pidfd(const char *path, int pidfd)
{
	int socket = runtime_connect_console(path);
	int result = socket < 0 ? -1 : console_send(socket, pidfd, "the process's pidfd");

	close_keeping_errno(socket);
	return result;
}

int runtime_write_pid(const char *path, pid_t pid)
{
	char text[16], next[PATH_MAX];
	int length = snprintf(text, sizeof(text), "%d", pid);

	if (snprintf(next, sizeof(next), "%s.%d", path, getpid()) >= (int)sizeof(next))
		return refuse(ENAMETOOLONG, path, NULL, NULL);
	int fd = SYS(open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), next);
	if (fd < 0)
		return -1;
	ssize_t n = SYS(write(fd, text, (size_t)length), path);
	close_keeping_errno(fd);
	if (n == length && SYS(rename(next, path), path) == 0)
		return 0;
	int saved = errno;
	unlink(next);
	errno = saved;
	return -1;
}

/* Descriptors that are promised to the command must be there, or ours would be among them. */
static int check_preserved(int count)
{
	char cause[120];

	for (int i = 0; i < count; i++) {
		if (fcntl(3 + i, F_GETFD) >= 0)
			continue;
		snprintf(cause, sizeof(cause),
			 "preserved-fd %d (of %d) is not open: these descriptors begin with 3.", i,
			 count);
		return refuse(EBADF, "--preserve-fds", cause, "A smaller number.");
	}
	return 0;
}

/* What is passed over, because the specification wants it so. */
static void warn(const struct spec *spec)
{
	const struct spec_process *process = &spec->process;
	bool user_ns = (spec->namespaces & CLONE_NEWUSER) || spec->join[NS_USER];
	uint64_t missing;

	if (process->unknown_capability)
		dprintf(2,
			"minibox-runtime: warning: process.capabilities: %s is no capability that "
			"is known here; it is left out\n",
			SHOWN(process->unknown_capability));
	if (capabilities_missing(&process->capabilities, user_ns, &missing) < 0)
		return; /* the container's process asks the same, and says what was wrong */
	for (; missing; missing &= missing - 1)
		dprintf(2,
			"minibox-runtime: warning: process.capabilities: %s cannot be given: the "
			"runtime has not got it, or it is effective and not permitted; it is left "
			"out\n",
			capabilities_name(missing));
}

/* For the command, which is PID 1 of its own numbers. */
static int add_listen_fds(struct created *created, int fds)
{
	static char pid[] = "LISTEN_PID=1";
	char ***env = &created->spec.process.env;
	size_t count = 0;

	if (!fds)
		return 0;
	while ((*env)[count])
		count++;
	char **longer = realloc(*env, (count + 3) * sizeof(**env));
	if (!longer)
		return -1;
	snprintf(created->listen_fds, sizeof(created->listen_fds), "LISTEN_FDS=%d", fds);
	longer[count] = created->listen_fds;
	longer[count + 1] = pid;
	longer[count + 2] = NULL;
	*env = longer;
	return 0;
}

static void fill(struct created *created, const struct create_request *request)
{
	const char *id = created->box.id;
	struct container *c = &created->container;

	*c = (struct container){ .spec = &created->spec,
				 .id = id,
				 .bundle = created->bundle,
				 .group_name = id,
				 .no_group = request->no_group,
				 .systemd = request->systemd,
				 .announce = box_note_group,
				 .note_process = box_note_process,
				 .announce_arg = &created->box,
				 .state_dir = created->box.dir,
				 .console = -1,
				 .preserve_fds = request->preserve_fds,
				 .no_new_keyring = request->no_new_keyring,
				 .no_pivot = request->no_pivot,
				 .dies_with_caller = request->dies_with_caller };
	for (int i = 0; i < 3; i++)
		c->stdio[i] = request->stdio[i] > 0 ? request->stdio[i] : -1;
}

static int create_in_box(struct created *created, const struct create_request *request)
{
	struct container *c = &created->container;
	struct oci_state stopped;

	fill(created, request);
	if (seccomp_prepare(created->spec.seccomp, created->box.root->dir, &c->filter) < 0)
		return -1;
	spec_drop_seccomp(&created->spec);
	if (created->spec.process.terminal)
		c->console = request->console > 0
				     ? request->console
				     : runtime_connect_console(request->console_socket);
	if (created->spec.process.terminal && c->console < 0) {
		seccomp_free(&c->filter);
		return -1;
	}
	int result = container_create(c);
	if (result < 0) {
		/* A container that could not be created is at its end, and that has hooks, too. */
		struct failure why = *sys_failure();
		int saved = errno;
		stopped = container_state(c, "stopped", 0);
		sys_failure_clear();
		hooks_run(&created->spec, HOOK_POSTSTOP, &stopped);
		sys_failure_clear();
		sys_failure_adopt(&why);
		errno = saved;
	}
	if (c->console >= 0 && request->console <= 0)
		close_keeping_errno(c->console);
	if (result < 0)
		return -1;
	created->box.record.creating = false;
	if (box_record_write(created->box.dir, created->box.id, &created->box.record) < 0 ||
	    (request->pid_file && runtime_write_pid(request->pid_file, c->process.pid) < 0) ||
	    (request->pidfd_socket &&
	     runtime_send_pidfd(request->pidfd_socket, c->process.pidfd) < 0)) {
		container_remove(c);
		return -1;
	}
	return 0;
}

/* container_remove() has ended the group; the directories on the way to it, and a nest that made
 * room for it, are in the record. What does not go keeps the record, for delete --force. Returns
 * -1, errno kept. */
static int undo(struct box *box)
{
	struct ending ending = { .timeout_ms = END_MS };
	int saved = errno;

	if (groups_end_own(&box->record.groups, &ending) == 0 &&
	    groups_end_others(&box->record.groups, &ending) != END_LEFT)
		box_remove(box);
	else
		box_close(box);
	errno = saved;
	return -1;
}

int runtime_create(const struct runtime_root *root, struct create_request *request,
		   struct created *created)
{
	const char *bundle = request->bundle ? request->bundle : ".";
	size_t length = 0;
	char *text = NULL;

	*created = (struct created){ .box = { .dir = -1, .lock = -1 } };
	if (box_check_id(request->id) < 0 || check_preserved(request->preserve_fds) < 0)
		return -1;
	if (!SYS(realpath(bundle, created->bundle), bundle) ||
	    !(text = read_config(request, created->bundle, &length)))
		return -1;
	int result = spec_parse(text, length, &created->spec);
	if (result == 0) {
		warn(&created->spec);
		result = add_listen_fds(created, request->listen_fds);
	}
	if (result == 0 && request->prepare)
		result = request->prepare(request, &created->spec);
	if (result == 0 && (result = check_console(request, &created->spec)) == 0)
		result = box_new(root, request->id, created->bundle, &created->box);
	created->box.spec = &created->spec;
	created->box.record.groups.systemd = request->systemd;
	bool has_box = result == 0;
	if (has_box && (result = keep_config(&created->box, text, length)) == 0)
		result = notify_add(&created->box, &created->spec, created->notify);
	free_keeping_errno(text); /* the container's process would have a copy of it */
	if (result == 0)
		result = create_in_box(created, request);
	if (result == 0)
		return 0;
	if (has_box)
		undo(&created->box);
	int saved = errno;
	spec_free(&created->spec);
	errno = saved;
	return -1;
}

void created_close(struct created *created)
{
	container_leave(&created->container);
	box_close(&created->box);
	spec_free(&created->spec);
}
