/*
 * test_spec_cmd.c: what `spec` writes is taken by the reader and is never written over; whatever
 * `features` names the reader takes.
 */
#define _GNU_SOURCE
#include "final/runtime/command/spec_cmd.h"
#include "final/runtime/spec/spec.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "spec_cases.h"

static char dir_path[] = "/tmp/minibox-unit-XXXXXX";

static int call(int (*command)(int, char **), const char *const *words)
{
	char *argv[8] = { NULL };
	int argc = 0;

	while (words[argc]) {
		argv[argc] = (char *)(uintptr_t)words[argc];
		argc++;
	}
	sys_failure_clear();
	return command(argc, argv);
}

#define SPEC(...) call(command_spec, (const char *const[]){ "spec", __VA_ARGS__, NULL })

static struct json_object *written(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/config.json", dir_path);
	struct json_object *json = json_object_from_file(path);
	assert_non_null(json);
	assert_int_equal(unlink(path), 0);
	return json;
}

static void parse(struct json_object *json, struct spec *spec)
{
	const char *text = json_object_to_json_string(json);

	if (spec_parse(text, strlen(text), spec) < 0)
		fail_msg("%s: %s", sys_failure()->subject, sys_failure()->cause);
}

static void the_default(void **state)
{
	struct spec s;
	struct json_object *linux_part, *devices;

	(void)state;
	assert_int_equal(SPEC("--bundle", dir_path), 0);
	struct json_object *json = written();
	assert_true(json_object_object_get_ex(json, "linux", &linux_part));
	assert_int_equal(json_pointer_get(json, "/linux/resources/devices/0/access", &devices), 0);
	assert_string_equal(json_object_get_string(devices), "rwm");
	json_object_object_del(linux_part, "resources"); /* it has a test of its own */
	parse(json, &s);
	assert_true(s.process.terminal && s.process.no_new_privileges && s.root_read_only);
	assert_string_equal(s.process.args[0], "sh");
	assert_true(s.process.capabilities.bounding == (1ULL << 5 | 1ULL << 10 | 1ULL << 29));
	assert_true(s.process.capabilities.ambient == s.process.capabilities.permitted);
	assert_true(s.process.rlimits[0].resource == RLIMIT_NOFILE &&
		    s.process.rlimits[0].hard == 1024);
	assert_string_equal(s.hostname, "minibox");
	assert_int_equal(s.mount_count, 7);
	assert_string_equal(s.mounts[6].type, "cgroup");
	assert_int_equal(s.namespaces, CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
					       CLONE_NEWNS | CLONE_NEWCGROUP);
	assert_string_equal(s.masked_paths[2], "/proc/kcore");
	assert_string_equal(s.readonly_paths[3], "/proc/sys");
	spec_free(&s);
	json_object_put(json);
}

static void rootless(void **state)
{
	struct spec s;
	char option[64];

	(void)state;
	snprintf(option, sizeof(option), "--bundle=%s", dir_path);
	assert_int_equal(SPEC("--rootless", option), 0);
	struct json_object *json = written();
	parse(json, &s);
	assert_int_equal(s.namespaces, CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWUTS |
					       CLONE_NEWNS | CLONE_NEWCGROUP);
	assert_true(s.uid_maps == 1 && s.uid_map[0].inside == 0 && s.uid_map[0].count == 1);
	assert_true(s.uid_map[0].outside == geteuid() && s.gid_map[0].outside == getegid());
	assert_true(s.mounts[5].bind && (s.mounts[5].flags & MS_RDONLY));
	assert_string_equal(s.mounts[5].source, "/sys");
	assert_null(strstr(s.mounts[2].data, "gid="));
	spec_free(&s);
	json_object_put(json);
}

