/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From request to decision: which policies look at it, what their rules find,
 * which action each finding takes, what the verdict is. An error in between
 * never ends in silence: it is an evaluation error of the policy, which its
 * failurePolicy weighs.
 */
#include "review/decide_impl.h"

#include "base/limits.h"
#include "value/json.h"

static const struct kg_slice no_memory =
    SLICE_INIT("out of memory for this review");

static const struct kg_slice too_large =
    SLICE_INIT("more than 1000 containers or volumes: too many to judge");

/* --- What is there to judge? --- */

/* Subresources that change no spec: what they report is never blocked. */
static bool
spec_untouched(struct kg_slice subresource)
{
	return slice_is(subresource, "status") ||
	    slice_is(subresource, "scale") ||
	    slice_is(subresource, "finalize") ||
	    slice_is(subresource, "approval");
}

static const struct value *
object_metadata(const struct decider *x)
{
	return value_get(x->d->request.object, KEY_metadata);
}

/* Only a kubelet shows static pods; anybody could write the annotation. */
static bool
is_mirror(const struct decider *x, bool dump)
{
	static const struct kg_slice nodes[] = { SLICE_INIT("system:nodes") };
	const struct kg_request *q = &x->d->request;

	if (value_is_null(
		value_find(value_get(object_metadata(x), KEY_annotations),
		    SLICE("kubernetes.io/config.mirror"))))
		return false;
	return dump || slice_starts(q->username, SLICE("system:node:")) ||
	    in_groups(&(const struct string_list){ nodes, 1 }, q->groups,
		q->group_count);
}

static void
find_pod(struct decider *x)
{
	const struct kg_request *q = &x->d->request;
	const bool create = slice_is(q->operation, "CREATE");
	const bool update = slice_is(q->operation, "UPDATE");
	const bool dump = x->call->manifest &&
	    !value_is_null(value_get(object_metadata(x), KEY_uid));

	if ((!create && !update) || spec_untouched(q->subresource))
		return;
	x->kind = ruleset_pod_kind(x->set, q->kind.group, q->kind.kind);
	if (x->kind == NULL)
		return;
	pod_of(x->kind, q->object, &x->pod);
	x->pod_call = (struct pod_call){ .create = create,
		.dump = dump,
		.manifest = x->call->manifest,
		.daemon_set = slice_is(q->kind.kind, "DaemonSet"),
		.mirror = is_mirror(x, dump),
		.subresource = q->subresource,
		.username = q->username,
		.groups = q->groups,
		.group_count = q->group_count,
		.ns = q->ns,
		.namespace_labels = x->ns.labels };
	if (!update || value_is_null(q->old_object))
		return;
	pod_of(x->kind, q->old_object, &x->before);
	x->pod_call.before = &x->before;
	if (enclave_unchanged(&x->set->catalog, &x->pod, &x->before))
		x->kind = NULL;
}

/* Who looks into a pod, or binds one: the request does not carry it. */
static void
find_access(struct decider *x)
{
	static const struct {
		const char *operation, *subresource;
		enum access_verb verb;
	} table[] = {
		{ "CONNECT", "exec", ACCESS_EXEC },
		{ "CONNECT", "attach", ACCESS_ATTACH },
		{ "CONNECT", "portforward", ACCESS_PORT_FORWARD },
		{ "CREATE", "binding", ACCESS_BIND },
	};
	const struct kg_request *q = &x->d->request;
	const bool bindings = slice_is(q->resource.resource, "bindings");
	const struct kg_slice sub =
	    bindings ? SLICE("binding") : q->subresource;

	x->access = (struct access){ .name = q->name,
		.username = q->username,
		.groups = q->groups,
		.group_count = q->group_count,
		.object = q->object,
		.namespace_labels = x->ns.labels };
	if (!bindings && !slice_is(q->resource.resource, "pods"))
		return;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (slice_is(q->operation, table[i].operation) &&
		    slice_is(sub, table[i].subresource))
			x->access.verb = table[i].verb;
	}
}

