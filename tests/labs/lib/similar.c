/*
 * similar.c - which programs have text in common, whatever the names in them.
 *
 *   similar [-k TOKENS] [-t PERCENT] LIST
 *
 * LIST has a line "ROLE<tab>LABEL<tab>FILE" for each file; the files of one label are one program.
 *
 *   S  a submission: compared with all others, and with those of role R
 *   R  is compared with submissions only: our solutions, last term's submissions
 *   B  a base, that all begin with: what is in it is subtracted
 *   N  names that everybody has to use: the text of headers
 *
 * A file becomes a row of tokens. Comments, blanks, #include lines and the text of strings do not
 * count. A name stays itself where it is a keyword, is written in capitals, or is followed by "("
 * and known from N; any other name is one and the same token, so that renaming changes nothing.
 * Every TOKENS (12) tokens in a row are hashed. A token of a program is in common with another
 * program where it lies in such a row that the other one has, too. What is in the base, or in more
 * than half of many submissions, is nobody's own and does not count.
 *
 * Fewer than 60 tokens in common, some five lines, are not told: who has written little has little
 * choice. (Programs this short need no sampling of the hashes, which would lose matches.)
 *
 * Prints, for pairs from PERCENT (40) on: the share of the smaller program's own tokens that are in
 * common, how many these are, and the longest row in common with its lines in both.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME = 1, STRING = 2, BREAK = 3, FILES = 8, MANY = 8, LEAST = 60 };

struct token {
	uint64_t what;
	int line;
	int file;
	bool own; /* neither of the base nor what most have */
};

struct program {
	char role;
	char *label;
	char *file[FILES];
	int files;
	struct token *token;
	size_t count, room;
	uint64_t *gram; /* of the tokens from i on; 0: there are not enough */
	uint64_t *sorted;
	size_t grams;
	size_t own;
};

static struct program *programs;
static size_t program_count;
static size_t k = 12;
static double threshold = 40;

static void *need(void *p)
{
	if (!p) {
		perror("similar");
		exit(2);
	}
	return p;
}

/* ---- hashes, and sets of them ---- */

static uint64_t mix(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdULL;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53ULL;
	return h ^ h >> 33;
}

static uint64_t hash_text(const char *s, size_t n)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3ULL;
	return mix(h) | 1ULL << 63; /* never one of the small numbers above */
}

struct set {
	uint64_t *slot;
	unsigned *times;
	size_t size, used;
};

static unsigned *set_find(struct set *set, uint64_t key, bool add)
{
	struct set old = *set;

	if (add && (set->used + 1) * 2 > set->size) {
		set->size = old.size ? old.size * 2 : 1024;
		set->slot = need(calloc(set->size, sizeof(*set->slot)));
		set->times = need(calloc(set->size, sizeof(*set->times)));
		set->used = 0;
		for (size_t i = 0; i < old.size; i++)
			if (old.slot[i])
				*set_find(set, old.slot[i], true) = old.times[i];
		free(old.slot);
		free(old.times);
	}
	if (!set->size)
		return NULL;
	for (size_t i = key & (set->size - 1);; i = (i + 1) & (set->size - 1)) {
		if (set->slot[i] == key)
			return &set->times[i];
		if (!set->slot[i]) {
			if (!add)
				return NULL;
			set->slot[i] = key;
			set->used++;
			return &set->times[i];
		}
	}
}

static struct set known, base, seen;

/* ---- tokens ---- */

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t room = 1 << 16, n = 0, got;
	char *text = need(malloc(room + 1));

	if (!f) {
		fprintf(stderr, "similar: %s cannot be read\n", path);
		exit(2);
	}
	while ((got = fread(text + n, 1, room - n, f)) > 0) {
		n += got;
		if (n == room)
			text = need(realloc(text, (room *= 2) + 1));
	}
	fclose(f);
	for (size_t i = 0; i < n; i++)
		if (!text[i])
			text[i] = ' ';
	text[n] = '\0';
	return text;
}

static void add(struct program *p, uint64_t what, int line)
{
	if (p->count == p->room) {
		p->room = p->room ? p->room * 2 : 1024;
		p->token = need(realloc(p->token, p->room * sizeof(*p->token)));
	}
	p->token[p->count++] = (struct token){ .what = what, .line = line, .file = p->files - 1 };
}

static bool keyword(const char *s, size_t n)
{
	static const char *const words[] = {
		"auto",	   "break",  "case",   "char",	 "const",    "continue", "default",
		"do",	   "double", "else",   "enum",	 "extern",   "float",	 "for",
		"goto",	   "if",     "inline", "int",	 "long",     "register", "restrict",
		"return",  "short",  "signed", "sizeof", "static",   "struct",	 "switch",
		"typedef", "union",  "void",   "while",	 "unsigned", "volatile", "define",
		"undef",   "ifdef",  "ifndef", "endif",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == n && memcmp(words[i], s, n) == 0)
			return true;
	return false;
}

