# The student's kit, as make handout writes it: no solution in it, and all that is needed besides. And Gradescope's autograder.
#
# The handout is made once for the file. What is the same in it as here is not compiled again.
# shellcheck disable=SC2030,SC2031 # bats' run sets its variables in each test's own process
#
# bats file_tags=root

load ../lib/common

setup_file() {
	export KIT=$BATS_FILE_TMPDIR/a/source/kit BUILT=${MB_BUILD:-$ROOT/build}
	[[ -z ${MB_SANITIZED:-} && -f $BUILT/labs/02/ours.a ]] || return 0
	mkdir -p "${KIT%/*}"
	"$ROOT/tests/labs/handout" "$KIT" >"$BATS_FILE_TMPDIR/said" 2>&1 || return 0
	mkdir -p "$KIT/build/tests" && cp -a "$BUILT"/{flags,step0*} "$KIT/build" && cp -a "$BUILT/tests/labs" "$KIT/build/tests"
	# Nothing of a solution: it comes from ref/.
	for object in "$ROOT"/step0?_*/*.c; do
		object=${object#"$ROOT/"}
		[[ $object == */main.c ]] || rm -f "$KIT/build/${object%.c}".[od]
	done
}

setup() {
	mb_setup
	[[ -z ${MB_SANITIZED:-} ]] || skip "is about an ordinary build"
	[[ -f $BUILT/labs/02/ours.a ]] || fail "make labs: lab 02 is not built"
	[[ -f $KIT/Makefile ]] || fail "no handout:" "$(<"$BATS_FILE_TMPDIR/said")"
	need make gcc
}

kit() { run_timeout 120 env -u MAKEFLAGS -u MB_BUILD -u MB_BIN make -s -C "$KIT" "$@" 3>&-; }
# solve: the reference, as what a student has written.
solve() { cp "$ROOT"/step02_mount_ns/{mount_ns,run}.c "$1"; }
# graded OUTPUT-OF-MAKE: skips where this host cannot grade.
graded() { [[ $output != *'not graded here'* ]] || skip "$(grep -m 1 'could not be graded' <<<"$output")"; }

