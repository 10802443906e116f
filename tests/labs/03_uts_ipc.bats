# Lab 3, uts_ipc: a name of its own, and the identity and life of a namespace.

load lib/lab

lab_setup() {
	word && OLD_HOST=$WORD
	word && OLD_DOMAIN=$WORD
	word && HOST=$WORD
	word && DOMAIN=$WORD
	often uts_set_names SIGSEGV "NULL is no name: it has no length"
	often ns_keep mount:ENOENT "the file to mount on is missing, or the link that is kept"
	often order sethostname:EPERM "the parent has no rights over the host's UTS namespace: the child names its own"
	often order 'mount(source:EPERM' "mqueue shows the IPC namespace of the process that mounts it: that has to be the container's own"
}

# bats test_tags=points:4
@test "1 uts_set_names: both names" {
	call uts_set_names "$HOST" "$DOMAIN" "$OLD_HOST" "$OLD_DOMAIN"
	returned 0
	named "$PID" "$HOST" "$DOMAIN"
}

# bats test_tags=points:3
@test "1 uts_set_names: NULL leaves that name as it is" {
	usually "NULL leaves one name alone, and the other one is set all the same"
	call uts_set_names NULL "$DOMAIN" "$OLD_HOST" "$OLD_DOMAIN"
	returned 0
	named "$PID" "$OLD_HOST" "$DOMAIN"
	call uts_set_names "$HOST" NULL "$OLD_HOST" "$OLD_DOMAIN"
	returned 0
	named "$PID" "$HOST" "$OLD_DOMAIN"
	usually "an empty name is a name"
	call uts_set_names '' "$DOMAIN" "$OLD_HOST" "$OLD_DOMAIN"
	named "$PID" '' "$DOMAIN"
}

# bats test_tags=points:3
@test "1 uts_set_names: 64 bytes are a name, 65 are not" {
	word 64 && local longest=$WORD
	usually "the kernel takes bytes and their number; a NUL would be one byte more"
	call uts_set_names "$longest" "$longest" "$OLD_HOST" "$OLD_DOMAIN"
	returned 0
	named "$PID" "$longest" "$longest"
	usually "a name that is too long was cut, which the kernel would refuse; or the domain name was set after that failure"
	call uts_set_names "${longest}x" "$DOMAIN" "$OLD_HOST" "$OLD_DOMAIN"
	returned -1 EINVAL
	named "$PID" "$OLD_HOST" "$OLD_DOMAIN"
	call uts_set_names "$HOST" "${longest}x" "$OLD_HOST" "$OLD_DOMAIN"
	returned -1 EINVAL
	named "$PID" "$HOST" "$OLD_DOMAIN"
}

# bats test_tags=points:10
@test "2 uts_unshare: new names in a new namespace; the old one keeps its names" {
	call uts_unshare "$HOST" "$DOMAIN" "$OLD_HOST" "$OLD_DOMAIN"
	returned 0
	apart uts "$PID" "$NEIGHBOUR"
	for kind in ipc mnt net user; do together "$kind" "$PID" "$NEIGHBOUR"; done
	named "$PID" "$HOST" "$DOMAIN"
	usually "the names were set before unshare(2): the new namespace is a copy, so that it looks right from inside"
	named "$NEIGHBOUR" "$OLD_HOST" "$OLD_DOMAIN"
}

# bats test_tags=points:3
@test "2 uts_unshare: no name is set where there is no new namespace" {
	call uts_unshare.full "$HOST" "$DOMAIN" "$OLD_HOST" "$OLD_DOMAIN"
	said before 0
	returned -1 ENOSPC
	usually "unshare(2) failed, and the names of the old namespace were set"
	named "$NEIGHBOUR" "$OLD_HOST" "$OLD_DOMAIN"
}

# bats test_tags=points:2
@test "2 uts_unshare: a name that is refused is a failure; NULL leaves a name as it is" {
	word 65 && call uts_unshare NULL "$WORD" "$OLD_HOST" "$OLD_DOMAIN"
	usually "the result of uts_set_names() was not returned"
	returned -1 EINVAL
	named "$PID" "$OLD_HOST" "$OLD_DOMAIN"
}

# bats test_tags=points:6
@test "3 ns_is_same: the caller and a process with some namespaces of its own" {
	local flags=(0x04000000 0x08000000 0x40000000 0x00020000) same
	number 0 3
	call ns_is_same "$((flags[NUMBER] | flags[(NUMBER + 1) % 4]))"
	usually "the links themselves were compared: stat(2) follows a link, lstat(2) does not"
	for kind in uts ipc net mnt pid user; do
		same=0
		! same_ns "$kind" "$PID" "$NEIGHBOUR" || same=1
		said "$kind" "$same"
	done
}

# bats test_tags=points:3
@test "3 ns_is_same: two other processes; 0 is the caller" {
	call ns_is_same.two
	said own 1
	said with_others '0 0'
	usually "the caller's own namespace was compared with one of theirs"
	said others 1
}

# bats test_tags=points:2
@test "3 ns_is_same: 0 is the caller also where procfd is that of another PID namespace" {
	call ns_is_same.inside
	usually "what getpid(2) gives is a number of the caller's own PID namespace; procfd may be that of another one"
	said itself 1
	said with_other 0
}

