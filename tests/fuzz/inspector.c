/*
 * inspector.c: the inspector reads what others choose: process names, cgroup paths, recordings.
 * Arbitrary bytes into every parser of the collector, and the renderer over what came of it.
 *
 * With clang:    tests/fuzz/run inspector 60     (libFuzzer, AddressSanitizer, 60 s)
 * With gcc:      the same; a driver of our own throws mutated seeds at it.
 */
#define _GNU_SOURCE
#include "final/inspector/read/kind.h"
#include "final/inspector/text/message.h"
#include "final/inspector/model/model_json.h"
#include "final/inspector/text/printable.h"
#include "final/inspector/model/record_line.h"
#include "final/inspector/view/render.h"
#include "final/inspector/read/scan.h"
#include "final/inspector/panes/pane.h"
#include "step01_clone_pid/clone_pid.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"
#include "step04_net_user/given/id_map.h"
#include "step05_cgroup_cpu/given/cgroup_find.h"
#include "step05_cgroup_cpu/given/cgroup_file.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"
#include "step06_overlay_rootfs/given/overlay_info.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void small_parsers(const char *text)
{
	struct cgroup_tree tree = { .version = 1, .subsystems = "cpu", .root = "/", .mount = "/c" };
	struct proc_stat stat;
	struct id_map map[4];
	struct cgroup_cpu_stat cpu;
	struct cgroup_io_stat io;
	char kind[16], name[64], path[64], value[16];
	pid_t pids[4];

	proc_stat_parse(text, &stat);
	nspid_parse(text, pids, 4);
	status_value(text, "Uid", value, sizeof(value));
	ns_link_parse(text);
	id_map_parse(text, map, 4);
	cgroup_key(text, "nr_throttled");
	cgroup_key(text, "throttled_usec");
	cgroup_cpu_max_parse(text, &cpu);
	cgroup_io_stat_parse(text, 1, &io);
	cgroup_io_stat_parse(text, 2, &io);
	cgroup_number_parse(text);
	cgroup_path_parse(text, &tree, path, sizeof(path));
	tree.version = 2;
	cgroup_path_parse(text, &tree, path, sizeof(path));
	kind_of_cgroup(text, kind, sizeof(kind), name, sizeof(name));
	name_of_conmon(text, strlen(text), name, sizeof(name));
}

static void mounts(const char *text)
{
	struct mountinfo mount;
	struct overlay_info info;
	char *copy = strdup(text);

	if (copy && mountinfo_parse(copy, &mount) == 0 &&
	    overlay_info_parse(mount.super_options, &info) == 0)
		overlay_info_free(&info);
	free(copy);
	if (overlay_info_parse(text, &info) == 0)
		overlay_info_free(&info);
}

/* A recording of any bytes: the lines are those that getline(3) finds, or it is refused. */
static void recording(const uint8_t *data, size_t size)
{
	char *line = NULL, *same = NULL;
	size_t room = 0, same_room = 0;
	FILE *file = size ? fmemopen((void *)data, size, "r") : NULL;
	FILE *other = size ? fmemopen((void *)data, size, "r") : NULL;

	while (file && other && record_line(file, &line, &room) == RECORD_LINE) {
		ssize_t n = getline(&same, &same_room, other);
		if (n > 0 && same[n - 1] == '\n')
			same[--n] = '\0';
		if (n < 0 || strcmp(line, same) != 0)
			abort();
	}
	free(line);
	free(same);
	if (file)
		fclose(file);
	if (other)
		fclose(other);
}

/* What a message shows is harmless, and no line more. */
static void message(const char *text)
{
	const char *rest = for_terminal(text);

	for (uint32_t ch; (ch = utf8_next(&rest));)
		if (!char_is_harmless(ch))
			abort();
}

/* What reaches a cell is harmless, whatever it was. */
static void screen(const struct model *model, const char *text)
{
	struct view view = { .popup = (enum popup)(strlen(text) % (POP_SORT + 1)),
			     .cursor = model->box.init };
	struct order order = { 0 };
	struct grid grid;

	if (grid_make(&grid, 80, 24, strlen(text) % 2) < 0)
		return;
	if (order_rows(model, &view.wish, &order) == 0) {
		view_settle(&view, model, &order, 6);
		render(model, &view, &order, &grid);
		render_vs(model, model, &view, &grid);
	}
	grid_text(&grid, 1, 1, 20, ST_PLAIN, text);
	for (int i = 0; i < 80 * 24; i++)
		if (grid.cells[i].ch && !char_is_harmless(grid.cells[i].ch))
			abort();
	grid_free(&grid);
	order_free(&order);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct model model;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	small_parsers(text);
	recording(data, size);
	message(text);
	mounts(text);
	model_init(&model);
	if (model_from_json(text, &model) == 0) {
		/* What we read we must be able to write and read again. */
		char *line = NULL;
		size_t length;
		FILE *out = open_memstream(&line, &length);
		if (!out || model_to_json(&model, out) < 0 || fclose(out) != 0 ||
		    model_from_json(line, &model) < 0)
			abort();
		free(line);
	}
	screen(&model, text);
	model_free(&model);
	free(text);
	return 0;
}
