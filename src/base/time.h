/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as RFC 3339 writes them; inside: microseconds since 1970. */
#ifndef KG_BASE_TIME_H
#define KG_BASE_TIME_H

#include "base/slice.h"

/* "2026-11-23T14:30:00.123456Z" */
#define TIME_TEXT_LEN 27
void time_text(int64_t time_us, char out[TIME_TEXT_LEN]);
/* RFC 3339 with any offset and fraction; false when it is not one. */
bool time_parse(struct kg_slice text, int64_t *time_us);

#endif
