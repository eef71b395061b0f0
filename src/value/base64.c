/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4648, with line breaks and spaces as YAML allows them. */
#include "value/base64.h"

#include "base/utf8.h"

static int
base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

bool
base64_bytes(struct arena *arena, struct kg_slice text, struct kg_slice *out)
{
	char *to = arena_array(arena, text.len / 4 * 3 + 3, 1);
	uint32_t bits = 0;
	size_t n = 0, digits = 0, pads = 0;

	if (to == NULL)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const char c = text.ptr[i];
		const int digit = base64_digit(c);

		if (c == '\n' || c == '\r' || c == ' ')
			continue;
		pads += c == '=';
		if (c == '=')
			continue;
		if (digit < 0 || pads > 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		if (++digits % 4 != 1)
			to[n++] = (char)(bits >> (2 * (3 - (digits - 1) % 4)));
	}
	*out = slice_of(to, n);
	return (digits + pads) % 4 == 0 && pads < 3;
}

bool
base64_text(struct arena *arena, struct kg_slice text, struct kg_slice *out)
{
	return base64_bytes(arena, text, out) && utf8_valid(*out);
}
