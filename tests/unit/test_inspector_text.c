/*
 * test_inspector_text.c: names made harmless, columns counted, cells that stay whole; containers
 * by their cgroup's name; inodes from link texts.
 */
#define _GNU_SOURCE
#include "final/inspector/view/grid.h"
#include "final/inspector/read/kind.h"
#include "final/inspector/text/printable.h"
#include "final/inspector/read/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void harmless(void **state)
{
	static const char *const cases[][2] = {
		{ "plain", "plain" },
		{ "\033[2J", "^[[2J" },
		{ "a\tb\n\x7f", "a^Ib^J^?" },
		{ "\xc2\x9b"
		  "2J",
		  "?2J" }, /* C1: CSI in one character */
		{ "\xe2\x80\xae"
		  "abc",
		  "?abc" }, /* right-to-left override */
		{ "\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" }, /* an overlong slash */
		{ "\xe6\xbc\xa2", "\xe6\xbc\xa2" },
		{ "\xe6\xbc", "\xef\xbf\xbd\xef\xbf\xbd" }, /* cut by the 16 bytes of a comm */
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(printable(cases[i][0], out, sizeof(out)), cases[i][1]);
	/* Cut between characters, never in one. */
	assert_string_equal(printable("a\xe6\xbc\xa2", out, 4), "a");
	assert_string_equal(printable("\033x", out, 2), "");
}

static void utf8_both_ways(void **state)
{
	static const uint32_t some[] = { 'a', 0x7f, 0x80, 0x7ff, 0x800, 0xfffd, 0x10000, 0x10ffff };
	char text[8];

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
		const char *at = text;
		text[utf8_put(text, some[i])] = '\0';
		assert_int_equal(utf8_next(&at), some[i]);
		assert_int_equal(*at, '\0');
	}
	assert_int_equal(char_columns('a'), 1);
	assert_int_equal(char_columns(0x6f22), 2);
	assert_int_equal(char_columns(0x301), 0);
}

static void wide_cells(void **state)
{
	struct grid grid;

	(void)state;
	assert_int_equal(grid_make(&grid, 5, 1, false), 0);
	/* Two columns do not fit into one; that something is missing is seen. */
	assert_int_equal(grid_text(&grid, 0, 0, 4, ST_PLAIN, "a\xe6\xbc\xa2\xe6\xbc\xa2"), 4);
	assert_int_equal(grid.cells[3].ch, 0x2026);
	assert_int_equal(grid.cells[1].ch, 0x6f22);
	assert_int_equal(grid.cells[2].ch, 0);
	/* Writing over one half takes the other away. */
	grid_text(&grid, 0, 2, 1, ST_PLAIN, "x");
	assert_int_equal(grid.cells[1].ch, ' ');
	grid_text(&grid, 0, 1, 2, ST_PLAIN, "\xe6\xbc\xa2");
	grid_text(&grid, 0, 1, 1, ST_PLAIN, "y");
	assert_int_equal(grid.cells[2].ch, ' ');
	/* Outside of it nothing happens. */
	grid_text(&grid, 7, -3, -1, ST_PLAIN, "xxxxxxxxxxxx");
	grid_free(&grid);
	assert_int_equal(grid_make(&grid, 0, 5, false), -1);
	assert_int_equal(grid_make(&grid, 4, 1, true), 0);
	grid_text(&grid, 0, 0, -1, ST_PLAIN,
		  "\xe6\xbc\xa2"
		  "b");
	assert_int_equal(grid.cells[0].ch, '?');
	assert_int_equal(grid.cells[2].ch, 'b');
	grid_free(&grid);
}

static void cuts_are_seen(void **state)
{
	struct grid grid;

	(void)state;
	assert_int_equal(grid_make(&grid, 6, 1, false), 0);
	assert_int_equal(grid_text(&grid, 0, 0, 4, ST_PLAIN, "abcd"), 4);
	assert_int_equal(grid.cells[3].ch, 'd');
	assert_int_equal(grid_text(&grid, 0, 0, 4, ST_PLAIN, "abcd   "), 4);
	assert_int_equal(grid.cells[3].ch, 'd'); /* blanks are no loss */
	assert_int_equal(grid_text(&grid, 0, 0, 4, ST_PLAIN, "abcd  e"), 4);
	assert_int_equal(grid.cells[3].ch, 0x2026);
	assert_int_equal(grid_text(&grid, 0, 5, 0, ST_PLAIN, "abc"), 5);
	assert_int_equal(grid.cells[5].ch, ' '); /* no room, no mark */
	/* The mark on the right half of a wide character leaves no left half behind. */
	grid_text(&grid, 0, 0, 3, ST_PLAIN, "a\xe6\xbc\xa2\xe6\xbc\xa2");
	assert_int_equal(grid.cells[1].ch, ' ');
	assert_int_equal(grid.cells[2].ch, 0x2026);
	/* Whole or not at all. */
	grid_clear(&grid);
	assert_int_equal(grid_columns("a\xe6\xbc\xa2\033"), 5);
	assert_int_equal(grid_whole(&grid, 0, 1, 4, ST_PLAIN, "%d", 1234), 1);
	assert_int_equal(grid.cells[1].ch, ' ');
	assert_int_equal(grid_whole(&grid, 0, 1, 4, ST_PLAIN, "%d", 123), 4);
	assert_int_equal(grid.cells[3].ch, '3');
	grid_free(&grid);
	assert_int_equal(grid_make(&grid, 2, 1, true), 0);
	grid_text(&grid, 0, 0, -1, ST_PLAIN, "abc");
	assert_int_equal(grid.cells[1].ch, '~');
	grid_free(&grid);
}

