#!/usr/bin/env bats
# Text and files of others: what they put into a name, an argument or a recording reaches no terminal, and ends.

# shellcheck disable=SC2030,SC2031 # each test is a process

load ../lib/common

setup() {
	mb_setup
	TMP=$(mktemp -d)
	STARTED=()
	INSPECTOR=$(bin inspector)
}

teardown() {
	local pid
	for pid in "${STARTED[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
	wait
	rm -rf "$TMP"
	mb_teardown
}

# tame FILE: no control character but newline, neither as a byte nor as the two bytes of UTF-8 (C1).
tame() {
	if LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$1"; then
		fail "control characters in:" "$(cat -v "$1")"
	fi
}

EVIL=$'x\e[2J\e]0;title\a\r\x7f\xc2\x9b2J\nsecond line'

@test "escape codes and newlines of arguments reach no message, with each option and without" {
	local arguments locale status
	while read -ra arguments; do
		for locale in C.UTF-8 C; do
			status=0
			LC_ALL=$locale timeout -k 5 60 "$INSPECTOR" "${arguments[@]//EVIL/$EVIL}" >"$TMP/out" 2>&1 </dev/null || status=$?
			((status == 1 || status == 2)) || fail "${arguments[*]}: status $status" "$(cat -v "$TMP/out")"
			tame "$TMP/out"
			not grep -q '^second line' "$TMP/out"
			[[ $locale == C.UTF-8 ]] || not env LC_ALL=C grep -q '[^ -~]' "$TMP/out"
		done
	done <<-END
		--once EVIL
		--json EVIL
		--EVIL
		-EVIL
		--once=EVIL
		--size EVIL --once
		--interval EVIL
		--ticks EVIL
		--clock EVIL
		--once 1 --vs EVIL
		--once --proc-root EVIL
		--once --replay EVIL
		--once --record /EVIL/x
		--once 1 EVIL
		--replay /dev/null EVIL
	END
	# A terminal that takes single bytes for control characters: 9b in the UTF-8 of U+00DB.
	LC_ALL=C run_timeout 60 "$INSPECTOR" --once $'\xc3\x9b2J'
	has '?2J: no such container'
}

# shellcheck disable=SC2016 # the inner shell's
@test "a process, a host and a list of containers with escape codes in their names: screens, JSON and messages" {
	need jq unshare
	local init parent name=$'a\e[2J\nb\xc2\x9b'
	cp "$(type -P sleep)" "$TMP/$name"
	unshare -Urpfmu --mount-proc sh -c 'hostname "$(printf "h\033[2Jost")"; exec "$0" 1000' "$TMP/$name" 3>&- &
	STARTED+=($!)
	parent=$!
	renamed() { init=$(pgrep -P "$parent") && [[ $(tr '\n' ' ' <"/proc/$init/comm") == $'a\e[2J b'* ]]; }
	poll 10 renamed
	STARTED+=("$init")
	LC_ALL=C.UTF-8 "$INSPECTOR" --once --size 120x40 "$init" >"$TMP/out"
	tame "$TMP/out"
	grep -qF 'a^[[2J^Jb' "$TMP/out"
	[[ $(wc -l <"$TMP/out") -eq 40 ]]
	"$INSPECTOR" --json "$init" >"$TMP/json"
	tame "$TMP/json"
	[[ $(wc -l <"$TMP/json") -eq 1 && $(jq -r .container.init "$TMP/json") -eq $init ]]
	"$INSPECTOR" --once no-such-container >"$TMP/out" 2>&1 || true
	tame "$TMP/out"
	grep -qE "^ *$init .*a\^\[\[2J\^Jb" "$TMP/out" || fail "not in the list" "$(cat -v "$TMP/out")"
}

# bats test_tags=root
@test "a control group with escape codes in its name" {
	skip_unless_root
	local dir=/sys/fs/cgroup/memory group pid
	[[ -d $dir ]] || dir=/sys/fs/cgroup
	group=$dir/minibox-$MINIBOX_TOKEN$'\e[2Jx'
	mkdir "$group" 2>/dev/null || skip "no group can be made in $dir"
	unshare -m sleep 1000 3>&- &
	pid=$!
	STARTED+=("$pid")
	if echo "$pid" >"$group/cgroup.procs"; then
		LC_ALL=C.UTF-8 "$INSPECTOR" --once --size 120x40 "$pid" >"$TMP/out"
		"$INSPECTOR" --json "$pid" >"$TMP/json"
	fi
	kill -9 "$pid"
	away() { rmdir "$group" 2>/dev/null; }
	poll 30 away
	tame "$TMP/out"
	tame "$TMP/json"
	grep -qF "minibox-$MINIBOX_TOKEN^[[2Jx" "$TMP/out"
	jq -e . "$TMP/json" >/dev/null
}

