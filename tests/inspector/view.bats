#!/usr/bin/env bats
# The view on a terminal: tmux is the terminal, fixtures are the host, and nothing waits for a fixed time.

# shellcheck disable=SC1003 # the key is a backslash

load ../lib/common

setup() {
	mb_setup
	need tmux
	HOST=$(mktemp -d)
	SOCKET=$HOST/tmux
	export TZ=UTC LC_ALL=C.UTF-8
	unset NO_COLOR TMUX
}

teardown() {
	tmux -S "$SOCKET" kill-server 2>/dev/null || true
	rm -rf "$HOST"
	mb_teardown
}

mux() { tmux -S "$SOCKET" -f /dev/null "$@"; }
# A server takes a moment to go: the next one gets a socket of its own.
stop() {
	mux kill-server
	SOCKET+=x
}
keys() { mux send-keys "$@"; }
screen() { mux capture-pane -p; }
shows() { screen | grep -qF -- "$1"; }
shows_not() { ! shows "$1"; }
sees() { poll 30 shows "$1" || { screen >&2; return 1; }; }
sees_not() { poll 30 shows_not "$1" || { screen >&2; return 1; }; }

# start [-s WxH] [ENV=VALUE...] -- ARGUMENTS: a shell that runs inspector and then says how it ended, and stays (it
# outlives Ctrl-C, which a terminal sends to both).
start() {
	local width=80 height=24 before=() inspector
	inspector=$(bin inspector)
	while [[ $1 != -- ]]; do
		case $1 in
		-s) width=${2%x*} height=${2#*x} && shift ;;
		*) before+=("$1") ;;
		esac
		shift
	done
	shift
	[[ -d $HOST/0 ]] || "$ROOT/tests/inspector/fixtures/make" "${SCENARIO:-v1}" "$HOST/0" 1
	mux new-session -d -x "$width" -y "$height" \
		"trap : INT; stty -a >$HOST/before; env ${before[*]} $inspector --clock 1700000000 --proc-root $HOST/0 $*; echo \"left with \$?\"; stty -a >$HOST/after; read x"
}

# The terminal's modes are what they were, and the shell's output is on the first screen again.
sane() {
	sees 'left with'
	poll 30 test -s "$HOST/after"
	diff "$HOST/before" "$HOST/after"
	[[ $(mux display-message -p '#{alternate_on} #{cursor_flag}') == '0 1' ]]
}

inspector_pid() { pgrep -P "$(mux display-message -p '#{pane_pid}')" -x inspector; }

@test "starts, shows host and container side by side, helps, quits with F10 and leaves the terminal as it was" {
	start --
	sees 'joined, PPID 0'
	sees 'INSIDE web'
	sees 'CGROUP /minibox-web'
	keys F1
	sees 'One process, two numbers'
	keys Escape
	sees_not 'One process, two numbers'
	keys F10
	sees 'left with 0'
	sane
}

@test "find, filter, tree and sort" {
	start --
	sees 'INSIDE web'
	keys / w o r k Enter
	sees '> 4240'
	keys '\' h t t p Enter
	sees_not 'worker'
	sees ' 4213'
	keys '\' Escape
	sees 'worker'
	keys t
	sees_not '└─ httpd'
	keys F6 Down Down Down Enter
	sees '4211 S 100000 sh' # by the PID inside: init is first
	[[ $(screen | sed -n 4p) == *4211* ]]
	keys q
	sees 'left with 0'
}

@test "F7 answers for the cell under the cursor, in every pane" {
	start --
	sees 'INSIDE web'
	keys F7
	sees 'grep NSpid /proc/4211/status'
	keys Escape
	sees_not 'See it yourself'
	keys Tab F7
	sees 'Here: its own.'
	keys Escape Tab F7
	sees 'nr_throttled grows'
	keys Escape Tab Right F7
	sees 'grep CapEff /proc/4211/status'
	keys Escape Enter
	sees 'cap_net_bind_service'
	keys Escape q
	sees 'left with 0'
}

@test "the picker lists what has namespaces of its own, and picks; --vs shows what a pod shares" {
	SCENARIO=pod start -- 4211
	sees 'INSIDE 1111'
	keys F2
	sees 'Pick a container'
	sees 'podman'
	keys Home Enter # the newest: the second of the pod
	sees 'INSIDE 2222'
	keys q
	sees 'left with 0'
	stop
	SCENARIO=pod start -- 4211 --vs 4311
	sees '== TOGETHER'
	keys F2 q
	sees 'left with 0'
}

