/* SPDX-License-Identifier: Apache-2.0 */
/* Chance for property tests, which print its seed; KEEPGATE_SEED=N runs that
 * one again. */
#ifndef KG_TESTS_UNIT_RANDOM_H
#define KG_TESTS_UNIT_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state_of_random;

static inline unsigned
below(unsigned n)
{
	state_of_random ^= state_of_random << 13;
	state_of_random ^= state_of_random >> 7;
	state_of_random ^= state_of_random << 17;
	return (unsigned)(state_of_random >> 33) % n;
}

#define PICK(list) (list)[below(ARRAY_LEN(list))]

/* The address of anything is another one in each run. */
static inline void
random_start(const void *anything)
{
	const char *seed = getenv("KEEPGATE_SEED");

	state_of_random = seed != NULL ? strtoull(seed, NULL, 10)
				       : (uint64_t)(uintptr_t)anything >> 4;
	state_of_random |= 1;
	printf("# KEEPGATE_SEED=%llu\n", (unsigned long long)state_of_random);
}

#endif
