#!/usr/bin/env bats
# Real containers: what the inspector says against /proc, lsns and the cgroup's files.

# shellcheck disable=SC2016,SC2030,SC2031,SC2317 # jq's and sed's $; each test is a process; poll calls by name

load ../lib/common

setup() {
	mb_setup
	need jq unshare
	TMP=$(mktemp -d)
	STARTED=()
}

teardown() {
	local pid
	for pid in "${STARTED[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
	wait
	rm -rf "$TMP"
	mb_teardown
}

# container COMMAND...: in namespaces of its own. INIT is its first process, as the host numbers it. It lives until teardown
# kills it: a command that ends by itself must not do so in a test that a busy machine makes slow.
container() {
	unshare -Urpfmui --mount-proc "$@" 3>&- &
	STARTED+=($!)
	local parent=$!
	has_child() { INIT=$(pgrep -P "$parent"); }
	poll 30 has_child
	STARTED+=("$INIT")
	own_mounts() { ! same_ns mnt "$INIT" $$ && [[ $(status_field "$INIT" Name) != unshare ]]; }
	poll 30 own_mounts
}

inspect() { "$(bin inspector)" --json "$@" >"$TMP/json"; }
ask() { jq -r "$1" "$TMP/json"; }

# bats test_tags=guest
@test "both numbers of every process are those of /proc, and the namespaces' inodes too" {
	container sh -c 'sleep 1000 & sleep 1000 & wait'
	inspect "$INIT"
	[[ $(ask .container.init) -eq $INIT && $(ask .found) == true ]]
	local pid inside kind
	children() { [[ $(pgrep -c -P "$INIT") -eq 2 ]]; }
	poll 30 children
	inspect "$INIT"
	[[ $(ask '[.rows[] | select(.relation == "init" or .relation == "member")] | length') -eq 3 ]]
	while read -r pid inside; do
		[[ "$pid $inside" == "$(status_field "$pid" NSpid)" ]]
	done < <(ask '.rows[] | select(.inside > 0) | "\(.pid) \(.inside)"')
	for kind in pid mnt uts ipc net user cgroup; do
		[[ $(readlink "/proc/$INIT/ns/$kind") == "$kind:[$(ask ".namespaces.$kind.inside")]" ]]
		if same_ns "$kind" "$INIT" $$; then
			[[ $(ask ".namespaces.$kind.verdict") == shared ]]
		else
			[[ $(ask ".namespaces.$kind.verdict") == own ]]
		fi
	done
	[[ $(ask .namespaces.net.verdict) == shared && $(ask .namespaces.pid.verdict) == own ]]
}

@test "lsns counts the same members" {
	need lsns
	container sh -c 'sleep 1000 & wait'
	children() { [[ $(pgrep -c -P "$INIT") -eq 1 ]]; }
	poll 30 children
	inspect "$INIT"
	local count
	# lsns gives up where a process of the host ends while it reads.
	counted() {
		count=$(lsns -n -r -o NS,NPROCS 2>/dev/null | awk -v ns="$(ask .namespaces.pid.inside)" '$1 == ns { print $2 }')
		[[ $count -eq 2 ]]
	}
	poll 10 counted
	[[ $(ask .namespaces.pid.members) -eq 2 ]]
}

@test "a zombie is named, with the parent that has not waited" {
	container sh -c '(exec sh -c "exit 3") & exec sleep 1000'
	zombie() { pgrep -P "$INIT" -r Z >/dev/null; }
	poll 30 zombie
	inspect "$INIT"
	[[ $(ask '.rows[] | select(.state == "Z") | .exit_code') -eq $((3 << 8)) ]]
	[[ $(ask '.rows[] | select(.state == "Z") | .ppid') -eq $INIT ]]
	run_timeout 60 "$(bin inspector)" --once "$INIT"
	has ZOMBIE
}

