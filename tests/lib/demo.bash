# shellcheck shell=bash
# demo.bash: a step's demo in the background, its keyboard in the test's hands (`load ../lib/common`, `load ../lib/demo`).
#
# A file's setup is `demo_setup stepNN_name`, its teardown `demo_teardown`; what it has of its own stands after and before.
# A test then runs in a directory of its own, with STEP, the program; after start, DEMO is the PID of its main.

demo_setup() {
	mb_setup
	STEP=$(bin "$1")
	DEMO=
	cd "$BATS_TEST_TMPDIR" || return 1
}

demo_teardown() {
	exec 9>&-
	[[ -z ${DEMO:-} ]] || { kill "$DEMO" && wait "$DEMO"; } 2>/dev/null || true
	mb_teardown
}

# start ARGS...: the demo with --pause, its narration in ./told. It goes on with every `press`.
start() {
	rm -f keys
	mkfifo keys
	: >told
	exec 9<>keys
	"$STEP" --pause "$@" <keys >told 2>&1 3>&- 9>&- &
	DEMO=$!
}

# press [KEYS]: a space, or these.
press() { printf '%s' "${1:- }" >&9; }

# told REGEX: it is in the narration.
told() { grep -qE -- "$1" told; }

# ends STATUS: the demo has come to its end with that status.
ends() {
	local status=0
	wait "$DEMO" || status=$?
	DEMO=
	[[ $status -eq $1 ]] || fail "exit status $status, expected $1" "$(cat told)"
}

# container: the process of this test that is number 1 of a PID namespace below ours, as the host numbers it.
container() {
	local pid pids
	for pid in $(token_processes); do
		read -ra pids <<<"$(status_field "$pid" NSpid 2>/dev/null)"
		((${#pids[@]} > 1)) && [[ ${pids[-1]} == 1 ]] && { echo "$pid"; return 0; }
	done
	return 1
}
