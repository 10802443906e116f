# What the README shows is what the programs print, and what it names is there.

load ../lib/common

# mask: numbers and widths differ from run to run, the rest must not.
mask() { sed -E 's/[0-9]+/N/g; s/ +/ /g'; }

@test "the capture in the README is what the program prints" {
	local command shown
	command=$(sed -n 's/^<!-- capture: \(.*\) -->$/\1/p' "$ROOT/README.md" | head -n 1)
	[[ -n $command ]]
	shown=$(sed -n '/^<!-- capture:/,/^<!-- end -->/p' "$ROOT/README.md" | sed '1,3d;$d' | sed '$d' | mask)
	printed=$(cd "$BATS_TEST_TMPDIR" && ln -sfn "$BIN" bin && eval "$command" | mask)
	[[ "$shown" == "$printed" ]] || { diff <(echo "$shown") <(echo "$printed") >&2; return 1; }
}

@test "every file and folder that the README links to is there" {
	local link
	while IFS= read -r link; do
		[[ -e $ROOT/$link ]] || fail "README.md links to $link"
	done < <(grep -oE '\]\([^)#]+\)' "$ROOT/README.md" | sed 's/^](//; s/)$//')
}

@test "every scene that README and lessons name exists" {
	local step scene file
	local names=" "
	for step in "$BIN"/step0?_*; do
		run "$step" --list --json
		local line
		for line in "${lines[@]}"; do names+="$(json_get scene "$line") "; done
	done
	for file in "$ROOT"/README.md "$ROOT"/lessons/*/README.md; do
		while IFS= read -r scene; do
			[[ $names == *" $scene "* || $scene == NAME || $scene == x ]] || fail "${file#"$ROOT"/}: --scene $scene"
		done < <(grep -oE -- '--scene [a-z][a-z-]+' "$file" | awk '{print $2}')
	done
}

@test "the table of steps names what is there" {
	local step
	for step in "$ROOT"/step0?_*; do
		grep -q "\`${step##*/}/${step##*/step0?_}.c\`" "$ROOT/README.md" || fail "${step##*/} is not in the table"
		[[ -e $ROOT/lessons/${step##*/step}/README.md ]] || fail "no lesson ${step##*/step}"
	done
}
