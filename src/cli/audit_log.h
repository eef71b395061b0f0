/* SPDX-License-Identifier: Apache-2.0 */
/* Audit logs line by line, for the commands that read them. */
#ifndef KG_CLI_AUDIT_LOG_H
#define KG_CLI_AUDIT_LOG_H

#include "audit/verify.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "value/json.h"

struct log_line {
	const char *path;
	unsigned long number;
	struct kg_slice text; /* without its newline */
	bool torn;            /* it had none */
};

struct audit_log {
	struct arena line; /* what a line is decoded into; reset for each */
	struct arena names;
	struct keytab keys;
	struct log_file *files; /* in the order of their first records */
	size_t count;
	struct progress progress;
};

/*
 * Puts the files into the order of their chain, whatever the order of the
 * arguments. False after an error was printed; audit_log_close() is due all
 * the same. `what` and `prints` are for the progress.
 */
bool audit_log_open(struct audit_log *log, size_t count,
    const char *const *paths, const char *what, bool prints);
void audit_log_close(struct audit_log *log);

/*
 * Calls visit() for each line of each file until it gives false. Gives
 * EXIT_OK, or EXIT_ERROR after it was printed what could not be read.
 */
int audit_log_lines(struct audit_log *log,
    bool (*visit)(void *arg, const struct log_line *line), void *arg);

/*
 * Calls visit() for each record that fits the filter. Lines that are none
 * are reported, the rest is still read; gives EXIT_ERROR then.
 */
int audit_log_records(struct audit_log *log, const struct record_filter *f,
    bool (*visit)(void *arg, struct kg_slice line, const struct value *record),
    void *arg);

/* --- The options that pick records, the same for all commands --- */

extern struct audit_wanted {
	const char *rule, *user, *ns, *kind, *since, *until;
	unsigned verdict;
} audit_wanted;
extern const char *const audit_verdicts[];

#define AUDIT_WANTED_OPTIONS                                                  \
	{ .name = "verdict",                                                  \
		.type = OPTION_WORD,                                          \
		.help = "decisions of this verdict",                          \
		.words = audit_verdicts,                                      \
		.target = &audit_wanted.verdict },                            \
	    { .name = "rule",                                                 \
		    .type = OPTION_STRING,                                    \
		    .takes = TAKES_RULE,                                      \
		    .value_name = "ID",                                       \
		    .help = "decisions with a finding of this rule",          \
		    .target = &audit_wanted.rule },                           \
	    { .name = "user",                                                 \
		    .type = OPTION_STRING,                                    \
		    .value_name = "USER",                                     \
		    .help = "requests of this user",                          \
		    .target = &audit_wanted.user },                           \
	    { .name = "namespace",                                            \
		    .letter = 'n',                                            \
		    .type = OPTION_STRING,                                    \
		    .value_name = "NAMESPACE",                                \
		    .help = "requests in this namespace",                     \
		    .target = &audit_wanted.ns },                             \
	    { .name = "kind",                                                 \
		    .type = OPTION_STRING,                                    \
		    .value_name = "KIND",                                     \
		    .help = "requests about this kind, such as Pod",          \
		    .target = &audit_wanted.kind },                           \
	    { .name = "since",                                                \
		    .type = OPTION_STRING,                                    \
		    .value_name = "TIME",                                     \
		    .help = "from this time on: RFC 3339, or a time ago "     \
			    "such as 24h",                                    \
		    .target = &audit_wanted.since },                          \
	{                                                                     \
		.name = "until", .type = OPTION_STRING, .value_name = "TIME", \
		.help = "before this time", .target = &audit_wanted.until     \
	}

/* The filter that they ask for; false after an error was printed. */
bool audit_wanted_filter(struct record_filter *f);

#endif
