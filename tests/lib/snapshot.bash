# shellcheck shell=bash
# snapshot.bash: what the host looks like, as sorted-out lines in an array, and the difference between two such arrays.
#
#   snapshot NAME          fill the array NAME
#   snapshot_diff A B      print "+ line" and "- line"; status 0 if there is none
#   snapshot_settle A      wait (at most MB_SETTLE seconds, 25) until the host equals A again; on failure
#                          print the difference
#
# MB_SNAPSHOT=exact   every line counts: for machines on which nothing else is going on (CI, guests)
# MB_SNAPSHOT=token   only lines that carry $MINIBOX_TOKEN or the directory of this run of bats, and the host's name, which
#                     belongs to all: for a desktop, and while several people work on one machine
#
# Token does not see: System V objects of root (they carry no name; those of tests/lib/as-user's user are seen by his uid),
# routes, files of other names. Neither sees firewall rules, or another user's POSIX message queues where none is mounted.
#
# A guest under software emulation pays 0.1 s for every exec, so this is bash builtins and one find(1).

: "${MB_SNAPSHOT:=}"
if [[ -z $MB_SNAPSHOT ]]; then
	if [[ ${CI:-} == true || -n ${MB_GUEST:-} ]]; then MB_SNAPSHOT=exact; else MB_SNAPSHOT=token; fi
fi
export MB_SNAPSHOT

# Lines that match this extended regular expression are left out (a test that knows what it leaves, and why).
: "${MB_SNAPSHOT_IGNORE:=}"

# The state directories as the session that started the tests sees them: a test that moves XDG_DATA_HOME to a place of
# its own must not make us look there instead.
_snap_state=(
	"${XDG_DATA_HOME:-${HOME:-/root}/.local/share}/minibox" /var/lib/minibox
	"${XDG_RUNTIME_DIR:-/run/user/$UID}/minibox" /run/minibox
)
_snap_tmp=(/tmp /var/tmp)
case ${TMPDIR:-/tmp} in /tmp | /var/tmp) ;; *) _snap_tmp+=("$TMPDIR") ;; esac

_snap_mounts() { # also says where POSIX message queues and cgroups are mounted
	local line
	local -a fields
	mq=() groups=() v2=()
	while IFS= read -r line; do
		_out+=("mount $line")
		[[ $line == *' - mqueue '* || $line == *' - cgroup'* ]] || continue
		read -ra fields <<<"$line"
		case $line in
		*' - mqueue '*) mq+=("${fields[4]}") ;;
		*' - cgroup2 '*) groups+=("${fields[4]}") v2+=("${fields[4]}") ;;
		*) groups+=("${fields[4]}") ;;
		esac
	done </proc/self/mountinfo
}

