/*
 * clock.h: milliseconds of CLOCK_MONOTONIC, for what has to be over at a time. Source:
 * clock_gettime(2).
 */
#pragma once

#include <time.h>

static inline long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
