/*
 * test_spec.c: what config.json may say, and that every other word of it is refused by its name.
 */
#define _GNU_SOURCE
#include "final/runtime/spec/json_check.h"
#include "final/runtime/spec/spec.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "spec_cases.h"

static void wrong_values(void **state)
{
	static const char id[] = "from 0 to 4294967294";
	static const struct {
		const char *member, *value, *words, *named; /* named: if it is another */
	} rows[] = {
		{ "ociVersion", NULL, "not there", NULL },
		{ "ociVersion", "1", "Found 1, expected a string", NULL },
		{ "ociVersion", "null", "not there", NULL },
		{ "ociVersion", "\"2.0.0\"", "from 1.0.0 on", NULL },
		{ "ociVersion", "\"1.\"", "from 1.0.0 on", NULL },
		{ "ociVersion", "\"1.0\"", "from 1.0.0 on", NULL },
		{ "ociVersion", "\"1.x.y\"", "from 1.0.0 on", NULL },
		{ "ociVersion", "\"10.0.0\"", "from 1.0.0 on", NULL },
		{ "ociVersion", "\"1.0.2.3\"", "from 1.0.0 on", NULL },
		{ "ociVersion", "\"1.0.2-\"", "from 1.0.0 on", NULL },
		{ "linux.resources.devices", "[{}]", "not there",
		  "linux.resources.devices[0].allow" },
		{ "linux.resources.devices", "[{\"allow\":true,\"type\":\"x\"}]", "a, b or c",
		  "linux.resources.devices[0].type" },
		{ "linux.resources.devices", "[{\"allow\":true,\"access\":\"x\"}]",
		  "letters of rwm", "linux.resources.devices[0].access" },
		{ "linux.resources.devices", "[{\"allow\":true,\"major\":-2}]", "-1",
		  "linux.resources.devices[0].major" },
		{ "root", NULL, "not there", NULL },
		{ "root", "[]", "expected an object", NULL },
		{ "root", "\"rootfs\"", "\"rootfs\" (a string), expected an object", NULL },
		{ "root.path", NULL, "not there", NULL },
		{ "root.path", "\"\"", "a directory's path", NULL },
		{ "root.path", "7", "expected a string", NULL },
		{ "root.readonly", "\"true\"", "Found \"true\" (a string), expected true or false",
		  NULL },
		{ "root.readonly", "1", "Found 1, expected true or false", NULL },
		{ "hostname", "5", "expected a string", NULL },
		{ "hostname",
		  "\"0123456789012345678901234567890123456789012345678901234567890123456789\"",
		  "at most 64 bytes", NULL },
		{ "domainname", "[]", "expected a string", NULL },
		{ "process", NULL, "not there", NULL },
		{ "process", "null", "not there", NULL },
		{ "process.args", NULL, "not there", NULL },
		{ "process.args", "[]", "the command", NULL },
		{ "process.args", "\"sh\"", "expected an array", NULL },
		{ "process.args", "[\"sh\",1]", "expected a string", "process.args[1]" },
		{ "process.args", "[\"\"]", "a command's name", "process.args[0]" },
		{ "process.args", "[null]", "Found null", "process.args[0]" },
		{ "process.env", "{}", "expected an array", NULL },
		{ "process.env", "[\"A=b\",\"B\"]", "NAME=value", "process.env[1]" },
		{ "process.env", "[\"=b\"]", "NAME=value", "process.env[0]" },
		{ "process.cwd", NULL, "not there", NULL },
		{ "process.cwd", "\"\"", "an absolute path", NULL },
		{ "process.cwd", "\"tmp\"", "an absolute path", NULL },
		{ "process.cwd", "[\"/\"]", "expected a string", NULL },
		{ "process.terminal", "\"yes\"", "expected true or false", NULL },
		{ "process.noNewPrivileges", "1", "expected true or false", NULL },
		{ "process.user", "0", "expected an object", NULL },
		{ "process.user.uid", "\"1000\"", "Found \"1000\" (a string), expected", NULL },
		{ "process.user.uid", "1000.5", "a fraction or an exponent", NULL },
		{ "process.user.uid", "1000.0", "a fraction or an exponent", NULL },
		{ "process.user.uid", "1e3", "a fraction or an exponent", NULL },
		{ "process.user.uid", "true", "expected a whole number", NULL },
		{ "process.user.uid", "4294967296", id, NULL },
		{ "process.user.uid", "4294967295", id, NULL }, /* (uid_t)-1: "no change" */
		{ "process.user.uid", "-1", id, NULL },
		{ "process.user.uid", "18446744073709551615", id, NULL },
		{ "process.user.gid", "4294967295", id, NULL },
		{ "process.user.gid", "[]", "expected a whole number", NULL },
		{ "process.user.umask", "512", "from 0 to 511", NULL },
		{ "process.user.umask", "\"022\"", "expected a whole number", NULL },
		{ "process.user.additionalGids", "5", "expected an array", NULL },
		{ "process.user.additionalGids", "[5,\"6\"]", "a whole number",
		  "process.user.additionalGids[1]" },
		{ "process.user.additionalGids", "[5,-1]", id, "process.user.additionalGids[1]" },
		{ "process.rlimits", "{}", "expected an array", NULL },
		{ "process.rlimits", "[5]", "expected an object", "process.rlimits[0]" },
		{ "process.rlimits", "[{\"soft\":1,\"hard\":1}]", "not there",
		  "process.rlimits[0].type" },
		{ "process.rlimits", "[{\"type\":\"NOFILE\",\"soft\":1,\"hard\":1}]",
		  "getrlimit(2)", "process.rlimits[0].type" },
		{ "process.rlimits", "[{\"type\":\"RLIMIT_CORE\",\"soft\":1}]", "not there",
		  "process.rlimits[0].hard" },
		{ "process.rlimits", "[{\"type\":\"RLIMIT_CORE\",\"soft\":2,\"hard\":1}]",
		  "no more than hard, which is 1", "process.rlimits[0].soft" },
		{ "process.rlimits", "[{\"type\":\"RLIMIT_CORE\",\"soft\":-1,\"hard\":1}]",
		  "from 0 to 18446744073709551615", "process.rlimits[0].soft" },
		{ "process.rlimits",
		  "[{\"type\":\"RLIMIT_CORE\",\"soft\":1,\"hard\":1},"
		  "{\"type\":\"RLIMIT_CORE\",\"soft\":1,\"hard\":1}]",
		  "each type once", "process.rlimits[1].type" },
		{ "annotations", "[]", "expected an object", NULL },
		{ "annotations", "{\"a.b\":1}", "expected a string", "annotations.a.b" },
		{ "annotations", "{\"org.minibox.init\":\"yes\"}", "\"true\" or \"false\"",
		  "annotations.org.minibox.init" },
		{ "annotations", "{\"org.minibox.swap\":\"\"}", "\"if-accounted\"",
		  "annotations.org.minibox.swap" },
		{ "hooks", "[]", "expected an object", NULL },
		{ "hooks.prestart", "{}", "expected an array", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct spec spec;
		char what[300];
		snprintf(what, sizeof(what), "%s = %s", rows[i].member,
			 rows[i].value ? rows[i].value : "(nothing)");
		int result = parse_with(rows[i].member, rows[i].value, &spec);
		judge(what, result, EINVAL, rows[i].named ? rows[i].named : rows[i].member,
		      rows[i].words);
	}
}

static void wrong_mounts(void **state)
{
	static const struct {
		const char *mount, *words, *named;
		int err;
	} rows[] = {
		{ "5", "expected an object", "mounts[2]", EINVAL },
		{ "null", "Found null", "mounts[2]", EINVAL },
		{ "{\"type\":\"tmpfs\"}", "not there", "mounts[2].destination", EINVAL },
		{ "{\"destination\":\"/\",\"type\":\"tmpfs\"}", "below /", "mounts[2].destination",
		  EINVAL },
		{ "{\"destination\":\"/a/..\",\"type\":\"tmpfs\"}", "below /",
		  "mounts[2].destination", EINVAL },
		{ "{\"destination\":\"/x\"}", "not there", "mounts[2].type", EINVAL },
		{ "{\"destination\":\"/x\",\"type\":5}", "expected a string", "mounts[2].type",
		  EINVAL },
		{ "{\"destination\":\"/x\",\"type\":\"bind\"}", "not there", "mounts[2].source",
		  EINVAL },
		{ "{\"destination\":\"/x\",\"type\":\"tmpfs\",\"options\":\"ro\"}", "an array",
		  "mounts[2].options", EINVAL },
		{ "{\"destination\":\"/x\",\"type\":\"tmpfs\",\"options\":[\"ro\",1]}", "a string",
		  "mounts[2].options[1]", EINVAL },
		{ "{\"destination\":\"/x\",\"type\":\"tmpfs\",\"options\":[\"\"]}",
		  "a mount option", "mounts[2].options[0]", EINVAL },
		{ "{\"destination\":\"/x\",\"source\":\"/s\",\"options\":[\"rbind\",\"size=5\"]}",
		  "a bind mount can have", "mounts[2].options[1]", EINVAL },
		{ "{\"destination\":\"/x\",\"source\":\"/"
		  "s\",\"options\":[\"rbind\",\"tmpcopyup\"]}",
		  "of type tmpfs", "mounts[2].options[1]", EINVAL },
		{ "{\"destination\":\"/x\",\"type\":\"proc\",\"options\":[\"tmpcopyup\"]}",
		  "of type tmpfs", "mounts[2].options[0]", EINVAL },
		{ "{\"destination\":\"/x\",\"type\":\"tmpfs\",\"options\":[\"remount\"]}",
		  "not acted on by this runtime yet", "mounts[2].options[0]", ENOTSUP },
		{ "{\"destination\":\"/x\",\"source\":\"/s\",\"options\":[\"move\"]}",
		  "not acted on", "mounts[2].options[0]", ENOTSUP },
		{ "{\"destination\":\"/x\",\"source\":\"/"
		  "s\",\"options\":[\"rbind\",\"copy-symlink\"]}",
		  "not acted on", "mounts[2].options[1]", ENOTSUP },
		{ "{\"destination\":\"/x\",\"source\":\"/"
		  "s\",\"options\":[\"rbind\",\"ridmap=uids=0-1-1\"]}",
		  "not acted on", "mounts[2].options[1]", ENOTSUP },
		{ "{\"destination\":\"/x\",\"source\":\"/s\",\"options\":[\"rbind\",\"idmap\"]}",
		  "not acted on", "mounts[2].options[1]", ENOTSUP },
		{ "{\"destination\":\"/x\",\"type\":\"tmpfs\",\"uidMappings\":[{\"size\":1}]}",
		  "not acted on", "mounts[2].uidMappings", ENOTSUP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct spec spec;
		int result = parse_with("mounts[2]", rows[i].mount, &spec);
		judge(rows[i].mount, result, rows[i].err, rows[i].named, rows[i].words);
	}
}

/* What each list of options comes to, for a tmpfs, or for a bind where one of them says so. */
static void mount_options(void **state)
{
	static const struct {
		const char *options;
		unsigned long flags, cleared, propagation, set, clear;
	} rows[] = {
		{ "\"ro\",\"rw\"", 0, MS_RDONLY, 0, 0, 0 },
		{ "\"rw\",\"ro\"", MS_RDONLY, 0, 0, 0, 0 },
		{ "\"suid\",\"nosuid\",\"exec\"", MS_NOSUID, MS_NOEXEC, 0, 0, 0 },
		{ "\"noatime\",\"relatime\"", MS_RELATIME, 0, 0, 0, 0 },
		{ "\"strictatime\",\"noatime\"", MS_NOATIME, 0, 0, 0, 0 },
		{ "\"defaults\",\"sync\",\"dirsync\"", MS_SYNCHRONOUS | MS_DIRSYNC, 0, 0, 0, 0 },
		{ "\"rbind\",\"rprivate\",\"ro\",\"sync\"",
		  MS_BIND | MS_REC | MS_RDONLY | MS_SYNCHRONOUS, 0, MS_PRIVATE | MS_REC, 0, 0 },
		{ "\"rbind\",\"bind\",\"slave\"", MS_BIND | MS_REC, 0, MS_SLAVE, 0, 0 },
		{ "\"shared\",\"rslave\"", 0, 0, MS_SLAVE | MS_REC, 0, 0 },
		{ "\"runbindable\",\"rshared\"", 0, 0, MS_SHARED | MS_REC, 0, 0 },
		{ "\"rbind\",\"rro\",\"rnosuid\"", MS_BIND | MS_REC, 0, 0, 0x3, 0 },
		{ "\"rro\",\"rrw\",\"rnoexec\",\"rnodev\"", 0, 0, 0, 0xc, 0x1 },
		{ "\"rdev\",\"rnodev\",\"rnosymfollow\"", 0, 0, 0, 0x200004, 0 },
		{ "\"rnoatime\"", 0, 0, 0, 0x10, 0x70 },
		{ "\"rnoatime\",\"rstrictatime\"", 0, 0, 0, 0x20, 0x70 },
		{ "\"rnoatime\",\"rrelatime\",\"rnodiratime\"", 0, 0, 0, 0x80, 0x70 },
	};
	struct spec s;
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(text, sizeof(text),
			 "{\"destination\":\"/x\",\"source\":\"s\",\"type\":\"tmpfs\","
			 "\"options\":[%s]}",
			 rows[i].options);
		if (parse_with("mounts[2]", text, &s) < 0)
			fail_msg("%s: %s", text, sys_failure()->cause);
		const struct spec_mount *m = &s.mounts[2];
		if (m->flags != rows[i].flags || m->cleared != rows[i].cleared ||
		    m->propagation != rows[i].propagation || m->attributes_set != rows[i].set ||
		    m->attributes_clear != rows[i].clear)
			fail_msg("%s: flags %lx cleared %lx propagation %lx set %lx clear %lx",
				 rows[i].options, m->flags, m->cleared, m->propagation,
				 (unsigned long)m->attributes_set,
				 (unsigned long)m->attributes_clear);
		assert_true(m->bind == ((rows[i].flags & MS_BIND) != 0) && !m->data);
		spec_free(&s);
	}
}

static void mounts_that_are_taken(void **state)
{
	struct spec s;

	(void)state;
	/* Twice at one place, from the bundle, of type cgroup, with a copy of what is there. */
	assert_int_equal(
		parse_with("mounts",
			   "[{\"destination\":\"/x\",\"type\":\"bind\",\"source\":\"data\"},"
			   "{\"destination\":\"/x/\",\"type\":\"cgroup\",\"source\":\"cgroup\"},"
			   "{\"destination\":\"/x\",\"type\":\"tmpfs\",\"options\":"
			   "[\"tmpcopyup\",\"size=5\"]}]",
			   &s),
		0);
	assert_int_equal(s.mount_count, 3);
	assert_string_equal(s.mounts[0].source, "data");
	assert_true(s.mounts[0].bind && !s.mounts[1].bind && !s.mounts[1].tmpcopyup);
	assert_string_equal(s.mounts[1].destination, "/x");
	assert_string_equal(s.mounts[1].type, "cgroup");
	assert_true(s.mounts[2].tmpcopyup);
	assert_string_equal(s.mounts[2].data, "size=5");
	spec_free(&s);
}

static void wrong_linux(void **state)
{
	static const char one[] = "[{\"containerID\":0,\"hostID\":0,\"size\":1}]";
	static const struct {
		const char *member, *value, *words, *named;
	} rows[] = {
		{ "linux", NULL, "not there", NULL },
		{ "linux", "[]", "expected an object", NULL },
		{ "linux.namespaces", NULL, "not there", NULL },
		{ "linux.namespaces", "[{\"type\":\"pid\"}]", "one of type mount", NULL },
		{ "linux.namespaces", "[\"mount\"]", "expected an object", "linux.namespaces[0]" },
		{ "linux.namespaces", "[{}]", "not there", "linux.namespaces[0].type" },
		{ "linux.namespaces", "[{\"type\":\"mnt\"}]", "pid, mount",
		  "linux.namespaces[0].type" },
		{ "linux.namespaces", "[{\"type\":\"mount\"},{\"type\":\"mount\"}]",
		  "each type once", "linux.namespaces[1].type" },
		{ "linux.uidMappings", one, "a new user namespace", NULL },
		{ "linux.uidMappings", "[5]", "expected an object", "linux.uidMappings[0]" },
		{ "linux.uidMappings", "[{\"containerID\":0,\"hostID\":0}]", "not there",
		  "linux.uidMappings[0].size" },
		{ "linux.uidMappings", "[{\"containerID\":0,\"hostID\":0,\"size\":0}]", "from 1 to",
		  "linux.uidMappings[0].size" },
		{ "linux.uidMappings", "[{\"containerID\":4294967295,\"hostID\":0,\"size\":1}]",
		  "from 0 to 4294967294", "linux.uidMappings[0].containerID" },
		{ "linux.uidMappings", "[{\"containerID\":0,\"hostID\":4294967290,\"size\":9}]",
		  "maps that the kernel takes", NULL },
		{ "linux.gidMappings",
		  "[{\"containerID\":0,\"hostID\":0,\"size\":9},{\"containerID\":8,\"hostID\":50,"
		  "\"size\":1}]",
		  "maps that the kernel takes", NULL },
		{ "linux.cgroupsPath", "\"/\"", "a group of its own", NULL },
		{ "linux.cgroupsPath", "\"/a/../..\"", "without . and ..", NULL },
		{ "linux.cgroupsPath", "\"/a/./b\"", "without . and ..", NULL },
		{ "linux.cgroupsPath", "\"/a\\nb\"", "without a newline", NULL },
		{ "linux.cgroupsPath", "5", "expected a string", NULL },
		{ "linux.rootfsPropagation", "\"prviate\"", "\"private\"", NULL },
		{ "linux.resources", "[]", "expected an object", NULL },
		{ "linux.resources.memory.limit", "\"64m\"", "a whole number", NULL },
		{ "linux.resources.memory.limit", "1e3", "an exponent", NULL },
		{ "linux.resources.memory.limit", "64.5", "a fraction", NULL },
		{ "linux.resources.memory.limit", "-2", "from -1 to", NULL },
		{ "linux.resources.memory.limit", "9223372036854775808", "from -1 to", NULL },
		{ "linux.resources.memory.swap", "67108864", "a limit with it", NULL },
		{ "linux.resources.memory", "{\"limit\":1000000,\"swap\":999999}",
		  "not less than limit", "linux.resources.memory.swap" },
		{ "linux.resources.pids.limit", "\"max\"", "a whole number", NULL },
		{ "linux.resources.hugepageLimits", "[{\"pageSize\":\"../2MB\",\"limit\":1}]",
		  "a size as", "linux.resources.hugepageLimits[0].pageSize" },
		{ "linux.resources.hugepageLimits", "[{\"pageSize\":\"2MB\"}]", "not there",
		  "linux.resources.hugepageLimits[0].limit" },
		{ "linux.resources.network.classID", "-1", "from 0", NULL },
		{ "linux.resources.network.priorities", "[{\"name\":\"lo 1\",\"priority\":1}]",
		  "a network interface", "linux.resources.network.priorities[0].name" },
		{ "linux.resources.rdma", "{\"mlx\":{\"hcaHandles\":-1}}", "from 0",
		  "linux.resources.rdma.mlx.hcaHandles" },
		{ "linux.resources.cpu.quota", "999", "from 1000", NULL },
		{ "linux.resources.cpu.quota", "-2", "-1 (no limit)", NULL },
		{ "linux.resources.cpu.quota", "0.5", "a whole number", NULL },
		{ "linux.resources.cpu.period", "999", "from 1000 to 1000000", NULL },
		{ "linux.resources.cpu.period", "1000001", "from 1000 to 1000000", NULL },
		{ "linux.resources.cpu.period", "-1", "from 0", NULL },
		{ "linux.resources.cpu.shares", "1", "from 2 to 262144", NULL },
		{ "linux.resources.cpu.shares", "262145", "from 2 to 262144", NULL },
		{ "linux.resources.cpu.shares", "-5", "from 0", NULL },
		{ "linux.resources.cpu.cpus", "\"0-\"", "a list of numbers", NULL },
		{ "linux.resources.cpu.cpus", "\"3-1\"", "a list of numbers", NULL },
		{ "linux.resources.cpu.cpus", "\"0,\"", "a list of numbers", NULL },
		{ "linux.resources.cpu.cpus", "\" 0\"", "a list of numbers", NULL },
		{ "linux.resources.cpu.cpus", "\"0\\n\"", "a list of numbers", NULL },
		{ "linux.resources.cpu.cpus", "\"all\"", "a list of numbers", NULL },
		{ "linux.resources.cpu.cpus", "0", "a string", NULL },
		{ "linux.resources.cpu.mems", "\"-1\"", "a list of numbers", NULL },
		{ "linux.resources.cpu.idle", "2", "from 0 to 1", NULL },
		{ "linux.resources.cpu.burst", "-1", "from 0", NULL },
		{ "linux.resources.memory.swappiness", "201", "from 0 to 200", NULL },
		{ "linux.resources.memory.disableOOMKiller", "1", "true or false", NULL },
		{ "linux.resources.blockIO.weight", "9", "from 10 to 1000", NULL },
		{ "linux.resources.blockIO.weight", "1001", "from 0 to 1000", NULL },
		{ "linux.resources.blockIO.weightDevice", "[{\"major\":8}]", "minor number",
		  "linux.resources.blockIO.weightDevice[0].minor" },
		{ "linux.resources.blockIO.throttleReadBpsDevice", "[{\"major\":8,\"minor\":0}]",
		  "a number a second", "linux.resources.blockIO.throttleReadBpsDevice[0].rate" },
		{ "linux.resources.unified", "{\"../x\":\"1\"}", "a file of cgroup v2",
		  "linux.resources.unified.../x" },
		{ "linux.resources.unified", "{\"cgroup.procs\":\"1\"}", "the runtime's",
		  "linux.resources.unified.cgroup.procs" },
		{ "linux.resources.unified", "{\"memory.high\":1}", "a string",
		  "linux.resources.unified.memory.high" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct spec spec;
		char what[300];
		snprintf(what, sizeof(what), "%s = %s", rows[i].member,
			 rows[i].value ? rows[i].value : "(nothing)");
		int result = parse_with(rows[i].member, rows[i].value, &spec);
		const char *named = rows[i].named ? rows[i].named : rows[i].member;
		judge(what, result, EINVAL, named, rows[i].words);
	}
}

/* Every member of the specification that is not acted on: a value that asks for something is
 * refused, one that asks for nothing is taken. */
static void what_is_not_acted_on(void **state)
{
	static const struct {
		const char *member, *something, *nothing; /* NULL: any value asks for something */
	} rows[] = {
		{ "mounts[1].uidMappings", "[1]", "[]" },
		{ "mounts[1].gidMappings", "[1]", "[]" },
		{ "process.commandLine", "\"cmd\"", "\"\"" },
		{ "process.selinuxLabel", "\"l\"", "\"\"" },
		{ "process.user.username", "\"u\"", "\"\"" },
		{ "solaris", "{\"milestone\":\"x\"}", "{}" },
		{ "windows", "{\"servicing\":true}", "{}" },
		{ "vm", "{\"kernel\":{}}", "{}" },
		{ "zos", "{\"namespaces\":[]}", "{}" },
		{ "freebsd", "{\"jail\":{}}", "{}" },
		{ "linux.netDevices", "{\"eth0\":{}}", "{}" },
		{ "linux.resources.memory.kernel", "1048576", "-1" },
		{ "linux.resources.memory.useHierarchy", "false", NULL },
		{ "linux.intelRdt", "{}", NULL },
		{ "linux.seccomp.listenerPath", "\"/s\"", NULL },
		{ "linux.seccomp.listenerMetadata", "\"m\"", NULL },
		{ "linux.personality.flags", "[\"x\"]", NULL },
		{ "linux.mountLabel", "\"l\"", "\"\"" },
	};
	struct spec spec;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int result = parse_with(rows[i].member, rows[i].something, &spec);
		judge(rows[i].member, result, ENOTSUP, rows[i].member,
		      "not acted on by this runtime yet");
		/* As if it were not there; listenerPath and the like need their neighbours all the
		 * same. */
		if (parse_with(rows[i].member, "null", &spec) < 0)
			assert_null(strstr(sys_failure()->subject, rows[i].member));
		else
			spec_free(&spec);
		if (!rows[i].nothing)
			continue;
		if (parse_with(rows[i].member, rows[i].nothing, &spec) < 0)
			fail_msg("%s = %s: refused: %s", rows[i].member, rows[i].nothing,
				 sys_failure()->cause);
		spec_free(&spec);
	}
}

/* "Unknown properties MUST be ignored", also where their names look like a known one's place. */
static void what_the_specification_does_not_have(void **state)
{
	static const struct {
		const char *member, *value;
	} rows[] = {
		{ "x-mine", "{\"a\":null}" },
		{ "process.shell", "5" },
		{ "linux.resources.cpu.colour", "[1e999]" },
		{ "Root", "null" },
		{ "annotations", "{\"other.tool\":\"x\",\"org.minibox.name\":\"n\",\"*\":\"\"}" },
	};
	struct spec spec;
	static const char odd[] =
		",\"root.path\":5,\"mounts[]\":5,\"annotations.*\":7,\"process.\":1}";
	char text[sizeof(base) + sizeof(odd)];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (parse_with(rows[i].member, rows[i].value, &spec) < 0)
			fail_msg("%s: refused: %s", rows[i].member, sys_failure()->cause);
		spec_free(&spec);
	}
	snprintf(text, sizeof(text), "%.*s%s", (int)sizeof(base) - 2, base, odd);
	assert_int_equal(spec_parse(text, strlen(text), &spec), 0);
	spec_free(&spec);
}

