# minibox-runtime against an image, a container or a neighbour that attacks. Each test performs the attack. The oracle is
# the kernel: /proc, inode numbers, mount tables, a secret that must not be read and a file that must not change.

# shellcheck disable=SC2016,SC2030,SC2031 # for the shells inside; every test is a subshell
load ../lib/common
load ../lib/bundle
load attacker

setup() { attack_setup; }

teardown() {
	r delete --force "p$ID" >/dev/null 2>&1 || :
	[[ -z ${RACER:-} ]] || { kill "$RACER"; wait "$RACER" || :; } 2>/dev/null
	bundle_teardown
}

# ---- the program itself ------------------------------------------------------------------------------------------------

# A copy of the program that is the caller's own, so that the caller could write to it.
own_program() {
	need ldd
	mkdir -p "$BATS_TEST_TMPDIR/own"
	cp -L "$RUNTIME" "$BATS_TEST_TMPDIR/own/minibox-runtime"
	RUNTIME=$BATS_TEST_TMPDIR/own/minibox-runtime
	BEFORE=$(sha256sum <"$RUNTIME")
}
# The image loads a library of its own into the host's program; see preload.c.
evil_image() {
	local lib
	own_program
	for lib in $(ldd "$RUNTIME" | grep -o '/[^ ]*'); do
		mkdir -p "$BUNDLE/rootfs${lib%/*}"
		cp -L "$lib" "$BUNDLE/rootfs$lib"
	done
	cp "${MB_BUILD:-$ROOT/build}/tests/attack/preload.so" "$BUNDLE/rootfs/evil.so"
	echo /evil.so >"$BUNDLE/rootfs/etc/ld.so.preload"
	printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/script"
	chmod +x "$BUNDLE/rootfs/script"
	ln -s /proc/self/exe "$BUNDLE/rootfs/link"
	ln -s /link "$BUNDLE/rootfs/bin/linked"
}
unchanged() { [[ $(sha256sum <"$RUNTIME") == "$BEFORE" ]] || fail "$*: the program has changed"; }
attacked() { # the library has run in the host's program, and has tried
	poll 20 test -e "$BUNDLE/rootfs/tmp/over" || fail "the attack did not take place: $(cat "$BATS_TEST_TMPDIR/out" 2>&1)"
	rm "$BUNDLE/rootfs/tmp/over"
}

@test "/proc/self/exe as the command, as an interpreter, by links: start and exec; the program does not change" {
	evil_image
	local how
	for how in /proc/self/exe /script linked; do
		command_is "$how"
		made create -b "$BUNDLE" "$ID"
		exits 0
		r start "$ID"
		attacked "start $how"
		unchanged "start $how"
		r delete --force "$ID"
	done
	command_is sleep 100
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	for how in /proc/self/exe /script linked; do
		made exec -d "$ID" "$how"
		exits 0
		attacked "exec $how"
		unchanged "exec $how"
	done
}

@test "/proc/PID/exe of what joins: by O_PATH, and by a mount made writable; the program does not change" {
	attacker overwrite
	own_program
	all_caps
	command_is /overwrite 100
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	poll 5 grep -q ready "$BATS_TEST_TMPDIR/out"
	local log=$BATS_TEST_TMPDIR/attack
	cp "$BATS_TEST_TMPDIR/out" "$log"
	# A container of the same PID namespace: its process waits for start, and is the host's program so long.
	if is_root; then
		config "(.linux.namespaces[] | select(.type == \"pid\")).path = \"/proc/$(pid_of)/ns/pid\" | .process.args = [\"true\"]"
		r create -b "$BUNDLE" "p$ID" >/dev/null 2>&1 </dev/null 3>&-
		poll 5 grep -q seen "$BATS_TEST_TMPDIR/out" || [[ $(status_field "$(r state "p$ID" | jq -r .pid)" NSpid) == *" "* ]]
	fi
	for _ in 1 2 3; do r exec "$ID" true; done
	r delete --force "p$ID"
	sleep 0.2 # no process executes the program now, and it could be written
	is_now running || fail "the attacker has ended: $(<"$BATS_TEST_TMPDIR/out")"
	r kill "$ID" KILL
	unchanged
}

# ---- descriptors and the working directory -----------------------------------------------------------------------------

@test "process.cwd and exec --cwd: no magic link leads to a descriptor of the runtime or of its caller" {
	local n where
	exec 7<"$BATS_TEST_TMPDIR/host" 11<"$BATS_TEST_TMPDIR"
	command_is sh -c 'cat secret ../secret host/secret ../host/secret ../../../../../../etc/machine-id; pwd -P; ls /proc/self/fd'
	for n in 3 5 7 8 11; do
		ln -sfn "/proc/self/fd/$n" "$BUNDLE/rootfs/app"
		for where in "/proc/self/fd/$n" /app/host; do
			config ".process.cwd = \"$where\""
			run r run -b "$BUNDLE" "$ID"
			has_not "secret of the host"
			[[ $status -eq 1 ]] || fail "$where: $status $output"
		done
	done
	config '.process.cwd = "/" | .process.args = ["sleep", "100"]'
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	[[ $(echo "/proc/$(pid_of)/fd/"*) == *"/fd/0 "*"/fd/1 "*"/fd/2" ]] || fail "$(ls -l "/proc/$(pid_of)/fd")"
	for n in 3 5 7 8 11; do
		ln -sfn "/proc/self/fd/$n" "$BUNDLE/rootfs/app"
		for where in "/proc/self/fd/$n" /app/host; do
			run r exec --cwd "$where" "$ID" sh -c 'cat secret ../secret host/secret; pwd -P'
			has_not "secret of the host"
			exits 255
		done
	done
	run r exec --cwd /proc/1/cwd/.. "$ID" pwd -P
	[[ $status -eq 255 || $output == / ]] || fail "$output"
}

