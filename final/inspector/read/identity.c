/*
 * identity.c: ids, capabilities, seccomp, host name.
 */
#define _GNU_SOURCE
#include "identity.h"
#include "whole.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step04_net_user/given/id_map.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAP_LINES = 340 };

static void map_text(int procfd, pid_t pid, const char *file, char *out, size_t size)
{
	struct id_map map[MAP_LINES];
	int count = id_map_read(procfd, pid, file, map, MAP_LINES);
	size_t used = 0;

	out[0] = '\0';
	for (int i = 0; i < count; i++) {
		char line[64], count_text[16] = "all";
		if (map[i].count != 4294967295U)
			snprintf(count_text, sizeof(count_text), "%u", map[i].count);
		int n = snprintf(line, sizeof(line), "%s%u->%u x%s", i ? ", " : "", map[i].inside,
				 map[i].outside, count_text);
		if (used + (size_t)n + sizeof(" ...") > size) { /* a line is whole or not there */
			strcpy(out + used, " ...");
			return;
		}
		memcpy(out + used, line, (size_t)n + 1);
		used += (size_t)n;
	}
}

static int64_t number_of(const char *status, const char *key, int base)
{
	char value[32];

	return status_value(status, key, value, sizeof(value)) ? strtoll(value, NULL, base) : -1;
}

void identity_read(int procfd, pid_t init, struct identity *id)
{
	static struct whole kept;
	char path[32];

	snprintf(path, sizeof(path), "%d/status", init);
	id->known = whole_read(&kept, procfd, path) > 0;
	const char *status = id->known ? kept.text : "";
	id->cap_eff = number_of(status, "CapEff", 16);
	id->seccomp = (int)number_of(status, "Seccomp", 10);
	id->no_new_privs = (int)number_of(status, "NoNewPrivs", 10);
	map_text(procfd, init, "uid_map", id->uid_map, sizeof(id->uid_map));
	map_text(procfd, init, "gid_map", id->gid_map, sizeof(id->gid_map));
}

/* In the child: into the user namespace first where there is another, for it owns the right to
 * enter the UTS namespace. */
static void visit_and_tell(int uts, int user, int out)
{
	char name[65] = "";

	if (user >= 0)
		setns(user, CLONE_NEWUSER); /* EINVAL if it is ours: then nothing is needed */
	if (setns(uts, CLONE_NEWUTS) == 0 && gethostname(name, sizeof(name) - 1) == 0 &&
	    write(out, name, strlen(name)) < 0)
		_exit(1);
	_exit(0);
}

/* In a child, for what enters a namespace cannot leave it. */
static void ask_inside(int uts, int user, char name[65])
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid_t child = fork();
	if (child == 0)
		visit_and_tell(uts, user, ends[1]);
	close(ends[1]);
	/* A signal (the window's new size) must not cost the answer, nor leave a zombie. */
	ssize_t n = child < 0 ? -1 : TEMP_FAILURE_RETRY(read(ends[0], name, 64));
	name[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	if (child > 0)
		TEMP_FAILURE_RETRY(waitpid(child, NULL, 0));
}

void hostname_ask(int procfd, pid_t init, unsigned long long start, char name[65])
{
	struct proc_stat now;
	char path[40];

	name[0] = '\0';
	snprintf(path, sizeof(path), "%d/ns/uts", init);
	int uts = openat(procfd, path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%d/ns/user", init);
	int user = openat(procfd, path, O_RDONLY | O_CLOEXEC);
	/* Still the same one after both are open: then both are its. */
	if (uts >= 0 && proc_stat_read(procfd, init, &now) == 0 && now.starttime == start)
		ask_inside(uts, user, name);
	if (uts >= 0)
		close(uts);
	if (user >= 0)
		close(user);
}

const char *capability_name(int n)
{
	static const char *const names[CAPABILITIES] = { "chown",
							 "dac_override",
							 "dac_read_search",
							 "fowner",
							 "fsetid",
							 "kill",
							 "setgid",
							 "setuid",
							 "setpcap",
							 "linux_immutable",
							 "net_bind_service",
							 "net_broadcast",
							 "net_admin",
							 "net_raw",
							 "ipc_lock",
							 "ipc_owner",
							 "sys_module",
							 "sys_rawio",
							 "sys_chroot",
							 "sys_ptrace",
							 "sys_pacct",
							 "sys_admin",
							 "sys_boot",
							 "sys_nice",
							 "sys_resource",
							 "sys_time",
							 "sys_tty_config",
							 "mknod",
							 "lease",
							 "audit_write",
							 "audit_control",
							 "setfcap",
							 "mac_override",
							 "mac_admin",
							 "syslog",
							 "wake_alarm",
							 "block_suspend",
							 "audit_read",
							 "perfmon",
							 "bpf",
							 "checkpoint_restore" };

	return n >= 0 && n < CAPABILITIES ? names[n] : NULL;
}
