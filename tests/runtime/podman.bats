# podman drives minibox-runtime. The oracle is the kernel where it can be asked, else podman's own exit status.

# shellcheck disable=SC2016,SC2030,SC2031,SC2317
load ../lib/common
load ../lib/client

setup() {
	mb_setup
	client_need podman podman
	client_need conmon conmon
	is_root || unshare -Ur true 2>/dev/null || skip "this host refuses user namespaces (minibox doctor says more)"
	is_root || grep -qs "^$USER:" /etc/subuid || skip "no range of ids in /etc/subuid for $USER"
	client_start
	RUNROOT=$PLACE/runroot # of an ordinary user podman takes one of fifty characters at most
	is_root || RUNROOT=${XDG_RUNTIME_DIR:-/tmp}/mb-$MINIBOX_TOKEN
	configure
	p import "$PLACE/image.tar" busybox >/dev/null 2>"$PLACE/import" || fail "$(<"$PLACE/import")"
}

teardown() {
	# An ordinary user's containers, and files of ids that are not his. Root's end with the namespaces.
	if [[ -e ${PLACE:-/nowhere}/import ]] && ! is_root; then
		p rm -af -t 0 >/dev/null 2>&1 || :
		p unshare rm -rf "$PLACE/root" "$RUNROOT" 2>/dev/null || :
	fi
	client_end
	mb_teardown
}

# least NUMBER NUMBER: one may be "unlimited".
least() { if [[ $1 == unlimited ]] || (($1 > $2)); then echo "$2"; else echo "$1"; fi; }

# podman's defaults are more than a runtime without CAP_SYS_RESOURCE can give: here what podman leaves itself.
configure() {
	local files processes
	files=$(least "$(ulimit -Hn)" 1048576)
	processes=$(least "$(ulimit -Hu)" "$(</proc/sys/kernel/pid_max)")
	cat >"$PLACE/containers.conf" <<-E_
		[containers]
		default_ulimits = ["nofile=$files:$files", "nproc=$processes:$processes"]
		[engine]
		lock_type = "file"
		runtime_supports_json = ["minibox-runtime"]
		infra_image = "localhost/busybox"
	E_
}

OPTIONS=(--runtime RUNTIME --cgroup-manager cgroupfs --storage-driver overlay --events-backend file)
# own PODMAN-ARGUMENTS...: with directories of the test's own.
own() { inside podman --root "$PLACE/root" --runroot "$RUNROOT" --tmpdir "$PLACE/tmpdir" "$@"; }
p() { own "${OPTIONS[@]/RUNTIME/$PLACE/bin/minibox-runtime}" "$@"; }
# pr ARGUMENTS...: podman run, its group below the test's.
groups_are() { if is_root; then echo "--cgroup-parent=$GROUP"; else echo --cgroups=enabled; fi; }
pr() { p run "$(groups_are)" --network none "$@"; }
# The line of README.md, with directories and a group of the test's own.
readme_line() {
	local line
	line=$(grep -m 1 '^podman --runtime' "$ROOT/README.md")
	line=${line/ run / run $(groups_are) --network none }
	printf 'cd "$PLACE" && own --storage-driver overlay --events-backend file %s\n' "${line#podman}"
}
told() { p inspect -f "$2" "$1"; }

@test "podman run and exec: the README's line; exit statuses 0, N, 125, 126 and 127; --rm leaves nothing; a terminal; standard input" {
	run eval "$(readme_line)"
	exits 0
	has hello
	run pr --rm busybox sh -c 'echo $$; exit 3'
	exits 3
	has "1"
	run_127 pr --rm busybox nope
	has "executable file not found"
	run pr --rm busybox /etc
	exits 126
	run pr --nope
	exits 125
	[[ $(echo through | pr --rm -i busybox cat) == through ]]
	pr -d --name one busybox sleep 300
	run_127 p exec one nope
	run p exec one /etc
	exits 126
	run typed podman --root "$PLACE/root" --runroot "$RUNROOT" --tmpdir "$PLACE/tmpdir" "${OPTIONS[@]/RUNTIME/$PLACE/bin/minibox-runtime}" exec -it one sh -c 'tty; exit 6'
	exits 6
	has "/dev/pts/0"
	p kill one
	run p wait one
	has 137
	p rm one
	[[ -z $(p ps -aq) ]] || fail "$(p ps -a)"
	# The runtime's own records.
	local state
	for state in /run/minibox-runtime "$PLACE/run/minibox-runtime" "$RUNROOT"; do
		[[ -z $(inside find "$state" -name state.json 2>/dev/null) ]] || fail "$(inside find "$state")"
	done
}

