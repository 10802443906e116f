/*
 * scenes.h: the scenes of step 5, one function each; the table is in main.c.
 */
#pragma once

void scene_quota(void); /* scenes_cpu.c */
void scene_shares(void);
void scene_cpuset(void);    /* scenes_cpuset.c */
void scene_memory(void);    /* scenes_memory.c */
void scene_proc_leak(void); /* scenes_proc.c */
void scene_proc_fixed(void);
void scene_hierarchy(void);  /* scenes_tree.c */
void scene_cgroup_ns(void);  /* scenes_tree.c */
void scene_pids(void);	     /* scenes_pids.c */
void scene_freezer(void);    /* scenes_freezer.c */
void scene_io(void);	     /* scenes_io.c */
void scene_devices(void);    /* scenes_devices.c */
void scene_accounting(void); /* scenes_count.c */
void scene_subsystems(void);
