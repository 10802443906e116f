# minibox run, judged from outside: the host's /proc and mount table, exit codes, and what is left.

# shellcheck disable=SC2016
load ../lib/common

setup() {
	mb_setup
	MINIBOX=$(bin minibox)
	export MINIBOX_ROOT=$BATS_TEST_TMPDIR/state
}

teardown() {
	[[ -S $BATS_TEST_TMPDIR/tmux ]] && tmux -S "$BATS_TEST_TMPDIR/tmux" kill-server 2>/dev/null
	[[ -n ${BOX:-} ]] && { kill -9 "$BOX" 2>/dev/null || :; wait "$BOX" 2>/dev/null || :; }
	mb_teardown
}

# in_background ARGS...: a container that runs; BOX is minibox, INIT its PID 1 as the host numbers it.
in_background() {
	"$MINIBOX" run "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	BOX=$!
	poll 10 has_child "$BOX"
	INIT=$(own_children "$BOX")
	poll 10 runs "$INIT" "${RUNS:-sleep}"
}
has_child() { [[ -n $(own_children "$1") ]]; }
runs() { [[ $(tr '\0' ' ' <"/proc/$1/cmdline") == "$2"* ]]; } 2>/dev/null

nothing_left() { [[ -z $(ls -A "$MINIBOX_ROOT/containers") ]]; }

# end_box: kills the container of in_background and waits for its minibox.
end_box() {
	kill -9 "$INIT"
	wait "$BOX" || :
	BOX=
}

# bats test_tags=guest,pieces
@test "PID 1, its own host name, mounts, processes; the command's status" {
	run "$MINIBOX" run busybox sh -c 'echo "pid $$"; hostname; grep -c . /proc/mounts; ls /; exit 7'
	exits 7
	[[ ${lines[0]} == "pid 1" ]]
	[[ ${lines[1]} =~ ^[0-9a-f]{12}$ ]]
	[[ ${lines[1]} != "$(uname -n)" ]]
	has "proc"
	nothing_left
}

is_filtered() { [[ $(status_field "$1" Seccomp) == 2 ]]; }

# bats test_tags=guest
@test "a filter of system calls: in force for the command and what it starts; new namespaces, mounts and keys are refused" {
	grep -q '^Seccomp_filters' /proc/self/status || skip "this kernel has no seccomp filters"
	RUNS="sh" in_background busybox sh -c 'sleep 1000; :'
	poll 10 has_child "$INIT"
	local pid
	for pid in "$INIT" $(own_children "$INIT"); do
		poll 10 is_filtered "$pid" || fail "$(grep Seccomp "/proc/$pid/status")"
	done
	end_box
	# Without the filter the kernel lets anybody make a user namespace where it lets us make containers.
	run "$MINIBOX" run busybox unshare -U true
	[[ $status -ne 0 && $output == *"not permitted"* ]] || fail "$output"
	run "$MINIBOX" run busybox sh -c 'mkdir /m; mount -t tmpfs x /m'
	[[ $status -ne 0 ]]
}

# bats test_tags=pieces
@test "namespaces: its own pid, mnt, uts, ipc; the host's net" {
	in_background busybox sleep 1000
	local kind
	for kind in pid mnt uts ipc; do
		! same_ns "$kind" $$ "$INIT" || fail "$kind is shared with the host"
	done
	same_ns net $$ "$INIT"
	if is_root; then same_ns user $$ "$INIT"; else ! same_ns user $$ "$INIT"; fi
	local -a numbers
	read -ra numbers <<<"$(status_field "$INIT" NSpid)"
	[[ ${numbers[-1]} == 1 ]]
	# Its mounts are its own: the overlay is in no mount table of the host.
	not grep -q "$MINIBOX_ROOT" /proc/self/mountinfo
	grep -q ' / / .* - overlay ' "/proc/$INIT/mountinfo"
	kill -9 "$INIT"
	wait "$BOX" || [[ $? == 137 ]]
	BOX=
	nothing_left
}

