# tests/lib/as-user: a user who exists nowhere else.
# bats file_tags=root

load ../lib/common

as_user() { "$ROOT/tests/lib/as-user" "$@"; }

@test "/etc is not changed, inside it holds the user" {
	local before after
	before=$(md5sum /etc/passwd /etc/group /etc/sub[ug]id)
	run as_user sh -c 'id -un; md5sum /etc/passwd'
	exits 0
	[[ ${lines[0]} == mbtest ]]
	[[ $before != *"${lines[1]%% *}"* ]] || fail "the user saw the host's passwd"
	after=$(md5sum /etc/passwd /etc/group /etc/sub[ug]id)
	[[ $before == "$after" ]]
	run ! grep -q mbtest /etc/passwd /etc/group /etc/sub[ug]id
}

@test "the user has no privileges and a range of sub-ids" {
	run as_user sh -c 'grep CapEff /proc/self/status; grep NoNewPrivs /proc/self/status; cat /etc/subuid'
	exits 0
	has $'CapEff:\t0000000000000000'
	has $'NoNewPrivs:\t0'
	has "mbtest:100000:65536"
}

@test "newuidmap maps the range" {
	need newuidmap
	# shellcheck disable=SC2016
	run as_user bash -c '
		unshare --user sleep 1000 &
		until [ "$(readlink /proc/$!/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.02; done
		newuidmap $! 0 $UID 1 1 100000 65536 && cat /proc/$!/uid_map
		kill $!'
	has "100000      65536"
}

@test "HOME, TMPDIR and XDG_RUNTIME_DIR are the user's own and are removed" {
	# shellcheck disable=SC2016
	run as_user sh -c 'for d in $HOME $TMPDIR $XDG_RUNTIME_DIR; do touch $d/x && echo $d; done'
	exits 0
	[[ ${#lines[@]} -eq 3 ]]
	[[ ! -e ${lines[0]%/*} ]]
}

@test "the exit status is the command's" {
	run as_user sh -c 'exit 41'
	exits 41
}

@test "without root it says so" {
	run as_user "$ROOT/tests/lib/as-user" true
	exits 77
	has "needs root"
}
