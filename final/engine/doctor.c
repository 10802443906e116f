/*
 * doctor.c: `minibox doctor`. What this host can do, why not, and how to mend it: host_can()'s
 * answers: a line a feature, which scenes run, and the sums last, where the eye is. With --short a
 * screen: what is missing, once for each reason. With --json all of it.
 */
#define _GNU_SOURCE
#include "abilities.h"
#include "commands.h"

#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/host/ground.h"
#include "step01_clone_pid/floor/meet/wrap.h"
#include "step05_cgroup_cpu/given/cgroup_find.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const layouts[] = { "none", "v1", "v2", "hybrid (v1 and v2)" };

static const char *cgroup_layout(void)
{
	static struct cgroup_host host; /* large */

	cgroup_find(AT_FDCWD, &host); /* without /proc: none */
	return layouts[host.layout];
}

static json_object *facts_json(const struct host_facts *facts)
{
	json_object *object = json_object_new_object();

	json_object_object_add(object, "kernel", json_object_new_string(facts->kernel));
	json_object_object_add(object, "uid", json_object_new_int64(facts->euid));
	json_object_object_add(object, "in_user_namespace",
			       json_object_new_boolean(facts->in_user_ns));
	json_object_object_add(object, "cgroup", json_object_new_string(cgroup_layout()));
	json_object_object_add(object, "seccomp", json_object_new_int(facts->seccomp));
	json_object_object_add(object, "apparmor", json_object_new_boolean(facts->apparmor));
	json_object_object_add(object, "selinux", json_object_new_boolean(facts->selinux));
	json_object_object_add(object, "inside", json_object_new_string(facts->container));
	return object;
}

static json_object *abilities_json(void)
{
	json_object *list = json_object_new_array();

	for (int a = 0; a < ABILITIES; a++) {
		struct verdict answer = { 0 };
		json_object *one = json_object_new_object();
		host_can(a, &answer);
		json_object_object_add(one, "feature", json_object_new_string(ability_key(a)));
		json_object_object_add(one, "ok", json_object_new_boolean(answer.yes));
		json_object_object_add(one, "reason", json_object_new_string(answer.reason));
		json_object_object_add(one, "remedy", json_object_new_string(answer.remedy));
		json_object_array_add(list, one);
	}
	return list;
}

/* Which of a step's needs this host lacks; what is in "needs" are keys of abilities. */
static bool runs_here(json_object *scene)
{
	json_object *needs = NULL;

	json_object_object_get_ex(scene, "needs", &needs);
	for (size_t i = 0; needs && i < json_object_array_length(needs); i++)
		for (int a = 0; a < ABILITIES; a++)
			if (strcmp(json_object_get_string(json_object_array_get_idx(needs, i)),
				   ability_key(a)) == 0 &&
			    !host_can(a, NULL))
				return false;
	return true;
}

/* Where nothing can be started nothing is tried: a probe forks, and that fork may be the last. */
static bool no_ground(int unused, struct verdict *out)
{
	(void)unused;
	return ground_check(out) == GROUND_GOOD;
}

/* The steps' programs, beside this one, say themselves what they need. */
static json_object *steps_json(void)
{
	static const char *const names[] = { "step01_clone_pid",  "step02_mount_ns",
					     "step03_uts_ipc",	  "step04_net_user",
					     "step05_cgroup_cpu", "step06_overlay_rootfs",
					     "step07_volumes",	  "step08_init_reaper" };
	json_object *list = json_object_new_array();
	char self[PATH_MAX], command[PATH_MAX + 64], line[8192];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n < 0 ? 0 : n] = '\0';
	const char *dir = dirname(self);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		json_object *step = json_object_new_object(), *lacking = json_object_new_array();
		int scenes = 0, run = 0;
		snprintf(command, sizeof(command), "'%s/%s' --list --json 2>/dev/null", dir,
			 names[i]);
		FILE *list_of = access(dir, X_OK) == 0 ? popen(command, "r") : NULL;
		while (list_of && fgets(line, sizeof(line), list_of)) {
			json_object *scene = json_tokener_parse(line), *name = NULL;
			scenes += scene != NULL;
			if (runs_here(scene))
				run++;
			else if (json_object_object_get_ex(scene, "scene", &name))
				json_object_array_add(lacking, json_object_get(name));
			json_object_put(scene);
		}
		if (list_of)
			pclose(list_of);
		json_object_object_add(step, "step", json_object_new_string(names[i]));
		json_object_object_add(step, "scenes", json_object_new_int(scenes));
		json_object_object_add(step, "run_here", json_object_new_int(run));
		json_object_object_add(step, "not_here", lacking);
		json_object_array_add(list, step);
	}
	return list;
}

