# Lessons, lab sheets, starters and hints do not give the labs away: what the student writes stands in the reference only.

load ../lib/common

setup_file() {
	local file
	# The statements of every file, in files of the same names.
	(
		cd "$ROOT" || exit
		for file in lessons/0?_*/{README.md,lab.md,hints/*.md,starter/*.c} step0?_*/*.c; do
			[[ $file != */main.c ]] || continue
			mkdir -p "$BATS_FILE_TMPDIR/${file%/*}"
			awk -f tests/grader/statements.awk "$file" >"$BATS_FILE_TMPDIR/$file"
		done
	)
}

pieces() { cd "$BATS_FILE_TMPDIR" && printf '%s\n' step0?_*/*.c | grep -v '/run\.c$'; }

# pages [LESSON]: what a student of the lesson is given, of all lessons without one.
pages() { cd "$BATS_FILE_TMPDIR" && find "lessons${1:+/$1}" -type f | sort; }

# Of each piece's function the text of any three consecutive statements, or of all if there are less, is looked for in the pages.
given_away() {
	awk 'function windows(k, i, j, w) {
			k = n < 3 ? n : 3
			for (i = 1; n && i <= n - k + 1; i++) {
				w = "\n"
				for (j = i; j < i + k; j++) w = w s[j] "\n"
				function_of[w] = name
			}
			n = 0
		}
		function look(w) {
			for (w in function_of)
				if (index(text, w)) { print page ": " function_of[w] ":" w; break }
			text = "\n"
		}
		FNR == 1 { windows(); if (page ~ /^lessons/) look(); page = FILENAME }
		page ~ /^lessons/ { text = text $0 "\n"; next }
		/^@/ { windows(); name = substr($0, 2); inside = 1; next }
		/^#/ { windows(); inside = 0; next }
		inside { s[++n] = $0 }
		BEGIN { text = "\n" }
		END { look() }' "$@"
}

@test "no page has the body of a piece's function: no three consecutive statements, nor all of a shorter one" {
	local found files
	mapfile -t files < <(pieces; pages)
	((${#files[@]} > 60)) || fail "${files[@]}"
	found=$(cd "$BATS_FILE_TMPDIR" && given_away "${files[@]}")
	[[ -z $found ]] || fail "$found"
}

@test "a lesson shows calls, and no statement of its step's piece" {
	local piece lesson found lost=""
	while IFS= read -r piece; do
		lesson=lessons/${piece:4:2}_${piece#*_} lesson=${lesson%/*}
		found=$(cd "$BATS_FILE_TMPDIR" && awk 'length($0) > 20' "$piece" | grep -Fxf - "$lesson/README.md") || continue
		lost+="$lesson: $found"$'\n'
	done < <(pieces)
	[[ -z $lost ]] || fail "$lost"
}

@test "no page of a lesson has a statement that its step adds to run.c" {
	local file before=/dev/null page found lost=""
	cd "$BATS_FILE_TMPDIR"
	for file in step0?_*/run.c; do
		grep -vE '^[@#]' "$file" | grep -vFxf "$before" >"$file.new"
		[[ -s $file.new ]] || fail "$file adds nothing"
		while IFS= read -r page; do
			found=$(grep -Fxf "$file.new" "$page") && lost+="$page: $found"$'\n'
		done < <(file=${file%/*} && pages "${file#step}")
		before=$file
	done
	[[ -z $lost ]] || fail "$lost"
}

@test "a body is seen also where it is written down in another way, and calls alone are none" {
	local body=$BATS_TEST_TMPDIR/body.md found
	printf '%s\n' 'First:' '```c' '  fchdir(bind);     /* step into it */' '  if (pivot_root(".", ".") < 0) return -1;' \
		'  SYS(umount2(".",' ' MNT_DETACH), "the old root");' '```' >"$body"
	mkdir -p "$BATS_TEST_TMPDIR/lessons"
	awk -f "$ROOT/tests/grader/statements.awk" "$body" >"$BATS_TEST_TMPDIR/lessons/body.md"
	found=$(cd "$BATS_TEST_TMPDIR" && given_away "$BATS_FILE_TMPDIR/step02_mount_ns/mount_ns.c" lessons/body.md)
	[[ $found == *pivot_into* ]] || fail "$found"
	# As the lessons have them.
	sed -i -e 's/;.*//' -e 's/ < 0.*//' "$body"
	awk -f "$ROOT/tests/grader/statements.awk" "$body" >"$BATS_TEST_TMPDIR/lessons/body.md"
	found=$(cd "$BATS_TEST_TMPDIR" && given_away "$BATS_FILE_TMPDIR/step02_mount_ns/mount_ns.c" lessons/body.md)
	[[ -z $found ]] || fail "$found"
}