@test "no source of a solution is in the kit" {
	local file
	for file in "$ROOT"/step0?_*/*.c; do
		file=${file#"$ROOT/"}
		[[ $file == */main.c ]] || { [[ ! -e $KIT/$file && -f $KIT/ref/${file%.c}.o ]] || fail "$file"; }
	done
	for file in tests/labs/mutants tests/labs/handout tests/unit tests/steps .git work; do [[ ! -e $KIT/$file ]] || fail "$file"; done
	not grep -rqaF "$ROOT/" "$KIT/ref"
	[[ $(readelf -SW "$KIT"/ref/*/*.o) != *.debug* ]] || fail "compiled with -g"
}

@test "no handout is written where a solution stands in one of its files" {
	local copy=$BATS_TEST_TMPDIR/copy
	mkdir "$copy" && (cd "$ROOT" && tar -c --exclude=./build --exclude=./bin --exclude=./.git --exclude=./work .) | tar -x -C "$copy"
	sed -n '/^int pivot_into/,/^}/p' "$ROOT/step02_mount_ns/mount_ns.c" | grep -v '/\*' >>"$copy/lessons/02_mount_ns/hints/3.md"
	LAB_REF=$KIT/ref run "$copy/tests/labs/handout" "$BATS_TEST_TMPDIR/out"
	exits 1
	has 'lessons/02_mount_ns/hints/3.md pivot_into'
	[[ -z $(ls -A "$BATS_TEST_TMPDIR/out") ]]
}

@test "nothing is written over what is there" {
	run "$ROOT/tests/labs/handout" "$KIT"
	exits 1
	has 'is there, and not empty'
}

@test "in the kit a lab is started and graded: the starter has no points, the reference all" {
	kit start N=02
	exits 0
	has "kit $(sed -n 's/^kit //p' "$ROOT/lessons/kit")"
	kit grade N=02
	graded
	has 'not written yet  work/mount_ns.c:'
	has 'Score: 0/100'
	solve "$KIT/work"
	kit grade N=02
	has 'Score: 100/100'
	[[ -x $KIT/work/bin/step02_mount_ns ]]
}

@test "git in the kit keeps work/*.c, and nothing that is made" {
	need git
	git -C "$KIT" init -q
	mkdir -p "$KIT"/work/{.lab,bin,kept,submit}
	touch "$KIT"/work/{mount_ns.c,.lab/x,bin/x,kept/x,submit/x}
	run git -C "$KIT" status --porcelain -uall work ref/step01_clone_pid
	rm -rf "$KIT/.git"
	[[ $(grep -v 'work/run' <<<"$output" | sort | tr '\n' ' ') == '?? ref/step01_clone_pid/clone_pid.o ?? ref/step01_clone_pid/run.o ?? work/mount_ns.c ' ]] ||
		fail "$output"
}

@test "on another machine make says for which one the kit is" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho riscv64\n' >"$BATS_TEST_TMPDIR/bin/uname" && chmod +x "$BATS_TEST_TMPDIR/bin/uname"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH kit labs
	exits 2
	has "(ref/) are for $(<"$KIT/ref/machine"), and this machine is riscv64"
}

@test "the workflow for GitHub: the labs that are started, and a part that is not graded is not passed" {
	local work=$BATS_TEST_TMPDIR/work
	mkdir "$work" && solve "$work"
	export WORK=$work MB_BUILD=$BUILT GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary
	run "$ROOT/lessons/ci/github" started
	[[ $output == '["02"]' ]] || fail "$output"
	refuse_namespaces "$ROOT/lessons/ci/github" grade 02
	exits 77
	has '::warning title=lab 02, part 1 mount_private: not graded here::'
	grep -q '^| 1 mount_private | 0/15 | \*\*not graded here\*\*: ..*|' "$GITHUB_STEP_SUMMARY" || fail "$(<"$GITHUB_STEP_SUMMARY")"
}

# refuse_namespaces COMMAND...: bats' run, where no namespace can be made. The limits are those of a user namespace of its own.
refuse_namespaces() {
	# shellcheck disable=SC2016 # for the inner shell
	run_timeout 300 unshare -Ur bash -c '
		read -r _ outside _ </proc/self/uid_map && [[ $(readlink /proc/self/ns/user) != "$0" ]] || exit 99
		for kind in user mnt pid net ipc uts; do echo 0 >/proc/sys/user/max_${kind}_namespaces || exit 99; done
		exec "$@"' "$(readlink /proc/self/ns/user)" "$@" 3>&-
	[[ $status != 99 && $output != unshare:* ]] || skip "no user namespace here"
}

# autograder: Gradescope's, for the files in $BATS_FILE_TMPDIR/a/submission. Sets `json`.
autograder() {
	rm -f "$BATS_FILE_TMPDIR/a/results/results.json"
	"$@" env -u MB_BUILD AUTOGRADER="$BATS_FILE_TMPDIR/a" GUEST="${GUEST:-no}" "$KIT/lessons/ci/gradescope/run_autograder"
	exits 0
	json=$(<"$BATS_FILE_TMPDIR/a/results/results.json")
	jq -e . <<<"$json" >/dev/null || fail "no JSON:" "$json"
}

@test "Gradescope: the score of what was handed in, as files and as make submit's tar" {
	need jq
	local a=$BATS_FILE_TMPDIR/a
	kit labs
	exits 0
	echo 02 >"$a/source/lab"
	rm -rf "$a/submission" && mkdir -p "$a/submission/folder/lab02-x"
	cp "$ROOT"/lessons/02_mount_ns/starter/*.c "$a/submission/folder/lab02-x"
	tar -C "$a/submission/folder" -cf "$a/submission/lab02-x.tar" lab02-x && rm -r "$a/submission/folder"
	autograder run_timeout 120
	[[ $(jq .extra_data.incomplete <<<"$json") == false ]] || skip "$(jq -r .output <<<"$json")"
	[[ $(jq .score <<<"$json") == 0 ]] || fail "$json"
	rm -r "$a/submission" && mkdir "$a/submission" && solve "$a/submission"
	autograder run_timeout 120
	[[ $(jq -c '[.score, (.tests | length), ([.tests[].score] | add)]' <<<"$json") == '[100,6,100]' ]] || fail "$json"
}

@test "Gradescope: where namespaces are refused the result is INCOMPLETE, and has no score" {
	need jq
	local a=$BATS_FILE_TMPDIR/a
	kit labs
	exits 0
	echo 02 >"$a/source/lab"
	rm -rf "$a/submission" && mkdir -p "$a/submission" && solve "$a/submission"
	autograder refuse_namespaces
	[[ $(jq -c '[has("score"), .extra_data.incomplete, ([.tests[] | has("score")] | any)]' <<<"$json") == '[false,true,false]' ]] || fail "$json"
	[[ $(jq -r .output <<<"$json") == 'INCOMPLETE: 100 points could not be graded here'* ]] || fail "$json"
}
