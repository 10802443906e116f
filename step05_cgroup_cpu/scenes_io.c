/*
 * scenes_io.c: disks and other devices.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "cgroup_devices.h"
#include "cgroup_bpf.h"
#include "cgroup_limits.h"
#include "cgroup_read.h"
#include "scenes.h"
#include "../step01_clone_pid/floor/guard.h"
#include "../step01_clone_pid/floor/procfs.h"
#include "../step01_clone_pid/floor/scene.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* ---- io: a disk of our own ---- */

enum { MIB = 1 << 20, DISK_MIB = 16, WRITE_MIB = 2 };

struct disk {
	char scratch[256], device[64];
	int fd;
	unsigned major, minor;
};

static int backing_file(struct disk *disk)
{
	char path[300];

	if (guard_scratch(disk->scratch, sizeof(disk->scratch)) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/disk", disk->scratch);
	int fd = SYS(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), path);
	if (fd >= 0 && SYS(ftruncate(fd, (off_t)DISK_MIB * MIB), path) < 0)
		fail_scene();
	return fd;
}

/* Attaches the file to a free loop device. The kernel lets go of it with the last descriptor
 * (autoclear), so that no death leaves it. */
static void make_disk(struct disk *disk)
{
	int control = SYS_MAY(open("/dev/loop-control", O_RDWR | O_CLOEXEC), "/dev/loop-control",
			      ENOENT);
	int file = control < 0 ? -1 : backing_file(disk);

	if (control < 0)
		skip_scene("modprobe loop", "no loop device here: /dev/loop-control: %s",
			   strerror(errno));
	for (int tries = 0; file >= 0 && tries < 10; tries++) {
		struct loop_config config = { .fd = (__u32)file,
					      .info = { .lo_flags = LO_FLAGS_AUTOCLEAR } };
		int number = SYS(ioctl(control, LOOP_CTL_GET_FREE), "/dev/loop-control");
		if (number < 0)
			break;
		snprintf(disk->device, sizeof(disk->device), "/dev/loop%d", number);
		disk->fd = open(disk->device, O_RDWR | O_DIRECT | O_CLOEXEC);
		if (disk->fd < 0)
			skip_scene("modprobe loop max_loop=16, or mknod it",
				   "%s cannot be opened: %s", disk->device, strerror(errno));
		/* Somebody else may have been faster: EBUSY, and the next one. */
		if (SYS_MAY(ioctl(disk->fd, LOOP_CONFIGURE, &config), disk->device, EBUSY) == 0) {
			struct stat st;
			fstat(disk->fd, &st);
			disk->major = major(st.st_rdev);
			disk->minor = minor(st.st_rdev);
			close(control);
			close(file);
			return;
		}
		close(disk->fd);
		if (errno != EBUSY)
			skip_scene("a newer kernel (5.8), or root of the first user namespace",
				   "%s cannot be set up: %s", disk->device, strerror(errno));
	}
	fail_scene();
}

/* Direct I/O: a write to the page cache is nobody's write, until somebody writes it back. */
static int write_direct(void *arg)
{
	const struct disk *disk = arg;
	void *block = NULL;

	if (posix_memalign(&block, 4096, MIB / 4) != 0)
		return 1;
	memset(block, 5, MIB / 4);
	for (int i = 0; i < WRITE_MIB * 4; i++)
		if (pwrite(disk->fd, block, MIB / 4, (off_t)i * (MIB / 4)) != MIB / 4)
			return 1;
	return 0;
}

static double timed_write(const struct cgroup *group, struct disk *disk)
{
	int64_t start = arena_now_ns();

	if (arena_wait(arena_run(group, write_direct, disk)) != 0)
		fail_scene();
	return (double)(arena_now_ns() - start) / 1e9;
}

