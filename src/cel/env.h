/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an expression may name: variables, functions, types; and which of
 * Kubernetes' habits hold. One environment serves many compiles; a child
 * shares its parent's functions and adds variables of its own.
 */
#ifndef KG_CEL_ENV_H
#define KG_CEL_ENV_H

#include "base/map.h"
#include "cel/overload.h"

/* Levels of compatibility: what Kubernetes 1.36 does (the default), what a
 * live 1.37 does, and what is announced. */
#define CEL_COMPAT_136 136u
#define CEL_COMPAT_137 137u
#define CEL_COMPAT_NEXT 138u

/* Those that users choose from, "1.36" and "1.37", ending with NULL; and the
 * level by index. */
extern const char *const cel_compat_words[];
unsigned cel_compat_level(unsigned index);

struct cel_variable {
	struct kg_slice name; /* may be qualified: a.b */
	const struct cel_type *type;
	const char *doc;
	uint32_t index; /* where the evaluator finds its value */
};

/* All overloads of one name, in the order of the table. */
struct cel_function_decl {
	struct kg_slice name;
	const struct cel_overload **overloads;
	size_t count, cap;
};

struct cel_env {
	struct arena *arena; /* borrowed */
	unsigned compat;     /* CEL_COMPAT_136 ... */
	unsigned libraries;  /* bits of enum cel_library */
	/* Kubernetes: [1, 'a'] is refused. */
	bool homogeneous;
	/* a.`b-c`: since 1.37 */
	bool quoted_fields;
	/* Literal durations, timestamps and patterns are tried at compile. */
	bool validate_literals;
	struct kg_slice container; /* "": the root */
	struct map functions;      /* name to struct cel_function_decl */
	const struct cel_variable **variables;
	size_t variable_count, variable_cap;
};

/* Kubernetes' environment at this level, without variables. Memory that it
 * cannot have shows in the arena. */
void cel_env_init(struct cel_env *env, struct arena *arena, unsigned compat);

/* The same with these libraries only. */
void cel_env_init_with(struct cel_env *env, struct arena *arena,
    unsigned compat, unsigned libraries);

/* The same functions and habits, the variables so far, an arena of its own. */
void cel_env_child(
    struct cel_env *child, const struct cel_env *parent, struct arena *arena);

/* Declares a variable; NULL when the arena failed. The name and doc are
 * borrowed. Its index is the number of variables before it. */
const struct cel_variable *cel_env_add_variable(struct cel_env *env,
    struct kg_slice name, const struct cel_type *type, const char *doc);

const struct cel_variable *cel_env_variable(
    const struct cel_env *env, struct kg_slice name);

/* Declares one overload more; borrowed. */
void cel_env_add_function(
    struct cel_env *env, const struct cel_overload *overload);

/* NULL: none of this name. Overloads of libraries that the environment does
 * not have are not in it. */
const struct cel_function_decl *cel_env_function(
    const struct cel_env *env, struct kg_slice name);

/* The type that a name stands for in expressions ("int", "net.IP",
 * "optional_type"), or NULL. */
const struct cel_type *cel_env_type(
    const struct cel_env *env, struct kg_slice name);

#endif
