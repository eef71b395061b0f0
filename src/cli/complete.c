/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate completion, and what the shells' scripts share. */
#include "cli/complete.h"

struct kg_slice
command_head(const struct command *cmd)
{
	const struct kg_slice name = slice_str(cmd->name);

	return slice_upto(name, slice_find(name, ' '));
}

const char *
command_tail(const struct command *cmd)
{
	const char *space = strchr(cmd->name, ' ');

	return space != NULL ? space + 1 : "";
}

bool
command_leads(size_t index)
{
	const struct kg_slice head = command_head(commands[index]);

	for (size_t i = 0; i < index; i++) {
		if (slice_eq(command_head(commands[i]), head))
			return false;
	}
	return true;
}

const char *
command_head_summary(size_t index)
{
	const struct kg_slice head = command_head(commands[index]);

	for (const struct term *f = command_families; f->term != NULL; f++) {
		if (slice_is(head, f->term))
			return f->meaning;
	}
	return commands[index]->summary;
}

void
put_heads(FILE *out)
{
	const char *space = "";

	for (size_t i = 0; commands[i] != NULL; i++) {
		if (!command_leads(i))
			continue;
		fprintf(
		    out, "%s%.*s", space, SLICE_ARG(command_head(commands[i])));
		space = " ";
	}
}

void
put_tails(FILE *out, struct kg_slice family)
{
	const char *space = "";

	for (size_t i = 0; commands[i] != NULL; i++) {
		const char *tail = command_tail(commands[i]);

		if (tail[0] == '\0' ||
		    !slice_eq(command_head(commands[i]), family))
			continue;
		fprintf(out, "%s%s", space, tail);
		space = " ";
	}
}

enum takes
option_takes(const struct option *o)
{
	return o->type == OPTION_WORD ? TAKES_WORD : o->takes;
}

bool
takes_choices(enum takes takes)
{
	return takes == TAKES_WORD || takes == TAKES_RULE ||
	    takes == TAKES_COMMAND;
}

static void
put_words(FILE *out, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", words[i]);
}

static void
put_rules(FILE *out)
{
	for (size_t i = 0; i < kg_rule_count(); i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", kg_rule_get(i)->id);
}

void
put_choices(FILE *out, enum takes takes, const char *const *words)
{
	if (takes == TAKES_WORD)
		put_words(out, words);
	else if (takes == TAKES_RULE)
		put_rules(out);
	else if (takes == TAKES_COMMAND)
		put_heads(out);
}

/* --- The command --- */

static const char *const shells[] = { "bash", "zsh", "fish", NULL };

static int
run_completion(size_t count, const char *const *arguments)
{
	static void (*const scripts[])(
	    FILE *) = { complete_bash, complete_zsh, complete_fish };

	(void)count;
	for (size_t i = 0; shells[i] != NULL; i++) {
		if (strcmp(shells[i], arguments[0]) == 0) {
			scripts[i](stdout);
			return EXIT_OK;
		}
	}
	return cli_error(
	    "completion: found \"%s\", want bash, zsh or fish", arguments[0]);
}

const struct command cmd_completion = {
	.name = "completion",
	.summary = "print a shell's completion script",
	.arguments = "bash|zsh|fish",
	.takes = TAKES_WORD,
	.words = shells,
	.least = 1,
	.most = 1,
	.text = "The script knows commands, options, their values and the ids "
		"of rules; it completes kubectl-keepgate as well.",
	.options = no_options,
	.examples =
	    (const struct term[]){
		{ "source <(keepgate completion bash)",
		    "in the bash that runs now" },
		{ "keepgate completion zsh >\"${fpath[1]}/_keepgate\"",
		    "for every zsh from now on" },
		{ "keepgate completion fish "
		  ">~/.config/fish/completions/keepgate.fish",
		    "for every fish" },
		{ NULL, NULL },
	    },
	.run = run_completion,
};
