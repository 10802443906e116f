# What a student reads of a failure: titles, what was done, what was found, and the hint for it.

load ../lib/common

# titles NN_NAME: "PART NAME: TEXT" of each test of a lab.
titles() { sed -n 's/^@test "\(.*\)" {$/\1/p' "$ROOT/tests/labs/$1.bats"; }
labs() { cd "$ROOT/tests/labs" && printf '%s\n' 0*.bats | sed 's/\.bats$//'; }

@test "a title names a function of the step's header, or is about the order or about care" {
	local lab title name lost=''
	for lab in $(labs); do
		while IFS= read -r title; do
			title=${title#* } title=${title%%: *}
			for name in ${title// and / }; do
				[[ $name =~ ^(order|care)$ ]] || grep -q "\\b$name(" "$ROOT/step$lab/${lab#*_}.h" || lost+="$lab: $name"$'\n'
			done
		done < <(titles "$lab")
	done
	[[ -z $lost ]] || fail "$lost"
}

@test "each call of a driver is told with the function's name and its parameters" {
	local file name did lost='' count=0
	for file in "$ROOT"/tests/labs/drivers/*.c; do
		while IFS=$'\t' read -r name did; do
			count=$((count + 1))
			[[ $did == "${name%%.*}("* ]] || lost+="${file##*/}: $name: $did"$'\n'
		done < <(sed -n '/lab_calls\[\]/,$p' "$file" | tr '\n\t' '  ' | grep -oE '\{ "[a-z_.]+",[^"}]*("[^"]*")?' | sed -E 's/^\{ "([a-z_.]+)",[^"]*"?/\1\t/')
	done
	((count > 70)) || fail "$count calls were found"
	[[ -z $lost ]] || fail "$lost"
}

@test "each test of a piece or an order has one hint of its own, and each such hint has a test" {
	local lab title key file count lost=''
	for lab in $(labs); do
		while IFS= read -r title; do
			count=0 file=$ROOT/lessons/$lab/hints/${title%% *}.md
			while IFS= read -r key; do [[ $title != *"$key"* ]] || count=$((count + 1)); done < <(sed -n 's/^## test: //p' "$file")
			((count == 1)) || [[ $title == *' care: '* && $count == 0 ]] || lost+="$lab: $title: $count hints"$'\n'
		done < <(titles "$lab")
		while IFS= read -r key; do
			titles "$lab" | grep -qF -- "$key" || lost+="$lab: no test: $key"$'\n'
		done < <(sed -n 's/^## test: //p' "$ROOT/lessons/$lab/hints/"*.md)
	done
	[[ -z $lost ]] || fail "$lost"
}

# graded NN_NAME PART SED: the step's own piece, changed by that script.
graded() {
	local src=$BATS_TEST_TMPDIR/src name=${1#*_}
	[[ -x ${MB_BUILD:-$ROOT/build}/labs/cage ]] || skip "build/labs is not built (make labs)"
	mkdir -p "$src" && cp "$ROOT/step$1/"{"$name",run}.c "$src"
	sed -i -E "$3" "$src/$name.c"
	run_timeout 250 "$ROOT/tests/labs/grade" -s "$src" -p "$2" "${1:0:2}"
	[[ $output != *"not graded here"* ]] || skip "$(grep -m 1 "not graded" <<<"$output")"
}

@test "values have names, and no line is longer than 80 columns" {
	graded 02_mount_ns 3 '/^int pivot_into/,/^}/{/umount2\(/,/goto bad/d}'
	exits 1
	has 'pivot_into(root); root is /tmp/g'
	has 'with a mount on'
	[[ $output == *'usually  pivot_root worked'* ]] || fail "$output"
	not grep -E '^     .{76}' <<<"$output"
}

@test "the place is a line of the student's, also where a function of ours has failed" {
	graded 04_net_user 2 's/return write_file_at\(procfd/return write_file_at(-1/'
	# As an ordinary user part of it cannot be graded.
	[[ $status == 1 || $status == 77 ]] || fail "exit status $status" "$output"
	local line && line=$(grep -n 'write_file_at(-1' "$BATS_TEST_TMPDIR/src/net_user.c") && line=${line%%:*}
	grep -q "FAILED .*/net_user\.c:$line\$" <<<"$output" || fail "$line" "$output"
}

# hint STATE CHECK: of a lab 2 whose part 3 was graded so.
hint() {
	local work=$BATS_TEST_TMPDIR/work state=$BATS_TEST_TMPDIR/work/.lab/02
	if [[ ! -d $work ]]; then
		WORK=$work "$ROOT/lessons/lab" start 02 >/dev/null
		cat "$work/mount_ns.c" "$work/run.c" | cksum >"$state/sums"
	fi
	printf '%s\n' 'lab 02' 'part 1 15 15 ok ' "part 3 0 30 $1 mount_ns.c:44" "found 3 this" ${2:+"check 3 $2"} >"$state/result"
	WORK=$work run "$ROOT/lessons/lab" hint 02
	exits 0
}

@test "hint: of a part that is not written the three hints, the last one again" {
	for n in 1 2 3 3; do
		hint missing
		has "Hint $n of 3"
		has_not 'Test "'
		has_not '## '
	done
	has 'That was the last one'
}

@test "hint: first for the failure at hand, then the part's three; a new failure has another" {
	hint failed 'result pivot_into: what is mounted in the directory comes along'
	has 'Test "what is mounted in the directory comes along"'
	has 'Which of your calls makes'
	has_not 'Hint 1'
	hint failed 'result pivot_into: what is mounted in the directory comes along'
	has 'Hint 1 of 3'
	has_not 'Which of your calls makes'
	hint failed 'crash pivot_into: what is mounted in the directory comes along'
	has 'The process was ended by a signal'
	has_not 'Hint'
	hint failed 'crash pivot_into: what is mounted in the directory comes along'
	has 'Hint 2 of 3'
}

@test "hint: a hang, a descriptor that is left, a wrong errno" {
	hint failed 'hang pivot_into: the directory is the root, and the old root is gone'
	has 'The function did not come back'
	hint failed 'leak care: pivot_into closes its descriptors and keeps errno'
	has 'opens a descriptor'
	hint failed 'errno care: pivot_into closes its descriptors and keeps errno'
	has 'Which call set the errno'
}
