# Step 3: UTS and IPC namespaces. The oracle is the host: links and inodes in /proc/PID/ns, and nsenter from outside.

# shellcheck disable=SC2030,SC2031 # DEMO is set and read within one test
bats_require_minimum_version 1.5.0
load ../lib/common
load ../lib/demo

setup() {
	NAME=$(uname -n)
	demo_setup step03_uts_ipc
}

teardown() {
	demo_teardown
	[[ $(uname -n) == "$NAME" ]] || fail "the host has been renamed: $(uname -n)"
}

# --- helpers ----------------------------------------------------------------------------------------------------------

# box KIND: the process of this test that is in another namespace of that kind than its parent, and the parent not in
# ours: the scene's container.
box() {
	local pid parent
	for pid in $(token_processes); do
		parent=$(status_field "$pid" PPid 2>/dev/null) || continue
		[[ -e /proc/$pid/ns/$1 && -e /proc/$parent/ns/$1 ]] || continue
		same_ns "$1" "$pid" "$parent" || same_ns "$1" "$parent" $$ || { echo "$pid"; return 0; }
	done
	return 1
}

# enter PID OPTIONS... COMMAND...: nsenter, an ordinary user through the user namespace that he owns.
enter() {
	local pid=$1
	shift
	if is_root; then nsenter -t "$pid" "$@"; else nsenter -t "$pid" -U --preserve-credentials "$@"; fi
}

not() { ! "$@"; } # a bare `! command` fails no bats test

inode() { stat -Lc %i "/proc/$1/ns/$2"; }
has_segment() { enter "$1" -i grep -qE "^ *$2 " /proc/sysvipc/shm; } # PID KEY

# in_namespace KIND INODE: how many processes of the host are in there.
in_namespace() {
	local dir count=0
	for dir in /proc/[0-9]*; do
		[[ $(readlink "$dir/ns/$1" 2>/dev/null) == "$1:[$2]" ]] && count=$((count + 1))
	done
	echo "$count"
}

# --- claims -----------------------------------------------------------------------------------------------------------

@test "hostname: who enters sees the new name, the parent and this host keep theirs" {
	local pid parent
	need nsenter
	start --scene hostname
	poll 10 told '^ at birth'
	pid=$(box uts)
	parent=$(status_field "$pid" PPid)
	[[ $(enter "$pid" -u uname -n) == "$NAME" ]] # a new one begins as a copy
	told "^ uts ns +$(inode "$parent" uts) +$(inode "$pid" uts)\$"
	press
	poll 10 told '^ uname -r'
	[[ $(enter "$pid" -u uname -n) == "box-$MINIBOX_TOKEN" ]]
	[[ $(enter "$parent" -u uname -n) == "$NAME" ]]
	[[ $(uname -n) == "$NAME" ]]
	press
	ends 0
	told "^ HELD  box-$MINIBOX_TOKEN inside"
}

@test "hostname, broken: parent and child are in one namespace, and the parent is renamed; this host is not" {
	local pid
	need nsenter
	start --break newuts
	poll 10 told '^ at birth'
	press
	poll 10 told '^ uname -r'
	pid=$(sed -n 's/^ \$ nsenter -t \([0-9]*\).*/\1/p' told)
	same_ns uts "$pid" "$(status_field "$pid" PPid)"
	not same_ns uts "$pid" $$
	[[ $(enter "$pid" -u uname -n) == "box-$MINIBOX_TOKEN" ]]
	press
	ends 0
}

@test "sysv-ipc: both namespaces list the key, as different objects; this host does not list it" {
	local pid parent key
	need nsenter ipcs
	start --scene sysv-ipc
	poll 10 told '^ key finds'
	pid=$(box ipc)
	parent=$(status_field "$pid" PPid)
	key=$(($(sed -n 's/.*msgget(key \(0x[0-9a-f]*\).*/\1/p' told)))
	has_segment "$parent" "$key"
	not has_segment "$pid" "$key"
	press
	poll 10 told '^ queue'
	has_segment "$pid" "$key"
	[[ $(enter "$pid" -i ipcs -q | grep -c '^0x') == 1 && $(enter "$pid" -i ipcs -s | grep -c '^0x') == 1 ]]
	[[ $(enter "$pid" -i ipcs -q | awk '/^0x/ { print $6 }') == 2 ]]
	[[ $(enter "$parent" -i ipcs -q | awk '/^0x/ { print $6 }') == 1 ]]
	not grep -qE "^ *$key " /proc/sysvipc/shm /proc/sysvipc/sem /proc/sysvipc/msg
	press && press
	ends 0
	told '^ HELD'
}

@test "ns-links: the table is what stat(1) says of the links" {
	local pid parent kind word
	start --scene ns-links
	poll 10 told '^ cgroup'
	pid=$(box pid || box uts)
	parent=$(status_field "$pid" PPid)
	for kind in pid mnt uts ipc net user cgroup; do
		word=same
		same_ns "$kind" "$pid" "$parent" || word=DIFFERENT
		told "^ $kind +$(inode "$parent" "$kind") +$(inode "$pid" "$kind")  $word\$" || fail "$kind: $word" "$(cat told)"
		case $kind in
		pid | mnt | uts | ipc) [[ $word == DIFFERENT ]] ;;
		*) [[ $word == same ]] ;;
		esac
	done
	press
	ends 0
	told '^ HELD  4 asked for'
}

