/*
 * life.c: the app's life and the container's.
 */
#define _GNU_SOURCE
#include "capsule.h"
#include "observe.h"
#include "scenes.h"
#include "step01_clone_pid/floor/demo/scene.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* The app: runs a moment, then ends with 3. */
static int app(void *arg)
{
	(void)arg;
	nap_ms(100);
	return 3;
}

static volatile int *told;

static void on_term(int signal_number)
{
	*told = signal_number; /* so that the scene knows what it died of */
	_exit(128 + signal_number);
}

/* The app as a daemon: what was started returns at once, the real work goes on in an orphan. */
static int daemonize(void *arg)
{
	struct capsule *capsule = arg;

	if (fork() == 0) {
		setsid();
		told = &capsule->made;
		signal(SIGTERM, on_term);
		capsule->ready = true;
		while (!capsule->go)
			nap_ms(2);
		_exit(3);
	}
	await_ready(capsule);
	return 0;
}

/* Number 1 as many an image has it: starts the daemon and then sleeps, so that the container stays
 * up. */
static int start_and_sleep(void *arg)
{
	if (fork() == 0)
		_exit(daemonize(arg));
	while (wait(NULL) > 0) /* at least no zombies */
		;
	sleep_for_ever();
}

void scene_same_life(void)
{
	struct capsule *capsule = shared_notes(sizeof(*capsule));
	struct spawn container;
	int status;

	say("%-35s%-10s%s", "", "APP", "CONTAINER");
	act(NULL);
	start_container(capsule, &container, app);
	status = ended_within(&container, 10000);
	evidence("%-35s%-10s%s %d", "1 app in the foreground", "ended: 3", "ended:", status);
	check(status == 3, "the container should end with the app's 3, not %d", status);
	value("foreground_status", "%d", status);

	act(NULL);
	start_bare(capsule, &container, start_and_sleep);
	await_ready(capsule);
	capsule->go = true;
	for (long until = clock_ms() + 10000;
	     children_of(container.pid, NULL, 0) > 0 && clock_ms() < until;)
		nap_ms(2);
	bool app_lives = children_of(container.pid, NULL, 0) > 0,
	     looks_alive = state_of(container.pid) == 'S';
	evidence("%-35s%-10s%s", "2 app a daemon, PID 1 just sleeps",
		 app_lives ? "runs" : "ended: 3",
		 looks_alive ? "\"running\", not restarted" : "ended");
	check(!app_lives && looks_alive, "the app should be dead and the container alive");
	value("looks_alive", "%s", looks_alive ? "yes" : "no");
	end_container(&container);

	act(NULL);
	start_container(capsule, &container, daemonize);
	status = ended_within(&container, 10000);
	evidence("%-35s%-10s%s %d", "3 app a daemon, under our init",
		 capsule->made == SIGTERM ? "gets TERM" : "?", "ended:", status);
	check(capsule->made == SIGTERM, "init should end the daemon by TERM");
	check(status == 0, "the container should end as its command did, with 0, not %d", status);
	value("daemon_status", "%d", status);
	say("In 2 an orchestrator sees a healthy container without an app; in 3 it");
	say("sees one that says \"done\" and is restarted for ever. Only in 1 the life");
	say("of the app and of the container are the same: run it in the foreground.");
	verdict("same life only for an app that stays in the foreground");
}
