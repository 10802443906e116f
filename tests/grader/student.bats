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
	exits 1
	has "has been started"
	has "make reset N=01"
}

@test "reset asks, keeps what was written, and brings the starter back" {
	lab start 01
	echo '/* mine */' >>"$BATS_TEST_TMPDIR/work/clone_pid.c"
	lab reset 01 </dev/null
	exits 1
	has "YES=1"
	YES=1 lab reset 01
	exits 0
	cmp "$BATS_TEST_TMPDIR/work/clone_pid.c" "$ROOT/lessons/01_clone_pid/starter/clone_pid.c"
	grep -q '/\* mine \*/' "$BATS_TEST_TMPDIR"/work/kept/*/clone_pid.c
}

@test "a lab that is no lab, and one that is not started, are said" {
	lab start 9
	exits 2
	lab hint 01
	exits 1
	has "has not been started: make start N=01"
	lab catch-up 03
	exits 0
	lab progress
	exits 0
	[[ ${lines[0]} == *given && ${lines[1]} == *given && ${lines[2]} == *started && ${lines[3]} == *- ]] || fail "$output"
}

# carried N-1 TEXT: that lab's run.c, whose order has full points, is TEXT.
carried() {
	mkdir -p "$BATS_TEST_TMPDIR/work/.lab/$1"
	printf '%s\n' "$2" >"$BATS_TEST_TMPDIR/work/run.c"
	echo "part 5 15 15 ok" >"$BATS_TEST_TMPDIR/work/.lab/$1/result"
}

@test "a run.c that is carried into the next lab begins with that lab's task, and has its includes" {
	local run=$BATS_TEST_TMPDIR/work/run.c
	carried 02 "$(grep -v NOT_YET "$ROOT/lessons/02_mount_ns/starter/run.c")"
	lab start 03
	exits 0
	[[ $(sed '/\*\//q' "$run") == "$(sed '/\*\//q' "$ROOT/lessons/03_uts_ipc/starter/run.c")" ]] || fail "$(<"$run")"
	[[ $(grep '^#' "$run") == "$(grep '^#' "$ROOT/lessons/03_uts_ipc/starter/run.c")" ]] || fail "$(<"$run")"
	[[ $(grep -c 'lab 2, the order' "$run") == 0 && $(grep -c '^int step03_run' "$run") == 1 ]] || fail "$(<"$run")"
	grep -q 'lab 2, the order' "$BATS_TEST_TMPDIR/work/run_02.c"
}

@test "of a run.c that is carried no line is lost: a comment of the student's stays below the task" {
	local run=$BATS_TEST_TMPDIR/work/run.c mine=$'/*\n * My notes.\n */\n#define _GNU_SOURCE\n#include <sched.h>\n\nint step02_run(struct run *run)\n{\n}'
	carried 02 "$mine"
	lab start 03
	exits 0
	[[ $(sed -n 2p "$run") == *'lab 3'* ]] || fail "$(<"$run")"
	[[ $(diff <(echo "${mine/step02_run/step03_run}") "$run" | grep -c '^<') == 0 ]] || fail "$(<"$run")"
	[[ $(grep -n 'uts_ipc.h"' "$run") > $(grep -n '_GNU_SOURCE' "$run") ]] || fail "$(<"$run")"
	[[ $(<"$BATS_TEST_TMPDIR/work/run_02.c") == "$mine" ]]
}

@test "what stands in a file's place and is no file is named, and nobody waits for it" {
	mkdir -p "$BATS_TEST_TMPDIR/work/clone_pid.c"
	lab start 01
	exits 1
	has "work/clone_pid.c is no file (a directory)"
	rmdir "$BATS_TEST_TMPDIR/work/clone_pid.c" && mkfifo "$BATS_TEST_TMPDIR/work/clone_pid.c"
	WORK=$BATS_TEST_TMPDIR/work run_timeout 10 "$ROOT/lessons/lab" start 01
	exits 1
	has "work/clone_pid.c is no file (a fifo)"
	rm "$BATS_TEST_TMPDIR/work/clone_pid.c" && ln -s nowhere "$BATS_TEST_TMPDIR/work/clone_pid.c"
	lab start 01
	exits 1
	has "work/clone_pid.c is a link, and leads to no file"
}

@test "progress: the best score, and the last one where that is less" {
	local state=$BATS_TEST_TMPDIR/work/.lab/01
	mkdir -p "$state"
	printf 'score 85\nof 100\nopen 0\ntime 1000\n' >"$state/result"
	lab progress
	[[ ${lines[0]} == *' 85/100  graded '* ]] || fail "$output"
	echo 100 >"$state/best"
	lab progress
	[[ ${lines[0]} == *'100/100  (last 85)  graded '* ]] || fail "$output"
}

@test "make help in a kit names no target that the kit lacks, and in the project all of them" {
	local target kit=$BATS_TEST_TMPDIR/kit
	mkdir -p "$kit/ref" && cp "$ROOT/Makefile" "$kit" && : >"$kit/ref/machine"
	run make -s -C "$ROOT" help
	for target in test handout test-labs bench sweep lint asan grow grade-all start; do has "make $target "; done
	run make -s -C "$kit" help KIT_FOR= KIT_HERE=
	for target in test handout test-labs bench sweep lint asan grow grade-all; do has_not "make $target "; done
	for target in demo start deps install clean; do has "make $target "; done
}
