/*
 * spec.c: config.json comes from other programs. Arbitrary bytes into its reader: it says no, or
 * what it says is whole.
 *
 * tests/fuzz/run spec 60
 */
#define _GNU_SOURCE
#include "final/runtime/spec/spec.h"
#include "final/runtime/spec/spec_words.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <json-c/json.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_process(const struct spec_process *process)
{
	const struct spec_capabilities *c = &process->capabilities;

	must(process->args && process->args[0] && process->args[0][0] && process->env);
	must(process->cwd && process->cwd[0] == '/');
	must(process->uid != (uid_t)-1 && process->gid != (gid_t)-1);
	must(((c->bounding | c->effective | c->inheritable | c->permitted | c->ambient) >> 41) ==
	     0);
	must(process->oom_score_adj >= -1000 && process->oom_score_adj <= 1000);
	must(!process->apparmor_profile || process->apparmor_profile[0]);
	for (int i = 0; i < process->rlimit_count; i++)
		must(process->rlimits[i].soft <= process->rlimits[i].hard);
}

static void check_mount(const struct spec_mount *mount)
{
	unsigned long kind = mount->propagation & ~(unsigned long)MS_REC;

	must(!(mount->flags & mount->cleared));
	must(!mount->bind || (mount->source[0] && !mount->data));
	must(!(kind & (kind - 1)) && (kind || !mount->propagation));
	must((mount->attributes_set & mount->attributes_clear & ~0x70U) == 0);
	must((mount->attributes_clear & 0x70) == 0 || (mount->attributes_clear & 0x70) == 0x70);
	must(!(mount->attributes_set & 0x70) || (mount->attributes_clear & 0x70));
}

/* Nothing that would reach a namespace of the host. */
static void check_linux(const struct spec *spec)
{
	char path[4096];

	for (int kind = 0; kind < NS_KINDS; kind++)
		must(!spec->join[kind] ||
		     (spec->join[kind][0] == '/' && !(spec->namespaces & ns_info[kind].flag)));
	must((spec->namespaces & CLONE_NEWNS) || spec->join[NS_MNT]);
	must((spec->namespaces & CLONE_NEWUTS) || spec->join[NS_UTS] ||
	     (!spec->hostname && !spec->domainname));
	for (int i = 0; i < spec->device_count; i++)
		must(spec->devices[i].path[0] == '/' && spec->devices[i].mode <= 07777 &&
		     spec->devices[i].uid != (uid_t)-1 && spec->devices[i].gid != (gid_t)-1);
	for (int i = 0; i < spec->sysctl_count; i++) {
		must(spec_sysctl_path(spec->sysctls[i].name, path, sizeof(path)) == 0);
		must(!strstr(path, "/../") && strncmp(path, "../", 3) != 0);
		must(strncmp(path, "net/", 4) == 0 || strncmp(path, "fs/mqueue/", 10) == 0 ||
		     strncmp(path, "kernel/", 7) == 0);
		must(strncmp(path, "net/", 4) != 0 || (spec->namespaces & CLONE_NEWNET) ||
		     spec->join[NS_NET]);
	}
	for (int i = 0; spec->masked_paths && spec->masked_paths[i]; i++)
		must(spec->masked_paths[i][0] == '/');
	for (int i = 0; spec->readonly_paths && spec->readonly_paths[i]; i++)
		must(spec->readonly_paths[i][0] == '/');
}

static void check(const struct spec *spec)
{
	must(spec->root_path && spec->root_path[0] && spec->oci_version[0] == '1');
	check_process(&spec->process);
	check_linux(spec);
	for (int kind = 0; kind < HOOK_KINDS; kind++)
		for (int i = 0; i < spec->hooks[kind].count; i++)
			must(spec->hooks[kind].hook[i].path[0] == '/' &&
			     spec->hooks[kind].hook[i].timeout_s >= 0);
	for (int i = 0; i < spec->mount_count; i++) {
		must(spec->mounts[i].destination[0] == '/');
		must(strlen(spec->mounts[i].destination) > 1 && spec->mounts[i].type);
		check_mount(&spec->mounts[i]);
	}
	must(spec->resources.limits.memory >= 0 && spec->resources.limits.pids >= 0 &&
	     spec->resources.limits.cpu_quota_us >= 0);
}

static void parse_process(const char *text, size_t size)
{
	struct spec_process process;
	struct json_object *json;

	sys_failure_clear();
	if (spec_parse_process(text, size, &process, &json) == 0) {
		check_process(&process);
		spec_process_free(&process);
		json_object_put(json);
	} else {
		must(sys_failure()->err && !strncmp(sys_failure()->subject, "process", 7));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spec spec;
	char *text = malloc(size + 1); /* its own block, so that one byte too many is seen */

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	sys_failure_clear();
	if (spec_parse(text, size, &spec) == 0) {
		check(&spec);
		spec_free(&spec);
	} else {
		must(sys_failure()->err && sys_failure()->subject[0] && sys_failure()->cause[0]);
	}
	parse_process(text, size);
	free(text);
	return 0;
}
