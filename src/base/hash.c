/* SPDX-License-Identifier: Apache-2.0 */
/* The one source of randomness in the library. */
#include "base/hash.h"

#include <sys/random.h>

uint64_t
hash_seed(const void *table)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == sizeof(seed))
		return seed;
	return hash_mix((uint64_t)(uintptr_t)table, HASH_MUL);
}
