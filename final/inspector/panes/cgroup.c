/*
 * cgroup.c: what it uses of what it may use.
 */
#define _GNU_SOURCE
#include "pane.h"
#include "final/inspector/view/draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BAR_X = 6 };

enum item { CGI_CPU, CGI_MEMORY, CGI_PIDS, CGI_IO, CGI_FREEZER, CGI_ITEMS };

static const struct why_words words[CGI_ITEMS] = {
	[CGI_CPU] = { .title = "cpu of the group",
		      .text = "The bar is one CPU; the mark in it is the quota. Who has used up "
			      "the quota of a period is throttled: it waits for the next one, and "
			      "nr_throttled grows.",
		      .command = "cat %4$s/cpu.stat",
		      .lesson = LESSON_5 },
	[CGI_MEMORY] = { .title = "memory of the group",
			 .text = "What the group is charged for: anonymous memory and cache. At "
				 "the limit the kernel reclaims cache first; when that is not "
				 "enough, its OOM killer ends a process.",
			 .command = "cat %4$s/memory.stat",
			 .lesson = LESSON_5,
			 .v1_tree = "memory" },
	[CGI_PIDS] = { .title = "processes of the group",
		       .text = "At pids.max fork(2) and clone(2) fail with EAGAIN. Zombies count "
			       "as well, until they are waited for.",
		       .command = "cat %4$s/pids.current %4$s/pids.max",
		       .lesson = LESSON_5,
		       .v1_tree = "pids" },
	[CGI_IO] = { .title = "block I/O of the group",
		     .text = "Bytes a second that reached a block device on behalf of the group. "
			     "Reads served from the page cache do not count.",
		     .command = "cat %4$s/io.stat",
		     .lesson = LESSON_5,
		     .v1_command = "cat %4$s/blkio.throttle.io_service_bytes",
		     .v1_tree = "blkio" },
	[CGI_FREEZER] = { .title = "freezer",
			  .text = "Frozen, no process of the group runs a single instruction, and "
				  "none gets a signal by which it could notice. On v1 even SIGKILL "
				  "waits for the thaw.",
			  .command = "cat %4$s/cgroup.freeze",
			  .lesson = LESSON_5,
			  .v1_command = "cat %4$s/freezer.state",
			  .v1_tree = "freezer" },
};

/* What is told of one thing, from the most important on: each part whole or not at all, and a mark
 * at the edge where something had no room (Enter lists it). */
struct line {
	struct grid *grid;
	int y, x;
};

__attribute__((format(printf, 4, 5))) static bool say(struct line *l, int gap, enum style style,
						      const char *format, ...)
{
	char text[320];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	int end = l->grid->width - 1;
	int x = grid_whole(l->grid, l->y, l->x + gap, end, style, "%s", text);
	if (x == l->x + gap) {
		grid_cut_mark(l->grid, l->y, end, ST_DIM);
		return false;
	}
	l->x = x;
	return true;
}

static int bar_width(const struct grid *grid)
{
	return grid->width < 78 ? 12 : 18;
}

static const char *count_text(int64_t number, char *out, size_t size)
{
	if (number == MODEL_NO_LIMIT)
		snprintf(out, size, "no limit");
	else if (number < 0)
		snprintf(out, size, "-");
	else
		snprintf(out, size, "%lld", (long long)number);
	return out;
}

static void label(const struct view *view, enum item item, int y, int x, const char *text,
		  struct grid *grid)
{
	bool here = view->pane == PANE_CGROUP && view->item[PANE_CGROUP] == (int)item;

	grid_text(grid, y, x, -1, here ? ST_CURSOR : ST_STRONG, text);
	if (here && x > 0)
		grid_text(grid, y, x - 1, 1, ST_CURSOR, ">");
}

static void draw_cpu(const struct cgroup_model *cg, const struct view *view, int y,
		     struct grid *grid)
{
	int bar = bar_width(grid);
	double quota = effective_quota(cg);
	struct line l = { grid, y, BAR_X + bar + 1 };
	char throttled[64];

