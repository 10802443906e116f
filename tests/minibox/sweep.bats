#!/usr/bin/env bats
# One system call fails, or one process is killed, at places all over a run (tests/sweep/run): nothing is left, every
# message names a call, and what ends with 0 is whole. `make sweep` does more than 800 places, CI a fair part of them, and
# everybody a sample.

load ../lib/common

setup() {
	mb_setup
	[[ -z ${MB_SANITIZED:-} ]] || skip "what is swept is the program as it is built for people"
	[[ -x ${MB_BUILD:-$ROOT/build}/tests/sweep/inject ]] || skip "build/tests/sweep/inject is not built (make unit)"
	sample=6
	[[ -z ${MB_GUEST:-} ]] || sample=4
	[[ ${CI:-} != true || -n ${MB_GUEST:-} ]] || { sample=30 && { is_root || sample=20; }; }
	[[ -z ${MB_SWEEP:-} ]] || sample=$MB_SWEEP
}

# swept TARGET...: no fault at any of the sample's points.
swept() {
	run timeout -k 5 1500 "$ROOT/tests/sweep/run" --count "$sample" "$@"
	((status != 77)) || skip "${lines[-1]:-cannot run here}"
	printf '%s\n' "$output"
	[[ $status == 0 ]]
	local reached wanted
	read -r reached wanted < <(sed -n 's/^sweep: \([0-9]*\) of \([0-9]*\) points reached, 0 with a fault$/\1 \2/p' <<<"$output")
	# No target has fewer than 20 places. Another run may have a call less than the plain one; more than that would be no sweep.
	((wanted >= sample || wanted >= 20))
	((reached >= wanted - wanted / 10 - 2))
}

@test "minibox run: nothing is left of any failure, and every message names a call" { swept run; }

@test "the first run, which makes the image: the same" { swept first; }

@test "a step with a command of its own: the same" { swept step8; }

@test "a scene of step 2: the same" { swept scene2; }

@test "a scene of step 5: the same" { swept scene5; }

# bats test_tags=root
@test "minibox run as an ordinary user, traced with rights: the same" { swept --user run; }

@test "minibox run with too little of something: the same" { swept limits; }
