# Lab 5, cgroup_cpu: a group of processes, and how much CPU it gets.

load lib/lab

lab_setup() {
	often cgroup_join ENOENT "the file that takes a process has one name in both versions; tasks takes a thread, on version 1 only"
	often cgroup_throttled ENOENT "the third counter has another name in each version"
}
lab_teardown() { end_group; }

# place VERSION: where quota and limit_is find a group of this version: in the grader's own group where it has that version,
# else in a directory of plain files that takes writes as the kernel does.
place() {
	own_group
	word && V=$1 ROOM=$T
	[[ $VERSION != "$V" ]] || ROOM=$GROUP
}
# quota PERCENT OLD_QUOTA OLD_PERIOD QUOTA PERIOD...: of a group that has the old pair, in one that has so much (0: no limit);
# then the next pairs, until one fails.
# shellcheck disable=SC2086 # FAIL: an option of call and its value
quota() { call ${FAIL:-} cgroup_quota "$V" "$ROOM" "$WORD" "$@"; }
# limit_is QUOTA PERIOD, as the files have it; "max" is no quota.
limit_is() {
	local dir=$ROOM/$WORD/in
	[[ $ROOM == "$GROUP" ]] || dir=/proc/$PID/root$dir
	limit_in "$dir" "$V" "$1" "$2"
}
limit_in() { # DIR VERSION QUOTA PERIOD
	local q p
	case $2 in
	1)
		read -r q <"$1/cpu.cfs_quota_us" && read -r p <"$1/cpu.cfs_period_us"
		equal "$1/cpu.cfs_quota_us, cpu.cfs_period_us" "${3/max/-1} $4" "$q $p"
		;;
	2) read -r q p <"$1/cpu.max" && equal "$1/cpu.max" "$3 $4" "$q $p" ;;
	esac
}
# has_process DIR PID, has_no_process DIR PID: by its cgroup.procs.
has_process() {
	grep -qx "$2" "$1/cgroup.procs" || differ "process $2 is in $1/cgroup.procs" "it is in $(grep -E 'cpu|^0:' "/proc/$2/cgroup" | tr '\n' ' ')"
}
has_no_process() { if grep -qx "$2" "$1/cgroup.procs"; then differ "process $2 is not in $1/cgroup.procs" "it is"; fi; }
counted() { # PERIODS THROTTLED THROTTLED_US
	said periods "$1"
	said throttled "$2"
	said throttled_us "$3"
}
stat_of() { awk -v k="$2" '$1 == k { print $2 }' "$1/cpu.stat"; } # DIR KEY
# threads_in PID PATH: all of its threads are in the group whose path ends so.
threads_in() {
	local thread
	for thread in "/proc/$1/task"/*; do
		grep -q "/$2\$" "$thread/cgroup" || differ "every thread of process $1 is in $2" "thread ${thread##*/} is not"
	done
}

# bats test_tags=points:6
@test "1 cgroup_join: a process moves with all its threads" {
	need_group && word && call cgroup_join "$GROUP" "$WORD" other
	returned 0
	usually "pid is not what is written: the caller moves itself with 0 or its own number"
	has_process "$GROUP/$WORD" "$NEIGHBOUR"
	has_no_process "$GROUP/$WORD" "$PID"
	usually "version 1's tasks takes one thread, cgroup.procs the whole process"
	threads_in "$NEIGHBOUR" "$WORD"
}

# bats test_tags=points:4
@test "1 cgroup_join: 0 is the caller" {
	need_group && word && call cgroup_join "$GROUP" "$WORD" self
	returned 0
	has_process "$GROUP/$WORD" "$PID"
	has_no_process "$GROUP/$WORD" "$NEIGHBOUR"
}

# bats test_tags=points:5
@test "2 cgroup_create: a group, and its descriptor" {
	need_group && word && call cgroup_create "$GROUP" "$WORD"
	is_dir "$GROUP/$WORD"
	same_file "/proc/$PID/fd/$RESULT" "$GROUP/$WORD"
	usually "O_CLOEXEC is missing; or it was opened with O_PATH, which cannot read the directory"
	equal "flags of the descriptor" "O_RDONLY | O_CLOEXEC" "$(flags_of "$PID" "$RESULT")"
	call cgroup_create "$GROUP" "..$WORD a.."
	usually "a name may have dots and blanks; only \".\" and \"..\" are refused, and what has a / or a newline"
	is_dir "$GROUP/..$WORD a.."
}

