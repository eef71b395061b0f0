/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time zones: fixed offsets, and the TZif data (RFC 8536) of a named one,
 * whose bytes somebody else has read.
 */
#ifndef KG_VALUE_ZONE_H
#define KG_VALUE_ZONE_H

#include "base/slice.h"

/*
 * "+05:30", "-08:00", "1:15": seconds east of UTC. False without a colon (it
 * is a name then) or when the parts are no numbers.
 */
bool zone_fixed(struct kg_slice text, int64_t *offset);

/* May a file be asked for under this name? No dots that lead out of a folder,
 * no leading slash, at most ZONE_NAME_MAX bytes. */
bool zone_name_ok(struct kg_slice name);

/* Seconds east of UTC at a moment; false when the data is no TZif. */
bool zone_offset(struct kg_slice tzif, int64_t seconds, int64_t *offset);

#endif
