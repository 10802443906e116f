/*
 * scenes.h: step 3's experiments, by file.
 */
#pragma once

/* scenes_uts.c: names */
void scene_hostname(void);
void scene_domainname(void);

/* scenes_sysv.c: shared memory, semaphores and queues, by key */
void scene_sysv_ipc(void);
void scene_shared_when_not_asked(void);

/* scenes_mqueue.c: POSIX message queues */
void scene_posix_mq(void);

/* scenes_life.c: what a namespace is, how to get one, and how long it lives */
void scene_ns_links(void);
void scene_keep_alive(void);
void scene_three_ways(void);

/* scenes_undo.c: what clone shared and unshare takes back */
void scene_unshare_undoes(void);