@test "whoever came in by nsenter is marked as joined, its parent inside is 0" {
	need nsenter
	container sleep 1000
	nsenter -t "$INIT" -U --preserve-credentials -p -m sleep 1001 3>&- &
	STARTED+=($!)
	local outside=$! joined
	came() { joined=$(pgrep -P "$outside" -x sleep); }
	poll 30 came
	STARTED+=("$joined")
	inspect "$INIT"
	[[ $(ask ".rows[] | select(.pid == $joined) | .relation") == joined ]]
	[[ $(ask ".rows[] | select(.pid == $joined) | .inside_ppid") -eq 0 ]]
	[[ $(ask ".rows[] | select(.pid == $joined) | .inside") -eq $(status_field "$joined" NSpid | cut -d' ' -f2) ]]
}

# A member of a pod that has no PID namespace of its own: everybody has a number where it is.
@test "in the host's PID namespace the parent inside is the parent" {
	unshare -Urm sh -c 'sleep 1000 & sleep 1000 & wait' 3>&- &
	STARTED+=($!)
	local first=$!
	children() { [[ $(pgrep -c -P "$first" -x sleep) -eq 2 ]]; }
	poll 30 children
	# shellcheck disable=SC2207 # numbers
	STARTED+=($(pgrep -P "$first"))
	inspect "$first"
	[[ $(ask .namespaces.pid.verdict) == shared && $(ask .namespaces.mnt.verdict) == own ]]
	[[ $(ask '[.rows[] | select(.relation == "init" or .relation == "member")] | length') -eq 3 ]]
	[[ $(ask '[.rows[] | select(.relation == "init" or .relation == "member") | .inside == .pid and .inside_ppid == .ppid] | all') == true ]]
}

@test "host name, id map and capabilities are the container's" {
	container sh -c 'hostname inspected; exec sleep 1000'
	named() { inspect "$INIT" && [[ $(ask .identity.hostname) == inspected ]]; }
	poll 30 named
	[[ $(ask .host) == "$(hostname)" ]]
	local inside outside count
	read -r inside outside count <"/proc/$INIT/uid_map"
	[[ $(ask .identity.uid_map) == "$inside->$outside x$count" ]]
	printf -v mask '%016x' "$(ask .identity.cap_eff)"
	[[ $mask == "$(status_field "$INIT" CapEff)" ]]
	[[ $(ask .identity.seccomp) -eq $(status_field "$INIT" Seccomp) ]]
}

# bats test_tags=root
@test "another user's container: denied is said, and never 'same'" {
	skip_unless_root
	container sleep 1000
	run_timeout 60 "$ROOT/tests/lib/as-user" "$(bin inspector)" --json "$INIT"
	exits 0
	echo "$output" >"$TMP/json"
	[[ $(ask .namespaces.mnt.verdict) == denied && $(ask .namespaces.net.verdict) == denied ]]
	[[ $(ask '.rows[] | select(.relation == "init") | .inside') -eq 1 ]] # NSpid may be read by all
	[[ $(ask .denied) -gt 0 ]]
}

# bats test_tags=root
@test "a cgroup's limits and counters are those of its files" {
	skip_unless_root
	local dir=/sys/fs/cgroup/memory file=memory.limit_in_bytes group name=minibox-$MINIBOX_TOKEN
	[[ -e $dir/$file ]] || { dir=/sys/fs/cgroup file=memory.max; }
	group=$dir/$name
	mkdir "$group" 2>/dev/null || skip "no group can be made in $dir"
	[[ -e $group/$file ]] || { rmdir "$group"; skip "no memory controller in $dir"; }
	echo 33554432 >"$group/$file"
	container sleep 1000
	echo "$INIT" >"$group/cgroup.procs"
	inspect "$INIT"
	local max path own kind
	max=$(ask .cgroup.memory.max) path=$(ask .cgroup.path) own=$(ask .cgroup.own) kind=$(ask .container.kind)
	kill -9 "$INIT"
	empty() { rmdir "$group" 2>/dev/null; }
	poll 30 empty
	[[ $max -eq 33554432 && $path == "/$name" && $own == true && $kind == minibox ]]
}

