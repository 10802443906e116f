/*
 * observe.c: what /proc says of the living and the dead.
 */
#define _GNU_SOURCE
#include "observe.h"
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step01_clone_pid/scenes/scenes.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void nap_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

long clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sleep_for_ever(void)
{
	for (;;)
		pause();
}

char state_of(pid_t pid)
{
	struct proc_stat stat;

	return proc_stat_read(host_proc(), pid, &stat) < 0 ? 0 : stat.state;
}

bool await_state(pid_t pid, char state)
{
	long until = clock_ms() + 10000;

	while (state_of(pid) != state && clock_ms() < until)
		nap_ms(1);
	return state_of(pid) == state;
}

struct children {
	pid_t parent;
	struct proc_stat *list;
	int max, count, zombies;
};

static int note_child(pid_t pid, void *arg)
{
	struct children *children = arg;
	struct proc_stat stat;

	if (proc_stat_read(host_proc(), pid, &stat) < 0 || stat.ppid != children->parent)
		return 0;
	if (children->count < children->max)
		children->list[children->count] = stat;
	children->count++;
	children->zombies += stat.state == 'Z';
	return 0;
}

int children_of(pid_t parent, struct proc_stat *list, int max)
{
	struct children children = { .parent = parent, .list = list, .max = list ? max : 0 };

	proc_each(host_proc(), note_child, &children);
	return children.count;
}

int zombie_children(pid_t parent)
{
	struct children children = { .parent = parent };

	proc_each(host_proc(), note_child, &children);
	return children.zombies;
}

pid_t number_inside(pid_t pid)
{
	pid_t numbers[32];
	int count = nspid_read(host_proc(), pid, numbers, 32);

	return count > 0 ? numbers[count - 1] : 0;
}

pid_t parent_inside(pid_t pid)
{
	pid_t numbers[32], parents[32];
	struct proc_stat stat;
	int depth = nspid_read(host_proc(), pid, numbers, 32);

	if (proc_stat_read(host_proc(), pid, &stat) < 0)
		return 0;
	/* A parent further out has fewer numbers, none of them for where pid is. */
	return nspid_read(host_proc(), stat.ppid, parents, 32) < depth ? 0 : parents[depth - 1];
}

const char *status_text(int wait_status, char *buf, size_t size)
{
	if (WIFSIGNALED(wait_status))
		snprintf(buf, size, "signal %d", WTERMSIG(wait_status));
	else
		snprintf(buf, size, "%d", WEXITSTATUS(wait_status));
	return buf;
}

void *shared_notes(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail_scene();
	return memory;
}
