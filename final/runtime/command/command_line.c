/*
 * command_line.c: one parser for the command lines of all operations.
 */
#define _GNU_SOURCE
#include "command_line.h"

#include "step01_clone_pid/floor/meet/escape.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_usage(FILE *to, const struct option_table *table)
{
	fprintf(to, "usage: minibox-runtime %s\n", table->usage);
}

static void print_help(const struct option_table *table)
{
	printf("NAME:\n   minibox-runtime %s\n\nUSAGE:\n   minibox-runtime %s\n\nOPTIONS:\n",
	       table->about, table->usage);
	for (const struct option_row *row = table->rows; row->name; row++) {
		char names[64];
		snprintf(names, sizeof(names), "--%s%s%c", row->name, row->letter ? ", -" : "",
			 row->letter ? row->letter : '\0');
		printf("   %-28s %s\n", names, row->help);
	}
	printf("   %-28s %s\n", "--help, -h", "show help");
}

static int wrong(const struct option_table *table, const char *format, const char *word)
{
	fprintf(stderr, "minibox-runtime: ");
	fprintf(stderr, format, SHOWN(word));
	fprintf(stderr, "\n");
	print_usage(stderr, table);
	return -1;
}

/* The row of a word: "--name", "-name", "-n", with "=value" or not. */
static const struct option_row *find(const struct option_table *table, const char *word)
{
	const char *name = word + 1 + (word[1] == '-');
	size_t length = strcspn(name, "=");

	for (const struct option_row *row = table->rows; row->name; row++)
		if ((length == strlen(row->name) && strncmp(row->name, name, length) == 0) ||
		    (length == 1 && word[1] != '-' && *name == row->letter))
			return row;
	return NULL;
}

static int set_flag(const struct option_row *row, const char *value)
{
	bool *to = row->to;

	if (!value || strcmp(value, "true") == 0 || strcmp(value, "1") == 0)
		*to = true;
	else if (strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
		*to = false;
	else
		return -1;
	return 0;
}

static int set_number(const struct option_row *row, const char *value)
{
	char *end;

	errno = 0;
	long number = strtol(value, &end, 10);
	if (!*value || *end || errno || number < 0 || number > INT_MAX)
		return -1;
	*(int *)row->to = (int)number;
	return 0;
}

static int set(const struct option_row *row, const char *value)
{
	struct option_list *list = row->to;

	switch (row->kind) {
	case OPTION_FLAG:
		return set_flag(row, value);
	case OPTION_NUMBER:
		return set_number(row, value);
	case OPTION_LIST:
		if (list->count == OPTION_LIST_MOST)
			return -1;
		list->item[list->count++] = value;
		return 0;
	default:
		*(const char **)row->to = value;
		return 0;
	}
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "-help") == 0;
}

static int check_count(const struct option_table *table, int argc, int first)
{
	int words = argc - first;

	if (words < table->least || (table->most >= 0 && words > table->most))
		return wrong(table,
			     words < table->least ? "an argument is missing%s"
						  : "too many arguments%s",
			     "");
	return first;
}

int command_line(const struct option_table *table, int argc, char **argv)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (is_help(argv[i])) {
			print_help(table);
			return -2;
		}
		const struct option_row *row = find(table, argv[i]);
		const char *value = strchr(argv[i], '=');
		if (!row)
			return wrong(table, "there is no option \"%s\"", argv[i]);
		if (value)
			value++;
		else if (row->kind != OPTION_FLAG && !(value = argv[++i]))
			return wrong(table, "the option %s needs a value", argv[i - 1]);
		if (set(row, value) < 0)
			return wrong(table, "the value of %s cannot be used", argv[i]);
	}
	return check_count(table, argc, i);
}
