/*
 * spec_cmd.h: the two commands of the runtime that touch no container.
 *
 * argv[0] is the command's own name. Each returns the exit status: 0, or 1 with the failure record
 * filled in, which the caller prints or logs (it knows --log). What was asked for goes to standard
 * output.
 */
#pragma once

/* spec [--bundle DIR | -b DIR] [--rootless]: writes DIR/config.json (without --bundle in the
 * working directory), a container that runs sh in DIR/rootfs. An existing file is never written
 * over: EEXIST. --rootless: for an ordinary user, with a user namespace that maps the caller to 0
 * and without what such a namespace may not do. Source: runc-spec(8). */
int command_spec(int argc, char **argv);

/* features: prints what the reader of config.json takes, from its own tables.
 * Source: the OCI runtime specification, features.md and features-linux.md. */
int command_features(int argc, char **argv);