@test "keep-alive: nobody is in there, and the bind mount leads in; its name is still there" {
	local pid scene ino path
	need nsenter
	start --scene keep-alive
	poll 10 told "^ PID's link"
	pid=$(box uts)
	scene=$(status_field "$pid" PPid)
	ino=$(inode "$pid" uts)
	[[ $(in_namespace uts "$ino") == 1 ]]
	press
	poll 10 told '^ uts:'
	gone "$pid"
	[[ $(in_namespace uts "$ino") == 0 ]]
	told "^ uts:\[$ino\]\$"
	path=$(awk -v root="uts:[$ino]" '$4 == root { print $5 }' "/proc/$scene/mountinfo")
	[[ $(enter "$scene" --uts="/proc/$scene/root$path" uname -n) == "kept-$MINIBOX_TOKEN" ]]
	[[ ! -s $path ]] # nothing of it is seen from here
	press
	poll 10 told '^ the file'
	not grep -qF "uts:[$ino]" "/proc/$scene/mountinfo"
	press
	ends 0
	told '^ HELD'
}

@test "shared-when-not-asked: apart, the attacker's namespace lists no segment; broken, the victim's" {
	local line pid attacker
	need nsenter
	run_timeout 20 "$STEP" --scene shared-when-not-asked --json
	exits 0
	held shared-when-not-asked
	line=$(json_line shared-when-not-asked)
	[[ $(json_get ns_victim "$line") != "$(json_get ns_attacker "$line")" && -z $(json_get loot "$line") ]]

	start --break newipc
	poll 10 told '^ segment'
	read -r pid attacker < <(sed -nE 's/^ PID +([0-9]+), inside 1 +([0-9]+), inside 1$/\1 \2/p' told)
	same_ns ipc "$pid" "$attacker"
	not same_ns pid "$pid" "$attacker"
	not same_ns uts "$pid" "$attacker"
	[[ $(enter "$attacker" -i cat /proc/sysvipc/shm | wc -l) == 2 ]] # the head, and the victim's
	press && press
	ends 0
	told '^ HELD  "PIN 4711" read'
}

@test "three-ways: what setns gives has the inode of what clone and unshare made" {
	local line
	run_timeout 20 "$STEP" --scene three-ways --json
	exits 0
	held three-ways
	line=$(json_line three-ways)
	[[ $(json_get clone "$line") == "$(json_get setns_clone "$line")" ]]
	[[ $(json_get unshare "$line") == "$(json_get setns_unshare "$line")" ]]
	[[ $(json_get clone "$line") != "$(json_get unshare "$line")" ]]
	[[ $(json_get host "$line") != "$(json_get clone "$line")" && $(json_get host "$line") != "$(json_get unshare "$line")" ]]
}

@test "domainname: who enters reads it in /proc/sys; this host's is as it was" {
	local pid before
	need nsenter
	before=$(</proc/sys/kernel/domainname)
	start --scene domainname
	poll 10 told '^ It is NIS'
	pid=$(box uts)
	[[ $(enter "$pid" -u cat /proc/sys/kernel/domainname) == "nis-$MINIBOX_TOKEN" ]]
	[[ $(</proc/sys/kernel/domainname) == "$before" ]]
	press
	ends 0
	told '^ HELD'
}

@test "posix-mq: one name, two files, read through /proc/PID/root" {
	local pid parent inside outside
	start --scene posix-mq
	poll 10 told '^ (own mount|SKIP)'
	! told '^ SKIP' || skip "$(grep SKIP told)"
	pid=$(box ipc)
	parent=$(status_field "$pid" PPid)
	# The last two: most hosts have an mqueue at /dev/mqueue besides.
	read -r outside inside < <(awk '/ - mqueue / { before = last; last = $5 } END { print before, last }' "/proc/$pid/mountinfo")
	[[ $(cat "/proc/$parent/root$outside/mb-$MINIBOX_TOKEN") == QSIZE:5\ * ]]
	[[ -z $(ls -A "/proc/$pid/root$inside") ]]
	press
	poll 10 told '^ so a container'
	[[ $(cat "/proc/$pid/root$inside/mb-$MINIBOX_TOKEN") == QSIZE:11\ * ]]
	[[ $(cat "/proc/$pid/root$outside/mb-$MINIBOX_TOKEN") == QSIZE:5\ * ]]
	press
	ends 0
	told '^ HELD'
}

@test "unshare-undoes: shared by clone, apart after unshare" {
	local line
	run_timeout 20 "$STEP" --scene unshare-undoes --json
	exits 0
	held unshare-undoes
	line=$(json_line unshare-undoes)
	[[ $(json_get shared_fd_open "$line") == yes && $(json_get undone_fd_open "$line") == no ]]
	[[ $(json_get shared_semaphore "$line") == 1 && $(json_get undone_semaphore "$line") == 0 ]]
}

