# Lab 7, volumes: a directory of the host, seen inside a container.

load lib/lab

# volume_bind() calls volume_target(). Where the first is graded ours stands for the second.
lab_setup() {
	R=$T/root
	often volume_target ENOENT "what is missing is made, with the directories on the way to it"
	local empty="an empty path means the descriptor itself only where a flag says so: one for open_tree(2), one for each end of move_mount(2)"
	often volume_bind open_tree:ENOENT "$empty"
	often volume_bind move_mount:ENOENT "$empty"
	often volume_bind mount:EPERM "a remount replaces all flags, and those that the source has may not go: they are repeated"
	often order :ENOENT "the path of a volume's source is gone once the root is changed"
	# shellcheck disable=SC2034 # lab.bash reads DRIVER
	[[ ! $BATS_TEST_DESCRIPTION =~ ^[24]\ (care:\ )?volume_bind ]] || DRIVER=driver-alone
}

# is_at PATH: the descriptor that volume_target() gave back is that file of the program's.
is_at() {
	same_file "/proc/$PID/fd/$RESULT" "/proc/$PID/root$1"
}
# opened FLAG: of open(2), as /proc/PID/fdinfo has it.
opened() {
	local key flags
	while read -r key flags; do [[ $key != flags: ]] || break; done <"/proc/$PID/fdinfo/$RESULT"
	(((flags & $2) == $2)) || differ "the descriptor is $1    /proc/$PID/fdinfo/$RESULT" "flags: $flags"
}
kind() { [[ $(stat -c %F "/proc/$PID/root$1" 2>&1) == "$2" ]] || differ "$1 is a $2" "$(stat -c %F "/proc/$PID/root$1" 2>&1)"; }
inside() { printf '/proc/%s/root%s' "$PID" "$1"; }
# below DIR PATH...: what is mounted below DIR: exactly these.
below() {
	local found wanted=''
	found=$(mount_points "$PID" | grep "^$1/" | sort | tr '\n' ' ')
	(($# == 1)) || wanted=$(printf '%s\n' "${@:2}" | sort | tr '\n' ' ')
	[[ $found == "$wanted" ]] || differ "mounted below $1: ${wanted:-nothing}" "${found:-nothing}"
}
# flags PATH [no] FLAG...: of the mount itself, not of its file system.
flags() {
	local -a f
	local path=$1 flag no=''
	mount_line "$PID" "$path"
	read -ra f <<<"$MOUNT"
	for flag in "${@:2}"; do
		case $flag in
		no) no=yes ;;
		*) if [[ ",${f[5]}," == *",$flag,"* ]]; then [[ -z $no ]]; else [[ -n $no ]]; fi || differ "$path is${no:+ not} $flag" "${f[5]}" ;;
		esac
	done
}
# is_up PID LINK: without a process more: what `order` runs is ended soon, on a busy machine too.
is_up() { [[ $(<"/proc/$1/net/igmp") =~ [[:space:]]$2\  ]] || differ "$2 is up    /proc/$1/net/igmp" "it is down"; }
# failed_with ERRNO: if it failed. That it fails is graded elsewhere.
failed_with() { [[ $RESULT != -1 ]] || returned -1 "$1"; }

gave_descriptor() { ((RESULT > 2)) || differ "it returns a descriptor" "it returned $RESULT${ERRNO:+, errno $ERRNO}"; }

# bats test_tags=points:7
@test "1 volume_target: a directory, and those on the way to it" {
	word && call volume_target "$R" "/$WORD/b/c" directory
	gave_descriptor
	kind "$R/$WORD/b/c" directory
	is_at "$R/$WORD/b/c"
	usually "the descriptor only says where to mount: nothing is read or written by it"
	opened O_PATH 010000000
	opened O_CLOEXEC 02000000
	word 200 && call volume_target "$R" "/$WORD/b$WORD/$WORD" directory
	is_at "$R/$WORD/b$WORD/$WORD"
}

# bats test_tags=points:7
@test "1 volume_target: an empty file, and the directories on the way to it" {
	word && call volume_target "$R" "/$WORD/b/c" file
	gave_descriptor
	kind "$R/$WORD/b/c" 'regular empty file'
	is_at "$R/$WORD/b/c"
	opened O_PATH 010000000
	opened O_CLOEXEC 02000000
}

