/*
 * spec.c: config.json comes from other programs. Arbitrary bytes into its reader: it says no, or
 * what it says is whole.
 *
 * tests/fuzz/run spec 60
 */
#define _GNU_SOURCE
#include "final/runtime/spec/spec.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check(const struct spec *spec)
{
	must(spec->process.args && spec->process.args[0] && spec->process.args[0][0] &&
	     spec->process.env);
	must(spec->process.cwd && spec->process.cwd[0] == '/' && spec->root_path &&
	     spec->root_path[0]);
	must(spec->process.uid != (uid_t)-1 && spec->process.gid != (gid_t)-1);
	for (int i = 0; i < spec->mount_count; i++) {
		must(spec->mounts[i].destination[0] == '/');
		must(strlen(spec->mounts[i].destination) > 1 && spec->mounts[i].type);
		must(!spec->mounts[i].bind || spec->mounts[i].source[0] == '/');
	}
	for (int i = 0; i < spec->process.rlimit_count; i++)
		must(spec->process.rlimits[i].soft <= spec->process.rlimits[i].hard);
	must(spec->resources.limits.memory >= 0 && spec->resources.limits.pids >= 0 &&
	     spec->resources.limits.cpu_quota_us >= 0);
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
	free(text);
	return 0;
}
