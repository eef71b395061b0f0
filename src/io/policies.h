/* SPDX-License-Identifier: Apache-2.0 */
/* -p: from paths to a rule set. */
#ifndef KG_IO_POLICIES_H
#define KG_IO_POLICIES_H

#include "io/file.h"

/*
 * Reads the files and directories that the paths name and compiles them. A
 * path that does not exist may be the name of a shipped pack, such as
 * enclave-baseline. options: NULL for none. *out is NULL when anything was
 * wrong: the diagnostics say what. Gives a reference.
 */
enum kg_status policies_load(const char *const *paths, size_t count,
    const struct kg_options *options, struct kg_diags *diags,
    struct kg_ruleset **out) KG_MUST_CHECK;

#endif
