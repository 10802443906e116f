/*
 * test_spec_parts.c: capabilities, hooks, namespaces that are joined, devices, sysctls, seccomp and
 * what else config.json asks for: what is read, and what is refused by which name.
 */
#define _GNU_SOURCE
#include "final/runtime/spec/spec.h"
#include "final/runtime/spec/spec_words.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <linux/capability.h>
#include <linux/personality.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "spec_cases.h"

struct row {
	const char *member, *value, *words, *named; /* named: if it is another */
};

static void refuse(const struct row *rows, size_t count, int err)
{
	for (size_t i = 0; i < count; i++) {
		struct spec spec;
		char what[300];
		snprintf(what, sizeof(what), "%s = %s", rows[i].member, rows[i].value);
		int result = parse_with(rows[i].member, rows[i].value, &spec);
		judge(what, result, err, rows[i].named ? rows[i].named : rows[i].member,
		      rows[i].words);
	}
}

#define REFUSE(rows, err) refuse(rows, sizeof(rows) / sizeof(*(rows)), err)

static void take(const char *member, const char *value, struct spec *spec)
{
	if (parse_with(member, value, spec) < 0)
		fail_msg("%s = %s: %s: %s", member, value, sys_failure()->subject,
			 sys_failure()->cause);
}

static void wrong_process(void **state)
{
	static const struct row rows[] = {
		{ "process.capabilities", "[]", "expected an object", NULL },
		{ "process.capabilities.bounding", "{}", "expected an array", NULL },
		{ "process.capabilities.inheritable", "[5]", "expected a string",
		  "process.capabilities.inheritable[0]" },
		{ "process.ioPriority", "{}", "It is not there", "process.ioPriority.class" },
		{ "process.ioPriority", "{\"class\":\"IOPRIO_CLASS_NONE\"}", "IOPRIO_CLASS_IDLE",
		  "process.ioPriority.class" },
		{ "process.ioPriority", "{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":8}",
		  "from 0 to 7", "process.ioPriority.priority" },
		{ "process.scheduler", "{\"nice\":1}", "It is not there",
		  "process.scheduler.policy" },
		{ "process.scheduler", "{\"policy\":\"BATCH\"}", "sched(7)",
		  "process.scheduler.policy" },
		{ "process.scheduler", "{\"policy\":\"SCHED_OTHER\",\"nice\":20}", "from -20 to 19",
		  "process.scheduler.nice" },
		{ "process.scheduler", "{\"policy\":\"SCHED_OTHER\",\"flags\":[\"X\"]}",
		  "sched_setattr(2)", "process.scheduler.flags[0]" },
		{ "process.oomScoreAdj", "1001", "from -1000 to 1000", NULL },
		{ "process.oomScoreAdj", "-1001", "from -1000 to 1000", NULL },
		{ "process.apparmorProfile", "5", "expected a string", NULL },
	};

	(void)state;
	REFUSE(rows, EINVAL);
}

static void capabilities(void **state)
{
	struct spec s;

	(void)state;
	take(NULL, NULL, &s);
	assert_true(!s.process.capabilities.bounding && !s.process.has_oom_score_adj &&
		    !s.process.apparmor_profile);
	spec_free(&s);
	take("process.capabilities",
	     "{\"bounding\":[\"CAP_CHOWN\",\"CAP_CHECKPOINT_RESTORE\"],\"effective\":[\"CAP_KILL\"]"
	     ","
	     "\"inheritable\":[],\"permitted\":[\"CAP_SYS_ADMIN\",\"CAP_SYS_ADMIN\"],"
	     "\"ambient\":[\"CAP_NET_RAW\"]}",
	     &s);
	assert_true(s.process.capabilities.bounding == (1ULL | 1ULL << 40));
	assert_true(s.process.capabilities.effective == 1ULL << CAP_KILL);
	assert_true(s.process.capabilities.inheritable == 0);
	assert_true(s.process.capabilities.permitted == 1ULL << CAP_SYS_ADMIN);
	assert_true(s.process.capabilities.ambient == 1ULL << CAP_NET_RAW);
	spec_free(&s);
	/* The table against the kernel's header. */
	assert_int_equal(spec_capability("CAP_SETPCAP"), CAP_SETPCAP);
	assert_int_equal(spec_capability("CAP_MKNOD"), CAP_MKNOD);
	assert_int_equal(spec_capability("CAP_AUDIT_CONTROL"), CAP_AUDIT_CONTROL);
	assert_int_equal(spec_capability("CAP_AUDIT_READ"), CAP_AUDIT_READ);
	assert_int_equal(spec_capability("CAP_BPF"), 39);
	assert_int_equal(spec_capability("CAP"), -1);
	assert_int_equal(spec_capability(""), -1);
}

