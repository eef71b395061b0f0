/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fails allocation 1, 2, 3 ... of each piece of work, alone and with all that
 * follow, until the work gets by without. Each try is a process of its own:
 * it must end with the right result or with an error, never crash, and leak
 * nothing (MODE=asan tells). TAP on standard output.
 */
#include "torture/torture.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "torture/alloc.h"

/* Tries that are made one by one; then steps grow by a tenth. */
#define EACH 100

/* "--alone": no tries in which all later allocations fail too. */
static bool alone;

enum {
	EXIT_THROUGH = 90, /* all went well and nothing failed */
	EXIT_HANDLED = 91,
	EXIT_WRONG = 92,
	EXIT_SILENT = 93, /* an error without a word */
};

static char folder[] = "/tmp/keepgate-torture-XXXXXX";
static char talk[64]; /* file of the child's standard error */

void
redirect(int fd, const char *path)
{
	const int to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (to < 0 || dup2(to, fd) < 0)
		exit(EXIT_WRONG);
	(void)close(to);
}

static int
child(const struct turn *t, long n, bool on)
{
	enum outcome outcome;
	struct stat st;
	bool reached;

	redirect(STDERR_FILENO, talk);
	alloc_fail_at(n, on);
	outcome = t->run(t, folder);
	reached = alloc_stop();
	if (outcome == OUTCOME_WRONG || (!reached && outcome != OUTCOME_RIGHT))
		return EXIT_WRONG;
	if (!reached)
		return EXIT_THROUGH;
	if (outcome == OUTCOME_REFUSED && t->talks &&
	    (fstat(STDERR_FILENO, &st) != 0 || st.st_size == 0))
		return EXIT_SILENT;
	return EXIT_HANDLED;
}

static void
show_talk(void)
{
	char line[300];
	FILE *f = fopen(talk, "r");

	for (int i = 0; f != NULL && i < 40 && fgets(line, sizeof(line), f);
	     i++)
		printf("#   %s%s", line, strchr(line, '\n') ? "" : "\n");
	if (f != NULL)
		(void)fclose(f);
}

/* 0: go on, 1: through, -1: failed, and was told. */
static int
judge(const struct turn *t, long n, bool on, int status)
{
	const char *what = "crashed or leaked";

	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_THROUGH)
		return 1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_HANDLED)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_WRONG)
		what = "gave a wrong result";
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SILENT)
		what = "failed without a word";
	printf("# %s %s when allocation %ld%s failed (status %#x)\n", t->name,
	    what, n, on ? " and all later ones" : "", (unsigned)status);
	show_talk();
	return -1;
}

static int
attempt(const struct turn *t, long n, bool on)
{
	int status = 0;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		exit(child(t, n, on)); /* not _exit: leaks are looked for */
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return judge(t, n, on, status);
}

static bool
run_turn(const struct turn *t, int number)
{
	bool ok = true;

	for (int on = 0; on <= (alone ? 0 : 1); on++) {
		long n = 1, tries = 0;
		int result = 0, bad = 0;

		while (result != 1 && bad < 5) {
			result = attempt(t, n, on == 1);
			bad += result < 0;
			tries++;
			n += n < EACH ? 1 : n / 10;
		}
		ok = ok && bad == 0;
		printf("# %s: %ld tries, up to allocation %ld\n", t->name,
		    tries, n);
	}
	printf("%sok %d - %s\n", ok ? "" : "not ", number, t->name);
	return ok;
}

/* It is flat: no turn makes a folder in it. */
static void
remove_folder(void)
{
	DIR *dir = opendir(folder);
	const struct dirent *d;

	while (dir != NULL && (d = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), d->d_name, 0);
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(folder);
}

int
main(int argc, char **argv)
{
	const struct turn *const lists[] = { library_turns, command_turns };
	int number = 0, bad = 0;

	if (argc > 1 && strcmp(argv[1], "--alone") == 0) {
		alone = true;
		argc--;
		argv++;
	}
	alloc_setup();
	(void)signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(folder) == NULL || !library_prepare(folder) ||
	    !command_prepare(folder))
		return 2;
	(void)snprintf(talk, sizeof(talk), "%s/talk", folder);
	for (size_t i = 0; i < 2; i++) {
		for (const struct turn *t = lists[i]; t->name != NULL; t++) {
			if (argc > 1 && strcmp(argv[1], t->name) != 0)
				continue;
			bad += !run_turn(t, ++number);
		}
	}
	printf("1..%d\n", number);
	remove_folder();
	return bad == 0 ? 0 : 1;
}
