/*
 * keyring.c: a session keyring of the container's own.
 */
#define _GNU_SOURCE
#include "keyring.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <linux/keyctl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int keyring_own(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
		return 0;
	if (errno == ENOSYS || errno == EPERM) {
		sys_trace_say("keyctl: no session keyring of its own: %s", strerror(errno));
		return 0;
	}
	sys_failure_set(errno, "keyctl", "the session keyring",
			"The container gets no keyring of its own, and would be left with the "
			"caller's keys.",
			"Raise /proc/sys/kernel/keys/maxkeys, or create it with "
			"--no-new-keyring.");
	return -1;
}