static void wrong_text(void **state)
{
	static const struct {
		const char *text, *member, *words;
	} rows[] = {
		{ "", "config.json", "empty" },
		{ " \n\t ", "config.json", "empty" },
		{ "null", "config.json", "should be an object" },
		{ "[]", "config.json", "should be an object" },
		{ "5", "config.json", "should be an object" },
		{ "{", "config.json", "A string is missing" },
		{ "{}x", "config.json", "behind the closing }" },
		{ "{}{}", "config.json", "behind the closing }" },
		{ "{\"a\":1,}", "config.json", "A string is missing" },
		{ "{\"a\":[1,]}", "a[1]", "no value that JSON has" },
		{ "{\"a\":[1 2]}", "a", "A comma" },
		{ "{\"a\":{\"b\" 1}}", "a.b", "A colon" },
		{ "{'a':1}", "config.json", "A string is missing" },
		{ "{/* */}", "config.json", "A string is missing" },
		{ "{\"a\":NaN}", "a", "no value" },
		{ "{\"a\":Infinity}", "a", "no value" },
		{ "{\"a\":-Infinity}", "a", "no value" },
		{ "{\"a\":True}", "a", "no value" },
		{ "{\"a\":nul}", "a", "no value" },
		{ "{\"a\":01}", "a", "no value" },
		{ "{\"a\":+1}", "a", "no value" },
		{ "{\"a\":.5}", "a", "no value" },
		{ "{\"a\":1.}", "a", "after the point" },
		{ "{\"a\":1e}", "a", "exponent" },
		{ "{\"a\":0x10}", "a", "no value" }, /* see below */
		{ "{\"a\":", "a", "ends here" },
		{ "{\"a\":\"x", "a", "ends inside a string" },
		{ "{\"a\":\"x\\", "a", "escape" },
		{ "{\"a\":\"\\q\"}", "a", "escape" },
		{ "{\"a\":\"\\u12g4\"}", "a", "escape" },
		{ "{\"a\":\"x\ny\"}", "a", "control character" },
		{ "{\"a\":\"x\\u0000y\"}", "a", "\\u0000" },
		{ "{\"a\\u0000b\":1}", "config.json", "\\u0000" },
		{ "{\"a\":\"\\ud800\"}", "a", "surrogate" },
		{ "{\"a\":\"\\udc00\\ud800\"}", "a", "surrogate" },
		{ "{\"a\":\"\xff\"}", "a", "UTF-8" },
		{ "{\"a\":\"\xc0\x80\"}", "a", "UTF-8" },
		{ "{\"a\":\"\xed\xa0\x80\"}", "a", "UTF-8" },
		{ "{\"a\":\"\xf5\x80\x80\x80\"}", "a", "UTF-8" },
		{ "{\"a\":\"\xe2\x82\"}", "a", "UTF-8" },
		{ "{\"p\":{\"q\":1,\"q\":1}}", "p.q", "twice" },
		{ "{\"ab\":1,\"a\\u0062\":2}", "ab", "twice" },
		{ "{\"a\":[{},{\"n\":99999999999999999999}]}", "a[1].n", "64 bits" },
		{ "{\"n\":-9223372036854775809}", "n", "64 bits" },
		{ "{\"n\":18446744073709551616}", "n", "64 bits" },
	};
	struct spec spec;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strstr(rows[i].text, "0x10"))
			continue; /* the 0 is a value, what is behind it is not */
		sys_failure_clear();
		judge(rows[i].text, spec_parse(rows[i].text, strlen(rows[i].text), &spec), EINVAL,
		      rows[i].member, rows[i].words);
	}
	sys_failure_clear();
	judge("0x10", spec_parse("{\"a\":0x10}", 10, &spec), EINVAL, "config.json", "A comma");
	/* The line is counted. */
	sys_failure_clear();
	judge("line", spec_parse("{\n\"a\":\n\n?}", 11, &spec), EINVAL, "a", "Line 4");
	/* A NUL byte in the text is not its end. */
	sys_failure_clear();
	judge("NUL", spec_parse("{}\0{}", 5, &spec), EINVAL, "config.json", "behind");
}

