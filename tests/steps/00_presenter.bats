# A demo in front of a room: real terminals of several sizes, keys typed too early, Ctrl-Z, a window that is closed; and a
# scene that does not end.

# shellcheck disable=SC2016 # for the shells inside
load ../lib/common

# on_terminal COLUMNSxROWS ARGS...: a program on a terminal of that size, started by a shell, which comes back to it.
# exec: the shell itself leads the session, whichever shell tmux asks to start it.
on_terminal() {
	need tmux
	local size=$1
	shift
	printf -v TYPED '%q ' "$@"
	poll 10 t new-session -d -s x -x "${size%x*}" -y "${size#*x}" "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN PS1='out> ' bash --norc" 2>/dev/null # a server before may be on its way out
	poll 10 screen 'out>'
	t send-keys -t x "clear; $TYPED; echo status=\$?" Enter
}
shown() { t capture-pane -p -t x; }
ready() { screen '\[space: '; } # it waits for a key
key() { t send-keys -t x "$@"; }
# on: presses space, waits until the page has changed and a key is waited for, or all is over.
on() {
	local before
	before=$(shown)
	key Space
	turned() { [[ $(shown) != "$before" ]] && { ready || screen '^status='; }; }
	poll 30 turned
}

teardown() {
	t kill-server 2>/dev/null || :
	mb_teardown
}

@test "small terminals: the claim is on every page, and not one line of the scene is lost" {
	local step size plain seen line scene
	for scene in "step01_clone_pid pid-one" "step08_init_reaper signals"; do
		step=$(bin "${scene% *}")
		for size in 60x16 80x12 40x10; do
			on_terminal "$size" "$step" --pause --scene "${scene#* }"
			seen=
			poll 30 ready
			until screen '^status='; do
				[[ $(shown) == *" ${scene#* }   CLAIM"* ]] || fail "$size $scene: no claim" "$(shown)"
				seen+=$(shown)$'\n'
				on
			done
			screen 'status=0' || fail "$size" "$(shown)"
			# Every line that a pipe gets was on one page or another. (Blanks are where lines are broken.)
			plain=$("$step" --scene "${scene#* }" | sed 1,2d | sed '/^step/d')
			[[ $plain == *HELD* ]] || fail "$plain"
			seen=$(tr -d ' \n' <<<"$seen")
			while IFS= read -r line; do
				# by their words: numbers differ from play to play
				line=$(tr -d ' ' <<<"$line" | grep -oE '[A-Za-z(:]{5,}' | head -n 1) || continue
				[[ $seen == *"$line"* ]] || fail "$size $scene: not shown: $line" "$seen"
			done <<<"$plain"
			t kill-server
		done
	done
}

@test "small terminals: the question stays until it is answered, and the answer comes with the claim" {
	local size scene
	for size in 60x16 80x12 40x10; do
		on_terminal "$size" "$(bin step01_clone_pid)" --pause --predict --scene pid-one
		poll 30 screen 'space: reveal'
		[[ $(shown) == *PREDICT*" a) "*" b) "*" c) "*"space: reveal"* ]] || fail "$size" "$(shown)"
		on
		until screen ANSWER; do
			screen ' pid-one   CLAIM' || fail "$size" "$(shown)"
			on
		done
		screen ' pid-one   CLAIM' || fail "$size" "$(shown)"
		t kill-server
	done
}

@test "keys typed while a scene runs answer nothing that comes later" {
	on_terminal 80x24 "$(bin step05_cgroup_cpu)" --pause --predict --scene quota
	poll 30 screen 'space: reveal'
	on
	poll 30 ready
	key Space
	poll 30 screen ' 2s |SKIP'
	! screen SKIP || skip "no CPU controller here"
	key Space Space Space
	poll 30 ready
	screen ' 4s '
	not screen HELD
	# The keys are gone, and not only late.
	key x
	sleep 0.5
	not screen HELD
	screen ' 4s '
	key Space
	poll 30 screen HELD
}

@test "b and Page Up at a question go back to the scene before" {
	local back
	for back in b PPage; do
		on_terminal 80x24 "$(bin step01_clone_pid)" --pause --predict
		poll 30 screen 'asks for its own PID'
		key s
		not_first() { ready && ! screen 'asks for its own PID'; }
		poll 30 not_first
		screen PREDICT || fail "$(shown)"
		not screen CLAIM
		key "$back"
		poll 30 screen 'asks for its own PID'
		not screen CLAIM
		# From the first stop of a scene back to its own question, which is asked again.
		key Space
		poll 30 screen 'CLAIM  One process'
		poll 30 ready
		key "$back"
		asked() { screen 'space: reveal' && ! screen CLAIM; }
		poll 30 asked
		screen 'asks for its own PID' || fail "$(shown)"
		t kill-server
	done
	# Without --pause b is the second answer, and Page Up no answer.
	on_terminal 80x24 "$(bin step01_clone_pid)" --predict --scene pid-one
	poll 30 screen 'your answer, a to c'
	key PPage
	twice() { [[ $(shown | grep -c 'your answer, a to c') -eq 2 ]]; }
	poll 30 twice
	not screen HELD
	key b
	poll 30 screen 'status=0'
	screen 'ANSWER  [a-c]\) .* - (as|not what) you said' || fail "$(shown)"
}

