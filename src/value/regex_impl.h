/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of regular expressions: pattern to tree (regex_parse.c, with classes
 * by regex_class.c), tree to plain form (regex_literal.c), to PCRE2
 * (regex_pcre.c) and to the program of our own matcher (regex_prog.c, run by
 * regex_pike.c). Captures are left out everywhere: only spans are asked for.
 */
#ifndef KG_VALUE_REGEX_IMPL_H
#define KG_VALUE_REGEX_IMPL_H

#include "base/limits.h"
#include "value/regex.h"

#define RUNE_MAX 0x10ffffu

/* --- Sets of code points (regex_class.c) --- */

struct rune_range {
	uint32_t first, last;
};

struct rune_set {
	const struct rune_range *ranges; /* sorted, apart from each other */
	uint32_t count;
	uint64_t ascii[2]; /* bit c: holds c */
};

/* Sets under construction, in any order and overlapping. */
struct rune_builder {
	struct arena *arena;
	struct rune_range *ranges;
	size_t count, cap;
};

void runes_add(struct rune_builder *b, uint32_t first, uint32_t last);
/* Sorts and merges what is there. */
void runes_clean(struct rune_builder *b);
void runes_negate(struct rune_builder *b);
/* Adds whatever differs from what is there in letter case alone. */
void runes_fold(struct rune_builder *b);
/* Adds the other set. */
void runes_add_all(struct rune_builder *b, const struct rune_builder *other);
/* NULL when the arena failed. */
const struct rune_set *runes_set(struct rune_builder *b);

/* Adds a Unicode category or script; false: there is none of this name. */
bool runes_add_unicode(struct rune_builder *b, struct kg_slice name);
/* Adds "d", "s", "w" (as in \d) or "alpha" ...; false: no such class. */
bool runes_add_class(struct rune_builder *b, struct kg_slice name);

static inline bool
rune_in(const struct rune_set *set, uint32_t rune)
{
	size_t low = 0, high = set->count;

	if (rune < 128)
		return (set->ascii[rune / 64] >> (rune % 64) & 1) != 0;
	while (low < high) {
		const size_t mid = (low + high) / 2;

		if (rune > set->ranges[mid].last)
			low = mid + 1;
		else if (rune < set->ranges[mid].first)
			high = mid;
		else
			return true;
	}
	return false;
}

/* --- The tree (regex_parse.c) --- */

enum regex_op {
	RX_EMPTY,
	RX_RUNE,
	RX_SET,
	RX_ASSERT,
	RX_CONCAT,
	RX_ALTERNATE,
	RX_REPEAT, /* min to max (-1: any) times the one child */
};

/* Bits: a place in the subject satisfies several. */
enum regex_assert {
	AT_TEXT_START = 1,
	AT_TEXT_END = 2,
	AT_LINE_START = 4,
	AT_LINE_END = 8,
	AT_WORD = 16,
	NOT_AT_WORD = 32,
};

struct regex_node {
	uint8_t op; /* enum regex_op */
	bool lazy;
	bool nullable; /* may match without consuming */
	bool loops;    /* repeats without end what is nullable, somewhere */
	uint16_t height;
	int16_t min, max;
	uint32_t rune; /* or enum regex_assert */
	uint32_t size; /* instructions, at most REGEX_PROGRAM_MAX + 1 */
	const struct rune_set *set;
	const struct regex_node *first, *next; /* child, sibling */
};

enum kg_status regex_parse(struct arena *arena, struct kg_slice pattern,
    struct regex_error *error, const struct regex_node **out) KG_MUST_CHECK;

/* --- Plain forms (regex_literal.c) --- */

struct regex_literal {
	bool known; /* the expression is of this form */
	bool at_start, at_end;
	uint32_t count;               /* alternatives; at least 1 */
	const struct kg_slice *texts; /* in order of preference */
};

/* Fills in *literal; known stays false for any other form, or no memory. */
void regex_literal_of(struct arena *arena, struct arena *scratch,
    const struct regex_node *root, struct regex_literal *literal);

bool regex_literal_find(const struct regex_literal *literal,
    struct kg_slice text, size_t from, struct regex_span *span);

/* --- PCRE2 (regex_pcre.c) --- */

/* A NULL result is no error: our own matcher serves then. */
void *regex_pcre_limits(void);
void regex_pcre_limits_free(void *limits);
void *regex_pcre_compile(
    struct arena *scratch, const struct regex_node *root, bool anchored);
void regex_pcre_free(void *code);

enum pcre_answer {
	PCRE_NO,
	PCRE_YES,
	PCRE_GAVE_UP,
};

enum pcre_answer regex_pcre_find(const struct regex *re,
    struct regex_scratch *scratch, struct kg_slice text, size_t from,
    struct regex_span *span);

/* --- Our matcher (regex_prog.c, regex_pike.c) --- */

enum regex_code {
	RI_MATCH,
	RI_RUNE,   /* x */
	RI_SET,    /* sets[x] */
	RI_ASSERT, /* x: one bit of enum regex_assert */
	RI_SPLIT,  /* x first, then y */
	RI_JUMP,   /* x */
};

struct regex_inst {
	uint32_t code; /* enum regex_code */
	uint32_t x, y;
};

struct regex_program {
	const struct regex_inst *code;
	const struct rune_set *const *sets;
	uint32_t count;    /* instructions */
	bool anchored;     /* every match starts at the text's start */
	bool asserts;      /* there is an RI_ASSERT */
	bool starts_known; /* a match begins with a byte of `starts` */
	uint8_t starts[32];
};

enum kg_status regex_program_make(struct arena *arena, struct arena *scratch,
    const struct regex_node *root, struct regex_program *out) KG_MUST_CHECK;

/* span NULL: only whether. */
enum kg_status regex_pike(const struct regex_program *prog,
    struct regex_scratch *scratch, struct kg_slice text, size_t from,
    bool *found, struct regex_span *span) KG_MUST_CHECK;

struct regex {
	struct regex_literal literal;
	struct regex_program program;
	bool loops;          /* spans of PCRE2 may differ: see regex.c */
	void *pcre;          /* NULL: never */
	void *limits;        /* borrowed from the set */
	struct regex *older; /* in the set */
};

#endif
