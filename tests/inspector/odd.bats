#!/usr/bin/env bats
# Odd but ordinary machines and callers. The oracle is /proc.

load ../lib/common

# bats test_tags=root
@test "700 supplementary groups hide neither the inside number nor capabilities" {
	skip_unless_root
	need jq python3 unshare
	local parent init json
	python3 -c 'import os
os.setgroups([4000000000 + i for i in range(700)])
os.execvp("unshare", ["unshare", "-fp", "--kill-child", "--mount-proc", "sleep", "1000"])' 3>&- &
	parent=$!
	came() { init=$(pgrep -P "$parent" -x sleep); }
	poll 30 came
	json=$("$(bin inspector)" --json "$init")
	local inside mask
	inside=$(status_field "$init" NSpid) mask=$(status_field "$init" CapEff)
	(($(wc -c <"/proc/$init/status") > 8192))
	kill -9 "$parent"
	wait "$parent" || true
	[[ $inside == "$init 1" ]]
	[[ $(jq ".rows[] | select(.pid == $init) | .inside" <<<"$json") -eq 1 ]]
	[[ $(printf '%016x' "$(jq .identity.cap_eff <<<"$json")") == "$mask" ]]
}

# bats test_tags=root
@test "a /proc of another PID namespace, and children that are born elsewhere: said at once, with the remedy" {
	skip_unless_root
	local inspector
	inspector=$(bin inspector)
	run_timeout 60 unshare -pf --mount-proc -muin --kill-child sh -c "unshare -pf '$inspector' --once; echo status \$?
		unshare -p '$inspector' --json; echo status \$?
		unshare -pf --mount-proc '$inspector' --json | cut -c1-12"
	[[ $(grep -c '^status 77$' <<<"$output") -eq 2 && $(grep -c 'remedy' <<<"$output") -eq 2 ]] || fail "$output"
	has 'PID namespace'
	has '{"schema":1,' # with a /proc of its own it goes on
}

@test "what the caller blocks or has closed does not reach it" {
	need python3 jq
	local inspector
	inspector=$(bin inspector)
	# SIGTERM blocked by the caller ends it all the same.
	run_timeout 60 python3 -c 'import signal, subprocess, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGCHLD])
p = subprocess.Popen([sys.argv[1], "--json", "--ticks", "100000"], stdout=subprocess.PIPE)
p.stdout.readline()
p.terminate()
print("ended", p.wait())' "$inspector"
	has 'ended -15'
	# An ignored SIGCHLD costs no answer of the child that asks for the host name.
	run_timeout 60 sh -c "trap '' CHLD; '$inspector' --json $$"
	exits 0
	[[ $(jq -r .identity.hostname <<<"$output") == "$(uname -n)" ]]
	run_timeout 60 bash -c "'$inspector' --json $$ <&- | jq -r .container.init"
	exits 0
	[[ $output =~ ^[0-9]+$ ]]
	run_timeout 60 bash -c "'$inspector' --json $$ >&-"
	exits 1
	has 'writing to standard output'
}
