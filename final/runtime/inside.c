/*
 * inside.c: what the container's own process does before it becomes the command. The order is all
 * that stands here; each call is a piece of a step, or a file of inside/.
 */
#define _GNU_SOURCE
#include "inside.h"
#include "give_back.h"
#include "launch.h"
#include "final/runtime/inside/conceal.h"
#include "final/runtime/inside/console.h"
#include "final/runtime/inside/cwd.h"
#include "final/runtime/inside/devices.h"
#include "final/runtime/inside/identity.h"
#include "final/runtime/inside/kernel_roots.h"
#include "final/runtime/inside/keyring.h"
#include "final/runtime/inside/masks.h"
#include "final/runtime/inside/mounts.h"
#include "final/runtime/inside/no_pivot.h"
#include "final/runtime/inside/priority.h"
#include "final/runtime/inside/sysctls.h"

#include "step01_clone_pid/floor/meet/inherit.h"
#include "step01_clone_pid/floor/meet/keep_errno.h"
#include "step01_clone_pid/floor/meet/procfs.h"
#include "step01_clone_pid/floor/call/exit_codes.h"
#include "step01_clone_pid/floor/call/sys.h"
#include "step02_mount_ns/mount_ns.h"
#include "step03_uts_ipc/uts_ipc.h"
#include "step04_net_user/net_user.h"
#include "step04_net_user/given/rtnetlink.h"
#include "step04_net_user/given/time_ns.h"
#include "step08_init_reaper/given/init_life.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CANNOT_START = EXIT_OURS };

/* The process's own, from before the root is changed to execve. */
struct inside {
	struct container *c;
	const struct spec *spec;
	pid_t outside_pid; /* its number as the runtime's /proc has it, for hooks */
	struct kernel_roots roots;
	char **env;
	char path[PATH_MAX]; /* the command's file */
};

bool inside_waits_for_hooks(const struct spec *spec)
{
	return spec->hooks[HOOK_PRESTART].count || spec->hooks[HOOK_CREATE_RUNTIME].count;
}

/* From the caller's process to one of its own: no descriptor, signal or session of the caller's. */
static int leave_caller(struct container *c)
{
	int keep[8 + BIND_SOURCES] = { stage_child(&c->stages),
				       sys_trace_fd(),
				       c->console,
				       c->stdio[0],
				       c->stdio[1],
				       c->stdio[2],
				       c->gate.wait,
				       c->gate.failure };
	int count = 8;

	inherit_signals();
	signal(SIGPIPE, SIG_IGN); /* until the exec an error of write is told, not died of */
	c->stages.plain = true;
	signal(SIGXFSZ, SIG_IGN);
	for (int i = 0; i < c->sources.count; i++)
		keep[count++] = c->sources.list[i].tree;
	if (inherit_close_from(3 + c->preserve_fds, keep, count) < 0)
		return -1;
	umask(0022); /* what is made on the way has the modes that are written there */
	return SYS(prctl(PR_SET_PDEATHSIG, SIGKILL), "SIGKILL");
}

/* A new time namespace is that of the next child; setns(2) enters it at once. */
static int own_clocks(const struct spec *spec)
{
	if (!(spec->namespaces & CLONE_NEWTIME))
		return 0;
	if (time_ns_unshare(&spec->time_offsets) < 0)
		return -1;
	int fd = SYS(open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC), "time");
	if (fd < 0)
		return -1;
	int result = SYS(setns(fd, CLONE_NEWTIME), "time");
	close(fd);
	return result;
}

static int own_names(const struct spec *spec)
{
	if (spec->namespaces & CLONE_NEWUTS)
		return uts_unshare(spec->hostname, spec->domainname);
	return uts_set_names(spec->hostname, spec->domainname);
}

/* In a new network namespace lo is there, and down. */
static int bring_lo_up(void)
{
	int netlink = rtnl_open();

	if (netlink < 0)
		return -1;
	int result = link_up(netlink, "lo");
	close(netlink);
	return result;
}