# bats test_tags=points:5
@test "1 volume_target: what is there already is left as it is" {
	word && call volume_target "$R" "/a/$WORD" file file "$R/a/$WORD" "$NONCE"
	gave_descriptor
	usually "a file that was there has been emptied or replaced"
	holds "$(inside "$R/a/$WORD")" "$NONCE"
	call volume_target "$R" "/a/$WORD" directory file "$R/a/$WORD/nonce" "$NONCE"
	is_at "$R/a/$WORD"
	holds "$(inside "$R/a/$WORD/nonce")" "$NONCE"
	usually "the mount point was opened for reading or writing, which waits at a FIFO; O_PATH does not"
	call volume_target "$R" /fifo file fifo "$R/fifo"
	is_at "$R/fifo"
}

# bats test_tags=points:6
@test "1 volume_target: a link on the way does not lead out of the root, nor do dots" {
	usually "the kernel walked the path from its own root; resolve.h has functions that stay inside"
	call volume_target "$R" /data/x directory dir "$T-out" link "$R/data" "../../../../..$T-out"
	is_missing "$(inside "$T-out/x")"
	is_at "$R$T-out/x"
	call volume_target "$R" /data/x directory dir "$T-out" link "$R/data" "$T-out"
	is_missing "$(inside "$T-out/x")"
	is_at "$R$T-out/x"
	call volume_target "$R" "/../../../..$T-dots/x" directory
	is_missing "$(inside "$T-dots")"
	is_at "$R$T-dots/x"
}

# bats test_tags=points:4
@test "1 volume_target: a link at the end does not lead out of the root" {
	call volume_target "$R" /etc/conf file file "$T-out" "$NONCE" link "$R/etc/conf" "$T-out"
	gave_descriptor
	is_at "$R$T-out"
	holds "$(inside "$T-out")" "$NONCE"
	usually "the image has a link to a directory that is still to be made, inside the root"
	call volume_target "$R" /var/run directory link "$R/var/run" "../../..$T-run"
	is_missing "$(inside "$T-run")"
	is_at "$R$T-run"
	call volume_target "$R" /etc/conf file dir "$R/run" link "$R/etc/conf" ../run/conf
	kind "$R/run/conf" 'regular empty file'
	is_at "$R/run/conf"
}

# bats test_tags=points:3
@test "1 volume_target: a directory is no mount point for a file, nor a file for a directory" {
	usually "what is there already is taken whatever its kind"
	call volume_target "$R" /a file dir "$R/a"
	returned -1
	call volume_target "$R" /a directory file "$R/a" text
	returned -1
	kind "$R/a" 'regular file'
}

# bats test_tags=points:3
@test "1 volume_target: a directory that another process replaces by a link meanwhile" {
	call volume_target.swap "$R" "$T-out"
	gave_descriptor
	usually "the path was checked first and walked afterwards; openat2(2) does both in one call"
	equal "mount points outside the root" 0 "${SAID[outside]}"
	is_missing "$(inside "$T-out/d")"
}

# bats test_tags=points:7
@test "2 volume_bind: the same directory in a second place" {
	word && call volume_bind "$R" "/$WORD" "$T/src" 0 dir "$R/$WORD" file "$T/src/nonce" "$NONCE" write "$R/$WORD/new"
	returned 0
	below "$R" "$R/$WORD"
	holds "$(inside "$R/$WORD/nonce")" "$NONCE"
	same_file "$(inside "$R/$WORD")" "$(inside "$T/src")"
	said "$R/$WORD/new" written
	usually "the mount point need not be there: volume_target() makes it"
	call volume_bind "$R" "/$WORD/b" "$T/src" 0 file "$T/src/nonce" "$NONCE"
	returned 0
	holds "$(inside "$R/$WORD/b/nonce")" "$NONCE"
}

# bats test_tags=points:4
@test "2 volume_bind: a file over a file" {
	word && call volume_bind "$R" "/$WORD" "$T/src" 0 file "$R/$WORD" image file "$T/src" "$NONCE"
	returned 0
	below "$R" "$R/$WORD"
	holds "$(inside "$R/$WORD")" "$NONCE"
	call volume_bind "$R" "/$WORD/b" "$T/src" 0 file "$T/src" "$NONCE"
	returned 0
	holds "$(inside "$R/$WORD/b")" "$NONCE"
}

# bats test_tags=points:9
@test "2 volume_bind: read-only, and the source is not" {
	word && call volume_bind "$R" "/$WORD" "$T/src" 1 dir "$R/$WORD" file "$T/src/nonce" "$NONCE" write "$R/$WORD/x" "$T/src/x"
	usually "the kernel keeps the source's locked flags; a remount has to repeat them, else EPERM"
	returned 0
	usually "a bind ignores MS_RDONLY: the flag needs a second call"
	flags "$R/$WORD" ro
	said "$R/$WORD/x" EROFS
	usually "the whole file system was remounted, or the source's mount: MS_BIND belongs into the second call too"
	said "$T/src/x" written
	holds "$(inside "$R/$WORD/nonce")" "$NONCE"
}

