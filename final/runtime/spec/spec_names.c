/*
 * spec_names.c: the table, in the order of config.md and config-linux.md (1.0 to 1.3).
 *
 * A row whose own value is refused covers what is inside it.
 */
#define _GNU_SOURCE
#include "spec_names.h"

#include <stdio.h>
#include <string.h>

enum verdict {
	ACTED,		 /* a reader takes it: spec.c, or the spec_*.c of its part */
	DESCRIBES,	 /* tells people something, asks the runtime for nothing */
	REFUSED,	 /* not acted on, and any value asks for something */
	UNLESS_EMPTY,	 /* the same, but "", [], {}, false and 0 ask for nothing */
	UNLESS_NO_LIMIT, /* the same, but -1 and 0 ask for nothing */
};

enum type { TEXT, FLAG, NUMBER, OBJECT, LIST };

static const struct row {
	const char *name; /* [] any element, * any name */
	enum type type;
	enum verdict verdict;
} rows[] = {
	{ "ociVersion", TEXT, ACTED },
	{ "root", OBJECT, ACTED },
	{ "root.path", TEXT, ACTED },
	{ "root.readonly", FLAG, ACTED },
	{ "mounts", LIST, ACTED },
	{ "mounts[]", OBJECT, ACTED },
	{ "mounts[].destination", TEXT, ACTED },
	{ "mounts[].source", TEXT, ACTED },
	{ "mounts[].options", LIST, ACTED },
	{ "mounts[].options[]", TEXT, ACTED },
	{ "mounts[].type", TEXT, ACTED },
	{ "mounts[].uidMappings", LIST, UNLESS_EMPTY },
	{ "mounts[].gidMappings", LIST, UNLESS_EMPTY },
	{ "process", OBJECT, ACTED },
	{ "process.terminal", FLAG, ACTED },
	{ "process.consoleSize", OBJECT, ACTED },
	{ "process.consoleSize.height", NUMBER, ACTED },
	{ "process.consoleSize.width", NUMBER, ACTED },
	{ "process.cwd", TEXT, ACTED },
	{ "process.env", LIST, ACTED },
	{ "process.env[]", TEXT, ACTED },
	{ "process.args", LIST, ACTED },
	{ "process.args[]", TEXT, ACTED },
	{ "process.commandLine", TEXT, UNLESS_EMPTY }, /* Windows */
	{ "process.rlimits", LIST, ACTED },
	{ "process.rlimits[]", OBJECT, ACTED },
	{ "process.rlimits[].type", TEXT, ACTED },
	{ "process.rlimits[].soft", NUMBER, ACTED },
	{ "process.rlimits[].hard", NUMBER, ACTED },
	{ "process.apparmorProfile", TEXT, ACTED },
	{ "process.capabilities", OBJECT, ACTED },
	{ "process.capabilities.bounding", LIST, ACTED },
	{ "process.capabilities.effective", LIST, ACTED },
	{ "process.capabilities.inheritable", LIST, ACTED },
	{ "process.capabilities.permitted", LIST, ACTED },
	{ "process.capabilities.ambient", LIST, ACTED },
	{ "process.noNewPrivileges", FLAG, ACTED },
	{ "process.oomScoreAdj", NUMBER, ACTED },
	{ "process.scheduler", OBJECT, ACTED },
	{ "process.selinuxLabel", TEXT, UNLESS_EMPTY },
	{ "process.ioPriority", OBJECT, ACTED },
	{ "process.execCPUAffinity", OBJECT, ACTED },
	{ "process.execCPUAffinity.initial", TEXT, ACTED },
	{ "process.execCPUAffinity.final", TEXT, ACTED },
	{ "process.user", OBJECT, ACTED },
	{ "process.user.uid", NUMBER, ACTED },
	{ "process.user.gid", NUMBER, ACTED },
	{ "process.user.umask", NUMBER, ACTED },
	{ "process.user.additionalGids", LIST, ACTED },
	{ "process.user.additionalGids[]", NUMBER, ACTED },
	{ "process.user.username", TEXT, UNLESS_EMPTY }, /* Windows */
	{ "hostname", TEXT, ACTED },
	{ "domainname", TEXT, ACTED },
	{ "linux", OBJECT, ACTED },
	/* Other systems' */
	{ "freebsd", OBJECT, UNLESS_EMPTY },
	{ "solaris", OBJECT, UNLESS_EMPTY },
	{ "windows", OBJECT, UNLESS_EMPTY },
	{ "vm", OBJECT, UNLESS_EMPTY },
	{ "zos", OBJECT, UNLESS_EMPTY },
	/* What is inside the lists and objects from here on is judged by the reader of each. */
	{ "hooks", OBJECT, ACTED },
	{ "hooks.prestart", LIST, ACTED },
	{ "hooks.createRuntime", LIST, ACTED },
	{ "hooks.createContainer", LIST, ACTED },
	{ "hooks.startContainer", LIST, ACTED },
	{ "hooks.poststart", LIST, ACTED },
	{ "hooks.poststop", LIST, ACTED },
	{ "annotations", OBJECT, ACTED }, /* those that begin with org.minibox. */
	{ "annotations.*", TEXT, DESCRIBES },
	/* config-linux.md */
	{ "linux.namespaces", LIST, ACTED },
	{ "linux.namespaces[]", OBJECT, ACTED },
	{ "linux.namespaces[].type", TEXT, ACTED },
	{ "linux.namespaces[].path", TEXT, ACTED },
	{ "linux.uidMappings", LIST, ACTED },
	{ "linux.uidMappings[]", OBJECT, ACTED },
	{ "linux.uidMappings[].containerID", NUMBER, ACTED },
	{ "linux.uidMappings[].hostID", NUMBER, ACTED },
	{ "linux.uidMappings[].size", NUMBER, ACTED },
	{ "linux.gidMappings", LIST, ACTED },
	{ "linux.gidMappings[]", OBJECT, ACTED },
	{ "linux.gidMappings[].containerID", NUMBER, ACTED },
	{ "linux.gidMappings[].hostID", NUMBER, ACTED },
	{ "linux.gidMappings[].size", NUMBER, ACTED },
	{ "linux.timeOffsets", OBJECT, ACTED },
	{ "linux.devices", LIST, ACTED },
	{ "linux.netDevices", OBJECT, UNLESS_EMPTY },
	{ "linux.cgroupsPath", TEXT, ACTED },
	{ "linux.resources", OBJECT, ACTED },
	{ "linux.resources.devices", LIST, ACTED },
	{ "linux.resources.devices[]", OBJECT, ACTED },
	{ "linux.resources.devices[].allow", FLAG, ACTED },
	{ "linux.resources.devices[].type", TEXT, ACTED },
	{ "linux.resources.devices[].major", NUMBER, ACTED },
	{ "linux.resources.devices[].minor", NUMBER, ACTED },
	{ "linux.resources.devices[].access", TEXT, ACTED },
	{ "linux.resources.memory", OBJECT, ACTED },
	{ "linux.resources.memory.limit", NUMBER, ACTED },
	{ "linux.resources.memory.reservation", NUMBER, ACTED },
	{ "linux.resources.memory.swap", NUMBER, ACTED },
	{ "linux.resources.memory.kernel", NUMBER, UNLESS_NO_LIMIT },
	{ "linux.resources.memory.kernelTCP", NUMBER, ACTED },
	{ "linux.resources.memory.swappiness", NUMBER, ACTED },
	{ "linux.resources.memory.disableOOMKiller", FLAG, ACTED },
	{ "linux.resources.memory.useHierarchy", FLAG, REFUSED }, /* false is a wish, too */
	{ "linux.resources.memory.checkBeforeUpdate", FLAG, ACTED },
	{ "linux.resources.cpu", OBJECT, ACTED },
	{ "linux.resources.cpu.shares", NUMBER, ACTED },
	{ "linux.resources.cpu.quota", NUMBER, ACTED },
	{ "linux.resources.cpu.burst", NUMBER, ACTED },
	{ "linux.resources.cpu.period", NUMBER, ACTED },
	{ "linux.resources.cpu.realtimeRuntime", NUMBER, ACTED },
	{ "linux.resources.cpu.realtimePeriod", NUMBER, ACTED },
	{ "linux.resources.cpu.cpus", TEXT, ACTED },
	{ "linux.resources.cpu.mems", TEXT, ACTED },
	{ "linux.resources.cpu.idle", NUMBER, ACTED },
	{ "linux.resources.blockIO", OBJECT, ACTED },
	{ "linux.resources.blockIO.weight", NUMBER, ACTED },
	{ "linux.resources.blockIO.leafWeight", NUMBER, ACTED },
	{ "linux.resources.blockIO.weightDevice", LIST, ACTED },
	{ "linux.resources.blockIO.weightDevice[]", OBJECT, ACTED },
	{ "linux.resources.blockIO.weightDevice[].major", NUMBER, ACTED },
	{ "linux.resources.blockIO.weightDevice[].minor", NUMBER, ACTED },
	{ "linux.resources.blockIO.weightDevice[].weight", NUMBER, ACTED },
	{ "linux.resources.blockIO.weightDevice[].leafWeight", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleReadBpsDevice", LIST, ACTED },
	{ "linux.resources.blockIO.throttleReadBpsDevice[]", OBJECT, ACTED },
	{ "linux.resources.blockIO.throttleReadBpsDevice[].major", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleReadBpsDevice[].minor", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleReadBpsDevice[].rate", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleWriteBpsDevice", LIST, ACTED },
	{ "linux.resources.blockIO.throttleWriteBpsDevice[]", OBJECT, ACTED },
	{ "linux.resources.blockIO.throttleWriteBpsDevice[].major", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleWriteBpsDevice[].minor", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleWriteBpsDevice[].rate", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleReadIOPSDevice", LIST, ACTED },
	{ "linux.resources.blockIO.throttleReadIOPSDevice[]", OBJECT, ACTED },
	{ "linux.resources.blockIO.throttleReadIOPSDevice[].major", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleReadIOPSDevice[].minor", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleReadIOPSDevice[].rate", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleWriteIOPSDevice", LIST, ACTED },
	{ "linux.resources.blockIO.throttleWriteIOPSDevice[]", OBJECT, ACTED },
	{ "linux.resources.blockIO.throttleWriteIOPSDevice[].major", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleWriteIOPSDevice[].minor", NUMBER, ACTED },
	{ "linux.resources.blockIO.throttleWriteIOPSDevice[].rate", NUMBER, ACTED },
	{ "linux.resources.hugepageLimits", LIST, ACTED },
	{ "linux.resources.network", OBJECT, ACTED },
	{ "linux.resources.network.classID", NUMBER, ACTED },
	{ "linux.resources.network.priorities", LIST, ACTED },
	{ "linux.resources.pids", OBJECT, ACTED },
	{ "linux.resources.pids.limit", NUMBER, ACTED },
	{ "linux.resources.rdma", OBJECT, ACTED },
	{ "linux.resources.unified", OBJECT, ACTED },
	{ "linux.intelRdt", OBJECT, REFUSED }, /* {} asks for a class of its own */
	{ "linux.memoryPolicy", OBJECT, ACTED },
	{ "linux.memoryPolicy.mode", TEXT, ACTED },
	{ "linux.memoryPolicy.nodes", TEXT, ACTED },
	{ "linux.memoryPolicy.flags", LIST, ACTED },
	{ "linux.sysctl", OBJECT, ACTED },
	{ "linux.seccomp", OBJECT, ACTED },
	{ "linux.seccomp.listenerPath", TEXT, UNLESS_EMPTY },
	{ "linux.seccomp.listenerMetadata", TEXT, UNLESS_EMPTY },
	{ "linux.rootfsPropagation", TEXT, ACTED },
	{ "linux.maskedPaths", LIST, ACTED },
	{ "linux.readonlyPaths", LIST, ACTED },
	{ "linux.mountLabel", TEXT, UNLESS_EMPTY },
	{ "linux.personality", OBJECT, ACTED },
	{ "linux.personality.domain", TEXT, ACTED },
	{ "linux.personality.flags", LIST, UNLESS_EMPTY }, /* the specification has none yet */
};

static const enum json_type types[] = { [TEXT] = json_type_string,
					[FLAG] = json_type_boolean,
					[NUMBER] = json_type_int,
					[OBJECT] = json_type_object,
					[LIST] = json_type_array };

/* The row of a name as the table writes it; NULL: the specification has no such member. */
static const struct row *row_of(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static bool asks_for_nothing(struct json_object *value, enum verdict verdict)
{
	int64_t number;

	switch (json_object_get_type(value)) {
	case json_type_boolean:
		return !json_object_get_boolean(value);
	case json_type_int:
		number = json_object_get_int64(value);
		return number == 0 || (number == -1 && verdict == UNLESS_NO_LIMIT);
	case json_type_string:
		return json_object_get_string_len(value) == 0;
	case json_type_array:
		return json_object_array_length(value) == 0;
	case json_type_object:
		return json_object_object_length(value) == 0;
	default:
		return false;
	}
}

static int check_members(const struct spec_node *object, const char *name);

/* name: of this value, as the table writes it. */
static int check(const struct spec_node *value, const char *name)
{
	const struct row *row = row_of(name);
	char below[128];

	if (!row)
		return 0;
	if (spec_value_is(value, types[row->type]) < 0)
		return -1;
	if (row->verdict == REFUSED ||
	    (row->verdict > REFUSED && !asks_for_nothing(value->json, row->verdict)))
		return spec_not_yet(value);
	if (row->type == OBJECT)
		return check_members(value, name);
	snprintf(below, sizeof(below), "%s[]", name);
	for (size_t i = 0; row->type == LIST && i < spec_length(value); i++) {
		struct spec_node element;
		spec_element(value, i, &element);
		if (check(&element, below) < 0)
			return -1;
	}
	return 0;
}

static int check_members(const struct spec_node *object, const char *name)
{
	char below[128];

	json_object_object_foreach(object->json, key, json)
	{
		struct spec_node member = { { .up = &object->place, .name = key }, json };
		/* The specification's names are letters; "a.b" is not the b of a. */
		bool any_name = strcmp(name, "annotations") == 0, plain = !key[strcspn(key, ".[*")];
		int n = snprintf(below, sizeof(below), "%s%s%s", name, *name ? "." : "",
				 any_name ? "*" : key);
		if ((any_name || plain) && n < (int)sizeof(below) && check(&member, below) < 0)
			return -1;
	}
	return 0;
}

int spec_names_check(const struct spec_node *document)
{
	return check_members(document, "");
}

int spec_names_check_linux(const struct spec_node *linux_part)
{
	return check_members(linux_part, "linux");
}

int spec_names_check_process(const struct spec_node *process)
{
	return spec_value_is(process, json_type_object) < 0 ? -1
							    : check_members(process, "process");
}