static int make_root(struct inside *in)
{
	const struct spec *spec = in->spec;
	char path[PATH_MAX];

	if (spec->root_path[0] == '/')
		snprintf(path, sizeof(path), "%s", spec->root_path);
	else
		snprintf(path, sizeof(path), "%s/%s", in->c->bundle, spec->root_path);
	int root = SYS(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path);
	if (root < 0)
		return -1;
	if (mounts_make(root, spec, in->c->bundle, &in->c->sources) < 0 ||
	    devices_make(root, spec) < 0)
		return -1;
	return root;
}

static int run_hooks(struct inside *in, enum hook_kind kind, const char *status)
{
	struct oci_state state = container_state(in->c, status, in->outside_pid);

	return hooks_run(in->spec, kind, &state);
}

/* prestart and createRuntime are the parent's. */
static int hooks_before_pivot(struct inside *in)
{
	if (inside_waits_for_hooks(in->spec) &&
	    (stage_reach(&in->c->stages, STAGE_MOUNTED) < 0 ||
	     stage_await(&in->c->stages, STAGE_HOOKED, -1, -1) < 0))
		return -1;
	return run_hooks(in, HOOK_CREATE_CONTAINER, "creating");
}

static int own_sysctls(const struct kernel_roots *roots, const struct spec *spec)
{
	if (!spec->sysctl_count)
		return 0;
	if (roots->proc >= 0)
		return sysctls_write(roots->proc, spec);
	int proc = SYS(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), "/proc");
	if (proc < 0)
		return -1;
	int result = sysctls_write(proc, spec);
	close_keeping_errno(proc);
	return result;
}

/* The container's root, and everything that is inside it. */
static int own_world(struct inside *in)
{
	const struct spec *spec = in->spec;

	if ((spec->namespaces & CLONE_NEWCGROUP) && SYS(unshare(CLONE_NEWCGROUP), "cgroup") < 0)
		return -1;
	if (mounts_leave_host(spec) < 0)
		return -1;
	int root = make_root(in);
	if (root < 0)
		return -1;
	if (hooks_before_pivot(in) < 0 ||
	    (in->c->no_pivot ? move_into(root) : pivot_into(root)) < 0)
		return -1;
	close(root);
	if (mounts_root_propagation(spec) < 0 || mounts_unbindable(spec) < 0)
		return -1;
	if (own_names(spec) < 0)
		return -1;
	if ((spec->namespaces & CLONE_NEWNET) && bring_lo_up() < 0)
		return -1;
	if (kernel_roots_open(spec, &in->roots) < 0)
		return -1;
	if (own_sysctls(&in->roots, spec) < 0 || masks_apply(&in->roots, spec) < 0)
		return -1;
	kernel_roots_close(&in->roots);
	return spec->root_read_only ? mounts_root_read_only() : 0;
}

/* Standard input, output and error, from the caller's pipes or a terminal of the container's. */
static int take_stdio(struct container *c)
{
	if (c->spec->process.terminal)
		return console_take(c->console, &c->spec->process, true);
	for (int fd = 0; fd <= 2; fd++)
		if (c->stdio[fd] >= 0 && SYS(dup2(c->stdio[fd], fd), fd) < 0)
			return -1;
	return 0;
}

/* Who the command is, and where its file is: identity last, it takes the right to the rest. */
static int become_user(struct inside *in)
{
	const struct spec_process *process = &in->spec->process;

	if (!in->c->no_new_keyring && keyring_own() < 0)
		return -1;
	if (in->spec->has_personality &&
	    SYS(personality(in->spec->personality), "linux.personality") < 0)
		return -1;
	if (priority_take_cpus(NULL) < 0 || priority_take_memory(&in->spec->memory_policy) < 0 ||
	    priority_take(process) < 0 || cwd_and_identity(process, &in->c->filter) < 0 ||
	    conceal_memory() < 0)
		return -1;
	in->env = identity_environment(process);
	return in->env ? identity_find_command(process->args[0], in->env, in->path) : -1;
}

