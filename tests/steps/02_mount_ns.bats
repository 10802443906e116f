# Step 2: mount namespaces. The oracle is the host's own /proc (mountinfo, ns links, root links), nsenter and findmnt.

# shellcheck disable=SC2016,SC2030,SC2031 # single quotes are for the shell inside; every test is a subshell of its own
bats_require_minimum_version 1.5.0
load ../lib/common
load ../lib/demo

setup() {
	demo_setup step02_mount_ns
}

teardown() {
	demo_teardown
}

# --- helpers ----------------------------------------------------------------------------------------------------------

# scene: the process that plays the scene: the parent of the container.
scene() { status_field "$1" PPid; }

has_mount() { grep -qF -- " $2 " "/proc/$1/mountinfo"; } # PID MOUNTPOINT
numbers() { (cd "$1" && printf '%s\n' [0-9]*) | sort -n | tr '\n' ' '; }
unescape() { local text=${1//\\\"/\"} && printf '%s\n' "${text//\\\\/\\}"; }

# --- claims -----------------------------------------------------------------------------------------------------------

@test "own-proc: the host finds three processes in the container's /proc, and the same three by their namespace" {
	local pid here=0 dir
	start --scene own-proc
	poll 10 told '^ /proc/self'
	pid=$(container)
	[[ $(numbers "/proc/$pid/root/proc") == "1 2 3 " ]] || fail "$(numbers "/proc/$pid/root/proc")"
	not same_ns mnt "$pid" $$
	not same_ns pid "$pid" $$
	for dir in /proc/[0-9]*; do
		[[ $dir/ns/pid -ef /proc/$pid/ns/pid ]] && here=$((here + 1))
	done
	[[ $here == 3 ]] || fail "$here processes in its PID namespace"
	[[ $(readlink "/proc/$pid/root/proc/self" || true) != "$pid" ]] # our number means nothing in there
	told "-> $pid +-> 1\$"
	press && press
	ends 0
	told '^ HELD'
}

@test "own-proc, broken: /proc stays the host's" {
	local pid
	start --break own-proc
	poll 10 told '^ /proc/self'
	pid=$(container)
	[[ -d /proc/$pid/root/proc/$$ ]] || fail "this test should be seen in there"
	press && press
	ends 0
}

@test "propagation: the first mount is in the scene's mountinfo, the second is not; neither is in ours" {
	local dir scene
	start --scene propagation
	poll 10 told '^ DIR/a'
	dir=$(sed -n 's/^ DIR = //p' told)
	for scene in $(token_processes); do has_mount "$scene" "$dir/a" 2>/dev/null && break; done
	has_mount "$scene" "$dir/a"
	grep -F " $dir " "/proc/$scene/mountinfo" | grep -q ' shared:'
	not has_mount $$ "$dir/a"
	press
	poll 10 told '^ DIR/b'
	has_mount "$scene" "$dir/a"
	not has_mount "$scene" "$dir/b"
	press
	ends 0
	told '^ HELD'
}

@test "chroot-escape: the secret is read from the chroot, and from behind pivot_root it is not" {
	local line
	run_timeout 20 "$STEP" --scene chroot-escape --json
	exits 0
	held chroot-escape
	line=$(json_line chroot-escape)
	[[ $(json_get secret "$line") =~ ^[0-9a-f]{16}$ && $(json_get chroot_loot "$line") == "$(json_get secret "$line")" ]]
	[[ $(json_get chroot_escaped "$line") == yes && $(json_get pivot_escaped "$line") == no ]]
	run_timeout 20 "$STEP" --break pivot --json
	exits 0
	[[ $(json_get pivot_escaped "$output") == yes ]]
}

@test "pivot-root: two mounts are left, and its os-release is another" {
	local pid
	"$STEP" --scene pivot-root --json >said
	output=$(<said) held pivot-root
	start --scene pivot-root
	poll 10 told '^ a file'
	pid=$(container)
	[[ $(awk '{ print $5 }' "/proc/$pid/mountinfo" | tr '\n' ' ') == "/ /proc " ]] || fail "$(cat "/proc/$pid/mountinfo")"
	grep -q '^ID=busybox' "/proc/$pid/root/etc/os-release"
	[[ ! -e /proc/$pid/root/home && ! -e /proc/$pid/root$BATS_TEST_TMPDIR ]]
	[[ ! /proc/$pid/root -ef / ]]
	press && press
	ends 0
	told '^ HELD'
}

@test "join: the visitor's child has the container's namespaces" {
	local line
	run_timeout 20 "$STEP" --scene join --json
	exits 0
	held join
	line=$(json_line join)
	[[ $(json_get child_inside "$line") == 2 && $(json_get text "$line") == "written inside" ]]
}

@test "private-mount: the container's tmpfs is in its mountinfo only, and reached through /proc/PID/root" {
	local dir pid
	start --scene private-mount
	poll 10 told '^ DIR/note'
	dir=$(sed -n 's/^ DIR = //p' told)
	for pid in $(token_processes); do has_mount "$pid" "$dir" && break; done
	[[ $(cat "/proc/$pid/root$dir/note") == "made inside" ]]
	not has_mount "$(scene "$pid")" "$dir"
	not has_mount $$ "$dir"
	[[ ! -e /proc/$(scene "$pid")/root$dir/note ]]
	press
	ends 0
}

@test "mountinfo: eleven fields, as the kernel gives them" {
	local line fields
	run_timeout 20 "$STEP" --scene mountinfo --json
	exits 0
	held mountinfo
	line=$(json_line mountinfo)
	read -ra fields <<<"$(unescape "$(json_get line "$line")")"
	[[ ${#fields[@]} == 11 && ${fields[0]} == "$(json_get id "$line")" && ${fields[4]} == *'my\040data' && ${fields[7]} == - ]]
}

@test "every break has its claim, and it holds" {
	local name
	for name in own-proc propagation pivot pivot-root links-first newns; do
		run_timeout 20 "$STEP" --break "$name" --json
		[[ $output == *'"verdict": "skipped"'* ]] && continue
		exits 0
		has '"verdict": "held"'
	done
}

@test "narration: at most 76 columns and 16 lines a scene" {
	local name
	"$STEP" --all >told || true
	for name in own-proc propagation pivot pivot-root links-first newns; do "$STEP" --break "$name" >>told; done
	run awk '/CLAIM/ { n = 0 } { n++ } length($0) > 76 || n > 16 && NF && !/^step/ { print length($0), n, $0 }' told
	[[ -z $output ]] || fail "$output"
}

# --- -- CMD -----------------------------------------------------------------------------------------------------------

@test "-- CMD: a root, a /proc and a /dev of its own, and docker's exit status" {
	run_timeout 20 "$STEP" -- sh -c 'echo $$ && ls -d /proc/[0-9]* | wc -l && echo x >/dev/null && head -c 3 /dev/zero | wc -c &&
		. /etc/os-release && echo $ID && ls / && exit 7'
	exits 7
	[[ ${lines[0]} == 1 && ${lines[2]} == 3 && ${lines[3]} == busybox ]] || fail "$output"
	((lines[1] <= 4)) || fail "too many processes in /proc: ${lines[1]}"
	has_not home
	run -127 timeout -k 2 20 "$STEP" -- no-such-command
	has "no-such-command"
	run_timeout 20 "$STEP" -- /etc
	exits 126
	run_timeout 20 "$STEP" -- /etc/passwd
	exits 126
}

@test "-- CMD: seen from the host: other namespaces, another root, only its own mounts; its end by a signal is 128 + it" {
	local pid status=0
	"$STEP" -- sleep 100 3>&- &
	DEMO=$!
	poll 10 container
	pid=$(container)
	poll 10 grep -q sleep "/proc/$pid/comm"
	not same_ns mnt "$pid" $$
	not same_ns pid "$pid" $$
	same_ns net "$pid" $$
	[[ $(awk '$5 == "/" { print $8, $9 }' "/proc/$pid/mountinfo") == "tmpfs busybox" ]] || fail "$(cat "/proc/$pid/mountinfo")"
	run awk '$5 !~ "^/(proc|dev(/.*)?)?$"' "/proc/$pid/mountinfo"
	[[ -z $output ]] || fail "$output"
	nsenter --preserve-credentials -U -m -p -t "$pid" /bin/ls /bin >/dev/null || is_root
	kill -9 "$pid"
	wait "$DEMO" || status=$?
	DEMO=
	[[ $status == 137 ]] || fail "status $status"
}

@test "-- CMD at a terminal: job control, Ctrl-C, Ctrl-Z, and the terminal comes back" {
	need tmux
	TERM=xterm t new-session -d -s x -x 80 -y 24 "PS1='outer> ' exec bash --norc" 3>&-
	poll 10 screen '^outer>'
	t send-keys -t x "PS1='inner\$ ' $STEP -- sh" Enter
	poll 10 screen '^inner'
	t send-keys -t x 'sleep 100' Enter
	poll 10 front sleep
	t send-keys -t x C-c
	t send-keys -t x 'echo status=$?' Enter
	poll 10 screen 'status=130'
	t send-keys -t x 'sleep 101' Enter
	poll 10 front sleep
	t send-keys -t x C-z
	poll 10 screen 'Stopped'
	t send-keys -t x 'fg' Enter
	poll 10 front sleep
	t send-keys -t x C-c
	t send-keys -t x 'exit 5' Enter
	t send-keys -t x 'echo code=$?' Enter
	poll 10 screen 'code=5'
	t send-keys -t x 'cat' Enter
	poll 10 front cat
	t send-keys -t x C-c
	t send-keys -t x 'echo back=$?' Enter
	poll 10 screen 'back=130'
	t kill-server
}

@test "-- CMD --explain: private mounts first, proc before pivot_root" {
	run_timeout 20 "$STEP" --explain -- true
	exits 0
	local private proc pivot exec
	private=$(grep -n 'MS_REC | MS_PRIVATE' <<<"$output" | head -n 1 | cut -d: -f1)
	proc=$(grep -n 'mount("proc"' <<<"$output" | head -n 1 | cut -d: -f1)
	pivot=$(grep -n 'pivot_root(' <<<"$output" | head -n 1 | cut -d: -f1)
	exec=$(grep -n 'execvp' <<<"$output" | head -n 1 | cut -d: -f1)
	((private < proc && proc < pivot && pivot < exec)) || fail "$output"
	has "mount_ns.c:"
	has "lesson 2"
}

# --- what goes wrong --------------------------------------------------------------------------------------------------

@test "no static busybox: 125 with a remedy, and pivot-root is a skip with its reason" {
	MINIBOX_BUSYBOX=/nowhere/busybox run_timeout 20 "$STEP" -- true
	exits 125
	has "/nowhere/busybox"
	has "busybox-static"
	printf '#!/bin/sh\n' >script && chmod +x script
	MINIBOX_BUSYBOX=$PWD/script run_timeout 20 "$STEP" -- true
	exits 125
	has "no static program"
	MINIBOX_BUSYBOX=/nowhere/busybox run_timeout 20 "$STEP" --scene pivot-root
	exits 77
	has "SKIP"
	has "busybox-static"
}

@test "a scratch directory that cannot be made is explained" {
	TMPDIR=/proc/nowhere run_timeout 20 "$STEP" -- true
	exits 125
	has "/proc/nowhere"
}

@test "bad usage is 2, a full disk is 1" {
	run_timeout 10 "$STEP" --scene nowhere
	exits 2
	has "own-proc"
	run_timeout 10 "$STEP" --
	exits 2
	run_timeout 10 "$STEP" -h name -- true
	exits 2
	has "step 3"
	run_timeout 20 sh -c '"$0" --scene propagation >/dev/full' "$STEP"
	exits 1
	has "No space left"
	run_timeout 20 sh -c '"$0" -- cat <&- ; echo "status $?"' "$STEP"
	has "status 0"
}

@test "kill -9 of the demo, of its guard and of the container leaves nothing" {
	local victim pid
	for victim in main guard container scene; do
		start --scene pivot-root
		poll 10 told '^ a file'
		pid=$(container)
		case $victim in
		main) kill -9 "$DEMO" ;;
		guard) kill -9 "$(own_children "$DEMO")" ;;
		container) kill -9 "$pid" && press && press ;;
		scene) kill -9 "$(scene "$pid")" ;;
		esac
		wait "$DEMO" 2>/dev/null || true
		DEMO=
		poll 10 gone "$pid"
		exec 9>&-
		rm keys told
		free_of_token || fail "after kill -9 of $victim"
	done
}

@test "kill -9 in the middle of -- CMD leaves nothing" {
	"$STEP" -- sleep 100 3>&- &
	DEMO=$!
	poll 10 container
	kill -9 "$DEMO"
	wait "$DEMO" 2>/dev/null || true
	DEMO=
	free_of_token
}
