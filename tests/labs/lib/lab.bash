# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # tests read PID, RESULT, ...; bats sets its own
# lab.bash: what a lab's grader loads (`load lib/lab`). A test is a part of the lab, or a piece of one, and reads as its
# specification. tests/labs/README.md says how to write one.
#
# LAB_OBJ is the directory that tests/labs/build has made of a student's files; LAB_SEED chooses names and numbers, so that
# the same seed gives the same test.

# shellcheck source=../../lib/common.bash
source "${BASH_SOURCE[0]%/*}/../../lib/common.bash"
LAB_LIB=${BUILD:-${MB_BUILD:-$ROOT/build}}/labs
LAB_TIME=${LAB_TIME:-7} # seconds for a call on an idle machine, times MB_PATIENCE

setup() {
	set +T # bats' DEBUG trap in every function costs a fifth of a test's time; grade prints what it would say better
	local part=${BATS_TEST_DESCRIPTION%% *}
	new_token
	mkfifo "$BATS_TEST_TMPDIR/report" "$BATS_TEST_TMPDIR/hold"
	exec {REPORT}<>"$BATS_TEST_TMPDIR/report" {HOLD}<>"$BATS_TEST_TMPDIR/hold"
	[[ ${LAB_SEED:-} =~ ^[0-9a-f]{1,8}$ ]] || LAB_SEED=$(printf '%x' "$((RANDOM * RANDOM))")
	export LAB_SEED
	# By the test's name: its number differs where only some parts are graded.
	RANDOM=$(((0x$LAB_SEED + part * 7919 + ${#BATS_TEST_DESCRIPTION} * 131) % 32768))
	NONCE=$RANDOM$RANDOM CAGE='' USUALLY='' DID='' PLACE='' DRIVER=driver PID=0 LAB_CAGE=() LAB_FAILS=''
	declare -gA OFTEN=()
	T=/tmp/g$NONCE # a directory of the program's own /tmp, whose name nobody can know
	often order 'mount("proc":EPERM' "proc is refused to a process without a PID namespace of its own, and where no other proc is in sight, as after pivot_into()"
	! declare -F lab_setup >/dev/null || lab_setup
}

teardown() {
	! declare -F lab_teardown >/dev/null || lab_teardown
	end_cage
}

end_cage() {
	[[ -n $CAGE ]] || return 0
	kill "$CAGE" 2>/dev/null || :
	wait "$CAGE" 2>/dev/null || :
	CAGE=''
	[[ -d $BATS_TEST_TMPDIR/disk ]] || return 0
	# Empty, as a tmpfs is, for the next one. overlay's work directories have the mode 0.
	find "$BATS_TEST_TMPDIR/disk" -type d ! -perm -700 -exec chmod u+rwx {} \;
	find "$BATS_TEST_TMPDIR/disk" -mindepth 1 -delete
}

# word [LENGTH]: a random word of small letters. number MIN MAX: a random number.
word() {
	local w='' i
	for ((i = 0; i < ${1:-8}; i++)); do
		number 0 25
		printf -v w '%s%b' "$w" "\\x$(printf %x $((97 + NUMBER)))"
	done
	WORD=$w
}
number() { NUMBER=$(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1))); }

# --- what is said of a failure ----------------------------------------------------------------------------------------

# usually TEXT: what most often is the reason for what is checked next.
usually() { USUALLY=$1; }

# often FUNCTION WHAT TEXT: the same for a function that fails in this way wherever it is called, for a lab_setup. WHAT is CALL:ERRNO,
# SIGNAL, or ERRNO where a test has no `usually` of its own. The FUNCTION of run.c is called order.
often() { OFTEN["$1 $2"]=$3; }
# happens_often ERRNO CALL: takes the text of `often` for it.
happens_often() {
	local call=${2%%(*}
	if [[ -n ${OFTEN["$FUNCTION $call:$1"]:-} ]]; then
		USUALLY=${OFTEN["$FUNCTION $call:$1"]}
	elif [[ -z $USUALLY ]]; then
		USUALLY=${OFTEN["$FUNCTION $1"]:-}
	fi
}

# differ WANTED FOUND [KIND]: the part fails. grade reads these lines. KIND: crash, hang, leak, errno.
differ() {
	[[ -n $PLACE ]] || PLACE=$(place_of "${FUNCTION:-}")
	printf '@place %s\n' "$PLACE"
	printf '@did %s\n' "${DID:-${BATS_TEST_DESCRIPTION#* }}"
	[[ -z ${3:-} ]] || printf '@kind %s\n' "$3"
	printf '@wanted %s\n@found %s\n' "$1" "$2"
	[[ -z $USUALLY ]] || printf '@usually %s\n' "$USUALLY"
	return 1
}

# place_of FUNCTION: FILE:LINE of a function of the student's, where no call of his has told more.
place_of() {
	local address file program
	[[ -n $1 ]] || return 0
	for program in "$LAB_OBJ/driver" "$LAB_OBJ"/order/*; do
		address=$(nm "$program" 2>/dev/null | awk -v f="$1" '$3 == f { print $1; exit }')
		[[ -n $address ]] || continue
		file=$(addr2line -e "$program" "$address" 2>/dev/null)
		file=${file%% (*}
		echo "${file#"$ROOT/"}"
		return
	done
}

# cannot REASON: this part cannot be graded on this host.
cannot() { skip "$1"; }

# --- to call a function of the student's ---------------------------------------------------------------------------------

# call [--fail CALL:ERRNO]... [--nofile N] NAME [ARG...]: has the lab's driver call that function in fresh namespaces. The
# process stops after it. Sets PID (as seen here), RESULT, ERRNO (a name), NEIGHBOUR (the PID of the other process, where
# the driver makes one), PIDS[NAME] (of those that it names), and SAID[KEY], what the driver says besides. A crash, a hang or
# a function that is not written fails the part. DRIVER=driver-alone, before it: ours stand for the functions of other parts
# that this one calls (drivers/NN_name.alone).
call() {
	local arg name
	local -a left=("$@")
	while [[ ${left[0]} == --* ]]; do left=("${left[@]:2}"); done
	name=${left[0]}
	FUNCTION=${name%%.*} DID="${name%%.*}(${left[*]:1})" DID=${DID//$'\n'/\\n}
	LAB_FAILS=''
	for arg; do
		case $arg in
		*:E[A-Z]*) LAB_FAILS+="; ${arg%%:*}(2) fails with ${arg#*:}" ;;
		--nofile) LAB_FAILS+="; no descriptor is free" ;;
		--fail) ;;
		*) break ;;
		esac
	done
	declare -gA PIDS=()
	start_cage "$LAB_OBJ/$DRIVER" "$@"
	await_report
}

start_cage() { # PROGRAM ARG...
	end_cage
	[[ -x $1 ]] || { echo '@not_compiled yes' && return 1; }
	"$LAB_LIB/cage" -t $((LAB_TIME * MB_PATIENCE)) "${LAB_CAGE[@]}" "$BATS_TEST_TMPDIR/report" "$BATS_TEST_TMPDIR/output" "$@" \
		<"$BATS_TEST_TMPDIR/hold" 2>"$BATS_TEST_TMPDIR/cage" 3>&- {REPORT}<&- {HOLD}<&- &
	CAGE=$!
}

# The next line of the report, in LINE. Fails where nothing comes, with the reason.
next_line() {
	local piece
	LINE=''
	# Where the time runs out in the middle of a line, read has taken what there was of it.
	while ! IFS= read -t 1 -r piece <&"$REPORT"; do
		LINE+=$piece
		kill -0 "$CAGE" 2>/dev/null || { IFS= read -t 0.2 -r piece <&"$REPORT" || piece="0 end cage 0"; break; }
	done
	LINE+=$piece
}

await_report() {
	local pair
	declare -gA SAID=()
	NEIGHBOUR='' RESULT='' ERRNO='' PLACE=''
	while next_line; do
		if [[ $LINE =~ ^[0-9]+\ did\ (.*)$ ]]; then
			DID=${BASH_REMATCH[1]// "$NONCE"/ NONCE}$LAB_FAILS
			continue
		fi
		case $LINE in
		*' neighbour') NEIGHBOUR=${LINE%% *} ;;
		*' called '*) PIDS[${LINE##* }]=${LINE%% *} ;;
		*' report'*) break ;;
		*' cannot'*) cannot "the grader could not prepare this: ${LINE##*what=}" ;;
		*' caught'*) crashed "$LINE" ;;
		*' spoilt'*) differ "what the grader does after the call works" "${LINE##*what=}" ;;
		*' forged') differ "descriptor 3, the grader's, is left alone" "a message was sent on it, or a file was written to it" ;;
		'0 end time '*) differ "the function returns" "it had not returned after $((LAB_TIME * MB_PATIENCE)) s" hang ;;
		'0 end cage '*) cannot "$(tail -n 1 "$BATS_TEST_TMPDIR/cage")" ;;
		'0 end '*) USUALLY='' && differ "the function returns" "the process $(end_of "$LINE") in it" crash ;;
		esac
	done
	PID=${LINE%% *}
	local IFS=$'\t'
	for pair in ${LINE#*$'\t'}; do SAID[${pair%%=*}]+=${SAID[${pair%%=*}]+; }${pair#*=}; done
	RESULT=${SAID[result]:-} ERRNO=${SAID[errno]:-}
	PLACE=${SAID[place]:-}
	[[ -z $PLACE || $PLACE == *"${LAB_PIECE##*/}":* ]] || place_in "${SAID[frame]:-}"
	[[ -z ${SAID[not_written]:-} ]] || { printf '@not_written %s\n' "$PLACE"; return 1; }
}

# place_in FRAMES: the first of these addresses, with "; " between them, that is in the student's file, is the PLACE. They are
# where a call comes back to, which may be the line after it.
place_in() {
	local frame where
	local IFS='; '
	PLACE=''
	for frame in $1; do
		where=$(addr2line -e "$LAB_OBJ/$DRIVER" "$(printf '%#x' $((frame - 1)))" 2>/dev/null)
		where=${where%% (*}
		if [[ $where == *"${LAB_PIECE##*/}":* ]]; then PLACE=${where#"$ROOT/"} && break; fi
	done
}

crashed() { # LINE
	local pair signal='' frames=''
	local IFS=$'\t'
	for pair in $1; do
		case $pair in
		frame=*) frames+="${pair#frame=};" ;;
		signal=*) signal=${pair#signal=} ;;
		esac
	done
	place_in "$frames"
	case $signal in
	ALRM) differ "the function returns" 'it did not return' hang ;;
	XCPU) differ "the function returns" 'it did not return, and computed for two seconds' hang ;;
	*) USUALLY=${OFTEN["$FUNCTION SIG$signal"]:-} && differ "the function returns" "SIG$signal" crash ;;
	esac
}

