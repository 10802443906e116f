/*
 * spec.h: what the runtime is told, the OCI config.json and nothing else.
 *
 * Refused, never ignored: a value of a wrong type or beyond its range, a member of the
 * specification that this runtime does not act on (unless its value asks for nothing, "hooks": {}),
 * two values that contradict each other. Each error names the member, what was found and what is
 * expected. A member that is null is not there. Passed over, as the specification demands: members
 * that it does not have.
 *
 * Source: the OCI runtime specification, config.md and config-linux.md, 1.0 to 1.3.
 */
#pragma once

#include "step04_net_user/given/id_map.h"
#include "final/runtime/resources.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step04_net_user/given/time_ns.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

enum {
	SPEC_RLIMITS = 16,    /* as many kinds as there are; each at most once */
	SPEC_BYTES = 4 << 20, /* of config.json */
	SPEC_MOUNTS = 10000,  /* a mount namespace has 100000 (sysctl fs.mount-max) */
};

struct spec_rlimit {
	int resource; /* RLIMIT_*, setrlimit(2) */
	rlim_t soft, hard;
};

struct spec_mount {
	char *destination;	   /* absolute, inside, cleaned: no "//", "." or ".." in it; ours */
	const char *type;	   /* "proc", "tmpfs", "bind", ... ; "" for a bind */
	const char *source;	   /* may be ""; a bind: absolute, or relative to the bundle */
	unsigned long flags;	   /* MS_* of the options that are flags; a bind: MS_REC or not */
	unsigned long cleared;	   /* MS_* that "rw", "exec", ... take away: what a bind would have
				  from its source */
	unsigned long propagation; /* MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE, with MS_REC
				      or not; 0: not said */
	/* MOUNT_ATTR_* of "rro", "rnosuid", ...: mount_setattr(2) with AT_RECURSIVE. No bit is in
	 * both but those of MOUNT_ATTR__ATIME, of which clear has all or none. */
	uint64_t attributes_set, attributes_clear;
	bool bind;
	bool tmpcopyup; /* a tmpfs gets a copy of what the image has there */
	char *data; /* the other options, comma-separated: the file system's own; ours, or NULL */
};

/* Sets of capabilities, a bit each (1 << CAP_KILL); capabilities(7). Where process.capabilities is
 * not there the container has none: all zero. */
struct spec_capabilities {
	uint64_t bounding, effective, inheritable, permitted, ambient;
};

enum hook_kind {
	HOOK_PRESTART,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
	HOOK_KINDS,
};

struct spec_hook {
	const char *path;   /* absolute */
	char **args, **env; /* each ends with NULL; NULL: not said */
	int timeout_s;	    /* 0: none */
};

struct spec_hooks {
	struct spec_hook *hook;
	int count;
};

/* A device node that is to be made. */
struct spec_device {
	const char *path;
	mode_t type; /* S_IFCHR, S_IFBLK or S_IFIFO */
	unsigned major, minor;
	mode_t mode; /* 0666 where fileMode is not there */
	uid_t uid;
	gid_t gid;
};

/* "net.ipv4.ip_forward" = "1"; each belongs to a namespace that is new or joined. */
struct spec_sysctl {
	const char *name; /* as it is written, see spec_sysctl_path() of spec_words.h */
	const char *value;
};

/* When it is given a processor: sched_setattr(2), whose words these are. */
struct spec_scheduler {
	bool there;
	unsigned policy; /* SCHED_* */
	int nice;
	unsigned priority;
	uint64_t flags, runtime, deadline, period;
};

/* What a process of the container is started with: "process" of config.json, or of exec. */
struct spec_process {
	char **args; /* ends with NULL */
	char **env;  /* "NAME=value", ends with NULL */
	const char *cwd;
	uid_t uid;
	gid_t gid;
	gid_t *additional_gids; /* the supplementary groups, instead of the caller's */
	int additional_gid_count;
	bool has_umask; /* false: the runtime's default */
	mode_t umask;
	bool no_new_privileges;
	bool terminal;
	unsigned short console_rows, console_columns; /* 0: not said */
	struct spec_rlimit rlimits[SPEC_RLIMITS];
	int rlimit_count;
	struct spec_capabilities capabilities;
	bool has_oom_score_adj;
	int oom_score_adj;
	const char *apparmor_profile; /* NULL: not said */
	bool has_io_priority;
	int io_priority; /* class and level, as ioprio_set(2) takes them */
	struct spec_scheduler scheduler;
	/* exec's processors, "0-3,7": before and after it joins the container's group; NULL: not
	 * said. spec_cpu_list() of spec_words.h reads them. */
	const char *first_cpus, *cpus;
	/* A capability that capabilities(7) has not, NULL: none. The specification demands a
	 * warning, and that the container is made without it. */
	const char *unknown_capability;
};

