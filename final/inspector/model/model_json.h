/*
 * model_json.h: the model as one line of JSON, and back. SCHEMA.md says what each key means. A
 * recording is a file of such lines, so whatever is shown can be replayed.
 */
#pragma once

#include "model.h"

#include <stdio.h>

/* Writes one line, with its newline. Returns 0, or -1 where out has an error (errno of writing). */
int model_to_json(const struct model *model, FILE *out);

/* Fills a model (model_init() or used before) from such a line. What is missing stays unknown, what
 * is too long is cut. Returns 0, or -1 with errno: EINVAL (no JSON object), ENOMEM. */
int model_from_json(const char *line, struct model *model);
