# What minibox keeps on disk: whose it is, what a record entitles to, and what an end leaves. Judged by stat, /proc and
# cgroupfs.

# shellcheck disable=SC2016,SC2030,SC2031 # each test is a subshell
load ../lib/common

setup() {
	mb_setup
	MINIBOX=$(bin minibox)
	export MINIBOX_ROOT=$BATS_TEST_TMPDIR/state
	STRANGER=
	GROUP=
}

teardown() {
	[[ -n ${BOX:-} ]] && { kill -9 "$BOX" 2>/dev/null || :; wait "$BOX" 2>/dev/null || :; }
	# What a test that failed has left alive: its root is on this test's directory.
	[[ -n ${INIT:-} ]] && grep -qs "$BATS_TEST_TMPDIR/" "/proc/$INIT/mountinfo" && kill -9 "$INIT"
	[[ -n $STRANGER ]] && { kill -9 "$STRANGER" 2>/dev/null || :; wait "$STRANGER" 2>/dev/null || :; }
	[[ -z $GROUP ]] || poll 5 rmdir "$GROUP" || :
	mb_teardown
}

has_child() { [[ -n $(own_children "$1") ]]; }
runs() { [[ $(tr '\0' ' ' <"/proc/$1/cmdline") == "$2"* ]]; } 2>/dev/null
nothing_left() { [[ -z $(ls -A "$MINIBOX_ROOT/containers") ]]; }
lives() { [[ -e /proc/$1 ]]; }

