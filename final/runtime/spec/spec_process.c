/*
 * spec_process.c: the "process" part of config.json.
 */
#define _GNU_SOURCE
#include "spec_parts.h"
#include "spec_words.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* (uid_t)-1 means "no change" to setresuid(2): it is no id. */
static const int64_t most_id = UINT32_MAX - 1;

static int read_args(const struct spec_node *process, struct spec_process *to)
{
	struct spec_node args = { { 0 }, NULL }, first;
	int there = spec_array(process, "args", &args);

	if (there == 0)
		return spec_missing(process, "args", "an array: the command and its arguments");
	if (there < 0)
		return -1;
	if (spec_length(&args) == 0)
		return spec_wrong(&args, "the command and its arguments");
	if (!(to->args = spec_strings(&args)))
		return -1;
	spec_element(&args, 0, &first);
	return to->args[0] && to->args[0][0] ? 0 : spec_wrong(&first, "a command's name");
}

static int read_env(const struct spec_node *process, struct spec_process *to)
{
	struct spec_node env = { { 0 }, NULL }, one;

	if (spec_array(process, "env", &env) < 0 || !(to->env = spec_strings(&env)))
		return -1;
	for (size_t i = 0; to->env[i]; i++) {
		const char *equals = strchr(to->env[i], '=');
		spec_element(&env, i, &one);
		if (!equals || equals == to->env[i])
			return spec_wrong(&one, "NAME=value");
	}
	return 0;
}

static int read_groups(const struct spec_node *user, struct spec_process *to)
{
	struct spec_node gids, one;
	int there = spec_array(user, "additionalGids", &gids);
	size_t count = there > 0 ? spec_length(&gids) : 0;
	int64_t gid = 0;

	if (there < 0)
		return -1;
	if (count > NGROUPS_MAX)
		return spec_wrong(&gids, "at most %d groups (setgroups(2))", NGROUPS_MAX);
	if (count && !(to->additional_gids = calloc(count, sizeof(gid_t))))
		return -1;
	for (size_t i = 0; i < count; i++) {
		spec_element(&gids, i, &one);
		if (spec_value_number(&one, 0, most_id, &gid) < 0)
			return -1;
		to->additional_gids[to->additional_gid_count++] = (gid_t)gid;
	}
	return 0;
}

static int read_user(const struct spec_node *process, struct spec_process *to)
{
	struct spec_node user;
	int64_t uid = 0, gid = 0, mask = 0;
	int there = spec_object(process, "user", &user);

	if (there <= 0)
		return there;
	there = spec_number(&user, "umask", 0, 0777, &mask);
	if (there < 0 || spec_number(&user, "uid", 0, most_id, &uid) < 0 ||
	    spec_number(&user, "gid", 0, most_id, &gid) < 0)
		return -1;
	to->uid = (uid_t)uid;
	to->gid = (gid_t)gid;
	to->has_umask = there > 0;
	to->umask = (mode_t)mask;
	return read_groups(&user, to);
}

static const struct {
	const char *name;
	int resource;
} resources[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
};

const char *spec_rlimit_name(int resource)
{
	for (size_t i = 0; i < sizeof(resources) / sizeof(*resources); i++)
		if (resources[i].resource == resource)
			return resources[i].name;
	return "?";
}

/* The specification makes a type that stands there twice an error. */
static int find_resource(const struct spec_node *entry, const struct spec_process *to,
			 int *resource)
{
	const char *type = NULL;
	int there = spec_text(entry, "type", &type);
	struct spec_node node = spec_at(entry, "type");

	if (there <= 0)
		return there < 0 ? -1 : spec_missing(entry, "type", "\"RLIMIT_NOFILE\" for one");
	size_t i = 0, count = sizeof(resources) / sizeof(*resources);
	while (i < count && strcmp(resources[i].name, type) != 0)
		i++;
	if (i == count)
		return spec_wrong(&node, "a name of getrlimit(2), \"RLIMIT_NOFILE\" for one");
	for (int k = 0; k < to->rlimit_count; k++)
		if (to->rlimits[k].resource == resources[i].resource)
			return spec_wrong(&node, "each type once");
	*resource = resources[i].resource;
	return 0;
}

