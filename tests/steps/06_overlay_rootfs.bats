# Step 6: overlay. The oracle is stat(1) and cat(1) on lower, upper and merged, looked at from outside through
# /proc/PID/root, the process's mountinfo, and overlays that mount(8) has made.

# shellcheck disable=SC2016,SC2030,SC2031 # single quotes are for the shell inside; every test is a subshell of its own
bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	mb_setup
	STEP=$(bin step06_overlay_rootfs)
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	exec 9>&-
	[[ -z ${DEMO:-} ]] || { kill "$DEMO" && wait "$DEMO"; } 2>/dev/null || true
	mb_teardown
}

# --- helpers ----------------------------------------------------------------------------------------------------------

# start ARGS...: the demo with --pause in the background, its narration in ./told. It goes on with every `press`.
start() {
	[[ -p keys ]] || mkfifo keys
	exec 9<>keys
	"$STEP" --pause "$@" <keys >told 2>&1 3>&- 9>&- &
	DEMO=$!
}
press() { printf ' ' >&9; }
told() { grep -qE -- "$1" told; }

# ends STATUS: the demo has come to its end with that status.
ends() {
	local status=0
	wait "$DEMO" || status=$?
	DEMO=
	[[ $status -eq $1 ]] || fail "exit status $status, expected $1" "$(cat told)"
}

# overlaid: the process of this test that has mounted an overlay; of several, the last.
overlaid() {
	local pid found=
	for pid in $(token_processes); do
		grep -q ' - overlay ' "/proc/$pid/mountinfo" 2>/dev/null && found=$pid
	done
	echo "$found"
	[[ -n $found ]]
}

