# Lab 1, clone_pid: a process that is number 1.

load lib/lab

lab_setup() {
	often spawn SIGSEGV "a stack grows down: clone(2) wants the address of its end, and the child's first push is below that"
	often spawn clone:EINVAL "clone(2) refuses a stack that is NULL"
	often spawn_wait EINVAL "waitid(2) was not told which ends it waits for: an option is missing"
	often spawn_wait ECHILD "waitid(2) was given the pidfd as the number of a child, or the other way round"
	often nspid_read ENOENT "the path begins below procfd, and not at /proc"
}

# last_numbers PID COUNT: prints the last so many of a process's numbers.
last_numbers() {
	local -a all
	read -ra all <<<"$(status_field "$1" NSpid)"
	echo "${all[*]: -$2}"
}

# bats test_tags=points:7
@test "1 spawn_wait: the child's exit status; the child is waited for" {
	number 0 255
	call spawn_wait exit "$NUMBER" 0
	returned 0
	said pid kept
	said pidfd -1
	usually "with WNOHANG it does not wait; the number is si_status of waitid(2)"
	said status "$NUMBER"
	usually "with WNOWAIT the child stays a zombie"
	is_missing "/proc/$NEIGHBOUR"
}

# bats test_tags=points:4
@test "1 spawn_wait: 128 + the signal that killed the child" {
	usually "si_code says which of the two ends it was: CLD_EXITED, or a signal"
	local signals=(1 9 15)
	number 0 2
	call spawn_wait signal "${signals[NUMBER]}" 0
	returned 0
	said status "$((128 + signals[NUMBER]))"
}

# bats test_tags=points:2
@test "1 spawn_wait: a child that is stopped and goes on has not ended" {
	number 0 255
	call spawn_wait stop "$NUMBER" 0
	usually "with WSTOPPED or WCONTINUED waitid(2) returns for a child that lives; WEXITED is the end alone"
	returned 0
	said status "$NUMBER"
	is_missing "/proc/$NEIGHBOUR"
}

# bats test_tags=points:3
@test "1 spawn_wait: a signal that interrupts the wait does not end it" {
	number 0 255
	call spawn_wait exit "$NUMBER" 2
	usually "a handler that ran ends waitid(2) with EINTR: it has to be called again"
	returned 0
	said status "$NUMBER"
}

# bats test_tags=points:2
@test "1 spawn_wait: the descriptor says which child, not the number" {
	number 0 255
	call spawn_wait.other "$NUMBER"
	returned 0
	usually "the status is that of another child: waitid(2) waits for a descriptor with P_PIDFD"
	said status "$NUMBER"
}

# bats test_tags=points:2
@test "1 spawn_wait: ECHILD where there is no child, and nothing is changed" {
	for how in "only zeroes" "the pidfd -1" "the pid -1" "a child that was waited for"; do
		call spawn_wait.none "$how"
		said before 0
		usually "after spawn() failed, or of a zeroed struct, pidfd is no child; and waitid(2) may fail (ECHILD)"
		returned -1 ECHILD
		usually "*sp or *status was changed, though there was no child"
		said unchanged 1
		[[ -z ${SAID[closed]:-} ]] || nothing_left
	done
}

# bats test_tags=points:10
@test "2 spawn: the child runs fn as number 1 of a PID namespace of its own" {
	call spawn 0x20000000
	returned 0
	said fn ran
	equal "PPid in /proc/$NEIGHBOUR/status" "$PID" "$(status_field "$NEIGHBOUR" PPid)"
	usually "sp->flags has not reached clone(2), or sp->pid is not what clone(2) returned"
	number_inside "$NEIGHBOUR" 1
	apart pid "$PID" "$NEIGHBOUR"
	equal "sp->pid, and the child's own number" "$(last_numbers "$NEIGHBOUR" 2)" "${SAID[pid]} 1"
	usually "after unshare(2) all later children of the caller are in the new namespace; clone(2) moves one"
	same_file "/proc/$PID/ns/pid_for_children" "/proc/$PID/ns/pid"
}

