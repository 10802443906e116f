/*
 * sub_ids.c: 65536 ids for a container of an ordinary user.
 */
#define _GNU_SOURCE
#include "box.h"
#include "scenes.h"
#include "step04_net_user/given/abilities.h"
#include "step04_net_user/given/sub_ids.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOMEBODY = 33, FIRST = 100000, IDS = 65536 };

struct crowd {
	int directory;
	unsigned uid, file; /* as they are in there */
};

/* Becomes user 33 and makes a file: with one id in the map there would be no such user. */
static int be_somebody(struct box *self)
{
	struct crowd *seen = self->script;
	struct stat st;

	if (id_become(SOMEBODY, SOMEBODY) < 0)
		return -1;
	seen->uid = getuid();
	int fd =
		SYS(openat(seen->directory, "of-33", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644),
		    "of-33");
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	seen->file = st.st_uid;
	close(fd);
	return box_wait(self);
}

static void write_text(const char *path, const char *mode, const char *text)
{
	FILE *file = fopen(path, mode);

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		fail_scene();
}

/* Root plays a user who has been given ranges: files of its own over /etc/subuid and the others, in
 * a mount namespace that nobody else sees. */
static void give_ranges(const struct person *person)
{
	static const char *const files[] = { "/etc/subuid", "/etc/subgid" };
	char text[128], line[64];

	if (SYS(unshare(CLONE_NEWNS), CLONE_NEWNS) < 0 ||
	    SYS(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/") < 0 ||
	    SYS(mount("tmpfs", "/mnt", "tmpfs", 0, NULL), "/mnt") < 0)
		fail_scene();
	snprintf(text, sizeof(text), "%u:%d:%d\n", person->uid, FIRST, IDS);
	write_text("/mnt/ranges", "we", text);
	for (int i = 0; i < 2; i++) {
		if (access(files[i], F_OK) < 0)
			skip_scene("Install the package uidmap.",
				   "there is no %s to lay a file over", files[i]);
		if (SYS(mount("/mnt/ranges", files[i], NULL, MS_BIND, NULL), files[i]) < 0)
			fail_scene();
	}
	char *passwd = getpwuid(person->uid) ? NULL : read_whole_at(AT_FDCWD, "/etc/passwd", NULL);
	if (!passwd)
		return;
	/* newuidmap wants its caller to have a name. The line stands first: what is there may end
	 * without a newline. */
	snprintf(line, sizeof(line), "minibox-user:x:%u:%u::/:/bin/sh\n", person->uid, person->gid);
	write_text("/mnt/passwd", "we", line);
	write_text("/mnt/passwd", "ae", passwd);
	free(passwd);
	if (SYS(mount("/mnt/passwd", "/etc/passwd", NULL, MS_BIND, NULL), "/etc/passwd") < 0)
		fail_scene();
}

/* What cannot work here is said before anything is tried. */
static void ask_for_ranges(const struct person *person)
{
	struct verdict answer = { 0 };

	if (!sub_ids_installed())
		skip_scene("Install the package uidmap (Debian, Ubuntu) or shadow-utils (Fedora).",
			   "newuidmap and newgidmap are not installed");
	if (host_facts_of(FACTS_SELF)->no_new_privs)
		skip_scene("Run it outside of the sandbox that set no_new_privs.",
			   "no_new_privs is set: set-uid programs get nothing by it");
	if (person->stand_in)
		give_ranges(person);
	else if (!host_can(CAN_SUB_IDS, &answer))
		skip_scene(answer.remedy, "%s", answer.reason);
}

/* A directory that user 33 in there, some high number out here, can write in. */
static int open_place(const struct person *person)
{
	char scratch[256];

	if (guard_scratch(scratch, sizeof(scratch)) < 0 || SYS(chmod(scratch, 0777), scratch) < 0)
		fail_scene();
	int fd = SYS(open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC), scratch);
	if (fd < 0 || (person->stand_in && SYS(fchown(fd, person->uid, person->gid), scratch) < 0))
		fail_scene();
	return fd;
}