static void kinds_of_containers(void **state)
{
#define ID64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	static const struct {
		const char *text, *kind, *name;
	} cases[] = {
		{ "0::/system.slice/docker-" ID64 ".scope\n", "docker", "0123456789ab" },
		{ "3:cpu:/docker/" ID64 "\n2:pids:/docker/" ID64 "\n", "docker", "0123456789ab" },
		{ "0::/machine.slice/libpod-" ID64 ".scope/container\n", "podman", "0123456789ab" },
		{ "0::/lxc.payload.web\n", "lxc", "web" },
		{ "5:memory:/lxc/web\n", "lxc", "web" },
		{ "0::/machine.slice/machine-my\\x2dbox.scope/payload\n", "nspawn", "my-box" },
		{ "2:cpu:/minibox-4f2a\n0::/\n", "minibox", "4f2a" },
		{ "0::/kubepods.slice/x/cri-containerd-" ID64 ".scope\n", "kubernetes",
		  "0123456789ab" },
		{ "0::/system.slice/cron.service\n", "systemd", "cron.service" },
		/* Docker in a service is docker, whichever line comes first. */
		{ "4:cpu:/a.slice/docker.service\n2:pids:/docker/" ID64 "\n", "docker",
		  "0123456789ab" },
	};
	char kind[16], name[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(kind_of_cgroup(cases[i].text, kind, sizeof(kind), name, sizeof(name)));
		assert_string_equal(kind, cases[i].kind);
		assert_string_equal(name, cases[i].name);
	}
	static const char *const may_come[] = { "step01", "step08",  "minibox", "podman",
						"docker", "unshare", "systemd", "bubblewrap" };
	static const char *const never[] = { "",	"step",	  "step09", "step0",
					     "step011", "teapot", "4211" };
	for (size_t i = 0; i < sizeof(may_come) / sizeof(*may_come); i++)
		assert_true(kind_is_known(may_come[i]));
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		assert_false(kind_is_known(never[i]));
	static const char *const none[] = {
		"",	"0::/\n",	"0::/user.slice/user-0.slice\n", "no colons", ":",
		"1:\n", "0::/docker-\n"
	};
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_false(kind_of_cgroup(none[i], kind, sizeof(kind), name, sizeof(name)));
}

static void names_of_conmon(void **state)
{
	static const char line[] = "/usr/bin/conmon\0-c\0" ID64
				   "\0-n\0teapot\0--full-attach\0-n\0x";
	static const char last[] = "conmon\0-n", empty[] = "conmon\0-n\0\0-x";
	char name[8] = "before";

	(void)state;
	assert_true(name_of_conmon(line, sizeof(line), name, sizeof(name)));
	assert_string_equal(name, "teapot");
	assert_true(name_of_conmon("x\0-n\0a long name", 17, name, sizeof(name)));
	assert_string_equal(name, "a long ");
	assert_false(name_of_conmon(last, sizeof(last) - 1, name, sizeof(name)));
	assert_false(name_of_conmon(empty, sizeof(empty) - 1, name, sizeof(name)));
	assert_false(name_of_conmon("", 0, name, sizeof(name)));
	assert_string_equal(name, "a long ");
	assert_true(name_is_id("0123456789ab"));
	assert_false(name_is_id("teapot"));
	assert_false(name_is_id("0123456789abc"));
}

static void link_texts(void **state)
{
	(void)state;
	assert_int_equal(ns_link_parse("pid:[4026531836]"), 4026531836U);
	assert_int_equal(ns_link_parse("pid:[99999999999]"), 0);
	assert_int_equal(ns_link_parse("pid:[]"), 0);
	assert_int_equal(ns_link_parse("pid:[12"), 0);
	assert_int_equal(ns_link_parse("pid:[-1]"), 0);
	assert_int_equal(ns_link_parse(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmless),
		cmocka_unit_test(utf8_both_ways),
		cmocka_unit_test(wide_cells),
		cmocka_unit_test(cuts_are_seen),
		cmocka_unit_test(kinds_of_containers),
		cmocka_unit_test(names_of_conmon),
		cmocka_unit_test(link_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