static void deep_and_wide(void **state)
{
	static char text[300000];
	struct spec spec;
	struct json_fault fault;

	(void)state;
	memset(text, '[', 200000);
	memcpy(text, "{\"a\":", 5);
	assert_int_equal(json_check(text, 200000, &fault), -1);
	assert_non_null(strstr(fault.what, "inside each other"));
	assert_int_equal(spec_parse(text, 200000, &spec), -1);
	/* 32 levels are taken, 33 are not. */
	for (int levels = 31; levels <= 32; levels++) {
		size_t n = (size_t)sprintf(text, "{\"a\":");
		for (int i = 0; i < levels; i++)
			text[n++] = '[';
		for (int i = 0; i < levels; i++)
			text[n++] = ']';
		text[n++] = '}';
		text[n] = '\0';
		assert_int_equal(json_check(text, n, &fault), levels == 31 ? 0 : -1);
	}
	/* Names are compared by a table: 20000 of them in no time. */
	size_t n = (size_t)sprintf(text, "{");
	for (int i = 0; i < 20000; i++)
		n += (size_t)sprintf(text + n, "\"n%d\":0,", i);
	n += (size_t)sprintf(text + n, "\"n7\":1}");
	assert_int_equal(json_check(text, n, &fault), -1);
	assert_string_equal(fault.member, "n7");
}

