/*
 * facts_mounts.c: what the mounts say about this host: a /proc with parts covered, a root that
 * chroot(2) made, which types of file system are there.
 */
#define _GNU_SOURCE
#include "facts_read.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct reading {
	struct host_facts *facts;
	bool any, slash, etc_bound;
};

/* The kernel makes a few directories in proc only to be mounted on; a mount there hides nothing. */
static bool hides_proc(const char *point)
{
	return strncmp(point, "/proc/", 6) == 0 && strcmp(point, "/proc/sys/fs/binfmt_misc") != 0 &&
	       strcmp(point, "/proc/fs/nfsd") != 0;
}

/* Docker and podman bind these from outside, which no booted system does. */
static bool is_bound_etc(const char *point)
{
	return strcmp(point, "/etc/hostname") == 0 || strcmp(point, "/etc/hosts") == 0 ||
	       strcmp(point, "/etc/resolv.conf") == 0;
}

static int read_mount(const struct mountinfo *mount, void *arg)
{
	struct reading *reading = arg;
	struct host_facts *facts = reading->facts;

	reading->any = true;
	reading->etc_bound |= is_bound_etc(mount->mount_point);
	facts->proc_overmounted |= hides_proc(mount->mount_point);
	if (strcmp(mount->mount_point, "/") == 0) {
		reading->slash = true;
		snprintf(facts->root_fs, sizeof(facts->root_fs), "%.15s", mount->fs_type);
	}
	facts_add_word(facts->mounted, sizeof(facts->mounted), mount->fs_type);
	return 0;
}

void facts_mounts(int root, struct host_facts *facts, bool *etc_bound)
{
	struct reading reading = { .facts = facts };
	int procfd = openat(root, "proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (procfd >= 0) {
		mountinfo_each(procfd, 0, read_mount, &reading);
		close(procfd);
	}
	facts->chrooted = reading.any && !reading.slash;
	*etc_bound = reading.etc_bound;
}
