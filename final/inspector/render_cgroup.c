/*
 * render_cgroup.c: what it uses of what it may use.
 */
#define _GNU_SOURCE
#include "render.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BAR = 18, BAR_X = 6 };

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

static void label(const struct view *view, enum cgroup_item item, int y, int x, const char *text,
		  struct grid *grid)
{
	bool here = view->pane == PANE_CGROUP && view->item[PANE_CGROUP] == (int)item;

	grid_text(grid, y, x, -1, here ? ST_CURSOR : ST_STRONG, text);
	if (here && x > 0)
		grid_text(grid, y, x - 1, 1, ST_CURSOR, ">");
}

/* The tighter of the two is what counts. */
static double effective_quota(const struct cgroup_model *cg)
{
	return cg->tighter_quota >= 0 ? cg->tighter_quota : cg->quota;
}

static void draw_cpu(const struct cgroup_model *cg, const struct view *view, int y,
		     struct grid *grid)
{
	double quota = effective_quota(cg);
	int x;

	label(view, CGI_CPU, y, 1, "cpu", grid);
	/* The bar is of one CPU: a quota of 20 % lets a full bar fall to a fifth, with a mark where
	 * it ends. */
	grid_bar(grid, y, BAR_X, BAR, cg->cpu < 0 ? -1 : cg->cpu / 100, ST_BAR);
	if (quota > 0 && quota < 100)
		grid_put(grid, y, BAR_X + 1 + (int)(quota / 100 * (BAR - 2)), ST_ALERT, 0x2502,
			 '|');
	if (cg->cpu < 0)
		x = grid_text(grid, y, BAR_X + BAR + 1, -1, ST_PLAIN, "   - ");
	else
		x = grid_printf(grid, y, BAR_X + BAR + 1, -1, ST_STRONG, "%5.1f%%", cg->cpu);
	if (quota >= 0)
		x = grid_printf(grid, y, x, -1, ST_PLAIN, " of %.0f%% quota", quota);
	else
		x = grid_text(grid, y, x, -1, ST_PLAIN,
			      cg->cpu_there ? " no quota" : " no cpu group");
	if (cg->tighter_quota >= 0)
		x = grid_printf(grid, y, x, -1, ST_ALERT, " (parent %s)", cg->tighter_quota_at);
	if (cg->throttled >= 0 && (quota >= 0 || cg->throttled > 0)) {
		x = grid_printf(grid, y, x + 1, -1, cg->throttled_more ? ST_ALERT : ST_PLAIN,
				"throttled %lld", (long long)cg->throttled);
		x = grid_printf(grid, y, x, -1, cg->throttled_more ? ST_ALERT : ST_PLAIN,
				" (+%lld)", (long long)cg->throttled_more);
	}
	if (cg->cpu_by_process)
		x = grid_text(grid, y, x + 1, -1, ST_DIM, "(sum of its processes)");
	if (cg->shares >= 0 && x + 14 < grid->width)
		x = grid_printf(grid, y, x + 1, -1, ST_DIM, "weight %lld", (long long)cg->shares);
	if (cg->cpuset[0] && x + 7 + (int)strlen(cg->cpuset) < grid->width)
		grid_printf(grid, y, x + 1, -1, ST_DIM, "cpus %s", cg->cpuset);
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
	int x;

	label(view, CGI_MEMORY, y, 1, "mem", grid);
	grid_bar(grid, y, BAR_X, BAR, share, share > 0.9 ? ST_ALERT : ST_BAR);
	if (!m->there) {
		grid_text(grid, y, BAR_X + BAR + 2, -1, ST_DIM, "no memory group of its own");
		return;
	}
	x = grid_printf(grid, y, BAR_X + BAR + 1, -1, ST_STRONG, "%6s", short_bytes(m->now));
	x = grid_printf(grid, y, x, -1, ST_PLAIN, m->max == MODEL_NO_LIMIT ? " (%s)" : " of %s",
			short_bytes(m->max));
	if (m->tighter >= 0)
		x = grid_printf(grid, y, x, -1, ST_ALERT, " (parent %s: %s)", m->tighter_at,
				short_bytes(m->tighter));
	if (cg->peak >= 0)
		x = grid_printf(grid, y, x + 1, -1, ST_PLAIN, "peak %s", short_bytes(cg->peak));
	if (cg->failcnt > 0 || cg->oom_kill > 0) {
		x = grid_printf(grid, y, x + 1, -1, ST_ALERT, "OOM kills %lld",
				(long long)(cg->oom_kill < 0 ? 0 : cg->oom_kill));
		if (cg->failcnt > 0)
			grid_printf(grid, y, x + 1, -1, ST_ALERT, "hit limit %lld",
				    (long long)cg->failcnt);
		return;
	}
	if (cg->cache >= 0 && grid->width >= 78)
		x = grid_printf(grid, y, x + 1, -1, ST_DIM, "cache %s", short_bytes(cg->cache));
	if (cg->oom_kill == 0 && x + 8 < grid->width)
		grid_text(grid, y, x + 1, -1, ST_DIM, "oom 0");
}

static void draw_rest(const struct cgroup_model *cg, const struct view *view, int y,
		      struct grid *grid)
{
	const struct usage *p = &cg->pids;
	double share = share_of(p);
	char text[32];
	int x;

	label(view, CGI_PIDS, y, 1, "pids", grid);
	grid_bar(grid, y, BAR_X, BAR, share, share > 0.9 ? ST_ALERT : ST_BAR);
	x = grid_printf(grid, y, BAR_X + BAR + 1, -1, ST_STRONG, "%6s",
			count_text(p->now, text, sizeof(text)));
	if (p->there)
		x = grid_printf(grid, y, x, -1, ST_PLAIN,
				p->max == MODEL_NO_LIMIT ? " (%s)" : " of %s",
				count_text(p->max, text, sizeof(text)));
	if (p->tighter >= 0)
		x = grid_printf(grid, y, x, -1, ST_ALERT, " (parent: %lld)", (long long)p->tighter);
	if (cg->refused > 0)
		x = grid_printf(grid, y, x + 1, -1, ST_ALERT, "refused %lld",
				(long long)cg->refused);
	if (!p->there)
		x = grid_text(grid, y, x, -1, ST_DIM, " no pids group");
	label(view, CGI_FREEZER, y, x + 2, "freezer", grid);
	x = grid_text(grid, y, x + 10, -1, cg->frozen > 0 ? ST_ALERT : ST_PLAIN,
		      frozen_name(cg->frozen));
	label(view, CGI_IO, y, x + 2, "io", grid);
	grid_printf(grid, y, x + 5, -1, ST_PLAIN, "r %s/s w %s/s",
		    short_bytes((int64_t)cg->read_rate), short_bytes((int64_t)cg->write_rate));
}

void render_cgroup(const struct model *model, const struct view *view, const struct layout *l,
		   struct grid *grid)
{
	const struct cgroup_model *cg = &model->cgroup;
	char title[256];
	int y = l->cgroup_y;

	if (model->found || model->ended)
		snprintf(title, sizeof(title), "CGROUP %s%s", cg->path[0] ? cg->path : "(unknown)",
			 cg->own || !cg->path[0] ? "" : "  no group of its own: SHARED");
	else
		snprintf(title, sizeof(title), "CGROUP");
	grid_heading(grid, y, 0, grid->width, title, view->pane == PANE_CGROUP);
	draw_cpu(cg, view, y + 1, grid);
	draw_memory(cg, view, y + 2, grid);
	draw_rest(cg, view, y + 3, grid);
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
