/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the rules over the facts of one pod for one policy, and holds what
 * they share. Actions are not known here: the policy chooses them.
 */
#include "enclave/judge.h"

#include <stdarg.h>

#include "base/limits.h"

#define TEXT_MAX 4096u
/* Longer lists of profiles are cut: a denial has 4 KiB in all. */
#define PROFILES_SHOWN 8u

/* --- Places --- */

static struct trail
trail_start(const struct judge *j, const struct value *at)
{
	struct trail t = { .at = at };

	buf_init(&t.text, j->arena, 64 * KIB);
	buf_put(&t.text, j->pod->pointer);
	return t;
}

struct trail
trail_metadata(const struct judge *j)
{
	struct trail t = trail_start(j, j->pod->metadata);

	if (j->pod->metadata == NULL)
		t.stopped = true;
	else
		buf_puts(&t.text, "/metadata");
	return t;
}

struct trail
trail_spec(const struct judge *j)
{
	struct trail t = trail_start(j, j->pod->spec);

	buf_puts(&t.text, "/spec");
	return t;
}

struct trail
trail_container(const struct judge *j, const struct container *c)
{
	struct trail t = trail_start(j, c->value);

	buf_puts(&t.text, container_list(c->kind));
	buf_put_index(&t.text, c->index);
	return t;
}

void
trail_name(struct trail *t, struct kg_slice name)
{
	const struct value *next = value_find(t->at, name);

	if (t->stopped || next == NULL) {
		t->stopped = true;
		return;
	}
	t->at = next;
	buf_put_step(&t->text, name);
}

void
trail_index(struct trail *t, size_t index)
{
	const struct value *next = value_at(t->at, index);

	if (t->stopped || next == NULL) {
		t->stopped = true;
		return;
	}
	t->at = next;
	buf_put_index(&t->text, index);
}

struct trail
trail_amount(const struct judge *j, const struct container *c, const char *list,
    struct kg_slice name)
{
	struct trail t = trail_container(j, c);

	trail_name(&t, SLICE("resources"));
	trail_name(&t, slice_str(list));
	trail_name(&t, name);
	return t;
}

struct trail
trail_asked(const struct judge *j, const struct container *c,
    const struct profile_resource *res)
{
	const struct amounts *a = facts_amounts(j->facts, c, res);
	const bool limit = amount_asked(a) == &a->limit;

	return trail_amount(j, c, limit ? "limits" : "requests", res->name);
}

/* --- Texts --- */

static void
say_one(struct buf *b, char what, va_list *args)
{
	const struct kg_slice *slice;

	switch (what) {
	case 's':
		buf_puts(b, va_arg(*args, const char *));
		break;
	case 'd':
		buf_put_int(b, va_arg(*args, int64_t));
		break;
	case 'b':
		quantity_put_bytes(b, va_arg(*args, int64_t));
		break;
	case 't':
		buf_put_line(b, *va_arg(*args, const struct kg_slice *));
		break;
	case 'q':
		slice = va_arg(*args, const struct kg_slice *);
		buf_put_quoted(b, *slice);
		break;
	default:
		buf_putc(b, what);
		break;
	}
}

struct kg_slice
say(const struct judge *j, const char *format, ...)
{
	struct buf b;
	va_list args;

	buf_init(&b, j->arena, TEXT_MAX);
	va_start(args, format);
	for (const char *p = format; *p != '\0'; p++) {
		if (*p != '%') {
			buf_putc(&b, *p);
			continue;
		}
		say_one(&b, *++p, &args);
	}
	va_end(args);
	/* Longer than any reader wants: the rule and the place say enough. */
	return buf_failed(&b) ? SLICE("(too long to show)") : buf_slice(&b);
}

struct kg_slice
list_text(const struct judge *j, const struct string_list *list)
{
	struct buf b;

	buf_init(&b, j->arena, TEXT_MAX);
	for (size_t i = 0; i < list->count; i++) {
		buf_puts(&b, i > 0 ? ", " : "");
		buf_put_line(&b, list->items[i]);
	}
	return buf_failed(&b) ? SLICE("(a long list)") : buf_slice(&b);
}

