/*
 * Step 6's pieces, each against real overlays in namespaces of the test's own.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step06_overlay_rootfs/given/layer_diff.h"
#include "step06_overlay_rootfs/given/layer_store.h"
#include "step06_overlay_rootfs/given/many_layers.h"
#include "step06_overlay_rootfs/given/overlay_check.h"
#include "step06_overlay_rootfs/given/overlay_info.h"
#include "step06_overlay_rootfs/overlay_rootfs.h"
#include "step06_overlay_rootfs/given/upper_place.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static char scratch[PATH_MAX / 4]; /* below TMPDIR */

static char *at(const char *format, ...)
{
	static char paths[16][PATH_MAX];
	static int next;
	char *path = paths[next++ % 16];
	va_list args;

	va_start(args, format);
	vsnprintf(path, PATH_MAX, format, args);
	va_end(args);
	return path;
}

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return -1;
	ssize_t n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

static const char *get(const char *path)
{
	static char text[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? "(none)" : text;
}

static int open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* A test's directory with A, B, C (upper), tmp (work) and merged in it, mounted A:B (A wins) on
 * demand. */
struct world {
	char dir[PATH_MAX / 2], *a, *b, *c, *tmp, *merged;
	struct overlay overlay;
	const char *layers[3];
};

static struct world w;

static int make_world(void **state)
{
	static int number;

	(void)state;
	sys_failure_clear();
	snprintf(w.dir, sizeof(w.dir), "%s/%d", scratch, number++);
	mkdir(w.dir, 0755);
	char **names[] = { &w.a, &w.b, &w.c, &w.tmp, &w.merged };
	const char *const called[] = { "A", "B", "C", "tmp", "merged" };
	for (int i = 0; i < 5; i++) {
		free(*names[i]);
		if (asprintf(names[i], "%s/%s", w.dir, called[i]) < 0 || mkdir(*names[i], 0755) < 0)
			return -1;
	}
	w.layers[0] = w.b;
	w.layers[1] = w.a;
	w.layers[2] = NULL;
	w.overlay = (struct overlay){
		.layers = w.layers, .upper = w.c, .work = w.tmp, .userxattr = upper_userxattr()
	};
	return 0;
}

static int leave_world(void **state)
{
	(void)state;
	while (umount2(w.merged, MNT_DETACH) == 0)
		;
	return 0;
}

static void mount_world(void)
{
	put(at("%s/x", w.a), "x of A");
	put(at("%s/x", w.b), "x of B");
	put(at("%s/y", w.b), "y of B");
	mkdir(at("%s/dir", w.b), 0755);
	put(at("%s/dir/old", w.b), "old");
	assert_int_equal(overlay_mount(&w.overlay, w.merged), 0);
}

/* ---- mount ---- */

static void the_last_layer_wins(void **state)
{
	(void)state;
	mount_world();
	assert_string_equal(get(at("%s/x", w.merged)), "x of A");
	assert_string_equal(get(at("%s/y", w.merged)), "y of B");
}

static void a_write_lands_in_upper_only(void **state)
{
	(void)state;
	mount_world();
	assert_int_equal(put(at("%s/y", w.merged), "changed"), 0);
	assert_string_equal(get(at("%s/y", w.c)), "changed");
	assert_string_equal(get(at("%s/y", w.b)), "y of B");
}

static void without_upper_it_is_read_only(void **state)
{
	(void)state;
	w.overlay.upper = w.overlay.work = NULL;
	mount_world();
	assert_string_equal(get(at("%s/x", w.merged)), "x of A");
	assert_int_equal(put(at("%s/y", w.merged), "no"), -1);
	assert_int_equal(errno, EROFS);
}

static void odd_names_are_escaped(void **state)
{
	char *odd = at("%s/a:b,c\\d", w.dir);

	(void)state;
	mkdir(odd, 0755);
	put(at("%s/z", odd), "odd");
	w.layers[0] = odd;
	assert_int_equal(overlay_mount(&w.overlay, w.merged), 0);
	assert_string_equal(get(at("%s/z", w.merged)), "odd");
	struct overlay_info info;
	int procfd = open_dir("/proc");
	assert_int_equal(overlay_info_find(procfd, w.merged, &info), 0);
	assert_string_equal(info.layers[0], odd);
	assert_string_equal(info.layers[1], w.a);
	assert_null(info.layers[2]);
	assert_string_equal(info.upper, w.c);
	assert_int_equal(info.userxattr, upper_userxattr());
	overlay_info_free(&info);
	assert_int_equal(overlay_info_find(procfd, w.c, &info), 0);
	assert_string_equal(info.merged, w.merged);
	overlay_info_free(&info);
	assert_int_equal(overlay_info_find(procfd, w.a, &info), -1);
	assert_int_equal(errno, ENOENT);
	close(procfd);
}

static void many(int count, bool by_descriptor)
{
	const char **layers = calloc((size_t)count + 1, sizeof(*layers));

	assert_non_null(layers);
	for (int i = 0; i < count; i++) {
		char *layer = NULL;
		/* By descriptor: a name longer than fsconfig(2) takes. */
		assert_true(asprintf(&layer, "%s/%0*d", w.dir, by_descriptor ? 250 : 60, i) > 0);
		layers[i] = layer;
		assert_int_equal(mkdir(layer, 0755), 0);
		put(at("%s/n", layer), at("%d", i));
	}
	char *upper = at("%s/u:b,c\\d", w.dir), *work = at("%s/w:b,c\\d", w.dir);
	assert_int_equal(mkdir(upper, 0755), 0);
	assert_int_equal(mkdir(work, 0755), 0);
	w.overlay.layers = layers;
	w.overlay.upper = upper;
	w.overlay.work = work;
	assert_int_equal(overlay_mount(&w.overlay, w.merged), 0);
	assert_string_equal(get(at("%s/n", w.merged)), at("%d", count - 1));
	assert_int_equal(put(at("%s/new", w.merged), "new"), 0);
	assert_string_equal(get(at("%s/new", upper)), "new");
	for (int i = 0; i < count; i++)
		free((char *)(uintptr_t)layers[i]);
	free(layers);
}

static void two_hundred_layers(void **state)
{
	(void)state;
	many(200, false);
}

static void long_names_by_descriptor(void **state)
{
	(void)state;
	many(100, true);
}

/* ---- bad input ---- */

static void refused(int err, const char *subject)
{
	sys_failure_clear();
	assert_int_equal(overlay_mount(&w.overlay, w.merged), -1);
	assert_int_equal(errno, err);
	assert_int_equal(sys_failure()->err, err);
	assert_string_equal(sys_failure()->subject, subject);
	assert_int_equal(umount2(w.merged, 0), -1); /* nothing left */
}

static void faults_are_named(void **state)
{
	char *file = at("%s/file", w.dir), *inside = at("%s/in", w.c), *none = at("%s/none", w.dir);

	(void)state;
	put(file, "");
	mkdir(inside, 0755);
	w.layers[0] = none;
	refused(ENOENT, none);
	w.layers[0] = file;
	refused(ENOTDIR, file);
	w.layers[0] = inside;
	refused(EINVAL, inside);
	w.layers[0] = w.b;
	w.overlay.work = inside;
	refused(EINVAL, w.c);
	w.overlay.work = "/proc";
	refused(EXDEV, "/proc");
	w.overlay.upper = "/proc/self";
	refused(EINVAL, "/proc/self");
	w.overlay.work = NULL;
	refused(EINVAL, w.b);
	w.layers[0] = NULL;
	refused(EINVAL, "/proc/self");
}

static void upper_on_overlay_is_said(void **state)
{
	struct overlay second;
	char *merged = strdup(w.merged);
	char *upper = at("%s/u", merged), *work = at("%s/w", merged);

	(void)state;
	mount_world();
	mkdir(upper, 0755);
	mkdir(work, 0755);
	second = (struct overlay){ .layers = (const char *const[]){ w.a, NULL },
				   .upper = upper,
				   .work = work };
	sys_failure_clear();
	assert_int_equal(overlay_mount(&second, w.merged), -1);
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(sys_failure()->cause, "overlay"));
	sys_failure_clear();
	assert_int_equal(upper_check(merged), -1);
	assert_int_equal(errno, EOPNOTSUPP);
	assert_non_null(strstr(sys_failure()->cause, "(overlay)"));
	assert_int_equal(upper_check(w.dir), 0);
	free(merged);
}

