/*
 * model.c: making, filling and taking back the model.
 */
#define _GNU_SOURCE
#include "model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void model_init(struct model *model)
{
	memset(model, 0, sizeof(*model));
	struct cgroup_model *cg = &model->cgroup;
	cg->cpu = cg->quota = cg->tighter_quota = cg->read_rate = cg->write_rate = -1;
	cg->shares = cg->periods = cg->throttled = cg->throttled_us = -1;
	cg->peak = cg->cache = cg->anon = cg->failcnt = cg->oom_kill = cg->refused = -1;
	cg->memory = cg->pids = (struct usage){ .now = -1, .max = -1, .tighter = -1 };
	cg->frozen = -1;
	model->id.cap_eff = -1;
	model->id.seccomp = model->id.no_new_privs = -1;
	for (int k = 0; k < NS_KINDS; k++)
		model->ns[k].verdict = NS_ABSENT;
}

void model_free(struct model *model)
{
	named_list_clear(&model->id.lowers);
	named_list_clear(&model->id.volumes);
	named_list_clear(&model->id.masked);
	free(model->id.upper);
	free(model->rows);
	model_init(model);
}

struct row *model_add_row(struct model *model)
{
	if (model->rows_count == model->rows_room) {
		int room = model->rows_room ? 2 * model->rows_room : 64;
		struct row *rows = reallocarray(model->rows, (size_t)room, sizeof(*rows));
		if (!rows)
			return NULL;
		model->rows = rows;
		model->rows_room = room;
	}
	struct row *row = &model->rows[model->rows_count++];
	memset(row, 0, sizeof(*row));
	return row;
}

const struct row *model_row(const struct model *model, pid_t pid)
{
	int low = 0, high = model->rows_count;

	while (low < high) {
		int middle = (low + high) / 2;
		if (model->rows[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < model->rows_count && model->rows[low].pid == pid ? &model->rows[low] : NULL;
}

void named_list_add(struct named_list *list, const char *text)
{
	if (list->count < MODEL_LIST && !(list->item[list->count] = strdup(text)))
		return;
	list->count++;
}

void named_list_clear(struct named_list *list)
{
	for (int i = 0; i < MODEL_LIST; i++)
		free(list->item[i]);
	memset(list, 0, sizeof(*list));
}

void model_change(struct model *model, enum change_kind kind, const char *format, ...)
{
	va_list args;

	if (model->changes_count == MODEL_CHANGES)
		memmove(model->changes, model->changes + 1,
			--model->changes_count * sizeof(*model->changes));
	struct change *change = &model->changes[model->changes_count++];
	change->at = model->clock;
	change->kind = kind;
	va_start(args, format);
	vsnprintf(change->text, sizeof(change->text), format, args);
	va_end(args);
}

const char *relation_name(enum relation relation)
{
	static const char *const names[] = {
		"host", "parent", "init", "member", "joined", "shares"
	};
	return names[relation];
}

const char *ns_verdict_name(enum ns_verdict verdict)
{
	static const char *const names[] = { "own", "shared", "denied", "absent" };
	return names[verdict];
}

const char *change_name(enum change_kind kind)
{
	static const char *const names[] = {
		"born",	   "ended",  "zombie", "throttled", "oom",
		"refused", "frozen", "thawed", "quota",	    "container"
	};
	return names[kind];
}

const char *frozen_name(int frozen)
{
	return frozen == 0 ? "thawed" : frozen == 1 ? "freezing" : frozen == 2 ? "FROZEN" : "-";
}

const char *layout_name(enum cgroup_layout layout)
{
	static const char *const names[] = { "none", "v1", "v2", "hybrid" };
	return names[layout];
}

bool row_is_inside(const struct row *row)
{
	return row->relation == REL_INIT || row->relation == REL_MEMBER ||
	       row->relation == REL_JOINED;
}
