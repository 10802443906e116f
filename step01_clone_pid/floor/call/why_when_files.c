/*
 * why_when_files.c: the conditions about programs and files.
 */
#define _GNU_SOURCE
#include "why_when.h"
#include "step01_clone_pid/floor/meet/program.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

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
	return has_flags(f, CLONE_NEWUSER) || strcmp(base_name(f->subject), "user") == 0;
}

WHEN(setns_threads)
{
	return h->threads > 1;
}

WHEN(yama)
{
	return h->yama_ptrace_scope > 0;
}

WHEN(proc_missing)
{
	return !h->proc;
}

WHEN(no_proc)
{
	return !h->proc && (starts(f->subject, "/proc/") || strcmp(f->subject, "/proc") == 0);
}

WHEN(proc_pid_path)
{
	const char *path = below_proc(f->subject);

	return path[0] >= '1' && path[0] <= '9' && strchr(path, '/');
}

WHEN(not_written)
{
	return f->not_written;
}
