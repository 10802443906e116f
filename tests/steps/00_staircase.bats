# The design as tests: stairs go down only, one lab piece a step, and it grows before your eyes.

# shellcheck disable=SC2030,SC2031 # each test is a process
load ../lib/common

@test "a step includes only itself and lower steps; no step knows final" {
	local file step line number
	while IFS= read -r file; do
		step=${file#"$ROOT"/step0} step=${step%%_*}
		while IFS= read -r line; do
			[[ $line =~ step0([1-8])_ ]] && number=${BASH_REMATCH[1]} || number=0
			[[ $line == *final/* ]] && fail "${file#"$ROOT"/}: $line"
			((number <= step)) || fail "${file#"$ROOT"/} climbs: $line"
		done < <(grep -E '^#include "' "$file")
	done < <(find "$ROOT"/step0?_* -name '*.[ch]')
}

@test "a step's folder: main.c, run.c, the piece, its header, given/ and scenes/; step 1 has the floor too, in four rooms" {
	local folder piece
	local -a wanted
	for folder in "$ROOT"/step0?_*; do
		piece=${folder##*/step0?_} wanted=(given main.c "$piece.c" "$piece.h" run.c scenes)
		[[ $folder != */step01_* ]] || wanted+=(floor)
		[[ "$(cd "$folder" && printf '%s\n' * | LC_ALL=C sort | xargs)" == "$(printf '%s\n' "${wanted[@]}" | LC_ALL=C sort | xargs)" ]] ||
			fail "${folder##*/}: $(cd "$folder" && echo *), and not ${wanted[*]}"
	done
	[[ "$(cd "$ROOT/step01_clone_pid/floor" && echo *)" == "call demo host meet" ]]
}

@test "an include names a file of its own folder, or the path from the top" {
	local found
	found=$(cd "$ROOT" && grep -nE '^#include "(\.|[^"/]+/\.\.)' -r step0?_* final tests --include='*.[ch]') || :
	[[ -z $found ]] || fail "$found"
}

@test "what is given leans on no demo: no header of scenes/ outside of scenes/ and main.c" {
	local found
	found=$(cd "$ROOT" && grep -nE '^#include ".*scenes/' -r step0?_* final --include='*.[ch]' |
		grep -vE '^step0[1-8]_[^/]*/(scenes/[^:]*|main\.c):') || :
	[[ -z $found ]] || fail "$found"
}

# Functions of the lab pieces that minibox does not call yet, and what will: "runtime" is the OCI runtime (create, start, exec,
# ps, joined namespaces), "engine" docker's life cycle (networks, diff, kept namespaces). To be empty when both are there.
not_called_yet() {
	cat <<-'EOF_'
		ns_is_same          engine   a pod, and --network container:NAME: is it still the namespace of the record?
		ns_keep             engine   a pod's namespaces, which outlive every container
		veth_into           engine   networks
		address_add         engine   networks
		route_default       engine   networks
		overlay_classify    engine   diff and commit
		overlay_unmount     engine   the monitor, when a container has ended and its layer is to be read or removed
	EOF_
}

# The functions that a piece's header declares.
declared() { sed -nE -e '/^\/\*/,/\*\//d' -e '/^static /d' -e 's/^[a-z][a-z0-9_ ]*[ *]([a-z0-9_]+)\(.*/\1/p' "$1"; }

@test "minibox calls every function of every lab piece, but for a list of what is to come" {
	need nm
	[[ -x $BIN/minibox ]] || skip "minibox is not built: json-c is missing"
	local dir=$BATS_TEST_TMPDIR header object
	# What an object defines and what it needs: "OBJECT D|U NAME", for final/ and for the steps below it. (An object whose
	# source is gone is left over from an earlier build.)
	(cd "${MB_BUILD:-$ROOT/build}" && find final step0?_* -name '*.o' |
		while IFS= read -r object; do [[ ! -e $ROOT/${object%.o}.c ]] || printf '%s\0' "$object"; done | xargs -0 nm -A -P) |
		awk '{ sub(/:$/, "", $1); kind = $3 == "U" ? "U" : $3 ~ /^[TDBRCV]$/ ? "D" : ""; if (kind) print $1, kind, $2 }' >"$dir/symbols"
	# From final/'s objects on, as the linker takes members of the archive: who needs a name gets the object that defines it.
	awk '{ if ($2 == "D") by[$3] = $1; else needs[$1] = needs[$1] " " $3; if ($1 ~ /^final\//) linked[$1] = 1 }
		END {
			for (more = 1; more;) {
				more = 0
				for (object in linked) {
					n = split(needs[object], names, " ")
					for (i = 1; i <= n; i++) {
						if (names[i] in by && !(by[names[i]] in linked)) { linked[by[names[i]]] = 1; more = 1 }
						if (by[names[i]] != object) called[names[i]] = 1
					}
				}
			}
			for (name in called) print name
		}' "$dir/symbols" >"$dir/called"
	# Inside a piece: what is named in the body of a called function is called too (nm does not tell: it may be inlined).
	cat "$ROOT"/step0?_*/*.c | awk -v called="$dir/called" '
		BEGIN { while ((getline name <called) > 0) is[name] = 1 }
		/^[a-z].*[ *][a-z0-9_]+\(/ { within = $0; sub(/\(.*/, "", within); sub(/.*[ *]/, "", within); next }
		/^\}/ { within = "" }
		within { gsub(/"[^"]*"/, ""); gsub(/[^a-z0-9_]+/, " "); names[within] = names[within] " " $0 }
		END {
			for (more = 1; more;) {
				more = 0
				for (within in names)
					if (within in is) {
						n = split(names[within], some, " ")
						for (i = 1; i <= n; i++) if (!(some[i] in is)) { is[some[i]] = 1; more = 1 }
					}
			}
			for (name in is) print name
		}' | sort >"$dir/reached"
	grep -qx spawn "$dir/called" && grep -qx pivot_into "$dir/called" || fail "nm tells nothing"
	for header in "$ROOT"/step0?_*/*.h; do declared "$header"; done | sort >"$dir/declared"
	(($(wc -l <"$dir/declared") >= 16)) || fail "$(<"$dir/declared")"
	comm -23 "$dir/declared" "$dir/reached" >"$dir/missing"
	not_called_yet | awk '{ print $1 }' | sort >"$dir/listed"
	diff "$dir/listed" "$dir/missing" >"$dir/difference" ||
		fail "< stands on the list and is called (or is no piece's), > is not called and not on the list:
$(<"$dir/difference")"
	# Each line says which part of minibox will call it.
	run bash -c "$(declare -f not_called_yet); not_called_yet | grep -vE '^[a-z_]+ +(runtime|engine) +.{8}'"
	[[ -z $output ]] || fail "$output"
}

# What a step brings, as the words of it that stand in source: the names of calls, files, options. The floor, in the rooms
# named here, has none of them: what it needs of a step, that step registers (given/register.c). A word with a space in it
# is not possible; one that is a part of other words is (proc in process), so choose words that are not.
FLOOR_ROOMS=(call host meet demo)
higher_words() { # higher_words STEP
	case $1 in
	2) echo "umount losetup busybox initramfs MS_BIND MS_REMOUNT MS_MOVE MS_SLAVE proc_overmounted" ;;
	3) echo "mqueue mq_open shmget semget msgget ipcs sethostname setdomainname" ;;
	4) echo "netlink rtnl_ RTM_ IFLA_ NLM_ veth sysfs CAP_NET_ADMIN bridge newuidmap subuid CAP_SETGID" ;;
	5) echo "sys/fs/cgroup CGROUP_V cpu.max cpuset cgroup.procs subtree_control cgroup.controllers cgroup.max memory.max blkio freezer" ;;
	6) echo "overlay whiteout lowerdir upperdir workdir" ;;
	7) echo "volume" ;;
	8) echo "subreaper zombie" ;;
	esac
}

# floor_may WORD LINE: the words that a room keeps all the same, and why.
floor_may() {
	case $1:$2 in
	busybox:call/*) ;;          # a program that a remedy names
	volume:demo/*) ;;           # the command line of all steps is read by one parser, -v among the rest
	subreaper:demo/*) ;;        # the guard and the demo are subreapers, to find what a scene has left
	zombie:meet/* | zombie:demo/*) ;; # a state of processes, as /proc tells it
	proc_overmounted:host/*) ;; # a fact of the mount table, in the struct that rows of the why-table judge by
	*) return 1 ;;
	esac
}

@test "no word of a higher step's mechanism in the floor" {
	local room step word found line
	for room in "${FLOOR_ROOMS[@]}"; do
		[[ -d $ROOT/step01_clone_pid/floor/$room ]] || fail "no room $room"
		for step in 2 3 4 5 6 7 8; do
			for word in $(higher_words "$step"); do
				# Each word is one: the step itself says it.
				grep -rqF -e "$word" "$ROOT/step0${step}_"* || fail "$word: step $step does not know it"
				found=$(cd "$ROOT/step01_clone_pid/floor" && grep -rniF -e "$word" "$room" |
					while IFS= read -r line; do floor_may "$word" "$line" || printf '%s\n' "$line"; done) || :
				[[ -z $found ]] || fail "$word is step $step's: $found"
			done
		done
	done
}

@test "conditions of the why-table are typed: none searches in a call's source" {
	local found
	found=$(cd "$ROOT" && grep -nE 'f->(call|file)\b|what->call' step0?_*/given/why_*.c step01_clone_pid/floor/call/why_when*.c) || :
	[[ -z $found ]] || fail "$found"
}

