# make deps: fast when all is there, exact about what is missing, and it never removes anything.

load ../lib/common

# fake MANAGER: a PATH with that package manager only, which writes down what it is asked
fake() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho "$0 $*" >>"%s/asked"\n' "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/bin/$1"
	chmod +x "$BATS_TEST_TMPDIR/bin/$1"
	local tool
	for tool in bash sh env cat grep sed sort id uname dirname mkdir rm tail head find ldd cp mkfifo sleep; do
		ln -sf "$(type -P $tool)" "$BATS_TEST_TMPDIR/bin/$tool"
	done
}

@test "all there: silent, and under a second" {
	local before after best=0 _
	for _ in 1 2 3 4 5; do # the quickest: on a busy machine others take turns
		before=$EPOCHREALTIME
		run "$ROOT/.ci/deps"
		after=$EPOCHREALTIME
		exits 0
		[[ -z $output ]] || fail "$output"
		after=$((${after/[.,]/} - ${before/[.,]/}))
		((best > 0 && best < after)) || best=$after
		((best >= 1000000)) || return 0
	done
	fail "$best us"
}

@test "no package manager: the exact list, and it goes on" {
	fake none
	ln -s "$(type -P true)" "$BATS_TEST_TMPDIR/bin/gcc"
	run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps"
	exits 0
	has "cannot install here"
	has "bats"
	has_not " gcc "
	has "going on with what needs none of it"
}

@test "no package manager and no compiler: it says that nothing can be built, and fails" {
	fake none
	run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps"
	exits 1
	has "bats"
	has "without gcc nothing can be built"
}

@test "no rights: the line that somebody with rights would type" {
	skip_if_root
	fake dnf
	run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps"
	has "  dnf install "
	has "procps-ng"
	[[ ! -e $BATS_TEST_TMPDIR/asked ]] || fail "$(<"$BATS_TEST_TMPDIR/asked")"
}

@test "no rights: what only the guests need is called optional" {
	skip_if_root
	fake apt-get
	printf '#!/bin/sh\n' >"$BATS_TEST_TMPDIR/bin/dpkg-query" # nothing is installed
	chmod +x "$BATS_TEST_TMPDIR/bin/dpkg-query"
	run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps" guest
	exits 1 # no compiler in this PATH
	grep -q 'optional, tests of guest are skipped' <<<"$output" || fail "$output"
	grep -qE 'apt-get install .*qemu-system-x86' <<<"$output" || fail "$output"
	[[ $(grep -A1 'Missing:' <<<"$output") == *gcc* && $(grep -A1 'Missing:' <<<"$output") != *qemu* ]] || fail "$output"
}

@test "each manager is asked for its own names, and to install only" {
	skip_unless_root "as another it goes through sudo"
	local manager
	for manager in dnf:procps-ng pacman:shadow apk:musl-dev; do
		rm -rf "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/asked"
		fake "${manager%:*}"
		run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps"
		exits 0
		[[ $(<"$BATS_TEST_TMPDIR/asked") != *remove* ]]
	done
	rm -rf "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/asked"
	fake dnf
	run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps"
	has "deps: dnf install -y"
	[[ $(<"$BATS_TEST_TMPDIR/asked") == *"install -y"*procps-ng* ]] || fail "$(<"$BATS_TEST_TMPDIR/asked")"
}

# --- at a terminal ----------------------------------------------------------------------------------------------------

# at_terminal [NAME=VALUE...]: .ci/deps at a terminal where only that package manager is, and nothing is installed
at_terminal() {
	[[ -d $BATS_TEST_TMPDIR/bin ]] || fake apt-get
	printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/dpkg" # nothing is installed
	chmod +x "$BATS_TEST_TMPDIR/bin/dpkg"
	t new-session -d -s x -x 200 -y 50 "exec env -u TMUX PS1='out> ' sh"
	poll 5 screen 'out>'
	t send-keys -t x "clear; env -u CI -u YES MINIBOX_BUSYBOX= $* PATH=$BATS_TEST_TMPDIR/bin $ROOT/.ci/deps; echo status=\$((\$? + 40))" Enter
}
# The next server must not meet the last one, which is about to end.
t_end() { t kill-server && poll 5 no_server; }
no_server() { ! t ls 2>/dev/null; }
asked() { cat "$BATS_TEST_TMPDIR/asked" 2>/dev/null; }

