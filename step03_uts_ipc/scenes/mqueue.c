/*
 * mqueue.c: POSIX message queues, which are files.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "step03_uts_ipc/given/mqueue.h"
#include "step03_uts_ipc/uts_ipc.h"
#include "visit.h"
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* mq_open(2) and mq_send(2) as the kernel has them, without the '/' of mq_open(3); older C
 * libraries have them in librt only. */
static int mq_open(const char *name, int flags, mode_t mode)
{
	return (int)syscall(SYS_mq_open, name, flags, mode, NULL);
}

static int mq_send(int queue, const char *text, size_t length)
{
	return (int)syscall(SYS_mq_timedsend, queue, text, length, 0, NULL);
}

struct queues {
	int err;       /* of opening the queue inside, before one is made there */
	char name[32]; /* of the queue, in both */
	char outside[PATH_MAX / 4], inside[PATH_MAX / 4]; /* mount points */
	char through_old[128], own_before[128];		  /* what is listed where */
	char text[128];					  /* the queue's file */
};

static int put_queue(const char *name, const char *text)
{
	int queue = SYS(mq_open(name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600), name);

	if (queue < 0)
		return -1;
	int result = SYS(mq_send(queue, text, strlen(text)), name);
	close(queue);
	return result;
}

/* The names in a directory, blanks between; "(empty)" if there is none. */
static int list(const char *path, char *out, size_t size)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	if (!dir)
		return -1;
	out[0] = '\0';
	for (struct dirent *entry; (entry = readdir(dir));)
		if (entry->d_name[0] != '.' && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? " " : "",
					      entry->d_name);
	closedir(dir);
	if (n == 0)
		snprintf(out, size, "(empty)");
	return 0;
}

/* A queue's file says how many bytes wait in it: "QSIZE:5  NOTIFY:0 ...". */
static int read_queue(const char *mount, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", mount, name);
	if (read_file_at(AT_FDCWD, path, text, size) < 0)
		return -1;
	text[strcspn(text, " \n")] = '\0';
	return 0;
}

static int own_queues(struct witness *self)
{
	struct queues *q = self->arg;
	int queue = SYS_MAY(mq_open(q->name, O_RDONLY | O_CLOEXEC, 0), q->name, ENOENT);

	q->err = queue < 0 ? errno : 0;
	if (mqueue_mount(AT_FDCWD, q->inside) < 0 ||
	    list(q->outside, q->through_old, sizeof(q->through_old)) < 0 ||
	    list(q->inside, q->own_before, sizeof(q->own_before)) < 0)
		return -1;
	if (witness_wait(self) < 0 || put_queue(q->name, "from inside") < 0)
		return -1;
	return read_queue(q->inside, q->name, q->text, sizeof(q->text));
}

static void judge_queues(const struct queues *q, const char *listed, const char *text)
{
	check(q->err == ENOENT, "the name should open nothing inside: errno %d", q->err);
	check(strcmp(q->own_before, "(empty)") == 0, "its own mount should be empty, shows %s",
	      q->own_before);
	check(strcmp(q->through_old, q->name) == 0,
	      "the old mount should show %s inside, too, shows %s", q->name, q->through_old);
	check(strcmp(listed, q->name) == 0, "outside should list %s, lists %s", q->name, listed);
	check(strcmp(text, "QSIZE:5") == 0, "the queue outside should hold 5 bytes, says %s", text);
	check(strcmp(q->text, "QSIZE:11") == 0, "the queue inside should hold 11 bytes, says %s",
	      q->text);
}

void scene_posix_mq(void)
{
	struct queues *q = shared_memory(sizeof(*q));
	char name[32], listed[128], text[128];
	struct witness box;

	playground();
	snprintf(q->outside, sizeof(q->outside), "%s", in_playground("outside"));
	snprintf(q->inside, sizeof(q->inside), "%s", in_playground("inside"));
	snprintf(name, sizeof(name), "mb-%s", guard_token());
	memcpy(q->name, name, sizeof(name));

	act("outside: mount mqueue, mq_open(\"/%s\"), send 5 bytes", name);
	if (mqueue_mount(AT_FDCWD, q->outside) < 0 || put_queue(name, "hello") < 0)
		fail_scene();
	witness_start(&box, CLONE_NEWIPC | CLONE_NEWNS, own_queues, q);
	int queue = SYS(mq_open(name, O_RDONLY | O_CLOEXEC, 0), name);
	if (queue < 0 || list(q->outside, listed, sizeof(listed)) < 0)
		fail_scene();
	close(queue);
	host_is_stand_in();
	heads("HOST", "CONTAINER");
	row("ipc ns", "%lu\t%lu", (unsigned long)ns_of(0, "ipc").ino,
	    (unsigned long)ns_of(box.child.pid, "ipc").ino);
	row("mq_open", "descriptor %d\t%s", queue,
	    q->err == ENOENT ? "ENOENT: no such queue" : "a descriptor");
	row("old mount", "%s\t%s  (still HOST's)", listed, q->through_old);
	row("own mount", "\t%s", q->own_before);

	act("inside: a queue of the same name, 11 bytes");
	witness_cue(&box);
	if (read_queue(q->outside, name, text, sizeof(text)) < 0)
		fail_scene();
	show("cat .../%s", name);
	row("", "%s\t%s", text, q->text);
	say("The namespace of whoever mounts decides what a mount shows, for good:");
	say("so a container mounts its own, on /dev/mqueue.");

	act(NULL);
	value("name", "%s", name);
	value("host", "%s", text);
	value("container", "%s", q->text);
	value("container_at_first", "%s", q->own_before);
	judge_queues(q, listed, text);
	check(witness_end(&box) == 0, "the container should end with 0");
	verdict("one name, two queues: %s and %s bytes", text + strlen("QSIZE:"),
		q->text + strlen("QSIZE:"));
}
