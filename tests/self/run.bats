# tests/run: nothing that goes wrong is counted as nothing.

# shellcheck disable=SC2016 # what is written into files here is expanded there
load ../lib/common

setup() {
	mb_setup
	a_mess
	cd "$BATS_TEST_TMPDIR" || return 1
}

# A bats that runs inside a test must not take itself for a part of it.
tests_run() {
	local name
	for name in "${!BATS_@}"; do [[ $name == BATS_ROOT ]] || local -x "$name=" && unset -v "$name"; done
	run "$ROOT/tests/run" "$@"
}

# closing LINE: it is the last line, and the status agrees
closing() {
	[[ ${lines[-1]} == "$1" ]] || fail "last line: ${lines[-1]}" "expected:  $1" "$output"
	case $1 in *' 0 failed'*) exits 0 ;; *) exits 1 ;; esac
}

unit() { # BODY: an executable that speaks for a cmocka program
	printf '#!/bin/sh\n%s\n' "$1" >unit
	chmod +x unit
}

@test "passes, failures and skips of bats are counted" {
	# Not a here-document: bats would take its lines for tests of this file.
	printf '@test "%s" {\n %s\n}\n' good true bad 'echo "the evidence"; false' off 'skip "a reason"' >a.bats
	tests_run --bats a.bats
	closing "1 passed, 1 failed, 1 skipped"
	has "the evidence"
	has "off: a reason"
}

