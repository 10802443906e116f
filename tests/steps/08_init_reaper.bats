# Step 8, judged from outside: the host's /proc, exit statuses, and what is left after kill -9.

# shellcheck disable=SC2016
load ../lib/common

setup() {
	mb_setup
	STEP=$(bin step08_init_reaper)
	OUT=$BATS_TEST_TMPDIR/out
}

teardown() {
	[[ -n ${FIFO_FD:-} ]] && exec {FIFO_FD}>&-
	[[ -S $BATS_TEST_TMPDIR/tmux ]] && tmux -S "$BATS_TEST_TMPDIR/tmux" kill-server 2>/dev/null
	[[ -n ${DEMO:-} ]] && { kill "$DEMO" 2>/dev/null || :; wait "$DEMO" 2>/dev/null || :; }
	mb_teardown
}

# paused SCENE: runs a scene that waits at its acts, its keyboard in our hands. Sets DEMO.
paused() {
	rm -f "$BATS_TEST_TMPDIR/keys"
	mkfifo "$BATS_TEST_TMPDIR/keys"
	"$STEP" --pause --scene "$1" <"$BATS_TEST_TMPDIR/keys" >"$OUT" 2>&1 3>&- &
	DEMO=$!
	exec {FIFO_FD}>"$BATS_TEST_TMPDIR/keys"
}

go_on() {
	printf '      ' >&"$FIFO_FD"
	exec {FIFO_FD}>&-
	unset FIFO_FD
}

told() { grep -qE -- "$1" "$OUT"; }

# contained CMD...: runs it by `-- CMD` in the background. Sets DEMO and, once it runs, ONE: the host's number of its PID 1.
contained() {
	"$STEP" -- "$@" >"$OUT" 2>&1 3>&- </dev/null &
	DEMO=$!
	poll 10 told ready
	ONE=$(own_children "$(own_children "$(own_children "$DEMO")")")
	[[ $ONE =~ ^[0-9]+$ ]] || fail "PID 1 of the container: '$ONE'" "$(<"$OUT")"
}

# ended N: the demo ends with this status.
ended() {
	local status=0
	wait "$DEMO" || status=$?
	DEMO=
	[[ $status -eq $1 ]] || fail "status $status, expected $1" "$(<"$OUT")"
}

state() { status_field "$1" State; }

@test "the quick scenes of step 8 hold" {
	local scene printed=()
	for scene in zombie orphan signals pod subreaper sigchld same-life; do
		run_timeout 120 "$STEP" --json --scene "$scene"
		printed+=("${lines[@]}")
	done
	lines=("${printed[@]}")
	all_held 7
}

# retired: the demo's init is at its exit, has no child, dead or alive, and its namespace has given out the numbers of
# 10,000 orphans, their 100 parents, the command and itself. Sets RETIRED. Each look takes a number too.
retired() {
	local pid last
	kill -0 "$DEMO" 2>/dev/null || return 0
	for pid in $(token_processes); do
		[[ $(status_field "$pid" NSpid) == *" 1" && $(state "$pid") == t* ]] || continue
		[[ -z $(cat "/proc/$pid/task/$pid/children") ]] || continue
		LOOKS=$((LOOKS + 1))
		last=$(nsenter -t "$pid" "${ENTER[@]}" cut -d" " -f5 /proc/loadavg) || continue
		((last - LOOKS >= 10102)) && { RETIRED=$pid; return 0; }
	done 2>/dev/null
	return 1
}

# strace holds init at its last call, and writes down its status.
@test "reaper: 10,000 orphans, and the host finds no zombie" {
	need nsenter
	skip_unless_slowed
	[[ -e /proc/self/task/$BASHPID/children ]] || skip "a kernel without CONFIG_PROC_CHILDREN"
	LOOKS=0 RETIRED='' ENTER=(-p)
	is_root || ENTER=(-U --preserve-credentials -p)
	slowed exit "$STEP" --json --scene reaper >"$OUT" 2>&1 3>&- </dev/null &
	DEMO=$!
	poll 60 retired
	ended 0
	output=$(<"$OUT")
	held reaper
	[[ -n $RETIRED ]] || fail "no init was seen at its exit without a child" "$output"
	grep -qE "^$RETIRED +exit\(42\)" "$BATS_TEST_TMPDIR/trace" || fail "its status" "$(<"$BATS_TEST_TMPDIR/trace")"
	has '"zombies": 0, "reaped": 10001, "status": 42'
}

@test "states: the six letters, and the host's own load average rises" {
	local before
	read -r before _ </proc/loadavg
	"$STEP" --json --scene states >"$OUT" 2>&1 3>&- &
	DEMO=$!
	risen() { awk -v b="$before" '{ exit !($1 > b + 1) }' /proc/loadavg; }
	poll 20 risen || fail "load $before -> $(</proc/loadavg)" "$(<"$OUT")"
	wait "$DEMO"
	DEMO=
	output=$(<"$OUT")
	held states
}

