#!/usr/bin/env bats
# The screen of hosts that are fixtures, cell by cell. After a wanted change: tests/inspector/fixtures/regold

load ../lib/common

FIXTURES=$ROOT/tests/inspector/fixtures

setup() {
	mb_setup
	export TZ=UTC LC_ALL=C.UTF-8
	HOST=$(mktemp -d)
}

teardown() {
	rm -rf "$HOST"
	mb_teardown
}

# golden NAME SCENARIO MOMENTS SIZE [ARGUMENTS]
golden() {
	"$FIXTURES/screen" "$HOST" "$(bin inspector)" "${@:2}" >"$HOST/now"
	diff -u "$FIXTURES/golden/$1" "$HOST/now"
}

@test "every golden screen" {
	local name arguments bad=0
	while read -r name arguments; do
		[[ $name == '#'* || -z $name ]] && continue
		# shellcheck disable=SC2086 # words of the list
		golden "$name" $arguments || { echo "differs: $name" && bad=1; }
	done <"$FIXTURES/list"
	((bad == 0))
}
