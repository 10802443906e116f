/*
 * give_back.h: memory of a process that stays as long as a container does.
 */
#pragma once

/* What was needed on the way goes back to the kernel: the free pages of the heap, and those of the
 * stack below the caller's frame. Source: malloc_trim(3), madvise(2), MADV_DONTNEED. */
void give_back_memory(void);
