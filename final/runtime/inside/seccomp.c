/*
 * seccomp.c: a filter of the kernel's, put into force and freed. seccomp_translate.c makes it.
 */
#define _GNU_SOURCE
#include "seccomp.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int seccomp_install(const struct seccomp_filter *filter)
{
	const struct sock_fprog program = { .len = filter->length, .filter = filter->code };

	return (int)SYS(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, filter->flags, &program),
			"linux.seccomp");
}

void seccomp_free(struct seccomp_filter *filter)
{
	free(filter->code);
	*filter = (struct seccomp_filter){ 0 };
}
