/* SPDX-License-Identifier: Apache-2.0 */
/* The auditor's side of the chain. */
#include "audit/verify.h"

#include "value/json.h"

enum kg_status
verifier_init(struct verifier *v)
{
	*v = (struct verifier){ .hash = sha256_new() };
	return v->hash != NULL ? KG_OK : KG_NOMEM;
}

void
verifier_release(struct verifier *v)
{
	sha256_free(v->hash);
	v->hash = NULL;
}

static bool
is_hash(struct kg_slice s)
{
	if (s.len != SHA256_HEX)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (memchr("0123456789abcdef", s.ptr[i], 16) == NULL)
			return false;
	}
	return true;
}

static enum kg_status
broken(struct buf *why, const char *what)
{
	buf_puts(why, what);
	return KG_INVALID;
}

/* The members that the chain stands on. */
static enum kg_status
read_link(struct arena *arena, const struct keytab *keys, struct kg_slice line,
    uint64_t *seq, struct kg_slice *prev, struct buf *why)
{
	const struct value *root, *v, *number;
	struct json_error error;
	enum kg_status st;

	st = json_decode(arena, keys, line, NULL, &root, &error);
	if (st != KG_OK) {
		json_error_put(why, &error);
		return st == KG_NOMEM ? st : KG_INVALID;
	}
	v = value_find(root, SLICE("v"));
	number = value_find(root, SLICE("seq"));
	*prev = value_str(value_find(root, SLICE("prev")));
	if (!value_is(v, VALUE_INT) || v->u.integer != 1)
		return broken(why, "no audit record of version 1");
	if (!value_is(number, VALUE_INT) || number->u.integer < 1)
		return broken(why, "seq is no positive number");
	if (!is_hash(*prev))
		return broken(why, "prev is no SHA-256 in hex");
	*seq = (uint64_t)number->u.integer;
	return KG_OK;
}

/* The first line may stand anywhere in a chain; but seq 1 is its start. */
static enum kg_status
check_link(const struct verifier *v, uint64_t seq, struct kg_slice prev,
    struct buf *why)
{
	static const char zeros[SHA256_HEX + 1] =
	    "00000000000000000000000000000000"
	    "00000000000000000000000000000000";

	if (!v->started) {
		if (seq != 1 || slice_is(prev, zeros))
			return KG_OK;
		return broken(why, "record 1 has a prev that is not zero");
	}
	if (seq != v->next) {
		buf_printf(why, "seq is %llu, want %llu: records were %s",
		    (unsigned long long)seq, (unsigned long long)v->next,
		    seq > v->next ? "removed" : "repeated or reordered");
		return KG_INVALID;
	}
	if (!slice_eq(prev, slice_of(v->prev, sizeof(v->prev)))) {
		buf_printf(why,
		    "prev is %.*s, but the line before hashes to %.*s: that "
		    "line was changed",
		    SLICE_ARG(prev), SHA256_HEX, v->prev);
		return KG_INVALID;
	}
	return KG_OK;
}

enum kg_status
verifier_line(struct verifier *v, struct arena *arena,
    const struct keytab *keys, struct kg_slice line, struct buf *why)
{
	struct kg_slice prev = { NULL, 0 };
	uint64_t seq = 0;
	enum kg_status st;

	st = read_link(arena, keys, line, &seq, &prev, why);
	if (st == KG_OK)
		st = check_link(v, seq, prev, why);
	if (st != KG_OK)
		return st;
	st = sha256_begin(v->hash);
	if (st == KG_OK)
		st = sha256_update(v->hash, line);
	if (st == KG_OK)
		st = sha256_end(v->hash, v->prev);
	if (!v->started)
		v->first = seq;
	v->started = true;
	v->next = seq + 1;
	v->records++;
	return st;
}

/* --- Picking --- */

static struct kg_slice
text_at(const struct value *record, const char *pointer)
{
	return value_str(value_pointer(record, slice_str(pointer), NULL));
}

static bool
fits(struct kg_slice wanted, struct kg_slice found)
{
	return wanted.len == 0 || slice_eq(wanted, found);
}

static bool
has_rule(const struct value *record, struct kg_slice rule)
{
	const struct value *list = value_find(record, SLICE("findings"));

	for (size_t i = 0; i < value_len(list); i++) {
		if (slice_eq_nocase(text_at(value_at(list, i), "/rule"), rule))
			return true;
	}
	return rule.len == 0;
}

bool
record_fits(const struct record_filter *f, const struct value *record)
{
	int64_t time = 0;

	if (!slice_is(text_at(record, "/type"), "decision") ||
	    !fits(f->verdict, text_at(record, "/verdict")) ||
	    !fits(f->user, text_at(record, "/user/username")) ||
	    !fits(f->ns, text_at(record, "/namespace")) ||
	    (f->kind.len > 0 &&
		!slice_eq_nocase(f->kind, text_at(record, "/kind/kind"))) ||
	    !has_rule(record, f->rule))
		return false;
	if (f->since_us == INT64_MIN && f->until_us == INT64_MAX)
		return true;
	return time_parse(text_at(record, "/time"), &time) &&
	    time >= f->since_us && time < f->until_us;
}

static void
put_member(struct buf *out, const struct value *record, const char *pointer)
{
	buf_putc(out, ' ');
	buf_put_line(out, text_at(record, pointer));
}

static void
put_object_name(struct buf *out, const struct value *record)
{
	const struct kg_slice ns = text_at(record, "/namespace");
	const struct kg_slice sub = text_at(record, "/subResource");
	struct kg_slice name = text_at(record, "/name");

	if (name.len == 0)
		name = text_at(record, "/generateName");
	put_member(out, record, "/operation");
	put_member(out, record, "/kind/kind");
	buf_putc(out, ' ');
	if (ns.len > 0) {
		buf_put_line(out, ns);
		buf_putc(out, '/');
	}
	buf_put_line(out, name.len > 0 ? name : SLICE("-"));
	if (sub.len > 0) {
		buf_putc(out, '/');
		buf_put_line(out, sub);
	}
	buf_puts(out, " by");
	put_member(out, record, "/user/username");
}

void
record_put_text(struct buf *out, const struct value *record)
{
	const struct value *list = value_find(record, SLICE("findings"));
	const struct kg_slice error = text_at(record, "/error");
	const struct kg_slice verdict = text_at(record, "/verdict");

	buf_put_line(out, text_at(record, "/time"));
	buf_putc(out, ' ');
	buf_put_line(out, verdict);
	for (size_t n = verdict.len; n < 5; n++)
		buf_putc(out, ' ');
	if (text_at(record, "/operation").len > 0)
		put_object_name(out, record);
	if (value_true(value_find(record, SLICE("dryRun"))))
		buf_puts(out, " (dry run)");
	buf_putc(out, '\n');
	for (size_t i = 0; i < value_len(list); i++) {
		const struct value *f = value_at(list, i);

		buf_puts(out, "   ");
		put_member(out, f, "/rule");
		put_member(out, f, "/action");
		put_member(out, f, "/pointer");
		buf_puts(out, ": found");
		put_member(out, f, "/found");
		buf_putc(out, '\n');
	}
	if (error.len > 0) {
		buf_puts(out, "    error: ");
		buf_put_line(out, error);
		buf_putc(out, '\n');
	}
}
