/*
 * bundle.c: writes config.json. `cat` it while a container runs: this is all that the runtime is
 * told.
 */
#define _GNU_SOURCE
#include "bundle.h"
#include "default_seccomp.h"
#include "volume_flags.h"
#include "final/runtime/inside/seccomp.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step02_mount_ns/given/resolve.h"
#include "step07_volumes/given/volume_store.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct json_object json;

static void put(json *object, const char *name, json *value)
{
	json_object_object_add(object, name, value);
}

static json *text(const char *string)
{
	return json_object_new_string(string);
}

/* "rbind,ro" as an array of its words. */
static json *words(const char *list)
{
	json *array = json_object_new_array();

	for (const char *end; *list; list = *end ? end + 1 : end) {
		end = strchrnul(list, ',');
		json_object_array_add(array, json_object_new_string_len(list, (int)(end - list)));
	}
	return array;
}

static json *mount_entry(const char *destination, const char *type, const char *source,
			 json *options)
{
	json *entry = json_object_new_object();

	put(entry, "destination", text(destination));
	put(entry, "type", text(type));
	put(entry, "source", text(source));
	put(entry, "options", options);
	return entry;
}

/* NAME=VALUE over an earlier line of that name: getenv(3) and execvp(3) take the first they find,
 * shells the last. */
static void set_variable(json *env, const char *line)
{
	size_t name = strcspn(line, "=") + 1;

	for (size_t i = 0; i < json_object_array_length(env); i++)
		if (strncmp(json_object_get_string(json_object_array_get_idx(env, i)), line,
			    name) == 0) {
			json_object_array_put_idx(env, i, text(line));
			return;
		}
	json_object_array_add(env, text(line));
}

static void set_pair(json *env, const char *name, const char *value)
{
	char *line;

	if (asprintf(&line, "%s=%s", name, value) < 0)
		return;
	set_variable(env, line);
	free(line);
}

