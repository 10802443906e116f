# The values of minibox run's flags: what they mean, and which are refused. Judged by the container's mount table,
# its group and its files as the host sees them.

# shellcheck disable=SC2016
load ../lib/common

setup() {
	mb_setup
	MINIBOX=$(bin minibox)
	export MINIBOX_ROOT=$BATS_TEST_TMPDIR/state
	SRC=$BATS_TEST_TMPDIR/src
	mkdir "$SRC"
	echo of-the-host >"$SRC/file"
}

teardown() {
	[[ -n ${BOX:-} ]] && { kill -9 "$BOX" 2>/dev/null || :; wait "$BOX" 2>/dev/null || :; }
	mb_teardown
}

# image: a root of its own in $ROOT, to lay links into.
image() {
	"$MINIBOX" run busybox true
	ROOT=$BATS_TEST_TMPDIR/root
	cp -a "$MINIBOX_ROOT/images/busybox/diff" "$ROOT"
}

# refused WORDS ARGS...: 125 with these words, and nothing was made.
refused() {
	local words=$1
	shift
	run_timeout 60 "$MINIBOX" run "$@"
	exits 125
	has "$words"
	[[ ${lines[0]} == "minibox: "* ]]
	[[ ! -d $MINIBOX_ROOT || -z $(find "$MINIBOX_ROOT/volumes" "$MINIBOX_ROOT/containers" -mindepth 1 2>/dev/null) ]]
}

# bats test_tags=guest
@test "-v: no place where the container's own files are" {
	local place
	for place in /proc /proc/ //proc/. /proc/x /proc/sys/kernel /x/../proc /dev /dev/ /dev/pts /dev/mqueue /sys /sys/; do
		refused "DST is" -v "$SRC:$place" busybox true
		refused "DST is" -v "$place" busybox true
	done
	# Others below them are nobody's.
	run "$MINIBOX" run -v "$SRC:/dev/mine" -v "$SRC:/dev/shm" -v "$SRC:/processes" -v "$SRC:/system" busybox sh -c \
		'cat /dev/mine/file /dev/shm/file /processes/file /system/file; echo x >/dev/null; ls /proc/self/status /dev/pts'
	exits 0
	[[ $(grep -c of-the-host <<<"$output") == 4 ]]
}

# bats test_tags=guest
@test "-v: links of the image lead neither over /proc nor out of the root" {
	image
	ln -s /proc "$ROOT/a"
	ln -s a/self/../x "$ROOT/b"
	ln -s ../../../../proc "$ROOT/etc/c"
	ln -s /dev "$ROOT/d"
	ln -s ../sys/. "$ROOT/e"
	ln -s / "$ROOT/f"
	ln -s .. "$ROOT/etc/g"
	local place
	for place in /a /b /etc/c /a/sys /d /d/pts /e /etc/g/proc /f /etc/g; do
		refused "By a link of the image" -v "$SRC:$place" --rootfs "$ROOT" true
	done
	ln -s /data "$ROOT/one"
	refused "Duplicate mount point" -v "$SRC:/data" -v "$SRC:/one/" --rootfs "$ROOT" true
	refused "Duplicate mount point" -v "$SRC:/one" -v "$SRC:/data" --rootfs "$ROOT" true
	# A path of the host, as text: made inside.
	ln -s "../../../../../..$BATS_TEST_TMPDIR/evil" "$ROOT/h"
	ln -s /proc/self/root/evil2 "$ROOT/i"
	run "$MINIBOX" run -v "$SRC:/h" --rootfs "$ROOT" cat "$BATS_TEST_TMPDIR/evil/file"
	exits 0
	[[ $output == of-the-host && ! -e $BATS_TEST_TMPDIR/evil ]]
	refused "" -v "$SRC:/i" --rootfs "$ROOT" true
	[[ ! -e /evil2 ]]
}

# bats test_tags=guest
@test "-v: a file on a link whose target is not there yet: it is made inside the root" {
	image
	ln -s ../run/systemd/resolve/stub-resolv.conf "$ROOT/etc/resolv.conf"
	ln -s /new/deep/file "$ROOT/abs"
	ln -s chain2 "$ROOT/chain"
	ln -s ./etc/../chain3/x "$ROOT/chain2"
	ln -s ../../../../nowhere "$ROOT/etc/middle"
	ln -s "../../../../../..$BATS_TEST_TMPDIR/evil/file" "$ROOT/out"
	run "$MINIBOX" run -v "$SRC/file:/etc/resolv.conf:ro" -v "$SRC/file:/abs" -v "$SRC/file:/chain" \
		-v "$SRC/file:/etc/middle/y" -v "$SRC/file:/out" -v "$SRC:/etc/middle/dir" --rootfs "$ROOT" sh -c \
		'cat /etc/resolv.conf /run/systemd/resolve/stub-resolv.conf /new/deep/file /chain3/x /nowhere/y /nowhere/dir/file "$0"' \
		"$BATS_TEST_TMPDIR/evil/file"
	exits 0
	[[ $(grep -cx of-the-host <<<"$output") == 7 ]]
	[[ ! -e $BATS_TEST_TMPDIR/evil && ! -e $ROOT/run/systemd && ! -e $ROOT/new && ! -e /nowhere ]]
	ln -s loop "$ROOT/loop"
	refused "loop" -v "$SRC/file:/loop" --rootfs "$ROOT" true
}

