# Lab 6, overlay_rootfs: many containers, one image, and no copy of it.

load lib/lab

lab_setup() { often overlay_mount EINVAL "the kernel does not know an option, or not together with another one: dmesg says which"; }

# mounted PATH TYPE...: the kinds of the mounts that are stacked on PATH, the lowest first.
mounted() {
	local found path=$1
	found=$(awk -v path="$path" '$5 == path { sub(/.* - /, ""); print $1 }' "/proc/$PID/mountinfo" | tr '\n' ' ')
	shift
	[[ ${found% } == "$*" ]] || differ "on $path: ${*:-no mount}    /proc/$PID/mountinfo" "${found:-no mount}"
}

# is_up PID LINK: without a process more: what `order` runs is ended soon, on a busy machine too.
is_up() { [[ $(<"/proc/$1/net/igmp") =~ [[:space:]]$2\  ]] || differ "$2 is up    /proc/$1/net/igmp" "it is down"; }
# inside FILE TEXT: a file as the process sees it.
inside() { holds "/proc/$PID/root$1" "$2"; }

# bats test_tags=points:4
@test "1 overlay_unmount: the overlay is unmounted, what is below stays, and upper keeps what was written" {
	call overlay_unmount "$T" tmpfs overlay
	returned 0
	mounted "$T/m" tmpfs
	inside "$T/up/kept" kept
	usually "mounts stack, and one call unmounts one of them"
	call overlay_unmount "$T" overlay overlay
	returned 0
	mounted "$T/m" overlay
}

# bats test_tags=points:4
@test "1 overlay_unmount: another kind of mount is left alone, over an overlay too" {
	usually "the kind of the topmost mount has to be looked at: statfs(2)"
	call overlay_unmount "$T" overlay tmpfs
	returned -1 EINVAL
	mounted "$T/m" overlay tmpfs
	usually "UMOUNT_NOFOLLOW is missing: a link leads to another mount"
	call overlay_unmount.link "$T"
	returned -1 'EINVAL|ELOOP|ENOTDIR'
	mounted "$T/m" overlay
}

# bats test_tags=points:2
@test "1 overlay_unmount: an overlay in use stays mounted" {
	usually "MNT_DETACH unmounts it for new users only: the overlay lives on"
	call overlay_unmount.busy "$T"
	returned -1 EBUSY
	mounted "$T/m" overlay
}

# bats test_tags=points:9
@test "2 overlay_mount: a file is that of the highest layer which has it" {
	call overlay_mount "$T" "low$NONCE" "middle$NONCE" "high$NONCE"
	returned 0
	mounted "$T/m" overlay
	usually "lowerdir= names the highest layer first; the list of layers begins with the lowest"
	inside "$T/m/f2" "high$NONCE"
	inside "$T/m/f1" "middle$NONCE"
	inside "$T/m/f0" "low$NONCE"
	usually "overlay_mount_many() is for options that do not fit on a page"
	mount_has "$PID" "$T/m" "lowerdir=$T/high$NONCE:$T/middle$NONCE:$T/low$NONCE" "upperdir=$T/up" "workdir=$T/work"
}

# bats test_tags=points:8
@test "2 overlay_mount: what is written goes to upper, and the layers stay as they are" {
	call overlay_mount.written "$T" "$NONCE" one two
	returned 0
	inside "$T/m/f0" "$NONCE"
	usually "upperdir= takes what is written; workdir= is for the kernel"
	inside "$T/up/f0" "$NONCE"
	inside "$T/up/new" "$NONCE"
	inside "$T/one/f0" one
	inside "$T/two/f1" two
	equal "kind and device of the whiteout upper/f1" "character special file 0:0" "$(stat -c '%F %t:%T' "/proc/$PID/root$T/up/f1" 2>&1)"
}

# bats test_tags=points:5
@test "2 overlay_mount: paths with a colon, a comma, a backslash and a blank, and long ones" {
	local dir="$T/a:b,c\d e"
	word && call overlay_mount.written "$dir" "$NONCE" "$WORD,lowerdir=x" ":$WORD:" "\\$WORD\\\\"
	usually "in the options a colon ends a path, and a comma an option, where no backslash stands before it"
	returned 0
	inside "$dir/m/f2" "\\$WORD\\\\"
	inside "$dir/m/f0" "$NONCE"
	inside "$dir/up/new" "$NONCE"
	usually "a path may have 4095 bytes, and more with its backslashes"
	word 200 && call overlay_mount "$T/$WORD/$WORD" one "$WORD"
	returned 0
	inside "$T/$WORD/$WORD/m/f0" one
}

# bats test_tags=points:5
@test "2 overlay_mount: options that are longer than a page" {
	local length
	for length in 4096 4105 9000; do
		call overlay_mount.page "$T" "l$NONCE" "$length"
		usually "mount(2) takes 4096 bytes of options, with the NUL, and the rest is lost: overlay_mount_many() does it then"
		returned 0
		inside "$T/m/f0" "${SAID[lowest]}"
		inside "$T/m/f19" "${SAID[highest]}"
		mount_has "$PID" "$T/m" upperdir userxattr
	done
}

# bats test_tags=points:4
@test "2 overlay_mount: without upper it is read-only" {
	call overlay_mount.below "$T" one two
	returned 0
	inside "$T/m/f0" one
	inside "$T/m/f1" two
	mount_has "$PID" "$T/m" ro
	mount_lacks "$PID" "$T/m" 'upperdir=[^,]*'
}