/* docker's base set; what -e says comes after and wins. */
static json *environment(const struct box_state *box, const struct run_flags *flags)
{
	json *env = json_object_new_array();
	const char *term = getenv("TERM");

	set_pair(env, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	set_pair(env, "HOSTNAME", flags->hostname ? flags->hostname : box->id);
	set_pair(env, "HOME", "/root");
	if (term && isatty(0))
		set_pair(env, "TERM", term);
	for (int i = 0; i < flags->envs; i++) {
		const char *own = strchr(flags->env[i], '=') ? NULL : getenv(flags->env[i]);
		if (own)
			set_pair(env, flags->env[i], own);
		else if (strchr(flags->env[i], '='))
			set_variable(env, flags->env[i]);
		/* -e NAME of a variable that is not set here: docker leaves it out too */
	}
	return env;
}

/* What docker leaves to root in a container: enough for package managers and servers, nothing that
 * reaches the kernel's settings, devices or other namespaces. */
static json *capabilities(void)
{
	static const char *const kept[] = {
		"CAP_AUDIT_WRITE", "CAP_CHOWN",	    "CAP_DAC_OVERRIDE", "CAP_FOWNER",
		"CAP_FSETID",	   "CAP_KILL",	    "CAP_MKNOD",	"CAP_NET_BIND_SERVICE",
		"CAP_NET_RAW",	   "CAP_SETFCAP",   "CAP_SETGID",	"CAP_SETPCAP",
		"CAP_SETUID",	   "CAP_SYS_CHROOT"
	};
	static const char *const sets[] = { "bounding", "effective", "permitted" };
	json *object = json_object_new_object();

	for (size_t set = 0; set < sizeof(sets) / sizeof(*sets); set++) {
		json *list = json_object_new_array();
		for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
			json_object_array_add(list, text(kept[i]));
		put(object, sets[set], list);
	}
	return object;
}

static json *process(const struct box_state *box, const struct run_flags *flags, bool terminal)
{
	json *object = json_object_new_object(), *args = json_object_new_array(),
	     *user = json_object_new_object();

	if (!flags->command)
		json_object_array_add(args, text("sh"));
	for (char **arg = flags->command; arg && *arg; arg++)
		json_object_array_add(args, text(*arg));
	put(user, "uid", json_object_new_int(0));
	put(user, "gid", json_object_new_int(0));
	put(object, "terminal", json_object_new_boolean(terminal));
	put(object, "user", user);
	put(object, "capabilities", capabilities());
	put(object, "args", args);
	put(object, "env", environment(box, flags));
	put(object, "cwd", text(flags->workdir ? flags->workdir : "/"));
	return object;
}

/* An anonymous volume becomes one with a name, which the container's record knows before it is
 * made: it goes with its container, as it does with docker's --rm. */
static int name_it(struct volume *volume, struct box_state *box)
{
	if (volume_new_id(volume->source) < 0)
		return -1;
	volume->kind = VOLUME_NAMED;
	return state_new_volume(box, volume->source);
}

/* DST is judged again where the image's links lead: its own /data may be a link to /proc, or two of
 * its directories may be one. places: those of the volumes before it, count of them. */
static int judge_place(int root, const struct run_volume *one, char **places, int count)
{
	char place[PATH_MAX], cause[300];

	if (path_in_root(root, one->volume.destination, place) < 0 ||
	    !(places[count] = strdup(place)))
		return -1;
	const char *refused = volume_place_refused(place);
	if (refused)
		snprintf(cause, sizeof(cause), "By a link of the image: %s", refused);
	for (int i = 0; i < count && !refused; i++)
		if (strcmp(places[i], place) == 0) {
			snprintf(cause, sizeof(cause),
				 "Duplicate mount point: by a link of the image DST is "
				 "that of another volume.");
			refused = cause;
		}
	if (!refused)
		return 0;
	sys_failure_set(EINVAL, "-v", one->text, cause, "Choose another DST.");
	return -1;
}

/* A volume as a bind mount of a path. The store's directories are made now; the host's own must be
 * there. */
static int add_volume(json *mounts, const struct state *state, struct box_state *box,
		      const struct run_volume *one)
{
	struct volume volume = one->volume;
	char link[32], source[PATH_MAX];

	if (volume.kind == VOLUME_ANONYMOUS && name_it(&volume, box) < 0)
		return -1;
	int fd = volume_open(state->root, &volume, NULL);
	if (fd < 0)
		return -1;
	ssize_t n = SYS(readlink(fd_path(fd, link, sizeof(link)), source, sizeof(source) - 1),
			one->text);
	close_keeping_errno(fd);
	if (n < 0)
		return -1;
	source[n] = '\0';
	json_object_array_add(mounts,
			      mount_entry(volume.destination, "bind", source,
					  words(volume.read_only ? "rbind,ro,rro" : "rbind,rw")));
	return 0;
}

/* All of them are judged before the first is made. */
static int add_volumes(json *list, const struct state *state, struct box_state *box,
		       const struct run_flags *flags)
{
	char path[PATH_MAX + 16];
	char **places = calloc((size_t)flags->volume_count + 1, sizeof(*places));
	/* By its path: box->dir was opened before this mount namespace, and leads past the root's
	 * mount. */
	snprintf(path, sizeof(path), "%s/rootfs", box->path);
	int root = SYS(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), path);
	int result = root < 0 || !places ? -1 : 0;

	for (int i = 0; result == 0 && i < flags->volume_count; i++)
		result = judge_place(root, flags->volumes[i], places, i);
	for (int i = 0; result == 0 && i < flags->volume_count; i++)
		result = add_volume(list, state, box, flags->volumes[i]);
	for (int i = 0; places && i < flags->volume_count; i++)
		free_keeping_errno(places[i]);
	free_keeping_errno(places);
	close_keeping_errno(root);
	return result;
}

enum { TTY_GROUP = 5 };

/* Where it has no number inside, devpts refuses it as an option. */
static bool group_is_mapped(unsigned group)
{
	unsigned inside, outside, count;
	bool mapped = false;
	FILE *map = fopen("/proc/self/gid_map", "re");

	while (map && !mapped && fscanf(map, "%u %u %u", &inside, &outside, &count) == 3)
		mapped = group >= inside && group - inside < count;
	if (map)
		fclose(map);
	return mapped;
}

static json *mounts(const struct state *state, struct box_state *box, const struct run_flags *flags,
		    bool in_user_ns)
{
	json *list = json_object_new_array();

	json_object_array_add(list,
			      mount_entry("/proc", "proc", "proc", words("nosuid,nodev,noexec")));
	json_object_array_add(list, mount_entry("/dev", "tmpfs", "tmpfs",
						words("nosuid,noexec,mode=755,size=64k")));
	/* No nodev on pts: its terminals are devices. */
	json_object_array_add(
		list,
		mount_entry("/dev/pts", "devpts", "devpts",
			    words(group_is_mapped(TTY_GROUP)
					  ? "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,"
					    "gid=5"
					  : "nosuid,noexec,newinstance,ptmxmode=0666,"
					    "mode=0620")));
	json_object_array_add(list, mount_entry("/dev/shm", "tmpfs", "shm",
						words("nosuid,noexec,nodev,mode=1777,size=64m")));
	json_object_array_add(
		list, mount_entry("/dev/mqueue", "mqueue", "mqueue", words("nosuid,nodev,noexec")));
	/* A user namespace may mount sysfs only with a network of its own: the host's is shown
	 * instead, read-only. */
	if (in_user_ns && !flags->own_network)
		json_object_array_add(list, mount_entry("/sys", "bind", "/sys",
							words("rbind,ro,nosuid,nodev,noexec")));
	else
		json_object_array_add(list, mount_entry("/sys", "sysfs", "sysfs",
							words("ro,nosuid,nodev,noexec")));
	if (add_volumes(list, state, box, flags) == 0)
		return list;
	json_object_put(list);
	return NULL;
}