struct kg_slice
allowed_profiles(const struct judge *j)
{
	const struct enclave_params *p = j->params;
	struct buf b;

	buf_init(&b, j->arena, TEXT_MAX);
	for (size_t i = 0; i < p->order_count; i++) {
		if (p->order_count > PROFILES_SHOWN &&
		    i == PROFILES_SHOWN / 2) {
			buf_printf(&b, " and %zu more (keepgate profiles)",
			    p->order_count - i);
			break;
		}
		if (i > 0)
			buf_puts(&b, ", ");
		buf_put(&b, j->scan->catalog->profiles[p->order[i]].name);
	}
	return buf_slice(&b);
}

/* --- Findings --- */

void
finding_add(struct judge *j, enum rule rule, const struct trail *where,
    const struct kg_slice texts[3])
{
	struct enclave_findings *f = j->findings;
	struct enclave_finding *list;

	if (f->count >= FINDINGS_MAX) {
		f->truncated = true;
		return;
	}
	list = arena_more(j->arena, f->list, f->count, &f->cap, sizeof(*list));
	if (list == NULL)
		return; /* the arena says so */
	f->list = list;
	f->list[f->count++] = (struct enclave_finding){ .rule = rule,
		.pointer = arena_copy(j->arena, buf_slice(&where->text)),
		.found = texts[0],
		.allowed = texts[1],
		.fix = texts[2] };
}

void
finding_advise(struct judge *j, enum rule rule, const struct trail *where,
    const struct kg_slice texts[3])
{
	const size_t count = j->findings->count;

	finding_add(j, rule, where, texts);
	if (j->findings->count > count)
		j->findings->list[count].advice = true;
}

/* --- Judging --- */

enum kg_status
enclave_judge(struct scan *scan, const struct enclave_params *params,
    struct enclave_findings *findings, struct kg_slice *profile)
{
	struct judge j = { .arena = scan->arena,
		.scan = scan,
		.pod = scan->pod,
		.params = params,
		.findings = findings };
	enum kg_status st;

	*profile = slice_of(NULL, 0);
	if (scan->pod->spec == NULL)
		return KG_OK;
	st = facts_of(scan, params, &j.facts);
	if (st != KG_OK)
		return st;
	rules_cls_unknown_resources(&j);
	rules_cls(&j);
	rules_life(&j);
	if (j.facts->profile != NULL) {
		*profile = j.facts->profile->name;
		rules_epc(&j);
		rules_device(&j);
		rules_budget(&j);
		rules_att(&j);
		rules_quote(&j);
		rules_verifier(&j);
		rules_measured(&j);
		rules_nod(&j);
		rules_select(&j);
		rules_iso(&j);
		rules_privileges(&j);
		rules_img(&j);
		rules_dbg(&j);
	} else if (j.facts->declaration == DECLARED_NOTHING &&
	    scan->signals == 0) {
		rules_tenant(&j);
	}
	return scan->arena->failure;
}

/* Every judged annotation of a stands in b with the same value. */
static bool
annotations_kept(
    const struct catalog *c, const struct value *a, const struct value *b)
{
	for (size_t i = 0; i < value_members(a); i++) {
		const struct member *m = value_member(a, i);
		const struct kg_slice name = value_str(&m->name);

		if (catalog_judges_annotation(c, name) &&
		    !value_equal(&m->value, value_find(b, name)))
			return false;
	}
	return true;
}

static bool
same_annotations(
    const struct catalog *c, const struct value *a, const struct value *b)
{
	return annotations_kept(c, a, b) && annotations_kept(c, b, a) &&
	    own_annotations_equal(a, b);
}

bool
enclave_unchanged(
    const struct catalog *c, const struct pod *now, const struct pod *before)
{
	const struct kg_slice label = SLICE("keepgate.dev/profile");
	const struct value *a = value_get(now->metadata, KEY_labels);
	const struct value *b = value_get(before->metadata, KEY_labels);

	return value_equal(value_find(a, label), value_find(b, label)) &&
	    same_annotations(c, value_get(now->metadata, KEY_annotations),
		value_get(before->metadata, KEY_annotations)) &&
	    value_equal_semantic(now->spec, before->spec);
}
