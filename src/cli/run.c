/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the subcommand, parses its options, runs it. */
#include <fcntl.h>
#include <unistd.h>

#include "cli/cli.h"

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
		help_command(stdout, cmd);
		code = EXIT_OK;
	}
	free(rest);
	return code;
}

/*
 * Standard files that the caller closed get a stand-in that fails, lest the
 * next file that is opened takes their number and output ends up in it.
 */
static bool
hold_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		const int wrong = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;

		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", wrong) != fd)
			return false;
	}
	return true;
}

/* Results that could not be written are no results. */
static int
finish(int code)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return cli_error("standard output could not be written");
	return code;
}

static bool
asks_for_help(const char *arg)
{
	return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

static int
dispatch(int argc, char **argv)
{
	const char *name = argv[1];
	const struct command *cmd;
	char two[64] = "";

	if (argc > 2) {
		(void)snprintf(two, sizeof(two), "%s %s", name, argv[2]);
		cmd = command_find(two);
		if (cmd != NULL)
			return run(cmd, argc - 3, argv + 3);
	}
	cmd = command_find(name);
	if (cmd != NULL)
		return run(cmd, argc - 2, argv + 2);
	if (!command_is_family(name) || argc == 2)
		return command_unknown(name);
	if (asks_for_help(argv[2]))
		return cmd_help.run(1, &name);
	return command_unknown(two);
}

int
cli_main(int argc, char **argv)
{
	if (!hold_standard_files())
		return EXIT_ERROR;
	if (argc < 2) {
		help_overview(stderr);
		return EXIT_ERROR;
	}
	if (asks_for_help(argv[1])) {
		help_overview(stdout);
		return finish(EXIT_OK);
	}
	if (strcmp(argv[1], "--version") == 0)
		return finish(cmd_version.run(0, NULL));
	return finish(dispatch(argc, argv));
}
