/*
 * docker_flags.c: who comes from docker is told what is different here, not only that it is.
 */
#define _GNU_SOURCE
#include "docker_flags.h"

#include <stddef.h>
#include <string.h>

static const char host_network[] =
	"a container here has the host's network, or with --network none only a loopback.";
static const char one_set[] =
	"every container has docker's fourteen capabilities and its default filter of calls.";
static const char files_only[] = "an image here is its files and nothing else.";
static const char own_namespaces[] = "each container has namespaces of its own.";
static const char not_kept[] = "a container here goes with its command, nothing of it is kept.";
static const char your_streams[] = "input and output of the command are those of this terminal.";

static const struct docker_flag flags[] = {
	{ "-d --detach --detach-keys", "a container here ends with the minibox that runs it.",
	  "minibox run ... & (or a second terminal)" },
	{ "-p --publish -P --publish-all --expose --link --ip --ip6 --mac-address --network-alias",
	  host_network, "leave it out: a server inside listens on the host's own port" },
	{ "--dns --dns-opt --dns-option --dns-search", host_network,
	  "-v /etc/resolv.conf:/etc/resolv.conf:ro" },
	{ "--add-host", "a container's /etc/hosts is its own file.", "-v FILE:/etc/hosts:ro" },
	{ "--privileged --cap-add --cap-drop", one_set,
	  "minibox-runtime: process.capabilities of config.json is what you say" },
	{ "--security-opt --device-cgroup-rule", one_set,
	  "minibox-runtime: linux.seccomp and linux.resources.devices of config.json" },
	{ "-u --user --group-add", "the command is root of its container.",
	  "change it inside: minibox run busybox su -s /bin/sh nobody -c CMD" },
	{ "--entrypoint", files_only, "name the command after the image" },
	{ "--pull --platform --disable-content-trust", files_only,
	  "minibox run busybox, or --rootfs DIR with what another tool has unpacked" },
	{ "--mount --volumes-from --volume-driver", "it knows one way to name a volume.",
	  "-v SRC:DST[:ro]" },
	{ "--tmpfs", "it has no option for it.", "-v DIR, a volume that goes with the container" },
	{ "--shm-size", "/dev/shm has 64 MiB, always.",
	  "minibox-runtime: mounts of config.json have a size" },
	{ "--device --gpus", "/dev holds null, zero, full, random, urandom, tty and terminals.",
	  "lesson 5 (scene devices) says what a device in a container means" },
	{ "--pid --ipc --uts --userns --cgroupns", own_namespaces,
	  "bin/step08_init_reaper --scene pod shows containers that share some" },
	{ "--cgroup-parent", "groups are made below the one that minibox is in.",
	  "start minibox in the group that you want" },
	{ "--restart --stop-signal --stop-timeout --cidfile --health-cmd --no-healthcheck "
	  "--oom-score-adj",
	  not_kept, "until minibox run ...; do sleep 1; done, for one" },
	{ "-l --label --label-file --annotation", not_kept, "--name NAME, for the time it runs" },
	{ "-a --attach --sig-proxy --log-driver --log-opt", your_streams,
	  "minibox run ... >log 2>&1 (signals are passed on in any case)" },
	{ "--env-file", "it has no option for it.", "-e NAME=VALUE for each of its lines" },
	{ "--ulimit", "limits of a process are inherited, here too.",
	  "minibox run busybox sh -c 'ulimit -n 64; exec CMD'" },
	{ "--sysctl", "it has no option for it.", "minibox-runtime: linux.sysctl of config.json" },
	{ "--runtime --isolation --storage-opt",
	  "there is one runtime here: the pieces of the steps.", "leave it out" },
	{ "--blkio-weight --blkio-weight-device --device-read-bps --device-write-bps "
	  "--device-read-iops --device-write-iops --cpu-rt-period --cpu-rt-runtime --cpuset-mems "
	  "--kernel-memory --memory-reservation --memory-swappiness --oom-kill-disable",
	  "of the limits it has those of lesson 5 that everybody needs.",
	  "--cpus, --cpu-shares, --cpuset-cpus, --memory, --memory-swap, --pids-limit" },
};

static int is_one_of(const char *names, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = names; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");
		if (n == length && strncmp(at, name, n) == 0)
			return 1;
		at += n;
	}
	return 0;
}

const struct docker_flag *docker_flag(const char *name)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (is_one_of(flags[i].names, name))
			return &flags[i];
	return NULL;
}