@test "pause freezes the picture while time goes on; presenter mode is a key" {
	start -- --interval 0.1
	sees 'LIVE'
	keys Z
	sees 'PAUSED'
	still() { first=$(screen) && sleep 0.2 && [[ $(screen) == "$first" ]]; }
	poll 30 still # drawn to its end
	sleep 0.5 # several intervals: here nothing happening is the point
	[[ $(screen) == "$first" ]]
	keys Z
	sees 'LIVE'
	changed() { [[ $(screen) != "$first" ]]; }
	poll 30 changed
	keys P
	sees 'SHARED WITH HOST:'
	keys P
	sees 'NAMESPACES'
	keys q
	sees 'left with 0'
}

@test "resize at any time; too small says what it needs" {
	start -- --interval 60
	sees 'INSIDE web'
	mux resize-window -x 120 -y 40
	sees 'WHY? PID inside'
	mux resize-window -x 40 -y 10
	sees 'needs'
	sees '60x10'
	mux resize-window -x 60 -y 20
	sees 'INSIDE web'
	keys q
	sees 'left with 0'
}

@test "half a terminal of 80x24 will do: rows, namespaces and the cgroup, and popups that scroll" {
	SCENARIO=zombie start -s 80x11 -- --interval 60
	sees 'ON THE HOST    1 more'
	sees 'own pid mnt uts ipc net user  SHARED cgroup time'
	sees ' cpu  ['
	keys End
	sees '1 above'
	sees '> 4261'
	keys F7
	sees 'Lesson: lessons/01_clone_pid'
	keys Escape
	sees_not 'Lesson:'
	keys Tab Tab Down # memory: there is one line of the cgroup, and it is the one with the cursor
	sees '>mem  ['
	keys Tab
	sees 'caps 14/41'
	keys F1
	sees 'all host processes  '
	sees '5 more'
	keys Down Down Down Down Down
	sees "== SHARED: the host's."
	keys Escape q
	sees 'left with 0'
	sane
}

@test "F7 on a zombie says who has not waited, without another key" {
	SCENARIO=zombie start --
	sees 'ZOMBIE'
	keys / h o o k Enter
	sees '> 4251'
	keys F7
	sees 'Why? zombie'
	sees 'ps -o pid,ppid,stat,comm -p 4251'
	keys Escape
	sees_not 'Why? zombie'
	keys Home Down F7 # the living: their number
	sees 'Why? PID inside'
	keys Escape q
	sees 'left with 0'
}

@test "a kind of container is waited for, again when it has ended, and not recorded meanwhile; q and Ctrl-C leave" {
	local key status
	SCENARIO=none start -- --interval 0.1 --record "$HOST/lesson" minibox
	sees 'waiting for a minibox container  (q quits)'
	[[ ! -s $HOST/lesson ]]
	"$ROOT/tests/inspector/fixtures/make" v1 "$HOST/0" 1
	sees 'INSIDE web'
	sees_not 'waiting'
	poll 30 test -s "$HOST/lesson"
	rm -rf "$HOST"/0/proc/42*
	sees 'waiting for a minibox container'
	"$ROOT/tests/inspector/fixtures/make" v1 "$HOST/0" 1
	sees 'INSIDE web'
	keys q
	sees 'left with 0'
	sane
	for key in q C-c; do
		stop
		rm -rf "$HOST/0" "$HOST/after"
		SCENARIO=none start -- step05
		sees 'waiting for a step05 container'
		keys "$key"
		[[ $key == q ]] && status=0 || status=130
		sees "left with $status"
		sane
	done
	for key in --once --json; do
		run_timeout 60 "$(bin inspector)" "$key" --proc-root "$HOST/0" step05
		exits 1
		has 'there is no step05 container now'
	done
}

@test "Ctrl-Z gives the terminal back, fg draws everything again" {
	[[ -d $HOST/0 ]] || "$ROOT/tests/inspector/fixtures/make" v1 "$HOST/0" 1
	mux new-session -d -x 80 -y 24 "env HISTFILE= PS1='ready> ' bash --norc --noprofile"
	sees 'ready>'
	keys "$(bin inspector) --clock 1700000000 --interval 60 --proc-root $HOST/0" Enter
	sees 'F10Quit'
	local first
	first=$(screen)
	keys C-z
	sees 'Stopped'
	[[ $(mux display-message -p '#{alternate_on} #{cursor_flag}') == '0 1' ]]
	keys fg Enter
	again() { [[ $(screen) == "$first" ]]; }
	poll 30 again || { screen >&2; return 1; }
	keys q
	sees_not 'F10Quit'
}

