/*
 * procfs.h: reading /proc. Parsers take a buffer, readers a descriptor of the
 * proc directory, so that tests, the inspector and fuzzers can feed them.
 * No SYS here: a process that is gone is an answer and not a failure.
 */
#pragma once

#include "step01_clone_pid/floor/host/facts.h"

#include <stddef.h>
#include <sys/types.h>

/* Reads a whole file below dirfd, however long: a file that the kernel makes up as it is read tells
 * no size, and most have no limit (status holds a number for every supplementary group). Returns
 * the text, ended with NUL, for the caller to free(3), and its bytes in *length (which may be
 * NULL). NULL with errno: of openat(2) or read(2); ENOMEM; EFBIG beyond READ_WHOLE_MOST. */
char *read_whole_at(int dirfd, const char *path, size_t *length);

#define READ_WHOLE_MOST ((size_t)64 << 20) /* bytes; nothing of /proc comes near it */

/* Reads a file that holds one short value (a number, a word, a limit) below dirfd into buf and ends
 * it with NUL. What is beyond size - 1 bytes is cut off: a file that may be longer is for
 * read_whole_at(). Returns the bytes read, or -1 with errno of openat(2) or read(2). */
ssize_t read_file_at(int dirfd, const char *path, char *buf, size_t size);

/* Writes text to an existing file with one write(2), as the files of /proc want it.
 * Returns 0, or -1 with errno; a short write is EIO. Traced and recorded by SYS with the path as
 * subject. */
int write_file_at(int dirfd, const char *path, const char *text);

/* The value of "Key:" in text like /proc/PID/status, into out (NUL-ended, surrounding blanks gone).
 * false: no such key. */
bool status_value(const char *text, const char *key, char *out, size_t size);

/* The same from PID/status below procfd. pid 0: self. false: no such key, or errno of
 * read_whole_at(). */
bool proc_status_value(int procfd, pid_t pid, const char *key, char *out, size_t size);

/* The fields of /proc/PID/stat that we use; proc_pid_stat(5). */
struct proc_stat {
	pid_t pid;
	char comm[64]; /* control characters as they are: escape before showing */
	char state;
	pid_t ppid, pgrp, session;
	unsigned long long utime, stime; /* clock ticks */
	long threads;
	unsigned long long starttime; /* clock ticks since boot: with pid, a process's identity */
	unsigned long long rss_pages;
	int exit_code; /* as wait(2) gives it; 0 without ptrace rights */
};

/* Parses a line of /proc/PID/stat (a comm may hold blanks and parentheses). Returns 0, or -1 with
 * EINVAL. */
int proc_stat_parse(const char *text, struct proc_stat *out);

/* Reads PID/stat below procfd. Returns 0, or -1 with errno (ENOENT, ESRCH: gone). */
int proc_stat_read(int procfd, pid_t pid, struct proc_stat *out);

/* A namespace's identity: device and inode, as ioctl_ns(2) says both count. */
struct ns_id {
	dev_t dev;
	ino_t ino;
};

/* Identity of PID/ns/NAME ("pid", "pid_for_children", ...). pid 0: self. Returns 0, or -1 with
 * errno (EACCES: not yours to look at; ENOENT: none, or no child yet). */
int proc_ns_id(int procfd, pid_t pid, const char *name, struct ns_id *out);
bool ns_id_equal(struct ns_id a, struct ns_id b);

/* Does PID below procfd mean the process of this pidfd? To be asked before anything is entered,
 * written or killed by a number: in a proc of another PID namespace the same number is another
 * process. The kernel answers, with the number that the process has in that proc
 * (self/fdinfo/PIDFD; pidfd_open(2)). false with errno ESRCH: another, or it is gone. Kernels
 * before 5.2 do not tell, and are believed. */
bool proc_shows(int procfd, pid_t pid, int pidfd);

/* The same for a process that the caller has no pidfd of: is its parent this one? While the parent
 * has not waited for it the number cannot become another process's. false with errno ESRCH. */
bool proc_is_child(int procfd, pid_t pid, pid_t parent);

/* Opens /proc as a directory of its own, for use after mounts have changed. Close it. */
int proc_open(void);

/* Calls fn for every process below procfd; stops when it returns non-zero and returns that. */
int proc_each(int procfd, int (*fn)(pid_t pid, void *arg), void *arg);