# end_of LINE: how the cage says that a process has ended, in words. exit_of STATUS: the same of a wait status.
end_of() {
	case $1 in
	*'end exited '*) echo "exited with ${1##* }" ;;
	*'end killed '*) echo "was ended by SIG$(kill -l "${1##* }")" ;;
	*) echo "had not ended after $((LAB_TIME * MB_PATIENCE)) s" ;;
	esac
}
exit_of() {
	if [[ ! $1 =~ ^[0-9]+$ ]]; then
		echo "${1:-nothing}"
	elif (($1 & 127)); then
		echo "ended by SIG$(kill -l $(($1 & 127)))"
	else
		echo "exited with $(($1 >> 8 & 255))"
	fi
}

# --- to run the student's order --------------------------------------------------------------------------------------------

# order ARG... -- CMD...: runs the step's program, linked with the student's run.c and our piece. CMD has to have $NONCE in it,
# and to run for a while: `order -- sleep $NONCE`. Sets PID, that of CMD's process as seen here, and PARENT, that of the
# program's first process.
order() {
	local program
	program=("$LAB_OBJ"/order/*)
	FUNCTION=${program[0]##*/} DID="${program[0]##*/} $*" PLACE=''
	FUNCTION=${FUNCTION%%_*}_run
	LAB_CAGE+=(-s)
	start_cage "${program[0]}" "$@"
	await_inside
}

