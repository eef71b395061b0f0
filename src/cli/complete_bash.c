/* SPDX-License-Identifier: Apache-2.0 */
/* The script for bash; it needs no other package of completions. */
#include "cli/complete.h"

/* bash parts words at "=": --output=te are three of them. */
static const char beginning[] =
    "_keepgate()\n"
    "{\n"
    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "\tlocal cmd=${COMP_WORDS[1]} at=1 kind=words words= IFS=$' \\t\\n'\n"
    "\tCOMPREPLY=()\n"
    "\tif [[ $cur == = ]]; then\n"
    "\t\tcur=\n"
    "\telif [[ $prev == = ]]; then\n"
    "\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "\tfi\n";

static const char ending[] =
    "\tIFS=$'\\n'\n"
    "\tcase $kind in\n"
    "\tfile) compopt -o filenames 2>/dev/null\n"
    "\t\tCOMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
    "\tdir) compopt -o filenames 2>/dev/null\n"
    "\t\tCOMPREPLY=($(compgen -d -- \"$cur\")) ;;\n"
    "\twords) COMPREPLY=($(IFS=' '; compgen -W \"$words\" -- \"$cur\")) ;;\n"
    "\tesac\n"
    "}\n"
    "complete -F _keepgate keepgate kubectl-keepgate\n";

static bool
is_family_lead(size_t i)
{
	return command_leads(i) && command_tail(commands[i])[0] != '\0';
}

static void
put_families(FILE *out)
{
	fputs("\tcase $cmd in\n", out);
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct kg_slice head = command_head(commands[i]);

		if (!is_family_lead(i))
			continue;
		fprintf(out, "\t%.*s) at=2 cmd=\"$cmd ${COMP_WORDS[2]}\"\n",
		    SLICE_ARG(head));
		fputs("\t\t[[ $COMP_CWORD == 2 ]] && words='", out);
		put_tails(out, head);
		fputs("' ;;\n", out);
	}
	fputs("\tesac\n\tif [[ $COMP_CWORD == 1 ]]; then\n\t\twords='", out);
	put_heads(out);
	fputs(" --help --version'\n\tfi\n", out);
}

/* What a value or an argument may be. */
static void
put_kind(FILE *out, enum takes takes, const char *const *words)
{
	if (takes_choices(takes)) {
		fputs("words='", out);
		put_choices(out, takes, words);
		fputc('\'', out);
	} else {
		fprintf(out, "kind=%s",
		    takes == TAKES_FILE      ? "file"
			: takes == TAKES_DIR ? "dir"
					     : "none");
	}
}

static void
put_option_values(FILE *out, const struct command *cmd)
{
	for (const struct option *o = cmd->options; o->name != NULL; o++) {
		if (o->type == OPTION_FLAG)
			continue;
		fputs("\t\t", out);
		if (o->letter != 0)
			fprintf(out, "'%s':-%c|", cmd->name, o->letter);
		fprintf(out, "'%s':--%s) ", cmd->name, o->name);
		put_kind(out, o->type == OPTION_WORD ? TAKES_WORD : o->takes,
		    o->words);
		fputs(" ;;\n", out);
	}
}

static void
put_names_and_arguments(FILE *out)
{
	fputs("\t\t*)\n\t\t\tcase $cmd:$cur in\n", out);
	for (size_t i = 0; commands[i] != NULL; i++) {
		const struct command *cmd = commands[i];

		fprintf(out, "\t\t\t'%s':-*) words='--help", cmd->name);
		for (const struct option *o = cmd->options; o->name != NULL;
		     o++) {
			fprintf(out, " --%s", o->name);
			if (o->letter != 0)
				fprintf(out, " -%c", o->letter);
		}
		fputs("' ;;\n", out);
		if (cmd->most == 0)
			continue;
		fprintf(out, "\t\t\t'%s':*) ", cmd->name);
		put_kind(out, cmd->takes, cmd->words);
		fputs(" ;;\n", out);
	}
	fputs("\t\t\tesac ;;\n", out);
}

void
complete_bash(FILE *out)
{
	fprintf(out, "# bash completion for keepgate %s\n%s", KEEPGATE_VERSION,
	    beginning);
	put_families(out);
	fputs("\tif [[ $COMP_CWORD -gt $at ]]; then\n"
	      "\t\tcase $cmd:$prev in\n",
	    out);
	for (size_t i = 0; commands[i] != NULL; i++)
		put_option_values(out, commands[i]);
	put_names_and_arguments(out);
	fputs("\t\tesac\n\tfi\n", out);
	/* "help audit list" has two words that are one command. */
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (!is_family_lead(i))
			continue;
		fprintf(out, "\t[[ $cmd:$prev == help:%.*s ]] && words='",
		    SLICE_ARG(command_head(commands[i])));
		put_tails(out, command_head(commands[i]));
		fputs("'\n", out);
	}
	fputs(ending, out);
}
