/* SPDX-License-Identifier: Apache-2.0 */
/* The script for zsh: _describe for commands, _arguments for the rest. */
#include "cli/complete.h"

/* Inside single quotes, with what _arguments and _describe part at. */
static void
put_quoted(FILE *out, const char *text, const char *special)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\'", out);
		else if (strchr(special, *text) != NULL)
			fputc('\\', out);
		fputc(*text, out);
	}
}

/* Commands or, with a family, its second words. */
static void
put_described(FILE *out, const struct kg_slice *family)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct kg_slice head = command_head(commands[i]);
		const char *tail = command_tail(commands[i]);

		if (family == NULL ? !command_leads(i)
				   : !slice_eq(head, *family))
			continue;
		if (family == NULL)
			fprintf(out, "\t\t'%.*s:", SLICE_ARG(head));
		else
			fprintf(out, "\t\t'%s:", tail);
		put_quoted(out,
		    family == NULL ? command_head_summary(i)
				   : commands[i]->summary,
		    ":\\");
		fputs("'\n", out);
	}
}

static void
put_family(FILE *out, struct kg_slice family)
{
	fprintf(out,
	    "\t%.*s)\n\t\tif (( CURRENT == 3 )); then\n"
	    "\t\tcommands=(\n",
	    SLICE_ARG(family));
	put_described(out, &family);
	fputs("\t\t)\n\t\t_describe -t commands command commands\n"
	      "\t\treturn\n\t\tfi\n"
	      "\t\tcommand=\"$words[2] $words[3]\"\n"
	      "\t\tshift 2 words\n\t\t(( CURRENT -= 2 )) ;;\n",
	    out);
}

static void
put_action(FILE *out, enum takes takes, const char *const *words)
{
	if (takes_choices(takes)) {
		fputs(":(", out);
		put_choices(out, takes, words);
		fputc(')', out);
	} else {
		fputs(takes == TAKES_FILE    ? ":_files"
			: takes == TAKES_DIR ? ":_files -/"
					     : ": ",
		    out);
	}
}

static void
put_spec(FILE *out, const struct option *o, bool letter)
{
	char value[100], dash[120];
	const char *name = option_value_name(o, value, sizeof(value));

	fputs(" \\\n\t\t\t'", out);
	if (o->type == OPTION_LIST)
		fputc('*', out);
	else if (o->letter != 0)
		fprintf(out, "(-%c --%s)", o->letter, o->name);
	(void)snprintf(dash, sizeof(dash), "--%s%s", o->name,
	    o->type == OPTION_FLAG ? "" : "=");
	if (letter)
		(void)snprintf(dash, sizeof(dash), "-%c%s", o->letter,
		    o->type == OPTION_FLAG ? "" : "+");
	fprintf(out, "%s[", dash);
	put_quoted(out, o->help, "[]:\\");
	fputc(']', out);
	if (o->type != OPTION_FLAG) {
		fputc(':', out);
		put_quoted(out, name, ":\\");
		put_action(out, o->type == OPTION_WORD ? TAKES_WORD : o->takes,
		    o->words);
	}
	fputc('\'', out);
}

static void
put_command(FILE *out, const struct command *cmd)
{
	fprintf(out,
	    "\t'%s')\n\t\t_arguments -s -S \\\n"
	    "\t\t\t'(- *)--help[tell what the command takes]'",
	    cmd->name);
	for (const struct option *o = cmd->options; o->name != NULL; o++) {
		if (o->letter != 0)
			put_spec(out, o, true);
		put_spec(out, o, false);
	}
	if (cmd->most > 0) {
		fprintf(out, " \\\n\t\t\t'%s:", cmd->most == 1 ? "1" : "*");
		put_quoted(out, cmd->arguments, ":\\");
		put_action(out, cmd->takes, cmd->words);
		fputc('\'', out);
	}
	fputs(" ;;\n", out);
}

void
complete_zsh(FILE *out)
{
	fprintf(out,
	    "#compdef keepgate kubectl-keepgate\n"
	    "# zsh completion for keepgate %s\n"
	    "_keepgate() {\n\tlocal command=$words[2]\n"
	    "\tlocal -a commands\n"
	    "\tif (( CURRENT == 2 )); then\n\t\tcommands=(\n",
	    KEEPGATE_VERSION);
	put_described(out, NULL);
	fputs("\t\t)\n\t\t_describe -t commands command commands\n"
	      "\t\treturn\n\tfi\n\tcase $command in\n",
	    out);
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (command_leads(i) && command_tail(commands[i])[0] != '\0')
			put_family(out, command_head(commands[i]));
	}
	fputs("\t*)\n\t\tshift words\n\t\t(( CURRENT-- )) ;;\n\tesac\n"
	      "\tcase $command in\n",
	    out);
	for (size_t i = 0; commands[i] != NULL; i++)
		put_command(out, commands[i]);
	fputs("\tesac\n}\n"
	      "if [[ $funcstack[1] == _keepgate ]]; then\n"
	      "\t_keepgate \"$@\"\nelse\n"
	      "\tcompdef _keepgate keepgate kubectl-keepgate\nfi\n",
	    out);
}
