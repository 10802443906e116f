# shellcheck shell=bash
# quick.bash: what bats' own script for a test starts other programs for, without them: a third of the processes of a test that
# only calls a driver. tests/labs/grade names this file in BASH_ENV; without it all is the same, and slower.

case $0 in
*/bats-exec-test)
	date() { if [[ $* == +%s%N ]]; then printf '%s000\n' "${EPOCHREALTIME/[.,]/}"; else command date "$@"; fi; }
	mkdir() { [[ $# == 2 && $1 == -p && -d $2 ]] || command mkdir "$@"; }
	# It lies in the directory that is removed at the end. Its name is the PID's, which may come again.
	rm() { if [[ $# == 2 && $1 == -f && $2 == "${BATS_OUT:-}" ]]; then : >"$2"; else command rm "$@"; fi; }
	;;
esac
