/* SPDX-License-Identifier: Apache-2.0 */
/* Results of a check, and the forms they are printed in. */
#ifndef KG_CLI_REPORT_H
#define KG_CLI_REPORT_H

#include "base/buf.h"

enum result_verdict {
	RESULT_ALLOW,
	RESULT_WARN,
	RESULT_DENY,
	RESULT_ERROR,
	RESULT_SKIP,
	RESULT_COUNT,
};

struct position {
	unsigned line, column; /* 0: none */
};

/* One object that was looked at. Borrowed for the call. */
struct result {
	struct kg_slice file;
	unsigned document, line;
	struct kg_slice api_version, kind, ns, name, operation;
	enum result_verdict verdict;
	const struct kg_decision *decision; /* NULL when skipped */
	const struct position *positions;   /* by finding */
	struct kg_slice reply;              /* the answer to the review */
};

struct summary {
	size_t verdicts[RESULT_COUNT];
	size_t input_errors;
	struct kg_slice ruleset;
	const struct kg_diags *diags;
};

struct report {
	void (*result)(const struct result *r);
	/* The last thing; false when memory ran out. */
	bool (*end)(const struct summary *s);
};

extern const struct report report_text, report_json, report_review;

/* Color of report_text; auto: on a terminal, without NO_COLOR. */
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
void report_text_color(enum color_when when);

enum result_verdict result_verdict_of(enum kg_verdict verdict);
const char *result_verdict_name(enum result_verdict verdict);

#endif