static int fail(struct inside *in)
{
	gate_fail(&in->c->gate);
	return sys_failure_status(sys_failure());
}

static int become_command(void *arg)
{
	struct inside *in = arg;

	SYS_EXEC(execve(in->path, in->spec->process.args, in->env), in->path);
	return fail(in);
}

/* Below an init the command has the session with the terminal. Were it its init's, Ctrl-Z would
 * stop the command, and no shell would be there to wake it. */
static int become_command_of_init(void *arg)
{
	struct inside *in = arg;

	/* init_start() has made us a group's leader, and a leader may not have a new session: PID
	 * 1's group has room. */
	if (SYS(setpgid(0, 1), "PID 1's group") < 0 ||
	    console_session(in->spec->process.terminal) < 0)
		return fail(in);
	return become_command(in);
}

/* The command's copies are the ones that count now, and nothing of the caller's stays open here. */
static void leave_to_command(void *arg)
{
	struct inside *in = arg;

	stage_close(&in->c->stages);
	gate_close(&in->c->gate);
	sys_trace_to(-1);
	/* PID 1 lives as long as the container: what it has done with goes back to the kernel. */
	spec_free((struct spec *)(uintptr_t)in->spec); /* our copy of it */
	free(in->env);
	seccomp_free(&in->c->filter);
	give_back_memory();
}

/* --init: this process stays PID 1 and serves, the command is its child (step 8). */
static int serve_command(struct inside *in)
{
	struct init_life life = { .fn = become_command_of_init,
				  .arg = in,
				  .started = leave_to_command };
	int status = init_live(&life);

	return status >= 0 ? status : fail(in);
}

/* All that was kept for the way, but the stages, the gate and the trace, before the command can see
 * it. */
static int close_all_else(struct container *c)
{
	int keep[] = { stage_child(&c->stages), sys_trace_fd(), c->gate.wait, c->gate.failure };

	return inherit_close_from(3 + c->preserve_fds, keep, sizeof(keep) / sizeof(*keep));
}

/* The runtime may end now, and this process stays. */
static int ready(struct container *c)
{
	if (SYS(prctl(PR_SET_PDEATHSIG, c->dies_with_caller ? SIGKILL : 0), "PDEATHSIG") < 0)
		return -1;
	conceal_arguments();
	conceal_environment();
	return stage_reach(&c->stages, STAGE_READY);
}

static int prepare(struct inside *in)
{
	struct container *c = in->c;
	const struct spec *spec = in->spec;
	char self[16] = "";

	if (leave_caller(c) < 0)
		return -1;
	if (stage_await(&c->stages, STAGE_MAPPED, -1, -1) < 0)
		return -1; /* or the parent has given up, and says why itself */
	if (readlink("/proc/self", self, sizeof(self) - 1) > 0)
		in->outside_pid = atoi(self);
	/* A change of ids makes /proc/self/timens_offsets the host's root's. */
	if (own_clocks(spec) < 0 || identity_first(spec, &spec->process) < 0)
		return -1;
	if (own_world(in) < 0 || take_stdio(c) < 0)
		return -1;
	if (console_session(spec->process.terminal && !spec->init) < 0 || close_all_else(c) < 0)
		return -1;
	return become_user(in) < 0 ? -1 : ready(c);
}

int inside_main(void *arg)
{
	struct container *c = arg;
	struct inside in = { .c = c, .spec = c->spec, .roots = { -1, -1 } };

	sys_trace_as("child");
	if (prepare(&in) < 0) {
		stage_fail(&c->stages);
		return sys_failure_status(sys_failure());
	}
	if (gate_wait(&c->gate) < 0 || run_hooks(&in, HOOK_START_CONTAINER, "created") < 0)
		return fail(&in);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	return c->spec->init ? serve_command(&in) : become_command(&in);
}