static void process_words(void **state)
{
	struct spec s;

	(void)state;
	take("process.oomScoreAdj", "0", &s);
	assert_true(s.process.has_oom_score_adj && s.process.oom_score_adj == 0);
	spec_free(&s);
	take("process.oomScoreAdj", "-1000", &s);
	assert_true(s.process.has_oom_score_adj && s.process.oom_score_adj == -1000);
	spec_free(&s);
	take("process.apparmorProfile", "\"docker-default\"", &s);
	assert_string_equal(s.process.apparmor_profile, "docker-default");
	spec_free(&s);
	take("process.apparmorProfile", "\"\"", &s);
	assert_null(s.process.apparmor_profile);
	spec_free(&s);
}

/* exec --process FILE. */
static void a_process_alone(void **state)
{
	static const char good[] = "{\"args\":[\"id\"],\"cwd\":\"/tmp\",\"user\":{\"uid\":5},"
				   "\"capabilities\":{\"bounding\":[\"CAP_KILL\"]},\"x\":null}";
	static const struct {
		const char *text, *member, *words;
		int err;
	} rows[] = {
		{ "", "process", "empty", EINVAL },
		{ "[]", "process", "should be an object", EINVAL },
		{ "{\"user\":{\"uid\":1,\"uid\":1}}", "process.user.uid", "twice", EINVAL },
		{ "{}", "process.args", "not there", EINVAL },
		{ "{\"args\":[\"a\"]}", "process.cwd", "not there", EINVAL },
		{ "{\"args\":[\"a\"],\"cwd\":\"/\",\"user\":{\"uid\":-1}}", "process.user.uid",
		  "from 0", EINVAL },
		{ "{\"args\":[\"a\"],\"cwd\":\"/\",\"selinuxLabel\":\"l\"}", "process.selinuxLabel",
		  "not acted on", ENOTSUP },
		{ "{\"args\":[\"a\"],\"cwd\":\"/\",\"rlimits\":[{}]}", "process.rlimits[0].type",
		  "not there", EINVAL },
	};
	struct spec_process process;
	struct json_object *json;

	(void)state;
	assert_int_equal(spec_parse_process(good, strlen(good), &process, &json), 0);
	assert_string_equal(process.args[0], "id");
	assert_string_equal(process.cwd, "/tmp");
	assert_null(process.env[0]);
	assert_true(process.uid == 5 && process.capabilities.bounding == 1ULL << CAP_KILL);
	spec_process_free(&process);
	json_object_put(json);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		sys_failure_clear();
		judge(rows[i].text,
		      spec_parse_process(rows[i].text, strlen(rows[i].text), &process, &json),
		      rows[i].err, rows[i].member, rows[i].words);
		assert_true(!json && !process.args && !process.env);
	}
}

