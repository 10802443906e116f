/*
 * command.c: which file is args[0]?
 */
#define _GNU_SOURCE
#include "identity.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0, or errno: EACCES for what is there and cannot be executed. */
static int try_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	return S_ISREG(st.st_mode) && faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : EACCES;
}

/* As if execvp(3) had been called, so that the reason is looked for as it is for that. */
static int refuse(int err, const char *name, char *const env[])
{
	environ = (char **)(uintptr_t)env;
	sys_failure_set_at_exec(err, "execvp", name, NULL, NULL);
	sys_failure_explain();
	errno = err;
	return -1;
}

static const char *path_of(char *const env[])
{
	for (; *env; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return "";
}

int identity_find_command(const char *name, char *const env[], char *path)
{
	int err = ENOENT;

	if (strchr(name, '/')) {
		if ((size_t)snprintf(path, PATH_MAX, "%s", name) >= PATH_MAX)
			return refuse(ENAMETOOLONG, name, env);
		err = try_file(path);
		return err ? refuse(err, name, env) : 0;
	}
	const char *at = path_of(env);
	for (bool more = true; more;) {
		size_t length = strcspn(at, ":");
		/* An empty element is the working directory. */
		int n = snprintf(path, PATH_MAX, "%.*s%s%s", (int)length, at, length ? "/" : "./",
				 name);
		int one = n < PATH_MAX ? try_file(path) : ENAMETOOLONG;
		if (one == 0)
			return 0;
		err = one == EACCES ? EACCES : err;
		more = at[length] == ':';
		at += length + 1;
	}
	return refuse(err, name, env);
}
