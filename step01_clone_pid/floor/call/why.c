/*
 * why.c: finds the row of the why-table that fits a failure, and fills it in.
 */
#define _GNU_SOURCE
#include "why_when.h"
#include "step01_clone_pid/floor/meet/program.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* ---- the tables ---- */

static const struct why_table *tables = &why_floor;

void why_register(struct why_table *table)
{
	for (const struct why_table *known = tables; known; known = known->next)
		if (known == table)
			return;
	table->next = tables;
	tables = table;
}

const struct why_table *why_tables(void)
{
	return tables;
}

/* Is the name one of "unshare|clone|clone3"? */
static bool names_call(const char *row, const char *name, size_t length)
{
	if (strcmp(row, "*") == 0)
		return true;
	for (const char *at = row;; at++) {
		size_t n = strcspn(at, "|");
		if (n == length && strncmp(at, name, n) == 0)
			return true;
		at += n;
		if (!*at)
			return false;
	}
}

bool why_names(const struct why_row *row, const struct failure *f)
{
	size_t length;
	const char *name = sys_call_name(f->call, &length);

	return names_call(row->call, name, length);
}

const struct why_row *why_find(const struct host_facts *facts, const struct failure *f)
{
	for (const struct why_table *table = tables; table; table = table->next)
		for (size_t i = 0; i < table->count; i++) {
			const struct why_row *row = &table->rows[i];
			if (row->err == f->err && why_names(row, f) &&
			    (!row->when || row->when(facts, f)))
				return row;
		}
	return NULL;
}

/* ---- filling in ---- */

/* Text grows piece by piece and stops at its room's end: a long path must not cost the sentence. */
struct text {
	char *at;
	size_t room;
};

static void add(struct text *to, const char *from, size_t length)
{
	if (length >= to->room)
		length = to->room - 1;
	memcpy(to->at, from, length);
	to->at += length;
	to->room -= length;
	*to->at = '\0';
}

/* "/bin/sh\r" is what a script with Windows line ends asks for: the \r is the message.
 * A subject is shown the same way: it may be a file name that somebody chose. */
static void add_shown(struct text *to, const char *from)
{
	for (; *from; from++) {
		char caret[] = { '^', (char)(*from + '@') };
		if ((unsigned char)*from < ' ')
			add(to, caret, 2);
		else
			add(to, from, 1);
	}
}

static void add_placeholder(struct text *to, char which, const struct host_facts *facts,
			    const struct failure *f)
{
	char path[PATH_MAX], text[256] = "";
	const char *from = text;

	if (which == 's') {
		from = f->subject;
	} else if (which == 'w') {
		snprintf(text, sizeof(text), "%s:%d", f->file, f->line);
	} else if (which == 'k') {
		int kind = kind_at_fault(facts, f);
		from = kind < 0 ? "such" : ns_info[kind].name;
	} else if (which == 'i') {
		if (program_path(f, path, sizeof(path)) &&
		    exec_interpreter(path, text, sizeof(text)) < 0)
			text[0] = '\0';
	}
	add_shown(to, from);
}

static void fill(char *out, size_t size, const char *pattern, const struct host_facts *facts,
		 const struct failure *f)
{
	struct text to = { .at = out, .room = size };

	out[0] = '\0';
	while (*pattern) {
		size_t plain = strcspn(pattern, "%");
		add(&to, pattern, plain);
		pattern += plain;
		if (*pattern == '%' && pattern[1] && strchr("swki", pattern[1])) {
			add_placeholder(&to, pattern[1], facts, f);
			pattern += 2;
		} else if (*pattern) {
			add(&to, pattern++, 1);
		}
	}
}

void why_explain(const struct host_facts *facts, struct failure *f)
{
	int saved = errno;
	const struct why_row *row = why_find(facts, f);

	if (row) {
		fill(f->cause, sizeof(f->cause), row->cause, facts, f);
		fill(f->remedy, sizeof(f->remedy), row->remedy, facts, f);
	} else {
		snprintf(f->cause, sizeof(f->cause), "%s.", strerror(f->err));
		f->remedy[0] = '\0';
	}
	errno = saved;
}
