/* SPDX-License-Identifier: Apache-2.0 */
/* The script for fish: one `complete` a fact, under a condition. */
#include "cli/complete.h"

/* The words before the cursor are these, or begin with these. */
static const char functions[] =
    "function __keepgate_words\n"
    "\tset -l words (commandline -opc)\n"
    "\tset -e words[1]\n"
    "\tstring join ' ' -- $words\n"
    "end\n"
    "function __keepgate_at\n"
    "\ttest (__keepgate_words | string collect -a) = \"$argv\"\n"
    "end\n"
    "function __keepgate_in\n"
    "\tstring match -q -- \"$argv *\" (__keepgate_words)' '\n"
    "end\n"
    "complete -c keepgate -f\n";

static void
put_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

static void
put_condition(FILE *out, const char *function, const char *words)
{
	fprintf(out, "complete -c keepgate -n '%s%s%s'", function,
	    words[0] != '\0' ? " " : "", words);
}

static void
put_action(FILE *out, enum takes takes, const char *const *words)
{
	if (takes_choices(takes)) {
		fputs(" -a '", out);
		put_choices(out, takes, words);
		fputc('\'', out);
	} else if (takes == TAKES_FILE) {
		fputs(" -F", out);
	} else if (takes == TAKES_DIR) {
		fputs(" -a '(__fish_complete_directories)'", out);
	}
}

/* First words, and the second words behind them. */
static void
put_command_words(FILE *out, size_t i)
{
	const struct kg_slice head = command_head(commands[i]);
	const char *tail = command_tail(commands[i]);
	char family[64];

	if (command_leads(i)) {
		put_condition(out, "__keepgate_at", "");
		fprintf(out, " -a %.*s -d ", SLICE_ARG(head));
		put_quoted(out, command_head_summary(i));
		fputc('\n', out);
	}
	if (tail[0] == '\0')
		return;
	(void)snprintf(family, sizeof(family), "%.*s", SLICE_ARG(head));
	put_condition(out, "__keepgate_at", family);
	fprintf(out, " -a %s -d ", tail);
	put_quoted(out, commands[i]->summary);
	(void)snprintf(family, sizeof(family), "help %.*s", SLICE_ARG(head));
	fputc('\n', out);
	put_condition(out, "__keepgate_at", family);
	fprintf(out, " -a %s\n", tail);
}

static void
put_options(FILE *out, const struct command *cmd)
{
	put_condition(out, "__keepgate_in", cmd->name);
	fputs(" -l help -d 'tell what the command takes'\n", out);
	for (const struct option *o = cmd->options; o->name != NULL; o++) {
		put_condition(out, "__keepgate_in", cmd->name);
		if (o->letter != 0)
			fprintf(out, " -s %c", o->letter);
		fprintf(out, " -l %s%s", o->name,
		    o->type == OPTION_FLAG              ? ""
			: option_takes(o) == TAKES_FILE ? " -r"
							: " -x");
		put_action(out, o->type == OPTION_WORD ? TAKES_WORD : o->takes,
		    o->words);
		fputs(" -d ", out);
		put_quoted(out, o->help);
		fputc('\n', out);
	}
	if (cmd->most == 0 || cmd->takes == TAKES_TEXT)
		return;
	put_condition(out,
	    cmd->takes == TAKES_COMMAND ? "__keepgate_at" : "__keepgate_in",
	    cmd->name);
	put_action(out, cmd->takes, cmd->words);
	fputc('\n', out);
}

void
complete_fish(FILE *out)
{
	fprintf(out, "# fish completion for keepgate %s\n%s", KEEPGATE_VERSION,
	    functions);
	put_condition(out, "__keepgate_at", "");
	fputs(" -l help -d 'tell what there is'\n", out);
	put_condition(out, "__keepgate_at", "");
	fputs(" -l version -d 'print the version'\n", out);
	for (size_t i = 0; commands[i] != NULL; i++)
		put_command_words(out, i);
	for (size_t i = 0; commands[i] != NULL; i++)
		put_options(out, commands[i]);
}
