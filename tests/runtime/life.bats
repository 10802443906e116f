# minibox-runtime, a container's life: each operation from another process. The oracle is the kernel's: /proc, the mount
# table of the container, cgroup files, exit statuses.

# shellcheck disable=SC2016,SC2030,SC2031
load ../lib/common
load ../lib/bundle

setup() { bundle_setup; }
teardown() { bundle_teardown; }

@test "create, start, kill, delete: four processes; the state as the kernel has it" {
	can_run
	made create -b "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
	exits 0
	is_now created || fail "$(r state "$ID")"
	PID=$(pid_of)
	[[ $(<"$BATS_TEST_TMPDIR/pid") == "$PID" ]]
	[[ $(readlink "/proc/$PID/exe") != */busybox ]] || fail "it runs before start"
	not same_ns pid "$PID" self
	not same_ns mnt "$PID" self
	run r start "$ID"
	exits 0
	[[ $(readlink "/proc/$PID/exe") == */busybox ]] || fail "$(readlink "/proc/$PID/exe")"
	is_now running
	run r start "$ID"
	exits 1
	has "already running"
	run r delete "$ID"
	exits 1
	has "not stopped"
	[[ -d /proc/$PID ]]
	run r kill "$ID" KILL
	exits 0
	poll 10 is_now stopped
	run r kill "$ID" TERM
	exits 1
	has "container not running"
	run r start "$ID"
	exits 1
	has "stopped"
	run r delete "$ID"
	exits 0
	[[ -z $(ls -A "$STATE") ]] || fail "$(ls -A "$STATE")"
	run r state "$ID"
	exits 1
	has "does not exist"
}

@test "run: the command's status, its own namespaces, host name and processes" {
	can_run
	config '.hostname = "inside"'
	command_is sh -c 'echo "pid $$ $(hostname)"; ls /proc | grep -c "^[0-9]"; exit 7'
	run r run -b "$BUNDLE" "$ID"
	exits 7
	has "pid 1 inside"
	command_is sh -c 'kill -9 $$; exit 3'
	run r run --bundle="$BUNDLE" "$ID"
	[[ -z $(ls -A "$STATE") ]] || fail "$(ls -A "$STATE")"
}

@test "an id that is in use, one that cannot be one, and delete of what is not there" {
	can_run
	r create -b "$BUNDLE" "$ID"
	made create -b "$BUNDLE" "$ID"
	exits 1
	has "already exists"
	is_now created
	for id in "" . .. a/b "a b" '$(id)'; do
		made create -b "$BUNDLE" -- "$id"
		[[ $status -ne 0 ]] || fail "\"$id\" was taken"
	done
	run r delete "no$ID"
	exits 1
	has "does not exist"
	run r delete --force "no$ID"
	exits 0
	# created: no start was needed to delete it.
	run r delete "$ID"
	exits 0
}

@test "a command that is not there, or no program: create fails, the words are what clients look for, nothing is left" {
	can_run
	command_is nope
	made --log "$BATS_TEST_TMPDIR/log" --log-format json create -b "$BUNDLE" "$ID"
	exits 1
	[[ $(jq -rs 'length' "$BATS_TEST_TMPDIR/log") == 1 ]] || fail "$(<"$BATS_TEST_TMPDIR/log")"
	[[ $(jq -r .msg "$BATS_TEST_TMPDIR/log") == *'exec: "nope": executable file not found in $PATH'* ]] || fail "$(<"$BATS_TEST_TMPDIR/log")"
	command_is /etc
	made create -b "$BUNDLE" "$ID"
	exits 1
	has "permission denied"
	# It is found and cannot be executed: start says so.
	echo nonsense >"$BUNDLE/rootfs/bin/bad"
	chmod +x "$BUNDLE/rootfs/bin/bad"
	command_is bad
	r create -b "$BUNDLE" "$ID"
	run r start "$ID"
	exits 1
	has "exec format error"
	poll 10 is_now stopped
	r delete "$ID"
	[[ -z $(ls -A "$STATE") ]] || fail "$(ls -A "$STATE")"
}

