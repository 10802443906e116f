/*
 * remove_tree.h: removes a directory with all that is in it, by descriptors.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>

/* Why something stayed. */
struct left {
	int err;		 /* errno of the first failure; 0: nothing has stayed */
	const char *call;	 /* that failed */
	char name[NAME_MAX + 1]; /* of the entry that it was about */
};

/* Removes `name` below dir, which must be a directory, and everything in it: no link is followed,
 * no mount point entered (EXDEV), no path text is used, any depth is fine. What cannot be removed
 * is passed over, and the rest is removed all the same. keep: names at its top that go last, after
 * everything else is gone (NULL-ended array, or NULL). A directory that is gone is no error.
 * Nothing is written to the failure record. Returns 0, or -1 with errno and *left filled. */
int remove_tree_at(int dir, const char *name, const char *const keep[], struct left *left);

/* The same, but the directory itself and what is in keep stay. */
int empty_tree_at(int dir, const char *name, const char *const keep[], struct left *left);