@test "zombie: the host's /proc agrees, and kill -9 changes nothing" {
	paused zombie
	poll 10 told 'adopted by 1'
	local -a dead
	local pid one
	one=$(awk '$2 == 1 { print $1; exit }' "$OUT")
	mapfile -t dead < <(awk '$4 == "Z" { print $1 }' "$OUT")
	((${#dead[@]} == 4)) || fail "$(<"$OUT")"
	for pid in "${dead[@]}"; do
		[[ $(state "$pid") == "Z (zombie)" ]]
		[[ $(status_field "$pid" PPid) == "$one" ]]
		! status_field "$pid" VmRSS || fail "$pid has memory"
		kill -9 "$pid"
		[[ $(state "$pid") == "Z (zombie)" ]]
	done
	go_on
	ended 0
	told HELD
	for pid in "${dead[@]}" "$one"; do gone "$pid"; done
}

@test "pod: the host's ns links say who shares what" {
	paused pod
	poll 10 told 'host name'
	local pause web client kind
	pause=$(sed -n 's/^ pause, PID \([0-9]*\),.*/\1/p' "$OUT")
	read -r web client < <(awk '$1 == "PID" { sub(",", "", $2); sub(",", "", $5); print $2, $5 }' "$OUT")
	for kind in net ipc uts; do
		same_ns "$kind" "$web" "$pause" || fail "$kind of web"
		same_ns "$kind" "$client" "$pause" || fail "$kind of client"
		! same_ns "$kind" "$pause" $$ || fail "$kind is the host's"
	done
	! same_ns pid "$web" "$client" || fail "they share the PID namespace"
	go_on
	ended 0
	told HELD
	gone "$pause"
}

@test "breaks show what the line was for" {
	local break
	for break in newpid loop mask join prctl limit; do
		run_timeout 60 "$STEP" --json --break "$break"
		exits 0
		has '"verdict": "held"'
	done
}

@test "pid-table-full: held, and its group is gone" {
	run_timeout 60 "$STEP" --json --scene pid-table-full
	exits 0
	held pid-table-full
	free_of_token
}

# bats test_tags=guest
@test "-- CMD: PID 1 is the init, the status is the command's" {
	run "$STEP" -- sh -c 'echo $$ $(cat /proc/1/comm); exit 7'
	exits 7
	[[ ${lines[0]} =~ ^([0-9]+)" init"$ && ${BASH_REMATCH[1]} -gt 1 ]] || fail "$output"
	run "$STEP" -- sh -c 'kill -9 $$'
	exits 137
	run "$STEP" -- no-such-command
	exits 127
	has "no-such-command"
	run "$STEP" -- /
	exits 126
}

@test "-- CMD: the command has the caller's mask, and a process group of its own" {
	run "$STEP" -- sh -c 'grep SigBlk /proc/$$/status; cut -d" " -f1,5 /proc/$$/stat'
	exits 0
	[[ ${lines[0]} =~ 0000000000000000$ ]] || fail "$output"
	local pid group
	read -r pid group <<<"${lines[1]}"
	[[ $pid == "$group" ]] || fail "$output"
}

@test "-- CMD: the init has a session of its own, at a terminal or not: nothing stops the command for good" {
	# Field 6 is the session; one of outside has the number 0 in here.
	run "$STEP" -- sh -c 'cut -d" " -f6 /proc/1/stat; cut -d" " -f6 /proc/$$/stat'
	exits 0
	[[ ${lines[0]} == 1 && ${lines[1]} == 0 ]] || fail "$output"
}

@test "-- CMD: an orphan's parent is PID 1, and nothing dead is left" {
	contained sh -c '(sleep 1000 &); for i in 1 2 3 4 5 6 7 8 9; do (true &); done; echo ready; sleep 1000'
	local pid orphan=''
	adopted() {
		for pid in $(own_children "$ONE"); do
			! is_called "$pid" sleep || orphan=$pid
		done
		[[ -n $orphan ]]
	}
	poll 10 adopted || fail "PID 1 $ONE has: $(own_children "$ONE")"
	no_zombie_of_one() { ! grep -l '^PPid:[[:space:]]*'"$ONE"'$' /proc/[0-9]*/status 2>/dev/null | xargs -r grep -l '^State:.*zombie' 2>/dev/null | grep -q .; }
	poll 10 no_zombie_of_one
	kill -TERM "$ONE"
	ended 143
	gone "$orphan"
}

@test "-- CMD: TERM to PID 1 reaches the command, which may say goodbye" {
	contained sh -c 'trap "echo goodbye; exit 9" TERM; echo ready; while :; do sleep 0.1; done'
	kill -TERM "$ONE"
	ended 9
	told goodbye
}

@test "-- CMD: TERM reaches even a command that has stopped itself" {
	contained sh -c 'echo ready; kill -STOP $$; echo never'
	local child
	child=$(own_children "$ONE")
	stopped() { [[ $(state "$child") == "T (stopped)" ]]; }
	poll 10 stopped
	kill -TERM "$ONE"
	ended 143
	! told never || fail "$(<"$OUT")"
}

@test "-- CMD: a command that ignores TERM lives on, until KILL" {
	contained sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done'
	kill -TERM "$ONE"
	sleep 0.3
	[[ -e /proc/$ONE ]]
	kill -KILL "$ONE"
	ended 137
}

@test "-- CMD: who is left when the command ends gets TERM first, and time" {
	run_timeout 60 "$STEP" -- sh -c '(trap "sleep 0.3; echo goodbye; exit" TERM; >/tmp/up; while :; do sleep 0.1; done) &
		sleep 1000 & until [ -e /tmp/up ]; do sleep 0.05; done; exit 3'
	exits 3
	has goodbye
}

@test "-- CMD: kill -9 of any of its processes leaves nothing" {
	local who pid
	for who in main guard demo one; do
		contained sh -c '(sleep 1000 &); echo ready; sleep 1000'
		case $who in
		main) pid=$DEMO ;;
		guard) pid=$(own_children "$DEMO") ;;
		demo) pid=$(own_children "$(own_children "$DEMO")") ;;
		one) pid=$ONE ;;
		esac
		kill -9 "$pid"
		wait "$DEMO" 2>/dev/null || :
		DEMO=
		poll 10 gone "$ONE" || fail "kill -9 of $who: PID 1 is still there"
		poll 10 free_of_token
	done
}

