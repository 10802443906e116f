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

# bats test_tags=guest
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

# bats test_tags=guest
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

@test "exec --cgroup: a group below the container's own, by path or by controller; what is not there, and a way out, are refused" {
	runs
	local sub where
	sub=$(limit_dir pids)/sub
	mkdir "$sub"
	for where in sub /sub pids:sub pids:/sub; do
		# Version 2 has one tree and no controllers' names; on version 1 only the one tree has the group.
		if is_v2; then [[ $where != pids:* ]] || continue; else [[ $where == pids:* ]] || continue; fi
		r exec --cgroup "$where" "$ID" sh -c 'sleep 100 >/dev/null 2>&1 & :' 3>&-
		[[ $(wc -l <"$sub/cgroup.procs") == 1 ]] || fail "$where: $(<"$sub/cgroup.procs")"
		# Of the groups below, too: kill --all and ps.
		[[ $(r ps -f json "$ID" | jq length) == 2 ]] || fail "$(r ps "$ID")"
		kill -KILL "$(<"$sub/cgroup.procs")"
		poll 5 empty "$sub/cgroup.procs"
	done
	for where in nothing pids:nothing pids:.. pids:sub/../../.. wheels:sub; do
		run r exec --cgroup "$where" "$ID" true
		[[ $status -ne 0 ]] || fail "$where was taken"
		has "--cgroup"
	done
	r kill --all "$ID" KILL
	r delete --force "$ID"
	[[ ! -e $sub ]]
}
empty() { [[ -z $(<"$1") ]]; }

# bats test_tags=root
@test "huge pages, RDMA, network classes: written where the host has the controller, else an error that names it, and nothing is left" {
	can_run
	local field
	for field in 'hugepageLimits = [{pageSize: "2MB", limit: 4194304}]' 'network = {classID: 1048577}' 'network = {priorities: [{name: "lo", priority: 3}]}' 'rdma = {mlx5_1: {hcaHandles: 3}}'; do
		has_controller "${field%% *}" "$field" && continue
		cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/config"
		config ".linux.resources.$field"
		run r create -b "$BUNDLE" "$ID"
		exits 1
		has "$(name_of "${field%% *}" "$field")"
		has "linux.resources.${field%% *}"
		[[ -z $(ls -A "$STATE") ]] || fail "$(ls -A "$STATE")"
		cp "$BATS_TEST_TMPDIR/config" "$BUNDLE/config.json"
	done
	# Of the machine's own top group nothing is changed: only where it hands the controller down.
	is_v2 && grep -qw hugetlb /sys/fs/cgroup/cgroup.controllers || return 0
	config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]'
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	PID=$(pid_of)
	[[ $(limit hugetlb none hugetlb.2MB.max) == 4194304 ]]
}
# name_of MEMBER FIELD: the controller. has_controller: does any hierarchy have it?
name_of() {
	case $2 in
	huge*) echo hugetlb ;;
	*classID*) echo net_cls ;;
	*priorities*) echo net_prio ;;
	*) echo rdma ;;
	esac
}
has_controller() {
	local name
	name=$(name_of "$@")
	grep -qE " - cgroup .*\b$name\b" /proc/self/mountinfo || grep -qsw "$name" /sys/fs/cgroup/cgroup.controllers /sys/fs/cgroup/unified/cgroup.controllers
}
