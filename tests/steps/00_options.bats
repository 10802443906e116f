# Every pair of a step's options: both are obeyed, or refused with 2 and a message that says what to do. None is dropped.

# shellcheck disable=SC2016 # for the shells inside
load ../lib/common

# The options of scenes, as they are typed for step 1, and what of each must be seen where it is obeyed.
SCENES=(--all --scene --list --pause --predict --explain --break --json --log --help)
typed() {
	case $1 in
	--scene) echo "--scene $SCENE" ;;
	--break) echo "--break newpid" ;;
	--log) echo "--log $BATS_TEST_TMPDIR/log" ;;
	--) echo "-- true" ;;
	--hostname) echo "--hostname inner" ;;
	--cpu) echo "--cpu 20%" ;;
	--memory) echo "--memory 64m" ;;
	--pids) echo "--pids 32" ;;
	--volume) echo "--volume $BATS_TEST_TMPDIR:/here" ;;
	*) echo "$1" ;;
	esac
}
seen() {
	case $1 in
	--all) has same-kernel ;; # the last scene, and no core one
	--scene) has "$SCENE" && has_not half-an-illusion ;;
	--list) [[ $output == *" 1 s "* || $output == *'"seconds": 1'* ]] && has_not HELD && has_not '"verdict"' ;;
	--pause) has "0 held, 0 failed, 0 skipped" ;; # its keys are all s
	--predict) has PREDICT ;;
	--explain) has clone_pid.c: ;;
	--break) [[ $output == *"LEFT OUT"* || $output == *"$BROKEN"* ]] || fail "$output" ;;
	--json) [[ ${lines[*]} == *'{"step": 1, "scene": "'* ]] || fail "$output" ;;
	--log) [[ $output == *"0 held"* && -e $BATS_TEST_TMPDIR/log ]] || grep -q '"verdict": "held"' "$BATS_TEST_TMPDIR/log" || fail "no log" "$output" ;;
	--help) has "Exit status:" ;;
	esac
}

# refused ONE OTHER: with a message that names both and says what to do; nothing has run.
refused() {
	exits 2
	[[ $output == *"$1 "* && $output == *"$2 "* && $output == *"do not go together: "*"try: leave out "* ]] ||
		fail "$1 $2" "$output"
	has_not CLAIM
	has_not '{"step"'
}