@test "several failures are named once more at the end" {
	printf '@test "%s" {\n %s\n}\n' bad 'echo "the evidence"; false' worse false >a.bats
	tests_run --bats a.bats
	closing "0 passed, 2 failed"
	[[ ${output##*Failed, by name:} == *"a.bats: bad"*"a.bats: worse"* && ${output##*Failed, by name:} != *evidence* ]] || fail "$output"
}

@test "all good is exit status 0 and a line without skips" {
	printf '@test "good" {\n true\n}\n' >a.bats
	tests_run --bats a.bats
	closing "1 passed, 0 failed"
}

@test "a bats file that does not parse is a failure" {
	printf '@test "x" {\n if\n}\n' >a.bats
	tests_run --bats a.bats
	closing "0 passed, 1 failed"
}

@test "a bats file that loads what is not there is a failure" {
	printf 'load nowhere\n@test "x" {\n true\n}\n' >a.bats
	tests_run --bats a.bats
	closing "0 passed, 1 failed"
}

@test "a bats file without a test is a failure" {
	: >a.bats
	tests_run --bats a.bats
	closing "0 passed, 1 failed"
}

@test "a bats test that kills its runner is a failure" {
	printf '@test "x" {\n kill -9 $$\n}\n@test "y" {\n true\n}\n' >a.bats
	tests_run --bats a.bats
	closing "1 passed, 1 failed"
}

@test "failures, skips and groups of a cmocka program are counted" {
	unit 'printf "1..3\nok 1 - a\nnot ok 2 - b\n# 1 != 2\nnot ok 3 # SKIP c\n1..1\nok 1 - d\n"; exit 1'
	tests_run --unit unit
	closing "2 passed, 1 failed, 1 skipped"
	has "# 1 != 2"
}

@test "a cmocka program that dies half-way is a failure" {
	unit 'printf "1..3\nok 1 - a\n"; kill -SEGV $$'
	tests_run --unit unit
	closing "1 passed, 1 failed"
}

@test "a cmocka program that ends early with status 0 is a failure" {
	unit 'printf "1..3\nok 1 - a\n"'
	tests_run --unit unit
	closing "1 passed, 1 failed"
}

@test "a cmocka program with status 1 and no failed test is a failure" {
	unit 'printf "1..1\nok 1 - a\n"; exit 1'
	tests_run --unit unit
	closing "1 passed, 1 failed"
}

@test "an empty plan is a failure, and nothing at all is no success" {
	unit 'printf "1..0\n"'
	tests_run --unit unit
	closing "0 passed, 1 failed"
	tests_run --unit --filter matches-nothing unit
	[[ ${lines[-1]} == "0 passed, 0 failed" ]]
	exits 1
}

@test "a program that hangs is a failure" {
	unit 'printf "1..1\n"; exec sleep 60'
	MB_UNIT_TIMEOUT=1 tests_run --unit unit
	closing "0 passed, 1 failed"
}

# bats test_tags=root
@test "an ordinary user's run leaves tests tagged root out" {
	local dir=${TMPDIR:-/tmp}/minibox-$MINIBOX_TOKEN-run # bats' own directory is closed to others
	mkdir -m 755 "$dir"
	printf '# bats test_tags=root\n@test "r" {\n false\n}\n@test "u" {\n [ $EUID != 0 ]\n}\n' >"$dir/a.bats"
	tests_run --user "$dir/a.bats"
	rm -r "$dir"
	closing "1 passed, 0 failed"
}

@test "bad options say so" {
	tests_run --nonsense
	exits 2
	has "unknown option --nonsense"
	tests_run no/such/file
	exits 2
}

# --- hanging, the deadline, interruptions -----------------------------------------------------------------------------

# three_tests NAME BODY: a file with three tests, of which the second has that body
three_tests() { printf '@test "one" {\n true\n}\n@test "two" {\n %s\n}\n@test "three" {\n true\n}\n' "$2" >"$1"; }

# Processes that a hanging test may have: in its group, out of it, out of its session, orphans, and deaf to SIGTERM.
# With a number of this test's own: others may be running the same.
a_mess() {
	id=$((0x$MINIBOX_TOKEN % 100000000))
	mess="(setsid sleep 7101.$id & ) ; setsid -f sh -c \"trap : TERM; sleep 7102.$id; sleep 7102.$id\" ; "
	mess+="sh -c 'trap \"\" TERM INT HUP; sleep 7103.$id' & sleep 7104.$id"
}
# in_time VARIABLE LAST ARGS...: tests/run with that time, and with a longer one where this machine was too busy for what is
# to be done before it is over, until its last line matches LAST. Nothing may be left either way.
in_time() {
	local variable=$1 last=$2
	shift 2
	for time in 5 20 80 240; do
		local -x "$variable=$time"
		tests_run "$@"
		no_mess || fail "left: $(<"$BATS_TEST_TMPDIR/left")"
		# shellcheck disable=SC2053 # a pattern
		[[ ${lines[-1]} == $last ]] && return 0
	done
	fail "$output"
}
export MB_GRACE=1
no_mess() { ! pgrep -f "sleep 710[1-4].$id\$" >"$BATS_TEST_TMPDIR/left"; }

@test "a file that hangs has failed, and is killed with its children wherever they went" {
	need pgrep setsid
	three_tests a.bats "$mess"
	three_tests b.bats true
	in_time MB_FILE_TIMEOUT '4 passed, [12] failed' --bats a.bats b.bats
	has "hangs: killed after $time s, "
	exits 1
}

@test "a process of another PID namespace goes with the file that hangs" {
	need pgrep unshare
	unshare -Urpf --kill-child true 2>/dev/null || skip "no user and PID namespaces for this user"
	three_tests a.bats 'unshare -Urpf sh -c "setsid -f sleep 7101.'$id'; sleep 7102.'$id'; true"'
	in_time MB_FILE_TIMEOUT '1 passed, [12] failed' --bats a.bats
	has "hangs: killed"
	exits 1
}

@test "what a file leaves running is a failure, and killed" {
	need pgrep setsid
	unit 'printf "1..1\nok 1 - a\n"; setsid -f sleep 7101.'$id' >/dev/null 2>&1'
	tests_run --unit unit
	no_mess || fail "left: $(<"$BATS_TEST_TMPDIR/left")"
	closing "1 passed, 1 failed"
	has "left running: "
}

@test "the deadline: what has not run is skipped by name, and never passes or fails" {
	need pgrep setsid
	three_tests a.bats "$mess"
	three_tests b.bats true
	unit 'printf "1..1\nok 1 - a\n"'
	in_time MB_DEADLINE "2 passed, 0 failed, 5 skipped" --unit --bats unit a.bats b.bats
	exits 0
	grep -qE 'a.bats: (two|2 of its 3 tests): cut off: the time is over \(MB_DEADLINE: [0-9]+ s\)' <<<"$output" || fail "$output"
	has "b.bats: its 3 tests: the time is over"
}

@test "the deadline with several files at a time" {
	need pgrep setsid
	three_tests a.bats "$mess"
	three_tests b.bats "$mess"
	three_tests c.bats true
	MB_SNAPSHOT=token in_time MB_DEADLINE "2 passed, 0 failed, 7 skipped" -j 2 --bats a.bats b.bats c.bats
	has "c.bats: its 3 tests"
}

@test "nothing at all runs after the deadline: no success" {
	three_tests a.bats true
	# One second is over before the file begins.
	printf '#!/bin/sh\nsleep 2\nexec %s "$@"\n' "$(type -P bats)" >bats
	chmod +x bats
	PATH=$PWD:$PATH MB_DEADLINE=1 tests_run --bats a.bats
	[[ ${lines[-1]} == "0 passed, 0 failed, 3 skipped" ]] || fail "$output"
	exits 1
}

@test "a failure before the deadline is a failure" {
	three_tests a.bats "$mess"
	sed -i '2s/true/false/' a.bats
	in_time MB_DEADLINE "0 passed, 1 failed, 2 skipped" --bats a.bats
	exits 1
}

@test "with CI=true there is a deadline of an hour, what a person has chosen has none" {
	unit 'echo 1..1; echo "not ok 1 - $(tr "\0" " " </proc/$PPID/cmdline)"; exit 1'
	CI=true MB_UNIT_TIMEOUT=2h tests_run --unit unit
	grep -qE 'within -k 1 (3600|359.) ' <<<"$output" || fail "$output"
	CI='' MB_UNIT_TIMEOUT=2h tests_run --unit unit
	has "within -k 1 7200 "
	MB_DEADLINE=soon tests_run --unit unit
	exits 2
	has "'soon' is no time"
}

@test "all of it, for a person: ten minutes, and a file for each CPU at a time" {
	local name
	mkdir -p p/tests/{lib,steps} p/build/tests/unit
	cp "$ROOT/tests/run" p/tests && cp "$ROOT/tests/lib/"{snapshot.bash,within.c} p/tests/lib
	printf '#!/bin/sh\nexit 77\n' >p/tests/lib/as-user && chmod +x p/tests/lib/as-user
	# They fail, for their output to be seen: the limit of the process that all of it descends from, and whether both ran at once.
	for name in a:b b:a; do
		printf '%s\n' '@test "x" {' 'pid=$$' "touch $PWD/${name%:*}; for i in {1..300}; do [[ ! -e $PWD/${name#*:} ]] || break; sleep 0.1; done" \
			"[[ ! -e $PWD/${name#*:} ]] || echo together" "sleep 1; rm $PWD/${name%:*}" \
			'until tr "\0" " " </proc/$pid/cmdline | grep "within -k"; do pid=$(sed -n "s/^PPid:.//p" /proc/$pid/status); done' \
			false '}' >"p/tests/steps/${name%:*}.bats"
	done
	for name in "${!BATS_@}"; do [[ $name == BATS_ROOT ]] || local -x "$name=" && unset -v "$name"; done
	CI='' MB_SNAPSHOT=token MB_FILE_TIMEOUT=2h MB_BUILD=$PWD/p/build run p/tests/run
	[[ $(grep -cE 'within -k 1 (600|5[0-9]{2}) ' <<<"$output") == 2 ]] || fail "$output"
	(($(nproc) == 1)) || [[ $(grep -c together <<<"$output") == 2 ]] || fail "$output"
}

@test "SIGTERM, SIGINT, SIGHUP: all of it ends, and the last line comes" {
	need pgrep setsid
	local signal name
	three_tests a.bats "touch $PWD/begun; $mess"
	three_tests b.bats true
	for name in "${!BATS_@}"; do [[ $name == BATS_ROOT ]] || local -x "$name=" && unset -v "$name"; done
	for signal in TERM:143 INT:130 HUP:129; do
		rm -f begun
		# A shell's background job has SIGINT ignored, one below nohup SIGHUP, and bash cannot undo that: env can.
		env --default-signal=INT,HUP "$ROOT/tests/run" --bats a.bats b.bats >out 2>&1 3>&- &
		poll 20 test -e begun
		kill -"${signal%:*}" $!
		status=0
		wait $! || status=$?
		exits "${signal#*:}"
		run cat out
		[[ ${lines[-1]} == "1 passed, 0 failed, 5 skipped" ]] || fail "$signal: $output"
		has "b.bats: its 3 tests: ended by SIG${signal%:*}"
		no_mess || fail "left: $(<left)"
	done
}