static void hooks(void **state)
{
	static const struct row rows[] = {
		{ "hooks.createRuntime", "[5]", "expected an object", "hooks.createRuntime[0]" },
		{ "hooks.prestart", "[{}]", "not there", "hooks.prestart[0].path" },
		{ "hooks.prestart", "[{\"path\":\"true\"}]", "an absolute path",
		  "hooks.prestart[0].path" },
		{ "hooks.poststop", "[{\"path\":\"/a\"},{\"path\":\"\"}]", "an absolute path",
		  "hooks.poststop[1].path" },
		{ "hooks.poststart", "[{\"path\":\"/a\",\"args\":\"a\"}]", "an array",
		  "hooks.poststart[0].args" },
		{ "hooks.poststart", "[{\"path\":\"/a\",\"args\":[\"a\",null]}]", "Found null",
		  "hooks.poststart[0].args[1]" },
		{ "hooks.startContainer", "[{\"path\":\"/a\",\"env\":[5]}]", "a string",
		  "hooks.startContainer[0].env[0]" },
		{ "hooks.createContainer", "[{\"path\":\"/a\",\"timeout\":0}]", "from 1 to",
		  "hooks.createContainer[0].timeout" },
		{ "hooks.createContainer", "[{\"path\":\"/a\",\"timeout\":-1}]", "from 1 to",
		  "hooks.createContainer[0].timeout" },
		{ "hooks.createContainer", "[{\"path\":\"/a\",\"timeout\":\"5\"}]", "from 1 to",
		  "hooks.createContainer[0].timeout" },
	};
	struct spec s;
	char name[64];

	(void)state;
	REFUSE(rows, EINVAL);
	for (int kind = 0; kind < HOOK_KINDS; kind++) {
		snprintf(name, sizeof(name), "hooks.%s", spec_hook_words[kind]);
		take(name,
		     "[{\"path\":\"/a\"},{\"path\":\"/b\",\"args\":[\"b\",\"\"],\"env\":[],"
		     "\"timeout\":7}]",
		     &s);
		assert_int_equal(s.hooks[kind].count, 2);
		assert_int_equal(s.hooks[(kind + 1) % HOOK_KINDS].count, 0);
		const struct spec_hook *hook = s.hooks[kind].hook;
		assert_true(!hook[0].args && !hook[0].env && !hook[0].timeout_s);
		assert_string_equal(hook[1].path, "/b");
		assert_string_equal(hook[1].args[0], "b");
		assert_true(!hook[1].args[2] && hook[1].env && !hook[1].env[0]);
		assert_int_equal(hook[1].timeout_s, 7);
		spec_free(&s);
	}
}

static void namespaces(void **state)
{
	static const char base_list[] = "{\"type\":\"mount\"},{\"type\":\"uts\"}";
	static const struct row rows[] = {
		{ "linux.namespaces[0]", "{\"type\":\"pid\",\"path\":\"proc/1/ns/pid\"}",
		  "an absolute path", "linux.namespaces[0].path" },
		{ "linux.namespaces[0]", "{\"type\":\"uts\",\"path\":\"/n\"}", "each type once",
		  "linux.namespaces[2].type" },
		{ "linux.namespaces[0]", "{\"type\":\"pid\",\"path\":5}", "a string",
		  "linux.namespaces[0].path" },
		{ "linux.timeOffsets", "{\"monotonic\":{\"secs\":1}}", "a new time namespace",
		  NULL },
		{ "linux.timeOffsets", "{\"realtime\":{\"secs\":1}}", "\"boottime\" as its name",
		  "linux.timeOffsets.realtime" },
		{ "linux.timeOffsets", "{\"boottime\":5}", "an object",
		  "linux.timeOffsets.boottime" },
		{ "linux.timeOffsets", "{\"boottime\":{\"nanosecs\":1000000000}}", "to 999999999",
		  "linux.timeOffsets.boottime.nanosecs" },
		{ "linux.timeOffsets", "{\"boottime\":{\"secs\":1.5}}", "a fraction",
		  "linux.timeOffsets.boottime.secs" },
	};
	struct spec s;
	char text[600];

	(void)state;
	REFUSE(rows, EINVAL);
	take("linux.namespaces",
	     "[{\"type\":\"mount\"},{\"type\":\"network\",\"path\":\"/n/net\"},"
	     "{\"type\":\"user\",\"path\":\"/n/user\"},{\"type\":\"time\"},{\"type\":\"pid\"}]",
	     &s);
	assert_string_equal(s.join[NS_NET], "/n/net");
	assert_string_equal(s.join[NS_USER], "/n/user");
	assert_true(!s.join[NS_PID] && !s.join[NS_TIME]);
	assert_int_equal(s.namespaces, CLONE_NEWNS | CLONE_NEWPID | 0x80);
	spec_free(&s);
	judge("a joined mount namespace",
	      parse_with("linux.namespaces", "[{\"type\":\"mount\",\"path\":\"/n/m\"}]", &s),
	      ENOTSUP, "linux.namespaces[0].path", "not acted on");
	/* Twice, once new and once joined, in either order. */
	for (int i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "[%s,{\"type\":\"ipc\"%s},{\"type\":\"ipc\"%s}]",
			 base_list, i ? ",\"path\":\"/n\"" : "", i ? "" : ",\"path\":\"/n\"");
		judge(text, parse_with("linux.namespaces", text, &s), EINVAL,
		      "linux.namespaces[3].type", "each type once");
	}
}

