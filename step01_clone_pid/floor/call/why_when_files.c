/*
 * why_when_files.c: the conditions about mounts, programs and files.
 */
#define _GNU_SOURCE
#include "why_when.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool says(const struct failure *f, const char *text)
{
	return strstr(f->call, text) != NULL;
}

/* ---- mounts ---- */

WHEN(proc_in_userns)
{
	return h->in_user_ns && says(f, "\"proc\"");
}

WHEN(proc_covered)
{
	return proc_in_userns(h, f) && h->proc_overmounted;
}

WHEN(sysfs_in_userns)
{
	return h->in_user_ns && says(f, "\"sysfs\"");
}

WHEN(mqueue_in_userns)
{
	return h->in_user_ns && says(f, "\"mqueue\"");
}

WHEN(is_remount)
{
	return has_flag(f->call, "MS_REMOUNT");
}

WHEN(remount_in_userns)
{
	return h->in_user_ns && is_remount(h, f);
}

WHEN(is_bind)
{
	return has_flag(f->call, "MS_BIND") && !has_flag(f->call, "MS_REMOUNT");
}

WHEN(bind_in_userns)
{
	return h->in_user_ns && is_bind(h, f) && !has_flag(f->call, "MS_REC");
}

WHEN(is_move)
{
	return has_flag(f->call, "MS_MOVE");
}

WHEN(is_propagation)
{
	return has_flag(f->call, "MS_PRIVATE") || has_flag(f->call, "MS_SHARED") ||
	       has_flag(f->call, "MS_SLAVE") || has_flag(f->call, "MS_UNBINDABLE");
}

WHEN(is_overlay)
{
	return says(f, "\"overlay\"");
}

WHEN(overlay_missing)
{
	return is_overlay(h, f) && !facts_filesystem(h, "overlay");
}

WHEN(root_is_rootfs)
{
	return strcmp(h->root_fs, "rootfs") == 0;
}

/* ---- execve: the answer is in the file ---- */

bool program_path(const struct failure *f, char *out, size_t size)
{
	const char *path = getenv("PATH");

	snprintf(out, size, "%s", f->subject);
	if (strchr(f->subject, '/'))
		return true;
	for (path = path ? path : "/bin:/usr/bin"; *path; path += *path == ':') {
		int n = (int)strcspn(path, ":");
		snprintf(out, size, "%.*s/%s", n, path, f->subject);
		if (access(out, F_OK) == 0)
			return true;
		path += n;
	}
	return false;
}

WHEN(not_in_path)
{
	char path[PATH_MAX];

	return !program_path(f, path, sizeof(path));
}

static bool interpreter_missing(const struct failure *f, bool script)
{
	char path[PATH_MAX], interpreter[256], magic[2] = "";

	program_path(f, path, sizeof(path));
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	bool is_script = read(fd, magic, 2) == 2 && magic[0] == '#' && magic[1] == '!';
	close(fd);
	return is_script == script &&
	       exec_interpreter(path, interpreter, sizeof(interpreter)) == 0 && interpreter[0] &&
	       access(interpreter, F_OK) < 0;
}

WHEN(no_script_interpreter)
{
	return interpreter_missing(f, true);
}

WHEN(no_elf_loader)
{
	return interpreter_missing(f, false);
}

static bool stat_program(const struct failure *f, struct stat *st)
{
	char path[PATH_MAX];

	return program_path(f, path, sizeof(path)) && stat(path, st) == 0;
}

WHEN(is_directory)
{
	struct stat st;

	return stat_program(f, &st) && S_ISDIR(st.st_mode);
}

WHEN(not_executable)
{
	struct stat st;

	return stat_program(f, &st) && S_ISREG(st.st_mode) && !(st.st_mode & 0111);
}

WHEN(on_noexec)
{
	char path[PATH_MAX];
	struct statvfs fs;

	return program_path(f, path, sizeof(path)) && statvfs(path, &fs) == 0 &&
	       (fs.f_flag & ST_NOEXEC);
}

WHEN(is_empty_file)
{
	struct stat st;

	return stat_program(f, &st) && st.st_size == 0;
}

WHEN(is_elf)
{
	char path[PATH_MAX], magic[4] = "";

	program_path(f, path, sizeof(path));
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool elf = fd >= 0 && read(fd, magic, 4) == 4 && memcmp(magic, "\177ELF", 4) == 0;
	if (fd >= 0)
		close(fd);
	return elf;
}

/* ---- the rest ---- */

WHEN(setns_user)
{
	return has_flag(f->call, "CLONE_NEWUSER") || strcmp(base_name(f->subject), "user") == 0;
}

WHEN(setns_threads)
{
	return h->threads > 1;
}

WHEN(cgroup_file)
{
	static const char *const prefixes[] = { "cgroup.",  "cpu.",	"cpuacct.", "cpuset.",
						"memory.",  "pids.",	"io.",	    "blkio.",
						"freezer.", "devices.", "hugetlb.", NULL };
	const char *name = base_name(f->subject);

	for (int i = 0; prefixes[i]; i++)
		if (starts(name, prefixes[i]))
			return true;
	return strcmp(name, "tasks") == 0 || strcmp(name, "notify_on_release") == 0;
}

WHEN(cgroup_procs)
{
	static const char *const names[] = { "cgroup.procs", "cgroup.threads", "tasks", NULL };

	return one_of(base_name(f->subject), names);
}

WHEN(subtree_control)
{
	return strcmp(base_name(f->subject), "cgroup.subtree_control") == 0;
}

WHEN(cgroup_path)
{
	return strstr(f->subject, "/cgroup/") || cgroup_file(h, f);
}

WHEN(cpuset_first)
{
	return facts_mounted(h, "cgroup") && cgroup_procs(h, f);
}

WHEN(yama)
{
	return h->yama_ptrace_scope > 0;
}

WHEN(no_proc)
{
	return !h->proc && (starts(f->subject, "/proc/") || strcmp(f->subject, "/proc") == 0 ||
			    says(f, "fd_path(") || says(f, "stepNN_run"));
}

WHEN(proc_pid_path)
{
	const char *path = starts(f->subject, "/proc/") ? f->subject + 6 : f->subject;

	return path[0] >= '1' && path[0] <= '9' && strchr(path, '/');
}

WHEN(in_lab_piece)
{
	static const char *const pieces[] = { "clone_pid.c", "mount_ns.c",    "uts_ipc.c",
					      "net_user.c",  "cgroup_cpu.c",  "overlay_rootfs.c",
					      "volumes.c",   "init_reaper.c", NULL };

	return one_of(base_name(f->file), pieces);
}
