# minibox-runtime, what users of other runtimes count on: options, members of config.json, words of errors. The oracle is
# the kernel's: /proc, exit statuses, files that hooks write.

# shellcheck disable=SC2016,SC2030,SC2031
load ../lib/common
load ../lib/bundle

setup() {
	bundle_setup
	need_user_ns
}
teardown() { bundle_teardown; }

@test "hooks: a failing one of each kind is an error with its kind and number; after poststart the container is dead" {
	local kind
	for kind in prestart createRuntime createContainer startContainer poststart; do
		anew ".hooks.$kind = [{\"path\": \"/bin/true\"}, {\"path\": \"/bin/false\"}] | .process.args = [\"sleep\", \"100\"]"
		ln -sf busybox "$BUNDLE/rootfs/bin/false"
		run_of
		exits 1
		has "error running $kind hook #1:"
		[[ -z $(ls -A "$STATE") ]] || fail "$kind: $(ls -A "$STATE")"
	done
	r create -b "$BUNDLE" "$ID" 3>&-
	local pid
	pid=$(r state "$ID" | jq .pid)
	run r start "$ID"
	exits 1
	[[ ! -e /proc/$pid/exe || -z $(readlink "/proc/$pid/exe") ]] || fail "$pid lives"
	[[ $(r state "$ID" | jq -r '"\(.status) \(.pid)"') == "stopped 0" ]] || fail "$(r state "$ID")"
}

@test "hooks: the directory is the bundle, the environment the caller's where the hook has none; every poststop hook is run" {
	local out=$BATS_TEST_TMPDIR/out
	config ".hooks.createRuntime = [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"echo \$(pwd) \$MARK >$out\"]}]"
	config ".hooks.poststop = [{\"path\": \"/bin/false\"}, {\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"echo last >>$out\"]}]"
	command_is true
	MARK=here run_of
	exits 0
	[[ $(head -n 1 "$out") == "$(realpath "$BUNDLE") here" ]] || fail "$(<"$out")"
	[[ $(tail -n 1 "$out") == last ]] || fail "$(<"$out")"
}

@test "a capability that nothing knows is a warning; exec --cap adds to three sets" {
	config '.process.capabilities = {"bounding": ["CAP_KILL", "CAP_UNKNOWN"]}'
	command_is grep CapBnd /proc/self/status
	run_of
	exits 0
	has "CAP_UNKNOWN"
	has "0000000000000020"
	anew '.process.capabilities = {} | .process.args = ["sleep", "100"]'
	r run -d -b "$BUNDLE" "$ID" 3>&-
	run r exec --cap CAP_KILL --cap CAP_AUDIT_WRITE "$ID" grep Cap /proc/self/status
	exits 0
	[[ $(awk '{ print $2 }' <<<"$output" | xargs) == "0000000000000000 0000000020000020 0000000020000020 0000000020000020 0000000000000000" ]] || fail "$output"
}

@test "a capability that the runtime has not got is a warning, and the container has the others" {
	skip_unless_root "takes one from itself"
	need setpriv
	config '.process.capabilities = {"bounding": ["CAP_KILL", "CAP_SYS_BOOT"], "permitted": ["CAP_KILL", "CAP_SYS_BOOT"],
		"effective": ["CAP_KILL", "CAP_CHOWN"], "inheritable": ["CAP_SYS_BOOT"]}'
	command_is grep Cap /proc/self/status
	run setpriv --bounding-set -sys_boot "$RUNTIME" --root "$STATE" run -b "$BUNDLE" "$ID"
	exits 0
	has "CAP_SYS_BOOT cannot be given"
	has "CAP_CHOWN cannot be given"
	has_not "CAP_KILL"
	# CapInh, CapPrm, CapEff, CapBnd, CapAmb.
	[[ $(awk '/^Cap/ { print $2 }' <<<"$output" | xargs) == "0000000000000000 0000000000000020 0000000000000020 0000000000000020 0000000000000000" ]] || fail "$output"
}