/* A joined user namespace has maps already; those of the file say the same, or nothing. */
static void what_belongs_to_a_namespace(void **state)
{
	static const char text[] =
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"hostname\":\"h\","
		"\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\"},\"linux\":{\"namespaces\":["
		"{\"type\":\"mount\"},{\"type\":\"uts\",\"path\":\"/u\"},"
		"{\"type\":\"user\",\"path\":\"/us\"},{\"type\":\"time\"}],"
		"\"uidMappings\":[{\"containerID\":0,\"hostID\":5,\"size\":1}],"
		"\"timeOffsets\":{\"monotonic\":{\"secs\":-7,\"nanosecs\":5},"
		"\"boottime\":{\"secs\":9}}}}";
	struct spec s;

	(void)state;
	sys_failure_clear();
	if (spec_parse(text, strlen(text), &s) < 0)
		fail_msg("%s: %s", sys_failure()->subject, sys_failure()->cause);
	assert_string_equal(s.hostname, "h");
	assert_int_equal(s.uid_maps, 1);
	assert_true(s.has_time_offsets);
	assert_true(s.time_offsets.monotonic.tv_sec == -7 && s.time_offsets.monotonic.tv_nsec == 5);
	assert_true(s.time_offsets.boottime.tv_sec == 9 && s.time_offsets.boottime.tv_nsec == 0);
	spec_free(&s);
	take("linux.timeOffsets", "{}", &s);
	assert_false(s.has_time_offsets);
	spec_free(&s);
}

static void devices(void **state)
{
	static const struct row rows[] = {
		{ "linux.devices", "{}", "an array", NULL },
		{ "linux.devices", "[5]", "an object", "linux.devices[0]" },
		{ "linux.devices", "[{\"type\":\"p\"}]", "not there", "linux.devices[0].path" },
		{ "linux.devices", "[{\"type\":\"p\",\"path\":\"dev/x\"}]", "an absolute path",
		  "linux.devices[0].path" },
		{ "linux.devices", "[{\"type\":\"p\",\"path\":\"\"}]", "an absolute path",
		  "linux.devices[0].path" },
		{ "linux.devices", "[{\"path\":\"/x\"}]", "not there", "linux.devices[0].type" },
		{ "linux.devices", "[{\"path\":\"/x\",\"type\":null}]", "not there",
		  "linux.devices[0].type" },
		{ "linux.devices", "[{\"path\":\"/x\",\"type\":\"a\"}]", "\"c\", \"b\"",
		  "linux.devices[0].type" },
		{ "linux.devices", "[{\"path\":\"/x\",\"type\":\"c\",\"minor\":1}]", "not there",
		  "linux.devices[0].major" },
		{ "linux.devices", "[{\"path\":\"/x\",\"type\":\"b\",\"major\":1}]", "not there",
		  "linux.devices[0].minor" },
		{ "linux.devices", "[{\"path\":\"/x\",\"type\":\"u\",\"major\":4096,\"minor\":0}]",
		  "from 0 to 4095", "linux.devices[0].major" },
		{ "linux.devices", "[{\"path\":\"/x\",\"type\":\"c\",\"major\":1,\"minor\":-1}]",
		  "from 0 to 1048575", "linux.devices[0].minor" },
		{ "linux.devices", "[{\"path\":\"/x\",\"type\":\"p\",\"fileMode\":\"0666\"}]",
		  "a whole number", "linux.devices[0].fileMode" },
		{ "linux.devices", "[{\"path\":\"/x\",\"type\":\"p\",\"fileMode\":8630}]",
		  "type's own bits", "linux.devices[0].fileMode" }, /* 020666: a c's */
		{ "linux.devices", "[{\"path\":\"/x\",\"type\":\"p\",\"fileMode\":65536}]",
		  "from 0 to", "linux.devices[0].fileMode" },
		{ "linux.devices", "[{\"path\":\"/x\",\"type\":\"p\",\"uid\":4294967295}]",
		  "from 0 to 4294967294", "linux.devices[0].uid" },
		{ "linux.devices", "[{\"path\":\"/x\",\"type\":\"p\",\"gid\":-1}]", "from 0",
		  "linux.devices[0].gid" },
	};
	struct spec s;

	(void)state;
	REFUSE(rows, EINVAL);
	take("linux.devices",
	     "[{\"path\":\"/dev/fuse\",\"type\":\"c\",\"major\":10,\"minor\":229,\"fileMode\":8576,"
	     "\"uid\":5,\"gid\":6},{\"path\":\"/p\",\"type\":\"p\"},"
	     "{\"path\":\"/b\",\"type\":\"b\",\"major\":8,\"minor\":1048575,\"fileMode\":0},"
	     "{\"path\":\"/u\",\"type\":\"u\",\"major\":1,\"minor\":3}]",
	     &s);
	assert_int_equal(s.device_count, 4);
	assert_string_equal(s.devices[0].path, "/dev/fuse");
	assert_true(s.devices[0].type == S_IFCHR && s.devices[0].major == 10 &&
		    s.devices[0].minor == 229 && s.devices[0].mode == 0600);
	assert_true(s.devices[0].uid == 5 && s.devices[0].gid == 6);
	assert_true(s.devices[1].type == S_IFIFO && s.devices[1].mode == 0666);
	assert_true(s.devices[2].type == S_IFBLK && s.devices[2].mode == 0 &&
		    s.devices[2].minor == 1048575);
	assert_true(s.devices[3].type == S_IFCHR && s.devices[3].minor == 3);
	spec_free(&s);
}

