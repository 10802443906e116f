# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what tests read; output, status: set by bats' run
# attacker.bash: a bundle, and programs that attack in it. Loaded after lib/common and lib/bundle.

# attack_setup: a bundle, and a directory of the host with a secret in it.
attack_setup() {
	bundle_setup
	mkdir "$BATS_TEST_TMPDIR/host"
	echo "secret of the host" >"$BATS_TEST_TMPDIR/host/secret"
	need_user_ns
}

# all_caps: the process has every capability that this user has to give.
all_caps() {
	local i all names
	need capsh
	all=$(capsh --decode="$(status_field self CapEff)")
	is_root || all=0x0=cap_sys_admin,cap_sys_ptrace,cap_dac_override,cap_mknod # of the new user namespace
	names=$(jq -c --arg all "${all#*=}" -n '$all | ascii_upcase | split(",")')
	config ".process.capabilities = {bounding: $names, permitted: $names, effective: $names}"
}
# attacker NAME: tests/attack/NAME.c, in the root file system.
attacker() {
	[[ -x ${MB_BUILD:-$ROOT/build}/tests/attack/$1 ]] || skip "$1 is not built: no static program can be made here"
	cp "${MB_BUILD:-$ROOT/build}/tests/attack/$1" "$BUNDLE/rootfs/$1"
}
