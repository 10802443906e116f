# linux.seccomp, through the command line: what the kernel refuses, and which file of compiled filters is obeyed. The oracle is
# /proc/PID/status, the kernel's answer to a call, and inode numbers.

# shellcheck disable=SC2016,SC2030,SC2031
load ../lib/common
load ../lib/bundle

setup() { bundle_setup; }
teardown() { bundle_teardown; }

# refuse_mkdir: a profile that refuses one call. 38 is ENOSYS, which mkdir(2) never gives by itself.
refuse_mkdir() {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38}]}'
}
is_refused() {
	run r run -b "$BUNDLE" "$ID"
	[[ $output == *"mkdir: "*"Function not implemented"* ]] || fail "$output"
	[[ $output == *"Seccomp:"$'\t2'* ]] || fail "$output"
}
inode() { stat -c %i "$STATE/.filters~/"*; }

@test "a profile is compiled once, and exec has it, too; a file of filters that others can write to is not obeyed" {
	can_run
	refuse_mkdir
	command_is sh -c 'mkdir /tmp/x; grep Seccomp: /proc/self/status'
	is_refused
	FIRST=$(inode)
	is_refused
	[[ $(inode) == "$FIRST" ]] || fail "it was compiled again"
	chmod 0666 "$STATE/.filters~/"*
	is_refused
	[[ $(inode) != "$FIRST" ]] || fail "a file that others can write to was obeyed"
	[[ $(stat -c %a "$STATE/.filters~/"*) == 600 ]]
	# exec reads it, and makes none of its own.
	FIRST=$(inode)
	command_is sleep 100
	made create -b "$BUNDLE" "$ID"
	exits 0
	made start "$ID"
	exits 0
	made exec "$ID" sh -c 'mkdir /tmp/x; grep Seccomp: /proc/self/status'
	[[ $output == *"Function not implemented"*"Seccomp:"$'\t2'* ]] || fail "$output"
	[[ $(inode) == "$FIRST" ]]
}

@test "a directory of filters that others can write to is passed over, and the filter is in force all the same" {
	can_run
	refuse_mkdir
	command_is sh -c 'mkdir /tmp/x; grep Seccomp: /proc/self/status'
	mkdir "$STATE/.filters~" && chmod 0777 "$STATE/.filters~"
	is_refused
	[[ -z $(ls -A "$STATE/.filters~") ]] || fail "$(ls -A "$STATE/.filters~")"
	# Nor is a link followed.
	rmdir "$STATE/.filters~" && mkdir -m 700 "$BATS_TEST_TMPDIR/elsewhere"
	ln -s "$BATS_TEST_TMPDIR/elsewhere" "$STATE/.filters~"
	is_refused
	[[ -z $(ls -A "$BATS_TEST_TMPDIR/elsewhere") ]]
}

@test "the directory of filters is no container" {
	can_run
	refuse_mkdir
	command_is true
	run r run -b "$BUNDLE" "$ID"
	exits 0
	[[ -d $STATE/.filters~ ]]
	run r list -q
	exits 0
	[[ -z $output ]] || fail "$output"
	run r delete --force .filters~
	[[ $status -ne 0 ]]
	[[ -n $(ls -A "$STATE/.filters~") ]]
}
