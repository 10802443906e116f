# tests/labs/grade, tests/labs/build and lessons/lab as programs: exit status, what they leave, what they do without a tool.
#
# Where only these are looked at, a program named bats stands for bats: `verdict TEXT` says what it answers for a test.
#
# bats file_tags=root

load ../lib/common

# Compiled once: what each test begins with is a copy.
setup_file() {
	local first=$BATS_FILE_TMPDIR/first/work
	export BUILT=${MB_BUILD:-$ROOT/build}
	[[ -f $BUILT/labs/01/ours.a ]] || return 0
	mkdir -p "$first" "$BATS_FILE_TMPDIR/work"
	cp "$ROOT"/lessons/01_clone_pid/starter/*.c "$first"
	cp "$first"/*.c "$BATS_FILE_TMPDIR/work"
	LAB_KEEP=yes "$ROOT/tests/labs/build" 01 "$BATS_FILE_TMPDIR/work" "$first/.lab/01"
}

setup() {
	mb_setup
	[[ -f $BUILT/labs/01/ours.a ]] || skip "build/labs is not built (make labs)"
	export WORK=$BATS_FILE_TMPDIR/work MB_BUILD=$BUILT
	OBJ=$WORK/.lab/01
	rm -rf "$WORK" && cp -a "$BATS_FILE_TMPDIR/first/work" "$WORK"
	mkdir "$BATS_TEST_TMPDIR"/{tmp,bin}
	export VERDICTS=$BATS_TEST_TMPDIR/verdicts
	cat >"$BATS_TEST_TMPDIR/bin/bats" <<-'END'
		#!/usr/bin/env bash
		for last; do [[ $last != --filter ]] || filter=next; [[ ${filter:-} != next || $last == --filter ]] || filter=$last; done
		echo "begin ${filter:-}" >>"$VERDICTS.log"
		[[ ! -s $VERDICTS.run ]] || bash "$VERDICTS.run"
		[[ $* != *'--formatter junit'* ]] || { grep -q skip "$VERDICTS" && echo '<skipped>' || echo '<testsuites>'; exit; }
		sed -n 's/^@test "\(.*\)" {/\1/p' "$last" | grep -E "${filter:-.}" | while read -r title; do
			at=$((${at:-0} + 1))
			case $(<"$VERDICTS") in
			ok) echo "ok $at $title" ;;
			skip) echo "ok $at $title # skip not on this host" ;;
			*) echo "not ok $at $title" && if [[ -x $LAB_OBJ/driver ]]; then echo '# @not_written x.c:1'; else echo '# @not_compiled yes'; fi ;;
			esac
		done
		echo "end ${filter:-}" >>"$VERDICTS.log"
		[[ $(<"$VERDICTS") == ok || $(<"$VERDICTS") == skip ]]
	END
	chmod +x "$BATS_TEST_TMPDIR/bin/bats"
	verdict failed
}
verdict() { echo "$1" >"$VERDICTS"; }
# grade ARG...: with that bats.
grade() { LAB_KEEP=yes TMPDIR=$BATS_TEST_TMPDIR/tmp PATH=$BATS_TEST_TMPDIR/bin:$PATH run_timeout 60 "$ROOT/tests/labs/grade" -s "$WORK" "$@" 01 3>&-; }
lab() { PATH=$BATS_TEST_TMPDIR/bin:$PATH run_timeout 60 "$ROOT/lessons/lab" "$@" 3>&-; }
nothing_in_tmp() { [[ -z $(ls -A "$BATS_TEST_TMPDIR/tmp") ]] || fail "left: $(ls -A "$BATS_TEST_TMPDIR/tmp")"; }

@test "every format has the exit status 0, 1 or 77, and leaves no directory" {
	verdict skip
	for format in text json tap junit; do
		grade -o "$OBJ" -f "$format"
		exits 77
	done
	verdict ok
	grade -o "$OBJ" -f tap
	exits 0
	grade -o "$OBJ" -f junit
	exits 0
	verdict failed
	grade -o "$OBJ" -f tap
	exits 1
	grade -o "$OBJ" -f text
	exits 1
	nothing_in_tmp
}

@test "SIGTERM ends what grade has started, and leaves no directory" {
	local pid
	# shellcheck disable=SC2016 # for that bats
	echo 'echo $$ >"$VERDICTS.pid"; exec sleep 1000' >"$VERDICTS.run"
	LAB_KEEP=yes TMPDIR=$BATS_TEST_TMPDIR/tmp PATH=$BATS_TEST_TMPDIR/bin:$PATH "$ROOT/tests/labs/grade" -o "$OBJ" -s "$WORK" -p 1 01 >/dev/null 2>&1 3>&- &
	pid=$!
	poll 20 test -s "$VERDICTS.pid"
	kill -TERM "$pid"
	wait "$pid" || status=$?
	exits 143
	gone "$(<"$VERDICTS.pid")" || fail "$(<"$VERDICTS.pid") still runs"
	nothing_in_tmp
}

@test "-o takes a path from here" {
	cd "$BATS_TEST_TMPDIR"
	grade -p 1 -o here
	exits 1
	[[ -x here/driver && -x here/order/step01_clone_pid ]]
}

@test "without a tool that it needs grade says which, and ends with 2" {
	local tool dir=$BATS_TEST_TMPDIR/tools
	mkdir "$dir" && ln -s "$(type -P bash)" "$(type -P env)" "$dir"
	for tool in timeout mktemp mkdir rm cat stat cksum grep sed date nproc dirname gcc nm readelf objcopy addr2line; do ln -sf "$(type -P "$tool")" "$dir"; done
	for tool in nm objcopy readelf addr2line gcc; do
		mv "$dir/$tool" "$BATS_TEST_TMPDIR/away"
		PATH=$dir:$BATS_TEST_TMPDIR/bin run_timeout 60 env CC=gcc "$ROOT/tests/labs/grade" -s "$WORK" 01
		exits 2
		has "$tool is not installed (make deps)"
		mv "$BATS_TEST_TMPDIR/away" "$dir/$tool"
	done
	PATH=$dir run_timeout 60 "$ROOT/tests/labs/grade" -s "$WORK" 01
	exits 2
	has "bats is not installed (make deps)"
}

@test "a name that is no file is said as that, and its parts have no points" {
	local without=()
	rm "$WORK/clone_pid.c" && mkdir "$WORK/clone_pid.c"
	grade -o "$OBJ"
	exits 1
	has "clone_pid.c is a directory, not a file"
	has "does not compile"
	has_not "does not exist"
	rmdir "$WORK/clone_pid.c" && ln -s nowhere "$WORK/clone_pid.c"
	rm "$WORK/run.c" && mkfifo "$WORK/run.c"
	run_timeout 20 "$ROOT/tests/labs/build" 01 "$WORK" "$OBJ"
	exits 1
	has "clone_pid.c is a link to a file that does not exist"
	has "run.c is a FIFO, not a file"
	rm "$WORK/clone_pid.c" && : >"$WORK/clone_pid.c" && chmod 0 "$WORK/clone_pid.c"
	! is_root || { need setpriv && without=(setpriv --bounding-set=-all --inh-caps=-all); } # root may read it
	run_timeout 20 "${without[@]}" "$ROOT/tests/labs/build" 01 "$WORK" "$OBJ"
	exits 1
	has "clone_pid.c cannot be read: its mode is ----------"
}

@test "a function that is not in the file: the others are graded, and it is not written yet" {
	cp "$ROOT"/lessons/02_mount_ns/starter/*.c "$WORK"
	awk '/^int mount_private/ { away = 1 } !away { print } /^}/ { away = 0 }' "$ROOT/lessons/02_mount_ns/starter/mount_ns.c" >"$WORK/mount_ns.c"
	run "$ROOT/tests/labs/build" 02 "$WORK" "$BATS_TEST_TMPDIR/obj"
	exits 0
	has "mount_ns.c: mount_private is not there; the starter's stands for it"
	run_timeout 60 "$ROOT/tests/labs/grade" -s "$WORK" -p 1 02
	[[ $output != *'not graded here'* ]] || skip "$(grep -m 1 'not graded' <<<"$output")"
	exits 1
	has "not written yet  lessons/02_mount_ns/starter/mount_ns.c:"
}

@test "where the host refuses namespaces: the reason once, and the ways out" {
	local line
	need unshare
	# shellcheck disable=SC2016 # for that shell
	run_timeout 60 unshare -Urpf --mount-proc bash -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$1" -s "$2" 02' - \
		"$ROOT/tests/labs/grade" "$ROOT/lessons/02_mount_ns/starter"
	exits 77
	[[ $(grep -c ' reason ' <<<"$output") == 1 && $(grep -c 'not graded here' <<<"$output") == 6 ]] || fail "$output"
	has "100 of the points could not be graded on this host"
	has "sysctl -w user.max_user_namespaces="
	has "an emulated Linux machine"
	# The paths in the first line may be long.
	for line in "${lines[@]:1}"; do ((${#line} <= 80)) || fail "$line"; done
}

@test "of a student's files only what has changed is compiled again" {
	local cc=$BATS_TEST_TMPDIR/bin/cc
	# shellcheck disable=SC2016 # for that script
	printf '#!/bin/sh\ncase "$*" in *" -c "*) for f; do :; done; echo "$f" >>%q;; esac\nexec %s "$@"\n' "$cc.log" "${CC:-gcc}" >"$cc" && chmod +x "$cc"
	again() { # FILES: what is compiled
		: >"$cc.log"
		LAB_KEEP=yes run env CC="$cc" "$ROOT/tests/labs/build" 01 "$WORK" "$OBJ"
		exits 0
		[[ $(sed 's|.*/||' "$cc.log" | sort | tr '\n' ' ') == "$1" ]] || fail "compiled: $(<"$cc.log")"
	}
	printf '#include "own.h"\n' >>"$WORK/run.c" && : >"$WORK/own.h"
	again 'clone_pid.c run.c '
	again ''
	echo 'static int unused;' >>"$WORK/clone_pid.c"
	again 'clone_pid.c ' && has 'unused'
	again '' && has 'unused' # what the compiler said is said again
	echo '/* */' >"$WORK/own.h"
	again 'run.c '
	rm "$OBJ/driver"
	again 'clone_pid.c '
}

