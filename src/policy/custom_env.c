/* SPDX-License-Identifier: Apache-2.0 */
/* The variables of policies, with their types and a line about each. */
#include "cel/authorizer.h"
#include "policy/custom.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct field_row {
	const char *name;
	const struct cel_type *type;
	const char *doc;
};

static const struct field_row group_version[] = {
	{ "group", &cel_t_string, "API group; empty for the core" },
	{ "version", &cel_t_string, "version of the group" },
};

static const struct field_row user_info[] = {
	{ "username", &cel_t_string, "name of who asks" },
	{ "uid", &cel_t_string, "id that outlives a name" },
	{ "groups", &cel_t_list_string, "groups of who asks" },
	{ "extra", &cel_t_map_string_list, "more that is known of who asks" },
};

static const struct field_row namespace_metadata[] = {
	{ "name", &cel_t_string, "name" },
	{ "generateName", &cel_t_string, "prefix of a name made up" },
	{ "namespace", &cel_t_string, "empty: namespaces are in none" },
	{ "labels", &cel_t_map_string_string, "labels" },
	{ "annotations", &cel_t_map_string_string, "annotations" },
	{ "UID", &cel_t_string, "id" },
	{ "creationTimestamp", &cel_t_timestamp, "when it was made" },
	{ "deletionGracePeriodSeconds", &cel_t_int, "time to go" },
	{ "deletionTimestamp", &cel_t_timestamp, "when it goes" },
	{ "generation", &cel_t_int, "number of the spec" },
	{ "resourceVersion", &cel_t_string, "version of the object" },
	{ "finalizers", &cel_t_list_string, "who holds it" },
};

static const struct field_row namespace_spec[] = {
	{ "finalizers", &cel_t_list_string, "who holds it" },
};

static const struct field_row namespace_status[] = {
	{ "phase", &cel_t_string, "Active or Terminating" },
};

static const struct field_row namespace_condition[] = {
	{ "type", &cel_t_string, "what it tells of" },
	{ "status", &cel_t_string, "True, False or Unknown" },
	{ "lastTransitionTime", &cel_t_timestamp, "since when" },
	{ "reason", &cel_t_string, "why, in a word" },
	{ "message", &cel_t_string, "why, in a sentence" },
};

static const struct field_row container[] = {
	{ "name", &cel_t_string, "its name" },
	{ "kind", &cel_t_string, "app, init or restartableInit" },
	{ "pointer", &cel_t_string, "where it stands in the object" },
	{ "epc", &cel_t_int, "bytes of EPC it asks for" },
	{ "wiring", &cel_t_string, "its complete wiring, or empty" },
};

static const struct field_row enclave[] = {
	{ "present", &cel_t_bool, "whether it is an enclave pod" },
	{ "declared", &cel_t_string, "profile of its label, or empty" },
	{ "profile", &cel_t_string, "profile that judges it, or empty" },
	{ "wiring", &cel_t_string, "wiring complete everywhere, or empty" },
	{ "attested", &cel_t_bool, "whether it can be attested" },
	{ "epc", &cel_t_int, "bytes of EPC it counts for" },
	{ "placementProven", &cel_t_bool,
	    "whether it can only run where the platform is" },
	{ "nodeTypes", &cel_t_list_string,
	    "node types that are left; empty: not known" },
};

static const struct field_row request[] = {
	{ "subResource", &cel_t_string, "part of the resource, as sent on" },
	{ "requestSubResource", &cel_t_string, "... as asked for" },
	{ "name", &cel_t_string, "name of the object" },
	{ "namespace", &cel_t_string, "its namespace" },
	{ "operation", &cel_t_string, "CREATE, UPDATE, DELETE or CONNECT" },
	{ "dryRun", &cel_t_bool, "whether nothing will be stored" },
	{ "options", &cel_t_dyn, "options of the operation" },
};

static struct cel_type *
object_type(struct arena *arena, const char *name, const struct field_row *rows,
    size_t count)
{
	struct cel_type *t = cel_type_object(arena, slice_str(name));

	for (size_t i = 0; t != NULL && i < count; i++)
		cel_type_add_field(arena, t,
		    (struct cel_field){
			slice_str(rows[i].name), rows[i].type, rows[i].doc });
	return t;
}

static void
add(struct arena *arena, struct cel_type *object, const char *name,
    const struct cel_type *type, const char *doc)
{
	if (object != NULL && type != NULL)
		cel_type_add_field(arena, object,
		    (struct cel_field){ slice_str(name), type, doc });
}

