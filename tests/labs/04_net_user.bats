# Lab 4, net_user: ids and a network, given from outside.

load lib/lab

lab_setup() {
	often veth_into EINVAL "the message is built in another way than the header shows: which nest begins with a struct, and what is in which nest"
	often order openat:EACCES "the child has gone on without its maps: they are written first of all, and the child waits for them first of all"
	often link_up ENODEV "the link's number is not in the message"
}

# What is asked of the kernel here, and of no other lab's part: links, addresses, id maps.
# The group of all hosts, 224.0.0.1, is on each link that is up, and on no other (/proc/PID/net/igmp).
is_up() { grep -qE "^[0-9]+[[:space:]]+$2 " "/proc/$1/net/igmp" || differ "$2 is up    /proc/$1/net/igmp" "it is down"; }
is_down() { lives "$1"; ! grep -qE "^[0-9]+[[:space:]]+$2 " "/proc/$1/net/igmp" || differ "$2 is down    /proc/$1/net/igmp" "it is up"; }
has_link() { grep -qE "^ *$2:" "/proc/$1/net/dev" || differ "a link $2    /proc/$1/net/dev" "there is none"; }
has_no_link() { lives "$1"; ! grep -qE "^ *$2:" "/proc/$1/net/dev" || differ "no link $2    /proc/$1/net/dev" "there is one"; }
has_address() { # PID ADDRESS
	grep -FA 1 -- "|-- $2" "/proc/$1/net/fib_trie" | grep -q '/32 host LOCAL' || differ "the address $2    /proc/$1/net/fib_trie" "it is not there"
}
# has_route PID LINK NETWORK GATEWAY MASK: as /proc shows it, in the machine's order of bytes.
has_route() {
	local line want found='' a
	want=$2
	for a in "${@:3}"; do want+=" $(hex "$a")"; done
	while read -ra line; do
		[[ ${line[0]} != "$2" ]] || found+="${line[0]} ${line[1]} ${line[2]} ${line[7]}; "
	done <"/proc/$1/net/route"
	[[ $found == *"$want; "* ]] || differ "$want    /proc/$1/net/route" "${found:-no route on $2}"
}
hex() {
	local IFS=. a
	read -ra a <<<"$1"
	printf '%02X%02X%02X%02X' "${a[3]}" "${a[2]}" "${a[1]}" "${a[0]}"
}
# an_address: a random one, in IP, with a LENGTH, the NETWORK, and its MASK.
an_address() {
	local bits ip
	number 9 29 && LENGTH=$NUMBER
	number 2 250 && ip=$((10 << 24 | NUMBER << 16 | RANDOM << 1 & 0xffff | 1))
	bits=$((0xffffffff << (32 - LENGTH) & 0xffffffff))
	IP=$(dotted "$ip") NETWORK=$(dotted $((ip & bits))) MASK=$(dotted "$bits")
}
dotted() { echo "$(($1 >> 24)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255))"; }

# id_lines COUNT: that many lines of a map, in LINES, for ids of which 65536 are there outside.
id_lines() {
	local i slot=$((65536 / $1)) inside
	number 1 1000 && inside=$NUMBER LINES=''
	for ((i = $1; i > 0; i--)); do
		number 1 $((slot / 2))
		LINES+="${LINES:+,}$inside:$((i * slot - NUMBER)):$NUMBER"
		inside=$((inside + NUMBER + RANDOM % 3))
	done
}
# is_mapped FILE LINES: the neighbour's map is these lines. Where a reader stands, outside ids are those of the host.
is_mapped() {
	local base line found want
	read -r _ base _ <"/proc/$PID/$1"
	found=$(awk -v b="$base" '{ print $1 ":" $2 - b ":" $3 }' "/proc/$NEIGHBOUR/$1" | sort)
	want=$(printf '%s\n' "${2//,/$'\n'}" | sort)
	[[ $found == "$want" ]] || differ "${2:0:70}    /proc/$NEIGHBOUR/$1" "${found:-no line}"
}
status_id() { read -r ID _ <<<"$(status_field "$PID" "$1")" && echo "$ID"; }
one_line() { tr -s ' ' <"$1" | sed 's/^ //'; }
many_ids() { ((EUID == 0)) || cannot "the maps of an ordinary user have one id; root's have more"; }

# bats test_tags=points:5
@test "1 link_up: the link is up, the others are not, its other flags stay" {
	word && call link_up "$WORD"
	returned 0
	usually "ifi_change says which flags change, 0 means all of them; ifi_flags says to what"
	is_up "$PID" "$WORD"
	is_down "$PID" lo
	is_down "$PID" other
	[[ ${SAID[link]} =~ (^|; )$WORD\ [a-z-]+\ up\ noarp ]] || differ "$WORD up noarp" "${SAID[link]}"
}

