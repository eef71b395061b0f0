/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ATT-011 and ATT-012: what a confidential VM is measured with stands in
 * annotations, and others could undo it.
 */
#include "base/limits.h"
#include "base/sha256.h"
#include "enclave/judge.h"
#include "enclave/measure.h"
#include "value/base64.h"
#include "value/gunzip.h"

static struct trail
trail_annotation(const struct judge *j, struct kg_slice key)
{
	struct trail t = trail_metadata(j);

	trail_name(&t, SLICE("annotations"));
	trail_name(&t, key);
	return t;
}

/* --- ATT-011: there, decodes, and not open to all --- */

/* The text without blanks, so that spacing hides nothing. */
static struct kg_slice
squeeze(const struct judge *j, struct kg_slice text)
{
	char *to = arena_array(j->arena, text.len + 1, 1);
	size_t n = 0;

	if (to == NULL)
		return slice_of(NULL, 0);
	for (size_t i = 0; i < text.len; i++) {
		const char c = text.ptr[i];

		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			to[n++] = c;
	}
	return slice_of(to, n);
}

static bool
contains(struct kg_slice text, struct kg_slice part)
{
	for (size_t i = 0; part.len > 0 && i + part.len <= text.len; i++) {
		if (memcmp(text.ptr + i, part.ptr, part.len) == 0)
			return true;
	}
	return false;
}

/* Decodes; false when it is not what the encoding says. */
static bool
decode(const struct judge *j, const struct measured *m, struct kg_slice text,
    struct kg_slice *out)
{
	*out = text;
	if (m->encoding == ENCODING_TEXT)
		return true;
	if (!base64_bytes(j->arena, text, out))
		return false;
	return m->encoding != ENCODING_GZIP_BASE64 || out->len == 0 ||
	    gunzip(j->arena, *out, out);
}

/* The digest is listed; *any: some entry is about such content. */
static bool
digest_listed(const struct string_list *list, struct kg_slice digest, bool *any)
{
	bool found = false;

	*any = false;
	for (size_t i = 0; i < list->count; i++) {
		struct kg_slice hex;
		enum measurement kind;

		if (!measurement_read(list->items[i], &kind, &hex) ||
		    kind != MEASUREMENT_POLICY)
			continue;
		*any = true;
		found = found || slice_eq_nocase(hex, digest);
	}
	return found;
}

static bool
digest_refused(const struct judge *j, struct kg_slice content)
{
	const struct string_list *list = &j->params->measurements;
	struct sha256 *h;
	char hex[SHA256_HEX];
	bool any, made;

	(void)digest_listed(list, content, &any);
	if (!any)
		return false;
	h = sha256_new();
	made = h != NULL && sha256_begin(h) == KG_OK &&
	    sha256_update(h, content) == KG_OK && sha256_end(h, hex) == KG_OK;
	sha256_free(h);
	return !made || !digest_listed(list, slice_of(hex, sizeof(hex)), &any);
}

/* What is wrong with the content; NULL: nothing. */
static const char *
content_fault(
    const struct judge *j, const struct measured *m, struct kg_slice text)
{
	struct kg_slice content, squeezed;

	text = slice_trim(text);
	if (text.len == 0)
		return "is empty: the guest would start without";
	if (!decode(j, m, text, &content))
		return m->encoding == ENCODING_GZIP_BASE64
		    ? "is no gzip in base64"
		    : "is no base64";
	if (slice_trim(content).len == 0)
		return "decodes to nothing";
	squeezed = m->forbid.count > 0 ? squeeze(j, content) : content;
	for (size_t i = 0; i < m->forbid.count; i++) {
		if (contains(squeezed, squeeze(j, m->forbid.items[i])))
			return "holds a policy that allows everything";
	}
	return digest_refused(j, content)
	    ? "has a digest that attestation.measurements does not list"
	    : NULL;
}

static struct kg_slice
measured_names(const struct judge *j)
{
	const struct profile *p = j->facts->profile;
	struct buf b;

	buf_init(&b, j->arena, 4 * KIB);
	for (size_t i = 0; i < p->measured_count; i++) {
		buf_puts(&b, i > 0 ? " or " : "");
		buf_put(&b, p->measured[i].annotation);
	}
	return buf_slice(&b);
}