@test "a directory as standard input of create and exec is refused: the host could be reached from it" {
	run bash -c '"$@" <"$0"' "$BATS_TEST_TMPDIR/host" "$RUNTIME" --root "$STATE" create -b "$BUNDLE" "$ID"
	exits 1
	has "standard input"
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	run bash -c '"$@" cat /proc/self/fd/0/secret <"$0"' "$BATS_TEST_TMPDIR/host" "$RUNTIME" --root "$STATE" exec "$ID"
	has_not "secret of the host"
	exits 255
	run bash -c '"$@" sh -c "cat /proc/self/fd/0/secret >/tmp/got" <"$0"' "$BATS_TEST_TMPDIR/host" "$RUNTIME" --root "$STATE" exec -d "$ID"
	exits 255
	has "standard input"
}

@test "exec: what joins cannot be traced or read from inside, nor what waits for start" {
	attacker look
	command_is /look 6
	export MINIBOX_SECRET="environment-of-the-caller"
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	poll 5 grep -q looking "$BATS_TEST_TMPDIR/out"
	for _ in 1 2 3 4; do r exec --user 0 "$ID" true; done
	poll 30 is_now stopped
	output=$(<"$BATS_TEST_TMPDIR/out")
	has over
	has_not environment-of-the-caller
	has_not minibox
	has_not "$STATE"
	r delete "$ID"
	# exec is possible before start: what it runs has the ids and rights that PID 1 will have.
	command_is sleep 100
	made create -b "$BUNDLE" "$ID"
	exits 0
	run r exec "$ID" /look 0.2
	if is_root; then
		exits 0
		has_not "$STATE"
		has_not "memory 1"
		has_not "trace 1"
	fi
	has_not environment-of-the-caller
	has_not "$BUNDLE"
}

# bats test_tags=root
@test "a container that joins a PID namespace: its processes cannot trace the newcomer, or read the caller's environment" {
	skip_unless_root "namespaces of another container"
	attacker look
	command_is /look 6
	export MINIBOX_SECRET="environment-of-the-caller"
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	poll 5 grep -q looking "$BATS_TEST_TMPDIR/out"
	config "(.linux.namespaces[] | select(.type == \"pid\")).path = \"/proc/$(pid_of)/ns/pid\" | .process.args = [\"sleep\", \"0.2\"]"
	for _ in 1 2 3; do
		r create -b "$BUNDLE" "p$ID" >/dev/null 2>&1 </dev/null 3>&-
		sleep 0.1
		r delete --force "p$ID"
	done
	poll 10 is_now stopped
	output=$(<"$BATS_TEST_TMPDIR/out")
	has over
	has_not environment-of-the-caller
	has_not "$STATE"
	has_not "trace "
}

@test "an --init PID 1 shows the container neither the caller's environment nor its arguments" {
	export MINIBOX_SECRET="environment-of-the-caller"
	command_is sh -c 'cat /proc/1/environ; cat /proc/1/cmdline; cat /proc/1/mem; ls /proc/1/fd; ls -l /proc/1/fd/; echo end'
	config '.annotations["org.minibox.init"] = "true"'
	run r run -b "$BUNDLE" "$ID"
	exits 0
	has end
	has_not environment-of-the-caller
	has_not "$BUNDLE"
	has_not "$STATE"
}

# ---- places of mounts --------------------------------------------------------------------------------------------------

# Who wins is chance. So there are some rounds, and more until at least one has made a container: without one nothing was tried.

# raced A B: two paths of the root file system are exchanged all the time while create runs, as another container could
# that shares it; and not while the command does. status: create's; output: the words of both.
raced() {
	local swap=${MB_BUILD:-$ROOT/build}/tests/attack/swap
	[[ -x $swap ]] || skip "no static program can be built here"
	"$swap" "$BUNDLE/rootfs/$1" "$BUNDLE/rootfs/$2" 3>&- &
	RACER=$!
	made create -b "$BUNDLE" "$ID"
	kill "$RACER"
	wait "$RACER" || :
	RACER=
	[[ $status -eq 0 ]] || return 0
	r start "$ID"
	poll 10 is_now stopped
	output=$(<"$BATS_TEST_TMPDIR/out")
	r delete "$ID"
}