# bats test_tags=points:5
@test "1 link_up: in the socket's network namespace" {
	word && call link_up.elsewhere "$WORD"
	usually "the number of the link was asked for in the caller's network namespace: if_nametoindex(3) does so"
	returned 0
	is_up "$NEIGHBOUR" "$WORD"
	is_down "$NEIGHBOUR" other
	is_down "$PID" "$WORD"
}

# bats test_tags=points:8
@test "2 id_maps_write: one id, by a caller who has no rights over groups" {
	number 0 60000 && call id_maps_write "$NUMBER:0:1" "$((NUMBER + 7)):0:1" deny unprivileged
	usually "without CAP_SETGID the kernel takes gid_map only after setgroups is denied"
	returned 0
	usually "each map has lines of its own: maps->uid, maps->gid"
	is_mapped uid_map "$NUMBER:0:1"
	is_mapped gid_map "$((NUMBER + 7)):0:1"
	equal "/proc/$NEIGHBOUR/setgroups" deny "$(<"/proc/$NEIGHBOUR/setgroups")"
}

# bats test_tags=points:12
@test "2 id_maps_write: several ranges, other ones for groups; 250 lines" {
	many_ids
	id_lines 4 && uids=$LINES && id_lines 3
	call id_maps_write "$uids" "$LINES" allow
	usually "the kernel takes each map once: all lines in one write(2)"
	returned 0
	is_mapped uid_map "$uids"
	is_mapped gid_map "$LINES"
	usually "setgroups is to be denied only where maps->deny_setgroups says so"
	equal "/proc/$NEIGHBOUR/setgroups" allow "$(<"/proc/$NEIGHBOUR/setgroups")"
	usually "250 lines have some 4000 bytes: there has to be room for them"
	id_lines 250 && call id_maps_write "$LINES" 0:0:1 deny
	is_mapped uid_map "$LINES"
}

# bats test_tags=points:5
@test "2 id_maps_write: below procfd, not by a path" {
	number 0 60000 && call id_maps_write "$NUMBER:0:1" 0:0:1 deny covered
	usually "the files were opened below /proc, where a container has something else; openat(2) takes procfd"
	returned 0
	is_mapped uid_map "$NUMBER:0:1"
	is_mapped gid_map 0:0:1
}

# bats test_tags=points:5
@test "2 id_maps_write: lines that are refused, those of gid last" {
	number 0 60000 && call id_maps_write "$NUMBER:0:1" 5:0:0 deny
	usually "uid_map is written before gid_map, and nothing more after one that is refused"
	returned -1 EINVAL
	is_mapped uid_map "$NUMBER:0:1"
	is_mapped gid_map ''
	call id_maps_write 5:0:0 0:0:1 deny
	returned -1 EINVAL
	is_mapped uid_map ''
	is_mapped gid_map ''
}

# bats test_tags=points:10
@test "3 veth_into: one end here, the other there, both down" {
	word 6 && call veth_into "h$WORD" "t$WORD"
	returned 0
	usually "IFLA_NET_NS_FD says where a link is made: it stands in the nest of the other end"
	has_link "$PID" "h$WORD"
	has_no_link "$PID" "t$WORD"
	has_link "$NEIGHBOUR" "t$WORD"
	has_no_link "$NEIGHBOUR" "h$WORD"
	equal "the links here" "h$WORD veth down" "$(grep -o "h$WORD .*" <<<"${SAID[here]}")"
	equal "the links there" "t$WORD veth down" "$(grep -o "t$WORD .*" <<<"${SAID[there]}")"
}

# bats test_tags=points:6
@test "3 veth_into: the other end is born there" {
	word && call veth_into "$WORD" eth0 there
	usually "it was made here and moved: its name is in use here. IFLA_NET_NS_FD belongs into VETH_INFO_PEER"
	returned 0
	has_link "$PID" "$WORD"
	has_link "$NEIGHBOUR" eth0
}

# bats test_tags=points:4
@test "3 veth_into: names that are in use, or are none" {
	word && call veth_into "$WORD" other here
	returned -1 EEXIST
	has_no_link "$NEIGHBOUR" other
	call veth_into "$WORD" other file
	returned -1 EINVAL
	call veth_into "$WORD" a/b
	returned -1 EINVAL
}

