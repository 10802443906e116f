/*
 * commands.h: the commands of minibox-runtime, one file each, and what they share.
 */
#pragma once

#include "final/runtime/runtime.h"

/* The options before the command. */
struct globals {
	const char *root;	    /* --root, or NULL */
	const char *log;	    /* --log FILE, or NULL: standard error alone */
	const char *log_format;	    /* "text" or "json" */
	const char *cgroup_manager; /* "cgroupfs", "disabled" */
	bool debug, systemd_cgroup, version;
	const char *rootless; /* "true", "false", "auto" */
	const char *criu;
	bool explain;
};
extern struct globals globals;

/* The whole of minibox-runtime. argv[0] is its name. Returns the exit status. */
int runtime_main(int argc, char **argv);

/* Says the failure record: on standard error as a person wants it, and as one JSON object (or a
 * line of text) in --log's file, without remedy. Returns 1. */
int command_failed(void);

/* The same for a failure of words alone. Returns 1. */
int command_refuse(const char *subject, const char *cause, const char *remedy);

/* Opens ROOT, and a container in it. Returns 0, or -1 with the failure record. */
int command_root(struct runtime_root *root);
int command_box(struct runtime_root *root, const char *id, enum box_how how, struct box *box);

/* "TERM", "SIGTERM", "15", "RTMIN+1". Returns the number, or -1. */
int signal_number(const char *text);

int runtime_cmd_create(int argc, char **argv);
int runtime_cmd_start(int argc, char **argv);
int runtime_cmd_state(int argc, char **argv);
int runtime_cmd_kill(int argc, char **argv);
int runtime_cmd_delete(int argc, char **argv);
int runtime_cmd_run(int argc, char **argv);
int runtime_cmd_list(int argc, char **argv);
int runtime_cmd_pause(int argc, char **argv);
int runtime_cmd_resume(int argc, char **argv);
int runtime_cmd_ps(int argc, char **argv);
int runtime_cmd_exec(int argc, char **argv);
int runtime_cmd_update(int argc, char **argv);
int runtime_cmd_events(int argc, char **argv);