# bats test_tags=points:5
@test "3 ns_is_same: pid is the process's own, pid_for_children that of its next child" {
	call ns_is_same.children
	usually "the caller of unshare(CLONE_NEWPID) stays where it is; its next child does not"
	said pid 1
	said pid_of_the_child 0
	said pid_for_children 0
	usually "before the first child there is no pid_for_children: that is neither the same nor another"
	said early -1
}

# bats test_tags=points:3
@test "3 ns_is_same: a link that cannot be read is -1" {
	usually "two links that cannot be read are not the same, and not different"
	call ns_is_same.unreadable 1 1 uts
	returned -1 EACCES
	call ns_is_same.unreadable 0 1 uts
	returned -1 EACCES
	call ns_is_same.unreadable zombie zombie uts
	returned -1 ENOENT
}

# bats test_tags=points:6
@test "3 ns_is_same: one inode number on two devices is not one namespace" {
	number 1000000 4000000
	call ns_is_same.device "$T" "$NUMBER" pid_for_children
	said itself 1
	usually "an inode number counts within its device only: st_dev has to be compared as well"
	returned 0
}

# bats test_tags=points:10
@test "4 ns_keep: the namespace lives on after its process" {
	call ns_keep "$T" "$HOST"
	returned 0
	mount_has "$PID" "$T" nsfs
	usually "the process has ended; the namespace is another one, or nothing that can be entered"
	named "$PID" "$HOST" '' "/proc/$PID/root$T"
}

# bats test_tags=points:5
@test "4 ns_keep: 0 is the caller" {
	call ns_keep.own "$T" "$HOST" inside
	usually "what getpid(2) gives is a number of the caller's own PID namespace; procfd may be that of another one"
	returned 0
	mount_has "$PID" "$T" nsfs
	named "$PID" "$HOST" '' "/proc/$PID/root$T"
}

# bats test_tags=points:5
@test "4 ns_keep: the process and the kind are those below procfd" {
	number 5000000 6000000
	call ns_keep.below "$T" "$NUMBER" "$T/kept"
	usually "the link was looked up in /proc; it is PID/ns/ipc below procfd"
	returned 0
	same_file "/proc/$PID/root$T/kept" "/proc/$NEIGHBOUR/ns/ipc"
}

# bats test_tags=points:5
@test "4 ns_keep: a missing file is made, empty, 0600; one that is there is used" {
	call ns_keep.file "$T"
	returned 0
	equal "mode and size of the file below the mount" "600 0" "$(stat -c '%a %s' "/proc/$PID/root$T" 2>&1)"
	call ns_keep.file "$T" "$NONCE"
	usually "a file that is there is no failure, and keeps what is in it"
	returned 0
	holds "/proc/$PID/root$T" "$NONCE"
}

# bats test_tags=points:8
@test "5 order: the command has the name that was asked for, and IPC objects of its own" {
	order -h "$HOST" -- sleep "$NONCE"
	named "$PID" "$HOST"
	usually "the child is born with the new namespaces: flags of run_spawn()"
	for kind in uts ipc mnt pid; do apart "$kind" "$PID" "$PARENT"; done
	mount_has "$PID" /dev/mqueue mqueue
	usually "/dev was mounted over it afterwards"
	equal "the file system that /dev/mqueue leads to" 19800202 "$(stat -f -c %t "/proc/$PID/root/dev/mqueue" 2>&1)"
}

# bats test_tags=points:4
@test "5 order: step 2's container; without -h the name is the token" {
	order -- sleep "$NONCE"
	named "$PID" "$MINIBOX_TOKEN"
	number_inside "$PID" 1
	private "$PID"
	shows_only "$PID" /proc 1
	is_missing "/proc/$PID/root/tmp/bin"
}

# bats test_tags=points:3
@test "5 order: where a call fails the program ends with 125, and no command runs" {
	number 1 99
	order_ends "$NUMBER" : -- sh -c "exit $NUMBER"
	usually "run_spawn() failed, and the program waits for a child that does not exist"
	order_ends 125 'echo 0 >/proc/sys/user/max_uts_namespaces' -- sleep "$NONCE"
	usually "the name was refused, and the command runs with another one"
	word 65 && order_ends 125 : -h "$WORD" -- sleep "$NONCE"
}

# bats test_tags=points:4
@test "6 care: ns_keep closes its descriptors" {
	call ns_keep.own "$T" "$HOST"
	returned 0
	nothing_left
	call ns_keep.refused "$T" mnt
	returned -1
	nothing_left
	call ns_keep.refused "$T/missing/file" uts
	returned -1 ENOENT
	nothing_left
}

# bats test_tags=points:4
@test "6 care: ns_keep that fails keeps errno, and removes the file that it made, and no other" {
	usually "the file was made and stays, or errno is that of a later call"
	call --fail close:EIO ns_keep.refused "$T" mnt
	returned -1 'EINVAL|ELOOP'
	is_missing "/proc/$PID/root$T"
	call ns_keep.refused "$T" nonsense
	returned -1 ENOENT
	is_missing "/proc/$PID/root$T"
	call ns_keep.refused "$T" mnt "$NONCE"
	holds "/proc/$PID/root$T" "$NONCE"
}

# bats test_tags=points:2
@test "6 care: ns_is_same leaves no descriptor" {
	call ns_is_same 0x04000000
	said uts 0
	nothing_left
	call ns_is_same.unreadable 0 1 uts
	nothing_left
}
