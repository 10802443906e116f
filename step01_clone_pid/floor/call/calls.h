/*
 * calls.h: system calls under the name of their man page, for SYS(): those that
 * glibc 2.36 has no wrapper for, and those whose arguments are noted.
 *
 * mount, unshare, setns, clone and clone3 are judged by flags and by a type. Why
 * the kernel refused one of them can be told only from the values that it got,
 * which the source of the call does not show where it has a variable. So each of
 * the five notes its arguments, and the failure record takes them over (sys.h,
 * struct call_args). The call itself is as its man page says, each argument is
 * evaluated once, and errors are the call's: -1 and errno.
 */
#pragma once

#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* What was noted last. SYS() forgets it before it makes its call, so that what is there afterwards
 * belongs to that call; `name` says to which, since a function in SYS() may make others. The
 * strings are the caller's: they are looked at before SYS() is left. */
struct call_note {
	const char *name; /* "mount"; NULL: nothing is noted */
	unsigned long flags;
	const char *type;	     /* of mount; may be NULL, as in mount(2) */
	const char *source, *target; /* of mount; may be NULL */
};

extern struct call_note call_note;

/* ---- without a wrapper ---- */

/* pivot_root(2) */
static inline int pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

/* openat2(2) */
static inline int openat2(int dirfd, const char *path, const struct open_how *how, size_t size)
{
	return (int)syscall(SYS_openat2, dirfd, path, how, size);
}

/* clone3(2); like fork it returns in both processes when no stack is given. Noted: args->flags. */
static inline pid_t clone3(struct clone_args *args, size_t size)
{
	call_note = (struct call_note){ .name = "clone3", .flags = args->flags };
	return (pid_t)syscall(SYS_clone3, args, size);
}

/* ---- noted: the macros below stand for these ---- */

static inline int noted_mount(const char *source, const char *target, const char *type,
			      unsigned long flags, const void *data)
{
	call_note = (struct call_note){ "mount", flags, type, source, target };
	return mount(source, target, type, flags, data);
}

/* For the three below: notes the flags, and returns them. */
static inline int noted_flags(const char *name, int flags)
{
	call_note = (struct call_note){ .name = name, .flags = (unsigned)flags };
	return flags;
}

/* clang-format off */
#define mount(source, target, type, flags, data) noted_mount(source, target, type, flags, data)
#define unshare(flags) unshare(noted_flags("unshare", flags))
#define setns(fd, nstype) setns(fd, noted_flags("setns", nstype))
/* The fourth argument, and those after it that clone(2) calls optional, are passed on. */
#define clone(fn, stack, flags, ...) clone(fn, stack, noted_flags("clone", flags), __VA_ARGS__)
/* clang-format on */
