/*
 * identity.c: rights are taken away in the order in which each step still has the right to it.
 */
#define _GNU_SOURCE
#include "identity.h"
#include "apparmor.h"
#include "capabilities.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step04_net_user/given/id_map.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASSWD_LINE = 4096, PASSWD_LINES = 1 << 16 };

static const char usual_path[] =
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* Asked of the kernel: /proc is not always in sight. A change of ids forgets what happens at the
 * parent's death; prctl(2). */
static bool root_is_mapped(void)
{
	const uid_t same = (uid_t)-1;
	int at_parents_death = 0;

	prctl(PR_GET_PDEATHSIG, &at_parents_death);
	bool is = (setresgid(same, 0, same) == 0 || errno != EINVAL) &&
		  (setresuid(same, 0, same) == 0 || errno != EINVAL);
	prctl(PR_SET_PDEATHSIG, at_parents_death);
	return is;
}

int identity_first(const struct spec *spec, const struct spec_process *process)
{
	if (!(spec->namespaces & CLONE_NEWUSER) && !spec->join[NS_USER])
		return 0;
	return root_is_mapped() ? id_become(0, 0) : id_become(process->uid, process->gid);
}

/* With the permitted capabilities kept, to be set one by one after it. */
static int take_ids(const struct spec_process *process)
{
	if (SYS(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "1") < 0 ||
	    id_become_with(process->uid, process->gid, process->additional_gids,
			   process->additional_gid_count) < 0)
		return -1;
	return SYS(prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0), "0");
}

/* The filter needs CAP_SYS_ADMIN, or no_new_privs: with the latter it goes in last, and need not
 * allow the calls before it. */
static int take_filter(const struct seccomp_filter *filter, bool now)
{
	return now && filter->length ? seccomp_install(filter) : 0;
}

int identity_take(const struct spec_process *process, const struct seccomp_filter *filter)
{
	bool last = process->no_new_privileges;

	if (process->apparmor_profile && apparmor_for_exec(process->apparmor_profile) < 0)
		return -1;
	if (take_filter(filter, !last) < 0 ||
	    capabilities_bound(process->capabilities.bounding) < 0 || take_ids(process) < 0 ||
	    capabilities_set(&process->capabilities) < 0)
		return -1;
	umask(process->has_umask ? process->umask : 0022);
	if (last && SYS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "1") < 0)
		return -1;
	return take_filter(filter, last);
}

static bool has(char *const env[], const char *name)
{
	size_t length = strlen(name);

	for (; *env; env++)
		if (strncmp(*env, name, length) == 0 && (*env)[length] == '=')
			return true;
	return false;
}

/* A FIFO of the image would make open(2) wait, and a device could be read for ever. */
static FILE *open_passwd(void)
{
	struct stat st;
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *file = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

static bool is_number(const char *text, uid_t uid)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end && number == uid;
}

/* The sixth field of the user's line in /etc/passwd of the root in sight. The image may have a file
 * of a terabyte without a newline there: what is read, and the memory for it, have an end. */
static char *home_line(uid_t uid)
{
	FILE *file = open_passwd();
	char line[PASSWD_LINE], *found = NULL;

	for (int i = 0; file && !found && i < PASSWD_LINES && fgets(line, sizeof(line), file);
	     i++) {
		char *field[7] = { 0 }, *at = line;
		int n = 0;
		while (n < 7 && (field[n] = strsep(&at, ":\n")))
			n++;
		if (n >= 6 && is_number(field[2], uid) && *field[5] &&
		    asprintf(&found, "HOME=%s", field[5]) < 0)
			found = NULL;
	}
	if (file)
		fclose(file);
	return found ? found : strdup("HOME=/");
}

/* The names, up to "=". */
static int by_name(const void *one, const void *other)
{
	const char *a = one, *b = other;

	while (*a && *a == *b && *a != '=')
		a++, b++;
	return (*a == '=' ? 0 : *a) - (*b == '=' ? 0 : *b);
}

static void keep(void *entry)
{
	(void)entry; /* the tree owns none */
}

/* Of two of a name the last one, in the order in which they are: execve(2) would hand down both. A
 * tree of the names, since a config.json has room for half a million. Returns how many, or -1 with
 * ENOMEM. */
static ssize_t last_of_each(char **from, size_t count, char **to)
{
	void *names = NULL;
	size_t kept = count;
	bool full = false;

	for (size_t i = count; i-- > 0 && !full;) {
		char **found = tsearch(from[i], &names, by_name);
		full = !found;
		if (found && *found == from[i] && strcmp(from[i], "HOME=") != 0) /* that is none */
			to[--kept] = from[i];
	}
	tdestroy(names, keep);
	if (full)
		return errno = ENOMEM, -1;
	size_t left = count - kept;
	memmove(to, to + kept, left * sizeof(*to));
	memset(to + left, 0, kept * sizeof(*to));
	return (ssize_t)left;
}

char **identity_environment(const struct spec_process *process)
{
	size_t count = 0;

	while (process->env[count])
		count++;
	char **env = calloc(count + 3, sizeof(*env));
	if (!env)
		return NULL;
	ssize_t kept = last_of_each(process->env, count, env);
	if (kept >= 0 && !has(env, "PATH"))
		env[kept++] = (char *)(uintptr_t)usual_path;
	if (kept >= 0 && (has(env, "HOME") || (env[kept] = home_line(process->uid))))
		return env;
	free(env);
	errno = ENOMEM;
	return NULL;
}
