/*
 * spec_capabilities.c: "process.capabilities" of config.json, names to bits; capabilities(7).
 */
#define _GNU_SOURCE
#include "spec_parts.h"
#include "spec_words.h"

#include <string.h>

const char *const spec_capability_words[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE", /* 10 */
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT", /* 20 */
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL", /* 30 */
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE", /* 40, since Linux 5.9 */
	NULL,
};

int spec_capability(const char *name)
{
	for (int i = 0; spec_capability_words[i]; i++)
		if (strcmp(spec_capability_words[i], name) == 0)
			return i;
	return -1;
}

static int read_set(const struct spec_node *capabilities, const char *name, uint64_t *set,
		    const char **unknown)
{
	struct spec_node list, one;
	int there = spec_array(capabilities, name, &list);

	for (size_t i = 0; there > 0 && i < spec_length(&list); i++) {
		spec_element(&list, i, &one);
		if (spec_value_is(&one, json_type_string) < 0)
			return -1;
		const char *text = json_object_get_string(one.json);
		int number = spec_capability(text);
		if (number < 0)
			*unknown = text;
		else
			*set |= UINT64_C(1) << number;
	}
	return there < 0 ? -1 : 0;
}

int spec_read_capabilities(const struct spec_node *process, struct spec_process *to)
{
	struct spec_capabilities *caps = &to->capabilities;
	const char **unknown = &to->unknown_capability;
	struct spec_node sets;
	int there = spec_object(process, "capabilities", &sets);

	if (there <= 0)
		return there;
	return read_set(&sets, "bounding", &caps->bounding, unknown) < 0 ||
			       read_set(&sets, "effective", &caps->effective, unknown) < 0 ||
			       read_set(&sets, "inheritable", &caps->inheritable, unknown) < 0 ||
			       read_set(&sets, "permitted", &caps->permitted, unknown) < 0 ||
			       read_set(&sets, "ambient", &caps->ambient, unknown) < 0
		       ? -1
		       : 0;
}
