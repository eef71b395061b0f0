/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subcommands and their options as tables: parsed, checked and printed as
 * help by one module; manual pages and completions come from the same rows.
 */
#ifndef KG_CLI_CLI_H
#define KG_CLI_CLI_H

#include "base/slice.h"

/* Exit codes (interfaces): results are 0 and 1, everything else is 2. */
enum {
	EXIT_OK = 0,
	EXIT_DENIED = 1,
	EXIT_ERROR = 2,
};

enum option_type {
	OPTION_FLAG,     /* bool */
	OPTION_STRING,   /* const char * */
	OPTION_LIST,     /* struct option_list: may be repeated */
	OPTION_WORD,     /* unsigned: index into words */
	OPTION_INT,      /* int64_t from min to max */
	OPTION_SIZE,     /* int64_t bytes, such as 8Mi */
	OPTION_DURATION, /* int64_t microseconds, such as 5s or 200ms */
};

/* Values of a repeatable option: grown with realloc, freed at exit. */
struct option_list {
	const char **items;
	size_t count;
};

struct option {
	const char *name; /* "warn-exit-code" */
	char letter;      /* 'f', or 0 */
	enum option_type type;
	const char *value_name; /* "FILE|DIR|-"; NULL for a flag */
	const char *help;
	const char *const *words; /* of OPTION_WORD, NULL-terminated */
	int64_t min, max;         /* of OPTION_INT, OPTION_SIZE */
	void *target;             /* by type; keeps its default when absent */
};

struct command {
	const char *name;
	const char *summary;          /* one line */
	const char *arguments;        /* "[ID]", or "" */
	const char *text;             /* a paragraph for --help; may be "" */
	const struct option *options; /* ends with name NULL */
	/* Arguments that are no options; gives the exit code. */
	int (*run)(size_t count, const char *const *arguments);
};

/* All subcommands, ending with name NULL. */
extern const struct command *const commands[];
const struct command *command_find(const char *name);

/*
 * Parses argv (without program and command) into the options' targets; what
 * is no option goes to rest[]. False after an error was printed, or with
 * *help set when --help was asked for.
 */
bool options_parse(const struct command *cmd, int argc, char **argv,
    const char **rest, size_t *rest_count, bool *help);

/* What --help prints. */
void command_help(FILE *out, const struct command *cmd);

/* "keepgate: ..." on stderr; gives EXIT_ERROR. */
int cli_error(const char *format, ...) KG_PRINTF(1, 2);

extern const struct command cmd_check, cmd_rules, cmd_version, cmd_help;
extern const struct command cmd_serve;
extern const struct command cmd_audit_verify, cmd_audit_list;

#endif