# order_ends STATUS SH ARG... -- CMD...: runs the step's program as order does, after one line of a shell, which may take
# something away from it. It ends by itself, with that status. The program stands behind the shell's lines, in one file: the
# way to another file may be closed to the cage's id.
order_ends() {
	local program before=$BATS_TEST_TMPDIR/before to
	program=("$LAB_OBJ"/order/*)
	to=/tmp/bin/${program[0]##*/} FUNCTION=${program[0]##*/} DID="${program[0]##*/} ${*:3}" PLACE=''
	FUNCTION=${FUNCTION%%_*}_run
	[[ $2 == : ]] || DID+="    after: $2"
	[[ -x ${program[0]} ]] || { echo '@not_compiled yes' && return 1; }
	# shellcheck disable=SC2016 # for that shell
	{ printf '#!/bin/sh\n%s\ntail -n +4 "$0" >%s && chmod 755 %s && exec %s "$@"\n' "$2" "$to" "$to" "$to" && cat "${program[0]}"; } >"$before"
	chmod 755 "$before"
	LAB_CAGE+=(-s)
	start_cage "$before" "${@:3}"
	while next_line; do [[ $LINE != '0 end '* ]] || break; done
	[[ ! $(<"$BATS_TEST_TMPDIR/output") =~ 'ot written yet: '([^ ]*:[0-9]+) ]] || { printf '@not_written %s\n' "${BASH_REMATCH[1]%.}" && return 1; }
	[[ $LINE != '0 end cage '* ]] || cannot "$(tail -n 1 "$BATS_TEST_TMPDIR/cage")"
	[[ $LINE == "0 end exited $1" ]] || differ "the program exits with $1" "it $(end_of "$LINE")"
}

# The process whose last argument is the nonce, and whose program is not the step's any more.
await_inside() {
	local deadline=$((SECONDS + LAB_TIME * MB_PATIENCE)) dir
	local -a args
	local -
	PID=''
	while ((SECONDS < deadline)); do
		for dir in /proc/[0-9]*; do
			{ mapfile -d '' -t args <"$dir/cmdline"; } 2>/dev/null || continue
			((${#args[@]})) && [[ ${args[-1]} == "$NONCE" && ${args[0]} != /tmp/bin/* && ${args[0]} != */cage ]] || continue
			PID=${dir#/proc/}
			find_parent "$PID"
			# A test that has set other options since needs_upper: a fault of the grader's.
			[[ -z ${ON_DISK:-} || /proc/$FIRST/root/tmp -ef $ON_DISK ]] || differ "the program's /tmp is $ON_DISK" "another directory"
			return 0
		done
		if IFS= read -t 0.05 -r LINE <&"$REPORT"; then
			[[ $LINE != '0 end '* ]] || break
		fi
		kill -0 "$CAGE" 2>/dev/null || break
	done
	local said place key what
	said=$(tail -n 3 "$BATS_TEST_TMPDIR/output" 2>/dev/null)
	if [[ $said =~ 'ot written yet: '([^ ]*:[0-9]+) ]]; then
		place=${BASH_REMATCH[1]%.}
		printf '@not_written %s\n' "$place"
		return 1
	fi
	[[ -s $BATS_TEST_TMPDIR/output || ! -s $BATS_TEST_TMPDIR/cage ]] || cannot "$(tail -n 1 "$BATS_TEST_TMPDIR/cage")"
	USUALLY=''
	said=${said#*what } # the program's own report: its first line says what failed
	# "order CALL:ERRNO": the program has printed the call, and its errno.
	for key in "${!OFTEN[@]}"; do
		place=${key#order } what=${place%:*}
		[[ $key != 'order '* || $said != *"$what"* || $said != *"${place##*:}"* ]] || USUALLY=${OFTEN[$key]}
	done
	[[ -n $said ]] || said="nothing of the kind; the program $(case $LINE in '0 end '*) end_of "$LINE" ;; *) echo "still runs" ;; esac), and said nothing"
	differ "the command runs inside" "${said#"${said%%[![:space:]]*}"}"
}

# The program's first process: the one whose parent, PID 1 of the cage, is the cage's child. Sets PARENT and FIRST.
find_parent() {
	PARENT=$1 FIRST=$(status_field "$1" PPid)
	while [[ $(status_field "$FIRST" PPid) != "$CAGE" ]]; do
		PARENT=$FIRST FIRST=$(status_field "$FIRST" PPid)
		((FIRST > 1)) || differ "the command's process descends from the program" "it does not"
	done
}
# ended STATUS: the program of `order` ends, or has ended, with that exit status.
ended() {
	while next_line; do
		case $LINE in
		'0 end exited '*) [[ ${LINE##* } == "$1" ]] || differ "the program exits with $1" "it exited with ${LINE##* }"; return ;;
		'0 end '*) differ "the program exits with $1" "it $(end_of "$LINE")" ;;
		esac
	done
}
# needs_upper: the container's root is an overlay from lab 6 on. Its upper lies on the cage's /tmp, a tmpfs, which keeps
# overlay's marks (user.* attributes) since Linux 6.6; before, and with LAB_DISK=1, /tmp is a directory on disk.
needs_upper() {
	local version uid
	IFS=.- read -ra version </proc/sys/kernel/osrelease
	((version[0] < 6 || (version[0] == 6 && version[1] < 6))) || [[ -n ${LAB_DISK:-} ]] || return 0
	case $(stat -f -c %T "$BATS_TEST_TMPDIR") in
	ext2/ext3 | xfs | btrfs | f2fs) ;;
	*) cannot "before Linux 6.6 a tmpfs holds no upper directory of an overlay, and TMPDIR is on no disk (ext4, xfs, btrfs)" ;;
	esac
	uid=$("$LAB_LIB/cage" -i)
	mkdir -m 755 "$BATS_TEST_TMPDIR/disk"
	! is_root || chown "$uid:$uid" "$BATS_TEST_TMPDIR/disk"
	LAB_CAGE+=(-u "$uid" -w "$BATS_TEST_TMPDIR/disk") ON_DISK=$BATS_TEST_TMPDIR/disk
}
# new_mounts: mount points that the program's own mount namespace has, and did not have at its start.
new_mounts() { comm -13 <(mount_points "$FIRST" | sort) <(mount_points "$PARENT" | sort); }

# --- checks ------------------------------------------------------------------------------------------------------------------

# returned VALUE: and with -1 an errno: `returned -1 EINVAL`; alternatives with |.
returned() {
	local errnos=${2:-}
	if [[ $RESULT == -1 && "|$errnos|" != *"|$ERRNO|"* ]]; then
		happens_often "$ERRNO" "${SAID[failed]:-}"
		[[ -z $errnos ]] || case $ERRNO in
		EIO) [[ $LAB_FAILS != *close* ]] || usually "close(2), which fails here, has changed errno: save it before, and put it back after" ;;
		EBADF) usually "a descriptor was closed that is none, or is closed already: close(2) has changed errno" ;;
		esac
	fi
	[[ $RESULT == "$1" ]] || differ "it returns $1" "it returned $RESULT${ERRNO:+, errno $ERRNO}${SAID[failed]:+: ${SAID[failed]}}"
	[[ -z $errnos || "|$errnos|" == *"|$ERRNO|"* ]] || differ "errno $errnos" "errno $ERRNO${SAID[failed]:+ after ${SAID[failed]}}" errno
}

# said KEY VALUE: what the function gave back besides.
said() { [[ ${SAID[$1]:-} == "$2" ]] || differ "$1 $2" "$1 ${SAID[$1]:-is not there}"; }
# The same of a wait status, which is said in words.
said_status() { [[ ${SAID[$1]:-} == "$2" ]] || differ "$1: $(exit_of "$2")    (as wait(2) has it: $2)" "$1: $(exit_of "${SAID[$1]:-}")"; }

# equal WHAT WANTED FOUND: WHAT says where it stands.
equal() { [[ $2 == "$3" ]] || differ "${2:-nothing}    $1" "${3:-nothing}"; }

# not_equal WHAT ONE OTHER.
not_equal() { [[ $2 != "$3" ]] || differ "two different ones: $1" "both are ${2:-nothing}"; }
# flags_of PID FD: how a file is open; O_PATH in place of the access.
flags_of() {
	local key value flags=0
	while read -r key value; do [[ $key != flags: ]] || flags=$((8#$value)); done <"/proc/$1/fdinfo/$2"
	case $((flags & 3)) in 0) value=O_RDONLY ;; 1) value=O_WRONLY ;; *) value=O_RDWR ;; esac
	((!(flags & 8#10000000))) || value=O_PATH
	((!(flags & 8#2000000))) || value+=' | O_CLOEXEC'
	echo "$value"
}

# nothing_left: no descriptor was left open, none of the caller's was closed.
nothing_left() {
	PLACE=''
	usually "on this way out a descriptor that the function has opened is not closed"
	[[ -z ${SAID[leaked]:-} ]] || differ "no descriptor more than before" "descriptor ${SAID[leaked]}" leak
	usually "a descriptor that the caller has passed is the caller's to close"
	[[ -z ${SAID[closed]:-} ]] || differ "the caller's descriptors stay open" "descriptor ${SAID[closed]} is closed" leak
	USUALLY=''
}

same_file() { [[ $1 -ef $2 ]] || differ "one file: $1 and $2" "$(stat -L -c '%d:%i' "$1" "$2" 2>&1 | tr '\n' ' ')"; }
holds() { # FILE TEXT
	local text=''
	{ IFS= read -r text <"$1"; } 2>/dev/null || :
	[[ $text == "$2" ]] || differ "'$2' in $1" "${text:-nothing}"
}
is_missing() { [[ ! -e $1 && ! -L $1 ]] || differ "$1 does not exist" "it does"; }
is_dir() { [[ -d $1 ]] || differ "$1 is a directory" "$(stat -c %F "$1" 2>&1)"; }

# lives PID: a check that reads /proc/PID would otherwise say nothing of a process that has ended.
lives() { [[ -r /proc/$1/mountinfo ]] || differ "the process still runs" "it has ended"; }

# mount_points PID: prints the mount points of a process's mount namespace, as it sees them.
mount_points() {
	local -a f
	while read -ra f; do printf '%s\n' "${f[4]}"; done <"/proc/$1/mountinfo"
}
# mounts PID PATH...: exactly these mount points.
mounts() {
	local pid=$1 found wanted
	lives "$pid"
	shift
	found=$(mount_points "$pid" | sort | tr '\n' ' ') wanted=$(printf '%s\n' "$@" | sort | tr '\n' ' ')
	[[ $found == "$wanted" ]] && return
	((${#found} <= 200)) || found="${found:0:200}..."
	(($(wc -w <<<"$found") >= $#)) || usually "what is mounted inside does not come along"
	differ "$# mounts: ${wanted}   /proc/$pid/mountinfo" "$(mount_points "$pid" | wc -l) mounts: $found"
}
# mount_line PID PATH: the last line of mountinfo for that mount point, in MOUNT.
mount_line() {
	local -a f
	local line
	MOUNT=''
	lives "$1"
	while IFS= read -r line; do
		read -ra f <<<"$line"
		[[ ${f[4]} != "$2" ]] || MOUNT=$line
	done <"/proc/$1/mountinfo"
	[[ -n $MOUNT ]] || differ "a mount on $2    /proc/$1/mountinfo" "none"
}
# mount_has PID PATH OPTION...: options of the mount or of its file system.
mount_has() {
	local pid=$1 path=$2 option
	mount_line "$pid" "$path"
	shift 2
	for option; do [[ $MOUNT =~ (^|[ ,])$option([ ,=]|$) ]] || differ "$path has the option $option" "$MOUNT"; done
}
mount_lacks() { # PID PATH OPTION
	mount_line "$1" "$2"
	[[ ! $MOUNT =~ (^|[ ,])$3([ ,]|$) ]] || differ "$2 has no option $3" "$MOUNT"
}
# private PID: no mount of the process gets anything from another namespace, or gives it.
private() {
	local line
	lives "$1"
	while IFS= read -r line; do
		[[ ! $line =~ \ ((shared|master|propagate_from):[0-9]+|unbindable) ]] ||
			differ "no shared: and no master:    /proc/$1/mountinfo" "${BASH_REMATCH[0]# } in ${line%% - *}"
	done <"/proc/$1/mountinfo"
}

# number_inside PID N: the process's number in its own PID namespace.
number_inside() {
	local numbers
	lives "$1"
	numbers=$(status_field "$1" NSpid)
	[[ ${numbers##* } == "$2" ]] || differ "number $2 in its own PID namespace    NSpid in /proc/$1/status" "$numbers"
}
# shows_only PID DIR PIDS: the proc file system there shows exactly these processes.
shows_only() {
	local found
	found=$(cd "/proc/$1/root$2" 2>/dev/null && shopt -s nullglob && printf '%s\n' [0-9]* | sort -n | tr '\n' ' ')
	[[ ${found% } == "$3" ]] || differ "$2 shows the processes $3" "it shows ${found:-nothing}"
}
# named PID HOST [DOMAIN] [FILE]: the names of a process's UTS namespace, or of the one that FILE is; read by a process that
# enters it.
named() {
	local file=${4:-/proc/$1/ns/uts}
	local -a names
	mapfile -t names < <(nsenter -t "$1" -U --preserve-credentials --uts="$file" cat /proc/sys/kernel/{hostname,domainname} 2>&1)
	[[ ${names[0]:-} == "$2" ]] || differ "the host name $2    in $file" "${names[0]:-nothing}"
	[[ -z ${3:-} || ${names[1]:-} == "$3" ]] || differ "the domain name $3    in $file" "${names[1]:-nothing}"
}
# together KIND A B, apart KIND A B: are two processes in one namespace? By device and inode.
together() { same_ns "$@" || differ "process $2 and $3 in one $1 namespace" "$(readlink "/proc/$2/ns/$1") and $(readlink "/proc/$3/ns/$1")"; }
apart() {
	[[ -e /proc/$2/ns/$1 && -e /proc/$3/ns/$1 ]] || differ "processes $2 and $3 live" "one has ended"
	not_same_ns "$@" || differ "process $2 has a $1 namespace of its own" "it is in that of $3"
}
not_same_ns() { if same_ns "$@"; then return 1; fi; }

# --- a control group of the grader's own ---------------------------------------------------------------------------------------

# own_group: makes one that belongs to the program's id, and has the program put into it. Sets GROUP, the directory in which
# groups with the controller cpu can be made, and VERSION, its version; "" where no group can be had, and WHY_NOT. With
# end_group in lab_teardown nothing of it is left; nor where the test is killed.
own_group() {
	local id made line
	[[ -z ${GROUP_MADE:-} ]] || return 0
	GROUP='' VERSION='' GROUP_MADE=yes WHY_NOT=''
	id=$("$LAB_LIB/cage" -i)
	exec {made}< <(exec "$LAB_LIB/group" make "$MINIBOX_TOKEN" "$id" hold <"$BATS_TEST_TMPDIR/hold" 2>"$BATS_TEST_TMPDIR/group" 3>&- {REPORT}<&- {HOLD}<&-)
	KEEPER=$!
	while read -ra line; do
		case ${line[0]} in
		group) VERSION=${line[1]} GROUP=${line[2]} ;;
		join) LAB_CAGE+=(-g "${line[1]}") ;;
		esac
	done <&"$made"
	exec {made}<&-
	[[ -n $GROUP ]] || WHY_NOT=$(<"$BATS_TEST_TMPDIR/group")
	LAB_CAGE+=(-u "$id")
}
need_group() {
	own_group
	[[ -n $GROUP ]] || cannot "$WHY_NOT"
}

# end_group: the processes of the cage end, and the group goes with all groups in it.
end_group() {
	end_cage
	[[ -n ${GROUP_MADE:-} ]] || return 0
	"$LAB_LIB/group" remove "$MINIBOX_TOKEN"
	kill "$KEEPER" 2>/dev/null || :
}

# group_of PID: the group in GROUP whose member this process is, in WHERE.
group_of() {
	local dir pid
	for dir in "$GROUP" "$GROUP"/*/; do
		while read -r pid; do [[ $pid != "$1" ]] || WHERE=${dir%/}; done <"$dir/cgroup.procs" 2>/dev/null || :
	done
}
# groups_in: the groups in GROUP, of any depth.
groups_in() { (cd "$GROUP" && find . -mindepth 1 -type d ! -name inside -printf '%P\n' | sort | tr '\n' ' '); }
# group_seen_inside PID: a process's group with the controller cpu, as its own cgroup namespace names it.
group_seen_inside() {
	local id list path
	nsenter --user --preserve-credentials --cgroup -t "$1" cat "/proc/$1/cgroup" 2>&1 | while IFS=: read -r id list path; do
		[[ $VERSION == 2 && $id == 0 || $VERSION == 1 && ,$list, == *,cpu,* ]] && echo "$path"
	done
}