@test "at a terminal: the command and the rights first, and nothing before Enter" {
	need tmux
	skip_unless_root "as another it goes through sudo"
	at_terminal
	poll 10 screen 'Enter: run it'
	screen 'about to run, as root:'
	screen 'apt-get update -q'
	screen 'apt-get install -y .* procps .*strace'
	not screen 'status='
	[[ -z $(asked) ]] || fail "$(asked)"
	t send-keys -t x Enter
	poll 10 screen 'status=40'
	[[ $(asked) == *"apt-get install -y"*strace* ]] || fail "$(asked)"
	t_end
}

@test "at a terminal: any other key goes on without it" {
	need tmux
	skip_unless_root "as another it goes through sudo"
	local key
	for key in n Space Left Escape C-d; do
		at_terminal
		poll 10 screen 'Enter: run it'
		t send-keys -t x "$key"
		poll 10 screen 'status=41' # no compiler in this PATH
		screen 'not installed. Missing:'
		[[ -z $(asked) ]] || fail "$key: $(asked)"
		t_end
	done
}

@test "at a terminal: an Enter from before the question is no answer" {
	need tmux
	skip_unless_root "as another it goes through sudo"
	fake apt-get
	# id takes a while: what is typed meanwhile is type-ahead.
	rm "$BATS_TEST_TMPDIR/bin/id"
	printf '#!/bin/sh\n: >%s/now\nwhile [ ! -e %s/go ]; do sleep 0.05; done\nexec %s "$@"\n' \
		"$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR" "$(type -P id)" >"$BATS_TEST_TMPDIR/id"
	chmod +x "$BATS_TEST_TMPDIR/id"
	mv "$BATS_TEST_TMPDIR/id" "$BATS_TEST_TMPDIR/bin/id"
	at_terminal
	poll 10 test -e "$BATS_TEST_TMPDIR/now"
	t send-keys -t x Enter Enter Enter
	poll 10 eval '[[ $(t capture-pane -p -t x | grep -c "^$") -gt 3 ]]'
	: >"$BATS_TEST_TMPDIR/go"
	poll 10 screen 'Enter: run it'
	t send-keys -t x n
	poll 10 screen 'status=41'
	[[ -z $(asked) ]] || fail "$(asked)"
	t_end
}

@test "at a terminal: CI or YES=1 do not ask" {
	need tmux
	skip_unless_root "as another it goes through sudo"
	local how
	for how in CI=true YES=1; do
		rm -f "$BATS_TEST_TMPDIR/asked"
		at_terminal "$how"
		poll 10 screen 'status=40'
		not screen 'Enter: run it'
		[[ $(asked) == *"apt-get install -y"* ]] || fail "$(asked)"
		t_end
	done
}

@test "at a terminal where nothing is missing nothing is asked" {
	need tmux
	t new-session -d -s x -x 100 -y 30 "exec env -u TMUX PS1='out> ' sh"
	poll 5 screen 'out>'
	t send-keys -t x "clear; env -u CI -u YES $ROOT/.ci/deps; echo status=\$((\$? + 40))" Enter
	poll 10 screen 'status=40'
	not screen 'deps:'
	t_end
}

@test "at a terminal, the output elsewhere: the question is on the terminal all the same" {
	need tmux
	skip_unless_root "as another it goes through sudo"
	fake apt-get
	t new-session -d -s x -x 200 -y 50 "exec env -u TMUX PS1='out> ' sh"
	poll 5 screen 'out>'
	t send-keys -t x "clear; env -u CI -u YES PATH=$BATS_TEST_TMPDIR/bin $ROOT/.ci/deps >$BATS_TEST_TMPDIR/log; echo status=\$((\$? + 40))" Enter
	poll 10 screen 'Enter: run it'
	t send-keys -t x n
	poll 10 screen 'status=41'
	t_end
	run cat "$BATS_TEST_TMPDIR/log"
	has "not installed. Missing:"
}

@test "at a terminal, through sudo: it says so" {
	need tmux
	skip_if_root
	fake apt-get
	printf '#!/bin/sh\n[ "$1" != -n ] || exit 1\nexec "$@"\n' >"$BATS_TEST_TMPDIR/bin/sudo"
	chmod +x "$BATS_TEST_TMPDIR/bin/sudo"
	at_terminal
	poll 10 screen 'Enter: run it'
	screen 'as root, through sudo:'
	screen 'sudo apt-get install -y'
	t send-keys -t x Enter
	poll 10 screen 'status=40'
	[[ $(asked) == *"apt-get install -y"* ]] || fail "$(asked)"
	t_end
}