/* The whole document with these namespaces besides mount, and one sysctl. */
static int with_sysctl(const char *list, const char *name, struct spec *s)
{
	char text[700];

	snprintf(text, sizeof(text),
		 "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},"
		 "\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\"},\"linux\":{\"namespaces\":["
		 "{\"type\":\"mount\"}%s],\"sysctl\":{\"%s\":\"1\"}}}",
		 list, name);
	sys_failure_clear();
	return spec_parse(text, strlen(text), s);
}

static void sysctls(void **state)
{
	static const char ipc[] = ",{\"type\":\"ipc\"}", uts[] = ",{\"type\":\"uts\"}",
			  net[] = ",{\"type\":\"network\",\"path\":\"/n\"}";
	static const struct {
		const char *name, *list, *words; /* words: where it is refused without the list */
	} rows[] = {
		{ "kernel.msgmax", ipc, "ipc namespace" },
		{ "kernel.msgmnb", ipc, "ipc namespace" },
		{ "kernel.msgmni", ipc, "ipc namespace" },
		{ "kernel.sem", ipc, "ipc namespace" },
		{ "kernel.shmall", ipc, "ipc namespace" },
		{ "kernel.shmmax", ipc, "ipc namespace" },
		{ "kernel/shmmni", ipc, "ipc namespace" },
		{ "kernel.shm_rmid_forced", ipc, "ipc namespace" },
		{ "fs.mqueue.msg_max", ipc, "ipc namespace" },
		{ "fs/mqueue/msg_max", ipc, "ipc namespace" },
		{ "net.ipv4.ip_forward", net, "network namespace" },
		{ "net/ipv4/conf/eth0.1/forwarding", net, "network namespace" },
		{ "kernel.domainname", uts, "uts namespace" },
		{ "kernel.hostname", NULL, "the member hostname" },
		{ "kernel/hostname", NULL, "the member hostname" },
		{ "kernel.core_pattern", NULL, "the whole host's" },
		{ "kernel.shmmaxx", NULL, "the whole host's" },
		{ "kernel.shmmax.x", NULL, "the whole host's" },
		{ "kernel.domainname.", NULL, "a sysctl's name" },
		{ "vm.overcommit_memory", NULL, "the whole host's" },
		{ "fs.mqueue", NULL, "the whole host's" },
		{ "network.x", NULL, "the whole host's" },
		{ "net", NULL, "the whole host's" },
		{ "net/../kernel/core_pattern", NULL, "a sysctl's name" },
		{ "net.//.kernel.core_pattern", NULL, "a sysctl's name" },
		{ "net/./x", NULL, "a sysctl's name" },
		{ "net..x", NULL, "a sysctl's name" },
		{ "/net/x", NULL, "a sysctl's name" },
		{ "net.", NULL, "a sysctl's name" },
		{ "", NULL, "a sysctl's name" },
	};
	char all[200], member[200];
	struct spec s;

	(void)state;
	snprintf(all, sizeof(all), "%s%s%s", ipc, uts, net);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		snprintf(member, sizeof(member), "linux.sysctl.%s", rows[i].name);
		judge(rows[i].name, with_sysctl(rows[i].list ? "" : all, rows[i].name, &s), EINVAL,
		      member, rows[i].words);
		if (!rows[i].list)
			continue;
		if (with_sysctl(rows[i].list, rows[i].name, &s) < 0)
			fail_msg("%s: %s", rows[i].name, sys_failure()->cause);
		assert_int_equal(s.sysctl_count, 1);
		assert_string_equal(s.sysctls[0].name, rows[i].name);
		assert_string_equal(s.sysctls[0].value, "1");
		spec_free(&s);
	}
	judge("5", parse_with("linux.sysctl", "{\"a\":5}", &s), EINVAL, "linux.sysctl.a",
	      "a string");
}