@test "docker's numbers: 125 minibox, 126 cannot run, 127 not found, 128 + signal" {
	run_127 "$MINIBOX" run busybox no-such-command
	has "no-such-command"
	has "in no directory of PATH"
	run "$MINIBOX" run busybox /etc
	exits 126
	has "is a directory"
	run "$MINIBOX" run no-such-image true
	exits 125
	has "no image of that name"
	run "$MINIBOX" run busybox sh -c 'sh -c "kill -9 \$\$"; exit $?'
	exits 137
	nothing_left
}

@test "bad usage is said, with 125 or 2, and nothing is made" {
	local long
	printf -v long '%0300d' 0
	run "$MINIBOX"
	exits 2
	has "minibox run busybox"
	run "$MINIBOX" nonsense
	exits 2
	has 'no command named "nonsense"'
	run "$MINIBOX" $'non\e[31msense'
	has 'no command named "non\x1b[31msense"'
	run "$MINIBOX" run
	exits 125
	has "no image named"
	run "$MINIBOX" run --nonsense busybox
	exits 125
	has "unknown option: --nonsense"
	run "$MINIBOX" run busybox ''
	exits 125
	has "the command is empty"
	run "$MINIBOX" run -h "$long" busybox true
	exits 125
	has "1 to 64 bytes"
	run "$MINIBOX" run -w relative busybox true
	exits 125
	has "an absolute path inside"
	run "$MINIBOX" run -e =x busybox true
	exits 125
	run "$MINIBOX" run --network bridge busybox true
	exits 125
	has "host or none"
	run "$MINIBOX" run -m 1k busybox true
	exits 125
	has "at least"
	local cpus
	for cpus in '' 0,5 20% 99999 -1 1.00000000000000000000000000000000x; do
		run "$MINIBOX" run --cpus "$cpus" busybox true
		exits 125
		has "minibox: --cpus $cpus: expected a number of CPUs from 0.01 to "
		has_not "--cpu "
	done
	run "$MINIBOX" run --cpu-period 100000 busybox true
	exits 125
	has "--cpu-quota"
	run "$MINIBOX" run --pids-limit -2 busybox true
	exits 125
	has "a whole number from 1"
	run "$MINIBOX" run --pids-limit x busybox true
	exits 125
	run "$MINIBOX" run --cpus 0.5 --cpu-quota 20000 busybox true
	exits 125
	has "one of the two"
	run "$MINIBOX" run --cpuset-cpus 0-9999 busybox true
	exits 125
	has "this machine has 0 to"
	run "$MINIBOX" run --memory-swap 64m busybox true
	exits 125
	has "-m with it"
	run "$MINIBOX" run -m 64m --memory-swap 32m busybox true
	exits 125
	has "at least what -m says"
	run "$MINIBOX" run --name ../x busybox true
	exits 125
	has "letters, digits"
	run "$MINIBOX" run -m
	exits 125
	has "needs a value: -m"
	run "$MINIBOX" run -v relative/dir:/x busybox true
	exits 125
	run "$MINIBOX" run -v "$BATS_TEST_TMPDIR:relative" busybox true
	exits 125
	run "$MINIBOX" run ../../etc true
	exits 125
	has "letters, digits"
	printf -v long '/%0200d' 0 0 0
	run "$MINIBOX" run --root "$BATS_TEST_TMPDIR$long$long$long$long$long$long$long" busybox true # longer than PATH_MAX
	exits 125
	has "too long"
	[[ ! -e $BATS_TEST_TMPDIR${long:0:201} ]]
	[[ ! -d $MINIBOX_ROOT/containers ]] || nothing_left
}