static int read_rlimit(const struct spec_node *entry, struct spec_process *to)
{
	uint64_t soft = 0, hard = 0;
	int resource = 0;

	if (spec_value_is(entry, json_type_object) < 0 || find_resource(entry, to, &resource) < 0)
		return -1;
	int has_soft = spec_unsigned(entry, "soft", UINT64_MAX, &soft);
	int has_hard = spec_unsigned(entry, "hard", UINT64_MAX, &hard);
	if (has_soft < 0 || has_hard < 0)
		return -1;
	if (!has_soft || !has_hard)
		return spec_missing(entry, has_soft ? "hard" : "soft", "a whole number");
	if (soft > hard) {
		struct spec_node node = spec_at(entry, "soft");
		return spec_wrong(&node, "no more than hard, which is %" PRIu64, hard);
	}
	/* As many as there are types, since each is there once. */
	to->rlimits[to->rlimit_count++] = (struct spec_rlimit){ resource, (rlim_t)soft,
								(rlim_t)hard };
	return 0;
}

static int read_rlimits(const struct spec_node *process, struct spec_process *to)
{
	struct spec_node list, one;
	int there = spec_array(process, "rlimits", &list);

	for (size_t i = 0; there > 0 && i < spec_length(&list); i++) {
		spec_element(&list, i, &one);
		if (read_rlimit(&one, to) < 0)
			return -1;
	}
	return there < 0 ? -1 : 0;
}

/* Without a terminal its size must be ignored, the specification says. */
static int read_terminal(const struct spec_node *process, struct spec_process *to)
{
	struct spec_node size;
	int64_t rows = 0, columns = 0;

	if (spec_flag(process, "terminal", &to->terminal) < 0)
		return -1;
	int there = to->terminal ? spec_object(process, "consoleSize", &size) : 0;
	if (there <= 0)
		return there;
	int high = spec_number(&size, "height", 0, USHRT_MAX, &rows);
	int wide = spec_number(&size, "width", 0, USHRT_MAX, &columns);
	if (high < 0 || wide < 0)
		return -1;
	if (!high || !wide)
		return spec_missing(&size, high ? "width" : "height", "a whole number");
	to->console_rows = (unsigned short)rows;
	to->console_columns = (unsigned short)columns;
	return 0;
}

static int read_cwd(const struct spec_node *process, struct spec_process *to)
{
	struct spec_node cwd = spec_at(process, "cwd");

	if (spec_path(process, "cwd", &to->cwd) < 0)
		return -1;
	if (to->cwd)
		return 0;
	return cwd.json ? spec_wrong(&cwd, "an absolute path")
			: spec_missing(process, "cwd", "an absolute path");
}

/* -1000 is a process that the kernel never kills for want of memory; proc(5). */
static int read_oom_score_adj(const struct spec_node *process, struct spec_process *to)
{
	int64_t score = 0;
	int there = spec_number(process, "oomScoreAdj", -1000, 1000, &score);

	to->has_oom_score_adj = there > 0;
	to->oom_score_adj = (int)score;
	return there < 0 ? -1 : 0;
}

static int read_profile(const struct spec_node *process, struct spec_process *to)
{
	const char *profile = NULL;
	int there = spec_text(process, "apparmorProfile", &profile);

	if (there > 0 && *profile)
		to->apparmor_profile = profile;
	return there < 0 ? -1 : 0;
}

int spec_read_process_object(const struct spec_node *process, struct spec_process *to)
{
	if (read_args(process, to) < 0 || read_env(process, to) < 0 || read_user(process, to) < 0 ||
	    read_rlimits(process, to) < 0 || read_terminal(process, to) < 0 ||
	    spec_flag(process, "noNewPrivileges", &to->no_new_privileges) < 0 ||
	    spec_read_capabilities(process, &to->capabilities) < 0 ||
	    read_oom_score_adj(process, to) < 0 || read_profile(process, to) < 0)
		return -1;
	return read_cwd(process, to);
}

int spec_read_process(const struct spec_node *document, struct spec *spec)
{
	struct spec_node process;
	int there = spec_object(document, "process", &process);

	if (there <= 0)
		return there < 0 ? -1 : spec_missing(document, "process", "an object");
	return spec_read_process_object(&process, &spec->process);
}