/* ---- classify, diff ---- */

static void entries_are_told_apart(void **state)
{
	int upper;
	bool user = upper_userxattr();

	(void)state;
	mount_world();
	unlink(at("%s/x", w.merged));
	put(at("%s/y", w.merged), "changed");
	put(at("%s/new", w.merged), "new");
	mkdir(at("%s/newdir", w.merged), 0755);
	unlink(at("%s/dir/old", w.merged));
	assert_int_equal(rmdir(at("%s/dir", w.merged)), 0);
	assert_int_equal(mkdir(at("%s/dir", w.merged), 0755), 0);
	upper = open_dir(w.c);
	assert_int_equal(overlay_classify(upper, "x", true, user), OVERLAY_DELETED);
	assert_int_equal(overlay_classify(upper, "y", true, user), OVERLAY_CHANGED);
	assert_int_equal(overlay_classify(upper, "new", false, user), OVERLAY_ADDED);
	/* With some options the kernel marks new directories too. */
	setxattr(at("%s/newdir", w.c), user ? "user.overlay.opaque" : "trusted.overlay.opaque", "y",
		 1, 0);
	assert_int_equal(overlay_classify(upper, "newdir", false, user), OVERLAY_ADDED);
	assert_int_equal(overlay_classify(upper, "dir", true, user), OVERLAY_OPAQUE);
	assert_int_equal(overlay_classify(upper, "none", true, user), -1);
	assert_int_equal(errno, ENOENT);
	close(upper);
}

