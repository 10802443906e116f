# Step 4, judged from outside: the host's /proc, nsenter, ip and stat, and what is left after kill -9.

# shellcheck disable=SC2016,SC2030,SC2031 # $1 for the shells inside; DEMO is for teardown
load ../lib/common

setup() {
	mb_setup
	STEP=$(bin step04_net_user)
}

teardown() {
	[[ -n ${FIFO_FD:-} ]] && exec {FIFO_FD}>&-
	[[ -n ${DEMO:-} ]] && { kill "$DEMO" 2>/dev/null || :; wait "$DEMO" 2>/dev/null || :; }
	mb_teardown
}

# paused SCENE: runs a scene that waits at its acts, its keyboard in our hands. Sets DEMO and OUT.
paused() {
	OUT=$BATS_TEST_TMPDIR/out
	mkfifo "$BATS_TEST_TMPDIR/keys"
	"$STEP" --pause --scene "$1" <"$BATS_TEST_TMPDIR/keys" >"$OUT" 2>&1 3>&- &
	DEMO=$!
	exec {FIFO_FD}<>"$BATS_TEST_TMPDIR/keys" # both ways: a demo that has ended is no broken pipe
}

go_on() { printf '%s' "${1:- }" >&"$FIFO_FD"; }

finish() {
	go_on '      '
	poll 10 told '^ HELD' || fail "$(<"$OUT")"
	wait "$DEMO"
	DEMO=
}

told() { grep -q -- "$1" "$OUT"; }

# container COMMAND...: runs it by -- CMD in the background, and sets DEMO and INSIDE, its PID on the host.
container() {
	"$STEP" -- "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	DEMO=$!
	poll 20 find_inside
}

# main, its guard, the demo, and the container once it has become the command.
find_inside() {
	local pid
	pid=$(own_children "$DEMO") && [[ -n $pid ]] && pid=$(own_children "$pid") && [[ -n $pid ]] &&
		pid=$(own_children "$pid") && [[ -n $pid ]] && is_called "$pid" sleep && INSIDE=$pid
} 2>/dev/null

# clock_offset: how far the wall clock is ahead of the one that nobody sets, in seconds.
clock_offset() {
	local up
	read -r up _ </proc/uptime
	echo $((EPOCHSECONDS - ${up%.*}))
}

links() { ip -o link show 2>/dev/null | cut -d: -f2 | cut -d@ -f1 | tr -d ' '; }

# --- the scenes -------------------------------------------------------------------------------------------------------

@test "every scene of step 4 holds, or is skipped for a reason" {
	run_timeout 100 "$STEP" --all --json
	exits 0
	local line scene
	[[ ${#lines[@]} -eq 14 ]]
	for line in "${lines[@]}"; do
		scene=$(json_get scene "$line")
		case $(json_get verdict "$line") in
		held) ;;
		skipped)
			[[ $scene == sub-ids || $scene == wall-clock-really || $scene == time-ns ]] || fail "skipped: $line"
			[[ -n $(json_get reason "$line") && -n $(json_get remedy "$line") ]] || fail "no reason or remedy: $line"
			;;
		*) fail "$line" ;;
		esac
	done
}

@test "wall-clock-really: in a guest the clock of all is moved, and put back" {
	skip_unless_guest
	skip_unless_root
	local before after
	before=$(clock_offset)
	run "$STEP" --json --scene wall-clock-really
	exits 0
	after=$(clock_offset)
	held wall-clock-really
	[[ $(json_get jump_seconds "$output") -ge 3600 ]]
	((after - before < 5 && before - after < 5)) || fail "the clock is $((after - before)) s on"
}

@test "wall-clock --really: on a host it is a SKIP, and the clock stays" {
	[[ -z ${MB_GUEST:-} ]] || skip "is about a host that others use"
	local before
	before=$(clock_offset)
	run "$STEP" --json --scene wall-clock --really
	exits 77
	[[ $(json_verdict wall-clock-really) == skipped ]]
	(($(clock_offset) - before < 5 && before - $(clock_offset) < 5)) || fail "the clock was set"
}

@test "breaks show what the line was for" {
	local name
	for name in map up late-move newnet deny newuser plug; do
		run_timeout 60 "$STEP" --json --break "$name"
		exits 0
		has '"verdict": "held"'
	done
}

@test "uid-map: the host's /proc says the same, before and after the map" {
	paused uid-map
	poll 5 told '^ uid  '
	local pid me
	pid=$(awk '$1 == "PID" { print $2 }' "$OUT")
	me=$(awk '$1 == "uid" { print $2 }' "$OUT")
	is_root || [[ $me == "$EUID" ]]
	[[ -z $(tr -d ' \n' <"/proc/$pid/uid_map") ]] || fail "there is a map already"
	! same_ns user "$pid" "$(status_field "$pid" PPid)" || fail "no user namespace of its own"
	go_on
	poll 5 grep -qs . "/proc/$pid/uid_map"
	[[ $(tr -s ' ' <"/proc/$pid/uid_map") == " 0 $me 1" ]] || fail "$(<"/proc/$pid/uid_map")"
	[[ $(<"/proc/$pid/setgroups") == deny ]]
	[[ $(status_field "$pid" Uid) == "$me $me $me $me" ]] || fail "$(status_field "$pid" Uid)"
	if [[ -n $(type -P nsenter) ]]; then
		[[ $(nsenter -t "$pid" -U --preserve-credentials sh -c "stat -c %u /proc/$pid") == 0 ]]
	fi
	finish
	gone "$pid"
}

