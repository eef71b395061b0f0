/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines: the right output and exit code, or 2 and a message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "torture/alloc.h"
#include "torture/torture.h"

#define ARGS_MAX 16
#define PATH_MAX_LEN 128

static int
call(const struct turn *t, const char *folder)
{
	static char space[ARGS_MAX][PATH_MAX_LEN];
	char *argv[ARGS_MAX + 1] = { space[0] };
	int argc = 1;

	(void)snprintf(space[0], PATH_MAX_LEN, "keepgate");
	for (; t->argv[argc - 1] != NULL && argc < ARGS_MAX; argc++) {
		const char *arg = t->argv[argc - 1];
		const bool in = arg[0] == '@';

		(void)snprintf(space[argc], PATH_MAX_LEN, "%s%s%s",
		    in ? folder : "", in ? "/" : "", in ? arg + 1 : arg);
		argv[argc] = space[argc];
	}
	return cli_main(argc, argv);
}

static void
path_of(char *path, const char *folder, const char *kind, const char *name)
{
	(void)snprintf(path, PATH_MAX_LEN, "%s/%s%s", folder, kind, name);
	for (char *c = path; *c != '\0'; c++)
		*c = *c == ' ' ? '-' : *c;
}

static bool
same_files(const char *left, const char *right)
{
	FILE *a = fopen(left, "r"), *b = fopen(right, "r");
	int x = 0, y = 0;

	while (a != NULL && b != NULL && x == y && x != EOF) {
		x = fgetc(a);
		y = fgetc(b);
	}
	if (a != NULL)
		(void)fclose(a);
	if (b != NULL)
		(void)fclose(b);
	return a != NULL && b != NULL && x == y;
}

static void
show_file(const char *path)
{
	FILE *f = fopen(path, "r");
	int c;

	while (f != NULL && (c = fgetc(f)) != EOF)
		fputc(c, stderr);
	if (f != NULL)
		(void)fclose(f);
}

static enum outcome
run_command(const struct turn *t, const char *folder)
{
	char out[PATH_MAX_LEN], truth[PATH_MAX_LEN];
	int code;

	path_of(out, folder, "out", "");
	path_of(truth, folder, "truth-", t->name);
	redirect(STDOUT_FILENO, out);
	code = call(t, folder);
	(void)alloc_stop();
	if (code == EXIT_ERROR && (code != t->code || !same_files(out, truth)))
		return OUTCOME_REFUSED;
	if (code != t->code) {
		fprintf(stderr, "exit %d, want %d\n", code, t->code);
		return OUTCOME_WRONG;
	}
	if (t->varies || same_files(out, truth))
		return OUTCOME_RIGHT;
	fprintf(stderr, "the output is another:\n");
	show_file(out);
	return OUTCOME_WRONG;
}

/* The output when nothing fails, from a process of its own. */
static bool
keep_truth(const struct turn *t, const char *folder)
{
	char truth[PATH_MAX_LEN];
	int status = 0;
	pid_t pid;

	path_of(truth, folder, "truth-", t->name);
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		redirect(STDOUT_FILENO, truth);
		redirect(STDERR_FILENO, "/dev/null");
		exit(call(t, folder));
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	    WIFEXITED(status) && WEXITSTATUS(status) == t->code;
}

/* A pod that only its namespace's label makes an enclave pod. */
static bool
write_namespace(const char *folder)
{
	static const char text[] =
	    "apiVersion: v1\nkind: Pod\n"
	    "metadata: {name: p, namespace: lab}\nspec: {containers: [{name: "
	    "a}]}\n"
	    "---\napiVersion: v1\nkind: Namespace\n"
	    "metadata: {name: lab, labels: {keepgate.dev/profile: "
	    "sgx-intel}}\n";
	char path[PATH_MAX_LEN];
	FILE *f;
	bool ok;

	path_of(path, folder, "ns.yaml", "");
	f = fopen(path, "w");
	ok = f != NULL && fputs(text, f) >= 0;
	return f != NULL && fclose(f) == 0 && ok;
}

bool
command_prepare(const char *folder)
{
	if (!write_namespace(folder))
		return false;
	for (const struct turn *t = command_turns; t->name != NULL; t++) {
		if (!keep_truth(t, folder)) {
			printf("# %s: not as it should be to begin with\n",
			    t->name);
			return false;
		}
	}
	return true;
}

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define COMMAND(n, c, ...)                                               \
	{                                                                \
		.name = n, .run = run_command, .talks = true, .code = c, \
		.argv = ARGS(__VA_ARGS__)                                \
	}
#define MIXED "-f", "tests/cli/input/mixed.yaml"

/* clang-format off */
const struct turn command_turns[] = {
	COMMAND("check", 1, "check", MIXED),
	COMMAND("check json", 1, "check", MIXED, "-o", "json"),
	COMMAND("check review", 1, "check", MIXED, "-o", "review"),
	COMMAND("check policies", 1, "check", MIXED, "-p", "policies/profiles", "-p",
	    "tests/torture/expressions.yaml",
	    "--as", "alice", "--as-group", "dev"),
	COMMAND("check namespace", 1, "check", "-f", "@ns.yaml"),
	COMMAND("check broken", 2, "check", "-f", "tests/cli/input/broken.yaml"),
	COMMAND("rules json", 0, "rules", "-o", "json"),
	COMMAND("rules one", 0, "rules", "NOD-001"),
	COMMAND("profiles", 0, "profiles", "-o", "json"),
	COMMAND("audit verify", 0, "audit", "verify", "@audit.log"),
	COMMAND("audit list", 0, "audit", "list", "@audit.log"),
	COMMAND("audit list json", 0, "audit", "list", "-o", "json", "@audit.log"),
	COMMAND("audit summary", 0, "audit", "summary", "@audit.log"),
	COMMAND("audit summary json", 0, "audit", "summary", "-o", "json",
	    "@audit.log"),
	COMMAND("exceptions", 0, "exceptions", "-p", "policies/profiles", "@audit.log"),
	/* Days left may be one less by now. */
	{ .name = "certs show", .run = run_command, .talks = true,
	    .varies = true, .argv = ARGS("certs", "show", "--ca", "@ca.crt",
	    "--key", "@tls.key", "@tls.crt") },
	COMMAND("help", 0, "help", "check"),
	COMMAND("completion", 0, "completion", "bash"),
	{ .name = NULL },
};
/* clang-format on */
