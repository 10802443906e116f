# tests/run: nothing that goes wrong is counted as nothing.

# shellcheck disable=SC2016 # what is written into files here is expanded there
load ../lib/common

setup() {
	mb_setup
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
