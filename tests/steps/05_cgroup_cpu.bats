# Step 5: control groups. The oracle is the cgroup file system itself, read from outside, and the host's own /proc.

# shellcheck disable=SC2016,SC2030,SC2031 # single quotes are for the shell inside; every test is a subshell of its own
bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	mb_setup
	STEP=$(bin step05_cgroup_cpu)
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	exec 9>&-
	[[ -z ${DEMO:-} ]] || { kill "$DEMO" && wait "$DEMO"; } 2>/dev/null || true
	mb_teardown
}

# --- helpers ----------------------------------------------------------------------------------------------------------

# start_slowed CALL ARGS...: the same with that call slowed.
start_slowed() {
	local call=$1
	shift
	mkfifo keys
	exec 9<>keys
	slowed "$call" "$STEP" --pause --log log "$@" <keys >told 2>&1 3>&- 9>&- &
	DEMO=$!
}
# start ARGS...: the demo with --pause in the background, its narration in ./told. It goes on with every `press`.
start() {
	mkfifo keys
	exec 9<>keys
	"$STEP" --pause --log log "$@" <keys >told 2>&1 3>&- 9>&- &
	DEMO=$!
}
press() { printf ' ' >&9; }
# told REGEX: it is in the narration. A scene that was skipped skips the test.
told() {
	grep -qE '^ SKIP' told && skip "$(grep -E '^ SKIP' told)"
	grep -qE -- "$1" told
}

ends() {
	local status=0
	wait "$DEMO" || status=$?
	DEMO=
	[[ $status -eq 77 ]] && told '^ SKIP' # a machine that is too busy is found out on the way
	[[ $status -eq $1 ]] || fail "exit status $status, expected $1" "$(cat told)"
}

# group SUFFIX FILE: the directory of this run's group that has that file, in whichever tree.
group() {
	local dir
	while IFS= read -r dir; do
		[[ -e $dir/$2 ]] && { echo "$dir"; return 0; }
	done <<<"$(find /sys/fs/cgroup -type d -name "minibox-$MINIBOX_TOKEN-$1" 2>/dev/null)"
	return 1
}
has_group() { group "$@" >/dev/null; }

# quota DIR: "QUOTA PERIOD", whatever the layout.
quota() {
	if [[ -e $1/cpu.max ]]; then cat "$1/cpu.max"; else echo "$(<"$1/cpu.cfs_quota_us") $(<"$1/cpu.cfs_period_us")"; fi
}
throttled() { sed -n 's/^nr_throttled //p' "$1/cpu.stat"; }
cpu_file() { if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then echo cpu.max; else echo cpu.cfs_quota_us; fi; }
ticks() { # PID: CPU time in hundredths of a second
	local stat
	local -a f
	IFS= read -r stat <"/proc/$1/stat"
	read -ra f <<<"${stat##*) }"
	echo $((f[11] + f[12]))
}

# A fifth of a CPU by the host's clock, however long the second turns out to be on a busy machine.
a_fifth() { # PID
	local start=${EPOCHREALTIME/[^0-9]/} before now us
	before=$(ticks "$1")
	sleep 1
	now=$(ticks "$1") us=$((${EPOCHREALTIME/[^0-9]/} - start))
	share=$(((now - before) * 1000000 / us))
	((share <= 27))
}

# verdicts: every scene once for this file; narration in $BATS_FILE_TMPDIR/told, verdicts in .../log (and in $output).
verdicts() {
	if [[ ! -e $BATS_FILE_TMPDIR/log ]]; then
		"$STEP" --all --log "$BATS_FILE_TMPDIR/log" >"$BATS_FILE_TMPDIR/told" 2>&1 || echo $? >"$BATS_FILE_TMPDIR/status"
	fi
	output=$(<"$BATS_FILE_TMPDIR/log")
}
# figure SCENE KEY: from its values; skips the test with a skipped scene.
figure() {
	local line
	line=$(json_line "$1")
	json_get "$2" "$line"
}

# --- claims -----------------------------------------------------------------------------------------------------------

