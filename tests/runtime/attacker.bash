# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what tests read; output, status: set by bats' run
# attacker.bash: a bundle, and programs that attack in it. Loaded after lib/common.

# mb_attack_setup: a busybox root and a config.json, as an ordinary user one with a user namespace.
attack_setup() {
	local busybox name
	RUNTIME=$(bin minibox-runtime)
	STATE=$BATS_TEST_TMPDIR/state BUNDLE=$BATS_TEST_TMPDIR/bundle
	ID=t$MINIBOX_TOKEN
	need jq
	mkdir -p "$BUNDLE"/rootfs/{bin,etc,tmp,proc,sys,dev} "$BATS_TEST_TMPDIR/host"
	echo "secret of the host" >"$BATS_TEST_TMPDIR/host/secret"
	for busybox in "${MINIBOX_BUSYBOX:-}" "$ROOT/build/busybox" /bin/busybox /usr/bin/busybox; do
		[[ -x $busybox ]] && ldd "$busybox" 2>&1 | grep -qE 'statically|not a (valid )?dynamic' && break
	done
	[[ -x $busybox ]] || skip "no static busybox"
	cp "$busybox" "$BUNDLE/rootfs/bin/busybox"
	for name in sh sleep cat id ls mount umount touch true grep echo pwd kill mkdir mknod dd stat tty mv ln rm head wc; do
		ln -s busybox "$BUNDLE/rootfs/bin/$name"
	done
	if is_root; then (cd "$BUNDLE" && "$RUNTIME" spec); else (cd "$BUNDLE" && "$RUNTIME" spec --rootless); fi
	config '.process.terminal = false | .process.args = ["sleep", "100"] | .root.readonly = false'
	# Asked of another program: our own failure is no reason to skip.
	is_root || unshare -Urmpf --mount-proc true 2>/dev/null || skip "this host refuses user namespaces (minibox doctor says more)"
}

r() { "$RUNTIME" --root "$STATE" "$@"; }
# made OPERATION...: as bats' run, for one whose container keeps standard output open.
made() {
	status=0
	r "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || status=$?
	output=$(<"$BATS_TEST_TMPDIR/out")
	mapfile -t lines <<<"$output"
}
# config FILTER: changes config.json by jq.
config() {
	jq "$1" "$BUNDLE/config.json" >"$BUNDLE/new"
	mv "$BUNDLE/new" "$BUNDLE/config.json"
}
command_is() { config ".process.args = $(jq -cn '$ARGS.positional' --args -- "$@")"; }
pid_of() { r state "$ID" | jq -r .pid; }
status_of() { r state "$ID" | jq -r .status; }
is_now() { [[ $(status_of) == "$1" ]]; }
# all_caps: the process has every capability that this user has to give.
all_caps() {
	local i all names
	need capsh
	all=$(capsh --decode="$(status_field self CapEff)")
	is_root || all=0x0=cap_sys_admin,cap_sys_ptrace,cap_dac_override,cap_mknod # of the new user namespace
	names=$(jq -c --arg all "${all#*=}" -n '$all | ascii_upcase | split(",")')
	config ".process.capabilities = {bounding: $names, permitted: $names, effective: $names}"
}
# attacker NAME: tests/runtime/attackers/NAME.c, in the root file system.
attacker() {
	[[ -x ${MB_BUILD:-$ROOT/build}/tests/attack/$1 ]] || skip "$1 is not built: no static program can be made here"
	cp "${MB_BUILD:-$ROOT/build}/tests/attack/$1" "$BUNDLE/rootfs/$1"
}