@test "ioPriority and scheduler: of the first process and of exec's" {
	config '.process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": 6} | .process.scheduler = {"policy": "SCHED_BATCH", "nice": 19}'
	command_is sleep 100
	r run -d -b "$BUNDLE" "$ID" 3>&-
	local pid
	pid=$(r state "$ID" | jq .pid)
	[[ $(ionice -p "$pid") == "best-effort: prio 6" ]] || fail "$(ionice -p "$pid")"
	# proc_pid_stat(5): 19 is nice, 41 the policy; 3 is SCHED_BATCH.
	[[ $(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $17, $39 }') == "19 3" ]] || fail "$(<"/proc/$pid/stat")"
	run r exec "$ID" ionice
	[[ $output == "best-effort: prio 6" ]] || fail "$output"
	echo '{"cwd": "/", "args": ["ionice"], "ioPriority": {"class": "IOPRIO_CLASS_IDLE"}}' >"$BATS_TEST_TMPDIR/process"
	run r exec --process "$BATS_TEST_TMPDIR/process" "$ID"
	[[ $output == idle* ]] || fail "$output"
}

@test "--no-pivot: the same root; no proc of the host is left that would let the container mount one without masks" {
	command_is sh -c 'ls /; cat /proc/self/mountinfo'
	run_of --no-pivot
	exits 0
	[[ $(head -n 2 <<<"$output" | xargs) == "bin dev" ]] || fail "$output"
	# But for the binds over it (masks, read-only paths) and the mount itself.
	[[ $(awk '$5 == "/proc"' <<<"$output" | wc -l) == 1 ]] || fail "$output"
	config '.linux.seccomp = null | del(.linux.seccomp) | .process.capabilities.bounding += ["CAP_SETFCAP"] | .process.capabilities.permitted += ["CAP_SETFCAP"]'
	command_is unshare -mrpf sh -c 'mount -t proc none /proc && echo fresh proc'
	run_of --no-pivot
	[[ $output != *"fresh proc"* && $status -ne 0 ]] || fail "$output"
}

@test "/proc as a bind of the host's is taken, of anything else refused" {
	config '.mounts |= map(if .destination == "/proc" then {"destination": "/proc", "type": "none", "source": "/proc", "options": ["rbind", "nosuid"]} else . end)'
	config '.linux.namespaces |= map(select(.type != "pid")) | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	command_is sh -c 'echo $$'
	run_of
	exits 0
	[[ $output -gt 1 ]] || fail "$output"
	local source
	for source in "$BUNDLE/rootfs/tmp" /proc/sys; do
		config "(.mounts[] | select(.destination == \"/proc\")).source = \"$source\""
		run_of
		exits 1
		has "/proc"
	done
}

@test "LISTEN_FDS: the descriptors and the variables come down, if they are for this process" {
	command_is sh -c 'echo "$LISTEN_FDS $LISTEN_PID"; cat <&3'
	echo content >"$BATS_TEST_TMPDIR/file"
	LISTEN_FDS=1 run_of 3<"$BATS_TEST_TMPDIR/file"
	exits 0
	[[ $output == "1 1"$'\n'content ]] || fail "$output"
	command_is env
	LISTEN_FDS=1 LISTEN_PID=1 run_of
	[[ $output != *LISTEN* ]] || fail "$output"
}

@test "--debug: lines of level debug, in the log where there is one; a container's own output stays its own" {
	local log=$BATS_TEST_TMPDIR/log
	command_is echo hello
	run r --debug run -b "$BUNDLE" "$ID"
	exits 0
	has "level=debug"
	run r --debug --log "$log" run -b "$BUNDLE" "$ID"
	exits 0
	[[ $output == hello ]] || fail "$output"
	grep -q '^time="[^"]*" level=debug msg="' "$log" || fail "$(<"$log")"
	rm "$log"
	r --debug --log "$log" --log-format json run -b "$BUNDLE" "$ID"
	[[ $(jq -r .level "$log" | sort -u) == debug ]] || fail "$(<"$log")"
}

@test "a command that execve(2) refuses: one line where no person reads it, in words that clients know" {
	printf '#!/no/interpreter\n' >"$BUNDLE/rootfs/bin/script"
	chmod +x "$BUNDLE/rootfs/bin/script"
	command_is /bin/script
	run_of
	exits 1
	[[ $output == *"exec /bin/script: no such file or directory" && $(wc -l <<<"$output") == 1 ]] || fail "$output"
	command_is sleep 100
	r run -d -b "$BUNDLE" "$ID" 3>&-
	run r exec "$ID" /bin/script
	exits 255
	[[ $output == *"exec /bin/script: no such file or directory" && $(wc -l <<<"$output") == 1 ]] || fail "$output"
	run r exec "$ID" nothing
	[[ $output == *'exec: "nothing": executable file not found in $PATH' && $(wc -l <<<"$output") == 1 ]] || fail "$output"
}

@test "exec: what is wrong in its options is 255, what is no option of it 1; signal 0 asks whether it lives" {
	command_is sleep 100
	r run -d -b "$BUNDLE" "$ID" 3>&-
	local option
	for option in --cwd=relative --env=NAME --env==value --user=name --additional-gids=wheel; do
		run r exec "$option" "$ID" true
		[[ $status -eq 255 ]] || fail "$option: $status $output"
	done
	run r exec --tty --detach "$ID" sh
	exits 255
	[[ $(grep -c "without setting console socket" <<<"$output") == 1 ]] || fail "$output"
	run r exec --cap CAP_UNKNOWN "$ID" true
	exits 0
	has "CAP_UNKNOWN"
	run r exec --bogus "$ID" true
	exits 1
	run r kill "$ID" 0
	exits 0
	r kill "$ID" KILL
	dead() { ! r kill "$ID" 0 2>/dev/null; }
	poll 10 dead
}

# bats test_tags=root
@test "a working directory that only the user may enter, and one that only the runtime may" {
	is_root || skip "needs root"
	mkdir "$BUNDLE/rootfs/own"
	chown 42 "$BUNDLE/rootfs/own"
	chmod 700 "$BUNDLE/rootfs/own"
	config '.process.user = {"uid": 42, "gid": 42} | .process.cwd = "/own" | .process.args = ["sh", "-c", "pwd"]'
	run_of
	exits 0
	[[ $output == /own ]] || fail "$output"
	chown 43 "$BUNDLE/rootfs/own"
	config '.process.args = ["true"]'
	run_of
	exits 0
}

# bats test_tags=root
@test "rootfsPropagation: a slave root goes on to get what is mounted outside; the others do not" {
	is_root || skip "needs root"
	local word at=$BATS_TEST_TMPDIR/outside
	mkdir "$at"
	for word in rslave rprivate; do
		anew ".linux.rootfsPropagation = \"$word\" | .mounts += [{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$at\", \"options\": [\"rbind\"]}] | .process.args = [\"sleep\", \"100\"]"
		run unshare -m --propagation shared sh -ec '
			mount -t tmpfs tmpfs "$3"
			"$0" --root "$1" run -d -b "$2" "$4" </dev/null >/dev/null 2>&1
			mkdir "$3/in" && mount -t tmpfs later "$3/in"
			grep -c " later " "/proc/$("$0" --root "$1" state "$4" | jq .pid)/mountinfo"' "$RUNTIME" "$STATE" "$BUNDLE" "$at" "$ID"
		[[ $output == "$([[ $word == rslave ]] && echo 1 || echo 0)" ]] || fail "$word: $output"
		r delete --force "$ID"
	done
}

# bats test_tags=root
@test "a user namespace: a source that its root may not reach is bound all the same, and nothing that is mounted in it goes out" {
	skip_unless_root "ids of others"
	local source=$BATS_TEST_TMPDIR/closed/source dir=$BATS_TEST_TMPDIR
	while [[ $dir != / ]]; do
		[[ $(stat -c %A "$dir") == *x ]] || chmod o+x "$dir"
		dir=$(dirname "$dir")
	done
	mkdir -p "$source"
	echo content >"$source/file"
	chmod 700 "$BATS_TEST_TMPDIR/closed"
	chown 100000 "$source/file"
	chown -R 100000:100000 "$BUNDLE/rootfs"
	chmod 711 "$BUNDLE" "$BUNDLE/rootfs"
	config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'
	config ".mounts += [{destination: \"/a\", type: \"bind\", source: \"$source\", options: [\"rbind\"]}, {destination: \"/b\", type: \"bind\", source: \"$source/file\", options: [\"bind\", \"ro\", \"nosuid\"]}, {destination: \"/dev/shm\", type: \"bind\", source: \"$source\", options: [\"bind\", \"rro\"]}]"
	command_is sh -c 'cat /a/file /b /dev/shm/file; (echo x >>/b); grep -E " /(a|b|dev/shm) " /proc/self/mountinfo'
	run_of
	exits 0
	[[ ${lines[0]} == content && ${lines[1]} == content && ${lines[2]} == content ]] || fail "$output"
	has "Read-only file system"
	[[ $(grep -cE ' /b ro,[^ ]*nosuid| /dev/shm ro,| /a rw,' <<<"$output") == 3 ]] || fail "$output"
	has_not shared:
	# A path that is not there is said as always.
	config '.mounts[-1].source += "/not/there"'
	run_of
	exits 1
	has "$source/not/there"
}
