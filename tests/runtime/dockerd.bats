# dockerd drives minibox-runtime. The oracle is the kernel where it can be asked, else what docker says and its exit status.

# shellcheck disable=SC2016,SC2030,SC2031,SC2317
load ../lib/common
load ../lib/client

setup() {
	mb_setup
	client_need dockerd docker.io
	client_need docker docker.io
	client_need containerd containerd
	skip_unless_root "dockerd"
	skip_without_cgroups
	client_start
	cd "$PLACE" || fail "no $PLACE" # bin/minibox-runtime is there
	echo '{}' >"$PLACE/daemon.json"
	eval "$(grep -m 1 '^dockerd --add-runtime' "$ROOT/README.md")"
	is_up() { d version >/dev/null 2>&1; }
	poll 30 is_up || fail "$(tail -n 20 "$PLACE/log")"
	d import "$PLACE/image.tar" busybox >/dev/null
}

teardown() {
	client_end
	mb_teardown
}

# The README's lines call these two: with directories of the test's own, and no network of docker's.
dockerd() {
	inside dockerd --config-file "$PLACE/daemon.json" --data-root "$PLACE/data" --exec-root "$PLACE/exec" -p "$PLACE/dockerd.pid" -H "unix://$PLACE/s" \
		--iptables=false --ip6tables=false --bridge none --cgroup-parent "$GROUP" "$@" >"$PLACE/log" 2>&1 &
}
docker() { inside docker -H "unix://$PLACE/s" "$@"; }
d() { docker "$@"; }
dr() { d run --runtime minibox "$@"; }
told() { d inspect -f "$2" "$1"; }

# bats test_tags=root
@test "docker: the README's line; exit statuses; exec, a terminal, top, stats, update, pause, restart, stop; limits; OOM" {
	run eval "$(grep -m 1 '^docker run' "$ROOT/README.md")"
	exits 0
	has hello
	run dr --rm busybox sh -c 'exit 3'
	exits 3
	run_127 dr --rm busybox nope
	run dr --rm busybox /etc
	exits 126
	run dr --nope busybox
	exits 125
	dr -d --name one -m 64m --cpus 0.5 --pids-limit 40 busybox sh -c 'echo out; trap "exit 5" TERM; while :; do sleep 0.1; done'
	local id
	id=$(told one '{{.Id}}')
	[[ $(account memory memory.limit_in_bytes memory.max "$id") == 67108864 ]]
	[[ $(account pids pids.max pids.max "$id") == 40 ]]
	[[ $(account cpu cpu.cfs_quota_us cpu.max "$id") =~ ^50000 ]]
	[[ $(d logs one) == out ]]
	run d exec one sh -c 'ls -l /proc/self/ns/net; exit 9'
	exits 9
	has "$(inside readlink "/proc/$(told one '{{.State.Pid}}')/ns/net")"
	run d exec one nope
	has 'executable file not found'
	run typed docker -H "unix://$PLACE/s" exec -it one sh -c 'tty; exit 4'
	exits 4
	has /dev/pts/0
	run d top one
	has "trap"
	run d stats --no-stream --format '{{.PIDs}} {{.MemUsage}}' one
	[[ $output =~ ^[1-9]\ [1-9][0-9.]*[kKM]iB\ /\ 64MiB ]] || fail "$output"
	d update --cpus 0.25 one
	[[ $(account cpu cpu.cfs_quota_us cpu.max "$id") =~ ^25000 ]]
	d pause one
	[[ $(account freezer freezer.state cgroup.freeze "$id") =~ ^(FROZEN|1)$ ]]
	d unpause one
	[[ $(account freezer freezer.state cgroup.freeze "$id") =~ ^(THAWED|0)$ ]]
	d restart -t 5 one
	[[ $(told one '{{.State.Status}}') == running ]]
	d stop -t 10 one
	[[ $(told one '{{.State.ExitCode}}') == 5 ]]
	run dr --name hog -m 20m --memory-swap 20m busybox tail /dev/zero
	exits 137
	[[ $(told hog '{{.State.OOMKilled}}') == true ]]
	d rm one hog
	[[ -z $(d ps -aq) ]]
}

# bats test_tags=root
@test "docker: --init, volumes, capabilities, seccomp, --read-only, --pid=host, --network=container, build" {
	run dr --rm --init busybox ps
	[[ $output =~ 1\ .*docker-init ]] || fail "$output"
	mkdir "$PLACE/volume"
	run dr --rm --read-only -v "$PLACE/volume:/data" -v "$PLACE:/ro:ro" --cap-drop ALL --cap-add CHOWN --security-opt no-new-privileges \
		-u 12:34 --group-add 56 busybox sh -c 'cat /proc/self/status; touch /x /ro/x'
	[[ $output =~ CapBnd:[[:space:]]0000000000000001 && $output =~ NoNewPrivs:[[:space:]]1 && $output =~ Seccomp:[[:space:]]2 ]] || fail "$output"
	[[ $output =~ Uid:[[:space:]]12[[:space:]]12 && $output =~ Groups:[[:space:]]34\ 56 ]] || fail "$output"
	has "/x: Read-only file system"
	has "/ro/x: Read-only file system"
	dr --rm -v "$PLACE/volume:/data" busybox touch /data/y
	[[ -e $PLACE/volume/y ]]
	# docker asks for all capabilities that the kernel has: no runtime gives what it lacks itself.
	local all=--privileged
	((0x$(status_field self CapBnd) >> 24 & 1)) || all=--security-opt=seccomp=unconfined
	run dr --rm --pid=host "$all" busybox sh -c 'ls -l /proc/self/ns/pid; grep Seccomp: /proc/self/status'
	has "$(inside readlink /proc/self/ns/pid)"
	[[ $output =~ Seccomp:[[:space:]]0 ]] || fail "$output"
	dr -d --name one busybox sleep 300
	run dr --rm --network=container:one --pid=container:one busybox ls -l /proc/self/ns
	local pid
	pid=$(told one '{{.State.Pid}}')
	has "$(inside readlink "/proc/$pid/ns/net")"
	has "$(inside readlink "/proc/$pid/ns/pid")"
	has_not "$(inside readlink "/proc/$pid/ns/mnt")"
	d rm -f one
}
