/*
 * keyring.h: keys of the kernel; keyrings(7).
 */
#pragma once

/* The caller gets a new and empty session keyring instead of the one that it has inherited, so that
 * no key of the runtime's caller can be read in the container. A kernel without keys, and a
 * filter that refuses keyctl(2), which then holds for the container too, are no errors.
 * Returns 0, or -1 with errno and the failure record: EDQUOT (the user has no more keys to make).
 * Source: KEYCTL_JOIN_SESSION_KEYRING in keyctl(2). */
int keyring_own(void);
