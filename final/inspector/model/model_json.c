/*
 * model_json.c: the model as JSON, a piece at a time: a tree of 5,000 rows would take more memory
 * than all the rest of the inspector.
 */
#define _GNU_SOURCE
#include "model_json.h"
#include "model_fields.h"
#include "final/inspector/text/printable.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_object *text_out(const char *text)
{
	char safe[1024];

	return json_object_new_string(printable(text, safe, sizeof(safe)));
}

static json_object *long_out(int64_t number)
{
	if (number == MODEL_NO_LIMIT)
		return json_object_new_string("max");
	return number == -1 ? NULL : json_object_new_int64(number);
}

static json_object *real_out(double number)
{
	char text[32];

	if (number == -1)
		return NULL;
	snprintf(text, sizeof(text), "%.1f", number);
	return json_object_new_double_s(number, text);
}

static json_object *field_out(const struct field *field, const void *from)
{
	const void *at = (const char *)from + field->offset;

	switch (field->type) {
	case INT:
		return json_object_new_int(*(const int *)at);
	case UINT:
		return json_object_new_int64(*(const unsigned *)at);
	case LONG:
		return long_out(*(const int64_t *)at);
	case START:
		return json_object_new_int64((int64_t) * (const unsigned long long *)at);
	case REAL:
		return real_out(*(const double *)at);
	case FLAG:
		return json_object_new_boolean(*(const bool *)at);
	case LETTER:
		return text_out((char[]){ *(const char *)at, '\0' });
	case TEXT:
		break;
	}
	return text_out(at);
}

static json_object *object_out(const struct field *fields, int count, const void *from)
{
	json_object *object = json_object_new_object();

	for (int i = 0; i < count; i++)
		json_object_object_add(object, fields[i].key, field_out(&fields[i], from));
	return object;
}

static json_object *kinds_out(unsigned bits)
{
	json_object *list = json_object_new_array();

	for (int k = 0; k < NS_KINDS; k++)
		if (bits & (1U << k))
			json_object_array_add(list, json_object_new_string(ns_info[k].name));
	return list;
}

static json_object *box_out(const struct box *box)
{
	json_object *object = object_out(box_fields, COUNT(box_fields), box);

	json_object_object_add(object, "own", kinds_out(box->own));
	return object;
}

static json_object *row_out(const struct row *row)
{
	json_object *object = object_out(row_fields, COUNT(row_fields), row);
	json_object *numbers = json_object_new_array();

	for (int i = 0; i < row->levels; i++)
		json_object_array_add(numbers, json_object_new_int(row->nspid[i]));
	json_object_object_add(object, "nspid", numbers);
	json_object_object_add(object, "relation",
			       json_object_new_string(relation_name(row->relation)));
	json_object_object_add(object, "shares", kinds_out(row->shares));
	return object;
}

static json_object *ns_out(const struct model *model)
{
	json_object *all = json_object_new_object();

	for (int k = 0; k < NS_KINDS; k++) {
		json_object *one = object_out(ns_fields, COUNT(ns_fields), &model->ns[k]);
		json_object_object_add(
			one, "verdict",
			json_object_new_string(ns_verdict_name(model->ns[k].verdict)));
		json_object_object_add(all, ns_info[k].name, one);
	}
	return all;
}

static json_object *samples_out(const float *samples, int count)
{
	json_object *list = json_object_new_array();

	for (int i = 0; i < count; i++)
		json_object_array_add(list, real_out((double)samples[i]));
	return list;
}

static json_object *list_out(const struct named_list *list)
{
	json_object *array = json_object_new_array();

	for (int i = 0; i < list->count && i < MODEL_LIST; i++)
		json_object_array_add(array, text_out(list->item[i]));
	return array;
}

static json_object *cgroup_out(const struct cgroup_model *cg)
{
	json_object *object = object_out(cgroup_fields, COUNT(cgroup_fields), cg);

	json_object_object_add(object, "memory",
			       object_out(usage_fields, COUNT(usage_fields), &cg->memory));
	json_object_object_add(object, "pids",
			       object_out(usage_fields, COUNT(usage_fields), &cg->pids));
	json_object_object_add(object, "cpu_history", samples_out(cg->cpu_history, cg->samples));
	json_object_object_add(object, "memory_history",
			       samples_out(cg->memory_history, cg->samples));
	return object;
}

static json_object *identity_out(const struct identity *id)
{
	json_object *object = object_out(id_fields, COUNT(id_fields), id);

	json_object_object_add(object, "upper", id->upper ? text_out(id->upper) : NULL);
	json_object_object_add(object, "lowers", list_out(&id->lowers));
	json_object_object_add(object, "volumes", list_out(&id->volumes));
	json_object_object_add(object, "masked", list_out(&id->masked));
	return object;
}

static json_object *change_out(const struct change *change)
{
	json_object *one = json_object_new_object();

	json_object_object_add(one, "at_ms", json_object_new_int64(change->at));
	json_object_object_add(one, "kind", json_object_new_string(change_name(change->kind)));
	json_object_object_add(one, "text", text_out(change->text));
	return one;
}

/* Prints a value and gives its memory back. */
static void print_value(FILE *out, json_object *value)
{
	fputs(json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
							    JSON_C_TO_STRING_NOSLASHESCAPE),
	      out);
	json_object_put(value);
}

static void print_member(FILE *out, const char *key, json_object *value)
{
	fprintf(out, ",\"%s\":", key);
	print_value(out, value);
}

/* A list whose items are made, printed and freed one by one. */
#define PRINT_LIST(out, key, count, item)                                                          \
	do {                                                                                       \
		fprintf(out, ",\"%s\":[", key);                                                    \
		for (int i = 0; i < (count); i++) {                                                \
			if (i)                                                                     \
				fputc(',', out);                                                   \
			print_value(out, item);                                                    \
		}                                                                                  \
		fputc(']', out);                                                                   \
	} while (0)

int model_to_json(const struct model *model, FILE *out)
{
	fputs("{\"schema\":1", out);
	for (int i = 0; i < COUNT(model_fields); i++)
		print_member(out, model_fields[i].key, field_out(&model_fields[i], model));
	print_member(out, "cgroup_layout", json_object_new_string(layout_name(model->layout)));
	print_member(out, "container", model->found || model->ended ? box_out(&model->box) : NULL);
	PRINT_LIST(out, "rows", model->rows_count, row_out(&model->rows[i]));
	print_member(out, "namespaces", ns_out(model));
	print_member(out, "cgroup", cgroup_out(&model->cgroup));
	print_member(out, "identity", identity_out(&model->id));
	PRINT_LIST(out, "changes", model->changes_count, change_out(&model->changes[i]));
	PRINT_LIST(out, "containers", model->boxes_count, box_out(&model->boxes[i]));
	fputs("}\n", out);
	return ferror(out) ? -1 : 0;
}
