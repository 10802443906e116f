# shellcheck shell=bash
# shellcheck disable=SC2154 # output, status: set by bats' run
# common.bash: what every bats file loads (`load ../lib/common`).
#
# setup and teardown take a snapshot of the host before and after each test and fail the test if they differ. A file with
# a setup or teardown of its own calls mb_setup first and mb_teardown last.

ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
BIN=${MB_BIN:-$ROOT/bin} # MB_BIN: another build of the same programs (make asan)
# shellcheck source=snapshot.bash
source "$ROOT/tests/lib/snapshot.bash"

# Eight hex digits that every name on the host carries which a program makes during this test. Programs read it from the
# environment; it also marks their processes.
new_token() {
	printf -v MINIBOX_TOKEN '%08x' "${SRANDOM:-$((RANDOM << 15 | RANDOM))}" # SRANDOM needs bash 5.1
	export MINIBOX_TOKEN
}

mb_setup() {
	new_token
	snapshot MB_BEFORE
}

mb_teardown() {
	[[ ! -S $BATS_TEST_TMPDIR/tmux ]] || t kill-server 2>/dev/null || :
	snapshot_settle MB_BEFORE
}

setup() { mb_setup; }
teardown() { mb_teardown; }

# --- what to run ------------------------------------------------------------------------------------------------------

# bin NAME: path of one of our programs. A program that is not built is a failure, not a skip.
bin() {
	[[ -x $BIN/$1 ]] || { echo "bin/$1 is not built" >&2; return 1; }
	printf '%s\n' "$BIN/$1"
}

# Seconds in tests are those of an idle machine. A busy one gets this many times as long: only a test that fails takes it.
: "${MB_PATIENCE:=5}"

# run_timeout SECS COMMAND...: bats' run (status, output, lines), but 124 instead of a test that hangs.
run_timeout() {
	local seconds=$(($1 * MB_PATIENCE))
	shift
	run timeout -k 2 "$seconds" "$@"
}

# run_127 COMMAND...: as bats' run, for a command that has to end with 127. Of that run itself would print a warning (BW01).
run_127() {
	status=0
	output=$("$@" 2>&1) || status=$?
	mapfile -t lines <<<"$output"
	exits 127
}

