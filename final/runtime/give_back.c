/*
 * give_back.c: free pages of the heap and of the stack.
 */
#define _GNU_SOURCE
#include "give_back.h"

#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DEEPEST = 256 * 1024 };

/* Not as a part of a caller's frame, which may be large. */
__attribute__((noinline)) void give_back_memory(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	/* This frame is small, and is in the page that stays, or in the one below it. */
	uintptr_t end = ((uintptr_t)__builtin_frame_address(0) & ~(page - 1)) - page;

	malloc_trim(0);
	/* ENOMEM: the stack is not that deep. What there is of it is given back all the same. */
	madvise((void *)(end - DEEPEST), DEEPEST,
		MADV_DONTNEED); // NOLINT(performance-no-int-to-ptr)
}
