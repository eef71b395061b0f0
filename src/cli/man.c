/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manual pages out of the tables, as mdoc: the macros that both mandoc and
 * groff know. Text is escaped word by word; each sentence begins a line.
 */
#include <ctype.h>

#include "cli/cli.h"

/* --- Text --- */

/* Dashes are dashes, not hyphens, and backslashes are no escapes. */
static void
put_escaped(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '-')
			fputs("\\-", out);
		else if (text[i] == '\\')
			fputs("\\e", out);
		else
			fputc(text[i], out);
	}
}

static bool
ends_sentence(const char *word, size_t len)
{
	return len > 1 && strchr(".!?", word[len - 1]) != NULL &&
	    word[len - 2] != '.';
}

/* Lines of at most some 70 columns; a paragraph begins with .Pp. */
static void
put_text(FILE *out, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		const size_t n = strcspn(text, " \n");

		if (column > 0)
			fputc(column + n > 70 ? '\n' : ' ', out);
		column = column + n > 70 ? 0 : column;
		if (column == 0 && strchr(".'", text[0]) != NULL)
			fputs("\\&", out);
		put_escaped(out, text, n);
		column += n + 1;
		if (ends_sentence(text, n) && text[n] != '\0') {
			fputs(strncmp(text + n, "\n\n", 2) == 0 ? "\n.Pp\n"
								: "\n",
			    out);
			column = 0;
		}
		text += n;
		text += strspn(text, " \n");
	}
	if (column > 0)
		fputc('\n', out);
}

/* A fragment of the tables as a sentence. */
static void
put_sentence(FILE *out, const char *fragment, const char *rest)
{
	char text[500];

	(void)snprintf(text, sizeof(text), "%s%s.", fragment, rest);
	/* "json: ..." and names of things stay as they are. */
	if (islower((unsigned char)text[0]) &&
	    (text[1] == ' ' || islower((unsigned char)text[1])))
		text[0] = (char)toupper((unsigned char)text[0]);
	put_text(out, text);
}

static void
put_line(FILE *out, const char *macro, const char *text)
{
	fprintf(out, "%s ", macro);
	put_escaped(out, text, strlen(text));
	fputc('\n', out);
}

/* "audit list" as the page's name: keepgate-audit-list. */
static void
put_page_name(FILE *out, const struct command *cmd, bool upper)
{
	char name[80];

	(void)snprintf(name, sizeof(name), "keepgate%s%s",
	    cmd != NULL ? "-" : "", cmd != NULL ? cmd->name : "");
	for (char *c = name; *c != '\0'; c++) {
		if (*c == ' ')
			*c = '-';
		if (upper)
			*c = (char)toupper((unsigned char)*c);
	}
	fputs(name, out);
}

/* --- Options --- */

static void
put_value(FILE *out, const struct option *o)
{
	char space[100];
	const char *name = option_value_name(o, space, sizeof(space));

	if (name == NULL)
		return;
	fputs(" Ar ", out);
	put_escaped(out, name, strlen(name));
}

static void
put_flag(FILE *out, const struct option *o, bool letter)
{
	if (letter)
		fprintf(out, "Fl %c", o->letter);
	else {
		fputs("Fl Fl ", out);
		put_escaped(out, o->name, strlen(o->name));
	}
	put_value(out, o);
}

static void
put_synopsis(FILE *out, const struct command *cmd)
{
	fprintf(out, ".Sh SYNOPSIS\n.Nm keepgate %s\n", cmd->name);
	for (const struct option *o = cmd->options; o->name != NULL; o++) {
		fputs(".Op ", out);
		put_flag(out, o, o->letter != 0);
		fputs(o->type == OPTION_LIST ? " No ...\n" : "\n", out);
	}
	if (cmd->arguments[0] != '\0')
		put_line(out, ".Ar", cmd->arguments);
}

/* The range of a number, unless any would do. */
static const char *
range(const struct option *o, char *space, size_t size)
{
	if (o->type == OPTION_INT)
		(void)snprintf(space, size, "; from %lld to %lld",
		    (long long)o->min, (long long)o->max);
	else
		space[0] = '\0';
	return space;
}

static void
put_options(FILE *out, const struct command *cmd)
{
	char rest[200], space[100];

	if (cmd->options->name == NULL)
		return;
	fputs(".Sh OPTIONS\n.Bl -tag -width Ds\n", out);
	for (const struct option *o = cmd->options; o->name != NULL; o++) {
		fputs(".It ", out);
		if (o->letter != 0) {
			put_flag(out, o, true);
			fputs(" , ", out);
		}
		put_flag(out, o, false);
		fputc('\n', out);
		(void)snprintf(
		    rest, sizeof(rest), "%s", range(o, space, sizeof(space)));
		(void)snprintf(rest + strlen(rest), sizeof(rest) - strlen(rest),
		    "%s", help_default(o, space, sizeof(space)));
		put_sentence(out, o->help, rest);
	}
	fputs(".El\n", out);
}

