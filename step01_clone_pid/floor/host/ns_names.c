/*
 * ns_names.c: CLONE_NEW* flags in words.
 */
#include "facts.h"

#include <stdio.h>
#include <string.h>

const char *ns_names(int flags)
{
	static char names[64];
	size_t n = 0;

	names[0] = '\0';
	for (int kind = 0; kind < NS_KINDS; kind++)
		if (flags & ns_info[kind].flag)
			n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "",
					      ns_info[kind].name);
	return n ? names : "no new namespace";
}