static void paths_of_sysctls(void **state)
{
	static const char *const rows[][2] = {
		{ "net.ipv4.ip_forward", "net/ipv4/ip_forward" },
		{ "net/ipv4/ip_forward", "net/ipv4/ip_forward" },
		{ "net.ipv4.conf.eth0/1.forwarding", "net/ipv4/conf/eth0.1/forwarding" },
		{ "net/ipv4/conf/eth0.1/forwarding", "net/ipv4/conf/eth0.1/forwarding" },
	};
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(spec_sysctl_path(rows[i][0], path, sizeof(path)), 0);
		assert_string_equal(path, rows[i][1]);
	}
	assert_int_equal(spec_sysctl_path("net.ipv4", path, 8), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(spec_sysctl_path("net.ipv4", path, 9), 0);
	assert_int_equal(spec_sysctl_path("a/../b", path, sizeof(path)), -1);
	assert_int_equal(errno, EINVAL);
}

#define RULE(more) "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{" more "}]}"
#define ARG(more)  RULE("\"names\":[\"chmod\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{" more "}]")

static void wrong_seccomp(void **state)
{
	static const char p[] = "linux.seccomp";
	static const char rule[] = "linux.seccomp.syscalls[0].action";
	static const struct row rows[] = {
		{ p, "[]", "an object", NULL },
		{ p, "{}", "not there", "linux.seccomp.defaultAction" },
		{ "linux.seccomp.defaultAction", "5", "a string", NULL },
		{ "linux.seccomp.defaultAction", "\"SCMP_ACT_DENY\"", "an action of", NULL },
		{ p, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1}", "has none",
		  "linux.seccomp.defaultErrnoRet" },
		{ p, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4096}",
		  "from 0 to 4095", "linux.seccomp.defaultErrnoRet" },
		{ p, "{\"defaultAction\":\"SCMP_ACT_TRACE\",\"defaultErrnoRet\":65536}",
		  "from 0 to 65535", "linux.seccomp.defaultErrnoRet" },
		{ p, "{\"defaultAction\":\"SCMP_ACT_KILL\",\"architectures\":[\"x86_64\"]}",
		  "an architecture", "linux.seccomp.architectures[0]" },
		{ p, "{\"defaultAction\":\"SCMP_ACT_KILL\",\"architectures\":\"x\"}", "an array",
		  "linux.seccomp.architectures" },
		{ p, "{\"defaultAction\":\"SCMP_ACT_KILL\",\"flags\":[\"LOG\"]}", "a flag of",
		  "linux.seccomp.flags[0]" },
		{ p, "{\"defaultAction\":\"SCMP_ACT_KILL\",\"syscalls\":{}}", "an array",
		  "linux.seccomp.syscalls" },
		{ p, "{\"defaultAction\":\"SCMP_ACT_KILL\",\"syscalls\":[5]}", "an object",
		  "linux.seccomp.syscalls[0]" },
		{ p, RULE("\"action\":\"SCMP_ACT_LOG\""), "not there",
		  "linux.seccomp.syscalls[0].names" },
		{ p, RULE("\"names\":[],\"action\":\"SCMP_ACT_LOG\""), "at least",
		  "linux.seccomp.syscalls[0].names" },
		{ p, RULE("\"names\":[\"\"],\"action\":\"SCMP_ACT_LOG\""), "a system call's name",
		  "linux.seccomp.syscalls[0].names[0]" },
		{ p, RULE("\"names\":[90],\"action\":\"SCMP_ACT_LOG\""), "a string",
		  "linux.seccomp.syscalls[0].names[0]" },
		{ p, RULE("\"names\":[\"chmod\"]"), "not there", rule },
		{ p, RULE("\"names\":[\"chmod\"],\"action\":\"SCMP_ACT_\""), "an action", rule },
		{ p, RULE("\"names\":[\"chmod\"],\"action\":\"SCMP_ACT_LOG\",\"errnoRet\":1"),
		  "has none", "linux.seccomp.syscalls[0].errnoRet" },
		{ p, RULE("\"names\":[\"a\"],\"action\":\"SCMP_ACT_LOG\",\"args\":{}"), "an array",
		  "linux.seccomp.syscalls[0].args" },
		{ p, ARG("\"value\":1,\"op\":\"SCMP_CMP_EQ\""), "not there",
		  "linux.seccomp.syscalls[0].args[0].index" },
		{ p, ARG("\"index\":6,\"value\":1,\"op\":\"SCMP_CMP_EQ\""), "from 0 to 5",
		  "linux.seccomp.syscalls[0].args[0].index" },
		{ p, ARG("\"index\":0,\"op\":\"SCMP_CMP_EQ\""), "not there",
		  "linux.seccomp.syscalls[0].args[0].value" },
		{ p, ARG("\"index\":0,\"value\":-1,\"op\":\"SCMP_CMP_EQ\""), "from 0",
		  "linux.seccomp.syscalls[0].args[0].value" },
		{ p, ARG("\"index\":0,\"value\":1,\"valueTwo\":\"1\",\"op\":\"SCMP_CMP_EQ\""),
		  "a whole number", "linux.seccomp.syscalls[0].args[0].valueTwo" },
		{ p, ARG("\"index\":0,\"value\":1"), "not there",
		  "linux.seccomp.syscalls[0].args[0].op" },
		{ p, ARG("\"index\":0,\"value\":1,\"op\":\"==\""), "an operator",
		  "linux.seccomp.syscalls[0].args[0].op" },
	};
	static const struct row listener[] = {
		{ "linux.seccomp.defaultAction", "\"SCMP_ACT_NOTIFY\"", "not acted on", NULL },
		{ p, RULE("\"names\":[\"chmod\"],\"action\":\"SCMP_ACT_NOTIFY\""), "not acted on",
		  rule },
		{ p,
		  "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"SECCOMP_FILTER_FLAG_WAIT_"
		  "KILLABLE_RECV\"]}",
		  "not acted on", "linux.seccomp.flags[0]" },
	};

	(void)state;
	REFUSE(rows, EINVAL);
	REFUSE(listener, ENOTSUP);
}

