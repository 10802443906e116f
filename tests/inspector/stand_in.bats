#!/usr/bin/env bats
# A step's demo and the inspector side by side say the same: the oracle is /proc. And of several demos mine is shown.

# shellcheck disable=SC2016,SC2030,SC2031,SC2034 # jq's $; each test is a process; an open descriptor

load ../lib/common

setup() {
	mb_setup
	need jq
	TMP=$(mktemp -d)
	STARTED=()
}

teardown() {
	local pid
	for pid in "${STARTED[@]}"; do kill "$pid" 2>/dev/null || true; done
	wait
	rm -rf "$TMP"
	mb_teardown
}

# demo STEP SCENE [OPTION...]: plays and waits for a key that never comes. DEMO is its first process.
demo() {
	mkfifo "$TMP/hold"
	"$(bin "$1")" --scene "${@:2}" --pause <"$TMP/hold" >"$TMP/scene" 2>&1 3>&- &
	DEMO=$!
	STARTED+=("$DEMO")
	exec {HOLD}>"$TMP/hold"
}

# offspring PID: it and all its descendants.
offspring() {
	local child
	echo "$1"
	for child in $(pgrep -P "$1"); do offspring "$child"; done
}

# The process with a number in a PID namespace below the demo's, and its parent, as /proc has them.
in_pid_namespace() {
	local pid
	for pid in $(offspring "$DEMO"); do
		[[ $(status_field "$pid" NSpid) == *' 1' ]] && INSIDE=$pid SCENE=$(status_field "$pid" PPid) && return
	done 2>/dev/null
	return 1
}

# The scene: a process of the demo whose UTS namespace is not its parent's.
scene_process() {
	local pid
	for pid in $(offspring "$DEMO"); do
		[[ $pid != "$DEMO" ]] && ! same_ns uts "$pid" "$DEMO" && SCENE=$pid && return
	done 2>/dev/null
	return 1
}

ask() { jq -r "$1" "$TMP/json"; }
look() { "$(bin inspector)" --json "$@" >"$TMP/json" 2>"$TMP/said"; }

@test "what a scene calls HOST is what the inspector compares with, kind by kind, as /proc has it" {
	demo step03_uts_ipc ns-links
	poll 30 in_pid_namespace || skip "this scene cannot run here: $(tail -n 3 "$TMP/scene")"
	look "$INSIDE"
	[[ $(ask .container.init) -eq $INSIDE && $(ask .stand_in) -eq $SCENE && $(ask .stand_in_of) == step03 ]]
	not same_ns mnt "$SCENE" $$
	local kind
	for kind in pid mnt uts ipc net user cgroup; do
		[[ "$kind:[$(ask ".namespaces.$kind.base")]" == "$(readlink "/proc/$SCENE/ns/$kind")" ]]
		[[ "$kind:[$(ask ".namespaces.$kind.inside")]" == "$(readlink "/proc/$INSIDE/ns/$kind")" ]]
		if same_ns "$kind" "$SCENE" "$INSIDE"; then
			[[ $(ask ".namespaces.$kind.verdict") == shared ]]
		else
			[[ $(ask ".namespaces.$kind.verdict") == own ]]
		fi
	done
	[[ $(ask .namespaces.net.verdict) == shared ]]
	run_timeout 60 "$(bin inspector)" --once "$INSIDE"
	has 'HOST stand-in of step03'
	has 'NAMESPACES host: stand-in of step03'
}

@test "a container without a namespace of its own is the stand-in's: all is shared" {
	demo step03_uts_ipc hostname --break newuts
	poll 30 scene_process || skip "this scene cannot run here: $(tail -n 3 "$TMP/scene")"
	born() { [[ -n $(pgrep -P "$SCENE") ]]; }
	poll 30 born
	look "$SCENE"
	[[ $(ask .stand_in) -eq $SCENE ]]
	[[ $(ask '[.namespaces[] | select(.base > 0) | .verdict == "shared"] | all') == true ]]
}

@test "a container that no scene has made is compared with the real host" {
	"$(bin step03_uts_ipc)" -- sleep 1000 >"$TMP/scene" 2>&1 3>&- &
	DEMO=$!
	STARTED+=("$DEMO")
	poll 30 in_pid_namespace || skip "step 3 cannot run here: $(tail -n 3 "$TMP/scene")"
	look "$INSIDE"
	[[ $(ask .stand_in) -eq 0 ]]
	[[ "uts:[$(ask .namespaces.uts.base)]" == "$(readlink /proc/$$/ns/uts)" ]]
	[[ $(ask .namespaces.uts.verdict) == own && $(ask .namespaces.net.verdict) == shared ]]
}

# bats test_tags=root
@test "of two users' demos mine is shown, although the other is newer; where none is mine it says whose" {
	skip_unless_root
	demo step03_uts_ipc ns-links
	poll 30 in_pid_namespace || skip "this scene cannot run here: $(tail -n 3 "$TMP/scene")"
	local mine=$INSIDE
	rm "$TMP/hold" && mkfifo "$TMP/hold"
	"$ROOT/tests/lib/as-user" "$(bin step03_uts_ipc)" --scene ns-links --pause <"$TMP/hold" >"$TMP/other" 2>&1 3>&- &
	STARTED+=($!)
	DEMO=$!
	local hold
	exec {hold}>"$TMP/hold"
	poll 30 in_pid_namespace || skip "an ordinary user cannot play this here: $(tail -n 3 "$TMP/other")"
	local other=$INSIDE
	[[ $(stat -c %u "/proc/$mine") -eq 0 && $(status_field "$other" Uid) != 0* ]]
	look step03
	[[ $(ask .container.init) -eq $mine ]]
	grep -qF "$mine chosen of" "$TMP/said"
	# Another user, who has none.
	"$ROOT/tests/lib/as-user" "$(bin inspector)" --json step03 >"$TMP/json" 2>"$TMP/said"
	grep -qF 'no step03 is yours' "$TMP/said"
	[[ $(ask '.changes[0].text') == *"'s; no step03 is yours" ]]
	exec {hold}>&-
}
