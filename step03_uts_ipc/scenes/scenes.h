/*
 * scenes.h: step 3's experiments, by file.
 */
#pragma once

/* uts.c: names */
void scene_hostname(void);
void scene_domainname(void);

/* sysv.c: shared memory, semaphores and queues, by key */
void scene_sysv_ipc(void);
void scene_shared_when_not_asked(void);

/* mqueue.c: POSIX message queues */
void scene_posix_mq(void);

/* life.c: what a namespace is, how to get one, and how long it lives */
void scene_ns_links(void);
void scene_keep_alive(void);
void scene_three_ways(void);

/* undo.c: what clone shared and unshare takes back */
void scene_unshare_undoes(void);
