/*
 * wrap.c: breaking lines at blanks.
 */
#include "wrap.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

size_t terminal_width(int fd)
{
	struct winsize window = { 0 };

	if (ioctl(fd, TIOCGWINSZ, &window) < 0)
		return 0;
	return window.ws_col < 40 ? 80 : window.ws_col; /* 0 where nobody has set it */
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
