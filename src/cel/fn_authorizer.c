/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorizer: a check is built up call by call and asked of the host at
 * check(). Without a host that answers, everything is denied.
 */
#include "cel/authorizer.h"

#include "base/limits.h"

struct check_value {
	struct cel_opaque head;
	struct cel_check check;
};

struct decision_value {
	struct cel_opaque head;
	struct cel_answer answer;
};

/* Like cel-go: two of these are the same only if they are one. */
static bool
never_equal(const struct cel_opaque *a, const struct cel_opaque *b)
{
	return a == b;
}

#define CLASS(ident, text)                                            \
	static const struct cel_opaque_class ident = {                \
		.name = SLICE_INIT("kubernetes.authorization." text), \
		.go_name = "library." text,                           \
		.equal = never_equal,                                 \
	}

CLASS(authorizer_class, "Authorizer");
CLASS(path_class, "PathCheck");
CLASS(group_class, "GroupCheck");
CLASS(resource_class, "ResourceCheck");
CLASS(decision_class, "Decision");

/* A check of the class that goes on from another one; NULL: no memory. */
static struct check_value *
go_on(struct arena *a, const struct cel_opaque_class *class,
    const struct value *from)
{
	struct check_value *v = arena_alloc(a, sizeof(*v));

	if (v == NULL)
		return NULL;
	*v = *(const struct check_value *)from->u.opaque;
	v->head.class = class;
	return v;
}

static struct value
done(const struct check_value *v)
{
	return v != NULL ? cel_opaque(&v->head) : cel_no_memory();
}

#define VALUE(of)                                          \
	{                                                  \
		.kind = CEL_OPAQUE, .u.opaque = &(of).head \
	}

static const struct check_value anybody = { .head = { &authorizer_class } };
static const struct check_value resource = { .head = { &resource_class } };

const struct value cel_authorizer = VALUE(anybody);
const struct value cel_authorizer_resource = VALUE(resource);

/* One more detail of the check. */
#define STEP(function, class, member)                                        \
	struct value cel_fn_##function(                                      \
	    struct cel_eval *e, const struct value *args)                    \
	{                                                                    \
		struct check_value *v = go_on(e->arena, &(class), &args[0]); \
                                                                             \
		if (v != NULL)                                               \
			v->check.member = cel_slice(&args[1]);               \
		return done(v);                                              \
	}

STEP(authorizer_path, path_class, path)
STEP(authorizer_group, group_class, group)
STEP(group_resource, resource_class, resource)
STEP(resource_subresource, resource_class, subresource)
STEP(resource_namespace, resource_class, ns)
STEP(resource_name, resource_class, name)
STEP(resource_field_selector, resource_class, field_selector)
STEP(resource_label_selector, resource_class, label_selector)

struct value
cel_fn_authorizer_service_account(struct cel_eval *e, const struct value *args)
{
	struct check_value *v = go_on(e->arena, &authorizer_class, &args[0]);

	if (v != NULL) {
		v->check.service_account_namespace = cel_slice(&args[1]);
		v->check.service_account = cel_slice(&args[2]);
	}
	return done(v);
}

struct value
cel_fn_authorizer_check(struct cel_eval *e, const struct value *args)
{
	struct decision_value *d = arena_alloc(e->arena, sizeof(*d));
	struct cel_check check =
	    ((const struct check_value *)args[0].u.opaque)->check;

	if (d == NULL)
		return cel_no_memory();
	check.verb = cel_slice(&args[1]);
	d->head.class = &decision_class;
	d->answer.reason = SLICE("no authorizer is configured");
	if (e->host != NULL && e->host->authorize != NULL)
		e->host->authorize(e->host->context, &check, &d->answer);
	return cel_opaque(&d->head);
}

static const struct cel_answer *
answer_of(const struct value *v)
{
	return &((const struct decision_value *)v->u.opaque)->answer;
}

struct value
cel_fn_decision_allowed(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_bool(answer_of(&args[0])->allowed);
}

struct value
cel_fn_decision_reason(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_string(answer_of(&args[0])->reason);
}

struct value
cel_fn_decision_errored(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_bool(answer_of(&args[0])->error.len > 0);
}

struct value
cel_fn_decision_error(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_string(answer_of(&args[0])->error);
}
