# What every program needs before it starts anything: a /proc of its own PID namespace, and children that are born there.
# Every case runs in namespaces of its own, below which the wrong ones are made: what goes astray hits only those.

# shellcheck disable=SC2016 # $0, $@ and friends are for the shells inside
load ../lib/common

steps() { # the programs that are built
	local step
	for step in "$BIN"/step0?_*; do [[ -x $step ]] && printf '%s\n' "$step"; done
}

# sandbox COMMAND...: every kind of namespace that a stray call could reach, as root in there.
sandbox() {
	local own=-pfmuin
	is_root || own=-Urpfmuin
	unshare "$own" --mount-proc true 2>/dev/null || skip "no namespaces to try it in"
	run_timeout 20 unshare "$own" --mount-proc --kill-child "$@"
}

other_proc() { sandbox unshare -pf "$@"; }       # /proc is the sandbox's, PID 1 is ours
no_first_child() { sandbox unshare -p "$@"; }    # the next child is PID 1 of a new namespace
dead_first_child() { sandbox unshare -p sh -c '"$@"; exit $?' - "$@"; } # sh forks: its child sees a /proc of outside
# A PID namespace that we have no number in, and /proc is its: mounted by its PID 1, seen by a process outside.
inner_proc() {
	sandbox sh -c 'unshare -pf sh -c "mount -t proc proc /proc; echo ready; exec sleep 30" >p & until grep -q ready p; do :; done
		"$@"; code=$?; kill -9 $!; exit $code' - "$@"
}

refused() { # WORD: every scene is a SKIP that says it, with the remedy
	exits 77
	has "$1"
	[[ $(grep -c '"verdict": "skipped"' <<<"$output") -eq ${#lines[@]} ]] || fail "$output"
	[[ $(grep -c -- "--mount-proc" <<<"$output") -eq ${#lines[@]} ]] || fail "no remedy:" "$output"
}

setup() {
	mb_setup
	cd "$BATS_TEST_TMPDIR" || return 1
	need unshare
}

@test "a /proc of another PID namespace: no scene begins, 77, with the remedy" {
	local step
	for step in $(steps); do
		other_proc "$step" --all --json
		refused "another PID namespace"
	done
	run_timeout 20 "$step" --scene zombie --json
	exits 0
}

@test "... as seen from outside: the names, shm segments and processes there are what they were" {
	other_proc true
	sandbox sh -c 'hostname before-it; echo $(hostname) $(wc -l </proc/sysvipc/shm) $(set -- /proc/[0-9]*; echo $#)
		unshare -pf "$0" --all --json >/dev/null; unshare -pf "$0" -- true 2>/dev/null
		echo $(hostname) $(wc -l </proc/sysvipc/shm) $(set -- /proc/[0-9]*; echo $#)' "$(bin step08_init_reaper)"
	[[ ${#lines[@]} -eq 2 && ${lines[0]} == "before-it 1 "* && ${lines[0]} == "${lines[1]}" ]] || fail "$output"
}

@test "... where numbers agree by chance, and where this process has none" {
	sandbox sh -c 'echo 1000 >/proc/sys/kernel/ns_last_pid || exit 98
		unshare -pf sh -c "echo 1002 >/proc/sys/kernel/ns_last_pid; \"\$@\" & wait \$!" - sh -c "
			read -r number rest </proc/self/stat; [ \$number = \$\$ ] || exit 99; exec \"\$@\"" - "$@"' - \
		"$(bin step01_clone_pid)" --json
	[[ $status -ne 98 ]] || skip "this kernel has no ns_last_pid"
	refused "another PID namespace"
	inner_proc "$(bin step01_clone_pid)" --json
	refused "has no number"
}

@test "unshare -p without -f: said before the first fork" {
	local step
	for step in $(steps); do
		no_first_child "$step" --all --json
		refused "PID 1 of a new PID namespace"
		no_first_child "$step" --list
		exits 0
		[[ ${#lines[@]} -ge 5 ]] || fail "$output"
	done
	dead_first_child "$step" --json
	refused "another PID namespace"
}

@test "a command is not started there: 125, and why" {
	local step
	for step in $(steps); do
		other_proc "$step" -- true
		exits 125
		has "another PID namespace"
		has "unshare -pf --mount-proc"
		no_first_child "$step" -- true
		exits 125
		has "unshare -p without -f"
	done
	other_proc "$(bin step04_net_user)" map '0 0 1'
	exits 1
	has "another PID namespace"
	other_proc "$(bin step05_cgroup_cpu)" --watch 1
	exits 1
	has "another PID namespace"
}

@test "children go to a PID namespace that is there already (nsenter --no-fork): said, too" {
	need nsenter
	sandbox sh -c 'unshare -pf sleep 30 2>/dev/null & until [ "$(cat /proc/*/comm | grep -c sleep)" = 1 ]; do :; done
		for pid in /proc/[0-9]*; do [ "$(cat $pid/comm 2>/dev/null)" != sleep ] || other=${pid#/proc/}; done
		nsenter --no-fork -p -t "$other" "$@"; code=$?; kill -9 "$other"; exit $code' - "$(bin step01_clone_pid)" --json
	refused "children of this process are born in another PID namespace"
}

@test "minibox doctor says so, and promises nothing" {
	other_proc "$(bin minibox)" doctor
	exits 0
	has "another PID"
	has "unshare -pf --mount-proc"
	has "no scene runs"
	has_not "ok  "
	no_first_child "$(bin minibox)" doctor --short
	exits 0
	has "without -f"
	has "no scene runs"
	need jq
	other_proc "$(bin minibox)" doctor --json
	jq -e '.features | all(.ok | not)' <<<"$output"
}