@test "a small compiler, tcc, takes the eight pieces and every run.c" {
	local file
	need tcc
	cd "$ROOT"
	for file in step0?_*/*.c; do
		[[ $file != */main.c ]] || continue
		run tcc -c -I. -o "$BATS_TEST_TMPDIR/object" "$file"
		[[ $status -eq 0 ]] || fail "$file: $output"
	done
}

@test "every step's demo registers what its step, and those below, tell the floor" {
	local step
	for step in 2 3 4 5 6 7 8; do
		grep -q "^	step0${step}_register();" "$ROOT/step0${step}_"*/main.c ||
			fail "step $step's main.c does not call step0${step}_register()"
		((step == 2)) || grep -q "step0$((step - 1))_register();" "$ROOT/step0${step}_"*/given/register.c ||
			fail "step0${step}_register() does not call that of the step below"
	done
}

@test "there is no utils" {
	run find "$ROOT" -path "$ROOT/build" -prune -o -iname '*util*' -name '*.[ch]' -print
	[[ -z $output ]] || fail "$output"
}

@test "lab pieces: 60 to 150 lines, 2 to 6 functions in the header, no printing, no exit" {
	local piece file lines functions
	for piece in "$ROOT"/step0?_*; do
		[[ -e $piece/main.c ]] || continue
		file=$piece/${piece##*/step0?_}.c
		lines=$(wc -l <"$file")
		((lines >= 60 && lines <= 150)) || fail "${file##*/}: $lines lines"
		# Declarations may run over several lines: count the semicolons that follow a parenthesis, outside of comments and structs.
		functions=$(sed -e '/^\/\*/,/\*\//d' -e '/^struct.*{/,/^}/d' -e '/^enum.*{/,/^}/d' "${file%.c}.h" | grep -cE '\)( __attribute__.*)?;$')
		((functions >= 2 && functions <= 6)) || fail "${file##*/}: $functions functions"
		! grep -nE '\b(printf|fprintf|puts|perror|exit|abort)\(' "$file" || fail "${file##*/} prints or exits"
	done
}

@test "stepNN_run: at most 40 lines, and each holds the one before" {
	local file step before=0 lines kept
	: >"$BATS_TEST_TMPDIR/before"
	for file in "$ROOT"/step0?_*/run.c; do
		step=${file#"$ROOT"/step} step=${step%%_*}
		sed -n "/^int step${step}_run(/,/^}/p" "$file" | sed "s/step${step}_run/stepNN_run/" >"$BATS_TEST_TMPDIR/now"
		lines=$(wc -l <"$BATS_TEST_TMPDIR/now")
		((lines > 0)) || fail "no step${step}_run() in ${file#"$ROOT"/}"
		((lines <= 40)) || fail "step${step}_run: $lines lines"
		((lines >= before)) || fail "step${step}_run has shrunk: $lines lines after $before"
		# At least three quarters of the step before stands in this one, line by line.
		kept=$(diff --unchanged-line-format='%L' --old-line-format='' --new-line-format='' \
			"$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/now" | wc -l) || :
		((lines > kept)) || fail "step${step}_run adds nothing"
		((kept * 4 >= before * 3)) || fail "step${step}_run keeps $kept of $before lines"
		before=$lines
		mv "$BATS_TEST_TMPDIR/now" "$BATS_TEST_TMPDIR/before"
	done
}

@test "make grow prints them" {
	run "$ROOT/lessons/grow"
	exits 0
	has "step01_clone_pid/run.c"
	has "+ "
	run "$ROOT/lessons/grow" 2
	exits 0
	has "+ 		namespaces |= CLONE_NEWNS;"
	has_not "step01_clone_pid/run.c"
	has_not "step03_uts_ipc/run.c"
	has "run->inside is true in the child" # the legend
	# The ninth is minibox: the order that its maker's side and its inner side have.
	run "$ROOT/lessons/grow" 9
	exits 0
	has "final/runtime/launch.c: container_create()"
	has "if (own_group_make(c) < 0)"
	has "final/runtime/inside.c: own_world()"
	has "pivot_into(root)"
	has_not "step08_init_reaper/run.c"
	run "$ROOT/lessons/grow"
	has "final/runtime/launch.c: container_create()"
	run "$ROOT/lessons/grow" 10
	exits 2
	has "there are 1 to 9"
	need make
	run make -C "$ROOT" grow 2
	exits 2
	has "make grow STEP=2"
	has_not "step01_clone_pid/run.c"
}

@test "a public header's functions are explained: no declaration without a comment before it" {
	local header
	for header in "$ROOT"/step0?_*/*.h "$ROOT"/step0?_*/given/*.h; do
		# Two declarations may share a comment; a file without any comment at its functions may not be.
		local comments functions
		comments=$(grep -c '^/\*' "$header") functions=$(grep -cE '^[a-z].*\(.*\);$' "$header") || :
		[[ ${header##*/} == scenes.h ]] || ((comments > functions / 3)) || fail "$header: $comments comments, $functions functions"
	done
}

