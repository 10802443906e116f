# Lab 2, mount_ns: a container's own view of the files.

load lib/lab

lab_setup() {
	local empty="an empty path means the descriptor itself only where a flag says so: one for open_tree(2), one for each end of move_mount(2)"
	often pivot_into open_tree:ENOENT "$empty"
	often pivot_into move_mount:ENOENT "$empty"
	local point="the new root has to be a mount point, and . has to be on it: the descriptor root leads to the directory below the new mount"
	often pivot_into pivot_root:EINVAL "$point"
	often pivot_into pivot_root:EBUSY "$point"
	often pivot_into umount2:EBUSY "the old root is in use: it can only be detached"
	often mount_own_proc mount:ENOENT "the directory path in root may be missing: then it is made"
}

# bats test_tags=points:12
@test "1 mount_private: no mount gets anything from other namespaces, or gives it" {
	call mount_private "$T/shared"
	returned 0
	usually "MS_REC is missing: only the mount on / is private. Or MS_SLAVE: events still come in"
	private "$PID"
}

# bats test_tags=points:3
@test "1 mount_private: what the kernel refuses is a failure" {
	call mount_private.refused
	usually "the result of mount(2) was not returned"
	returned -1 EPERM
}

# bats test_tags=points:7
@test "2 mount_own_proc: a proc of the caller's own PID namespace" {
	call mount_own_proc "$T" /proc 0xe ''
	returned 0
	usually "path begins at root; to the kernel a path that begins with / begins at the root of the process"
	mount_has "$PID" "$T/proc" proc nosuid nodev noexec
	shows_only "$PID" "$T/proc" 1
}

# bats test_tags=points:3
@test "2 mount_own_proc: flags and data are the caller's" {
	word && call mount_own_proc "$T" "/$WORD" 0x3 hidepid=2
	returned 0
	usually "the flags or the data of the mount are fixed: they are the caller's"
	mount_has "$PID" "$T/$WORD" proc ro nosuid '(hidepid=2|hidepid=invisible)'
	mount_lacks "$PID" "$T/$WORD" noexec
}

# bats test_tags=points:3
@test "2 mount_own_proc: a link in the image does not lead out" {
	usually "the path was joined to the root's and walked by the kernel; make_dir_in_root() resolves it inside"
	call mount_own_proc "$T" /proc/x 0xe '' /proc "../../..$T-out"
	returned 0
	mount_has "$PID" "$T$T-out/x" proc
}

# bats test_tags=points:2
@test "2 mount_own_proc: AT_FDCWD is /; a directory that is there is used" {
	word && call mount_own_proc.here "$T" "/$WORD" 0xe
	usually "AT_FDCWD is less than 0, and no error; mkdir(2) says EEXIST, which is none either"
	returned 0
	mount_has "$PID" "$T/$WORD" proc
}

# bats test_tags=points:15
@test "3 pivot_into: the directory is the root, and the old root is gone" {
	word && call pivot_into "$T/root" "/$WORD" "$NONCE"
	returned 0
	usually "/ of the process is still another directory"
	holds "/proc/$PID/root/nonce" "$NONCE"
	usually "pivot_root worked; the old root is still mounted"
	mounts "$PID" / "/$WORD"
	usually "chroot(2) changes the root of one process; the mount namespace still has the old one, with all its mounts"
	mounts "$NEIGHBOUR" / "/$WORD"
	usually "the working directory is still outside; chdir to / is missing"
	same_file "/proc/$PID/cwd" "/proc/$PID/root"
}

# bats test_tags=points:3
@test "3 pivot_into: an old root that cannot be unmounted is a failure" {
	call --fail umount2:EPERM pivot_into "$T/root" /in "$NONCE"
	usually "the result of umount2(2) was not looked at"
	returned -1 EPERM
}

# bats test_tags=points:6
@test "3 pivot_into: what is mounted in the directory comes along" {
	word && call pivot_into "$T/root" "/$WORD/deep" "$NONCE"
	returned 0
	usually "the directory was bound without what is mounted below it"
	holds "/proc/$PID/root/$WORD/deep/nonce" "$NONCE"
}

# bats test_tags=points:6
@test "3 pivot_into: a directory to which no path leads" {
	call pivot_into "$T/a/root" /in "$NONCE" "$T/a"
	usually "the directory was looked up by a path once more; its descriptor is enough"
	returned 0
	holds "/proc/$PID/root/nonce" "$NONCE"
	mounts "$PID" / /in
}

# bats test_tags=points:5
@test "4 join_namespaces: those of another user namespace, in any order" {
	usually "the rights over these come with their user namespace, which has to be entered before; then those that were refused are tried again"
	call join_namespaces net user mnt cgroup uts ipc pid
	returned 0
	for kind in net user mnt cgroup uts ipc; do together "$kind" "$PID" "$NEIGHBOUR"; done
	same_file "/proc/$PID/ns/pid_for_children" "/proc/$NEIGHBOUR/ns/pid"
}

