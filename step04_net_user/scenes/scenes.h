/*
 * scenes.h: step 4's experiments, by file.
 */
#pragma once

/* ids.c: two numbers for one user */
void scene_uid_map(void);
void scene_files_belong(void);
void scene_setgroups_deny(void);
/* Their by-hand lines, which differ for root: by_hand_prepare() fills them. */
extern char by_hand_uid_map[192], by_hand_files_belong[192];
void by_hand_prepare(void);

/* sub_ids.c: 65536 of them */
void scene_sub_ids(void);

/* root.c: what root in there is, and is not */
void scene_useradd(void);
void scene_root_but_not_really(void);

/* empty.c: a network with nothing in it */
void scene_empty_net(void);

/* net.c: cables, and a switch */
void scene_veth(void);
void scene_bridge(void);

/* ports.c: the same port twice */
void scene_port_collision(void);
void scene_loopback(void);

/* time.c: clocks */
void scene_wall_clock(void);
void scene_wall_clock_really(void);
void scene_time_ns(void);
