/* SPDX-License-Identifier: Apache-2.0 */
/* Durations as people write them. */
#ifndef KG_BASE_DURATION_H
#define KG_BASE_DURATION_H

#include "base/slice.h"

/* "200ms", "5s", "1h30m", "7d", "0" in microseconds; false when it is none. */
bool duration_us(const char *text, int64_t *us);

#endif
