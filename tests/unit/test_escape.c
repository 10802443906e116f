/*
 * test_escape.c: what a terminal would obey, and what it may show.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/meet/escape.h"
#include "step01_clone_pid/floor/call/sys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

static void test_what_is_obeyed(void **state)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{ "", "" },
		{ "/plain path/äöü €  \360\237\220\247", "/plain path/äöü €  \360\237\220\247" },
		{ "a\033[31mb", "a\\x1b[31mb" },
		{ "a\nb\tc\rd", "a\\nb\\tc\\x0dd" },
		{ "\001\037\177", "\\x01\\x1f\\x7f" },
		{ "\302\23331m", "\\xc2\\x9b31m" },	 /* U+009B, CSI in one character */
		{ "\23331m", "\\x9b31m" },		 /* and in one byte */
		{ "\302\240", "\302\240" },		 /* a blank that does not break */
		{ "\342\200\256x", "\\xe2\\x80\\xaex" }, /* right to left from here on */
		{ "\342\201\246x", "\\xe2\\x81\\xa6x" }, /* the newer one */
		{ "\342\200\250x", "\\xe2\\x80\\xa8x" }, /* line separator */
		{ "\342\200\246", "\342\200\246" },	 /* an ellipsis is none of these */
		{ "\300\257\303", "\\xc0\\xaf\\xc3" },	 /* too long a form; cut in the middle */
		{ "\355\240\200", "\\xed\\xa0\\x80" },	 /* a surrogate */
	};
	char out[128];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(escape(out, sizeof(out), rows[i].text, ""), rows[i].shown);
	assert_string_equal(escape(out, sizeof(out), "a\n\033b", "\n"), "a\n\\x1bb");
	assert_string_equal(SHOWN("\a"), "\\x07");
}

static void test_every_byte_and_size(void **state)
{
	char text[2] = "", out[600], long_text[600];

	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		text[0] = (char)byte;
		escape(out, sizeof(out), text, "");
		for (const char *c = out; *c; c++)
			assert_true(*c >= ' ' && *c <= '~');
	}
	/* However little room: ended, never in the middle of an escape, and a cut is seen. */
	memset(long_text, '\033', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	for (size_t size = 1; size < sizeof(out); size++) {
		memset(out, '#', sizeof(out));
		escape(out, size, long_text, "");
		size_t length = strlen(out),
		       dots = strspn(out + length - (length > 3 ? 3 : length), ".");
		assert_true(length < size);
		assert_int_equal(out[size < sizeof(out) - 1 ? size : size - 1] == '#' ||
					 size == sizeof(out),
				 1);
		if (size >= 4) {
			assert_int_equal(dots, 3);
			assert_int_equal((length - 3) % 4, 0);
		}
	}
	assert_string_equal(escape(out, 6, "12345", ""), "12345");
	assert_string_equal(escape(out, 6, "123456", ""), "12...");
}

/* The message of a failed call, its subject, cause, remedy and the program's own name. */
static void test_messages(void **state)
{
	char text[4096];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	sys_failure_clear();
	sys_failure_set(ENOENT, "open(x)", "/tmp/\033[2J\nfake: line", "cause \033]0;title\a",
			"try \033c");
	sys_failure_print(fds[1], "na\033me");
	sys_failure_clear();
	sys_trace_to(fds[1]);
	SYS(access("/nowhere/\033[31m\nx", F_OK), "/nowhere/\033[31m\nx");
	SYS_EXEC(-1, "\033]0;y\a");
	sys_trace_say("said \033[1m");
	sys_tracing = false;
	sys_failure_clear();
	close(fds[1]);
	ssize_t n = read(fds[0], text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	close(fds[0]);
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\a'));
	assert_null(strstr(text, "\nfake"));
	assert_non_null(strstr(text, "na\\x1bme: /tmp/\\x1b[2J\\nfake: line: No such file"));
	assert_non_null(strstr(text, "cause \\x1b]0;title\\x07"));
	assert_non_null(strstr(text, "try \\x1bc"));
	assert_non_null(strstr(text, "[/nowhere/\\x1b[31m\\nx] = -1 ENOENT"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_obeyed),
		cmocka_unit_test(test_every_byte_and_size),
		cmocka_unit_test(test_messages),
	};
	return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
