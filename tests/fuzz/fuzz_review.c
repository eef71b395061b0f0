/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A review of any body: there is a decision, an answer that is JSON (or one
 * line for a malformed body), and a record that is JSON.
 */
#include "audit/record.h"
#include "base/limits.h"
#include "value/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fixture {
	struct kg_ruleset *set;
	struct kg_reviewer *reviewer;
	struct arena arena, keys_arena;
	struct keytab keys;
};

static struct fixture *
make_fixture(void)
{
	static struct fixture f;
	const struct kg_options options = { 0 };
	struct kg_diags *diags;

	if (f.set != NULL)
		return &f;
	diags = kg_diags_new();
	arena_init(&f.keys_arena, MIB);
	arena_init(&f.arena, 256 * MIB);
	if (diags == NULL ||
	    kg_ruleset_compile(NULL, 0, &options, diags, &f.set) != KG_OK ||
	    kg_reviewer_new(&f.reviewer) != KG_OK ||
	    keytab_init(&f.keys, &f.keys_arena) != KG_OK)
		abort();
	kg_diags_free(diags);
	return &f;
}

static void
must_be_json(struct fixture *f, struct kg_slice text)
{
	const struct value *v;
	struct json_error error;

	if (json_decode(&f->arena, &f->keys, text, NULL, &v, &error) != KG_OK)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct audit_policy policy = { .objects = AUDIT_FULL };
	const struct record_context context = { 0 };
	const struct kg_call call = { .phase = KG_VALIDATE,
		.now_us = 1795000000000000 };
	struct fixture *f = make_fixture();
	const struct kg_decision *d;
	struct kg_slice reply, body, line;

	arena_reset(&f->arena);
	(void)!kg_review(
	    f->reviewer, f->set, &call, slice_of((const char *)data, size), &d);
	if (record_decision(&f->arena, &policy, f->set, d, &context, &body) !=
		KG_OK ||
	    kg_decision_reply(f->reviewer, d, &reply) != KG_OK)
		abort();
	line = arena_copy(&f->arena, body);
	if (line.len < 2)
		abort();
	*(char *)(uintptr_t)line.ptr = '{'; /* for the head's comma */
	must_be_json(f, line);
	if (d->malformed != (d->code == 400) ||
	    (d->malformed && memchr(reply.ptr, '\n', reply.len) != NULL))
		abort();
	if (!d->malformed)
		must_be_json(f, reply);
	return 0;
}
