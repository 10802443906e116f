/*
 * spec.h: what the runtime is told, the OCI config.json and nothing else.
 *
 * Refused, never ignored: a value of a wrong type or beyond its range, a member of the
 * specification that this runtime does not act on (unless its value asks for nothing, "hooks": {}),
 * two values that contradict each other. Each error names the member, what was found and what is
 * expected. null is a value of no type. Passed over, as the specification demands: members that it
 * does not have.
 *
 * Source: the OCI runtime specification, config.md and config-linux.md, 1.0 to 1.3.
 */
#pragma once

#include "step04_net_user/given/id_map.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

enum {
	SPEC_RLIMITS = 16,   /* as many kinds as there are; each at most once */
	SPEC_MOUNTS = 10000, /* a mount namespace has 100000 (sysctl fs.mount-max) */
};

struct spec_rlimit {
	int resource; /* RLIMIT_*, setrlimit(2) */
	rlim_t soft, hard;
};

struct spec_mount {
	char *destination;   /* absolute, inside, cleaned: no "//", "." or ".." in it; ours */
	const char *type;    /* "proc", "tmpfs", "bind", ... ; "" for a bind */
	const char *source;  /* may be "" */
	unsigned long flags; /* MS_* of the options that are flags; a bind: MS_REC or not */
	bool bind;
	char *data; /* the other options, comma-separated: the file system's own; ours, or NULL */
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
	struct spec_mount *mounts;
	int mount_count;
	/* linux */
	int namespaces; /* CLONE_NEW* that are to be new */
	struct id_map *uid_map, *gid_map;
	int uid_maps, gid_maps;
	const char *cgroup_path; /* linux.cgroupsPath, or NULL */
	struct cgroup_limits limits;
	/* annotations "org.minibox.*" */
	bool init; /* org.minibox.init = "true": PID 1 is our init, the command its child */
	bool swap_if_accounted; /* org.minibox.swap = "if-accounted": on a kernel that does not
				   account for swap, go without that limit */
	void *json;		/* owns every string above */
};

/* Reads and checks BUNDLE/config.json (dir: the bundle's descriptor): a regular file of at most
 * 4 MiB. Returns 0, or -1 with errno: of open(2) and read(2); EISDIR, EFBIG; EINVAL (the text, a
 * type, a range), ENOTSUP (a member that is not acted on); the failure record names the member
 * ("process.user.uid"), what was found and what is expected. */
int spec_read(int dir, struct spec *spec);

/* The same from text. */
int spec_parse(const char *text, size_t length, struct spec *spec);

/* Frees what spec holds; after a failed spec_parse() there is nothing to free. */
void spec_free(struct spec *spec);