# bats test_tags=points:8
@test "4 address_add: the address and the network's length; in the socket's network namespace" {
	word && an_address && call address_add "$WORD" "$IP/$LENGTH"
	returned 0
	has_address "$PID" "$IP"
	usually "the length of the network is the number after the slash"
	has_route "$PID" "$WORD" "$NETWORK" 0.0.0.0 "$MASK"
	usually "the number of the link was asked for in the caller's network namespace: if_nametoindex(3) does so"
	call address_add.elsewhere "$WORD" "$IP/$LENGTH"
	returned 0
	has_address "$NEIGHBOUR" "$IP"
	has_route "$NEIGHBOUR" "$WORD" "$NETWORK" 0.0.0.0 "$MASK"
}

# bats test_tags=points:2
@test "4 address_add: what is no address, or is there already" {
	an_address
	call address_add.bad "$IP" "$IP/33" "$IP/$LENGTH.0" "$IP/" " $IP/8" "$IP/ 8" "${IP%.*}/8" "$IP/-1" "$IP/+8" "$IP/4294967304" "$IP /8" "::1/64" ""
	usually "'${SAID[taken]:-}' was taken for an address"
	returned -1 EINVAL
	equal "the text that was taken for an address" "" "${SAID[taken]}"
	call address_add lo "$IP/$LENGTH" "$IP/$LENGTH"
	returned -1 EEXIST
}

# bats test_tags=points:5
@test "5 route_default: to the gateway, on the link that leads there; no second one" {
	word && number 1 250
	call route_default "10.$NUMBER.0.1" 10.251.3.3 other "10.$NUMBER.3.4" "$WORD"
	returned 0
	has_route "$PID" "$WORD" 0.0.0.0 "10.$NUMBER.0.1" 0.0.0.0
	call route_default 10.9.0.1 10.9.3.3 other 10.8.3.4 more 10.8.0.1
	usually "a default route that is there stays: the message must not replace it"
	returned -1 EEXIST
	has_route "$PID" more 0.0.0.0 10.8.0.1 0.0.0.0
	call route_default 10.7.0.1 10.9.3.3 other
	returned -1
	call route_default 10.9.0.1/24 10.9.3.3 other
	returned -1 EINVAL
}

# bats test_tags=points:8
@test "6 order: the command has ids of its own" {
	order -- sleep "$NONCE"
	apart user "$PID" "$PARENT"
	usually "the child went on before its map was written: it executes the command as 65534, without capabilities"
	equal "/proc/$PID/uid_map" "0 $(status_id Uid) 1" "$(one_line "/proc/$PID/uid_map")"
	equal "/proc/$PID/gid_map" "0 $(status_id Gid) 1" "$(one_line "/proc/$PID/gid_map")"
	[[ $(status_field "$PID" CapEff) != 0000000000000000 ]] || differ "capabilities over its own user namespace" none
	equal "the root directory's owner" "$(status_id Uid)" "$(stat -L -c %u "/proc/$PID/root/")"
}

# bats test_tags=points:7
@test "6 order: the command has a network of its own, and lo is up" {
	order -- sleep "$NONCE"
	number_inside "$PID" 1
	usually "the child is born with the new namespaces: flags of run_spawn()"
	apart net "$PID" "$PARENT"
	usually "run_net_up() sets up what is in the container's network; the child calls it"
	is_up "$PID" lo
	has_address "$PID" 127.0.0.1
}

# bats test_tags=points:4
@test "7 care: id_maps_write closes its descriptors and keeps errno" {
	call id_maps_write 0:0:1 0:0:1 deny mapped
	returned -1 EPERM
	nothing_left
	call --fail close:EIO id_maps_write 0:0:1 0:0:1 deny mapped
	returned -1 EPERM
	call id_maps_write 0:0:1 0:0:1 deny ended
	returned -1 'ENOENT|ESRCH'
	nothing_left
	call id_maps_write 0:0:1 0:0:1 deny
	nothing_left
}

# bats test_tags=points:4
@test "7 care: veth_into makes both ends or none" {
	word && call veth_into "$WORD" other taken
	usually "this end was made, and stayed when the other one was refused"
	[[ $RESULT != -1 ]] || has_no_link "$PID" "$WORD"
	nothing_left
	call veth_into.foreign "$WORD" other
	returned -1 EPERM
	nothing_left
	call veth_into "$WORD" other
	nothing_left
}

# bats test_tags=points:2
@test "7 care: the other functions keep errno and leave no descriptor" {
	call link_up.missing nolink
	returned -1 ENODEV
	nothing_left
	call link_up.foreign
	returned -1 EPERM
	call address_add.missing nolink 10.0.0.1/8
	returned -1 ENODEV
	nothing_left
	call route_default 10.9.0.1 10.8.3.4 other
	returned -1 ENETUNREACH
	nothing_left
}
