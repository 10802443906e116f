# bundle.bash: an OCI bundle with busybox in it, and minibox-runtime on it; for tests/runtime. Load common first.
# RUNTIME, its --root STATE, BUNDLE, and the container's ID.

# shellcheck shell=bash disable=SC2034,SC2154
bundle_setup() {
	mb_setup
	RUNTIME=$(bin minibox-runtime)
	STATE=$BATS_TEST_TMPDIR/state BUNDLE=$BATS_TEST_TMPDIR/bundle
	ID=t$MINIBOX_TOKEN
	need jq
	bundle
}

bundle_teardown() {
	r delete --force "$ID" >/dev/null 2>&1 || :
	mb_teardown
}

r() { "$RUNTIME" --root "$STATE" "$@"; }
# run_of OPTION...: the container in the foreground.
run_of() { run r run "$@" -b "$BUNDLE" "$ID"; }
# made OPERATION...: as bats' run, for one whose container keeps standard output open.
made() {
	status=0
	r "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 </dev/null 3>&- || status=$?
	output=$(<"$BATS_TEST_TMPDIR/out")
	mapfile -t lines <<<"$output"
}

# A busybox root and a config.json; as an ordinary user one with a user namespace.
bundle() {
	local busybox
	mkdir -p "$BUNDLE"/rootfs/{bin,etc,tmp,proc,sys,dev}
	for busybox in "${MINIBOX_BUSYBOX:-}" "$ROOT/build/busybox" /bin/busybox /usr/bin/busybox; do
		[[ -x $busybox ]] && ldd "$busybox" 2>&1 | grep -qE 'statically|not a (valid )?dynamic' && break
	done
	[[ -x $busybox ]] || skip "no static busybox"
	cp "$busybox" "$BUNDLE/rootfs/bin/busybox"
	for busybox in sh sleep cat id ls mount umount touch true grep hostname echo pwd kill mkdir mknod dd stat tty mv ln rm head wc env ionice unshare; do
		ln -s busybox "$BUNDLE/rootfs/bin/$busybox"
	done
	if is_root; then (cd "$BUNDLE" && "$RUNTIME" spec); else (cd "$BUNDLE" && "$RUNTIME" spec --rootless); fi
	config '.process.terminal = false | .process.args = ["sleep", "100"] | .root.readonly = false'
	cp "$BUNDLE/config.json" "$BUNDLE/first.json"
}

# config FILTER: changes config.json by jq.
config() {
	jq "$1" "$BUNDLE/config.json" >"$BUNDLE/new"
	mv "$BUNDLE/new" "$BUNDLE/config.json"
}
# anew FILTER: the bundle's first config.json, changed by jq.
anew() {
	cp "$BUNDLE/first.json" "$BUNDLE/config.json"
	config "$1"
}
command_is() { config ".process.args = $(jq -cn '$ARGS.positional' --args -- "$@")"; }

status_of() { r state "$ID" | jq -r .status; }
pid_of() { r state "$ID" | jq -r .pid; }
is_now() { [[ $(status_of) == "$1" ]]; }

# need_user_ns: the kernel lets this user make the container at all. Asked of another program: our own failure is no reason
# to skip.
need_user_ns() {
	is_root || unshare -Urmpf --mount-proc true 2>/dev/null || skip "this host refuses user namespaces (minibox doctor says more)"
}

# can_run: and one with /bin/true runs.
can_run() {
	need_user_ns
	command_is true
	run r run -b "$BUNDLE" "$ID"
	[[ $status -eq 0 ]] || fail "$output"
	command_is sleep 100
}
