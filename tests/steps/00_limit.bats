# A scene has a time limit: one that exceeds it has failed, with what it was waiting for, and nothing of it is left. The time
# in which a key is waited for, and the time in which Ctrl-Z has stopped the demo, are not the scene's.

# shellcheck disable=SC2016,SC2030,SC2031 # for the shells inside; every test is a subshell
load ../lib/common
load ../lib/demo

setup() { demo_setup step08_init_reaper; }
teardown() {
	t kill-server 2>/dev/null || :
	demo_teardown
}

@test "a scene that exceeds its limit has failed, says what it waits for, and is gone; so --json" {
	export MINIBOX_SCENE_LIMIT=1
	# It waits until the kernel has counted the load, which it does every 5 s: within the first second now and then.
	exceeds() {
		local _
		for _ in 1 2 3 4 5 6 7 8; do
			run_timeout 60 "$STEP" --scene states "$@"
			[[ $status -eq 0 ]] || return 0
		done
	}
	exceeds
	exits 1
	has "FAILED  it did not end within 1 s; it was waiting: "
	has "1 failed"
	# A process that there was, and a call that it waited in.
	# The text is wrapped at any blank, as long as the number is.
	[[ $output =~ \([0-9]+\)[[:space:]]+(in[[:space:]]+[a-z_0-9]+|running) ]] || fail "$output"
	poll 5 free_of_token
	exceeds --json
	exits 1
	[[ $(json_verdict states) == failed ]]
	[[ $(json_get reason "$(json_line states)") == "it did not end within 1 s; it was waiting: "*"("*")"* ]] || fail "$output"
	poll 5 free_of_token
}

@test "the groups and frozen processes of a scene that exceeds its limit are removed" {
	export MINIBOX_SCENE_LIMIT=1
	local scene
	groups() { find /sys/fs/cgroup -type d -name "*$MINIBOX_TOKEN*" 2>/dev/null; }
	for scene in freezer quota; do
		run_timeout 60 "$(bin step05_cgroup_cpu)" --scene "$scene"
		[[ $output != *" SKIP "* ]] || skip "no group of ours here"
		exits 1
		has "did not end within 1 s"
		[[ -z $(groups) ]] || fail "$(groups)"
		poll 5 free_of_token
	done
}

@test "a scene whose process is stopped is told as such" {
	need ps
	export MINIBOX_SCENE_LIMIT=10
	"$STEP" --scene states >told 2>&1 3>&- &
	DEMO=$!
	# main, its guard, the demo, the scene
	child() { ps -o pid= --ppid "$1" | head -n 1 | tr -d ' '; }
	scene() { SCENE_PID=$(child "$(child "$(child "$DEMO")")") && [[ $SCENE_PID =~ ^[0-9]+$ ]]; }
	poll 10 scene
	kill -STOP "$SCENE_PID"
	ends 1
	local words
	words=$(tr -s '[:space:]' ' ' <told) # wrapped at any blank
	[[ $words =~ "it was waiting: ".*\($SCENE_PID\)\ .*,\ stopped ]] || fail "$words"
}

@test "waiting for a key is not the scene's time" {
	export MINIBOX_SCENE_LIMIT=3
	STEP=$(bin step01_clone_pid)
	start --scene pid-one
	poll 10 told 'pid ns'
	sleep 5 # longer than the limit
	press
	poll 10 told NSpid
	press
	ends 0
	told HELD
}

@test "neither is the time after Ctrl-Z" {
	need tmux
	t new-session -d -s x -x 80 -y 24 "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN MINIBOX_SCENE_LIMIT=8 PS1='out> ' bash --norc"
	poll 10 screen 'out>'
	t send-keys -t x "clear; $(bin step05_cgroup_cpu) --scene quota; echo status=\$?" Enter
	poll 20 screen ' 1s |SKIP'
	! screen SKIP || skip "no group of ours here"
	t send-keys -t x C-z
	poll 10 screen Stopped
	sleep 10 # longer than the limit
	t send-keys -t x fg Enter
	poll 30 screen ' (HELD|FAILED) |SKIP'
	not screen 'did not end within'
}

@test "a limit that is no number of seconds is refused" {
	local limit
	for limit in 0 -1 x 5x 1e3 99999999999999999999 $'1\e[31m'; do
		MINIBOX_SCENE_LIMIT=$limit run "$STEP" --scene signals
		exits 2
		has "MINIBOX_SCENE_LIMIT is"
		has "try: unset MINIBOX_SCENE_LIMIT"
		not grep -q $'\e' <<<"$output"
	done
}
