/*
 * ids.c: two numbers for one user.
 */
#define _GNU_SOURCE
#include "box.h"
#include "step04_net_user/net_user.h"
#include "scenes.h"
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The id that what is not in the map is shown as. */
static unsigned overflow_id(void)
{
	char text[32] = "";

	if (read_file_at(scene_proc(), "sys/kernel/overflowuid", text, sizeof(text)) < 0)
		return 65534;
	return (unsigned)strtoul(text, NULL, 10);
}

static void tell_who(const struct person *person)
{
	if (person->stand_in)
		say("Run by root: root steps down and plays the ordinary user %u here.",
		    person->uid);
}

/* The line "Uid:" of a status file: real, effective, saved, file system. */
static void uid_line(pid_t pid, char *line, size_t size)
{
	if (!proc_status_value(scene_proc(), pid, "Uid", line, size))
		snprintf(line, size, "?");
	for (char *c = line; *c; c++)
		*c = *c == '\t' ? ' ' : *c;
}

/* ---- by hand ---- */

char by_hand_uid_map[192], by_hand_files_belong[192];

/* Root of a user namespace that root has made is root outside, too: typed by root, the lines for a
 * user would show nothing. So root steps down for them, as it does in the scenes, and where it does
 * so in the scenes: root of a user namespace may have no other id to step down to. */
void by_hand_prepare(void)
{
	struct person person = you();
	char as[64] = "";

	if (person.stand_in)
		snprintf(as, sizeof(as), "setpriv --reuid %u --regid %u --clear-groups ",
			 person.uid, person.gid);
	snprintf(by_hand_uid_map, sizeof(by_hand_uid_map),
		 "%sunshare -Ur sh -c 'id -u; cat /proc/self/uid_map'", as);
	snprintf(by_hand_files_belong, sizeof(by_hand_files_belong),
		 "%s%sf=$(mktemp%s); unshare -Ur stat -c %%u $f; stat -c %%u $f; rm $f%s", as,
		 *as ? "sh -c '" : "", *as ? " /tmp/XXXXXX" : "", *as ? "'" : "");
}

/* ---- uid-map ---- */

struct identity {
	unsigned unmapped, uid, gid;
	char line[64], map[64];
};

static int note_unmapped(struct box *self)
{
	struct identity *seen = self->script;

	seen->unmapped = getuid();
	return 0;
}

static int note_identity(struct box *self)
{
	struct identity *seen = self->script;

	seen->uid = getuid();
	seen->gid = getgid();
	uid_line(0, seen->line, sizeof(seen->line));
	return box_wait(self);
}

static void compare_ids(const struct identity *seen, const struct person *person, pid_t pid)
{
	char path[32], outside[64], map[128];
	struct id_map line = { 0 };

	uid_line(pid, outside, sizeof(outside));
	snprintf(path, sizeof(path), "%d/uid_map", pid);
	if (read_file_at(scene_proc(), path, map, sizeof(map)) < 0)
		fail_scene();
	int lines = id_map_read(scene_proc(), pid, "uid_map", &line, 1);
	row("uid", "%u\t%u", (unsigned)atoi(outside), seen->uid);
	act(NULL);
	show("grep Uid: /proc/%d/status      one file, two readers", pid);
	row("read here", "Uid: %s", outside);
	row("in there", "Uid: %s", seen->line);
	show("cat /proc/%d/uid_map           inside, outside, how many", pid);
	evidence("%.*s", (int)strcspn(map, "\n"), map);
	value("uid_outside", "%u", (unsigned)atoi(outside));
	value("uid_inside", "%u", seen->uid);
	value("map", "%u %u %u", line.inside, line.outside, line.count);
	check(lines == 1 && line.inside == 0 && line.outside == person->uid && line.count == 1,
	      "the map should be 0 %u 1, is %s", person->uid, map);
	check((unsigned)atoi(outside) == person->uid, "outside it should be %u, the kernel says %s",
	      person->uid, outside);
	check(seen->uid == 0 && seen->gid == 0, "inside it should be 0, is %u (group %u)",
	      seen->uid, seen->gid);
	verdict("uid 0 in there, uid %s out here, one process",
		(outside[strcspn(outside, " ")] = '\0', outside));
}

