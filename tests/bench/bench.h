/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the benchmark share. */
#ifndef KG_TESTS_BENCH_BENCH_H
#define KG_TESTS_BENCH_BENCH_H

#include <time.h>

/* CPU time so far. */
static inline double
bench_now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The expression language: lines cel-... */
void bench_cel(void);

/* Regular expressions: lines regex-... */
void bench_regex(void);

#endif
