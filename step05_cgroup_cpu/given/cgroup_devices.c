/*
 * cgroup_devices.c: a list of rules for v1's files, or for the program that v2 wants.
 */
#define _GNU_SOURCE
#include "cgroup_devices.h"
#include "cgroup_bpf.h"
#include "cgroup_file.h"

#include <stdio.h>

const struct device_rule device_defaults[] = {
	/* Making a node gives no right to use it. */
	{ true, 'c', -1, -1, "m" }, { true, 'b', -1, -1, "m" },
	{ true, 'c', 1, 3, "rwm" }, { true, 'c', 1, 5, "rwm" },	   /* null, zero */
	{ true, 'c', 1, 7, "rwm" }, { true, 'c', 1, 8, "rwm" },	   /* full, random */
	{ true, 'c', 1, 9, "rwm" }, { true, 'c', 5, 0, "rwm" },	   /* urandom, tty */
	{ true, 'c', 5, 2, "rwm" }, { true, 'c', 136, -1, "rwm" }, /* ptmx, pts/N */
};
const int device_defaults_count = sizeof(device_defaults) / sizeof(*device_defaults);

/* "c 1:3 rwm", "b *:* m". */
static void rule_text(const struct device_rule *rule, char *out, size_t size)
{
	char major[24] = "*", minor[24] = "*";

	if (rule->major >= 0)
		snprintf(major, sizeof(major), "%ld", rule->major);
	if (rule->minor >= 0)
		snprintf(minor, sizeof(minor), "%ld", rule->minor);
	snprintf(out, size, "%c %s:%s %s", rule->type, major, minor, rule->access);
}

static int devices_v1(int dir, const struct device_rule *rules, int count)
{
	char text[80];

	if (cgroup_write(dir, "devices.deny", "a") <
	    0) /* a new group has all that its parent has */
		return -1;
	for (int i = 0; i < count; i++) {
		rule_text(&rules[i], text, sizeof(text));
		if (cgroup_write(dir, rules[i].allow ? "devices.allow" : "devices.deny", text) < 0)
			return -1;
	}
	return 0;
}

int cgroup_devices(int dir, int version, const struct device_rule *rules, int count)
{
	struct bpf_insn program[BPF_DEVICE_MAX];

	if (version == 1)
		return devices_v1(dir, rules, count);
	int length = bpf_device_program(rules, count, program, BPF_DEVICE_MAX);
	return length < 0 ? -1 : bpf_device_attach(dir, program, length);
}
