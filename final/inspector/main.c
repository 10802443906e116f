/*
 * main.c: inspector. Host and container side by side.
 */
#define _GNU_SOURCE
#include "final/inspector/panes/tree.h"
#include "final/inspector/read/choose.h"
#include "final/inspector/read/kind.h"
#include "live_view.h"
#include "final/inspector/text/message.h"
#include "final/inspector/model/model_json.h"
#include "final/inspector/view/render.h"
#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/host/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Which of several was chosen stands in the log of changes, and where no one sees that, here. */
static void tell_choice(const struct source *source)
{
	if (source->collector.note[0])
		fprintf(stderr, "inspector: %s\n", source->collector.note);
}

static void wait_between(const struct options *o, double seconds)
{
	struct timespec nap = { .tv_sec = (time_t)seconds,
				.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9) };

	if (!o->roots_count && !o->replay)
		nanosleep(&nap, NULL);
}

static int not_found(const char *wanted, const struct model *model)
{
	if (kind_is_known(wanted))
		fprintf(stderr,
			"inspector: there is no %s container now. Without --once and --json\n"
			"inspector waits for one. ",
			for_terminal(wanted));
	else
		fprintf(stderr, "inspector: %s: no such container or process. ",
			for_terminal(wanted));
	if (!model->boxes_count)
		fprintf(stderr, "Nothing here has a namespace of its own.\n");
	else
		fprintf(stderr, "Here are:\n");
	for (int i = 0; i < model->boxes_count; i++)
		fprintf(stderr, "  %7d  %-10s %s\n", model->boxes[i].init,
			for_terminal(model->boxes[i].kind), for_terminal(model->boxes[i].name));
	return 1;
}

static int print_json(const struct model *model)
{
	if (model_to_json(model, stdout) == 0 && fflush(stdout) == 0)
		return 0;
	fprintf(stderr, "inspector: --json: writing to standard output: %s\n", strerror(errno));
	return 1;
}

static int print_screen(const struct options *o, const struct model *model,
			const struct model *other)
{
	struct view view = { .presenter = o->presenter,
			     .all = o->all,
			     .replaying = o->replay != NULL };
	struct order order = { 0 };
	struct grid grid;
	pid_t pid = wanted_pid(o->wanted);
	int result = 1;

	view.item[PANE_TREE] = tree_cell_to_ask(NULL);
	view.cursor = pid > 0 && model_row(model, pid) ? pid : model->box.init;
	if (grid_make(&grid, o->width, o->height, !locale_is_utf8()) < 0)
		return 1;
	struct layout l;
	if (order_rows(model, &view.wish, &order) == 0) {
		layout_make(o->width, o->height, o->presenter, order.count, &l);
		view_settle(&view, model, &order, l.tree_rows);
		if (other)
			render_vs(model, other, &view, &grid);
		else
			render(model, &view, &order, &grid);
		grid_print(&grid, stdout);
		result = fflush(stdout) != 0;
	}
	order_free(&order);
	grid_free(&grid);
	return result;
}

/* --once and --json. Rates need two looks: the second comes a quarter of a second after the first.
 */
static int without_terminal(const struct options *o, struct source *source, struct source *other)
{
	struct model model, second;
	int ticks = o->ticks ? o->ticks : o->replay ? 1 << 30 : o->roots_count ? o->roots_count : 2;
	double nap = o->ticks ? o->interval : o->interval < 0.25 ? o->interval : 0.25;
	int result = 0;

	model_init(&model);
	model_init(&second);
	for (int i = 0; i < ticks && result == 0 && !source->over; i++) {
		if (i)
			wait_between(o, nap);
		if (source_tick(source, &model) < 0 || (other && source_tick(other, &second) < 0))
			result = 1;
		else if (*o->wanted && !model.found && i == 0)
			result = not_found(o->wanted, &model);
		else if (other && !second.found && i == 0)
			result = not_found(o->other, &second);
		else if (o->json && (o->ticks || i == ticks - 1 || source->over))
			result = print_json(&model);
		tell_choice(source);
	}
	if (result == 0 && !o->json)
		result = print_screen(o, &model, other ? &second : NULL);
	model_free(&model);
	model_free(&second);
	return result;
}

static bool at_terminal(void)
{
	if (isatty(STDOUT_FILENO) && isatty(STDIN_FILENO))
		return true;
	fprintf(stderr,
		"inspector: standard %s is no terminal. For text use: inspector --once [--size "
		"80x24], or --json.\n",
		isatty(STDOUT_FILENO) ? "input" : "output");
	return false;
}

/* A caller may have closed 0, 1 or 2; then a descriptor of ours would take the number, and a
 * message go there. What stands in its place can be neither read nor written, so that a use of it
 * fails. */
static void occupy_standard_files(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

/* A caller may have blocked signals (a supervisor, a shell's trap), which exec keeps. What it
 * ignores stays so without a view, for nohup is meant; but an ignored SIGCHLD is nobody's wish. */
static void own_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGCHLD, SIG_DFL);
}

/* Of this machine nothing can be told where /proc is of another PID namespace than we are. */
static bool has_ground(const struct options *o)
{
	if (o->replay || o->roots_count || ground_check(NULL) == GROUND_GOOD)
		return true;
	ground_say("inspector");
	return false;
}

int main(int argc, char **argv)
{
	static struct source source, other;
	struct options o;

	occupy_standard_files();
	own_signals();
	setlocale(LC_ALL, "");
	int status = options_read(argc, argv, &o);
	if (status >= 0)
		return status;
	if (!o.once && !o.json && !at_terminal())
		return EXIT_USAGE;
	if (!has_ground(&o))
		return EXIT_SKIPPED;
	if (source_open(&source, &o, o.wanted) < 0)
		return 1;
	if (o.other) {
		struct options plain = o;
		plain.record = NULL;
		if (source_open(&other, &plain, o.other) < 0)
			return 1;
		other.options = &o;
	}
	if (o.once || o.json)
		status = without_terminal(&o, &source, o.other ? &other : NULL);
	else
		status = live_view(&o, &source, o.other ? &other : NULL);
	source_close(&source);
	if (o.other)
		source_close(&other);
	return status;
}
