/*
 * test_mounts.c: the mounts of config.json, judged by /proc/self/mountinfo and by what is seen at
 * the places.
 */
#define _GNU_SOURCE
#include "final/runtime/inside/mounts.h"
#include "step01_clone_pid/floor/host/facts.h"
#include "step01_clone_pid/floor/meet/self_map.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/mount_ns.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char scratch[] = "/tmp/minibox-unit-XXXXXX"; /* a tmpfs is mounted there; the working
						       directory */

static int set_up(void **state)
{
	(void)state;
	if (chdir(scratch) < 0 || mount("tmpfs", scratch, "tmpfs", 0, NULL) < 0 ||
	    chdir(scratch) < 0)
		return -1;
	sys_failure_clear();
	return mkdir("root", 0755) || mkdir("src", 0755) || mkdir("src/sub", 0755) ||
	       mount("tmpfs", "src/sub", "tmpfs", 0, NULL) || mkdir("src/sub/below", 0755);
}

static int tear_down(void **state)
{
	(void)state;
	return chdir("/") || umount2(scratch, MNT_DETACH);
}

/* mounts: the JSON array's contents; $ stands for the scratch directory. 0, or -1 with errno. */
static int make(const char *mounts)
{
	char text[8192], *at = text;
	struct spec spec;

	at += sprintf(
		at,
		"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"process\":{\"args\":[\"x\"],"
		"\"cwd\":\"/\"},\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},\"mounts\":[");
	for (; *mounts; mounts++)
		at += *mounts == '$' ? sprintf(at, "%s", scratch) : sprintf(at, "%c", *mounts);
	strcpy(at, "]}");
	sys_failure_clear();
	if (spec_parse(text, strlen(text), &spec) < 0)
		fail_msg("%s: %s", sys_failure()->subject, sys_failure()->cause);
	int root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct bind_sources no_copies = { .count = 0 };
	int result = mounts_make(root, &spec, scratch, &no_copies), saved = errno;
	if (result < 0)
		print_message("%s: %s: %s\n", sys_failure()->call, sys_failure()->subject,
			      sys_failure()->cause[0] ? sys_failure()->cause : strerror(saved));
	close(root);
	spec_free(&spec);
	errno = saved;
	return result;
}

/* Options and file system's options of the last mount at a place below root, " "-parted; "": none.
 */
static const char *mounted(const char *place)
{
	static char out[1024];
	char line[4096], wanted[PATH_MAX], point[PATH_MAX], options[256], type[64], super[1024];
	FILE *file = fopen("/proc/self/mountinfo", "r");

	out[0] = '\0';
	snprintf(wanted, sizeof(wanted), "%s/root%s", scratch, place);
	while (file && fgets(line, sizeof(line), file)) {
		const char *dash = strstr(line, " - ");
		if (dash && sscanf(line, "%*s %*s %*s %*s %4095s %255s", point, options) == 2 &&
		    sscanf(dash, " - %63s %*s %1023s", type, super) == 2 &&
		    strcmp(point, wanted) == 0)
			snprintf(out, sizeof(out), "%s %s %.200s", type, options, super);
	}
	if (file)
		fclose(file);
	return out;
}

static bool has(const char *place, const char *word)
{
	char copy[1024], *at = copy, *one;

	snprintf(copy, sizeof(copy), "%s", mounted(place));
	while ((one = strsep(&at, " ,")))
		if (strcmp(one, word) == 0)
			return true;
	return false;
}