static enum kg_status
find_namespace(struct decider *x)
{
	const struct kg_slice given = x->call->namespace_labels;
	struct json_error why;

	x->ns.name = x->d->request.ns;
	x->ns.labels = map_get(&x->set->namespaces, x->ns.name);
	if (given.len == 0)
		return KG_OK;
	return json_decode(
	    x->arena, &x->set->keys, given, NULL, &x->ns.labels, &why);
}

/* --- Findings --- */

static enum match_result
entry_fits(const struct decider *x, const struct rule_entry *e,
    struct kg_slice id, struct kg_slice *unknown_key)
{
	if (!rule_listed(&(const struct string_list){ &e->id, 1 }, id))
		return MATCH_NO;
	if (e->percent < 100 && rollout_bucket(&x->subject) >= e->percent)
		return MATCH_NO;
	if (x->ns.name.len == 0)
		return MATCH_YES;
	return match_namespace(&e->namespaces, &x->ns, unknown_key);
}

/*
 * The action of a finding: the first entry that fits decides, else the rule's
 * default. A template is not yet a pod: its findings warn, unless an entry
 * says more or a person asks about the manifest.
 */
static enum match_result
choose_action(const struct decider *x, const struct policy *p, enum rule rule,
    enum kg_action *action, struct kg_slice *unknown_key)
{
	const struct kg_slice id = slice_str(rule_info[rule].id);

	for (size_t i = 0; i < p->rule_count; i++) {
		const enum match_result fits =
		    entry_fits(x, &p->rules[i], id, unknown_key);

		if (fits == MATCH_ERROR)
			return MATCH_ERROR;
		if (fits == MATCH_YES) {
			*action = p->rules[i].action;
			return MATCH_YES;
		}
	}
	*action = rule_info[rule].action;
	if (x->pod.is_template && !x->call->manifest &&
	    *action > KG_ACTION_WARN)
		*action = KG_ACTION_WARN;
	return MATCH_YES;
}

/* Equal findings of two policies are one: the stronger stays. */
static bool
merge_finding(struct decider *x, const struct kg_finding *f, size_t mine)
{
	for (size_t i = 0; i < mine; i++) {
		struct kg_finding *other = &x->findings[i];

		if (!slice_eq(other->rule, f->rule) ||
		    !slice_eq(other->pointer, f->pointer))
			continue;
		if (f->action > other->action)
			*other = *f;
		return true;
	}
	return false;
}

/* The finding stays, without its action, and the use is kept. */
static void
use_exception(struct decider *x, struct kg_finding *f)
{
	const struct exception *e = exception_for(x->set, &x->subject, f);
	struct kg_exception_use *list;

	if (e == NULL)
		return;
	f->action = KG_ACTION_EXCEPTED;
	list = arena_more(x->arena, x->uses, x->d->exception_count, &x->use_cap,
	    sizeof(*list));
	if (list == NULL)
		return; /* the arena says so: the review errs */
	x->uses = list;
	x->uses[x->d->exception_count++] = (struct kg_exception_use){ e->name,
		f->policy, f->rule, f->pointer };
}

/* `mine` findings belong to earlier policies. */
bool
add_finding(struct decider *x, struct kg_finding *f, size_t mine)
{
	struct kg_finding *list;

	use_exception(x, f);
	if (merge_finding(x, f, mine))
		return true;
	if (x->finding_count == FINDINGS_MAX)
		return false;
	list = arena_more(x->arena, x->findings, x->finding_count,
	    &x->finding_cap, sizeof(*list));
	if (list == NULL)
		return false;
	x->findings = list;
	x->findings[x->finding_count++] = *f;
	return true;
}

/* --- Policies --- */

static bool
more_errors(struct decider *x)
{
	const size_t cap = 2 * x->error_cap;
	struct kg_eval_error *errors = arena_grow(x->arena, x->errors,
	    x->error_cap * sizeof(*errors), cap * sizeof(*errors));

	if (errors == NULL)
		return false;
	x->errors = errors;
	x->error_cap = cap;
	return true;
}

void
policy_error(struct decider *x, const struct policy *p, struct kg_slice message)
{
	/* Without room the last one gives way: that there was an error, and
	 * that it counts, must not be lost. */
	if (x->d->error_count == x->error_cap && !more_errors(x)) {
		if (p->ignore_errors)
			return;
		x->d->error_count--;
	}
	x->errors[x->d->error_count++] = (struct kg_eval_error){
		.policy = p->name,
		.message = message,
		.ignored = p->ignore_errors,
	};
}

