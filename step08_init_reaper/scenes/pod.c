/*
 * pod.c: two containers that share what a third process holds.
 */
#define _GNU_SOURCE
#include "observe.h"
#include "step08_init_reaper/given/pause_process.h"
#include "scenes.h"
#include "step01_clone_pid/floor/demo/scene.h"
#include "step01_clone_pid/scenes/scenes.h"
#include "step02_mount_ns/given/ns_links.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PORT = 8080, KEY = 0x706f64 };

/* What the members of the pod tell the scene. */
struct pod {
	struct spawn pause;
	int kinds; /* what the containers join */
	struct member {
		int (*fn)(void *arg);
		volatile pid_t pid, shim; /* host's numbers: the container's first process, and who
					     started it */
		volatile bool ready;
		volatile int error;
		char said[40], memory[40], host_name[40];
		struct pod *pod;
	} web, client;
};

/* ---- the two containers ---- */

static struct sockaddr_in localhost(void)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(PORT),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int web(void *arg)
{
	static const char hello[] = "hello from web";
	struct member *self = arg;
	struct sockaddr_in here = localhost();
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    segment = shmget(KEY, 4096, IPC_CREAT | 0600);
	char *memory = segment < 0 ? (void *)-1 : shmat(segment, NULL, 0);

	sys_trace_as("web");
	if (memory == (void *)-1 || SYS(sethostname("pod-1", 5), "pod-1") < 0 ||
	    SYS(bind(listener, (struct sockaddr *)&here, sizeof(here)), PORT) < 0 ||
	    SYS(listen(listener, 4), PORT) < 0) {
		self->error = errno;
		return 1;
	}
	strcpy(memory, "a note from web");
	self->ready = true;
	for (;;) {
		int guest = accept(listener, NULL, NULL);
		ssize_t sent = guest < 0 ? 0 : send(guest, hello, sizeof(hello), MSG_NOSIGNAL);
		if (sent >= 0 && guest >= 0)
			close(guest);
	}
}

static void visit(struct member *self)
{
	struct sockaddr_in there = localhost();
	int visitor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (SYS_MAY(connect(visitor, (struct sockaddr *)&there, sizeof(there)), PORT, ENETUNREACH) <
		    0 ||
	    recv(visitor, self->said, sizeof(self->said) - 1, 0) <= 0)
		snprintf(self->said, sizeof(self->said), "%s", strerror(errno));
	close(visitor);
}

static int client(void *arg)
{
	struct member *self = arg;

	sys_trace_as("client");
	visit(self);
	int segment = shmget(KEY, 0, 0);
	char *memory = segment < 0 ? (void *)-1 : shmat(segment, NULL, SHM_RDONLY);
	snprintf(self->memory, sizeof(self->memory), "%s",
		 memory == (void *)-1 ? strerror(errno) : memory);
	gethostname(self->host_name, sizeof(self->host_name) - 1);
	pid_t parent = scene_fork();
	if (parent == 0) {
		if (fork() == 0)
			sleep_for_ever(); /* an orphan: who gets it? */
		_exit(0);
	}
	waitpid(parent, NULL, 0);
	self->ready = true;
	sleep_for_ever();
}

/* Joins the pod's namespaces and makes the container's first process, as a runtime does; lives as
 * long as it does. */
static void shim(struct member *member)
{
	struct pod *pod = member->pod;
	int kinds = pod->kinds, status;
	struct spawn child = { .flags = kinds & CLONE_NEWPID ? 0 : CLONE_NEWPID,

			       .fn = member->fn,
			       .arg = member };

	sys_trace_as("shim");
	if (broken("join") && member == &pod->client)
		kinds &= ~CLONE_NEWNET;
	if (ns_links_join(host_proc(), pod->pause.pid, kinds) < 0 || spawn(&child) < 0) {
		member->error = errno ? errno : EIO;
		fail_scene();
	}
	member->pid = child.pid;
	spawn_wait(&child, &status);
	_exit(0);
}

static void start_member(struct pod *pod, struct member *member, int (*fn)(void *arg))
{
	member->pod = pod;
	member->fn = fn;
	pid_t pid =
		scene_fork(); /* the member is shared memory: the child would write its 0 there */
	if (pid == 0)
		shim(member);
	member->shim = pid;
	for (long until = clock_ms() + 10000;
	     !(member->ready && member->pid) && !member->error && clock_ms() < until;)
		nap_ms(1);
	if (!member->ready) {
		errno = member->error ? member->error : ETIMEDOUT;
		fail_scene();
	}
}

static struct pod *start_pod(int kinds)
{
	struct pod *pod = shared_notes(sizeof(*pod));

	pod->kinds = kinds;
	if (pause_start(&pod->pause, kinds) < 0)
		fail_scene();
	must_show(&pod->pause); /* its namespaces are entered by its number */
	start_member(pod, &pod->web, web);
	start_member(pod, &pod->client, client);
	return pod;
}

