/* SPDX-License-Identifier: Apache-2.0 */
/* KeepgateConfiguration: the file behind --config. */
#ifndef KG_SERVER_CONFIG_H
#define KG_SERVER_CONFIG_H

#include "server/server.h"

/* Names of the words, in the order of their enums. */
extern const char *const config_sync_words[];    /* enum journal_sync */
extern const char *const config_objects_words[]; /* enum audit_objects */
extern const char *const config_failure_words[]; /* deny, allow */
extern const char *const config_format_words[];  /* enum log_format */
extern const char *const config_level_words[];   /* enum log_level */

/*
 * Reads the file over the options: what it names is set, the rest stays. The
 * strings live in `arena`. Errors go to diags; false when there were any.
 */
bool config_read(const char *path, struct arena *arena, struct kg_diags *diags,
    struct server_options *options);

#endif
