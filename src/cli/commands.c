/* SPDX-License-Identifier: Apache-2.0 */
/* The table of subcommands, in the order in which help lists them. */
#include "cli/cli.h"

const struct command *const commands[] = {
	&cmd_check,
	&cmd_serve,
	&cmd_audit_verify,
	&cmd_audit_list,
	&cmd_audit_summary,
	&cmd_certs_init,
	&cmd_certs_show,
	&cmd_eval,
	&cmd_explain,
	&cmd_lint,
	&cmd_rules,
	&cmd_profiles,
	&cmd_exceptions,
	&cmd_sigstruct,
	&cmd_completion,
	&cmd_version,
	&cmd_help,
	NULL,
};

const struct term command_families[] = {
	{ "audit", "read and verify audit logs" },
	{ "certs", "make and look at certificates" },
	{ NULL, NULL },
};

const char program_text[] =
    "Keepgate judges Kubernetes objects by policies before they are admitted, "
    "and it knows confidential workloads: an enclave pod must request memory "
    "of its platform, carry attestation, and run only where its node selection "
    "proves a confidential node. One rule set serves the webhook, the dry run "
    "of manifests and the review of audit logs.";

const struct term program_exits[] = {
	{ "0", "it was done, and what was judged is allowed" },
	{ "1", "something is denied, broken or not as it should be" },
	{ "2", "the command line, a policy or an input is in error" },
	{ NULL, NULL },
};

const struct option no_options[] = { { .name = NULL } };

const char *const output_words[] = { "text", "json", NULL };

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

bool
command_is_family(const char *name)
{
	const size_t n = strlen(name);

	for (size_t i = 0; commands[i] != NULL; i++) {
		if (strncmp(commands[i]->name, name, n) == 0 &&
		    commands[i]->name[n] == ' ')
			return true;
	}
	return false;
}

int
command_unknown(const char *name)
{
	const char *hint = NULL;
	size_t least = 3;

	for (size_t i = 0; commands[i] != NULL; i++) {
		const size_t d = slice_distance(
		    slice_str(name), slice_str(commands[i]->name), 3);

		if (d < least) {
			least = d;
			hint = commands[i]->name;
		}
	}
	if (hint != NULL)
		return cli_error(
		    "unknown command \"%s\"; did you mean %s?", name, hint);
	if (command_is_family(name))
		return cli_error(
		    "%s: which command? See keepgate help %s", name, name);
	return cli_error("unknown command \"%s\"; see keepgate help", name);
}

const struct term *
command_exits(const struct command *cmd)
{
	static const struct term plain[] = {
		{ "0", "it was done" },
		{ "2", "it could not be done, and why is on standard error" },
		{ NULL, NULL },
	};

	return cmd->exits != NULL ? cmd->exits : plain;
}