static void end_member(struct member *member)
{
	if (member->pid == 0)
		return; /* its number may be another process's by now */
	if (proc_is_child(host_proc(), member->pid, member->shim))
		kill(member->pid, SIGKILL);
	waitpid(member->shim, NULL, 0);
	member->pid = 0;
}

static void end_pod(struct pod *pod)
{
	int status;

	end_member(&pod->web);
	end_member(&pod->client);
	kill(pod->pause.pid, SIGTERM);
	spawn_wait(&pod->pause, &status);
	check(status == 0, "pause should end with 0 on TERM, ended with %d", status);
}

static unsigned long net_of(pid_t pid)
{
	struct ns_id ns = { 0 };

	proc_ns_id(host_proc(), pid, "net", &ns);
	return (unsigned long)ns.ino;
}

/* ---- the scene ---- */

static void show_sharing(struct pod *pod)
{
	const struct member *one = &pod->web, *two = &pod->client;

	heads("WEB", "CLIENT");
	row("PID", "%d, %d inside\t%d, %d inside", one->pid, number_inside(one->pid), two->pid,
	    number_inside(two->pid));
	row("net ns", "%lu\t%lu", net_of(one->pid), net_of(two->pid));
	row("127.0.0.1", "listens on %d\tconnects: %s", PORT, two->said);
	row("shmget", "writes a note\treads: %s", two->memory);
	row("host name", "sets pod-1\tis in %s", two->host_name);
	value("pause", "%d", pod->pause.pid);
	value("web", "%d", one->pid);
	value("client", "%d", two->pid);
	value("net_ns", "%lu", net_of(two->pid));
	value("pause_net_ns", "%lu", net_of(pod->pause.pid));
}

static void one_dies(struct pod *pod)
{
	act(NULL);
	show("kill -9 %d", pod->web.pid);
	pid_t web_pid = pod->web.pid;
	end_member(&pod->web);
	char state = state_of(pod->client.pid);
	row("after", "%s\tstate %c, net ns %lu", state_of(web_pid) ? "is still there" : "gone",
	    state, net_of(pod->client.pid));
	check(state_of(web_pid) == 0 && state && state != 'Z',
	      "web should be gone and client live, is in %c", state ? state : '-');
	check(net_of(pod->client.pid) == net_of(pod->pause.pid),
	      "the network namespace should be pause's still");
}

/* Ends the one orphan of this adopter; returns whether it was there and is properly reaped, which
 * may take so long. */
static bool reaps(pid_t adopter, pid_t *orphan, long ms)
{
	struct proc_stat child[2] = { 0 };

	*orphan = 0;
	if (children_of(adopter, child, 2) != 1)
		return false;
	*orphan = child[0].pid;
	kill(child[0].pid, SIGKILL);
	for (long until = clock_ms() + ms; state_of(*orphan) != 0 && clock_ms() < until;)
		nap_ms(1);
	return state_of(*orphan) == 0;
}

static void who_reaps(struct pod *apart, struct pod *shared)
{
	pid_t orphan;

	bool alone = reaps(apart->client.pid, &orphan, 500);
	row("orphan", "of client: adopted by %d, client itself, its PID 1", apart->client.pid);
	row("", "its end: %s",
	    alone ? "reaped" : "a zombie, for client does not know of this duty");
	check(orphan != 0 && !alone, "client should be PID 1 and leave a zombie");
	bool together = reaps(shared->pause.pid, &orphan, 10000);
	row("shared PID", "web is %d, client %d, pause 1", number_inside(shared->web.pid),
	    number_inside(shared->client.pid));
	row("orphan", "of client: adopted by pause; its end: %s", together ? "reaped" : "a zombie");
	check(together, "with the PID namespace shared, pause should adopt and reap");
	value("pause_reaps", "%s", together ? "yes" : "no");
}

void scene_pod(void)
{
	int kinds = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

	act(NULL);
	struct pod *pod = start_pod(kinds);
	say("pause, PID %d, holds net ns %lu, an IPC and a UTS namespace", pod->pause.pid,
	    net_of(pod->pause.pid));
	show_sharing(pod);
	if (broken("join")) {
		check(strcmp(pod->client.said, "hello from web") != 0,
		      "without the join it should not reach web");
		verdict("another localhost: %s", pod->client.said);
		end_pod(pod);
		return;
	}
	check(strcmp(pod->client.said, "hello from web") == 0, "client should reach web: %s",
	      pod->client.said);
	check(strcmp(pod->client.memory, "a note from web") == 0,
	      "client should read the segment: %s", pod->client.memory);
	check(strcmp(pod->client.host_name, "pod-1") == 0, "the host name should be pod-1: %s",
	      pod->client.host_name);
	one_dies(pod);
	act(NULL);
	struct pod *shared = start_pod(kinds | CLONE_NEWPID);
	who_reaps(pod, shared);
	end_pod(shared);
	end_pod(pod);
	verdict("one localhost, one memory, one name; pause outlives them");
}
