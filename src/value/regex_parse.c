/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pattern to tree, by the rules of Go's regexp/syntax with its Perl flags:
 * what that refuses is refused here, with the same words, and nothing else.
 * Classes are read by regex_bracket.c.
 */
#include "value/regex_parse.h"

#include "base/utf8.h"

/* --- Errors and characters --- */

enum kg_status
rx_refuse(struct regex_parser *p, const char *what, size_t from, size_t to)
{
	if (p->status != KG_OK)
		return p->status;
	p->error->what = what;
	p->error->at = from;
	p->error->part = slice_of(p->text.ptr + from, to - from);
	p->status = KG_INVALID;
	return p->status;
}

enum kg_status
rx_too_large(struct regex_parser *p, const char *what)
{
	(void)rx_refuse(p, what, 0, p->text.len);
	p->status = KG_LIMIT;
	return p->status;
}

bool
rx_rune(struct regex_parser *p, uint32_t *rune)
{
	if (utf8_next(p->text, &p->at, rune))
		return true;
	(void)rx_refuse(p, "invalid UTF-8", 0, p->text.len);
	return false;
}

/* --- Nodes --- */

static struct regex_node *
new_node(struct regex_parser *p, enum regex_op op)
{
	struct regex_node *n = arena_alloc(p->arena, sizeof(*n));

	if (n == NULL) {
		if (p->status == KG_OK)
			p->status = p->arena->failure;
		return NULL;
	}
	n->op = (uint8_t)op;
	n->height = 1;
	n->size = 1;
	return n;
}

static struct regex_node *
assert_node(struct regex_parser *p, enum regex_assert what)
{
	struct regex_node *n = new_node(p, RX_ASSERT);

	if (n != NULL) {
		n->rune = what;
		n->nullable = true;
	}
	return n;
}

struct regex_node *
rx_set_node(struct regex_parser *p, struct rune_builder *b)
{
	struct regex_node *n = new_node(p, RX_SET);

	if (n == NULL)
		return NULL;
	n->set = runes_set(b);
	if (n->set == NULL) {
		p->status = p->arena->failure;
		return NULL;
	}
	p->ranges += n->set->count;
	if (p->ranges > REGEX_RANGES_MAX) {
		(void)rx_too_large(p, "expression too large");
		return NULL;
	}
	return n;
}

static struct regex_node *
literal_node(struct regex_parser *p, uint32_t rune)
{
	struct regex_node *n;

	if ((p->flags & RX_FOLD) != 0) {
		struct rune_builder b = { .arena = p->arena };

		runes_add(&b, rune, rune);
		runes_fold(&b);
		if (b.count != 1 || b.ranges[0].first != b.ranges[0].last)
			return rx_set_node(p, &b);
	}
	n = new_node(p, RX_RUNE);
	if (n != NULL)
		n->rune = rune;
	return n;
}

static struct regex_node *
dot_node(struct regex_parser *p)
{
	struct rune_builder b = { .arena = p->arena };

	if ((p->flags & RX_DOT_NEWLINE) != 0) {
		runes_add(&b, 0, RUNE_MAX);
	} else {
		runes_add(&b, 0, '\n' - 1);
		runes_add(&b, '\n' + 1, RUNE_MAX);
	}
	return rx_set_node(p, &b);
}

/* --- Lists of nodes: of a concatenation, of alternatives --- */

struct node_list {
	struct regex_node *first, *last;
	size_t count;
};

static void
list_add(struct node_list *list, struct regex_node *n)
{
	n->next = NULL;
	if (list->last != NULL)
		list->last->next = n;
	else
		list->first = n;
	list->last = n;
	list->count++;
}

static uint32_t
add_sizes(uint64_t a, uint64_t b)
{
	return a + b > REGEX_PROGRAM_MAX ? REGEX_PROGRAM_MAX + 1
					 : (uint32_t)(a + b);
}

/* One node of the list: itself when it is alone. */
static struct regex_node *
list_node(
    struct regex_parser *p, const struct node_list *list, enum regex_op op)
{
	struct regex_node *n;