@test "a mount's destination exchanged with a link while create runs: nothing is mounted outside, what is made is what was asked" {
	local host=$BATS_TEST_TMPDIR/host good=0 round
	mkdir "$BUNDLE/rootfs/data" "$host/out"
	ln -s "../../../../../../../../..$host/out" "$BUNDLE/rootfs/other"
	mkdir -p "$BUNDLE/rootfs$host/out"
	config ".mounts += [{\"destination\": \"/data/in\", \"type\": \"bind\", \"source\": \"$host\", \"options\": [\"rbind\", \"rro\", \"rprivate\"]},
		{\"destination\": \"/data/tmp\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"ro\", \"tmpcopyup\"]}]"
	command_is sh -c 'for d in /data/in /other/in; do [ -e $d/secret ] && ! touch $d/x 2>/dev/null && echo read-only; done; cat /proc/1/mountinfo'
	for ((round = 1; round <= 4 || (good == 0 && round <= 60); round++)); do
		raced data other
		[[ -z $(ls -A "$host/out") ]] || fail "outside: $(ls -AR "$host")"
		[[ ! -e $host/x ]] || fail "writable"
		[[ -n $output ]] || fail "neither a container nor a word"
		[[ $status -eq 0 ]] || continue
		# Wherever they are: read-only, both.
		[[ $(grep -cE ' /[^ ]*/(in|tmp) ro' <<<"$output") -eq 2 ]] || fail "$output"
		good=$((good + 1))
	done
	((good)) || fail "the race was never won by the container: $output"
}

# /data and /victim are exchanged, with what is mounted in them: by its path the read-only mount would be the other.
@test "read-only, recursively, of a volume whose place is exchanged while create runs: the volume is, not what is at its place" {
	skip_unless_slowed
	local real=$RUNTIME good=0 round
	mkdir -p "$BUNDLE/rootfs"/{data,victim}/in
	config ".mounts += [{\"destination\": \"/victim/in\", \"type\": \"tmpfs\", \"source\": \"tmpfs\"},
		{\"destination\": \"/data/in\", \"type\": \"bind\", \"source\": \"$BATS_TEST_TMPDIR/host\", \"options\": [\"rbind\", \"rro\"]}]"
	command_is sh -c 'for d in /data/in /victim/in; do [ -e $d/secret ] && touch $d/x 2>/dev/null; done; echo tried'
	cat >"$BATS_TEST_TMPDIR/slow" <<-E_
		#!/bin/sh
		case \$3 in create) exec strace -D -f -qq -o "$BATS_TEST_TMPDIR/trace" -e trace=move_mount -e inject=move_mount:delay_exit=10000 "$real" "\$@" ;; esac
		exec "$real" "\$@"
	E_
	chmod +x "$BATS_TEST_TMPDIR/slow"
	RUNTIME=$BATS_TEST_TMPDIR/slow
	for ((round = 1; round <= 6 || (good == 0 && round <= 60); round++)); do
		raced data victim
		[[ ! -e $BATS_TEST_TMPDIR/host/x ]] || fail "the volume was writable"
		[[ $output != *tried* ]] || good=$((good + 1))
	done
	((good)) || fail "no container was made: $output"
}

@test "/proc exchanged with a directory of the image while create runs: no kcore, sysrq or sysctl is left open" {
	local good=0 round
	mkdir -p "$BUNDLE/rootfs/fake/sys" "$BUNDLE/rootfs/proc"
	command_is sh -c 'for p in /proc /fake; do [ -e $p/1/status ] || continue; echo found $p
		for f in kcore keys timer_list; do [ -s $p/$f ] && head -c 1 $p/$f >/dev/null 2>&1 && [ "$(stat -c %F $p/$f)" != "character special file" ] && echo open $p/$f; done
		(echo x >$p/sys/kernel/domainname) 2>/dev/null && echo written $p; (echo h >$p/sysrq-trigger) 2>/dev/null && echo trigger $p; done; true'
	config '.linux.maskedPaths += ["/proc/version"] | .linux.readonlyPaths += ["/proc/sysrq-trigger", "/proc/sys"]'
	for ((round = 1; round <= 4 || (good == 0 && round <= 60); round++)); do
		raced proc fake
		has_not "open "
		has_not written
		has_not trigger
		[[ $output != *found* ]] || good=$((good + 1))
	done
	((good)) || fail "the container never had a proc: $output"
}

@test "/proc or /sys a link in the image, to a directory or a file: refused, nothing is mounted there" {
	local name target
	mkdir -p "$BUNDLE/rootfs/evil"
	for name in proc sys; do
		# An ordinary user's config.json binds the host's /sys, and a bind goes where the image's links lead inside.
		[[ $name == proc ]] || is_root || continue
		for target in evil /evil /evil/none ../../.. /dev; do
			rm -rf "${BUNDLE:?}/rootfs/$name"
			ln -s "$target" "$BUNDLE/rootfs/$name"
			made create -b "$BUNDLE" "$ID"
			exits 1
			has "/$name"
			[[ -z $(ls -A "$BUNDLE/rootfs/evil") ]] || fail "$(ls -A "$BUNDLE/rootfs/evil")"
		done
		rm "$BUNDLE/rootfs/$name"
		mkdir "$BUNDLE/rootfs/$name"
	done
	# A volume of the image's author on /proc, or inside it, by name or by a link.
	mkdir -p "$BUNDLE/rootfs/proc/self/attr"
	ln -s /proc/self "$BUNDLE/rootfs/me"
	for name in /proc /proc/self/attr /me/attr /evil/../proc/sys /proc/1; do
		config ".mounts |= map(select(.source != \"$BATS_TEST_TMPDIR/host\")) | .mounts += [{\"destination\": \"$name\", \"type\": \"bind\", \"source\": \"$BATS_TEST_TMPDIR/host\", \"options\": [\"bind\"]}]"
		made create -b "$BUNDLE" "$ID"
		exits 1
	done
}

@test "/dev/null and /dev/console of the image are links: no masked file is written, no terminal is mounted elsewhere" {
	# No tmpfs at /dev: what is there is the image's.
	config '.mounts |= map(select(.destination | startswith("/dev") | not)) | .linux.maskedPaths = ["/proc/kcore", "/etc/hidden"]'
	echo hidden >"$BUNDLE/rootfs/etc/hidden"
	echo evil >"$BUNDLE/rootfs/etc/evil"
	local target
	for target in /proc/sys/kernel/core_pattern /etc/evil ../etc/evil /proc/self/environ /nothing; do
		ln -sfn "$target" "$BUNDLE/rootfs/dev/null"
		made create -b "$BUNDLE" "$ID"
		exits 1
		has /dev/null
	done
	rm "$BUNDLE/rootfs/dev/null"
	echo evil >"$BUNDLE/rootfs/dev/null"
	made create -b "$BUNDLE" "$ID"
	exits 1
	config '.linux.maskedPaths = [] | .process.terminal = true
		| .mounts += [{"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance"]}]'
	mkdir -p "$BUNDLE/rootfs/dev/pts"
	need script
	for target in /proc/sys/kernel/core_pattern /etc/evil /proc/self/attr/exec /nothing; do
		ln -sfn "$target" "$BUNDLE/rootfs/dev/console"
		command_is sh -c 'echo started; cat /proc/self/mountinfo'
		run script -qec "'$RUNTIME' --root '$STATE' run -b '$BUNDLE' $ID" "$BATS_TEST_TMPDIR/typescript" </dev/null
		has_not started
		[[ $output == *"/dev/console"* ]] || fail "$output"
	done
	[[ ! -e $BUNDLE/rootfs/nothing && $(<"$BUNDLE/rootfs/etc/evil") == evil ]]
}

