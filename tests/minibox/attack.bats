# What a container must not get of its starter, tried as an attacker would; and what it must get instead. The oracle is
# the host's /proc, a secret that must not be read, and a file that must not change.

# shellcheck disable=SC2016,SC2030,SC2031 # for the shells inside; every test is a subshell
load ../lib/common

setup() {
	mb_setup
	MINIBOX=$(bin minibox)
	export MINIBOX_ROOT=$BATS_TEST_TMPDIR/state
	mkdir "$BATS_TEST_TMPDIR/host"
	echo "secret of the host" >"$BATS_TEST_TMPDIR/host/secret"
	NAP=1000.$((16#$MINIBOX_TOKEN)) # a number that no other run's sleep has
}

teardown() {
	[[ -S $BATS_TEST_TMPDIR/tmux ]] && tmux -S "$BATS_TEST_TMPDIR/tmux" kill-server 2>/dev/null
	[[ -n ${BOX:-} ]] && { kill -9 "$BOX" 2>/dev/null || :; wait "$BOX" 2>/dev/null || :; }
	mb_teardown
}

# in_background PROGRAM ARGS...: BOX runs it, its command ends in `sleep $NAP`.
in_background() {
	"$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	BOX=$!
	poll 10 asleep
}
# PIDs of `sleep $NAP` itself, not of a shell that will start it.
sleepers() {
	local dir words
	for dir in /proc/[0-9]*; do
		{ mapfile -d '' -t words <"$dir/cmdline"; } 2>/dev/null || continue
		[[ ${words[*]:0:2} == "sleep $NAP" ]] && echo "${dir#/proc/}"
	done
	return 0
}
asleep() { [[ -n $(sleepers) ]]; }
none_asleep() { [[ -z $(sleepers) ]]; }
end_box() {
	kill -9 $(sleepers)
	wait "$BOX" || :
	BOX=
}
descriptors() { (cd "/proc/$1/fd" && echo *); }
only_standard() { [[ $(descriptors "$1") == "0 1 2" ]]; }
rootfs() { # a directory to run, changed by the test
	"$MINIBOX" run busybox true
	cp -a "$MINIBOX_ROOT/images/busybox/diff" "$BATS_TEST_TMPDIR/rootfs"
}

@test "-w: no magic link leads out, by number or by a link of the image, with and without --init" {
	rootfs
	local n how
	exec 7<"$BATS_TEST_TMPDIR/host" 11<"$BATS_TEST_TMPDIR"
	for how in "" --init; do
		for n in {3..12}; do
			ln -sfn "/proc/self/fd/$n" "$BATS_TEST_TMPDIR/rootfs/app"
			for where in "/proc/self/fd/$n" /app/host; do
				# shellcheck disable=SC2086 # no word
				run "$MINIBOX" run $how -w "$where" --rootfs "$BATS_TEST_TMPDIR/rootfs" \
					sh -c 'cat secret ../secret host/secret ../host/secret ../../../../../../etc/machine-id; pwd -P'
				has_not "secret of the host"
				[[ $status -eq 125 || ${lines[-1]} == /* ]] || fail "$where: $status $output"
			done
		done
		for where in /proc/1/fd/7 /app /app/. /proc/self/cwd /proc/1/cwd/.. /proc/self/root/../..; do
			# shellcheck disable=SC2086 # no word
			run "$MINIBOX" run $how -w "$where" --rootfs "$BATS_TEST_TMPDIR/rootfs" sh -c 'cat secret host/secret ../host/secret'
			has_not "secret of the host"
		done
	done
}

@test "-w: a missing directory is made inside, through links of the image too; a file is refused" {
	rootfs
	ln -s /deep/er "$BATS_TEST_TMPDIR/rootfs/there"
	ln -s "../../../../../..$BATS_TEST_TMPDIR/made" "$BATS_TEST_TMPDIR/rootfs/out"
	run "$MINIBOX" run -w /there/now --rootfs "$BATS_TEST_TMPDIR/rootfs" pwd -P
	exits 0
	[[ $output == /deep/er/now ]]
	run "$MINIBOX" run -w /out --rootfs "$BATS_TEST_TMPDIR/rootfs" pwd -P
	exits 0
	[[ $output == "$BATS_TEST_TMPDIR/made" && ! -e $BATS_TEST_TMPDIR/made ]]
	run "$MINIBOX" run -w /etc/passwd busybox true
	exits 125
	has /etc/passwd
}

# bats test_tags=guest
@test "descriptors: 0, 1, 2 and no more, in PID 1 and in the command; run, --init, -- CMD of every step" {
	local name first pid
	exec 5<"$BATS_TEST_TMPDIR/host" 8>"$BATS_TEST_TMPDIR/file" 63</dev/null 200</
	for name in "minibox run busybox" "minibox run --init busybox" "minibox run --init --explain busybox" \
		"step01_clone_pid --" "step02_mount_ns --" "step03_uts_ipc --" "step04_net_user --" "step05_cgroup_cpu --" \
		"step06_overlay_rootfs --" "step07_volumes --" "step08_init_reaper --"; do
		read -ra words <<<"$name"
		in_background "$(bin "${words[0]}")" "${words[@]:1}" sleep "$NAP"
		for pid in $(sleepers); do
			[[ $(descriptors "$pid") == "0 1 2" ]] || fail "$name: $(ls -l "/proc/$pid/fd")"
			first=$(ps -o ppid= -p "$pid")
			[[ $(status_field "$first" NSpid) == *" 1" ]] || continue
			# An init closes its socket to the parent while its command starts.
			poll 5 only_standard "${first// /}" || fail "$name: PID 1: $(ls -l "/proc/${first// /}/fd")"
		done
		end_box
	done
}

@test "a directory as standard input, output or error is refused: all of the host could be reached from it" {
	local n
	for n in "minibox run busybox" "step02_mount_ns --" "step08_init_reaper --"; do
		read -ra words <<<"$n"
		run bash -c '"$@" cat /proc/self/fd/0/secret <"$0"' "$BATS_TEST_TMPDIR/host" "$(bin "${words[0]}")" "${words[@]:1}"
		[[ $status -eq 125 ]] || fail "$n: $status $output"
		has "standard input"
		has_not "secret of"
	done
}

@test "signals that the starter ignores or blocks: the status is kept, the command has none of it" {
	local how
	for how in --ignore-signal=CHLD --block-signal=CHLD --block-signal=TERM --ignore-signal=TERM,INT,QUIT,PIPE,USR1 \
		--block-signal; do
		run env "$how" "$MINIBOX" run busybox sh -c 'sleep 0 & wait; grep -E "^Sig(Blk|Ign)" /proc/self/status; exit 7'
		exits 7
		[[ ${lines[0]} =~ ^SigBlk:.0+$ && ${lines[1]} =~ ^SigIgn:.0+$ ]] || fail "$how: $output"
		run env "$how" "$MINIBOX" run --init busybox sh -c 'grep -E "^Sig(Blk|Ign)" /proc/self/status; exit 7'
		exits 7
		[[ ${lines[0]} =~ ^SigBlk:.0+$ && ${lines[1]} =~ ^SigIgn:.0+$ ]] || fail "$how: $output"
		# A step leaves a hang-up ignored, as nohup(1) wants it; who started the tests may have done that.
		run env --default-signal=HUP "$how" "$(bin step08_init_reaper)" -- sh -c 'grep -E "^Sig(Blk|Ign)" /proc/self/status; exit 7'
		exits 7
		[[ ${lines[0]} =~ ^SigBlk:.0+$ && ${lines[1]} =~ ^SigIgn:.0+$ ]] || fail "$how: $output"
	done
	run env --ignore-signal=HUP "$MINIBOX" run busybox grep -E '^SigIgn' /proc/self/status
	[[ $output =~ ^SigIgn:.0+$ ]] || fail "$output"
	env --block-signal=TERM,CHLD "$MINIBOX" run busybox sh -c 'trap "exit 9" TERM; echo ready; sleep 1000 & wait' \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	BOX=$!
	poll 10 grep -q ready "$BATS_TEST_TMPDIR/out"
	kill -TERM "$BOX"
	local status=0
	wait "$BOX" || status=$?
	BOX=
	[[ $status -eq 9 ]] || fail "status $status"
}

@test "SIGTERM to a PID 1 without a handler: killed, and it is said" {
	in_background "$MINIBOX" run busybox sleep "$NAP"
	kill -TERM "$BOX"
	local status=0
	wait "$BOX" || status=$?
	BOX=
	[[ $status -eq 137 ]] || fail "status $status"
	grep -q "no handler for SIGTERM" "$BATS_TEST_TMPDIR/out"
	none_asleep
}

@test "SIGQUIT reaches the command below an init, and ends one without a handler" {
	# A shell without job control has its jobs ignore SIGQUIT, and minibox leaves a signal alone that it was told to ignore.
	local quit='$SIG{QUIT} = "DEFAULT"; exec @ARGV'
	need perl
	in_background perl -e "$quit" "$MINIBOX" run --init busybox sh -c "trap 'exit 9' QUIT; sleep $NAP & wait"
	kill -QUIT "$BOX"
	ended_with 9
	in_background perl -e "$quit" "$MINIBOX" run --init busybox sleep "$NAP"
	kill -QUIT "$BOX"
	ended_with 131
}
# ended_with STATUS: BOX ends by itself, in time.
ended_with() {
	local status=0
	poll 10 not_alive "$BOX" || { kill -9 "$BOX"; fail "it goes on: $(<"$BATS_TEST_TMPDIR/out")"; }
	wait "$BOX" || status=$?
	BOX=
	[[ $status -eq $1 ]] || fail "status $status: $(<"$BATS_TEST_TMPDIR/out")"
}
not_alive() { [[ ! -e /proc/$1 || $(status_field "$1" State) == Z* ]]; }

@test "SIGTERM while output waits for a reader that does not read: minibox ends" {
	local status=0
	mkfifo "$BATS_TEST_TMPDIR/screen"
	exec 8<>"$BATS_TEST_TMPDIR/screen" # a reader that never reads
	"$MINIBOX" run -t busybox sh -c "(while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done) & sleep $NAP" \
		>"$BATS_TEST_TMPDIR/screen" 2>"$BATS_TEST_TMPDIR/out" 3>&- 8>&- &
	BOX=$!
	poll 10 asleep
	poll 10 pipe_full
	kill -TERM "$BOX"
	ended_with 137
	exec 8>&-
}
pipe_full() { ! timeout 0.3 dd if=/dev/zero bs=4096 count=1 of="$BATS_TEST_TMPDIR/screen" 2>/dev/null; }

@test "umask: 0022 inside, / is 0755, whatever the starter has; also when the image is made then" {
	local mask
	for mask in 0077 0777 0; do
		export MINIBOX_ROOT=$BATS_TEST_TMPDIR/state$mask
		run bash -c 'umask "$0"; "$@"' "$mask" "$MINIBOX" run -w /new/dir busybox sh -c \
			'umask; stat -c %a / /etc /bin/busybox /dev/null /new /new/dir'
		exits 0
		[[ ${lines[*]} == "0022 755 755 755 666 755 755" ]] || fail "umask $mask: $output"
	done
	! is_root || "$MINIBOX" run busybox su -s /bin/sh nobody -c 'cat /etc/passwd' | grep -q root
}

# clone(2) has written a pidfd by the time that pids.max is asked. With that number and PID -1 the way back was kill(-1).
# bats test_tags=root
@test "pids.max leaves no process for the container: it is said, and no process beside it is killed" {
	skip_without_cgroups
	need unshare
	local group=/sys/fs/cgroup/pids
	[[ -d $group ]] || group=/sys/fs/cgroup
	group+=/minibox-$MINIBOX_TOKEN-full
	"$MINIBOX" run busybox true # makes the image
	mkdir "$group"
	[[ -e $group/pids.max ]] || { rmdir "$group"; skip "the controller pids is not enabled at the top"; }
	# kill(-1) must find none but ours: a PID namespace is its bound.
	run timeout -k 5 60 unshare -pf --mount-proc -muin --kill-child setsid bash -c '
		sleep 1000 &
		beside=$!
		for options in "" "-v /data" "--init" "-m 64m"; do
			echo 1 >"$0/pids.max"
			(echo 0 >"$0/cgroup.procs" && exec "$1" run $options busybox true)
			echo "status $?"
		done
		read -r _ _ state _ <"/proc/$beside/stat" && [[ $state == S ]] && echo "beside it: alive"
		kill "$beside"' "$group" "$MINIBOX"
	local counted
	counted=$(<"$group/pids.events")
	rmdir "$group"
	has "beside it: alive"
	[[ $(grep -c "^status 125" <<<"$output") == 4 ]] || fail "$output"
	has "EAGAIN"
	((${counted#max } >= 4)) || fail "pids.events: $counted"
	nothing_left
}

@test "limits: not the starter's" {
	# Soft limits: hard ones of an ordinary user cannot be raised again.
	in_background bash -c 'ulimit -Sn 200; ulimit -Sf 4000; ulimit -Ss 1024; ulimit -St 77; ulimit -Sv 9000000; exec "$@"' - \
		"$MINIBOX" run busybox sleep "$NAP"
	local limits
	limits=$(<"/proc/$(sleepers)/limits")
	end_box
	grep -Eq '^Max open files +1024 ' <<<"$limits" || fail "$limits"
	grep -Eq '^Max file size +unlimited' <<<"$limits" || fail "$limits"
	grep -Eq '^Max cpu time +unlimited' <<<"$limits" || fail "$limits"
	grep -Eq '^Max address space +unlimited' <<<"$limits" || fail "$limits"
	grep -Eq '^Max stack size +8388608 ' <<<"$limits" || fail "$limits"
}

# bats test_tags=root
@test "supplementary groups are gone, where uid and gid are 0 inside and outside" {
	need setpriv
	in_background setpriv --groups 4,24,27 "$MINIBOX" run busybox sleep "$NAP"
	local groups
	groups=$(status_field "$(sleepers)" Groups)
	end_box
	[[ -z $groups ]] || fail "groups: $groups"
}

# attacker NAME: a static program for the root file system, from standard input.
attacker() {
	need gcc
	gcc -O1 -static -o "$BATS_TEST_TMPDIR/rootfs/$1" -x c - 2>"$BATS_TEST_TMPDIR/gcc" || skip "no static program can be built here"
}

@test "TIOCSTI: nothing typed from inside reaches the shell outside" {
	need tmux
	rootfs
	attacker tiocsti <<-'END'
		#include <fcntl.h>
		#include <stdio.h>
		#include <sys/ioctl.h>
		#include <unistd.h>
		int main(void)
		{
			const char *paths[] = { "/dev/tty", "/dev/console", "/proc/self/fd/0", "/proc/1/fd/0", "/proc/1/fd/1", "/proc/1/fd/2" };
			for (int i = 0; i < 9; i++) {
				int fd = i < 3 ? i : open(paths[i - 3], O_RDWR | O_NOCTTY);
				for (const char *c = "echo typed$((40+2))\n"; *c; c++)
					if (fd >= 0) ioctl(fd, TIOCSTI, c);
			}
			puts("tried");
			return 0;
		}
	END
	t new-session -d -s x -x 80 -y 24 "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN MINIBOX_ROOT=$MINIBOX_ROOT PS1='out> ' sh"
	poll 10 screen 'out>'
	local how
	for how in "" -it --init "2>/dev/null" "| cat" "</dev/null"; do
		[[ $how == -* ]] && how="$how --rootfs '$BATS_TEST_TMPDIR/rootfs' /tiocsti" || how="--rootfs '$BATS_TEST_TMPDIR/rootfs' /tiocsti $how"
		t send-keys -t x "clear; '$MINIBOX' run $how" Enter
		poll 10 screen 'tried'
		poll 10 screen 'out>'
		t send-keys -t x "echo then\$((50+5))" Enter
		poll 10 screen 'then55'
		not screen 'typed42'
	done
	t kill-server
}

# The image's ld.so.preload runs code in /proc/self/exe, which is the host's program; that keeps the file open over an
# exec, waits until the last minibox is gone, and writes.
@test "/proc/self/exe: the program's own file does not change" {
	need gcc ldd
	rootfs
	local lib root=$BATS_TEST_TMPDIR/rootfs before
	mkdir "$BATS_TEST_TMPDIR/own"
	cp "$MINIBOX" "$BATS_TEST_TMPDIR/own/minibox"
	MINIBOX=$BATS_TEST_TMPDIR/own/minibox
	for lib in $(ldd "$MINIBOX" | grep -o '/[^ ]*'); do
		mkdir -p "$root${lib%/*}"
		cp -L "$lib" "$root$lib"
	done
	gcc -shared -fPIC -o "$root/evil.so" -x c - <<-'END'
		#include <fcntl.h>
		#include <sys/prctl.h>
		#include <unistd.h>
		__attribute__((constructor)) static void evil(void)
		{
			if (getpid() != 1)
				return;
			prctl(PR_SET_PDEATHSIG, 0);
			dup2(open("/proc/self/exe", O_RDONLY), 9);
			execl("/bin/busybox", "sh", "-c", "echo ready; i=0; while [ $i -lt 2000 ]; do i=$((i+1));"
				" (echo evil >/proc/self/fd/9) 2>/dev/null && break; sleep 0.01; done; echo over >/vol/over", (char *)0);
		}
	END
	echo /evil.so >"$root/etc/ld.so.preload"
	mkdir "$BATS_TEST_TMPDIR/vol"
	before=$(sha256sum <"$MINIBOX")
	printf '#!/proc/self/exe\n' >"$root/script"
	chmod +x "$root/script"
	for lib in /proc/self/exe /script; do
		rm -f "$BATS_TEST_TMPDIR/vol/over"
		"$MINIBOX" run -v "$BATS_TEST_TMPDIR/vol:/vol" --rootfs "$root" "$lib" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
		BOX=$!
		poll 10 grep -q ready "$BATS_TEST_TMPDIR/out" || fail "$(<"$BATS_TEST_TMPDIR/out")"
		kill -9 "$BOX"
		wait "$BOX" 2>/dev/null || :
		BOX=
		poll 60 test -e "$BATS_TEST_TMPDIR/vol/over"
		[[ $(sha256sum <"$MINIBOX") == "$before" ]] || fail "$lib: the program has changed"
		"$MINIBOX" gc
	done
	run "$MINIBOX" gc
	has "0 removed"
}

@test "/proc/self/exe: executed by descriptor, the program is protected as well" {
	# A file of root's that an ordinary user cannot write needs no protection from that user.
	cp "$MINIBOX" "$BATS_TEST_TMPDIR/minibox"
	MINIBOX=$BATS_TEST_TMPDIR/minibox
	local by
	exec 9<"$MINIBOX"
	for by in "$MINIBOX" /dev/fd/9; do
		run "$by" run busybox sh -c 'echo ok'
		exits 0
		run "$by" run --init busybox sh -c '(echo evil >>/proc/1/exe) 2>/dev/null; cat /proc/1/comm'
		exits 0
		[[ $output == minibox ]] || fail "$output"
		in_background "$by" run --init busybox sleep "$NAP"
		# The file behind it: a mount of its own, in no table, or a copy; not the one that was started.
		run mount_of "/proc/$(status_field "$(sleepers)" PPid)/exe"
		[[ $output != "$(mount_of "$MINIBOX")" ]] || fail "$by: PID 1 inside is the program's own file on mount $output"
		end_box
	done
	exec 9<&-
}
# The number of the mount that a file is opened on.
mount_of() { (exec 6<"$1" && sed -n 's/^mnt_id:[[:space:]]*//p' /proc/self/fdinfo/6); }
@test "a job of the background that fg brings to the foreground reads keys" {
	need tmux
	# bash sends SIGCONT to a job that was stopped; this one has run all the time.
	t new-session -d -s x -x 80 -y 24 "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN MINIBOX_ROOT=$MINIBOX_ROOT PS1='out> ' bash --norc"
	poll 10 screen 'out>'
	local how
	for how in -it -i; do
		t send-keys -t x "clear; '$MINIBOX' run $how busybox sh -c 'read word; echo \"got=\$word\$((40+2))\"; sleep $NAP' &" Enter
		poll 10 holds_one
		t send-keys -t x 'fg' Enter
		poll 10 front minibox
		t send-keys -t x 'hello' Enter
		poll 10 screen 'got=hello42' || fail "$(t capture-pane -p -t x)"
		poll 10 asleep
		kill -9 "$(sleepers)"
		poll 10 front bash
		poll 10 nothing_left
	done
	t kill-server
}
holds_one() { compgen -G "$MINIBOX_ROOT/containers/[0-9a-f]*" >/dev/null; }

@test "a closed terminal ends the container" {
	need tmux
	local how
	for how in "" --init -it; do
		t new-session -d -s x -x 80 -y 24 "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN MINIBOX_ROOT=$MINIBOX_ROOT sh"
		t send-keys -t x "'$MINIBOX' run $how busybox sleep $NAP" Enter
		poll 10 asleep
		t kill-server
		poll 30 none_asleep
		poll 30 nothing_left
	done
}
nothing_left() { [[ -z $(ls -A "$MINIBOX_ROOT/containers") ]]; }

@test "stopped and continued, minibox passes keys on as before, and the shell has its terminal meanwhile" {
	need tmux
	t new-session -d -s x -x 80 -y 24 "exec env -u TMUX MINIBOX_TOKEN=$MINIBOX_TOKEN MINIBOX_ROOT=$MINIBOX_ROOT PS1='out> ' sh -m"
	poll 10 screen 'out>'
	t send-keys -t x "clear; '$MINIBOX' run busybox sh -c 'trap \"echo got\\\$((40+2)); exit 5\" INT; while :; do sleep $NAP; done'" Enter
	poll 10 asleep
	local box
	box=$(pgrep -f "^$MINIBOX run busybox sh" | head -n 1)
	kill -TSTP "$box"
	poll 10 screen 'Stopped'
	t send-keys -t x 'echo meanwhile$((20+3))' Enter
	poll 10 screen 'meanwhile23'
	t send-keys -t x 'fg' Enter
	poll 10 front minibox
	t send-keys -t x C-c
	poll 10 screen 'got42'
	t send-keys -t x 'echo status=$?' Enter
	poll 10 screen 'status=5'
	t kill-server
}

@test "output of a container that ends at once is whole; input that ends is an end of file" {
	run bash -c 'printf "%s" "$(seq 1 20000)" | "$0" run -i busybox cat | sha256sum' "$MINIBOX"
	[[ $output == "$(printf "%s" "$(seq 1 20000)" | sha256sum)" ]]
	need script
	local i
	for i in 1 2 3 4 5; do
		script -qec "'$MINIBOX' run busybox seq 1 3000" /dev/null </dev/null >"$BATS_TEST_TMPDIR/out"
		# script(1) types its end of file as a byte, which the container's terminal shows.
		[[ $(sed 's/\^[@D]//' "$BATS_TEST_TMPDIR/out" | tr -d '\r\b' | sha256sum) == "$(seq 1 3000 | sha256sum)" ]] || fail "run $i"
	done
	run_timeout 10 bash -c 'echo 42 | "$0" run -it busybox cat' "$MINIBOX"
	exits 0
	has 42
	# In the middle of a line the byte for an end of file only ends the part that was typed.
	run_timeout 10 bash -c 'printf 42 | "$0" run -it busybox cat' "$MINIBOX"
	exits 0
	has 42
}

@test "a /proc of another PID namespace, children elsewhere: refused with the remedy, nothing is made or removed" {
	local how
	# Below namespaces of the test's own: what goes wrong here changes the host.
	for how in -pf -p; do
		run_timeout 30 unshare -Urpf --mount-proc -muin --kill-child unshare "$how" "$MINIBOX" run busybox true
		[[ $output != *"unshare failed"* ]] || skip "no user namespaces here"
		exits 125
		has "unshare -pf --mount-proc"
		[[ ! -e $MINIBOX_ROOT ]]
		run_timeout 30 unshare -Urpf --mount-proc -muin --kill-child unshare "$how" "$MINIBOX" gc
		exits 1
		has "unshare -pf --mount-proc"
	done
}

@test "output that has no reader, or no room: the container ends, and what is lost is said" {
	run_timeout 20 bash -c '"$0" run -t busybox yes | head -n 1; exit "${PIPESTATUS[1]}"' "$MINIBOX"
	exits 0
	[[ ${lines[0]} == y* ]]
	run_timeout 20 bash -c '"$0" run -t busybox echo hi >/dev/full' "$MINIBOX"
	exits 125
	has "No space left on device"
	nothing_left
}
