/*
 * spec_cmd.c: `spec`, a config.json to start from; people edit it with jq.
 */
#define _GNU_SOURCE
#include "spec_cmd.h"

#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct json_object json;

/* JSON as it is, made a string by the preprocessor. */
#define JSON(...) #__VA_ARGS__

/* The names and values are those of runc 1.1's, which tests and scripts change by name. */
/* clang-format off */
static const char process[] = JSON({
	"terminal": true,
	"user": { "uid": 0, "gid": 0 },
	"args": [ "sh" ],
	"env": [
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"TERM=xterm"
	],
	"cwd": "/",
	"capabilities": {
		"bounding": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ],
		"effective": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ],
		"permitted": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ],
		"ambient": [ "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" ]
	},
	"rlimits": [ { "type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024 } ],
	"noNewPrivileges": true
});

static const char mounts[] = JSON([
	{ "destination": "/proc", "type": "proc", "source": "proc" },
	{ "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
	  "options": [ "nosuid", "strictatime", "mode=755", "size=65536k" ] },
	{ "destination": "/dev/pts", "type": "devpts", "source": "devpts",
	  "options": [ "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5" ] },
	{ "destination": "/dev/shm", "type": "tmpfs", "source": "shm",
	  "options": [ "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" ] },
	{ "destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
	  "options": [ "nosuid", "noexec", "nodev" ] },
	{ "destination": "/sys", "type": "sysfs", "source": "sysfs",
	  "options": [ "nosuid", "noexec", "nodev", "ro" ] },
	{ "destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
	  "options": [ "nosuid", "noexec", "nodev", "relatime", "ro" ] }
]);

/* A user namespace of one id has no gid 5, and a new sysfs only with a network namespace of its
 * own: devpts goes without the group, /sys is the host's. */
static const char rootless_pts[] = JSON({
	"destination": "/dev/pts", "type": "devpts", "source": "devpts",
	"options": [ "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620" ]
});
static const char rootless_sys[] = JSON({
	"destination": "/sys", "type": "none", "source": "/sys",
	"options": [ "rbind", "nosuid", "noexec", "nodev", "ro" ]
});
enum { PTS = 2, SYS_FS = 5 }; /* their places in mounts */

static const char resources[] = JSON({ "devices": [ { "allow": false, "access": "rwm" } ] });

static const char masked[] = JSON([
	"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
	"/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"
]);
static const char read_only[] = JSON([
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"
]);
/* clang-format on */

static json *parsed(const char *text)
{
	return json_tokener_parse(text);
}

static json *namespaces(bool rootless)
{
	static const char *const kinds[] = { "pid", "network", "ipc", "uts", "mount", "cgroup" };
	json *list = json_object_new_array();

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		json *one = json_object_new_object();
		const char *kind = kinds[i];
		if (rootless && strcmp(kind, "network") == 0)
			kind = "user";
		json_object_object_add(one, "type", json_object_new_string(kind));
		json_object_array_add(list, one);
	}
	return list;
}

/* The caller alone, who is root inside. */
static json *one_id(unsigned id)
{
	json *list = json_object_new_array(), *map = json_object_new_object();

	json_object_object_add(map, "containerID", json_object_new_int64(0));
	json_object_object_add(map, "hostID", json_object_new_int64(id));
	json_object_object_add(map, "size", json_object_new_int64(1));
	json_object_array_add(list, map);
	return list;
}

static json *linux_part(bool rootless)
{
	json *part = json_object_new_object();

	if (rootless) {
		json_object_object_add(part, "uidMappings", one_id(geteuid()));
		json_object_object_add(part, "gidMappings", one_id(getegid()));
	} else {
		json_object_object_add(part, "resources", parsed(resources));
	}
	json_object_object_add(part, "namespaces", namespaces(rootless));
	json_object_object_add(part, "maskedPaths", parsed(masked));
	json_object_object_add(part, "readonlyPaths", parsed(read_only));
	return part;
}

static json *document(bool rootless)
{
	json *config = json_object_new_object(), *root = json_object_new_object();
	json *list = parsed(mounts);

	if (rootless) {
		json_object_array_put_idx(list, PTS, parsed(rootless_pts));
		json_object_array_put_idx(list, SYS_FS, parsed(rootless_sys));
	}
	json_object_object_add(root, "path", json_object_new_string("rootfs"));
	json_object_object_add(root, "readonly", json_object_new_boolean(true));
	json_object_object_add(config, "ociVersion", json_object_new_string("1.0.2"));
	json_object_object_add(config, "process", parsed(process));
	json_object_object_add(config, "root", root);
	json_object_object_add(config, "hostname", json_object_new_string("minibox"));
	json_object_object_add(config, "mounts", list);
	json_object_object_add(config, "linux", linux_part(rootless));
	return config;
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t n = SYS_MAY(write(fd, text, length), "config.json", EINTR);
		if (n < 0 && errno != EINTR)
			return -1;
		text += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int write_file(int dir, bool rootless)
{
	int fd = SYS_MAY(openat(dir, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666),
			 "config.json", EEXIST);

	if (fd < 0 && errno == EEXIST)
		sys_failure_set(EEXIST, "spec", "config.json",
				"File config.json exists. Remove it first",
				"Remove it, or name another directory: --bundle DIR.");
	if (fd < 0)
		return -1;
	json *config = document(rootless);
	size_t length;
	const char *text = json_object_to_json_string_length(
		config,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_PRETTY_TAB | JSON_C_TO_STRING_SPACED |
			JSON_C_TO_STRING_NOSLASHESCAPE,
		&length);
	int result = write_all(fd, text, length) < 0 || write_all(fd, "\n", 1) < 0 ? -1 : 0;
	json_object_put(config);
	close_keeping_errno(fd);
	if (result < 0) { /* half of it would be in the way of the next try */
		int saved = errno;
		unlinkat(dir, "config.json", 0);
		errno = saved;
	}
	return result;
}

static int usage(const char *word)
{
	sys_failure_set(EINVAL, "spec", word ? word : "spec",
			"spec has no such option or argument.",
			"usage: spec [--bundle DIR | -b DIR] [--rootless]");
	return 1;
}

int command_spec(int argc, char **argv)
{
	static const struct option options[] = { { "bundle", required_argument, NULL, 'b' },
						 { "rootless", no_argument, NULL, 'r' },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	const char *bundle = ".";
	bool rootless = false;
	int option;

	optind = 0; /* from the beginning: the caller may have read options of its own */
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+b:h", options, NULL)) != -1) {
		if (option == 'h') {
			puts("NAME:\n   minibox-runtime spec - write a config.json to begin "
			     "with\n\n"
			     "USAGE:\n   minibox-runtime spec [--bundle DIR | -b DIR] "
			     "[--rootless]\n\n"
			     "Writes config.json for a new bundle. Its root file system is "
			     "DIR/rootfs.");
			return 0;
		}
		if (option == '?')
			return usage(argv[optind - 1]);
		rootless = rootless || option == 'r';
		bundle = option == 'b' ? optarg : bundle;
	}
	if (optind < argc)
		return usage(argv[optind]);
	int dir = SYS(open(bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC), bundle);
	if (dir < 0)
		return 1;
	int result = write_file(dir, rootless);
	close_keeping_errno(dir);
	return result < 0;
}