@test "kill -9 in the middle of any scene leaves nothing" {
	local scene
	for scene in $("$STEP" --list --json | grep -oE '"scene": "[^"]*"' | cut -d'"' -f4); do
		"$STEP" --scene "$scene" >"$OUT" 2>&1 3>&- &
		DEMO=$!
		poll 10 told 'CLAIM'
		sleep 0.2
		kill -9 "$DEMO" 2>/dev/null || :
		wait "$DEMO" 2>/dev/null || :
		DEMO=
		free_of_token || fail "kill -9 in $scene"
	done
}

@test "init CMD: alone, as a subreaper, it ends what the command leaves, and only that" {
	sleep 1000 3>&- &
	local stranger=$!
	run_timeout 60 "$STEP" init sh -c 'sleep 77 & (sleep 77 &); exit 5'
	exits 5
	kill -0 "$stranger" || fail "it has hit a process that is none of its own"
	kill "$stranger"
	wait "$stranger" || :
	free_of_token
	run "$STEP" init
	exits 2
	run "$STEP" init /no/such/command
	exits 127
	has /no/such/command
}

@test "init CMD: as PID 1 it reaps 2,000 orphans" {
	need unshare
	run_timeout 60 unshare -Urpf --mount-proc "$STEP" init "$STEP" orphans 2000
	exits 0
	[[ $output == "orphans 2000 "*" left 0 "* ]] || fail "$output"
}

@test "-- CMD at a terminal: Ctrl-C reaches the command and not PID 1" {
	need tmux
	t new-session -d -s x -x 80 -y 24 "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN PS1='out> ' sh"
	poll 10 screen 'out>'
	t send-keys -t x "'$STEP' -- sh -c 'trap \"echo got INT; exit 4\" INT; echo up; while :; do sleep 0.1; done'; echo status=\$?" Enter
	poll 10 screen '^up'
	t send-keys -t x C-c
	poll 10 screen 'got INT'
	poll 10 screen 'status=4'
	# A shell inside has job control, and the terminal comes back after it.
	t send-keys -t x "PS1='in> ' '$STEP' -- sh" Enter
	poll 10 screen '^in>'
	t send-keys -t x 'sleep 1000' Enter
	poll 10 front sleep
	t send-keys -t x C-z
	poll 10 screen 'Stopped'
	t send-keys -t x 'fg' Enter
	poll 10 front sleep
	t send-keys -t x C-c
	t send-keys -t x 'echo status=$((100 + $?))' Enter
	poll 10 screen 'status=230'
	t send-keys -t x 'clear; exit 6' Enter # no out> of before on the screen: what is typed too early, the inner shell reads
	poll 10 screen 'out>'
	t send-keys -t x 'echo back=$?' Enter
	poll 10 screen 'back=6'
	# Without a shell inside nobody could wake a command that Ctrl-Z has stopped: it goes on, and hears Ctrl-C.
	t send-keys -t x "clear; '$STEP' -- sleep 1001" Enter
	poll 10 front sleep
	t send-keys -t x C-z
	poll 10 screen '\^Z'
	t send-keys -t x C-c
	poll 10 screen 'out>'
	t send-keys -t x 'echo status=$?' Enter
	poll 10 screen 'status=130'
	t kill-server
}
