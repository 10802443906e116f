/*
 * devices.c: which device nodes work.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "step05_cgroup_cpu/given/cgroup_bpf.h"
#include "step05_cgroup_cpu/given/cgroup_devices.h"
#include "scenes.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct attempts {	      /* in shared memory */
	int null, zero, made; /* errno, 0 for success */
};

static int try_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int attempt(void *arg)
{
	struct attempts *out = arg;

	out->null = try_open("/dev/null");
	out->zero = try_open("/dev/zero");
	unlink("/mnt/node");
	out->made = mknod("/mnt/node", S_IFCHR | 0600, makedev(1, 5)) < 0 ? errno : 0;
	return 0;
}

static const char *outcome_of(int err)
{
	return err ? strerror(err) : "allowed";
}

static const struct device_rule rules[] = { { true, 'c', 1, 3,
					      "rw" } }; /* /dev/null, and nothing else */

static void set_rules(const struct cgroup_part *part)
{
	sys_failure_clear();
	if (broken("rules")) {
		say("(no rules are written)");
		return;
	}
	if (cgroup_devices(part->dir, part->version, rules, 1) == 0)
		return;
	if (part->version == 2 && (errno == EINVAL || errno == ENOSYS || errno == EPERM))
		skip_scene("a kernel with CONFIG_CGROUP_BPF=y, and root",
			   "bpf(2) refuses the program: %s", strerror(errno));
	fail_scene();
}

/* How each layout holds the rules. */
static void tell_layout(const struct cgroup_part *part)
{
	struct bpf_insn program[BPF_DEVICE_MAX];
	char list[128];
	int length = bpf_device_program(rules, 1, program, BPF_DEVICE_MAX);

	if (part->version == 1) {
		show("cat devices.list");
		evidence("%s", arena_text(part->dir, "devices.list", list, sizeof(list)));
		say("v2 has no such file: a BPF program of %d instructions would be asked", length);
	} else {
		say("A BPF program of %d instructions, attached to the directory, is asked",
		    length);
		say("v1 would be: echo a > devices.deny; echo \"c 1:3 rw\" > devices.allow");
	}
}

static void judge(const struct attempts *before, const struct attempts *after)
{
	value("null", "%d", after->null);
	value("zero", "%d", after->zero);
	value("mknod", "%d", after->made);
	check(before->null == 0 && before->zero == 0 && before->made == 0,
	      "before, all three should work");
	check(after->null == 0, "/dev/null should stay: %s", outcome_of(after->null));
	if (broken("rules")) {
		check(after->zero == 0 && after->made == 0,
		      "without rules the others should work too");
		verdict("every node is usable: a container could make /dev/sda and read it");
		return;
	}
	check(after->zero == EPERM, "/dev/zero should be EPERM, is: %s", outcome_of(after->zero));
	check(after->made == EPERM, "mknod should be EPERM, is: %s", outcome_of(after->made));
	verdict("root, with every capability, and yet: %s", strerror(after->zero));
}

void scene_devices(void)
{
	struct attempts *seen = mmap(NULL, 2 * sizeof(*seen), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct cgroup group;

	if (seen == MAP_FAILED || SYS(mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0700"), "/mnt") < 0)
		fail_scene();
	act(broken("rules") ? "a group of its own"
			    : "a group that may use /dev/null (1:3) and nothing else");
	arena_group(&group, CG(CG_DEVICES), "devices");
	const struct cgroup_part *part = group_part(&group, CG_DEVICES);
	if (arena_wait(arena_run(&group, attempt, &seen[0])) != 0)
		fail_scene();
	set_rules(part);
	if (arena_wait(arena_run(&group, attempt, &seen[1])) != 0)
		fail_scene();
	heads("BEFORE", "AFTER");
	row("/dev/null", "%s\t%s", outcome_of(seen[0].null), outcome_of(seen[1].null));
	row("/dev/zero", "%s\t%s", outcome_of(seen[0].zero), outcome_of(seen[1].zero));
	row("mknod 1:5", "%s\t%s", outcome_of(seen[0].made), outcome_of(seen[1].made));
	tell_layout(part);
	act(NULL);
	judge(&seen[0], &seen[1]);
	arena_end(&group);
}
