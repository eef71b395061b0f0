/* SPDX-License-Identifier: Apache-2.0 */
/* format.named(...) and format.<name>(): texts that names must look like. */
#include "cel/library.h"
#include "value/nameformat.h"

struct format_value {
	struct cel_opaque head;
	enum name_format format;
};

static bool
equal(const struct cel_opaque *a, const struct cel_opaque *b)
{
	return ((const struct format_value *)a)->format ==
	    ((const struct format_value *)b)->format;
}

static const struct cel_opaque_class format_class = {
	.name = SLICE_INIT("kubernetes.NamedFormat"),
	.go_name = "cel.Format",
	.equal = equal,
};

#define ROW(id) [id] = { { &format_class }, id }

/* They are constants: nobody needs two of one. */
static const struct format_value format_values[FORMAT_COUNT] = {
	ROW(FORMAT_DNS1123_LABEL),
	ROW(FORMAT_DNS1123_SUBDOMAIN),
	ROW(FORMAT_DNS1035_LABEL),
	ROW(FORMAT_QUALIFIED_NAME),
	ROW(FORMAT_DNS1123_LABEL_PREFIX),
	ROW(FORMAT_DNS1123_SUBDOMAIN_PREFIX),
	ROW(FORMAT_DNS1035_LABEL_PREFIX),
	ROW(FORMAT_LABEL_VALUE),
	ROW(FORMAT_URI),
	ROW(FORMAT_UUID),
	ROW(FORMAT_BYTE),
	ROW(FORMAT_DATE),
	ROW(FORMAT_DATETIME),
};

static enum name_format
format_of(const struct value *v)
{
	return ((const struct format_value *)v->u.opaque)->format;
}

unsigned
cel_format_weight(const struct value *format)
{
	return format->kind == CEL_OPAQUE &&
		format->u.opaque->class == &format_class
	    ? name_format_weight(format_of(format))
	    : 0;
}

struct value
cel_fn_format_named(struct cel_eval *e, const struct value *args)
{
	const enum name_format format = name_format_find(cel_slice(&args[0]));
	struct value v;

	if (format == FORMAT_COUNT)
		return cel_optional(NULL);
	v = cel_opaque(&format_values[format].head);
	return cel_optional_of(e, &v);
}

#define CONSTANT(name, id)                                  \
	struct value cel_fn_format_##name(                  \
	    struct cel_eval *e, const struct value *args)   \
	{                                                   \
		(void)e;                                    \
		(void)args;                                 \
		return cel_opaque(&format_values[id].head); \
	}

CONSTANT(dns1123Label, FORMAT_DNS1123_LABEL)
CONSTANT(dns1123Subdomain, FORMAT_DNS1123_SUBDOMAIN)
CONSTANT(dns1035Label, FORMAT_DNS1035_LABEL)
CONSTANT(qualifiedName, FORMAT_QUALIFIED_NAME)
CONSTANT(dns1123LabelPrefix, FORMAT_DNS1123_LABEL_PREFIX)
CONSTANT(dns1123SubdomainPrefix, FORMAT_DNS1123_SUBDOMAIN_PREFIX)
CONSTANT(dns1035LabelPrefix, FORMAT_DNS1035_LABEL_PREFIX)
CONSTANT(labelValue, FORMAT_LABEL_VALUE)
CONSTANT(uri, FORMAT_URI)
CONSTANT(uuid, FORMAT_UUID)
CONSTANT(byte, FORMAT_BYTE)
CONSTANT(date, FORMAT_DATE)
CONSTANT(datetime, FORMAT_DATETIME)

struct value
cel_fn_format_validate(struct cel_eval *e, const struct value *args)
{
	struct kg_slice messages[NAME_MESSAGES_MAX];
	const size_t n = name_format_check(
	    e->arena, format_of(&args[0]), cel_slice(&args[1]), messages);
	struct value list;

	if (arena_failed(e->arena))
		return cel_no_memory();
	if (n == 0)
		return cel_optional(NULL);
	list = cel_string_list(e, messages, n);
	return cel_is_error(&list) ? list : cel_optional_of(e, &list);
}