@test "--rootfs: a file, a missing directory; a directory runs and is not written to" {
	run "$MINIBOX" run --rootfs /etc/passwd true
	exits 125
	has "A root file system is a directory"
	run "$MINIBOX" run --rootfs /no/such/dir true
	exits 125
	has "/no/such/dir"
	"$MINIBOX" run busybox true # makes the image
	cp -a "$MINIBOX_ROOT/images/busybox/diff" "$BATS_TEST_TMPDIR/rootfs"
	run "$MINIBOX" run --rootfs "$BATS_TEST_TMPDIR/rootfs" sh -c 'echo changed >/etc/passwd; touch /new; echo $$'
	exits 0
	[[ $output == 1 ]]
	[[ ! -e $BATS_TEST_TMPDIR/rootfs/new ]]
	not grep -q changed "$BATS_TEST_TMPDIR/rootfs/etc/passwd"
	mkdir "$BATS_TEST_TMPDIR/gone"
	run bash -c 'cd "$1" && rmdir "$1" && exec "$0" run --rootfs . true' "$MINIBOX" "$BATS_TEST_TMPDIR/gone"
	exits 125
	has "what    realpath"
}

# bats test_tags=pieces
@test "each container has its own files; the image stays as it is" {
	"$MINIBOX" run busybox sh -c 'echo one >/file; rm /etc/passwd'
	run "$MINIBOX" run busybox sh -c 'cat /file; cat /etc/passwd'
	has "can't open '/file'"
	has "root:"
	[[ ! -e $MINIBOX_ROOT/images/busybox/diff/file ]]
}

@test "-h, -e, -w" {
	export FROM_HERE=taken
	run "$MINIBOX" run -h web -e A=1 -e FROM_HERE -e NOT_SET_HERE -w /some/where busybox sh -c \
		'hostname; echo "$A $FROM_HERE ${NOT_SET_HERE-unset} $HOSTNAME"; pwd; echo "${BATS_TEST_TMPDIR-clean}"'
	exits 0
	[[ ${lines[0]} == web && ${lines[1]} == "1 taken unset web" && ${lines[2]} == /some/where && ${lines[3]} == clean ]]
}

@test "-e wins over what is set anyhow; PATH of -e is where the command is looked for" {
	run "$MINIBOX" run -e HOSTNAME=other -e A=1 -e A=2 busybox env
	exits 0
	[[ $(grep -c '^HOSTNAME=' <<<"$output") == 1 && $(grep -c '^A=' <<<"$output") == 1 ]]
	has HOSTNAME=other
	has A=2
	run_127 "$MINIBOX" run -e PATH=/nowhere busybox env
	has "in no directory of PATH"
}

@test "docker's flags: some change nothing, the others say why minibox has not got them" {
	run "$MINIBOX" run -it --rm --rm=true --init=false --net host busybox true
	exits 0
	local flag
	for flag in --privileged -d -dit -itd --user=1000 -u -p --cap-drop --entrypoint --restart=always; do
		run "$MINIBOX" run "$flag" busybox true
		exits 125
		[[ ${lines[0]} =~ ^"minibox: run: docker has "-[^\ ]+", minibox does not: ".+ && ${lines[1]} == "  try: "* ]] || fail "$flag" "$output"
	done
	# Of a bundle of letters the one that is wrong is named, whatever stands before it.
	run "$MINIBOX" run --rm -dit busybox true
	has "docker has -d, minibox does not"
	run "$MINIBOX" run --init -iq busybox true
	has "unknown option: -q"
	run "$MINIBOX" run --rm=false busybox true
	exits 125
	has "goes with its command"
	run "$MINIBOX" ps
	exits 2
	has "docker has ps, minibox does not yet"
	for flag in run doctor gc inspector; do
		run "$MINIBOX" "$flag" --help
		exits 0
		[[ -n $output ]]
		run "$MINIBOX" help "$flag"
		exits 0
		[[ -n $output ]]
	done
	[[ ! -e $MINIBOX_ROOT/containers ]] || nothing_left
}

@test "--name: one at a time" {
	in_background --name web busybox sleep 1000
	run "$MINIBOX" run --name web busybox true
	exits 125
	has "A container of that name runs."
	run "$MINIBOX" run --name web2 busybox true
	exits 0
	end_box
	run "$MINIBOX" run --name web busybox true
	exits 0
	nothing_left
}

