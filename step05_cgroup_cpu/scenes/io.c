/*
 * io.c: how fast to a disk.
 */
#define _GNU_SOURCE
#include "arena.h"
#include "step05_cgroup_cpu/given/cgroup_limits.h"
#include "step05_cgroup_cpu/given/cgroup_read.h"
#include "scenes.h"
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { MIB = 1 << 20, DISK_MIB = 16, WRITE_MIB = 2, FAST_MIB = 4 };

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

/* The disk without a limit, for comparison. It is as fast as memory, unless the machine has much
 * else to do: then it is tried again, and the best counts. */
static double free_speed(const struct cgroup *group, struct disk *disk)
{
	double best = 0;

	for (int tries = 0; tries < 4 && best < FAST_MIB; tries++) {
		double speed = WRITE_MIB / timed_write(group, disk);
		best = speed > best ? speed : best;
	}
	if (best < FAST_MIB)
		skip_scene("run it again when the machine has less to do",
			   "without any limit it comes to %.1f MiB/s only: a limit of 1 would not "
			   "show",
			   best);
	return best;
}

static void judge(double before, double after, int64_t written)
{
	value("before_mib_s", "%.1f", before);
	value("after_mib_s", "%.2f", after);
	value("written_at_limit", "%lld", (long long)written);
	if (broken("io")) {
		check(after > 2, "without a limit it should be fast, is %.1f MiB/s", after);
		verdict("%.0f MiB/s: a neighbour's database would feel it", after);
		return;
	}
	check(written >= WRITE_MIB * MIB, "the group should have written %d bytes more, wrote %lld",
	      WRITE_MIB * MIB, (long long)written);
	check(after <= 1.6, "it should be held at about 1 MiB/s, is at %.2f", after);
	check(before > after * 1.5, "it should have been faster before, was at %.2f", before);
	verdict("%.0f -> %.2f MiB/s", before, after);
}

static void set_limit(const struct cgroup_part *part, const struct disk *disk)
{
	struct cgroup_io limit = { .major = disk->major, .minor = disk->minor, .write_bps = MIB };

	if (broken("io"))
		say("(no limit is written)");
	else if (cgroup_io(part->dir, part->version, &limit) < 0)
		fail_scene();
	else if (part->version == 1)
		show("echo \"%u:%u %d\" > blkio.throttle.write_bps_device", disk->major,
		     disk->minor, MIB);
	else
		show("echo \"%u:%u wbps=%d\" > io.max", disk->major, disk->minor, MIB);
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
	double before = free_speed(&group, &disk);
	cgroup_read_io(part->dir, part->version, &old);
	set_limit(part, &disk);
	double time = broken("io") ? WRITE_MIB / free_speed(&group, &disk)
				   : timed_write(&group, &disk);
	cgroup_read_io(part->dir, part->version, &stat);
	double after = WRITE_MIB / time;
	say("no limit   %s %7.1f MiB/s",
	    arena_bar(before > 40 ? 1 : before / 40, 40, bar, sizeof(bar)), before);
	say("%-10s %s %7.1f MiB/s", broken("io") ? "no limit" : "1 MiB/s",
	    arena_bar(after > 40 ? 1 : after / 40, 40, bar, sizeof(bar)), after);
	show("cat %s   (%s is %u:%u)",
	     part->version == 1 ? "blkio.throttle.io_service_bytes" : "io.stat", disk.device,
	     disk.major, disk.minor);
	evidence("written by this group: %lld bytes", (long long)stat.write_bytes);
	act(NULL);
	judge(before, after, stat.write_bytes - old.write_bytes);
	close(disk.fd);
	arena_end(&group);
}