	label(view, CGI_CPU, y, 1, "cpu", grid);
	/* The bar is of one CPU: a quota of 20 % lets a full bar fall to a fifth, with a mark where
	 * it ends. */
	grid_bar(grid, y, BAR_X, bar, cg->cpu < 0 ? -1 : cg->cpu / 100, ST_BAR);
	if (quota > 0 && quota < 100)
		grid_put(grid, y, BAR_X + 1 + (int)(quota / 100 * (bar - 2)), ST_ALERT, 0x2502,
			 '|');
	if (cg->cpu < 0)
		say(&l, 0, ST_PLAIN, "   - ");
	else
		say(&l, 0, ST_STRONG, "%5.1f%%", cg->cpu);
	if (quota >= 0)
		say(&l, 0, ST_PLAIN, " of %.0f%%%s", quota, grid->width < 78 ? "" : " quota");
	else
		say(&l, 0, ST_PLAIN, cg->cpu_there ? " no quota" : " no cpu group");
	throttled[0] = '\0';
	if (cg->throttled >= 0 && (quota >= 0 || cg->throttled > 0))
		snprintf(throttled, sizeof(throttled), " throttled %lld (+%lld)",
			 (long long)cg->throttled, (long long)cg->throttled_more);
	/* Whose quota it is, but what it does is more important. */
	if (cg->tighter_quota >= 0) {
		bool room = l.x + 10 + grid_columns(cg->tighter_quota_at) + (int)strlen(throttled) <
			    grid->width;
		if (room)
			say(&l, 0, ST_ALERT, " (parent %s)", cg->tighter_quota_at);
		else
			say(&l, 0, ST_ALERT, " (parent)");
	}
	if (throttled[0])
		say(&l, 0, cg->throttled_more ? ST_ALERT : ST_PLAIN, "%s", throttled);
	if (cg->cpu_by_process)
		say(&l, 1, ST_DIM, grid->width < 78 ? "(processes)" : "(sum of its processes)");
	if (cg->shares >= 0)
		say(&l, 1, ST_DIM, "weight %lld", (long long)cg->shares);
	if (cg->cpuset[0])
		say(&l, 1, ST_DIM, "cpus %s", cg->cpuset);
}

static double share_of(const struct usage *usage)
{
	int64_t max = usage->tighter >= 0 ? usage->tighter : usage->max;

	return usage->now < 0 || max <= 0 || max == MODEL_NO_LIMIT
		       ? -1
		       : (double)usage->now / (double)max;
}

static void draw_memory(const struct cgroup_model *cg, const struct view *view, int y,
			struct grid *grid)
{
	const struct usage *m = &cg->memory;
	double share = share_of(m);
	int bar = bar_width(grid);
	struct line l = { grid, y, BAR_X + bar + 1 };

	label(view, CGI_MEMORY, y, 1, "mem", grid);
	grid_bar(grid, y, BAR_X, bar, share, share > 0.9 ? ST_ALERT : ST_BAR);
	if (!m->there) {
		say(&l, 1, ST_DIM, "no memory group of its own");
		return;
	}
	say(&l, 0, ST_STRONG, "%6s", short_bytes(m->now));
	say(&l, 0, ST_PLAIN, m->max == MODEL_NO_LIMIT ? " (%s)" : " of %s", short_bytes(m->max));
	if (m->tighter >= 0 && l.x + 30 + grid_columns(m->tighter_at) < grid->width)
		say(&l, 0, ST_ALERT, " (parent %s: %s)", m->tighter_at, short_bytes(m->tighter));
	else if (m->tighter >= 0)
		say(&l, 0, ST_ALERT, " (parent: %s)", short_bytes(m->tighter));
	if (cg->failcnt > 0 || cg->oom_kill > 0)
		say(&l, 1, ST_ALERT, grid->width < 78 ? "OOM %lld" : "OOM kills %lld",
		    (long long)(cg->oom_kill < 0 ? 0 : cg->oom_kill));
	if (cg->failcnt > 0)
		say(&l, 1, ST_ALERT, "hit limit %lld", (long long)cg->failcnt);
	if (cg->peak >= 0)
		say(&l, 1, ST_PLAIN, "peak %s", short_bytes(cg->peak));
	if (cg->failcnt > 0 || cg->oom_kill > 0)
		return;
	if (cg->cache >= 0 && grid->width >= 78)
		say(&l, 1, ST_DIM, "cache %s", short_bytes(cg->cache));
	if (cg->oom_kill == 0)
		say(&l, 1, ST_DIM, "oom 0");
}