void scene_uid_map(void)
{
	struct person person = become_you();
	struct identity *seen = box_memory(sizeof(*seen));
	struct box box = { .unmapped = note_unmapped, .part = note_identity, .script = seen };

	act("clone(child, stack_top, CLONE_NEWUSER | SIGCHLD, NULL)");
	tell_who(&person);
	box.as_born = broken("map");
	box_start(&box, CLONE_NEWUSER);
	heads("HOST", "CONTAINER");
	row("PID", "%d\t%d", box.child.pid, box.child.pid);
	row("uid", "%u\t%u  (nobody: no map yet)", person.uid, seen->unmapped);
	value("pid", "%d", box.child.pid);
	value("unmapped", "%u", seen->unmapped);
	check(seen->unmapped == overflow_id(), "without a map it should be %u, is %u",
	      overflow_id(), seen->unmapped);
	if (broken("map")) {
		act("The map is not written, and the child goes on.");
		if (stage_reach(&box.stages, STAGE_MAPPED) < 0 ||
		    stage_await(&box.stages, STAGE_READY, box.child.pidfd, -1) < 0)
			fail_scene();
		row("uid", "%u\t%u", person.uid, seen->uid);
		check(seen->uid == overflow_id(), "it should still be %u, is %u", overflow_id(),
		      seen->uid);
		verdict("it is user %u, and so is every other user that it sees", seen->uid);
	} else {
		act("$ echo \"0 %u 1\" > /proc/%d/uid_map      (and gid_map)", person.uid,
		    box.child.pid);
		box_map(&box, your_map());
		compare_ids(seen, &person, box.child.pid);
	}
	box_end(&box);
}

/* ---- files-belong ---- */

struct owners {
	int directory;
	unsigned file, passwd; /* owners as seen in there */
	int chown_errno, open_errno;
};

static int make_a_file(struct box *self)
{
	struct owners *seen = self->script;
	struct stat st;
	int fd = SYS(openat(seen->directory, "made-by-root",
			    O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644),
		     "made-by-root");

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	seen->file = st.st_uid;
	if (SYS_MAY(fchown(fd, 5, (gid_t)-1), 5, EINVAL) < 0)
		seen->chown_errno = errno;
	close(fd);
	if (stat("/etc/passwd", &st) < 0)
		return -1;
	seen->passwd = st.st_uid;
	/* Opened only: nothing is written. */
	fd = SYS_MAY(open("/etc/passwd", O_WRONLY | O_CLOEXEC), "/etc/passwd", EACCES);
	if (fd < 0)
		seen->open_errno = errno;
	return box_wait(self);
}

static void compare_owners(const struct owners *seen, const struct person *person)
{
	struct stat file, passwd;

	if (SYS(fstatat(seen->directory, "made-by-root", &file, 0), "made-by-root") < 0 ||
	    stat("/etc/passwd", &passwd) < 0)
		fail_scene();
	row("its owner", "%u\t%u", file.st_uid, seen->file);
	act("What is not in the map:");
	row("passwd", "/etc/passwd: %u\t%u  (stands for all others)", passwd.st_uid, seen->passwd);
	row("open it", "\t%s",
	    seen->open_errno ? strerror(seen->open_errno) : "it opened for writing");
	row("chown 5", "\t%s", seen->chown_errno ? strerror(seen->chown_errno) : "it was taken");
	say("Root's right to pass over permissions ends where the map ends.");
	value("owner_outside", "%u", file.st_uid);
	value("owner_inside", "%u", seen->file);
	value("passwd_inside", "%u", seen->passwd);
	check(file.st_uid == person->uid, "outside the file should belong to %u, does to %u",
	      person->uid, file.st_uid);
	check(seen->file == 0, "inside it should belong to 0, does to %u", seen->file);
	check(seen->passwd == overflow_id(), "/etc/passwd should show %u in there, shows %u",
	      overflow_id(), seen->passwd);
	check(seen->open_errno == EACCES, "opening /etc/passwd for writing should be EACCES, is %s",
	      strerror(seen->open_errno));
	check(seen->chown_errno == EINVAL, "chown to an id without a map should be EINVAL, is %s",
	      strerror(seen->chown_errno));
	verdict("owner 0 in there, %u out here; it is one file", file.st_uid);
}

