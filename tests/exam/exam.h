/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exam program: cases with expected verdicts, one JSON object a line, run
 * through the library as a user of it would. A set is one file and one row.
 */
#ifndef KG_TESTS_EXAM_H
#define KG_TESTS_EXAM_H

#include "base/buf.h"
#include "value/json.h"

enum exam_result {
	EXAM_PASS,
	EXAM_FAIL,
	EXAM_SKIP, /* left out by the set's own rules: not counted */
};

struct exam {
	struct arena arena; /* of one case */
	struct keytab keys;
	struct kg_reviewer *reviewer;
};

/*
 * Judges one case; `why` (arena) says what was wrong with a failed one.
 */
typedef enum exam_result exam_judge(
    struct exam *e, const struct value *c, struct buf *why);

struct exam_set {
	const char *name;
	exam_judge *judge;
};

exam_judge exam_enclave;
exam_judge exam_cel;
exam_judge exam_celcost;
exam_judge exam_celvap;
exam_judge exam_cellib;
exam_judge exam_re2;
exam_judge exam_vap;

#endif