@test "two graders of one work/: one after the other" {
	local first
	: >"$VERDICTS.log" && echo 'sleep 0.5' >"$VERDICTS.run"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH "$ROOT/lessons/lab" grade 01 -p 1 >/dev/null 2>&1 3>&- &
	first=$!
	lab grade 01 -p 1
	exits 1
	wait "$first" || :
	[[ $(cut -d ' ' -f 1 "$VERDICTS.log" | tr '\n' ' ') == 'begin end begin end ' ]] || fail "$(<"$VERDICTS.log")"
}

@test "the result of one part is not kept: progress and hints go by all of them" {
	lab grade 01
	exits 1
	verdict ok
	lab grade 01 -p 1
	exits 0
	lab progress
	[[ ${lines[0]} == *'  0/100  graded '* ]] || fail "$output"
	verdict failed
	lab hint 01
	has "Part 1: 0 of"
	has "Hint 1 of"
}

@test "hint gives the next one of the part that is missing, or of part PART" {
	local hint
	lab hint 01
	exits 0
	has "Part 1: 0 of"
	has "Hint 1 of"
	hint=$output
	lab hint 01
	has "Hint 2 of"
	[[ $output != "$hint" ]]
	PART=2 lab hint 01
	exits 0
	has "Part 2: 0 of"
	has "Hint 1 of"
	PART=9 lab hint 01
	exits 1
	has "part 9 of lab 01"
}

