# The instructor's side: a class is graded, and no submission sees another, the references, or the host.
#
# The class is graded once, part 1 only: that is what the file costs.

load ../lib/common

setup_file() {
	export CLASS=$BATS_FILE_TMPDIR/class GRADES=$BATS_FILE_TMPDIR/grades MB_BUILD=${MB_BUILD:-$ROOT/build} HOME=$BATS_FILE_TMPDIR/home
	export PATH=${PATH#*/bats-core:} # bats puts its own parts there
	local at=$BATS_FILE_TMPDIR/at
	unshare -Urmpf --mount-proc true 2>/dev/null || { export REFUSED=yes && return 0; }
	mkdir -p "$HOME" "$CLASS"/{alice,nothing,steals/lab02-old,steals/lab02-sub,shadow,spins,.git,=cmd,-rf,"Zoë, \"the\" O'Neil"} "$CLASS/"$'new\nline'
	echo '#error seen' | tee "$HOME/canary.h" "$CLASS/canary.h" "$CLASS/alice/canary.h" >/dev/null
	ln -s alice "$CLASS/linked"
	cp "$ROOT"/step02_mount_ns/{mount_ns,run}.c "$CLASS/alice"
	echo 'not mine' >"$CLASS/nothing/README"
	ln -s /etc/passwd "$CLASS/nothing/mount_ns.c"
	thief >"$CLASS/steals/lab02-sub/mount_ns.c"
	echo old >"$CLASS/steals/lab02-old/mount_ns.c"
	{ echo '#include "/etc/shadow"' && cat "$ROOT/step02_mount_ns/mount_ns.c"; } >"$CLASS/shadow/mount_ns.c"
	sed '/^int mount_private/,/^}/s/^{/{\n\tfor (;;)\n\t\t;/' "$ROOT/step02_mount_ns/mount_ns.c" >"$CLASS/spins/mount_ns.c"
	mkdir -p "$at/lab02-x" && cp "$ROOT"/lessons/02_mount_ns/starter/mount_ns.c "$at/lab02-x" && ln -s /etc/passwd "$at/lab02-x/run.c"
	echo 'time 20260102T030405Z' >"$at/lab02-x/submission"
	tar -C "$at" -cf "$CLASS/tara.tar" lab02-x
	all >"$BATS_FILE_TMPDIR/said" 2>&1 || echo "status $?" >>"$BATS_FILE_TMPDIR/said"
}
setup() { [[ -z ${REFUSED:-} ]] || skip "this host refuses user namespaces"; mb_setup; }

all() { "$ROOT/tests/labs/all" grade -n 02 -d "$CLASS" -o "$GRADES/02.csv" -p 1 -e 1 -j 2; }

# A right solution, wrong where its compiler or its program sees what is none of its business.
thief() {
	local path
	for path in "$CLASS/canary.h" "$CLASS/alice/mount_ns.c" "$HOME/canary.h" "$GRADES/reports" "$ROOT"/step02_mount_ns/{mount_ns,run}.c \
		"$ROOT/step01_clone_pid/clone_pid.c" "$ROOT/tests/labs/mutants/02_mount_ns/second/mount_ns.c" /proc/1/root"$CLASS/canary.h" \
		"$MB_BUILD/step02_mount_ns/mount_ns.o" /tmp/build/step02_mount_ns/mount_ns.o /tmp/kit/../../"$CLASS/canary.h"; do
		paths+=("$path")
		[[ $path == /proc/* ]] || printf '#if __has_include("%s")\n#error sees %s\n#endif\n' "$path" "$path"
	done
	sed '/^int mount_private/,/^}/s|^{|{\n\tstatic const char *const paths[] = { '"$(printf '"%s", ' "${paths[@]}")"'};\
	for (unsigned i = 0; i < sizeof(paths) / sizeof(*paths); i++)\n\t\tif (access(paths[i], F_OK) == 0)\n\t\t\treturn -1;|' \
		"$ROOT/step02_mount_ns/mount_ns.c"
}

# records FILE: a record a line, its fields as [a][b]; fails where the CSV is not well formed. Another reader than the one in all.
records() {
	awk '{
		text = text (NR > 1 && open ? "\n" : "") $0
		open = gsub(/"/, "\"", text) % 2
		if (open) next
		out = ""; n = 0
		while (1) {
			if (match(text, /^"([^"]|"")*"/)) { f = substr(text, 2, RLENGTH - 2); gsub(/""/, "\"", f) }
			else { match(text, /^[^,"]*/); f = substr(text, 1, RLENGTH) }
			text = substr(text, RLENGTH + 1)
			out = out "[" f "]"; n++
			if (text == "") break
			if (text !~ /^,/) exit bad = 1
			text = substr(text, 2)
		}
		if (n != 11) exit bad = 1
		print out
	} END { exit bad || open }' "$1"
}
# row STUDENT: his record in $output.
row() { output=$(records "$GRADES/02.csv" | grep -F -- "[$1][02]") || fail "no row of $1" "$(<"$GRADES/02.csv")"; }

