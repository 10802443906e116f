/*
 * spec_resource_lists.c: the members of "linux.resources" of controllers that few hosts have: huge
 * pages, network classes and priorities, RDMA.
 */
#define _GNU_SOURCE
#include "spec_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "64KB", "2MB", "1GB": a part of a file's name. */
static bool is_page_size(const char *size)
{
	size_t digits = strspn(size, "0123456789");

	return digits && digits < 10 && strlen(size + digits) == 2 && strchr("KMG", size[digits]) &&
	       size[digits + 1] == 'B';
}

static int read_huge_page(const struct spec_node *one, struct spec_resources *into)
{
	struct spec_node at = spec_at(one, "pageSize");
	const char *size = NULL;
	char name[RESOURCE_FILE], text[RESOURCE_TEXT];
	uint64_t limit = 0;

	if (spec_value_is(one, json_type_object) < 0)
		return -1;
	int there = spec_text(one, "pageSize", &size);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(one, "pageSize", "a size as 2MB");
	if (!is_page_size(size))
		return spec_wrong(&at, "a size as 64KB, 2MB or 1GB");
	there = spec_unsigned(one, "limit", INT64_MAX, &limit);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(one, "limit", "bytes");
	struct resource_file *file = spec_add_resource_file(into, CG_HUGETLB,
							    "linux.resources.hugepageLimits");
	if (!file)
		return -1;
	snprintf(text, sizeof(text), "%" PRIu64, limit);
	snprintf(name, sizeof(name), "hugetlb.%s.limit_in_bytes", size);
	spec_put_resource_file(&file->in[0], name, text);
	snprintf(name, sizeof(name), "hugetlb.%s.max", size);
	spec_put_resource_file(&file->in[1], name, text);
	return 0;
}

static int read_priority(const struct spec_node *one, struct spec_resources *into)
{
	struct spec_node at = spec_at(one, "name");
	const char *name = NULL;
	char text[RESOURCE_TEXT];
	int64_t priority = 0;

	if (spec_value_is(one, json_type_object) < 0)
		return -1;
	int there = spec_text(one, "name", &name);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(one, "name", "a network interface");
	if (!*name || strlen(name) > 15 || strpbrk(name, " \n"))
		return spec_wrong(&at, "the name of a network interface");
	there = spec_number(one, "priority", 0, UINT32_MAX, &priority);
	if (there <= 0)
		return there < 0 ? -1 : spec_missing(one, "priority", "a whole number");
	struct resource_file *file = spec_add_resource_file(into, CG_NET_PRIO,
							    "linux.resources.network.priorities");
	if (!file)
		return -1;
	snprintf(text, sizeof(text), "%s %" PRId64, name, priority);
	spec_put_resource_file(&file->in[0], "net_prio.ifpriomap", text);
	return 0;
}

/* Calls read for each element of a list. */
static int each(const struct spec_node *object, const char *name, struct spec_resources *into,
		int (*read)(const struct spec_node *one, struct spec_resources *into))
{
	struct spec_node list, one;
	int there = spec_array(object, name, &list);

	for (size_t i = 0; there > 0 && i < spec_length(&list); i++) {
		spec_element(&list, i, &one);
		if (read(&one, into) < 0)
			return -1;
	}
	return there < 0 ? -1 : 0;
}

static int read_network(const struct spec_node *resources, struct spec_resources *into)
{
	struct spec_node network;
	char text[RESOURCE_TEXT];
	int64_t class_id = 0;

	if (spec_object(resources, "network", &network) <= 0)
		return 0;
	if (spec_number(&network, "classID", 0, UINT32_MAX, &class_id) < 0)
		return -1;
	if (class_id) {
		struct resource_file *file =
			spec_add_resource_file(into, CG_NET_CLS, "linux.resources.network.classID");
		if (!file)
			return -1;
		snprintf(text, sizeof(text), "%" PRId64, class_id);
		spec_put_resource_file(&file->in[0], "net_cls.classid", text);
	}
	return each(&network, "priorities", into, read_priority);
}

static int read_rdma(const struct spec_node *resources, struct spec_resources *into)
{
	struct spec_node rdma;

	if (spec_object(resources, "rdma", &rdma) <= 0)
		return 0;
	json_object_object_foreach(rdma.json, device, json)
	{
		struct spec_node one = { { .up = &rdma.place, .name = device }, json };
		int64_t handles = 0, objects = 0;
		char text[RESOURCE_TEXT], more[64] = "";
		if (spec_value_is(&one, json_type_object) < 0)
			return -1;
		if (!*device || strlen(device) > 63 || strpbrk(device, " \n"))
			return spec_wrong(&one, "an object named like an RDMA device");
		int has_handles = spec_number(&one, "hcaHandles", 0, UINT32_MAX, &handles);
		int has_objects = spec_number(&one, "hcaObjects", 0, UINT32_MAX, &objects);
		if (has_handles < 0 || has_objects < 0)
			return -1;
		if (!has_handles && !has_objects)
			continue;
		struct resource_file *file = spec_add_resource_file(into, CG_RDMA,
								    "linux.resources.rdma");
		if (!file)
			return -1;
		if (has_objects)
			snprintf(more, sizeof(more), " hca_object=%" PRId64, objects);
		if (has_handles)
			snprintf(text, sizeof(text), "%.63s hca_handle=%" PRId64 "%s", device,
				 handles, more);
		else
			snprintf(text, sizeof(text), "%.63s%s", device, more);
		spec_put_resource_file(&file->in[0], "rdma.max", text);
		spec_put_resource_file(&file->in[1], "rdma.max", text);
	}
	return 0;
}

int spec_read_resource_lists(const struct spec_node *resources, struct spec_resources *into)
{
	return each(resources, "hugepageLimits", into, read_huge_page) < 0 ||
			       read_network(resources, into) < 0 || read_rdma(resources, into) < 0
		       ? -1
		       : 0;
}
