# The guard: whoever of a run is killed, and when, nothing of it stays behind; and what a parent has ignored, blocked or
# limited changes nothing.

# shellcheck disable=SC2016 # $0 and friends are for the shells inside
load ../lib/common

# descendants PID: all of them, parents first.
descendants() {
	local child
	for child in $(ps -e -o pid=,ppid= | awk -v of="$1" '$2 == of { print $1 }'); do
		echo "$child"
		descendants "$child"
	done
}

# at_a_key STEP SCENE: starts it in the background, up to where --pause waits for a key that never comes. Sets MAIN and
# TREE: guard, demo, scene, and what that has made.
at_a_key() {
	local out=$BATS_TEST_TMPDIR/out key=$BATS_TEST_TMPDIR/key
	[[ -p $key ]] || mkfifo "$key"
	: >"$out"
	"$1" --scene "$2" --pause 0<>"$key" >"$out" 2>&1 3>&- &
	MAIN=$!
	poll 10 grep -q CLAIM "$out"
	has_tree() { mapfile -t TREE < <(descendants "$MAIN") && ((${#TREE[@]} >= 4)); }
	poll 10 has_tree
}

# ends_without_a_trace: main ends by itself, and all that carries the token is gone.
ends_without_a_trace() {
	poll 5 gone_or_zombie "$MAIN" || return 1
	wait "$MAIN" || :
	poll 5 free_of_token
}
gone_or_zombie() {
	local stat
	{ IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ $stat == *') Z '* ]]
}

@test "kill -9 of main, guard, demo, or somebody in the middle of a scene: nothing is left" {
	need ps awk
	local step victim seed=${MB_SEED:-$RANDOM}
	step=$(bin step01_clone_pid)
	echo "seed $seed (again with MB_SEED=$seed)"
	RANDOM=$seed
	for victim in main guard demo any any; do
		at_a_key "$step" program # it has a scratch directory and a stopped process
		case $victim in
		main) victim=$MAIN ;;
		guard) victim=${TREE[0]} ;;
		demo) victim=${TREE[1]} ;;
		any) victim=${TREE[RANDOM % ${#TREE[@]}]} ;;
		esac
		kill -KILL "$victim"
		# A scene that lost a child waits for its key as before, until all of it is told to end.
		[[ " $MAIN ${TREE[*]:0:3} " == *" $victim "* ]] || kill -TERM "$MAIN"
		ends_without_a_trace || fail "killed $victim of main $MAIN, tree ${TREE[*]}" "$(<"$BATS_TEST_TMPDIR/out")"
	done
}

@test "kill -9 of main and guard in the same moment: no process is left" {
	need ps awk
	local step scene
	step=$(bin step01_clone_pid)
	# Nobody is left to clean up: each process has to end with its own parent. (A scratch directory would stay.)
	for scene in pid-one init-dies one-process signal-the-host; do
		at_a_key "$step" "$scene"
		kill -KILL "$MAIN" "${TREE[0]}"
		ends_without_a_trace || fail "$scene: main $MAIN, tree ${TREE[*]}" "$(<"$BATS_TEST_TMPDIR/out")"
	done
}

@test "TERM, HUP, INT and QUIT to main end all of it, with 128 + signal" {
	need ps awk
	local signal step status
	step=$(bin step01_clone_pid)
	# Below nohup a hang-up is ignored, as it should be.
	local ignored
	ignored=$(status_field $$ SigIgn)
	for signal in TERM:143 HUP:129 INT:130 QUIT:131; do
		[[ $signal != HUP:* ]] || ((!(0x$ignored & 1))) || continue
		# A shell's background job has INT and QUIT ignored: what we start begins anew all the same.
		at_a_key "$step" half-an-illusion
		kill -"${signal%:*}" "$MAIN"
		poll 5 gone_or_zombie "$MAIN" || fail "$signal does not end it"
		status=0
		wait "$MAIN" || status=$?
		((status == ${signal#*:})) || fail "$signal: status $status" "$(<"$BATS_TEST_TMPDIR/out")"
		free_of_token
	done
}

@test "signals that the parent has ignored or blocked change nothing; nohup is honoured" {
	local step
	step=$(bin step01_clone_pid)
	run bash -c 'trap "" CHLD INT TERM QUIT; exec "$0" -- sh -c "exit 7"' "$step"
	exits 7
	run bash -c 'trap "" CHLD INT TERM QUIT; exec "$0"' "$step"
	exits 0
	has "5 held"
	run bash -c 'trap "" HUP INT; exec "$0" -- grep SigIgn /proc/self/status' "$step"
	exits 0
	# The lowest bit is SIGHUP's, the next SIGINT's. Whoever started the tests may have ignored more.
	local mask=${output##*[[:space:]]}
	(((0x$mask & 3) == 1)) || fail "$output"
}

@test "few descriptors, no room in files, no processes: said, and nobody else is hit" {
	local step limit
	step=$(bin step01_clone_pid)
	run bash -c 'ulimit -n 32; exec "$0" --scene program' "$step"
	exits 0
	# With a handful a scene could not even end what it has begun: none is played.
	run_timeout 20 bash -c 'ulimit -n 10; exec "$0" --all' "$step"
	exits 77
	has "and a scene needs 16 (RLIMIT_NOFILE)"
	has "9 skipped"
	run bash -c 'exec >"$1"; ulimit -f 0; exec "$0" --scene pid-one' "$step" "$BATS_TEST_TMPDIR/out"
	exits 1
	has "File too large"
	# A fork that fails gives -1, and what was never forked is 0: both mean "everybody" to kill(2). Root has no such limit.
	for limit in 2 4 5 7 9; do
		run setsid -w bash -c 'ulimit -u $(($(ps -U "$EUID" -o pid= | wc -l) + $1)); "$0" --scene init-dies; echo alive' \
			"$step" "$limit"
		has "alive"
	done
}

@test "replayed more often than the ledger has room: every scratch directory goes with its scene" {
	local out
	out=$("$(bin step01_clone_pid)" --scene program --pause < <(printf 'r%.0s' {1..140}))
	[[ $(grep -c CLAIM <<<"$out") -eq 141 && $out == *HELD* ]] || fail "$(tail -n 4 <<<"$out")"
	has_no_scratch() { ! compgen -G "${TMPDIR:-/tmp}/minibox-$MINIBOX_TOKEN-*" >/dev/null; }
	has_no_scratch
}
