/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of a policy that users write as expressions: match conditions,
 * variables, validations, audit annotations. All expressions of a rule set
 * are compiled into one program, so that equal parts are evaluated once.
 */
#ifndef KG_POLICY_CUSTOM_H
#define KG_POLICY_CUSTOM_H

#include "cel/cel.h"
#include "value/node.h"

/* What expressions may name, in the order of their slots. */
enum custom_slot {
	SLOT_OBJECT,
	SLOT_OLD_OBJECT,
	SLOT_REQUEST,
	SLOT_NAMESPACE_OBJECT,
	SLOT_ENCLAVE,
	SLOT_AUTHORIZER,
	SLOT_REQUEST_RESOURCE, /* authorizer.requestResource */
	SLOT_VARIABLES,        /* has no value: its fields are roots */
	SLOT_COUNT
};

#define CUSTOM_NONE CEL_NO_ROOT

struct custom_expr {
	struct kg_slice text;
	uint32_t root; /* of the program; CUSTOM_NONE: not given */
};

/* A match condition, a variable, an audit annotation. */
struct custom_named {
	struct kg_slice name;
	struct custom_expr expr;
};

struct custom_validation {
	struct kg_slice id; /* "PAY-001" */
	enum kg_action action;
	struct kg_slice message;
	struct custom_expr expr, message_expr;
	unsigned code; /* of a denial: 403, 413, 422 */
};

struct custom {
	const struct custom_named *conditions, *variables, *annotations;
	const struct custom_validation *validations;
	size_t condition_count, variable_count, annotation_count;
	size_t validation_count;
	bool uses_enclave;
};

/* --- Environments: custom_env.c --- */

/* Declares the slots in a new environment of this arena, with the names and
 * types that Kubernetes gives them; `variables` has no fields yet. */
void custom_env_init(struct cel_env *env, struct arena *arena, unsigned compat);

/* The same for one policy: its own type of `variables`, which grows. NULL:
 * the arena failed. */
struct cel_type *custom_env_policy(
    struct cel_env *env, struct arena *arena, const struct cel_env *base);

/*
 * Fills all slots but that of `enclave`; `asked` is the request. An object
 * that is NULL is null. Nobody knows the namespace yet, and nobody is there to
 * authorize.
 */
void custom_slots(const struct value *slots[SLOT_COUNT],
    const struct value *object, const struct value *old_object,
    const struct value *asked);

/* --- Compiling: custom_read.c --- */

struct custom_compiler {
	struct node_reader *reader;
	struct arena scratch, trees; /* of the build; of one policy */
	struct cel_env base;
	struct cel_builder *builder;
};

/* Starts the program of a rule set, whose arena, key table and literal
 * patterns these are. */
void custom_begin(struct custom_compiler *c, struct node_reader *reader,
    struct keytab *keys, struct regex_set *patterns, unsigned compat);

/*
 * Reads and compiles what a policy has of expressions; *out is NULL when it
 * has none. What is wrong is reported to the reader.
 */
void custom_read(
    struct custom_compiler *c, struct node policy, const struct custom **out);

/* Gives the program, NULL when nobody had an expression, and whether any can
 * see the managedFields of objects; and ends. */
enum kg_status custom_end(struct custom_compiler *c,
    const struct cel_program **out, bool *sees_managed_fields) KG_MUST_CHECK;

/* --- Positions: custom_pos.c --- */

/*
 * Where byte `at` of an expression stands in the file that holds the node:
 * exactly, for scalars of any style; at the node when that cannot be told.
 */
uint32_t custom_position(
    const struct node *n, struct kg_slice text, uint32_t at);

#endif
