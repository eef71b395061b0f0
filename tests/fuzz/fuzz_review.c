/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A review of any body: there is a decision, an answer that is JSON (or one
 * line for a malformed body), and records that are one line of JSON with the
 * objects as they were sent, but what is redacted.
 */
#include "base/limits.h"
#include "unit/record_oracle.h"

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

static void
must_be_right(struct fixture *f, const struct kg_decision *d)
{
	static const struct kg_slice pointers[] = {
		SLICE_INIT("/spec/*/*/name"),
		SLICE_INIT("/spec/*/0"),
		SLICE_INIT("/metadata/labels"),
		SLICE_INIT("/*/*/*/*/a"),
	};
	static const struct audit_policy policies[] = {
		{ .objects = AUDIT_FULL },
		{ .objects = AUDIT_FULL, .redact = { pointers, 4 } },
		{ .objects = AUDIT_METADATA, .redact = { pointers, 4 } },
	};
	const struct record_context context = { 0 };

	for (size_t i = 0; i < 3; i++) {
		struct oracle oracle = { .memory = &f->arena,
			.names = &f->keys,
			.rules = f->set,
			.policy = &policies[i] };
		struct kg_slice record;

		if (record_decision(&f->arena, &policies[i], f->set, d,
			&context, &record) != KG_OK ||
		    oracle_check(&oracle, d, record) != NULL)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct kg_call call = { .phase = KG_VALIDATE,
		.recorded = true,
		.now_us = 1795000000000000 };
	struct fixture *f = make_fixture();
	const struct kg_decision *d;
	struct kg_slice reply;

	arena_reset(&f->arena);
	(void)!kg_review(
	    f->reviewer, f->set, &call, slice_of((const char *)data, size), &d);
	must_be_right(f, d);
	if (kg_decision_reply(f->reviewer, d, &reply) != KG_OK)
		abort();
	if (d->malformed != (d->code == 400) ||
	    (d->malformed && memchr(reply.ptr, '\n', reply.len) != NULL))
		abort();
	if (!d->malformed)
		must_be_json(f, reply);
	return 0;
}
