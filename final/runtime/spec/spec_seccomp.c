/*
 * spec_seccomp.c: "linux.seccomp" of config.json: whether it is a profile. Whether this machine's
 * kernel has the calls that it names is judged where it becomes a filter.
 *
 * Source: config-linux.md, "Seccomp"; seccomp(2).
 */
#define _GNU_SOURCE
#include "spec_parts.h"
#include "spec_words.h"

#include <stdbool.h>
#include <string.h>

/* SCMP_ACT_NOTIFY is not among them: it needs a listener, and there is none here. */
const char *const spec_seccomp_actions[] = {
	"SCMP_ACT_KILL",  "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
	"SCMP_ACT_TRAP",  "SCMP_ACT_ERRNO",	   "SCMP_ACT_TRACE",
	"SCMP_ACT_ALLOW", "SCMP_ACT_LOG",	   NULL,
};

const char *const spec_seccomp_operators[] = {
	"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",	    "SCMP_CMP_EQ",
	"SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ", NULL,
};

const char *const spec_seccomp_archs[] = {
	"SCMP_ARCH_X86",     "SCMP_ARCH_X86_64",   "SCMP_ARCH_X32",	    "SCMP_ARCH_ARM",
	"SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS",	   "SCMP_ARCH_MIPS64",	    "SCMP_ARCH_MIPS64N32",
	"SCMP_ARCH_MIPSEL",  "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",
	"SCMP_ARCH_PPC64",   "SCMP_ARCH_PPC64LE",  "SCMP_ARCH_S390",	    "SCMP_ARCH_S390X",
	"SCMP_ARCH_PARISC",  "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",	    "SCMP_ARCH_LOONGARCH64",
	"SCMP_ARCH_M68K",    "SCMP_ARCH_SH",	   "SCMP_ARCH_SHEB",	    NULL,
};

const char *const spec_seccomp_flags[] = {
	"SECCOMP_FILTER_FLAG_TSYNC",
	"SECCOMP_FILTER_FLAG_LOG",
	"SECCOMP_FILTER_FLAG_SPEC_ALLOW",
	NULL,
};

enum { MOST_ERRNO = 4095, MOST_TRACE = 65535 }; /* include/linux/err.h; SECCOMP_RET_DATA */

static bool is(const struct spec_node *node, const char *word)
{
	return json_object_is_type(node->json, json_type_string) &&
	       strcmp(json_object_get_string(node->json), word) == 0;
}

/* Of "defaultAction" and "defaultErrnoRet", or "action" and "errnoRet". */
static int check_action(const struct spec_node *object, const char *action, const char *errno_ret)
{
	struct spec_node at = spec_at(object, action), number = spec_at(object, errno_ret);
	const char *text = NULL;
	int64_t value = 0;

	if (spec_text(object, action, &text) == 0)
		return spec_missing(object, action, "\"SCMP_ACT_ERRNO\" for one");
	if (is(&at, "SCMP_ACT_NOTIFY"))
		return spec_not_yet(&at);
	if (spec_word(&at, spec_seccomp_actions,
		      "an action of the specification, \"SCMP_ACT_ERRNO\" for one") < 0)
		return -1;
	bool trace = is(&at, "SCMP_ACT_TRACE");
	int there = spec_number(object, errno_ret, 0, trace ? MOST_TRACE : MOST_ERRNO, &value);
	if (there > 0 && !trace && !is(&at, "SCMP_ACT_ERRNO"))
		return spec_wrong(&number, "SCMP_ACT_ERRNO or SCMP_ACT_TRACE with it: %s has none",
				  text);
	return there < 0 ? -1 : 0;
}

static int check_words(const struct spec_node *profile, const char *name, const char *const words[],
		       const char *expected)
{
	struct spec_node list, one;
	int there = spec_array(profile, name, &list);

	for (size_t i = 0; there > 0 && i < spec_length(&list); i++) {
		spec_element(&list, i, &one);
		/* It is about a listener, and the kernel refuses it without one. */
		if (is(&one, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"))
			return spec_not_yet(&one);
		if (spec_word(&one, words, expected) < 0)
			return -1;
	}
	return there < 0 ? -1 : 0;
}

static int check_names(const struct spec_node *rule)
{
	struct spec_node list, one;
	int there = spec_array(rule, "names", &list);

	if (there <= 0)
		return there < 0 ? -1 : spec_missing(rule, "names", "system calls, by name");
	if (!spec_length(&list))
		return spec_wrong(&list, "one system call at least");
	for (size_t i = 0; i < spec_length(&list); i++) {
		spec_element(&list, i, &one);
		if (spec_value_is(&one, json_type_string) < 0)
			return -1;
		if (!json_object_get_string_len(one.json))
			return spec_wrong(&one, "a system call's name");
	}
	return 0;
}

/* A system call has six arguments. */
static int check_argument(const struct spec_node *arg)
{
	struct spec_node op = spec_at(arg, "op");
	int64_t index = 0;
	uint64_t value = 0;

	if (spec_value_is(arg, json_type_object) < 0)
		return -1;
	int has_index = spec_number(arg, "index", 0, 5, &index);
	if (has_index <= 0)
		return has_index < 0 ? -1 : spec_missing(arg, "index", "a number from 0 to 5");
	int has_value = spec_unsigned(arg, "value", UINT64_MAX, &value);
	if (has_value <= 0)
		return has_value < 0 ? -1 : spec_missing(arg, "value", "a whole number");
	if (spec_unsigned(arg, "valueTwo", UINT64_MAX, &value) < 0)
		return -1;
	if (!json_object_object_get_ex(arg->json, "op", NULL))
		return spec_missing(arg, "op", "\"SCMP_CMP_EQ\" for one");
	return spec_word(&op, spec_seccomp_operators,
			 "an operator of the specification, \"SCMP_CMP_EQ\" for one") < 0
		       ? -1
		       : 0;
}

static int check_rule(const struct spec_node *rule)
{
	struct spec_node args, one;

	if (spec_value_is(rule, json_type_object) < 0 || check_names(rule) < 0 ||
	    check_action(rule, "action", "errnoRet") < 0)
		return -1;
	int there = spec_array(rule, "args", &args);
	for (size_t i = 0; there > 0 && i < spec_length(&args); i++) {
		spec_element(&args, i, &one);
		if (check_argument(&one) < 0)
			return -1;
	}
	return there < 0 ? -1 : 0;
}

int spec_read_seccomp(const struct spec_node *linux_part, struct spec *spec)
{
	struct spec_node profile, rules, one;
	int there = spec_object(linux_part, "seccomp", &profile);

	if (there <= 0)
		return there;
	if (check_action(&profile, "defaultAction", "defaultErrnoRet") < 0 ||
	    check_words(&profile, "architectures", spec_seccomp_archs,
			"an architecture of libseccomp, \"SCMP_ARCH_X86_64\" for one") < 0 ||
	    check_words(&profile, "flags", spec_seccomp_flags,
			"a flag of seccomp(2), \"SECCOMP_FILTER_FLAG_LOG\" for one") < 0)
		return -1;
	there = spec_array(&profile, "syscalls", &rules);
	for (size_t i = 0; there > 0 && i < spec_length(&rules); i++) {
		spec_element(&rules, i, &one);
		if (check_rule(&one) < 0)
			return -1;
	}
	spec->seccomp = profile.json;
	return there < 0 ? -1 : 0;
}