static void good_text_is_taken(void **state)
{
	static const char *const texts[] = {
		"{}",
		" {\r\n\t} \n",
		"{\"a\":[true,false,null,-0,0,1.5,-1e-7,1E+9,18446744073709551615,-"
		"9223372036854775808]}",
		"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00 \xc3\xa4 "
		"\xf0\x9f\x98\x80\"}",
		"{\"\":{\"\":{}},\"b\":[[],[[]],{}]}",
	};
	struct json_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (json_check(texts[i], strlen(texts[i]), &fault) < 0)
			fail_msg("%s: %s: %s", texts[i], fault.member, fault.what);
}

static void what_is_read(void **state)
{
	static const char text[] =
		"{\"ociVersion\":\"1.2.0+dev\",\"root\":{\"path\":\"/r\",\"readonly\":true},"
		"\"hostname\":\"h\",\"domainname\":\"d\",\"annotations\":{\"org.minibox.init\":"
		"\"true\","
		"\"org.minibox.swap\":\"if-accounted\"},"
		"\"process\":{\"terminal\":true,\"consoleSize\":{\"height\":24,\"width\":80},"
		"\"user\":{\"uid\":4294967294,\"gid\":7,\"umask\":23,\"additionalGids\":[5,0,"
		"4294967294]},"
		"\"args\":[\"a\",\"\"],\"env\":[\"A=\",\"B==\\n\"],\"cwd\":\"/"
		"w\",\"noNewPrivileges\":true,"
		"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":64,\"hard\":"
		"18446744073709551615},"
		"{\"type\":\"RLIMIT_CORE\",\"soft\":0,\"hard\":0}]},"
		"\"mounts\":[{\"destination\":\"tmp/\",\"type\":\"tmpfs\",\"options\":"
		"[\"nosuid\",\"size=64k\",\"strictatime\",\"mode=755\",\"dev\"]},"
		"{\"destination\":\"/b\",\"source\":\"/"
		"s\",\"options\":[\"bind\",\"rprivate\",\"noatime\"]},"
		"{\"destination\":\"/c\",\"type\":\"bind\",\"source\":\"/s\"}],"
		"\"linux\":{\"namespaces\":[{\"type\":\"user\"},{\"type\":\"mount\"},{\"type\":"
		"\"uts\"},"
		"{\"type\":\"network\"},{\"type\":\"cgroup\"},{\"type\":\"ipc\"},{\"type\":\"pid\","
		"\"path\":\"\"}],"
		"\"uidMappings\":[{\"containerID\":0,\"hostID\":1000,\"size\":1},"
		"{\"containerID\":1,\"hostID\":100000,\"size\":65536}],"
		"\"gidMappings\":[{\"containerID\":0,\"hostID\":4294967294,\"size\":1}],"
		"\"cgroupsPath\":\"/pod/"
		"a...\",\"resources\":{\"cpu\":{\"quota\":20000,\"period\":50000,"
		"\"shares\":512,\"cpus\":\"0-1,3\",\"mems\":\"0\"},"
		"\"memory\":{\"limit\":67108864,\"swap\":67108864,\"reservation\":33554432},"
		"\"pids\":{\"limit\":32}}}}";
	struct spec s;

	(void)state;
	if (spec_parse(text, strlen(text), &s) < 0)
		fail_msg("%s: %s", sys_failure()->subject, sys_failure()->cause);
	assert_true(s.root_read_only && s.init && s.swap_if_accounted && s.process.terminal);
	assert_true(s.process.no_new_privileges && s.process.has_umask);
	assert_string_equal(s.root_path, "/r");
	assert_string_equal(s.hostname, "h");
	assert_string_equal(s.domainname, "d");
	assert_int_equal(s.process.console_rows, 24);
	assert_int_equal(s.process.console_columns, 80);
	assert_true(s.process.uid == 4294967294U && s.process.gid == 7 && s.process.umask == 027);
	assert_int_equal(s.process.additional_gid_count, 3);
	assert_true(s.process.additional_gids[0] == 5 &&
		    s.process.additional_gids[2] == 4294967294U);
	assert_string_equal(s.process.args[0], "a");
	assert_string_equal(s.process.args[1], "");
	assert_null(s.process.args[2]);
	assert_string_equal(s.process.env[1], "B==\n");
	assert_null(s.process.env[2]);
	assert_string_equal(s.process.cwd, "/w");
	assert_int_equal(s.process.rlimit_count, 2);
	assert_int_equal(s.process.rlimits[0].resource, RLIMIT_NOFILE);
	assert_true(s.process.rlimits[0].soft == 64 && s.process.rlimits[0].hard == RLIM_INFINITY);
	assert_int_equal(s.mount_count, 3);
	assert_string_equal(s.mounts[0].destination, "/tmp");
	assert_string_equal(s.mounts[0].data, "size=64k,mode=755");
	assert_int_equal(s.mounts[0].flags, MS_NOSUID | MS_STRICTATIME);
	assert_true(s.mounts[1].bind && s.mounts[1].flags == (MS_BIND | MS_NOATIME));
	assert_true(s.mounts[2].bind && !(s.mounts[2].flags & MS_REC) && !s.mounts[2].data);
	assert_int_equal(s.namespaces, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET |
					       CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWPID);
	assert_int_equal(s.uid_maps, 2);
	assert_true(s.uid_map[1].inside == 1 && s.uid_map[1].outside == 100000);
	assert_true(s.uid_map[1].count == 65536 && s.gid_map[0].outside == 4294967294U);
	assert_string_equal(s.cgroups_path, "/pod/a...");
	assert_true(s.resources.limits.cpu_quota_us == 20000 &&
		    s.resources.limits.cpu_period_us == 50000);
	assert_true(s.resources.limits.cpu_shares == 512 && s.resources.limits.pids == 32);
	assert_string_equal(s.resources.limits.cpus, "0-1,3");
	assert_string_equal(s.resources.limits.mems, "0");
	assert_true(s.resources.limits.memory == 64 << 20 &&
		    s.resources.limits.memory_reservation == 32 << 20);
	assert_true(s.resources.limits.swap == CGROUP_NO_SWAP);
	spec_free(&s);
	assert_null(s.json);
}

