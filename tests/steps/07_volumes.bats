# Step 7: volumes. The oracle is the host's own view: the directory that was given, /proc/PID/mountinfo and /proc/PID/root.

# shellcheck disable=SC2016,SC2030,SC2031 # single quotes are for the shell inside; every test is a subshell of its own
bats_require_minimum_version 1.5.0
load ../lib/common
load ../lib/demo

setup() { demo_setup step07_volumes; }
teardown() { demo_teardown; }

# --- helpers ----------------------------------------------------------------------------------------------------------

has_mount() { grep -qF -- " $2 " "/proc/$1/mountinfo"; } # PID MOUNTPOINT
inside() { run_timeout 60 "$STEP" "$@"; }

# --- claims -----------------------------------------------------------------------------------------------------------

@test "host-dir: one inode on both sides, written from both" {
	local pid scene dir
	start --scene host-dir
	poll 10 told '^ greeting'
	pid=$(container)
	scene=$(status_field "$pid" PPid)
	dir=$(sed -n 's/^ DIR = //p' told)
	[[ /proc/$pid/root/test -ef /proc/$scene/root$dir/home ]]
	[[ $(cat "/proc/$scene/root$dir/home/hello") == "from inside" && $(cat "/proc/$pid/root/test/greeting") == "from the host" ]]
	has_mount "$pid" /test
	not has_mount "$scene" "$dir/box/merged/test"
	press
	ends 0
	told '^ HELD'
}

@test "anonymous: the volume of 64 hex digits is what mountinfo says is mounted" {
	local pid id
	start --scene anonymous
	poll 10 told '^ inode'
	pid=$(container)
	id=$(grep ' /test ' "/proc/$pid/mountinfo" | grep -oE '/volumes/[0-9a-f]{64}/_data')
	[[ -n $id ]]
	told "^ path +volumes/${id:9:8}"
	press
	ends 0
}

@test "every scene holds" {
	run_timeout 60 "$STEP" --all --json
	[[ $status -eq 0 || $status -eq 77 ]] || fail "$output"
	all_held 9
}

@test "read-only and symlink-trap: what their breaks let through" {
	run_timeout 20 "$STEP" --scene read-only --json
	exits 0
	held read-only
	[[ $(json_get once "$output") == written && $(json_get twice "$output") == EROFS ]]
	run_timeout 60 "$STEP" --break remount --json
	exits 0
	[[ $(json_get twice "$output") == written ]]
	run_timeout 20 "$STEP" --scene symlink-trap --json
	exits 0
	[[ $(json_get host_after "$output") == passwd ]]
	run_timeout 60 "$STEP" --break resolve --json
	exits 0
	[[ $(json_get host_after "$output") == "passwd trap" ]]
}

@test "kill -9 in the middle of any scene leaves nothing" {
	local scene
	for scene in $("$STEP" --list --json | grep -oE '"scene": "[^"]*"' | cut -d'"' -f4); do
		start --scene "$scene"
		poll 10 told "^ $scene " && sleep 0.05
		kill -9 "$DEMO"
		wait "$DEMO" 2>/dev/null || true
		DEMO=
		free_of_token
	done
}

# --- -- CMD -----------------------------------------------------------------------------------------------------------

# bats test_tags=guest
@test "-v of a directory and of a file: same inode, both ways, and not in our mount table" {
	local pid
	mkdir home && echo from-host >home/a && echo conf >conf
	"$STEP" -v "$PWD/home:/test" -v "$PWD/conf:/etc/app.conf:ro" -- sh -c 'cat /test/a /etc/app.conf >/test/b; exec sleep 100' 3>&- &
	DEMO=$!
	poll 10 test -s home/b
	poll 10 eval '[[ $(cat /proc/$(container)/comm) == sleep ]]'
	pid=$(container)
	[[ $(<home/b) == $'from-host\nconf' ]]
	[[ /proc/$pid/root/test -ef home && /proc/$pid/root/etc/app.conf -ef conf ]]
	not has_mount $$ /test
	[[ $(awk '$5 == "/etc/app.conf" { print $6 }' "/proc/$pid/mountinfo") == ro* ]]
	kill -9 "$pid"
	wait "$DEMO" || [[ $? == 137 ]]
	DEMO=
	[[ -s home/b && $(<conf) == conf ]] # the data stays
}

@test "-v ...:ro: EROFS inside, also for root" {
	mkdir -p home && echo 1 >home/a
	inside -v "$PWD/home:/test:ro" -- sh -c 'echo 2 >/test/a; touch /test/b; rm /test/a; exit 0'
	exits 0
	has "Read-only file system"
	[[ $(<home/a) == 1 && ! -e home/b ]]
}

@test "-v ...:ro: EROFS on a mount below it, too (5.12 and later)" {
	mkdir -p home/sub
	run_timeout 60 unshare -Urm sh -c 'mount -t tmpfs t home/sub && touch home/sub/old &&
		"$0" -v "$PWD/home:/test:ro" -- sh -c "ls /test/sub; touch /test/sub/new"; ls home/sub' "$STEP"
	[[ $output != *"Operation not permitted"* ]] || skip "no user namespace for this user"
	has "Read-only file system"
	has old
	[[ ${lines[-1]} == old ]]
}

@test "-v NAME and -v /DST: the container's own, writable; the first is the same twice" {
	inside -v data:/one -v data:/two -v /three -- sh -c 'echo x >/one/f && cat /two/f && touch /three/g && grep -c " /\(one\|two\|three\) " /proc/mounts'
	exits 0
	[[ $output == $'x\n3' ]] || fail "$output"
}

@test "-v over an image's link stays inside" {
	mkdir home && touch home/mine
	inside -v "$PWD/home:/usr/bin/../../var/x" -v "$PWD/home:/sbin/sub" -- sh -c 'ls /var/x /bin/sub'
	exits 0
	[[ $(grep -c mine <<<"$output") == 2 ]] || fail "$output"
	[[ ! -e /var/x && ! -e /sbin/sub && ! -e /bin/sub ]]
}

@test "bad input: a message that names it, 125, nothing left" {
	local text why
	mkfifo fifo
	mkdir home
	touch file
	while IFS='|' read -r text why; do
		inside -v "$text" -- true
		exits 125
		has "$why"
	done <<-END
		$PWD/none:/x|No such file or directory
		$PWD/fifo:/x|neither a directory nor a file
		./home:/x|neither a path from / on nor a volume's name
		home/x:/x|neither a path from / on nor a volume's name
		$PWD/home:/|the container's root itself
		$PWD/home:/..|the container's root itself
		$PWD/home:x|DST is not a path
		$PWD/home:/a:b:c|A colon cannot be in a path
		$PWD/home:/x:rx|No such option
		$PWD/home:/x:ro,rw|No such option
		$PWD/home:/etc/passwd|/etc/passwd: Not a directory
		$PWD/file:/etc|The source is a file
	END
	inside -v "$PWD/home:/with,comma" -- ls -d /with,comma
	exits 0
	free_of_token
}
