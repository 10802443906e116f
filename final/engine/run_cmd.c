/*
 * run_cmd.c: `minibox run`. Prepares a bundle, gives it to the runtime, waits, removes everything.
 */
#define _GNU_SOURCE
#include "final/runtime/inside/conceal.h"
#include "final/runtime/foreground/attend.h"
#include "final/runtime/inside/seccomp_cache.h"
#include "bundle.h"
#include "commands.h"
#include "image.h"
#include "final/runtime/own_exe.h"
#include "final/runtime/foreground/streams.h"

#include "final/runtime/launch.h"
#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/mount_ns.h"
#include "step06_overlay_rootfs/overlay_rootfs.h"
#include "step06_overlay_rootfs/given/upper_place.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/* docker's numbers: the command's own failure is told from ours by where it failed. */
static int failure_status(void)
{
	sys_failure_print(2, "minibox");
	return sys_failure_status(sys_failure());
}

/* A mount namespace of our own, so that the overlay is seen by nobody else and goes with us,
 * however we end; without root behind a user namespace, which also makes us root over it. */
static int enter_workshop(bool *in_user_ns)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int flags = CLONE_NEWNS | rootless_flags();

	conceal_learn();
	if (SYS(unshare(flags), ns_names(flags)) < 0)
		return -1;
	if ((flags & CLONE_NEWUSER) && self_map_write(uid, gid) < 0)
		return -1;
	*in_user_ns = upper_userxattr();
	return mount_private();
}

static int make_directory(const char *path)
{
	return SYS(mkdir(path, 0755), path) < 0 ? -1 : SYS(chmod(path, 0755), path);
}

static int no_upper(const struct box_state *box)
{
	if (errno == EOPNOTSUPP) /* nothing has failed yet, it was only tried */
		sys_failure_set(EOPNOTSUPP, "finding a place for the upper directory", box->path,
				"Neither the file system there nor (before Linux 6.6, in a user "
				"namespace) a tmpfs takes overlay's marks.",
				"--root DIR or MINIBOX_ROOT, on ext4, xfs or btrfs.");
	return -1;
}

/* The container's root: its own upper over the image, nothing of the image copied or changed (step
 * 6). Where the state's file system cannot hold an upper (an overlay, NFS), a tmpfs does. */
static int mount_root(const struct box_state *box, const char *layer, bool in_user_ns)
{
	char upper[PATH_MAX + 32], work[PATH_MAX + 32], merged[PATH_MAX + 32], place[PATH_MAX + 16];
	const char *layers[] = { layer, NULL };

	snprintf(place, sizeof(place), "%s/layer", box->path);
	snprintf(upper, sizeof(upper), "%s/diff", place);
	snprintf(work, sizeof(work), "%s/work", place);
	snprintf(merged, sizeof(merged), "%s/rootfs", box->path);
	if (make_directory(place) < 0 || make_directory(merged) < 0)
		return -1;
	if (upper_check(place) < 0) {
		sys_failure_clear();
		if (upper_tmpfs(place) < 0)
			return no_upper(box);
	}
	if (make_directory(upper) < 0 || make_directory(work) < 0)
		return -1;
	struct overlay overlay = {
		.layers = layers, .upper = upper, .work = work, .userxattr = in_user_ns
	};
	return overlay_mount(&overlay, merged);
}

/* docker's words for it are a warning, too: the limit on memory holds. */
static void say_swap_is_free(void)
{
	struct sysinfo info;

	if (sysinfo(&info) == 0 && info.totalswap > 0)
		dprintf(2, "minibox: -m: this kernel does not account for swap in groups: memory "
			   "is limited, swap is not\n"
			   "  try: booting with swapaccount=1\n");
}