/* Without a descriptor no mark can be read. "No mark" would be a wrong answer: what was deleted would
 * be committed as an empty file. */
static void without_a_descriptor_no_mark_is_known(void **state)
{
	const char *mark = upper_userxattr() ? "user.overlay.whiteout" : "trusted.overlay.whiteout";
	int upper = open_dir(w.c);
	struct rlimit limit, few;

	(void)state;
	put(at("%s/gone", w.c), "");
	put(at("%s/text", w.c), "text");
	mkdir(at("%s/dir", w.c), 0755);
	assert_int_equal(setxattr(at("%s/gone", w.c), mark, "y", 1, 0), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	int gone = overlay_classify(upper, "gone", true, upper_userxattr()), gone_errno = errno;
	int dir = overlay_classify(upper, "dir", true, upper_userxattr()), dir_errno = errno;
	int text = overlay_classify(upper, "text", true, upper_userxattr());
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(gone, -1);
	assert_int_equal(gone_errno, EMFILE);
	assert_int_equal(dir, -1);
	assert_int_equal(dir_errno, EMFILE);
	assert_int_equal(text, OVERLAY_CHANGED); /* it needs no mark */
	assert_int_equal(overlay_classify(upper, "gone", true, upper_userxattr()), OVERLAY_DELETED);
	close(upper);
}

static void only_0_0_is_a_whiteout(void **state)
{
	bool user = upper_userxattr();
	int upper = open_dir(w.c);

	(void)state;
	assert_int_equal(mknod(at("%s/gone", w.c), S_IFCHR, makedev(0, 0)), 0);
	assert_int_equal(overlay_classify(upper, "gone", true, user), OVERLAY_DELETED);
	put(at("%s/empty", w.c), "");
	assert_int_equal(overlay_classify(upper, "empty", true, user), OVERLAY_CHANGED);
	assert_int_equal(symlink("gone", at("%s/link", w.c)), 0);
	assert_int_equal(overlay_classify(upper, "link", false, user), OVERLAY_ADDED);
	assert_int_equal(setxattr(at("%s/empty", w.c),
				  user ? "user.overlay.whiteout" : "trusted.overlay.whiteout", "",
				  0, 0),
			 0);
	assert_int_equal(overlay_classify(upper, "empty", true, user), OVERLAY_DELETED);
	/* The other kind of mark was set by somebody inside: no mark here. */
	assert_int_equal(overlay_classify(upper, "empty", true, !user), OVERLAY_CHANGED);
	if (mknod(at("%s/null", w.c), S_IFCHR | 0666, makedev(1, 3)) ==
	    0) /* not in a user namespace */
		assert_int_equal(overlay_classify(upper, "null", true, user), OVERLAY_CHANGED);
	/* Tested on a device wherever we may not make one. */
	int dev = open_dir("/dev");
	assert_int_equal(overlay_classify(dev, "null", true, user), OVERLAY_CHANGED);
	close(dev);
	close(upper);
}

static char walked[1024];

static int note(enum overlay_change change, const char *path, void *arg)
{
	size_t n = strlen(walked);

	(void)arg;
	snprintf(walked + n, sizeof(walked) - n, "%c%s ", overlay_change_letter(change), path);
	return 0;
}

static const char *diff_of_world(void)
{
	int layers[] = { open_dir(w.b), open_dir(w.a) };
	struct layer_diff diff = {
		.upper = open_dir(w.c), .layers = layers, .count = 2, .userxattr = upper_userxattr()
	};

	walked[0] = '\0';
	assert_int_equal(layer_diff_walk(&diff, note, NULL), 0);
	close(layers[0]);
	close(layers[1]);
	close(diff.upper);
	return walked;
}

static void diff_as_docker_prints_it(void **state)
{
	(void)state;
	mount_world();
	assert_string_equal(diff_of_world(), "");
	unlink(at("%s/x", w.merged));
	put(at("%s/new", w.merged), "");
	put(at("%s/dir/more", w.merged), "");
	assert_string_equal(diff_of_world(), "C/dir A/dir/more A/new D/x ");
	unlink(at("%s/dir/more", w.merged));
	unlink(at("%s/dir/old", w.merged));
	rmdir(at("%s/dir", w.merged));
	assert_string_equal(diff_of_world(), "D/dir A/new D/x ");
	mkdir(at("%s/dir", w.merged), 0755);
	put(at("%s/dir/z", w.merged), "");
	assert_string_equal(diff_of_world(), "C/dir D/dir/old A/dir/z A/new D/x ");
}

static void layers_hide_one_another(void **state)
{
	bool user = upper_userxattr();
	int layers[] = { open_dir(w.b), open_dir(w.a) };
	struct layer_diff diff = { .upper = -1, .layers = layers, .count = 2, .userxattr = user };

	(void)state;
	put(at("%s/x", w.b), "");
	mkdir(at("%s/dir", w.b), 0755);
	put(at("%s/dir/old", w.b), "");
	assert_int_equal(layers_provider(&diff, "/x"), 0);
	assert_int_equal(layers_provider(&diff, "dir/old"), 0);
	assert_false(layers_hold(&diff, "none"));
	mknod(at("%s/x", w.a), S_IFCHR, makedev(0, 0)); /* A deletes B's x */
	assert_false(layers_hold(&diff, "x"));
	mkdir(at("%s/dir", w.a), 0755);
	assert_int_equal(layers_provider(&diff, "dir"), 1);
	assert_true(layers_hold(&diff, "dir/old"));
	setxattr(at("%s/dir", w.a), user ? "user.overlay.opaque" : "trusted.overlay.opaque", "y", 1,
		 0);
	assert_false(layers_hold(&diff, "dir/old"));
	rmdir(at("%s/dir", w.a));
	assert_int_equal(symlink("/etc", at("%s/dir", w.a)),
			 0); /* a link covers the directory and is not followed */
	assert_false(layers_hold(&diff, "dir/passwd"));
	assert_false(layers_hold(&diff, "dir/old"));
	close(layers[0]);
	close(layers[1]);
}

/* ---- unmount, store, commit ---- */

static void unmount_takes_overlays_only(void **state)
{
	(void)state;
	mount_world();
	int busy = open(at("%s/y", w.merged), O_RDONLY | O_CLOEXEC);
	assert_int_equal(overlay_unmount(w.merged), -1);
	assert_int_equal(errno, EBUSY);
	close(busy);
	assert_int_equal(mount("tmpfs", w.merged, "tmpfs", 0, NULL), 0);
	assert_int_equal(overlay_unmount(w.merged), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(umount(w.merged), 0); /* it is still there */
	assert_int_equal(overlay_unmount(w.merged), 0);
	assert_int_equal(overlay_unmount(w.merged), -1);
	assert_int_equal(errno, EINVAL);
}

static void a_layer_is_made_once(void **state)
{
	char path[PATH_MAX], *store = at("%s/store", w.dir);
	struct container_layer own;

	(void)state;
	int fd = layer_make(store, "one", path, sizeof(path));
	assert_true(fd >= 0);
	close(fd);
	assert_string_equal(path, at("%s/one/diff", store));
	assert_int_equal(layer_make(store, "one", NULL, 0), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(layer_make(store, "../out", NULL, 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(layer_make_container(store, "c1", &own), 0);
	assert_int_equal(
		access(own.upper, W_OK) | access(own.work, W_OK) | access(own.merged, W_OK), 0);
	fd = layer_make(store, "c1-init", path, sizeof(path));
	assert_int_equal(layer_fill_init(fd, "box", "nameserver 192.0.2.1\n"), 0);
	close(fd);
	assert_string_equal(get(at("%s/etc/hostname", path)), "box\n");
	assert_string_equal(get(at("%s/etc/resolv.conf", path)), "nameserver 192.0.2.1\n");
	assert_non_null(strstr(get(at("%s/etc/hosts", path)), "box"));
}

static void commit_keeps_marks_and_links(void **state)
{
	bool user = upper_userxattr();
	struct stat one, two;
	char value[8];

	(void)state;
	mount_world();
	unlink(at("%s/x", w.merged));
	unlink(at("%s/dir/old", w.merged));
	rmdir(at("%s/dir", w.merged));
	mkdir(at("%s/dir", w.merged), 0555);
	put(at("%s/one", w.merged), "linked");
	assert_int_equal(link(at("%s/one", w.merged), at("%s/two", w.merged)), 0);
	assert_int_equal(symlink("nowhere", at("%s/link", w.merged)), 0);
	chmod(at("%s/one", w.merged), 04711);
	int from = open_dir(w.c);
	mkdir(at("%s/new", w.dir), 0700);
	int to = open_dir(at("%s/new", w.dir));
	assert_int_equal(layer_copy(from, to), 0);
	assert_int_equal(overlay_classify(to, "x", true, user), OVERLAY_DELETED);
	assert_int_equal(overlay_classify(to, "dir", true, user), OVERLAY_OPAQUE);
	assert_int_equal(fstatat(to, "dir", &one, 0), 0);
	assert_int_equal(one.st_mode & 07777, 0555);
	assert_int_equal(fstatat(to, "one", &one, 0) | fstatat(to, "two", &two, 0), 0);
	assert_true(one.st_ino == two.st_ino);
	assert_int_equal(one.st_mode & 07777, 04711);
	assert_int_equal(fstatat(to, "link", &one, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISLNK(one.st_mode));
	/* overlay's diary is not the layer's. */
	assert_int_equal(getxattr(at("%s/new", w.dir),
				  user ? "user.overlay.impure" : "trusted.overlay.impure", value,
				  8),
			 -1);
	close(from);
	close(to);
}

/* ---- a container that runs on ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* A directory of upper and a link to a directory outside change places all the time, as a container
 * may do it. Returns the process that does it. */
static pid_t keep_swapping(void)
{
	assert_int_equal(mkdir(at("%s/outside", w.dir), 0755), 0);
	assert_int_equal(mkdir(at("%s/dir", w.c), 0755), 0);
	for (int i = 0; i < 50; i++) {
		put(at("%s/dir/%d", w.c, i), "of the container");
		put(at("%s/outside/%d", w.dir, i), "of the host");
	}
	assert_int_equal(mkdir(at("%s/dir/sub", w.c), 0755), 0);
	assert_int_equal(mkdir(at("%s/outside/sub", w.dir), 0755), 0);
	put(at("%s/outside/sub/secret", w.dir), "of the host");
	assert_int_equal(symlink(at("%s/outside", w.dir), at("%s/link", w.c)), 0);
	pid_t pid = fork();
	if (pid == 0) {
		const char *dir = at("%s/dir", w.c), *link = at("%s/link", w.c);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			renameat2(AT_FDCWD, dir, AT_FDCWD, link, RENAME_EXCHANGE);
	}
	return pid;
}

static bool for_two_seconds(void)
{
	static struct timespec start;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!start.tv_sec)
		start = now;
	bool on = now.tv_sec * 1000 + now.tv_nsec / 1000000 <
		  start.tv_sec * 1000 + start.tv_nsec / 1000000 + 2000;
	if (!on)
		start.tv_sec = 0;
	return on;
}

static int of_the_host; /* files of a copy that hold text of the directory outside */

static int look_for_it(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)ftw;
	if (type == FTW_F && strcmp(get(path), "of the host") == 0)
		of_the_host++;
	return 0;
}

static void commit_never_leaves_upper(void **state)
{
	int from, copied = 0, tried = 0;

	(void)state;
	pid_t other = keep_swapping();
	from = open_dir(w.c);
	of_the_host = 0;
	for (; for_two_seconds(); tried++) {
		const char *name = at("%s/new", w.dir);
		assert_int_equal(mkdir(name, 0700), 0);
		int to = open_dir(name);
		copied += layer_copy(from, to) == 0;
		close(to);
		nftw(name, look_for_it, 16, FTW_PHYS);
		nftw(name, remove_one, 16, FTW_PHYS | FTW_DEPTH);
	}
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(from);
	print_message("%d of %d copies were whole\n", copied, tried);
	assert_int_equal(of_the_host, 0);
	/* What a name is and what is read of it is one inode, so a change is no failure. */
	assert_int_equal(copied, tried);
}

static int note_secret(enum overlay_change change, const char *path, void *arg)
{
	(void)change;
	*(int *)arg += strstr(path, "/secret") != NULL;
	return 0;
}

static void diff_never_leaves_upper(void **state)
{
	int layers[] = { open_dir(w.b) }, secrets = 0;
	struct layer_diff diff = {
		.upper = open_dir(w.c), .layers = layers, .count = 1, .userxattr = upper_userxattr()
	};

	(void)state;
	pid_t other = keep_swapping();
	while (for_two_seconds())
		assert_int_equal(layer_diff_walk(&diff, note_secret, &secrets), 0);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(layers[0]);
	close(diff.upper);
	assert_int_equal(secrets, 0);
}

/* More names than a page holds, and a value of more than a page. A tmpfs takes them since
 * Linux 6.6. */
static void commit_keeps_large_attributes(void **state)
{
	static char name[256], value[20000], found[20000], place[PATH_MAX / 2];
	enum { NAMES = 60 };

	(void)state;
	snprintf(place, sizeof(place), "%s/attributes", scratch);
	mkdir(place, 0700);
	if (mount("tmpfs", place, "tmpfs", 0, NULL) < 0)
		skip();
	mkdir(at("%s/from", place), 0700);
	mkdir(at("%s/to", place), 0700);
	put(at("%s/from/file", place), "x");
	memset(value, 'v', sizeof(value));
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "user.%0200d", i);
		if (setxattr(at("%s/from/file", place), name, value,
			     i == NAMES - 1 ? sizeof(value) : 8, 0) < 0) {
			umount2(place, MNT_DETACH);
			skip();
		}
	}
	int from = open_dir(at("%s/from", place)), to = open_dir(at("%s/to", place));
	assert_int_equal(layer_copy(from, to), 0);
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "user.%0200d", i);
		assert_int_equal(getxattr(at("%s/to/file", place), name, found, sizeof(found)),
				 i == NAMES - 1 ? sizeof(value) : 8);
	}
	assert_memory_equal(found, value, sizeof(value));
	close(from);
	close(to);
	umount2(place, MNT_DETACH);
	rmdir(place);
}