# replay WHAT: in little memory and little time, with status 1 and a message.
refuses() {
	run bash -c "ulimit -v 600000; timeout -k 5 $((20 * MB_PATIENCE)) '$INSPECTOR' --once --replay $1"
	exits 1
	has "$2"
}

@test "--replay reads no device, no line without an end, no NUL, and says which line" {
	refuses /dev/zero 'a character device'
	refuses '/dev/stdin </dev/zero' 'a character device'
	refuses /dev/urandom 'a character device'
	refuses / 'a directory'
	refuses "$TMP/none" 'No such file'
	refuses /dev/null 'a character device'
	refuses <(cat /dev/zero) 'line 1 holds a NUL byte'
	refuses <(tr '\0' x </dev/zero) 'line 1 is longer than 16 MiB'
	refuses <(tr '\0' ' ' </dev/zero) 'line 1 is longer than 16 MiB'
	refuses <(yes) 'line 1 is not a look'
	: >"$TMP/empty"
	refuses "$TMP/empty" 'nothing in it'
	truncate -s 1T "$TMP/hole"
	refuses "$TMP/hole" 'line 1 holds a NUL byte'
	"$INSPECTOR" --json $$ >"$TMP/two"
	echo '[' >>"$TMP/two"
	refuses "$TMP/two" 'line 2 is not a look'
}

@test "--replay of a pipe stays fine, also without a last newline" {
	"$INSPECTOR" --json --ticks 2 --interval 0.1 $$ >"$TMP/lesson"
	[[ $(wc -l <"$TMP/lesson") -eq 2 ]]
	run_timeout 60 "$INSPECTOR" --json --replay "$TMP/lesson"
	exits 0
	diff <(tail -n 1 "$TMP/lesson") <(echo "$output")
	diff <(printf '%s' "$output" | "$INSPECTOR" --json --replay /dev/stdin) <(echo "$output")
	diff <("$INSPECTOR" --json --replay <(cat "$TMP/lesson")) <(echo "$output")
}

@test "numbers in a recording that are none, or of any size, harm nothing" {
	local value
	"$ROOT/tests/inspector/fixtures/make" v1 "$TMP/host" 1
	"$INSPECTOR" --json --proc-root "$TMP/host" --clock 1 >"$TMP/good"
	for value in NaN Infinity -Infinity 1e400 -1e300 9223372036854775807 -9223372036854775808 99999999999999999999 '"x"' null '[]'; do
		sed -E "s/:(-?[0-9.]+)([,}])/:$value\2/g; s/history\":\[[^]]*\]/history\":[$value,$value]/g" "$TMP/good" >"$TMP/bad"
		cmp -s "$TMP/good" "$TMP/bad" && fail "nothing was changed"
		cat "$TMP/bad" >>"$TMP/bad.2" && cat "$TMP/good" >>"$TMP/bad.2"
		run_timeout 60 "$INSPECTOR" --once --size 120x40 --replay "$TMP/bad"
		exits 0
		run_timeout 60 "$INSPECTOR" --once --presenter --replay "$TMP/bad.2"
		exits 0
	done
}

@test "options that another leaves without effect, and the same one twice, are refused" {
	local arguments
	while read -ra arguments; do
		run_timeout 60 "$INSPECTOR" "${arguments[@]}"
		exits 2
		has 'inspector: --'
	done <<-END
		--json --once
		--json --size 80x24
		--json --presenter
		--json --mouse
		--once --mouse
		--size 80x24
		--once --size 80x24 --size 90x24
		--once --replay /dev/null --all
		--once --replay /dev/null --interval 1
		--once --replay /dev/null --clock 1
		--once --replay a --replay b
		--once --size 4294967376x24
		--once --ticks 1.5
	END
	run_timeout 60 "$INSPECTOR" --once 4294967297 # not PID 1
	exits 1
	has '4294967297: no such container or process'
}
