/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the benchmark share. */
#ifndef KG_TESTS_BENCH_BENCH_H
#define KG_TESTS_BENCH_BENCH_H

/* The expression language: lines cel-... */
void bench_cel(void);

#endif
