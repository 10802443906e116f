/*
 * facts_mounts.c: what the mounts say about this host: the cgroup layout, a /proc
 * with parts covered, a root that chroot(2) made.
 */
#define _GNU_SOURCE
#include "facts_read.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

FILE *facts_lines(int root, const char *path)
{
	int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (!file && fd >= 0)
		close(fd);
	return file;
}

/* One line of /proc/PID/mountinfo, as far as facts need it; the strings point into the line. */
struct mount_line {
	char *point, *type, *super_options;
};

static bool mount_line_parse(char *line, struct mount_line *out)
{
	char *save, *field[5];

	line[strcspn(line, "\n")] = '\0';
	char *dash = strstr(line, " - "); /* before it, a line has any number of optional fields */
	if (!dash)
		return false;
	*dash = '\0';
	for (int i = 0; i < 5; i++)
		if (!(field[i] = strtok_r(i ? NULL : line, " ", &save)))
			return false;
	out->point = field[4];
	out->type = strtok_r(dash + 3, " ", &save);
	out->super_options = strtok_r(NULL, " ", &save) ? strtok_r(NULL, " ", &save) : NULL;
	return out->type && out->super_options;
}

/* The kernel makes a few directories in proc only to be mounted on; a mount there hides nothing. */
static bool hides_proc(const char *point)
{
	return strncmp(point, "/proc/", 6) == 0 && strcmp(point, "/proc/sys/fs/binfmt_misc") != 0 &&
	       strcmp(point, "/proc/fs/nfsd") != 0;
}

static void add_controllers(struct host_facts *facts, char *words)
{
	static const char *const options[] = { "rw",
					       "ro",
					       "xattr",
					       "noprefix",
					       "clone_children",
					       "nsdelegate",
					       "memory_recursiveprot",
					       "favordynmods" };
	size_t n = strlen(facts->controllers);

	for (char *save, *word = strtok_r(words, ", \n", &save); word;
	     word = strtok_r(NULL, ", \n", &save)) {
		bool option = strchr(word, '=') != NULL;
		for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
			option |= strcmp(word, options[i]) == 0;
		if (!option && !facts_controller(facts, word) &&
		    n + strlen(word) + 2 < sizeof(facts->controllers))
			n += (size_t)sprintf(facts->controllers + n, "%s%s ", n ? "" : " ", word);
	}
}

static bool may_make_in(int root, const char *directory)
{
	return faccessat(root, directory, W_OK | X_OK, AT_EACCESS) == 0;
}

/* Ordinary users may own a part of the v2 tree (systemd's delegation): our own cgroup tells. */
static void read_cgroup2(int root, const char *point, struct host_facts *facts)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/cgroup.controllers", point + 1);
	char *text = read_whole_at(root, path, NULL);
	if (text)
		add_controllers(facts, text);
	free(text);
	text = read_whole_at(root, "proc/self/cgroup", NULL);
	const char *own = text ? strstr(text, "0::/") : NULL;
	if (own) {
		int n = snprintf(path, sizeof(path), "%s%.*s", point + 1,
				 (int)strcspn(own + 3, "\n"), own + 3);
		facts->cgroup_writable |= n < (int)sizeof(path) && may_make_in(root, path);
	}
	free(text);
}

/* Docker and podman bind these from outside, which no booted system does. */
static bool is_bound_etc(const char *point)
{
	return strcmp(point, "/etc/hostname") == 0 || strcmp(point, "/etc/hosts") == 0 ||
	       strcmp(point, "/etc/resolv.conf") == 0;
}

void facts_mounts(int root, struct host_facts *facts, bool *etc_bound)
{
	FILE *file = facts_lines(root, "proc/self/mountinfo");
	bool v1 = false, v1_named = false, v2 = false, any = false, slash = false;
	char *line = NULL;
	size_t size = 0;
	struct mount_line mount;

	*etc_bound = false;
	while (file && getline(&line, &size, file) > 0) {
		if (!mount_line_parse(line, &mount))
			continue;
		any = true;
		*etc_bound |= is_bound_etc(mount.point);
		facts->proc_overmounted |= hides_proc(mount.point);
		if (strcmp(mount.point, "/") == 0) {
			slash = true;
			snprintf(facts->root_fs, sizeof(facts->root_fs), "%s", mount.type);
		} else if (strcmp(mount.type, "cgroup2") == 0) {
			v2 = true;
			read_cgroup2(root, mount.point, facts);
			facts->cgroup_writable |= may_make_in(root, mount.point + 1);
		} else if (strcmp(mount.type, "cgroup") == 0) {
			bool named = strstr(mount.super_options, "name=");
			v1_named |= named;
			v1 |= !named;
			facts->cgroup_writable |= !named && may_make_in(root, mount.point + 1);
			add_controllers(facts, mount.super_options);
		}
	}
	free(line);
	if (file)
		fclose(file);
	facts->chrooted = any && !slash;
	/* A named v1 hierarchy controls nothing: beside v2 it is some init's bookkeeping. */
	facts->cgroup = v1 && v2	 ? CGROUP_HYBRID
			: v2		 ? CGROUP_V2
			: v1 || v1_named ? CGROUP_V1
					 : CGROUP_NONE;
}