static void never_over_another(void **state)
{
	char path[64];
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/config.json", dir_path);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	assert_int_equal(SPEC("-b", dir_path), 1);
	assert_int_equal(sys_failure()->err, EEXIST);
	assert_non_null(strstr(sys_failure()->cause, "File config.json exists. Remove it first"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	unlink(path);
	/* Nor through a link, to wherever that leads. */
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_int_equal(SPEC("-b", dir_path), 1);
	assert_int_equal(sys_failure()->err, EEXIST);
	unlink(path);
	assert_int_equal(SPEC("-b", "/nowhere/at/all"), 1);
	assert_int_equal(sys_failure()->err, ENOENT);
	assert_string_equal(sys_failure()->subject, "/nowhere/at/all");
	assert_int_equal(SPEC("-b", dir_path, "more"), 1);
	assert_string_equal(sys_failure()->subject, "more");
	assert_int_equal(SPEC("--bandle", dir_path), 1);
	assert_string_equal(sys_failure()->subject, "--bandle");
	assert_int_equal(SPEC("-b"), 1);
	assert_int_equal(access(path, F_OK), -1);
}

/* Its output, by way of a file in place of descriptor 1. */
static struct json_object *features(void)
{
	int saved = dup(1), file = memfd_create("features", MFD_CLOEXEC);

	fflush(stdout);
	dup2(file, 1);
	int result = call(command_features, (const char *const[]){ "features", NULL });
	fflush(stdout);
	dup2(saved, 1);
	close(saved);
	lseek(file, 0, SEEK_SET);
	struct json_object *json = json_object_from_fd(file);
	close(file);
	assert_int_equal(result, 0);
	assert_non_null(json);
	return json;
}

/* Each word of a list, put into place of %s in value, is taken by the reader. */
static void each_is_taken(struct json_object *json, const char *list, const char *member,
			  const char *value, size_t least)
{
	struct json_object *words;
	struct spec s;
	char text[300];

	assert_int_equal(json_pointer_get(json, list, &words), 0);
	assert_true(json_object_array_length(words) >= least);
	for (size_t i = 0; i < json_object_array_length(words); i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(words, i));
		snprintf(text, sizeof(text), value, word);
		if (parse_with(member, text, &s) < 0)
			fail_msg("%s: %s: %s", list, word, sys_failure()->cause);
		spec_free(&s);
	}
}

static void what_is_named_is_taken(void **state)
{
	struct json_object *json = features(), *version;
	struct spec s;

	(void)state;
	each_is_taken(
		json, "/mountOptions", "mounts[2]",
		"{\"destination\":\"/x\",\"type\":\"tmpfs\",\"source\":\"s\",\"options\":[\"%s\"]}",
		58);
	each_is_taken(json, "/linux/capabilities", "process.capabilities.bounding", "[\"%s\"]", 41);
	each_is_taken(json, "/linux/seccomp/actions", "linux.seccomp", "{\"defaultAction\":\"%s\"}",
		      8);
	each_is_taken(json, "/linux/seccomp/archs", "linux.seccomp",
		      "{\"defaultAction\":\"SCMP_ACT_LOG\",\"architectures\":[\"%s\"]}", 17);
	each_is_taken(json, "/linux/seccomp/supportedFlags", "linux.seccomp",
		      "{\"defaultAction\":\"SCMP_ACT_LOG\",\"flags\":[\"%s\"]}", 3);
	each_is_taken(json, "/linux/seccomp/operators", "linux.seccomp",
		      "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[{\"names\":[\"a\"],"
		      "\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":0,\"value\":0,\"op\":\"%"
		      "s\"}]}]}",
		      7);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			json_pointer_get(json, i ? "/ociVersionMax" : "/ociVersionMin", &version),
			0);
		assert_int_equal(parse_with("ociVersion", json_object_to_json_string(version), &s),
				 0);
		spec_free(&s);
	}
	/* The base has three of the eight, each of which may be there once. */
	assert_int_equal(json_pointer_get(json, "/linux/namespaces", &version), 0);
	assert_int_equal(json_object_array_length(version), NS_KINDS);
	assert_int_equal(json_pointer_get(json, "/hooks", &version), 0);
	assert_int_equal(json_object_array_length(version), HOOK_KINDS);
	json_object_put(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default),
		cmocka_unit_test(rootless),
		cmocka_unit_test(never_over_another),
		cmocka_unit_test(what_is_named_is_taken),
	};

	if (!mkdtemp(dir_path))
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(dir_path);
	return failed;
}
