/* SPDX-License-Identifier: Apache-2.0 */
/* Version v1, operation CREATE. */
#include "cli/review_body.h"

/* "kind" or "resource": group and version, and the member of that name. */
static void
write_gv(struct writer *w, const char *name, struct kg_slice api_version,
    struct kg_slice what)
{
	const size_t slash = slice_find(api_version, '/');
	const bool core = slash == api_version.len;

	writer_name(w, name);
	writer_object(w);
	writer_member(
	    w, "group", core ? SLICE("") : slice_upto(api_version, slash));
	writer_member(w, "version",
	    core ? api_version : slice_from(api_version, slash + 1));
	writer_member(w, name, what);
	writer_end(w);
}

static void
write_user(struct writer *w, const struct review_subject *s)
{
	writer_name(w, "userInfo");
	writer_object(w);
	writer_member(w, "username", slice_str(s->user));
	writer_name(w, "groups");
	writer_list(w);
	for (size_t i = 0; i < s->groups->count; i++)
		writer_str(w, s->groups->items[i]);
	writer_end(w);
	writer_end(w);
}

void
review_body_write(struct writer *w, const struct review_subject *s)
{
	char uid[40];

	(void)snprintf(uid, sizeof(uid), "00000000-0000-0000-0000-%012llu",
	    (unsigned long long)s->sequence);
	writer_object(w);
	writer_member(w, "kind", SLICE("AdmissionReview"));
	writer_member(w, "apiVersion", SLICE("admission.k8s.io/v1"));
	writer_name(w, "request");
	writer_object(w);
	writer_member(w, "uid", slice_str(uid));
	write_gv(w, "kind", s->api_version, s->kind);
	write_gv(w, "resource", s->api_version, s->resource);
	writer_member(w, "name", s->name);
	writer_member(w, "namespace", s->ns);
	writer_member(w, "operation", SLICE("CREATE"));
	write_user(w, s);
	writer_name(w, "object");
	writer_value(w, s->object);
	writer_name(w, "oldObject");
	writer_null(w);
	writer_name(w, "dryRun");
	writer_bool(w, false);
	writer_end(w);
	writer_end(w);
}