@test "-v: an anonymous volume goes with its container, also after kill -9; one with a name stays" {
	in_background -v /anon -v kept:/vol busybox sh -c 'touch /anon/f /vol/f; exec sleep 1000'
	[[ $(find "$MINIBOX_ROOT/volumes" -name f | wc -l) == 2 ]]
	[[ /proc/$INIT/root/anon -ef $(echo "$MINIBOX_ROOT"/volumes/????????????????????????????????????????????????????????????????/_data) ]]
	[[ /proc/$INIT/root/vol -ef $MINIBOX_ROOT/volumes/kept/_data ]]
	end_box
	[[ $(ls "$MINIBOX_ROOT/volumes") == kept ]]
	in_background -v /anon busybox sleep 1000
	kill -9 "$BOX"
	wait "$BOX" 2>/dev/null || :
	BOX=
	poll 10 gone "$INIT"
	run "$MINIBOX" gc
	exits 0
	[[ $(ls "$MINIBOX_ROOT/volumes") == kept && -e $MINIBOX_ROOT/volumes/kept/_data/f ]]
}

# bats test_tags=guest
@test "the state on an overlay, where no upper can be: a tmpfs takes it, or it is said" {
	run_timeout 60 unshare -Urm sh -ec 'cd "$1"; mkdir A C w m; mount -t overlay o -olowerdir=A,upperdir=C,workdir=w,userxattr m
		MINIBOX_ROOT=$1/m/state "$0" run busybox sh -c "echo \$\$"' "$MINIBOX" "$BATS_TEST_TMPDIR"
	[[ $output != *"unshare"* && $output != *"mount:"* ]] || skip "no overlay in a user namespace for this user: ${lines[0]}"
	if [[ $status -eq 125 ]]; then # tmpfs before Linux 6.6
		has "takes overlay's marks"
		has "MINIBOX_ROOT"
	else
		exits 0
		[[ $output == 1 ]]
	fi
	chmod -R u+rwx "$BATS_TEST_TMPDIR/w"
}

# bats test_tags=pieces
@test "-v: a host directory, read-only, a named volume that stays" {
	mkdir "$BATS_TEST_TMPDIR/src"
	echo hello >"$BATS_TEST_TMPDIR/src/file"
	run "$MINIBOX" run -v "$BATS_TEST_TMPDIR/src:/data" busybox sh -c 'cat /data/file; echo back >/data/new; stat -c %i /data'
	exits 0
	[[ ${lines[0]} == hello && ${lines[1]} == "$(stat -c %i "$BATS_TEST_TMPDIR/src")" ]]
	[[ $(<"$BATS_TEST_TMPDIR/src/new") == back ]]
	run "$MINIBOX" run -v "$BATS_TEST_TMPDIR/src:/data:ro" busybox sh -c 'echo x >/data/file'
	exits 1
	has "Read-only file system"
	"$MINIBOX" run -v kept:/vol busybox sh -c 'echo stays >/vol/f'
	run "$MINIBOX" run -v kept:/vol busybox cat /vol/f
	[[ $output == stays ]]
	run "$MINIBOX" run -v /no/such/thing:/x busybox true
	exits 125
	has "/no/such/thing"
	nothing_left
}

# bats test_tags=guest,pieces
@test "-m, --cpus, --pids-limit: the group's files say so, and it goes with the container" {
	skip_without_cgroups
	local out=$BATS_TEST_TMPDIR/out
	run "$MINIBOX" run -m 64m --cpus 0.5 --pids-limit 20 busybox true
	if [[ $status -eq 125 ]] && ! is_root; then
		has "remedy"
		skip "no delegated cgroup here: ${lines[0]}"
	fi
	exits 0
	in_background -m 64m --cpus 0.5 --pids-limit 20 busybox sleep 1000
	local dir found=0
	while IFS=: read -r _ _ dir; do
		[[ $dir == */minibox-* ]] || continue
		[[ $dir == *"$MINIBOX_TOKEN"* ]] || fail "the group does not carry the token: $dir"
		found=1
	done <"/proc/$INIT/cgroup"
	((found)) || fail "PID 1 is in no group of ours: $(cat "/proc/$INIT/cgroup")"
	local group value=
	while IFS= read -r group; do
		[[ -r $group/memory.limit_in_bytes ]] && value+=" m$(<"$group/memory.limit_in_bytes")"
		[[ -r $group/memory.max ]] && value+=" m$(<"$group/memory.max")"
		[[ -r $group/cpu.cfs_quota_us ]] && value+=" c$(<"$group/cpu.cfs_quota_us")"
		[[ -r $group/cpu.max ]] && value+=" c$(<"$group/cpu.max")"
		[[ -r $group/pids.max ]] && value+=" p$(<"$group/pids.max")"
	done < <(find /sys/fs/cgroup -type d -name "minibox-*$MINIBOX_TOKEN*" 2>/dev/null)
	[[ $value == *" m67108864"* && $value == *" c50000"* && $value == *" p20"* ]] || fail "limits: $value"
	kill -9 "$INIT"
	wait "$BOX" || :
	BOX=
	[[ -z $(find /sys/fs/cgroup -type d -name "*$MINIBOX_TOKEN*" 2>/dev/null) ]]
	[[ -e $out ]]
}

