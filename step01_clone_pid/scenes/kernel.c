/*
 * kernel.c: program against process, and whose kernel it is.
 */
#define _GNU_SOURCE
#include "step01_clone_pid/floor/demo/guard.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "scenes.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- program ---- */

static const char numbers[] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

/* The program: adds the numbers of a file, writes the sum to another; stops itself half-way. */
static void adder(int in, int out)
{
	char digit, text[32];
	long sum = 0, number = 0;
	int lines = 0;

	while (read(in, &digit, 1) == 1) {
		if (digit != '\n') {
			number = number * 10 + digit - '0';
			continue;
		}
		sum += number;
		number = 0;
		if (++lines == 5)
			raise(SIGSTOP);
	}
	int n = snprintf(text, sizeof(text), "%ld\n", sum);
	_exit(write(out, text, (size_t)n) != n);
}

/* The line of maps that holds address pc; the last field of /proc/PID/syscall is the program
 * counter. */
static bool find_text(pid_t pid, unsigned long long pc, char *line, size_t size)
{
	char path[32];
	bool found = false;

	snprintf(path, sizeof(path), "%d/maps", pid);
	char *maps = read_whole_at(host_proc(), path, NULL);
	for (char *rest = maps, *one; !found && (one = strsep(&rest, "\n"));) {
		unsigned long long from, to;
		char rights[8], *name = strrchr(one, ' ');
		if (sscanf(one, "%llx-%llx %7s", &from, &to, rights) == 3 && pc >= from &&
		    pc < to) {
			snprintf(line, size, "%llx-%llx %s %.40s", from, to, rights,
				 name ? name + 1 : "");
			found = true;
		}
	}
	free(maps);
	return found;
}

static unsigned long long program_counter(pid_t pid, char *text, size_t size)
{
	char path[32];

	snprintf(path, sizeof(path), "%d/syscall", pid);
	if (read_file_at(host_proc(), path, text, size) <= 0)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	char *last = strrchr(text, ' ');
	return last ? strtoull(last, NULL, 16) : 0;
}

