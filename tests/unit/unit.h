/* SPDX-License-Identifier: Apache-2.0 */
/* What the unit tests share: cmocka with what it needs, slices, values. */
#ifndef KG_TESTS_UNIT_H
#define KG_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>

#include "value/json.h"

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The slice is this text. */
#define assert_slice(slice, text)                                            \
	do {                                                                 \
		const struct kg_slice s_ = (slice), t_ = slice_str(text);    \
		if (!slice_eq(s_, t_))                                       \
			fail_msg("got \"%.*s\", want \"%s\"", SLICE_ARG(s_), \
			    t_.ptr);                                         \
	} while (0)

#endif
