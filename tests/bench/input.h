/* SPDX-License-Identifier: Apache-2.0 */
/* Reviews of the sizes that API servers send, made up for the benchmark. */
#ifndef KG_TESTS_BENCH_INPUT_H
#define KG_TESTS_BENCH_INPUT_H

#include "base/buf.h"

struct bench_shape {
	const char *name; /* "pod8k" */
	unsigned containers;
	size_t size;  /* bytes to reach, by managedFields */
	bool update;  /* with an oldObject */
	bool enclave; /* wired and placed as it should be, or ordinary */
};

/* One AdmissionReview in compact JSON and a newline, as the API server sends
 * it; arena. */
struct kg_slice bench_review(
    struct arena *arena, const struct bench_shape *shape);

#endif
