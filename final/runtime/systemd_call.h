/*
 * systemd_call.h: a call of systemd's manager, by busctl(1), a process of its own.
 */
#pragma once

#include "step05_cgroup_cpu/given/cgroup_limits.h"

#include <stdbool.h>
#include <stddef.h>

enum { SYSTEMD_WORDS = 512, SYSTEMD_TEXT = 16 * 1024 };

/* busctl's line. About 20 KiB. */
struct systemd_call {
	char *list[SYSTEMD_WORDS];
	int count, properties, at; /* at: where the number of properties stands */
	char text[SYSTEMD_TEXT];
	size_t used;
	bool user, full;
};

/* The words of a call of METHOD with these D-Bus types, up to its arguments. user: of the manager
 * of the caller's session. Zeroes call. */
void systemd_call_begin(struct systemd_call *call, bool user, const char *method,
			const char *types);

/* One argument more. */
void systemd_call_word(struct systemd_call *call, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Here the list of properties begins: what follows by the next two is counted. */
void systemd_call_properties(struct systemd_call *call);
void systemd_call_property(struct systemd_call *call, const char *name, const char *type,
			   const char *value);

/* The limits as properties of a unit. version: of this host's cgroups, whose names differ. What is
 * 0 or NULL is left out. Source: systemd.resource-control(5), org.freedesktop.systemd1(5). */
void systemd_call_limits(struct systemd_call *call, const struct cgroup_limits *limits,
			 int version);

/* Runs busctl and waits for its end. method, unit: for the failure record. Returns 0, or -1 with
 * errno, recorded: ENOTSUP (no systemd runs here), ENOENT (no busctl), EPERM (systemd refuses; the
 * record holds its words), E2BIG. */
int systemd_call_run(struct systemd_call *call, const char *method, const char *unit);

/* The same; a refusal with these words in it is an answer, and no failure: 0. */
int systemd_call_run_may(struct systemd_call *call, const char *method, const char *unit,
			 const char *expected);

/* Whether systemd is this host's init, as sd_booted(3) finds out. */
bool systemd_runs(void);
