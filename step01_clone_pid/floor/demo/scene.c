/*
 * scene.c: plays one scene in a child with disposable namespaces, and judges what it left.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/host/ground.h"
#include "guard.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "play.h"
#include "say.h"
#include "step01_clone_pid/floor/meet/waits.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* "Outside", for most scenes, is this child: what it mounts, names or shares goes with it. */
static int disposable_namespaces(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | rootless_flags();

	if (SYS(unshare(flags), ns_names(flags)) < 0)
		return -1;
	if ((flags & CLONE_NEWUSER) && self_map_write(uid, gid) < 0)
		return -1;
	return SYS(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
}

static void play(const struct scene *scene) __attribute__((noreturn));

static void play(const struct scene *scene)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	sys_trace_as("scene");
	sys_failure_clear();
	if (!(scene->flags & SCENE_HOST) && disposable_namespaces() < 0)
		fail_scene();
	scene->play();
	_exit(0);
}

enum { LOOK_MS = 2, MOST_MS = 100, KEY_MS = 1000 };

/* How long a scene may take: its time on a quiet machine, and ten times that, since a guest under
 * emulation is up to ten times slower, and half a minute for what has nothing to do with it. */
static long limit_ms(const struct scene *scene)
{
	return manner.limit ? manner.limit * 1000L : (scene->seconds * 10L + 30) * 1000;
}

/* A clock that stands still while the room thinks about a key, and while Ctrl-Z has stopped us
 * (then more time than a look takes has passed; what is more is not counted). */
struct patience {
	struct timespec last;
	unsigned seen; /* of outcome->waits_for_key */
	long spent_ms, key_ms;
	long interrupted_ms;
};

static void let_time_pass(struct patience *patience)
{
	struct timespec now;

	nanosleep(&(struct timespec){ .tv_nsec = LOOK_MS * 1000000L }, NULL);
	clock_gettime(CLOCK_MONOTONIC, &now);
	long us = (now.tv_sec - patience->last.tv_sec) * 1000000 +
		  (now.tv_nsec - patience->last.tv_nsec) / 1000;
	long ms = us / 1000;
	if (ms < 1)
		return; /* counted with the next one */
	patience->last = now;
	ms = ms < MOST_MS ? ms : MOST_MS;
	if (patience->seen != outcome->waits_for_key)
		patience->key_ms = KEY_MS; /* it counts on every 200 ms */
	patience->seen = outcome->waits_for_key;
	if (patience->key_ms > 0)
		patience->key_ms -= ms;
	else
		patience->spent_ms += ms;
	patience->interrupted_ms += interrupted ? ms : 0;
}

/* Waits until the scene ends. false: it does not, or a key leads elsewhere; then all of it is for
 * guard_scene_ended() to end (a process may be frozen, and feel no signal before it is thawed). */
static bool wait_for_scene(pid_t pid, const struct scene *scene, int *status)
{
	enum { MOST_AFTER_INTERRUPT_MS = 500 };
	struct patience patience = { 0 };
	char waits[300];
	pid_t ended;

	clock_gettime(CLOCK_MONOTONIC, &patience.last);
	while ((ended = waitpid(pid, status, WNOHANG)) == 0) {
		/* Ctrl-C was for the scene as well; one that does not feel it has half a second. */
		if (outcome->key || patience.interrupted_ms > MOST_AFTER_INTERRUPT_MS)
			return false;
		if (patience.spent_ms >= limit_ms(scene)) {
			describe_waits(waits, sizeof(waits));
			check(false, "it did not end within %ld s; it was waiting: %s",
			      limit_ms(scene) / 1000, waits);
			return false;
		}
		let_time_pass(&patience);
	}
	if (ended < 0) {
		check(false, "waitpid(scene): %s", strerror(errno));
		return false;
	}
	return true;
}

enum { FILES = 16 }; /* that a scene may want to have open, beside what is */

/* How many of that many descriptors are free. */
static int free_files(int wanted)
{
	int fd[FILES], got = 0;

	while (got < wanted && (fd[got] = fcntl(1, F_DUPFD_CLOEXEC, 3)) >= 0)
		got++;
	for (int i = 0; i < got; i++)
		close(fd[i]);
	return got;
}