# bats test_tags=points:5
@test "2 cgroup_create: a name is one word, and is not there yet" {
	need_group && word && call cgroup_create.names "$GROUP" "$WORD" "$WORD-" '' . .. in/new ../new in/ $'a\nb'
	usually "the name is not checked before mkdir, or not for this one: '${SAID[name]}'"
	returned -1 EINVAL
	equal "groups" "$WORD $WORD- $WORD/in $WORD/in/deep " "$(groups_in)"
	word && call cgroup_create.again "$GROUP" "$WORD"
	usually "a group that is there already is another's"
	returned -1 EEXIST
	is_dir "$GROUP/$WORD"
}

# bats test_tags=points:8
@test "3 cgroup_quota: quota and period, in microseconds" {
	number 20123 400123 && period=$NUMBER && number 10123 900123
	for quota in "$NUMBER" $((NUMBER + (1 << 32))); do
		for v in 1 2; do
			place "$v" && quota 0 -1 100000 "$quota" "$period"
			usually "both values are written as they are: all are microseconds, a quota may be larger than its period, and larger than an int"
			returned 0
			limit_is "$quota" "$period"
		done
	done
}

# bats test_tags=points:6
@test "3 cgroup_quota: no limit, where there was one" {
	for v in 1 2; do
		place "$v" && number 20000 400000
		quota 0 50000 100000 -1 "$NUMBER"
		usually "quota_us -1 is no limit: max on version 2, -1 on version 1, and the period is set as well"
		returned 0
		limit_is max "$NUMBER"
	done
}

# bats test_tags=points:8
@test "3 cgroup_quota: a limit is changed, in a group that has half a CPU" {
	for v in 1 2; do
		place "$v" && quota 50 4000 10000 20000 100000 4000 10000 30000 60000
		usually "version 1 checks each write with the old value of the other file: first quota -1, then the period, then the quota"
		returned 0
		limit_is 30000 60000
	done
}

# bats test_tags=points:3
@test "3 cgroup_quota: a quota of 0, a period of 400, a directory without the files" {
	for v in 1 2; do
		place "$v" && quota 0 50000 100000 0 100000
		usually "0 is too small, and is not -1"
		returned -1 EINVAL
		place "$v" && quota 0 50000 100000 50000 400
		usually "version 1 has more than one write(2), and each of them may be refused"
		returned -1 EINVAL
		call cgroup_quota.none "$v" "$T"
		usually "the file was opened with O_CREAT, or with fopen(3) and w: the kernel has made the files, or there is no such controller"
		returned -1 ENOENT
	done
}

# bats test_tags=points:6
@test "4 cgroup_throttled: what the kernel has counted" {
	need_group && word && call cgroup_throttled "$VERSION" "$GROUP" "$WORD"
	returned 0
	said periods "$(stat_of "$GROUP/$WORD" nr_periods)"
	said throttled "$(stat_of "$GROUP/$WORD" nr_throttled)"
	usually "version 1 counts throttled_time, in nanoseconds, and version 2 throttled_usec"
	case $VERSION in
	1) said throttled_us "$(($(stat_of "$GROUP/$WORD" throttled_time) / 1000))" ;;
	2) said throttled_us "$(stat_of "$GROUP/$WORD" throttled_usec)" ;;
	esac
}

# bats test_tags=points:6
@test "4 cgroup_throttled: the lines of both versions, among others" {
	number 5000000 6000000 && p=900000$NUMBER t=$NUMBER us=70000$NUMBER
	usually "a key is compared whole; order and number of the lines may change"
	call cgroup_throttled.text 2 "$T" "throttled_usec $us"$'\n...\n'"nr_throttled $t"$'\n'"nr_periods $p"$'\n'
	returned 0
	counted "$p" "$t" "$us"
	call cgroup_throttled.text 1 "$T" "nr_periods $p"$'\n'"nr_bursts 3"$'\n'"nr_throttled $t"$'\n...\n'"throttled_time ${us}789"$'\n'
	returned 0
	counted "$p" "$t" "$us"
	call cgroup_throttled.text 2 "$T" $'nr_periods 0\nnr_throttled 0\nthrottled_usec 0\n'
	returned 0
	said periods 0
}

# bats test_tags=points:3
@test "4 cgroup_throttled: no cpu controller is ENOENT" {
	call cgroup_throttled.text 2 "$T" -
	returned -1 ENOENT
	usually "version 2's cpu.stat is there without the controller, and counts the time that was used"
	call cgroup_throttled.text 2 "$T" "usage_usec 4711"$'\n'"user_usec 4000"$'\n'"system_usec 711"$'\n'
	returned -1 ENOENT
	usually "all three values are filled in, or it is a failure"
	call cgroup_throttled.text 1 "$T" $'nr_periods 4\nthrottled_time 99\n'
	returned -1 ENOENT
}