void scene_files_belong(void)
{
	struct owners *seen = box_memory(sizeof(*seen));
	struct box box = { .part = make_a_file, .script = seen };
	char scratch[256];
	struct person person = you();

	/* Made before root steps down: $TMPDIR may be closed to others. From here on it goes by
	 * descriptor. */
	if (guard_scratch(scratch, sizeof(scratch)) < 0)
		fail_scene();
	if ((seen->directory = SYS(open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC), scratch)) < 0)
		fail_scene();
	if (person.stand_in && SYS(fchown(seen->directory, person.uid, person.gid), scratch) < 0)
		fail_scene();
	person = become_you();
	act("Root of a user namespace makes a file in a directory of the host:");
	tell_who(&person);
	box_start(&box, CLONE_NEWUSER);
	box_map(&box, your_map());
	heads("HOST", "CONTAINER");
	row("who", "%u\t0", person.uid);
	show("touch made-by-root; stat -c %%u made-by-root");
	compare_owners(seen, &person);
	box_end(&box);
}

/* ---- setgroups-deny ---- */

struct groups {
	int before_errno, after_errno;
};

static int try_groups_unmapped(struct box *self)
{
	struct groups *seen = self->script;

	seen->before_errno = SYS_MAY(setgroups(0, NULL), 0, EPERM) < 0 ? errno : 0;
	return 0;
}

static int try_groups(struct box *self)
{
	struct groups *seen = self->script;

	seen->after_errno = SYS_MAY(setgroups(0, NULL), 0, EPERM) < 0 ? errno : 0;
	return box_wait(self);
}

/* Writes one of its files; an errno is what we want to see. */
static int try_file(pid_t pid, const char *file, const char *text)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/%s", pid, file);
	int result = write_file_at(scene_proc(), path, text) < 0 ? errno : 0;
	sys_failure_clear();
	show("echo \"%s\" > /proc/%s", text, path);
	evidence("%s", result ? strerror(result) : "(done)");
	return result;
}

void scene_setgroups_deny(void)
{
	struct person person = become_you();
	struct groups *seen = box_memory(sizeof(*seen));
	struct box box = { .unmapped = try_groups_unmapped, .part = try_groups, .script = seen };
	char map[32];

	snprintf(map, sizeof(map), "0 %u 1", person.gid);
	act("A file with mode 0705 is closed to its group and open to all others.");
	say("Root in there could leave the group, and would be one of the others. So:");
	tell_who(&person);
	box_start(&box, CLONE_NEWUSER);
	int first = try_file(box.child.pid, "gid_map", map);
	check(first == EPERM,
	      "gid_map should be refused while setgroups is allowed, the answer is %s",
	      strerror(first));
	value("gid_map_errno", "%d", first);
	if (broken("deny")) {
		verdict("no deny, so gid_map is refused: %s", strerror(first));
		return;
	}
	int deny = try_file(box.child.pid, "setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", person.uid);
	int uid = try_file(box.child.pid, "uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", person.gid);
	int gid = try_file(box.child.pid, "gid_map", map);
	if (stage_reach(&box.stages, STAGE_MAPPED) < 0 ||
	    stage_await(&box.stages, STAGE_READY, box.child.pidfd, -1) < 0)
		fail_scene();
	row("in there", "setgroups(0, NULL)\t%s",
	    seen->after_errno ? strerror(seen->after_errno) : "worked");
	value("setgroups_errno", "%d", seen->after_errno);
	check(deny == 0 && uid == 0 && gid == 0, "after the deny all should be written, but: %s",
	      strerror(deny  ? deny
		       : uid ? uid
			     : gid));
	check(seen->after_errno == EPERM, "root in there should not leave its groups, but: %s",
	      strerror(seen->after_errno));
	verdict("first the deny, then the map; nobody leaves a group in there");
	box_end(&box);
}