# in_background ARGS...: a container that runs sleep; BOX is minibox, INIT its PID 1, ID and DIR as on disk.
in_background() {
	"$MINIBOX" run "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	BOX=$!
	poll 10 has_child "$BOX"
	INIT=$(own_children "$BOX")
	poll 10 runs "$INIT" sleep
	DIR=$(echo "$MINIBOX_ROOT"/containers/[0-9a-f]*)
	ID=${DIR##*/}
}

# dead_box ARGS...: the same, whose minibox is killed; its directory waits.
dead_box() {
	in_background "$@" busybox sleep 1000
	kill -9 "$BOX"
	wait "$BOX" 2>/dev/null || :
	BOX=
	poll 10 gone "$INIT"
	[[ -e $DIR/state.json ]]
}

stranger() {
	sleep 1000 3>&- &
	STRANGER=$!
	poll 10 runs "$STRANGER" sleep
}

# stranger_group: GROUP, a group of the test's own, with the stranger in it.
stranger_group() {
	local line path
	stranger
	while read -r line; do
		path=$line/minibox-$MINIBOX_TOKEN-stranger
		if mkdir "$path" 2>/dev/null; then
			echo "$STRANGER" 2>/dev/null >"$path/cgroup.procs" && GROUP=$path && return
			rmdir "$path"
		fi
	done < <(sed -n 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - cgroup2\{0,1\} .*/\1/p' /proc/self/mountinfo | grep -v cpuset
		awk -F: '$2 == "" { print "/sys/fs/cgroup" $3 }' /proc/self/cgroup)
	skip "no cgroup to be had here"
}
# own_groups_go: a record that is not obeyed leaves its empty groups.
own_groups_go() { find /sys/fs/cgroup -type d -name "minibox-$MINIBOX_TOKEN????" -exec rmdir {} +; }
in_group() { grep -qx "$STRANGER" "$GROUP/cgroup.procs"; }

# record FILTER...: the dead box's record, changed by jq.
record() {
	need jq
	jq "$@" "$DIR/state.json" >"$BATS_TEST_TMPDIR/changed"
	cat "$BATS_TEST_TMPDIR/changed" >"$DIR/state.json"
}

# --- whose it is ------------------------------------------------------------------------------------------------------

@test "a newline, a quote and a byte that is no UTF-8 in ROOT: a neighbour of the shorter name is left alone" {
	local root=$BATS_TEST_TMPDIR/x/a
	mkdir -p "$root"
	echo precious >"$root/file"
	MINIBOX_ROOT=$root$'\nb' "$MINIBOX" run -v /data busybox true
	MINIBOX_ROOT=$root$'"\\c' "$MINIBOX" run -v /data busybox true
	MINIBOX_ROOT=$root$'\nb' "$MINIBOX" gc
	[[ $(<"$root/file") == precious ]]
	[[ -z $(find "$root"$'\nb/containers' "$root"$'"\\c/containers' -mindepth 1) ]]
	# JSON, so config.json, cannot name this one.
	MINIBOX_ROOT=$root$'"\x80\\c' run "$MINIBOX" run -v /data busybox true
	exits 125
	has "not UTF-8"
	[[ ! -e $root$'"\x80\\c' ]]
}

@test "a path of 600 bytes holds a state like any other; one that no system call takes is said" {
	local long
	printf -v long '/%0200d' 0 0 0
	MINIBOX_ROOT=$BATS_TEST_TMPDIR$long
	"$MINIBOX" run -v /data busybox true
	nothing_left
	[[ -z $(ls -A "$MINIBOX_ROOT/volumes") ]]
	printf -v long '/%0200d' {1..30}
	run "$MINIBOX" run --root "$long" busybox true
	exits 125
	has "too long"
}

@test "ROOT that others can write to, or that is a link, is not trusted" {
	local dir=$BATS_TEST_TMPDIR/open
	mkdir "$dir"
	chmod 0777 "$dir"
	run "$MINIBOX" run --root "$dir" busybox true
	exits 125
	has "others can write"
	has "remedy"
	chmod 0770 "$dir"
	run "$MINIBOX" gc --root "$dir"
	exits 125
	[[ -z $(ls -A "$dir") ]]
	chmod 0700 "$dir"
	ln -s "$dir" "$BATS_TEST_TMPDIR/link"
	for link in link link/ link/. link//; do
		run "$MINIBOX" run --root "$BATS_TEST_TMPDIR/$link" busybox true
		exits 125
		has "symbolic link"
	done
	[[ -z $(ls -A "$dir") ]]
	mkdir "$dir/containers" "$dir/images" "$dir/volumes"
	chmod 0777 "$dir/volumes"
	run "$MINIBOX" run --root "$dir" busybox true
	exits 125
	rmdir "$dir/containers"
	chmod 0700 "$dir/volumes"
	ln -s /tmp "$dir/containers"
	run "$MINIBOX" run --root "$dir" busybox true
	exits 125
}

# bats test_tags=root
@test "root does not trust a state directory of another user, nor a record, an image or a container of another" {
	skip_unless_root
	dead_box
	chown 12345 "$DIR/state.json"
	run "$MINIBOX" gc
	exits 1
	has "belongs to uid 12345"
	[[ -d $DIR/layer ]]
	chown 0 "$DIR/state.json"
	chown 12345 "$DIR"
	run "$MINIBOX" gc
	exits 1
	has "belongs to uid 12345"
	[[ -d $DIR/layer ]]
	chown 0 "$DIR"
	chown 12345 "$MINIBOX_ROOT/images/busybox"
	run "$MINIBOX" run busybox true
	exits 125
	has "belongs to uid 12345"
	chown 0 "$MINIBOX_ROOT/images/busybox"
	"$MINIBOX" gc
	nothing_left
	chown 12345 "$MINIBOX_ROOT"
	run "$MINIBOX" run busybox true
	exits 125
	has "belongs to uid 12345"
	has "remedy"
}

@test "root in a user namespace is not the host's: its state is below HOME" {
	unshare -Ur true 2>/dev/null || skip "no user namespace to be had here"
	mkdir "$BATS_TEST_TMPDIR/home"
	run env -u MINIBOX_ROOT -u XDG_DATA_HOME HOME="$BATS_TEST_TMPDIR/home" unshare -Ur "$MINIBOX" gc
	exits 0
	[[ -d $BATS_TEST_TMPDIR/home/.local/share/minibox/containers ]]
}

# --- what a record entitles to ----------------------------------------------------------------------------------------

@test "a record that is torn, of another version, id, type or mode is named and not obeyed" {
	local whole=$BATS_TEST_TMPDIR/whole n
	need jq
	dead_box -v /data
	stranger
	cp "$DIR/state.json" "$whole"
	refused() { # WORDS
		run "$MINIBOX" gc
		exits 1
		has "$ID"
		has "$1"
		has "1 left"
		[[ -d $DIR/layer && -n $(ls "$MINIBOX_ROOT/volumes") ]]
		"$MINIBOX" run busybox true # is not held up by it
		cat "$whole" >"$DIR/state.json"
	}
	for n in 0 1 20 100 $(($(stat -c %s "$whole") - 2)); do
		truncate -s "$n" "$DIR/state.json"
		refused torn
	done
	printf 'gro\n' >"$DIR/state.json"
	refused torn
	printf x >>"$DIR/state.json"
	refused torn
	printf '\0' >>"$DIR/state.json"
	refused torn
	record '.version = 2'
	refused "version 2"
	record '.id = "0123456789ab"'
	refused "its id"
	record '.cgroups = [{path: "sys/fs/cgroup", role: "group"}]'
	refused "not absolute"
	record '.cgroups = [{path: "/sys/fs/cgroup", role: "group", dev: "1", ino: 1}]'
	refused "no whole number"
	record '.cgroups = [{path: "/sys/fs/cgroup", role: "group", dev: 1}]'
	refused "ino"
	record '.cgroups = [{path: "/sys/fs/cgroup", role: "gro"}]'
	refused "role"
	record '.volumes = [{name: "../containers"}]'
	refused "volume"
	record '.volumes = [{name: "/etc"}]'
	refused "volume"
	record '.unknown = 1'
	refused "unknown member"
	record --argjson pid 1 '.pid = $pid'
	refused "range"
	record 'del(.boot)'
	refused "boot"
	head -c 2000000 /dev/zero | tr '\0' ' ' >>"$DIR/state.json"
	refused "longer"
	chmod 0660 "$DIR/state.json"
	refused "written by others"
	chmod 0600 "$DIR/state.json"
	mv "$DIR/state.json" "$DIR/elsewhere"
	ln -s elsewhere "$DIR/state.json"
	refused "$ID"
	rm "$DIR/state.json"
	mkfifo "$DIR/state.json"
	run timeout 20 "$MINIBOX" gc
	exits 1
	has "no regular file"
	rm "$DIR/state.json"
	mv "$DIR/elsewhere" "$DIR/state.json"
	lives "$STRANGER"
	run "$MINIBOX" gc
	exits 0
	nothing_left
	[[ -z $(ls -A "$MINIBOX_ROOT/volumes") ]]
}

@test "what is no container of ours in containers/ is named and left" {
	mkdir -p "$BATS_TEST_TMPDIR/precious/layer"
	touch "$BATS_TEST_TMPDIR/precious/lock"
	"$MINIBOX" run busybox true
	ln -s "$BATS_TEST_TMPDIR/precious" "$MINIBOX_ROOT/containers/0123456789ab"
	ln -s "$BATS_TEST_TMPDIR/precious" "$MINIBOX_ROOT/containers/.new-0123456789ab"
	ln -s "$BATS_TEST_TMPDIR/precious" "$MINIBOX_ROOT/images/removing-x"
	mkdir "$MINIBOX_ROOT/containers/"$'other\e[31m' "$MINIBOX_ROOT/containers/ba9876543210"
	touch "$MINIBOX_ROOT/containers/file"
	run "$MINIBOX" gc
	exits 1
	has "0 removed, 6 left"
	has_not $'\e'
	[[ -d $BATS_TEST_TMPDIR/precious/layer && -e $BATS_TEST_TMPDIR/precious/lock ]]
	[[ -L $MINIBOX_ROOT/containers/0123456789ab ]]
	"$MINIBOX" run busybox true
}

# bats test_tags=guest
@test "a record with the path of a stranger's group, or with another inode: nothing in it is killed" {
	dead_box
	stranger_group
	record --arg path "$GROUP" '.cgroups += [{path: $path, role: "group"}]'
	run "$MINIBOX" gc
	in_group
	nothing_left
	dead_box
	record --arg path "$GROUP" --argjson dev "$(stat -c %d "$GROUP")" --argjson ino "$(($(stat -c %i "$GROUP") + 1))" \
		'.cgroups += [{path: $path, role: "group", dev: $dev, ino: $ino}]'
	run "$MINIBOX" gc
	in_group
	dead_box
	record --arg path "$GROUP" --argjson dev "$(stat -c %d "$GROUP")" --argjson ino "$(stat -c %i "$GROUP")" \
		'.boot = "another" | .cgroups += [{path: $path, role: "group", dev: $dev, ino: $ino}]'
	run "$MINIBOX" gc
	in_group
	own_groups_go # of another boot: what has that name now is not ours
	# A directory outside of cgroupfs is none, and the top of a hierarchy is nobody's.
	local top
	top=$(stat -c %m "$GROUP")
	mkdir "$BATS_TEST_TMPDIR/empty"
	dead_box
	record --arg path "$BATS_TEST_TMPDIR/empty" --arg top "$top" --argjson dev "$(stat -c %d "$top")" \
		--argjson ino "$(stat -c %i "$top")" \
		'.cgroups += [{path: $path, role: "group"}, {path: $top, role: "group", dev: $dev, ino: $ino}, {path: $top, role: "upper"}]'
	run "$MINIBOX" gc
	in_group
	[[ -d $BATS_TEST_TMPDIR/empty ]]
}

@test "a record with the PID of a stranger: another start time or namespace, and it lives" {
	dead_box
	stranger
	record --argjson pid "$STRANGER" '.pid = $pid'
	run "$MINIBOX" gc
	exits 0
	lives "$STRANGER"
	nothing_left
	dead_box
	local -a stat
	read -ra stat <"/proc/$STRANGER/stat"
	record --argjson pid "$STRANGER" --argjson start "${stat[21]}" '.pid = $pid | .start = $start'
	run "$MINIBOX" gc
	exits 0
	lives "$STRANGER"
	nothing_left
}

@test "a volume of a record: another directory of that name stays, and one with a name" {
	local volume
	dead_box -v /data -v kept:/kept
	volume=$(echo "$MINIBOX_ROOT"/volumes/????????????????????????????????????????????????????????????????)
	mv "$volume" "$BATS_TEST_TMPDIR/moved"
	mkdir -p "$volume/_data"
	touch "$volume/_data/precious"
	run "$MINIBOX" gc
	exits 0
	nothing_left
	[[ -e $volume/_data/precious && -d $MINIBOX_ROOT/volumes/kept/_data ]]
	rm -r "$volume"
	ln -s "$BATS_TEST_TMPDIR/moved" "$volume"
	touch "$BATS_TEST_TMPDIR/moved/precious"
	dead_box
	record --arg name "${volume##*/}" --argjson dev "$(stat -c %d "$BATS_TEST_TMPDIR/moved")" \
		--argjson ino "$(stat -c %i "$BATS_TEST_TMPDIR/moved")" '.volumes = [{name: $name, dev: $dev, ino: $ino}]'
	run "$MINIBOX" gc
	[[ -e $BATS_TEST_TMPDIR/moved/precious ]]
}

# --- what lives -------------------------------------------------------------------------------------------------------

# a process that has changed its ids outlives minibox: PDEATHSIG is cleared by that
survivor() {
	in_background busybox sh -c 'echo nobody:x:65534:65534::/:/bin/sh >/etc/passwd; exec su -s /bin/sh nobody -c "exec sleep 1000"'
	kill -9 "$BOX"
	wait "$BOX" 2>/dev/null || :
	BOX=
}

# bats test_tags=guest
@test "a container that outlives its minibox is ended by gc, before its files go" {
	skip_unless_root "su inside needs a second uid"
	survivor
	lives "$INIT"
	run "$MINIBOX" gc
	exits 0
	has "1 removed"
	poll 5 gone "$INIT" # its zombie is another's to reap
	nothing_left
	[[ -z $(find /sys/fs/cgroup -type d -name "*$MINIBOX_TOKEN*" 2>/dev/null) ]]
	# By its process alone, without a group.
	survivor
	record '.cgroups = []'
	run "$MINIBOX" gc
	exits 0
	poll 5 gone "$INIT"
	nothing_left
	# By its group alone.
	survivor
	if [[ $(jq '.cgroups | length' "$DIR/state.json") != 0 ]]; then
		record 'del(.pid, .start, .pid_ns)'
		run "$MINIBOX" gc
		exits 0
		poll 5 gone "$INIT"
	fi
	"$MINIBOX" run busybox true
	poll 5 gone "$INIT"
	nothing_left
	own_groups_go
}

@test "where it cannot be seen whether it lives, the container stays and is named" {
	skip_unless_root "su inside needs a second uid"
	unshare -pf true || skip "no PID namespace to be had here"
	survivor
	record '.cgroups = []'
	# /proc of another PID namespace, then a namespace in which the process is out of sight
	run unshare -pf --kill-child "$MINIBOX" gc
	exits 1
	has "another PID namespace"
	lives "$INIT"
	run unshare -pf --mount-proc --kill-child "$MINIBOX" gc
	exits 1
	has "$ID"
	lives "$INIT"
	[[ -d $DIR/layer ]]
	run "$MINIBOX" gc
	exits 0
	poll 5 gone "$INIT"
	nothing_left
	own_groups_go
}

# --- what an end leaves -----------------------------------------------------------------------------------------------

@test "eight first runs at once: all run, one image, nothing half-made" {
	local i pids=()
	for i in {1..8}; do
		"$MINIBOX" run busybox sh -c 'exit 7' >"$BATS_TEST_TMPDIR/out.$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in {1..8}; do
		status=0
		wait "${pids[i - 1]}" || status=$?
		output=$(<"$BATS_TEST_TMPDIR/out.$i")
		exits 7
		[[ -z $output ]]
	done
	[[ $(ls -A "$MINIBOX_ROOT/images") == busybox ]]
	[[ $(ls -A "$MINIBOX_ROOT/images/busybox") == diff ]]
	nothing_left
}

# strace holds each flock(2): between the directory and its lock a gc takes it for garbage.
@test "a gc between a new directory and its lock: another one is made" {
	skip_unless_slowed
	local place pid SLOW_US=2000000
	"$MINIBOX" gc # makes the state directory
	slowed flock "$MINIBOX" run busybox sh -c 'exit 7' >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	pid=$!
	for place in images containers; do
		made() { compgen -G "$MINIBOX_ROOT/$place/.new-*/lock" >/dev/null; }
		poll 20 made
		"$MINIBOX" gc
		not made
	done
	status=0
	wait "$pid" || status=$?
	output=$(<"$BATS_TEST_TMPDIR/out")
	exits 7
	[[ -z $output ]] || fail "$output"
	nothing_left
}

@test "kill -9 of first runs: what is half-made goes with the next gc, and the image is whole" {
	local i
	for i in {1..25}; do
		timeout -s KILL "0.0$((i * 4 / 10))$((i * 4 % 10))" "$MINIBOX" run busybox true 2>/dev/null || :
		[[ ! -e $MINIBOX_ROOT/images/busybox || ! -w $MINIBOX_ROOT ]] || ((i % 3)) || rm -r "$MINIBOX_ROOT/images/busybox"
	done
	run "$MINIBOX" gc
	exits 0
	nothing_left
	[[ -z $(find "$MINIBOX_ROOT/images" -mindepth 1 -maxdepth 1 ! -name busybox) ]]
	"$MINIBOX" run busybox sh -c 'ls /etc/passwd /bin/su /tmp >/dev/null'
	nothing_left
}

@test "a full disk, and a limit on file sizes: said, and nothing is left" {
	unshare -Urm true 2>/dev/null || skip "no user namespace to be had here"
	mkdir "$BATS_TEST_TMPDIR/small"
	for size in 16k 64k 512k; do
		run unshare -Urm sh -c 'mount -t tmpfs -o size='$size' small "$1" && cd "$1" && MINIBOX_ROOT=$1/state "$0" run busybox true
			echo "status $?"; ls -A state/images state/containers state/volumes' "$MINIBOX" "$BATS_TEST_TMPDIR/small"
		has "status 125"
		has "No space left"
		has_not ".new-"
		not grep -qx busybox <<<"$output"
		not grep -qE '^[0-9a-f]{12}$' <<<"$output"
	done
	"$MINIBOX" run busybox true
	run sh -c 'ulimit -f 0; exec "$0" run busybox true' "$MINIBOX"
	exits 125
	has "File too large"
	nothing_left
	run sh -c 'ulimit -f 0; exec "$0" --root "$1" run busybox true' "$MINIBOX" "$BATS_TEST_TMPDIR/other"
	[[ $status -lt 128 ]]
}

@test "the umask of the caller is in no mode: of the image, of the container's root, of a volume" {
	local dir
	for mask in 077 0777 000; do
		MINIBOX_ROOT=$BATS_TEST_TMPDIR/state$mask
		mkdir -m 0700 "$MINIBOX_ROOT"
		(umask $mask && exec "$MINIBOX" run -v /data busybox stat -c %a / /bin /bin/busybox /etc/passwd /data) >"$BATS_TEST_TMPDIR/modes"
		[[ $(sort -u "$BATS_TEST_TMPDIR/modes") =~ ^(644$'\n')?755$ ]] || fail "$mask" "$(<"$BATS_TEST_TMPDIR/modes")"
		for dir in images containers volumes; do [[ $(stat -c %a "$MINIBOX_ROOT/$dir") == 700 ]]; done
		nothing_left
	done
}

# bats test_tags=root
@test "the name of a file that stays is shown without its escape codes, by run and by gc" {
	skip_unless_root "chattr +i"
	local name=$'a\e[31mb' stuck
	mkdir "$BATS_TEST_TMPDIR/vol"
	"$MINIBOX" run -v "$BATS_TEST_TMPDIR/vol:/vol" busybox sh -c \
		"touch '/$name' /vol/up; until [ -e /vol/go ]; do sleep 0.1; done" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	BOX=$!
	poll 10 test -e "$BATS_TEST_TMPDIR/vol/up"
	stuck=$(find "$MINIBOX_ROOT/containers" -name "*31mb" -print -quit)
	chattr +i "$stuck" 2>/dev/null || stuck=
	touch "$BATS_TEST_TMPDIR/vol/go"
	wait "$BOX" || :
	BOX=
	[[ -n $stuck ]] || skip "this file system has no immutable files"
	run "$MINIBOX" gc
	find "$MINIBOX_ROOT/containers" -name "*31mb" -exec chattr -i {} +
	exits 1
	has 'a\x1b[31mb'
	has_not $'\e'
	grep -F 'a\x1b[31mb' "$BATS_TEST_TMPDIR/out"
	not grep -q $'\e' "$BATS_TEST_TMPDIR/out"
	"$MINIBOX" gc
	nothing_left
}

@test "a file that cannot be removed is left, counted as that, and costs a run nothing" {
	skip_unless_root "chattr +i"
	dead_box -v /data
	touch "$DIR/layer/diff/stuck" "$DIR/layer/diff/other"
	chattr +i "$DIR/layer/diff/stuck" 2>/dev/null || skip "this file system has no immutable files"
	run "$MINIBOX" gc
	chattr -i "$MINIBOX_ROOT"/containers/*/layer/diff/stuck
	chattr +i "$MINIBOX_ROOT"/containers/*/layer/diff/stuck
	exits 1
	has "0 removed, 1 left"
	has "Operation not permitted"
	[[ ! -e $MINIBOX_ROOT/containers/removing-$ID/layer/diff/other ]]
	run strace -f -o "$BATS_TEST_TMPDIR/trace" "$MINIBOX" run busybox true
	exits 0
	not grep -q '"stuck"' "$BATS_TEST_TMPDIR/trace"
	run "$MINIBOX" gc
	exits 1
	has "0 removed, 1 left"
	chattr -i "$MINIBOX_ROOT"/containers/*/layer/diff/stuck
	run "$MINIBOX" gc
	exits 0
	has "1 removed"
	nothing_left
}

@test "no mount point is entered, no link followed, any depth and mode removed" {
	mkdir "$BATS_TEST_TMPDIR/precious"
	touch "$BATS_TEST_TMPDIR/precious/file"
	dead_box
	ln -s "$BATS_TEST_TMPDIR/precious" "$DIR/layer/diff/link"
	(
		cd "$DIR/layer/diff"
		for ((i = 0; i < 300; i++)); do mkdir ddddddddddddddddddddddddddddddd && cd ddddddddddddddddddddddddddddddd && touch f; done
		chmod 0555 .. && chmod 0 .
	)
	mkdir "$DIR/layer/diff/mount" "$DIR/layer/diff/closed"
	touch "$DIR/layer/diff/closed/f"
	chmod 0 "$DIR/layer/diff/closed"
	if unshare -Urm true 2>/dev/null; then
		run unshare -Urm sh -c 'mount --bind "$1" "$2" && "$0" gc' "$MINIBOX" "$BATS_TEST_TMPDIR/precious" "$DIR/layer/diff/mount"
		exits 1
		has "1 left"
	fi
	[[ -e $BATS_TEST_TMPDIR/precious/file ]]
	run "$MINIBOX" gc
	exits 0
	nothing_left
	[[ -e $BATS_TEST_TMPDIR/precious/file ]]
}

@test "two gcs and runs at once: each dead container is removed once, each living one stays" {
	local i pids=() template
	dead_box
	template=$BATS_TEST_TMPDIR/template
	need jq
	mv "$DIR" "$template"
	chmod -R u+rwx "$template"
	for i in {100..140}; do
		cp -a "$template" "$MINIBOX_ROOT/containers/000000000$i"
		jq --arg id "000000000$i" '.id = $id' "$template/state.json" >"$MINIBOX_ROOT/containers/000000000$i/state.json"
	done
	in_background busybox sleep 1000
	for i in {1..4}; do
		"$MINIBOX" gc >"$BATS_TEST_TMPDIR/gc.$i" 2>&1 3>&- &
		pids+=($!)
	done
	"$MINIBOX" run busybox true
	for i in "${pids[@]}"; do wait "$i"; done
	lives "$INIT"
	[[ $(ls -A "$MINIBOX_ROOT/containers") == "$ID" ]]
	[[ $(cat "$BATS_TEST_TMPDIR"/gc.* | grep removed | sort | uniq -d | grep -vc '^[0-9]* removed') == 0 ]]
	kill -9 "$INIT"
	wait "$BOX" || :
	BOX=
	nothing_left
}

@test "an error while another container is tidied up is not the reason of this one's failure" {
	dead_box
	printf torn >"$DIR/state.json"
	run "$MINIBOX" run no-such-image true
	exits 125
	has "no image of that name"
	has_not torn
	run "$MINIBOX" run busybox sh -c 'exit 5'
	exits 5
	[[ -z $output ]]
	own_groups_go
}

@test "--name: of a dead container it is free, of a living one not, also for two at the same time" {
	local i n=0 pids=()
	dead_box --name web
	run "$MINIBOX" run --name web busybox true
	exits 0
	for i in 1 2 3 4; do
		"$MINIBOX" run --name web busybox sleep 2 >"$BATS_TEST_TMPDIR/out.$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" && n=$((n + 1)) || :; done
	[[ $n -ge 1 && $(grep -l "name runs" "$BATS_TEST_TMPDIR"/out.* | wc -l) == $((4 - n)) ]]
	nothing_left
}
