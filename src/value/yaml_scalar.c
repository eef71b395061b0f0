/* SPDX-License-Identifier: Apache-2.0 */
/* Scalars with their tags and styles, and keys. */
#include "value/base64.h"
#include "value/scalar.h"
#include "value/writer.h"
#include "value/yaml_impl.h"

enum tag {
	TAG_NONE,
	TAG_STR,
	TAG_INT,
	TAG_FLOAT,
	TAG_BOOL,
	TAG_NULL,
	TAG_BINARY,
	TAG_TIMESTAMP,
	TAG_UNKNOWN,
};

static enum tag
find_tag(const char *tag)
{
	static const struct {
		const char *text;
		enum tag tag;
	} tags[] = {
		{ "!", TAG_STR },
		{ YAML_STR_TAG, TAG_STR },
		{ YAML_INT_TAG, TAG_INT },
		{ YAML_FLOAT_TAG, TAG_FLOAT },
		{ YAML_BOOL_TAG, TAG_BOOL },
		{ YAML_NULL_TAG, TAG_NULL },
		{ YAML_TIMESTAMP_TAG, TAG_TIMESTAMP },
		{ "tag:yaml.org,2002:binary", TAG_BINARY },
	};

	if (tag == NULL)
		return TAG_NONE;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (strcmp(tag, tags[i].text) == 0)
			return tags[i].tag;
	}
	return TAG_UNKNOWN;
}

static struct value
string_value(struct kg_slice s)
{
	return (struct value){
		.kind = VALUE_STRING, .count = (uint32_t)s.len, .u.bytes = s.ptr
	};
}

static bool
tag_fits(enum tag tag, const struct value *v)
{
	switch (tag) {
	case TAG_INT:
		return v->kind == VALUE_INT;
	case TAG_FLOAT:
		return v->kind == VALUE_INT || v->kind == VALUE_DOUBLE;
	case TAG_BOOL:
		return v->kind == VALUE_BOOL;
	case TAG_NULL:
		return v->kind == VALUE_NULL;
	case TAG_NONE:
	case TAG_STR:
	case TAG_BINARY:
	case TAG_TIMESTAMP:
	case TAG_UNKNOWN:
		break;
	}
	return true;
}

static void
lint_scalar(struct yaml_reader *r, uint32_t pos, struct kg_slice text,
    const struct value *v)
{
	struct writer w;
	struct buf b;

	if (!r->options.lint || v->kind == VALUE_STRING ||
	    scalar_is_obvious(text))
		return;
	buf_init(&b, &r->own, DIAG_MESSAGE_MAX);
	buf_put_quoted(&b, text);
	buf_puts(&b, " without quotes is ");
	writer_init(&w, &b);
	writer_value(&w, v);
	buf_puts(&b, " to Kubernetes; quote it, or write it so");
	diag_add_text(r->diags, KG_WARNING, &r->place, pos, buf_slice(&b));
}

/* The scalar of an event; its text is copied into the arena. */
enum kg_status
yaml_scalar(struct yaml_reader *r, const yaml_event_t *e, uint32_t pos,
    struct value *out)
{
	const struct kg_slice raw =
	    slice_of((const char *)e->data.scalar.value, e->data.scalar.length);
	const struct kg_slice text = arena_copy(r->arena, raw);
	enum tag tag = find_tag((const char *)e->data.scalar.tag);
	struct kg_slice decoded;

	if (arena_failed(r->arena))
		return yaml_builder_error(r, pos, BUILDER_NOMEM);
	if (raw.len >= UINT32_MAX)
		return yaml_error(r, pos, KG_LIMIT, SLICE("string over 4 GiB"));
	if (tag == TAG_UNKNOWN)
		return yaml_error_named(r, pos, "unknown tag",
		    slice_str((const char *)e->data.scalar.tag));
	if (tag == TAG_NONE && e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		tag = TAG_STR;
	if (tag == TAG_STR || tag == TAG_TIMESTAMP) {
		*out = string_value(text);
		return KG_OK;
	}
	if (tag == TAG_BINARY) {
		if (!base64_text(r->arena, text, &decoded))
			return yaml_error(r, pos, KG_SYNTAX,
			    SLICE("!!binary is not base64 of UTF-8 text"));
		*out = string_value(decoded);
		return KG_OK;
	}
	if (!scalar_resolve(text, out))
		return yaml_error_named(r, pos, "JSON has no number", text);
	if (!tag_fits(tag, out))
		return yaml_error_named(
		    r, pos, "value does not fit its tag", text);
	lint_scalar(r, pos, text, out);
	return KG_OK;
}

/* A key as kubectl makes it: the JSON text of what the scalar means. */
enum kg_status
yaml_key_text(struct yaml_reader *r, const struct value *v, uint32_t pos,
    struct kg_slice *out)
{
	struct writer w;
	struct buf b;

	if (v->kind == VALUE_STRING) {
		*out = value_str(v);
		return KG_OK;
	}
	if (v->kind == VALUE_NULL)
		return yaml_error(r, pos, KG_SYNTAX,
		    SLICE("null is no key; quote it or give it a name"));
	buf_init(&b, r->arena, KEY_TEXT_MAX);
	writer_init(&w, &b);
	writer_value(&w, v);
	*out = buf_slice(&b);
	return buf_failed(&b) ? yaml_builder_error(r, pos, BUILDER_NOMEM)
			      : KG_OK;
}