@test "bubblewrap is found by its namespaces" {
	need bwrap
	bwrap --die-with-parent --unshare-all --ro-bind / / --proc /proc --dev /dev sleep 1000 3>&- &
	STARTED+=($!)
	local outer=$! pid
	deepest() {
		pid=$(pgrep -x sleep | while read -r p; do
			[[ $(status_field "$p" NSpid) == *' '* && -n $(pgrep -P "$outer") ]] &&
				grep -qzx "MINIBOX_TOKEN=$MINIBOX_TOKEN" "/proc/$p/environ" && echo "$p"
		done | head -1)
		[[ -n $pid ]]
	}
	poll 30 deepest || skip "bwrap cannot make a container here"
	inspect "$pid"
	[[ $(ask .container.kind) == bubblewrap ]]
	[[ $(ask .namespaces.net.verdict) == own && $(ask .identity.root_fs) != '' ]]
}

# podman COMMAND...: with everything that it keeps below $TMP. Root's hard limits may not be raised in some places, so
# limits are named; conmon's last command (cleanup) comes back without our flags for the runtime, so that is a script.
podman_here() {
	CONTAINERS_CONF=$TMP/containers.conf timeout 100 podman --runtime "$TMP/runtime" --cgroup-manager cgroupfs \
		--storage-driver vfs --events-backend file --root "$TMP/storage" --runroot "$TMP/run" --tmpdir "$TMP/tmp" \
		--network-config-dir "$TMP/net" "$@" </dev/null 3>&-
}

podman_prepare() {
	local runtime file
	runtime=$(type -P runc || type -P crun) || skip "podman needs runc (or crun): apt-get install runc"
	file=$(type -P busybox) || skip "busybox is not installed: apt-get install busybox-static"
	mkdir -p "$TMP/net" "$TMP/root/bin" "$TMP/lib"
	cp "$file" "$TMP/root/bin/busybox"
	ln -s busybox "$TMP/root/bin/sleep"
	chroot "$TMP/root" /bin/sleep 0 2>/dev/null || skip "busybox is not static here: apt-get install busybox-static"
	tar -C "$TMP/root" -cf "$TMP/busybox.tar" .
	printf '#!/bin/sh\nexec %s --root %s/runtime-state "$@"\n' "$runtime" "$TMP" >"$TMP/runtime"
	chmod +x "$TMP/runtime"
	printf '%s\n' '[containers]' 'default_ulimits=["nofile=1024:1024","nproc=1024:1024"]' '[engine]' 'lock_type="file"' \
		>"$TMP/containers.conf"
}

# Import keeps a cache in /var/lib whatever it is told: in a mount namespace where that is elsewhere.
podman_import() (
	export TMP
	export -f podman_here
	unshare -m bash -c 'mount --bind "$TMP/lib" /var/lib && podman_here import "$TMP/busybox.tar" minibox-test' 2>&1
)

podman_away() {
	podman_here rm -f -t 0 "$1" >/dev/null 2>&1 || true
	# What conmon calls at the end may still be at it.
	idle() { not pgrep -f "$TMP/storage" >/dev/null; }
	poll 60 idle
	empty() {
		find /sys/fs/cgroup -depth -type d -path "*/minibox-$MINIBOX_TOKEN*" -exec rmdir {} + 2>/dev/null
		[[ -z $(find /sys/fs/cgroup -type d -path "*/minibox-$MINIBOX_TOKEN*") ]]
	}
	poll 20 empty
}