static const struct cel_type *
request_type(struct arena *a)
{
	struct cel_type *t = object_type(
	    a, "kubernetes.AdmissionRequest", request, COUNT(request));
	struct cel_type *kind = object_type(a, "kubernetes.GroupVersionKind",
	    group_version, COUNT(group_version));
	struct cel_type *resource =
	    object_type(a, "kubernetes.GroupVersionResource", group_version,
		COUNT(group_version));

	add(a, kind, "kind", &cel_t_string, "kind of the object");
	add(a, resource, "resource", &cel_t_string, "plural of the kind");
	add(a, t, "kind", kind, "kind of the object as sent on");
	add(a, t, "resource", resource, "resource as sent on");
	add(a, t, "requestKind", kind, "kind as asked for");
	add(a, t, "requestResource", resource, "resource as asked for");
	add(a, t, "userInfo",
	    object_type(a, "kubernetes.UserInfo", user_info, COUNT(user_info)),
	    "who asks");
	return t;
}

static const struct cel_type *
namespace_status_type(struct arena *a)
{
	struct cel_type *t = object_type(a, "kubernetes.NamespaceStatus",
	    namespace_status, COUNT(namespace_status));
	const struct cel_type *item =
	    object_type(a, "kubernetes.NamespaceCondition", namespace_condition,
		COUNT(namespace_condition));

	if (item != NULL)
		add(a, t, "conditions", cel_type_list(a, item),
		    "what hinders its end");
	return t;
}

static const struct cel_type *
namespace_type(struct arena *a)
{
	struct cel_type *t = object_type(a, "kubernetes.Namespace", NULL, 0);

	add(a, t, "metadata",
	    object_type(a, "kubernetes.NamespaceMetadata", namespace_metadata,
		COUNT(namespace_metadata)),
	    "name, labels and the like");
	add(a, t, "spec",
	    object_type(a, "kubernetes.NamespaceSpec", namespace_spec,
		COUNT(namespace_spec)),
	    "what is wanted");
	add(a, t, "status", namespace_status_type(a), "what is");
	return t;
}

static const struct cel_type *
enclave_type(struct arena *a)
{
	struct cel_type *t =
	    object_type(a, "keepgate.Enclave", enclave, COUNT(enclave));
	const struct cel_type *item = object_type(
	    a, "keepgate.EnclaveContainer", container, COUNT(container));

	if (item != NULL)
		add(a, t, "containers", cel_type_list(a, item),
		    "its enclave containers");
	return t;
}

static void
declare(struct cel_env *env, const char *name, const struct cel_type *type,
    const char *doc)
{
	if (type != NULL)
		(void)cel_env_add_variable(env, slice_str(name), type, doc);
}

/* The slots but for `variables`, in order. */
static void
declare_slots(struct cel_env *env)
{
	declare(env, "object", &cel_t_dyn, "the object; null on DELETE");
	declare(env, "oldObject", &cel_t_dyn, "as it was; null on CREATE");
	declare(env, "request", request_type(env->arena), "who asks for what");
	declare(env, "namespaceObject", namespace_type(env->arena),
	    "the namespace; null where it is not known");
	declare(env, "enclave", enclave_type(env->arena),
	    "what is known of the pod as an enclave");
	declare(env, "authorizer", &cel_t_authorizer,
	    "checks of permissions; all of them deny");
	declare(env, "authorizer.requestResource", &cel_t_resource_check,
	    "the same of the resource asked for");
}

void
custom_env_init(struct cel_env *env, struct arena *arena, unsigned compat)
{
	cel_env_init(env, arena, compat);
	declare_slots(env);
}

struct cel_type *
custom_env_policy(
    struct cel_env *env, struct arena *arena, const struct cel_env *base)
{
	struct cel_type *variables =
	    cel_type_object(arena, SLICE("kubernetes.variables"));

	cel_env_child(env, base, arena);
	declare(env, "variables", variables, "the policy's variables");
	return variables;
}

void
custom_slots(const struct value *slots[SLOT_COUNT], const struct value *object,
    const struct value *old_object, const struct value *asked)
{
	static const struct value null = { .kind = VALUE_NULL };

	slots[SLOT_OBJECT] = object != NULL ? object : &null;
	slots[SLOT_OLD_OBJECT] = old_object != NULL ? old_object : &null;
	slots[SLOT_REQUEST] = asked;
	slots[SLOT_NAMESPACE_OBJECT] = &null;
	slots[SLOT_AUTHORIZER] = &cel_authorizer;
	slots[SLOT_REQUEST_RESOURCE] = &cel_authorizer_resource;
}