@test "all pairs of options: both obeyed, or refused" {
	local step one other i j words obeyed=0 refusals=0
	step=$(bin step01_clone_pid)
	BROKEN=$("$step" --list --scene signal-the-host | sed -n 's/.*--break newpid:  *//p')
	[[ $BROKEN == *[a-z]* ]]
	for ((i = 0; i < ${#SCENES[@]}; i++)); do
		for ((j = 0; j < ${#SCENES[@]}; j++)); do
			((i != j)) || continue
			one=${SCENES[i]} other=${SCENES[j]}
			# The same pair the other way round must be judged alike: a quick one says so.
			rm -f "$BATS_TEST_TMPDIR/log"
			SCENE=pid-one # it has a question; the other one has the break
			[[ $one$other != *--break* ]] || SCENE=signal-the-host
			# All scenes take their time: of these, three at once, below.
			read -ra words <<<"$(typed "$one") $(typed "$other")"
			# (a break has a scene, that scene a question, and the core scenes take some seconds)
			[[ $one$other == *--scene* || $one$other == *--all* || $one$other == *--break* ]] ||
				[[ $one$other == *--list* || $one$other == *--help* ]] || words+=(--scene "$SCENE")
			[[ " $one $other " == *" --all "* && " $one $other " =~ \ (--predict|--explain|--log)\  ]] && continue
			run bash -c '"$@" < <(printf ssssssssssssssssss)' - "$step" "${words[@]}"
			if ((status == 2)); then
				refused "$one" "$other"
				refusals=$((refusals + 1))
			elif [[ $one == --help || $other == --help ]]; then
				seen --help # it answers whatever stands beside it
			else
				((i < j)) || continue
				echo "${words[*]}"
				seen "$one"
				seen "$other"
				obeyed=$((obeyed + 1))
			fi
		done
	done
	run "$step" --all --predict --explain --log "$BATS_TEST_TMPDIR/log" </dev/null
	for one in --all --predict --explain --log; do seen "$one"; done
	((obeyed >= 15 && refusals >= 20)) || fail "$obeyed obeyed, $refusals refused"
}

@test "a command, and any option of scenes: refused, in either order" {
	local step option words
	for step in "$(bin step01_clone_pid)" "$(bin step08_init_reaper)"; do
		for option in --all "--scene signals" --list --pause --predict "--break mask" --json "--log $BATS_TEST_TMPDIR/log"; do
			read -ra words <<<"$option"
			run "$step" "${words[@]}" -- touch "$BATS_TEST_TMPDIR/has-run"
			refused "${words[0]}" "-- CMD"
			[[ ! -e $BATS_TEST_TMPDIR/has-run && ! -e $BATS_TEST_TMPDIR/log ]]
		done
		run "$step" --explain -- true
		[[ $status -ne 2 ]] || fail "$output"
	done
	# As it was filed: the answer would be one to another question.
	run "$(bin step02_mount_ns)" --break own-proc -- ps
	refused --break "-- CMD"
	has "--break and -- CMD do not go together: a command plays no scene"
	has "try: leave out --break, or -- CMD"
}

@test "an option of a command without one, or beside a scene's: refused" {
	local step option scenes words
	step=$(bin step08_init_reaper)
	for option in "--hostname x" "-h x" "--cpu 20%" "--memory 64m" "--pids 32" "--volume /tmp:/t" "-v /tmp:/t"; do
		for scenes in "" --all "--scene signals" --list --pause --predict "--break mask" --json --explain; do
			read -ra words <<<"$scenes $option"
			run "$step" "${words[@]}"
			exits 2
			has "this option is for a command"
			has "add -- CMD"
		done
	done
}

@test "options of a command: all pairs reach it" {
	local step options=("--hostname inner" "--volume $BATS_TEST_TMPDIR:/here" --explain) i j words
	step=$(bin step07_volumes)
	: >"$BATS_TEST_TMPDIR/file"
	run "$step" -- true
	[[ $status -eq 0 ]] || skip "step 7 runs no command here: $output"
	for ((i = 0; i < ${#options[@]}; i++)); do
		for ((j = 0; j < ${#options[@]}; j++)); do
			((i != j)) || continue
			read -ra words <<<"${options[i]} ${options[j]}"
			run "$step" "${words[@]}" -- sh -c 'echo "name $(cat /proc/sys/kernel/hostname)"; ls /here'
			[[ ${words[*]} != *--hostname* ]] || has "name inner"
			[[ ${words[*]} != *--volume* ]] || has file
			[[ ${words[*]} != *--explain* ]] || has "lesson 1"
		done
	done
}

@test "an option given twice: refused where it has a value, obeyed where twice means once" {
	local step option
	step=$(bin step08_init_reaper)
	for option in "--scene signals --scene zombie" "--scene signals --scene signals" "--break mask --break loop" \
		"--log /dev/null --log /dev/null" "-h a --hostname b -- true" "--cpu 1% --cpu 2% -- true" \
		"--memory 1m --memory 2m -- true" "--pids 1 --pids 2 -- true"; do
		# shellcheck disable=SC2086 # words
		run "$step" $option
		exits 2
		has "this option is given twice: --"
		has "leave out one of the two"
	done
	run "$step" --list --list --json --json
	exits 0
	[[ ${#lines[@]} -ge 10 ]]
}

@test "what cannot be obeyed for another reason is refused as well" {
	local step
	step=$(bin step05_cgroup_cpu)
	run "$step" --predict --scene hierarchy # it has no question
	exits 2
	has "this scene has no question for --predict: hierarchy"
	has "leave out --predict"
	run "$step" --json=yes
	exits 2
	has "takes no value: --json=yes"
	run "$step" --all --watch 1
	exits 2
	has "this word comes first"
	run "$(bin step03_uts_ipc)" -h -- hostname
	exits 2
	has "needs a value: --hostname"
	run "$step" --scene -- true
	exits 2
	has "needs a value: --scene"
}

@test "escape codes and newlines of arguments and paths are shown, not sent" {
	local step evil=$'\e]0;owned\a\e[31m\nx' commands i
	step=$(bin step07_volumes)
	raw() { LC_ALL=C grep -q $'[\x01-\x09\x0b-\x1f\x7f]' <<<"$output"; }
	commands=(--scene "$evil" --break "$evil" "--$evil" _ "$evil" _ --log "/nowhere/$evil" -- "$evil" --explain "-- $evil")
	for ((i = 0; i < ${#commands[@]}; i += 2)); do
		if [[ ${commands[i + 1]} == _ ]]; then
			run "$step" "${commands[i]}"
		elif [[ ${commands[i]} == --explain ]]; then
			run "$step" --explain -v "/nowhere/$evil:/x" -- "$evil"
		else
			run "$step" "${commands[@]:i:2}"
		fi
		[[ $status -ne 0 ]] || fail "${commands[i]@Q}" "$output"
		not raw
		has '\x1b'
		for line in "${lines[@]}"; do [[ $line != x* ]] || fail "a line of its own: $line" "$output"; done
	done
	for i in "--cpu=$evil" "--memory=$evil" "--pids=$evil" "-v$evil" "-v/tmp:$evil" "-h$evil"; do
		run "$(bin step08_init_reaper)" "$i" -- true
		not raw
	done
	run bash -c 'exec -a "$1" "$0" -- /nowhere' "$(bin step01_clone_pid)" "$evil"
	not raw
	run "$(bin step05_cgroup_cpu)" --watch "$evil"
	not raw
	run "$(bin step04_net_user)" map "$evil"
	not raw
	run "$(bin step06_overlay_rootfs)" diff "/nowhere/$evil"
	not raw
}
