/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions in RE2 syntax, exactly as Go's package regexp takes and
 * answers them: UTF-8, leftmost-first, no look-around, no backreferences.
 *
 * Three matchers serve one tree. Plain forms (^abc, abc$, ^(a|b)$, abc) are
 * compared. PCRE2's JIT takes short subjects, within a limit of backtracks.
 * What is left, and whatever PCRE2 gives up, goes to a matcher of our own
 * that is linear in the subject; so no input changes an answer.
 *
 * A compiled expression is immutable and shared by threads; each thread, or
 * evaluation, brings its own scratch.
 */
#ifndef KG_VALUE_REGEX_H
#define KG_VALUE_REGEX_H

#include "base/buf.h"

struct regex;

/*
 * Owns the memory that PCRE2 takes from the heap. Its expressions live in the
 * arena; release it before the arena.
 */
struct regex_set {
	struct arena *arena;
	struct regex *newest; /* of those with memory of PCRE2 */
	void *limits;         /* PCRE2's match context, shared */
};

void regex_set_init(struct regex_set *set, struct arena *arena);
void regex_set_release(struct regex_set *set);

/* What is wrong with a pattern; Go's words. */
struct regex_error {
	const char *what;
	struct kg_slice part; /* of the pattern: what is at fault */
	size_t at;            /* its offset in the pattern */
};

/*
 * Compiles for many uses: with PCRE2's JIT, which takes some 100 us. KG_OK,
 * or KG_INVALID or KG_LIMIT with *error filled in, or KG_NOMEM. The pattern
 * is borrowed for the call. `scratch` is for the tree; it may be the set's.
 */
enum kg_status regex_compile(struct regex_set *set, struct arena *scratch,
    struct kg_slice pattern, struct regex_error *error,
    const struct regex **out) KG_MUST_CHECK;

/* The same for a pattern that is used once: no JIT, all in the arena. */
enum kg_status regex_compile_once(struct arena *arena, struct kg_slice pattern,
    struct regex_error *error, const struct regex **out) KG_MUST_CHECK;

/* Go's text: error parsing regexp: missing closing ): `(a` */
void regex_error_put(struct buf *out, const struct regex_error *error);

/* Memory of matching, kept from call to call; lives in the arena. */
struct regex_scratch {
	struct arena *arena;
	void *match_data; /* of PCRE2 */
	void *lists;      /* of our matcher */
	size_t room;      /* of lists, in instructions */
};

/* Allocates nothing yet. Once more after each reset of the arena. */
void regex_scratch_init(struct regex_scratch *scratch, struct arena *arena);

struct regex_span {
	size_t start, end;
};

/*
 * Does the expression match anywhere in the text, which is valid UTF-8?
 * KG_OK, or KG_LIMIT past REGEX_STEPS_MAX, or KG_NOMEM.
 */
enum kg_status regex_match(const struct regex *re,
    struct regex_scratch *scratch, struct kg_slice text,
    bool *found) KG_MUST_CHECK;

/* Where it first matches. */
enum kg_status regex_find(const struct regex *re, struct regex_scratch *scratch,
    struct kg_slice text, bool *found, struct regex_span *span) KG_MUST_CHECK;

/*
 * All matches that do not overlap, one a call, from the left; an empty one
 * that touches the match before it does not count. Start with {0}.
 */
struct regex_walk {
	size_t at;
	size_t last; /* end of the match before, + 1; 0: none */
	bool done;
};

enum kg_status regex_next(const struct regex *re, struct regex_scratch *scratch,
    struct kg_slice text, struct regex_walk *walk,
    struct regex_span *span) KG_MUST_CHECK; /* walk->done: no more */

#endif