# bats test_tags=guest
@test "-m: swap as docker has it, twice -m together, unless --memory-swap says else" {
	skip_without_cgroups
	"$MINIBOX" run -m 32m busybox true 2>/dev/null || skip "no group with a memory limit to be had here"
	local more want file found
	while read -r want more; do
		# shellcheck disable=SC2086 # words
		in_background -m 32m $more busybox sleep 1000
		found=
		while IFS= read -r file; do
			found=$(<"$file")
			[[ $file != */memory.swap.max || $found == max ]] || found=$((found + (32 << 20))) # swap alone
			[[ $found == max ]] || ((found < 1 << 60)) || found=max
			[[ $found == "$want" ]] || fail "$more: $file: $found, not $want"
		done < <(find /sys/fs/cgroup -path "*/minibox-*$MINIBOX_TOKEN*" ! -path '*.nest.*' \( -name memory.swap.max -o -name memory.memsw.limit_in_bytes \) 2>/dev/null)
		end_box
		[[ -n $found ]] || skip "this kernel does not account for swap in groups"
	done <<-END
		67108864
		83886080 --memory-swap 80m
		33554432 --memory-swap 33554432
		max --memory-swap -1
	END
}

# In there minibox is uid 0 of a user namespace. The remedy is typed outside, where 0 is root.
@test "-m as an ordinary user without groups: the remedy names the user's own id" {
	skip_without_cgroups
	local as=() words='id -u; exec "$0" run -m 64m busybox true'
	# That user has a home of his own for the state, which goes with him.
	! is_root || { as=("$ROOT/tests/lib/as-user") && unset MINIBOX_ROOT; }
	run "${as[@]}" sh -c "$words" "$MINIBOX"
	[[ $status -ne 0 ]] || skip "groups are delegated here"
	exits 125
	local uid=${lines[0]}
	[[ $uid =~ ^[1-9][0-9]*$ ]] || fail "$output"
	not grep -qE '(^|[^a-z0-9])u0([^0-9]|$)|chown (-R )?0 |uid 0 ' <<<"$output"
	[[ $output == *systemd-run* ]] || grep -qE "chown (-R )?$uid " <<<"$output" || grep -q "uid $uid " <<<"$output" || fail "$output"
}

# strace stands for a kernel that does not account for swap.
@test "-m where swap is not accounted: memory is limited all the same; --memory-swap is refused" {
	need strace
	# shellcheck disable=SC2054 # strace's own commas
	local hide=(strace -f -qq -o /dev/null -P memory.memsw.limit_in_bytes -P memory.swap.max
		-e inject=openat,faccessat,faccessat2,newfstatat:error=ENOENT)
	"$MINIBOX" run -m 32m busybox true 2>/dev/null || skip "no group with a memory limit to be had here"
	"${hide[@]}" true 2>/dev/null || skip "strace may not trace here"
	run "${hide[@]}" "$MINIBOX" run -m 32m busybox true
	exits 0
	run "${hide[@]}" "$MINIBOX" run -m 32m --memory-swap 64m busybox true
	exits 125
	has "does not account for swap"
	nothing_left
}

