/* SPDX-License-Identifier: Apache-2.0 */
/* Gzip, unpacked: what the initdata of a confidential guest comes in. */
#ifndef KG_VALUE_GUNZIP_H
#define KG_VALUE_GUNZIP_H

#include "base/arena.h"

/*
 * Unpacks one gzip member into the arena; false when it is none, is damaged,
 * has something behind it, says that it holds more than GUNZIP_MAX bytes, or
 * the arena failed. The whole text must be one member: of several, other
 * readers take the first or all.
 */
bool gunzip(struct arena *arena, struct kg_slice packed, struct kg_slice *out);

#endif