static uint64_t name(const char *s, size_t n)
{
	bool capitals = true;
	const char *after = s + n;
	uint64_t h = hash_text(s, n);

	for (size_t i = 0; i < n; i++)
		capitals = capitals && !islower((unsigned char)s[i]);
	while (*after == ' ' || *after == '\t')
		after++;
	if (capitals || keyword(s, n) || (*after == '(' && set_find(&known, h, false)))
		return h;
	return NAME;
}

/* Ends behind a string or a character that begins at s. */
static const char *quoted(const char *s)
{
	char end = *s++;

	while (*s && *s != end && *s != '\n')
		s += *s == '\\' && s[1] ? 2 : 1;
	return *s == end ? s + 1 : s;
}

static bool word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Adds a file's tokens; those of role N to the known names. */
static void tokens(struct program *p, const char *path)
{
	char *text = read_file(path);
	int line = 1;
	bool first = true; /* of its line */

	for (const char *s = text; *s;) {
		const char *begin = s;

		if (*s == '\n') {
			line++;
			s++;
			first = true;
		} else if (isspace((unsigned char)*s) || (*s == '\\' && s[1] == '\n')) {
			s++;
		} else if (s[0] == '/' && s[1] == '/') {
			s += strcspn(s, "\n");
		} else if (s[0] == '/' && s[1] == '*') {
			const char *end = strstr(s + 2, "*/");

			end = end ? end + 2 : s + strlen(s);
			for (; s < end; s++)
				line += *s == '\n';
		} else if (*s == '#' && first) {
			s++;
			s += strspn(s, " \t");
			if (strncmp(s, "include", 7) == 0)
				s += strcspn(s, "\n");
			first = false;
		} else {
			first = false;
			if (word(*s)) {
				while (word(*s) || (*s == '.' && isdigit((unsigned char)*begin)))
					s++;
			} else if (*s == '"' || *s == '\'') {
				s = quoted(s);
			} else {
				s++;
			}
			if (p->role == 'N') {
				if (word(*begin))
					set_find(&known, hash_text(begin, (size_t)(s - begin)),
						 true);
			} else if (*begin == '"') {
				add(p, STRING, line);
			} else if (word(*begin) && !isdigit((unsigned char)*begin)) {
				add(p, name(begin, (size_t)(s - begin)), line);
			} else {
				add(p, hash_text(begin, (size_t)(s - begin)), line);
			}
		}
	}
	free(text);
	if (p->role != 'N')
		add(p, BREAK, line);
}

/* ---- what is in common ---- */

static int order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void hash_rows(struct program *p)
{
	p->gram = need(calloc(p->count + 1, sizeof(*p->gram)));
	p->sorted = need(calloc(p->count + 1, sizeof(*p->sorted)));
	for (size_t i = 0; i + k <= p->count; i++) {
		uint64_t h = 0;
		bool whole = true;

		for (size_t j = i; j < i + k; j++) {
			h = mix(h * 31 + p->token[j].what);
			whole = whole && p->token[j].what != BREAK;
		}
		if (whole)
			p->sorted[p->grams++] = p->gram[i] = h | 1;
	}
	if (p->grams == 0)
		return;
	qsort(p->sorted, p->grams, sizeof(*p->sorted), order);
	size_t n = 1;
	for (size_t i = 1; i < p->grams; i++)
		if (p->sorted[i] != p->sorted[n - 1])
			p->sorted[n++] = p->sorted[i];
	p->grams = n;
}

static bool has(const struct program *p, uint64_t h)
{
	return bsearch(&h, p->sorted, p->grams, sizeof(h), order) != NULL;
}

/* Which tokens are a program's own? */
static void find_own(struct program *p, size_t submissions)
{
	for (size_t i = 0; i < p->count; i++)
		p->token[i].own = p->token[i].what != BREAK;
	for (size_t i = 0; i < p->count; i++) {
		unsigned *times = p->gram[i] ? set_find(&seen, p->gram[i], false) : NULL;
		bool most = submissions >= MANY && times && *times * 2 > submissions;

		if (!p->gram[i] || !(most || set_find(&base, p->gram[i], false)))
			continue;
		for (size_t j = i; j < i + k; j++)
			p->token[j].own = false;
	}
	for (size_t i = 0; i < p->count; i++)
		p->own += p->token[i].own;
}

static size_t in_common(const struct program *a, const struct program *b)
{
	size_t end = 0, n = 0;

	for (size_t i = 0; i < a->count; i++) {
		if (a->gram[i] && has(b, a->gram[i]))
			end = i + k;
		n += i < end && a->token[i].own;
	}
	return n;
}

/* The longest row of the same tokens, with those that are nobody's own in between but not counted. */
static size_t longest(const struct program *a, const struct program *b, size_t *in_a, size_t *in_b,
		      size_t *length)
{
	size_t *row = need(calloc(b->count + 1, sizeof(*row))), best = 0;
	size_t *own = need(calloc(b->count + 1, sizeof(*own)));

	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = b->count; j-- > 0;) {
			bool same = a->token[i].what == b->token[j].what &&
				    a->token[i].what != BREAK;

			row[j + 1] = same ? row[j] + 1 : 0;
			own[j + 1] = same ? own[j] + a->token[i].own : 0;
			if (own[j + 1] > best) {
				best = own[j + 1];
				*length = row[j + 1];
				*in_a = i + 1 - *length;
				*in_b = j + 1 - *length;
			}
		}
	}
	free(row);
	free(own);
	return best;
}