# bats test_tags=points:5
@test "2 volume_bind: its flags, besides those that the source has" {
	word && call volume_bind "$R" "/$WORD" "$T/src" 0xc dir "$R/$WORD" tmpfs "$T/src" 0x2
	returned 0
	flags "$R/$WORD" nodev noexec no ro
	usually "a remount replaces all flags: those of the source have to be repeated"
	flags "$R/$WORD" nosuid
	flags "$T/src" nosuid no nodev noexec
	call volume_bind "$R" "/$WORD" "$T/src" 0x401 dir "$R/$WORD" tmpfs "$T/src" 0x8
	returned 0
	flags "$R/$WORD" ro noatime noexec no nodev
}

# bats test_tags=points:5
@test "2 volume_bind: with the mounts below source, where MS_REC says so" {
	usually "the mounts below source come along with MS_REC, and without it they do not"
	call volume_bind "$R" /v "$T/src" 0x4000 dir "$R/v" tmpfs "$T/src" 0 tmpfs "$T/src/b" 0 file "$T/src/b/nonce" "$NONCE"
	returned 0
	below "$R" "$R/v" "$R/v/b"
	holds "$(inside "$R/v/b/nonce")" "$NONCE"
	call volume_bind "$R" /v "$T/src" 0 dir "$R/v" tmpfs "$T/src" 0 tmpfs "$T/src/b" 0
	returned 0
	below "$R" "$R/v"
}

# bats test_tags=points:4
@test "2 volume_bind: read-only with all mounts below, the other flags for the new one alone" {
	call volume_bind "$R" /v "$T/src" 0x4009 dir "$R/v" tmpfs "$T/src" 0 tmpfs "$T/src/b" 0 write "$R/v/b/x" "$T/src/b/x"
	returned 0
	flags "$R/v" ro noexec
	usually "the second call changed one mount; mount_read_only_below() changes those below it too"
	flags "$R/v/b" ro
	said "$R/v/b/x" EROFS
	flags "$R/v/b" no noexec
	said "$T/src/b/x" written
	usually "mount_read_only_below() can fail too, and then what is mounted below is writable"
	call --fail mount_setattr:EPERM volume_bind "$R" /v "$T/src" 0x4001 dir "$R/v" tmpfs "$T/src" 0 tmpfs "$T/src/b" 0
	[[ $RESULT == -1 ]] || flags "$R/v/b" ro
}

# bats test_tags=points:2
@test "2 volume_bind: a source to which no path leads any more" {
	usually "the source was looked up by a path; its descriptor is enough"
	call volume_bind "$R" /v "$T/a/src" 0 dir "$R/v" file "$T/a/src/nonce" "$NONCE" after tmpfs "$T/a" 0
	returned 0
	holds "$(inside "$R/v/nonce")" "$NONCE"
	call volume_bind "$R" /v "$T/src" 0 dir "$R/v" file "$T/src/nonce" "$NONCE" after rename "$T/src" "$T/b" dir "$T/src"
	returned 0
	holds "$(inside "$R/v/nonce")" "$NONCE"
}

# bats test_tags=points:2
@test "2 volume_bind: on a mount point that is behind a link of the image" {
	call volume_bind.link "$R" /data/v "$T/src" dir "$T-out/v" dir "$R$T-out/v" link "$R/data" "$T-out" file "$T/src/nonce" "$NONCE"
	[[ ${SAID[target]:-} != outside ]] || return 0 # volume_target()'s part
	returned 0
	below "$T-out"
	below "$R" "$R$T-out/v"
}

# bats test_tags=points:2
@test "2 volume_bind: by descriptors; where open_tree(2) or move_mount(2) is refused, by mount(2)" {
	usually "the bind was made by mount(2), which looks paths up: open_tree(2) and move_mount(2) do not"
	call --fail mount:EPERM volume_bind "$R" /v "$T/src" 0 dir "$R/v" dir "$T/src"
	returned 0
	for refused in open_tree:ENOSYS open_tree:EPERM move_mount:EPERM; do
		usually "bind_by_path() is for a host that refuses open_tree(2) or move_mount(2), whatever the errno"
		call --fail "$refused" volume_bind "$R" /v "$T/src" 1 dir "$R/v" file "$T/src/nonce" "$NONCE"
		returned 0
		flags "$R/v" ro
		holds "$(inside "$R/v/nonce")" "$NONCE"
		usually "that the kernel refused the first way is no failure where the second one worked"
		equal "a recorded failure" "" "${SAID[failed]:-}"
	done
}