# container: the process of this test that is number 1 of a PID namespace below ours, as the host numbers it.
container() {
	local pid pids
	for pid in $(token_processes); do
		read -ra pids <<<"$(status_field "$pid" NSpid 2>/dev/null)"
		((${#pids[@]} > 1)) && [[ ${pids[-1]} == 1 ]] && { echo "$pid"; return 0; }
	done
	return 1
}

# place PID: the scene's directory of layers, as it is reached from here.
place() {
	local dir
	dir=$(echo "${TMPDIR:-/tmp}/minibox-$MINIBOX_TOKEN"-*)
	echo "/proc/$1/root$dir"
}

# option PID NAME: that option of the last overlay in its mountinfo.
option() { grep ' - overlay ' "/proc/$1/mountinfo" | tail -n 1 | grep -oE "[ ,]$2=[^, ]*" | cut -d= -f2-; }

# --- claims -----------------------------------------------------------------------------------------------------------

# bats test_tags=guest
@test "whiteout: upper has a character device 0:0, lower has the file, merged has neither" {
	local pid dir
	start --scene whiteout
	poll 10 told '^ before' && press
	poll 10 told '^ after'
	pid=$(overlaid) dir=$(place "$pid")
	[[ $(stat -c '%F %t:%T' "$dir/C/x") == "character special file 0:0" ]]
	[[ $(<"$dir/A/x") == hi && ! -e $dir/merged/x ]]
	[[ $(option "$pid" lowerdir) == A && $(option "$pid" upperdir) == C && $(option "$pid" workdir) == tmp ]]
	press
	ends 0
	told '^ HELD'
}

@test "union: who wins is the order of lowerdir, as mount(8) has it too" {
	local pid dir by_hand user=()
	start --scene union
	poll 10 told '^ x '
	pid=$(overlaid) dir=$(place "$pid")
	[[ $(option "$pid" lowerdir) == A:B && $(<"$dir/merged/x") == "of A" && $(<"$dir/B/x") == "of B" ]]
	is_root || user=(--preserve-credentials -U)
	by_hand=$(nsenter "${user[@]}" -m -t "$pid" sh -c "cd ${dir#/proc/*/root} && mkdir m && mount -t overlay o -olowerdir=B:A m && cat m/x")
	[[ $by_hand == "of B" ]] || fail "by hand, the other way round: $by_hand"
	press
	ends 0
}

@test "copy-up: the whole file is in upper, the lower one as it was" {
	local line
	run_timeout 20 "$STEP" --scene copy-up --json
	exits 0
	held copy-up
	line=$(json_line copy-up)
	[[ $(json_get lower_size "$line") == 8388608 && $(json_get upper_size "$line") == 8388609 ]]
	[[ $(json_get lower_inode "$line") != "$(json_get upper_inode "$line")" ]]
}

@test "where-it-lives: upperdir of the container's mountinfo holds what was written inside" {
	local pid upper scene
	start --scene where-it-lives
	poll 10 told 'workdir='
	pid=$(container)
	scene=$(status_field "$pid" PPid)
	upper=$(option "$pid" upperdir)
	[[ $upper == *"minibox-$MINIBOX_TOKEN-"*/overlay2/*/diff ]] || fail "upperdir $upper"
	[[ $(cat "/proc/$scene/root$upper/root/note") == "written inside" ]]
	[[ ! -e /proc/$scene/root$(option "$pid" lowerdir)/root/note && ! -e /proc/$pid/root$upper ]]
	told "upperdir=DIR/overlay2/${upper#*/overlay2/}\$"
	press
	ends 0
}

@test "one-image-two-containers: Pss of a shared mapping is half of Rss" {
	local line
	run_timeout 20 "$STEP" --scene one-image-two-containers --json
	exits 0
	held one-image-two-containers
	line=$(json_line one-image-two-containers)
	[[ $(json_get pss_alone "$line") == 4096 && $(json_get pss_shared "$line") == 2048 ]]
}

@test "every scene holds" {
	run_timeout 60 "$STEP" --all --json
	[[ $status -eq 0 || $status -eq 77 ]] || fail "$output"
	all_held 13
}

@test "shared-layer: the image is untouched; with each break it is not" {
	run_timeout 20 "$STEP" --scene shared-layer --json
	exits 0
	held shared-layer
	[[ $(json_get image "$output") == "of the image" && $(json_get neighbour "$output") == "of the image" ]]
	for name in upper cloexec; do
		run_timeout 60 "$STEP" --break "$name" --json
		exits 0
		[[ $(json_get image "$output") == HACKED && $(json_get neighbour "$output") == HACKED ]]
	done
	run_timeout 60 "$STEP" --break order --json
	exits 0
	[[ $(json_get x_of_layers "$output") == "of B" ]]
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

# --- diff -------------------------------------------------------------------------------------------------------------

# in_userns SCRIPT: runs it as root of a user namespace, on a tmpfs. $0: the program. Not on /tmp, where that may be.
in_userns() {
	mkdir "$BATS_TEST_TMPDIR/t"
	run_timeout 60 unshare -Urm sh -ec 'mount -t tmpfs t "$1"; cd "$1"; mkdir A B C w m; '"$1" "$STEP" "$BATS_TEST_TMPDIR/t"
	[[ $output != *"Operation not permitted"* ]] || skip "no user namespace for this user"
}

@test "diff of an overlay that mount(8) made, by mount point, by upper, and by naming the layers" {
	in_userns 'mkdir A/dir A/etc; echo 1 >A/dir/old; echo 1 >A/gone; echo 1 >A/etc/conf; echo 1 >B/same
		mount -t overlay o "-olowerdir=$PWD/B:$PWD/A,upperdir=$PWD/C,workdir=$PWD/w,userxattr" m
		rm m/gone; echo 2 >>m/etc/conf; echo new >m/new; ln -s gone m/link; mkdir m/own; touch "m/own/a	b"; mknod m/pipe p
		"$0" diff m >1; "$0" diff C >2; "$0" diff "$PWD/C/../C" A B >3; cmp 1 2; cmp 1 3; cat 1'
	exits 0
	[[ $output == $'C /etc\nC /etc/conf\nD /gone\nA /link\nA /new\nA /own\nA /own/a\\011b\nA /pipe' ]] || fail "$output"
}

@test "diff of a directory deleted and made anew" {
	in_userns 'mkdir A/dir; echo 1 >A/dir/old; mount -t overlay o -olowerdir=A,upperdir=C,workdir=w,userxattr m
		rm -r m/dir 2>/dev/null && mkdir m/dir || { echo no attributes; exit; }; touch m/dir/new; "$0" diff m'
	[[ $output != "no attributes" ]] || skip "tmpfs takes no user attributes here (before 6.6)"
	[[ $output == $'C /dir\nA /dir/new\nD /dir/old' ]] || fail "$output"
}

@test "diff of an overlay with relative names, as the documents mount it, from here and from elsewhere" {
	in_userns 'echo 1 >A/gone; mount -t overlay o -olowerdir=B:A,upperdir=C,workdir=w,userxattr m; rm m/gone; echo 2 >m/new
		printf "A /new\nD /gone\n" >want; "$0" diff m >1; "$0" diff C >2; dir=$PWD; cd m; "$0" diff . >../3
		cd /; "$0" diff "$dir/C" >"$dir/4"; cd "$dir"; for i in 1 2 3 4; do sort "$i" | cmp - want; done; echo same'
	exits 0
	[[ $output == same ]] || fail "$output"
}

@test "diff: bad input" {
	run "$STEP" diff
	exits 2
	has "which directory?"
	run "$STEP" diff /no/such/directory
	exits 1
	has "/no/such/directory: No such file or directory"
	run "$STEP" diff "$BATS_TEST_TMPDIR"
	exits 1
	has "neither the mount point nor the upper directory of an overlay"
	run "$STEP" diff "$BATS_TEST_TMPDIR" /etc/passwd
	exits 1
	has "Not a directory"
}

# --- -- CMD -----------------------------------------------------------------------------------------------------------

@test "-- CMD: the root is an overlay; what it writes is in upper, and gone afterwards" {
	local pid upper
	"$STEP" -- sh -c 'echo inside >/root/note; rm /etc/hosts; exec sleep 100' 3>&- &
	DEMO=$!
	poll 10 eval '[[ -n $(container) && $(cat /proc/$(container)/comm) == sleep ]]'
	pid=$(container)
	[[ $(awk '$5 == "/" { for (i = 7; $i != "-"; i++); print $(i + 1) }' "/proc/$pid/mountinfo") == overlay ]]
	upper=$(option "$pid" upperdir)
	[[ $(cat "/proc/$pid/root/root/note") == inside && ! -e /proc/$pid/root/etc/hosts ]]
	kill -9 "$pid"
	wait "$DEMO" || [[ $? == 137 ]]
	DEMO=
	free_of_token
	[[ ! -e $upper ]]
}

@test "-- CMD: exit status; two at once do not see each other" {
	run_timeout 60 "$STEP" -- sh -c 'echo 1 >/one; exit 9'
	exits 9
	run_timeout 60 "$STEP" -- ls /
	exits 0
	has_not one
	run -127 timeout 60 "$STEP" -- no-such-command
	has no-such-command
}
