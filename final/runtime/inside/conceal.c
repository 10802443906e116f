/*
 * conceal.c: not to be traced, not to be read.
 */
#define _GNU_SOURCE
#include "conceal.h"

#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 6 << 20 }; /* what execve(2) takes at most, _STK_LIM / 4 * 3 */

static bool learnt, may_trace;

void conceal_learn(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (learnt)
		return;
	learnt = true;
	may_trace = syscall(SYS_capget, &header, data) == 0 &&
		    (data[0].effective >> CAP_SYS_PTRACE & 1);
}

int conceal_memory(void)
{
	return may_trace ? SYS(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "0") : 0;
}

void conceal_environment(void)
{
	for (char **text = environ; text && *text; text++)
		memset(*text, 0, strlen(*text));
	clearenv();
}

void conceal_arguments(void)
{
	char *name = program_invocation_name, *end = environ ? *environ : NULL;

	/* The kernel puts the environment right above the arguments. */
	if (!name || !end || end < name || end - name > MOST_ARGUMENTS)
		return;
	size_t length = strlen(name);
	memset(name + length, 0, (size_t)(end - name) - length);
}