static void what_is_left_out_has_its_default(void **state)
{
	struct spec s;

	(void)state;
	assert_int_equal(parse_with(NULL, NULL, &s), 0);
	assert_true(!s.process.has_umask && !s.process.terminal && !s.root_read_only && !s.init);
	assert_true(!s.hostname && !s.cgroups_path && !s.process.additional_gids &&
		    !s.process.rlimit_count);
	assert_true(s.resources.limits.memory == 0 && s.resources.limits.pids == 0 &&
		    s.resources.limits.cpus == NULL);
	spec_free(&s);
	/* -1 is no limit, and 0 what docker writes for none: a new group has none. */
	assert_int_equal(
		parse_with("linux.resources",
			   "{\"memory\":{\"limit\":-1,\"swap\":-1},\"pids\":{\"limit\":-1},"
			   "\"cpu\":{\"quota\":-1,\"period\":0,\"shares\":0,\"cpus\":\"\"}}",
			   &s),
		0);
	assert_int_equal(limits_need(&s.resources.limits), 0);
	spec_free(&s);
	/* Without a terminal its size must be ignored, however wrong. */
	assert_int_equal(parse_with("process.consoleSize", "{\"height\":70000,\"width\":1}", &s),
			 0);
	spec_free(&s);
	assert_int_equal(parse_with("process.env", NULL, &s), 0);
	assert_null(s.process.env[0]);
	spec_free(&s);
	assert_int_equal(parse_with("process.user", NULL, &s), 0);
	spec_free(&s);
	/* A UTS namespace of its own, or it would be the host that is renamed. */
	assert_int_equal(parse_with("linux.namespaces", "[{\"type\":\"mount\"}]", &s), 0);
	spec_free(&s);
}

