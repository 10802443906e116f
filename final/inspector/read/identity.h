/*
 * identity.h: who the container is (maps, capabilities, seccomp, host name) and what it has for a
 * root directory.
 */
#pragma once

#include "final/inspector/model/model.h"

/* Reads status, uid_map and gid_map of the container's init. */
void identity_read(int procfd, pid_t init, struct identity *id);

/* Reads its mountinfo: the root, overlay layers, volumes, masked paths. What another user's
 * process has mounted may be denied: then all is empty. */
void rootfs_read(int procfd, pid_t init, struct identity *id);

/* A container's host name cannot be read through /proc: a child goes in by setns(2) and asks. Live
 * only. start: the process's start time, for its number may be another's by now. "" if we may not,
 * or if it has ended. */
void hostname_ask(int procfd, pid_t init, unsigned long long start, char name[65]);

/* The name of capability number n, "cap_sys_admin"; NULL past the last that we know. */
const char *capability_name(int n);
enum { CAPABILITIES = 41 };
