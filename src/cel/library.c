/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and errors of the libraries. */
#include "cel/library.h"

#include "base/utf8.h"

struct value
cel_string_repaired(struct cel_eval *e, struct kg_slice text)
{
	struct buf b;
	size_t at = 0;
	uint32_t code;

	if (utf8_valid(text))
		return cel_string(text);
	buf_init(&b, e->arena, CEL_TEXT_MAX);
	while (at < text.len) {
		const size_t start = at;

		if (utf8_next(text, &at, &code)) {
			buf_put(&b, slice_of(text.ptr + start, at - start));
		} else {
			buf_puts(&b, "\xef\xbf\xbd");
			at++;
		}
	}
	return cel_string_built(&b);
}

struct value
cel_string_list(struct cel_eval *e, const struct kg_slice *texts, size_t count)
{
	struct value *items = arena_array(e->arena, count, sizeof(*items));

	if (items == NULL)
		return cel_no_memory();
	for (size_t i = 0; i < count; i++)
		items[i] = cel_string(texts[i]);
	return cel_list(items, count);
}
