/*
 * test_inspector_model.c: the model through JSON and back, the tree's order, and what keys do.
 */
#define _GNU_SOURCE
#include "final/inspector/model/model_json.h"
#include "final/inspector/view/draw.h"
#include "final/inspector/view/render.h"
#include "final/inspector/view/view.h"
#include "final/inspector/panes/pane.h"
#include "final/inspector/panes/tree.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct row *add(struct model *model, pid_t pid, pid_t ppid, const char *comm, pid_t inside)
{
	struct row *row = model_add_row(model);

	assert_non_null(row);
	*row = (struct row){ .pid = pid,
			     .ppid = ppid,
			     .start = (unsigned long long)pid,
			     .state = 'S',
			     .inside = inside,
			     .levels = 2,
			     .nspid = { pid, inside },
			     .cpu = 1.5,
			     .rss_kb = 100,
			     .relation = inside == 1 ? REL_INIT : REL_MEMBER,
			     .born = MODEL_FRESH,
			     .exit_code = -1,
			     .inside_uid = -1 };
	snprintf(row->comm, sizeof(row->comm), "%s", comm);
	return row;
}

/* 10 -> 11 -> 13; 10 -> 12; 14 alone. */
static void family(struct model *model)
{
	model_init(model);
	model->found = true;
	model->box =
		(struct box){ .init = 10, .start = 10, .kind = "unshare", .name = "web", .own = 3 };
	add(model, 10, 1, "init", 1);
	add(model, 11, 10, "httpd", 2);
	add(model, 12, 10, "cron", 3);
	add(model, 13, 11, "worker", 4);
	add(model, 14, 99, "joined", 5)->relation = REL_JOINED;
}

/* The line of a model; the caller frees it. */
static char *json_of(const struct model *model)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	assert_non_null(out);
	assert_int_equal(model_to_json(model, out), 0);
	fclose(out);
	assert_true(size && line[size - 1] == '\n');
	line[size - 1] = '\0';
	return line;
}

static void json_and_back(void **state)
{
	struct model model, again;

	(void)state;
	family(&model);
	model_init(&again);
	model.clock = 1700000000123;
	model.interval = 0.5;
	model.layout = CGROUP_HYBRID;
	model.rows[1].state = 'Z';
	model.rows[1].exit_code = 768;
	model.rows[2].shares = 5;
	snprintf(model.rows[3].comm, sizeof(model.rows[3].comm), "a\"b\\c\033[2J\xff");
	model.cgroup.quota = 20;
	model.cgroup.memory.max = MODEL_NO_LIMIT;
	model.cgroup.memory.there = true;
	model.cgroup.samples = 3;
	model.cgroup.cpu_history[1] = 99.5F;
	model.ns[NS_MNT] = (struct ns_row){ 4026531832U, 4026532188U, NS_OWN,	  5,
					    1,		 "14 joined", 4026531832U };
	model.ns[NS_NET].verdict = NS_DENIED;
	model.id.upper = strdup("/upper");
	named_list_add(&model.id.lowers, "/a");
	named_list_add(&model.id.lowers, "/b");
	model_change(&model, CH_ZOMBIE, "11 exited %d", 3);
	model.boxes_count = 1;
	model.boxes[0] = model.box;
	char *line = json_of(&model);
	assert_null(strchr(line, '\n'));
	assert_null(strchr(line, '\033'));
	assert_int_equal(model_from_json(line, &again), 0);
	char *second = json_of(&again);
	assert_string_equal(line, second);
	assert_int_equal(again.rows[1].exit_code, 768);
	assert_true(again.cgroup.memory.max == MODEL_NO_LIMIT);
	assert_int_equal(again.ns[NS_NET].verdict, NS_DENIED);
	assert_string_equal(again.id.lowers.item[1], "/b");
	assert_true(again.cgroup.peak == -1);
	free(line);
	free(second);
	model_free(&model);
	model_free(&again);
}