# Directories of every cgroup hierarchy, wherever it is mounted, what the v2 roots hand down, and everything in our state
# directories.
_snap_trees() {
	local path line roots=() d
	for d in "${groups[@]}" "${_snap_state[@]}"; do [[ -e $d ]] && roots+=("$d"); done
	((${#roots[@]})) || return 0
	while IFS= read -r path; do
		case $path in
		cgroup* | state*) _out+=("$path") ;;
		esac
	done <<<"$(find "${roots[@]}" -type d \( -fstype cgroup -o -fstype cgroup2 \) -printf 'cgroup %p\n' \
		-o ! -fstype cgroup ! -fstype cgroup2 -printf 'state %p\n' 2>/dev/null)"
	# not < <(find): the process scan could meet the dying find
	for d in "${v2[@]}"; do
		{ IFS= read -r line <"$d/cgroup.subtree_control" && _out+=("controllers of $d: $line"); } 2>/dev/null
	done
}

_snap_links() {
	local line name
	{
		read -r _
		read -r _
		while IFS= read -r line; do
			name=${line%%:*}
			_out+=("link ${name// /}")
		done
	} </proc/self/net/dev
	[[ -r /proc/self/net/route ]] || return 0
	{
		read -r _
		while read -r -a line; do _out+=("route ${line[1]}/${line[7]} by ${line[2]} on ${line[0]}"); done
	} </proc/self/net/route
}

_snap_ipc() {
	local kind a b own
	local -a f names
	for kind in shm sem msg; do
		[[ -r /proc/sysvipc/$kind ]] || continue
		names=()
		while read -r -a f; do
			[[ ${f[0]} == key ]] && names=("${f[@]}") && continue
			own=''
			if [[ ${USER:-} == mbtest ]]; then # nobody else has this uid
				for a in "${!names[@]}"; do [[ ${names[a]} == uid && ${f[a]} == "$EUID" ]] && own=" of $MINIBOX_TOKEN"; done
			fi
			_out+=("sysv-$kind key ${f[0]} id ${f[1]} mode ${f[2]}$own")
		done </proc/sysvipc/$kind
	done
	# A queue lives on without a mount in which to see it: root looks from a mount namespace of its own.
	if ((${#mq[@]} == 0 && EUID == 0)); then
		# shellcheck disable=SC2016 # for the inner shell
		while IFS= read -r b; do [[ -n $b ]] && _out+=("posix-ipc mqueue $b"); done <<<"$(unshare --mount --propagation private sh -c \
			'mount -t mqueue mqueue /mnt && cd /mnt && for q in *; do [ ! -e "$q" ] || echo "$q"; done' 2>/dev/null)"
	fi
	for a in /dev/shm "${mq[@]}"; do
		for b in "$a"/*; do [[ -e $b ]] && _out+=("posix-ipc $b"); done
	done
}

_snap_names() {
	local what value path
	for what in hostname domainname; do
		IFS= read -r value <"/proc/sys/kernel/$what" && _out+=("$what $value")
	done
	path=/proc/sys/net/ipv4/ip_forward
	[[ -r $path ]] && IFS= read -r value <"$path" && _out+=("sysctl $path = $value")
	for path in /sys/block/loop*/loop/backing_file; do
		[[ -r $path ]] && IFS= read -r value <"$path" && _out+=("loop ${path%/loop/*} on $value")
	done 2>/dev/null
	for path in /run/netns/*; do [[ -e $path ]] && _out+=("netns $path"); done
	for what in "${_snap_tmp[@]}"; do
		for path in "$what"/*; do [[ -e $path || -L $path ]] && _out+=("scratch $path"); done
	done
}

# Does this process belong to the test? Its environment says so, or its cgroup's name does (a container's own first
# process has the container's environment).
_snap_carries_token() {
	local -a env=() groups=()
	mapfile -d '' -t env <"/proc/$1/environ" && [[ " ${env[*]} " == *" MINIBOX_TOKEN=$MINIBOX_TOKEN "* ]] && return 0
	mapfile -t groups <"/proc/$1/cgroup" && [[ ${groups[*]} == *"$MINIBOX_TOKEN"* ]]
} 2>/dev/null

# Processes by PID and start time. Exact: all but kernel threads. Token: those that carry the token, and the
# descendants of this test's own shell ($$ stays the shell's in a subshell), which a test must not leave behind.
_snap_processes() {
	local dir pid stat rest up
	local -a f
	local -A parent=() start=()
	for dir in /proc/[0-9]*; do
		pid=${dir#/proc/}
		{ IFS= read -r stat <"$dir/stat"; } 2>/dev/null || continue
		rest=${stat##*) } # the name in parentheses may hold anything
		read -ra f <<<"$rest"
		[[ $pid == 2 || ${f[1]} == 2 ]] && continue                    # kernel threads come and go
		# Dead, and bash has not asked yet; or init has not, which on some machines looks every two seconds only.
		[[ ${f[0]} == Z && (${f[1]} == "$$" || ${f[1]} == 1) ]] && continue
		[[ $pid == "$$" || $pid == "$BASHPID" ]] && continue
		parent[$pid]=${f[1]} start[$pid]=${f[19]}
	done
	for pid in "${!parent[@]}"; do
		if [[ $MB_SNAPSHOT == exact ]]; then
			_out+=("process $pid started ${start[$pid]}")
			continue
		fi
		up=$pid
		while [[ -n $up && $up != "$$" && $up != 1 ]]; do up=${parent[$up]:-}; done
		if [[ $up == "$$" ]] || _snap_carries_token "$pid"; then
			_out+=("process $pid started ${start[$pid]}")
		fi
	done
}

# bats runs every command of a test under a DEBUG trap, which makes a scan three times as slow: functions called with
# functrace off do not inherit it.
snapshot() {
	local -
	set +eET
	_snapshot "$1"
}

_snapshot() {
	local -n _into=$1
	local -a _out=() mq=() groups=() v2=()
	local line here=${BATS_RUN_TMPDIR:-/nowhere}
	_snap_mounts
	_snap_trees
	_snap_links
	_snap_ipc
	_snap_names
	_into=()
	for line in "${_out[@]}"; do
		[[ $MB_SNAPSHOT == exact || $line == *"$MINIBOX_TOKEN"* || $line == *"$here/"* ||
			$line == hostname\ * || $line == domainname\ * ]] || continue
		_into+=("$line")
	done
	_out=()
	_snap_processes
	_into+=("${_out[@]}")
	[[ -n $MB_SNAPSHOT_IGNORE ]] || return 0
	_out=("${_into[@]}")
	_into=()
	for line in "${_out[@]}"; do [[ $line =~ $MB_SNAPSHOT_IGNORE ]] || _into+=("$line"); done
}

_snap_describe() { # a process's line says little, so add its command line; and to scratch what is in it
	local pid args=()
	case $1 in
	process\ *)
		read -r _ pid _ <<<"$1"
		{ mapfile -d '' -t args <"/proc/$pid/cmdline"; } 2>/dev/null
		;;
	scratch\ *) mapfile -t args < <(find "${1#scratch }" -printf '%M %P\n' 2>&1 | head -5) ;;
	esac
	printf '%s%s\n' "$1" "${args[*]:+  ${args[*]}}"
}

snapshot_diff() {
	local -
	set +eET
	_snapshot_diff "$1" "$2"
}

# A process that has ended meanwhile is no difference: other people's processes end when they like.
_snapshot_diff() {
	local -n _a=$1 _b=$2
	local -A was=() is=()
	local line same=0 more=0 less=0 most=30 # thirty lines show what it is; an image has hundreds, and would hide other failures
	for line in "${_a[@]}"; do was[$line]=1; done
	for line in "${_b[@]}"; do
		is[$line]=1
		[[ -n ${was[$line]:-} ]] && continue
		same=1 more=$((more + 1))
		((more > most)) || { printf '+ ' && _snap_describe "$line"; }
	done
	for line in "${_a[@]}"; do
		[[ -z ${is[$line]:-} && $line != process\ * ]] || continue
		same=1 less=$((less + 1))
		((less > most)) || printf -- '- %s\n' "$line"
	done
	((more <= most)) || printf '+ and %d more\n' $((more - most))
	((less <= most)) || printf -- '- and %d more\n' $((less - most))
	return "$same"
}

# Cleaning up after kill -9 is the guard's work and takes a moment, so ask again until it is done.
snapshot_settle() {
	local _now=() deadline=$((SECONDS + ${MB_SETTLE:-25}))
	while snapshot _now && ! snapshot_diff "$1" _now >/dev/null; do
		if ((SECONDS >= deadline)); then
			printf 'The host is not as it was (MB_SNAPSHOT=%s, token %s):\n' "$MB_SNAPSHOT" "$MINIBOX_TOKEN"
			snapshot_diff "$1" _now
			return 1
		fi
		sleep 0.1
	done
}
