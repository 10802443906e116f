# minibox-runtime: what one operation does while another goes on, and options that reach into the container. The oracle is
# /proc, descriptors and clocks as the container's own process has them.

# shellcheck disable=SC2016,SC2030,SC2031
load ../lib/common
load ../lib/bundle

setup() { bundle_setup; }
teardown() {
	[[ -z ${OTHER:-} ]] || { kill -9 "$OTHER" 2>/dev/null || :; wait "$OTHER" 2>/dev/null || :; }
	bundle_teardown
}

# in_background OPERATION...: OTHER is its process.
in_background() {
	"$RUNTIME" --root "$STATE" "$@" >"$BATS_TEST_TMPDIR/other" 2>&1 </dev/null 3>&- &
	OTHER=$!
}
is_there() { [[ -e $1 ]]; }

@test "run in the foreground: another process deletes the container, and run ends as SIGKILL has it" {
	can_run
	in_background run -b "$BUNDLE" "$ID"
	poll 10 is_now running
	PID=$(pid_of)
	made delete --force "$ID"
	exits 0
	gone "$PID"
	status=0
	wait "$OTHER" || status=$?
	OTHER=
	[[ $status -eq 137 ]] || fail "$status: $(<"$BATS_TEST_TMPDIR/other")"
	[[ ! -s $BATS_TEST_TMPDIR/other && ! -e $STATE/$ID ]] || fail "$(<"$BATS_TEST_TMPDIR/other")"
	# The id is free, and a container that another process has made under it is not the first one's.
	in_background run -b "$BUNDLE" "$ID"
	poll 10 is_now running
	made delete --force "$ID"
	made create -b "$BUNDLE" "$ID"
	exits 0
	wait "$OTHER" || :
	OTHER=
	is_now created
}
gone() { [[ ! -e /proc/$1 || $(status_field "$1" State) == Z* ]]; }

@test "state answers while start waits for a hook of startContainer" {
	can_run
	config '.hooks = {startContainer: [{path: "/bin/sh", args: ["sh", "-c", "until [ -e /tmp/go ]; do sleep 0.1; done"]}]}'
	made create -b "$BUNDLE" "$ID"
	exits 0
	PID=$(pid_of)
	in_background start "$ID"
	poll 10 has_child "$PID"
	is_now created || fail "$(r state "$ID")"
	[[ $(pid_of) == "$PID" ]]
	: >"$BUNDLE/rootfs/tmp/go"
	wait "$OTHER"
	OTHER=
	is_now running
}
has_child() { [[ -n $(own_children "$1") ]]; }

@test "--preserve-fds: so many descriptors from 3 on, and no other" {
	can_run
	echo from outside >"$BATS_TEST_TMPDIR/three"
	command_is sh -c 'cat <&3; ls /proc/self/fd'
	run r run --preserve-fds 1 -b "$BUNDLE" "$ID" 3<"$BATS_TEST_TMPDIR/three" 4<"$BATS_TEST_TMPDIR/three"
	exits 0
	[[ ${lines[0]} == "from outside" ]] || fail "$output"
	# ls has one of its own, for the directory.
	[[ ${lines[*]:1} == "0 1 2 3 4" ]] || fail "$output"
	command_is sh -c 'ls -l /proc/self/fd'
	run r run -b "$BUNDLE" "$ID" 3<"$BATS_TEST_TMPDIR/three" 4<"$BATS_TEST_TMPDIR/three"
	exits 0
	not has three
	# A number that is not open is refused: the runtime's own would be among them.
	run r run --preserve-fds 40 -b "$BUNDLE" "$ID"
	exits 1
	has "--preserve-fds"
}

@test "time offsets: the container's uptime is that much longer" {
	[[ -e /proc/self/ns/time ]] || skip "this kernel has no time namespaces"
	can_run
	config '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: 1000000}, monotonic: {secs: 1000000}}'
	command_is cat /proc/uptime
	run r run -b "$BUNDLE" "$ID"
	exits 0
	local host inside=${output%%.*}
	read -r host _ </proc/uptime
	((inside - ${host%%.*} <= 1000000 && inside - ${host%%.*} > 999900)) || fail "$inside inside, $host here"
}

# bats test_tags=root
@test "exec --ignore-paused: the process is made, and goes on when the container does" {
	can_run
	made create -b "$BUNDLE" "$ID"
	exits 0
	made start "$ID"
	exits 0
	made pause "$ID"
	exits 0
	made exec "$ID" true
	exits 255
	in_background exec --ignore-paused "$ID" sh -c 'touch /tmp/went; exit 9'
	sleep 0.5
	[[ ! -e $BUNDLE/rootfs/tmp/went ]] || fail "it ran in a paused container"
	made resume "$ID"
	exits 0
	status=0
	wait "$OTHER" || status=$?
	OTHER=
	[[ $status -eq 9 && -e $BUNDLE/rootfs/tmp/went ]] || fail "$status: $(<"$BATS_TEST_TMPDIR/other")"
}