# poll SECS COMMAND...: until the command is true. Tests wait for what they need to see, never for a fixed time.
poll() {
	local deadline=$((SECONDS + $1 * MB_PATIENCE + 1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || { echo "still not true: $*" >&2; return 1; }
		sleep 0.05
	done
}

fail() {
	printf '%s\n' "$@" >&2
	return 1
}

# has TEXT: $output contains it. Prints the output where it does not.
has() { [[ $output == *"$1"* ]] || fail "not in the output: $1" "status ${status:-?}, output:" "$output"; }
has_not() { [[ $output != *"$1"* ]] || fail "unexpected in the output: $1" "$output"; }
# not COMMAND...: fails where the command is true. A bare `! command` never fails a bats test.
not() { if "$@"; then fail "should not be so: $*"; fi; }
# exits N: $status is N.
exits() { [[ $status -eq $1 ]] || fail "exit status $status, expected $1; output:" "$output"; }

# --- who and where ----------------------------------------------------------------------------------------------------

is_root() { [[ $EUID -eq 0 ]]; }
skip_unless_root() { is_root || skip "needs root${1:+: $1}"; }
skip_if_root() { ! is_root || skip "is about an ordinary user"; }
skip_unless_guest() { [[ -n ${MB_GUEST:-} ]] || skip "only in a guest (make test-guest)"; }
skip_without_cgroups() { grep -Eq ' - cgroup2? ' /proc/self/mountinfo || skip "no cgroup file system is mounted here"; }

# need COMMAND...: skip where a tool that serves as the oracle is missing.
need() {
	local tool
	for tool; do type -P "$tool" >/dev/null || skip "$tool is not installed"; done
}

# --- /proc as the oracle ----------------------------------------------------------------------------------------------

# status_field PID NAME: a line of /proc/PID/status, e.g. `status_field 12 NSpid` prints "12 1".
status_field() {
	local key value
	while IFS=: read -r key value; do
		[[ $key == "$2" ]] || continue
		read -ra value <<<"$value"
		echo "${value[*]}"
		return 0
	done <"/proc/$1/status"
	return 1
}

# is_called PID NAME: by /proc/PID/comm. (Not $(<file): bash 5.2 ends a test where the file has just vanished.)
is_called() {
	local name
	{ IFS= read -r name <"/proc/$1/comm"; } 2>/dev/null && [[ $name == "$2" ]]
}

# same_ns KIND PID PID: compares device and inode, as one must.
same_ns() { [[ /proc/$2/ns/$1 -ef /proc/$3/ns/$1 ]]; }

gone() { [[ ! -e /proc/$1 ]]; }

# own_children [PID]: PIDs of the live children, zombies left out.
own_children() {
	local -
	set +eET # without bats' DEBUG trap, see snapshot.bash
	local dir stat
	local -a f
	for dir in /proc/[0-9]*; do
		{ IFS= read -r stat <"$dir/stat"; } 2>/dev/null || continue
		read -ra f <<<"${stat##*) }"
		[[ ${f[1]} == "${1:-$$}" && ${f[0]} != Z && ${dir#/proc/} != "$BASHPID" ]] && echo "${dir#/proc/}"
	done
	return 0
}

# token_processes: PIDs that carry this test's token.
token_processes() {
	local -
	set +eET
	local dir
	for dir in /proc/[0-9]*; do
		_snap_carries_token "${dir#/proc/}" && echo "${dir#/proc/}"
	done
	return 0
}

# free_of_token: nothing on the host carries the token any more, after a while. For use in the middle of a test,
# e.g. after a kill -9; teardown asks the same and more.
free_of_token() {
	# The host's names are in every snapshot, whatever the token.
	# shellcheck disable=SC2034 # snapshot_settle takes its name
	local nothing=("hostname $(</proc/sys/kernel/hostname)" "domainname $(</proc/sys/kernel/domainname)")
	MB_SNAPSHOT=token snapshot_settle nothing
}

# --- what is there for a moment only -------------------------------------------------------------------------------------

# slowed CALL COMMAND...: becomes the command, with every such call of it and its children begun ten seconds late ($SLOW_US), so that
# a poll sees what the kernel has before it. The calls are written to $BATS_TEST_TMPDIR/trace. For the background; -D: the
# child is the command and not strace. (Microseconds: older straces know no units.)
slowed() {
	local call=$1
	shift
	exec strace -D -f -qq -o "$BATS_TEST_TMPDIR/trace" -e "trace=$call" -e "inject=$call:delay_enter=${SLOW_US:-10000000}" "$@"
}
skip_unless_slowed() {
	need strace
	(SLOW_US=1 slowed exit true) >/dev/null 2>&1 || skip "strace may not trace here, or cannot delay a call (4.22 can)"
}

# --- a terminal -------------------------------------------------------------------------------------------------------

# t ARGS...: tmux with a server of this test's own; the one window's target is x. Type with `t send-keys -t x`.
# Without descriptor 3, whose end bats waits for. A server that a failed test leaves is ended by mb_teardown.
t() { tmux -S "$BATS_TEST_TMPDIR/tmux" -f /dev/null "$@" 3>&-; }
# screen REGEX: is it on the screen? What has been typed is there as well: let the answer look different (`echo $((40+2))`).
screen() { t capture-pane -p -t x | grep -qE -- "$1"; }
# front NAME: does the terminal belong to this program? A key that is sent before goes elsewhere.
front() { [[ $(t display-message -p -t x '#{pane_current_command}') == "$1" ]]; }

# --- verdicts of scenes -----------------------------------------------------------------------------------------------
# A demo's --json prints an object a line: {"step":1,"scene":"pid-one","claim":"...","verdict":"held",...}

# json_get KEY LINE: value of a top-level string or number, escapes left as they are.
json_get() {
	local re="\"$1\"[[:space:]]*:[[:space:]]*(\"(([^\"\\]|\\\\.)*)\"|-?[0-9.]+|true|false|null)"
	[[ $2 =~ $re ]] || return 1
	if [[ ${BASH_REMATCH[1]} == \"* ]]; then echo "${BASH_REMATCH[2]}"; else echo "${BASH_REMATCH[1]}"; fi
}

# json_line SCENE: that scene's line in $output.
json_line() {
	local line
	while IFS= read -r line; do
		[[ $line == \{* && $(json_get scene "$line") == "$1" ]] && { printf '%s\n' "$line"; return 0; }
	done <<<"$output"
	fail "no verdict of scene $1 in the output:" "$output"
}

# json_verdict SCENE: held, failed or skipped.
json_verdict() {
	local line
	line=$(json_line "$1") && json_get verdict "$line"
}

# all_held COUNT: of the COUNT scenes whose lines are in $lines none has failed; where some were skipped, so is the test, by
# their names and reasons.
all_held() {
	local line skipped=''
	# AddressSanitizer says on standard error where a process ends on a stack that clone(2) was given.
	[[ -z ${MB_SANITIZED:-} ]] || mapfile -t lines < <(printf '%s\n' "${lines[@]}" | grep '^{')
	[[ ${#lines[@]} -eq $1 ]] || fail "${#lines[@]} lines, not $1:" "$output"
	for line in "${lines[@]}"; do
		case $(json_get verdict "$line") in
		held) ;;
		skipped) skipped+="${skipped:+; }$(json_get scene "$line"): $(json_get reason "$line")" ;;
		*) fail "$line" ;;
		esac
	done
	[[ -z $skipped ]] || skip "$skipped"
}

# held SCENE: passes if the claim held, skips the test with the scene's reason if the scene was skipped, fails otherwise.
held() {
	local line
	line=$(json_line "$1") || return 1
	case $(json_get verdict "$line") in
	held) return 0 ;;
	skipped) skip "$1: $(json_get reason "$line")" ;;
	*) fail "claim did not hold: $line" ;;
	esac
}
