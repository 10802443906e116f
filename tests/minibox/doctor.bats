# minibox doctor: what it says agrees with what can be done here.

load ../lib/common

@test "--short: a screen of what matters: what is missing, why, and which scenes run" {
	local missing line all
	run "$(bin minibox)" doctor
	for line in "${lines[@]}"; do ((${#line} <= 80)) || fail "${#line} columns: $line"; done
	all=${#lines[@]} missing=$(sed -n 's/^missing //; T; s/: the same$//; p' <<<"$output")
	run "$(bin minibox)" doctor --short
	exits 0
	((${#lines[@]} < all && ${#lines[@]} <= 24)) || fail "${#lines[@]} lines, $all without --short" "$output"
	for line in "${lines[@]}"; do ((${#line} <= 80)) || fail "${#line} columns: $line"; done
	has "kernel $(uname -r)"
	grep -qE '^[0-9]+ of [0-9]+ features are here, [0-9]+ of [0-9]+ scenes run$' <<<"$output" || fail "$output"
	while IFS= read -r line; do
		[[ -z $line ]] || grep -qF "${line#cgroup: }" <<<"$(tr '\n' ' ' <<<"$output" | tr -s ' ')" || fail "not told: $line" "$output"
	done <<<"$missing"
}

@test "a line a feature: who may make a namespace, and the sums last" {
	run "$(bin minibox)" doctor
	exits 0
	has "kernel $(uname -r)"
	has "PID namespace"
	has "cgroup: cpu"
	[[ ${lines[-1]} == *"features are here"*"scenes run" ]] || fail "${lines[-1]}"
	# Users are told of as it is: what somebody without rights gets when he tries.
	is_root || ! unshare -Ur true 2>/dev/null || has "users, behind a user namespace"
	is_root || unshare -Ur true 2>/dev/null || has_not "users, behind a user namespace"
}

@test "its answers are true: namespaces as unshare makes them" {
	need unshare
	run "$(bin minibox)" doctor
	local kind flag
	for kind in "PID namespace:-p" "UTS namespace:-u" "IPC namespace:-i" "network namespace:-n"; do
		flag=${kind#*:} kind=${kind%:*}
		if unshare -Ur "$flag" -f true 2>/dev/null || { is_root && unshare "$flag" -f true; }; then
			grep -qE "^ok +$kind" <<<"$output" || fail "doctor denies $kind"
		else
			grep -qE "^missing +$kind" <<<"$output" || fail "doctor promises $kind"
		fi
	done
}

@test "what is missing comes with a reason" {
	run "$(bin minibox)" doctor
	local i
	for i in "${!lines[@]}"; do
		[[ ${lines[i]} == missing* && ${lines[i]} != *": the same" ]] || continue
		[[ ${lines[i + 1]} == *why:* ]] || fail "no reason for: ${lines[i]}"
	done
}

@test "every step's scenes are counted" {
	run "$(bin minibox)" doctor
	local step
	for step in "$BIN"/step0?_*; do
		grep -qE "^${step##*/} .*of .* scenes run here" <<<"$output" || fail "${step##*/} is missing"
	done
}

@test "--json is one JSON object with the same features" {
	need jq
	run "$(bin minibox)" doctor --json
	exits 0
	jq -e 'has("host") and has("features") and has("steps")
		and (.features | length > 20 and all(.ok or (.reason | length > 0)))' <<<"$output"
}

@test "standard output full is said and is 1" {
	local how
	for how in "doctor" "doctor --json" "doctor --short" "--help"; do
		run bash -c '"$0" $1 >/dev/full' "$(bin minibox)" "$how"
		exits 1
		has "cannot write"
		has "No space left on device"
	done
}

@test "bad usage" {
	run "$(bin minibox)" doctor --nonsense
	exits 2
	has "usage: minibox doctor"
}
