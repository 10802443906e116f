/*
 * spec.h: what the runtime is told, the OCI config.json and nothing else.
 *
 * Source: the OCI runtime specification, config.md and config-linux.md. Parts that
 * this runtime does not act on yet are refused where ignoring them would make a container weaker
 * than its author believes, and passed over where they only describe.
 */
#pragma once

#include "step04_net_user/id_map.h"
#include "step05_cgroup_cpu/cgroup_limits.h"

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

enum { SPEC_MOUNTS = 64, SPEC_MAPS = 16, SPEC_RLIMITS = 16 };

struct spec_rlimit {
	int resource; /* RLIMIT_*, setrlimit(2) */
	rlim_t soft, hard;
};

struct spec_mount {
	const char *destination; /* absolute, inside */
	const char *type;	 /* "proc", "tmpfs", "bind", ... ; "" for a bind */
	const char *source;	 /* may be "" */
	unsigned long flags;	 /* MS_* of the options that are flags */
	bool bind;
	char data[256]; /* the other options, comma-separated: the file system's own */
};

struct spec {
	/* process */
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
	/* root */
	const char *root_path; /* as written; relative to the bundle */
	bool root_read_only;
	const char *hostname, *domainname; /* NULL: not said */
	struct spec_mount mounts[SPEC_MOUNTS];
	int mount_count;
	/* linux */
	int namespaces;		    /* CLONE_NEW* that are to be new */
	const char *join[NS_KINDS]; /* a path to enter instead, by enum ns_kind; NULL: none */
	struct id_map uid_map[SPEC_MAPS], gid_map[SPEC_MAPS];
	int uid_maps, gid_maps;
	const char *cgroup_path; /* linux.cgroupsPath, or NULL */
	struct cgroup_limits limits;
	/* annotations "org.minibox.*" */
	bool init; /* org.minibox.init = "true": PID 1 is our init, the command its child */
	bool swap_if_accounted; /* org.minibox.swap = "if-accounted": on a kernel that does not
				   account for swap, go without that limit */
	void *json;		/* owns every string above */
};

/* Reads and checks BUNDLE/config.json (dir: the bundle's descriptor). Returns 0, or -1 with errno:
 * ENOENT, EACCES, EINVAL; the failure record names the member that is wrong ("process.args") and
 * what is expected there. */
int spec_read(int dir, struct spec *spec);

/* The same from text. */
int spec_parse(const char *text, struct spec *spec);

void spec_free(struct spec *spec);
