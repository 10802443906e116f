/*
 * scenes.h: the scenes of step 5, one function each; the table is in main.c.
 */
#pragma once

void scene_quota(void); /* cpu.c */
void scene_shares(void);
void scene_cpuset(void);    /* cpuset.c */
void scene_memory(void);    /* memory.c */
void scene_proc_leak(void); /* proc.c */
void scene_proc_fixed(void);
void scene_hierarchy(void);  /* tree.c */
void scene_cgroup_ns(void);  /* tree.c */
void scene_pids(void);	     /* pids.c */
void scene_freezer(void);    /* freezer.c */
void scene_io(void);	     /* io.c */
void scene_devices(void);    /* devices.c */
void scene_accounting(void); /* count.c */
void scene_subsystems(void);
