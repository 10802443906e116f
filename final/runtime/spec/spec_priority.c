/*
 * spec_priority.c: process.ioPriority, process.scheduler and process.execCPUAffinity of
 * config.json.
 *
 * Source: config.md, "Linux Process"; ioprio_set(2), sched_setattr(2).
 */
#define _GNU_SOURCE
#include "spec_parts.h"
#include "spec_words.h"

#include <limits.h>
#include <string.h>

enum { IO_CLASS_SHIFT = 13 }; /* ioprio_set(2), IOPRIO_PRIO_VALUE */

static int read_io_priority(const struct spec_node *process, struct spec_process *to)
{
	static const char *const classes[] = { "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE",
					       "IOPRIO_CLASS_IDLE", NULL }; /* 1, 2, 3 */
	static const char expected[] =
		"\"IOPRIO_CLASS_RT\", \"IOPRIO_CLASS_BE\" or \"IOPRIO_CLASS_IDLE\"";
	struct spec_node part, at;
	const char *text = NULL;
	int64_t level = 0;
	int there = spec_object(process, "ioPriority", &part);

	if (there <= 0)
		return there;
	there = spec_text(&part, "class", &text);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(&part, "class", expected);
	at = spec_at(&part, "class");
	int number = spec_word(&at, classes, expected);
	if (number < 0 || spec_number(&part, "priority", 0, 7, &level) < 0)
		return -1;
	to->has_io_priority = true;
	to->io_priority = (number + 1) << IO_CLASS_SHIFT | (int)level;
	return 0;
}

static int read_flags(const struct spec_node *part, uint64_t *flags)
{
	static const char *const words[] = {
		"SCHED_FLAG_RESET_ON_FORK",  "SCHED_FLAG_RECLAIM",
		"SCHED_FLAG_DL_OVERRUN",     "SCHED_FLAG_KEEP_POLICY",
		"SCHED_FLAG_KEEP_PARAMS",    "SCHED_FLAG_UTIL_CLAMP_MIN",
		"SCHED_FLAG_UTIL_CLAMP_MAX", NULL
	}; /* bit 0, 1, ... */
	struct spec_node list, one;
	int there = spec_array(part, "flags", &list);

	for (size_t i = 0; there > 0 && i < spec_length(&list); i++) {
		spec_element(&list, i, &one);
		int bit = spec_word(&one, words, "a flag of sched_setattr(2)");
		if (bit < 0)
			return -1;
		*flags |= UINT64_C(1) << bit;
	}
	return there < 0 ? -1 : 0;
}

static int read_scheduler(const struct spec_node *process, struct spec_process *to)
{
	static const char *const policies[] = { "SCHED_OTHER",	  "SCHED_FIFO", "SCHED_RR",
						"SCHED_BATCH",	  "SCHED_ISO",	"SCHED_IDLE",
						"SCHED_DEADLINE", NULL }; /* 0, 1, ... */
	static const char expected[] = "a policy of sched(7), \"SCHED_BATCH\" for one";
	struct spec_scheduler *s = &to->scheduler;
	struct spec_node part, at;
	const char *text = NULL;
	int64_t nice = 0, priority = 0;
	int there = spec_object(process, "scheduler", &part);

	if (there <= 0)
		return there;
	there = spec_text(&part, "policy", &text);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(&part, "policy", expected);
	at = spec_at(&part, "policy");
	int policy = spec_word(&at, policies, expected);
	if (policy < 0 || spec_number(&part, "nice", -20, 19, &nice) < 0 ||
	    spec_number(&part, "priority", 0, 99, &priority) < 0 ||
	    read_flags(&part, &s->flags) < 0)
		return -1;
	if (spec_unsigned(&part, "runtime", UINT64_MAX, &s->runtime) < 0 ||
	    spec_unsigned(&part, "deadline", UINT64_MAX, &s->deadline) < 0 ||
	    spec_unsigned(&part, "period", UINT64_MAX, &s->period) < 0)
		return -1;
	s->there = true;
	s->policy = (unsigned)policy;
	s->nice = (int)nice;
	s->priority = (unsigned)priority;
	return 0;
}

static bool take_number(const char **at, unsigned *out)
{
	unsigned number = 0;

	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9' && number < SPEC_CPUS; ++*at)
		number = number * 10 + (unsigned)(**at - '0');
	*out = number;
	return number < SPEC_CPUS;
}

int spec_cpu_list(const char *text, uint64_t bits[SPEC_CPUS / 64])
{
	const char *at = text;
	unsigned first, last;

	memset(bits, 0, SPEC_CPUS / 8);
	do {
		if (!take_number(&at, &first))
			return -1;
		last = first;
		if (*at == '-' && (at++, !take_number(&at, &last)))
			return -1;
		if (last < first)
			return -1;
		for (; first <= last; first++)
			bits[first / 64] |= UINT64_C(1) << first % 64;
	} while (*at == ',' && at++);
	return *at ? -1 : 0;
}

static int read_cpus(const struct spec_node *part, const char *name, const char **out)
{
	uint64_t bits[SPEC_CPUS / 64];
	const char *text = NULL;
	int there = spec_text(part, name, &text);
	struct spec_node at = spec_at(part, name);

	if (there <= 0 || !*text)
		return there < 0 ? -1 : 0;
	*out = text;
	return spec_cpu_list(text, bits) == 0
		       ? 0
		       : spec_wrong(&at, "numbers of processors, \"0-3,7\" for one");
}

static int read_affinity(const struct spec_node *process, struct spec_process *to)
{
	struct spec_node part;
	int there = spec_object(process, "execCPUAffinity", &part);

	if (there <= 0)
		return there;
	return read_cpus(&part, "initial", &to->first_cpus) < 0 ||
			       read_cpus(&part, "final", &to->cpus) < 0
		       ? -1
		       : 0;
}

int spec_read_priority(const struct spec_node *process, struct spec_process *to)
{
	return read_io_priority(process, to) < 0 || read_scheduler(process, to) < 0 ||
			       read_affinity(process, to) < 0
		       ? -1
		       : 0;
}
