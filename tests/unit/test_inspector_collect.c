/*
 * test_inspector_collect.c: ticks over a made-up /proc of 2,000 processes, which changes.
 */
#define _GNU_SOURCE
#include "final/inspector/read/collect.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[64];

static void put(const char *path, const char *text)
{
	char whole[160];

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	int fd = open(whole, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* inside 0: a process of the host. */
static void process(pid_t pid, pid_t ppid, char state, unsigned start, pid_t inside)
{
	static const char *const kinds[] = { "pid", "mnt",  "uts",    "ipc",
					     "net", "user", "cgroup", "time" };
	char path[96], text[300], *to = text;

	snprintf(path, sizeof(path), "%s/proc/%d", root, pid);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/proc/%d/ns", root, pid);
	if (mkdir(path, 0755) == 0)
		for (int k = 0; k < 8; k++) {
			snprintf(path, sizeof(path), "%s/proc/%d/ns/%s", root, pid, kinds[k]);
			snprintf(text, sizeof(text), "%s:[%u]", kinds[k],
				 (inside && k < 2 ? 5000U : 4000U) + (unsigned)k);
			assert_int_equal(symlink(text, path), 0);
		}
	snprintf(path, sizeof(path), "proc/%d/stat", pid);
	to += sprintf(to, "%d (p%d) %c %d 1 1 0 -1 0 0 0 0 0 7 3 0 0 20 0 1 0 %u 0 25", pid, pid,
		      state, ppid, start);
	for (int i = 0; i < 27; i++)
		to += sprintf(to, " 0");
	sprintf(to, " %d", state == 'Z' ? 9 : 0);
	put(path, text);
	snprintf(path, sizeof(path), "proc/%d/status", pid);
	if (inside)
		snprintf(text, sizeof(text), "Name:\tx\nUid:\t1\t1000\t1\t1\nNSpid:\t%d\t%d\n", pid,
			 inside);
	else
		snprintf(text, sizeof(text), "Name:\tx\nUid:\t0\t0\t0\t0\nNSpid:\t%d\n", pid);
	put(path, text);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st, (void)type, (void)walk;
	return remove(path);
}

static void gone(pid_t pid)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/proc/%d", root, pid);
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

enum { MANY = 2000, FIRST = 1000 };

static int make_host(void **state)
{
	char path[96];

	(void)state;
	snprintf(root, sizeof(root), "/tmp/test_inspector.XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/proc", root);
	mkdir(path, 0755);
	process(1, 0, 'S', 1, 0);
	process(2, 0, 'S', 1, 0);
	process(900, 1, 'S', 5, 0);
	process(FIRST, 900, 'S', 10, 1);
	for (pid_t i = 1; i < MANY; i++)
		process(FIRST + i, FIRST + i / 10, 'S', 10 + (unsigned)i, 1 + i);
	snprintf(path, sizeof(path), "%s/proc/self", root);
	assert_int_equal(symlink("1", path), 0);
	snprintf(path, sizeof(path), "%s/proc/%d/uid_map", root, FIRST);
	put(path + strlen(root) + 1, "0 1000 1\n");
	return 0;
}

static int remove_host(void **state)
{
	(void)state;
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *last_change(const struct model *model, enum change_kind kind)
{
	for (int i = model->changes_count - 1; i >= 0; i--)
		if (model->changes[i].kind == kind)
			return model->changes[i].text;
	return "";
}

static void two_thousand(void **state)
{
	struct collector c;
	struct model model;

	(void)state;
	model_init(&model);
	assert_int_equal(collector_open(&c, root), 0);
	assert_int_equal(collector_tick(&c, 1000, 0, &model), 0);
	assert_true(model.found);
	assert_int_equal(model.box.init, FIRST);
	assert_int_equal(model.processes, MANY + 3);
	assert_int_equal(model.rows_count, MANY + 1); /* and the parent of init */
	assert_int_equal(model.boxes_count, 1);
	assert_int_equal(model.boxes[0].processes, MANY);
	const struct row *row = model_row(&model, FIRST + 77);
	assert_non_null(row);
	assert_int_equal(row->inside, 78);
	assert_int_equal(row->inside_ppid, 8);
	assert_int_equal(row->uid, 1000);
	assert_int_equal(row->inside_uid, 0);
	assert_int_equal(row->relation, REL_MEMBER);
	assert_int_equal(model_row(&model, 900)->relation, REL_PARENT);
	assert_int_equal(model.ns[NS_PID].verdict, NS_OWN);
	assert_int_equal(model.ns[NS_PID].inside, 5000);
	assert_int_equal(model.ns[NS_MNT].members, MANY);
	assert_int_equal(model.ns[NS_NET].verdict, NS_SHARED);
	assert_int_equal(model.changes_count, 0); /* what was here before us is no news */

	/* One is born, one dies unwaited-for, one goes, one comes in from outside. */
	process(4000, FIRST, 'R', 9000, 3001);
	process(FIRST + 1999, FIRST + 199, 'Z', 10 + 1999, 2000);
	gone(FIRST + 1998);
	process(4001, 900, 'S', 9001, 3002);
	assert_int_equal(collector_tick(&c, 2000, 1, &model), 0);
	assert_string_equal(last_change(&model, CH_BORN), "4001 = ns 3002 p4001, parent 900 p900");
	assert_int_equal(model_row(&model, 4001)->relation, REL_JOINED);
	assert_int_equal(model_row(&model, 4001)->inside_ppid, 0);
	assert_string_equal(last_change(&model, CH_ZOMBIE),
			    "2999 p2999 killed by signal 9, 1199 p1199 has not wait()ed for it");
	assert_string_equal(last_change(&model, CH_ENDED), "2998 = ns 1999 p2998 ended");
	assert_int_equal(model_row(&model, FIRST + 1998)->ended, 1);
	assert_int_equal(model_row(&model, 4000)->born, 0);

	/* The same number, another process: known by its start time. */
	gone(4000);
	process(4000, FIRST, 'S', 9500, 3003);
	assert_int_equal(collector_tick(&c, 3000, 2, &model), 0);
	assert_int_equal(model_row(&model, 4000)->inside, 3003);
	assert_int_equal(model_row(&model, 4000)->born, 0);
	for (int i = 0; i < MODEL_FRESH + 1; i++)
		collector_tick(&c, 4000 + i, 3 + i, &model);
	assert_null(model_row(&model, FIRST + 1998)); /* shown long enough */
	assert_int_equal(model_row(&model, 4000)->born, MODEL_FRESH);

	/* Init goes: the picture stays for a moment, then there is nothing to look at. */
	for (pid_t pid = FIRST; pid < FIRST + MANY; pid++)
		gone(pid);
	gone(4000);
	gone(4001);
	collector_tick(&c, 9000, 9, &model);
	assert_true(!model.found && model.ended);
	assert_true(model.rows_count > MANY - 10);
	for (int i = 0; i < MODEL_FRESH; i++)
		collector_tick(&c, 9100 + i, 10 + i, &model);
	assert_true(!model.found && !model.ended);
	assert_int_equal(model.rows_count, 3);
	model_free(&model);
	collector_close(&c);
}

/* A /proc without anything, a stat of nonsense: no crash, and no process. */
static void broken_proc(void **state)
{
	struct collector c;
	struct model model;

	(void)state;
	model_init(&model);
	put("proc/900/stat", "nonsense");
	put("proc/1/status", "NSpid:\nUid:\n");
	assert_int_equal(collector_open(&c, root), 0);
	assert_int_equal(collector_tick(&c, 0, 0, &model), 0);
	assert_null(model_row(&model, 900));
	model_free(&model);
	collector_close(&c);
	assert_int_equal(collector_open(&c, "/nonexistent"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(two_thousand),
					    cmocka_unit_test(broken_proc) };

	return cmocka_run_group_tests(tests, make_host, remove_host);
}
