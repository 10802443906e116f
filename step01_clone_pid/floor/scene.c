/*
 * scene.c: plays one scene in a child with disposable namespaces, and judges what it left.
 */
#define _GNU_SOURCE
#include "ground.h"
#include "guard.h"
#include "idmap.h"
#include "play.h"
#include "say.h"

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
	if ((flags & CLONE_NEWUSER) && idmap_self(uid, gid) < 0)
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

/* The scene's time is up long after it should be: the projector must not hang. A guest under
 * emulation is up to ten times slower; a pause may take as long as it likes, and so may Ctrl-Z: it
 * is our own looks that are counted, 2 ms each, and no clock. */
static int wait_for_scene(pid_t pid, int seconds)
{
	long looks = 0, end = (seconds * 10L + 60) * 500, asked = 0;
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (!manner.pause && ++looks == end)
			check(false, "the scene did not end within %ld seconds", end / 500);
		/* Ctrl-C was for the scene as well; one that does not feel it has half a second. */
		asked += interrupted;
		if (looks >= end || asked > 250)
			kill(pid, SIGKILL);
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	}
	return status;
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
	for (int ability = 0; ability < ABILITIES; ability++) {
		struct verdict answer = { 0 };
		if (!(needs & CAN(ability)) || host_can(ability, &answer))
			continue;
		outcome->verdict = SCENE_SKIPPED;
		snprintf(outcome->reason, sizeof(outcome->reason), "no %s: %s",
			 ability_title(ability), answer.reason);
		snprintf(outcome->remedy, sizeof(outcome->remedy), "%s", answer.remedy);
		return false;
	}
	if ((scene->flags & SCENE_GUEST) && !host_can(CAN_SET_CLOCK, NULL)) {
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

enum key scene_play(const struct scene *scene)
{
	bool failed = outcome->output_failed;
	int error = outcome->output_error;

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
	int status = wait_for_scene(pid, scene->seconds);
	guard_scene_ended();
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	if (interrupted || (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT))
		return KEY_QUIT;
	if (code >= KEY_BACK && code <= KEY_QUIT)
		return (enum key)code;
	if (WIFSIGNALED(status))
		check(false, "the scene was killed by signal %d (%s)", WTERMSIG(status),
		      strsignal(WTERMSIG(status)));
	else if (code != 0 && code != SCENE_ENDED)
		check(false, "the scene ended with status %d", code);
	else if (outcome->verdict == SCENE_UNJUDGED)
		check(false, "the scene judged nothing");
	return KEY_ON;
}