static void seccomp(void **state)
{
	struct spec s;
	struct json_object *rules;

	(void)state;
	take(NULL, NULL, &s);
	assert_null(s.seccomp);
	spec_free(&s);
	take("linux.seccomp",
	     "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"
	     "\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X32\"],"
	     "\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"listenerPath\":\"\",\"syscalls\":["
	     "{\"names\":[\"a\",\"b\"],\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":65535,\"args\":[]"
	     "},"
	     "{\"names\":[\"c\"],\"action\":\"SCMP_ACT_ALLOW\",\"comment\":5,\"args\":[{\"index\":"
	     "5,"
	     "\"value\":18446744073709551615,\"valueTwo\":1,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]}",
	     &s);
	assert_true(json_object_object_get_ex(s.seccomp, "syscalls", &rules));
	assert_int_equal(json_object_array_length(rules), 2);
	spec_free(&s);
	for (int i = 0; spec_seccomp_actions[i]; i++) {
		char text[80];
		snprintf(text, sizeof(text), "{\"defaultAction\":\"%s\"}", spec_seccomp_actions[i]);
		take("linux.seccomp", text, &s);
		assert_non_null(s.seccomp);
		spec_free(&s);
	}
}

static void paths_and_words(void **state)
{
	static const struct row rows[] = {
		{ "linux.maskedPaths", "\"/proc/kcore\"", "an array", NULL },
		{ "linux.maskedPaths", "[\"/a\",\"proc/kcore\"]", "an absolute path",
		  "linux.maskedPaths[1]" },
		{ "linux.readonlyPaths", "[\"\"]", "an absolute path", "linux.readonlyPaths[0]" },
		{ "linux.readonlyPaths", "[null]", "Found null", "linux.readonlyPaths[0]" },
		{ "linux.rootfsPropagation", "\"rrprivate\"", "\"unbindable\"", NULL },
		{ "linux.rootfsPropagation", "\"r\"", "\"unbindable\"", NULL },
		{ "linux.personality", "{}", "not there", "linux.personality.domain" },
		{ "linux.personality.domain", "\"linux32\"", "\"LINUX32\"", NULL },
		{ "linux.personality", "\"LINUX\"", "an object", NULL },
	};
	static const struct {
		const char *value;
		unsigned long flags;
	} words[] = {
		{ "\"\"", 0 },
		{ "\"shared\"", MS_SHARED },
		{ "\"rshared\"", MS_SHARED | MS_REC },
		{ "\"slave\"", MS_SLAVE },
		{ "\"rslave\"", MS_SLAVE | MS_REC },
		{ "\"private\"", MS_PRIVATE },
		{ "\"rprivate\"", MS_PRIVATE | MS_REC },
		{ "\"unbindable\"", MS_UNBINDABLE },
		{ "\"runbindable\"", MS_UNBINDABLE | MS_REC },
	};
	struct spec s;

	(void)state;
	REFUSE(rows, EINVAL);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		take("linux.rootfsPropagation", words[i].value, &s);
		assert_int_equal(s.root_propagation, words[i].flags);
		spec_free(&s);
	}
	take("linux.maskedPaths", "[\"/proc/kcore\",\"/a b\"]", &s);
	assert_string_equal(s.masked_paths[1], "/a b");
	assert_true(!s.masked_paths[2] && !s.readonly_paths && !s.has_personality);
	spec_free(&s);
	take("linux.readonlyPaths", "[]", &s);
	assert_null(s.readonly_paths);
	spec_free(&s);
	take("linux.personality", "{\"domain\":\"LINUX32\",\"flags\":[]}", &s);
	assert_true(s.has_personality && s.personality == PER_LINUX32);
	spec_free(&s);
	take("linux.personality", "{\"domain\":\"LINUX\"}", &s);
	assert_true(s.has_personality && s.personality == PER_LINUX);
	spec_free(&s);
}