	if (list->count == 1)
		return list->first;
	n = new_node(p, list->count == 0 ? RX_EMPTY : op);
	if (n == NULL)
		return NULL;
	n->first = list->first;
	n->nullable = list->count == 0 || op == RX_CONCAT;
	for (const struct regex_node *s = list->first; s != NULL; s = s->next) {
		/* An alternative costs a split and a jump more. */
		n->size = add_sizes(n->size, s->size);
		if (op == RX_ALTERNATE)
			n->size = add_sizes(n->size, 2);
		n->nullable = op == RX_CONCAT ? n->nullable && s->nullable
					      : n->nullable || s->nullable;
		n->loops = n->loops || s->loops;
		if (s->height >= n->height)
			n->height = (uint16_t)(s->height + 1);
	}
	if (n->height > REGEX_DEPTH_MAX) {
		(void)rx_too_large(p, "expression nests too deeply");
		return NULL;
	}
	return n;
}

/* --- Repetition --- */

/* Go's rule: counts inside counts may multiply to REGEX_REPEAT_MAX. */
/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static bool
counts_are_small(const struct regex_node *n, int left)
{
	if (n->op == RX_REPEAT && n->rune != 0) {
		const int m = n->max < 0 ? n->min : n->max;

		if (n->max == 0)
			return true;
		if (m > left)
			return false;
		if (m > 0)
			left /= m;
	}
	for (const struct regex_node *s = n->first; s != NULL; s = s->next) {
		if (!counts_are_small(s, left))
			return false;
	}
	return true;
}

static uint32_t
repeat_size(const struct regex_node *n, uint64_t each)
{
	const uint64_t copies =
	    n->max < 0 ? (uint64_t)(n->min > 0 ? n->min : 1) : (uint64_t)n->max;

	return add_sizes(2 + copies * (each + 1), 0);
}

struct repeat {
	int min, max;  /* max -1: no end; min -1: the number was too large */
	bool counted;  /* {n,m} */
	size_t before; /* where the operator starts */
};

/* Wraps the last node of the list. p->at is past the operator. */
static enum kg_status
apply_repeat(
    struct regex_parser *p, struct node_list *list, const struct repeat *r)
{
	struct regex_node *n, *sub = list->last, *inner;

	if (sub == NULL)
		return rx_refuse(p, "missing argument to repetition operator",
		    r->before, p->at);
	inner = new_node(p, RX_EMPTY);
	n = sub; /* keeps its place in the list */
	if (inner == NULL)
		return p->status;
	*inner = *sub;
	inner->next = NULL;
	*n = (struct regex_node){ .op = RX_REPEAT,
		.lazy = p->lazy,
		.nullable = r->min == 0 || inner->nullable,
		.loops = inner->loops || (r->max < 0 && inner->nullable),
		.height = (uint16_t)(inner->height + 1),
		.min = (int16_t)r->min,
		.max = (int16_t)r->max,
		.rune = r->counted,
		.first = inner };
	n->size = repeat_size(n, inner->size);
	if (n->height > REGEX_DEPTH_MAX)
		return rx_too_large(p, "expression nests too deeply");
	if (r->counted && (r->min >= 2 || r->max >= 2) &&
	    !counts_are_small(n, REGEX_REPEAT_MAX))
		return rx_refuse(p, "invalid repeat count", r->before, p->at);
	return KG_OK;
}

/* Digits without a leading zero; -1 for more than 8 of them. */
static bool
take_count(struct regex_parser *p, int *out)
{
	const size_t start = p->at;
	int n = 0;

	while (p->at < p->text.len && p->text.ptr[p->at] >= '0' &&
	    p->text.ptr[p->at] <= '9') {
		if (n >= 0)
			n = n >= 100000000
			    ? -1
			    : n * 10 + (p->text.ptr[p->at] - '0');
		p->at++;
	}
	*out = n;
	return p->at > start &&
	    (p->at - start == 1 || p->text.ptr[start] != '0');
}

/* {n}, {n,} or {n,m}; false, with p->at in place: the brace is a literal. */
static bool
take_counts(struct regex_parser *p, struct repeat *r)
{
	const size_t start = p->at++;
	bool ok = take_count(p, &r->min);

	r->max = r->min;
	if (ok && rx_peek(p, 0) == ',') {
		p->at++;
		r->max = -1;
		if (rx_peek(p, 0) != '}') {
			ok = take_count(p, &r->max);
			if (r->max < 0)
				r->min = -1;
		}
	}
	ok = ok && rx_peek(p, 0) == '}';
	p->at = ok ? p->at + 1 : start;
	return ok;
}

