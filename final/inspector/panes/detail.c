/*
 * detail.c: the list that Enter opens: what a cell has no room for.
 */
#define _GNU_SOURCE
#include "final/inspector/read/identity.h"
#include "final/inspector/text/printable.h"
#include "final/inspector/view/view.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 192 };

struct lines {
	int count;
	char text[MOST][112];
};

static void add(struct lines *l, const char *label, const char *text)
{
	char both[320];

	if (l->count == MOST)
		return;
	snprintf(both, sizeof(both), "%s%.250s", label, text);
	text_cut(l->text[l->count++], sizeof(*l->text), both, SIZE_MAX);
}

static void add_list(struct lines *l, const char *title, const struct named_list *list)
{
	char head[64];

	snprintf(head, sizeof(head), "%s (%d):", title, list->count);
	add(l, head, "");
	for (int i = 0; i < list->count && i < MODEL_LIST; i++)
		add(l, "  ", list->item[i]);
	if (list->count > MODEL_LIST)
		add(l, "  ...", "");
}

static void capabilities(struct lines *l, int64_t mask)
{
	char head[64];

	if (mask < 0) {
		add(l, "CapEff is not to be read", "");
		return;
	}
	snprintf(head, sizeof(head), "CapEff %016llx", (unsigned long long)mask);
	add(l, head, "");
	for (int i = 0; i < CAPABILITIES; i++)
		if (mask & (1LL << i))
			add(l, "  cap_", capability_name(i));
}

static void process(struct lines *l, const struct model *model, const struct row *row)
{
	char text[112];
	size_t used = 0;

	snprintf(text, sizeof(text), "%d %s, parent %d, %s", row->pid, row->comm, row->ppid,
		 relation_name(row->relation));
	add(l, "", text);
	used = (size_t)snprintf(text, sizeof(text), "NSpid:");
	for (int i = 0; i < row->levels && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, " %d", row->nspid[i]);
	add(l, "", text);
	(void)model;
}

static void namespaces(struct lines *l, const struct model *model)
{
	char text[112];

	for (int k = 0; k < NS_KINDS; k++) {
		const struct ns_row *ns = &model->ns[k];
		snprintf(text, sizeof(text), "%-6s %s %u  inside %u  %s  %d of it in, %d others %s",
			 ns_info[k].name, model->stand_in ? "stand-in" : "host", ns->base,
			 ns->inside, ns_verdict_name(ns->verdict), ns->members, ns->others,
			 ns->others ? ns->who : "");
		add(l, "", text);
	}
}

static void cgroup(struct lines *l, const struct cgroup_model *cg)
{
	char text[112];

	add(l, "path ", cg->path);
	snprintf(text, sizeof(text), "periods %lld, throttled %lld, for %lld us",
		 (long long)cg->periods, (long long)cg->throttled, (long long)cg->throttled_us);
	add(l, "cpu: ", text);
	if (cg->tighter_quota >= 0)
		add(l, "a tighter cpu quota at ", cg->tighter_quota_at);
	if (cg->memory.tighter >= 0)
		add(l, "a tighter memory limit at ", cg->memory.tighter_at);
	if (cg->pids.tighter >= 0)
		add(l, "a tighter pids limit at ", cg->pids.tighter_at);
	snprintf(text, sizeof(text), "now %lld, peak %lld, cache %lld, anonymous %lld",
		 (long long)cg->memory.now, (long long)cg->peak, (long long)cg->cache,
		 (long long)cg->anon);
	add(l, "memory: ", text);
	snprintf(text, sizeof(text), "now %lld, limit %lld, refused %lld", (long long)cg->pids.now,
		 (long long)(cg->pids.max == MODEL_NO_LIMIT ? -1 : cg->pids.max),
		 (long long)cg->refused);
	add(l, "pids: ", text);
	snprintf(text, sizeof(text), "freezer %s, weight %lld, cpus %.40s", frozen_name(cg->frozen),
		 (long long)cg->shares, cg->cpuset[0] ? cg->cpuset : "-");
	add(l, "", text);
	snprintf(text, sizeof(text), "%.0f bytes/s read, %.0f written", cg->read_rate,
		 cg->write_rate);
	add(l, "io: ", text);
}

static void fill(struct lines *l, const struct view *view, const struct model *model)
{
	const struct row *row = model_row(model, view->cursor);
	const struct identity *id = &model->id;

	l->count = 0;
	switch (view->pane) {
	case PANE_TREE:
		if (row)
			process(l, model, row);
		break;
	case PANE_NS:
		namespaces(l, model);
		break;
	case PANE_CGROUP:
		cgroup(l, &model->cgroup);
		break;
	case PANE_IDENTITY:
		if (view->item[PANE_IDENTITY] == IDI_CAPS) {
			capabilities(l, id->cap_eff);
			break;
		}
		add(l, "uid_map ", id->uid_map);
		add(l, "gid_map ", id->gid_map);
		add(l, "root ", id->root_fs);
		add(l, "upper ", id->upper ? id->upper : "(none)");
		add_list(l, "lower layers, the lowest first", &id->lowers);
		add_list(l, "volumes", &id->volumes);
		add_list(l, "masked paths", &id->masked);
		break;
	default:
		for (int i = model->changes_count - 1; i >= 0; i--)
			add(l, "", model->changes[i].text);
	}
}

static struct lines *current(const struct view *view, const struct model *model)
{
	static struct lines lines;

	fill(&lines, view, model);
	return &lines;
}

int detail_lines(const struct view *view, const struct model *model)
{
	return current(view, model)->count;
}

const char *detail_line(const struct view *view, const struct model *model, int line)
{
	struct lines *lines = current(view, model);

	return line >= 0 && line < lines->count ? lines->text[line] : "";
}