static void options_of_special_mounts_count(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(
		make("{\"destination\":\"/"
		     "proc\",\"type\":\"proc\",\"options\":[\"ro\"]},"
		     "{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"options\":[\"nosuid\","
		     "\"strictatime\",\"mode=700\",\"size=1024k\"]},"
		     "{\"destination\":\"/dev/mqueue\",\"type\":\"mqueue\",\"options\":[\"ro\","
		     "\"noexec\"]},"
		     "{\"destination\":\"/p\",\"type\":\"proc\",\"options\":[\"nosuid\",\"nodev\","
		     "\"noexec\",\"hidepid=2\"]}"),
		0);
	assert_true(has("/proc", "proc") && has("/proc", "ro"));
	/* The bundle's options and no others. */
	assert_true(!has("/proc", "nosuid") && !has("/proc", "nodev") && !has("/proc", "noexec"));
	assert_true(has("/p", "nosuid") && has("/p", "nodev") && has("/p", "noexec"));
	assert_true(has("/p", "rw") && (has("/p", "hidepid=2") || has("/p", "hidepid=invisible")));
	assert_true(has("/dev", "tmpfs") && has("/dev", "size=1024k") && !has("/dev", "relatime"));
	assert_int_equal(stat("root/dev", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	/* Plain: what is in it is devices_make()'s. */
	assert_int_equal(access("root/dev/null", F_OK), -1);
	assert_string_equal(mounted("/dev/pts"), "");
	assert_true(has("/dev/mqueue", "mqueue") && has("/dev/mqueue", "ro") &&
		    has("/dev/mqueue", "noexec") && !has("/dev/mqueue", "nosuid"));
	assert_int_equal(open("root/proc/sys/kernel/hostname", O_WRONLY), -1);
}

static void what_a_file_system_does_not_know_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(
		make("{\"destination\":\"/t\",\"type\":\"tmpfs\",\"options\":[\"nonsense\"]}"), -1);
	assert_int_equal(errno, EINVAL);
	assert_string_equal(sys_failure()->subject, "/t");
	assert_int_equal(
		make("{\"destination\":\"/proc\",\"type\":\"proc\",\"options\":[\"nonsense\"]}"),
		-1);
	assert_string_equal(sys_failure()->subject, "/proc");
	assert_int_equal(
		make("{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"options\":[\"mode=9\"]}"), -1);
	assert_int_equal(make("{\"destination\":\"/t\",\"type\":\"nosuchfs\"}"), -1);
	assert_int_equal(errno, ENODEV);
}

static void a_tmpfs_gets_its_options(void **state)
{
	(void)state;
	assert_int_equal(
		make("{\"destination\":\"t/\",\"type\":\"tmpfs\",\"source\":\"x\",\"options\":"
		     "[\"nosuid\",\"noexec\",\"nodev\",\"size=64k\",\"mode=711\"]}"),
		0);
	assert_true(has("/t", "noexec") && has("/t", "size=64k") && has("/t", "mode=711"));
}

static void bind_is_one_mount_and_rbind_all(void **state)
{
	struct stat inside, host;

	(void)state;
	assert_int_equal(make("{\"destination\":\"/one\",\"type\":\"bind\",\"source\":\"$/"
			      "src\",\"options\":[\"rbind\",\"ro\","
			      "\"nosuid\",\"noatime\"]}"),
			 0);
	assert_int_equal(access("root/one/sub/below", F_OK), 0);
	assert_true(has("/one", "ro") && has("/one", "nosuid") && has("/one", "noatime"));
	assert_true(has("/one/sub", "rw")); /* "rro" would make it so */
	assert_int_equal(stat("root/one", &inside), 0);
	assert_int_equal(stat("src", &host), 0);
	assert_true(inside.st_ino == host.st_ino && inside.st_dev == host.st_dev);
	assert_int_equal(make("{\"destination\":\"/two\",\"type\":\"bind\",\"source\":\"$/"
			      "src\",\"options\":[\"bind\",\"ro\"]}"),
			 0);
	assert_string_equal(mounted("/two/sub"), "");
	assert_int_equal(access("root/two/sub", F_OK), 0);
	assert_int_equal(access("root/two/sub/below", F_OK), -1);
	assert_true(has("/two", "ro"));
	/* Without an option for it: as bind. */
	assert_int_equal(
		make("{\"destination\":\"/three\",\"type\":\"bind\",\"source\":\"$/src\"}"), 0);
	assert_int_equal(access("root/three/sub/below", F_OK), -1);
	assert_true(has("/three", "rw"));
}

static void nothing_lies_over_proc(void **state)
{
	static const char *const places[] = { "/proc/sys", "/proc/none", "/p", "/p/self/..",
					      "/q/1" };

	(void)state;
	assert_int_equal(symlink("/proc", "root/p"), 0);
	assert_int_equal(symlink("../../p", "root/q"), 0);
	assert_int_equal(make("{\"destination\":\"/proc\",\"type\":\"proc\"}"), 0);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		char text[200];
		for (int bind = 0; bind < 2; bind++) {
			snprintf(text, sizeof(text),
				 "{\"destination\":\"%s\",\"type\":\"%s\",\"source\":\"$/src\"}",
				 places[i], bind ? "bind" : "tmpfs");
			if (make(text) == 0)
				fail_msg("%s was mounted on", places[i]);
			assert_int_equal(errno, EINVAL);
			assert_non_null(strstr(sys_failure()->cause, "/proc"));
		}
	}
	assert_int_equal(access("root/proc/self/status", F_OK), 0);
	/* A view of the container's own over one of the files that tell of the whole machine. */
	close(open("src/file", O_WRONLY | O_CREAT, 0644));
	assert_int_equal(make("{\"destination\":\"/proc/uptime\",\"type\":\"bind\",\"source\":\"$/"
			      "src/file\"}"),
			 0);
}