void scene_io(void)
{
	static struct disk disk;
	struct cgroup group;
	struct cgroup_io_stat old, stat;
	char bar[64];

	act("%d MiB are written directly to a disk of our own", WRITE_MIB);
	make_disk(&disk);
	arena_group(&group, CG(CG_IO), "io");
	const struct cgroup_part *part = group_part(&group, CG_IO);
	double free_time = timed_write(&group, &disk);
	cgroup_read_io(part->dir, part->version, &old);
	struct cgroup_io limit = { .major = disk.major, .minor = disk.minor, .write_bps = MIB };
	if (broken("io"))
		say("(no limit is written)");
	else if (cgroup_io(part->dir, part->version, &limit) < 0)
		fail_scene();
	else if (part->version == 1)
		show("echo \"%u:%u %d\" > blkio.throttle.write_bps_device", disk.major, disk.minor,
		     MIB);
	else
		show("echo \"%u:%u wbps=%d\" > io.max", disk.major, disk.minor, MIB);
	double time = timed_write(&group, &disk);
	cgroup_read_io(part->dir, part->version, &stat);
	double before = WRITE_MIB / free_time, after = WRITE_MIB / time;
	say("no limit   %s %7.1f MiB/s",
	    arena_bar(before > 40 ? 1 : before / 40, 40, bar, sizeof(bar)), before);
	say("%-10s %s %7.1f MiB/s", broken("io") ? "no limit" : "1 MiB/s",
	    arena_bar(after > 40 ? 1 : after / 40, 40, bar, sizeof(bar)), after);
	show("cat %s   (%s is %u:%u)",
	     part->version == 1 ? "blkio.throttle.io_service_bytes" : "io.stat", disk.device,
	     disk.major, disk.minor);
	evidence("written by this group: %lld bytes", (long long)stat.write_bytes);
	act(NULL);
	value("before_mib_s", "%.1f", before);
	value("after_mib_s", "%.2f", after);
	value("write_bytes", "%lld", (long long)stat.write_bytes);
	if (broken("io")) {
		check(after > 2, "without a limit it should be fast, is %.1f MiB/s", after);
		verdict("%.0f MiB/s: a neighbour's database would feel it", after);
	} else {
		check(stat.write_bytes - old.write_bytes >= WRITE_MIB * MIB,
		      "the group should have written %d bytes more, wrote %lld", WRITE_MIB * MIB,
		      (long long)(stat.write_bytes - old.write_bytes));
		check(after <= 1.6, "it should be held at about 1 MiB/s, is at %.2f", after);
		check(before > after * 1.5, "it should have been faster before, was at %.2f",
		      before);
		verdict("%.0f -> %.2f MiB/s", before, after);
	}
	close(disk.fd);
	arena_end(&group);
}

/* ---- devices ---- */

struct attempts {
	int null, zero, made; /* errno, 0 for success */
};

static struct attempts *seen; /* shared memory */

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

void scene_devices(void)
{
	static const struct device_rule rules[] = { { true, 'c', 1, 3,
						      "rw" } }; /* /dev/null, and nothing else */
	struct bpf_insn program[BPF_DEVICE_MAX];
	struct cgroup group;
	char list[128];

	seen = mmap(NULL, 2 * sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		    0);
	if (seen == MAP_FAILED || SYS(mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0700"), "/mnt") < 0)
		fail_scene();
	act("a group that may use /dev/null (1:3) and nothing else");
	arena_group(&group, CG(CG_DEVICES), "devices");
	const struct cgroup_part *part = group_part(&group, CG_DEVICES);
	if (arena_wait(arena_run(&group, attempt, &seen[0])) != 0)
		fail_scene();
	sys_failure_clear();
	if (broken("rules"))
		say("(no rules are written)");
	else if (cgroup_devices(part->dir, part->version, rules, 1) < 0) {
		if (part->version == 2 && (errno == EINVAL || errno == ENOSYS || errno == EPERM))
			skip_scene("a kernel with CONFIG_CGROUP_BPF=y, and root",
				   "bpf(2) refuses the program: %s", strerror(errno));
		fail_scene();
	}
	if (arena_wait(arena_run(&group, attempt, &seen[1])) != 0)
		fail_scene();
	heads("BEFORE", "AFTER");
	row("/dev/null", "%s\t%s", outcome_of(seen[0].null), outcome_of(seen[1].null));
	row("/dev/zero", "%s\t%s", outcome_of(seen[0].zero), outcome_of(seen[1].zero));
	row("mknod 1:5", "%s\t%s", outcome_of(seen[0].made), outcome_of(seen[1].made));
	if (part->version == 1) {
		show("cat devices.list");
		evidence("%s", arena_text(part->dir, "devices.list", list, sizeof(list)));
		say("v2 has no such file: a BPF program of %d instructions would be asked",
		    bpf_device_program(rules, 1, program, BPF_DEVICE_MAX));
	} else {
		say("A BPF program of %d instructions, attached to the directory, is asked",
		    bpf_device_program(rules, 1, program, BPF_DEVICE_MAX));
		say("v1 would be: echo a > devices.deny; echo \"c 1:3 rw\" > devices.allow");
	}
	act(NULL);
	value("null", "%d", seen[1].null);
	value("zero", "%d", seen[1].zero);
	value("mknod", "%d", seen[1].made);
	check(seen[0].null == 0 && seen[0].zero == 0 && seen[0].made == 0,
	      "before, all three should work");
	check(seen[1].null == 0, "/dev/null should stay: %s", outcome_of(seen[1].null));
	if (broken("rules")) {
		check(seen[1].zero == 0 && seen[1].made == 0,
		      "without rules the others should work too");
		verdict("every node is usable: a container could make /dev/sda and read it");
	} else {
		check(seen[1].zero == EPERM, "/dev/zero should be EPERM, is: %s",
		      outcome_of(seen[1].zero));
		check(seen[1].made == EPERM, "mknod should be EPERM, is: %s",
		      outcome_of(seen[1].made));
		verdict("root, with every capability, and yet: %s", strerror(seen[1].zero));
	}
	arena_end(&group);
}
