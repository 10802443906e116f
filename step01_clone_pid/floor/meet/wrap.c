/*
 * wrap.c: breaking lines at blanks.
 */
#include "wrap.h"

#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

size_t terminal_width(int fd)
{
	struct winsize window = { 0 };

	if (ioctl(fd, TIOCGWINSZ, &window) < 0)
		return 0;
	/* 0 where nobody has set it */
	return window.ws_col == 0 ? 80 : window.ws_col < 20 ? 20 : window.ws_col;
}

static size_t columns(const char *text, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		n += (text[i] & 0xc0) != 0x80;
	return n;
}

size_t wrap(char *out, size_t size, const char *text, size_t column, size_t indent, size_t width)
{
	size_t n = 0, line_start = 1;

	while (*text && n + 1 < size) {
		size_t blanks = strspn(text, " "), word = strcspn(text + blanks, " ");
		size_t wide = columns(text + blanks, word);
		if (!line_start && column + blanks + wide > width && n + 1 + indent < size) {
			out[n++] = '\n';
			memset(out + n, ' ', indent);
			n += indent;
			column = indent;
			text += blanks;
			blanks = 0;
		}
		size_t take = blanks + word;
		if (take > size - 1 - n)
			take = size - 1 - n;
		memcpy(out + n, text, take);
		n += take;
		column += blanks + wide;
		text += blanks + word;
		line_start = 0;
	}
	out[n] = '\0';
	for (char *glue = out; (glue = strchr(glue, *GLUE));)
		*glue = ' ';
	return n;
}

/* After these the shell reads on in the next line by itself. */
static bool wants_more(const char *word, size_t length, bool quoted)
{
	static const char *const words[] = { "&&", "||", "|", "&", "do", "then", "{", "(" };

	if (length && word[length - 1] == ';')
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words) && !quoted; i++)
		if (strlen(words[i]) == length && strncmp(word, words[i], length) == 0)
			return true;
	return false;
}

/* How much of the text makes one line of that many columns. *backslash: it ends at a plain blank.
 */
static size_t shell_line(const char *text, size_t room, bool *backslash)
{
	size_t free_end = 0, blank_end = 0, at = 0;
	bool quoted = false;

	*backslash = false;
	if (columns(text, strlen(text)) <= room)
		return strlen(text);
	while (text[at]) {
		size_t word = at + strspn(text + at, " "), end = word + strcspn(text + word, " ");
		for (; at < end; at++)
			quoted ^= text[at] == '"';
		if (columns(text, end) > room && (free_end || blank_end))
			break;
		if (!quoted && (!blank_end || columns(text, end) + 2 <= room))
			blank_end = end; /* the first one even where it comes too late */
		if (wants_more(text + word, end - word, quoted))
			free_end = end;
	}
	/* A shorter line without a backslash reads better than a full one with it, within reason.
	 */
	*backslash = blank_end && free_end < room / 2;
	return *backslash ? blank_end : free_end ? free_end : at;
}

size_t wrap_shell(char *out, size_t size, const char *line, size_t column, size_t indent,
		  size_t width)
{
	size_t n = 0;

	while (*line) {
		bool backslash;
		size_t take = shell_line(line, width > column ? width - column : 1, &backslash);
		if (n + take + 4 + indent >= size)
			break;
		memcpy(out + n, line, take);
		n += take;
		line += take + strspn(line + take, " ");
		if (!*line)
			break;
		memcpy(out + n, " \\", backslash ? 2 : 0);
		n += backslash ? 2 : 0;
		out[n++] = '\n';
		memset(out + n, ' ', indent);
		n += indent;
		column = indent;
	}
	out[n] = '\0';
	return n;
}