# bats test_tags=pieces
@test "--init: an init reaps and gives the command's status" {
	run "$MINIBOX" run --init busybox sh -c 'echo $$; (sleep 0 & ) ; sleep 0.3
		for i in 1 2 3 4 5 6 7 8 9; do ps | grep -q "\[sleep\]" && sleep 0.3; done; ps | grep -c "\[sleep\]"; exit 3'
	exits 3
	[[ ${lines[0]} == 2 ]] || fail "$output"
	[[ ${lines[1]} == 0 ]] || fail "zombies: $output"
	run_127 "$MINIBOX" run --init busybox no-such-command
	has "no-such-command"
}

# bats test_tags=pieces
@test "--network none: only lo, and it is up" {
	run "$MINIBOX" run --network none busybox sh -c 'ls /sys/class/net; ip addr show lo; ping -c 1 127.0.0.1'
	exits 0
	has "inet 127.0.0.1/8"
	has "1 packets received"
}

@test "--read-only" {
	run "$MINIBOX" run --read-only busybox sh -c 'touch /x'
	exits 1
	has "Read-only file system"
}

@test "--explain narrates the calls, in order, of engine, parent and child" {
	run "$MINIBOX" run --explain busybox true
	exits 0
	has "engine"
	has "parent"
	has "child"
	has "pivot_root(\".\", \".\")"
	has "lesson 2"
	has "sethostname("
}

@test "kill -9 of minibox: the container dies with it, and the next command removes what is left" {
	in_background busybox sleep 1000
	kill -9 "$BOX"
	wait "$BOX" 2>/dev/null || :
	BOX=
	poll 10 gone "$INIT"
	not nothing_left # its directory waits
	run "$MINIBOX" gc
	exits 0
	has "its owner is gone; removed"
	has "1 removed"
	nothing_left
}

# bats test_tags=guest
@test "kill -9 of minibox with limits: the group goes with the next command" {
	"$MINIBOX" run --pids-limit 20 busybox true 2>/dev/null || skip "no cgroup to be had here"
	in_background --pids-limit 20 busybox sleep 1000
	kill -9 "$BOX"
	wait "$BOX" 2>/dev/null || :
	BOX=
	poll 10 gone "$INIT"
	run "$MINIBOX" run busybox true
	exits 0
	nothing_left
	[[ -z $(find /sys/fs/cgroup -type d -name "*$MINIBOX_TOKEN*" 2>/dev/null) ]]
}

@test "gc leaves a running container alone" {
	in_background busybox sleep 1000
	run "$MINIBOX" gc
	has "0 removed"
	[[ -e /proc/$INIT ]]
	kill -9 "$INIT"
	wait "$BOX" || :
	BOX=
}

@test "SIGTERM is handed on to the container" {
	"$MINIBOX" run busybox sh -c 'trap "exit 9" TERM; echo ready; sleep 1000 & wait' >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	BOX=$!
	poll 10 grep -q ready "$BATS_TEST_TMPDIR/out"
	kill -TERM "$BOX"
	local status=0
	wait "$BOX" || status=$?
	BOX=
	[[ $status -eq 9 ]] || fail "status $status: $(<"$BATS_TEST_TMPDIR/out")"
}

@test "few descriptors: what fails is named with its call" {
	"$MINIBOX" run busybox true
	local n
	for n in {7..20}; do
		run bash -c 'ulimit -n "$1" && exec "$0" run busybox true' "$MINIBOX" "$n"
		[[ $status -eq 0 || $output == *"  what    "* ]] || fail "ulimit -n $n: $output"
	done
	run "$MINIBOX" gc
	exits 0
}

@test "-m without a delegated group: the remedy is for the user outside" {
	skip_if_root
	run "$MINIBOX" run -m 64m busybox true
	[[ $status -ne 0 ]] || skip "a delegated group"
	has "remedy"
	has_not "chown 0"
	has_not "chown -R 0"
	[[ $output != *"mkdir"*"u"* || $output == *"u$UID"* || $output == *systemd* ]] || fail "$output"
}