static void print_facts(const struct host_facts *facts)
{
	printf("kernel %s, uid %u%s, cgroup %s%s%s%s\n", facts->kernel, facts->euid,
	       facts->in_user_ns ? " (in a user namespace)" : "", cgroup_layout(),
	       facts->apparmor ? ", AppArmor" : "", facts->selinux ? ", SELinux" : "",
	       facts->seccomp ? ", under a seccomp filter" : "");
	if (facts->container[0])
		printf("inside a container: %s\n", facts->container);
}

/* A label, and a text that continues below itself. */
static void print_wrapped(const char *label, const char *text)
{
	char out[2048];

	wrap(out, sizeof(out), text, strlen(label), strlen(label), PROJECTOR);
	printf("%s%s\n", label, out);
}

static bool is_controller(int ability)
{
	return ability >= CAN_CGROUP_CPU && ability <= CAN_CGROUP_DEVICES;
}

/* One story: the same reason, or cgroups, where only the controller's name differs. */
static bool told_together(const struct verdict answers[], int a, int b)
{
	if (answers[a].yes || answers[b].yes)
		return false;
	return (is_controller(a) && is_controller(b)) ||
	       (strcmp(answers[a].reason, answers[b].reason) == 0 &&
		strcmp(answers[a].remedy, answers[b].remedy) == 0);
}

static int count_abilities(void)
{
	int count = 0;

	for (int a = 0; a < ABILITIES; a++)
		count += host_can(a, NULL);
	return count;
}

/* Of the kinds of namespace: who may make one on this host, whoever is asking now. */
static const char *who_may(int ability, const struct host_facts *facts)
{
	if (ability > CAN_TIME_NS)
		return "";
	if (facts->max_ns[NS_USER] == 0)
		return "root only: user.max_user_namespaces is 0";
	if (facts->unprivileged_userns_clone == 0)
		return "root only: kernel.unprivileged_userns_clone is 0";
	if (facts->apparmor_restrict_userns > 0)
		return "root, and programs that AppArmor lets";
	return ability == CAN_USER_NS ? "everybody" : "root; users, behind a user namespace";
}

/* A line a feature; why and how to mend it below the first of those that have the same story. */
static void print_abilities(const struct host_facts *facts)
{
	struct verdict answers[ABILITIES] = { 0 };

	for (int a = 0; a < ABILITIES; a++) {
		int first = 0;
		if (host_can(a, &answers[a])) {
			const char *who = who_may(a, facts);
			printf("ok      %-*s%s\n", who[0] ? 20 : 0, ability_title(a), who);
			continue;
		}
		while (!told_together(answers, first, a) && first < a)
			first++;
		printf("missing %s%s\n", ability_title(a), first < a ? ": the same" : "");
		if (first < a)
			continue;
		print_wrapped("        why:  ", answers[a].reason);
		if (answers[a].remedy[0])
			print_wrapped("        mend: ", answers[a].remedy);
	}
}

/* What is missing, once for each reason. */
static void print_missing(void)
{
	struct verdict answers[ABILITIES] = { 0 };
	bool told[ABILITIES] = { false };

	for (int a = 0; a < ABILITIES; a++)
		host_can(a, &answers[a]);
	for (int a = 0; a < ABILITIES; a++) {
		char text[1024] = "";
		size_t n = 0;
		if (answers[a].yes || told[a])
			continue;
		for (int b = a; b < ABILITIES; b++) {
			if (!told_together(answers, a, b))
				continue;
			told[b] = true;
			const char *title = ability_title(b);
			if (n && is_controller(b)) /* "cgroup: cpu, memory" */
				title += strlen("cgroup: ");
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? ", " : "",
					      title);
		}
		snprintf(text + n, sizeof(text) - n, ": %s", answers[a].reason);
		print_wrapped("missing  ", text);
		if (answers[a].remedy[0])
			print_wrapped("   mend: ", answers[a].remedy);
	}
}

