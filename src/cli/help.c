/* SPDX-License-Identifier: Apache-2.0 */
/* What --help and keepgate help print, out of the tables. */
#include "cli/cli.h"

/* Width of a line, and where the texts of options begin. */
#define WIDTH 78
#define OPTION_COLUMN 30
#define COMMAND_COLUMN 16

/* --- Texts --- */

/* One word; gives the column behind it. */
static int
put_word(FILE *out, const char *word, int len, int column, int indent)
{
	if (column > indent && column + 1 + len > WIDTH) {
		fprintf(out, "\n%*s", indent, "");
		column = indent;
	}
	fprintf(out, "%s%.*s", column > indent ? " " : "", len, word);
	return column + (column > indent) + len;
}

/* The rest of a line that stands at `indent` already. */
static void
put_wrapped(FILE *out, const char *text, int indent)
{
	int column = indent;

	while (*text != '\0') {
		const size_t n = strcspn(text, " \n");

		if (n > 0)
			column = put_word(out, text, (int)n, column, indent);
		text += n;
		if (strncmp(text, "\n\n", 2) == 0) {
			fprintf(out, "\n\n%*s", indent, "");
			column = indent;
		}
		text += strspn(text, " \n");
	}
	fputc('\n', out);
}

void
help_wrap(FILE *out, const char *text, int indent)
{
	fprintf(out, "%*s", indent, "");
	put_wrapped(out, text, indent);
}

/* A term, and its meaning in a column of its own. */
static void
put_row(FILE *out, const char *term, const char *meaning, int column)
{
	const int n = fprintf(out, "  %s", term);

	if (n >= column)
		fprintf(out, "\n%*s", column, "");
	else
		fprintf(out, "%*s", column - n, "");
	put_wrapped(out, meaning, column);
}

/* --- Options --- */

const char *
option_value_name(const struct option *o, char *space, size_t size)
{
	size_t len = 0;

	if (o->type != OPTION_WORD)
		return o->value_name;
	space[0] = '\0';
	for (size_t i = 0; o->words[i] != NULL && len < size; i++)
		len += (size_t)snprintf(space + len, size - len, "%s%s",
		    i == 0 ? "" : "|", o->words[i]);
	return space;
}

const char *
help_default(const struct option *o, char *space, size_t size)
{
	const char *text = o->fallback;

	if (text == NULL && o->type == OPTION_WORD)
		text = o->words[*(const unsigned *)o->target];
	(void)snprintf(space, size, "%s%s%s",
	    o->type == OPTION_LIST ? "; may be repeated" : "",
	    text != NULL ? "; default: " : "", text != NULL ? text : "");
	return space;
}

static void
put_option(FILE *out, const struct option *o)
{
	char left[160], value[100], rest[120], meaning[400];
	const char *name = option_value_name(o, value, sizeof(value));
	const char letter[] = { '-', o->letter, ',', ' ', '\0' };

	(void)snprintf(left, sizeof(left), "%s--%s%s%s",
	    o->letter != 0 ? letter : "    ", o->name, name != NULL ? " " : "",
	    name != NULL ? name : "");
	(void)snprintf(meaning, sizeof(meaning), "%s%s", o->help,
	    help_default(o, rest, sizeof(rest)));
	put_row(out, left, meaning, OPTION_COLUMN);
}

/* --- Pages --- */

static void
put_terms(FILE *out, const char *title, const struct term *terms)
{
	fprintf(out, "\n%s:\n", title);
	for (; terms->term != NULL; terms++)
		put_row(out, terms->term, terms->meaning, COMMAND_COLUMN);
}

static void
put_examples(FILE *out, const struct term *examples)
{
	fprintf(out, "\nexamples:\n");
	for (; examples->term != NULL; examples++) {
		help_wrap(out, examples->meaning, 2);
		fprintf(out, "      %s\n", examples->term);
	}
}

