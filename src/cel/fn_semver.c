/* SPDX-License-Identifier: Apache-2.0 */
/* Semantic versions. */
#include "cel/library.h"
#include "value/semver.h"

struct semver_value {
	struct cel_opaque head;
	struct semver version;
};

static const struct semver *
version_of(const struct value *v)
{
	return &((const struct semver_value *)v->u.opaque)->version;
}

static bool
equal(const struct cel_opaque *a, const struct cel_opaque *b)
{
	return semver_cmp(&((const struct semver_value *)a)->version,
		   &((const struct semver_value *)b)->version) == 0;
}

static const struct cel_opaque_class semver_class = {
	.name = SLICE_INIT("kubernetes.Semver"),
	.go_name = "cel.Semver",
	.equal = equal,
};

static struct value
parse(struct cel_eval *e, const struct value *text, bool normalize)
{
	struct semver_value *v = arena_alloc(e->arena, sizeof(*v));
	struct buf error;

	if (v == NULL)
		return cel_no_memory();
	buf_init(&error, e->arena, DIAG_MESSAGE_MAX * 4);
	if (!semver_parse(
		e->arena, cel_slice(text), normalize, &v->version, &error))
		return cel_error_built(&error);
	v->head.class = &semver_class;
	return cel_opaque(&v->head);
}

struct value
cel_fn_semver(struct cel_eval *e, const struct value *args)
{
	return parse(e, &args[0], false);
}

struct value
cel_fn_semver_normal(struct cel_eval *e, const struct value *args)
{
	return parse(e, &args[0], args[1].u.boolean);
}

struct value
cel_fn_is_semver(struct cel_eval *e, const struct value *args)
{
	struct semver v;

	return cel_bool(
	    semver_parse(e->arena, cel_slice(&args[0]), false, &v, NULL));
}

struct value
cel_fn_is_semver_normal(struct cel_eval *e, const struct value *args)
{
	struct semver v;

	return cel_bool(semver_parse(
	    e->arena, cel_slice(&args[0]), args[1].u.boolean, &v, NULL));
}

#define NUMBER(name)                                                 \
	struct value cel_fn_semver_##name(                           \
	    struct cel_eval *e, const struct value *args)            \
	{                                                            \
		(void)e;                                             \
		return cel_int((int64_t)version_of(&args[0])->name); \
	}

NUMBER(major)
NUMBER(minor)
NUMBER(patch)

static int
order_of(const struct value *args)
{
	return semver_cmp(version_of(&args[0]), version_of(&args[1]));
}

struct value
cel_fn_semver_less(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_bool(order_of(args) < 0);
}

struct value
cel_fn_semver_greater(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_bool(order_of(args) > 0);
}

struct value
cel_fn_semver_compare(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_int(order_of(args));
}
