/*
 * inside.h: the child's half of launch.c.
 */
#pragma once

/* struct spawn's fn; arg: the struct container. Ends in execve, or hands its failure up and returns
 * 125, 126 or 127. */
int inside_main(void *arg);
