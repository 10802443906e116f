/*
 * fpregs.c - LD_PRELOAD for user-mode Linux 6.1 on new processors.
 *
 * UML keeps a process's floating point registers in a buffer of fixed size. A processor with AMX
 * has more than fit, and PTRACE_SETREGSET refuses a set that is too short. So complete what UML
 * hands over with what the process has.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

static long set_xstate(pid_t pid, void *type, struct iovec *given)
{
	static __thread unsigned char regs[65536] __attribute__((aligned(64)));
	struct iovec full = { regs, sizeof(regs) };

	if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, type, &full) < 0)
		return -1;
	if (given->iov_len >= full.iov_len)
		return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, type, given);
	memcpy(regs, given->iov_base, given->iov_len);
	return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, type, &full);
}

long ptrace(enum __ptrace_request request, ...)
{
	va_list ap;
	pid_t pid;
	void *addr, *data;
	long word;

	va_start(ap, request);
	pid = va_arg(ap, int);
	addr = va_arg(ap, void *);
	data = va_arg(ap, void *);
	va_end(ap);

	if (request == PTRACE_SETREGSET && (long)addr == NT_X86_XSTATE)
		return set_xstate(pid, addr, data);
	/* The system call stores a peeked word; glibc's ptrace() returns it. */
	if (request == PTRACE_PEEKUSER || request == PTRACE_PEEKTEXT ||
	    request == PTRACE_PEEKDATA) {
		if (syscall(SYS_ptrace, request, pid, addr, &word) < 0)
			return -1;
		errno = 0;
		return word;
	}
	return syscall(SYS_ptrace, request, pid, addr, data);
}
