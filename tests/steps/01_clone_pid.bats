# Step 1, judged from outside: the host's /proc, lsns, and what is left after kill -9.

# shellcheck disable=SC2016
load ../lib/common
load ../lib/demo

setup() {
	demo_setup step01_clone_pid
}

teardown() {
	[[ -S tmux ]] && tmux -S tmux kill-server 2>/dev/null
	demo_teardown
}

@test "every scene of step 1 holds" {
	run_timeout 120 "$STEP" --all --json
	exits 0
	local line
	for line in "${lines[@]}"; do
		[[ $(json_get verdict "$line") == held ]] || fail "$line"
	done
	[[ ${#lines[@]} -eq 9 ]]
}

@test "pid-one: the host's /proc agrees with what is told" {
	start --scene pid-one
	poll 5 told '^ pid ns'
	local pid inside
	pid=$(awk '$1 == "PID" { print $2 }' told)
	inside=$(awk '$1 == "PID" { print $3 }' told)
	[[ $inside == 1 ]]
	local -a numbers
	read -ra numbers <<<"$(status_field "$pid" NSpid)"
	[[ ${numbers[0]} == "$pid" && ${numbers[-1]} == 1 ]] || fail "NSpid: ${numbers[*]}"
	not same_ns pid "$pid" $$
	same_ns mnt "$pid" "$(status_field "$pid" PPid)" # nothing else is new
	press '   '
	ends 0
	told HELD
	gone "$pid"
}

@test "breaks show what the line was for" {
	run "$STEP" --break stack
	exits 0
	has "Segmentation fault"
	run "$STEP" --break newpid
	exits 0
	has "the host's process is dead"
}

@test "kill -9 of the demo, of its guard, of a scene and of its child leaves nothing" {
	local who pid demo guard scene child
	for who in main guard demo scene child; do
		start --scene pid-one
		poll 5 told '^ pid ns'
		guard=$(own_children "$DEMO")
		demo=$(own_children "$guard")
		scene=$(own_children "$demo")
		child=$(awk '$1 == "PID" { print $2 }' told)
		[[ -n $guard && -n $demo && -n $scene && -n $child ]] || fail "main $DEMO guard $guard demo $demo scene $scene"
		case $who in
		main) pid=$DEMO ;; guard) pid=$guard ;; demo) pid=$demo ;; scene) pid=$scene ;; child) pid=$child ;;
		esac
		kill -9 "$pid"
		exec 9>&-
		wait "$DEMO" 2>/dev/null || :
		for pid in "$guard" "$demo" "$scene" "$child"; do
			poll 5 gone "$pid" || fail "kill -9 of $who: $pid is still there"
		done
		DEMO=
	done
}

@test "SIGTERM ends it with 143 and everything in it" {
	start --scene one-process
	poll 5 told '^ joined'
	local child
	child=$(awk '$1 == "PID" { print $2 }' told)
	kill -TERM "$DEMO"
	ends 143
	poll 2 gone "$child"
}

@test "-- CMD: SIGTERM is the command's if it listens; a PID 1 that does not is ended, with 143" {
	local one
	contained() { # CMD...: in the background, its output in ./told; sets DEMO, and ONE once it is there
		: >told
		"$STEP" -- "$@" >told 2>&1 3>&- </dev/null &
		DEMO=$!
		poll 10 told ready
		one=$(own_children "$(own_children "$(own_children "$DEMO")")")
	}
	contained sh -c 'trap "echo goodbye; exit 5" TERM; echo ready; while :; do sleep 0.1; done'
	kill -TERM "$DEMO"
	ends 5
	told goodbye
	contained sh -c 'echo ready; while :; do sleep 0.1; done'
	kill -TERM "$DEMO"
	ends 143
	poll 5 gone "$one"
	told 'no handler for SIGTERM'
	# One that listens and stays: the second one is for all of it.
	contained sh -c 'trap "echo heard" TERM; echo ready; while :; do sleep 0.1; done'
	kill -TERM "$DEMO"
	poll 10 told heard
	again() { kill -TERM "$DEMO" 2>/dev/null; gone "$one"; }
	poll 10 again
	ends 143
	# timeout(1) sends to its child and to its group: not two orders, and what it ends with is the command's.
	contained sh -c 'trap "echo goodbye; exit 5" TERM; echo ready; while :; do sleep 0.1; done'
	kill -TERM "$DEMO" "$DEMO"
	ends 5
	told goodbye
	not told 'no handler'
}

@test "-- CMD: it is PID 1, and its status comes through" {
	run "$STEP" -- sh -c 'echo $$; exit 7'
	exits 7
	[[ $output == 1 ]]
	run "$STEP" -- sh -c 'kill -9 $$; exec true' # PID 1 cannot kill itself
	exits 0
	run "$STEP" -- sh -c 'sh -c "kill -9 \$\$"'
	exits 137
}

@test "-- CMD: what cannot run is said, with docker's numbers" {
	run "$STEP" -- no-such-command
	exits 127
	has "no-such-command"
	run "$STEP" -- /
	exits 126
	has "is a directory"
	printf '#!/no/such/interpreter\n' >"$BATS_TEST_TMPDIR/script"
	chmod +x "$BATS_TEST_TMPDIR/script"
	run "$STEP" -- "$BATS_TEST_TMPDIR/script"
	exits 127
	has "/no/such/interpreter"
	printf 'echo\n' >"$BATS_TEST_TMPDIR/plain"
	run "$STEP" -- "$BATS_TEST_TMPDIR/plain"
	exits 126
	has "Permission denied"
	run "$STEP" -h name -- true
	exits 2
	has "step 3"
}

@test "-- CMD at a terminal: job control, Ctrl-C, and the terminal comes back" {
	need tmux
	t new-session -d -s x -x 80 -y 24 "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN PS1='out> ' sh"
	poll 5 screen 'out>'
	t send-keys -t x "PS1='in> ' '$STEP' -- sh" Enter
	poll 5 screen '^in>'
	t send-keys -t x 'echo pid=$$' Enter
	poll 5 screen 'pid=1'
	t send-keys -t x 'sleep 1000' Enter
	poll 5 front sleep
	t send-keys -t x C-c
	t send-keys -t x 'echo back=$((40 + 2))' Enter
	poll 5 screen 'back=42'
	t send-keys -t x 'exit 3' Enter
	t send-keys -t x 'echo status=$?' Enter
	poll 5 screen 'status=3'
	t send-keys -t x "'$STEP' -- sleep 1000" Enter # PID 1 without a handler: the second Ctrl-C means it
	poll 5 front sleep
	# The watcher may not be listening yet: pressed again until it answers.
	ctrl_c() { screen "$1" || { t send-keys -t x C-c && poll 1 screen "$1"; }; }
	poll 10 ctrl_c 'once more'
	t send-keys -t x C-c
	t send-keys -t x 'echo status=$?' Enter
	poll 5 screen 'status=1[34]' || fail "$(t capture-pane -p -t x)"
	t kill-server
}
