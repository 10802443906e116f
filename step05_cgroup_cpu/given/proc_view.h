/*
 * proc_view.h: what /proc would say if it knew of cgroups (given).
 *
 * The files of /proc tell of the machine. These make from a host's text one that fits a limit, to
 * be bound over the original in a container's mount namespace. Text in, text out: who mounts it,
 * and when it is made anew, is the caller's business. sysinfo(2) and sched_getaffinity(2) are
 * system calls and cannot be covered by a file.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* /proc/meminfo for this limit and use (bytes; limit INT64_MAX: as the host). MemTotal, MemFree,
 * MemAvailable, Cached, SwapTotal and SwapFree are replaced, the other lines are kept. Returns the
 * length, or -1 with errno ENOSPC. */
int proc_view_meminfo(const char *host, int64_t limit, int64_t used, int64_t cache, char *out,
		      size_t size);

/* /proc/cpuinfo with the first n processors only. Returns as above. */
int proc_view_cpuinfo(const char *host, int n, char *out, size_t size);

/* /proc/stat with the first n cpu lines; btime becomes started (seconds since the epoch). */
int proc_view_stat(const char *host, int n, int64_t started, char *out, size_t size);

/* /proc/uptime of something that runs for so long, having used so much CPU of n. */
int proc_view_uptime(double seconds, double cpu_seconds, int n, char *out, size_t size);