# bats test_tags=points:5
@test "2 spawn: the namespaces that flags asks for, and no other" {
	local kinds=(ipc uts net) flags=(0x08000000 0x04000000 0x40000000)
	number 0 2
	call spawn "$((0x10020000 | flags[NUMBER]))"
	usually "clone(2) gets all of sp->flags, and of its other flags only those that the header names"
	returned 0
	said fn ran
	for kind in user mnt "${kinds[NUMBER]}"; do apart "$kind" "$PID" "$NEIGHBOUR"; done
	unset "kinds[NUMBER]"
	for kind in "${kinds[@]}" pid; do together "$kind" "$PID" "$NEIGHBOUR"; done
}

# bats test_tags=points:6
@test "2 spawn: SIGCHLD at the child's end; it exits with what fn returns" {
	number 0 255
	call spawn.end "$NUMBER" back
	returned 0
	usually "the lowest byte of the flags is the signal; without SIGCHLD a plain wait(2) does not find the child"
	said wait child
	said signal SIGCHLD
	usually "what fn returns is the child's exit status"
	said exited "$NUMBER"
}

# bats test_tags=points:4
@test "2 spawn: pidfd is a descriptor of the child, close-on-exec" {
	call spawn 0
	returned 0
	local info=/proc/$PID/fdinfo/${SAID[pidfd]}
	usually "with CLONE_PIDFD the kernel stores a descriptor where clone's next argument leads"
	equal "Pid in $info" "$NEIGHBOUR" "$(sed -n 's/^Pid:[[:space:]]*//p' "$info" 2>/dev/null)"
	grep -q '^flags:.*02......$' "$info" || differ "close-on-exec (02000000) in $info" "$(grep flags "$info")"
}

# bats test_tags=points:4
@test "2 spawn: the stack has room; what the child writes, the caller does not see" {
	number 0 254
	call spawn.end "$NUMBER" room
	returned 0
	usually "clone(2) wants the end of the stack, its highest address; 256 KiB"
	said exited "$NUMBER"
	usually "with CLONE_VM the child shares the caller's memory"
	said memory untouched
}

# bats test_tags=points:2
@test "2 spawn: where there is no memory for a stack it fails" {
	number 0 255
	call spawn.tight "$NUMBER"
	usually "mmap(2) fails with MAP_FAILED, which is no address; pid and pidfd are -1 here too"
	[[ $RESULT != 0 ]] || said child "exited $NUMBER"
	[[ $RESULT == 0 ]] || returned -1 'ENOMEM|EAGAIN'
	[[ $RESULT == 0 ]] || said child 'none, pid -1, pidfd -1'
}

# bats test_tags=points:4
@test "2 spawn: a bit of the lowest byte is EINVAL; where it fails pid and pidfd are -1" {
	usually "clone(2) takes the lowest byte for the signal: spawn() looks at it before"
	call spawn.refused 0x80 "$((0x20000000 + 1 + RANDOM % 127))"
	said before 0
	returned -1 EINVAL
	usually "sp->pid or sp->pidfd keeps what it was before: where there is no child both are -1"
	for value in 'pid -1' 'pidfd -1' 'child none'; do said "${value% *}" "${value#* }"; done
	usually "where the kernel refuses the flags (CLONE_NEWUSER with CLONE_FS) there is no child and no descriptor"
	said contradiction '-1, pid -1, pidfd -1'
}

# bats test_tags=points:6
@test "3 nspid_read: all numbers of a process, three levels deep" {
	call nspid_read 33 2 sh
	returned 3
	usually "the line has a number for each PID namespace, the reader's first"
	said numbers "$(last_numbers "$NEIGHBOUR" 3)"
}

# bats test_tags=points:4
@test "3 nspid_read: the process's name does not matter" {
	usually "the name stands in the file as well, in the line Name; only a line that begins with NSpid: counts"
	call nspid_read 33 1 $'NSpid:\t7\nNSpid:'
	returned 2
	said numbers "$(last_numbers "$NEIGHBOUR" 2)"
}

# bats test_tags=points:3
@test "3 nspid_read: below procfd; a file of any length; ENOENT" {
	number 2 4194303
	call nspid_read.file "$T" "$NUMBER" "$NUMBER" 12 1
	usually "it is PID/status below procfd; with 6000 supplementary groups the file has 66 KB, and is read to its end"
	returned 3
	said numbers "$NUMBER 12 1"
	usually "a process that has ended has no directory in /proc: that ENOENT is the caller's"
	call nspid_read.gone
	returned -1 ENOENT
}

