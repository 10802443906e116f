/* Records, and what they entitle to: torn ones, strangers' numbers, shared parents. */
#define _GNU_SOURCE
#include "final/runtime/state/remove_tree.h"
#include "final/engine/state_end.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step05_cgroup_cpu/given/cgroup_group.h"
#include "step05_cgroup_cpu/given/cgroup_members.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char scratch[64];
static struct state state;

static int set_up(void **unused)
{
	const char *tmp = getenv("TMPDIR");
	char root[96];

	(void)unused;
	snprintf(scratch, sizeof(scratch), "%.40s/minibox-test-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(scratch))
		return -1;
	snprintf(root, sizeof(root), "%s/sta\nte", scratch);
	sys_failure_clear();
	return state_open(root, &state);
}

static int tear_down(void **unused)
{
	struct left left;

	(void)unused;
	close(state.images), close(state.containers), close(state.volumes);
	char *name = strrchr(scratch, '/');
	*name = '\0';
	int tmp = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = remove_tree_at(tmp, name + 1, NULL, &left);
	close(tmp);
	return result;
}

/* A process that is nobody's container. */
static pid_t stranger(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	return pid;
}

static bool lives(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == 0;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* As after kill -9 of its owner: the locks are free, the directory is there. */
static void abandon(struct box_state *box)
{
	record_free(&box->record);
	close(box->dir);
	close(box->lock);
}

static bool there(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static const char volume[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/* ---- records ---- */

static void round_trip(void **unused)
{
	struct box_state box;
	struct record again;
	char why[256];

	(void)unused;
	assert_int_equal(state_new_container(&state, "web", &box), 0);
	struct record_group *group = record_add_group(&box.record);
	snprintf(group->path, sizeof(group->path), "/a \"b\"\n\\\x01\x80\xff{}");
	group->role = CGROUP_NEST;
	group->made = true;
	group->id = (struct ns_id){ .dev = 0xfffffff, .ino = 0x7fffffffffffffff };
	box.record.pid = 4711;
	box.record.start = 1234567890123;
	assert_int_equal(state_new_volume(&box, volume), 0);
	assert_int_equal(record_read(box.dir, box.id, &again, why), 0);
	assert_string_equal(again.name, "web");
	assert_string_equal(again.boot, box.record.boot);
	assert_int_equal(again.pid, 4711);
	assert_int_equal(again.start, 1234567890123);
	assert_int_equal(again.groups.count, 1);
	assert_string_equal(again.groups.list[0].path, "/a \"b\"\n\\\x01\x80\xff{}");
	assert_int_equal(again.groups.list[0].role, CGROUP_NEST);
	assert_int_equal(again.groups.list[0].id.ino, 0x7fffffffffffffff);
	assert_int_equal(again.volume_count, 1);
	assert_true(again.volumes[0].made);
	record_free(&again);
	box.record.groups.count = 0;
	box.record.pid = 0;
	state_remove_container(&box);
	assert_false(there(state.volumes, volume));
	assert_int_equal(state_gc(&state, GC_QUICK).removed, 0);
}

static void write_record(int dir, const char *text, size_t length)
{
	int fd = openat(dir, "state.json", O_WRONLY | O_TRUNC | O_CLOEXEC);

	assert_int_equal(write(fd, text, length), length);
	close(fd);
}

/* At every length a record says nothing, and nothing is touched: not the volume, not the directory,
 * not a stranger. */
static void torn_at_every_byte(void **unused)
{
	struct box_state box;
	struct record record;
	char why[256], dir_name[ID_SIZE];
	size_t length;
	pid_t pid = stranger();

	(void)unused;
	assert_int_equal(state_new_container(&state, NULL, &box), 0);
	assert_int_equal(state_new_volume(&box, volume), 0);
	assert_int_equal(state_note_process(pid, &box), 0);
	struct record_group *group = record_add_group(&box.record);
	snprintf(group->path, sizeof(group->path), "/sys/fs/cgroup");
	assert_int_equal(record_write(box.dir, &box.record), 0);
	char *text = read_whole_at(box.dir, "state.json", &length);
	assert_non_null(text);
	int dir = dup(box.dir);
	snprintf(dir_name, sizeof(dir_name), "%s", box.id);
	abandon(&box);
	for (size_t n = 0; n < length; n++) {
		write_record(dir, text, n);
		assert_int_equal(record_read(dir, dir_name, &record, why), -1);
		struct gc_result result = state_gc(&state, GC_QUICK);
		assert_int_equal(result.removed, 0);
		assert_int_equal(result.left, 1);
	}
	assert_true(there(state.volumes, volume));
	assert_true(there(state.containers, dir_name));
	assert_true(lives(pid));
	write_record(dir, text, length);
	free(text);
	close(dir);
	/* Whole, it names this very process: then it is ended, and all of it goes. */
	assert_int_equal(state_gc(&state, GC_QUICK).removed, 1);
	assert_false(there(state.volumes, volume));
	assert_false(there(state.containers, dir_name));
	waitpid(pid, NULL, 0);
}

static void notes_of_groups(void **unused)
{
	struct box_state box;
	struct record record;
	char why[256];
	struct cgroup_news news = { .what = CGROUP_WILL_BE, .path = "/no/such/group", .dir = -1 };

	(void)unused;
	assert_int_equal(state_new_container(&state, NULL, &box), 0);
	assert_int_equal(state_note_group(&news, &box), 0);
	assert_int_equal(record_read(box.dir, box.id, &record, why), 0);
	assert_int_equal(record.groups.count, 1);
	assert_false(record.groups.list[0].made);
	record_free(&record);
	news.what = CGROUP_MADE;
	news.dir = state.images; /* any directory has a number */
	assert_int_equal(state_note_group(&news, &box), 0);
	assert_int_equal(record_read(box.dir, box.id, &record, why), 0);
	assert_true(record.groups.list[0].made);
	record_free(&record);
	news.what = CGROUP_NOT_MADE;
	assert_int_equal(state_note_group(&news, &box), 0);
	assert_int_equal(record_read(box.dir, box.id, &record, why), 0);
	assert_int_equal(record.groups.count, 0);
	record_free(&record);
	state_remove_container(&box);
}

/* ---- processes ---- */

static void only_the_recorded_process(void **unused)
{
	struct box_state box;
	struct ending ending = { .timeout_ms = 10000 };
	pid_t pid = stranger();

	(void)unused;
	assert_int_equal(state_new_container(&state, NULL, &box), 0);
	assert_int_equal(state_note_process(pid, &box), 0);
	box.record.start++;
	assert_int_equal(process_end(&box.record, &ending), 0);
	assert_true(lives(pid));
	box.record.start--;
	box.record.pid_ns.ino++;
	assert_int_equal(process_end(&box.record, &ending), 0);
	assert_true(lives(pid));
	box.record.pid_ns.ino--;
	assert_int_equal(process_end(&box.record, &ending), 0);
	assert_false(lives(pid));
	state_remove_container(&box);
	assert_int_equal(sys_failure()->err, 0);
}

/* ---- groups ---- */

static void members_beyond_64_kib(void **unused)
{
	enum { COUNT = 20000 };
	pid_t *pids;
	int hidden = 0;
	int dir = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FILE *file = fdopen(openat(dir, "cgroup.procs", O_WRONLY | O_CREAT | O_CLOEXEC, 0600), "w");

	(void)unused;
	for (int i = COUNT; i > 0; i--)
		fprintf(file, "%d\n", 4000000 + i);
	fprintf(file, "0\n0\n");
	assert_true(ftell(file) > 2 * 65536);
	fclose(file);
	assert_int_equal(cgroup_members(dir, true, &pids, &hidden), COUNT);
	assert_int_equal(hidden, 2);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(pids[i], 4000001 + i);
	free(pids);
	unlinkat(dir, "cgroup.procs", 0);
	close(dir);
}

static void known_groups_only(void **unused)
{
	struct cgroup group = { 0 };
	struct cgroup_host host;
	struct stat st;

	(void)unused;
	assert_int_equal(stat(scratch, &st), 0);
	assert_int_equal(group_add_known(&group, scratch, st.st_dev, st.st_ino), 0);
	assert_int_equal(group_add_known(&group, "/no/such", 1, 1), 0);
	if (cgroup_find(AT_FDCWD, &host) < 0 || !host.trees)
		skip();
	for (int i = 0; i < host.trees; i++) {
		assert_int_equal(stat(host.tree[i].mount, &st), 0);
		assert_int_equal(group_add_known(&group, host.tree[i].mount, st.st_dev, st.st_ino),
				 0);
	}
	assert_int_equal(group.parts, 0);
}

static void no_group_is_no_failure(void **unused)
{
	static struct cgroup_host none;
	struct cgroup group = { 0 };

	(void)unused;
	for (int c = 0; c < CG_KINDS; c++)
		none.of[c] = -1;
	sys_failure_clear();
	assert_false(group_add_to_end(&none, "x", NULL, NULL, &group));
	assert_int_equal(sys_failure()->err, 0);
}

static pid_t stranger_in(const struct cgroup *group)
{
	pid_t pid = stranger();

	assert_int_equal(group_join(group, pid), 0);
	return pid;
}

/* A controller that any process may be moved about in. */
static unsigned need_root_and_pids(struct cgroup_host *host)
{
	struct cgroup_parent parent;

	sys_failure_clear();
	if (geteuid() != 0 || cgroup_find(AT_FDCWD, host) < 0 || host->of[CG_PIDS] < 0 ||
	    cgroup_parent_find(host, host->of[CG_PIDS], CG(CG_PIDS), &parent) < 0 || parent.enable)
		skip();
	return CG(CG_PIDS);
}

/* /pod/a and /pod/b: a's end leaves /pod and b alone, b's end takes /pod. */
static void a_shared_parent(void **unused)
{
	struct cgroup_host host;
	struct box_state box[2];
	struct cgroup group[2];
	struct ending ending = { .timeout_ms = 10000 };
	char path[2][64], above[CG_PATH];
	pid_t pid[2];

	(void)unused;
	unsigned pids = need_root_and_pids(&host);
	for (int i = 0; i < 2; i++) {
		snprintf(path[i], sizeof(path[i]), "/minibox-unit%d/%c", getpid(), 'a' + i);
		assert_int_equal(state_new_container(&state, NULL, &box[i]), 0);
		assert_int_equal(
			group_create(&host, pids, path[i], state_note_group, &box[i], &group[i]),
			0);
		pid[i] = stranger_in(&group[i]);
	}
	/* The same once more is another's: not made, not recorded. */
	struct cgroup third;
	assert_int_equal(group_create(&host, pids, path[1], state_note_group, &box[0], &third), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(box[0].record.groups.count, 2);
	sys_failure_clear();
	snprintf(above, sizeof(above), "%s/minibox-unit%d", host.tree[host.of[CG_PIDS]].mount,
		 getpid());
	assert_int_equal(container_end(&state, box[0].dir, box[0].id, &box[0].record, &ending),
			 END_WAITS); /* for the last one in /pod */
	assert_false(lives(pid[0]));
	assert_true(lives(pid[1]));
	assert_true(there(AT_FDCWD, above));
	assert_false(there(box[0].dir, "config.json"));
	assert_int_equal(container_end(&state, box[1].dir, box[1].id, &box[1].record, &ending),
			 END_GONE);
	assert_false(lives(pid[1]));
	for (int i = 0; i < 2; i++) {
		abandon(&box[i]);
		group_close(&group[i]);
	}
	assert_int_equal(state_gc(&state, GC_QUICK).removed, 1);
	assert_false(there(AT_FDCWD, above));
}

/* Many, also where a kill takes them by number and not by cgroup.kill. */
static void kills_all_of_many(void **unused)
{
	enum { MANY = 300 };
	struct cgroup_host host;
	struct cgroup group;
	char name[64];
	static pid_t pid[MANY];
	pid_t outside = stranger();

	(void)unused;
	unsigned pids = need_root_and_pids(&host);
	snprintf(name, sizeof(name), "minibox-unit%d", getpid());
	assert_int_equal(group_create(&host, pids, name, NULL, NULL, &group), 0);
	for (int i = 0; i < MANY; i++)
		pid[i] = stranger_in(&group);
	assert_int_equal(group_pids(&group, NULL, 0), MANY);
	assert_int_equal(group_kill(&group, 10000), 0);
	for (int i = 0; i < MANY; i++)
		assert_false(lives(pid[i]));
	assert_true(lives(outside));
	stop(outside);
	assert_int_equal(group_remove(&group), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(torn_at_every_byte),
		cmocka_unit_test(notes_of_groups),
		cmocka_unit_test(only_the_recorded_process),
		cmocka_unit_test(members_beyond_64_kib),
		cmocka_unit_test(known_groups_only),
		cmocka_unit_test(no_group_is_no_failure),
		cmocka_unit_test(a_shared_parent),
		cmocka_unit_test(kills_all_of_many),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