static void json_of_others(void **state)
{
	static const char *const bad[] = { "", "[]", "3", "{", "nonsense", "\"text\"" };
	static const char *const poor[] = {
		"{}",
		"{\"rows\":3,\"namespaces\":[],\"cgroup\":null,\"identity\":\"x\",\"changes\":{}}",
		"{\"rows\":[1,null,{\"nspid\":[1,2,3,4,5,6,7,8,9],\"relation\":\"no such\"}]}",
		"{\"changes\":[null,{\"kind\":3}],\"containers\":[7],\"identity\":{\"lowers\":["
		"null,3]}}",
	};
	struct model model;

	(void)state;
	model_init(&model);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		errno = 0;
		assert_int_equal(model_from_json(bad[i], &model), -1);
		assert_int_equal(errno, EINVAL);
	}
	for (size_t i = 0; i < sizeof(poor) / sizeof(*poor); i++)
		assert_int_equal(model_from_json(poor[i], &model), 0);
	model_free(&model);
}

static void tree_order(void **state)
{
	static const int pids[] = { 10, 11, 13, 12, 14 }, depths[] = { 0, 1, 2, 1, 0 };
	struct order_wish wish = { 0 };
	struct order order = { 0 };
	struct model model;

	(void)state;
	family(&model);
	assert_int_equal(order_rows(&model, &wish, &order), 0);
	assert_int_equal(order.count, 5);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(model.rows[order.item[i].row].pid, pids[i]);
		assert_int_equal(order.item[i].depth, depths[i]);
	}
	assert_true(order.item[1].trunk & 2); /* 12 follows 11 */
	assert_false(order.item[3].trunk & 2);
	/* Whoever has ended comes after the living brothers. */
	model.rows[1].ended = 1;
	order_rows(&model, &wish, &order);
	assert_int_equal(model.rows[order.item[1].row].pid, 12);
	/* A circle of parents loses nobody but those in it, and ends. */
	model.rows[0].ppid = 13;
	assert_int_equal(order_rows(&model, &wish, &order), 0);
	assert_true(order.count >= 1);
	/* A chain longer than any screen is wide: everybody is in it. */
	model.rows[0].ppid = 1;
	for (int pid = 15; pid < 100; pid++)
		add(&model, pid, pid - 1, "deep", pid - 9);
	order_rows(&model, &wish, &order);
	assert_int_equal(order.count, 90);
	assert_int_equal(order_find(&order, &model, 99), 89);
	model.rows_count = 5;
	snprintf(wish.filter, sizeof(wish.filter), "cro");
	order_rows(&model, &wish, &order);
	assert_int_equal(order.count, 1);
	wish = (struct order_wish){ .sort = SORT_NAME };
	order_rows(&model, &wish, &order);
	assert_string_equal(model.rows[order.item[0].row].comm, "cron");
	order_free(&order);
	model_free(&model);
}

struct desk {
	struct model model;
	struct view view;
	struct order order;
};

static enum action press(struct desk *d, int key)
{
	order_rows(&d->model, &d->view.wish, &d->order);
	view_settle(&d->view, &d->model, &d->order, 3);
	enum action action = view_key(&d->view, &d->model, &d->order, key, 3);
	order_rows(&d->model, &d->view.wish, &d->order);
	view_settle(&d->view, &d->model, &d->order, 3);
	return action;
}