static void print_no_ground(void)
{
	struct verdict ground;
	char text[300];

	ground_check(&ground);
	snprintf(text, sizeof(text), "everything: %s", ground.reason);
	print_wrapped("missing  ", text);
	print_wrapped("   mend: ", ground.remedy);
}

static int number_of(json_object *step, const char *key)
{
	json_object *number;

	return json_object_object_get_ex(step, key, &number) ? json_object_get_int(number) : 0;
}

static void print_step(json_object *step)
{
	char names[2048] = "";
	size_t n = 0;
	json_object *name, *lacking;

	json_object_object_get_ex(step, "step", &name);
	json_object_object_get_ex(step, "not_here", &lacking);
	if (number_of(step, "scenes") == 0) {
		printf("%-22s not built\n", json_object_get_string(name));
		return;
	}
	printf("%-22s %2d of %2d scenes run here\n", json_object_get_string(name),
	       number_of(step, "run_here"), number_of(step, "scenes"));
	for (size_t i = 0; i < json_object_array_length(lacking) && n < sizeof(names); i++)
		n += (size_t)snprintf(
			names + n, sizeof(names) - n, "%s%s", n ? ", " : "",
			json_object_get_string(json_object_array_get_idx(lacking, i)));
	if (n)
		print_wrapped("    not: ", names);
}

/* The steps that run whole share a line, unless each is asked for. */
static void print_steps(json_object *steps, bool each)
{
	int whole = 0;

	for (size_t i = 0; !each && i < json_object_array_length(steps); i++) {
		json_object *step = json_object_array_get_idx(steps, i);
		int scenes = number_of(step, "scenes");
		if (!scenes || scenes != number_of(step, "run_here"))
			continue;
		printf("%s%zu", whole++ ? ", " : "every scene runs of step ", i + 1);
	}
	if (whole)
		printf("\n");
	for (size_t i = 0; i < json_object_array_length(steps); i++) {
		json_object *step = json_object_array_get_idx(steps, i);
		int scenes = number_of(step, "scenes");
		if (each || !scenes || scenes != number_of(step, "run_here"))
			print_step(step);
	}
}

static void print_sums(json_object *steps)
{
	int scenes = 0, run = 0;

	for (size_t i = 0; i < json_object_array_length(steps); i++) {
		json_object *step = json_object_array_get_idx(steps, i);
		scenes += number_of(step, "scenes");
		run += number_of(step, "run_here");
	}
	if (json_object_array_length(steps) == 0)
		printf("no feature is here, no scene runs\n");
	else
		printf("%d of %d features are here, %d of %d scenes run\n", count_abilities(),
		       ABILITIES, run, scenes);
}

static int usage(void)
{
	dprintf(2, "usage: minibox doctor [--short | --json]\n");
	return EXIT_USAGE;
}

int command_doctor(int argc, char **argv)
{
	bool as_json = argc == 2 && strcmp(argv[1], "--json") == 0;
	bool brief = argc == 2 && strcmp(argv[1], "--short") == 0;

	if (argc > 1 && !as_json && !brief)
		return usage();
	bool ground = ground_check(NULL) == GROUND_GOOD;
	for (int a = 0; !ground && a < ABILITIES; a++)
		host_can_register(&(struct ability){ a, ability_key(a), ability_title(a),
						     .judge = no_ground },
				  1);
	json_object *steps = ground ? steps_json() : json_object_new_array();
	if (as_json) {
		json_object *all = json_object_new_object();
		json_object_object_add(all, "host", facts_json(host_facts()));
		json_object_object_add(all, "features", abilities_json());
		json_object_object_add(all, "steps", steps);
		puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY |
								 JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(all);
	} else {
		print_facts(host_facts());
		if (!ground)
			print_no_ground();
		else if (brief)
			print_missing();
		else
			print_abilities(host_facts());
		print_steps(steps, !brief);
		print_sums(steps);
		json_object_put(steps);
	}
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	dprintf(2, "minibox: doctor: cannot write: %s\n", strerror(errno));
	return 1;
}
