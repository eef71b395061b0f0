/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cJSON with its failures noted: it gives NULL or false in the middle of a
 * document, and what misses then would look as if it had never been.
 */
#ifndef KG_CLI_CJSON_H
#define KG_CLI_CJSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* Before the first item is made. */
void cjson_watch(void);

/* True when any allocation since has failed. */
bool cjson_failed(void);

/* Take the item, also when they fail. */
void cjson_add(cJSON *object, const char *name, cJSON *item);
void cjson_append(cJSON *list, cJSON *item);

#endif
