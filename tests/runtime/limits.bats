# minibox-runtime: the limits of a container that lives (update), what it uses and when its memory has run out (events). The
# oracle: the files of the group in which /proc/PID/cgroup says that the container is.

# shellcheck disable=SC2016,SC2030,SC2031
load ../lib/common
load ../lib/bundle

setup() { bundle_setup; }
teardown() { bundle_teardown; }

# limit CONTROLLER V1-FILE V2-FILE: what the kernel has.
limit() { cat "$(limit_dir "$1")/$(v "$2" "$3")"; }
limit_dir() {
	local line
	if is_v2; then
		line=$(grep '^0::' "/proc/$PID/cgroup")
		echo "/sys/fs/cgroup${line#0::}"
	else
		line=$(grep -E "^[0-9]+:([a-z_,]*,)?$1(,[a-z_,]*)?:" "/proc/$PID/cgroup")
		echo "/sys/fs/cgroup/$1${line#*:*:}"
	fi
}
is_v2() { [[ $(stat -f -c %T /sys/fs/cgroup) == cgroup2fs ]]; }
v() { if is_v2; then echo "$2"; else echo "$1"; fi; }

# mkdir_works: may this user make a group with the memory controller beside itself? Asked of mkdir(1).
mkdir_works() {
	local group
	group=$(PID=$BASHPID && limit_dir memory)/probe$MINIBOX_TOKEN
	mkdir "$group" 2>/dev/null || return 1
	local has=1
	[[ ! -e $group/memory.max && ! -e $group/memory.limit_in_bytes ]] || has=0
	rmdir "$group"
	return $has
}

# runs: a container with limits lives, PID is its first process. Skips only where mkdir(1) is refused a group, too.
runs() {
	can_run
	config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 40}}'
	made run -d -b "$BUNDLE" "$ID"
	if [[ $status -ne 0 ]] && ! is_root; then
		not mkdir_works
		skip "this user has no delegated cgroup with memory and pids"
	fi
	exits 0
	PID=$(pid_of)
}

@test "update: memory, swap, processes, CPU time and shares, by flags and by a file; a group that lacks a controller gets it" {
	runs
	[[ $(limit pids pids.max pids.max) == 40 ]]
	r update --memory 32m --pids-limit 30 --cpu-quota 20000 --cpu-share 512 "$ID"
	[[ $(limit memory memory.limit_in_bytes memory.max) == 33554432 ]]
	[[ $(limit pids pids.max pids.max) == 30 ]]
	[[ $(limit cpu cpu.cfs_quota_us cpu.max) == "$(v 20000 '20000 100000')" ]]
	[[ $(limit cpu cpu.shares cpu.weight) == "$(v 512 50)" ]]
	# One of the two stays as it is; -1 is no limit; 0 asks for nothing.
	r update --cpu-period 50000 "$ID"
	[[ $(limit cpu cpu.cfs_quota_us cpu.max) == "$(v 20000 '20000 50000')" ]]
	r update --cpu-quota -1 --pids-limit -1 "$ID"
	[[ $(limit cpu cpu.cfs_quota_us cpu.max) == "$(v -1 'max 50000')" && $(limit pids pids.max pids.max) == max ]]
	echo '{"memory": {"limit": 50331648, "swap": -1}, "cpu": {"shares": 0, "quota": 0}, "pids": {"limit": 20}}' >"$BATS_TEST_TMPDIR/new"
	r update -r "$BATS_TEST_TMPDIR/new" "$ID"
	[[ $(limit memory memory.limit_in_bytes memory.max) == 50331648 && $(limit pids pids.max pids.max) == 20 ]]
	echo '{"pids": {"limit": 21}}' | r update -r - "$ID"
	[[ $(limit pids pids.max pids.max) == 21 ]]
	# What is wrong changes nothing.
	for words in "--memory 12x" "--cpu-quota 5" "--pids-limit many" "--cpuset-cpus 0-" "--memory-swap 1m" "-r /nothing" "-r $BUNDLE/config.json --memory 1g" "--blkio-weight 5"; do
		# shellcheck disable=SC2086 # words
		run r update $words "$ID"
		exits 1
	done
	[[ $(limit memory memory.limit_in_bytes memory.max) == 50331648 && $(limit pids pids.max pids.max) == 21 ]]
	r delete --force "$ID"
	run r update --pids-limit 5 "$ID"
	exits 1
	has "does not exist"
}

# bats test_tags=root
@test "unified: a file of v2 by its name; elsewhere it is refused by name, and nothing is left" {
	can_run
	config '.linux.resources.unified = {"memory.high": "50331648"}'
	if ! is_v2; then
		run r create -b "$BUNDLE" "$ID"
		exits 1
		has "linux.resources.unified"
		[[ -z $(ls -A "$STATE") ]] || fail "$(ls -A "$STATE")"
		return
	fi
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	PID=$(pid_of)
	[[ $(limit memory none memory.high) == 50331648 ]]
}

@test "events: what is used, as the kernel counts it; an OOM kill; the end with the container" {
	runs
	run r events --stats "$ID"
	exits 0
	[[ $(jq -r '.type, .id' <<<"$output" | xargs) == "stats $ID" ]]
	[[ $(jq '.data.memory.usage.limit' <<<"$output") == 67108864 && $(jq '.data.pids.limit' <<<"$output") == 40 ]]
	[[ $(jq '.data.pids.current' <<<"$output") == 1 ]]
	r delete --force "$ID"
	config '.linux.resources.memory.limit = 20971520 | .process.args = ["sh", "-c", "x=a; while :; do x=$x$x; done"]'
	made create -b "$BUNDLE" "$ID"
	exits 0
	timeout 30 "$RUNTIME" --root "$STATE" events --interval 200ms "$ID" >"$BATS_TEST_TMPDIR/events" 3>&- &
	local events=$!
	poll 10 test -s "$BATS_TEST_TMPDIR/events"
	r start "$ID"
	wait "$events"
	[[ $(jq -r 'select(.type == "oom").id' "$BATS_TEST_TMPDIR/events" | sort -u) == "$ID" ]] || fail "$(<"$BATS_TEST_TMPDIR/events")"
	run r events --stats "$ID"
	exits 1
	has "container not running"
}
