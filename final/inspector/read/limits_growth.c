/*
 * limits_growth.c: what happened in the group since the last look: rates, history, lines of the
 * log.
 */
#define _GNU_SOURCE
#include "limits.h"

#include <stdio.h>
#include <string.h>

static double rate(int64_t now, int64_t then, double seconds)
{
	return now < 0 || then < 0 || now < then || seconds <= 0 ? -1
								 : (double)(now - then) / seconds;
}

static void remember(struct cgroup_model *cg)
{
	if (cg->samples == MODEL_HISTORY) {
		memmove(cg->cpu_history, cg->cpu_history + 1,
			sizeof(*cg->cpu_history) * (MODEL_HISTORY - 1));
		memmove(cg->memory_history, cg->memory_history + 1,
			sizeof(*cg->memory_history) * (MODEL_HISTORY - 1));
		cg->samples--;
	}
	cg->cpu_history[cg->samples] = (float)cg->cpu;
	cg->memory_history[cg->samples++] = (float)cg->memory.now;
}

/* Throttling goes on for many ticks: its line in the log grows instead of filling the log. */
static void note_throttling(struct model *model)
{
	struct change *last = model->changes_count ? &model->changes[model->changes_count - 1]
						   : NULL;

	if (last && last->kind == CH_THROTTLED)
		model->changes_count--;
	model_change(model, CH_THROTTLED, "cpu throttled +%lld, %lld in all",
		     (long long)model->cgroup.throttled_more, (long long)model->cgroup.throttled);
}

static void note_events(struct model *model, struct limits_state *state, int64_t quota_us)
{
	struct cgroup_model *cg = &model->cgroup;

	cg->throttled_more = state->known && state->throttled >= 0 &&
					     cg->throttled > state->throttled
				     ? cg->throttled - state->throttled
				     : 0;
	if (!state->known)
		return;
	if (quota_us != state->quota_us) {
		if (cg->quota < 0)
			model_change(model, CH_QUOTA, "cpu quota is gone: no limit");
		else
			model_change(model, CH_QUOTA, "cpu quota is now %.0f%% of one CPU",
				     cg->quota);
	}
	if (cg->throttled_more)
		note_throttling(model);
	if (state->oom_kill >= 0 && cg->oom_kill > state->oom_kill)
		model_change(model, CH_OOM, "OOM: the kernel killed %lld, memory %s",
			     (long long)(cg->oom_kill - state->oom_kill), "at its limit");
	if (state->refused >= 0 && cg->refused > state->refused)
		model_change(model, CH_REFUSED, "pids.max: %lld forks refused (EAGAIN)",
			     (long long)(cg->refused - state->refused));
	if (cg->frozen != state->frozen && cg->frozen == 2)
		model_change(model, CH_FROZEN, "frozen: no process of the group runs");
	if (cg->frozen == 0 && state->frozen > 0)
		model_change(model, CH_THAWED, "thawed: it runs on");
}

void limits_follow(struct limits_state *state, struct model *model)
{
	const struct cgroup_model *cg = &model->cgroup;

	if (strcmp(state->path, cg->path) == 0)
		return;
	if (state->known)
		model_change(model, CH_QUOTA, "it is in cgroup %s now", cg->path);
	*state = (struct limits_state){ .usage_us = -1, .throttled = -1, .frozen = -1 };
	snprintf(state->path, sizeof(state->path), "%s", cg->path);
}

/* Where the group has no counter of its own. */
static double sum_of_processes(const struct model *model)
{
	double sum = -1;

	for (int i = 0; i < model->rows_count; i++)
		if (row_is_inside(&model->rows[i]) && model->rows[i].cpu >= 0)
			sum = (sum < 0 ? 0 : sum) + model->rows[i].cpu;
	return sum;
}

void limits_grown(int64_t usage_us, int64_t read_bytes, int64_t write_bytes, double seconds,
		  struct limits_state *state, struct model *model)
{
	struct cgroup_model *cg = &model->cgroup;
	double elapsed = state->known ? seconds - state->seconds : 0;
	double per_second = rate(usage_us, state->usage_us, elapsed);
	int64_t quota_us = cg->quota < 0 ? -1 : (int64_t)(cg->quota * 1000);

	cg->cpu = per_second < 0 ? -1 : per_second / 1e4;
	cg->read_rate = rate(read_bytes, state->read_bytes, elapsed);
	cg->write_rate = rate(write_bytes, state->write_bytes, elapsed);
	note_events(model, state, quota_us);
	cg->cpu_by_process = usage_us < 0;
	if (cg->cpu_by_process)
		cg->cpu = sum_of_processes(model);
	if (cg->cpu >= 0)
		remember(cg);
	*state = (struct limits_state){ .seconds = seconds,
					.usage_us = usage_us,
					.throttled = cg->throttled,
					.oom_kill = cg->oom_kill,
					.refused = cg->refused,
					.read_bytes = read_bytes,
					.write_bytes = write_bytes,
					.quota_us = quota_us,
					.frozen = cg->frozen,
					.known = true };
	snprintf(state->path, sizeof(state->path), "%s", cg->path);
}
