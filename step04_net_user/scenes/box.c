/*
 * box.c: a scene's container, from birth to end.
 */
#define _GNU_SOURCE
#include "box.h"
#include "step04_net_user/net_user.h"
#include "step04_net_user/given/rtnetlink.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 }; /* a guest under emulation is slow */

void *box_memory(size_t size)
{
	void *memory =
		SYS(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
		    "shared memory");

	if (memory == MAP_FAILED)
		fail_scene();
	return memory;
}

static int play(struct box *self)
{
	if (self->child.flags & CLONE_NEWUSER) {
		if (self->unmapped && self->unmapped(self) < 0)
			return -1;
		if (stage_reach(&self->stages, STAGE_BORN) < 0 ||
		    stage_await(&self->stages, STAGE_MAPPED, -1, -1) < 0)
			return -1;
		if (!self->as_born && id_become(0, 0) < 0)
			return -1;
	}
	return self->part(self);
}

static int box_child(void *arg)
{
	struct box *self = arg;

	stage_child(&self->stages);
	sys_trace_as("child");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int status = play(self);
	if (status >= 0)
		return status;
	stage_fail(&self->stages);
	return 1;
}

static void await(struct box *box, enum stage stage)
{
	if (stage_await(&box->stages, stage, box->child.pidfd, PATIENCE_MS) < 0)
		fail_scene();
}

void box_start(struct box *box, int flags)
{
	box->child = (struct spawn){ .flags = flags, .fn = box_child, .arg = box };
	if (stage_open(&box->stages) < 0 || spawn(&box->child) < 0)
		fail_scene();
	stage_parent(&box->stages);
	await(box, flags & CLONE_NEWUSER ? STAGE_BORN : STAGE_READY);
	if (proc_shows(scene_proc(), box->child.pid, box->child.pidfd))
		return; /* its maps may be written, its namespaces entered by its number */
	sys_failure_set(errno, "proc_shows", "/proc/self/fdinfo/PIDFD", NULL, NULL);
	fail_scene();
}

void box_map(struct box *box, const struct id_maps *maps)
{
	if (id_maps_write(scene_proc(), box->child.pid, maps) < 0 ||
	    stage_reach(&box->stages, STAGE_MAPPED) < 0)
		fail_scene();
	await(box, STAGE_READY);
}

void box_go(struct box *box)
{
	if (stage_reach(&box->stages, STAGE_START) < 0)
		fail_scene();
	await(box, STAGE_READY);
}

int box_end(struct box *box)
{
	int status = -1;

	stage_reach(&box->stages,
		    STAGE_START);  /* it may be gone already: that is what we wait for */
	stage_close(&box->stages); /* and a wait more that it may have ends at once */
	if (spawn_wait(&box->child, &status) < 0)
		fail_scene();
	return status;
}

int box_wait(struct box *self)
{
	if (stage_reach(&self->stages, STAGE_READY) < 0)
		return -1;
	return stage_await(&self->stages, STAGE_START, -1, -1);
}

/* ---- its network ---- */

int box_netns(const struct box *box)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/ns/net", box->child.pid);
	int fd = SYS(openat(scene_proc(), path, O_RDONLY | O_CLOEXEC), path);
	if (fd < 0)
		fail_scene();
	return fd;
}

struct ns_id ns_identity(pid_t pid, const char *kind)
{
	struct ns_id id = { 0 };

	if (SYS(proc_ns_id(scene_proc(), pid, kind, &id), kind) < 0)
		fail_scene();
	return id;
}

void box_cable(int netlink, const struct box *box, const char *here, const char *here_address,
	       const char *there)
{
	int netns = box_netns(box);

	if (veth_into(netlink, here, there, netns) < 0)
		fail_scene();
	close(netns);
	if (here_address && address_add(netlink, here, here_address) < 0)
		fail_scene();
	if (link_up(netlink, here) < 0)
		fail_scene();
}

/* ---- the scene ---- */

int scene_netlink(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = rtnl_open();
	if (fd < 0)
		fail_scene();
	return fd;
}

int scene_proc(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = proc_open();
	if (fd < 0)
		fail_scene();
	return fd;
}

/* Has our own user namespace this id? In a container of somebody else's it may not. */
static bool have_id(const char *file, unsigned id)
{
	struct id_map map[340];
	int procfd = proc_open(), /* not scene_proc(): no scene may be playing */
		lines = procfd < 0 ? 0 : id_map_read(procfd, 0, file, map, 340);

	if (procfd >= 0)
		close(procfd);
	for (int i = 0; i < lines; i++)
		if (id >= map[i].inside && id - map[i].inside < map[i].count)
			return true;
	return false;
}

static unsigned from_environment(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);
	unsigned long number = text ? strtoul(text, NULL, 10) : 0;

	return number > 0 && number < 4294967294UL ? (unsigned)number : otherwise;
}

struct person whom_root_plays(void)
{
	return (struct person){ from_environment("SUDO_UID", 1000),
				from_environment("SUDO_GID", 1000), true };
}

struct person you(void)
{
	struct person person = { geteuid(), getegid(), false };
	struct person other = whom_root_plays();

	/* In a user namespace of one id root has nobody to play. */
	return person.uid == 0 && have_id("uid_map", other.uid) && have_id("gid_map", other.gid)
		       ? other
		       : person;
}

struct person become_you(void)
{
	struct person person = you();

	if (person.uid == 0)
		skip_scene("Run it on the host.",
			   "in this user namespace there is no user but root");
	if (person.stand_in) {
		if (id_become(person.uid, person.gid) < 0)
			fail_scene();
		/* Whoever gave up root might still hold its secrets in memory, so the kernel hands
		 * its /proc files to root. Not here. */
		prctl(PR_SET_DUMPABLE, 1);
		facts_forget();
	}
	return person;
}

const struct id_maps *your_map(void)
{
	static struct id_map uid, gid;
	static struct id_maps maps = {
		.uid = &uid, .gid = &gid, .uids = 1, .gids = 1, .deny_setgroups = true
	};
	struct person person = you();

	uid = (struct id_map){ 0, person.uid, 1 };
	gid = (struct id_map){ 0, person.gid, 1 };
	return &maps;
}
