# The kit: the starters and second solutions fit the headers of today, and say for which version they were written.
#
# bats file_tags=root

load ../lib/common

# compiles LAB DIR: both files of the lab, without a warning, and they export what the header has.
compiles() {
	run env CC="${CC:-gcc} -Werror" "$ROOT/tests/labs/build" "${1%%_*}" "$2" "$BATS_TEST_TMPDIR/$1"
	exits 0
	[[ -z $output ]] || fail "$2:" "$output"
}

# each FOLDER-PATTERN: sets `labs`, NN_name, for which graders are built and there is such a folder (LAB stands for its name).
each() {
	local file
	labs=()
	for file in "$ROOT"/tests/labs/0[1-8]_*.bats; do
		file=${file##*/}
		[[ ! -d $ROOT/${1//LAB/${file%.bats}} ]] || labs+=("${file%.bats}")
	done
	((${#labs[@]})) || skip "no lab has it yet"
	for file in "${labs[@]}"; do
		[[ -f ${MB_BUILD:-$ROOT/build}/labs/${file%%_*}/ours.a ]] || fail "make labs: lab $file is not built"
	done
}

kit_of() { sed -n 's/^ \* kit: \([0-9]*\)$/\1/p' "$1"; }

@test "lessons/kit is one line: kit and a number" {
	[[ $(<"$ROOT/lessons/kit") =~ ^kit\ [1-9][0-9]*$ ]]
}

@test "each starter compiles without a warning against the headers of this kit" {
	each lessons/LAB/starter
	for lab in "${labs[@]}"; do compiles "$lab" "$ROOT/lessons/$lab/starter"; done
}

@test "each second solution compiles without a warning against the headers of this kit" {
	each tests/labs/mutants/LAB/second
	for lab in "${labs[@]}"; do compiles "$lab" "$ROOT/tests/labs/mutants/$lab/second"; done
}

@test "each starter names the kit for which it was written, this one or an earlier one" {
	local now file
	now=$(sed -n 's/^kit //p' "$ROOT/lessons/kit")
	for file in "$ROOT"/lessons/0[1-8]_*/starter/*.c; do
		[[ -n $(kit_of "$file") ]] || fail "$file: no line ' * kit: N'"
		(($(kit_of "$file") >= 1 && $(kit_of "$file") <= now)) || fail "$file: kit $(kit_of "$file"), and lessons/kit is $now"
	done
}

@test "each starter has only gaps in its piece, and one in its run.c" {
	local folder file
	for folder in "$ROOT"/lessons/0[1-8]_*/starter; do
		file=${folder%/starter} && file=$folder/${file##*/0?_}.c
		[[ $(grep -c 'return NOT_YET(' "$file") == $(grep -c '^{' "$file") ]] || fail "$file: a function without a gap"
		grep -q 'return NOT_YET(' "$folder/run.c" || fail "$folder/run.c: no gap"
	done
}
