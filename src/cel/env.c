/* SPDX-License-Identifier: Apache-2.0 */
/* Environments: which names an expression may use. */
#include "cel/env.h"

#include "base/limits.h"

const char *const cel_compat_words[] = { "1.36", "1.37", NULL };

unsigned
cel_compat_level(unsigned index)
{
	return index == 0 ? CEL_COMPAT_136 : CEL_COMPAT_137;
}

/* Names that stand for types in expressions. */
static const struct {
	struct kg_slice name;
	const struct cel_type *type;
} type_names[] = {
	{ SLICE_INIT("bool"), &cel_t_bool },
	{ SLICE_INIT("int"), &cel_t_int },
	{ SLICE_INIT("uint"), &cel_t_uint },
	{ SLICE_INIT("double"), &cel_t_double },
	{ SLICE_INIT("string"), &cel_t_string },
	{ SLICE_INIT("bytes"), &cel_t_bytes },
	{ SLICE_INIT("list"), &cel_t_list_dyn },
	{ SLICE_INIT("map"), &cel_t_map_dyn },
	{ SLICE_INIT("null_type"), &cel_t_null },
	{ SLICE_INIT("type"), &cel_t_type_dyn },
	{ SLICE_INIT("optional_type"), &cel_t_opt_dyn },
	{ SLICE_INIT("google.protobuf.Timestamp"), &cel_t_timestamp },
	{ SLICE_INIT("google.protobuf.Duration"), &cel_t_duration },
	{ SLICE_INIT("net.IP"), &cel_t_ip },
	{ SLICE_INIT("net.CIDR"), &cel_t_cidr },
};

const struct cel_type *
cel_env_type(const struct cel_env *env, struct kg_slice name)
{
	(void)env;
	for (size_t i = 0; i < sizeof(type_names) / sizeof(*type_names); i++) {
		if (slice_eq(type_names[i].name, name))
			return type_names[i].type;
	}
	return NULL;
}

static struct cel_function_decl *
declare(struct cel_env *env, struct kg_slice name)
{
	void **place = map_put(&env->functions, name);
	struct cel_function_decl *decl;

	if (place == NULL)
		return NULL;
	if (*place != NULL)
		return *place;
	decl = arena_alloc(env->arena, sizeof(*decl));
	if (decl != NULL)
		decl->name = name;
	*place = decl;
	return decl;
}

void
cel_env_add_function(struct cel_env *env, const struct cel_overload *overload)
{
	struct cel_function_decl *decl =
	    declare(env, slice_str(overload->function));
	const size_t size = sizeof(*decl->overloads);

	if (decl == NULL)
		return;
	if (decl->count == decl->cap) {
		const size_t cap = decl->cap == 0 ? 4 : 2 * decl->cap;
		const struct cel_overload **list = arena_grow(
		    env->arena, decl->overloads, decl->cap * size, cap * size);

		if (list == NULL)
			return;
		decl->overloads = list;
		decl->cap = cap;
	}
	decl->overloads[decl->count++] = overload;
}

void
cel_env_init_with(struct cel_env *env, struct arena *arena, unsigned compat,
    unsigned libraries)
{
	*env = (struct cel_env){
		.arena = arena,
		.compat = compat,
		.libraries = libraries,
		.homogeneous = true,
		.quoted_fields = compat >= CEL_COMPAT_137,
		.validate_literals = true,
		.container = SLICE(""),
	};
	map_init(&env->functions, arena);
	for (size_t i = 0; i < cel_builtin_count; i++) {
		const struct cel_overload *o = &cel_builtins[i];

		if ((o->library & libraries) != 0 && o->since <= compat)
			cel_env_add_function(env, o);
	}
}

void
cel_env_init(struct cel_env *env, struct arena *arena, unsigned compat)
{
	cel_env_init_with(env, arena, compat, CEL_LIB_ALL);
}

void
cel_env_child(
    struct cel_env *child, const struct cel_env *parent, struct arena *arena)
{
	*child = *parent;
	child->arena = arena;
	child->variables = NULL;
	child->variable_count = child->variable_cap = 0;
	for (size_t i = 0; i < parent->variable_count; i++) {
		const struct cel_variable *v = parent->variables[i];

		(void)cel_env_add_variable(child, v->name, v->type, v->doc);
	}
}

const struct cel_variable *
cel_env_add_variable(struct cel_env *env, struct kg_slice name,
    const struct cel_type *type, const char *doc)
{
	struct cel_variable *v = arena_alloc(env->arena, sizeof(*v));
	const size_t size = sizeof(*env->variables);

	if (v == NULL)
		return NULL;
	if (env->variable_count == env->variable_cap) {
		const size_t cap =
		    env->variable_cap == 0 ? 8 : 2 * env->variable_cap;
		const struct cel_variable **list = arena_grow(env->arena,
		    env->variables, env->variable_cap * size, cap * size);

		if (list == NULL)
			return NULL;
		env->variables = list;
		env->variable_cap = cap;
	}
	*v = (struct cel_variable){ name, type, doc,
		(uint32_t)env->variable_count };
	env->variables[env->variable_count++] = v;
	return v;
}

const struct cel_variable *
cel_env_variable(const struct cel_env *env, struct kg_slice name)
{
	for (size_t i = 0; i < env->variable_count; i++) {
		if (slice_eq(env->variables[i]->name, name))
			return env->variables[i];
	}
	return NULL;
}

const struct cel_function_decl *
cel_env_function(const struct cel_env *env, struct kg_slice name)
{
	return map_get(&env->functions, name);
}