static void keys(void **state)
{
	static struct desk d;

	(void)state;
	family(&d.model);
	press(&d, K_HOME);
	assert_int_equal(d.view.cursor, 10);
	press(&d, K_DOWN);
	press(&d, 'j');
	assert_int_equal(d.view.cursor, 13);
	press(&d, K_END);
	assert_int_equal(d.view.cursor, 14);
	assert_int_equal(d.view.top, 2); /* scrolled: three rows are seen */
	press(&d, K_UP);
	assert_int_equal(d.view.cursor, 12);
	/* find, and the next one */
	for (const char *c = "/o"; *c; c++)
		press(&d, *c);
	press(&d, K_ENTER);
	assert_int_equal(d.view.cursor, 12); /* cron has one: the search begins here */
	press(&d, 'n');
	assert_int_equal(d.view.cursor, 14);
	press(&d, '\\');
	press(&d, 'w');
	press(&d, 'o');
	press(&d, K_BACKSPACE);
	press(&d, K_ENTER);
	assert_int_equal(d.order.count, 1); /* worker */
	press(&d, '\\');
	press(&d, K_ESCAPE);
	assert_int_equal(d.order.count, 5);
	/* panes and their cells go round */
	press(&d, K_TAB);
	assert_int_equal(d.view.pane, PANE_NS);
	press(&d, K_LEFT);
	assert_int_equal(d.view.item[PANE_NS], NS_TIME);
	press(&d, K_BACKTAB);
	press(&d, K_BACKTAB);
	assert_int_equal(d.view.pane, PANE_CHANGES);
	press(&d, K_TAB);
	press(&d, 'Z');
	assert_true(d.view.paused);
	press(&d, 'Z');
	assert_false(d.view.paused);
	press(&d, 'P');
	assert_true(d.view.presenter);
	assert_int_equal(press(&d, 'q'), ACT_QUIT);
	assert_int_equal(press(&d, K_F10), ACT_QUIT);
	order_free(&d.order);
	model_free(&d.model);
}

/* F7 at once says of the dead why they are still here, until the user chooses another cell. */
static void the_cell_to_ask_about(void **state)
{
	static struct desk d;

	(void)state;
	family(&d.model);
	d.model.rows[1].state = 'Z';
	press(&d, K_HOME);
	assert_int_equal(d.view.item[PANE_TREE], COL_NSPID);
	press(&d, K_DOWN);
	assert_int_equal(d.view.cursor, 11);
	assert_int_equal(d.view.item[PANE_TREE], COL_STATE);
	press(&d, K_UP);
	assert_int_equal(d.view.item[PANE_TREE], COL_NSPID);
	press(&d, K_RIGHT);
	press(&d, K_DOWN);
	assert_int_equal(d.view.item[PANE_TREE], COL_NSPID + 1);
	order_free(&d.order);
	model_free(&d.model);
}

/* Who is not seen is counted: in the normal picture, in the compact one, in presenter mode. */
static void rows_are_seen_or_counted(void **state)
{
	static const struct {
		int height, presenter, rows, shown, step;
	} cases[] = {
		{ 24, 1, 6, 6, 2 }, { 24, 1, 7, 11, 1 }, { 24, 1, 20, 11, 1 }, { 16, 1, 5, 9, 1 },
		{ 16, 1, 4, 4, 2 }, { 12, 1, 5, 5, 1 },	 { 10, 1, 5, 4, 1 },   { 10, 0, 9, 5, 1 },
		{ 11, 0, 9, 6, 1 }, { 12, 0, 9, 6, 1 },	 { 15, 0, 9, 8, 1 },   { 16, 0, 9, 3, 1 },
	};
	struct layout l;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_true(
			layout_make(60, cases[i].height, cases[i].presenter, cases[i].rows, &l));
		assert_int_equal(l.tree_rows, cases[i].shown);
		assert_int_equal(l.step, cases[i].step);
		assert_true(l.rows_y + (l.tree_rows - 1) * l.step < l.ns_y);
		assert_true(l.cgroup_y + l.cgroup_rows <= l.keys_y);
	}
	assert_false(layout_make(60, 9, false, 1, &l));
	assert_false(layout_make(59, 10, false, 1, &l));
}

