/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of the Namespace objects that stand among the files to judge. */
#ifndef KG_CLI_FILE_NAMESPACES_H
#define KG_CLI_FILE_NAMESPACES_H

#include "base/map.h"
#include "io/file.h"
#include "value/value.h"

struct file_namespaces {
	struct arena *arena; /* borrowed: names and labels live in it */
	struct map labels;   /* name to struct kg_slice *, JSON */
};

void file_namespaces_init(struct file_namespaces *ns, struct arena *arena);

/* Can the file hold one? Only then is it read for them. */
bool file_namespaces_in(const struct file *file);

/* Keeps the labels when it is a Namespace. False: no memory. */
bool file_namespaces_note(
    struct file_namespaces *ns, const struct value *root) KG_MUST_CHECK;

/* As kg_call.namespace_labels has them; empty when they are not known. */
struct kg_slice file_namespaces_labels(
    const struct file_namespaces *ns, struct kg_slice name);

#endif
