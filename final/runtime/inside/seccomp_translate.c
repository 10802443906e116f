/*
 * seccomp_translate.c: linux.seccomp of config.json into instructions, by libseccomp.
 */
#define _GNU_SOURCE
#include "seccomp.h"

#include "step01_clone_pid/floor/call/sys.h"

#if __has_include(<seccomp.h>)

#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct json_object json;

static json *member(json *object, const char *name)
{
	json *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

static const char *text_of(json *object, const char *name)
{
	json *value = member(object, name);

	return value ? json_object_get_string(value) : "";
}

/* errnoRet is of ERRNO and TRACE; EPERM where it is not there. */
static uint32_t action_of(const char *name, json *errno_ret)
{
	uint32_t number = errno_ret ? (uint32_t)json_object_get_int64(errno_ret) & 0xffff : EPERM;
	const struct {
		const char *name;
		uint32_t action;
	} actions[] = {
		{ "SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS },
		{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP },
		{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(number) },
		{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(number) },
		{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW },
		{ "SCMP_ACT_LOG", SCMP_ACT_LOG },
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return actions[i].action;
	return SCMP_ACT_KILL_PROCESS; /* the reader has let no other through */
}

static enum scmp_compare compare_of(const char *name)
{
	static const struct {
		const char *name;
		enum scmp_compare compare;
	} operators[] = {
		{ "SCMP_CMP_NE", SCMP_CMP_NE },
		{ "SCMP_CMP_LT", SCMP_CMP_LT },
		{ "SCMP_CMP_LE", SCMP_CMP_LE },
		{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
		{ "SCMP_CMP_GE", SCMP_CMP_GE },
		{ "SCMP_CMP_GT", SCMP_CMP_GT },
		{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	};

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (strcmp(operators[i].name, name) == 0)
			return operators[i].compare;
	return SCMP_CMP_EQ;
}

static int failed(int result, const char *name)
{
	sys_failure_set(-result, "libseccomp", name, "The rule of linux.seccomp is refused.",
			"Compare it with seccomp_rule_add(3).");
	return -1;
}

static struct scmp_arg_cmp argument(json *one)
{
	return (struct scmp_arg_cmp){ .arg = (unsigned)json_object_get_int(member(one, "index")),
				      .op = compare_of(text_of(one, "op")),
				      .datum_a = json_object_get_uint64(member(one, "value")),
				      .datum_b = json_object_get_uint64(member(one, "valueTwo")) };
}

/* A rule may test each argument once. Where a profile has two tests of one, each test becomes a
 * rule of its own, as runc does it: any of them is enough then. */
static int add_rule(scmp_filter_ctx ctx, uint32_t action, const char *name, json *args)
{
	struct scmp_arg_cmp tests[6];
	size_t count = args ? json_object_array_length(args) : 0;
	unsigned seen = 0;
	bool twice = false;
	int number = seccomp_syscall_resolve_name(name), result = 0;

	if (number == __NR_SCMP_ERROR)
		return 0; /* a call that this kernel's headers do not know cannot be made by name */
	for (size_t i = 0; i < count && i < 6; i++) {
		tests[i] = argument(json_object_array_get_idx(args, i));
		twice |= seen >> tests[i].arg & 1;
		seen |= 1U << tests[i].arg;
	}
	if (!twice || count > 6)
		result = seccomp_rule_add_array(ctx, action, number, (unsigned)count, tests);
	for (size_t i = 0; twice && i < count && result == 0; i++)
		result = seccomp_rule_add_array(ctx, action, number, 1, &tests[i]);
	return result < 0 ? failed(result, name) : 0;
}

static int add_entry(scmp_filter_ctx ctx, json *entry, uint32_t by_default)
{
	uint32_t action = action_of(text_of(entry, "action"), member(entry, "errnoRet"));
	json *names = member(entry, "names");

	if (action == by_default)
		return 0; /* libseccomp refuses what changes nothing */
	for (size_t i = 0; i < json_object_array_length(names); i++)
		if (add_rule(ctx, action,
			     json_object_get_string(json_object_array_get_idx(names, i)),
			     member(entry, "args")) < 0)
			return -1;
	return 0;
}

/* "SCMP_ARCH_X86_64" is libseccomp's "x86_64". One that it does not know cannot run here. */
static int add_architectures(scmp_filter_ctx ctx, json *list)
{
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		char name[32] = "";
		const char *word = json_object_get_string(json_object_array_get_idx(list, i));
		if (strncmp(word, "SCMP_ARCH_", 10) != 0)
			continue;
		for (size_t k = 0; word[10 + k] && k < sizeof(name) - 1; k++)
			name[k] = word[10 + k] >= 'A' && word[10 + k] <= 'Z'
					  ? (char)(word[10 + k] + 32)
					  : word[10 + k];
		uint32_t arch = seccomp_arch_resolve_name(name);
		int result = arch ? seccomp_arch_add(ctx, arch) : 0;
		if (result < 0 && result != -EEXIST)
			return failed(result, word);
	}
	return 0;
}

static unsigned flags_of(json *list)
{
	unsigned flags = 0;

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(list, i));
		if (strcmp(word, "SECCOMP_FILTER_FLAG_LOG") == 0)
			flags |= SECCOMP_FILTER_FLAG_LOG;
		if (strcmp(word, "SECCOMP_FILTER_FLAG_SPEC_ALLOW") == 0)
			flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
		if (strcmp(word, "SECCOMP_FILTER_FLAG_TSYNC") == 0)
			flags |= SECCOMP_FILTER_FLAG_TSYNC;
	}
	return flags;
}

/* libseccomp writes a filter to a descriptor only. */
static int export_filter(scmp_filter_ctx ctx, struct seccomp_filter *out)
{
	struct stat st;
	int fd = SYS(memfd_create("filter", MFD_CLOEXEC), "linux.seccomp");
	int result = fd < 0 ? 0 : seccomp_export_bpf(ctx, fd);

	if (result < 0)
		failed(result, "linux.seccomp");
	if (fd < 0 || result < 0 || SYS(fstat(fd, &st), "linux.seccomp") < 0)
		goto bad;
	size_t size = (size_t)st.st_size;
	out->code = SYS(malloc(size), "linux.seccomp");
	if (!out->code || pread(fd, out->code, size, 0) != st.st_size ||
	    size / sizeof(*out->code) > UINT16_MAX)
		goto bad;
	out->length = (unsigned short)(size / sizeof(*out->code));
	close(fd);
	return 0;
bad:
	close_keeping_errno(fd);
	seccomp_free(out);
	return -1;
}

int seccomp_translate(struct json_object *profile, struct seccomp_filter *out)
{
	*out = (struct seccomp_filter){ 0 };
	if (!profile)
		return 0;
	uint32_t by_default = action_of(text_of(profile, "defaultAction"),
					member(profile, "defaultErrnoRet"));
	scmp_filter_ctx ctx = seccomp_init(by_default);
	json *list = member(profile, "syscalls");
	if (!ctx)
		return failed(-ENOMEM, "linux.seccomp");
	int result = add_architectures(ctx, member(profile, "architectures"));
	for (size_t i = 0; result == 0 && list && i < json_object_array_length(list); i++)
		result = add_entry(ctx, json_object_array_get_idx(list, i), by_default);
	if (result == 0)
		result = export_filter(ctx, out);
	out->flags = flags_of(member(profile, "flags"));
	int saved = errno;
	seccomp_release(ctx);
	errno = saved;
	return result;
}

#else /* built without libseccomp */

int seccomp_translate(struct json_object *profile, struct seccomp_filter *out)
{
	*out = (struct seccomp_filter){ 0 };
	if (!profile)
		return 0;
	sys_failure_set(ENOSYS, "reading config.json", "linux.seccomp",
			"This program was built without libseccomp, which translates profiles.",
			"Install libseccomp's headers (make deps) and build again.");
	return -1;
}

#endif