/* What user `person` may map, in lines; uid and gid have room for five. */
static struct id_maps plan_maps(const struct person *person, struct id_map *uid, struct id_map *gid)
{
	struct sub_range uids[4], gids[4];
	int uid_ranges = sub_ids_read("/etc/subuid", person->uid, uids, 4);
	int gid_ranges = sub_ids_read("/etc/subgid", person->uid, gids, 4);

	if (uid_ranges < 0 || gid_ranges < 0)
		fail_scene();
	if (uids[0].count < SOMEBODY || gids[0].count < SOMEBODY)
		skip_scene("sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "
			   "$USER",
			   "user %u's first range holds %u ids: too few for a user %d in there",
			   person->uid,
			   uids[0].count < gids[0].count ? uids[0].count : gids[0].count, SOMEBODY);
	act("In /etc/subuid: %u ids, from %u on, are user %u's to give out.", uids[0].count,
	    uids[0].first, person->uid);
	if (person->stand_in)
		say("(Run by root, who laid that file over the host's and plays user %u.)",
		    person->uid);
	return (struct id_maps){ .uid = uid,
				 .gid = gid,
				 .uids = sub_ids_plan(person->uid, uids, uid_ranges, uid, 5),
				 .gids = sub_ids_plan(person->gid, gids, gid_ranges, gid, 5) };
}

static unsigned tell_map(pid_t pid, int expected)
{
	struct id_map map[5];
	int lines = id_map_read(scene_proc(), pid, "uid_map", map, 5);
	unsigned ids = 0;

	/* It lives, and yet has no files: by now it is another user's. */
	if (lines < 0 && errno == ENOENT)
		skip_scene("sudo mount -o remount,hidepid=0 /proc",
			   "this /proc hides other users' processes (hidepid), and the container "
			   "is one now");

	show("cat /proc/%d/uid_map", pid);
	for (int i = 0; i < lines; i++) {
		evidence("%10u %10u %10u", map[i].inside, map[i].outside, map[i].count);
		ids += map[i].count;
	}
	check(lines == expected, "the map should have %d lines, has %d", expected, lines);
	return ids;
}

void scene_sub_ids(void)
{
	struct crowd *seen = box_memory(sizeof(*seen));
	struct box box = { .part = be_somebody, .script = seen };
	struct person person = you();
	struct id_map uid[5], gid[5];
	struct stat st;

	seen->directory = open_place(&person);
	ask_for_ranges(&person);
	person = become_you();
	struct id_maps maps = plan_maps(&person, uid, gid);
	box_start(&box, CLONE_NEWUSER);
	show("newuidmap %d 0 %u 1 1 %u %u        (and newgidmap)", box.child.pid, person.uid,
	     uid[1].outside, uid[1].count);
	if (sub_ids_write(box.child.pid, &maps) < 0 || stage_reach(&box.stages, STAGE_MAPPED) < 0 ||
	    stage_await(&box.stages, STAGE_READY, box.child.pidfd, -1) < 0)
		fail_scene();
	unsigned ids = tell_map(box.child.pid, maps.uids);
	if (SYS(fstatat(seen->directory, "of-33", &st, 0), "of-33") < 0)
		fail_scene();
	heads("HOST", "CONTAINER");
	row("ids", "\t%u", ids);
	row("file of 33", "%u\t%u", st.st_uid, seen->file);
	value("ids", "%u", ids);
	value("owner_outside", "%u", st.st_uid);
	check(seen->uid == SOMEBODY && seen->file == SOMEBODY,
	      "in there it should be 33, is %u, its file %u", seen->uid, seen->file);
	check(st.st_uid == uid[1].outside + SOMEBODY - 1,
	      "out here the file should belong to %u, does to %u", uid[1].outside + SOMEBODY - 1,
	      st.st_uid);
	verdict("%u ids in there; its user 33 is %u out here", ids, st.st_uid);
	box_end(&box);
}
