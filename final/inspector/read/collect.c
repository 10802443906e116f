/*
 * collect.c: the parts of a tick, in their order.
 */
#define _GNU_SOURCE
#include "collect.h"
#include "choose.h"
#include "identity.h"
#include "rows.h"
#include "stand_in.h"
#include "step01_clone_pid/floor/meet/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SLOW = 5, CGROUP_CANDIDATES = 24 };

static void close_roots(struct collector *c)
{
	if (c->procfd >= 0)
		close(c->procfd);
	if (c->rootfd >= 0)
		close(c->rootfd);
	c->procfd = c->rootfd = -1;
}

int collector_reopen(struct collector *c, const char *root)
{
	int saved;

	close_roots(c);
	c->live = root == NULL;
	/* A fixture gives the same picture to everybody. */
	c->uid = c->live ? getuid() : NOBODYS;
	c->session = c->live ? getsid(0) : 0;
	c->rootfd = open(root ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->rootfd < 0)
		return -1;
	c->procfd = openat(c->rootfd, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c->procfd >= 0)
		return 0;
	saved = errno;
	close_roots(c);
	errno = saved;
	return -1;
}

int collector_open(struct collector *c, const char *root)
{
	memset(c, 0, sizeof(*c));
	c->rootfd = c->procfd = -1;
	c->mounts_read = -1;
	if (collector_reopen(c, root) < 0)
		return -1;
	if (c->live)
		scan_keep_files(&c->scan, c->procfd);
	return 0;
}

void collector_close(struct collector *c)
{
	scan_free(&c->scan);
	close_roots(c);
}

static void read_host(struct collector *c, struct model *model)
{
	char name[66];

	/* Hierarchies and our own namespaces hardly change: a look now and then is enough. */
	if (c->ticks % (SLOW * 2) == 0) {
		cgroup_find(c->rootfd, &c->cgroups);
		host_namespaces(c->procfd, c->host);
	}
	model->layout = c->cgroups.layout;
	memcpy(model->ns_host, c->host, sizeof(c->host));
	if (read_file_at(c->procfd, "sys/kernel/hostname", name, sizeof(name)) > 0)
		snprintf(model->host_name, sizeof(model->host_name), "%.*s",
			 (int)strcspn(name, "\n"), name);
}

/* What is compared with: for the scene's own world (a demo whose container has no namespace of its
 * own: a control group, a flag left out) that is the scene itself, as the demo has it. */
static const struct process *base_of(const struct collector *c, const struct process *init)
{
	const struct process *stand_in = compared_with(&c->scan, init);

	return stand_in ? stand_in : init->stand_in ? init : NULL;
}

static void read_stand_in(const struct collector *c, const struct process *init,
			  struct model *model)
{
	const struct process *stand_in = base_of(c, init);
	pid_t before = model->stand_in;

	model->stand_in = stand_in ? stand_in->pid : 0;
	snprintf(model->stand_in_of, sizeof(model->stand_in_of), "%.6s",
		 stand_in ? stand_in->comm : "");
	if (model->stand_in != before)
		model->stand_in_name[0] = '\0';
}

/* Of every kind: whose inode, who else is in it. */
static void read_namespaces(const struct collector *c, const struct process *init,
			    struct model *model)
{
	const struct process *stand_in = base_of(c, init);
	int levels = stand_in ? stand_in->levels : 1;

	for (int k = 0; k < NS_KINDS; k++) {
		struct ns_row *ns = &model->ns[k];
		uint32_t base = stand_in ? stand_in->ns[k] : c->host[k];
		*ns = (struct ns_row){ .host = c->host[k], .base = base, .inside = init->ns[k] };
		ns->verdict = !base				     ? NS_ABSENT
			      : init->ns[k] && init->ns[k] != base   ? NS_OWN
			      : init->ns[k]			     ? NS_SHARED
			      : k == NS_PID && init->levels > levels ? NS_OWN
								     : NS_DENIED;
	}
	for (int i = 0; i < c->scan.count; i++) {
		const struct process *p = &c->scan.table[i];
		const struct row *row = model_row(model, p->pid);
		bool inside = row && row_is_inside(row);
		for (int k = 0; k < NS_KINDS; k++) {
			struct ns_row *ns = &model->ns[k];
			if (!ns->inside || p->ns[k] != ns->inside)
				continue;
			if (inside)
				ns->members++;
			else if (ns->others++ == 0 || ns->verdict == NS_OWN)
				snprintf(ns->who, sizeof(ns->who), "%d %.31s", p->pid, p->comm);
		}
	}
}