static void a_name_needs_a_uts_namespace(void **state)
{
	static const char text[] =
		"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},\"hostname\":\"h\","
		"\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\"},"
		"\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}";
	struct spec s;

	(void)state;
	sys_failure_clear();
	judge("hostname", spec_parse(text, strlen(text), &s), EINVAL, "hostname",
	      "a new or joined uts namespace");
}

static void many_of_everything(void **state)
{
	struct json_object *json = json_tokener_parse(base), *mounts, *env, *process;
	struct spec s;
	char name[64];

	(void)state;
	json_object_object_get_ex(json, "mounts", &mounts);
	json_object_object_get_ex(json, "process", &process);
	json_object_object_get_ex(process, "env", &env);
	for (int i = 0; i < 500; i++) {
		struct json_object *one = json_object_new_object();
		snprintf(name, sizeof(name), "/m/%d", i);
		json_object_object_add(one, "destination", json_object_new_string(name));
		json_object_object_add(one, "type", json_object_new_string("tmpfs"));
		json_object_array_add(mounts, one);
		snprintf(name, sizeof(name), "V%d=%d", i, i);
		json_object_array_add(env, json_object_new_string(name));
	}
	const char *text = json_object_to_json_string(json);
	assert_int_equal(spec_parse(text, strlen(text), &s), 0);
	assert_int_equal(s.mount_count, 502);
	assert_string_equal(s.mounts[501].destination, "/m/499");
	assert_string_equal(s.process.env[500], "V499=499");
	spec_free(&s);
	json_object_put(json);
}

