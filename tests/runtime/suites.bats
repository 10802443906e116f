# minibox-runtime, what the public test suites of other runtimes ask of one and no other file here does. The oracle is the kernel's:
# /proc, modes of files, exit statuses.

# shellcheck disable=SC2016,SC2030,SC2031
load ../lib/common
load ../lib/bundle

setup() {
	bundle_setup
	need_user_ns
}
teardown() { bundle_teardown; }

# in_user_ns [UID SIZE]: ids from 100000 on are the container's, and its root file system is theirs.
in_user_ns() {
	skip_unless_root "maps ids"
	config ".linux.namespaces += [{\"type\": \"user\"}]
		| .linux.uidMappings = [{\"hostID\": 100000, \"containerID\": ${1:-0}, \"size\": ${2:-65534}}]
		| .linux.gidMappings = [{\"hostID\": 200000, \"containerID\": ${1:-0}, \"size\": ${2:-65534}}]"
	chown -hR 100000:200000 "$BUNDLE/rootfs"
	local dir=$BUNDLE/rootfs
	while [[ $dir != / && $dir != /tmp ]]; do
		chmod a+x "$dir"
		dir=${dir%/*}
		dir=${dir:-/}
	done
}

@test "a member that is null is as one that is not there" {
	config '.linux.timeOffsets = null | .hooks = null | .annotations = null | .process.rlimits = null | .linux.seccomp = null
		| .process.user.additionalGids = null | .linux.intelRdt = null | .windows = null | .root.readonly = null
		| .mounts[0].options = null | .linux.namespaces[0].path = null'
	command_is true
	run_of
	exits 0
	config '.root.path = null'
	run_of
	exits 1
	has "root.path"
}

@test "environment: of two of a name the last one, once; an empty HOME is none; exec's own come over the container's" {
	echo 'root:x:0:0::/root-of-test:/bin/sh' >"$BUNDLE/rootfs/etc/passwd"
	config '.process.env = ["ONE=two", "HOME=/x", "ONE=", "PATH=/bin", "HOME=", "ONE=three"]'
	command_is env
	run_of
	exits 0
	[[ $(sort <<<"$output" | xargs) == "HOME=/root-of-test ONE=three PATH=/bin" ]] || fail "$output"
	command_is sleep 100
	r run -d -b "$BUNDLE" "$ID" 3>&-
	run r exec --env ONE=mine --env HOME=/y "$ID" env
	exits 0
	[[ $(sort <<<"$output" | xargs) == "HOME=/y ONE=mine PATH=/bin" ]] || fail "$output"
}

@test "tmpfs: the mode of the directory that is there, unless the options say one; a new directory's is 1777" {
	mkdir "$BUNDLE/rootfs/there"
	local options
	for options in '["nosuid"]' '["nosuid", "mode=0410"]'; do
		chmod 2710 "$BUNDLE/rootfs/there"
		rm -rf "$BUNDLE/rootfs/new"
		anew ".mounts += [{\"destination\": \"/there\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": $options},
			{\"destination\": \"/new\", \"type\": \"tmpfs\", \"source\": \"tmpfs\"}]"
		command_is stat -c %a /there /new
		run_of
		exits 0
		if [[ $options == *mode* ]]; then options=410; else options=2710; fi
		[[ $(xargs <<<"$output") == "$options 1777" ]] || fail "$output"
	done
}

@test "a mount that is not to be bound is there, and is unbindable" {
	mkdir "$BUNDLE/source"
	config '.mounts += [{"destination": "/mnt/t", "type": "tmpfs", "source": "tmpfs", "options": ["unbindable"]},
		{"destination": "/mnt/b", "source": "source", "options": ["rbind", "runbindable"]}]'
	command_is grep ' /mnt/' /proc/self/mountinfo
	run_of
	exits 0
	[[ $(grep -c ' unbindable ' <<<"$output") -eq 2 ]] || fail "$output"
}

@test "time offsets: exec has them; with a user namespace; a container that joins the namespaces of another" {
	[[ -e /proc/self/ns/time ]] || skip "no time namespaces"
	in_user_ns
	config '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"monotonic": {"secs": 7881, "nanosecs": 2718281}}'
	command_is sleep 100
	r run -d -b "$BUNDLE" "$ID" 3>&-
	local pid
	pid=$(pid_of)
	run r exec "$ID" cat /proc/self/timens_offsets
	exits 0
	[[ $(xargs <<<"$output") == "monotonic 7881 2718281 boottime 0 0" ]] || fail "$output"
	config ".linux |= del(.uidMappings, .gidMappings, .timeOffsets) | .linux.namespaces |= map(if .type == \"mount\" then . else
		.path = \"/proc/$pid/ns/\" + ({\"network\": \"net\"}[.type] // .type) end)"
	command_is cat /proc/self/timens_offsets /proc/self/uid_map
	run r run -b "$BUNDLE" "b$ID"
	exits 0
	[[ $(xargs <<<"$output") == "monotonic 7881 2718281 boottime 0 0 0 100000 65534" ]] || fail "$output"
}

@test "a user namespace in which 0 is mapped to nobody: create and exec" {
	in_user_ns 1000 1
	config '.process.user = {"uid": 1000, "gid": 1000} | (.mounts[] | select(.destination == "/dev/pts").options) -= ["gid=5"]'
	command_is sh -c 'id -u; id -g; cat /proc/self/uid_map'
	run_of
	exits 0
	[[ $(xargs <<<"$output") == "1000 1000 1000 100000 1" ]] || fail "$output"
	command_is sleep 100
	r run -d -b "$BUNDLE" "$ID" 3>&-
	run r exec "$ID" id -u
	exits 0
	[[ $output == 1000 ]] || fail "$output"
}

@test "masked directories are one empty file system, and none can be written or taken away" {
	mkdir "$BUNDLE"/rootfs/{one,two}
	touch "$BUNDLE"/rootfs/{one,two}/file
	config '.linux.maskedPaths += ["/one", "/two"]'
	command_is sh -c 'ls /one /two | grep file; stat -c %d /one /two; touch /one/new; rm -rf /two; umount /one'
	run_of
	exits 1
	[[ ${lines[0]} =~ ^[0-9]+$ && ${lines[0]} == "${lines[1]}" ]] || fail "$output"
	[[ $(grep -c 'Read-only file system' <<<"$output") -ge 1 ]] || fail "$output"
	[[ -e $BUNDLE/rootfs/one/file && -e $BUNDLE/rootfs/two/file ]] || fail "written to"
}

@test "words: a hook that a filter ends" {
	config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_KILL"}]}
		| .hooks.startContainer = [{"path": "/bin/sh", "args": ["sh", "-c", "mkdir /tmp/x"]}]'
	command_is true
	run_of
	exits 1
	has "error running startContainer hook"
	has "bad system call"
}

# bats test_tags=root
@test "words: SCHED_DEADLINE with few processors, places of exec --cgroup" {
	skip_unless_root "only root has a group here for certain"
	anew '.process.args = ["sleep", "100"]'
	r run -d -b "$BUNDLE" "$ID" 3>&-
	run r exec --cgroup .. "$ID" true
	exits 255
	has "bad sub cgroup path"
	r delete -f "$ID"
	[[ $(nproc) -gt 1 ]] || skip "one processor"
	anew '.linux.resources.cpu.cpus = "0" | .process.scheduler = {"policy": "SCHED_DEADLINE", "runtime": 42000, "deadline": 1000000, "period": 1000000}'
	run_of
	exits 1
	has "process scheduler can't be used together with AllowedCPUs"
}

@test "a user namespace: what only its owner may search outside can be bound all the same, before and after other mounts" {
	in_user_ns
	local n
	for n in 1 2; do
		mkdir -p "$BUNDLE/private$n/dir"
		echo "content $n" >"$BUNDLE/private$n/dir/file"
		chmod 700 "$BUNDLE/private$n"
		chown -R 12345:12345 "$BUNDLE/private$n"
	done
	config ".mounts = [{\"source\": \"private1/dir\", \"destination\": \"/mnt/1\", \"options\": [\"bind\"]}] + .mounts
		+ [{\"source\": \"$BUNDLE/private2/dir/file\", \"destination\": \"/mnt/2\", \"options\": [\"rbind\", \"ro\", \"rslave\"]}]"
	config '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 24, "hard": 24}]'
	command_is cat /mnt/1/file /mnt/2
	run_of
	exits 0
	[[ $output == $'content 1\ncontent 2' ]] || fail "$output"
	config '.mounts[0].source = "nowhere"'
	run_of
	exits 1
	has "nowhere"
	has "no such file or directory"
}

@test "processors: all that the group has, whatever the caller is kept to; exec's by execCPUAffinity" {
	need taskset
	local all
	all=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
	[[ $all == 0-* ]] || skip "the processors here are $all"
	command_is grep Cpus_allowed_list /proc/self/status
	run taskset -c 0 "$RUNTIME" --root "$STATE" run -b "$BUNDLE" "$ID"
	exits 0
	[[ $output == *$'\t'"$all" ]] || fail "$output"
	config '.process.execCPUAffinity = {"initial": "0", "final": "1"}'
	command_is sleep 100
	r run -d -b "$BUNDLE" "$ID" 3>&-
	run r exec "$ID" grep Cpus_allowed_list /proc/self/status
	exits 0
	[[ $output == *$'\t'1 ]] || fail "$output"
	echo '{"cwd": "/", "args": ["grep", "Cpus_allowed_list", "/proc/self/status"], "execCPUAffinity": {"initial": "0,0-0"}}' >"$BATS_TEST_TMPDIR/process"
	run r exec --process "$BATS_TEST_TMPDIR/process" "$ID"
	exits 0
	[[ $output == *$'\t'0 ]] || fail "$output"
	echo '{"cwd": "/", "args": ["true"], "execCPUAffinity": {"final": "3-1"}}' >"$BATS_TEST_TMPDIR/process"
	run r exec --process "$BATS_TEST_TMPDIR/process" "$ID"
	exits 255
	has "process.execCPUAffinity.final"
}

@test "memoryPolicy: of the first process and of exec's; wrong words, and what the kernel does not take" {
	[[ -e /proc/self/numa_maps ]] || skip "a kernel without NUMA"
	local policy rows=(
		'{"mode": "MPOL_INTERLEAVE", "nodes": "0"}|interleave:0'
		'{"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]}|bind=static:0'
		'{"mode": "MPOL_DEFAULT"}|default'
		'{"mode": "MPOL_DEFAULT", "nodes": ""}|default'
		'{}|default'
	)
	command_is sh -c 'head -n 1 /proc/self/numa_maps | cut -d " " -f 2'
	for policy in "${rows[@]}"; do
		config ".linux.memoryPolicy = ${policy%|*}"
		run_of
		exits 0
		[[ $output == "${policy#*|}" ]] || fail "$policy" "$output"
	done
	for policy in '{"mode": "INTERLEAVE", "nodes": "0"}' '{"nodes": "0-7"}' '{"mode": "MPOL_BIND", "nodes": "0-9876543210"}' \
		'{"mode": "MPOL_PREFERRED", "nodes": "0", "flags": ["badflag"]}'; do
		config ".linux.memoryPolicy = $policy"
		run_of
		exits 1
		has "linux.memoryPolicy."
	done
	config '.linux.memoryPolicy = {"mode": "MPOL_DEFAULT", "nodes": "0-7", "flags": ["MPOL_F_NUMA_BALANCING", "MPOL_F_STATIC_NODES"]}'
	run_of
	exits 1
	has "set_mempolicy"
	anew '.linux.memoryPolicy = {"mode": "MPOL_PREFERRED", "nodes": "0", "flags": ["MPOL_F_RELATIVE_NODES"]}'
	r run -d -b "$BUNDLE" "$ID" 3>&-
	run r exec "$ID" sh -c 'head -n 1 /proc/self/numa_maps | cut -d " " -f 2'
	exits 0
	[[ $output == prefer*relative*0 ]] || fail "$output"
}

# listener PATH OUT: takes a descriptor from the socket at PATH, kills what it is a pidfd of once OUT.go is there, and writes the number
# that the kernel has for it to OUT.
listener() {
	python3 - "$@" <<-'END' 3>&- &
		import array, os, signal, socket, sys, time
		server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		server.bind(sys.argv[1] + ".new")
		server.listen(1)
		os.rename(sys.argv[1] + ".new", sys.argv[1])
		fds = array.array("i")
		_, control, _, _ = server.accept()[0].recvmsg(100, socket.CMSG_LEN(fds.itemsize))
		fds.frombytes(control[0][2])
		pid = [l.split()[1] for l in open("/proc/self/fdinfo/%d" % fds[0]) if l.startswith("Pid:")][0]
		while not os.path.exists(sys.argv[2] + ".go"):
		    time.sleep(0.02)
		signal.pidfd_send_signal(fds[0], signal.SIGKILL)
		open(sys.argv[2], "w").write(pid)
	END
	poll 5 test -S "$1"
}

@test "--pidfd-socket: of create, run and exec; one where nobody listens, and nothing is left" {
	need python3
	python3 -c 'import signal; signal.pidfd_send_signal' 2>/dev/null || skip "an old python3"
	local socket=$BATS_TEST_TMPDIR/socket out=$BATS_TEST_TMPDIR/pid pid
	made create --pidfd-socket "$socket" -b "$BUNDLE" "$ID"
	exits 1
	has "$socket"
	[[ -z $(ls -A "$STATE") ]] || fail "$(ls -A "$STATE")"
	listener "$socket" "$out"
	made run -d --pidfd-socket "$socket" --pid-file "$BATS_TEST_TMPDIR/first" -b "$BUNDLE" "$ID"
	exits 0
	touch "$out.go"
	poll 5 is_now stopped
	poll 5 test -s "$out"
	[[ $(<"$out") == "$(<"$BATS_TEST_TMPDIR/first")" ]] || fail "$(<"$out")"
	r delete "$ID"
	rm -f "$socket" "$out" "$out.go"
	made run -d -b "$BUNDLE" "$ID"
	listener "$socket" "$out"
	made exec -d --pidfd-socket "$socket" --pid-file "$BATS_TEST_TMPDIR/second" "$ID" sleep 100
	exits 0
	touch "$out.go"
	pid=$(<"$BATS_TEST_TMPDIR/second")
	poll 5 test -s "$out"
	[[ $(<"$out") == "$pid" ]] || fail "$(<"$out")"
	poll 5 gone "$pid"
	is_now running
}

@test "a filter that allows nothing of sockets: create, start and exec" {
	config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["socket", "socketpair", "connect",
		"sendto", "recvfrom", "sendmsg", "recvmsg", "poll", "ppoll"], "action": "SCMP_ACT_KILL_PROCESS"}]}'
	r create -b "$BUNDLE" "$ID" 3>&-
	r start "$ID"
	run r exec "$ID" echo hello
	exits 0
	[[ $output == hello ]] || fail "$output"
	run r exec "$ID" nothing-of-that-name
	exits 255
	has "executable file not found"
}

@test "rbind with ro: the mount alone is read-only; with rro those below it, too" {
	skip_unless_root "mounts"
	local option
	mkdir -p "$BUNDLE/volume"
	for option in ro rro; do
		anew ".mounts += [{\"source\": \"volume\", \"destination\": \"/mnt\", \"options\": [\"rbind\", \"$option\"]}]"
		command_is sh -c 'touch /mnt/x 2>/dev/null || echo above; touch /mnt/below/x 2>/dev/null || echo below'
		run unshare -m sh -c 'mount -t tmpfs none "$1/volume" && mkdir "$1/volume/below" && mount -t tmpfs none "$1/volume/below" &&
			exec "$2" --root "$3" run -b "$1" "$4"' sh "$BUNDLE" "$RUNTIME" "$STATE" "$ID"
		exits 0
		if [[ $option == ro ]]; then option=above; else option=$'above\nbelow'; fi
		[[ $output == "$option" ]] || fail "$output"
	done
}

@test "words: a first process that a filter kills before its command runs" {
	config '.linux.seccomp = {"defaultAction": "SCMP_ACT_KILL_PROCESS"}'
	run_of
	exits 1
	has "killed by SIGSYS"
	has "linux.seccomp"
	[[ ! -e $STATE/$ID && ! -e $STATE/.new-$ID ]] || fail "$(ls -A "$STATE")"
}

# bats test_tags=root
@test "words: a first process that its memory limit kills before its command runs" {
	skip_unless_root "only root has a group here for certain"
	anew '.linux.resources.memory.limit = 4096'
	run_of
	exits 1
	has "memory limit"
	[[ ! -e $STATE/$ID && ! -e $STATE/.new-$ID ]] || fail "$(ls -A "$STATE")"
}