/* Reads * + ? {n,m} and what may follow it; *done: the brace is a literal. */
static enum kg_status
parse_repeat(struct regex_parser *p, struct node_list *list, bool *literal)
{
	struct repeat r = { .before = p->at, .max = -1 };
	const char c = p->text.ptr[p->at];

	*literal = false;
	if (c == '{') {
		r.counted = true;
		if (!take_counts(p, &r)) {
			*literal = true;
			return KG_OK;
		}
		if (r.min < 0 || r.min > REGEX_REPEAT_MAX ||
		    r.max > REGEX_REPEAT_MAX || (r.max >= 0 && r.min > r.max))
			return rx_refuse(
			    p, "invalid repeat count", r.before, p->at);
	} else {
		p->at++;
		r.min = c == '+';
		r.max = c == '?' ? 1 : -1;
	}
	p->lazy = (p->flags & RX_LAZY) != 0;
	if (rx_peek(p, 0) == '?') {
		p->at++;
		p->lazy = !p->lazy;
	}
	if (p->repeated != SIZE_MAX)
		return rx_refuse(p, "invalid nested repetition operator",
		    p->repeated, p->at);
	return apply_repeat(p, list, &r);
}

/* --- Groups and flags --- */

/* (?P<name> or (?<name>: the name is checked and forgotten. */
static enum kg_status
parse_name(struct regex_parser *p, size_t start, size_t name)
{
	const struct kg_slice rest = slice_from(p->text, start);
	const size_t end = start + slice_find(rest, '>');

	if (end == p->text.len)
		return rx_refuse(
		    p, "invalid named capture", start, p->text.len);
	for (size_t i = name; i < end; i++) {
		const char c = p->text.ptr[i];

		if (c != '_' && !rx_alnum((unsigned char)c))
			return rx_refuse(
			    p, "invalid named capture", start, end + 1);
	}
	if (name == end)
		return rx_refuse(p, "invalid named capture", start, end + 1);
	p->at = end + 1;
	return KG_OK;
}

static unsigned
flag_of(uint32_t c)
{
	switch (c) {
	case 'i':
		return RX_FOLD;
	case 'm':
		return RX_LINES;
	case 's':
		return RX_DOT_NEWLINE;
	case 'U':
		return RX_LAZY;
	default:
		return 0;
	}
}

/* (?flags) or (?flags: ; *group: the latter. */
static enum kg_status
parse_flags(struct regex_parser *p, size_t start, bool *group)
{
	unsigned on = 0, off = 0;
	bool minus = false, saw = false;
	uint32_t c = 0;

	while (p->at < p->text.len) {
		if (!rx_rune(p, &c))
			return p->status;
		if (flag_of(c) != 0) {
			*(minus ? &off : &on) |= flag_of(c);
			saw = true;
		} else if (c == '-' && !minus) {
			minus = true;
			saw = false;
		} else if ((c == ':' || c == ')') && (!minus || saw)) {
			p->flags = (p->flags | on) & ~off;
			*group = c == ':';
			return KG_OK;
		} else {
			break;
		}
	}
	return rx_refuse(p, "invalid or unsupported Perl syntax", start, p->at);
}

static struct regex_node *parse_alternatives(struct regex_parser *p);

/* What stands between parentheses, and the closing one. */
/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static struct regex_node *
parse_body(struct regex_parser *p, unsigned flags)
{
	struct regex_node *n;

	if (p->depth == REGEX_DEPTH_MAX) {
		(void)rx_too_large(p, "expression nests too deeply");
		return NULL;
	}
	p->depth++;
	n = parse_alternatives(p);
	p->depth--;
	if (n == NULL)
		return NULL;
	if (p->at == p->text.len) {
		(void)rx_refuse(p, "missing closing )", 0, p->text.len);
		return NULL;
	}
	p->at++;
	p->flags = flags;
	return n;
}

/* An opening parenthesis. NULL with KG_OK: it only set flags. */
/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static struct regex_node *
parse_group(struct regex_parser *p)
{
	const size_t start = p->at++;
	const unsigned flags = p->flags;
	bool group = true;
	enum kg_status st = KG_OK;

	if (rx_peek(p, 0) == '?') {
		p->at++;
		if (rx_peek(p, 0) == 'P' && rx_peek(p, 1) == '<' &&
		    p->text.len - start > 4)
			st = parse_name(p, start, start + 4);
		else if (rx_peek(p, 0) == '<' && p->text.len - start > 3)
			st = parse_name(p, start, start + 3);
		else
			st = parse_flags(p, start, &group);
	}
	if (st != KG_OK || !group)
		return NULL;
	return parse_body(p, flags);
}

/* --- Escapes outside of classes --- */