/* From which nodes memory comes: set_mempolicy(2). */
struct spec_memory_policy {
	bool there;
	int mode;	   /* MPOL_* with its flags */
	const char *nodes; /* "0-3,7", as spec_cpu_list() reads it; "" or NULL: none */
};

struct spec {
	struct spec_process process;
	/* root */
	const char *root_path; /* as written; relative to the bundle */
	bool root_read_only;
	const char *hostname, *domainname; /* NULL: not said */
	struct spec_mount *mounts;
	int mount_count;
	struct spec_hooks hooks[HOOK_KINDS];
	/* linux */
	int namespaces;		    /* CLONE_NEW* that are to be new */
	const char *join[NS_KINDS]; /* the path of a namespace to join, by enum ns_kind, or NULL */
	struct id_map *uid_map, *gid_map;
	int uid_maps, gid_maps;
	bool has_time_offsets;
	struct time_offsets time_offsets;
	const char *cgroups_path; /* linux.cgroupsPath, or NULL */
	struct spec_resources resources;
	struct spec_device *devices;
	int device_count;
	struct spec_sysctl *sysctls;
	int sysctl_count;
	char **masked_paths, **readonly_paths; /* each ends with NULL; NULL: none */
	unsigned long root_propagation; /* MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE, with
					   MS_REC or not; 0: not said */
	struct spec_memory_policy memory_policy;
	bool has_personality;
	unsigned long personality;   /* PER_*, personality(2) */
	struct json_object *seccomp; /* linux.seccomp, checked by spec_seccomp.c; or NULL */
	/* annotations "org.minibox.*" */
	bool init; /* org.minibox.init = "true": PID 1 is our init, the command its child */
	bool swap_if_accounted; /* org.minibox.swap = "if-accounted": on a kernel that does not
				   account for swap, go without that limit */
	struct json_object *annotations; /* all of them, for `state`; or NULL */
	const char *oci_version;
	struct json_object *json; /* owns every string above */
};

/* Reads and checks BUNDLE/config.json (dir: the bundle's descriptor): a regular file of at most
 * 4 MiB. Returns 0, or -1 with errno: of open(2) and read(2); EISDIR, EFBIG; EINVAL (the text, a
 * type, a range), ENOTSUP (a member that is not acted on); the failure record names the member
 * ("process.user.uid"), what was found and what is expected. */
int spec_read(int dir, struct spec *spec);

/* Gives back the memory of "linux.seccomp", most of a spec, when the filter has been made: what
 * stays of it is in every container's first process, too. spec->seccomp is NULL then. */
void spec_drop_seccomp(struct spec *spec);

/* The same from text. */
int spec_parse(const char *text, size_t length, struct spec *spec);

/* `update`: the text of a "linux.resources" object alone, as spec_read_resources() takes it. json
 * as in spec_parse_process(); the caller frees resources by resources_free(). */
int spec_parse_resources(const char *text, size_t length, struct spec_resources *resources,
			 struct json_object **json);

/* Frees what the reader of config.json has allocated for it. */
void resources_free(struct spec_resources *resources);

/* `exec --process FILE`: the text of a "process" object alone. json: owns its strings; the caller
 * frees process by spec_process_free(), then json by json_object_put(). Errors as spec_parse(),
 * members are named "process.user.uid"; after one there is nothing to free. */
int spec_parse_process(const char *text, size_t length, struct spec_process *process,
		       struct json_object **json);

/* Frees the arrays of process, not its strings. */
void spec_process_free(struct spec_process *process);

/* Frees what spec holds; after a failed spec_parse() there is nothing to free. */
void spec_free(struct spec *spec);
