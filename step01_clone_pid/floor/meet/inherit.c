/*
 * inherit.c: a child starts without its parent's descriptors and signals.
 */
#define _GNU_SOURCE
#include "inherit.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_KEPT = 64 };

static bool is_kept(int fd, const int keep[], int count)
{
	for (int i = 0; i < count; i++)
		if (keep[i] == fd)
			return true;
	return false;
}

/* Before Linux 5.9: one by one. The directory's own descriptor goes last, with closedir(3). */
static int close_by_list(int first, const int keep[], int count)
{
	DIR *list = opendir("/proc/self/fd");

	if (!list)
		return -1;
	for (struct dirent *entry; (errno = 0, entry = readdir(list));) {
		int fd = atoi(entry->d_name);
		if (fd >= first && fd != dirfd(list) && !is_kept(fd, keep, count))
			close(fd);
	}
	int unread = errno;
	closedir(list);
	errno = unread;
	return unread ? -1 : 0;
}

/* The gaps between the kept ones, in order. */
static int close_ranges(int first, const int sorted[], int count)
{
	unsigned from = (unsigned)first;

	for (int i = 0; i <= count; i++) {
		unsigned to = i < count ? (unsigned)sorted[i] - 1 : UINT_MAX;
		if (from <= to && syscall(SYS_close_range, from, to, 0) < 0)
			return -1;
		from = to + 2;
	}
	return 0;
}

int inherit_close_from(int first, const int keep[], int count)
{
	int sorted[MOST_KEPT], n = 0;

	if (count > MOST_KEPT) {
		errno = EINVAL;
		return -1;
	}
	for (int i = 0; i < count; i++) {
		if (keep[i] < first || is_kept(keep[i], sorted, n))
			continue;
		int at = n++;
		for (; at > 0 && sorted[at - 1] > keep[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = keep[i];
	}
	return close_ranges(first, sorted, n) == 0 ? 0 : close_by_list(first, sorted, n);
}

int inherit_close(const int keep[], int count)
{
	return inherit_close_from(3, keep, count);
}

/* Past the C library, which takes sigaction(2) for no signal that it keeps for its threads (32 and
 * 33): a parent that has no C library may have ignored these too. The kernel's struct is all zero
 * for SIG_DFL, whatever the order of its members. KILL and STOP are refused, and have no other
 * action. */
void inherit_signals(void)
{
	static const unsigned long by_default[8];
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		syscall(SYS_rt_sigaction, i, by_default, NULL, (NSIG - 1) / 8);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int inherit_check_standard(void)
{
	static const char *const names[] = { "standard input", "standard output",
					     "standard error" };
	struct stat st;

	for (int fd = 0; fd <= 2; fd++)
		if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
			sys_failure_set(EISDIR, "fstat", names[fd],
					"It is a directory of the host. The command could walk "
					"from it to every other one.",
					"Redirect it to a file, or mount the directory with -v.");
			return -1;
		}
	return 0;
}
