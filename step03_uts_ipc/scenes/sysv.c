/*
 * sysv.c: System V objects are found by a key, and a key means something in one IPC
 * namespace only.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "visit.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

enum { SEGMENT = 4096 };

/* One object of each kind, all with one key. An id of -1: there is none. */
struct objects {
	int shm, sem, queue;
	char text[32];		/* in the segment */
	int sem_value;		/* of semaphore 0 */
	unsigned long messages; /* in the queue */
};

union semun { /* semctl(2): the caller has to define it */
	int val;
};

/* What has this key, here? Makes nothing. */
static void find(key_t key, struct objects *found)
{
	struct msqid_ds queue = { 0 };

	*found = (struct objects){ .sem_value = -1 };
	found->shm = SYS_MAY(shmget(key, 0, 0), (long)key, ENOENT);
	found->sem = SYS_MAY(semget(key, 0, 0), (long)key, ENOENT);
	found->queue = SYS_MAY(msgget(key, 0), (long)key, ENOENT);
	if (found->shm >= 0) {
		const char *at = SYS(shmat(found->shm, NULL, SHM_RDONLY), (long)found->shm);
		if ((long)at != -1) {
			snprintf(found->text, sizeof(found->text), "%s", at);
			shmdt(at);
		}
	}
	if (found->sem >= 0)
		found->sem_value = SYS(semctl(found->sem, 0, GETVAL), (long)found->sem);
	if (found->queue >= 0 &&
	    SYS(msgctl(found->queue, IPC_STAT, &queue), (long)found->queue) == 0)
		found->messages = queue.msg_qnum;
}

static int make_segment(key_t key, const char *text)
{
	int id = SYS(shmget(key, SEGMENT, IPC_CREAT | IPC_EXCL | 0600), (long)key);
	char *at = id < 0 ? (char *)-1 : SYS(shmat(id, NULL, 0), (long)id);

	if ((long)at == -1)
		return -1;
	snprintf(at, SEGMENT, "%s", text);
	shmdt(at); /* the segment stays: it belongs to the namespace and to no process */
	return 0;
}

/* IPC_EXCL: that it works is the proof that the key was free here. */
static int make(key_t key, const char *text, int sem_value, int messages)
{
	struct {
		long type;
		char text[8];
	} message = { 1, "hello" };
	int sem, queue;

	if (make_segment(key, text) < 0)
		return -1;
	sem = SYS(semget(key, 1, IPC_CREAT | IPC_EXCL | 0600), (long)key);
	if (sem < 0 ||
	    SYS(semctl(sem, 0, SETVAL, (union semun){ .val = sem_value }), (long)sem) < 0)
		return -1;
	queue = SYS(msgget(key, IPC_CREAT | IPC_EXCL | 0600), (long)key);
	while (queue >= 0 && messages-- > 0)
		if (SYS(msgsnd(queue, &message, sizeof(message.text), IPC_NOWAIT), (long)queue) < 0)
			return -1;
	return queue < 0 ? -1 : 0;
}

/* ---- sysv-ipc ---- */

struct same_key {
	key_t key;
	struct objects at_birth, own;
	char listed[512]; /* /proc/sysvipc/shm, as read inside */
};

static int use_the_same_key(struct witness *self)
{
	struct same_key *both = self->arg;

	find(both->key, &both->at_birth);
	if (witness_wait(self) < 0 || make(both->key, "written inside", 3, 2) < 0)
		return -1;
	find(both->key, &both->own);
	/* Not by host_proc()'s descriptor for any special reason: /proc/sysvipc shows whoever opens
	 * it his own. */
	return read_file_at(host_proc(), "sysvipc/shm", both->listed, sizeof(both->listed)) < 0 ? -1
												: 0;
}

/* The first four columns of the second line of /proc/sysvipc/shm: key (decimal), shmid, perms,
 * size. */
