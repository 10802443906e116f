/*
 * busybox_root.c: a whole userland from one file.
 */
#define _GNU_SOURCE
#include "busybox_root.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/program.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char how_to_get[] = "`make deps` puts one under build/; or install busybox-static; or "
				 "name one in MINIBOX_BUSYBOX.";

/* ---- finding it ---- */

/* 0: a static program; else an errno: ENOENT, EACCES, ENOEXEC (it asks for an interpreter, or is no
 * program). */
static int static_program(const char *path)
{
	char interpreter[PATH_MAX];

	if (exec_interpreter(path, interpreter, sizeof(interpreter)) == 0 && !interpreter[0])
		return access(path, X_OK) == 0 ? 0 : EACCES;
	if (interpreter[0] || errno == ENOEXEC || errno == EISDIR)
		return ENOEXEC;
	return errno == EACCES ? EACCES : ENOENT;
}

/* The i-th place to look; false after the last. */
static bool place(int i, char *path, size_t size)
{
	static const char *const system[] = { "/bin/busybox", "/usr/bin/busybox" };
	char self[PATH_MAX];
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	path[0] = '\0';
	if (i < 4) { /* bin/stepNN, build/asan/bin/stepNN, build/tests/unit/test: the source tree is
			at most three up */
		ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
		self[n < 0 ? 0 : n] = '\0';
		for (int up = 0; up <= i && self[0]; up++)
			*strrchr(self, '/') = '\0';
		if (n > 0)
			snprintf(path, size, "%s/build/busybox", self);
	} else if (i == 4 && cache && cache[0] == '/') {
		snprintf(path, size, "%s/minibox/busybox", cache);
	} else if (i == 4 && home && home[0] == '/') {
		snprintf(path, size, "%s/.cache/minibox/busybox", home);
	} else if (i > 4 && i < 7) {
		snprintf(path, size, "%s", system[i - 5]);
	}
	return i < 7;
}

static int no_busybox(int err, const char *path)
{
	const char *cause =
		err == ENOENT ? "No static busybox in any of the places that are searched."
		: err == ENOEXEC
			? "It is no static program: its libraries would have to be in the root too."
			: "It may not be read or run by this user.";

	sys_failure_set(err, "busybox_find", path, cause, how_to_get);
	return -1;
}

int busybox_find(char *path, size_t size)
{
	const char *given = getenv("MINIBOX_BUSYBOX");
	char unfit[PATH_MAX] = "";
	int why = ENOENT;

	if (given && *given) {
		snprintf(path, size, "%s", given);
		int err = static_program(path);
		return err ? no_busybox(err, given) : 0;
	}
	for (int i = 0; place(i, path, size); i++) {
		int err = path[0] ? static_program(path) : ENOENT;
		if (err == 0)
			return 0;
		if (err != ENOENT) {
			why = err;
			snprintf(unfit, sizeof(unfit), "%s", path);
		}
	}
	return no_busybox(why, unfit[0] ? unfit : "busybox");
}

/* ---- filling a root ---- */

/* These files are no part of the story, so they are not traced; a failure is recorded. */
static int failed(const char *call, const char *path)
{
	sys_failure_set(errno, call, path, NULL, NULL);
	return -1;
}

static int copy_program(int dirfd, const char *from)
{
	int in = SYS(open(from, O_RDONLY | O_CLOEXEC), from);
	int out = in < 0 ? -1
			 : SYS(openat(dirfd, "bin/busybox", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				      0755),
			       "bin/busybox");
	ssize_t n = -1;

	if (out >= 0)
		do
			n = SYS(sendfile(out, in, NULL, 1 << 24), "bin/busybox");
		while (n > 0);
	if (n == 0) /* whatever the umask */
		n = SYS(fchmod(out, 0755), "bin/busybox");
	close_keeping_errno(in);
	close_keeping_errno(out);
	return n < 0 ? -1 : 0;
}

