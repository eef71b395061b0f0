/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What eval and explain look at: documents of files as policies' expressions
 * see them, and values as people and programs read them.
 */
#ifndef KG_CLI_SUBJECT_H
#define KG_CLI_SUBJECT_H

#include "cel/cel.h"
#include "policy/ruleset.h"

struct subject {
	const struct value *slots[SLOT_COUNT]; /* NULL: enclave cannot be */
	struct kg_slice file;
	unsigned document;
};

/* False: stop. */
typedef bool subject_visit(void *context, const struct subject *s);

struct subjects {
	struct kg_diags *diags;
	struct keytab *keys;    /* that of the program: decodes with it */
	struct kg_ruleset *set; /* for the facts of enclave pods */
	struct arena arena;     /* of one document */
	subject_visit *visit;
	void *context;
	bool stop;
};

/*
 * Visits every document of the files, a List's items each; without files once
 * with null for an object. A bare object is one that is being created. False:
 * something could not be read; the diagnostics say what.
 */
bool subjects_visit(struct subjects *s, const char *const *paths, size_t count);

/* The form that exams use: {"int":"1"}, {"list":[...]}. */
void subject_value_json(
    struct buf *out, struct arena *a, const struct value *v);

/* As an expression would write it; text cut short behind `max` bytes. */
void subject_value_text(
    struct buf *out, struct arena *a, const struct value *v, size_t max);

/* All diagnostics to stderr. */
void subject_print_diags(const struct kg_diags *diags);

#endif
