/*
 * default_seccomp.h: the system calls that a container is refused unless its user says otherwise.
 */
#pragma once

#include <json-c/json.h>
#include <stdbool.h>

/* A linux.seccomp of config.json: everything is allowed but a list of calls that reach the machine
 * as a whole, or parts of the kernel that no namespace divides. Most of them need a capability as
 * well, which the container has not: the filter is a second wall, for the day on which the first
 * has a hole.
 *
 * sys_admin: the container is given CAP_SYS_ADMIN, whose holder is meant to mount and to make
 * namespaces; these calls are not refused then.
 *
 * Returns a new object, which the caller puts (json_object_put()), or NULL with ENOMEM. */
struct json_object *default_seccomp(bool sys_admin);
