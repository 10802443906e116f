/*
 * why_when.c: the conditions of the why-table about namespaces and who asks.
 */
#define _GNU_SOURCE
#include "why_when.h"

#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* ---- which namespaces were asked for ---- */

enum asked { ASKED_NO, ASKED_YES, ASKED_MAYBE };

bool has_flag(const char *text, const char *flag)
{
	size_t n = strlen(flag);

	for (const char *at = text; (at = strstr(at, flag)); at += n)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", at[n]) || !at[n])
			return true;
	return false;
}

/* The subject as ns_names() makes it, "pid, mnt"? */
static bool is_list_of_kinds(const char *subject)
{
	while (*subject) {
		size_t n = strcspn(subject, ",");
		bool known = false;
		for (int k = 0; k < NS_KINDS; k++)
			known |= strlen(ns_info[k].name) == n &&
				 strncmp(subject, ns_info[k].name, n) == 0;
		if (!known)
			return false;
		subject += n;
		subject += strspn(subject, ", ");
	}
	return true;
}

static bool is_in_list(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list; *at; at += strspn(at, ", ")) {
		size_t length = strcspn(at, ",");
		if (length == n && strncmp(at, name, n) == 0)
			return true;
		at += length;
	}
	return false;
}

/* Flags stand in the call as the source has it, or, where the source has a variable, in the
 * subject: in words, SYS(clone(fn, top, sp->flags, arg), ns_names(sp->flags)), or as a number.
 * Elsewhere nobody knows. */
static enum asked asks(const struct failure *f, enum ns_kind kind)
{
	static const char *const flag[NS_KINDS] = { "CLONE_NEWPID",    "CLONE_NEWNS",
						    "CLONE_NEWUTS",    "CLONE_NEWIPC",
						    "CLONE_NEWNET",    "CLONE_NEWUSER",
						    "CLONE_NEWCGROUP", "CLONE_NEWTIME" };
	char *end;
	unsigned long number, known = 0xff; /* the exit signal's byte */

	if (strstr(f->call, "CLONE_NEW"))
		return has_flag(f->call, flag[kind]) ? ASKED_YES : ASKED_NO;
	if (strcmp(f->subject, ns_names(0)) == 0)
		return ASKED_NO;
	if (f->subject[0] && is_list_of_kinds(f->subject))
		return is_in_list(f->subject, ns_info[kind].name) ? ASKED_YES : ASKED_NO;
	for (int k = 0; k < NS_KINDS; k++)
		known |= (unsigned long)ns_info[k].flag;
	number = strtoul(f->subject, &end, 0);
	if (end != f->subject && !*end && !(number & ~known))
		return number & (unsigned long)ns_info[kind].flag ? ASKED_YES : ASKED_NO;
	return ASKED_MAYBE;
}

static bool admin(const struct host_facts *h)
{
	return facts_cap(h, CAP_SYS_ADMIN);
}

WHEN(userns_sysctl_off)
{
	return asks(f, NS_USER) && h->unprivileged_userns_clone == 0 && !admin(h);
}

WHEN(no_ids_yet)
{
	return asks(f, NS_USER) && h->in_user_ns && h->uid_map_ids == 0;
}

WHEN(chrooted_userns)
{
	return asks(f, NS_USER) && h->chrooted;
}

WHEN(apparmor_userns)
{
	return asks(f, NS_USER) && h->apparmor_restrict_userns > 0 && (!admin(h) || h->in_user_ns);
}

WHEN(container_seccomp)
{
	return h->seccomp == 2 && h->container[0];
}

WHEN(other_seccomp)
{
	return h->seccomp == 2 && (admin(h) || asks(f, NS_USER) == ASKED_YES);
}

WHEN(not_admin)
{
	return !admin(h);
}

WHEN(not_admin_no_userns)
{
	return !admin(h) && asks(f, NS_USER) != ASKED_YES;
}

static bool lacks(const struct host_facts *h, int kind)
{
	return h->threads && !h->ns[kind]; /* threads 0: /proc was out of sight */
}

int kind_at_fault(const struct host_facts *h, const struct failure *f)
{
	for (int k = 0; k < NS_KINDS; k++)
		if (asks(f, k) && (h->max_ns[k] == 0 || lacks(h, k)))
			return k;
	return -1;
}

WHEN(kind_limit_zero)
{
	int kind = kind_at_fault(h, f);

	return kind >= 0 && h->max_ns[kind] == 0;
}

WHEN(pid_too_deep)
{
	return asks(f, NS_PID) && h->pid_depth >= 32;
}

WHEN(threads_and_userns)
{
	return asks(f, NS_USER) && h->threads > 1;
}

WHEN(thread_in_other_ns)
{
	return has_flag(f->call, "CLONE_THREAD") &&
	       (asks(f, NS_PID) || asks(f, NS_USER) || h->children_elsewhere);
}

WHEN(flags_contradict)
{
	return (has_flag(f->call, "CLONE_FS") && (asks(f, NS_MNT) || asks(f, NS_USER))) ||
	       (has_flag(f->call, "CLONE_SYSVSEM") && asks(f, NS_IPC));
}

WHEN(kind_missing)
{
	int kind = kind_at_fault(h, f);

	return kind >= 0 && lacks(h, kind);
}

WHEN(pid_ns_twice)
{
	return h->children_elsewhere && asks(f, NS_PID);
}

WHEN(children_elsewhere)
{
	return h->children_elsewhere;
}

/* ---- user namespaces ---- */

WHEN(map_file)
{
	static const char *const maps[] = { "uid_map", "gid_map", NULL };

	return one_of(base_name(f->subject), maps);
}

WHEN(userns_file)
{
	return map_file(h, f) ||
	       (strcmp(base_name(f->subject), "setgroups") == 0 && strchr(f->subject, '/'));
}

/* Only of our own maps do we know what they hold. */
static bool own_file(const struct failure *f, const char *name)
{
	const char *path = starts(f->subject, "/proc/") ? f->subject + 6 : f->subject;

	return starts(path, "self/") && strcmp(path + 5, name) == 0;
}

WHEN(map_by_apparmor)
{
	return userns_file(h, f) && h->apparmor_restrict_userns > 0;
}

WHEN(map_again)
{
	return (own_file(f, "uid_map") && h->uid_map_ids > 0) ||
	       (own_file(f, "gid_map") && h->gid_map_ids > 0);
}

WHEN(gid_map_setgroups)
{
	if (own_file(f, "gid_map"))
		return h->setgroups == 1;
	return strcmp(base_name(f->subject), "gid_map") == 0 && !facts_cap(h, CAP_SETGID);
}

WHEN(setgroups_late)
{
	return own_file(f, "setgroups") && h->gid_map_ids > 0;
}

WHEN(in_user_ns)
{
	return h->in_user_ns;
}

WHEN(apparmor_in_userns)
{
	return h->apparmor_restrict_userns > 0 && h->in_user_ns;
}

WHEN(apparmor_on)
{
	return h->apparmor;
}
