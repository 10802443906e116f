# lessons/lab: what a student types, in a work/ of the test's own.

load ../lib/common

lab() { WORK=$BATS_TEST_TMPDIR/work run "$ROOT/lessons/lab" "$@"; }

@test "start puts the two files there once, and its first gap is code" {
	lab start 01
	exits 0
	has "first gap $BATS_TEST_TMPDIR/work/clone_pid.c:"
	[[ $output =~ first\ gap\ [^$'\n']*return\ NOT_YET ]] || fail "$output"
	[[ -f $BATS_TEST_TMPDIR/work/clone_pid.c && -f $BATS_TEST_TMPDIR/work/run.c ]]
	lab start 01
	exits 1 && has "has been started" && has "make reset N=01"
}

@test "reset asks, keeps what was written, and brings the starter back" {
	lab start 01
	echo '/* mine */' >>"$BATS_TEST_TMPDIR/work/clone_pid.c"
	lab reset 01 </dev/null
	exits 1 && has "YES=1"
	YES=1 lab reset 01
	exits 0
	cmp "$BATS_TEST_TMPDIR/work/clone_pid.c" "$ROOT/lessons/01_clone_pid/starter/clone_pid.c"
	grep -q '/\* mine \*/' "$BATS_TEST_TMPDIR"/work/kept/*/clone_pid.c
}

@test "a lab that is no lab, and one that is not started, are said" {
	lab start 9
	exits 2
	lab hint 01
	exits 1 && has "has not been started: make start N=01"
	lab catch-up 03
	exits 0
	lab progress
	exits 0
	[[ ${lines[0]} == *given && ${lines[1]} == *given && ${lines[2]} == *started && ${lines[3]} == *- ]] || fail "$output"
}
