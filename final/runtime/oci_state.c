/*
 * oci_state.c: a container's state as JSON.
 */
#define _GNU_SOURCE
#include "hooks.h"

#include <json-c/json.h>
#include <string.h>

static void put(struct json_object *object, const char *name, const char *value)
{
	if (value)
		json_object_object_add(object, name, json_object_new_string(value));
}

char *oci_state_text(const struct oci_state *state)
{
	struct json_object *object = json_object_new_object();

	if (!object)
		return NULL;
	put(object, "ociVersion", state->oci_version);
	put(object, "id", state->id);
	if (state->pid || state->rootfs)
		json_object_object_add(object, "pid", json_object_new_int(state->pid));
	put(object, "status", state->status);
	put(object, "bundle", state->bundle);
	put(object, "rootfs", state->rootfs);
	put(object, "created", state->created);
	if (state->annotations)
		json_object_object_add(object, "annotations", json_object_get(state->annotations));
	char *text = strdup(json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
	return text;
}