@test "every file that a lesson or the README names is there, and where it says" {
	local page name base lost=""
	cd "$ROOT"
	for page in README.md lessons/*.md lessons/*/README.md; do
		while IFS= read -r name; do
			base=${name%.\[ch\]}
			[[ $base == "$name" ]] || name=$base.h
			[[ $name != work/* ]] || continue # a student writes it
			if [[ $name == */* ]]; then
				# From the top, or below the lesson's own step: scenes/escape.c.
				compgen -G "$name" >/dev/null || compgen -G "step0?_*/$name" >/dev/null || lost+="$page: $name"$'\n'
			else
				[[ -n $(find step0?_* final tests -name "$name" -print -quit) ]] || lost+="$page: $name"$'\n'
			fi
		done < <(tr '\140' '\n' <"$page" | grep -xE '[a-z0-9_/]+\.(\[ch\]|[ch])' | sort -u)
	done
	[[ -z $lost ]] || fail "$lost"
}

@test "make names a step's file that is missing, and leaves no old program that still works" {
	local steps
	steps=$(cd "$ROOT" && echo step0?_*)
	run make -C "$ROOT" -n steps STEPS="$steps step08_none"
	exits 2
	has "step08_none/main.c is missing: \`git checkout step08_none/main.c\` brings it back"
}
