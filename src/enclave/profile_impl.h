/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read profiles share; for profile*.c alone. */
#ifndef KG_ENCLAVE_PROFILE_IMPL_H
#define KG_ENCLAVE_PROFILE_IMPL_H

#include "enclave/profile.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* {name: count, ...} */
void read_counts(struct node_reader *r, struct node n,
    const struct resource_count **out, size_t *count);

/* {name: value, ...}; `quantity`: values are amounts, else texts. */
void read_pairs(
    struct node_reader *r, struct node n, bool quantity, struct pair_list *out);

/* A list of paths, kept cleaned: so they are compared. */
void read_paths(struct node_reader *r, struct node n, struct string_list *out);

void read_wiring(struct node_reader *r, struct node n, void *item);
void read_nodes(struct node_reader *r, struct node n, struct profile *p);
void read_classes(struct node_reader *r, struct node n, struct profile *p);
void read_annotations(struct node_reader *r, struct node n, struct profile *p);
void read_measured(struct node_reader *r, struct node n, void *item);

#endif
