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
