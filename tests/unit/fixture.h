/*
 * fixture.h: hosts that this machine is not. A file of fixtures/hosts holds a
 * small tree of proc, sys and etc in one page:
 *
 *	=== proc/self/uid_map
 *	0 1000 1
 *
 * fixture_open() unpacks it below a scratch directory.
 */
#pragma once

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIXTURE_HOSTS "tests/unit/fixtures/hosts/"

static char fixture_dir[64];

static int fixture_remove(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st, (void)type, (void)walk;
	return remove(path);
}

static void fixture_close(int fd)
{
	close(fd);
	nftw(fixture_dir, fixture_remove, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static FILE *fixture_file(int root, const char *path)
{
	char part[256];

	for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdirat(root, part, 0755) < 0 && errno != EEXIST)
			return NULL;
	}
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

/* Returns a descriptor of the directory that stands for /, or -1. */
static int fixture_open(const char *name)
{
	const char *tmp = getenv("TMPDIR");
	char path[256], *line = NULL;
	FILE *to = NULL;
	size_t size = 0;
	ssize_t n;

	snprintf(path, sizeof(path), FIXTURE_HOSTS "%s.host", name);
	FILE *from = fopen(path, "re");
	snprintf(fixture_dir, sizeof(fixture_dir), "%.40s/minibox-test-XXXXXX", tmp ? tmp : "/tmp");
	if (!from || !mkdtemp(fixture_dir))
		return -1;
	int root = open(fixture_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while ((n = getline(&line, &size, from)) > 0) {
		if (strncmp(line, "=== ", 4) == 0) {
			line[n - 1] = '\0';
			if (to)
				fclose(to);
			to = fixture_file(root, line + 4);
			assert(to);
		} else if (to) {
			fwrite(line, 1, (size_t)n, to);
		}
	}
	if (to)
		fclose(to);
	fclose(from);
	free(line);
	return root;
}