@test "after Ctrl-Z and fg the keys are shown again; in between the terminal is the shell's" {
	on_terminal 80x24 "$(bin step01_clone_pid)" --pause --scene pid-one
	poll 30 ready
	key C-z
	poll 30 screen 'Stopped'
	key clear Enter
	cleared() { [[ $(shown | grep -c .) -eq 1 ]] && screen '^out>'; }
	poll 30 cleared
	key "stty -a | tr -d '\\n' | grep -oE ' (icanon|echo) ' | tr -d '\\n'; echo '<'" Enter
	poll 30 screen '^ icanon  echo <'
	key clear Enter
	poll 30 cleared
	key fg Enter
	poll 30 ready
	key Space
	more() { screen 'NSpid'; }
	poll 30 more
	poll 30 ready
	key q
	poll 30 screen '^out>$'
	key "stty -a | tr -d '\\n' | grep -oE ' (icanon|echo) ' | tr -d '\\n'; echo '<'" Enter
	poll 30 screen '^ icanon  echo <'
}

@test "a bar is one line and redraws itself, however narrow the terminal" {
	local size
	for size in 80x50 56x50 30x50; do
		on_terminal "$size" "$(bin step05_cgroup_cpu)" --scene quota
		poll 60 screen '^status='
		! screen SKIP || skip "no CPU controller here"
		[[ $(shown | grep -cE '^ [1-4]s ') -eq 4 ]] || fail "$size" "$(shown)"
		t kill-server
	done
}

@test "verdicts can be read on white and on black" {
	on_terminal 80x24 env TERM=xterm-256color "$(bin step01_clone_pid)" --scene pid-one
	poll 30 screen '^status='
	# The first 16 colours are a theme's own, and yellow on white has 1.07:1.
	local codes code
	codes=$(t capture-pane -p -e -t x | grep -oE $'\e\\[[0-9;]*m' | tr -d $'\e[m' | sort -u)
	contrast() { # of colour N of the 6x6x6 cube, to white and to black: both at least 3.5
		awk -v n="$1" 'function part(v) { v = v ? v * 40 + 55 : 0; v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ^ 2.4 }
			BEGIN { n -= 16; l = .2126 * part(int(n / 36)) + .7152 * part(int(n / 6) % 6) + .0722 * part(n % 6)
				exit !(1.05 / (l + .05) >= 3.5 && (l + .05) / .05 >= 3.5) }'
	}
	[[ $codes == *38\;5\;* ]] || fail "no colours: $codes"
	for code in 28 160 130; do contrast "$code" || fail "$code"; done
	not contrast 226
	while IFS= read -r code; do
		not grep -qE '(^|;)(3[0-7]|9[0-7])(;|$)' <<<"${code//38;5;/x}"
		[[ $code != *38\;5\;* ]] || contrast "$(grep -oE '38;5;[0-9]+' <<<"$code" | cut -d\; -f3)" || fail "$code"
	done <<<"$codes"
	# NO_COLOR, and a terminal that knows none of this
	t kill-server
	on_terminal 80x24 env NO_COLOR=1 "$(bin step01_clone_pid)" --scene pid-one
	poll 30 screen '^status='
	not grep -q $'\e\\[' <<<"$(t capture-pane -p -e -t x)"
}

@test "a terminal that is closed, or goes with a SIGTERM after: nothing of a demo is left" {
	local what
	for what in "--pause" "-- sleep 313" "-- sh -c 'trap : HUP TERM; sleep 313; sleep 313'"; do
		on_terminal 80x24 bash -c "exec \"\$0\" $what" "$(bin step08_init_reaper)"
		running() { (($(token_processes | wc -l) >= 4)); }
		poll 30 running
		t kill-server # the kernel hangs up on the shell's group
		poll 30 free_of_token
	done
	# As a service manager or a dying session does it: both signals, to main alone.
	for what in --pause "-- sleep 313"; do
		# shellcheck disable=SC2086 # words
		setsid "$(bin step08_init_reaper)" $what < <(sleep 30 3>&-) >/dev/null 2>&1 3>&- &
		local main=$!
		poll 30 running
		kill -HUP "$main" 2>/dev/null || :
		kill -TERM "$main" 2>/dev/null || :
		wait "$main" || :
		poll 30 free_of_token
	done
}

@test "where HOST is not the host, the scene says so" {
	# Whoever compares it with another screen: each number of HOST's column that is a namespace's is the real host's, as
	# /proc has it, or the scene has said that HOST is a stand-in.
	local name scene line real number
	real=" $(for line in /proc/self/ns/*; do stat -L -c %i "$line" 2>/dev/null; done | tr '\n' ' ')"
	for name in 01_clone_pid:pid-one 01_clone_pid:nested 02_mount_ns:private-mount 02_mount_ns:join 03_uts_ipc:hostname \
		03_uts_ipc:sysv-ipc 03_uts_ipc:ns-links 03_uts_ipc:posix-mq 04_net_user:veth 04_net_user:time-ns; do
		run bash -c '"$0" --scene "$1" 2>/dev/null' "$(bin "step${name%:*}")" "${name#*:}"
		[[ $output != *"HOST is a "* && $output != *" SKIP "* ]] || continue
		while IFS= read -r line; do
			# the first column's number: its label, then the number at column 12
			number=${line:12:10}
			[[ $number =~ ^40265[0-9]{5}$ ]] || continue
			[[ $real == *" $number "* ]] || fail "$name: $number is not the host's ($real)" "$output"
		done <<<"$output"
	done
	for scene in hostname sysv-ipc ns-links posix-mq domainname; do
		run bash -c '"$0" --scene "$1" 2>/dev/null' "$(bin step03_uts_ipc)" "$scene"
		[[ $output == *" SKIP "* ]] || has "HOST is a stand-in in namespaces of its own: yours stay as they are."
	done
}
