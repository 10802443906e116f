/*
 * model_json.c: one table of fields for each struct serves both directions, so that they cannot
 * drift apart.
 */
#define _GNU_SOURCE
#include "model_json.h"
#include "printable.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum type { INT, UINT, LONG, REAL, FLAG, TEXT, LETTER, START };

/* LONG and REAL: -1 is null ("unknown"), MODEL_NO_LIMIT is "max". */
struct field {
	const char *key;
	enum type type;
	size_t offset, size;
};

#define F(structure, key, type, member)                                                            \
	{                                                                                          \
		key, type, offsetof(struct structure, member),                                     \
			sizeof(((struct structure *)0)->member)                                    \
	}
#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

static const struct field model_fields[] = {
	F(model, "clock_ms", LONG, clock), F(model, "interval", REAL, interval),
	F(model, "host", TEXT, host_name), F(model, "processes", INT, processes),
	F(model, "denied", INT, denied),   F(model, "found", FLAG, found),
	F(model, "ended", FLAG, ended),
};
static const struct field box_fields[] = {
	F(box, "init", INT, init),	     F(box, "start", START, start),
	F(box, "kind", TEXT, kind),	     F(box, "name", TEXT, name),
	F(box, "processes", INT, processes), F(box, "comm", TEXT, comm),
	F(box, "own_bits", UINT, own),
};
static const struct field row_fields[] = {
	F(row, "pid", INT, pid),
	F(row, "ppid", INT, ppid),
	F(row, "start", START, start),
	F(row, "comm", TEXT, comm),
	F(row, "state", LETTER, state),
	F(row, "uid", UINT, uid),
	F(row, "inside", INT, inside),
	F(row, "inside_ppid", INT, inside_ppid),
	F(row, "inside_uid", LONG, inside_uid),
	F(row, "cpu", REAL, cpu),
	F(row, "rss_kb", LONG, rss_kb),
	F(row, "shares_bits", UINT, shares),
	F(row, "born", INT, born),
	F(row, "ended", INT, ended),
	F(row, "exit_code", INT, exit_code),
};
static const struct field ns_fields[] = {
	F(ns_row, "host", UINT, host),	    F(ns_row, "inside", UINT, inside),
	F(ns_row, "members", INT, members), F(ns_row, "others", INT, others),
	F(ns_row, "who", TEXT, who),
};
static const struct field cgroup_fields[] = {
	F(cgroup_model, "path", TEXT, path),
	F(cgroup_model, "own", FLAG, own),
	F(cgroup_model, "cpu_there", FLAG, cpu_there),
	F(cgroup_model, "cpu", REAL, cpu),
	F(cgroup_model, "cpu_by_process", FLAG, cpu_by_process),
	F(cgroup_model, "quota", REAL, quota),
	F(cgroup_model, "tighter_quota", REAL, tighter_quota),
	F(cgroup_model, "tighter_quota_at", TEXT, tighter_quota_at),
	F(cgroup_model, "shares", LONG, shares),
	F(cgroup_model, "periods", LONG, periods),
	F(cgroup_model, "throttled", LONG, throttled),
	F(cgroup_model, "throttled_more", LONG, throttled_more),
	F(cgroup_model, "throttled_us", LONG, throttled_us),
	F(cgroup_model, "cpuset", TEXT, cpuset),
	F(cgroup_model, "peak", LONG, peak),
	F(cgroup_model, "cache", LONG, cache),
	F(cgroup_model, "anon", LONG, anon),
	F(cgroup_model, "failcnt", LONG, failcnt),
	F(cgroup_model, "oom_kill", LONG, oom_kill),
	F(cgroup_model, "refused", LONG, refused),
	F(cgroup_model, "read_rate", REAL, read_rate),
	F(cgroup_model, "write_rate", REAL, write_rate),
	F(cgroup_model, "frozen", INT, frozen),
};
static const struct field usage_fields[] = {
	F(usage, "there", FLAG, there),
	F(usage, "now", LONG, now),
	F(usage, "max", LONG, max),
	F(usage, "tighter", LONG, tighter),
	F(usage, "tighter_at", TEXT, tighter_at),
};
static const struct field id_fields[] = {
	F(identity, "known", FLAG, known),
	F(identity, "uid_map", TEXT, uid_map),
	F(identity, "gid_map", TEXT, gid_map),
	F(identity, "cap_eff", LONG, cap_eff),
	F(identity, "seccomp", INT, seccomp),
	F(identity, "no_new_privs", INT, no_new_privs),
	F(identity, "hostname", TEXT, hostname),
	F(identity, "root_fs", TEXT, root_fs),
	F(identity, "root_source", TEXT, root_source),
	F(identity, "root_read_only", FLAG, root_read_only),
};

/* ---- out ---- */

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

static json_object *changes_out(const struct model *model)
{
	json_object *list = json_object_new_array();

	for (int i = 0; i < model->changes_count; i++) {
		const struct change *change = &model->changes[i];
		json_object *one = json_object_new_object();
		json_object_object_add(one, "at_ms", json_object_new_int64(change->at));
		json_object_object_add(one, "kind",
				       json_object_new_string(change_name(change->kind)));
		json_object_object_add(one, "text", text_out(change->text));
		json_object_array_add(list, one);
	}
	return list;
}

char *model_to_json(const struct model *model)
{
	json_object *object = json_object_new_object();
	json_object *rows = json_object_new_array(), *boxes = json_object_new_array();

	json_object_object_add(object, "schema", json_object_new_int(1));
	for (int i = 0; i < COUNT(model_fields); i++)
		json_object_object_add(object, model_fields[i].key,
				       field_out(&model_fields[i], model));
	json_object_object_add(object, "cgroup_layout",
			       json_object_new_string(layout_name(model->layout)));
	json_object_object_add(object, "container",
			       model->found || model->ended ? box_out(&model->box) : NULL);
	for (int i = 0; i < model->rows_count; i++)
		json_object_array_add(rows, row_out(&model->rows[i]));
	for (int i = 0; i < model->boxes_count; i++)
		json_object_array_add(boxes, box_out(&model->boxes[i]));
	json_object_object_add(object, "rows", rows);
	json_object_object_add(object, "namespaces", ns_out(model));
	json_object_object_add(object, "cgroup", cgroup_out(&model->cgroup));
	json_object_object_add(object, "identity", identity_out(&model->id));
	json_object_object_add(object, "changes", changes_out(model));
	json_object_object_add(object, "containers", boxes);
	char *line = strdup(json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return line;
}

/* ---- back ---- */

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
		*(double *)at = value ? json_object_get_double(value) : -1;
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
		cg->cpu_history[i] = (float)json_object_get_double(item(cpu, i));
		cg->memory_history[i] = (float)json_object_get_double(item(memory, i));
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