static void options_are_parsed(void **state)
{
	struct overlay_info info;

	(void)state;
	assert_int_equal(
		overlay_info_parse(
			"rw,lowerdir=/c\\:1:/b\\,2:/a,upperdir=/u\\\\,workdir=/w,userxattr", &info),
		0);
	assert_string_equal(info.layers[0], "/a");
	assert_string_equal(info.layers[1], "/b,2");
	assert_string_equal(info.layers[2], "/c:1");
	assert_null(info.layers[3]);
	assert_string_equal(info.upper, "/u\\");
	assert_true(info.userxattr);
	overlay_info_free(&info);
	assert_int_equal(overlay_info_parse("ro,lowerdir+=/top,lowerdir+=/bottom", &info), 0);
	assert_string_equal(info.layers[0], "/bottom");
	assert_string_equal(info.layers[1], "/top");
	assert_null(info.upper);
	overlay_info_free(&info);
	assert_int_equal(overlay_info_parse("rw,size=1k", &info), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(overlay_info_parse("", &info), -1);
	assert_int_equal(overlay_info_parse("lowerdir=\\", &info), 0);
	overlay_info_free(&info);
}

/* ---- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	return type == FTW_DP || type == FTW_D || type == FTW_DNR ? rmdir(path) : unlink(path);
}

static int open_up(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	return type == FTW_D || type == FTW_DNR ? chmod(path, 0700) : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, make_world, leave_world)
		IN_WORLD(the_last_layer_wins),
		IN_WORLD(a_write_lands_in_upper_only),
		IN_WORLD(without_upper_it_is_read_only),
		IN_WORLD(odd_names_are_escaped),
		IN_WORLD(two_hundred_layers),
		IN_WORLD(long_names_by_descriptor),
		IN_WORLD(faults_are_named),
		IN_WORLD(upper_on_overlay_is_said),
		IN_WORLD(entries_are_told_apart),
		IN_WORLD(without_a_descriptor_no_mark_is_known),
		IN_WORLD(only_0_0_is_a_whiteout),
		IN_WORLD(diff_as_docker_prints_it),
		IN_WORLD(layers_hide_one_another),
		IN_WORLD(unmount_takes_overlays_only),
		IN_WORLD(a_layer_is_made_once),
		IN_WORLD(commit_never_leaves_upper),
		IN_WORLD(diff_never_leaves_upper),
		IN_WORLD(commit_keeps_marks_and_links),
		IN_WORLD(commit_keeps_large_attributes),
		cmocka_unit_test(options_are_parsed),
	};
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int flags = CLONE_NEWNS | rootless_flags();

	if (unshare(flags) < 0 || ((flags & CLONE_NEWUSER) && self_map_write(uid, gid) < 0) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		printf("no mount namespace here: %m\n");
		return 77;
	}
	const char *tmp = getenv("TMPDIR");
	snprintf(scratch, sizeof(scratch), "%s/minibox-unit-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(scratch))
		return 1;
	if (upper_tmpfs(scratch) < 0 && upper_check(scratch) < 0)
		return 77;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	nftw(scratch, open_up, 16, FTW_PHYS);
	nftw(scratch, remove_entry, 16, FTW_PHYS | FTW_DEPTH);
	umount2(scratch, MNT_DETACH);
	rmdir(scratch);
	return failed;
}