static const char *first_line(const char *listed)
{
	static char line[64];
	long key, id;
	unsigned perms;
	unsigned long size;
	const char *rest = strchr(listed, '\n');

	if (!rest || sscanf(rest + 1, "%ld %ld %o %lu", &key, &id, &perms, &size) != 4)
		return "(none)";
	snprintf(line, sizeof(line), "%ld %ld %o %lu", key, id, perms, size);
	return line;
}

static const char *found_what(const struct objects *found)
{
	int count = (found->shm >= 0) + (found->sem >= 0) + (found->queue >= 0);

	return count == 3 ? "all three" : count == 0 ? "nothing: ENOENT" : "some of them";
}

static void judge_same_key(const struct same_key *both, const struct objects *ours)
{
	const struct objects *birth = &both->at_birth, *own = &both->own;

	check(birth->shm < 0 && birth->sem < 0 && birth->queue < 0,
	      "at birth the key should open nothing inside, opens %d %d %d", birth->shm, birth->sem,
	      birth->queue);
	check(own->shm >= 0 && strcmp(own->text, "written inside") == 0,
	      "the segment inside should say \"written inside\", says \"%s\"", own->text);
	check(strcmp(ours->text, "written outside") == 0,
	      "the segment outside should still say \"written outside\", says \"%s\"", ours->text);
	check(ours->sem_value == 7 && own->sem_value == 3,
	      "the semaphores should be 7 and 3, are %d and %d", ours->sem_value, own->sem_value);
	check(ours->messages == 1 && own->messages == 2,
	      "the queues should hold 1 and 2, hold %lu and %lu", ours->messages, own->messages);
}

void scene_sysv_ipc(void)
{
	struct same_key *both = shared_memory(sizeof(*both));
	struct objects *own = &both->own, ours;
	char listed[1024];
	struct witness box;

	both->key = 0x6d620000 | (getpid() & 0xffff);
	act("outside: shmget, semget, msgget(key %#x, ... IPC_CREAT | 0600)", both->key);
	if (make(both->key, "written outside", 7, 1) < 0)
		fail_scene();
	witness_start(&box, CLONE_NEWIPC, use_the_same_key, both);
	host_is_stand_in();
	heads("HOST", "CONTAINER");
	row("ipc ns", "%lu\t%lu", (unsigned long)ns_of(0, "ipc").ino,
	    (unsigned long)ns_of(box.child.pid, "ipc").ino);
	find(both->key, &ours);
	row("key finds", "%s\t%s", found_what(&ours), found_what(&both->at_birth));

	act("inside: the same three calls with the same key, IPC_EXCL");
	witness_cue(&box);
	find(both->key, &ours);
	row("segment", "id %d \"%s\"\tid %d \"%s\"", ours.shm, ours.text, own->shm, own->text);
	row("semaphore", "id %d value %d\tid %d value %d", ours.sem, ours.sem_value, own->sem,
	    own->sem_value);
	row("queue", "id %d, %lu message\tid %d, %lu messages", ours.queue, ours.messages,
	    own->queue, own->messages);
	if (read_file_at(host_proc(), "sysvipc/shm", listed, sizeof(listed)) < 0)
		fail_scene();
	show("cat /proc/sysvipc/shm   (key, shmid, perms, size)");
	row("", "%s", first_line(listed));
	row("", "\t%s", first_line(both->listed));

	act(NULL);
	value("key", "%d", both->key);
	value("ns_host", "%lu", (unsigned long)ns_of(0, "ipc").ino);
	value("ns_container", "%lu", (unsigned long)ns_of(box.child.pid, "ipc").ino);
	value("semaphore_host", "%d", ours.sem_value);
	value("semaphore_container", "%d", own->sem_value);
	judge_same_key(both, &ours);
	check(witness_end(&box) == 0, "the container should end with 0");
	verdict("one key, two segments, two semaphores, two queues");
}

/* ---- shared-when-not-asked ---- */

struct theft {
	int seen;    /* segments in the attacker's /proc/sysvipc/shm */
	int id, err; /* of the victim's segment; errno of opening it */
	char loot[32];
	char hostname[65];
	pid_t pid;
};

