/*
 * model_json_in.c: JSON as the model. A recording may come from anybody: nothing in it is trusted.
 */
#define _GNU_SOURCE
#include "model_json.h"
#include "model_fields.h"
#include "final/inspector/text/printable.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

static json_object *get(json_object *object, const char *key)
{
	json_object *value = NULL;

	return json_object_is_type(object, json_type_object) &&
			       json_object_object_get_ex(object, key, &value)
		       ? value
		       : NULL;
}

static int64_t long_in(json_object *value)
{
	const char *text = json_object_is_type(value, json_type_string)
				   ? json_object_get_string(value)
				   : "";

	return strcmp(text, "max") == 0 ? MODEL_NO_LIMIT
	       : value			? json_object_get_int64(value)
					: -1;
}

/* JSON-C takes NaN and Infinity for numbers. Where the kernel gives no number, the model has -1. */
static double real_in(json_object *value)
{
	double number = value ? json_object_get_double(value) : -1;

	return number >= -1 && number <= 1e18 ? number : -1;
}

static void field_in(const struct field *field, json_object *value, void *to)
{
	void *at = (char *)to + field->offset;
	const char *text = value ? json_object_get_string(value) : "";

	switch (field->type) {
	case INT:
		*(int *)at = json_object_get_int(value);
		break;
	case UINT:
		*(unsigned *)at = (unsigned)json_object_get_int64(value);
		break;
	case LONG:
		*(int64_t *)at = long_in(value);
		break;
	case START:
		*(unsigned long long *)at = (unsigned long long)json_object_get_int64(value);
		break;
	case REAL:
		*(double *)at = real_in(value);
		break;
	case FLAG:
		*(bool *)at = json_object_get_boolean(value);
		break;
	case LETTER:
		*(char *)at = text[0];
		break;
	case TEXT:
		printable(text, at, field->size);
		break;
	}
}

static void object_in(const struct field *fields, int count, json_object *object, void *to)
{
	for (int i = 0; i < count; i++)
		field_in(&fields[i], get(object, fields[i].key), to);
}

/* The number of a word among the names of an enum; 0 if it is none of them. */
#define WORD_IN(type, name_of, count, value)                                                       \
	static type value(json_object *word)                                                       \
	{                                                                                          \
		const char *text = word ? json_object_get_string(word) : "";                       \
		for (int i = 0; i < (count); i++)                                                  \
			if (strcmp(text, name_of((type)i)) == 0)                                   \
				return (type)i;                                                    \
		return (type)0;                                                                    \
	}

WORD_IN(enum relation, relation_name, REL_SHARES + 1, relation_in)
WORD_IN(enum ns_verdict, ns_verdict_name, NS_ABSENT + 1, verdict_in)
WORD_IN(enum change_kind, change_name, CH_KINDS, change_in)
WORD_IN(enum cgroup_layout, layout_name, CGROUP_HYBRID + 1, layout_in)

static int length(json_object *list, int most)
{
	int count = json_object_is_type(list, json_type_array) ? (int)json_object_array_length(list)
							       : 0;

	return count < most ? count : most;
}

static json_object *item(json_object *list, int i)
{
	return json_object_array_get_idx(list, (size_t)i);
}

static void row_in(json_object *from, struct row *row)
{
	json_object *numbers = get(from, "nspid");

	object_in(row_fields, COUNT(row_fields), from, row);
	row->levels = length(numbers, MODEL_LEVELS);
	for (int i = 0; i < row->levels; i++)
		row->nspid[i] = json_object_get_int(item(numbers, i));
	row->relation = relation_in(get(from, "relation"));
}

static void list_in(json_object *from, struct named_list *list)
{
	named_list_clear(list);
	for (int i = 0; i < length(from, MODEL_LIST); i++) {
		const char *text = json_object_get_string(item(from, i));
		named_list_add(list, text ? text : "");
	}
}

static void cgroup_in(json_object *from, struct cgroup_model *cg)
{
	json_object *cpu = get(from, "cpu_history"), *memory = get(from, "memory_history");

	object_in(cgroup_fields, COUNT(cgroup_fields), from, cg);
	object_in(usage_fields, COUNT(usage_fields), get(from, "memory"), &cg->memory);
	object_in(usage_fields, COUNT(usage_fields), get(from, "pids"), &cg->pids);
	cg->samples = length(cpu, length(memory, MODEL_HISTORY));
	for (int i = 0; i < cg->samples; i++) {
		cg->cpu_history[i] = (float)real_in(item(cpu, i));
		cg->memory_history[i] = (float)real_in(item(memory, i));
	}
}

static void identity_in(json_object *from, struct identity *id)
{
	json_object *upper = get(from, "upper");

	object_in(id_fields, COUNT(id_fields), from, id);
	free(id->upper);
	id->upper = upper ? strdup(json_object_get_string(upper)) : NULL;
	list_in(get(from, "lowers"), &id->lowers);
	list_in(get(from, "volumes"), &id->volumes);
	list_in(get(from, "masked"), &id->masked);
}

static void lists_in(json_object *object, struct model *model)
{
	json_object *changes = get(object, "changes"), *boxes = get(object, "containers");

	model->changes_count = length(changes, MODEL_CHANGES);
	for (int i = 0; i < model->changes_count; i++) {
		struct change *change = &model->changes[i];
		const char *text = json_object_get_string(get(item(changes, i), "text"));
		change->at = long_in(get(item(changes, i), "at_ms"));
		change->kind = change_in(get(item(changes, i), "kind"));
		printable(text ? text : "", change->text, sizeof(change->text));
	}
	model->boxes_count = length(boxes, MODEL_BOXES);
	for (int i = 0; i < model->boxes_count; i++)
		object_in(box_fields, COUNT(box_fields), item(boxes, i), &model->boxes[i]);
}

static int read_object(json_object *object, struct model *model)
{
	json_object *rows = get(object, "rows"), *spaces = get(object, "namespaces");

	object_in(model_fields, COUNT(model_fields), object, model);
	model->layout = layout_in(get(object, "cgroup_layout"));
	object_in(box_fields, COUNT(box_fields), get(object, "container"), &model->box);
	for (int i = 0; i < length(rows, 1 << 20); i++) {
		struct row *row = model_add_row(model);
		if (!row)
			return -1;
		row_in(item(rows, i), row);
	}
	for (int k = 0; k < NS_KINDS; k++) {
		json_object *one = get(spaces, ns_info[k].name);
		object_in(ns_fields, COUNT(ns_fields), one, &model->ns[k]);
		model->ns[k].verdict = one ? verdict_in(get(one, "verdict")) : NS_ABSENT;
		model->ns_host[k] = model->ns[k].host;
		if (!model->ns[k].base) /* a recording from before there was such a key */
			model->ns[k].base = model->ns[k].host;
	}
	cgroup_in(get(object, "cgroup"), &model->cgroup);
	identity_in(get(object, "identity"), &model->id);
	lists_in(object, model);
	return 0;
}

int model_from_json(const char *line, struct model *model)
{
	json_object *object = json_tokener_parse(line);

	model_free(model);
	if (!object || !json_object_is_type(object, json_type_object)) {
		json_object_put(object);
		errno = EINVAL;
		return -1;
	}
	int result = read_object(object, model);
	json_object_put(object);
	return result;
}