# bats test_tags=points:4
@test "4 join_namespaces: one that belongs to the caller's user namespace, with another user namespace" {
	usually "in the other user namespace the caller has no rights over its own: such a one has to be entered before"
	call join_namespaces.mixed mnt user net
	returned 0
	for kind in mnt user; do together "$kind" "$PID" "$NEIGHBOUR"; done
}

# bats test_tags=points:2
@test "4 join_namespaces: back to the PID namespace of the caller, from that of its next child" {
	usually "a process stays in its PID namespace; pid_for_children says where its next child will be"
	call join_namespaces.back
	returned 0
	same_file "/proc/$PID/ns/pid_for_children" "/proc/$PID/ns/pid"
}

# bats test_tags=points:2
@test "4 join_namespaces: those that the caller is in are passed over" {
	usually "setns(2) into one's own user namespace is EINVAL; into others it needs rights, which the caller may not have"
	call join_namespaces.own uts user net
	returned 0
	usually "a descriptor was looked at, or compared, after the first was entered: /proc is another one then"
	call join_namespaces.covered
	returned 0
	together mnt "$PID" "$NEIGHBOUR"
	usually "there are more descriptors than kinds of namespaces"
	call join_namespaces.own uts user net uts user net uts user net uts user net
	returned -1 EINVAL
}

# bats test_tags=points:2
@test "4 join_namespaces: what is refused in the end too is a failure" {
	call join_namespaces.refused
	usually "EPERM before the user namespace is entered is no failure yet; afterwards it is one"
	returned -1 EPERM
}

# bats test_tags=points:12
@test "5 order: the command is PID 1 in a root of its own, and the host sees none of it" {
	order -- sleep "$NONCE"
	number_inside "$PID" 1
	private "$PID"
	usually "the command's root is still the host's: pivot_into() makes it the container's"
	is_missing "/proc/$PID/root/tmp/bin"
	usually "proc is mounted in the container's root, by a process of the container's PID namespace"
	shows_only "$PID" /proc 1
	mount_has "$PID" /proc proc nosuid nodev noexec
	equal "/dev/null inside" "character special file" "$(stat -c %F "/proc/$PID/root/dev/null" 2>&1)"
	usually "something was mounted before the mounts were private"
	equal "mounts that the parent sees" "" "$(new_mounts)"
}

# bats test_tags=points:3
@test "5 order: where a call fails the program ends with 125, and no command runs" {
	number 1 99
	order_ends "$NUMBER" : -- sh -c "exit $NUMBER"
	usually "run_spawn() failed, and the program waits for a child that does not exist"
	order_ends 125 'echo 0 >/proc/sys/user/max_pid_namespaces' -- sleep "$NONCE"
	usually "busybox_root_mount() failed, and the command runs in the files of the host"
	order_ends 125 'export MINIBOX_BUSYBOX=/nowhere' -- sleep "$NONCE"
}

# bats test_tags=points:3
@test "6 care: mount_own_proc closes its descriptor and keeps errno" {
	call mount_own_proc "$T" /proc 0 "nonsense=$NONCE"
	returned -1 EINVAL
	equal "mode of the directory that was made, and stays" 555 "$(stat -c %a "/proc/$PID/root$T/proc" 2>&1)"
	nothing_left
	call --fail close:EIO mount_own_proc "$T" /proc 0 "nonsense=$NONCE"
	returned -1 EINVAL
}

# bats test_tags=points:1
@test "6 care: mount_own_proc leaves no descriptor when it works" {
	call mount_own_proc "$T" /proc 0xe ''
	returned 0
	nothing_left
}

# bats test_tags=points:2
@test "6 care: pivot_into closes its descriptors and keeps errno" {
	call pivot_into.shared "$T"
	returned -1 EINVAL
	nothing_left
	call pivot_into.file "$T/file"
	returned -1 ENOTDIR
	nothing_left
	call --fail close:EIO pivot_into.shared "$T"
	returned -1 EINVAL
}

# bats test_tags=points:2
@test "6 care: pivot_into leaves no descriptor when it works" {
	call pivot_into "$T/root" /in "$NONCE"
	nothing_left
}

# bats test_tags=points:2
@test "6 care: join_namespaces looks at all descriptors before it enters the first, and closes none" {
	call join_namespaces.bad
	returned -1 'EBADF|ENOTTY'
	usually "the first one was entered before the second was looked at"
	apart uts "$PID" "$NEIGHBOUR"
	nothing_left
	call join_namespaces uts user net
	usually "the descriptors stay the caller's: setns(2) does not need them afterwards, the caller may"
	nothing_left
}