struct pair {
	const struct program *a, *b;
	size_t common;
	double percent;
};

static int by_percent(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;

	if (a->percent != b->percent)
		return a->percent < b->percent ? 1 : -1;
	return (a->common < b->common) - (a->common > b->common);
}

static void place(const struct program *p, size_t from, size_t length)
{
	const struct token *first = &p->token[from], *last = &p->token[from + length - 1];
	const char *file = p->file[first->file], *base_name = strrchr(file, '/');

	printf("%s %s:%d-%d", p->label, base_name ? base_name + 1 : file, first->line, last->line);
}

static void report(const struct pair *pair)
{
	size_t in_a = 0, in_b = 0, length = 0;
	size_t own = longest(pair->a, pair->b, &in_a, &in_b, &length);

	printf("%3.0f %%  %s  |  %s\n", pair->percent, pair->a->label, pair->b->label);
	printf("       %zu tokens in common, of %zu and %zu; longest row %zu", pair->common,
	       pair->a->own, pair->b->own, own);
	if (length) {
		printf(":\n       ");
		place(pair->a, in_a, length);
		printf("  |  ");
		place(pair->b, in_b, length);
	}
	printf("\n");
}

/* ---- ---- */

static struct program *program_of(char role, const char *label)
{
	if (program_count && programs[program_count - 1].role == role &&
	    strcmp(programs[program_count - 1].label, label) == 0)
		return &programs[program_count - 1];
	programs = need(realloc(programs, (program_count + 1) * sizeof(*programs)));
	programs[program_count] = (struct program){ .role = role, .label = need(strdup(label)) };
	return &programs[program_count++];
}

static void read_list(const char *path, bool names)
{
	FILE *f = fopen(path, "re");
	char *line = NULL, *label, *file;
	size_t room = 0;
	ssize_t n;

	if (!f) {
		perror(path);
		exit(2);
	}
	while ((n = getline(&line, &room, f)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		label = strchr(line, '\t');
		file = label ? strchr(label + 1, '\t') : NULL;
		if (!file || names != (line[0] == 'N'))
			continue;
		*label++ = '\0';
		*file++ = '\0';
		struct program *p = program_of(line[0], label);
		if (p->files == FILES)
			continue;
		p->file[p->files++] = need(strdup(file));
		tokens(p, file);
	}
	free(line);
	fclose(f);
}

int main(int argc, char **argv)
{
	int option;
	size_t submissions = 0, pair_count = 0;
	struct pair *pairs = NULL;

	while ((option = getopt(argc, argv, "k:t:")) != -1) {
		if (option == 'k' && atoi(optarg) > 1)
			k = (size_t)atoi(optarg);
		else if (option == 't')
			threshold = atof(optarg);
		else
			return 2;
	}
	if (argc - optind != 1) {
		fprintf(stderr, "usage: similar [-k TOKENS] [-t PERCENT] LIST\n");
		return 2;
	}
	read_list(argv[optind], true);
	read_list(argv[optind], false);
	for (size_t i = 0; i < program_count; i++) {
		struct program *p = &programs[i];

		hash_rows(p);
		for (size_t j = 0; j < p->grams; j++)
			if (p->role == 'B')
				set_find(&base, p->sorted[j], true);
			else if (p->role == 'S')
				(*set_find(&seen, p->sorted[j], true))++;
		submissions += p->role == 'S';
	}
	for (size_t i = 0; i < program_count; i++)
		find_own(&programs[i], submissions);
	for (size_t i = 0; i < program_count; i++) {
		for (size_t j = 0; j < program_count; j++) {
			const struct program *a = &programs[i], *b = &programs[j];

			if (a->role != 'S' || !(b->role == 'R' || (b->role == 'S' && j > i)))
				continue;
			/* Of the smaller one: who adds text hides nothing. */
			const struct program *small = a->own <= b->own ? a : b;
			size_t common = in_common(small, small == a ? b : a);
			double percent = small->own ? 100.0 * (double)common / (double)small->own
						    : 0;
			if (percent < threshold || common < LEAST)
				continue;
			pairs = need(realloc(pairs, (pair_count + 1) * sizeof(*pairs)));
			pairs[pair_count++] = (struct pair){ a, b, common, percent };
		}
	}
	if (pair_count)
		qsort(pairs, pair_count, sizeof(*pairs), by_percent);
	for (size_t i = 0; i < pair_count; i++)
		report(&pairs[i]);
	printf("%s%zu pairs from %.0f %% on. This is a hint and no proof: the task leaves little "
	       "choice in many\n"
	       "lines, and two who learned from the same page write the same call. Read both, then "
	       "ask.\n",
	       pair_count ? "\n" : "", pair_count, threshold);
	return 0;
}
