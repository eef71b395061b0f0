/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of ASCII characters, whatever the locale says. */
#ifndef KG_BASE_ASCII_H
#define KG_BASE_ASCII_H

#include <stdbool.h>

static inline bool
ascii_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool
ascii_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool
ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_alnum(char c)
{
	return ascii_lower(c) || ascii_upper(c) || ascii_digit(c);
}

/* The value of a hexadecimal digit, or -1. */
static inline int
ascii_hex(char c)
{
	if (ascii_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The small letter of a capital one; anything else as it is. */
static inline char
ascii_to_lower(char c)
{
	return ascii_upper(c) ? (char)(c | 0x20) : c;
}

#endif
