/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope of a review, strict about the members that decide something. */
#include "review/request.h"

#include "base/buf.h"
#include "base/limits.h"

struct request_reader {
	struct arena *arena;
	struct kg_slice *error;
	bool failed;
};

/* The first misfit is the reason. */
static KG_COLD void
misfit(struct request_reader *r, const char *pointer, const struct value *v,
    const char *want)
{
	struct buf b;

	if (r->failed)
		return;
	r->failed = true;
	buf_init(&b, r->arena, DIAG_MESSAGE_MAX);
	buf_printf(&b, "malformed AdmissionReview: %s: found ", pointer);
	if (value_is(v, VALUE_STRING))
		buf_put_quoted(&b, value_str(v));
	else
		buf_puts(&b, value_kind_name(v));
	buf_printf(&b, ", want %s", want);
	*r->error = buf_slice(&b);
}

/* A string; absent and null are "" unless it is required. */
static struct kg_slice
read_string(struct request_reader *r, const struct value *object,
    enum key_id key, const char *pointer)
{
	const struct value *v = value_get(object, key);

	if (!value_is_null(v) && v->kind != VALUE_STRING)
		misfit(r, pointer, v, "a string");
	return value_str(v);
}

static const struct value *
read_object(struct request_reader *r, const struct value *object,
    enum key_id key, const char *pointer, bool required)
{
	const struct value *v = value_get(object, key);

	if (value_is(v, VALUE_OBJECT) || (value_is_null(v) && !required))
		return v;
	misfit(r, pointer, v, "an object");
	return NULL;
}

static void
read_version(
    struct request_reader *r, const struct value *root, struct kg_request *q)
{
	const struct value *version = value_get(root, KEY_apiVersion);
	const struct value *kind = value_get(root, KEY_kind);

	q->api_version = value_str(version);
	if (!slice_is(value_str(kind), "AdmissionReview"))
		misfit(r, "/kind", kind, "\"AdmissionReview\"");
	if (!slice_is(q->api_version, "admission.k8s.io/v1") &&
	    !slice_is(q->api_version, "admission.k8s.io/v1beta1"))
		misfit(r, "/apiVersion", version,
		    "\"admission.k8s.io/v1\" or \"admission.k8s.io/v1beta1\"");
}

static void
read_kind(
    struct request_reader *r, const struct value *request, struct kg_request *q)
{
	const struct value *kind =
	    read_object(r, request, KEY_kind, "/request/kind", true);
	const struct value *resource =
	    read_object(r, request, KEY_resource, "/request/resource", true);

	q->kind.group = read_string(r, kind, KEY_group, "/request/kind/group");
	q->kind.version =
	    read_string(r, kind, KEY_version, "/request/kind/version");
	q->kind.kind = read_string(r, kind, KEY_kind, "/request/kind/kind");
	q->resource.group =
	    read_string(r, resource, KEY_group, "/request/resource/group");
	q->resource.version =
	    read_string(r, resource, KEY_version, "/request/resource/version");
	q->resource.resource = read_string(
	    r, resource, KEY_resource, "/request/resource/resource");
	q->subresource =
	    read_string(r, request, KEY_subResource, "/request/subResource");
	if (q->kind.kind.len == 0)
		misfit(r, "/request/kind/kind", value_get(kind, KEY_kind),
		    "the name of a kind");
	if (q->resource.resource.len == 0)
		misfit(r, "/request/resource/resource",
		    value_get(resource, KEY_resource),
		    "the name of a resource");
}

static void
read_operation(
    struct request_reader *r, const struct value *request, struct kg_request *q)
{
	static const char *const operations[] = { "CREATE", "UPDATE", "DELETE",
		"CONNECT" };
	const struct value *v = value_get(request, KEY_operation);

	q->operation = value_str(v);
	for (size_t i = 0; i < 4; i++) {
		if (slice_is(q->operation, operations[i]))
			return;
	}
	misfit(r, "/request/operation", v, "CREATE, UPDATE, DELETE or CONNECT");
}

static void
read_groups(
    struct request_reader *r, const struct value *user, struct kg_request *q)
{
	const struct value *list = value_get(user, KEY_groups);
	struct kg_slice *groups;

	if (value_is_null(list))
		return;
	if (list->kind != VALUE_LIST) {
		misfit(r, "/request/userInfo/groups", list, "a list");
		return;
	}
	groups = arena_array(r->arena, list->count, sizeof(*groups));
	if (groups == NULL)
		return;
	for (size_t i = 0; i < list->count; i++) {
		if (list->u.items[i].kind != VALUE_STRING)
			misfit(r, "/request/userInfo/groups", &list->u.items[i],
			    "strings");
		groups[i] = value_str(&list->u.items[i]);
	}
	q->groups = groups;
	q->group_count = list->count;
}

static void
read_user(
    struct request_reader *r, const struct value *request, struct kg_request *q)
{
	const struct value *user =
	    read_object(r, request, KEY_userInfo, "/request/userInfo", false);

	q->username =
	    read_string(r, user, KEY_username, "/request/userInfo/username");
	read_groups(r, user, q);
}

static void
read_dry_run(
    struct request_reader *r, const struct value *request, struct kg_request *q)
{
	const struct value *v = value_get(request, KEY_dryRun);

	if (!value_is_null(v) && v->kind != VALUE_BOOL)
		misfit(r, "/request/dryRun", v, "true or false");
	q->dry_run = value_true(v);
}

/* What an operation is about must be there: else it would not be judged. */
static void
check_objects(struct request_reader *r, struct kg_request *q)
{
	const bool writes = slice_is(q->operation, "CREATE") ||
	    slice_is(q->operation, "UPDATE");

	if (writes && value_is_null(q->object))
		misfit(r, "/request/object", q->object,
		    "the object that is written");
}

enum kg_status
request_read(struct arena *arena, const struct value *root,
    struct kg_request *q, struct kg_slice *error)
{
	struct request_reader r = { arena, error, false };
	const struct value *request;

	*q = (struct kg_request){ 0 };
	if (!value_is(root, VALUE_OBJECT))
		misfit(&r, "/", root, "an object");
	read_version(&r, root, q);
	request = read_object(&r, root, KEY_request, "/request", true);
	q->raw = request;
	q->uid = read_string(&r, request, KEY_uid, "/request/uid");
	if (q->uid.len == 0)
		misfit(&r, "/request/uid", value_get(request, KEY_uid),
		    "the uid of the request");
	read_kind(&r, request, q);
	read_operation(&r, request, q);
	q->name = read_string(&r, request, KEY_name, "/request/name");
	q->ns = read_string(&r, request, KEY_ns, "/request/namespace");
	read_user(&r, request, q);
	read_dry_run(&r, request, q);
	q->object =
	    read_object(&r, request, KEY_object, "/request/object", false);
	q->old_object = read_object(
	    &r, request, KEY_oldObject, "/request/oldObject", false);
	check_objects(&r, q);
	q->generate_name = value_str(
	    value_get(value_get(q->object, KEY_metadata), KEY_generateName));
	if (arena_failed(arena))
		return arena->failure;
	return r.failed ? KG_INVALID : KG_OK;
}