# bats test_tags=root
@test "grade-all: a row for each student, whatever the name, and a message for what is none" {
	records "$GRADES/02.csv"
	[[ $(records "$GRADES/02.csv" | wc -l) -eq 10 && $(head -n 1 "$GRADES/02.csv") == student,lab,score,of,state,*,override,reason ]]
	row "Zoë, \"the\" O'Neil" && has '[0][15][NOTHING]'
	row "'=cmd" && has NOTHING
	row "'-rf" && has NOTHING
	[[ -s $GRADES/reports/-rf.txt && -s "$GRADES/reports/Zoë, \"the\" O'Neil.json" ]]
	output=$(<"$BATS_FILE_TMPDIR/said")
	has "refused: linked is a link"
	has "refused: \$'new\\nline' has a control character"
	has "refused: canary.h is no folder"
	has "begins with a dot: .git"
	has "9 of 9"
	has "status 1"
}

# bats test_tags=root
@test "grade-all: right, nothing, not compiled, not written, not ended" {
	row alice && has '[15][15][complete]' && has '[1][1][][]'
	row nothing && has '[0][15][NOTHING]'
	row shadow && has '[0][15][complete]'
	row spins && has '[0][15][complete]'
	row tara && has '[0][15][complete][2026-01-02T03:04:05Z]'
	output=$(cat "$GRADES"/reports/{alice,shadow,spins,tara,nothing}.txt)
	has 'not taken: canary.h'
	has 'wanted   the function returns'
	has 'does not compile'
	has 'not written yet'
	has 'not taken: mount_ns.c (not a regular file)'
	has 'not taken: lab02-x/run.c (not a regular file)'
}