static void read_limits(struct collector *c, const struct process *init, double seconds,
			struct model *model)
{
	pid_t pids[CGROUP_CANDIDATES] = { init->pid };
	const char *text;
	int count = 1;

	for (int i = 0; i < model->rows_count && count < CGROUP_CANDIDATES; i++)
		if (row_is_inside(&model->rows[i]) && model->rows[i].pid != init->pid &&
		    !model->rows[i].ended)
			pids[count++] = model->rows[i].pid;
	model->cgroup.own = limits_choose(c->procfd, &c->cgroups, pids, count, model->cgroup.path,
					  sizeof(model->cgroup.path), &text);
	limits_read(c->rootfd, &c->cgroups, text, seconds, &c->limits, model);
}

static void read_identity(struct collector *c, const struct process *init, struct model *model)
{
	const struct process *stand_in = base_of(c, init);
	struct identity *id = &model->id;

	identity_read(c->procfd, init->pid, id);
	if (c->mounts_read >= 0 && ++c->mounts_read < SLOW && !(init->born < MODEL_FRESH))
		return;
	c->mounts_read = 0;
	rootfs_read(c->procfd, init->pid, id);
	id->hostname[0] = '\0';
	if (c->live && stand_in)
		hostname_ask(c->procfd, stand_in->pid, stand_in->start, model->stand_in_name);
	if (model->ns[NS_UTS].verdict == NS_SHARED)
		snprintf(id->hostname, sizeof(id->hostname), "%s",
			 model->stand_in ? model->stand_in_name : model->host_name);
	else if (c->live)
		hostname_ask(c->procfd, init->pid, init->start, id->hostname);
}

/* The log and the counters are of one container: another one begins anew. */
static void begin_box(struct collector *c, struct model *model)
{
	double interval = model->interval;
	struct change last = { .kind = CH_KINDS };

	if (c->known_init == c->init)
		return;
	if (c->known_init && model->changes_count)
		last = model->changes[model->changes_count - 1];
	int64_t clock = model->clock;
	model_free(model);
	model->clock = clock;
	model->interval = interval;
	if (last.kind != CH_KINDS)
		model->changes[model->changes_count++] = last;
	c->limits = (struct limits_state){ 0 };
	c->mounts_read = -1;
	c->known_init = c->init;
}

int collector_tick(struct collector *c, int64_t clock, double seconds, struct model *model)
{
	model->clock = clock;
	read_host(c, model);
	if (scan_tick(&c->scan, c->procfd, seconds) < 0)
		return -1;
	struct box boxes[MODEL_BOXES];
	stand_ins_mark(&c->scan);
	int boxes_count = boxes_find(&c->scan, c->procfd, c->host, boxes, MODEL_BOXES);
	choose_box(c, boxes, boxes_count);
	begin_box(c, model);
	if (c->note[0])
		model_change(model, CH_BOX, "%s", c->note);
	read_host(c, model);
	memcpy(model->boxes, boxes, sizeof(*boxes) * (size_t)boxes_count);
	model->boxes_count = boxes_count;
	model->processes = c->scan.count;
	model->denied = c->scan.denied;
	const struct process *init = c->ended ? NULL : scan_find(&c->scan, c->init);
	model->found = init != NULL;
	model->ended = c->ended > 0;
	if (init)
		box_of(&c->scan, c->procfd, c->host, init, &model->box);
	for (int i = 0; init && i < boxes_count; i++)
		if (boxes[i].init == model->box.init)
			model->box.processes = boxes[i].processes;
	if (rows_update(c, init, model) < 0)
		return -1;
	if (init) {
		read_stand_in(c, init, model);
		read_namespaces(c, init, model);
		read_identity(c, init, model);
		read_limits(c, init, seconds, model);
	}
	c->ticks++;
	return 0;
}