static void draw_freezer(const struct cgroup_model *cg, const struct view *view, struct line *l)
{
	const char *word = frozen_name(cg->frozen);
	int x = l->x + 2;

	if (say(l, 2, cg->frozen > 0 ? ST_ALERT : ST_PLAIN, "freezer %s", word))
		label(view, CGI_FREEZER, l->y, x, "freezer", l->grid);
}

static void draw_io(const struct cgroup_model *cg, const struct view *view, struct line *l)
{
	const char *in = short_bytes((int64_t)cg->read_rate);
	const char *out = short_bytes((int64_t)cg->write_rate);
	bool known = cg->read_rate >= 0 || cg->write_rate >= 0;
	int x = l->x + 2;
	/* Of a mark at the edge something must be left out: so try the long form only if it fits.
	 */
	int columns = 16 + grid_columns(in) + grid_columns(out);

	if (known ? say(l, 2, ST_PLAIN,
			l->x + columns < l->grid->width ? "io r %s/s w %s/s" : "io r %s w %s", in,
			out)
		  : say(l, 2, ST_PLAIN, "io -"))
		label(view, CGI_IO, l->y, x, "io", l->grid);
}

static void draw_rest(const struct cgroup_model *cg, const struct view *view, int y,
		      struct grid *grid)
{
	const struct usage *p = &cg->pids;
	double share = share_of(p);
	int bar = bar_width(grid);
	struct line l = { grid, y, BAR_X + bar + 1 };
	char text[32];

	label(view, CGI_PIDS, y, 1, "pids", grid);
	grid_bar(grid, y, BAR_X, bar, share, share > 0.9 ? ST_ALERT : ST_BAR);
	if (p->there) {
		say(&l, 0, ST_STRONG, "%6s", count_text(p->now, text, sizeof(text)));
		say(&l, 0, ST_PLAIN, p->max == MODEL_NO_LIMIT ? " (%s)" : " of %s",
		    count_text(p->max, text, sizeof(text)));
	} else {
		say(&l, 1, ST_DIM, "no pids group");
	}
	if (p->tighter >= 0)
		say(&l, 0, ST_ALERT, " (parent: %lld)", (long long)p->tighter);
	if (cg->refused > 0)
		say(&l, 1, ST_ALERT, "refused %lld", (long long)cg->refused);
	draw_freezer(cg, view, &l);
	draw_io(cg, view, &l);
}

/* Of a long path its end says most: "CGROUP ~/minibox-web  SHARED: no group of its own". */
static void draw_heading(const struct model *model, const struct view *view, int y,
			 struct grid *grid)
{
	const struct cgroup_model *cg = &model->cgroup;
	const char *path = cg->path[0] ? cg->path : "(unknown)";
	const char *after = cg->own || !cg->path[0] ? "" : "  no group of its own: SHARED";
	char title[320] = "CGROUP";
	int room = grid->width - 10 - (int)strlen(after);
	bool cut = (int)strlen(path) > room;

	if (model->found || model->ended)
		snprintf(title, sizeof(title), "CGROUP %s%s%s",
			 !cut	       ? ""
			 : grid->ascii ? "~"
				       : "\u2026",
			 cut ? path + strlen(path) - (size_t)room + 1 : path, after);
	grid_heading(grid, y, 0, grid->width, title, view->pane == PANE_CGROUP);
}

static void draw_line(const struct cgroup_model *cg, const struct view *view, int line, int y,
		      struct grid *grid)
{
	if (line == 0)
		draw_cpu(cg, view, y, grid);
	else if (line == 1)
		draw_memory(cg, view, y, grid);
	else
		draw_rest(cg, view, y, grid);
}

