/*
 * spec_parts.h: the parts of config.json, a reader each, for spec.c alone.
 *
 * Each fills its members of spec and returns 0, or -1 with errno and the failure record; what it
 * has allocated by then is in spec, for spec_free().
 */
#pragma once

#include "spec.h"
#include "spec_reader.h"

int spec_read_process(const struct spec_node *document, struct spec *spec);
int spec_read_mounts(const struct spec_node *document, struct spec *spec);
int spec_read_linux(const struct spec_node *document, struct spec *spec);
int spec_read_resources(const struct spec_node *linux_part, struct cgroup_limits *limits);
