/*
 * playground.c: what step 2's scenes mount, place and look up.
 */
#define _GNU_SOURCE
#include "scenes.h"
#include "step01_clone_pid/floor/demo/guard.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char ground[256];

const char *playground(void)
{
	/* Covered in our own namespace only. A scratch directory where there is no /mnt. */
	snprintf(ground, sizeof(ground), "/mnt");
	if (access(ground, F_OK) < 0 && guard_scratch(ground, sizeof(ground)) < 0)
		fail_scene();
	if (SYS(mount("host", ground, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m"),
		ground) < 0)
		fail_scene();
	return ground;
}

const char *in_playground(const char *name)
{
	static char buffers[8][512];
	static unsigned turn;
	char *path = buffers[turn++ % 8];

	snprintf(path, sizeof(buffers[0]), "%s/%s", ground, name);
	return path;
}

void place_file(const char *path, const char *text)
{
	int fd = SYS(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path);

	if (fd < 0 || SYS(write(fd, text, strlen(text)), path) < 0)
		fail_scene();
	close(fd);
}

void place_dir(const char *path)
{
	if (SYS(mkdir(path, 0755), path) < 0)
		fail_scene();
}

int read_line(const char *path, char *line, size_t size)
{
	if (read_file_at(AT_FDCWD, path, line, size) < 0) {
		line[0] = '\0';
		return -1;
	}
	line[strcspn(line, "\n")] = '\0';
	return 0;
}

void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail_scene();
	return memory;
}

struct wanted {
	const char *path;
	struct found found;
};

static int compare(const struct mountinfo *mount, void *arg)
{
	struct wanted *wanted = arg;
	struct found *found = &wanted->found;

	found->count++;
	if (!wanted->path || strcmp(mount->mount_point, wanted->path) != 0)
		return 0;
	found->found = true;
	found->id = mount->id;
	found->parent = mount->parent;
	found->major = mount->major;
	found->minor = mount->minor;
	found->shared = mountinfo_shared(mount);
	found->master = mountinfo_master(mount);
	snprintf(found->source, sizeof(found->source), "%s", mount->source);
	snprintf(found->fs_type, sizeof(found->fs_type), "%s", mount->fs_type);
	snprintf(found->options, sizeof(found->options), "%s", mount->mount_options);
	return 0;
}

struct found find_mount(pid_t pid, const char *path)
{
	struct wanted wanted = { .path = path };

	if (mountinfo_each(host_proc(), pid, compare, &wanted) < 0) {
		sys_failure_set(errno, "mountinfo", "/proc/PID/mountinfo", NULL, NULL);
		fail_scene();
	}
	return wanted.found;
}