/* Where not all three have room, the last one that has gives it to the one with the cursor. */
static int line_at(const struct view *view, const struct layout *l, int i)
{
	int item = view->item[PANE_CGROUP];
	int wanted = item == CGI_CPU ? 0 : item == CGI_MEMORY ? 1 : 2;

	return view->pane == PANE_CGROUP && i == l->cgroup_rows - 1 && wanted > i ? wanted : i;
}

static void draw(const struct model *model, const struct view *view, const struct order *order,
		 const struct layout *l, struct grid *grid)
{
	const struct cgroup_model *cg = &model->cgroup;
	int y = l->cgroup_y;

	(void)order;
	if (!l->compact)
		draw_heading(model, view, y, grid);
	for (int i = 0; i < l->cgroup_rows && i < 3; i++)
		draw_line(cg, view, line_at(view, l, i), y + 1 + i, grid);
	if (l->cgroup_rows < 4)
		return;
	/* A minute at one sample a second: cpu to the left, memory to the right. */
	int half = grid->width / 2 - 10, width = half < MODEL_HISTORY ? half : MODEL_HISTORY;
	float most = 0;
	for (int i = 0; i < cg->samples; i++)
		most = cg->memory_history[i] > most ? cg->memory_history[i] : most;
	double top = cg->memory.max > 0 && cg->memory.max != MODEL_NO_LIMIT ? (double)cg->memory.max
									    : (double)most;
	grid_text(grid, y + 4, 1, -1, ST_DIM, "cpu");
	grid_history(grid, y + 4, BAR_X, width, cg->cpu_history, cg->samples, 100);
	grid_text(grid, y + 4, grid->width / 2 + 1, -1, ST_DIM, "mem");
	grid_history(grid, y + 4, grid->width / 2 + 6, width, cg->memory_history, cg->samples, top);
}

static void detail(const struct model *model, const struct view *view, struct detail *l)
{
	const struct cgroup_model *cg = &model->cgroup;
	char text[112];

	(void)view;
	detail_add(l, "path ", cg->path);
	snprintf(text, sizeof(text), "periods %lld, throttled %lld, for %lld us",
		 (long long)cg->periods, (long long)cg->throttled, (long long)cg->throttled_us);
	detail_add(l, "cpu: ", text);
	if (cg->tighter_quota >= 0)
		detail_add(l, "a tighter cpu quota at ", cg->tighter_quota_at);
	if (cg->memory.tighter >= 0)
		detail_add(l, "a tighter memory limit at ", cg->memory.tighter_at);
	if (cg->pids.tighter >= 0)
		detail_add(l, "a tighter pids limit at ", cg->pids.tighter_at);
	snprintf(text, sizeof(text), "now %lld, peak %lld, cache %lld, anonymous %lld",
		 (long long)cg->memory.now, (long long)cg->peak, (long long)cg->cache,
		 (long long)cg->anon);
	detail_add(l, "memory: ", text);
	snprintf(text, sizeof(text), "now %lld, limit %lld, refused %lld", (long long)cg->pids.now,
		 (long long)(cg->pids.max == MODEL_NO_LIMIT ? -1 : cg->pids.max),
		 (long long)cg->refused);
	detail_add(l, "pids: ", text);
	snprintf(text, sizeof(text), "freezer %s, weight %lld, cpus %.40s", frozen_name(cg->frozen),
		 (long long)cg->shares, cg->cpuset[0] ? cg->cpuset : "-");
	detail_add(l, "", text);
	snprintf(text, sizeof(text), "%.0f bytes/s read, %.0f written", cg->read_rate,
		 cg->write_rate);
	detail_add(l, "io: ", text);
}

static void why(const struct model *model, const struct view *view, struct why_cell *out)
{
	why_answer(out, &words[view->item[PANE_CGROUP]], "", model, view);
}

const struct pane cgroup_pane = {
	.cells = CGI_ITEMS,
	.draw = draw,
	.detail = detail,
	.why = why,
	.keys = pane_cell_keys,
};
