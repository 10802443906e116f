# minibox-runtime and the sockets that it is given: a terminal for --console-socket, NOTIFY_SOCKET. The other end is a
# program of the tests (tests/attack/socket.c).

# shellcheck disable=SC2016,SC2030,SC2031
load ../lib/common
load ../lib/bundle

setup() {
	bundle_setup
	need_user_ns
	SOCKET=${MB_BUILD:-$ROOT/build}/tests/attack/socket
	[[ -x $SOCKET ]] || skip "tests/attack/socket is not built: no static C library (apt-get install libc6-dev)"
	cp "$SOCKET" "$BUNDLE/rootfs/bin/socket"
	cd "$BATS_TEST_TMPDIR" || return
}
teardown() { bundle_teardown; }

# other_end WHAT PATH: begins to wait there; what comes is in the file "came".
other_end() {
	"$SOCKET" "$@" >came 2>&1 3>&- &
	OTHER=$!
	[[ $2 == @* ]] || poll 10 test -S "$2"
	[[ $2 != @* ]] || poll 10 grep -qF "$2" /proc/net/unix
}
ended() { ! kill -0 "$1" 2>/dev/null; }

@test "--console-socket: the master of a terminal of the container's own, with its size, at create, exec and run -d" {
	config '.process.terminal = true | .process.consoleSize = {height: 11, width: 22} | .process.args = ["sh", "-c", "tty; stat -c %t:%T /dev/console; exec sleep 100"]'
	other_end console "$PWD/sock"
	made create -b "$BUNDLE" --console-socket "$PWD/sock" "$ID"
	exits 0
	r start "$ID"
	wait "$OTHER"
	[[ $(head -n 1 came) == "/dev/ptmx 11 22" ]] || fail "$(<came)"
	grep -q '^/dev/pts/0' came || fail "$(<came)"
	# The terminal is none of the host's: a device of the container's own devpts.
	[[ $(stat -Lc %d "/proc/$(pid_of)/fd/0") != "$(stat -c %d /dev/pts/ptmx)" ]]
	rm sock
	other_end console "$PWD/sock"
	made exec -d -t --console-socket "$PWD/sock" "$ID" tty
	exits 0
	wait "$OTHER"
	grep -q '^/dev/pts/1' came || fail "$(<came)"
	r delete --force "$ID"
	rm sock
	other_end console "$PWD/sock"
	made run -d -b "$BUNDLE" --console-socket "$PWD/sock" "$ID"
	exits 0
	wait "$OTHER"
	grep -q '^/dev/pts/0' came || fail "$(<came)"
}

@test "--console-socket: nobody there, no socket, a terminal that is not asked for: an error, nothing is left" {
	local path
	config '.process.terminal = true'
	touch file
	for path in nothing file; do
		made create -b "$BUNDLE" --console-socket "$PWD/$path" "$ID"
		exits 1
		has "$PWD/$path"
		has "No process listens"
		[[ -z $(ls -A "$STATE") ]]
	done
	config '.process.terminal = false'
	made create -b "$BUNDLE" --console-socket "$PWD/file" "$ID"
	exits 1
	has "console-socket"
	[[ -z $(ls -A "$STATE") ]]
}

@test "NOTIFY_SOCKET: start returns when the command is ready, and the manager hears that and no other word" {
	command_is sh -c 'env >/tmp/env; until [ -e /tmp/go ]; do sleep 0.1; done; socket send "$NOTIFY_SOCKET" "STATUS=no
READY=0"; socket send "$NOTIFY_SOCKET" "MAINPID=1
READY=1
STATUS=x"; socket send "$NOTIFY_SOCKET" STOPPING=1; exec sleep 100'
	config '.process.env += ["NOTIFY_SOCKET=/another"]'
	other_end receive "$PWD/sock"
	export NOTIFY_SOCKET=$PWD/sock
	made create -b "$BUNDLE" "$ID"
	exits 0
	r start "$ID" >out 2>&1 3>&- &
	local start=$!
	poll 10 test -s "$BUNDLE/rootfs/tmp/env"
	grep -qx NOTIFY_SOCKET=/run/notify/notify.sock "$BUNDLE/rootfs/tmp/env" || fail "$(<"$BUNDLE/rootfs/tmp/env")"
	[[ $(grep -c NOTIFY_SOCKET "$BUNDLE/rootfs/tmp/env") == 1 && -d /proc/$start ]]
	# Meanwhile the container can be operated on.
	is_now running
	touch "$BUNDLE/rootfs/tmp/go"
	wait "$start" || fail "$(<out)"
	wait "$OTHER"
	[[ $(<came) == "READY=1
MAINPID=$(pid_of)
--" ]] || fail "$(<came)"
	# The directory is read-only in there.
	run r exec "$ID" touch /run/notify/x
	[[ $status -ne 0 ]]
	run r delete --force "$ID"
	exits 0
	[[ -z $(ls -A "$STATE") ]]
}

@test "NOTIFY_SOCKET: run in the foreground, an abstract name; a command that ends unready; a manager that is not there" {
	command_is sh -c 'socket send "$NOTIFY_SOCKET" READY=1; exit 5'
	export NOTIFY_SOCKET=@notify-$MINIBOX_TOKEN
	other_end receive "$NOTIFY_SOCKET"
	run r run -b "$BUNDLE" "$ID"
	wait "$OTHER"
	exits 5
	[[ $(<came) == $'READY=1\n--' ]] || fail "$(<came)"
	command_is true
	other_end receive "$NOTIFY_SOCKET"
	run timeout 20 "$RUNTIME" --root "$STATE" run -d -b "$BUNDLE" "$ID"
	exits 0
	kill "$OTHER"
	wait "$OTHER" || :
	r delete --force "$ID"
	export NOTIFY_SOCKET=$PWD/nobody
	made create -b "$BUNDLE" "$ID"
	exits 0
	run r start "$ID"
	exits 1
	has "$PWD/nobody"
	has "NOTIFY_SOCKET"
	is_now created
	# What is not asked for does not come in: no directory, no variable.
	r delete --force "$ID"
	unset NOTIFY_SOCKET
	command_is sh -c '[ ! -e /run/notify ] && [ -z "$NOTIFY_SOCKET" ]'
	rm -rf "$BUNDLE/rootfs/run"
	run r run -b "$BUNDLE" "$ID"
	exits 0
}

@test "NOTIFY_SOCKET: a container that makes its socket's directory writable, and fills it, is deleted like any other" {
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"])'
	command_is sh -c 'mount -o remount,bind,rw /run/notify && mkdir -p /run/notify/a/b && echo x >/run/notify/a/b/c && echo done >/tmp/done; exec sleep 100'
	NOTIFY_SOCKET=$PWD/sock made create -b "$BUNDLE" "$ID"
	exits 0
	r start "$ID"
	poll 10 test -s "$BUNDLE/rootfs/tmp/done"
	[[ -e $STATE/$ID/notify/a/b/c ]]
	run r delete --force "$ID"
	exits 0
	[[ -z $(ls -A "$STATE") ]] || fail "$(ls -lA "$STATE")"
}