/* Runs `busybox --list`: only it knows what it holds. Its output is left in text. */
static int list_applets(const char *program, char *text, size_t size)
{
	int ends[2], status = 0;
	size_t have = 0;
	ssize_t n;

	if (SYS(pipe2(ends, O_CLOEXEC), program) < 0)
		return -1;
	pid_t pid = fork();
	if (pid < 0)
		sys_failure_set(errno, "fork", program, NULL, NULL);
	if (pid == 0) {
		/* If we are killed meanwhile, its write fails with EPIPE and it ends with a status. */
		signal(SIGPIPE, SIG_IGN);
		dup2(ends[1], 1);
		execl(program, "busybox", "--list", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	while (pid > 0 && have + 1 < size && (n = read(ends[0], text + have, size - have - 1)) != 0)
		have += n > 0 ? (size_t)n : 0;
	text[have] = '\0';
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && (status != 0 || !have)) {
		sys_failure_set(ENOEXEC, "busybox --list", program,
				"It did not list its applets: is it a busybox?", how_to_get);
		return -1;
	}
	return pid < 0 ? -1 : 0;
}

static int link_applets(int dirfd, const char *program)
{
	char text[32768], name[300], *rest = text, *applet;

	if (list_applets(program, text, sizeof(text)) < 0)
		return -1;
	while ((applet = strsep(&rest, "\n"))) {
		/* A program's output is data: no slash may lead out of bin. */
		if (!*applet || strchr(applet, '/') || applet[0] == '.' || strlen(applet) > 255)
			continue;
		snprintf(name, sizeof(name), "bin/%s", applet);
		if (symlinkat("busybox", dirfd, name) < 0 && errno != EEXIST)
			return failed("symlinkat", name);
	}
	return 0;
}

static int write_new(int dirfd, const char *path, const char *text)
{
	int fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return failed("openat", path);
	const char *call = "write";
	ssize_t n = write(fd, text, strlen(text));
	if (n >= 0 && fchmod(fd, 0644) < 0) { /* whatever the umask */
		call = "fchmod";
		n = -1;
	}
	close_keeping_errno(fd);
	return n < 0 ? failed(call, path) : 0;
}

int busybox_root_fill(int dirfd)
{
	static const struct {
		const char *path;
		mode_t mode;
	} dirs[] = { { "bin", 0755 },  { "dev", 0755 },	 { "etc", 0755 },
		     { "proc", 0555 }, { "root", 0700 }, { "sys", 0555 },
		     { "tmp", 01777 }, { "usr", 0755 },	 { "var", 0755 } };
	static const char *const links[][2] = { { "bin", "sbin" },
						{ "../bin", "usr/bin" },
						{ "../bin", "usr/sbin" } };
	static const char *const files[][2] = {
		{ "etc/passwd",
		  "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n" },
		{ "etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n" },
		{ "etc/hosts", "127.0.0.1 localhost\n::1 localhost\n" },
		{ "etc/os-release",
		  "NAME=\"BusyBox\"\nID=busybox\nPRETTY_NAME=\"minibox's busybox root\"\n" },
	};
	char program[PATH_MAX];

	if (busybox_find(program, sizeof(program)) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		/* twice, because mkdir asks the umask */
		if (mkdirat(dirfd, dirs[i].path, dirs[i].mode) < 0 ||
		    fchmodat(dirfd, dirs[i].path, dirs[i].mode, 0) < 0)
			return failed("mkdirat", dirs[i].path);
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (symlinkat(links[i][0], dirfd, links[i][1]) < 0)
			return failed("symlinkat", links[i][1]);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (write_new(dirfd, files[i][0], files[i][1]) < 0)
			return -1;
	if (copy_program(dirfd, program) < 0)
		return -1;
	return link_applets(dirfd, program);
}

int busybox_root_mount(const char *on)
{
	char program[PATH_MAX];

	/* Before the mount, so that a missing busybox leaves nothing to undo. */
	if (busybox_find(program, sizeof(program)) < 0)
		return -1;
	if (SYS(mount("busybox", on, "tmpfs", 0, "mode=0755"), on) < 0)
		return -1;
	int root = SYS(open(on, O_PATH | O_DIRECTORY | O_CLOEXEC), on);
	if (root >= 0 && busybox_root_fill(root) == 0)
		return root;
	int saved = errno;
	close_keeping_errno(root);
	umount2(on, MNT_DETACH);
	errno = saved;
	return -1;
}