@test "exec: in all namespaces of the container, with its limits of rights, and its own status" {
	can_run
	r run -d -b "$BUNDLE" "$ID"
	PID=$(pid_of)
	run r exec "$ID" sh -c 'echo $$; exit 9'
	exits 9
	[[ ${lines[0]} -gt 1 ]] || fail "$output"
	r exec -d --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" sleep 101
	local other kind
	other=$(<"$BATS_TEST_TMPDIR/pid")
	for kind in pid mnt uts ipc net user cgroup; do same_ns "$kind" "$PID" "$other" || fail "$kind"; done
	[[ $(status_field "$other" CapEff) == $(status_field "$PID" CapEff) ]] || fail "$(grep Cap "/proc/$other/status")"
	[[ $(status_field "$other" NoNewPrivs) == 1 ]]
	run r exec --env A=b --cwd /tmp "$ID" sh -c 'echo "$A $(pwd)"'
	exits 0
	has "b /tmp"
	run r exec "$ID" nope
	exits 255
	has 'executable file not found in $PATH'
	run r exec "no$ID" true
	exits 255
	has "does not exist"
	r kill "$ID" KILL
	poll 10 is_now stopped
	run r exec "$ID" true
	exits 255
	has "container not running"
}

@test "ps: host numbers as json, and the numbers inside" {
	can_run
	r run -d -b "$BUNDLE" "$ID"
	PID=$(pid_of)
	run r ps -f json "$ID"
	exits 0
	[[ $(jq -c . <<<"$output") == "[$PID]" ]] || fail "$output"
	run r ps "$ID"
	exits 0
	[[ ${lines[0]} == *"UID"*"PID"*"PPID"*"C"*"STIME"*"TTY"*"TIME"*"CMD"* ]] || fail "$output"
	[[ ${lines[1]} =~ ^\ *1\ .*\ $PID\ .*sleep\ 100 ]] || fail "$output"
	need ps
	run r ps "$ID" -o pid,comm
	exits 0
	[[ ${#lines[@]} -eq 2 && ${lines[1]} =~ $PID ]] || fail "$output"
}

@test "capabilities, groups, ids, umask, no_new_privs, rlimits: what config.json says, seen from outside" {
	can_run
	config '.process.user = {"uid": 0, "gid": 0, "umask": 63}
		| .process.capabilities = {"bounding": ["CAP_KILL", "CAP_CHOWN"], "permitted": ["CAP_KILL"], "effective": ["CAP_KILL"]}
		| .process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}]'
	r run -d -b "$BUNDLE" "$ID"
	PID=$(pid_of)
	[[ $(status_field "$PID" CapEff) == 0000000000000020 ]] || fail "$(grep Cap "/proc/$PID/status")"
	[[ $(status_field "$PID" CapBnd) == 0000000000000021 ]] || fail "$(grep Cap "/proc/$PID/status")"
	[[ $(status_field "$PID" CapInh) == 0000000000000000 ]]
	[[ $(status_field "$PID" NoNewPrivs) == 1 ]]
	[[ $(status_field "$PID" Umask) == 0077 ]]
	grep -qE '^Max open files +100 +200 ' "/proc/$PID/limits" || fail "$(<"/proc/$PID/limits")"
}

@test "no capabilities in config.json: none at all" {
	can_run
	config 'del(.process.capabilities)'
	r run -d -b "$BUNDLE" "$ID"
	PID=$(pid_of)
	local set
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		[[ $(status_field "$PID" "$set") == 0000000000000000 ]] || fail "$(grep Cap "/proc/$PID/status")"
	done
}

@test "seccomp: a call that the profile refuses, and one whose argument it looks at" {
	can_run
	[[ -e /usr/include/seccomp.h ]] || skip "minibox is built without libseccomp (make deps)"
	config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
		{"names": ["mkdir", "mkdirat", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}'
	command_is sh -c 'mkdir /tmp/x; grep Seccomp: /proc/1/status'
	run r run -b "$BUNDLE" "$ID"
	has "No space left on device"
	has "2"
	[[ ! -e $BUNDLE/rootfs/tmp/x ]]
	config '.process.noNewPrivileges = false'
	run r run -b "$BUNDLE" "$ID"
	has "No space left on device"
}

@test "hooks: each kind at its time, with the state on its standard input; one that fails ends the container" {
	can_run
	cat >"$BATS_TEST_TMPDIR/hook" <<-'E_'
		#!/bin/sh
		echo "$1 $(cat)" >>"$2"
	E_
	chmod +x "$BATS_TEST_TMPDIR/hook"
	local kind log=$BATS_TEST_TMPDIR/log
	for kind in prestart createRuntime poststart poststop; do
		config ".hooks.$kind = [{\"path\": \"$BATS_TEST_TMPDIR/hook\", \"args\": [\"hook\", \"$kind\", \"$log\"], \"env\": [\"PATH=/usr/bin:/bin\"]}]"
	done
	r create -b "$BUNDLE" "$ID"
	[[ $(cut -d' ' -f1 "$log" | xargs) == "prestart createRuntime" ]] || fail "$(<"$log")"
	[[ $(head -n 1 "$log" | cut -d' ' -f2- | jq -r '"\(.status) \(.id) \(.pid)"') == "creating $ID $(pid_of)" ]] || fail "$(<"$log")"
	r start "$ID"
	r delete --force "$ID"
	[[ $(cut -d' ' -f1 "$log" | xargs) == "prestart createRuntime poststart poststop" ]] || fail "$(<"$log")"
	[[ $(tail -n 1 "$log" | cut -d' ' -f2- | jq -r .status) == stopped ]] || fail "$(<"$log")"
	config '.hooks.createRuntime = [{"path": "/bin/false"}]'
	made create -b "$BUNDLE" "$ID"
	exits 1
	has "status 1"
	config '.hooks.createRuntime = [{"path": "/bin/sleep", "args": ["sleep", "100"], "timeout": 1}]'
	made create -b "$BUNDLE" "$ID"
	exits 1
	has "timeout"
	[[ -z $(ls -A "$STATE") ]] || fail "$(ls -A "$STATE")"
}

@test "kill -9 of create at any moment: delete --force finishes" {
	can_run
	local pause
	config '.hooks.createRuntime = [{"path": "/bin/sleep", "args": ["sleep", "0.3"]}]'
	for pause in 0.01 0.05 0.1 0.2 0.5; do
		# Not by r: $! would be a shell of ours, and the create that it left behind would go on.
		"$RUNTIME" --root "$STATE" create -b "$BUNDLE" "$ID" 3>&- &
		sleep "$pause"
		kill -9 $! 2>/dev/null || :
		wait $! 2>/dev/null || :
		run r delete --force "$ID"
		exits 0
		[[ -z $(find "$STATE" -mindepth 1 -name "$ID*") ]] || fail "$(find "$STATE")"
	done
	config 'del(.hooks)'
	r create -b "$BUNDLE" "$ID"
	is_now created
}

@test "a record that is torn, of another id or another's is not obeyed" {
	can_run
	r run -d -b "$BUNDLE" "$ID"
	PID=$(pid_of)
	local file=$STATE/$ID/state.json
	cp "$file" "$BATS_TEST_TMPDIR/good"
	head -c 100 "$BATS_TEST_TMPDIR/good" >"$file"
	run r kill "$ID" KILL
	exits 1
	jq '.id = "other"' "$BATS_TEST_TMPDIR/good" >"$file"
	run r kill "$ID" KILL
	exits 1
	jq '.start += 1' "$BATS_TEST_TMPDIR/good" >"$file"
	run r kill "$ID" KILL
	exits 1
	has "container not running"
	jq '.boot = "another"' "$BATS_TEST_TMPDIR/good" >"$file"
	run r kill "$ID" KILL
	exits 1
	[[ -d /proc/$PID ]] || fail "it was killed"
	cp "$BATS_TEST_TMPDIR/good" "$file"
	r delete --force "$ID"
	poll 10 gone "$PID"
}

@test "what a delete that was killed has left goes with the next operation; the id is free again" {
	can_run
	made create -b "$BUNDLE" "$ID"
	r delete "$ID"
	mkdir -m 700 "$STATE/$ID"
	touch "$STATE/$ID/lock" "$STATE/$ID/start"
	run r state "$ID"
	exits 1
	has "does not exist"
	run r delete --force "$ID"
	exits 0
	[[ -z $(ls -A "$STATE") ]] || fail "$(ls -A "$STATE")"
	made create -b "$BUNDLE" "$ID"
	exits 0
}

@test "namespaces joined by path: a network, a UTS namespace; a file that is none; a mount namespace is refused" {
	can_run
	r run -d -b "$BUNDLE" "$ID"
	PID=$(pid_of)
	local other=j$MINIBOX_TOKEN
	if is_root; then
		config "(.linux.namespaces[] | select(.type == \"uts\" or .type == \"network\")) |= . + {path: \"/proc/$PID/ns/\\(if .type == \"uts\" then \"uts\" else \"net\" end)\"}"
		made create -b "$BUNDLE" "$other"
		exits 0
		local joined
		joined=$(r state "$other" | jq -r .pid)
		same_ns net "$PID" "$joined" || fail "another network"
		same_ns uts "$PID" "$joined" || fail "another UTS namespace"
		not same_ns ipc "$PID" "$joined"
		[[ $(status_field "$joined" PPid) != "$PID" ]]
		r delete --force "$other"
	fi
	config '(.linux.namespaces[] | select(.type == "uts")).path = "/etc/passwd"'
	made create -b "$BUNDLE" "$other"
	exits 1
	has "/etc/passwd"
	config "(.linux.namespaces[] | select(.type == \"uts\")).path = \"\" | (.linux.namespaces[] | select(.type == \"mount\")).path = \"/proc/$PID/ns/mnt\""
	made create -b "$BUNDLE" "$other"
	exits 1
	has "linux.namespaces"
	[[ ! -e $STATE/$other ]]
}

@test "pause and resume: the processes stand still, exec is refused" {
	skip_unless_root "a group of its own"
	skip_without_cgroups
	can_run
	config '.linux.resources.pids.limit = 50'
	r run -d -b "$BUNDLE" "$ID"
	run r pause "$ID"
	if [[ $status -ne 0 ]] && ! grep -qE 'freezer| - cgroup2 ' /proc/self/mountinfo; then skip "no freezer here"; fi
	exits 0
	is_now paused
	run r exec "$ID" true
	exits 255
	has "paused"
	r resume "$ID"
	is_now running
	r pause "$ID"
	r delete --force "$ID"
}

@test "bad words on the command line: the usage, and nothing is made" {
	for words in "create" "create --nope x" "start" "start a b" "kill x NOSUCH" "delete" "list --format xml" "run" "exec x" "nope" "--log-format xml list" "--cgroup-manager nope list" "update x" "events --interval 0s x" "create --preserve-fds x y" "create --pid-file"; do
		# shellcheck disable=SC2086 # words
		run r $words
		[[ $status -ne 0 ]] || fail "$words: $output"
		[[ -n $output ]] || fail "$words: no word"
	done
	for words in create start state kill delete run exec list ps pause resume; do
		run r "$words" --help
		exits 0
		has "USAGE"
	done
	run "$RUNTIME" --version
	exits 0
	has "spec: 1."
}

@test "the caller's umask, whatever it is, takes nothing from what the runtime keeps" {
	local mask
	for mask in 0777 0277 0; do
		command_is true
		config '.linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}'
		run bash -c 'umask "$0"; "$@"' "$mask" "$RUNTIME" --root "$STATE$mask" run -b "$BUNDLE" "$ID"
		exits 0
		[[ $(stat -c %a "$STATE$mask/.filters~" "$STATE$mask/.filters~"/seccomp-*) == $'700\n600' ]] || fail "$mask: $(ls -la "$STATE$mask/.filters~")"
	done
}
