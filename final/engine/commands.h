/*
 * commands.h: what main.c can start. Each takes argv with its own name first and returns the exit
 * status.
 */
#pragma once

int command_run(int argc, char **argv);	      /* run_cmd.c */
int command_doctor(int argc, char **argv);    /* doctor.c */
int command_inspector(int argc, char **argv); /* inspector_cmd.c; does not return if it works */
int command_gc(int argc, char **argv);	      /* run_cmd.c */