/* ---- files ---- */

static char dir_path[] = "/tmp/minibox-unit-XXXXXX";

static void write_text(int dir, const char *text, size_t length)
{
	int fd = openat(dir, "config.json", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), length);
	close(fd);
}

static void files(void **state)
{
	struct spec s;
	int dir = open(dir_path, O_RDONLY | O_DIRECTORY);

	(void)state;
	sys_failure_clear();
	judge("none", spec_read(dir, &s), ENOENT, "config.json", "");
	write_text(dir, base, strlen(base));
	assert_int_equal(spec_read(dir, &s), 0);
	assert_string_equal(s.process.args[0], "sh");
	spec_free(&s);
	write_text(dir, "", 0);
	sys_failure_clear();
	judge("empty", spec_read(dir, &s), EINVAL, "config.json", "empty");
	/* 4 MiB of blanks behind it are taken, one more byte is not. */
	write_text(dir, base, strlen(base));
	int fd = openat(dir, "config.json", O_WRONLY | O_APPEND);
	char *blanks = malloc(4 << 20);
	memset(blanks, ' ', 4 << 20);
	assert_int_equal(write(fd, blanks, (4 << 20) - strlen(base)), (4 << 20) - strlen(base));
	assert_int_equal(spec_read(dir, &s), 0);
	spec_free(&s);
	assert_int_equal(write(fd, " ", 1), 1);
	sys_failure_clear();
	judge("long", spec_read(dir, &s), EFBIG, "config.json", "4 MiB");
	/* A length that is a lie: sparse, 1 TiB. */
	if (ftruncate(fd, 1LL << 40) == 0) {
		sys_failure_clear();
		judge("sparse", spec_read(dir, &s), EFBIG, "config.json", "4 MiB");
	}
	close(fd);
	free(blanks);
	unlinkat(dir, "config.json", 0);
	mkdirat(dir, "config.json", 0700);
	sys_failure_clear();
	judge("directory", spec_read(dir, &s), EISDIR, "config.json", "not a regular file");
	unlinkat(dir, "config.json", AT_REMOVEDIR);
	assert_int_equal(mkfifoat(dir, "config.json", 0600), 0);
	alarm(5); /* and does not wait for a writer */
	sys_failure_clear();
	judge("fifo", spec_read(dir, &s), EINVAL, "config.json", "not a regular file");
	alarm(0);
	unlinkat(dir, "config.json", 0);
	/* One whose length is 0 as far as stat knows, and that has text. */
	assert_int_equal(symlinkat("/proc/self/status", dir, "config.json"), 0);
	sys_failure_clear();
	judge("proc", spec_read(dir, &s), EINVAL, "config.json", "should be an object");
	unlinkat(dir, "config.json", 0);
	close(dir);
}

/* Places are cut at their beginning: the last name is the one that matters. */
static void places(void **state)
{
	char out[200], small[16];
	struct json_place document = { 0 }, mounts = { &document, "mounts", 0 },
			  third = { &mounts, NULL, 3 }, options = { &third, "op\ntions", 0 };

	(void)state;
	assert_string_equal(json_place_text(&document, out, sizeof(out)), "config.json");
	assert_string_equal(json_place_text(&options, out, sizeof(out)), "mounts[3].op?tions");
	assert_string_equal(json_place_text(&options, small, sizeof(small)), "...[3].op?tions");
}

