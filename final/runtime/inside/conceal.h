/*
 * conceal.h: what a process of the container's keeps to itself while it is still the runtime's
 * program.
 *
 * Its memory is a copy of the runtime's: environment, command line, config.json. A process of the
 * container that may ptrace(2) it can read that, and can take its descriptors: one of the same PID
 * namespace (a pod's, or what exec has started before `start`) with the same ids.
 */
#pragma once

/* In the runtime, before it clones: has it CAP_SYS_PTRACE? Without that (an ordinary user) its
 * later operations could not open the namespaces of a process that conceals its memory. The first
 * call counts: it must be made before a user namespace is entered, for there every process has that
 * capability, and over its own memory, which execve(2) has made outside, it has not. */
void conceal_learn(void);

/* The caller cannot be traced, nor its /proc/PID be read, by a process without CAP_SYS_PTRACE in
 * the user namespace that the runtime was executed in. Passed over where conceal_learn() has found
 * that the runtime itself lacks it. Ends with execve(2); a change of ids may end it: call it again
 * after one. Returns 0, or -1 with errno. Source: PR_SET_DUMPABLE in prctl(2), ptrace(2). */
int conceal_memory(void);

/* Overwrites the environment that the runtime was started with, and forgets it: it stays in
 * /proc/PID/environ as long as the process executes nothing. */
void conceal_environment(void);

/* Overwrites the arguments but for the name, which /proc/PID/cmdline shows. To be called when none
 * of them is needed any more, and before conceal_environment(), whose place it needs to know. */
void conceal_arguments(void);
