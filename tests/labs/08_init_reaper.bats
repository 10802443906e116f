# Lab 8, init_reaper: the first process of a container, as it should be.

# shellcheck disable=SC2153 # PID and PIDS are lab.bash's
load lib/lab

# inherited_of PID: its descriptors, but those that an init makes for its own work: signalfd(2), pidfd_open(2), epoll(7).
inherited_of() {
	local fd
	for fd in "/proc/$1/fd/"*; do
		[[ $(readlink "$fd") == anon_inode:\[* ]] || printf '%s\n' "${fd##*/}"
	done | sort -n | paste -s -d ' '
}

# Part 5 calls what part 3 and 4 are about. There ours stand for those, so that it is graded alone.
lab_setup() {
	LAB_CAGE+=(-p 160)
	# shellcheck disable=SC2034 # lab.bash reads DRIVER
	[[ $BATS_TEST_DESCRIPTION != 5\ * ]] || DRIVER=driver-alone
}

# started NAME: the process was made. still_lives NAME: and it has not ended.
started() { [[ -n ${PIDS[$1]:-} ]] || differ "a process of its own for $1" "there is none"; }
still_lives() { [[ $(state "${PIDS[$1]}") =~ ^[RSD]$ ]] || differ "$1, process ${PIDS[$1]}, lives    State in /proc/${PIDS[$1]}/status" "$(state "${PIDS[$1]}")"; }
state() { local s && s=$(status_field "$1" State 2>/dev/null) && echo "${s%% *}" || echo "no such process"; }
is_state() { [[ $(state "$1") == "$2" ]]; }
becomes() { poll 1 is_state "${PIDS[$1]}" "$2" 2>/dev/null || differ "state $2 of $1    State in /proc/${PIDS[$1]}/status" "$(state "${PIDS[$1]}")"; }

# children PID CHILD...: its children, those that have ended and were not waited for included.
children() { poll 1 are_children "$@" 2>/dev/null || differ "$(($# - 1)) children of process $1: ${*:2}    PPid in /proc/*/status" "$FOUND"; }
are_children() {
	local dir stat parent=$1
	local -a f found=()
	local -
	set +T # without bats' DEBUG trap
	for dir in /proc/[0-9]*; do
		{ IFS= read -r stat <"$dir/stat"; } 2>/dev/null || continue
		read -ra f <<<"${stat##*) }"
		[[ ${f[1]} != "$parent" ]] || found+=("${dir#/proc/}$([[ ${f[0]} != Z ]] || echo ', a zombie')")
	done
	shift
	FOUND="${#found[@]}: $(printf '%s; ' "${found[@]:0:5}")"
	[[ $(printf '%s\n' "${found[@]}" | sort) == "$(printf '%s\n' "$@" | sort)" ]]
}

# mask PID FIELD: a set of signals in /proc/PID/status, as numbers. Those that libc keeps for itself (32, 33) are left out.
mask() {
	local hex n set=()
	local -
	set +T
	hex=$(status_field "$1" "$2")
	for ((n = 1; n <= 64; n++)); do (((16#$hex >> (n - 1) & 1) == 0 || n == 32 || n == 33)) || set+=("$n"); done
	echo "${set[*]}"
}
# signals NUMBER...: their names; of most of them, those that are missing. KILL and STOP cannot be in a set.
signals() {
	local n names='' but=''
	for ((n = 1; n <= 64; n++)); do
		((n != 9 && n != 19 && n != 32 && n != 33)) || continue
		if [[ " $* " == *" $n "* ]]; then names+=" SIG$(kill -l "$n")"; else but+=" SIG$(kill -l "$n")"; fi
	done
	if ((${#but} < ${#names})); then echo "all${but:+ but$but}"; else echo "${names:+${names# }}"; fi
}
# shellcheck disable=SC2086 # a number a word
masked() { # PID FIELD NUMBERS
	local found && found=$(mask "$1" "$2")
	[[ $found == "$3" ]] || equal "$2 in /proc/$1/status" "$(signals $3)" "$(signals $found)"
}

# got NAME SIGNAL, got_none NAME: which signals are pending for a process that blocks all.
is_pending() { [[ $(mask "$1" ShdPnd) == "$2" ]]; }
got() { poll 1 is_pending "${PIDS[$1]}" "$2" 2>/dev/null || differ "$(signals "$2") for $1    ShdPnd in /proc/${PIDS[$1]}/status" "$(pending "$1")"; }
got_none() { equal "for $1    ShdPnd in /proc/${PIDS[$1]}/status" "" "$(pending "$1")"; }
# shellcheck disable=SC2046 # a number a word
pending() { signals $(mask "${PIDS[$1]}" ShdPnd); }

# gives WAIT_STATUS NUMBER: what init_status() says of it.
gives() { [[ ${SAID[$1]:-} == "$2" ]] || differ "init_status($1) returns $2: the process $(exit_of "$1")" "it returned ${SAID[$1]:-nothing}"; }

# ends: the function that was running when `call` returned has returned.
ends() { await_report; }

# bats test_tags=points:5
@test "1 init_status: the exit status, or 128 and the number of the signal" {
	number 1 255
	call init_status 0 $((NUMBER << 8)) 9 15 139
	gives 0 0
	gives $((NUMBER << 8)) "$NUMBER"
	usually "where a signal has ended the process, 128 is added to the signal's number"
	gives 9 137
	gives 15 143
	usually "bit 7 of the status says that there is a core dump: WTERMSIG() leaves it out"
	gives 139 139
}

# bats test_tags=points:7
@test "2 init_start: the main command is a child in a process group of its own" {
	call init_start
	returned 0
	started main
	equal "PPid in /proc/${PIDS[main]}/status" "$PID" "$(status_field "${PIDS[main]}" PPid)"
	number_inside "${PIDS[main]}" "${SAID[main]}"
	usually "setpgid(0, 0) is missing in the child"
	equal "process group in /proc/${PIDS[main]}/stat" "${PIDS[main]}" "$(cut -d ' ' -f 5 "/proc/${PIDS[main]}/stat")"
	said ended 0
}

# bats test_tags=points:8
@test "2 init_start: all signals but those of faults are blocked in the caller, and in the child those that were before" {
	# But SEGV 11, BUS 7, FPE 8, ILL 4, TRAP 5, SYS 31, ABRT 6; and KILL 9 and STOP 19 cannot be blocked.
	local all='1 2 3 10 12 13 14 15 16 17 18 20 21 22 23 24 25 26 27 28 29 30'
	call init_start
	returned 0
	started main
	masked "$PID" SigBlk "$all $(seq -s ' ' 34 64)"
	usually "execve(2) keeps the mask: with all signals blocked SIGTERM cannot end the command"
	masked "${PIDS[main]}" SigBlk 12
	said watched 'CHLD; TERM; HUP; USR1; CONT'
}

# bats test_tags=points:5
@test "2 init_start: fn gets arg, what it returns is the exit status, and SIGCHLD is not ignored" {
	number 1 125
	call init_start.returns "$NUMBER"
	returned 0
	started main
	usually "where SIGCHLD is ignored the kernel waits for children itself, and drops their status"
	said_status waited $((NUMBER << 8))
}

# bats test_tags=points:8
@test "3 init_reap: one call waits for all that have ended" {
	call init_reap 100 0 3
	usually "SIGCHLD is one bit: for 100 ends one signal comes, and one call has to wait for all, of whatever process group"
	returned 0
	children "$PID"
	said reaped 100
}

# bats test_tags=points:5
@test "3 init_reap: a child that lives is not waited for" {
	usually "waitpid(2) waits for a child that lives, where no option says that it does not"
	call init_reap 12 1 -1
	returned 1
	children "$PID" "${PIDS[living]}"
	said reaped 12
	said ended 0
}

# bats test_tags=points:4
@test "3 init_reap: the end and the status of the main command are noted" {
	number 2 255
	call init_reap 9 1 "$NUMBER"
	returned 1
	said ended 1
	said_status status $((NUMBER << 8))
	said reaped 9
}

# bats test_tags=points:3
@test "3 init_reap: an orphan that later has the main command's number does not change its status" {
	number 2 255
	call init_reap.again $((NUMBER << 8))
	returned 0
	usually "the main command's end was noted before: a later child with its number is another process"
	said ended 1
	said_status status $((NUMBER << 8))
	said reaped 2
}

# bats test_tags=points:4
@test "4 init_forward: the signal goes to the main command, and to no other process" {
	local signals=(1 2 3 10 12 28 34 40) && number 0 7
	call init_forward "${signals[NUMBER]}"
	returned 0
	got main "${signals[NUMBER]}"
	usually "a negative number, or 0, sends the signal to a process group"
	got_none mate
	got_none bystander
}

# bats test_tags=points:3
@test "4 init_forward: SIGTERM is followed by SIGCONT, and SIGHUP is not" {
	call init_forward.stopped 15
	returned 0
	usually "a stopped process acts on SIGTERM only when it goes on"
	becomes main Z
	call init_forward.stopped 1
	returned 0
	is_state "${PIDS[main]}" T || differ "the main command is stopped still" "$(state "${PIDS[main]}")"
	got main 1
}

# bats test_tags=points:3
@test "4 init_forward: nothing is sent after the main command's end" {
	usually "another process may have its number then"
	call init_forward.ended 10
	returned 0
	got_none other
	call init_forward.ended 15
	returned 0
	got_none other
}

# bats test_tags=points:5
@test "5 init_end_rest and init_serve: SIGTERM first, and who ends by itself has the time for it" {
	call init_end_rest "$T" 3000 writes stopped plain
	returned 0
	usually "SIGKILL came before grace_ms was over, or SIGTERM did not come"
	holds "/proc/$PID/root$T/orderly" orderly
	usually "it waits for the end of the last process, for grace_ms at most"
	said waited less
	children "$PID"
	usually "kill(-1, ...) reaches every process of the PID namespace, those of others too"
	still_lives bystander
}

# bats test_tags=points:4
@test "5 init_end_rest: who ignores SIGTERM is killed after grace_ms, and so is one that was born meanwhile" {
	call init_end_rest "$T" 300 ignores leads bears
	usually "SIGKILL comes when grace_ms is over, and again while a child is left"
	returned 0
	said waited grace_ms
	children "$PID"
	still_lives bystander
}

# bats test_tags=points:5
@test "5 init_serve: while the main command runs, orphans are waited for and signals are handed on" {
	call init_serve "$T"
	said running yes
	usually "an orphan is a child of the init, which waits for it like for the main command"
	children "${PIDS[init]}" "${PIDS[main]}" "${PIDS[left]}"
	kill -USR1 "${PIDS[init]}"
	got main 10
	still_lives init
	still_lives bystander
}

# bats test_tags=points:2
@test "5 init_serve: descriptors are closed, but the standard ones and that of the trace" {
	call init_serve "$T"
	said running yes
	usually "an init never calls execve(2): close-on-exec does nothing for it. The trace's descriptor stays"
	equal "descriptors in /proc/${PIDS[init]}/fd" "0 1 2 9" "$(inherited_of "${PIDS[init]}")"
}

# bats test_tags=points:2
@test "5 init_serve: when the main command has ended it ends the rest, and returns" {
	call init_serve "$T"
	said running yes
	kill -HUP "${PIDS[init]}"
	ends
	returned 0
	said ended 1
	said_status status $((7 << 8))
	usually "the processes that the main command has left have to end too: init_end_rest()"
	children "${PIDS[init]}"
}

# bats test_tags=points:2
@test "5 init_serve: a main command that had ended before" {
	number 1 255
	usually "its SIGCHLD came before: no other comes, so it has to look before it waits"
	call init_serve.early "$NUMBER"
	returned 0
	said_status status $((NUMBER << 8))
}

# bats test_tags=points:15
@test "6 order: the init is PID 1 in the container, and the command is its child" {
	needs_upper
	order -- sleep "$NONCE"
	usually "the command took the place of the init: run_init_exec() makes it a child"
	local init && init=$(status_field "$PID" PPid)
	number_inside "$init" 1
	usually "the init was started before the container was complete"
	in_container "$init"
	in_container "$PID"
	shows_only "$PID" /proc "1 $(status_field "$PID" NSpid | awk '{ print $NF }')"
	equal "mounts that the parent sees" "" "$(new_mounts)"
	kill -TERM "$init" && poll 2 gone "$init" || differ "SIGTERM to PID 1 ends the command" "it runs"
}
in_container() {
	private "$1"
	is_missing "/proc/$1/root/tmp/bin"
}

# bats test_tags=points:4
@test "7 care: init_start undoes the mask when there can be no more processes" {
	call init_start.refused
	usually "a call after the failed fork(2) has changed errno"
	returned -1 EAGAIN
	usually "where fork(2) has failed the mask is again what it was before"
	masked "$PID" SigBlk 12
	nothing_left
}

# bats test_tags=points:3
@test "7 care: init_forward and init_end_rest leave no descriptor, and errno is that of the call" {
	call init_forward 10
	returned 0
	nothing_left
	call init_forward.gone 15
	returned -1 ESRCH
	call init_end_rest "$T" 1000 plain
	returned 0
	nothing_left
}

# bats test_tags=points:3
@test "7 care: no child is no failure for init_reap, and for init_serve it is" {
	call init_reap 0 0 0
	returned 0
	equal "failures that are recorded" '' "${SAID[failed]:-}"
	nothing_left
	call init_serve.waited
	returned -1 ECHILD
}