/* In a child: a root that holds links where /proc/self/fd would be. Returns 0, or what is wrong. */
static int links_for_descriptors(void)
{
	char path[64];

	if (unshare(CLONE_NEWNS) < 0 || mount("tmpfs", "root", "tmpfs", 0, NULL) < 0 ||
	    chdir("root") < 0 || mkdir("other", 0755) < 0 ||
	    mount("tmpfs", "other", "tmpfs", 0, NULL) < 0 || mkdir("proc", 0755) < 0 ||
	    mkdir("proc/self", 0755) < 0 || mkdir("proc/self/fd", 0755) < 0)
		return 10;
	for (int fd = 3; fd < 40; fd++) {
		snprintf(path, sizeof(path), "proc/self/fd/%d", fd);
		if (symlink("/other", path) < 0)
			return 11;
	}
	int root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (pivot_into(root) < 0)
		return 12;
	if (mounts_root_read_only() < 0)
		return 13;
	if (open("/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600) >= 0 || errno != EROFS)
		return 14;
	if (open("/other/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600) < 0)
		return 15;
	return 0;
}

static void root_becomes_read_only_whatever_the_image_has_in_proc(void **state)
{
	int status;

	(void)state;
	pid_t pid = fork();
	if (pid == 0)
		_exit(links_for_descriptors());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int play_tests(void)
{
	const struct CMUnitTest tests[] = {
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
		IN_SCRATCH(options_of_special_mounts_count),
		IN_SCRATCH(what_a_file_system_does_not_know_is_an_error),
		IN_SCRATCH(a_tmpfs_gets_its_options),
		IN_SCRATCH(bind_is_one_mount_and_rbind_all),
		IN_SCRATCH(nothing_lies_over_proc),
		IN_SCRATCH(root_becomes_read_only_whatever_the_image_has_in_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	/* A user namespace may mount a proc of its own PID namespace only, a mqueue of its own IPC.
	 */
	int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | rootless_flags(), status = 0;

	if (!mkdtemp(scratch))
		return 1;
	if (unshare(flags) < 0 || ((flags & CLONE_NEWUSER) && self_map_write(uid, gid) < 0) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		printf("no mount namespace here: %m\n");
		rmdir(scratch);
		return 77;
	}
	pid_t child = fork();
	if (child == 0)
		_exit(mount("proc", "/proc", "proc", 0, NULL) < 0 && errno == EPERM ? 77
										    : play_tests());
	int waited = (int)waitpid(child, &status, 0);
	rmdir(scratch);
	return waited == child && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