@test "a full disk, closed descriptors: said or survived" {
	run bash -c '"$0" run busybox echo hi <&- 2>&-' "$MINIBOX"
	exits 0
	[[ $output == hi ]]
	run bash -c '"$0" run busybox echo hi >/dev/full' "$MINIBOX"
	exits 1
	has "No space left on device"
	run bash -c '"$0" doctor >/dev/full' "$MINIBOX"
	exits 1
}

# in_front SECONDS: is `sleep SECONDS` in the foreground of its terminal, the container's own?
in_front() { ps -eo stat=,args= | grep -q "^[^ ]*+ *sleep $1\$"; }

@test "at a terminal: a shell with job control, Ctrl-C, and the terminal comes back" {
	need tmux
	t new-session -d -s x -x 80 -y 24 "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN MINIBOX_ROOT=$MINIBOX_ROOT PS1='out> ' sh"
	poll 10 screen 'out>'
	local how rows=24 nap=1000.$((16#$MINIBOX_TOKEN))
	for how in "" --init; do
		t send-keys -t x "clear; '$MINIBOX' run $how -it busybox" Enter
		poll 10 screen '/ #'
		t send-keys -t x 'echo pid=$$' Enter
		poll 10 screen 'pid=[12]'
		t send-keys -t x "sleep $nap" Enter
		poll 10 in_front "$nap"
		t send-keys -t x C-z
		poll 10 screen 'Stopped'
		t send-keys -t x 'fg' Enter
		poll 10 in_front "$nap"
		t send-keys -t x C-c
		t send-keys -t x 'echo back=$((40 + 2))' Enter
		poll 10 screen 'back=42'
		rows=$((rows - 2))
		t resize-window -t x -x 90 -y "$rows"
		t send-keys -t x "until [ \"\$(stty size)\" = '$rows 90' ]; do sleep 0.1; done; echo resized=\$((40 + 2))" Enter
		poll 10 screen 'resized=42' || fail "$(t capture-pane -p -t x)"
		t send-keys -t x 'clear; exit 3' Enter
		poll 10 screen 'out>'
		t send-keys -t x 'echo status=$?' Enter
		poll 10 screen 'status=3' || fail "$(t capture-pane -p -t x)"
	done
	t kill-server
}

@test "at a terminal: a full-screen program; Ctrl-C and Ctrl-Z where no shell is inside" {
	need tmux
	local nap=1001.$((16#$MINIBOX_TOKEN))
	t new-session -d -s x -x 80 -y 24 "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN MINIBOX_ROOT=$MINIBOX_ROOT PS1='out> ' sh"
	poll 10 screen 'out>'
	t send-keys -t x "clear; '$MINIBOX' run busybox vi /etc/passwd" Enter
	poll 10 screen '^~'
	t send-keys -t x 'Go' 'typed here' Escape
	poll 10 screen '^typed here'
	t send-keys -t x ':wq' Enter
	poll 10 screen 'out>'
	t send-keys -t x 'echo status=$?' Enter
	poll 10 screen 'status=0'
	# PID 1 without a handler: the first Ctrl-C explains, the second kills.
	t send-keys -t x "clear; '$MINIBOX' run busybox sleep $nap" Enter
	poll 10 in_front "$nap"
	t send-keys -t x C-c
	poll 10 screen 'press Ctrl-C once more'
	t send-keys -t x C-c
	poll 10 screen 'out>'
	t send-keys -t x 'echo status=$?' Enter
	poll 10 screen 'status=137'
	# Below an init: nobody could wake it after a Ctrl-Z, so it does not stop; Ctrl-C ends it at once.
	t send-keys -t x "clear; '$MINIBOX' run --init busybox sleep $nap" Enter
	poll 10 in_front "$nap"
	t send-keys -t x C-z
	poll 10 screen '\^Z'
	t send-keys -t x C-c
	poll 10 screen 'out>' || fail "$(t capture-pane -p -t x)"
	t send-keys -t x 'echo status=$?' Enter
	poll 10 screen 'status=130'
	t kill-server
}
