/*
 * clone_pid.c: a second solution of lab 1, written from the header.
 *
 * The stack comes from malloc(3), the status file is read by lines, and no call is in SYS().
 */
#define _GNU_SOURCE
#include "step01_clone_pid/clone_pid.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

#define STACK_BYTES (256 * 1024)
#define KEY	    "NSpid:"

/* Sets both results of spawn() to "no child". */
static int no_child(struct spawn *sp, int err)
{
	sp->pid = -1;
	sp->pidfd = -1;
	errno = err;
	return -1;
}

int spawn(struct spawn *sp)
{
	/* clone(2) takes the lowest byte for the signal. */
	if (sp->flags & 0xff)
		return no_child(sp, EINVAL);

	unsigned char *stack = malloc(STACK_BYTES);
	if (stack == NULL)
		return no_child(sp, ENOMEM);

	int pidfd = -1;
	pid_t pid = clone(sp->fn, &stack[STACK_BYTES], SIGCHLD | CLONE_PIDFD | sp->flags, sp->arg,
			  &pidfd);
	int err = errno;

	free(stack);
	if (pid == -1)
		return no_child(sp, err);
	sp->pid = pid;
	sp->pidfd = pidfd;
	return 0;
}

int spawn_wait(struct spawn *sp, int *status)
{
	siginfo_t end;

	if (sp->pid < 1 || sp->pidfd < 0) {
		errno = ECHILD;
		return -1;
	}
	memset(&end, 0, sizeof(end));
	while (waitid(P_PIDFD, (id_t)sp->pidfd, &end, WEXITED) != 0) {
		if (errno != EINTR)
			return -1;
	}
	*status = end.si_status + (end.si_code == CLD_EXITED ? 0 : 128);
	close(sp->pidfd);
	sp->pidfd = -1;
	return 0;
}

/* Reads the numbers after the key, up to the end of the line. */
static int parse_numbers(const char *text, pid_t pids[], int max)
{
	int count = 0;

	for (;;) {
		while (*text == ' ' || *text == '\t')
			text++;
		if (*text == '\0' || *text == '\n')
			break;
		long number = 0;
		if (!isdigit((unsigned char)*text))
			goto not_status;
		for (; isdigit((unsigned char)*text); text++) {
			number = number * 10 + (*text - '0');
			if (number > INT_MAX)
				goto not_status;
		}
		if (count == max) {
			errno = E2BIG;
			return -1;
		}
		pids[count++] = (pid_t)number;
	}
	if (count > 0)
		return count;
not_status:
	errno = EINVAL;
	return -1;
}

int nspid_parse(const char *status, pid_t pids[], int max)
{
	for (const char *line = status; line != NULL; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, KEY, strlen(KEY)) == 0)
			return parse_numbers(line + strlen(KEY), pids, max);
	}
	errno = EINVAL;
	return -1;
}

int nspid_read(int procfd, pid_t pid, pid_t pids[], int max)
{
	char name[40];
	char *line = NULL;
	size_t room = 0;
	int count = -1, err = EINVAL;

	snprintf(name, sizeof(name), "%ld/status", (long)pid);
	int fd = openat(procfd, name, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	FILE *file = fdopen(fd, "r");
	if (file == NULL) {
		err = errno;
		close(fd);
		errno = err;
		return -1;
	}
	while (count < 0) {
		errno = 0;
		if (getline(&line, &room, file) < 0) {
			/* The end of the file leaves errno alone: there is no such line. */
			err = errno != 0 ? errno : EINVAL;
			break;
		}
		if (strncmp(line, KEY, strlen(KEY)) != 0)
			continue;
		count = nspid_parse(line, pids, max);
		err = errno;
		break;
	}
	free(line);
	fclose(file);
	if (count < 0)
		errno = err;
	return count;
}
