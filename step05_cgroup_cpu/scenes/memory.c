/*
 * memory.c: what happens at the limit, and to whom.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"
#include "scenes.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20, LIMIT_MIB = 32, WANTS_MIB = 64, NEIGHBOUR_MIB = 8 };

/* What the hog and its neighbour tell: shared, so that it outlives them. */
struct told {
	volatile int touched; /* MiB */
	volatile int ready;
};

static void *shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail_scene();
	return memory;
}

/* Address space costs nothing: a page counts when it is touched. It stops by itself at WANTS_MIB.
 */
static int hog(void *arg)
{
	struct told *told = arg;
	char *memory = mmap(NULL, (size_t)WANTS_MIB * MIB, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return 1;
	for (int i = 0; i < WANTS_MIB; i++) {
		memset(memory + (size_t)i * MIB, 1, MIB);
		told->touched = i + 1;
		usleep(10000); /* to be seen growing */
	}
	return 0;
}

static int neighbour(void *arg)
{
	struct told *told = arg;
	char *memory = malloc((size_t)NEIGHBOUR_MIB * MIB);

	if (!memory)
		return 1;
	memset(memory, 7, (size_t)NEIGHBOUR_MIB * MIB);
	told->ready = 1;
	while (told->ready != 2)
		usleep(1000);
	for (size_t i = 0; i < (size_t)NEIGHBOUR_MIB * MIB; i++)
		if (memory[i] != 7)
			return 1;
	return 0;
}

/* With swap left, the hog would only become slow. */
static void set_limit(const struct cgroup_part *part)
{
	char swap[64] = "", *text;

	sys_failure_clear();
	if (cgroup_memory(part->dir, part->version, (int64_t)LIMIT_MIB * MIB, CGROUP_NO_SWAP) == 0)
		return;
	if (errno != ENOTSUP)
		fail_scene();
	sys_failure_clear();
	if ((text = read_whole_at(AT_FDCWD, "/proc/meminfo", NULL)))
		status_value(text, "SwapTotal", swap, sizeof(swap));
	free(text);
	if (atoll(swap) > 0)
		skip_scene("boot with swapaccount=1, or swapoff -a",
			   "this kernel does not account for swap, and there is %s of it", swap);
	if (cgroup_memory(part->dir, part->version, (int64_t)LIMIT_MIB * MIB, -1) < 0)
		fail_scene();
}

/* The hog's way up, one bar; returns its status when it has ended. */
static int watch_hog(pid_t pid, const struct told *told)
{
	char bar[64];
	int status = 0;

	if (live())
		say("hog");
	while (waitpid(pid, &status, WNOHANG) == 0) {
		redraw("hog      %s %2d MiB",
		       arena_bar((double)told->touched / WANTS_MIB, 40, bar, sizeof(bar)),
		       told->touched);
		arena_sleep_ms(20);
	}
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (live())
		redraw("hog      %s %2d MiB, status %d",
		       arena_bar((double)told->touched / WANTS_MIB, 40, bar, sizeof(bar)),
		       told->touched, status);
	else
		say("hog      %s %2d MiB, status %d",
		    arena_bar((double)told->touched / WANTS_MIB, 40, bar, sizeof(bar)),
		    told->touched, status);
	return status;
}

static void show_counters(const struct cgroup_part *part, const struct cgroup_memory_stat *stat)
{
	char text[512];

	if (part->version == 1) {
		/* Not memory.failcnt: Linux 6.18 leaves it 0 where it kills at the limit. */
		show("cat memory.max_usage_in_bytes; grep 'kill ' memory.oom_control");
		evidence("%lld   oom_kill %lld", (long long)stat->peak, (long long)stat->oom_kill);
		return;
	}
	show("cat memory.events");
	if (read_file_at(part->dir, "memory.events", text, sizeof(text)) > 0)
		for (char *c = text; *c; c++)
			if (*c == '\n' && c[1])
				*c = ' ';
	evidence("%s", text);
}

static void judge_memory(int status, const struct told *told, const struct cgroup_memory_stat *stat)
{
	if (broken("limit")) {
		check(status == 0 && told->touched == WANTS_MIB,
		      "the hog should get its %d MiB, ended with %d at %d", WANTS_MIB, status,
		      told->touched);
		check(stat->oom_kill == 0, "nobody should be killed, oom_kill is %lld",
		      (long long)stat->oom_kill);
		verdict("%d MiB were there to be taken, and were taken", told->touched);
		return;
	}
	check(status == 128 + SIGKILL, "the hog should be killed, status 137; it is %d", status);
	check(told->touched < LIMIT_MIB + 2, "it should not get over %d MiB, got %d", LIMIT_MIB,
	      told->touched);
	check(stat->oom_kill >= 1, "oom_kill should count it, is %lld", (long long)stat->oom_kill);
	/* -1 where the kernel keeps no peak */
	check(stat->peak <= (int64_t)LIMIT_MIB * MIB,
	      "the peak should be within the limit, is %lld", (long long)stat->peak);
}

void scene_memory(void)
{
	struct told *told = shared(2 * sizeof(*told));
	struct cgroup group, beside;
	struct cgroup_memory_stat stat;

	if (broken("limit"))
		act("a hog wants %d MiB, in a group of its own; beside it a neighbour", WANTS_MIB);
	else
		act("a hog wants %d MiB in a group of %d, without swap; beside it a neighbour",
		    WANTS_MIB, LIMIT_MIB);
	arena_group(&group, CG(CG_MEMORY), "hog");
	arena_group(&beside, CG(CG_MEMORY), "neighbour");
	const struct cgroup_part *part = group_part(&group, CG_MEMORY);
	if (broken("limit"))
		say("(no limit is written)");
	else
		set_limit(part);
	pid_t other = arena_run(&beside, neighbour, &told[1]);
	while (!told[1].ready && kill(other, 0) == 0)
		arena_sleep_ms(2);
	int status = watch_hog(arena_run(&group, hog, told), told);
	act(NULL);
	if (cgroup_read_memory(part->dir, part->version, &stat) < 0)
		fail_scene();
	show_counters(part, &stat);
	told[1].ready = 2;
	int well = arena_wait(other);
	say("neighbour: its %d MiB are %s", NEIGHBOUR_MIB, well == 0 ? "as it left them" : "LOST");
	if (!broken("limit"))
		say("%s would be: echo %dm > %s", part->version == 1 ? "v2" : "v1", LIMIT_MIB,
		    part->version == 1 ? "memory.max; echo 0 > memory.swap.max"
				       : "memory.limit_in_bytes");
	value("status", "%d", status);
	value("touched_mib", "%d", told->touched);
	value("oom_kill", "%lld", (long long)stat.oom_kill);
	value("neighbour_status", "%d", well);
	verdict("killed at %d MiB (137 = 128 + SIGKILL), and only the hog", told->touched);
	judge_memory(status, told, &stat);
	check(well == 0, "the neighbour should live on unharmed, its status is %d", well);
	arena_end(&group);
	arena_end(&beside);
}
