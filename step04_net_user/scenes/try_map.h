/*
 * try_map.h: `step04_net_user map LINES`: would the kernel take this uid_map, from you, here?
 */
#pragma once

/* A sub-command for struct demo: -1 if argv[1] is not "map", else the exit status: 0 taken, 1
 * refused (and why), 2 usage. */
int try_map_command(int argc, char **argv);
extern const char try_map_help[];
