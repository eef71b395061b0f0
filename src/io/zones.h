/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system's time zones, for expressions: the library asks for the data of
 * one by name, this reads it once and keeps it. Shared by threads: one mutex
 * guards what was read.
 */
#ifndef KG_IO_ZONES_H
#define KG_IO_ZONES_H

#include "cel/eval.h"

#define ZONES_FOLDER "/usr/share/zoneinfo"

struct zones;

/* NULL: no memory. The folder is borrowed; nothing is read yet. */
struct zones *zones_open(const char *folder);
void zones_close(struct zones *zones);

/*
 * The TZif data of "Europe/Berlin", good until zones_close(); {NULL, 0} when
 * there is no such zone. The first argument is a struct zones, as the host of
 * an evaluation hands it on.
 */
struct kg_slice zones_find(void *zones, struct kg_slice name);

/* Zones of the system for one reviewer, which must go before them. NULL: no
 * memory. */
struct zones *zones_for(struct kg_reviewer *reviewer);

/* A host that knows these zones and nothing else; NULL: none. */
struct cel_host zones_host(struct zones *zones);

#endif