# bats test_tags=points:4
@test "3 nspid_parse: up to 33 numbers, those of the process and not of its thread group" {
	local n=()
	for _ in {1..33}; do number 1 4194303 && n+=("$NUMBER"); done
	call nspid_parse 33 init "${n[@]}"
	usually "a process is in 33 namespaces at most; NStgid, the numbers of the thread group, is another line"
	returned 33
	said numbers "${n[*]}"
	usually "the text is the caller's (const): strtok(3) writes to it"
	said text kept
}

# bats test_tags=points:3
@test "3 nspid_parse: E2BIG where pids has no room, EINVAL where there is no such line" {
	call nspid_parse 2 sh 813 24 1
	usually "max is how many pids has room for"
	returned -1 E2BIG
	said beyond untouched
	usually "without the line NSpid there are no numbers: that is a failure"
	call nspid_parse 33 $'NSpid:\t5'
	returned -1 EINVAL
}

# bats test_tags=points:12
@test "4 order: the command is PID 1, the program waits for it and exits with its status" {
	order -- sleep "$NONCE"
	usually "the command replaces the child, not the program; the child is born with CLONE_NEWPID"
	number_inside "$PID" 1
	apart pid "$PID" "$PARENT"
	usually "CLONE_NEWPID is the only flag; with CLONE_NEWUSER the command's ids are not mapped"
	together user "$PID" "$PARENT"
	usually "the child makes a child as well: run_spawn() is for the parent's side"
	equal "PID namespaces between program and command" 1 "$(($(status_field "$PID" NSpid | wc -w) - $(status_field "$PARENT" NSpid | wc -w)))"
	equal "children of the command" "" "$(own_children "$PID")"
	kill -KILL "$PID"
	usually "run_wait() returns the exit status"
	ended 137
}

# bats test_tags=points:3
@test "4 order: where the child cannot be made the program ends with 125" {
	number 1 99
	order_ends "$NUMBER" : -- sh -c "exit $NUMBER"
	usually "run_spawn() failed, and the program waits for a child that does not exist"
	order_ends 125 'echo 0 >/proc/sys/user/max_pid_namespaces' -- sleep "$NONCE"
}

# bats test_tags=points:3
@test "5 care: spawn that fails keeps errno and leaves no descriptor" {
	call --fail munmap:EIO spawn.full
	said before 0
	usually "munmap, or what else comes after clone, has changed errno"
	returned -1 EAGAIN
	nothing_left
}

# bats test_tags=points:2
@test "5 care: the one descriptor that spawn leaves is pidfd; spawn_wait closes it" {
	call spawn 0
	said fn ran
	[[ ${SAID[leaked]:-} != "${SAID[pidfd]} "*([^;]) ]] || SAID[leaked]=''
	nothing_left
	call spawn_wait exit 0 0
	returned 0
	usually "spawn_wait() has waited for the child, and its pidfd is left open"
	equal "the descriptor that spawn_wait closes" "${SAID[was]}" "${SAID[closed]% }"
	SAID[closed]='' && nothing_left
}

# bats test_tags=points:2
@test "5 care: nspid_read closes its descriptor and keeps errno" {
	call nspid_read 33 1 sh
	returned 2
	nothing_left
	call nspid_read 1 1 sh
	nothing_left
	call --fail close:EIO nspid_read 1 1 sh
	usually "close(2) comes after what failed, and sets errno where it fails as well"
	[[ "$RESULT $ERRNO" != "-1 EIO" ]] || differ "the errno of what failed first" "EIO, which is that of close(2)"
}

# bats test_tags=points:3
@test "5 care: no memory stays mapped" {
	number 2 4194303
	call spawn.again
	usually "the caller has to unmap its copy of the stack, also where clone(2) fails"
	said grown nothing
	said grown_by_failures nothing
	call nspid_read.file "$T" "$NUMBER" "$NUMBER" 12 1
	usually "what read_whole_at() gives is freed by the caller"
	said grown nothing
}
