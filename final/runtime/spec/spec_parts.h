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
int spec_read_process_object(const struct spec_node *process, struct spec_process *to);
int spec_read_capabilities(const struct spec_node *process, struct spec_process *to);
int spec_read_priority(const struct spec_node *process, struct spec_process *to);
int spec_read_hooks(const struct spec_node *document, struct spec *spec);
int spec_read_mounts(const struct spec_node *document, struct spec *spec);
int spec_read_linux(const struct spec_node *document, struct spec *spec);
int spec_read_namespaces(const struct spec_node *linux_part, struct spec *spec);
int spec_read_devices(const struct spec_node *linux_part, struct spec *spec);
int spec_read_memory_policy(const struct spec_node *linux_part, struct spec *spec);
int spec_read_sysctls(const struct spec_node *linux_part, struct spec *spec);
int spec_read_seccomp(const struct spec_node *linux_part, struct spec *spec);
int spec_read_resource_lists(const struct spec_node *resources, struct spec_resources *into);
/* Another file, in a version's place of which spec_put_resource_file() writes. NULL with ENOMEM. */
struct resource_file *spec_add_resource_file(struct spec_resources *into,
					     enum cgroup_controller controller, const char *field);
void spec_put_resource_file(struct resource_place *place, const char *file, const char *text);
int spec_read_resource_files(const struct spec_node *resources, struct spec_resources *into);
/* linux.resources as it stands: -1 is "no limit" and 0 nothing. memory.swap is left in both. */
int spec_read_resources(const struct spec_node *linux_part, struct spec_resources *resources);
/* The same for a new group, which has no limit to lift. */
int spec_read_new_resources(const struct spec_node *linux_part, struct spec_resources *resources);

/* The options of one mount, and what is of them alone: flags, data and all between. */
int spec_read_mount_options(const struct spec_node *from, struct spec_mount *mount);

/* Is a namespace of this kind new or joined? What is set in any other would be the host's. */
static inline bool spec_has_namespace(const struct spec *spec, enum ns_kind kind)
{
	return (spec->namespaces & ns_info[kind].flag) || spec->join[kind];
}