@test "files-belong: stat on the host names the user" {
	paused files-belong
	poll 5 told '^ its owner'
	local file me
	file=$(echo "${TMPDIR:-/tmp}/minibox-$MINIBOX_TOKEN"-*/made-by-root)
	me=$(awk '$1 == "who" { print $2 }' "$OUT")
	[[ $(stat -c %u "$file") == "$me" && $me != 0 ]] || fail "$(stat "$file")"
	finish
	[[ ! -e ${file%/*} ]]
}

@test "veth: ip inside the two namespaces sees both ends; nothing of it on the host" {
	need ip nsenter
	paused veth
	poll 10 told '^ ends'
	local scene pid
	pid=$(sed -n 's/.*netns \([0-9]*\)$/\1/p' "$OUT")
	scene=$(status_field "$pid" PPid)
	[[ $(nsenter -t "$scene" -U --preserve-credentials -n ip -o -4 addr show host0 2>/dev/null ||
		nsenter -t "$scene" -n ip -o -4 addr show host0) == *"10.4.0.1/24"* ]]
	[[ $(nsenter -t "$pid" -U --preserve-credentials -n ip -o -4 addr show eth0 2>/dev/null ||
		nsenter -t "$pid" -n ip -o -4 addr show eth0) == *"10.4.0.2/24"* ]]
	[[ " $(links | tr '\n' ' ') " != *" host0 "* ]]
	finish
	gone "$pid"
}

@test "port-collision: two namespaces, and the host's port 80 is not asked" {
	run "$STEP" --json --scene port-collision
	exits 0
	held port-collision
	[[ $(json_get error_a "$output") == 0 && $(json_get error_b "$output") == 0 && $(json_get error_third "$output") == 98 ]]
}

@test "wall-clock and time-ns: the host's clocks stay where they are" {
	local before after
	before=$(clock_offset)
	run "$STEP" --json --scene wall-clock
	exits 0
	held wall-clock
	run "$STEP" --json --scene time-ns
	after=$(clock_offset)
	((after - before < 5 && before - after < 5)) || fail "the clock is $((after - before)) s on"
	held time-ns
	# The container looks after the host did: its clocks show what has passed in between as well.
	local late
	late=$(($(json_get between_looks "$output") + 1))
	(($(json_get boottime_shift "$output") >= 604800 && $(json_get boottime_shift "$output") <= 604800 + late)) || fail "$output"
	(($(json_get realtime_shift "$output") >= 0 && $(json_get realtime_shift "$output") <= late)) || fail "$output"
}

@test "sub-ids: the map is what /etc/subuid gives" {
	run "$STEP" --json --scene sub-ids
	[[ $status -eq 0 || $status -eq 77 ]]
	held sub-ids
	[[ $(json_get ids "$output") -ge 65536 ]]
	is_root || { # mbtest:100000:65536
		local first
		first=$(sed -n "s/^$(id -un):\([0-9]*\):.*/\1/p" /etc/subuid)
		[[ $(json_get owner_outside "$output") == $((first + 32)) ]]
	}
}

@test "sub-ids: without a range it is a SKIP that says what to do" {
	is_root || skip "root plays a user who has one"
	# A copy, which another user can reach also where the project lies below /root.
	local dir=${TMPDIR:-/tmp}/minibox-$MINIBOX_TOKEN-program
	mkdir -m 755 "$dir"
	cp "$STEP" "$dir/"
	run setpriv --reuid 64999 --regid 64999 --clear-groups env TMPDIR=/tmp "$dir/${STEP##*/}" --scene sub-ids
	rm -r "$dir"
	exits 77
	has "SKIP"
	has "usermod --add-subuids"
}

# --- --explain --------------------------------------------------------------------------------------------------------

@test "--explain shows each netlink message decoded" {
	run "$STEP" --explain --scene veth
	exits 0
	has 'netlink RTM_NEWLINK CREATE EXCL'
	has 'IFLA_IFNAME "host0"'
	has 'IFLA_INFO_KIND "veth"'
	has 'VETH_INFO_PEER (a link message) holds'
	has 'IFA_LOCAL 10.4.0.2'
	has 'rtnl_ask(netlink, &request)'
	run "$STEP" --explain --scene setgroups-deny
	has 'EPERM'
}

# --- bad maps ---------------------------------------------------------------------------------------------------------

@test "bad id maps: a message, a code, nothing left" {
	run "$STEP" map "0 $EUID 1"
	exits 0
	has "uid_map"
	run "$STEP" map '0 0 10,5 100 1'
	exits 1
	has "overlaps"
	run "$STEP" map '0 4294967290 10'
	exits 1
	has "beyond the last id"
	run "$STEP" map '0 0 0'
	exits 1
	has "count is 0"
	run "$STEP" map "$(seq -s, 0 340 | sed 's/[0-9]*/& & 1/g')"
	exits 2
	has "340"
	has "remedy"
	run "$STEP" map 'zero one two'
	exits 2
	has "no id map"
	run "$STEP" map
	exits 2
	has "try:"
	run "$STEP" map '0 1 1' # somebody else's id
	if is_root; then exits 0; else
		exits 1
		has "uid_map: Operation not permitted"
		has "remedy"
	fi
}

# --- -- CMD -----------------------------------------------------------------------------------------------------------

# bats test_tags=guest
@test "-- CMD: root with one's own ids, network, PIDs and name" {
	run "$STEP" -h box -- sh -c 'echo $(id -u) $$ $(hostname); cat /sys/class/net/lo/operstate 2>/dev/null; exit 7'
	[[ $output != *"static busybox"* ]] || skip "$output"
	exits 7
	[[ ${lines[0]} == "0 1 box" ]] || fail "$output"
	run "$STEP" -- ip -o addr show lo
	has "127.0.0.1/8"
}

@test "-- CMD: the host sees its own user, and six namespaces that are not its own" {
	container sleep 1000
	local kind
	for kind in user net uts ipc pid mnt; do
		! same_ns "$kind" "$INSIDE" $$ || fail "$kind is the host's"
	done
	[[ $(status_field "$INSIDE" Uid) == "$EUID $EUID $EUID $EUID" ]]
	local -a map
	read -ra map <"/proc/$INSIDE/uid_map"
	[[ ${map[0]} == 0 && ${map[1]} == "$EUID" ]]
	if is_root; then [[ ${map[2]} == 65536 ]]; else [[ ${map[2]} == 1 ]]; fi
}

# bats test_tags=root
@test "-- CMD as root: a cable to the host, by which both reach each other; gone afterwards" {
	skip_unless_root
	need ip nsenter busybox
	container sleep 1000
	local link address
	link=mb$MINIBOX_TOKEN
	address=$(ip -o -4 addr show "$link" | awk '{ print $4 }')
	[[ $address == 198.1[89].* ]] || fail "$(ip addr)"
	[[ $(nsenter -t "$INSIDE" -n ip -o route show default) == "default via ${address%/*} dev eth0"* ]]
	nsenter -t "$INSIDE" -n busybox ping -c 1 -W 20 "${address%/*}"
	kill -TERM "$DEMO"
	wait "$DEMO" || :
	DEMO=
	poll 5 eval '! ip link show "$link" 2>/dev/null'
}

@test "kill -9 of each of its processes leaves no link, no process, no file" {
	local who pid guard
	for who in main guard demo; do
		container sleep 1000
		guard=$(own_children "$DEMO")
		case $who in
		main) pid=$DEMO ;; guard) pid=$guard ;; demo) pid=$(own_children "$guard") ;;
		esac
		kill -9 "$pid"
		wait "$DEMO" 2>/dev/null || :
		DEMO=
		poll 5 gone "$INSIDE" || fail "kill -9 of $who"
		free_of_token
	done
}

