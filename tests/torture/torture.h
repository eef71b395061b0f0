/* SPDX-License-Identifier: Apache-2.0 */
/* One piece of work in which each allocation fails in turn. */
#ifndef KG_TESTS_TORTURE_TORTURE_H
#define KG_TESTS_TORTURE_TORTURE_H

#include <stdbool.h>
#include <stddef.h>

enum outcome {
	OUTCOME_RIGHT,   /* as if nothing had failed */
	OUTCOME_REFUSED, /* an error was given */
	OUTCOME_WRONG,   /* something else: what must never be */
};

struct turn {
	const char *name;
	/* Runs in a process of its own, with a work folder. */
	enum outcome (*run)(const struct turn *t, const char *folder);
	bool talks; /* when it refuses, it says why on standard error */
	/* For command lines: arguments ("@x" is x in the folder), the exit
	 * code when all is well, and whether the output is ever the same. */
	const char *const *argv;
	int code;
	bool varies;
};

extern const struct turn library_turns[]; /* end with name NULL */
extern const struct turn command_turns[];

/* Prepare what the turns read; false when that fails. */
bool library_prepare(const char *folder);
bool command_prepare(const char *folder);

/* Makes the file what the descriptor writes to, or ends the process. */
void redirect(int fd, const char *path);

#endif
