/*
 * spec_memory_policy.c: linux.memoryPolicy of config.json.
 *
 * Source: config-linux.md, "Memory policy"; set_mempolicy(2).
 */
#define _GNU_SOURCE
#include "spec_parts.h"
#include "spec_words.h"

/* By number: linux/mempolicy.h. */
const char *const spec_memory_modes[] = { "MPOL_DEFAULT",
					  "MPOL_PREFERRED",
					  "MPOL_BIND",
					  "MPOL_INTERLEAVE",
					  "MPOL_LOCAL",
					  "MPOL_PREFERRED_MANY",
					  "MPOL_WEIGHTED_INTERLEAVE",
					  NULL };

/* From this bit on. */
enum { FIRST_FLAG = 13 };
const char *const spec_memory_flags[] = { "MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES",
					  "MPOL_F_STATIC_NODES", NULL };

static int read_flags(const struct spec_node *part, int *mode)
{
	struct spec_node list, one;
	int there = spec_array(part, "flags", &list);

	for (size_t i = 0; there > 0 && i < spec_length(&list); i++) {
		spec_element(&list, i, &one);
		int flag = spec_word(&one, spec_memory_flags,
				     "a flag of set_mempolicy(2), \"MPOL_F_STATIC_NODES\" for one "
				     "(invalid memory policy flag)");
		if (flag < 0)
			return -1;
		*mode |= 1 << (FIRST_FLAG + flag);
	}
	return there < 0 ? -1 : 0;
}

static int read_mode(const struct spec_node *part, int *mode)
{
	static const char expected[] = "a mode of set_mempolicy(2), \"MPOL_BIND\" for one "
				       "(invalid memory policy mode)";
	const char *text = NULL;
	int there = spec_text(part, "mode", &text);
	struct spec_node at = spec_at(part, "mode");

	if (there <= 0)
		return there < 0 ? -1 : spec_missing(part, "mode", expected);
	*mode = spec_word(&at, spec_memory_modes, expected);
	return *mode < 0 ? -1 : 0;
}

int spec_read_memory_policy(const struct spec_node *linux_part, struct spec *spec)
{
	struct spec_memory_policy *policy = &spec->memory_policy;
	uint64_t bits[SPEC_CPUS / 64];
	struct spec_node part, at;
	int there = spec_object(linux_part, "memoryPolicy", &part);

	if (there <= 0 || json_object_object_length(part.json) == 0)
		return there < 0 ? -1 : 0;
	if (read_mode(&part, &policy->mode) < 0 || read_flags(&part, &policy->mode) < 0 ||
	    spec_text(&part, "nodes", &policy->nodes) < 0)
		return -1;
	policy->there = true;
	at = spec_at(&part, "nodes");
	if (policy->nodes && *policy->nodes && spec_cpu_list(policy->nodes, bits) < 0)
		return spec_wrong(&at, "numbers of nodes, \"0-3,7\" for one (invalid memory policy "
				       "node)");
	return 0;
}