@test "-v: as many as one likes, each place once" {
	local args=() i
	for i in {1..150}; do args+=(-v "$SRC:/v/$i" -e "V$i=$i"); done
	run_timeout 60 "$MINIBOX" run "${args[@]}" busybox sh -c 'cat /v/*/file | grep -c of-the-host; echo "$V150"'
	exits 0
	[[ ${lines[0]} == 150 && ${lines[1]} == 150 ]]
	refused "Duplicate mount point: /data" -v "$SRC:/data" -v "$SRC:/x" -v "$SRC:/data" busybox true
	refused "Duplicate mount point: /data" -v "$SRC:/data" -v "/data/" busybox true
	refused "Duplicate mount point: /data" -v "$SRC:/data:ro" -v "name:/./data//" busybox true
}

@test "-v: what was meant is said, and a volume with a name is not made before all are good" {
	cd "$BATS_TEST_TMPDIR"
	refused '-v "$PWD/src":/d' -v ./src:/d busybox true
	run bash -c '"$0" run -v "$PWD/src":/d busybox cat /d/file' "$MINIBOX" # as it says
	[[ $output == of-the-host ]]
	refused "colon cannot be in a path" -v /tmp/a:b:/data busybox true
	refused "no such file" -v new:/y -v /no/such/thing:/x busybox true
	image
	rm -rf "$MINIBOX_ROOT"
	ln -s /proc "$ROOT/a"
	refused "By a link" -v new:/y -v "$SRC:/a" --rootfs "$ROOT" true
}

# unlimited: the groups of this test, made to end a container by, limit nothing.
unlimited() {
	local file value
	while IFS= read -r file; do
		value=$(<"$file")
		[[ $value == max || $value == "max "* || $value == -1 || $value == 9223372036854771712 ]] || fail "$file: $value"
	done < <(find /sys/fs/cgroup -path "*/minibox-$MINIBOX_TOKEN*" \( -name memory.max -o -name memory.swap.max -o -name pids.max \
		-o -name cpu.max -o -name memory.limit_in_bytes -o -name memory.memsw.limit_in_bytes -o -name cpu.cfs_quota_us \) 2>/dev/null)
}

@test "0, -1 and '' are no limit, as docker has them: nothing is limited in the container's group" {
	local args init
	for args in "-m 0 --pids-limit 0 --cpus 0 -c 0" "-m 64m -m 0k --memory-swap -1 --pids-limit -1" \
		"--cpu-quota -1 --cpuset-cpus= --memory-swap 0" "--pids-limit 5 --pids-limit 0 --cpus 0.5 --cpus 0.0 --cpu-period 0"; do
		# shellcheck disable=SC2086
		"$MINIBOX" run $args busybox sleep 1000 >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
		BOX=$!
		poll 20 started "$BOX" || fail "$args" "$(<"$BATS_TEST_TMPDIR/out")"
		init=$(own_children "$BOX")
		# Where a controller has a hierarchy of its own, no group of ours is in that of a limit.
		not grep -E '^[0-9]+:([a-z]+,)*(memory|cpu|cpuset)[,:].*minibox-' "/proc/$init/cgroup"
		unlimited
		kill -9 "$init"
		wait "$BOX" || :
		BOX=
	done
}
started() { [[ $(tr '\0' ' ' <"/proc/$(own_children "$1")/cmdline") == sleep* ]]; } 2>/dev/null

@test "a value out of range or of another kind: named as it was typed, with its range" {
	refused "--memory 5: A process cannot even start in so little" -m 5 busybox true
	has_not "5b"
	refused "--memory 99999999999: This machine has" -m 99999999999 busybox true
	refused "--memory 64x:" -m 64x busybox true
	refused "--memory -1:" -m -1 busybox true
	refused "--memory-swap 1e3:" --memory-swap 1e3 -m 64m busybox true
	refused "--pids-limit  3: expected a whole number from 1 to" --pids-limit ' 3' busybox true
	refused "--pids-limit +3:" --pids-limit +3 busybox true
	refused "--pids-limit 99999999999999999999:" --pids-limit 99999999999999999999 busybox true
	refused "--cpu-shares 1: expected a whole number from 2 to 262144, or 0" --cpu-shares 1 busybox true
	refused "--cpu-shares -1:" --cpu-shares -1 busybox true
	refused "--cpu-quota -2:" --cpu-quota -2 busybox true
	refused "--cpu-period 999:" --cpu-period 999 --cpu-quota 5000 busybox true
	refused "--cpuset-cpus 0,: expected a list" --cpuset-cpus 0, busybox true
	refused '--cpuset-cpus 0\n: expected a list' --cpuset-cpus $'0\n' busybox true
	refused "--memory-swap less than -m" -m 64m --memory-swap 32m busybox true
	refused '--workdir a\x1b[31m\n: expected an absolute path' -w $'a\e[31m\n' busybox true
	refused '--hostname a\nb: expected a name without blanks' -h $'a\nb' busybox true
	refused '\xff: expected text in UTF-8' -e $'A=\xff' busybox true
	refused '\xff: expected text in UTF-8' busybox echo $'\xff'
	refused '\x1b[2J' $'--\e[2J' busybox true
	refused 'letters, digits' --name $'a\e[31m' busybox true
	has_not $'\e'
	refused "a directory" --rootfs= true
	refused "a directory" --root= busybox true
}