@test "every scene holds, or says why it cannot be shown here; 76 columns, 16 lines" {
	verdicts
	[[ $output == *'"verdict"'* ]]
	[[ $output != *'"verdict": "failed"'* ]] || fail "$output"
	[[ $(wc -l <"$BATS_FILE_TMPDIR/log") -eq 14 ]] || fail "$output"
	local line count=0 inside='' name=''
	while IFS= read -r line; do
		[[ $line == *'   CLAIM'* ]] && inside=1 count=0 name=$line
		[[ -n $inside ]] || continue
		if [[ -z $line ]]; then
			((count <= 16)) || fail "$count lines: $name"
			inside=
			continue
		fi
		count=$((count + 1))
		[[ $line == *'by hand:'* || $line == *SKIP* || $line == *'try: '* ]] && continue
		((${#line} <= 77)) || fail "${#line} columns: $line"
	done <"$BATS_FILE_TMPDIR/told"
}

@test "quota: the cgroup file says 20000, the PID is in, and the host's clock sees a fifth of a CPU" {
	start --scene quota
	poll 10 told '^ 1s '
	press
	poll 10 told '^ 4s '
	local dir pid share seen
	dir=$(group quota "$(cpu_file)")
	[[ $(quota "$dir") == "20000 100000" ]] || fail "$(quota "$dir")"
	read -r pid <"$dir/cgroup.procs"
	told "^ PID $pid "
	grep -q "minibox-$MINIBOX_TOKEN-quota\$" "/proc/$pid/cgroup"
	poll 5 a_fifth "$pid" || fail "$share % of a CPU"
	seen=$(throttled "$dir")
	press
	ends 0
	output=$(<log)
	held quota
	[[ $(figure quota pid) == "$pid" ]]
	(($(figure quota nr_throttled) > 0 && $(figure quota nr_throttled) <= seen)) || fail "$output" "the file: $seen"
}

@test "quota, broken: a group that nobody joined throttles nobody" {
	run "$STEP" --break join --json
	held quota
	[[ $(figure quota nr_throttled) == 0 ]]
}

@test "memory: the kernel's own counter has the kill, and the limit was 32 MiB" {
	start --scene memory
	poll 10 told '^ hog .* status'
	local dir
	if dir=$(group hog memory.limit_in_bytes); then
		[[ $(<"$dir/memory.limit_in_bytes") == 33554432 ]]
		[[ ! -e $dir/memory.memsw.limit_in_bytes || $(<"$dir/memory.memsw.limit_in_bytes") == 33554432 ]]
		grep -q '^oom_kill 1$' "$dir/memory.oom_control"
	else
		dir=$(group hog memory.max)
		[[ $(<"$dir/memory.max") == 33554432 ]]
		grep -q '^oom_kill 1$' "$dir/memory.events"
	fi
	[[ ! -s $dir/cgroup.procs ]]
	[[ $(wc -l <"$(group neighbour memory.stat)/cgroup.procs") == 1 ]]
	press
	ends 0
	output=$(<log)
	held memory
	[[ $(figure memory status) == 137 && $(figure memory neighbour_status) == 0 ]]
}

@test "memory, broken: without a limit the hog gets its 64 MiB" {
	run "$STEP" --break limit --json
	held memory
	[[ $(figure memory touched_mib) == 64 && $(figure memory oom_kill) == 0 ]]
}

@test "hierarchy: the forked child stands in the group's cgroup.procs" {
	start --scene hierarchy
	poll 15 told '^ a loop in inner gets'
	local outer procs
	outer=$(group outer "$(cpu_file)")
	[[ $(quota "$outer") == "20000 100000" ]]
	mapfile -t procs <"$outer/inner/cgroup.procs"
	[[ ${#procs[@]} == 2 && ! -s $outer/cgroup.procs ]]
	[[ $(status_field "${procs[1]}" PPid) == "${procs[0]}" || $(status_field "${procs[0]}" PPid) == "${procs[1]}" ]]
	press && press
	ends 0
	output=$(<log)
	held hierarchy
}

@test "proc-leak: what the container read is what the host's /proc says" {
	verdicts
	held proc-leak
	local key kb
	read -r key kb _ </proc/meminfo
	[[ $key == MemTotal: && $(figure proc-leak inside_meminfo_kb) == "$kb" ]]
	[[ $(figure proc-leak limit_bytes) == 67108864 ]]
}

# contained: the PID that has its own mounts over /proc, below this demo. Sets BOX.
contained() {
	local pid
	told . || :
	for pid in $(token_processes); do
		grep -q ' /proc/meminfo ' "/proc/$pid/mountinfo" && [[ $(state "$pid") == t* ]] && { BOX=$pid; return 0; }
	done 2>/dev/null
	return 1
}
state() { status_field "$1" State; }
kb_of() { sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' "$1"; }

# strace holds the container's PID 1 at its last call, so that its mounts can be read.
@test "proc-fixed: meminfo is the limit's, sysinfo(2) the host's" {
	skip_unless_slowed
	local kb host limit
	host=$(kb_of /proc/meminfo)
	start_slowed exit --scene proc-fixed
	poll 30 contained || fail "no process had its own /proc/meminfo" "$(cat told)"
	kb=$(kb_of "/proc/$BOX/root/proc/meminfo")
	[[ $kb == 65536 ]] || fail "meminfo: $kb"
	[[ $(grep -c ^processor "/proc/$BOX/root/proc/cpuinfo") == 1 ]]
	limit=$(group fixed memory.max) || limit=$(group fixed memory.limit_in_bytes)
	grep -qx 67108864 "$limit"/memory.max "$limit"/memory.limit_in_bytes 2>/dev/null
	grep -qx "$BOX" "$limit/cgroup.procs"
	press && press
	ends 0
	output=$(<log)
	held proc-fixed
	[[ $(figure proc-fixed meminfo_kb) == "$kb" && $(figure proc-fixed sysinfo_kb) == "$host" ]]
}

# bomb: the fork bomb stands still. Sets DIR, PROCS and REFUSED, from the group's files.
bomb() {
	start_slowed unlinkat --scene pids "$@"
	poll 60 told '^ fork\(\) out here'
	DIR=$(group bomb pids.current)
	mapfile -t PROCS <"$DIR/cgroup.procs"
	REFUSED=$(sed -n 's/^max //p' "$DIR/pids.events")
}
# At its rmdir(2): the group is empty, and more were refused than before.
more_refused() {
	local now
	now=$(sed -n 's/^max //p' "$DIR/pids.events") && [[ ! -s $DIR/cgroup.procs ]] && ((now > REFUSED))
} 2>/dev/null

@test "pids: sixteen and no more, as pids.current has it; broken: 120" {
	local DIR REFUSED PROCS pid
	skip_unless_slowed
	bomb
	[[ $(<"$DIR/pids.max") == 16 && $(<"$DIR/pids.current") == 16 && ${#PROCS[@]} == 16 ]] || fail "$(grep . "$DIR"/pids.*)"
	((REFUSED > 0))
	for pid in "${PROCS[@]}"; do grep -q "minibox-$MINIBOX_TOKEN-bomb\$" "/proc/$pid/cgroup"; done
	# One more is one too many for us as well.
	not sh -c 'echo 0 >"$0/cgroup.procs" && (:) && :' "$DIR"
	REFUSED=$(sed -n 's/^max //p' "$DIR/pids.events")
	press
	poll 20 more_refused || fail "the threads were not refused" "$(cat told)"
	press
	ends 0
	output=$(<log)
	held pids
	[[ $(figure pids current) == 16 && $(figure pids threads) == 15 && $(figure pids fork_errno) == 11 ]]
	(($(figure pids refused) > 0 && $(figure pids refused) <= REFUSED))
}

@test "pids, broken: no limit in the file, and 120 processes" {
	local DIR REFUSED PROCS
	skip_unless_slowed
	bomb --break pids
	[[ $(<"$DIR/pids.max") == max && $REFUSED == 0 ]]
	((${#PROCS[@]} >= 120))
	press && press
	ends 0
	output=$(<log)
	held pids
	(($(figure pids current) >= 120))
}

is_dead() { [[ ! -e /proc/$1 || $(state "$1") == Z* ]]; }
kill_waits() { ((0x$(status_field "$1" ShdPnd) & 0x100)); }

# The kill that is looked at is ours; the demo's comes after it.
@test "freezer: no tick while frozen, and which kill works is the layout's affair" {
	start --scene freezer
	poll 30 told '^ frozen .* state'
	local dir pid before
	dir=$(group ice freezer.state) || dir=$(group ice cgroup.freeze)
	read -r pid <"$dir/cgroup.procs"
	before=$(ticks "$pid")
	if [[ -e $dir/freezer.state ]]; then
		[[ $(<"$dir/freezer.state") == FROZEN ]]
		kill -9 "$pid"
		poll 5 kill_waits "$pid"
		[[ $(state "$pid") == D* && $(ticks "$pid") == "$before" && $(<"$dir/freezer.state") == FROZEN ]]
	else
		[[ $(<"$dir/cgroup.freeze") == 1 ]] && grep -qx 'frozen 1' "$dir/cgroup.events"
		kill -9 "$pid"
		poll 5 is_dead "$pid"
	fi
	press
	poll 30 told 'status 137'
	is_dead "$pid"
	grep -qx -e THAWED -e 0 "$dir/freezer.state" "$dir/cgroup.freeze" 2>/dev/null
	press && press
	ends 0
	output=$(<log)
	held freezer
	[[ $(figure freezer frozen_ns) == 0 ]]
	if [[ -e /sys/fs/cgroup/freezer ]]; then
		[[ $(figure freezer dead_while_frozen) == false && $(figure freezer state) == D ]]
	else
		[[ $(figure freezer dead_while_frozen) == true ]]
	fi
}

# try_devices DIR: what a shell of ours gets that joins the group: "null", "zero", "mknod".
try_devices() {
	sh -c 'echo 0 >"$0/cgroup.procs" || exit; (: </dev/null) && echo null; (: </dev/zero) && echo zero
		mknod node c 1 5 && echo mknod; rm -f node; echo 0 >"$0/../cgroup.procs"' "$1" 2>/dev/null || :
}

@test "devices: EPERM for what is not on the list; broken: all works" {
	start --scene devices
	poll 30 told '^ mknod 1:5'
	local dir
	dir=$(group devices cgroup.procs)
	[[ $(try_devices "$dir") == null ]] || fail "$(try_devices "$dir")"
	[[ ! -e $dir/devices.list || $(<"$dir/devices.list") == "c 1:3 rw" ]] || fail "$(<"$dir/devices.list")"
	press && press
	ends 0
	output=$(<log)
	held devices
	[[ $(figure devices null) == 0 && $(figure devices zero) == 1 && $(figure devices mknod) == 1 ]]
	rm -f keys log told
	start --scene devices --break rules
	poll 30 told '^ mknod 1:5'
	dir=$(group devices cgroup.procs)
	[[ $(try_devices "$dir") == null$'\n'zero$'\n'mknod ]] || fail "$(try_devices "$dir")"
	press && press
	ends 0
	output=$(<log)
	held devices
	[[ $(figure devices zero) == 0 ]]
}

@test "cpuset: one CPU for two loops, and EINVAL for a way out" {
	need taskset
	start --scene cpuset
	poll 30 told '^ taskset'
	local dir cpu pid other stat
	local -a f procs
	dir=$(group set cpuset.cpus)
	cpu=$(<"$dir/cpuset.cpus")
	[[ $cpu =~ ^[0-9]+$ ]]
	mapfile -t procs <"$dir/cgroup.procs"
	((${#procs[@]} == 2))
	other=$(taskset -cp $$ | grep -oE '[0-9]+$')
	((other != cpu))
	for pid in "${procs[@]}"; do
		[[ $(status_field "$pid" Cpus_allowed_list) == "$cpu" ]]
		IFS= read -r stat <"/proc/$pid/stat"
		read -ra f <<<"${stat##*) }"
		[[ ${f[0]} == R && ${f[36]} == "$cpu" ]] || fail "on CPU ${f[36]}"
		run taskset -cp "$other" "$pid"
		[[ $status -ne 0 && $output == *"Invalid argument"* && $(status_field "$pid" Cpus_allowed_list) == "$cpu" ]] || fail "$output"
	done
	press && press
	ends 0
	output=$(<log)
	held cpuset
	[[ $(figure cpuset setaffinity_errno) == 22 && $(figure cpuset allowed) == "$cpu" ]]
}

# both_views: PIDs of the group that have a cgroup namespace of their own, asked in there. Fills VIEW.
both_views() {
	local dir pid line tree='^0::'
	[[ -e /sys/fs/cgroup/cgroup.controllers ]] || tree='[:,]cpu[:,]'
	dir=$(group ns "$(cpu_file)") || return 1
	for pid in $(<"$dir/cgroup.procs"); do
		! same_ns cgroup "$pid" $$ || continue
		line=$(nsenter -t "$pid" "${ENTER[@]}" grep -E "$tree" "/proc/$pid/cgroup") || continue
		if [[ ${line##*:} == / ]]; then VIEW[0]=/; else VIEW[1]=${line##*:}; fi
	done
	[[ -n ${VIEW[0]:-} && -n ${VIEW[1]:-} ]]
} 2>/dev/null

# strace holds each of the two processes at its end.
@test "cgroup-ns: joined first it sees /, joined later it sees the name" {
	need nsenter
	skip_unless_slowed
	local VIEW=() ENTER=(-C) SLOW_US=4000000 # every process of the demo ends so late
	is_root || ENTER=(-U --preserve-credentials -C)
	start_slowed exit_group --scene cgroup-ns
	both_told() { told '' && both_views; } # a SKIP is told before any view
	poll 60 both_told || fail "seen: ${VIEW[*]}" "$(cat told)"
	poll 30 told '^ unshare, then join'
	press && press
	ends 0
	output=$(<log)
	held cgroup-ns
	[[ $(figure cgroup-ns join_first) == / && $(figure cgroup-ns unshare_first) == "${VIEW[1]}" ]]
	[[ ${VIEW[1]} == *"minibox-$MINIBOX_TOKEN-ns" ]]
}

@test "--explain shows what is written where" {
	run "$STEP" --scene cgroup-ns --explain
	held_or_skipped=$(grep -cE '^ (HELD|SKIP)' <<<"$output") || true
	[[ $held_or_skipped == 1 ]] || fail "$output"
	[[ $output == *SKIP* ]] && skip "no groups here"
	has "mkdirat(parent, name, 0755)"
	has '"0" -> cgroup.procs'
	has "minibox-$MINIBOX_TOKEN-ns/cgroup.procs"
	has "unshare(CLONE_NEWCGROUP)"
}

# --- -- CMD -----------------------------------------------------------------------------------------------------------

# bats test_tags=guest
@test "-- CMD: limits as typed stand in the group's files, and the command is in it" {
	skip_without_cgroups
	"$STEP" --cpu 20% --memory 64m --pids 32 -- sleep 1000 3>&- >told 2>&1 &
	DEMO=$!
	poll 15 sh -c "[ -s told ] || find /sys/fs/cgroup -path '*minibox-$MINIBOX_TOKEN-run/cgroup.procs' -exec cat {} + 2>/dev/null | grep -q ."
	[[ ! -s told ]] || { is_root && fail "$(cat told)"; grep -q "remedy" told && skip "no delegated group: $(grep why told)"; }
	local dir pid
	dir=$(group run "$(cpu_file)")
	[[ $(quota "$dir") == "20000 100000" ]]
	read -r pid <"$dir/cgroup.procs"
	poll 5 grep -qE "^(minibox-)?sleep" "/proc/$pid/comm"
	dir=$(group run pids.max)
	[[ $(<"$dir/pids.max") == 32 ]]
	grep -qx "$pid" "$dir/cgroup.procs"
	dir=$(group run memory.max) || dir=$(group run memory.limit_in_bytes)
	[[ $(cat "$dir/memory.max" 2>/dev/null || cat "$dir/memory.limit_in_bytes") == 67108864 ]]
	grep -qx "$pid" "$dir/cgroup.procs"
	grep -q "minibox-$MINIBOX_TOKEN-run\$" "/proc/$pid/cgroup"
	if same_ns cgroup "$pid" $$; then fail "no cgroup namespace"; fi
	kill "$DEMO"
	wait "$DEMO" || true
	DEMO=
	free_of_token
}

@test "-- CMD: in its own view it is at the root of all groups" {
	run "$STEP" -- cat /proc/self/cgroup
	exits 0
	if is_root; then has ":cpu:/" || has "0::/"; fi
	has_not "minibox-"
}

@test "-- CMD: a hog is killed, 137; a fork bomb gets no further; status goes through" {
	run "$STEP" --memory 32m -- tail /dev/zero
	[[ $status -eq 125 && $output == *remedy* ]] && ! is_root && skip "no delegated group"
	exits 137
	run "$STEP" --pids 4 -- sh -c 'for i in 1 2 3 4 5 6; do sleep 60 & done; wait'
	has "can't fork"
	run "$STEP" --pids 4 -- sh -c 'exit 7'
	exits 7
}

@test "bad limits: what is wrong, what to type instead, 125, nothing made" {
	local option text says
	while IFS='|' read -r option text says; do
		run "$STEP" "$option" "$text" -- true
		exits 125
		has "$text: "
		has "$says"
		has "remedy"
	done <<-'END'
		--cpu|20|Without a unit
		--cpu|0%|at least
		--cpu|-20%|no amount of CPU
		--cpu|999900%|at most
		--cpu|half|no amount of CPU
		--memory|1k|1m at least
		--memory|64|unit is missing
		--memory|0m|1m at least
		--memory|99999g|This machine has
		--memory|-1m|no amount of memory
		--pids|0|itself is one
		--pids|-3|no number
		--pids|99999999999|kernel.pid_max
	END
	run "$STEP" --cpu 20%
	exits 2
	has "add -- CMD"
	run "$STEP" --cpu
	exits 2
}

# --- hosts that are otherwise -----------------------------------------------------------------------------------------

# bats test_tags=root
@test "a group that exists already is said, and left alone" {
	local dir=/sys/fs/cgroup
	[[ -e $dir/cgroup.controllers ]] || dir=/sys/fs/cgroup/pids
	dir+=/minibox-$MINIBOX_TOKEN-run
	mkdir "$dir"
	run "$STEP" --pids 32 -- true
	local there=0
	[[ -d $dir ]] && there=1
	rmdir "$dir"
	exits 125
	has "File exists"
	has "$dir"
	[[ $there == 1 ]] || fail "the demo removed a group that it had not made"
}

# bats test_tags=root
@test "a read-only cgroup file system, and none at all, are said" {
	need unshare
	run unshare -m sh -c 'mount --make-rprivate /
		sed -n "s/^.* \(\/sys\/fs\/cgroup[^ ]*\) .* - cgroup2\{0,1\} .*/\1/p" /proc/self/mountinfo | while read -r at; do mount -o remount,bind,ro "$at"; done
		"$0" --pids 32 -- true' "$STEP"
	exits 125
	has "read-only"
	has "remedy"
	run unshare -m sh -c 'mount --make-rprivate /; umount -l /sys/fs/cgroup/* /sys/fs/cgroup 2>/dev/null; "$0" --pids 32 -- true' "$STEP"
	exits 125
	has "No cgroup file system is mounted here"
	run unshare -m sh -c 'mount --make-rprivate /; umount -l /sys/fs/cgroup/* /sys/fs/cgroup 2>/dev/null; "$0" --scene quota' "$STEP"
	exits 77
	has "SKIP"
	has "no cgroup file system is mounted here"
}

# bats test_tags=user
@test "an ordinary user without delegation: which controller lacks, and the remedy" {
	run "$STEP" --scene pids
	[[ $status -eq 0 ]] && skip "groups are delegated here"
	exits 77
	has "pids"
	grep -qE 'systemd-run --user --scope -p Delegate=yes|chown' <<<"$output"
}

# bats test_tags=root,guest
@test "an ordinary user without groups: one remedy for all controllers, and it works as printed" {
	skip_without_cgroups
	need setpriv
	local remedies line left failed='' uid=$((200000 + $$ % 100000)) program as
	[[ -n ${MB_GUEST:-} || ! -e /sys/fs/cgroup/cgroup.controllers ]] || skip "it would change the v2 tree of this machine"
	# Where he can read it: a project below /root is out of his reach, and so is bats' own folder.
	program=/tmp/minibox-$MINIBOX_TOKEN-step
	install -m 755 "$STEP" "$program"
	as="cd / && exec setpriv --reuid $uid --regid $uid --clear-groups env HOME=/ TMPDIR=/tmp $program"
	run bash -c "$as --all --json"
	remedies=$(sed -n 's/.*"remedy": "\([^"]*\)".*/\1/p' <<<"$output" | sort -u | grep -v -e "^$" -e "^run it as root$")
	if [[ $remedies == "sudo sh -c 'cd /sys/fs/cgroup"* && $remedies != *$'\n'* ]]; then
		# Root's shell types it, gets the group on v2, and becomes that user.
		line=${remedies#sudo }
		run bash -c "$line; $as --json --scene memory"
		[[ $(json_verdict memory) == held ]] || failed+=$output
		run bash -c "{ echo \$\$ >/sys/fs/cgroup/u$uid/cgroup.procs; } 2>/dev/null; $as --json --scene cpuset"
		[[ $(json_verdict cpuset) == held || $output == *"one CPU only"* ]] || failed+=$output
		run bash -c "{ echo \$\$ >/sys/fs/cgroup/u$uid/cgroup.procs; } 2>/dev/null; $as --cpu 20% --memory 64m --pids 9 -- sh -c 'cat /proc/self/cgroup; id -u'"
		[[ $status == 0 && ($output == *":pids:/"$'\n'* || $output == "0::/"$'\n'*) && $output == *$'\n'0 ]] || failed+=$output
		poll 5 sh -c "! ls -d /sys/fs/cgroup/u$uid/*/ /sys/fs/cgroup/*/u$uid/*/ 2>/dev/null" || failed+="something is left"
		for left in "/sys/fs/cgroup/u$uid" /sys/fs/cgroup/*/"u$uid"; do [[ ! -d $left ]] || rmdir "$left"; done
	elif [[ -d /run/systemd/system && $remedies == *systemd-run* ]]; then
		line=systemd
	fi
	rm -f "$program"
	[[ -n ${line:-} ]] || fail "remedies: $remedies" "$output"
	[[ -z $failed ]] || fail "$failed"
}

# --- whatever happens -------------------------------------------------------------------------------------------------

@test "kill -9 of the demo in the middle of each scene: no group and no process is left, frozen ones neither" {
	local scene scenes caught=0
	group_or_end() {
		find /sys/fs/cgroup -name "minibox-$MINIBOX_TOKEN-*" 2>/dev/null | grep -q . && return 0
		! kill -0 "$DEMO" 2>/dev/null
	}
	mapfile -t scenes < <("$STEP" --list --json | sed -n 's/.*"scene": "\([^"]*\)".*/\1/p')
	[[ ${#scenes[@]} -eq 14 ]] || fail "${scenes[*]}"
	for scene in "${scenes[@]}"; do
		"$STEP" --scene "$scene" >told 2>&1 3>&- &
		DEMO=$!
		poll 20 group_or_end || fail "$scene"
		kill -9 "$DEMO" 2>/dev/null && caught=$((caught + 1))
		wait "$DEMO" || true
		DEMO=
		poll 5 free_of_token || fail "$scene"
	done
	grep -q '^ SKIP' told && skip "no groups here"
	((caught > 3)) || fail "only $caught scenes were still there to be killed"
}

# bats test_tags=root
@test "kill -9 of the guard: main cleans up in its place" {
	"$STEP" --scene quota >told 2>&1 3>&- &
	DEMO=$!
	poll 10 sh -c "find /sys/fs/cgroup -name 'minibox-$MINIBOX_TOKEN-*' | grep -q ."
	local pid
	for pid in $(own_children "$DEMO"); do kill -9 "$pid"; done
	wait "$DEMO" || true
	DEMO=
	poll 5 free_of_token
}

# --- --watch ----------------------------------------------------------------------------------------------------------

@test "--watch PID: a line a second, for any process; bad PIDs are said" {
	sh -c 'while :; do :; done' 3>&- &
	local loop=$!
	run timeout 60 "$STEP" --watch "$loop" 1
	kill "$loop"
	wait "$loop" || true
	exits 0
	has "PID $loop (sh)"
	grep -qE '^ +1s #* +[1-9][0-9]*%' <<<"$output" || fail "$output"
	run "$STEP" --watch "$loop"
	exits 1
	has "no such process"
	run "$STEP" --watch
	exits 2
	run "$STEP" --watch 0x1
	exits 2
	run "$STEP" --watch -1
	exits 2
	run "$STEP" --watch $$ 0
	exits 2
}