static void show_fd(pid_t pid, int fd)
{
	char path[48], target[256], info[512], pos[32] = "?";

	snprintf(path, sizeof(path), "%d/fd/%d", pid, fd);
	ssize_t n = readlinkat(host_proc(), path, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = '\0';
	snprintf(path, sizeof(path), "%d/fdinfo/%d", pid, fd);
	if (read_file_at(host_proc(), path, info, sizeof(info)) > 0)
		status_value(info, "pos", pos, sizeof(pos));
	evidence("fd/%d -> %.50s   pos %s", fd, target, pos);
}

void scene_program(void)
{
	char dir[200], in_path[256], out_path[256], text[512], line[128] = "", result[32] = "";
	struct stat disk, run_file;
	char path[32];
	int status = 0;

	if (faccessat(host_proc(), "self/syscall", F_OK, 0) < 0)
		skip_scene("Use a kernel of a machine: user-mode Linux tells nobody's program "
			   "counter.",
			   "this kernel has no /proc/PID/syscall");
	if (guard_scratch(dir, sizeof(dir)) < 0)
		fail_scene();
	snprintf(in_path, sizeof(in_path), "%s/numbers", dir);
	snprintf(out_path, sizeof(out_path), "%s/sum", dir);
	int in = SYS(open(in_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), in_path);
	int out = SYS(open(out_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), out_path);
	if (in < 0 || out < 0 || pwrite(in, numbers, sizeof(numbers) - 1, 0) < 0)
		fail_scene();
	act("A program that adds the ten numbers of a file, stopped after five.");
	pid_t self = getpid(), pid = scene_fork();
	if (pid == 0) {
		die_with(self);
		adder(in, out);
	}
	waitpid(pid, &status, WUNTRACED);

	snprintf(path, sizeof(path), "%d/exe", pid);
	if (stat("/proc/self/exe", &disk) < 0 || fstatat(host_proc(), path, &run_file, 0) < 0)
		fail_scene();
	row("program", "a file: inode %lu, %ld bytes; no PID, no state", (unsigned long)disk.st_ino,
	    (long)disk.st_size);
	row("process", "PID %d, state T; the same file is its /proc/PID/exe", pid);
	act(NULL);
	show("ls -l /proc/%d/fd; cat /proc/%d/fdinfo/*", pid, pid);
	show_fd(pid, in);
	show_fd(pid, out);
	unsigned long long pc = program_counter(pid, text, sizeof(text));
	bool found = find_text(pid, pc, line, sizeof(line));
	show("cat /proc/%d/syscall     the last field is the program counter", pid);
	evidence("... %llx, which /proc/%d/maps knows:", pc, pid);
	evidence("%s", line);
	act(NULL);
	long half = lseek(in, 0, SEEK_CUR);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	if (pread(out, result, sizeof(result) - 1, 0) < 0)
		fail_scene();
	say("kill -CONT %d: it ends with the sum %s", pid, strtok(result, "\n"));
	value("pid", "%d", pid);
	value("read_half_way", "%ld", half);
	value("sum", "%d", atoi(result));
	check(disk.st_ino == run_file.st_ino && disk.st_dev == run_file.st_dev,
	      "/proc/PID/exe should be the file on disk");
	check(half == 10, "half-way it should have read 10 bytes, had read %ld", half);
	check(found && strstr(line, "r-x"),
	      "the program counter should be in mapped, executable text");
	check(atoi(result) == 55, "the sum should be 55, is %s", result);
	verdict("one file, one process that was half-way through it");
}

/* ---- same-kernel ---- */

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* In CPU time: what else the machine is doing does not count. */
static double calls_a_second(void)
{
	enum { CALLS = 300000 };
	double best = 0;

	for (int round = 0; round < 5; round++) {
		double start = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
		for (int i = 0; i < CALLS; i++)
			syscall(SYS_getppid);
		double rate = CALLS / (seconds_of(CLOCK_PROCESS_CPUTIME_ID) - start);
		best = rate > best ? rate : best;
	}
	return best;
}

static int measure_inside(struct witness *self)
{
	struct utsname name;
	char boot[64];

	if (uname(&name) < 0 ||
	    read_file_at(AT_FDCWD, "/proc/sys/kernel/random/boot_id", boot, sizeof(boot)) < 0)
		return -1;
	snprintf(self->seen->text, sizeof(self->seen->text), "%s %s", name.release, boot);
	self->seen->figure = calls_a_second();
	return 0;
}

static int leave(void *arg)
{
	(void)arg;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Median of 21 times clone + wait, in milliseconds. */
static double start_time(void)
{
	double times[21];
	int status;

	for (int i = 0; i < 21; i++) {
		struct spawn sp = { .flags = CLONE_NEWPID, .fn = leave };
		double start = seconds_of(CLOCK_MONOTONIC);
		if (spawn(&sp) < 0 || spawn_wait(&sp, &status) < 0)
			fail_scene();
		times[i] = (seconds_of(CLOCK_MONOTONIC) - start) * 1e3;
	}
	qsort(times, 21, sizeof(*times), by_value);
	return times[10];
}

void scene_same_kernel(void)
{
	struct witness child;
	struct utsname name;
	char boot[64], rollup[2048], private_memory[32] = "0", path[40];

	if (uname(&name) < 0 ||
	    read_file_at(host_proc(), "sys/kernel/random/boot_id", boot, sizeof(boot)) < 0)
		fail_scene();
	boot[strcspn(boot, "\n")] = '\0';
	act(NULL);
	witness_start(&child, CLONE_NEWPID, measure_inside, NULL);
	char *boot_inside = strchr(child.seen->text, ' ');
	*boot_inside++ = '\0';
	boot_inside[strcspn(boot_inside, "\n")] = '\0';
	snprintf(path, sizeof(path), "%d/smaps_rollup", child.child.pid);
	if (read_file_at(host_proc(), path, rollup, sizeof(rollup)) > 0)
		status_value(rollup, "Private_Dirty", private_memory, sizeof(private_memory));
	double outside = calls_a_second(), start = start_time();

	heads("HOST", "CONTAINER");
	row("uname -r", "%s\t%s", name.release, child.seen->text);
	row("boot_id", "%.18s...\t%.18s...", boot, boot_inside);
	row("getppid()", "%.2f M/s\t%.2f M/s", outside / 1e6, child.seen->figure / 1e6);
	row("start", "%.2f ms from clone to its end (median of 21)", start);
	row("memory", "%s private; the rest is shared with its parent", private_memory);
	say("Their claim, not measured here: a virtual machine boots a kernel of its");
	say("own, in seconds, and holds its memory for itself.");
	act(NULL);
	value("release", "%s", child.seen->text);
	value("boot_id", "%s", boot_inside);
	value("calls_ratio", "%.2f", child.seen->figure / outside);
	value("start_ms", "%.2f", start);
	check(strcmp(name.release, child.seen->text) == 0, "the release should be the host's");
	check(strcmp(boot, boot_inside) == 0, "the boot_id should be the host's");
	check(child.seen->figure > outside * 0.4,
	      "system calls inside should cost what they cost outside, ratio is %.2f",
	      child.seen->figure / outside);
	check(atoi(private_memory) < 16 * 1024,
	      "it should hold less than 16 MiB for itself, holds %s", private_memory);
	witness_end(&child);
	verdict("same release, same boot: nothing was booted");
}
