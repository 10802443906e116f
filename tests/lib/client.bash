# shellcheck shell=bash disable=SC2153
# client.bash: podman, containerd and dockerd, each with minibox-runtime below it, in namespaces of the test's own.
#
# A daemon and what it starts live in a PID namespace that ends with the test. What clients write outside of their own
# directories (/run, /dev/shm, /var/tmp, /etc/docker, /opt/containerd) they write to file systems of a mount namespace.
# Their cgroups are below /minibox-TOKEN.

# client_start: for root. An ordinary user has no second user namespace in which newuidmap(1) works: his podman runs here.
client_start() {
	PLACE=$BATS_TEST_TMPDIR/c HOLDER='' GROUP=/minibox-$MINIBOX_TOKEN
	mkdir -p "$PLACE"/{home,tmp,run,bin}
	echo "{}" >"$PLACE/home/config.json" # podman, too, looks there for registries
	client_image
	ln -sfn "$(bin minibox-runtime)" "$PLACE/bin/minibox-runtime"
	is_root || return 0
	need unshare nsenter
	# shellcheck disable=SC2016 # for the inner shell, which collects the orphans
	unshare -mnpf --mount-proc --propagation private --kill-child bash -c '
		mkdir -p "$1/etc" && mount -t tmpfs tmpfs "$1/etc" && mkdir "$1"/etc/{upper,work}
		mount -t overlay -o "lowerdir=/etc,upperdir=$1/etc/upper,workdir=$1/etc/work" overlay /etc
		for dir in /run /dev/shm /var/tmp /opt /var/lib/containers; do
			[ ! -d "$dir" ] || mount -t tmpfs -o mode=1777 tmpfs "$dir"
		done
		ip link set lo up
		echo ready >"$1/ready"
		while sleep 1 & wait $!; do :; done' client "$PLACE" >"$PLACE/log" 2>&1 3>&- &
	HOLDER=$!
	poll 10 test -s "$PLACE/ready"
	INIT=$(own_children "$HOLDER")
}

# inside COMMAND...: where the client is.
inside() {
	local -a env=(env HOME="$PLACE/home" TMPDIR="$PLACE/tmp" XDG_RUNTIME_DIR="$PLACE/run")
	env+=(CONTAINERS_CONF="$PLACE/containers.conf" DOCKER_CONFIG="$PLACE/home" DOCKER_BUILDKIT=0)
	[[ -z $HOLDER ]] || env=(nsenter -t "$INIT" -m -n -p -w"$PWD" "${env[@]}")
	timeout --foreground -k 5 $((20 * MB_PATIENCE)) "${env[@]}" "$@" 3>&-
}

# typed COMMAND...: the same at a terminal.
typed() {
	local line
	printf -v line '%q ' "$@"
	inside script -qec "$line" /dev/null </dev/null
}

client_end() {
	local pid
	if [[ -n ${HOLDER:-} ]]; then
		kill -KILL "$HOLDER" 2>/dev/null || :
		wait "$HOLDER" 2>/dev/null || :
	elif [[ -e ${PLACE:-}/tmpdir/pause.pid ]]; then
		pid=$(<"$PLACE/tmpdir/pause.pid") # podman's own, whose runtime directory is ours
		[[ $(tr '\0' ' ' <"/proc/$pid/cmdline") != *podman* ]] || kill "$pid" || :
	fi
	[[ -n ${GROUP:-} ]] || return 0
	poll 5 no_group
}

# Every group of this test is empty now and is removed.
no_group() {
	local -
	set +eET
	local dir left=0
	for dir in /sys/fs/cgroup"$GROUP" /sys/fs/cgroup/*"$GROUP"; do
		[[ -d $dir ]] || continue
		find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null
		[[ ! -d $dir ]] || left=1
	done
	return $left
}

# A root file system and a tar of it.
client_image() {
	local busybox name root=$PLACE/rootfs
	mkdir -p "$root"/{bin,etc,tmp,root}
	for busybox in "${MINIBOX_BUSYBOX:-}" "$ROOT/build/busybox" /bin/busybox /usr/bin/busybox; do
		[[ -x $busybox ]] && ldd "$busybox" 2>&1 | grep -qE 'statically|not a (valid )?dynamic' && break
	done
	[[ -x $busybox ]] || skip "no static busybox (make deps)"
	cp "$busybox" "$root/bin/busybox"
	for name in sh sleep cat id ls mount touch true grep hostname echo kill tty tail ps; do ln -sf busybox "$root/bin/$name"; done
	tar -C "$root" -cf "$PLACE/image.tar" .
}

# account V1CONTROLLER V1FILE V2FILE PATTERN: a file of the one group whose path ends so, as the host sees it.
account() {
	local file
	for file in "/sys/fs/cgroup/$1$GROUP"/*"$4"*"/$2" "/sys/fs/cgroup$GROUP"/*"$4"*"/$3"; do
		[[ ! -e $file ]] || { echo "$(<"$file")" && return 0; }
	done
	fail "no account of $1 for $4"
}

# client_need PROGRAM PACKAGE...
client_need() {
	local program=$1
	shift
	PATH=$PATH:/usr/sbin:/sbin type -P "$program" >/dev/null || skip "$program is not installed (apt-get install $*, or your distribution's)"
}