static void annotations_and_versions(void **state)
{
	static const char *const versions[] = { "\"1.0.2-dev\"", "\"1.0.0-rc5-dev\"",
						"\"1.2.0+dev\"", "\"1.3.0\"", "\"1.10.11-rc.1\"" };
	struct spec s;
	struct json_object *note;

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		take("ociVersion", versions[i], &s);
		assert_int_equal(strncmp(s.oci_version, versions[i] + 1, strlen(s.oci_version)), 0);
		assert_null(s.annotations);
		spec_free(&s);
	}
	take("annotations", "{\"a.b\":\"c\"}", &s);
	assert_true(json_object_object_get_ex(s.annotations, "a.b", &note));
	assert_string_equal(json_object_get_string(note), "c");
	spec_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_process),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(process_words),
		cmocka_unit_test(a_process_alone),
		cmocka_unit_test(hooks),
		cmocka_unit_test(namespaces),
		cmocka_unit_test(what_belongs_to_a_namespace),
		cmocka_unit_test(devices),
		cmocka_unit_test(sysctls),
		cmocka_unit_test(paths_of_sysctls),
		cmocka_unit_test(wrong_seccomp),
		cmocka_unit_test(seccomp),
		cmocka_unit_test(paths_and_words),
		cmocka_unit_test(annotations_and_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
