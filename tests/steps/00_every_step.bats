# What every step's program has in common: options, bad input, output, and that its host stays untouched.

# shellcheck disable=SC2016 # $$ and friends are for the shells inside
load ../lib/common

steps() { # the programs that are built
	local step
	for step in "$BIN"/step0?_*; do [[ -x $step ]] && printf '%s\n' "$step"; done
}

@test "--list names every scene, and --json lists the same" {
	local step
	for step in $(steps); do
		run "$step" --list --json
		exits 0
		[[ ${#lines[@]} -ge 5 ]] || fail "$step lists ${#lines[@]} scenes"
		has_not '"unknown"' # a need that the step has not registered
		run "$step" --list
		exits 0
	done
}

@test "at most five core scenes a step, under 60 s together, and one attack with a break" {
	local step line core seconds attacks
	for step in $(steps); do
		run "$step" --list --json
		core=0 seconds=0 attacks=0
		for line in "${lines[@]}"; do
			if [[ $(json_get core "$line") == true ]]; then
				core=$((core + 1)) seconds=$((seconds + $(json_get seconds "$line")))
			fi
			[[ $(json_get attack "$line") == true && $line == *'"breaks": ["'* ]] && attacks=$((attacks + 1))
		done
		((core >= 1 && core <= 5)) || fail "$step: $core core scenes"
		((seconds < 60)) || fail "$step: core scenes take $seconds s"
		((attacks >= 1)) || fail "$step: no attack with a break"
	done
}

@test "bad usage: a message, 2, nothing run" {
	local step
	for step in $(steps); do
		run "$step" --nonsense
		exits 2
		has "unknown option: --nonsense"
		run "$step" --list -qz
		exits 2
		has "unknown option: -q"
		run "$step" --scene no-such-scene
		exits 2
		has 'no scene named "no-such-scene"'
		run "$step" --break no-such-break
		exits 2
		has 'no break named'
		run "$step" --scene
		exits 2
		has "needs a value"
		run "$step" --
		exits 2
		has "no command after --"
		run "$step" -- ''
		exits 2
		has "no command after --"
		run "$step" stray
		exits 2
		has "a command stands after --: stray"
	done
}

@test "standard output closed or full is said and is 1" {
	local step
	step=$(bin step01_clone_pid)
	run bash -c '"$0" --scene pid-one >&-' "$step"
	exits 1
	has "standard output is closed"
	run bash -c '"$0" --scene pid-one >/dev/full' "$step"
	exits 1
	has "cannot write the narration: No space left on device"
	local what
	for what in --list "--list --json" --help; do
		run bash -c '"$0" $1 >/dev/full' "$step" "$what"
		exits 1
		has "cannot write"
	done
}

@test "standard input and error closed, TERM unset: it runs" {
	local step
	step=$(bin step01_clone_pid)
	run bash -c 'unset TERM; "$0" --scene pid-one <&- 2>&-' "$step"
	exits 0
	has "HELD"
	has_not $'\033'
}

@test "where nobody has mounted /proc: that is the reason given, and what needs none of it runs" {
	[[ -z ${MB_SANITIZED:-} ]] || skip "AddressSanitizer reads its own options from /proc"
	need unshare
	local own=-m step
	is_root || own=-Urm
	unshare "$own" true 2>/dev/null || skip "no mount namespace to hide /proc in"
	bare() { run_timeout 60 unshare "$own" sh -c 'mount -t tmpfs none /proc && exec "$@"' - "$@"; }
	for step in $(steps); do
		bare "$step" --json
		exits 77
		[[ ${#lines[@]} -ge 4 && $(grep -c "no proc file system is mounted at /proc" <<<"$output") -eq ${#lines[@]} ]] || fail "$output"
	done
	bare "$(bin step01_clone_pid)" -- sh -c 'echo $$'
	exits 0
	[[ $output == 1 ]] || fail "$output"
	bare "$(bin step02_mount_ns)" -- true
	exits 125
	has "No proc file system is mounted at /proc"
	has "mount -t proc proc /proc"
}

@test "into a pipe that closes: it ends, and nothing is left" {
	run bash -c 'set -o pipefail; "$0" --all | head -n 1; exit 0' "$(bin step01_clone_pid)"
	exits 0
	poll 5 free_of_token
}

@test "narration is at most 76 columns and 16 lines from CLAIM to verdict" {
	local step scene line
	for step in $(steps); do
		run "$step" --list --json
		local scenes=()
		for line in "${lines[@]}"; do
			# Only the quick ones here: each step's own file runs the others.
			[[ $(json_get seconds "$line") -le 2 ]] && scenes+=("$(json_get scene "$line")")
		done
		for scene in "${scenes[@]}"; do
			# Standard output alone: AddressSanitizer grumbles on the other about stacks that clone was given.
			run bash -c '"$0" --scene "$1" 2>/dev/null' "$step" "$scene"
			local count=0 inside=
			while IFS= read -r line; do
				[[ $line == *'   CLAIM'* ]] && inside=1
				[[ -n $inside && -n $line ]] || { [[ -z $line ]] && inside=; continue; }
				count=$((count + 1))
				[[ $line == *SKIP* || $line == *'try: '* ]] && continue # a reason stays one line in a pipe
				((${#line} <= 77)) || fail "$scene: ${#line} columns: $line"
			done <<<"$output"
			((count <= 16)) || fail "$scene: $count lines" "$output"
		done
	done
}

@test "--json: one object a line and scene, and nothing else" {
	run "$(bin step01_clone_pid)" --json
	exits 0
	local line
	[[ ${#lines[@]} -eq 5 ]]
	for line in "${lines[@]}"; do
		[[ $line == '{"step": 1, "scene": "'*'}' ]] || fail "no object: $line"
		[[ $(json_get verdict "$line") == held ]] || fail "$line"
	done
}

@test "--log writes the same objects besides the narration" {
	run "$(bin step01_clone_pid)" --scene pid-one --log "$BATS_TEST_TMPDIR/log"
	exits 0
	has "HELD"
	output=$(<"$BATS_TEST_TMPDIR/log")
	held pid-one
	run "$(bin step01_clone_pid)" --log /nowhere/log
	exits 1
	has "/nowhere/log: No such file or directory"
}

@test "--pause: keys walk among acts and scenes" {
	local step
	step=$(bin step01_clone_pid)
	run bash -c 'printf q | "$0" --pause' "$step"
	exits 130
	has "pid-one"
	has_not "half-an-illusion"
	# s: past this scene; then q
	run bash -c 'printf sq | "$0" --pause' "$step"
	exits 130
	has "half-an-illusion"
	has_not "unshare-setns"
	# r plays it again: its claim is told twice
	run bash -c 'printf rq | "$0" --pause' "$step"
	[[ $(grep -c '^ pid-one ' <<<"$output") -eq 2 ]] || fail "$output"
	# What a presenter's remote control sends: Page Down (two acts on, and to the next scene), Page Up
	run bash -c 'printf "\033[6~\033[6~\033[6~\033[5~q" | "$0" --pause --all' "$step"
	exits 130
	has "half-an-illusion"
	[[ $(grep -c '^ pid-one ' <<<"$output") -eq 2 ]] || fail "$output"
}

@test "--pause at a terminal: the last scene stays on the screen until a key" {
	need tmux
	t new-session -d -s x -x 80 -y 24 "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN PS1='out> ' sh"
	poll 5 screen 'out>'
	t send-keys -t x "clear; '$(bin step01_clone_pid)' --pause --scene nested; echo status=\$?" Enter
	local _
	for _ in 1 2 3 4 5 6; do
		poll 10 screen 'space: on'
		screen HELD && break
		t send-keys -t x Space
		gone_on() { ! screen 'space: on' || screen HELD; }
		poll 10 gone_on
	done
	screen HELD
	not screen 'step 1: 1 held'
	t send-keys -t x q
	poll 10 screen 'step 1: 1 held'
	poll 10 screen 'status=0'
	t kill-server
}

@test "--predict asks before and reveals after" {
	run bash -c '"$0" --predict --scene pid-one </dev/null' "$(bin step01_clone_pid)"
	exits 0
	[[ $output == *PREDICT*CLAIM*"ANSWER  "[a-c]") 1"* ]] || fail "$output" # the claim is the answer: it comes after
	# Not always the same letter.
	run bash -c '"$0" --predict --all </dev/null' "$(bin step01_clone_pid)"
	# (as written, four of these five are the second choice)
	[[ $(grep -c 'ANSWER  ' <<<"$output") -eq 5 ]] || fail "$output"
	[[ $(grep -o 'ANSWER  .' <<<"$output" | sort | uniq -c | awk '$1 > n { n = $1 } END { print n }') -le 3 ]] || fail "$output"
	# s and q are no answers
	run bash -c 'printf sq | "$0" --predict --pause' "$(bin step01_clone_pid)"
	exits 130
	has "How many processes does it"
	has_not "HELD"
	# A break has another claim, so there is nothing to ask: refused (00_options.bats).
	run "$(bin step01_clone_pid)" --predict --break stack
	exits 2
	has "do not go together"
}

@test "a break that belongs to another scene is told so; -h is help before there is a host name; | head is no fault" {
	run "$(bin step01_clone_pid)" --scene pid-one --break newpid
	exits 2
	has "belongs to the scene signal-the-host"
	run "$(bin step01_clone_pid)" -h
	exits 0
	has --predict
	run "$(bin step03_uts_ipc)" -h
	exits 2
	has "needs a value"
	run bash -c '"$0" --all 2>&1 >/dev/full' "$(bin step01_clone_pid)"
	has "cannot write the narration"
	run bash -c '{ "$0" --all 2>&3 | head -2; } 3>&1' "$(bin step01_clone_pid)"
	has_not "cannot write"
}

@test "every break says what is left out" {
	local step line breaks texts
	for step in $(steps); do
		run "$step" --list --json
		for line in "${lines[@]}"; do
			breaks=${line#*'"breaks": ['} breaks=${breaks%%]*}
			texts=${line#*'"left_out": ['} texts=${texts%]*}
			[[ $line == *'"left_out": ['* && ", $texts" != *', ""'* ]] || fail "$line"
			# One text for each name: as many strings.
			breaks=$(grep -oE '"([^"\\]|\\.)*"' <<<"$breaks" | wc -l)
			while IFS= read -r texts; do
				texts=${texts//\\/} # the escapes
				((${#texts} - 2 <= 65)) || fail "too long: $texts"
				breaks=$((breaks - 1))
			done < <(grep -oE '"([^"\\]|\\.)*"' <<<"$texts")
			((breaks == 0)) || fail "not a text for each break: $line"
		done
	done
	run "$(bin step01_clone_pid)" --break newpid
	exits 0
	[[ $output == *CLAIM*"LEFT OUT  CLONE_NEWPID"*HELD* ]] || fail "$output"
	run "$(bin step01_clone_pid)" --scene signal-the-host
	has_not "LEFT OUT"
}

@test "--explain shows the calls in order, parent and child in one stream, without changing the verdict" {
	run "$(bin step01_clone_pid)" --scene pid-one --explain
	exits 0
	has "clone_pid.c:"
	has "clone(sp->fn, stack_top, flags, sp->arg, &sp->pidfd)  [pid] ="
	has "lesson 1"
	has "HELD"
}

@test "the by-hand lines show what they say, as they are printed" {
	need unshare
	local step line scene hand shows out
	for step in $(steps); do
		run "$step" --list --json
		local all=("${lines[@]}")
		for line in "${all[@]}"; do
			scene=$(json_get scene "$line") shows=$(json_get shows "$line")
			[[ -n $(json_get by_hand "$line") && -n $shows ]] || fail "$scene: no by-hand line, or nothing that it shows"
			# A scene that this host cannot show cannot be shown by hand either.
			run bash -c '"$0" --scene "$1" 2>/dev/null' "$step" "$scene"
			[[ $output == *$'\n SKIP '* ]] && continue
			hand=$(sed -n '/^ by hand: /,/^ \(HELD\|FAILED\) /{ /^ \(HELD\|FAILED\) /d; s/^ by hand: //; p }' <<<"$output")
			[[ -n $hand ]] || fail "$scene: no by-hand line is printed" "$output"
			shows=${shows//'\"'/'"'}
			printf -v shows '%b' "$shows"
			# They are written for people, with sleeps in them: a busy machine gets another look.
			local look found=
			for ((look = 1; look <= 5 + MB_PATIENCE; look++)); do
				out=$(cd "$BATS_TEST_TMPDIR" && PATH=$BIN:$PATH timeout 20 sh -c "$hand" 2>&1) || :
				[[ $out =~ $shows ]] || grep -qE -- "$shows" <<<"$out" && found=$look && break
			done
			[[ -n $found ]] || fail "$scene: $hand" "should match: $shows" "shows: $out"
			not grep -Ei 'illegal option|syntax error|: not found|usage:' <<<"$out"
		done
	done
}
