/*
 * why_when.c: the conditions of the why-table about namespaces and who asks.
 */
#define _GNU_SOURCE
#include "why_when.h"

#include <linux/capability.h>
#include <sched.h>
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

const char *below_proc(const char *subject)
{
	return starts(subject, "/proc/") ? subject + 6 : subject;
}

bool has_flags(const struct failure *f, unsigned long flags)
{
	return f->args.noted && (f->args.flags & flags);
}

bool has_type(const struct failure *f, const char *type)
{
	return f->args.noted && strcmp(f->args.type, type) == 0;
}

/* ---- which namespaces were asked for ---- */

enum asked { ASKED_NO, ASKED_YES, ASKED_MAYBE };

/* Maybe: a failure that was recorded without its arguments (sys_failure_set). */
static enum asked asks(const struct failure *f, enum ns_kind kind)
{
	if (!f->args.noted)
		return ASKED_MAYBE;
	return f->args.flags & (unsigned)ns_info[kind].flag ? ASKED_YES : ASKED_NO;
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
	return has_flags(f, CLONE_THREAD) &&
	       (asks(f, NS_PID) || asks(f, NS_USER) || h->children_elsewhere);
}

WHEN(flags_contradict)
{
	return (has_flags(f, CLONE_FS) && (asks(f, NS_MNT) || asks(f, NS_USER))) ||
	       (has_flags(f, CLONE_SYSVSEM) && asks(f, NS_IPC));
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

/* ---- rights in a user namespace ---- */

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

WHEN(userns_file)
{
	static const char *const maps[] = { "uid_map", "gid_map", NULL };

	return one_of(base_name(f->subject), maps) ||
	       (strcmp(base_name(f->subject), "setgroups") == 0 && strchr(f->subject, '/'));
}

WHEN(map_by_apparmor)
{
	return userns_file(h, f) && h->apparmor_restrict_userns > 0;
}