@test "every claim holds" {
	run_timeout 60 "$STEP" --all --json
	exits 0
	all_held 9
}

@test "every break holds" {
	local name printed=()
	for name in newuts keep newipc; do
		run_timeout 20 "$STEP" --break "$name" --json
		[[ $status -eq 0 || $status -eq 77 ]] || fail "$name: $status" "$output"
		printed+=("${lines[@]}")
	done
	lines=("${printed[@]}")
	all_held 3
}

# --- -- CMD -----------------------------------------------------------------------------------------------------------

@test "-- CMD: a name, a domain and keys of its own; the default name is the run's token" {
	# shellcheck disable=SC2016 # for the shell inside
	run_timeout 20 "$STEP" -- sh -c 'hostname; grep -c " /dev/mqueue mqueue " /proc/mounts; wc -l </proc/sysvipc/shm; exit 7'
	exits 7
	[[ ${lines[0]} == "$MINIBOX_TOKEN" && ${lines[2]} == 1 ]] || fail "$output"
	[[ ${lines[1]} == 1 ]] || fail "no mqueue: $output"
	run_timeout 20 "$STEP" -h web-1 -- hostname
	[[ $output == web-1 ]] || fail "$output"
	run_timeout 20 "$STEP" --hostname web-2 -- sh -c 'hostname inner && hostname'
	[[ $output == inner ]] || fail "$output"
}

@test "-- CMD: seen from the host, its four namespaces are its own and the other four ours" {
	local pid kind
	"$STEP" -h web -- sleep 100 3>&- &
	DEMO=$!
	in_there() {
		for pid in $(token_processes); do is_called "$pid" sleep && return 0; done
		return 1
	}
	poll 10 in_there
	for kind in pid mnt uts ipc; do ! same_ns "$kind" "$pid" $$ || fail "$kind is ours"; done
	for kind in net cgroup; do same_ns "$kind" "$pid" $$ || fail "$kind is not ours"; done
	[[ $(enter "$pid" -u uname -n) == web ]]
	[[ $(uname -n) == "$NAME" ]]
	kill -9 "$DEMO" # nothing is left: teardown asks
	wait "$DEMO" 2>/dev/null || true
	DEMO=
	poll 5 gone "$pid"
}

@test "a host name of 64 bytes is taken; of 65 and of 300 it is 125, and says which limit" {
	local name
	printf -v name '%064d' 0
	run_timeout 20 "$STEP" -h "$name" -- hostname
	exits 0
	[[ $output == "$name" ]]
	for name in "${name}0" "$(printf '%0300d' 0)"; do
		run_timeout 20 "$STEP" -h "$name" -- hostname
		exits 125
		has "sethostname"
		has "64 bytes"
		has_not "$NAME"
	done
}

@test "bad usage: -h without a command, without a name" {
	run_timeout 10 "$STEP" -h web
	exits 2
	has "add -- CMD"
	run_timeout 10 "$STEP" -h
	exits 2
	has "needs a value"
	run_timeout 10 "$STEP" --scene pid-one
	exits 2
	has "ns-links"
}

@test "-- CMD --explain: the name is set in the child, before the root changes" {
	run_timeout 20 "$STEP" --explain -h web -- true
	exits 0
	grep -qE '^ *child +uts_ipc.c:[0-9]+ +sethostname\(.*\[web\] = 0 +lesson 3' <<<"$output" || fail "$output"
	grep -qE 'mount\(source, .*\[/dev/mqueue\] = 0' <<<"$output" || fail "$output"
}

# --- what is killed ---------------------------------------------------------------------------------------------------

@test "kill -9 of the demo, of its guard, of the scene and of the container leaves nothing" {
	local victim pid
	for victim in main guard scene container; do
		start --scene sysv-ipc
		poll 10 told '^ key finds'
		pid=$(box ipc)
		case $victim in
		main) kill -9 "$DEMO" ;;
		guard) kill -9 "$(own_children "$DEMO")" ;;
		scene) kill -9 "$(status_field "$pid" PPid)" ;;
		container) kill -9 "$pid" && press && press ;;
		esac
		exec 9>&-
		wait "$DEMO" 2>/dev/null || true
		DEMO=
		poll 10 gone "$pid"
		free_of_token || fail "after kill -9 of $victim"
	done
}

@test "kill -9 while a namespace is held by a bind mount: the namespace goes as well" {
	local pid ino
	start --scene keep-alive
	poll 10 told "^ PID's link"
	pid=$(box uts)
	ino=$(inode "$pid" uts)
	press
	poll 10 told '^ uts:'
	kill -9 "$DEMO"
	exec 9>&-
	wait "$DEMO" 2>/dev/null || true
	DEMO=
	free_of_token
	not grep -qF "uts:[$ino]" /proc/[0-9]*/mountinfo 2>/dev/null
}