@test "the title line is whole at 80 and 60 columns, whatever is in it" {
	SCENARIO=hybrid start -- --record "$HOST/lesson"
	sees 'inspect  web (minibox)  init 4211  cgroup hybrid '
	sees ' LIVE rec '
	keys q
	sees 'left with 0'
	stop
	SCENARIO=hybrid start -s 60x20 -- --record "$HOST/second"
	sees ' web (minibox)  init 4211  cgroup hybrid '
	sees ' LIVE rec '
	keys q
	sees 'left with 0'
}

@test "NO_COLOR: no colour, words all the same" {
	start --
	sees '== SHARED'
	mux capture-pane -pe | grep -qE $'\033\\[([0-9;]*;)?(3[0-7]|4[0-7])[;m]'
	stop
	start NO_COLOR=1 --
	sees '== SHARED'
	# 3x and 4x are colours; 1, 4 and 7 are bold, underlined and reverse.
	! mux capture-pane -pe | grep -qE $'\033\\[([0-9;]*;)?(3[0-7]|4[0-7]|9[0-7])[;m]' || fail "there is a colour"
	keys q
	sees 'left with 0'
}

@test "LC_ALL=C: lines of ASCII; names with escape codes reach no terminal" {
	SCENARIO=escape start LC_ALL=C --
	sees '`- ?2J?abc'
	sees '^[[2J^[]0;x^G'
	[[ $(mux display-message -p '#{pane_title}') != x ]]
	! screen | LC_ALL=C grep -q '[^ -~]' || fail "this is no ASCII"
	keys q
	sees 'left with 0'
}

@test "a TERM that nobody knows: says so, goes on as a plain one" {
	start TERM=no-such-terminal --
	sees 'TERM=no-such-terminal is not known here: going on as vt100.'
	sees 'INSIDE web'
	keys q
	sees 'left with 0'
	sees 'inspector: TERM=no-such-terminal'
	sane
}

@test "a TERM that cannot place text is refused, with the way out; the mouse chooses rows only where asked" {
	start TERM=dumb --
	sees 'left with 1'
	sees 'TERM=dumb has no way to place text'
	sees '--once'
	sane
	stop
	rm -f "$HOST/after"
	start TERM=xterm-256color -- --mouse
	sees '> 4211'
	mux send-keys -l $'\e[<0;5;6M\e[<0;5;6m' # the third row
	sees '> 4213'
	mux send-keys -l $'\e[<0;5;11M\e[<0;5;11m' # the namespaces: nothing to choose
	keys Down
	sees '> 4240'
	keys q
	sees 'left with 0'
	sane
}

@test "SIGTERM, SIGINT, SIGHUP and a crash end it as they should and restore the terminal" {
	local signal
	for signal in TERM INT HUP SEGV; do
		start --
		sees 'INSIDE web'
		kill -s "$signal" "$(inspector_pid)"
		sees "left with $((128 + $(kill -l "$signal")))"
		[[ $signal != SEGV ]] || sees 'the terminal has been restored'
		sane
		stop
		rm -f "$HOST/after"
	done
}

@test "a pipe is refused, with the way out" {
	run_timeout 60 bash -c "'$(bin inspector)' | cat"
	has 'inspector --once'
	run_timeout 60 "$(bin inspector)" </dev/null
	exits 2
	has '--json'
}

@test "record, then replay without the machine" {
	start -- --record "$HOST/lesson" --ticks 3 --interval 0.1
	sees 'left with 0'
	[[ $(wc -l <"$HOST/lesson") -eq 3 ]]
	run_timeout 60 "$(bin inspector)" --replay "$HOST/lesson" --once
	exits 0
	has 'INSIDE web'
	stop
	mux new-session -d -x 80 -y 24 "$(bin inspector) --replay $HOST/lesson; echo left with \$?; read x"
	sees 'REPLAY'
	sees 'The recording ends here'
	keys F9
	sees 'nobody to send a signal to'
	keys q
	sees 'left with 0'
	# A recording is not overwritten.
	run_timeout 60 "$(bin inspector)" --record "$HOST/lesson" --once
	exits 1
	has 'does not exist yet'
}