static void
unknown_label(struct decider *x, const struct policy *p, struct kg_slice key)
{
	struct buf b;

	buf_init(&b, x->arena, DIAG_MESSAGE_MAX);
	buf_puts(&b, "the label ");
	buf_put_quoted(&b, key);
	buf_puts(&b, " of namespace ");
	buf_put_quoted(&b, x->ns.name);
	buf_puts(&b, " is not known here; give its Namespace object");
	policy_error(x, p,
	    buf_failed(&b) ? SLICE("namespace labels are not known")
			   : buf_slice(&b));
}

/* Advice only warns; and no refusal stops a static pod. */
static void
weaken(const struct decider *x, const struct enclave_finding *e,
    enum kg_action *action)
{
	if (e->advice && *action > KG_ACTION_WARN)
		*action = KG_ACTION_WARN;
	if (x->pod_call.mirror && *action > KG_ACTION_AUDIT)
		*action = KG_ACTION_AUDIT;
}

/* Takes over one policy's findings; false when they could not all be. */
static bool
take_findings(struct decider *x, const struct policy *p,
    const struct enclave_findings *found)
{
	const size_t mine = x->finding_count;
	bool all = !found->truncated;

	for (size_t i = 0; i < found->count && all; i++) {
		const struct enclave_finding *e = &found->list[i];
		struct kg_slice unknown_key = { NULL, 0 };
		struct kg_finding f = { .policy = p->name,
			.rule = slice_str(rule_info[e->rule].id),
			.pointer = e->pointer,
			.found = e->found,
			.allowed = e->allowed,
			.fix = e->fix };

		if (choose_action(x, p, e->rule, &f.action, &unknown_key) ==
		    MATCH_ERROR) {
			unknown_label(x, p, unknown_key);
			return true;
		}
		weaken(x, e, &f.action);
		if (f.action != KG_ACTION_OFF)
			all = add_finding(x, &f, mine);
	}
	return all;
}

static enum kg_status
judge_pod(struct decider *x, const struct policy *p)
{
	struct enclave_findings found = { 0 };
	struct kg_slice profile = { NULL, 0 };
	enum kg_status st = KG_OK;

	if (x->scan == NULL)
		st = enclave_scan(x->arena, &x->set->catalog, &x->pod,
		    &x->pod_call, &x->scan);
	if (st == KG_OK)
		st = enclave_judge(x->scan, &p->params, &found, &profile);
	if (st != KG_OK)
		return st;
	if (x->d->profile.len == 0)
		x->d->profile = profile;
	if (!take_findings(x, p, &found))
		policy_error(x, p, SLICE("more findings than can be kept"));
	return x->arena->failure;
}

static enum kg_status
judge_access(struct decider *x, const struct policy *p)
{
	struct enclave_findings found = { 0 };
	const enum kg_status st =
	    enclave_judge_access(x->arena, &p->params, &x->access, &found);

	if (st == KG_OK && !take_findings(x, p, &found))
		policy_error(x, p, SLICE("more findings than can be kept"));
	return st == KG_OK ? x->arena->failure : st;
}

/* The rules that are built in. */
enum kg_status
judge_native(struct decider *x, const struct policy *p)
{
	if (x->access.verb != ACCESS_NONE)
		return judge_access(x, p);
	if (x->kind != NULL && x->pod.spec != NULL)
		return judge_pod(x, p);
	return KG_OK;
}

static enum kg_status
ask_policy(struct decider *x, const struct policy *p)
{
	struct kg_slice unknown_key = { NULL, 0 };
	enum kg_status st;

	switch (
	    match_request(&p->match, &x->d->request, &x->ns, &unknown_key)) {
	case MATCH_NO:
		return KG_OK;
	case MATCH_ERROR:
		unknown_label(x, p, unknown_key);
		return KG_OK;
	case MATCH_YES:
		break;
	}
	st = judge_matched(x, p);
	if (st == KG_LIMIT && !arena_failed(x->arena)) {
		policy_error(x, p, too_large);
		return KG_OK;
	}
	if (st != KG_OK)
		policy_error(x, p, no_memory);
	return st;
}