@test "kill -9 in each scene leaves nothing" {
	local scene scenes
	under_way() { # some acts on, or at its end
		go_on
		(($(grep -c . "$OUT") > 6)) || ! kill -0 "$DEMO" 2>/dev/null
	}
	mapfile -t scenes < <("$STEP" --list --json | sed -n 's/.*"scene": "\([^"]*\)".*/\1/p')
	[[ ${#scenes[@]} -eq 14 ]] || fail "${scenes[*]}"
	for scene in "${scenes[@]}"; do
		rm -f "$BATS_TEST_TMPDIR/keys"
		paused "$scene"
		poll 10 under_way || fail "$scene"
		kill -9 "$DEMO" 2>/dev/null || :
		exec {FIFO_FD}>&-
		unset FIFO_FD
		wait "$DEMO" 2>/dev/null || :
		DEMO=
		free_of_token
	done
}

# setpriv to an id that the map does not hold is EINVAL.
# bats test_tags=root
@test "by hand: root of a user namespace of one id is not told to become another user" {
	need unshare
	run unshare -Ur "$STEP" --list --json --scene uid-map
	exits 0
	has "unshare -Ur sh -c"
	has_not setpriv
	run unshare -Ur sh -c "$(json_get by_hand "$(json_line uid-map)")"
	exits 0
	[[ ${lines[0]} == 0 && ${lines[1]} =~ ^\ +0\ +0\ +1$ ]] || fail "$output"
	run "$STEP" --list --json --scene uid-map
	has "setpriv --reuid"
}
