# containerd drives minibox-runtime, told by ctr. The oracle is the kernel where it can be asked, else ctr's exit status.

# shellcheck disable=SC2016,SC2030,SC2031,SC2317
load ../lib/common
load ../lib/client

setup() {
	mb_setup
	client_need containerd containerd
	client_need ctr containerd
}

teardown() {
	client_end
	mb_teardown
}

configure() {
	cat >"$PLACE/config.toml" <<-E_
		version = 2
		root = "$PLACE/root"
		state = "$PLACE/state"
		disabled_plugins = ["io.containerd.internal.v1.opt"]
		[grpc]
		address = "$PLACE/s"
	E_
}

c() { inside ctr -a "$PLACE/s" "$@"; }
# container NAME FLAG... -- COMMAND...
container() {
	local name=$1 flags=()
	shift
	while [[ $1 != -- ]]; do flags+=("$1") && shift; done
	c run --runc-binary "$PLACE/bin/minibox-runtime" --cgroup "$GROUP/$name" "${flags[@]}" --rootfs "$PLACE/rootfs" "$name" "${@:2}"
}
readme_line() {
	local line
	line=$(grep -m 1 '^ctr run' "$ROOT/README.md")
	line=${line//b\/rootfs/rootfs}
	printf 'cd "$PLACE" && c run --cgroup "$GROUP/hello" %s\n' "${line#ctr run}"
}

# bats test_tags=root
@test "ctr: the README's lines; run, exec, pause, metrics, a terminal, kill, delete; exit statuses" {
	skip_unless_root "containerd"
	skip_without_cgroups
	client_start
	configure
	sed -n '/^<!-- containerd -->/,/^and this/p' "$ROOT/README.md" | sed -n '/^\[/,/^```/p' | sed '$d' >>"$PLACE/config.toml"
	run inside containerd -c "$PLACE/config.toml" config dump
	[[ $output =~ runtimes.minibox.options\].*BinaryName\ =\ \"/usr/local/bin/minibox-runtime\" ]] || fail "$output"
	configure
	inside containerd -c "$PLACE/config.toml" >"$PLACE/log" 2>&1 &
	poll 20 test -S "$PLACE/s"
	run eval "$(readme_line)"
	exits 0
	has hello
	run container x --rm --read-only --seccomp -- sh -c 'touch /x; grep Seccomp: /proc/self/status; exit 7'
	exits 7
	has "Read-only"
	[[ $output =~ Seccomp:[[:space:]]2 ]] || fail "$output"
	run container x --rm -- nope
	exits 1
	has 'exec: "nope": executable file not found in $PATH'
	container one -d --memory-limit 30000000 --pid-file "$PLACE/pid" -- sleep 300
	local pid
	pid=$(<"$PLACE/pid")
	[[ $(inside cat "/proc/$pid/comm") == sleep ]]
	[[ $(account memory memory.limit_in_bytes memory.max one) == 29999104 ]]
	run c task exec --exec-id e one sh -c 'ls -l /proc/self/ns/net; exit 5'
	exits 5
	has "$(inside readlink "/proc/$pid/ns/net")"
	run typed ctr -a "$PLACE/s" task exec -t --exec-id t one sh -c 'tty; exit 3'
	exits 3
	has /dev/pts/0
	run c task metrics one
	exits 0
	[[ $output =~ memory.usage(_in_bytes)?\ +[1-9] && $output =~ pids.current\ +1 ]] || fail "$output"
	c task pause one
	[[ $(account freezer freezer.state cgroup.freeze one) =~ ^(FROZEN|1)$ ]]
	c task resume one
	[[ $(account freezer freezer.state cgroup.freeze one) =~ ^(THAWED|0)$ ]]
	c task kill -s KILL one
	stopped() { [[ $(c task ls) == *STOPPED* ]]; }
	poll 10 stopped
	run c task delete one
	[[ ! -e /sys/fs/cgroup/memory$GROUP/one && ! -e /sys/fs/cgroup$GROUP/one ]]
	c container delete one
}