static void more(void **state)
{
	static const struct {
		int top, rows, count, room;
		const char *text;
	} cases[] = {
		{ 0, 5, 5, 16, "" },	    { 0, 5, 6, 16, "1 more" },
		{ 3, 5, 8, 16, "3 above" }, { 2, 5, 10, 16, "2 above, 3 more" },
		{ 2, 5, 10, 14, "5 more" }, { 3, 5, 8, 6, "3 more" },
		{ 0, 5, 0, 16, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct view view = { .top = cases[i].top };
		struct grid grid;
		char text[24] = "";
		assert_int_equal(grid_make(&grid, 20, 1, true), 0);
		int x = render_more(&grid, 0, 18, cases[i].room, &view, cases[i].rows,
				    cases[i].count);
		for (int c = x; c < 18; c++)
			text[c - x] = (char)grid.cells[c].ch;
		assert_string_equal(text, cases[i].text);
		grid_free(&grid);
	}
}

static void signals_need_a_yes(void **state)
{
	static struct desk d;

	(void)state;
	family(&d.model);
	press(&d, K_HOME);
	press(&d, K_F1 + 8);
	assert_int_equal(d.view.popup, POP_SIGNAL);
	press(&d, K_DOWN);
	assert_int_equal(press(&d, K_ENTER), ACT_NONE);
	assert_int_equal(d.view.popup, POP_CONFIRM);
	assert_int_equal(d.view.signal, SIGKILL);
	assert_int_equal(d.view.signal_pid, 10);
	assert_int_equal(press(&d, K_ENTER), ACT_NONE); /* Enter is no yes */
	assert_int_equal(d.view.popup, POP_NONE);
	press(&d, 'K');
	press(&d, K_ENTER);
	assert_int_equal(press(&d, 'y'), ACT_SEND_SIGNAL);
	d.view.replaying = true;
	press(&d, 'K');
	assert_int_equal(d.view.popup, POP_NONE);
	order_free(&d.order);
	model_free(&d.model);
}

/* Every cell has an answer, with a command that names a real number and no left-over place holder.
 */
static void every_cell_has_a_why(void **state)
{
	struct model model;
	struct why_cell why;

	(void)state;
	family(&model);
	model.rows[2].state = 'Z';
	for (int layout = CGROUP_V1; layout <= CGROUP_HYBRID; layout++)
		for (int pane = 0; pane < PANES; pane++)
			for (int item = 0; item < panes[pane]->cells; item++)
				for (pid_t pid = 0; pid < 15; pid += pid ? 1 : 10) {
					struct view view = { .pane = (enum pane_number)pane,
							     .cursor = pid };
					view.item[pane] = item;
					model.layout = (enum cgroup_layout)layout;
					memset(&why, 0, sizeof(why));
					why_cell(&model, &view, &why);
					assert_true(strlen(why.text) > 20 &&
						    strlen(why.command) > 5);
					assert_true(strlen(why.title) > 2 &&
						    strncmp(why.lesson, "lessons/", 8) == 0);
					assert_null(strchr(why.command, '$'));
					assert_null(strchr(why.text, '%'));
				}
	model_free(&model);
}

/* Any size, any popup: no write outside of the grid (asan), no crash. */
static void every_size(void **state)
{
	struct model model;
	struct order order = { 0 };

	(void)state;
	family(&model);
	model.rows[0].nspid[1] = 1;
	for (int width = 1; width < 140; width += 9)
		for (int height = 1; height < 60; height += 3)
			for (int popup = POP_NONE; popup <= POP_SORT; popup++) {
				struct view view = { .popup = (enum popup)popup,
						     .presenter = popup == POP_LOG };
				struct grid grid;
				assert_int_equal(grid_make(&grid, width, height, popup % 2), 0);
				order_rows(&model, &view.wish, &order);
				render(&model, &view, &order, &grid);
				render_vs(&model, &model, &view, &grid);
				grid_free(&grid);
			}
	order_free(&order);
	model_free(&model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_and_back),
		cmocka_unit_test(json_of_others),
		cmocka_unit_test(tree_order),
		cmocka_unit_test(keys),
		cmocka_unit_test(signals_need_a_yes),
		cmocka_unit_test(every_cell_has_a_why),
		cmocka_unit_test(every_size),
		cmocka_unit_test(the_cell_to_ask_about),
		cmocka_unit_test(more),
		cmocka_unit_test(rows_are_seen_or_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