# bats test_tags=points:4
@test "5 cgroup_remove: a group, and one that is gone already" {
	need_group && word && call cgroup_remove "$GROUP" "$WORD" empty
	returned 0
	is_missing "$GROUP/$WORD"
	call cgroup_remove "$GROUP" "..$WORD a.." empty
	returned 0
	call cgroup_remove "$GROUP" "$WORD" gone
	usually "ENOENT says that there is nothing to remove: that is what was wanted"
	returned 0
}

# bats test_tags=points:4
@test "5 cgroup_remove: its last process is just ending" {
	need_group && word && call cgroup_remove.ending "$GROUP" "$WORD" 400
	usually "EBUSY may be over in a moment: the function tries again, for two seconds"
	returned 0
	is_missing "$GROUP/$WORD"
}

# bats test_tags=points:3
@test "5 cgroup_remove: a group with a process that stays" {
	need_group && word && call cgroup_remove.busy "$GROUP" "$WORD"
	returned -1 EBUSY
	((SAID[ms] >= 1500)) || differ "it tries again for two seconds" "it returned after ${SAID[ms]} ms"
	usually "a process of the group was moved or ended, or a group in it removed: that is not the function's to do"
	has_process "$GROUP/$WORD" "$NEIGHBOUR"
	equal "groups" "$WORD $WORD/in " "$(groups_in)"
}

# bats test_tags=points:4
@test "5 cgroup_remove: a name is one word" {
	need_group && word && call cgroup_remove.names "$GROUP" "$WORD" "$WORD-" '' . .. in/deep "../$WORD-" in/deep/ "$GROUP/$WORD-"
	usually "the name is not checked before the directory is removed, or not for this one: '${SAID[name]}'"
	returned -1 EINVAL
	equal "groups" "$WORD $WORD- $WORD/in $WORD/in/deep " "$(groups_in)"
}

# bats test_tags=points:9
@test "6 order: the command is in a group of its own, with its limit" {
	need_group && number 5 90
	order --cpu "$NUMBER%" -- sleep "$NONCE"
	group_of "$PARENT" && parents=$WHERE
	group_of "$PID"
	usually "the group was made, and the child was not put into it; or it was, before there was a group"
	not_equal "group of the command and of the program" "$WHERE" "$parents"
	limit_in "$WHERE" "$VERSION" "${NUMBER}000" 100000
}

# bats test_tags=points:6
@test "6 order: its cgroup namespace begins at its group" {
	need_group && order --cpu 20% -- sleep "$NONCE"
	apart cgroup "$PID" "$PARENT"
	usually "the namespace was made before the join: its root is the group that its maker was in"
	equal "/proc/$PID/cgroup, read in its cgroup namespace" / "$(group_seen_inside "$PID")"
}

# bats test_tags=points:4
@test "7 care: cgroup_create leaves no group that it cannot open, cgroup_join and cgroup_remove no descriptor" {
	need_group && word && call --nofile 0 cgroup_create "$GROUP" "$WORD"
	returned -1 EMFILE
	usually "mkdir worked, and open did not: the directory goes again, and errno is open's"
	is_missing "$GROUP/$WORD"
	call cgroup_create "$GROUP" "$WORD"
	nothing_left
	word && call cgroup_join "$GROUP" "$WORD" gone
	returned -1 ESRCH
	nothing_left
	call cgroup_remove "$GROUP" "$WORD-" empty
	nothing_left
}

# bats test_tags=points:3
@test "7 care: cgroup_quota closes its descriptors and keeps errno" {
	for v in 1 2; do
		place "$v" && quota 0 -1 100000 500 400
		returned -1 EINVAL
		nothing_left
	done
	place "$v" && FAIL='--fail close:EIO' quota 0 -1 100000 500 400
	returned -1 EINVAL
}

# bats test_tags=points:3
@test "7 care: cgroup_throttled closes its descriptor and records no failure" {
	call cgroup_throttled.text 1 "$T" $'nr_periods 1\nnr_throttled 2\nthrottled_time 3000\n'
	nothing_left
	call cgroup_throttled.text 2 "$T" $'usage_usec 4711\n'
	nothing_left
	equal "failure record (SYS keeps what fails)" "" "${SAID[failed]:-}"
	call cgroup_throttled.text 2 "$T" -
	returned -1 ENOENT
	equal "failure record (SYS keeps what fails)" "" "${SAID[failed]:-}"
}
