/*
 * copy_up.h: the content of a directory, in a second one.
 */
#pragma once

#include <stdbool.h>

/* Copies everything in directory from into the empty directory to: directories, files, links, FIFOs
 * and devices, with owner and mode, no extended attributes. No link is followed, no other file
 * system entered. top: owner and mode of the directory itself too. Both descriptors are of open(2)
 * with O_RDONLY and stay the caller's. Returns 0, or -1 with errno and the failure record, whose
 * subject is the name of the entry: ENOSPC, EPERM, ELOOP (deeper than 100 directories). */
int copy_up(int from, int to, bool top);