@test "a /dev/pts that is no devpts: what the image has there is not opened" {
	need script
	config '.mounts |= map(select(.destination | startswith("/dev") | not)) | .linux.maskedPaths = [] | .process.terminal = true'
	mkdir -p "$BUNDLE/rootfs/dev/pts"
	mkfifo "$BUNDLE/rootfs/dev/pts/ptmx"
	command_is echo started
	# A writer that waits goes on when somebody opens the FIFO.
	(echo x >"$BUNDLE/rootfs/dev/pts/ptmx"; : >"$BATS_TEST_TMPDIR/opened") 3>&- &
	RACER=$!
	run script -qec "'$RUNTIME' --root '$STATE' run -b '$BUNDLE' $ID" "$BATS_TEST_TMPDIR/typescript" </dev/null
	has_not started
	has devpts
	[[ ! -e $BATS_TEST_TMPDIR/opened ]]
}

@test "the root file system is replaced by a link while create runs: the container is in what was opened" {
	cat >"$BATS_TEST_TMPDIR/hook" <<-E_
		#!/bin/sh
		mv "$BUNDLE/rootfs" "$BUNDLE/moved" && ln -s / "$BUNDLE/rootfs"
	E_
	chmod +x "$BATS_TEST_TMPDIR/hook"
	echo mine >"$BUNDLE/rootfs/etc/whose"
	config ".hooks.createRuntime = [{\"path\": \"$BATS_TEST_TMPDIR/hook\", \"env\": [\"PATH=/usr/bin:/bin\"]}]"
	command_is sh -c "cat /etc/whose; ls $BATS_TEST_TMPDIR/host /etc/machine-id"
	run r run -b "$BUNDLE" "$ID"
	has mine
	has_not "secret"
	[[ $output != *machine-id* || $output == *"machine-id: No such file"* ]] || fail "$output"
	# root.path itself, before create, is the caller's word: a link to a directory is that directory.
	rm "$BUNDLE/rootfs"
	mv "$BUNDLE/moved" "$BUNDLE/rootfs"
}

@test "destinations with .. and links of the image stay inside; files they lead to outside are as before" {
	local host=$BATS_TEST_TMPDIR/host where
	mkdir -p "$BATS_TEST_TMPDIR/volume"
	echo volume >"$BATS_TEST_TMPDIR/volume/v"
	ln -s "../../../../../../../../..$host" "$BUNDLE/rootfs/up"
	ln -s "$host" "$BUNDLE/rootfs/abs"
	for where in "/../../../../../../..$host/new" /up/new /abs/new /tmp/../../../../x /abs/../../../y/z; do
		config ".mounts |= map(select(.source != \"$BATS_TEST_TMPDIR/volume\")) | .mounts += [{\"destination\": \"$where\", \"type\": \"bind\", \"source\": \"$BATS_TEST_TMPDIR/volume\", \"options\": [\"rbind\", \"ro\"]}]"
		command_is sh -c "cat '$where/v'"
		run r run -b "$BUNDLE" "$ID"
		[[ $status -ne 0 || $output == volume ]] || fail "$where: $output"
		[[ $(ls "$host") == secret ]] || fail "$where: $(ls -R "$host")"
	done
}

# ---- rights ------------------------------------------------------------------------------------------------------------

# bats test_tags=root
@test "device nodes: one made inside, or by the image, cannot be opened; with rules and with none in config.json" {
	skip_unless_root "mknod"
	skip_without_cgroups
	# 1:11 is /dev/kmsg, 1:1 /dev/mem, 7:0 a loop device: the kernel knows them all.
	mknod "$BUNDLE/rootfs/etc/kmsg" c 1 11 || skip "this host lets nobody make a device"
	local rules
	for rules in '.linux.resources.devices = [{"allow": false, "access": "rwm"}]' 'del(.linux.resources)' \
		'.linux.resources.devices = [{"allow": true, "type": "c", "major": 10, "minor": 229, "access": "rwm"}]'; do
		config "$rules"' | .process.capabilities.bounding += ["CAP_MKNOD"] | .process.capabilities.permitted += ["CAP_MKNOD"] | .process.capabilities.effective += ["CAP_MKNOD"]'
		command_is sh -c 'mknod /tmp/kmsg c 1 11 && echo made; mknod /tmp/loop b 7 0; for d in /tmp/kmsg /tmp/loop /etc/kmsg; do dd if=$d of=/dev/null bs=1 count=1 2>&1; done; (: >/tmp/kmsg) && echo open; rm -f /tmp/kmsg /tmp/loop; echo x >/dev/null && echo null'
		run r run -b "$BUNDLE" "$ID"
		has made
		has null
		has_not "records in"
		has_not "bytes"
		[[ $(grep -c "Operation not permitted" <<<"$output") -ge 4 ]] || fail "$rules: $output"
	done
}

