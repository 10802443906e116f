/*
 * layer_store.c: making the directories of layers and containers.
 */
#define _GNU_SOURCE
#include "layer_store.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/busybox_root.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* STORE/NAME/LAST into path, with its length checked. */
static int compose(char *path, size_t size, const char *store, const char *name, const char *last)
{
	int n = snprintf(path, size, "%s/%s%s%s", store, name, *last ? "/" : "", last);

	if (n < 0 || (size_t)n >= size) {
		sys_failure_set(ENAMETOOLONG, "layer_make", store,
				"The path of a layer here is too long.", NULL);
		return -1;
	}
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		sys_failure_set(EINVAL, "layer_make", name, "A layer's name is one part of a path.",
				NULL);
		return -1;
	}
	return 0;
}

/* 0755 whatever the umask: the root of a container is a layer's directory, and every user in there
 * goes through it. */
static int make_directory(const char *path)
{
	if (SYS_MAY(mkdir(path, 0755), path, EEXIST) < 0)
		return -1;
	return SYS(chmod(path, 0755), path);
}

int layer_make(const char *store, const char *name, char *path, size_t size)
{
	char own[PATH_MAX];

	if (compose(own, sizeof(own), store, name, "") < 0)
		return -1;
	if (make_directory(store) < 0 && errno != EEXIST)
		return -1;
	if (make_directory(own) < 0 && errno != EEXIST)
		return -1;
	if (compose(own, sizeof(own), store, name, "diff") < 0)
		return -1;
	if (make_directory(own) < 0) {
		if (errno == EEXIST)
			sys_failure_set(EEXIST, "mkdir", own, NULL, NULL);
		return -1;
	}
	if (path && size && compose(path, size, store, name, "diff") < 0)
		return -1;
	return SYS(open(own, O_RDONLY | O_DIRECTORY | O_CLOEXEC), own);
}

int layer_make_busybox(const char *store, const char *name, char *path, size_t size)
{
	int fd = layer_make(store, name, path, size);

	if (fd < 0 || busybox_root_fill(fd) == 0)
		return fd;
	close_keeping_errno(fd);
	return -1;
}

int layer_make_container(const char *store, const char *name, struct container_layer *out)
{
	int fd = layer_make(store, name, out->upper, sizeof(out->upper));

	if (fd < 0)
		return -1;
	close(fd);
	if (compose(out->work, sizeof(out->work), store, name, "work") < 0 ||
	    SYS(mkdir(out->work, 0700), out->work) < 0)
		return -1;
	if (compose(out->merged, sizeof(out->merged), store, name, "merged") < 0)
		return -1;
	return SYS(mkdir(out->merged, 0755), out->merged) < 0
		       ? -1
		       : SYS(chmod(out->merged, 0755), out->merged);
}

static int put_file(int dirfd, const char *path, const char *text)
{
	size_t length = strlen(text);
	int fd = SYS(
		openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644),
		path);

	if (fd < 0)
		return -1;
	ssize_t n = SYS(write(fd, text, length), path);
	if (n >= 0 && (size_t)n != length)
		sys_failure_set(ENOSPC, "write", path, "The disk is full.", NULL);
	else if (n >= 0 && SYS(fchmod(fd, 0644), path) < 0) /* whatever the umask */
		n = -1;
	close_keeping_errno(fd);
	return n == (ssize_t)length ? 0 : -1;
}

int layer_fill_init(int dirfd, const char *hostname, const char *resolv)
{
	static const char *const directories[] = { "dev", "etc", "proc", "sys" };
	char text[512];

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++)
		if (SYS_MAY(mkdirat(dirfd, directories[i], 0755), directories[i], EEXIST) == 0) {
			if (SYS(fchmodat(dirfd, directories[i], 0755, 0), directories[i]) < 0)
				return -1;
		} else if (errno != EEXIST) {
			return -1;
		}
	snprintf(text, sizeof(text), "127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\t%s\n",
		 hostname);
	if (put_file(dirfd, "etc/hosts", text) < 0)
		return -1;
	snprintf(text, sizeof(text), "%s\n", hostname);
	if (put_file(dirfd, "etc/hostname", text) < 0)
		return -1;
	return put_file(dirfd, "etc/resolv.conf", resolv ? resolv : "");
}