void
help_command(FILE *out, const struct command *cmd)
{
	fprintf(out, "usage: keepgate %s%s%s%s\n\n", cmd->name,
	    cmd->options->name != NULL ? " [OPTION]..." : "",
	    cmd->arguments[0] != '\0' ? " " : "", cmd->arguments);
	help_wrap(out, cmd->summary, 0);
	if (cmd->text[0] != '\0') {
		fputc('\n', out);
		help_wrap(out, cmd->text, 0);
	}
	if (cmd->options->name != NULL)
		fprintf(out, "\noptions:\n");
	for (const struct option *o = cmd->options; o->name != NULL; o++)
		put_option(out, o);
	for (const struct section *s = cmd->sections;
	     s != NULL && s->title != NULL; s++)
		put_terms(out, s->title, s->terms);
	put_terms(out, "exit status", command_exits(cmd));
	if (cmd->examples != NULL)
		put_examples(out, cmd->examples);
	if (cmd->see_also == NULL)
		return;
	fprintf(out, "\nsee also:");
	for (size_t i = 0; cmd->see_also[i] != NULL; i++)
		fprintf(
		    out, "%s keepgate %s", i > 0 ? "," : "", cmd->see_also[i]);
	fputc('\n', out);
}

/* Those of a family, or with NULL all. */
static void
put_commands(FILE *out, const char *family)
{
	const size_t n = family != NULL ? strlen(family) : 0;

	for (size_t i = 0; commands[i] != NULL; i++) {
		if (n == 0 ||
		    (strncmp(commands[i]->name, family, n) == 0 &&
			commands[i]->name[n] == ' '))
			put_row(out, commands[i]->name, commands[i]->summary,
			    COMMAND_COLUMN);
	}
}

void
help_overview(FILE *out)
{
	fprintf(out,
	    "usage: keepgate COMMAND [OPTION]...\n\n"
	    "An admission policy engine for Kubernetes that knows "
	    "confidential workloads.\n\ncommands:\n");
	put_commands(out, NULL);
	fprintf(out, "\nkeepgate help COMMAND tells more of each.\n");
}

/* --- Commands --- */

enum { FORM_TEXT, FORM_MAN, FORM_NAMES };

static unsigned form;

/* For scripts: the pages that there are. */
static int
print_names(void)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		puts(commands[i]->name);
	return EXIT_OK;
}

static int
run_help(size_t count, const char *const *arguments)
{
	const struct command *cmd;
	char name[64];

	if (form == FORM_NAMES)
		return print_names();
	if (count == 0) {
		if (form == FORM_MAN)
			man_page(stdout, NULL);
		else
			help_overview(stdout);
		return EXIT_OK;
	}
	(void)snprintf(name, sizeof(name), "%s%s%s", arguments[0],
	    count > 1 ? " " : "", count > 1 ? arguments[1] : "");
	cmd = command_find(name);
	if (cmd == NULL && count == 1 && command_is_family(name)) {
		put_commands(stdout, name);
		return EXIT_OK;
	}
	if (cmd == NULL)
		return command_unknown(name);
	if (form == FORM_MAN)
		man_page(stdout, cmd);
	else
		help_command(stdout, cmd);
	return EXIT_OK;
}

static const char *const forms[] = { "text", "man", "names", NULL };

static const struct option options[] = {
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output; man: the manual page, as mdoc; names: "
		    "the commands, one a line",
	    .words = forms,
	    .target = &form },
	{ .name = NULL },
};

const struct command cmd_help = {
	.name = "help",
	.summary = "show what there is, or what a command takes",
	.arguments = "[COMMAND]",
	.takes = TAKES_COMMAND,
	.most = 2,
	.text = "",
	.options = options,
	.examples =
	    (const struct term[]){
		{ "keepgate help audit list", "what audit list takes" },
		{ "keepgate help -o man serve | man -l -",
		    "the manual page of serve, without installing it" },
		{ NULL, NULL },
	    },
	.run = run_help,
};

static int
run_version(size_t count, const char *const *arguments)
{
	(void)count;
	(void)arguments;
	printf("keepgate %s\n", KEEPGATE_VERSION);
	return EXIT_OK;
}

const struct command cmd_version = {
	.name = "version",
	.summary = "print the version",
	.arguments = "",
	.text = "",
	.options = no_options,
	.run = run_version,
};
