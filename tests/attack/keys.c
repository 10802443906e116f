/*
 * keys.c - a key of the caller's session keyring, made and looked for.
 *
 *   keys make COMMAND...   a new session keyring with a key in it; becomes the command
 *   keys find              says "found: PAYLOAD" where the key can be reached; else "none"
 *
 * Exit status of find: 0 in both cases; 77 where the kernel has no keys.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char name[] = "minibox-attack", payload[] = "key of the host";

static int make(char **command)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    syscall(SYS_add_key, "user", name, payload, strlen(payload), KEY_SPEC_SESSION_KEYRING) <
		    0)
		return errno == ENOSYS ? 77 : 1;
	execvp(command[0], command);
	return 127;
}

static int find(void)
{
	char text[100] = "";
	long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", name, 0);

	if (key < 0)
		key = syscall(SYS_request_key, "user", name, NULL, 0);
	if (key < 0)
		return errno == ENOSYS ? 77 : (puts("none"), 0);
	if (syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text) - 1) < 0)
		snprintf(text, sizeof(text), "(not readable: %s)", strerror(errno));
	printf("found: %s\n", text);
	return 0;
}

int main(int argc, char **argv)
{
	return argc > 2 && strcmp(argv[1], "make") == 0 ? make(argv + 2) : find();
}