@test "the best score stays, whatever the last one is; make's Error 1 is explained" {
	verdict ok
	lab grade 01
	exits 0
	has_not 'Error 1'
	verdict failed
	MAKELEVEL=1 lab grade 01
	exits 1
	has '"Error 1"'
	MAKELEVEL=1 lab submit 01
	exits 1
	has "results.json, submission (0 of 100 points)"
	has '"Error 1"'
	MAKELEVEL=1 lab grade 01 -f json
	exits 1
	has_not 'Error 1'
	lab progress
	[[ ${lines[0]} == *'100/100  (last 0)  graded '* ]] || fail "$output"
}

@test "watch grades the part that was missing before all of them" {
	local pid
	lab grade 01
	: >"$VERDICTS.log"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH "$ROOT/lessons/lab" watch 01 >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	pid=$!
	poll 30 grep -q 'Watching' "$BATS_TEST_TMPDIR/said" || :
	kill "$pid"
	wait "$pid" || :
	[[ $(head -n 1 "$VERDICTS.log") == 'begin ^(1) ' ]] || fail "$(<"$VERDICTS.log")"
	[[ $(grep -c Score: "$BATS_TEST_TMPDIR/said") == 2 ]] || fail "$(<"$BATS_TEST_TMPDIR/said")"
}

@test "mine says of each piece whose it is, and tests a minibox with the student's" {
	[[ -f $BUILT/final/main.o && -f $BUILT/pieces.a ]] || skip "minibox is not built (make)"
	cp "$ROOT/tests/labs/mutants/02_mount_ns/second/"*.c "$WORK"
	mkdir "$WORK/uts_ipc.c"
	echo 'broken' >"$WORK/net_user.c"
	# shellcheck disable=SC2016 # for that bats
	echo 'echo "$MB_BIN" >"$VERDICTS.bin"' >"$VERDICTS.run"
	verdict ok
	lab mine
	has "clone_pid        ours: NOT_YET in it"
	has "mount_ns         yours: $WORK/mount_ns.c"
	has "uts_ipc          ours: $WORK/uts_ipc.c is no file (a directory)"
	has "net_user         ours: yours does not compile (make grade N=04)"
	has "volumes          ours: not written"
	has "$WORK/bin/minibox: 1 of 8 pieces are yours"
	[[ $(<"$VERDICTS.bin") == "$WORK/bin" && -x $WORK/bin/minibox ]] || fail "$(<"$VERDICTS.bin")"
}