/* --- Verdict --- */

struct sort_key {
	struct kg_finding finding;
	const struct value *object;
};

/* By policy, place in the document, rule. */
static int
finding_order(const void *left, const void *right)
{
	const struct sort_key *a = left, *b = right;
	int order = slice_cmp(a->finding.policy, b->finding.policy);

	if (order == 0)
		order = value_pointer_cmp(
		    a->object, a->finding.pointer, b->finding.pointer);
	if (order == 0)
		order = slice_cmp(a->finding.rule, b->finding.rule);
	return order;
}

static void
sort_findings(struct decider *x)
{
	struct sort_key *keys;

	if (x->finding_count < 2)
		return;
	keys = arena_array(x->arena, x->finding_count, sizeof(*keys));
	if (keys == NULL)
		return;
	for (size_t i = 0; i < x->finding_count; i++)
		keys[i] =
		    (struct sort_key){ x->findings[i], x->d->request.object };
	qsort(keys, x->finding_count, sizeof(*keys), finding_order);
	for (size_t i = 0; i < x->finding_count; i++)
		x->findings[i] = keys[i].finding;
}

/* That of the first finding that denies. */
static int
denial_code(const struct decider *x)
{
	for (size_t i = 0; i < x->finding_count; i++) {
		const struct kg_finding *f = &x->findings[i];

		if (f->action == KG_ACTION_DENY)
			return f->code != 0 ? (int)f->code : 403;
	}
	return 403;
}

static void
take_verdict(struct decider *x)
{
	struct kg_decision *d = x->d;
	enum kg_verdict verdict = KG_ALLOW;

	for (size_t i = 0; i < x->finding_count; i++) {
		if (x->findings[i].action == KG_ACTION_WARN &&
		    verdict < KG_WARN)
			verdict = KG_WARN;
		if (x->findings[i].action == KG_ACTION_DENY)
			verdict = KG_DENY;
	}
	for (size_t i = 0; i < d->error_count; i++) {
		if (!x->errors[i].ignored && verdict < KG_VERDICT_ERROR)
			verdict = KG_VERDICT_ERROR;
	}
	d->verdict = verdict;
	d->allowed = verdict <= KG_WARN;
	d->code = d->allowed ? 200 : verdict == KG_DENY ? denial_code(x) : 500;
	d->findings = x->findings;
	d->finding_count = x->finding_count;
	d->errors = x->errors;
	d->exceptions = x->uses;
	d->annotations = x->annotations;
}

/* The mutating phase patches nothing yet; refusing is validation's part. */
static void
allow_mutation(struct kg_decision *d)
{
	d->verdict = KG_ALLOW;
	d->allowed = true;
	d->code = 200;
}

enum kg_status
decide(struct kg_reviewer *r, const struct kg_ruleset *set,
    const struct kg_call *call)
{
	struct decider x = {
		.arena = &r->arena, .d = &r->decision, .set = set, .call = call
	};
	enum kg_status st;

	if (call->phase == KG_MUTATE) {
		allow_mutation(&r->decision);
		return KG_OK;
	}
	/* One more than policies: an arena failure is reported once. */
	x.error_cap = 2 * set->policy_count + 1;
	x.errors = arena_array(x.arena, x.error_cap, sizeof(*x.errors));
	x.custom = (struct custom_run){ .arena = x.arena,
		.eval = &r->eval,
		.set = set,
		.request = &r->decision.request };
	st = x.errors != NULL ? find_namespace(&x) : x.arena->failure;
	if (st != KG_OK) {
		r->decision.error = no_memory;
		return st;
	}
	find_pod(&x);
	find_access(&x);
	x.subject =
	    (struct exempt_subject){ &x.d->request, &x.pod, call->now_us };
	for (size_t i = 0; i < set->policy_count; i++) {
		if (st == KG_OK)
			st = ask_policy(&x, &set->policies[i]);
		else /* not asked is not allowed */
			policy_error(&x, &set->policies[i], no_memory);
	}
	sort_findings(&x);
	take_verdict(&x);
	return st;
}