# bats test_tags=root
@test "rootfsPropagation rslave: what the host mounts later below a bound directory is seen inside; without it, not" {
	can_run
	mkdir -p "$BATS_TEST_TMPDIR/share" "$BUNDLE/rootfs/share"
	config '.mounts += [{destination: "/share", type: "bind", source: "'"$BATS_TEST_TMPDIR"'/share", options: ["rbind"]}]
		| .process.args = ["sh", "-c", ": >/tmp/there; until [ -e /tmp/go ]; do sleep 0.1; done; ls /share/later"]'
	local kind
	for kind in rslave rprivate; do
		config '.linux.rootfsPropagation = "'$kind'"'
		rm -f "$BUNDLE/rootfs/tmp"/{go,there}
		# A mount namespace stands for the host: its mounts go with it.
		SHARE=$BATS_TEST_TMPDIR/share run unshare -m --propagation private bash -c '
			mount -t tmpfs tmpfs "$SHARE" && mount --make-shared "$SHARE" && mkdir "$SHARE/later" || exit 99
			"$@" &
			for i in {1..300}; do [[ ! -e "'"$BUNDLE"'/rootfs/tmp/there" ]] || break; sleep 0.1; done
			mount -t tmpfs tmpfs "$SHARE/later" && : >"$SHARE/later/seen" && : >"'"$BUNDLE"'/rootfs/tmp/go"
			wait $!' bash "$RUNTIME" --root "$STATE" run -b "$BUNDLE" "$ID"
		exits 0
		if [[ $kind == rslave ]]; then has seen; else [[ -z $output ]] || fail "$output"; fi
	done
}

# bats test_tags=root
@test "rshared, with rootfsPropagation rshared: what the container mounts there is seen by the host; nothing else of it is" {
	can_run
	mkdir -p "$BATS_TEST_TMPDIR/share" "$BUNDLE/rootfs/share"
	config '.mounts += [{destination: "/share", type: "bind", source: "'"$BATS_TEST_TMPDIR"'/share", options: ["rbind", "rshared"]}]
		| .process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])
		| .process.args = ["sh", "-c", "mkdir /share/sub /tmp/sub; mount -t tmpfs inside /share/sub && mount -t tmpfs own /tmp/sub && touch /share/sub/seen"]'
	local kind
	for kind in rshared rprivate; do
		rm -rf "$BUNDLE/rootfs/tmp/sub"
		config '.linux.rootfsPropagation = "'$kind'"'
		SHARE=$BATS_TEST_TMPDIR/share run unshare -m --propagation private bash -c '
			mount -t tmpfs tmpfs "$SHARE" && mount --make-shared "$SHARE" || exit 99
			mounts() { cut -d " " -f 5 /proc/self/mountinfo; }
			before=$(mounts)
			"$@" || exit
			ls "$SHARE/sub"
			diff <(echo "$before") <(mounts) | grep "^[<>]"' bash "$RUNTIME" --root "$STATE" run -b "$BUNDLE" "$ID"
		if [[ $kind == rshared ]]; then
			[[ $output == "seen"$'\n'"> $BATS_TEST_TMPDIR/share/sub" ]] || fail "$output"
		else
			[[ -z $output ]] || fail "$output"
		fi
	done
}

@test "Ctrl-C, SIGTERM: a process of exec is no PID 1, so the default action ends it, without a word about PID 1" {
	can_run
	made create -b "$BUNDLE" "$ID"
	exits 0
	made start "$ID"
	exits 0
	local signal
	for signal in TERM INT; do
		# A shell ignores SIGINT for what it starts with "&"; env gives it back.
		env --default-signal=INT "$RUNTIME" --root "$STATE" exec "$ID" sleep 50 >"$BATS_TEST_TMPDIR/other" 2>&1 </dev/null 3>&- &
		OTHER=$!
		poll 10 execs "$OTHER"
		kill -$signal "$OTHER"
		status=0
		wait "$OTHER" || status=$?
		OTHER=
		[[ $status -eq $((128 + $(kill -l $signal))) ]] || fail "$signal: $status, $(<"$BATS_TEST_TMPDIR/other")"
		[[ ! -s $BATS_TEST_TMPDIR/other ]] || fail "$(<"$BATS_TEST_TMPDIR/other")"
	done
}
execs() { [[ $(tr '\0' ' ' <"/proc/$(own_children "$1")/cmdline") == "sleep 50 " ]]; } 2>/dev/null
