/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the subcommand, parses its options, runs it. */
#include "cli/cli.h"

const struct command *const commands[] = {
	&cmd_check,
	&cmd_serve,
	&cmd_audit_verify,
	&cmd_audit_list,
	&cmd_rules,
	&cmd_version,
	&cmd_help,
	NULL,
};

/* --- help and version --- */

static void
print_usage(FILE *out)
{
	fprintf(out,
	    "usage: keepgate COMMAND [OPTION]...\n\n"
	    "An admission policy engine for Kubernetes that knows "
	    "confidential workloads.\n\ncommands:\n");
	for (size_t i = 0; commands[i] != NULL; i++)
		fprintf(out, "  %-14s%s\n", commands[i]->name,
		    commands[i]->summary);
	fprintf(out, "\nkeepgate help COMMAND tells more of each.\n");
}

/* A family such as "audit", whose commands are two words. */
static bool
is_family(const char *name)
{
	const size_t n = strlen(name);

	for (size_t i = 0; commands[i] != NULL; i++) {
		if (strncmp(commands[i]->name, name, n) == 0 &&
		    commands[i]->name[n] == ' ')
			return true;
	}
	return false;
}

static int
unknown_command(const char *name)
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
	if (is_family(name))
		return cli_error("%s: which command? See keepgate help", name);
	return cli_error("unknown command \"%s\"; see keepgate help", name);
}

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static int
run_help(size_t count, const char *const *arguments)
{
	const struct command *cmd;
	char name[64];

	if (count == 0) {
		print_usage(stdout);
		return EXIT_OK;
	}
	(void)snprintf(name, sizeof(name), "%s%s%s", arguments[0],
	    count > 1 ? " " : "", count > 1 ? arguments[1] : "");
	cmd = command_find(name);
	if (cmd == NULL && count == 1 && is_family(arguments[0])) {
		for (size_t i = 0; commands[i] != NULL; i++) {
			if (strncmp(commands[i]->name, name, strlen(name)) == 0)
				printf("  %-14s%s\n", commands[i]->name,
				    commands[i]->summary);
		}
		return EXIT_OK;
	}
	if (cmd == NULL)
		return unknown_command(name);
	command_help(stdout, cmd);
	return EXIT_OK;
}

static int
run_version(size_t count, const char *const *arguments)
{
	(void)arguments;
	if (count > 0)
		return cli_error("version takes no argument");
	printf("keepgate %s\n", KEEPGATE_VERSION);
	return EXIT_OK;
}

static const struct option no_options[] = { { .name = NULL } };

const struct command cmd_help = {
	.name = "help",
	.summary = "show what there is, or what a command takes",
	.arguments = "[COMMAND]",
	.text = "",
	.options = no_options,
	.run = run_help,
};

const struct command cmd_version = {
	.name = "version",
	.summary = "print the version",
	.arguments = "",
	.text = "",
	.options = no_options,
	.run = run_version,
};

/* --- Running --- */

static int
run(const struct command *cmd, int argc, char **argv)
{
	const char **rest = calloc((size_t)argc + 1, sizeof(*rest));
	size_t count;
	bool help;
	int code = EXIT_ERROR;

	if (rest == NULL)
		return cli_error("out of memory");
	if (options_parse(cmd, argc, argv, rest, &count, &help)) {
		code = cmd->run(count, rest);
	} else if (help) {
		command_help(stdout, cmd);
		code = EXIT_OK;
	}
	free(rest);
	return code;
}

/* Results that could not be written are no results. */
static int
finish(int code)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return cli_error("standard output could not be written");
	return code;
}

int
main(int argc, char **argv)
{
	const struct command *cmd;
	char two[64];

	if (argc < 2) {
		print_usage(stderr);
		return EXIT_ERROR;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_usage(stdout);
		return finish(EXIT_OK);
	}
	if (strcmp(argv[1], "--version") == 0)
		return finish(run_version(0, NULL));
	if (argc > 2) {
		(void)snprintf(two, sizeof(two), "%s %s", argv[1], argv[2]);
		cmd = command_find(two);
		if (cmd != NULL)
			return finish(run(cmd, argc - 3, argv + 3));
	}
	cmd = command_find(argv[1]);
	if (cmd != NULL)
		return finish(run(cmd, argc - 2, argv + 2));
	if (is_family(argv[1]) && argc > 2 &&
	    (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0)) {
		const char *family = argv[1];

		return finish(run_help(1, &family));
	}
	return unknown_command(argc > 2 && is_family(argv[1]) ? two : argv[1]);
}
