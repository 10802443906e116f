/*
 * why.h: why that errno comes from that call on this host, and what to try.
 *
 * The table is data: (call, errno, condition) -> (cause, remedy). A condition looks
 * at the facts of the host and at those of the failed call: its errno, the arguments
 * that were noted (struct call_args), the path or name that it was about. Of the
 * call's source only the function's name is asked for. It is judged in the process
 * that failed, because the answer depends on who asks.
 *
 * The rows are in several tables, one of the floor and one of each step that brings
 * calls, files or file systems of its own; a step registers its table from
 * given/register.c. The first row that fits wins, in this order: the table that was
 * registered last, that is the highest step's, down to step 2's, then the floor's;
 * and in a table from top to bottom. So a step may be more specific than the steps
 * below it. Its general rows (no condition) must be about calls that no lower step
 * has rows for, and a condition says no where a lower step knows better.
 */
#pragma once

#include "step01_clone_pid/floor/host/facts.h"
#include "sys.h"

struct why_row {
	/* The function's name, or several: "unshare|clone|clone3"; "*" is any, in the floor's table
	 * only. syscall(SYS_kill, ...) is "kill". "write" and "openat" carry the path as subject,
	 * so conditions know the files of /proc and cgroups. */
	const char *call;
	int err;
	/* NULL: always. Looks at the facts, at f->args, at f->subject. */
	bool (*when)(const struct host_facts *facts, const struct failure *f);
	/* One sentence each; the remedy is what to do, "" if nothing helps. In both stand
	 * %s for the subject, %w for where ("mount_ns.c:41"), %k for the namespace kind at fault
	 * ("pid"), %i for the interpreter that execve needs ("/lib64/ld-linux-x86-64.so.2"). */
	const char *cause;
	const char *remedy;
};

struct why_table {
	const struct why_row *rows;
	size_t count;
	const struct why_table *next; /* what is looked at after it; of why_register() */
};

/* Puts a table before those that are there. It is linked in, not copied: it stays the caller's and
 * must stay where it is. A table that is registered already keeps its place. */
void why_register(struct why_table *table);

/* The first table that is looked at; the floor's is the last, and always there. */
const struct why_table *why_tables(void);

/* Is the call that failed one of row->call? Its errno and the condition are not looked at. */
bool why_names(const struct why_row *row, const struct failure *f);

/* The row for this failure on a host with these facts, or NULL. */
const struct why_row *why_find(const struct host_facts *facts, const struct failure *f);

/* Fills f->cause and f->remedy; strerror's text if no row matches. */
void why_explain(const struct host_facts *facts, struct failure *f);
