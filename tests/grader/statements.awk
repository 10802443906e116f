# statements.awk: C statements, one a line, in a form that does not depend on how they are written down: without white space,
# comments and preprocessor lines, without SYS() around a call, without `if (... < 0) return -1` and `return`. A line `#` stands where text
# that is no statement comes between two of them, and `@NAME` before the body of a function.
# The files may be C or pages with C in them; in a page C stands in blocks (```), between backticks, or in a paragraph.

function unwrap(s, head, rest, depth, i, c, cut) {
	while (match(s, /(^|[^A-Za-z0-9_])SYS(_MAY)?\(/)) {
		i = RSTART + RLENGTH
		head = substr(s, 1, i - 1)
		sub(/SYS(_MAY)?\($/, "", head)
		rest = substr(s, i)
		cut = depth = 0
		for (i = 1; i <= length(rest); i++) {
			c = substr(rest, i, 1)
			if (c == "(") depth++
			if (c == ")" && depth-- == 0) break
			if (c == "," && depth == 0 && !cut) cut = i
		}
		s = head substr(rest, 1, (cut ? cut : i) - 1) substr(rest, i + 1)
	}
	return s
}

function put(s) {
	s = unwrap(s)
	gsub(/[ \t\n]/, "", s)
	if (s ~ /^if\(.*\)(return-1|gotobad)$/) {
		sub(/^if\(/, "", s)
		sub(/\)(return-1|gotobad)$/, "", s)
		sub(/<0$/, "", s)
	}
	if (s ~ /\(/) sub(/^return/, "", s)
	if (s != "") print s
}

function file_end(i, c, word, depth) {
	while (match(text, /[ \t\n]\/\*[ \t\n]/)) {
		i = index(substr(text, RSTART + 3), "*/")
		text = substr(text, 1, RSTART - 1) " " (i ? substr(text, RSTART + i + 4) : "")
	}
	depth = 0
	word = ""
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "\001") {
			print "#"
			word = ""
			depth = 0
		} else if (c == "\002") {
			i++
			c = index(substr(text, i), "\002")
			print "@" substr(text, i, c - 1)
			i += c - 1
			word = ""
			depth = 0
		} else if (depth == 0 && (c == ";" || c == "{")) {
			put(word)
			word = ""
		} else if (depth == 0 && c == "}") {
			word = ""
		} else {
			if (c == "(") depth++
			if (c == ")" && depth > 0) depth--
			word = word c
		}
	}
	text = ""
}

FNR == 1 && NR > 1 { file_end() }
FNR == 1 { page = FILENAME ~ /\.md$/ }
page && (/^[ \t]*```/ || /^[ \t]*$/) { text = text "\n\001\n"; next }
page { gsub(/`/, "\001"); text = text "\n" $0; next }
/^[ \t]*#/ { next }
/^[a-z].*[ *][a-z0-9_]+\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
/^\{/ { text = text "\n\002" name "\002"; next }
/^\}/ { text = text "\n\001"; next }
{ text = text "\n" $0 }
END { file_end() }