static int run_bundle(struct box_state *box, struct streams *streams)
{
	struct spec spec;
	char group[ID_SIZE + 16];
	int status = EXIT_OURS;

	snprintf(group, sizeof(group), "minibox-%s", box->id);
	if (spec_read(box->dir, &spec) < 0)
		return failure_status();
	struct container container = { .spec = &spec,
				       .bundle = box->path,
				       .id = box->id,
				       .group_name = group,
				       .state_dir = box->dir,
				       .dies_with_caller = true,
				       .announce = state_note_group,
				       .note_process = state_note_process,
				       .announce_arg = box,
				       .console = streams->console[1],
				       .stdio = { streams->stdio[0], streams->stdio[1],
						  streams->stdio[2] } };
	int signals = attend_signals();
	if (signals < 0 || seccomp_prepare(spec.seccomp, box->state->dir, &container.filter) < 0) {
		status = failure_status();
		spec_free(&spec);
		return status;
	}
	spec_drop_seccomp(&spec);
	if (container_create(&container) < 0) {
		status = failure_status();
	} else if (streams_started(streams) < 0 || container_start(&container) < 0) {
		status = failure_status();
		container_remove(&container);
	} else {
		if (container.swap_is_free)
			say_swap_is_free();
		if (attend(&container, streams, signals, &status) < 0)
			status = failure_status();
		container_remove(&container);
	}
	spec_free(&spec);
	return status;
}

static int check_rootfs(const char *path, char *layer, size_t size)
{
	struct stat st;

	if (SYS(stat(path, &st), path) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode)) {
		sys_failure_set(ENOTDIR, "--rootfs", path,
				"A root file system is a directory; this is a file.",
				"Unpack it first: mkdir root && tar -C root -xf FILE");
		return -1;
	}
	char *real = realpath(path, NULL);
	if (!real) {
		sys_failure_set(errno, "realpath", path, NULL, NULL);
		return -1;
	}
	snprintf(layer, size, "%s", real);
	free(real);
	return 0;
}

int command_run(int argc, char **argv)
{
	static struct run_flags flags;
	static struct state state;
	static struct box_state box;
	char layer[PATH_MAX + 64];
	bool in_user_ns = false;
	struct streams streams;
	int status = run_flags_parse(argc, argv, &flags);

	if (status >= 0)
		return status;
	if (own_exe_protect(argv - 1) < 0)
		return failure_status();
	if (flags.explain)
		sys_trace_to(fcntl(2, F_DUPFD_CLOEXEC, 10));
	sys_trace_as("engine");
	if (state_open(flags.root, &state) < 0)
		return failure_status();
	state_gc(&state, GC_QUICK); /* what a killed one has left */
	if (flags.rootfs ? check_rootfs(flags.rootfs, layer, sizeof(layer)) < 0
			 : image_find(&state, flags.image, layer, sizeof(layer)) < 0)
		return failure_status();
	if (state_new_container(&state, flags.name, &box) < 0)
		return failure_status();
	/* From here on there is something to remove, so there is one way out. */
	if (streams_open(&streams, flags.terminal, flags.interactive) < 0 ||
	    enter_workshop(&in_user_ns) < 0 || mount_root(&box, layer, in_user_ns) < 0 ||
	    bundle_write(&state, &box, &flags, in_user_ns, streams.terminal) < 0)
		status = failure_status();
	else
		status = run_bundle(&box, &streams);
	streams_close(&streams);
	char merged[PATH_MAX + 32];
	snprintf(merged, sizeof(merged), "%s/rootfs", box.path);
	umount2(merged, MNT_DETACH);
	snprintf(merged, sizeof(merged), "%s/layer", box.path);
	umount2(merged, MNT_DETACH); /* if it is a tmpfs */
	state_remove_container(&box);
	return status;
}

int command_gc(int argc, char **argv)
{
	static struct state state;
	const char *root = argc == 3 && strcmp(argv[1], "--root") == 0 ? argv[2] : NULL;

	if (argc > 1 && !root) {
		dprintf(2, "usage: minibox gc [--root DIR]\n");
		return EXIT_USAGE;
	}
	if (state_open(root, &state) < 0)
		return failure_status();
	struct gc_result result = state_gc(&state, GC_FULL);
	printf("%d removed", result.removed);
	if (result.left)
		printf(", %d left", result.left);
	printf("\n");
	return result.left != 0;
}