/* --- Other parts --- */

static void
put_terms(FILE *out, const struct term *terms)
{
	fputs(".Bl -tag -width Ds\n", out);
	for (; terms->term != NULL; terms++) {
		put_line(out, ".It", terms->term);
		put_sentence(out, terms->meaning, "");
	}
	fputs(".El\n", out);
}

static void
put_section(FILE *out, const struct section *s)
{
	fputs(".Sh ", out);
	for (const char *c = s->title; *c != '\0'; c++)
		fputc(toupper((unsigned char)*c), out);
	fputc('\n', out);
	put_terms(out, s->terms);
}

static void
put_examples(FILE *out, const struct command *cmd)
{
	if (cmd->examples == NULL)
		return;
	fputs(".Sh EXAMPLES\n", out);
	for (const struct term *t = cmd->examples; t->term != NULL; t++) {
		if (t != cmd->examples)
			fputs(".Pp\n", out);
		put_sentence(out, t->meaning, "");
		fputs(".Bd -literal -offset indent\n", out);
		put_escaped(out, t->term, strlen(t->term));
		fputs("\n.Ed\n", out);
	}
}

/* The first name after `last` by the alphabet; NULL: there is none. */
static const char *
next_name(const char *const *names, const char *last)
{
	const char *best = NULL;

	for (size_t i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], last) > 0 &&
		    (best == NULL || strcmp(names[i], best) < 0))
			best = names[i];
	}
	return best;
}

static void
put_see_also(FILE *out, const struct command *cmd)
{
	const char *name = "";

	fputs(".Sh SEE ALSO\n.Xr keepgate 1", out);
	while (cmd->see_also != NULL &&
	    (name = next_name(cmd->see_also, name)) != NULL) {
		fputs(" ,\n.Xr ", out);
		put_page_name(out, command_find(name), false);
		fputs(" 1", out);
	}
	fputc('\n', out);
}

static void
put_head(FILE *out, const struct command *cmd, const char *summary)
{
	fprintf(out, ".\\\" SPDX-License-Identifier: Apache-2.0\n.Dd %s\n.Dt ",
	    KEEPGATE_DATE);
	put_page_name(out, cmd, true);
	fprintf(out, " 1\n.Os Keepgate %s\n.Sh NAME\n.Nm ", KEEPGATE_VERSION);
	put_page_name(out, cmd, false);
	fputc('\n', out);
	put_line(out, ".Nd", summary);
}

/* --- Pages --- */

static void
put_overview(FILE *out)
{
	put_head(out, NULL, "admission policy engine for Kubernetes");
	fputs(".Sh SYNOPSIS\n.Nm keepgate\n.Ar COMMAND\n.Op Ar OPTION ...\n"
	      ".Nm keepgate\n.Fl Fl help | Fl Fl version\n"
	      ".Sh DESCRIPTION\n",
	    out);
	put_text(out, program_text);
	fputs(".Sh COMMANDS\n.Bl -tag -width Ds\n", out);
	for (size_t i = 0; commands[i] != NULL; i++) {
		fputs(".It Xr ", out);
		put_page_name(out, commands[i], false);
		fputs(" 1\n", out);
		put_sentence(out, commands[i]->summary, "");
	}
	fputs(".El\n", out);
	fputs(".Sh EXIT STATUS\n", out);
	put_text(out, "Results are 0 and 1, everything else is 2:");
	put_terms(out, program_exits);
}

void
man_page(FILE *out, const struct command *cmd)
{
	if (cmd == NULL) {
		put_overview(out);
		return;
	}
	put_head(out, cmd, cmd->summary);
	put_synopsis(out, cmd);
	fputs(".Sh DESCRIPTION\n", out);
	if (cmd->text[0] != '\0')
		put_text(out, cmd->text);
	else
		put_sentence(out, cmd->summary, "");
	put_options(out, cmd);
	for (const struct section *s = cmd->sections;
	     s != NULL && s->title != NULL; s++)
		put_section(out, s);
	fputs(".Sh EXIT STATUS\n", out);
	put_terms(out, command_exits(cmd));
	put_examples(out, cmd);
	put_see_also(out, cmd);
}
