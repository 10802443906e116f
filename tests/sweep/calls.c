/*
 * calls.c: names of system calls and of errnos. The Makefile makes calls.inc of the machine's
 * <sys/syscall.h>.
 */
#define _GNU_SOURCE
#include "inject.h"

#include <string.h>
#include <sys/syscall.h>

static const struct {
	int nr;
	const char *name;
} table[] = {
#define CALL(name) { __NR_##name, #name },
#include "calls.inc"
#undef CALL
};

const char *call_name(int nr)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].nr == nr)
			return table[i].name;
	return "?";
}

int call_number(const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].nr;
	return -1;
}

int errno_number(const char *name)
{
	for (int err = 1; err < 134; err++) {
		const char *known = strerrorname_np(err);
		if (known && strcmp(known, name) == 0)
			return err;
	}
	return 0;
}
