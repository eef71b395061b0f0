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

/*
 * What most tests need: an arena for values and a key table. unit_setup() and
 * unit_teardown() are for cmocka_run_group_tests().
 */
static struct arena arena;
static struct arena unit_keys;
static struct keytab keys;

static inline int
unit_setup(void **state)
{
	(void)state;
	arena_init(&unit_keys, 16u << 20);
	arena_init(&arena, 256u << 20);
	return keytab_init(&keys, &unit_keys) == KG_OK ? 0 : -1;
}

static inline int
unit_teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	arena_release(&unit_keys);
	return 0;
}

#endif