static const char secret[] = "PIN 4711";

static int keep_a_secret(struct witness *self)
{
	const key_t *key = self->arg;

	return make_segment(*key, secret);
}

/* Knows no key: /proc/sysvipc/shm, what ipcs -m reads, has them all. */
static int steal(struct witness *self)
{
	struct theft *theft = self->arg;
	char listed[4096];

	theft->pid = getpid();
	if (read_file_at(host_proc(), "sysvipc/shm", listed, sizeof(listed)) < 0)
		return -1;
	theft->id = -1;
	theft->err = ENOENT;
	for (char *line = strchr(listed, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
		key_t key = (key_t)strtol(line + 1, NULL, 10);
		theft->seen++;
		theft->id = SYS_MAY(shmget(key, 0, 0), (long)key, ENOENT);
		theft->err = theft->id < 0 ? errno : 0;
		const char *at = theft->id < 0 ? (char *)-1
					       : SYS(shmat(theft->id, NULL, SHM_RDONLY), (long)key);
		if ((long)at != -1)
			snprintf(theft->loot, sizeof(theft->loot), "%s", at);
	}
	return 0;
}

void scene_shared_when_not_asked(void)
{
	bool asked = !broken("newipc");
	int flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | (asked ? CLONE_NEWIPC : 0);
	struct theft *theft = shared_memory(sizeof(*theft));
	key_t key = 0x6d620000 | (getpid() & 0xffff);
	struct witness victim, attacker;

	act("two containers, each with CLONE_NEWPID | NEWNS | NEWUTS%s", asked ? " | NEWIPC" : "");
	host_proc();
	witness_start(&victim, flags, keep_a_secret, &key);
	witness_start(&attacker, flags, steal, theft);
	struct ns_id of_victim = ns_of(victim.child.pid, "ipc"),
		     of_attacker = ns_of(attacker.child.pid, "ipc");
	bool same = ns_id_equal(of_victim, of_attacker);
	heads("VICTIM", "ATTACKER");
	row("PID", "%d, inside %d\t%d, inside %d", victim.child.pid, victim.seen->pid,
	    attacker.child.pid, attacker.seen->pid);
	row("uts ns", "%lu\t%lu", (unsigned long)ns_of(victim.child.pid, "uts").ino,
	    (unsigned long)ns_of(attacker.child.pid, "uts").ino);
	row("ipc ns", "%lu\t%lu  %s", (unsigned long)of_victim.ino, (unsigned long)of_attacker.ino,
	    same ? "the same!" : "");
	row("segment", "key %#x, mode 0600\t", key);
	row("", "\"%s\"\t", secret);

	act(NULL);
	show("ipcs -m   (attacker: reads the keys off /proc/sysvipc/shm)");
	row("", "\t%d segment%s", theft->seen, theft->seen == 1 ? "" : "s");
	row("shmat", "\t%s", theft->loot[0] ? theft->loot : "nothing to open");

	value("segments_seen", "%d", theft->seen);
	value("ns_victim", "%lu", (unsigned long)of_victim.ino);
	value("ns_attacker", "%lu", (unsigned long)of_attacker.ino);
	value("loot", "%s", theft->loot);
	if (asked) {
		check(!same, "each should have an IPC namespace, both are in %lu",
		      (unsigned long)of_victim.ino);
		check(theft->seen == 0, "the attacker should see no segment, sees %d", theft->seen);
		check(!theft->loot[0], "the attacker should read nothing, has read \"%s\"",
		      theft->loot);
		verdict("the key is of no use: in there it opens nothing");
	} else {
		check(same, "both should be in one IPC namespace");
		check(strcmp(theft->loot, secret) == 0,
		      "the attacker should have read \"%s\", has \"%s\"", secret, theft->loot);
		verdict("\"%s\" read by a neighbour; PID, mount, UTS did not help", theft->loot);
	}
	check(witness_end(&victim) == 0 && witness_end(&attacker) == 0, "both should end with 0");
}