/* The specification's swap is, as docker's, memory and swap together. */
static int64_t swap_limit(const struct run_flags *flags)
{
	return flags->memory_swap ? flags->memory_swap : 2 * flags->limits.memory;
}

static json *resources(const struct run_flags *flags)
{
	const struct cgroup_limits *limits = &flags->limits;
	json *object = json_object_new_object(), *cpu = json_object_new_object(),
	     *memory = json_object_new_object();
	json *pids = json_object_new_object();

	if (limits->cpu_quota_us)
		put(cpu, "quota", json_object_new_int64(limits->cpu_quota_us));
	if (limits->cpu_period_us)
		put(cpu, "period", json_object_new_int64(limits->cpu_period_us));
	if (limits->cpu_shares)
		put(cpu, "shares", json_object_new_int64((int64_t)limits->cpu_shares));
	if (limits->cpus)
		put(cpu, "cpus", text(limits->cpus));
	if (limits->memory) {
		put(memory, "limit", json_object_new_int64(limits->memory));
		put(memory, "swap", json_object_new_int64(swap_limit(flags)));
	}
	if (limits->pids)
		put(pids, "limit", json_object_new_int64(limits->pids));
	put(object, "cpu", cpu);
	put(object, "memory", memory);
	put(object, "pids", pids);
	return object;
}

/* The default filter is left out where the kernel has none (no CONFIG_SECCOMP_FILTER),
 * or where this program was built without libseccomp. */
static bool can_filter(void)
{
	const uint32_t action = SECCOMP_RET_ERRNO;

	return seccomp_translator() &&
	       syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static json *linux_part(const struct run_flags *flags)
{
	static const char *const kinds[] = { "pid", "mount", "uts", "ipc", "cgroup", "network" };
	json *object = json_object_new_object(), *namespaces = json_object_new_array();
	size_t count = sizeof(kinds) / sizeof(*kinds) - !flags->own_network;

	for (size_t i = 0; i < count; i++) {
		json *one = json_object_new_object();
		put(one, "type", text(kinds[i]));
		json_object_array_add(namespaces, one);
	}
	put(object, "namespaces", namespaces);
	put(object, "resources", resources(flags));
	if (can_filter())
		put(object, "seccomp", default_seccomp(false));
	put(object, "maskedPaths",
	    words("/proc/acpi,/proc/asound,/proc/kcore,/proc/keys,/proc/latency_stats,"
		  "/proc/timer_list,/proc/timer_stats,/proc/sched_debug,/proc/scsi,"
		  "/sys/firmware,/sys/devices/virtual/powercap"));
	put(object, "readonlyPaths",
	    words("/proc/bus,/proc/fs,/proc/irq,/proc/sys,/proc/sysrq-trigger"));
	return object;
}

static int write_json(const struct box_state *box, json *object)
{
	const char *string = json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	int fd =
		SYS(openat(box->dir, "config.json", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
		    "config.json");

	if (fd < 0)
		return -1;
	size_t length = strlen(string), written = 0;
	ssize_t n = 1;
	while (written < length && n > 0) {
		n = SYS_MAY(write(fd, string + written, length - written), "config.json", EINTR);
		if (n < 0 && errno == EINTR)
			n = 1;
		else
			written += n > 0 ? (size_t)n : 0;
	}
	close_keeping_errno(fd);
	return written == length ? 0 : -1;
}

int bundle_write(const struct state *state, struct box_state *box, const struct run_flags *flags,
		 bool in_user_ns, bool terminal)
{
	json *config = json_object_new_object(), *root = json_object_new_object(),
	     *annotations = json_object_new_object();
	json *list = mounts(state, box, flags, in_user_ns);
	int result = -1;

	put(config, "ociVersion", text("1.0.2"));
	put(root, "path", text("rootfs"));
	put(root, "readonly", json_object_new_boolean(flags->read_only));
	put(config, "root", root);
	put(config, "hostname", text(flags->hostname ? flags->hostname : box->id));
	put(config, "process", process(box, flags, terminal));
	put(config, "linux", linux_part(flags));
	put(annotations, "org.minibox.init", text(flags->init ? "true" : "false"));
	if (!flags->memory_swap) /* twice -m is our own idea, not an order */
		put(annotations, "org.minibox.swap", text("if-accounted"));
	if (flags->name)
		put(annotations, "org.minibox.name", text(flags->name));
	put(config, "annotations", annotations);
	if (list) {
		put(config, "mounts", list);
		result = write_json(box, config);
	}
	json_object_put(config);
	return result;
}
