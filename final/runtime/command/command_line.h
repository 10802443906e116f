/*
 * command_line.h: a command line as runc's manual has it.
 *
 * --flag value, --flag=value, -f value; a flag without a value takes =true and =false as well. One
 * dash or two are the same for long names. What follows the first word that is no option, or "--",
 * is left alone.
 */
#pragma once

#include <stdbool.h>

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER, OPTION_LIST };

enum { OPTION_LIST_MOST = 512 };

struct option_list {
	const char *item[OPTION_LIST_MOST + 1]; /* ends with NULL */
	int count;
};

struct option_row {
	const char *name; /* without dashes */
	char letter;	  /* 0: none */
	enum option_kind kind;
	void *to;	  /* bool, const char *, int (from 0 on), struct option_list */
	const char *help; /* of a line: what it does; a value's name in capitals comes first */
};

struct option_table {
	const char *usage;	       /* "create [OPTIONS] CONTAINER-ID" */
	const char *about;	       /* a sentence */
	const struct option_row *rows; /* ends with a row whose name is NULL */
	int least, most;	       /* how many words follow; most -1: any number */
};

/* Reads argv (argv[0] is the command's name). Returns the index of the first word that is no
 * option; -1 after an error, which is said on standard error with the usage; -2 after --help, which
 * is printed. */
int command_line(const struct option_table *table, int argc, char **argv);
