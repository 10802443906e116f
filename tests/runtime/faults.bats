# One system call of an operation of minibox-runtime fails, or one of its processes is killed, at places spread over the whole
# operation (tests/sweep/run): `delete --force` ends what is left, says 0, and says it again; a failure names the call and its
# subject; what ended with 0 is whole. `make test-faults` does every place. And what a sweep cannot see: a hook that lasts.

# shellcheck disable=SC2016
load ../lib/common

setup() {
	mb_setup
	[[ -z ${MB_SANITIZED:-} ]] || skip "what is swept is the program as it is built for people"
	[[ -x ${MB_BUILD:-$ROOT/build}/tests/sweep/inject ]] || skip "build/tests/sweep/inject is not built (make unit)"
	need jq
}

# swept N TARGET: no fault at any of N points.
swept() {
	local reached wanted sample=${MB_SWEEP:-$1}
	run timeout -k 5 600 "$ROOT/tests/sweep/run" --count "$sample" "$2"
	# Asked of another program: our own failure is no reason to skip.
	((status != 77)) || is_root || unshare -Urmpf --mount-proc true 2>/dev/null || skip "this host refuses user namespaces"
	printf '%s\n' "$output"
	[[ $status == 0 ]]
	read -r reached wanted < <(sed -n 's/^sweep: \([0-9]*\) of \([0-9]*\) points reached, 0 with a fault$/\1 \2/p' <<<"$output")
	((wanted >= sample || wanted >= 20))
	((reached >= wanted - wanted / 10 - 2))
}

@test "create: nothing is left of any failure or kill that delete --force does not end" { swept 20 runtime-create; }

@test "start: the same" { swept 12 runtime-start; }

@test "exec: the same" { swept 14 runtime-exec; }

@test "kill: the same" { swept 3 runtime-kill; }

@test "delete: the same" { swept 14 runtime-delete; }

@test "run: the same" { swept 8 runtime-run; }

@test "a hook that lasts ends with the runtime that is killed" {
	local bundle=$BATS_TEST_TMPDIR/bundle state=$BATS_TEST_TMPDIR/state id=t$MINIBOX_TOKEN runtime hook own=()
	runtime=$(bin minibox-runtime)
	is_root || unshare -Urmpf --mount-proc true 2>/dev/null || skip "this host refuses user namespaces"
	is_root || own=(--rootless)
	mkdir -p "$bundle/rootfs"
	(cd "$bundle" && "$runtime" spec "${own[@]}")
	jq --arg pid "$BATS_TEST_TMPDIR/pid" '.process.terminal = false | .hooks = {createRuntime: [{path: "/bin/sh",
		args: ["sh", "-c", ("echo $$ >" + $pid + "; exec sleep 100"), "hook"], env: ["PATH=/usr/bin:/bin"]}]}' \
		"$bundle/config.json" >"$bundle/new" && mv "$bundle/new" "$bundle/config.json"
	"$runtime" --root "$state" create -b "$bundle" "$id" >"$BATS_TEST_TMPDIR/said" 2>&1 </dev/null 3>&- &
	poll 10 test -s "$BATS_TEST_TMPDIR/pid" || fail "$(<"$BATS_TEST_TMPDIR/said")"
	hook=$(<"$BATS_TEST_TMPDIR/pid")
	poll 10 is_called "$hook" sleep
	kill -9 $!
	wait $! 2>/dev/null || :
	run "$runtime" --root "$state" delete --force "$id"
	exits 0
	poll 10 gone "$hook"
}