# bats test_tags=root
@test "cgroup files and release_agent: read-only inside, also through a mount in a new user namespace" {
	skip_unless_root "groups"
	skip_without_cgroups
	command_is sh -c 'cd /sys/fs/cgroup && for f in $(find . -name cgroup.procs -o -name release_agent -o -name "*.max" -o -name notify_on_release); do (echo 1 >$f) 2>/dev/null && echo "written $f"; done
		mount -o remount,rw /sys/fs/cgroup 2>/dev/null && echo remounted
		busybox unshare -Urm sh -c "mkdir -p /tmp/cg; for c in memory pids rdma cpuset; do mount -t cgroup -o \$c x /tmp/cg 2>/dev/null || continue; ls /tmp/cg; (echo /x >/tmp/cg/release_agent) 2>/dev/null && echo agent \$c; done; mount -t cgroup2 x /tmp/cg 2>/dev/null && (echo 1 >/tmp/cg/cgroup.procs) && echo joined"
		echo end'
	ln -s busybox "$BUNDLE/rootfs/bin/find"
	run r run -b "$BUNDLE" "$ID"
	exits 0
	has end
	has_not written
	has_not remounted
	has_not "agent "
	has_not joined
}

@test "keys: the caller's session keyring is not the container's, nor exec's" {
	attacker keys
	local make=${MB_BUILD:-$ROOT/build}/tests/attack/keys
	run "$make" make "$make" find
	[[ $status -eq 0 && $output == "found: key of the host" ]] || skip "this kernel keeps no keys: $output"
	command_is /keys find
	run "$make" make "$RUNTIME" --root "$STATE" run -b "$BUNDLE" "$ID"
	exits 0
	[[ $output == none ]] || fail "$output"
	command_is sleep 100
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	run "$make" make "$RUNTIME" --root "$STATE" exec "$ID" /keys find
	exits 0
	[[ $output == none ]] || fail "exec: $output"
}

@test "capabilities: none is inheritable or ambient that config.json does not name; nor by exec --cap, nor from the caller" {
	local set
	config '.process.capabilities |= with_entries(select(.key != "inheritable" and .key != "ambient"))'
	local before=()
	if is_root; then
		need setpriv
		before=(setpriv "--inh-caps=+net_admin,+sys_admin" --ambient-caps=+net_admin)
		"${before[@]}" true || skip "setpriv cannot set these"
	fi
	"${before[@]}" "$RUNTIME" --root "$STATE" run -d -b "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null 3>&-
	for set in CapInh CapAmb; do
		[[ $(status_field "$(pid_of)" "$set") == 0000000000000000 ]] || fail "$(grep Cap "/proc/$(pid_of)/status")"
	done
	run "${before[@]}" "$RUNTIME" --root "$STATE" exec --cap CAP_NET_RAW "$ID" grep -E 'CapInh|CapAmb' /proc/self/status
	exits 0
	[[ ${lines[*]} =~ ^CapInh:.0000000000000000\ CapAmb:.0000000000000000$ ]] || fail "$output"
	# The default config.json, too (CVE-2022-29162).
	mkdir "$BATS_TEST_TMPDIR/default"
	(cd "$BATS_TEST_TMPDIR/default" && "$RUNTIME" spec && [[ $(jq '.process.capabilities.inheritable // [] | length' config.json) == 0 ]])
}

# bats test_tags=root
@test "supplementary groups: those of config.json and no other, in create and exec" {
	skip_unless_root "setgroups"
	need setpriv
	setpriv --groups 4,24,27 "$RUNTIME" --root "$STATE" run -d -b "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null 3>&-
	[[ -z $(status_field "$(pid_of)" Groups) ]] || fail "$(status_field "$(pid_of)" Groups)"
	run setpriv --groups 4,24,27 "$RUNTIME" --root "$STATE" exec "$ID" id -G
	[[ $output == 0 ]] || fail "$output"
	run setpriv --groups 4,24,27 "$RUNTIME" --root "$STATE" exec --user 1000:1000 --additional-gids 50 "$ID" id -G
	[[ $output == "1000 50" ]] || fail "$output"
	r delete --force "$ID"
	config '.process.user = {"uid": 1000, "gid": 1000, "additionalGids": [7, 8]}'
	setpriv --groups 4,24,27 "$RUNTIME" --root "$STATE" run -d -b "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null 3>&-
	[[ $(status_field "$(pid_of)" Groups) == "7 8" ]] || fail "$(status_field "$(pid_of)" Groups)"
	[[ $(status_field "$(pid_of)" Gid) == "1000 1000 1000 1000" ]]
}

