# minibox-runtime --systemd-cgroup: systemd makes the group. It is PID 1 of namespaces of the test's own (in-systemd), which
# needs pure cgroup v2: a guest. The oracle: /proc/PID/cgroup, the files of the group, and systemd's own answers.
#
# bats file_tags=root

load ../lib/common

setup() {
	mb_setup
	RUNTIME=$(bin minibox-runtime)
	export RUNTIME
	need jq
}
teardown() { mb_teardown; }

# bats test_tags=guest
@test "systemd makes the scope with the limits, keeps them at a reload, and has forgotten it after delete" {
	# shellcheck disable=SC2016 # for that shell
	run timeout -k 5 300 "$BATS_TEST_DIRNAME/in-systemd" bash -euc '
		trap '"'"'echo "failed: $BASH_COMMAND"'"'"' ERR
		cd "$1"
		r() { "$RUNTIME" --root "$PWD/state" --systemd-cgroup "$@"; }
		id=t$MINIBOX_TOKEN
		r spec && mkdir -p rootfs && cp /bin/busybox rootfs/sleep
		edit() { jq "$1" config.json >new && mv new config.json; }
		edit ".process.terminal = false | .process.args = [\"/sleep\", \"100\"] | .linux.resources += {memory: {limit: 33554432}, pids: {limit: 17}, cpu: {quota: 20000, period: 100000, shares: 512}}"
		r create "$id" >out 2>&1 </dev/null || { cat out; exit 1; }
		pid=$(r state "$id" | jq .pid)
		group=/sys/fs/cgroup/system.slice/minibox-$id.scope
		grep -qx "0::/system.slice/minibox-$id.scope" "/proc/$pid/cgroup"
		systemctl daemon-reload
		limits="$(<$group/memory.max) $(<$group/pids.max) $(<$group/cpu.max) $(<$group/cpu.weight)"
		echo "$limits"
		[[ $limits == "33554432 17 20000 100000 50" ]]
		[[ $(systemctl show -P TasksMax "minibox-$id.scope") == 17 && $(systemctl show -P MemoryMax "minibox-$id.scope") == 33554432 ]]
		# What update changes stays, too.
		r update --memory 48m --pids-limit 18 "$id"
		systemctl daemon-reload
		limits="$(<$group/memory.max) $(<$group/pids.max) $(<$group/cpu.max)"
		echo "$limits"
		[[ $limits == "50331648 18 20000 100000" ]]
		r start "$id"
		r pause "$id" && grep -q "frozen 1" $group/cgroup.events
		r resume "$id" && grep -q "frozen 0" $group/cgroup.events
		r delete --force "$id"
		[[ ! -e $group ]]
		# systemd forgets a unit when it has nothing else to do.
		forgotten() { for i in {1..300}; do [[ $(systemctl show -P LoadState "$1") != not-found ]] || return 0; sleep 0.2; done; return 1; }
		forgotten "minibox-$id.scope"
		# Also where systemd is so slow that the group could have gone before it looks: it is frozen until delete has ended,
		# or for as long as a delete takes that does not wait for it.
		frozen=/sys/fs/cgroup/init.scope/cgroup.freeze
		for how in --force ""; do
			r create "$id" >out 2>&1 </dev/null || { cat out; exit 1; }
			[[ -n $how ]] || { r start "$id" && r kill "$id" KILL; }
			for i in {1..100}; do [[ -z $how && $(r state "$id" | jq -r .status) != stopped ]] || break; sleep 0.1; done
			echo 1 >$frozen
			r delete $how "$id" >out 2>&1 &
			for i in {1..40}; do [[ -d /proc/$! ]] || break; sleep 0.1; done
			echo 0 >$frozen
			wait $! || { cat out; exit 1; }
			[[ ! -e $group ]]
			forgotten "minibox-$id.scope"
		done
		# A name of its own, in a slice that is made for it.
		edit ".linux.cgroupsPath = \"a-b.slice:pre:name\""
		r create "$id" >out 2>&1 </dev/null || { cat out; exit 1; }
		grep -qx "0::/a.slice/a-b.slice/pre-name.scope" "/proc/$(r state "$id" | jq .pid)/cgroup"
		# Another unit of that name stays as it is, and nothing is left of the container that wanted it.
		! r create "$id-2" >out 2>&1 </dev/null
		grep -q "pre-name.scope" out
		! r state "$id-2"
		r delete --force "$id"
		echo whole' - "$BATS_TEST_TMPDIR"
	[[ $status -ne 77 ]] || skip "$output"
	exits 0
	has whole
}

@test "without systemd: the message says so, and nothing is left" {
	[[ ! -d /run/systemd/system ]] || skip "systemd runs on this host"
	cd "$BATS_TEST_TMPDIR"
	"$RUNTIME" spec
	jq '.process.terminal = false' config.json >new && mv new config.json
	mkdir rootfs
	run "$RUNTIME" --root "$BATS_TEST_TMPDIR/state" --systemd-cgroup create "t$MINIBOX_TOKEN"
	exits 1
	has "systemd does not run here"
	has "cgroupfs"
	[[ -z $(ls -A "$BATS_TEST_TMPDIR/state") ]]
}
