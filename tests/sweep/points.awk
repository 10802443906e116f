# points.awk: turns the calls of a plain run (inject's report: "call WHO NAME N NOTE") into lines "GROUP NUMBER POINT", separated by
# tabs. POINT is WHO:NAME:N:ERRNO; the points of a GROUP are of one call and errno, and NUMBER orders them at random, the
# same way each time.
#
#	awk -f points.awk errnos REPORT

FNR == 1 { file++ }
/^#/ || NF == 0 { next }
file == 1 {
	for (i = 2; i <= NF; i++)
		if ($i == "KILL")
			changes[$1] = 1
		else
			errnos[$1] = errnos[$1] " " $i
	next
}
$1 != "call" { next }
{
	# A kill after a call that changed nothing shows what a kill before it shows.
	if (last[$2] == "" || last[$2] == "changes")
		point($2 ":" $3 ":" $4 ":KILL", "KILL after " lastname[$2])
	last[$2] = ($3 in changes) && ($3 != "openat" || $5 == "creates") ? "changes" : "changes nothing"
	lastname[$2] = $3
	if ($5 == "foreign") # and one kill is enough
		last[$2] = "changes nothing"
	n = $5 == "foreign" ? 0 : split(errnos[$3], list, " ")
	for (i = 1; i <= n; i++)
		if ($5 == "creates" || !needs_creation($3, list[i]))
			point($2 ":" $3 ":" $4 ":" list[i], $3 ":" list[i])
}

# Only what makes a file needs room for it, only what makes a descriptor can find too many.
function needs_creation(call, error)
{
	return call == "openat" && error == "ENOSPC" || call == "fcntl"
}

function point(text, group)
{
	print group "\t" hash(text) "\t" text
}

function hash(text, h, i)
{
	h = 7
	for (i = 1; i <= length(text); i++)
		h = (h * 31 + index(letters, substr(text, i, 1)) + 1) % 65521
	return (h * 40503) % 65521
}

BEGIN { letters = "0123456789:/ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz" }
