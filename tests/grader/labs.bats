# The graders are graded: starters, references, second solutions, and a sample of wrong ones (make test-labs: all of them).
# As an ordinary user, and in a guest, less: what is graded there is the host.

load ../lib/common

# sample NN_NAME: each solution loses what it should, and only that.
sample() {
	local line
	[[ -x ${MB_BUILD:-$ROOT/build}/labs/cage ]] || skip "build/labs is not built (make labs)"
	if is_root; then
		run_timeout 200 "$ROOT/tests/labs/mutants/run" -s "${1:0:2}"
	else
		run_timeout 200 "$ROOT/tests/labs/mutants/run" "${1:0:2}" reference
	fi
	exits 0
	not grep -E '^not ok' <<<"$output"
	[[ ${lines[-1]} =~ ^1\.\.([1-9][0-9]*)$ ]] || fail "$output"
	[[ $(grep -cE '^ok ' <<<"$output") == "${BASH_REMATCH[1]}" ]] || fail "$output"
	line=$(grep -m 1 '# skip ' <<<"$output") && skip "${line##*# skip }"
	:
}

@test "lab 1" { sample 01_clone_pid; }
@test "lab 2" { sample 02_mount_ns; }
@test "lab 3" { sample 03_uts_ipc; }
@test "lab 4" { sample 04_net_user; }
@test "lab 5" { sample 05_cgroup_cpu; }
@test "lab 6" { sample 06_overlay_rootfs; }
@test "lab 7" { sample 07_volumes; }
@test "lab 8" { sample 08_init_reaper; }

# reference NN_NAME [ARG...]: the reference, as `make references` has linked it, loses nothing. ARGs are for bats.
reference() {
	local object=${MB_BUILD:-$ROOT/build}/labs/${1:0:2}/reference line name
	local -a clean=(env) # bats below bats; this one's own variables stay, since skip needs them
	[[ -x $object/driver ]] || skip "$object is not built (make references)"
	for name in "${!BATS_@}"; do clean+=(-u "$name"); done
	run_timeout 300 "${clean[@]}" LAB_OBJ="$object" LAB_PIECE="${1#*_}.c" \
		bats --formatter tap --tempdir "$BATS_TEST_TMPDIR/$1" "${@:2}" "$ROOT/tests/labs/$1.bats"
	exits 0
	line=$(grep -m 1 '# skip ' <<<"$output") && skip "${line##*# skip }"
	:
}

# bats test_tags=guest
@test "lab 2 on this kernel: the reference has full points" { reference 02_mount_ns; }
# bats test_tags=guest
@test "lab 5 on this kernel: the reference has full points" { reference 05_cgroup_cpu; }

@test "orders 6, 7 and 8 with the overlay's upper on a disk, as before Linux 6.6" {
	export LAB_DISK=1
	for lab in 06_overlay_rootfs 07_volumes 08_init_reaper; do reference "$lab" --filter '^[0-9] order: '; done
}

@test "lab 6: a piece that records ENOENT as a failure can be used by the step's program" {
	local out=$BATS_TEST_TMPDIR
	mkdir "$out/src" "$out/empty" "$out/upper" && touch "$out/upper/f"
	sed 's/SYS_MAY(fstatat(\(.*\)), name, ENOENT)/SYS(fstatat(\1), name)/' "$ROOT/step06_overlay_rootfs/overlay_rootfs.c" >"$out/src/overlay_rootfs.c"
	not cmp -s "$out/src/overlay_rootfs.c" "$ROOT/step06_overlay_rootfs/overlay_rootfs.c"
	cp "$ROOT/step06_overlay_rootfs/run.c" "$out/src"
	"$ROOT/tests/labs/build" 06 "$out/src" "$out/obj"
	run "$out/obj/step06_overlay_rootfs" diff "$out/upper" "$out/empty"
	exits 0
	[[ $output == 'A /f' ]] || fail "$output"
}

@test "a seed gives the same names and numbers again, another seed others" {
	local out=$BATS_TEST_TMPDIR
	[[ -x ${MB_BUILD:-$ROOT/build}/labs/cage ]] || skip "build/labs is not built (make labs)"
	mkdir "$out/src" && cp "$ROOT/lessons/02_mount_ns/starter/"*.c "$out/src"
	sed -i 's/return NOT_YET(root);/return 0;/' "$out/src/mount_ns.c"
	for seed in 1a 1a 2b; do
		"$ROOT/tests/labs/grade" -s "$out/src" -p 3 -e "$seed" 02 >"$out/text" || [[ $? != 2 ]]
		grep -m 1 ' did ' "$out/text" >>"$out/did" || skip "$(grep -m 1 'not graded' "$out/text")"
	done
	mapfile -t lines <"$out/did"
	[[ ${lines[0]} == "${lines[1]}" && ${lines[0]} != "${lines[2]}" ]] || fail "${lines[@]}"
}

@test "every test of a lab has points and at most 12 lines; a lab has 100: 75 the piece, 15 the order, 10 care" {
	for file in "$ROOT"/tests/labs/0*.bats; do
		awk -v file="${file##*/}" '
			/^# bats test_tags=/ { points = match($0, /points:[0-9]+/) ? substr($0, RSTART + 7, RLENGTH - 7) : 0 }
			/^@test "/ { name = $3; part[name] += points; if (!points) bad = bad " " FNR; at = FNR; inside = 1; points = 0 }
			/^}/ && inside { if (FNR - at - 1 > 12) bad = bad " " at; inside = 0 }
			{ if ($0 ~ /^@test "/) { split($0, word, /[ :]/); sum[word[3] == "order" || word[3] == "care" ? word[3] : "piece"] += part[name]; part[name] = 0 } }
			END { if (bad != "" || sum["piece"] != 75 || sum["order"] != 15 || sum["care"] != 10) {
				print file ": lines" bad, "piece", sum["piece"], "order", sum["order"], "care", sum["care"]; exit 1 } }' "$file"
	done
}
