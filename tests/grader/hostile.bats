# Code of a student's that goes wrong as badly as it can: the grader ends, says so, and the host is as before.

load ../lib/common

# bad NAME BODY: a solution of lab 2 whose mount_private() has this body.
bad() {
	mkdir -p "$BATS_TEST_TMPDIR/$1"
	sed "/^int mount_private/,/^}/{/^{/,/^}/d}" "$ROOT/step02_mount_ns/mount_ns.c" >"$BATS_TEST_TMPDIR/$1/mount_ns.c"
	sed -i "s|^int mount_private(void)|#include <signal.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\nint mount_private(void)\n{\n$2\n}|" \
		"$BATS_TEST_TMPDIR/$1/mount_ns.c"
	cp "$ROOT/step02_mount_ns/run.c" "$BATS_TEST_TMPDIR/$1/"
}

# judge NAME...: part 1 of each, side by side. Its text is in NAME/text, its exit status in NAME/status.
judge() {
	local name
	[[ -x ${MB_BUILD:-$ROOT/build}/labs/cage ]] || skip "build/labs is not built (make labs)"
	for name; do
		(
			cd "$BATS_TEST_TMPDIR/$name" || exit
			local status=0
			timeout -k 5 $((60 * MB_PATIENCE)) "$ROOT/tests/labs/grade" -s "$PWD" -p 1 02 >text 2>&1 3>&- || status=$?
			echo "$status" >status
		) &
	done
	wait
}
lost() { # NAME TEXT
	output=$(<"$BATS_TEST_TMPDIR/$1/text") status=$(<"$BATS_TEST_TMPDIR/$1/status")
	[[ $status != 77 ]] || skip "$(grep -m 1 ' reason ' <<<"$output")"
	exits 1
	has "$2"
}

@test "a crash, a loop, a sleep, an exit, abort: each is named, the crash and the loop with their line" {
	bad crash '	*(volatile int *)8 = 1;\n	return 0;'
	bad loop '	for (volatile int i = 0;; i++);'
	bad sleep '	for (;;) pause();'
	bad exit '	_exit(0);'
	bad abort '	abort();'
	judge crash loop sleep exit abort
	lost crash SIGSEGV
	[[ $output =~ crash/mount_ns\.c:[0-9]+ ]] || fail "$output"
	lost loop "did not return"
	[[ $output =~ loop/mount_ns\.c:[0-9]+ ]] || fail "$output"
	lost sleep "did not return"
	lost exit "exited with 0"
	lost abort SIGABRT
}

@test "a fork bomb, kill(-1), SIGSTOP for the parent, all descriptors closed, much output" {
	bad bomb '	for (;;) fork();'
	bad killer '	kill(-1, SIGKILL);\n	kill(getppid(), SIGKILL);\n	return 0;'
	bad stopper '	kill(getppid(), SIGSTOP);\n	kill(0, SIGSTOP);\n	return 0;'
	bad closer '	for (int i = 0; i < 1024; i++) close(i);\n	return 0;'
	bad writer '	static char b[65536];\n	for (long i = 0; i < 16384; i++) write(1, b, sizeof(b));\n	return 0;'
	judge bomb killer stopper closer writer
	for name in bomb killer stopper closer; do lost "$name" FAILED; done
	lost writer FAILED # it returns 0, and has made nothing private
	has "shared:"
}

@test "it cannot report for itself: neither on the driver's descriptor, nor with the driver's functions" {
	bad forger '	static const char r[] = "report\\tresult=0\\terrno=0";\n	for (int fd = 0; fd < 64; fd++) send(fd, r, sizeof(r) - 1, 0);\n	return 0;'
	sed -i 's|#include <signal.h>|#include <sys/socket.h>\n&|' "$BATS_TEST_TMPDIR/forger/mount_ns.c"
	bad excuse '	static const char r[] = "cannot\\twhat=x";\n	write(3, r, sizeof(r) - 1);\n	return 0;'
	bad caller '	extern void cannot(const char *);\n	cannot("this host");\n	return 0;'
	judge forger excuse caller
	# Where the host allows a cage at all, neither excuse makes "not graded here" of it.
	[[ $(<"$BATS_TEST_TMPDIR/forger/status") == 77 ]] || [[ $(<"$BATS_TEST_TMPDIR/excuse/status") == 1 ]]
	for name in forger excuse; do lost "$name" "a message was sent on it"; done
	lost caller "calls cannot: that is the grader's"
}

@test "it cannot write to its own source, or to anything else that is the caller's" {
	local file=$BATS_TEST_TMPDIR/victim
	echo mine >"$file" && chmod 666 "$file"
	bad eraser "	fclose(fopen(\"$file\", \"w\"));\n	fclose(fopen(__FILE__, \"w\"));\n	return 0;"
	sed -i 's|#include <signal.h>|#include <stdio.h>\n&|' "$BATS_TEST_TMPDIR/eraser/mount_ns.c"
	chmod -R a+rwX "$BATS_TEST_TMPDIR/eraser"
	cp "$BATS_TEST_TMPDIR/eraser/mount_ns.c" "$BATS_TEST_TMPDIR/before"
	judge eraser
	lost eraser FAILED
	[[ $(<"$file") == mine ]]
	cmp "$BATS_TEST_TMPDIR/eraser/mount_ns.c" "$BATS_TEST_TMPDIR/before"
}

@test "a piece that runs other programs, or starts before main(), is not linked; what the header has not is local" {
	bad system '	return system("true");'
	bad early '	return 0;\n}\n__attribute__((constructor)) static void early(void)\n{\n	write(1, "x", 1);'
	bad export '	return 0;\n}\nint stage_open(void *a);\nint stage_open(void *a)\n{\n	return !a;'
	judge system early export
	lost system "calls system"
	lost early "constructor"
	lost export "stage_open"
	has "is not in mount_ns.h: make it static"
	lost export FAILED
	for name in system early; do lost "$name" "does not compile"; done
}