# bats test_tags=root
@test "a user namespace: root inside reaches no file, process or device of the host's root" {
	skip_unless_root "ids of others"
	chmod 700 "$BATS_TEST_TMPDIR/host"
	chmod 711 "$BUNDLE" "$BUNDLE/rootfs"
	chown -R 100000:100000 "$BUNDLE/rootfs"
	config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] | .linux.gidMappings = .linux.uidMappings'
	config ".mounts += [{\"destination\": \"/host\", \"type\": \"bind\", \"source\": \"$BATS_TEST_TMPDIR/host\", \"options\": [\"rbind\"]}]"
	all_caps
	command_is sh -c 'id -u; cat /host/secret; (echo x >/host/new); mknod /tmp/mem c 1 1; (echo 1 >/proc/sys/kernel/panic); (echo x >/proc/sysrq-trigger); echo end'
	walk_up "$BATS_TEST_TMPDIR"
	run r run -b "$BUNDLE" "$ID"
	exits 0
	[[ ${lines[0]} == 0 ]] || fail "$output"
	has end
	has_not "secret of the host"
	[[ ! -e $BATS_TEST_TMPDIR/host/new && ! -e $BUNDLE/rootfs/tmp/mem ]]
	config 'del(.mounts[-1])'
	command_is sleep 100
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	[[ $(status_field "$(pid_of)" Uid) == "100000 100000 100000 100000" && -z $(status_field "$(pid_of)" Groups) ]] || fail "$(grep -E 'Uid|Groups' "/proc/$(pid_of)/status")"
	run r exec "$ID" sh -c 'id -u; (echo 1 >/proc/sys/kernel/panic) && echo written; true'
	exits 0
	has_not written
}
# Every directory on the way can be walked by others: the bundle is in one of the test's own.
walk_up() {
	local dir=$1
	while [[ $dir != / ]]; do
		[[ $(stat -c %A "$dir") == *x ]] || chmod o+x "$dir" || return
		dir=${dir%/*}
		dir=${dir:-/}
	done
}

# ---- terminals ---------------------------------------------------------------------------------------------------------

@test "TIOCSTI: nothing typed from inside reaches the shell outside, with a terminal of its own or the caller's" {
	need tmux
	attacker tiocsti
	command_is /tiocsti
	local how
	t new-session -d -s x -x 80 -y 24 "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN PS1='out> ' sh"
	poll 10 screen 'out>'
	for how in false true; do
		config ".process.terminal = $how"
		t send-keys -t x "clear; '$RUNTIME' --root '$STATE' run -b '$BUNDLE' $ID" Enter
		poll 10 screen tried
		poll 10 screen 'out>'
		t send-keys -t x "echo then\$((50+5))" Enter
		poll 10 screen 'then55'
		not screen 'typed42'
	done
	config '.process.terminal = false | .process.args = ["sleep", "100"]'
	made run -d -b "$BUNDLE" "$ID"
	for how in "" -t; do
		t send-keys -t x "clear; '$RUNTIME' --root '$STATE' exec $how $ID /tiocsti" Enter
		poll 10 screen tried
		t send-keys -t x "echo then\$((60+6))" Enter
		poll 10 screen 'then66'
		not screen 'typed42'
	done
	t kill-server
}

@test "standard streams keep their owner and mode: the host's /dev/null, a file, a pipe; another user in config.json" {
	local null file=$BATS_TEST_TMPDIR/file
	is_root || config '.linux.uidMappings[0].size = 1'
	null=$(stat -c '%u %g %a' /dev/null)
	: >"$file"
	chmod 600 "$file"
	local before
	before=$(stat -c '%u %g %a' "$file")
	is_root && config '.process.user = {"uid": 1000, "gid": 1000}'
	command_is true
	"$RUNTIME" --root "$STATE" run -d -b "$BUNDLE" "$ID" </dev/null >"$file" 2>/dev/null 3>&-
	poll 10 is_now stopped
	r delete "$ID"
	[[ $(stat -c '%u %g %a' /dev/null) == "$null" && $(stat -c '%u %g %a' "$file") == "$before" ]]
}

@test "/etc/passwd of the image, large and without a newline: create and exec look for HOME and do not take it into memory" {
	need_user_ns
	config '.process.env = ["PATH=/bin"]'
	truncate -s 256M "$BUNDLE/rootfs/etc/passwd"
	made create -b "$BUNDLE" "$ID"
	exits 0
	local peak
	peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$(pid_of)/status")
	((peak < 65536)) || fail "the container's process has had $peak KiB in memory"
	r start "$ID"
	r exec "$ID" sh -c 'echo "$HOME"' >"$BATS_TEST_TMPDIR/home" 3>&-
	[[ $(<"$BATS_TEST_TMPDIR/home") == / ]]
}

@test "exec -t does not cover the console of the container" {
	need script
	config '.process.terminal = false'
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	local before
	before=$(wc -l <"/proc/$(pid_of)/mountinfo")
	for _ in 1 2; do
		run script -qec "'$RUNTIME' --root '$STATE' exec -t $ID tty" "$BATS_TEST_TMPDIR/typescript" </dev/null
		has /dev/pts/
	done
	[[ $(wc -l <"/proc/$(pid_of)/mountinfo") == "$before" ]] || fail "$(tail -n 3 "/proc/$(pid_of)/mountinfo")"
}

# ---- ids, records, files that the caller names -------------------------------------------------------------------------

@test "container ids: .., a slash, none, a very long one; every operation refuses them and nothing is made or removed" {
	local id operation long
	printf -v long '%0300d' 0
	mkdir -p "$BATS_TEST_TMPDIR/beside"
	: >"$BATS_TEST_TMPDIR/beside/state.json"
	mkdir -m 700 "$STATE"
	for id in "" . .. ../beside "$BATS_TEST_TMPDIR/beside" a/b a/../b $'a\nb' $'a\e[31m' "$long" .new-x/.. "a b" '$(id)' $'\xff'; do
		for operation in "create -b $BUNDLE" "delete --force" "run -b $BUNDLE" start state kill delete pause resume ps exec; do
			# All words to the first two and to the last id; what judges them is one function.
			[[ $operation == create* || $operation == *--force || $id == $'\xff' ]] || continue
			[[ $operation != exec ]] || set -- true
			# shellcheck disable=SC2086 # words
			run timeout 10 "$RUNTIME" --root "$STATE" $operation -- "$id" "$@"
			set --
			[[ $status -ne 0 && $status -lt 126 || $status -eq 255 ]] || fail "$operation \"$id\": $status $output"
			[[ $output != *$'\e'* && $output != *$'\xff'* ]] || fail "$operation: not escaped"
		done
	done
	[[ -e $BATS_TEST_TMPDIR/beside/state.json && -z $(ls -A "$STATE") ]] || fail "$(ls -A "$STATE")"
}

@test "--root that another could change: writable by others, below such a directory, or through a link in one" {
	local dir=$BATS_TEST_TMPDIR/d
	mkdir -m 777 "$dir" # not sticky: whoever likes can rename what is in it
	chmod 777 "$dir"
	mkdir -m 700 "$dir/mine"
	run "$RUNTIME" --root "$dir" create -b "$BUNDLE" "$ID"
	exits 1
	has "$dir"
	run "$RUNTIME" --root "$dir/mine" create -b "$BUNDLE" "$ID"
	exits 1
	has "$dir"
	[[ -z $(ls -A "$dir/mine") ]]
	ln -s "$dir/mine" "$BATS_TEST_TMPDIR/link"
	run "$RUNTIME" --root "$BATS_TEST_TMPDIR/link" create -b "$BUNDLE" "$ID"
	exits 1
	# Sticky: only the owner can.
	chmod 1777 "$dir"
	run "$RUNTIME" --root "$dir/mine" list
	exits 0
	if is_root; then
		chown 12345 "$dir"
		run "$RUNTIME" --root "$dir/mine" list
		exits 1
		chown 0 "$dir"
		chown 12345 "$dir/mine"
		run "$RUNTIME" --root "$dir/mine" list
		exits 1
	fi
}

@test "a container's directory or record that others may write, or that is a link, is not obeyed" {
	made run -d -b "$BUNDLE" "$ID"
	exits 0
	local pid
	pid=$(pid_of)
	chmod 777 "$STATE/$ID"
	run r kill "$ID" KILL
	exits 1
	chmod 700 "$STATE/$ID"
	chmod 666 "$STATE/$ID/state.json"
	run r kill "$ID" KILL
	exits 1
	chmod 600 "$STATE/$ID/state.json"
	chmod 666 "$STATE/$ID/config.json" # hooks are in it
	run r delete --force "$ID"
	exits 1
	[[ -d /proc/$pid ]] || fail "it was killed"
	chmod 600 "$STATE/$ID/config.json"
	mv "$STATE/$ID" "$BATS_TEST_TMPDIR/away"
	ln -s "$BATS_TEST_TMPDIR/away" "$STATE/$ID"
	run r kill "$ID" KILL
	exits 1
	rm "$STATE/$ID"
	mv "$BATS_TEST_TMPDIR/away" "$STATE/$ID"
	r delete --force "$ID"
	poll 10 gone "$pid"
}

@test "--pid-file and --log that are links: the pid-file replaces the link, what it leads to stays as it is" {
	local victim=$BATS_TEST_TMPDIR/victim
	echo untouched >"$victim"
	ln -s "$victim" "$BATS_TEST_TMPDIR/pid"
	made create -b "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
	exits 0
	[[ $(<"$victim") == untouched && ! -L $BATS_TEST_TMPDIR/pid && $(<"$BATS_TEST_TMPDIR/pid") == "$(pid_of)" ]]
	r start "$ID"
	ln -sf "$victim" "$BATS_TEST_TMPDIR/pid2"
	made exec -d --pid-file "$BATS_TEST_TMPDIR/pid2" "$ID" sleep 1
	exits 0
	[[ $(<"$victim") == untouched && ! -L $BATS_TEST_TMPDIR/pid2 ]]
}

@test "--console-socket that is a link to nothing, a file, too long or not listening: said, nothing is left" {
	config '.process.terminal = true'
	local path long
	printf -v long '/tmp/%0200d' 0
	ln -s /nothing "$BATS_TEST_TMPDIR/link"
	: >"$BATS_TEST_TMPDIR/file"
	for path in "$BATS_TEST_TMPDIR/link" "$BATS_TEST_TMPDIR/file" "$long" "" /; do
		made create -b "$BUNDLE" --console-socket "$path" "$ID"
		exits 1
		[[ -n $output && -z $(ls -A "$STATE") ]] || fail "$path: $output"
	done
}

@test "hooks: no link of the image is followed for those outside, and inside none leads out" {
	# startContainer is executed in the container: /proc/self/exe there is the host's program until then.
	evil_image
	local path
	for path in /proc/self/exe /link /proc/1/root/script; do
		config ".hooks = {\"startContainer\": [{\"path\": \"$path\", \"timeout\": 10}]}"
		command_is true
		made create -b "$BUNDLE" "$ID"
		exits 0
		run r start "$ID"
		unchanged "$path"
		r delete --force "$ID"
	done
	rm "$BUNDLE/rootfs/etc/ld.so.preload"
	# createContainer has the container's namespaces and the host's files; its descriptors are 0, 1 and 2.
	cat >"$BATS_TEST_TMPDIR/hook" <<-E_
		#!/bin/sh
		ls -l /proc/self/fd >"$BATS_TEST_TMPDIR/fds"
	E_
	chmod +x "$BATS_TEST_TMPDIR/hook"
	for path in createRuntime createContainer; do
		config ".hooks = {\"$path\": [{\"path\": \"$BATS_TEST_TMPDIR/hook\", \"env\": [\"PATH=/usr/bin:/bin\"]}]}"
		exec 7<"$BATS_TEST_TMPDIR/host"
		made create -b "$BUNDLE" "$ID"
		exits 0
		exec 7<&-
		# What the shell and ls have open themselves is the script and a directory of proc.
		output=$(<"$BATS_TEST_TMPDIR/fds")
		has "0 -> pipe:"
		for what in "$STATE" "$BUNDLE" "$BATS_TEST_TMPDIR/host" socket: anon_inode: ns; do
			has_not "-> $what"
		done
		r delete --force "$ID"
	done
}

# ---- processes that are not the container's ----------------------------------------------------------------------------

# bats test_tags=root
@test "a PID that was given to another process: state, kill, exec and delete leave that alone" {
	skip_unless_root "choosing the next PID"
	need unshare
	command_is true
	run timeout -k 5 60 unshare -pf --mount-proc -muin --kill-child bash -c '
		r() { "$1" --root "$2" "${@:3}"; }
		run=("$1" --root "$2")
		"${run[@]}" create -b "$3" "$4" >/dev/null 2>&1 </dev/null
		pid=$("${run[@]}" state "$4" | jq .pid)
		"${run[@]}" start "$4"
		for _ in {1..100}; do [[ -e /proc/$pid ]] || break; sleep 0.05; done
		# Its parent here is this shell, the PID 1 of this namespace: reaped.
		wait
		echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
		sleep 1000 &
		[[ $! == "$pid" ]] || { echo "not the same number: $! $pid"; exit 9; }
		"${run[@]}" state "$4" | jq -r .status
		"${run[@]}" kill "$4" KILL
		"${run[@]}" kill --all "$4" KILL
		"${run[@]}" exec "$4" true && echo executed
		"${run[@]}" delete --force "$4" && echo deleted
		kill -0 "$pid" && [[ $(</proc/$pid/comm) == sleep ]] && echo alive
		kill "$pid"' - "$RUNTIME" "$STATE" "$BUNDLE" "$ID"
	[[ $status -ne 9 ]] || skip "$output"
	exits 0
	has stopped
	has "container not running"
	has_not executed
	has deleted
	has alive
}

# bats test_tags=root
@test "kill --all and delete in the host's PID namespace: a process of a group that is not ours goes on" {
	skip_unless_root "a group"
	skip_without_cgroups
	# The config names a group that is there already, with a process in it.
	local name=minibox-$MINIBOX_TOKEN-other dir made=() beside
	for dir in /sys/fs/cgroup/{pids,memory,devices,freezer,cpu,blkio,cpuset} /sys/fs/cgroup /sys/fs/cgroup/unified; do
		[[ -e $dir/cgroup.procs && ! -L $dir ]] && mkdir "$dir/$name" 2>/dev/null && made+=("$dir/$name")
	done
	((${#made[@]})) || skip "no group can be made here"
	sleep 1000 3>&- &
	beside=$!
	for dir in "${made[@]}"; do echo "$beside" >"$dir/cgroup.procs" 2>/dev/null || :; done
	config "del(.linux.namespaces[] | select(.type == \"pid\")) | .linux.cgroupsPath = \"/$name\""
	made run -d -b "$BUNDLE" "$ID"
	local created=$status said=$output
	r kill --all "$ID" KILL >/dev/null 2>&1 || :
	r kill --all "$ID" TERM >/dev/null 2>&1 || :
	r delete --force "$ID"
	local alive=no
	kill -0 "$beside" 2>/dev/null && alive=yes
	kill -9 "$beside" 2>/dev/null
	wait "$beside" 2>/dev/null || :
	poll 5 rmdir "${made[@]}" 2>/dev/null || { for dir in "${made[@]}"; do [[ ! -d $dir ]] || rmdir "$dir"; done; }
	[[ $alive == yes ]] || fail "it was killed; create: $created $said"
}

# bats test_tags=root
@test "a fork bomb inside: exec says what is in the way, kill and delete end it" {
	skip_unless_root "a group"
	skip_without_cgroups
	config '.linux.resources.pids.limit = 30'
	command_is sh -c 'bomb() { bomb | bomb & }; trap "" TERM; while :; do bomb 2>/dev/null; sleep 0.01; done'
	made run -d -b "$BUNDLE" "$ID"
	if [[ $status -ne 0 ]]; then
		grep -qE '(^| )pids' /sys/fs/cgroup/cgroup.controllers 2>/dev/null || [[ -d /sys/fs/cgroup/pids ]] || skip "no controller pids here"
	fi
	exits 0
	sleep 0.3
	for _ in 1 2; do
		run timeout -k 2 20 "$RUNTIME" --root "$STATE" exec "$ID" true </dev/null
		[[ $status -eq 0 || ($status -eq 255 && -n $output) || $status -eq 1 ]] || fail "exec: $status $output"
	done
	local pid
	pid=$(pid_of)
	run timeout -k 2 30 "$RUNTIME" --root "$STATE" delete --force "$ID"
	exits 0
	poll 5 gone "$pid" # its zombie is the parent's to take away
}
