/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kg_review(): bytes in, decision out. The one door for the server, the dry
 * run and the replay.
 */
#include "base/limits.h"
#include "review/request.h"
#include "review/reviewer.h"
#include "value/json.h"

enum kg_status
kg_reviewer_new(struct kg_reviewer **out)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return KG_NOMEM;
	arena_init(&(*out)->arena, ARENA_REVIEW_MAX);
	arena_init(&(*out)->out, ARENA_REPLY_MAX);
	cel_eval_init(&(*out)->eval, &(*out)->host);
	return KG_OK;
}

void
kg_reviewer_set_zones(struct kg_reviewer *r, kg_zone_fn *find, void *context)
{
	r->host.zone = find;
	r->host.context = context;
}

void
kg_reviewer_free(struct kg_reviewer *r)
{
	if (r == NULL)
		return;
	cel_eval_release(&r->eval);
	arena_release(&r->out);
	arena_release(&r->arena);
	free(r);
}

/* The body is no review: nobody's policy is asked. */
static void
malformed(struct kg_decision *d, struct kg_slice error)
{
	d->malformed = true;
	d->verdict = KG_VERDICT_ERROR;
	d->allowed = false;
	d->code = 400;
	d->error = error.len > 0 ? error : SLICE("malformed request body");
}

static enum kg_status
read_body(struct kg_reviewer *r, const struct kg_ruleset *set,
    const struct kg_call *call)
{
	struct kg_decision *d = &r->decision;
	const struct json_options options = {
		.positions = call->recorded,
		.drop_managed_fields = !set->sees_managed_fields,
	};
	struct kg_slice error = { NULL, 0 };
	const struct value *root;
	struct json_error why;
	enum kg_status st;
	struct buf b;

	st = json_decode(&r->arena, &set->keys, d->body, &options, &root, &why);
	if (st != KG_OK) {
		/* What the document took is of no use any more. */
		arena_reset(&r->arena);
		buf_init(&b, &r->arena, DIAG_MESSAGE_MAX);
		why.name = slice_of(NULL, 0); /* may have lain in the arena */
		json_error_put(&b, &why);
		error = buf_slice(&b);
	} else {
		st = request_read(&r->arena, root, &d->request, &error);
	}
	if (st != KG_OK)
		malformed(d, error);
	if (st == KG_NOMEM) { /* not the sender's fault */
		d->code = 500;
		d->error = SLICE("out of memory for this review");
	}
	return st;
}

enum kg_status
kg_review(struct kg_reviewer *r, const struct kg_ruleset *set,
    const struct kg_call *call, struct kg_slice body,
    const struct kg_decision **out)
{
	enum kg_status st;

	arena_reset(&r->arena);
	r->decision = (struct kg_decision){ .phase = call->phase,
		.verdict = KG_VERDICT_ERROR,
		.code = 500,
		.body = body,
		.ruleset = kg_ruleset_hash(set) };
	*out = &r->decision;
	st = read_body(r, set, call);
	if (st == KG_OK)
		st = decide(r, set, call);
	return st;
}

void
decision_refuse(struct kg_decision *d, struct kg_slice error)
{
	d->verdict = KG_VERDICT_ERROR;
	d->allowed = false;
	d->code = 500;
	d->error = error;
}

const char *
kg_verdict_name(enum kg_verdict verdict)
{
	static const char *const names[] = {
		[KG_ALLOW] = "allow",
		[KG_WARN] = "warn",
		[KG_VERDICT_ERROR] = "error",
		[KG_DENY] = "deny",
	};

	return names[verdict];
}

const char *
kg_action_name(enum kg_action action)
{
	static const char *const names[] = {
		[KG_ACTION_OFF] = "off",
		[KG_ACTION_EXCEPTED] = "excepted",
		[KG_ACTION_AUDIT] = "audit",
		[KG_ACTION_WARN] = "warn",
		[KG_ACTION_DENY] = "deny",
	};

	return names[action];
}

size_t
kg_rule_count(void)
{
	return RULE_COUNT;
}

const struct kg_rule_info *
kg_rule_get(size_t index)
{
	return index < RULE_COUNT ? &rule_info[index] : NULL;
}
