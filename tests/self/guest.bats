# tests/guest/inside: what a guest has had no time for is a skip by name, never a pass.

load ../lib/common

inside() {
	local name
	for name in "${!BATS_@}"; do [[ $name == BATS_ROOT ]] || local -x "$name=" && unset -v "$name"; done
	run_timeout 120 "$ROOT/tests/guest/inside" here "$@"
}

@test "no time at all: every step's core scenes and every file of minibox are skips with their names" {
	local file step
	[[ -x ${MB_BUILD:-$ROOT/build}/tests/within ]] || skip "build/tests/within is not built"
	MB_GUEST_SECONDS=1 inside 'guest,!user' yes
	exits 0
	[[ ${lines[-1]} =~ ^1\.\.[0-9]+$ ]] || fail "$output"
	[[ $(grep -cE '^(not )?ok ' <<<"$output") == "${lines[-1]#1..}" ]] || fail "$output"
	not grep -E '^not ok' <<<"$output"
	for step in "$BIN"/step0*; do
		has "${step##*/}, its core scenes # skip the 1 s of this run are over"
		has "${step##*/}, its rest scenes # skip "
	done
	for file in "$ROOT"/tests/minibox/*.bats; do has "here: minibox/${file##*/}, its "; done
	not grep -E '^ok' <(grep -v '# skip ' <<<"$output")
}

# bats test_tags=root
@test "a file of bats that is cut off: what has passed has passed, the rest is a skip, and nothing is left" {
	need pgrep
	[[ -x ${MB_BUILD:-$ROOT/build}/tests/within ]] || skip "build/tests/within is not built"
	local id=$((0x$MINIBOX_TOKEN % 100000000)) dir=$BATS_TEST_TMPDIR/project here=$((MB_PATIENCE * 2 + 15))
	mkdir -p "$dir/tests/minibox" "$dir/tests/guest" "$dir/bin"
	cp -r "$ROOT/tests/lib" "$dir/tests/"
	cp "$ROOT/tests/guest/inside" "$dir/tests/guest/"
	# Not a here-document: bats would take its lines for tests of this file. "two" takes no SIGTERM, so that bats is killed
	# before it has removed its directory.
	printf '# bats test_tags=guest\n@test "%s" {\n %s\n}\n' one true two "setsid -f sleep 7201.$id; trap \"\" TERM; sleep 7202.$id" three true >"$dir/tests/minibox/a.bats"
	printf '# bats test_tags=guest\n@test "%s" {\n %s\n}\n' four true >"$dir/tests/minibox/b.bats"
	local name
	for name in "${!BATS_@}"; do [[ $name == BATS_ROOT ]] || local -x "$name=" && unset -v "$name"; done
	MB_BUILD=${MB_BUILD:-$ROOT/build} MB_BIN=$dir/bin MB_GUEST_SECONDS=$here run_timeout 120 "$dir/tests/guest/inside" here 'guest,!user' yes
	exits 0
	has "ok 1 here: minibox/a.bats: one"
	has "all but 1 of its 3 tests # skip the $here s of this run are over" || has "two, cut off # skip"
	has "minibox/b.bats, its 1 tests of guest,!user # skip"
	not grep -E '^not ok' <<<"$output"
	not pgrep -f "sleep 720[12].$id\$"
}
