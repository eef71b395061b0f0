/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of questions and answers: "kind arguments", and what comes out as
 * text; "E message" for what is refused.
 */
#ifndef KG_TESTS_UNIT_ANSWERS_H
#define KG_TESTS_UNIT_ANSWERS_H

#include "base/limits.h"
#include "unit/unit.h"

struct question {
	const char *ask, *answer;
};

typedef void answer_fn(
    struct kg_slice kind, struct kg_slice args, struct buf *out);

static inline void
check(const struct question *q, size_t count, answer_fn *answer)
{
	for (size_t i = 0; i < count; i++) {
		struct kg_slice args = slice_str(q[i].ask), kind;
		struct buf b;

		arena_reset(&arena);
		buf_init(&b, &arena, MIB);
		kind = slice_cut(&args, ' ');
		answer(kind, args, &b);
		if (!slice_is(buf_slice(&b), q[i].answer))
			print_message("# %s\n", q[i].ask);
		assert_slice(buf_slice(&b), q[i].answer);
	}
}

/* "E " and the message, in place of an answer. */
static inline void
answer_error(struct buf *out, const struct buf *message)
{
	buf_puts(out, "E ");
	buf_put(out, buf_slice(message));
}

#endif