# bats test_tags=points:8
@test "3 order: the volumes are in the command's root, and the host's paths are not" {
	needs_upper
	local dir=$BATS_TEST_TMPDIR/volume
	mkdir -m 755 "$dir" && echo "$NONCE" >"$dir/nonce"
	word && LAB_CAGE+=(-d "$dir")
	order -v "$dir:/$WORD" -v "$WORD:/deep/$WORD:ro" -- sleep "$NONCE"
	usually "a volume is mounted before the root is changed: after that its source's path is gone"
	holds "/proc/$PID/root/$WORD/nonce" "$NONCE"
	same_file "/proc/$PID/root/$WORD" "/proc/$PARENT/root$dir"
	usually "every text of run->volumes is a volume, not the first one alone"
	flags "/deep/$WORD" ro
	is_missing "/proc/$PID/root$dir"
	equal "mounts that the parent sees" "" "$(new_mounts)"
}

# bats test_tags=points:4
@test "3 order: where a volume cannot be mounted the command is not run; without any it is" {
	needs_upper
	order_ends 0 : -- true
	usually "after a volume that cannot be mounted the command must not be run"
	order_ends 125 : -v "$T/nothing:/v" -- true
	grep -qF "$T/nothing" "$BATS_TEST_TMPDIR/output" || differ "the program says that $T/nothing is not there" "$(tail -n 3 "$BATS_TEST_TMPDIR/output")"
}

# bats test_tags=points:3
@test "3 order: the rest of the container is that of lab 6, and no volume is left on the host" {
	needs_upper
	word && order -v "$WORD:/v" -- sleep "$NONCE"
	for kind in user mnt pid uts ipc net; do apart "$kind" "$PID" "$PARENT"; done
	is_up "$PID" lo
	mount_line "$PID" /dev/mqueue
	[[ -c /proc/$PID/root/dev/null ]] || differ "the device /dev/null in the container" "$(stat -c %F "/proc/$PID/root/dev/null" 2>&1)"
	usually "volume_add()'s second argument is the directory that guard_scratch() gave"
	equal "volumes that the parent sees" "" "$(compgen -G "/proc/$PARENT/root/tmp/volumes/$WORD")"
}

# bats test_tags=points:2
@test "4 care: volume_target says by errno why nothing can be made" {
	call volume_target "$R" /l/x directory link "$R/l" l
	returned -1 ELOOP
	nothing_left
	call volume_target "$R" /a/b directory tmpfs "$R" 1
	returned -1 EROFS
	nothing_left
	call volume_target "$R" /a file tmpfs "$R" 1
	returned -1 EROFS
	nothing_left
}

# bats test_tags=points:2
@test "4 care: volume_target closes its descriptors and keeps errno" {
	call volume_target "$R" /a/b/c directory file "$R/a" text
	returned -1 ENOTDIR
	nothing_left
	call volume_target "$R" /a file dir "$R/a"
	failed_with EISDIR
	nothing_left
	call --fail close:EIO volume_target "$R" /a directory file "$R/a" text
	failed_with ENOTDIR
	call volume_target "$R" /a directory file "$R/a" text
	nothing_left
}

# bats test_tags=points:3
@test "4 care: volume_bind undoes the mount whose flags are refused" {
	call volume_bind "$R" /v "$T/src" 0x4400 dir "$R/v" dir "$T/src" tmpfs "$T/src/b" 0
	failed_with EPERM
	usually "the mount was made before its flags were refused, and is still there"
	[[ $RESULT != -1 ]] || below "$R"
	nothing_left
	call --fail close:EIO volume_bind "$R" /v "$T/src" 0x400 dir "$R/v" dir "$T/src"
	failed_with EPERM
	call --fail mount_setattr:EPERM volume_bind "$R" /v "$T/src" 0x4001 dir "$R/v" tmpfs "$T/src" 0 tmpfs "$T/src/b" 0
	[[ $RESULT != -1 ]] || below "$R"
}

# bats test_tags=points:3
@test "4 care: volume_bind closes its descriptors" {
	call volume_bind "$R" /v "$T/src" 1 dir "$R/v" dir "$T/src"
	nothing_left
	call volume_bind.foreign "$R" /v "$T/src" dir "$R/v" dir "$T/src"
	returned -1 EINVAL
	nothing_left
	call volume_bind "$R" /v "$T/src" 0 file "$R/v" text dir "$T/src"
	failed_with ENOTDIR
	nothing_left
	call --fail move_mount:EPERM volume_bind "$R" /v "$T/src" 0 dir "$R/v" dir "$T/src"
	nothing_left
}
