/*
 * test_uts_ipc.c: step 3's piece. Every test runs in a child with namespaces of its own: nothing is
 * named, mounted or made on the host, as root and as an ordinary user.
 */
#define _GNU_SOURCE
#include "step03_uts_ipc/given/mqueue.h"
#include "step03_uts_ipc/uts_ipc.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step01_clone_pid/floor/meet/mountinfo.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char *complaint; /* shared with the children */
static int procfd;

/* In a child cmocka's asserts would jump into a copy of the parent. */
#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			snprintf(complaint, 512, "line %d: %s (errno %d, %s)", __LINE__,           \
				 #condition, errno, sys_failure()->call);                          \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

enum { SKIP = 77 };

/* In a child: mount, UTS and IPC namespaces of its own, and an empty tmpfs on /mnt. */
static void move_apart(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | rootless_flags();

	EXPECT(unshare(flags) == 0);
	if (flags & CLONE_NEWUSER)
		EXPECT(self_map_write(uid, gid) == 0);
	EXPECT(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	EXPECT(mount("test", "/mnt", "tmpfs", 0, NULL) == 0);
	sys_failure_clear();
}

/* Runs body in a child, and fails or skips as it does. */
static void in_child(void (*body)(void), bool on_the_host)
{
	int status;

	complaint[0] = '\0';
	pid_t pid = fork();
	if (pid == 0) {
		alarm(30);
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		if (!on_the_host)
			move_apart();
		body();
		while (wait(NULL) > 0)
			; /* a child's child as well: not every machine's init reaps */
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (complaint[0])
		fail_msg("%s", complaint);
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIP)
		skip();
	assert_int_equal(status, 0);
}

static void apart(void (*body)(void))
{
	in_child(body, false);
}

/* A child that does fn and then waits to be killed; returns when fn is done. */
static pid_t child(void (*fn)(void))
{
	int ready[2];
	char byte;

	EXPECT(pipe(ready) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fn)
			fn();
		EXPECT(write(ready[1], "x", 1) == 1);
		for (;;)
			pause();
	}
	close(ready[1]);
	EXPECT(read(ready[0], &byte, 1) == 1); /* end of file: fn has complained */
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Opens nothing, keeps nothing open: the number of the next descriptor tells. */
static int next_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static const char *host_name(void)
{
	static char name[80];

	EXPECT(gethostname(name, sizeof(name)) == 0);
	return name;
}

static const char *domain_name(void)
{
	static char name[80];

	EXPECT(getdomainname(name, sizeof(name)) == 0);
	return name;
}

/* ---- uts_set_names, uts_unshare ---- */

static void names_body(void)
{
	EXPECT(uts_set_names("test-host", "test-domain") == 0);
	EXPECT(strcmp(host_name(), "test-host") == 0 && strcmp(domain_name(), "test-domain") == 0);
	EXPECT(uts_set_names("other", NULL) == 0);
	EXPECT(strcmp(host_name(), "other") == 0 && strcmp(domain_name(), "test-domain") == 0);
	EXPECT(uts_set_names(NULL, "") == 0);
	EXPECT(strcmp(host_name(), "other") == 0 && strcmp(domain_name(), "") == 0);
	EXPECT(uts_set_names(NULL, NULL) == 0);
	EXPECT(strcmp(host_name(), "other") == 0);
}

static void names_are_set(void **state)
{
	char before[80], after[80];

	(void)state;
	gethostname(before, sizeof(before));
	apart(names_body);
	gethostname(after, sizeof(after));
	assert_string_equal(before, after);
}

static void long_body(void)
{
	char name[301];

	memset(name, 'a', 300);
	name[300] = '\0';
	EXPECT(uts_set_names("short", "short") == 0);
	EXPECT(uts_set_names(name, NULL) == -1 && errno == EINVAL);
	EXPECT(sys_failure()->err == EINVAL && strstr(sys_failure()->call, "sethostname"));
	EXPECT(strcmp(host_name(), "short") == 0);
	EXPECT(uts_set_names(NULL, name) == -1 && errno == EINVAL);
	EXPECT(strcmp(domain_name(), "short") == 0);
	name[65] = '\0';
	EXPECT(uts_set_names(name, NULL) == -1 && errno == EINVAL);
	name[64] = '\0';
	EXPECT(uts_set_names(name, name) == 0);
	EXPECT(strcmp(host_name(), name) == 0 && strcmp(domain_name(), name) == 0);
}

static void names_have_64_bytes(void **state)
{
	(void)state;
	apart(long_body);
}

static void rename_in_a_new_one(void)
{
	EXPECT(uts_unshare("inside", NULL) == 0);
	EXPECT(strcmp(host_name(), "inside") == 0);
	EXPECT(strcmp(domain_name(), "outside-domain") == 0); /* a new one begins as a copy */
}

static void unshare_body(void)
{
	EXPECT(uts_set_names("outside", "outside-domain") == 0);
	pid_t pid = child(rename_in_a_new_one);
	EXPECT(strcmp(host_name(), "outside") == 0);
	EXPECT(ns_is_same(procfd, 0, pid, "uts") == 0);
	EXPECT(ns_is_same(procfd, 0, pid, "ipc") == 1);
	end(pid);
	EXPECT(uts_set_names("outside", NULL) == 0);
}

static void unshare_leaves_the_old_one(void **state)
{
	(void)state;
	apart(unshare_body);
}

static void become_nobody(void)
{
	EXPECT(setgid(65534) == 0 && setuid(65534) == 0);
}

static void no_rights_body(void)
{
	if (geteuid() == 0)
		become_nobody();
	EXPECT(uts_set_names("mine", NULL) == -1 && errno == EPERM);
	sys_failure_clear();
	EXPECT(uts_unshare("mine", NULL) == -1 && errno == EPERM &&
	       strstr(sys_failure()->call, "unshare"));
	EXPECT(ns_keep(procfd, 0, "uts", "/tmp") == -1 && errno == EPERM);
	EXPECT(ns_is_same(procfd, 0, 1, "uts") == -1 && errno == EACCES); /* denied is not "same" */
	EXPECT(ns_is_same(procfd, 1, 1, "uts") == -1 && errno == EACCES);
}

/* An ordinary user has no rights where it is; root gives his up in namespaces of his own. */
static void without_rights(void **state)
{
	(void)state;
	in_child(no_rights_body, rootless_flags() != 0);
}

/* ---- ns_is_same ---- */

static void same_body(void)
{
	pid_t pid = child(NULL);

	EXPECT(ns_is_same(procfd, 0, 0, "uts") == 1);
	EXPECT(ns_is_same(procfd, 0, getpid(), "ipc") == 1);
	for (int kind = 0; kind < NS_USER; kind++)
		EXPECT(ns_is_same(procfd, pid, 0, ns_info[kind].name) == 1);
	EXPECT(ns_is_same(procfd, 0, pid, "no-such-kind") == -1 && errno == ENOENT);
	end(pid);
	EXPECT(ns_is_same(procfd, 0, pid, "uts") == -1 && errno == ENOENT);
	EXPECT(ns_is_same(procfd, pid, 0, "uts") == -1 && errno == ENOENT);
}

static void same_or_not(void **state)
{
	(void)state;
	apart(same_body);
}

static void move_children(void)
{
	EXPECT(unshare(CLONE_NEWPID) == 0);
	EXPECT(ns_is_same(procfd, 0, 0, "pid_for_children") == -1 &&
	       errno == ENOENT); /* no child yet */
	child(NULL);
}

static void children_body(void)
{
	pid_t pid = child(move_children);

	EXPECT(ns_is_same(procfd, 0, pid, "pid") == 1);
	EXPECT(ns_is_same(procfd, 0, pid, "pid_for_children") == 0);
	end(pid);
}

static void pid_is_not_pid_for_children(void **state)
{
	(void)state;
	apart(children_body);
}

static void touch(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	EXPECT(fd >= 0);
	close(fd);
}

/* Two file systems may give out one inode number: a fixture of two tmpfs does. */
static void device_body(void)
{
	struct stat a, b;

	EXPECT(mkdir("/mnt/1", 0700) == 0 && mkdir("/mnt/2", 0700) == 0);
	EXPECT(mount("one", "/mnt/1", "tmpfs", 0, NULL) == 0 &&
	       mount("two", "/mnt/2", "tmpfs", 0, NULL) == 0);
	EXPECT(mkdir("/mnt/1/ns", 0700) == 0 && mkdir("/mnt/2/ns", 0700) == 0);
	touch("/mnt/1/ns/uts");
	touch("/mnt/2/ns/uts");
	EXPECT(stat("/mnt/1/ns/uts", &a) == 0 && stat("/mnt/2/ns/uts", &b) == 0);
	if (a.st_ino != b.st_ino)
		_exit(SKIP); /* before Linux 5.9 tmpfs counted all its inodes as one */
	int fixture = open("/mnt", O_RDONLY | O_DIRECTORY);
	EXPECT(ns_is_same(fixture, 1, 1, "uts") == 1);
	EXPECT(ns_is_same(fixture, 1, 2, "uts") == 0);
}

static void device_counts(void **state)
{
	(void)state;
	apart(device_body);
}

/* ---- ns_keep ---- */

/* The host name in the namespace at path, asked by a child that enters it; "" if it cannot. */
static const char *name_at(const char *path)
{
	static char name[80];
	int talk[2];

	EXPECT(pipe(talk) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		if (setns(open(path, O_RDONLY), CLONE_NEWUTS) == 0)
			EXPECT(write(talk[1], host_name(), strlen(host_name())) > 0);
		_exit(0);
	}
	close(talk[1]);
	ssize_t n = read(talk[0], name, sizeof(name) - 1);
	close(talk[0]);
	waitpid(pid, NULL, 0);
	name[n > 0 ? n : 0] = '\0';
	return name;
}

static void be_kept(void)
{
	EXPECT(uts_unshare("kept", NULL) == 0);
}

static void keep_body(void)
{
	struct stat st;
	struct ns_id of_child;
	pid_t pid = child(be_kept);

	EXPECT(proc_ns_id(procfd, pid, "uts", &of_child) == 0);
	int fd = next_fd();
	EXPECT(ns_keep(procfd, pid, "uts", "/mnt/k") == 0);
	EXPECT(next_fd() == fd); /* the mount alone holds it */
	end(pid);
	EXPECT(stat("/mnt/k", &st) == 0 && st.st_ino == of_child.ino && st.st_dev == of_child.dev);
	EXPECT(strcmp(name_at("/mnt/k"), "kept") == 0);
	EXPECT(strcmp(host_name(), "kept") != 0);
	EXPECT(umount("/mnt/k") == 0);
	EXPECT(stat("/mnt/k", &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0);
	EXPECT((st.st_mode & 0777) == 0600);
	EXPECT(strcmp(name_at("/mnt/k"), "") == 0);
	/* A file that is there is used, and stays. */
	EXPECT(ns_keep(procfd, 0, "ipc", "/mnt/k") == 0);
	EXPECT(umount("/mnt/k") == 0 && access("/mnt/k", F_OK) == 0);
}

static void keep_outlives_the_process(void **state)
{
	(void)state;
	apart(keep_body);
}

static void keep_fails_body(void)
{
	int fd = next_fd();

	EXPECT(mkdir("/mnt/dir", 0700) == 0);
	EXPECT(ns_keep(procfd, 0, "uts", "/mnt/dir") == -1 && errno == ENOTDIR);
	EXPECT(access("/mnt/dir", F_OK) == 0);
	EXPECT(ns_keep(procfd, 0, "uts", "/mnt/no/such") == -1 && errno == ENOENT);
	EXPECT(ns_keep(procfd, 0, "no-such-kind", "/mnt/k") == -1 && errno == ENOENT);
	EXPECT(access("/mnt/k", F_OK) == -1);
	/* Our own mount namespace on a file of our own: it would hold itself for ever. */
	sys_failure_clear();
	EXPECT(ns_keep(procfd, 0, "mnt", "/mnt/k") == -1 && errno == EINVAL);
	EXPECT(strstr(sys_failure()->call, "mount") &&
	       strcmp(sys_failure()->subject, "/mnt/k") == 0);
	EXPECT(access("/mnt/k", F_OK) == -1);
	touch("/mnt/k");
	EXPECT(ns_keep(procfd, 0, "mnt", "/mnt/k") == -1 && errno == EINVAL);
	EXPECT(access("/mnt/k", F_OK) == 0); /* not ours to remove */
	EXPECT(next_fd() == fd);
}

static void keep_undoes_what_it_made(void **state)
{
	(void)state;
	apart(keep_fails_body);
}

/* ---- mqueue_mount ---- */

struct found {
	const char *at;
	bool there;
	char options[128];
};

static int find_mqueue(const struct mountinfo *mount, void *arg)
{
	struct found *found = arg;

	if (strcmp(mount->fs_type, "mqueue") != 0 || strcmp(mount->mount_point, found->at) != 0)
		return 0;
	found->there = true;
	snprintf(found->options, sizeof(found->options), "%s", mount->mount_options);
	return 1;
}

static void mqueue_body(void)
{
	struct found found = { .at = "/mnt/root/dev/mqueue" };

	EXPECT(mkdir("/mnt/root", 0755) == 0);
	int root = open("/mnt/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = next_fd();
	if (mqueue_mount(root, "/dev/mqueue") < 0 && errno == ENODEV)
		_exit(SKIP); /* a kernel without POSIX queues */
	mountinfo_each(procfd, 0, find_mqueue, &found);
	EXPECT(found.there);
	EXPECT(strstr(found.options, "nosuid") && strstr(found.options, "nodev") &&
	       strstr(found.options, "noexec"));
	EXPECT(next_fd() == fd);
	/* A queue is a file there; and only in this namespace. */
	touch("/mnt/root/dev/mqueue/a");
	EXPECT(unshare(CLONE_NEWIPC) == 0);
	EXPECT(mqueue_mount(AT_FDCWD, "/mnt/own") == 0);
	EXPECT(access("/mnt/own/a", F_OK) == -1);
	EXPECT(access("/mnt/root/dev/mqueue/a", F_OK) == 0);
}

static void mqueue_shows_its_mounter(void **state)
{
	(void)state;
	apart(mqueue_body);
}

/* An image whose dev is a link up and out. */
static void mqueue_link_body(void)
{
	struct found inside = { .at = "/mnt/root/mnt/mqueue" };

	EXPECT(mkdir("/mnt/root", 0755) == 0 && symlink("/../../mnt", "/mnt/root/dev") == 0);
	EXPECT(mkdir("/mnt/root/mnt", 0755) == 0);
	int root = open("/mnt/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mqueue_mount(root, "/dev/mqueue") < 0 && errno == ENODEV)
		_exit(SKIP);
	mountinfo_each(procfd, 0, find_mqueue, &inside);
	EXPECT(inside.there);
	EXPECT(access("/mnt/mqueue", F_OK) == -1); /* not where the link leads from the host's / */
	touch("/mnt/root/file");
	EXPECT(mqueue_mount(root, "file") == -1 && errno == ENOTDIR);
}

static void mqueue_stays_in_root(void **state)
{
	(void)state;
	apart(mqueue_link_body);
}

/* Root of a new user namespace, but in an IPC namespace of the old one. */
static void mqueue_foreign_body(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		_exit(SKIP); /* this host allows no user namespaces */
	EXPECT(self_map_write(uid, gid) == 0);
	EXPECT(mqueue_mount(AT_FDCWD, "/mnt/q") == -1 && errno == EPERM);
	EXPECT(unshare(CLONE_NEWIPC) == 0);
	EXPECT(mqueue_mount(AT_FDCWD, "/mnt/q") == 0);
}

static void mqueue_needs_its_own_ipc(void **state)
{
	(void)state;
	apart(mqueue_foreign_body);
}

static int setup(void **state)
{
	(void)state;
	complaint = mmap(NULL, 512, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	procfd = proc_open();
	return complaint == MAP_FAILED || procfd < 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_set),
		cmocka_unit_test(names_have_64_bytes),
		cmocka_unit_test(unshare_leaves_the_old_one),
		cmocka_unit_test(without_rights),
		cmocka_unit_test(same_or_not),
		cmocka_unit_test(pid_is_not_pid_for_children),
		cmocka_unit_test(device_counts),
		cmocka_unit_test(keep_outlives_the_process),
		cmocka_unit_test(keep_undoes_what_it_made),
		cmocka_unit_test(mqueue_shows_its_mounter),
		cmocka_unit_test(mqueue_stays_in_root),
		cmocka_unit_test(mqueue_needs_its_own_ipc),
	};
	return cmocka_run_group_tests_name("uts_ipc", tests, setup, NULL);
}
