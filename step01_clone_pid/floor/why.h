/*
 * why.h: why that errno comes from that call on this host, and what to try.
 *
 * The table is data: (call, errno, condition) -> (cause, remedy). The first row
 * that matches wins, so the specific rows stand above the general ones. A
 * condition reads one struct of facts and the failed call's text and subject; it
 * is judged in the process that failed, because the answer depends on who asks.
 */
#pragma once

#include "facts.h"
#include "sys.h"

struct why_row {
	const char *call; /* the function's name: "unshare"; "write" + subject for files in /proc */
	int err;
	/* NULL: always. May look at the facts, at f->call ("CLONE_NEWUSER" in it?), at f->subject. */
	bool (*when)(const struct host_facts *facts, const struct failure *f);
	const char *cause;  /* one sentence; "%s" stands for the subject, at most once */
	const char *remedy; /* what to do, "" if nothing helps */
};

extern const struct why_row why_table[];
extern const size_t why_rows;

/* The row for this failure on a host with these facts, or NULL. */
const struct why_row *why_find(const struct host_facts *facts, const struct failure *f);

/* Fills f->cause and f->remedy; strerror's text if no row matches. */
void why_explain(const struct host_facts *facts, struct failure *f);
