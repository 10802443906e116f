# make deps: fast when all is there, exact about what is missing, and it never removes anything.

load ../lib/common

# fake MANAGER: a PATH with that package manager only, which writes down what it is asked
fake() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\necho "$0 $*" >>"%s/asked"\n' "$BATS_TEST_TMPDIR" >"$BATS_TEST_TMPDIR/bin/$1"
	chmod +x "$BATS_TEST_TMPDIR/bin/$1"
	local tool
	for tool in bash sh env cat grep sed sort id uname dirname mkdir rm tail head find ldd cp; do
		ln -sf "$(type -P $tool)" "$BATS_TEST_TMPDIR/bin/$tool"
	done
}

@test "all there: silent, and under a second" {
	local before after best=0 _
	for _ in 1 2 3 4 5; do # the quickest: on a busy machine others take turns
		before=$EPOCHREALTIME
		run "$ROOT/.ci/deps"
		after=$EPOCHREALTIME
		exits 0
		[[ -z $output ]] || fail "$output"
		after=$((${after/[.,]/} - ${before/[.,]/}))
		((best > 0 && best < after)) || best=$after
		((best >= 1000000)) || return 0
	done
	fail "$best us"
}

@test "no package manager: the exact list, and it goes on" {
	fake none
	ln -s "$(type -P true)" "$BATS_TEST_TMPDIR/bin/gcc"
	run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps"
	exits 0
	has "cannot install here"
	has "bats"
	has_not " gcc "
	has "going on with what needs none of it"
}

@test "no package manager and no compiler: it says that nothing can be built, and fails" {
	fake none
	run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps"
	exits 1
	has "bats"
	has "without gcc nothing can be built"
}

@test "no rights: the line that somebody with rights would type" {
	skip_if_root
	fake dnf
	run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps"
	has "  dnf install "
	has "procps-ng"
	[[ ! -e $BATS_TEST_TMPDIR/asked ]] || fail "$(<"$BATS_TEST_TMPDIR/asked")"
}

@test "no rights: what only the guests need is called optional" {
	skip_if_root
	fake apt-get
	printf '#!/bin/sh\n' >"$BATS_TEST_TMPDIR/bin/dpkg-query" # nothing is installed
	chmod +x "$BATS_TEST_TMPDIR/bin/dpkg-query"
	run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps" guest
	exits 1 # no compiler in this PATH
	grep -q 'optional, tests of guest are skipped' <<<"$output" || fail "$output"
	grep -qE 'apt-get install .*qemu-system-x86' <<<"$output" || fail "$output"
	[[ $(grep -A1 'Missing:' <<<"$output") == *gcc* && $(grep -A1 'Missing:' <<<"$output") != *qemu* ]] || fail "$output"
}

@test "each manager is asked for its own names, and to install only" {
	skip_unless_root "as another it goes through sudo"
	local manager
	for manager in dnf:procps-ng pacman:shadow apk:musl-dev; do
		rm -rf "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/asked"
		fake "${manager%:*}"
		run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps"
		exits 0
		[[ $(<"$BATS_TEST_TMPDIR/asked") != *remove* ]]
	done
	rm -rf "$BATS_TEST_TMPDIR/bin" "$BATS_TEST_TMPDIR/asked"
	fake dnf
	run env PATH="$BATS_TEST_TMPDIR/bin" "$ROOT/.ci/deps"
	has "deps: dnf install -y"
	[[ $(<"$BATS_TEST_TMPDIR/asked") == *"install -y"*procps-ng* ]] || fail "$(<"$BATS_TEST_TMPDIR/asked")"
}