# bats test_tags=points:4
@test "2 overlay_mount: options of the mount: userxattr where it is asked for, redirect_dir=nofollow" {
	call overlay_mount "$T" one two
	returned 0
	usually "userxattr is an option where overlay->userxattr is true, and only there"
	mount_has "$PID" "$T/m" userxattr
	call overlay_mount.trusted "$T" one two
	returned 0
	mount_lacks "$PID" "$T/m" userxattr
	mount_lacks "$PID" "$T/m" 'redirect_dir=(on|off|follow)'
	[[ $(cat /sys/module/overlay/parameters/redirect_always_follow 2>&1) == N ]] || mount_has "$PID" "$T/m" redirect_dir=nofollow
}

# bats test_tags=points:8
@test "3 overlay_classify: a whiteout is a device 0:0, and no other device is one" {
	call overlay_classify "$T" file device terminal whiteout file,new device,new
	said whiteout deleted
	usually "the device's numbers have to be looked at, not its kind only"
	said device changed
	said terminal changed
	said device,new added
	said file changed
	said file,new added
}

# bats test_tags=points:4
@test "3 overlay_classify: any other entry is added or changed; a link is not followed" {
	local kinds=(empty directory fifo link-to-whiteout link-to-nothing link-to-directory) kind
	call overlay_classify "$T" "${kinds[@]}" "${kinds[@]/%/,new}"
	usually "a link is an entry of its own: it is not followed"
	for kind in "${kinds[@]}"; do
		said "$kind" changed
		said "$kind,new" added
	done
}

# bats test_tags=points:9
@test "3 overlay_classify: a directory that was deleted and made anew is opaque" {
	call overlay_classify "$T" opaque opaque,new opaque-x opaque-yes link-to-opaque file-opaque
	said opaque opaque
	usually "some mount options mark all new directories: without anything below it is a new one"
	said opaque,new added
	usually "the attribute's value has to be y, and nothing else"
	said opaque-x changed
	said opaque-yes changed
	said link-to-opaque changed
	said file-opaque changed
}

# bats test_tags=points:5
@test "3 overlay_classify: an empty file with overlay.whiteout is a whiteout, whatever the value" {
	call overlay_classify "$T" marked marked-empty marked-long marked,new marked-text link-to-marked marked-directory
	said marked deleted
	said marked-empty deleted
	said marked-long deleted
	said marked,new deleted
	usually "the file has to be empty, and no link"
	said marked-text changed
	said link-to-marked changed
	said marked-directory changed
}

# bats test_tags=points:4
@test "3 overlay_classify: without userxattr the attributes user.overlay.* mean nothing" {
	usually "the attributes are trusted.overlay.* then, and here nobody has set those"
	call overlay_classify "$T" opaque,trusted marked,trusted opaque marked
	said opaque,trusted changed
	said marked,trusted changed
	said opaque opaque
	said marked deleted
}

# bats test_tags=points:11
@test "4 order: the container's root is an overlay, and the host sees none of it" {
	needs_upper
	order -- sleep "$NONCE"
	number_inside "$PID" 1
	private "$PID"
	usually "overlay_root_mount() makes the root, and its descriptor goes to pivot_into()"
	mounted / overlay
	mount_has "$PID" / upperdir
	shows_only "$PID" /proc 1
	is_missing "/proc/$PID/root/tmp/bin"
	equal "mounts that the parent sees" "" "$(new_mounts)"
}

# bats test_tags=points:4
@test "4 order: the rest of the container is that of lab 5" {
	needs_upper
	order -- sleep "$NONCE"
	for kind in user mnt pid uts ipc net; do apart "$kind" "$PID" "$PARENT"; done
	is_up "$PID" lo
	mount_line "$PID" /dev/mqueue
	[[ -c /proc/$PID/root/dev/null ]] || differ "the device /dev/null in the container" "$(stat -c %F "/proc/$PID/root/dev/null" 2>&1)"
}

# bats test_tags=points:4
@test "5 care: overlay_mount says by errno what is wrong, and leaves no descriptor" {
	local wrong what
	usually "mount(2) says EINVAL whatever is wrong: overlay_check() looks first"
	for wrong in layer-missing:ENOENT layer-file:ENOTDIR work-elsewhere:EXDEV upper-in-layer:EINVAL no-layer:EINVAL merged-missing:ENOENT; do
		what=${wrong%:*}
		call overlay_mount.wrong "$T" "$what"
		returned -1 "${wrong#*:}"
		nothing_left
		mounted "$T/m"
	done
	call overlay_mount "$T" one two
	nothing_left
}

# bats test_tags=points:2
@test "5 care: overlay_unmount keeps errno and leaves no descriptor" {
	call overlay_unmount.missing "$T/$NONCE"
	returned -1 ENOENT
	nothing_left
	for kinds in overlay tmpfs; do
		call overlay_unmount "$T" "$kinds"
		nothing_left
	done
	call overlay_unmount.busy "$T"
	nothing_left
}

# bats test_tags=points:4
@test "5 care: overlay_classify leaves no descriptor and keeps errno" {
	call overlay_classify "$T" marked opaque
	nothing_left
	call overlay_classify "$T" missing
	returned -1 ENOENT
	nothing_left
	call overlay_classify.file "$T"
	returned -1 ENOTDIR
	call overlay_classify.closed "$T"
	returned -1 EACCES
	usually "where no descriptor is left a mark cannot be read, which does not mean that there is none"
	call --nofile 0 overlay_classify "$T" marked
	[[ $RESULT == 2 ]] || returned -1 EMFILE # OVERLAY_DELETED: it took no descriptor
}
