/*
 * why.h: why that errno comes from that call on this host, and what to try.
 *
 * The table is data: (call, errno, condition) -> (cause, remedy). The first row
 * that matches wins, so the specific rows stand above the general ones. A
 * condition reads one struct of facts and the failed call's text and subject; it
 * is judged in the process that failed, because the answer depends on who asks.
 */
#pragma once

#include "step01_clone_pid/floor/host/facts.h"
#include "sys.h"

struct why_row {
	/* The function's name, or several: "unshare|clone|clone3"; "*" is any. syscall(SYS_kill,
	 * ...) is "kill". "write" and "openat" carry the path as subject, so conditions know the
	 * files of /proc and cgroups. */
	const char *call;
	int err;
	/* NULL: always. May look at the facts, at f->call ("CLONE_NEWUSER" in it?), at f->subject.
	 */
	bool (*when)(const struct host_facts *facts, const struct failure *f);
	/* One sentence each; the remedy is what to do, "" if nothing helps. In both stand
	 * %s for the subject, %w for where ("mount_ns.c:41"), %k for the namespace kind at fault
	 * ("pid"), %i for the interpreter that execve needs ("/lib64/ld-linux-x86-64.so.2"). */
	const char *cause;
	const char *remedy;
};

extern const struct why_row why_table[];
extern const size_t why_rows;

/* The row for this failure on a host with these facts, or NULL. */
const struct why_row *why_find(const struct host_facts *facts, const struct failure *f);

/* Fills f->cause and f->remedy; strerror's text if no row matches. */
void why_explain(const struct host_facts *facts, struct failure *f);
