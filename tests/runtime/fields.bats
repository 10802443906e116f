# The table in final/runtime/README.md against the one that the program judges config.json by. What the program does with a
# member is the business of other tests; here, that the table names every one, and no other, and tells refused from done.

# shellcheck disable=SC2016
load ../lib/common

setup() { mb_setup; }
teardown() { mb_teardown; }

# name verdict, a line a member; elements of lists ("[]" at the end) are their list's.
judged() {
	sed -nE 's/^\t\{ "([^"]+)", [A-Z]+, ([A-Z_]+) \},.*/\1 \2/p' "$ROOT/final/runtime/spec/spec_names.c" | awk '$1 !~ /\[\]$/ {
		print $1, ($2 == "ACTED" ? "done" : $2 == "DESCRIBES" ? "nothing" : "refused") }' | sort
}
written() {
	sed -nE 's/^\| `([^`]+)` \| (.*) \|$/\1 \2/p' "$ROOT/final/runtime/README.md" |
		awk '{ print $1, ($2 == "refused" || $2 == "nothing" ? $2 : "done") }' | sort
}

@test "each member of config.json that the program knows is in the table of the docs, and no other" {
	judged >"$BATS_TEST_TMPDIR/judged"
	written >"$BATS_TEST_TMPDIR/written"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/judged") -gt 100 ]] || fail "spec_names.c is not read"
	diff "$BATS_TEST_TMPDIR/judged" "$BATS_TEST_TMPDIR/written" || fail "final/runtime/README.md is not what spec_names.c has"
}

@test "each file that the table names is there" {
	local file count=0
	while read -r file; do
		[[ -f $ROOT/final/runtime/$file ]] || fail "no file $file"
		count=$((count + 1))
	done < <(grep '^| `' "$ROOT/final/runtime/README.md" | grep -oE '`[a-z_/]+\.c`' | tr -d '\`' | sort -u)
	[[ $count -gt 20 ]] || fail "only $count files in the table"
}
