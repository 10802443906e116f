# The snapshot sees what a test leaves behind. Each leak is made, seen, and taken away again.

# shellcheck disable=SC2016,SC2089,SC2090 # shells of their own namespaces; JSON is full of quotes
load ../lib/common

# leaks WHAT: the host differs from $before, and the difference names WHAT
leaks() {
	MB_SETTLE=0 run snapshot_settle before
	exits 1
	has "$1"
}

@test "nothing left is no difference" {
	snapshot before
	snapshot_settle before
}

@test "of a long difference thirty lines are shown, and the rest is counted" {
	local few=(same) many=(same line{1..50})
	run snapshot_diff few many
	exits 1
	[[ ${#lines[@]} -eq 31 && ${lines[0]} == "+ line1" && ${lines[30]} == "+ and 20 more" ]] || fail "$output"
	run snapshot_diff many few
	exits 1
	[[ ${#lines[@]} -eq 31 && ${lines[0]} == "- line1" && ${lines[30]} == "- and 20 more" ]] || fail "$output"
}

@test "a directory in TMPDIR is seen" {
	snapshot before
	mkdir "${TMPDIR:-/tmp}/minibox-$MINIBOX_TOKEN-leak"
	run leaks "+ scratch ${TMPDIR:-/tmp}/minibox-$MINIBOX_TOKEN-leak"
	rmdir "${TMPDIR:-/tmp}/minibox-$MINIBOX_TOKEN-leak"
	exits 0
}

# bats test_tags=guest
@test "a child still running is seen" {
	snapshot before
	sleep 1000 &
	run leaks "sleep 1000"
	kill $!
	wait || :
	exits 0
}

@test "a daemon that left the test's process tree is seen by its token" {
	need setsid
	snapshot before
	setsid -f sleep 1001
	run leaks "sleep 1001"
	kill "$(token_processes)"
	exits 0
}

# bats test_tags=root
@test "a mount is seen" {
	# In a mount namespace of its own: /proc/self/mountinfo is then that of the shell that takes the snapshots.
	run unshare --mount --propagation private bash -c '
		source "$0/tests/lib/common.bash"
		new_token
		snapshot before
		mount -t tmpfs "minibox-$MINIBOX_TOKEN" /mnt
		MB_SETTLE=0 snapshot_settle before' "$ROOT"
	exits 1
	has "+ mount "
	has " /mnt "
}

# bats test_tags=root,guest
@test "a cgroup is seen" {
	local parent
	for parent in /sys/fs/cgroup/unified /sys/fs/cgroup /sys/fs/cgroup/pids none; do
		[[ ! -e $parent/cgroup.procs ]] || break
	done
	[[ $parent != none && -w $parent/cgroup.procs ]] || skip "no cgroup hierarchy that root may write to"
	snapshot before
	mkdir "$parent/minibox-$MINIBOX_TOKEN-leak"
	run leaks "+ cgroup $parent/minibox-$MINIBOX_TOKEN-leak"
	poll 2 rmdir "$parent/minibox-$MINIBOX_TOKEN-leak"
	exits 0
}

# bats test_tags=root
@test "a network link is seen" {
	need ip
	run unshare --net bash -c '
		source "$0/tests/lib/common.bash"
		new_token
		snapshot before
		ip link add "mb$MINIBOX_TOKEN" type bridge || exit 77
		MB_SETTLE=0 snapshot_settle before' "$ROOT"
	[[ $status != 77 ]] || skip "this kernel has no bridges"
	exits 1
	has "+ link mb"
}

# bats test_tags=root
@test "an exact snapshot sees IPC objects and a host name that changed" {
	need ipcmk
	run unshare --ipc --uts bash -c '
		MB_SNAPSHOT=exact
		source "$0/tests/lib/common.bash"
		new_token
		snapshot before
		ipcmk -M 4096 >/dev/null
		echo elsewhere >/proc/sys/kernel/hostname
		MB_SETTLE=0 snapshot_settle before' "$ROOT"
	exits 1
	has "+ sysv-shm key"
	has "+ hostname elsewhere"
	has "- hostname"
}

# inside UNSHARE-OPTION... SCRIPT: the script between two snapshots, in namespaces of its own; `output` is the difference.
inside() {
	local script=${*: -1}
	set -- "${@:1:$#-1}"
	run unshare "$@" bash -c '
		source "$0/tests/lib/common.bash"
		new_token
		snapshot before
		'"$script"'
		MB_SETTLE=0 snapshot_settle before' "$ROOT"
	[[ $status != 77 ]] || skip "not on this machine: ${lines[-1]}"
	exits 1
}

# bats test_tags=root
@test "a POSIX message queue is seen, also where none is mounted" {
	unshare --ipc --mount sh -c 'mount -t mqueue mqueue /mnt' || skip "this kernel has no POSIX message queues"
	MB_SNAPSHOT=token inside --ipc --mount --propagation private '
		mount -t mqueue mqueue /mnt
		touch "/mnt/mb-$MINIBOX_TOKEN"
		umount /mnt'
	has "+ posix-ipc mqueue mb-"
	inside --ipc --mount --propagation private '
		mount -t mqueue mqueue /mnt
		snapshot before
		touch "/mnt/mb-$MINIBOX_TOKEN"'
	has "+ posix-ipc /mnt/mb-"
}

@test "a host name that changed is seen by a token snapshot as well" {
	unshare -Ur --uts true 2>/dev/null || skip "no user namespace for this user"
	need hostname
	MB_SNAPSHOT=token inside -Ur --uts 'hostname elsewhere'
	has "+ hostname elsewhere"
}

# bats test_tags=user
@test "a token snapshot sees the System V objects of the user that only the tests have" {
	need ipcmk
	[[ $USER == mbtest ]] || skip "only as the user of tests/lib/as-user"
	unshare --user --map-current-user --ipc true || skip "no user namespace for this user"
	MB_SNAPSHOT=token inside --user --map-current-user --ipc 'ipcmk -M 4096 >/dev/null; ipcmk -Q >/dev/null; ipcmk -S 1 >/dev/null'
	has "+ sysv-shm key"
	has "+ sysv-msg key"
	has "+ sysv-sem key"
}

# bats test_tags=root
@test "a cgroup is seen wherever its hierarchy is mounted" {
	local at=$BATS_TEST_TMPDIR/elsewhere group
	mkdir "$at"
	inside --mount --propagation private '
		mount -t cgroup2 cgroup2 "'"$at"'" 2>/dev/null || { echo "no cgroup v2"; exit 77; }
		umount -l /sys/fs/cgroup
		snapshot before
		mkdir "'"$at"'/minibox-$MINIBOX_TOKEN-leak" || { echo "read-only"; exit 77; }'
	group=$(grep -o "$at/minibox-.*-leak" <<<"$output")
	unshare --mount --propagation private sh -c 'mount -t cgroup2 cgroup2 "$0" && rmdir "$1"' "$at" "$group"
	has "+ cgroup $at/minibox-"
}

# bats test_tags=root
@test "controllers that were handed down are seen" {
	grep -q ' - cgroup2 ' /proc/self/mountinfo || skip "no cgroup v2"
	# The file of a test's own, over the kernel's.
	MB_SNAPSHOT=exact inside --mount --propagation private '
		at=$(sed -n "s/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - cgroup2 .*/\1/p" /proc/self/mountinfo | tail -n 1)
		echo none >"'"$BATS_TEST_TMPDIR"'/file"
		mount --bind "'"$BATS_TEST_TMPDIR"'/file" "$at/cgroup.subtree_control"
		snapshot before
		echo memory >"'"$BATS_TEST_TMPDIR"'/file"'
	has "- controllers of "
	has ": memory"
}

@test "a route is seen" {
	need ip
	unshare -Urn true 2>/dev/null || skip "no user namespace for this user"
	MB_SNAPSHOT=exact inside -Urn 'ip link set lo up && ip route add 10.99.0.0/16 dev lo || exit 77'
	has "+ route 0000630A/0000FFFF by 00000000 on lo"
}

# bats test_tags=root
@test "a named network namespace is seen" {
	inside --mount --propagation private '
		mount -t tmpfs tmpfs /run && mkdir /run/netns && snapshot before
		touch "/run/netns/mb$MINIBOX_TOKEN"'
	has "+ netns /run/netns/mb"
}

# bats test_tags=root
@test "a loop device is seen" {
	need losetup
	local file=$BATS_TEST_TMPDIR/disk device
	truncate -s 1M "$file"
	snapshot before
	device=$(losetup -f --show "$file" 2>&1) || skip "no loop device to be had: $device"
	run leaks "+ loop "
	losetup -d "$device"
	exits 0
}

@test "a mount below this run's own directory is seen by a token snapshot" {
	unshare -Urm true 2>/dev/null || skip "no user namespace for this user"
	MB_SNAPSHOT=token inside -Urm 'mkdir "'"$BATS_TEST_TMPDIR"'/m" && mount -t tmpfs tmpfs "'"$BATS_TEST_TMPDIR"'/m"'
	has "+ mount "
}

@test "an exact snapshot sees any file in /tmp, /var/tmp and TMPDIR, and a link that leads nowhere" {
	unshare -Urm true 2>/dev/null || skip "no user namespace for this user"
	local tmp=$BATS_TEST_TMPDIR/tmp
	mkdir "$tmp"
	TMPDIR=$tmp MB_SNAPSHOT=exact inside -Urm '
		mount -t tmpfs tmpfs /tmp -o mode=1777 && mount -t tmpfs tmpfs /var/tmp || exit 77
		mkdir -p "$TMPDIR" && snapshot before
		touch /tmp/a /var/tmp/b "$TMPDIR/c"
		ln -s nowhere /tmp/d'
	has "+ scratch /tmp/a"
	has "+ scratch /var/tmp/b"
	has "+ scratch $tmp/c"
	has "+ scratch /tmp/d"
}

@test "an exact snapshot sees the state directories" {
	mkdir -p "$BATS_TEST_TMPDIR/data"
	XDG_DATA_HOME=$BATS_TEST_TMPDIR/data MB_SNAPSHOT=exact inside --fork '
		mkdir -p "$XDG_DATA_HOME/minibox/containers" && snapshot before
		ln -s nowhere "$XDG_DATA_HOME/minibox/containers/x"'
	has "+ state $BATS_TEST_TMPDIR/data/minibox/containers/x"
}

@test "what is cleaned up late but in time is no difference" {
	snapshot before
	mkdir "${TMPDIR:-/tmp}/minibox-$MINIBOX_TOKEN-late"
	{ sleep 0.5 && rmdir "${TMPDIR:-/tmp}/minibox-$MINIBOX_TOKEN-late"; } &
	snapshot_settle before
}

@test "a token snapshot ignores what others do" {
	local other
	other=$(mktemp -d "${TMPDIR:-/tmp}/minibox-other-XXXXXX")
	rmdir "$other"
	MB_SNAPSHOT=token snapshot before
	mkdir "$other"
	MB_SNAPSHOT=token MB_SETTLE=0 run snapshot_settle before
	rmdir "$other"
	exits 0
}

@test "a snapshot is quick" {
	local TIMEFORMAT='%U + %S' spent limit=0.2 _
	[[ -z ${MB_GUEST:-} ]] || limit=4 # an emulated CPU
	for _ in {1..10}; do # CPU time, and one of ten: a busy machine makes nothing quicker
		spent=$({ time snapshot before; } 2>&1)
		echo "$spent s a snapshot"
		awk "BEGIN { exit !($spent < $limit) }" && return 0 # 0.05 are meant
	done
	false
}

@test "a setup or teardown of a bats file's own calls ours" {
	local file
	for file in "$ROOT"/tests/{steps,minibox,inspector,labs}/*.bats; do
		[[ -e $file ]] || continue
		! grep -q '^setup()' "$file" || grep -qE '(mb|demo)_setup' "$file" || fail "$file: setup without mb_setup"
		! grep -q '^teardown()' "$file" || grep -qE '(mb|demo)_teardown' "$file" || fail "$file: teardown without mb_teardown"
	done
}

@test "verdicts are read from JSON lines" {
	output='{"step":1,"scene":"pid-one","claim":"a \"b\" c","verdict":"held","values":{"x":1}}
{"step":1, "scene": "nested", "verdict": "failed", "reason": ""}'
	[[ $(json_verdict pid-one) == held ]]
	[[ $(json_get claim "$(json_line pid-one)") == 'a \"b\" c' ]]
	[[ $(json_get step "$(json_line nested)") == 1 ]]
	held pid-one
	run held nested
	exits 1
	output='' run held absent
	exits 1
}
