/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subcommands and their options as tables. One row says all there is to say
 * of an option; parser, help, manual pages and completions derive from it.
 *
 * Texts: a summary and a help are fragments without a full stop ("policies to
 * judge by"), the text of a command is whole sentences, with an empty line
 * ("\n\n") between paragraphs; lines are broken where they are printed.
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

/* What a value or an argument is: how a shell completes it. */
enum takes {
	TAKES_TEXT, /* only the user knows */
	TAKES_FILE, /* a file, where it says so also a directory or "-" */
	TAKES_DIR,
	TAKES_WORD, /* one of words; OPTION_WORD needs not say so */
	TAKES_RULE, /* the id of a rule that is built in */
	TAKES_COMMAND,
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
	enum takes takes;
	const char *value_name; /* "FILE|DIR|-"; NULL for flags and words */
	const char *help;
	const char *fallback;     /* what holds without it; NULL: nothing */
	const char *const *words; /* of OPTION_WORD, NULL-terminated */
	int64_t min, max;         /* of OPTION_INT, OPTION_SIZE */
	void *target;             /* by type; keeps its default when absent */
};

/* A term and what it means: an exit code, an example, a variable. */
struct term {
	const char *term; /* NULL ends a list */
	const char *meaning;
};

/* Whatever else a page tells, such as SIGNALS; ends with title NULL. */
struct section {
	const char *title;
	const struct term *terms;
};

#define ARGUMENTS_ANY SIZE_MAX

struct command {
	const char *name;
	const char *summary;   /* one line */
	const char *arguments; /* "[ID]", or "" */
	enum takes takes;      /* what the arguments are */
	const char *const *words;
	size_t least, most; /* how many of them */
	const char *text;
	const struct option *options; /* ends with name NULL */
	const struct term *exits;     /* NULL: 0 done, 2 an error */
	const struct term *examples;  /* command line, what it does; or NULL */
	const struct section *sections;
	const char *const *see_also; /* commands, NULL-terminated; or NULL */
	/* Arguments that are no options; gives the exit code. */
	int (*run)(size_t count, const char *const *arguments);
};

/* All subcommands, ending with name NULL. */
extern const struct command *const commands[];

/* What the first words of families stand for: "audit"; and the program. */
extern const struct term command_families[];
extern const char program_text[];
extern const struct term program_exits[];

/* For commands without options. */
extern const struct option no_options[];

/* What "-o text|json" chooses from; the order of enum output. */
enum output { OUTPUT_TEXT, OUTPUT_JSON };
extern const char *const output_words[];

/* --- What there is (commands.c) --- */

const struct command *command_find(const char *name);

/* "audit" is one: its commands are two words, "audit list". */
bool command_is_family(const char *name);

/* Says what might have been meant; gives EXIT_ERROR. */
int command_unknown(const char *name);

/* --- Running (run.c) --- */

/* All that main() does; gives the exit code. */
int cli_main(int argc, char **argv);

/* --- Parsing (option.c) --- */

/*
 * Parses argv (without program and command) into the options' targets; what
 * is no option goes to rest[], as many as the command takes. False after an
 * error was printed, or with *help set when --help was asked for.
 */
bool options_parse(const struct command *cmd, int argc, char **argv,
    const char **rest, size_t *rest_count, bool *help);

/* "text|json": what stands for the value; NULL for a flag. Cut at size. */
const char *option_value_name(const struct option *o, char *space, size_t size);

/* "keepgate: ..." on stderr; gives EXIT_ERROR. */
int cli_error(const char *format, ...) KG_PRINTF(1, 2);

/* --- Printing --- */

/* What --help prints, and what there is without a command. */
void help_command(FILE *out, const struct command *cmd);
void help_overview(FILE *out);

/* Words of a text in lines of at most 78 columns; paragraphs apart. */
void help_wrap(FILE *out, const char *text, int indent);

/* What is in force without the option, what it may be: "" or "; ...". */
const char *help_default(const struct option *o, char *space, size_t size);

/* The exit codes of a command, and of most. */
const struct term *command_exits(const struct command *cmd);

/* A manual page in mdoc; cmd NULL: the page of keepgate itself. */
void man_page(FILE *out, const struct command *cmd);

/* One a line: a new command is a line here and one in commands.c. */
extern const struct command cmd_check;
extern const struct command cmd_eval;
extern const struct command cmd_explain;
extern const struct command cmd_lint;
extern const struct command cmd_rules;
extern const struct command cmd_profiles;
extern const struct command cmd_version;
extern const struct command cmd_help;
extern const struct command cmd_serve;
extern const struct command cmd_sigstruct;
extern const struct command cmd_exceptions;
extern const struct command cmd_completion;
extern const struct command cmd_certs_init;
extern const struct command cmd_certs_show;
extern const struct command cmd_audit_verify;
extern const struct command cmd_audit_list;
extern const struct command cmd_audit_summary;

#endif