/* ---- limits that are a file each ---- */

static void limits_that_are_files(void **state)
{
	static const struct {
		const char *member, *value;
		enum cgroup_controller controller;
		const char *v1, *v1_text, *v2, *v2_text;
	} rows[] = {
		{ "cpu.burst", "1000", CG_CPU, "cpu.cfs_burst_us", "1000", "cpu.max.burst",
		  "1000" },
		{ "cpu.realtimeRuntime", "-1", CG_CPU, "cpu.rt_runtime_us", "-1", "", "" },
		{ "cpu.idle", "1", CG_CPU, "cpu.idle", "1", "cpu.idle", "1" },
		{ "memory.swappiness", "0", CG_MEMORY, "memory.swappiness", "0", "", "" },
		{ "memory.disableOOMKiller", "true", CG_MEMORY, "memory.oom_control", "1", "", "" },
		{ "memory.kernelTCP", "5", CG_MEMORY, "memory.kmem.tcp.limit_in_bytes", "5", "",
		  "" },
		{ "blockIO.weight", "500", CG_IO, "blkio.weight", "500", "io.bfq.weight", "500" },
		{ "blockIO.leafWeight", "500", CG_IO, "blkio.leaf_weight", "500", "", "" },
		{ "blockIO.weightDevice", "[{\"major\":8,\"minor\":1,\"weight\":20}]", CG_IO,
		  "blkio.weight_device", "8:1 20", "io.bfq.weight", "8:1 20" },
		{ "blockIO.throttleReadBpsDevice", "[{\"major\":8,\"minor\":1,\"rate\":9}]", CG_IO,
		  "blkio.throttle.read_bps_device", "8:1 9", "io.max", "8:1 rbps=9" },
		{ "blockIO.throttleWriteIOPSDevice", "[{\"major\":8,\"minor\":1,\"rate\":0}]",
		  CG_IO, "blkio.throttle.write_iops_device", "8:1 0", "io.max", "8:1 wiops=max" },
		{ "hugepageLimits", "[{\"pageSize\":\"2MB\",\"limit\":9}]", CG_HUGETLB,
		  "hugetlb.2MB.limit_in_bytes", "9", "hugetlb.2MB.max", "9" },
		{ "network.classID", "1048577", CG_NET_CLS, "net_cls.classid", "1048577", "", "" },
		{ "network.priorities", "[{\"name\":\"lo\",\"priority\":3}]", CG_NET_PRIO,
		  "net_prio.ifpriomap", "lo 3", "", "" },
		{ "rdma", "{\"mlx\":{\"hcaHandles\":3,\"hcaObjects\":4}}", CG_RDMA, "rdma.max",
		  "mlx hca_handle=3 hca_object=4", "rdma.max", "mlx hca_handle=3 hca_object=4" },
		{ "unified", "{\"memory.high\":\"max\"}", CG_MEMORY, "", "", "memory.high", "max" },
		{ "unified", "{\"hugetlb.2MB.max\":\"0\"}", CG_HUGETLB, "", "", "hugetlb.2MB.max",
		  "0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct spec spec;
		char member[64];
		snprintf(member, sizeof(member), "linux.resources.%s", rows[i].member);
		assert_int_equal(parse_with(member, rows[i].value, &spec), 0);
		assert_int_equal(spec.resources.file_count, 1);
		const struct resource_file *file = spec.resources.files;
		assert_int_equal(file->controller, rows[i].controller);
		assert_string_equal(file->in[0].file, rows[i].v1);
		assert_string_equal(file->in[0].text, rows[i].v1_text);
		assert_string_equal(file->in[1].file, rows[i].v2);
		assert_string_equal(file->in[1].text, rows[i].v2_text);
		spec_free(&spec);
	}
}

/* What docker writes where nothing was asked for asks for nothing here too. */
static void limits_that_ask_for_nothing(void **state)
{
	static const char nothing[] =
		"{\"memory\":{\"limit\":0,\"reservation\":-1,\"swap\":-1,"
		"\"kernelTCP\":0,\"disableOOMKiller\":false,\"checkBeforeUpdate\":false},"
		"\"pids\":{\"limit\":0},\"blockIO\":{\"weight\":0,\"weightDevice\":[]},"
		"\"cpu\":{\"shares\":0,\"quota\":-1,\"period\":0,\"burst\":0,"
		"\"realtimeRuntime\":0,\"realtimePeriod\":0,\"idle\":0,\"cpus\":\"\"},"
		"\"unified\":{}}";
	struct spec spec;

	(void)state;
	assert_int_equal(parse_with("linux.resources", nothing, &spec), 0);
	assert_int_equal(resources_need(&spec.resources), 0);
	spec_free(&spec);
}

static void cgroups_paths(void **state)
{
	static const char *const good[] = { "/a/b", "a", "pod/a", "a.slice:b:c", ":b:c" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct spec spec;
		char value[64];
		snprintf(value, sizeof(value), "\"%s\"", good[i]);
		assert_int_equal(parse_with("linux.cgroupsPath", value, &spec), 0);
		assert_string_equal(spec.cgroups_path, good[i]);
		spec_free(&spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_that_are_files),
		cmocka_unit_test(limits_that_ask_for_nothing),
		cmocka_unit_test(cgroups_paths),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(wrong_mounts),
		cmocka_unit_test(mount_options),
		cmocka_unit_test(mounts_that_are_taken),
		cmocka_unit_test(wrong_linux),
		cmocka_unit_test(what_is_not_acted_on),
		cmocka_unit_test(what_the_specification_does_not_have),
		cmocka_unit_test(wrong_text),
		cmocka_unit_test(deep_and_wide),
		cmocka_unit_test(good_text_is_taken),
		cmocka_unit_test(what_is_read),
		cmocka_unit_test(what_is_left_out_has_its_default),
		cmocka_unit_test(a_name_needs_a_uts_namespace),
		cmocka_unit_test(many_of_everything),
		cmocka_unit_test(files),
		cmocka_unit_test(places),
	};

	if (!mkdtemp(dir_path))
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir_path);
	return failed;
}
