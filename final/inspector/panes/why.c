/*
 * why.c: F7's answer from a pane's words: the numbers of the process under the cursor and the
 * directory of the container's cgroup are put in.
 */
#define _GNU_SOURCE
#include "why.h"

#include <stdio.h>
#include <string.h>

/* The cgroup's directory, as a shell would find it. */
static void cgroup_dir(const struct model *model, const char *v1_tree, char *out, size_t size)
{
	const char *path = strcmp(model->cgroup.path, "/") == 0 ? "" : model->cgroup.path;

	if (model->layout == CGROUP_V2)
		snprintf(out, size, "/sys/fs/cgroup%s", path);
	else
		snprintf(out, size, "/sys/fs/cgroup/%s%s", v1_tree ? v1_tree : "cpu", path);
}

/* A format that may use only some of its numbered arguments: printf wants none left out, so they
 * are put in by hand. */
static void expand(char *out, size_t size, const char *format, pid_t pid, pid_t ppid, pid_t init,
		   const char *dir)
{
	size_t used = 0;

	for (const char *c = format; *c && used + 1 < size;) {
		if (c[0] == '%' && c[1] >= '1' && c[1] <= '4' && c[2] == '$') {
			int numbers[] = { pid, ppid, init };
			if (c[1] == '4')
				snprintf(out + used, size - used, "%s", dir);
			else
				snprintf(out + used, size - used, "%d", numbers[c[1] - '1']);
			used += strlen(out + used);
			c += 4;
		} else {
			out[used++] = *c++;
		}
	}
	out[used < size ? used : size - 1] = '\0';
}

void why_answer(struct why_cell *out, const struct why_words *words, const char *here,
		const struct model *model, const struct view *view)
{
	const struct row *row = model_row(model, view->cursor);
	pid_t pid = row ? row->pid : model->box.init ? model->box.init : 1;
	pid_t ppid = row ? row->ppid : 0, init = model->box.init ? model->box.init : pid;
	bool v1 = model->layout != CGROUP_V2 && words->v1_command;
	char dir[300], text[400];

	cgroup_dir(model, words->v1_tree, dir, sizeof(dir));
	expand(text, sizeof(text), words->text, pid, ppid, init, dir);
	snprintf(out->text, sizeof(out->text), "%s%.*s", here, *here ? 330 : 399, text);
	expand(out->command, sizeof(out->command), v1 ? words->v1_command : words->command, pid,
	       ppid, init, dir);
	snprintf(out->title, sizeof(out->title), "%s", words->title);
	snprintf(out->lesson, sizeof(out->lesson), "%s", words->lesson);
}