/* \Q...\E: all between is literal. */
static void
parse_quoted(struct regex_parser *p, struct node_list *list)
{
	uint32_t rune;

	p->at += 2;
	while (p->status == KG_OK && p->at < p->text.len) {
		struct regex_node *n;

		if (rx_peek(p, 0) == '\\' && rx_peek(p, 1) == 'E') {
			p->at += 2;
			return;
		}
		if (!rx_rune(p, &rune))
			return;
		n = literal_node(p, rune);
		if (n != NULL)
			list_add(list, n);
	}
}

static struct regex_node *
parse_escape(struct regex_parser *p, struct node_list *list)
{
	struct rune_builder b = { .arena = p->arena };
	uint32_t rune;

	switch (rx_peek(p, 1)) {
	case 'A':
		p->at += 2;
		return assert_node(p, AT_TEXT_START);
	case 'z':
		p->at += 2;
		return assert_node(p, AT_TEXT_END);
	case 'b':
		p->at += 2;
		return assert_node(p, AT_WORD);
	case 'B':
		p->at += 2;
		return assert_node(p, NOT_AT_WORD);
	case 'Q':
		parse_quoted(p, list);
		return NULL;
	default:
		break;
	}
	if (rx_escape_class(p, &b))
		return p->status == KG_OK ? rx_set_node(p, &b) : NULL;
	if (rx_escape(p, &rune) != KG_OK)
		return NULL;
	return literal_node(p, rune);
}

/* --- The language --- */

/* One atom; NULL: nothing to add, or p->status says why. */
/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static struct regex_node *
parse_atom(struct regex_parser *p, struct node_list *list)
{
	struct rune_builder b = { .arena = p->arena };
	const bool lines = (p->flags & RX_LINES) != 0;
	uint32_t rune;

	switch (p->text.ptr[p->at]) {
	case '(':
		return parse_group(p);
	case '^':
		p->at++;
		return assert_node(p, lines ? AT_LINE_START : AT_TEXT_START);
	case '$':
		p->at++;
		return assert_node(p, lines ? AT_LINE_END : AT_TEXT_END);
	case '.':
		p->at++;
		return dot_node(p);
	case '[':
		return rx_bracket(p, &b) == KG_OK ? rx_set_node(p, &b) : NULL;
	case '\\':
		return parse_escape(p, list);
	default:
		return rx_rune(p, &rune) ? literal_node(p, rune) : NULL;
	}
}

/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static struct regex_node *
parse_concat(struct regex_parser *p)
{
	struct node_list list = { 0 };

	p->repeated = SIZE_MAX;
	while (p->status == KG_OK && p->at < p->text.len) {
		const char c = p->text.ptr[p->at];
		const size_t start = p->at;
		bool literal = true;

		if (c == '|' || c == ')')
			break;
		if (c == '*' || c == '+' || c == '?' || c == '{') {
			if (parse_repeat(p, &list, &literal) != KG_OK)
				return NULL;
			p->repeated = literal ? SIZE_MAX : start;
		}
		if (literal) {
			struct regex_node *n = parse_atom(p, &list);

			p->repeated = SIZE_MAX;
			if (n != NULL)
				list_add(&list, n);
		}
	}
	return p->status == KG_OK ? list_node(p, &list, RX_CONCAT) : NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): REGEX_DEPTH_MAX */
static struct regex_node *
parse_alternatives(struct regex_parser *p)
{
	struct node_list list = { 0 };

	for (;;) {
		struct regex_node *n = parse_concat(p);

		if (n == NULL)
			return NULL;
		list_add(&list, n);
		if (rx_peek(p, 0) != '|')
			return list_node(p, &list, RX_ALTERNATE);
		p->at++;
	}
}

enum kg_status
regex_parse(struct arena *arena, struct kg_slice pattern,
    struct regex_error *error, const struct regex_node **out)
{
	struct regex_parser p = { .arena = arena,
		.text = pattern,
		.error = error,
		.repeated = SIZE_MAX };
	struct regex_node *root;

	*out = NULL;
	*error = (struct regex_error){ "", { NULL, 0 }, 0 };
	if (pattern.len > REGEX_PATTERN_MAX)
		return rx_too_large(&p, "expression too large");
	root = parse_alternatives(&p);
	if (root != NULL && p.at < pattern.len)
		(void)rx_refuse(&p, "unexpected )", 0, pattern.len);
	if (root != NULL && root->size > REGEX_PROGRAM_MAX)
		(void)rx_too_large(&p, "expression too large");
	if (p.status == KG_OK && (root == NULL || arena_failed(arena)))
		p.status = arena_failed(arena) ? arena->failure : KG_NOMEM;
	if (p.status == KG_OK)
		*out = root;
	return p.status;
}