# bats test_tags=root
@test "a podman container is found by the name that its user gave, by its id, and in the list" {
	skip_unless_root "podman as an ordinary user depends on ids that the administrator has given"
	type -P podman >/dev/null || skip "podman is not installed: apt-get install podman runc busybox-static"
	podman_prepare
	local said id pid name=teapot-$MINIBOX_TOKEN
	said=$(podman_import) || skip "podman cannot import an image here (podman info says more): ${said##*$'\n'}"
	if ! said=$(podman_here run -d --name "$name" --network none --cgroup-parent "/minibox-$MINIBOX_TOKEN" minibox-test \
		/bin/sleep 500 2>&1); then
		podman_away "$name"
		skip "podman cannot run a container here (podman info says more): ${said##*$'\n'}"
	fi
	id=${said##*$'\n'} pid=$(podman_here inspect -f '{{.State.Pid}}' "$name")
	run_timeout 60 "$(bin inspector)" --once --size 120x40 "$name"
	local once=$output once_status=$status
	inspect "${id:0:12}"
	podman_away "$name"
	((once_status == 0))
	grep -qF "INSIDE $name" <<<"$once" || fail "$once"
	grep -qE "^> +$pid .* sleep .*> +1 .* sleep" <<<"$once" || fail "$once"
	[[ $(ask .container.init) -eq $pid && $(ask .container.kind) == podman && $(ask .container.name) == "$name" ]]
	[[ $(ask .container.id) == "${id:0:12}" && $(ask .identity.cap_eff) != null ]]
	[[ $(ask ".containers[] | select(.name == \"$name\") | .init") -eq $pid ]]
	[[ $(ask .cgroup.path) == "/minibox-$MINIBOX_TOKEN/libpod-$id" && $(ask .namespaces.net.verdict) == own ]]
}

# A storm of processes that live too short to be seen, a sleep every half second that no second of watching can miss,
# and one process that stays. What the kernel counted (/proc/stat) says how hard it blew.
@test "a process tree that changes 1,000 times a second is followed without a fault" {
	local seconds=20 begun
	((EUID == 0)) || seconds=5
	container sh -c 'sleep 3000 & while :; do sleep 0.5; done & while :; do (:) & (:) & (:) & (:) & wait $!; done'
	stays() { STAYS=$(pgrep -P "$INIT" -fx 'sleep 3000'); }
	poll 30 stays
	begun=$(born)
	run_timeout $((seconds * 5 + 30)) "$(bin inspector)" --json --ticks $((seconds * 10)) --interval 0.1 "$INIT"
	exits 0
	begun=$(($(born) - begun))
	[[ ${#lines[@]} -eq $((seconds * 10)) ]]
	printf '%s\n' "${lines[@]}" >"$TMP/json"
	jq -es --argjson pid "$STAYS" 'all(.[]; .found and any(.rows[]; .pid == $pid and .inside > 1))' "$TMP/json" >/dev/null ||
		fail "a tick lost the process that stays"
	local sleeps
	sleeps=$(jq -s '[.[].changes[] | select(.kind == "born" and (.text | test("sleep"))) | .text] | unique | length' "$TMP/json")
	((sleeps >= seconds / 2)) || fail "$sleeps births of a sleep in $seconds s"
	((begun >= seconds * 1000)) || skip "followed, but this machine made only $((begun / seconds)) processes a second"
}

# born: how many processes the kernel has made.
born() { awk '$1 == "processes" { print $2 }' /proc/stat; }

@test "JSON has the keys that SCHEMA.md documents, and no others" {
	container sleep 1000
	inspect "$INIT"
	diff <(jq -r 'paths(type != "x") | map(if type == "number" then "[]" else . end) | join(".")' "$TMP/json" |
		sed -E 's/\.\[\]/[]/g; s/^namespaces\.(pid|mnt|uts|ipc|net|user|cgroup|time)/namespaces.KIND/' | grep -v '\[\]$' | sort -u) \
		<(sed -nE 's/^\| `([^`]+)`.*/\1/p' "$ROOT/final/inspector/SCHEMA.md" | sort -u) >"$TMP/diff" || true
	# Lists may be empty here, so a documented key may be missing; an undocumented one may not be there.
	! grep '^<' "$TMP/diff" || fail "SCHEMA.md does not have these"
}

@test "mistakes on the command line are told apart from missing containers" {
	run_timeout 60 "$(bin inspector)" --once no-such-container
	exits 1
	has 'no such container or process'
	run_timeout 60 "$(bin inspector)" --size 3 --once
	exits 2
	run_timeout 60 "$(bin inspector)" --interval 0 --once
	exits 2
	run_timeout 60 "$(bin inspector)" --proc-root /nonexistent --once
	exits 1
	has 'must be a directory that holds proc'
	run_timeout 60 "$(bin inspector)" --once $$ --vs no-such-container
	exits 1
	has 'no-such-container: no such container or process'
	run_timeout 60 "$(bin inspector)" --json $$ --vs $$
	exits 2
	has 'are of one container'
	run_timeout 60 bash -c "'$(bin inspector)' --json >/dev/full"
	exits 1
	has 'No space left'
	run_timeout 60 "$(bin inspector)" --help
	exits 0
	has --replay
	awk 'length > 78 { print; bad = 1 } END { exit bad }' <<<"$output"
}