@test "grade-all: neither a compiler nor a program sees submissions, solutions, homes or secrets" {
	row steals && has '[15][15][complete]'
	output=$(cat "$GRADES"/reports/*) && has_not seen && has_not root:
	! is_root || has 'etc/shadow: Permission denied'
}

# bats test_tags=root
@test "grade-all: what is graded stays, what has changed is graded again" {
	local before
	before=$(records "$GRADES/02.csv")
	run all
	has 'alice  15/15, as before'
	has 'spins  0/15, as before'
	has 'steals  15/15, as before'
	[[ $(records "$GRADES/02.csv" | grep -v NOTHING) == "$(grep -v NOTHING <<<"$before")" ]]
	cp "$ROOT/lessons/02_mount_ns/starter/mount_ns.c" "$CLASS/alice"
	run all
	has 'alice  0/15'
	has_not 'alice  0/15, as before'
	has 'spins  0/15, as before'
}

# bats test_tags=root
@test "overrides.csv: the score and the reason are shown beside what was graded; without a reason it is refused" {
	printf 'student,lab,score,reason\r\nspins,2,7,\r\n' >"$GRADES/overrides.csv"
	run all
	exits 2
	has 'record 2: a reason is required (spins)'
	printf '\357\273\277student,lab,score,reason\r\nspins,2,7.5,"=oral, ""good"""\r\nnobody,02,1,x\r\nspins,03,1,other lab\r\n' >"$GRADES/overrides.csv"
	run all
	exits 1
	has 'who has no row: nobody'
	row spins && has '[0][15][complete]' && has "[1][1][7.5]['=oral, \"good\"]"
	rm "$GRADES/overrides.csv"
}

# bats test_tags=root
@test "regrade: one row is replaced, with that seed" {
	row spins && local before=$output
	run "$ROOT/tests/labs/all" regrade -n 02 -d "$CLASS" -o "$GRADES/02.csv" -p 1 -s tara -e beef
	exits 0
	has '1 of 1  tara  0/15'
	row tara && has '[beef][1][][]'
	row spins && [[ $output == "${before%\[*\[*}"* ]] # but for an override, which is gone
	run "$ROOT/tests/labs/all" regrade -n 02 -d "$CLASS" -o "$GRADES/02.csv" -s nobody -e beef
	exits 2
	has 'no submission of nobody'
}

@test "INCOMPLETE: where a part cannot be graded there is no score, and the next run grades it" {
	local build=$BATS_TEST_TMPDIR/build only=$BATS_TEST_TMPDIR/class
	mkdir -p "$only/eve" "$build/labs" "$build/tests" "$build/step02_mount_ns" && cp "$ROOT/lessons/02_mount_ns/starter/mount_ns.c" "$only/eve"
	cp "$MB_BUILD/tests/within" "$build/tests" && cp -r "$MB_BUILD"/labs/{02,driver.o} "$build/labs" && cp "$MB_BUILD"/step02_mount_ns/{main,mount_ns}.o "$build/step02_mount_ns"
	printf '#!/bin/sh\necho "cage: no namespaces here" >&2\nexit 77\n' >"$build/labs/cage" && chmod 755 "$build/labs/cage"
	# shellcheck disable=SC2030,SC2031 # for this test
	GRADES=$BATS_TEST_TMPDIR CLASS=$only
	MB_BUILD=$build run all
	exits 77
	has 'eve  INCOMPLETE: 15 of the points could not be graded on this host'
	row eve && has '[eve][02][][15][INCOMPLETE]' && has 'no namespaces here'
	[[ $(<"$GRADES/reports/eve.json") != *'"score"'* ]]
	run all
	exits 0
	row eve
	has '[eve][02][0][15][complete]'
}

# bats test_tags=root
@test "grade-all: ended by a signal, it keeps what is done and leaves nothing" {
	GRADES=$BATS_TEST_TMPDIR
	# shellcheck disable=SC2031 # as above
	"$ROOT/tests/labs/all" grade -n 02 -d "$CLASS" -o "$GRADES/02.csv" -p 1 -j 1 >"$GRADES/said" 2>&1 3>&- &
	poll 20 grep -q '5 of 9' "$GRADES/said"
	kill -TERM $!
	wait $! || status=$?
	exits 143
	row alice && has '[complete]'
	[[ $(records "$GRADES/02.csv" | wc -l) -lt 10 ]]
	free_of_token
}

# bats test_tags=root
@test "similar: a copy with other names is found, by lines; two who worked alone are not" {
	CLASS=$BATS_TEST_TMPDIR/class
	mkdir -p "$CLASS"/{ann,bea,cleo}
	cp "$ROOT"/tests/labs/mutants/02_mount_ns/second/*.c "$CLASS/ann"
	sed -E 's/\b(root|path|fd|target|saved|result)\b/my_\1/g; s|^\t|/* so */ \t|' "$CLASS/ann/mount_ns.c" >"$CLASS/bea/mount_ns.c"
	cp "$ROOT"/step02_mount_ns/{mount_ns,run}.c "$CLASS/cleo"
	run "$ROOT/tests/labs/all" similar -n 2 -d "$CLASS" -t 50
	exits 0
	has 'ann  |  bea'
	has 'cleo  |  our reference'
	has_not 'ann  |  cleo'
	has 'no proof'
	[[ $output =~ (9[0-9]|100)\ %\ \ ann\ \ \|\ \ bea && $output =~ ann\ mount_ns.c:[0-9]+-[0-9]+\ \ \|\ \ bea\ mount_ns.c:[0-9]+-[0-9]+ ]]
}