# bats test_tags=root
@test "podman run -d: logs, exec, top, pause, stats, update, restart, stop; what it does is seen in its group" {
	skip_without_cgroups
	pr -d --name one busybox sh -c 'echo out; echo err >&2; trap "exit 5" TERM; while :; do sleep 0.1; done'
	poll 5 eval '[[ $(p logs one 2>&1 | sort | xargs) == "err out" ]]'
	run p exec one sh -c 'echo $$; exit 9'
	exits 9
	run p top one pid args
	has "sleep 0.1"
	# The whole group, not a process: v1 and v2 have different words for it.
	[[ $(account freezer freezer.state cgroup.freeze libpod-) =~ ^(THAWED|0)$ ]]
	p pause one
	[[ $(account freezer freezer.state cgroup.freeze libpod-) =~ ^(FROZEN|1)$ ]]
	[[ $(told one '{{.State.Status}}') == paused ]]
	p unpause one
	[[ $(account freezer freezer.state cgroup.freeze libpod-) =~ ^(THAWED|0)$ ]]
	run p stats --no-stream --format '{{.PIDs}} {{.MemUsage}}' one
	exits 0
	[[ $output =~ ^[12]\ [1-9][0-9.]*[kM]B ]] || fail "$output"
	p update --cpus 0.25 one
	[[ $(account cpu cpu.cfs_quota_us cpu.max libpod-) =~ ^25000 ]]
	p restart -t 5 one
	[[ $(told one '{{.State.Status}}') == running ]]
	p stop -t 10 one
	run p wait one
	has 5
}

# bats test_tags=root
@test "podman run with limits, ids, capabilities, mounts: as the kernel has them" {
	skip_without_cgroups
	mkdir "$PLACE/volume"
	pr -d --name one -m 64m --cpus 0.5 --pids-limit 40 --uidmap 0:100000:65536 --gidmap 0:100000:65536 \
		--cap-drop all --cap-add chown --security-opt no-new-privileges --read-only -v "$PLACE/volume:/data:ro" \
		--hostname inside --sysctl kernel.msgmax=1234 busybox sleep 300
	[[ $(account memory memory.limit_in_bytes memory.max libpod-) == 67108864 ]]
	[[ $(account pids pids.max pids.max libpod-) == 40 ]]
	[[ $(account cpu cpu.cfs_quota_us cpu.max libpod-) =~ ^50000 ]]
	local pid
	pid=$(told one '{{.State.Pid}}')
	run inside cat "/proc/$pid/uid_map" "/proc/$pid/status" "/proc/$pid/mountinfo"
	[[ ${lines[0]} =~ ^\ *0\ +100000\ +65536$ ]] || fail "$output"
	[[ $output =~ CapEff:[[:space:]]0000000000000001 && $output =~ NoNewPrivs:[[:space:]]1 ]] || fail "$output"
	[[ $output == *' /data ro,'* && $output == *' / ro,'* ]] || fail "$output"
	run p exec one sh -c 'hostname; cat /proc/sys/kernel/msgmax; touch /data/x'
	has "inside"
	has "1234"
	has "Read-only"
	p rm -f -t 0 one
	run pr --rm --pid host --uts host --ipc host busybox sh -c 'ls -l /proc/self/ns'
	local kind
	for kind in pid uts ipc; do has "$(inside readlink "/proc/self/ns/$kind")"; done
	run pr --name hog -m 20m --memory-swap 20m busybox tail /dev/zero
	exits 137
}

# bats test_tags=root
@test "podman build --isolation oci, and a pod whose containers share a network" {
	skip_without_cgroups
	mkdir "$PLACE/context"
	printf 'FROM localhost/busybox\nRUN echo built >/file\nCMD cat /file\n' >"$PLACE/context/Dockerfile"
	run p build -q --isolation oci --network none -t made "$PLACE/context"
	exits 0
	run pr --rm localhost/made
	exits 0
	has built
	printf 'FROM localhost/busybox\nRUN exit 5\n' >"$PLACE/context/Dockerfile"
	run p build -q --isolation oci --network none "$PLACE/context"
	exits 5
	p pod create --name pod --network none --infra-command "sleep 300" --share uts,ipc,net --cgroup-parent "$GROUP"
	p run -d --pod pod --name one busybox sleep 300
	p run -d --pod pod --name two busybox sleep 300
	local one two
	one=$(told one '{{.State.Pid}}') two=$(told two '{{.State.Pid}}')
	[[ $(inside readlink "/proc/$one/ns/net") == "$(inside readlink "/proc/$two/ns/net")" ]]
	[[ $(inside readlink "/proc/$one/ns/pid") != "$(inside readlink "/proc/$two/ns/pid")" ]]
	p pod rm -f -t 0 pod
	[[ -z $(p ps -aq) ]]
}