static void
check_measured(struct judge *j, const struct measured *m)
{
	const struct value *v = value_find(j->scan->annotations, m->annotation);
	const char *fault = value_is(v, VALUE_STRING)
	    ? content_fault(j, m, value_str(v))
	    : "is no string";
	struct trail t;

	if (fault == NULL)
		return;
	t = trail_annotation(j, m->annotation);
	finding_add(j, RULE_ATT_011, &t,
	    TEXTS(say(j, "annotation %t %s", &m->annotation, fault),
		say(j,
		    "what the guest is measured with, encoded as %s, of a "
		    "policy that was made for this pod",
		    m->encoding == ENCODING_TEXT         ? "text"
			: m->encoding == ENCODING_BASE64 ? "base64"
							 : "gzip and base64"),
		say(j,
		    "make the policy from the final pod with the platform's "
		    "tool, and change nothing after it")));
}

static void
check_guest(struct judge *j)
{
	const struct profile *p = j->facts->profile;
	struct kg_slice names;
	bool any = false;
	struct trail t;

	for (size_t i = 0; i < p->measured_count; i++) {
		if (value_find(j->scan->annotations,
			p->measured[i].annotation) == NULL)
			continue;
		any = true;
		check_measured(j, &p->measured[i]);
	}
	if (any || p->measured_count == 0)
		return;
	names = measured_names(j);
	t = trail_metadata(j);
	trail_name(&t, SLICE("annotations"));
	finding_add(j, RULE_ATT_011, &t,
	    TEXTS(say(j, "nothing that the guest is measured with"),
		say(j, "annotation %t", &names),
		say(j,
		    "make the policy with the platform's tool and add its "
		    "annotation")));
}

/* --- ATT-012: annotations that reach into the sandbox --- */

static void
report_annotation(struct judge *j, struct kg_slice key, struct kg_slice found)
{
	const struct trail t = trail_annotation(j, key);

	finding_add(j, RULE_ATT_012, &t,
	    TEXTS(found,
		say(j,
		    "only annotations that the profile allows, without "
		    "switches for debugging"),
		say(j,
		    "remove it: it changes how the sandbox is started, past "
		    "what was measured")));
}

static bool
annotation_allowed(const struct profile *p, struct kg_slice key)
{
	if (string_list_has(&p->annotations_forbid, key))
		return false;
	for (size_t i = 0; i < p->family_count; i++) {
		if (slice_starts(key, p->families[i].prefix) &&
		    !string_list_has(&p->families[i].allow, key))
			return false;
	}
	return true;
}

static void
check_values(struct judge *j, const struct annotation_value *v)
{
	const struct kg_slice text =
	    value_str(value_find(j->scan->annotations, v->key));

	for (size_t i = 0; i < v->forbid.count; i++) {
		if (contains(text, v->forbid.items[i]))
			report_annotation(j, v->key,
			    say(j, "annotation %t holds %q", &v->key,
				&v->forbid.items[i]));
	}
}

static void
check_required(struct judge *j)
{
	const struct string_list *list =
	    &j->facts->profile->annotations_require;

	for (size_t i = 0; i < list->count; i++) {
		const struct kg_slice key = list->items[i];
		struct trail t;

		if (slice_trim(value_str(value_find(j->scan->annotations, key)))
			.len > 0)
			continue;
		t = trail_metadata(j);
		trail_name(&t, SLICE("annotations"));
		finding_add(j, RULE_ATT_012, &t,
		    TEXTS(say(j, "no annotation %t", &key),
			say(j, "annotation %t, not empty", &key),
			say(j, "add it: the platform needs it")));
	}
}

void
rules_measured(struct judge *j)
{
	const struct profile *p = j->facts->profile;
	const struct value *list = j->scan->annotations;

	check_guest(j);
	check_required(j);
	for (size_t i = 0; i < p->value_count; i++)
		check_values(j, &p->values[i]);
	if (p->family_count + p->annotations_forbid.count == 0)
		return;
	for (size_t i = 0; i < value_members(list); i++) {
		const struct kg_slice key = value_str(&list->u.members[i].name);

		if (!annotation_allowed(p, key))
			report_annotation(j, key,
			    say(j,
				"annotation %t, which profile %t does not "
				"allow",
				&key, &p->name));
	}
}