/* What no scene can do without: without a /proc of our own there is no evidence, and with few
 * descriptors neither that nor an end to what it has begun. */
static bool has_ground(void)
{
	int files = free_files(FILES);
	struct verdict ground;

	if (files == FILES && ground_check(&ground) == GROUND_GOOD)
		return true;
	outcome->verdict = SCENE_SKIPPED;
	if (files < FILES) {
		snprintf(outcome->reason, sizeof(outcome->reason),
			 "this process may open %d more file%s, and a scene needs %d "
			 "(RLIMIT_NOFILE)",
			 files, files == 1 ? "" : "s", FILES);
		snprintf(outcome->remedy, sizeof(outcome->remedy), "ulimit -n 1024");
		return false;
	}
	snprintf(outcome->reason, sizeof(outcome->reason), "%s", ground.reason);
	snprintf(outcome->remedy, sizeof(outcome->remedy), "%s", ground.remedy);
	return false;
}

uint64_t scene_needs(const struct scene *scene)
{
	uint64_t around = CAN(CAN_MOUNT_NS) | CAN(CAN_IPC_NS) | CAN(CAN_UTS_NS) | CAN(CAN_NET_NS);

	if (rootless_flags())
		around |= CAN(CAN_USER_NS);
	return scene->needs | (scene->flags & SCENE_HOST ? 0 : around);
}

static bool needs_are_met(const struct scene *scene)
{
	uint64_t needs = has_ground() ? scene_needs(scene) : 0;

	if (outcome->verdict == SCENE_SKIPPED)
		return false;
	for (int ability = 0; ability < MOST_ABILITIES; ability++) {
		struct verdict answer = { 0 };
		if (!(needs & CAN(ability)) || host_can(ability, &answer))
			continue;
		outcome->verdict = SCENE_SKIPPED;
		snprintf(outcome->reason, sizeof(outcome->reason), "no %s: %s",
			 ability_title(ability), answer.reason);
		snprintf(outcome->remedy, sizeof(outcome->remedy), "%s", answer.remedy);
		return false;
	}
	if ((scene->flags & SCENE_GUEST) && !host_is_guest()) {
		outcome->verdict = SCENE_SKIPPED;
		snprintf(outcome->reason, sizeof(outcome->reason),
			 "it changes the whole machine: only in a guest");
		snprintf(outcome->remedy, sizeof(outcome->remedy), "make test-guest");
		return false;
	}
	return true;
}

static const struct scene_break *break_of(const struct scene *scene)
{
	for (int i = 0; manner.broken && scene->breaks[i].name; i++)
		if (strcmp(scene->breaks[i].name, manner.broken) == 0)
			return &scene->breaks[i];
	return NULL;
}

const char *scene_claim(const struct scene *scene)
{
	const struct scene_break *without = break_of(scene);

	return without ? without->claim : scene->claim;
}

const char *scene_left_out(const struct scene *scene)
{
	const struct scene_break *without = break_of(scene);

	return without ? without->left_out : NULL;
}

/* What its end says, where the scene itself may have said nothing. */
static void judge(int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

	if (WIFSIGNALED(status))
		check(false, "the scene was killed by signal %d (%s)", WTERMSIG(status),
		      strsignal(WTERMSIG(status)));
	else if (code != 0 && code != SCENE_ENDED)
		check(false, "the scene ended with status %d", code);
	else if (outcome->verdict == SCENE_UNJUDGED)
		check(false, "the scene judged nothing");
}

enum key scene_play(const struct scene *scene)
{
	bool failed = outcome->output_failed;
	int error = outcome->output_error, status = 0;

	*outcome = (struct outcome){ .output_failed = failed, .output_error = error };
	acts_reset();
	if (!needs_are_met(scene))
		return KEY_ON;
	guard_scene_begins();
	pid_t pid = fork();
	if (pid == 0)
		play(scene);
	if (pid < 0) {
		check(false, "fork: %s", strerror(errno));
		return KEY_ON;
	}
	bool ended = wait_for_scene(pid, scene, &status);
	guard_scene_ended();
	if (interrupted || (ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGINT))
		return KEY_QUIT;
	if (outcome->key)
		return (enum key)outcome->key;
	if (ended)
		judge(status);
	return KEY_ON;
}
