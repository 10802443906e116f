/*
 * volumes.c: parse, find the mount point inside the root, bind.
 */
#define _GNU_SOURCE
#include "volumes.h"
#include "step07_volumes/given/mount_flags.h"
#include "step07_volumes/given/volume_text.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/given/resolve.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* One of the words after the second colon. */
static bool parse_option(const char *word, struct volume *out, bool *mode_given)
{
	static const char *const no_meaning_here[] = { "private",    "rprivate", "z",
						       "Z",	     "cached",	 "delegated",
						       "consistent", "nocopy" };

	if (strcmp(word, "ro") == 0 || strcmp(word, "rw") == 0) {
		out->read_only = word[1] == 'o';
		return !*mode_given && (*mode_given = true);
	}
	for (size_t i = 0; i < sizeof(no_meaning_here) / sizeof(*no_meaning_here); i++)
		if (strcmp(word, no_meaning_here[i]) == 0)
			return true;
	return false;
}

int volume_parse(const char *text, struct volume *out)
{
	char parts[PATH_MAX], *field[4] = { 0 }, *rest = parts;
	bool mode_given = false;
	int count = 0;

	*out = (struct volume){ 0 };
	if (snprintf(parts, sizeof(parts), "%s", text) >= (int)sizeof(parts)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	while (count < 4 && (field[count] = strsep(&rest, ":")))
		count++;
	if (count > 3 || (count == 3 && field[2][0] == '/'))
		return volume_refuse_colon(text);
	const char *source = count > 1 ? field[0] : "",
		   *destination = count > 1 ? field[1] : field[0];
	if (count > 1 && !*source)
		return volume_refuse(text, "SRC is empty.");
	if (destination[0] != '/')
		return volume_refuse(text, "DST is not a path from / on.");
	path_clean(destination, out->destination);
	if (!*out->destination)
		return volume_refuse(text, "DST is /, the container's root itself.");
	if ((*source == '.' || strchr(source, '/')) && *source != '/')
		return volume_refuse_relative(text, source, text + strlen(source));
	if (*source && *source != '/' && !volume_name_ok(source))
		return volume_refuse(
			text, "SRC is neither a path from / on nor a volume's name (letters, "
			      "digits, '_', '.', '-', two at least).");
	snprintf(out->source, sizeof(out->source), "%s", source);
	out->kind = !*source ? VOLUME_ANONYMOUS : *source == '/' ? VOLUME_PATH : VOLUME_NAMED;
	for (char *word; count == 3 && (word = strsep(&field[2], ","));)
		if (!parse_option(word, out, &mode_given))
			return volume_refuse(
				text, "No such option here (nor slave or shared: a container's "
				      "mounts are private), or ro and rw both.");
	return 0;
}

int volume_target(int root, const char *destination, bool directory)
{
	struct stat st;
	int fd = directory ? make_dir_in_root(root, destination, 0755)
			   : make_file_in_root(root, destination, 0644);

	if (fd < 0)
		return -1;
	int failed = SYS(fstat(fd, &st), destination);
	/* A directory goes over a directory, a file over a file. */
	if (!failed && S_ISDIR(st.st_mode) == directory)
		return fd;
	int saved = errno;
	close(fd);
	errno = saved;
	if (failed)
		return -1;
	sys_failure_set(
		directory ? ENOTDIR : EISDIR, "volume_target", destination,
		directory ? "The source is a directory, and the image has a file in that place."
			  : "The source is a file, and the image has a directory in that place.",
		"Choose another DST, or give a source of the same kind.");
	return -1;
}

int volume_bind(int root, const char *destination, int source, unsigned long flags)
{
	char from[32], on[32];
	struct stat wanted, found;
	int target = -1, mounted = -1;

	if (SYS(fstat(source, &wanted), destination) < 0)
		return -1;
	target = volume_target(root, destination, S_ISDIR(wanted.st_mode));
	if (target < 0)
		return -1;
	fd_path(source, from, sizeof(from));
	/* MS_REC: with the mounts below it; a user namespace may not take a directory without what
	 * covers parts of it. */
	if (SYS(mount(from, fd_path(target, on, sizeof(on)), NULL, MS_BIND | MS_REC, NULL),
		destination) < 0)
		goto bad;
	/* target still names what lies underneath; the path leads to the mount on top. Ours, or has
	 * somebody moved a link? */
	mounted = resolve_in_root(root, destination, O_PATH, 0);
	if (mounted < 0 || fstat(mounted, &found) < 0)
		goto bad;
	if (found.st_dev != wanted.st_dev || found.st_ino != wanted.st_ino) {
		sys_failure_set(ESTALE, "volume_bind", destination,
				"The path has changed while it was being mounted on.", NULL);
		goto bad;
	}
	fd_path(mounted, on, sizeof(on));
	/* A second call, because the first ignores every flag beside MS_BIND and MS_REC. */
	if (flags) {
		unsigned long locked = mount_flags_of(mounted);
		if (SYS(mount(NULL, on, NULL, MS_REMOUNT | MS_BIND | flags | locked, NULL),
			destination) < 0)
			goto undo;
		if ((flags & MS_RDONLY) && mount_read_only_below(mounted) < 0)
			goto undo;
	}
	close(mounted);
	close(target);
	return 0;
undo:
	umount2(on, MNT_DETACH);
bad:;
	int saved = errno;
	if (mounted >= 0)
		close(mounted);
	close(target);
	errno = saved;
	return -1;
}
