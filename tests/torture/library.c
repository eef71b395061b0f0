/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the library, the journal and the server. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/verify.h"
#include "base/limits.h"
#include "io/certs.h"
#include "io/file.h"
#include "io/journal.h"
#include "io/policies.h"
#include "server/server.h"
#include "torture/alloc.h"
#include "torture/torture.h"

static const char *const policies[] = { "policies/profiles",
	"policies/enclave-strict/policy.yaml",
	"tests/torture/expressions.yaml" };
static const struct kg_options live = { .live = true };
#define POLICIES (sizeof(policies) / sizeof(policies[0]))

static struct kg_ruleset *set; /* compiled when nothing failed */
static struct file *denied;    /* a review that is denied */
static struct kg_slice large;  /* the same with much in it */
static const struct audit_policy audit = { .objects = AUDIT_FULL };

static enum outcome
of(enum kg_status st)
{
	return st == KG_OK ? OUTCOME_RIGHT : OUTCOME_REFUSED;
}

/* --- A rule set --- */

static enum outcome
run_compile(const struct turn *t, const char *folder)
{
	struct kg_diags *diags = kg_diags_new();
	struct kg_ruleset *other = NULL;
	enum kg_status st = KG_NOMEM;
	enum outcome outcome;

	(void)t;
	(void)folder;
	if (diags != NULL)
		st = policies_load(policies, POLICIES, &live, diags, &other);
	outcome = of(st);
	/* Half a rule set would be worse than none. */
	if (st == KG_OK &&
	    !slice_eq(kg_ruleset_hash(other), kg_ruleset_hash(set)))
		outcome = OUTCOME_WRONG;
	if (st != KG_OK && other != NULL)
		outcome = OUTCOME_WRONG;
	kg_ruleset_unref(other);
	kg_diags_free(diags);
	return outcome;
}

/* --- A review --- */

static bool
holds(struct kg_slice text, const char *part)
{
	const size_t n = strlen(part);

	for (size_t i = 0; i + n <= text.len; i++) {
		if (memcmp(text.ptr + i, part, n) == 0)
			return true;
	}
	return false;
}

/* Whatever fails: no allow, in the decision, the answer or the record. */
static enum outcome
judge(struct kg_reviewer *reviewer, struct kg_slice body)
{
	const struct kg_call call = { .phase = KG_VALIDATE, .recorded = true };
	const struct record_context context = { .time_us = 1, .latency_us = 1 };
	struct kg_slice reply = { NULL, 0 }, record = { NULL, 0 };
	const struct kg_decision *d = NULL;
	enum kg_status st = kg_review(reviewer, set, &call, body, &d), st2, st3;
	struct arena arena;
	bool wrong;

	if (d == NULL || d->allowed || (d->malformed && d->code != 500) ||
	    d->verdict < KG_VERDICT_ERROR ||
	    (st == KG_OK && d->verdict != KG_DENY))
		return OUTCOME_WRONG;
	arena_init(&arena, RECORD_MAX);
	st2 = kg_decision_reply(reviewer, d, &reply);
	st3 = record_decision(&arena, &audit, set, d, &context, &record);
	wrong = (st2 == KG_OK && !d->malformed &&
		    !holds(reply, "\"allowed\":false")) ||
	    (st3 == KG_OK && !holds(record, "\"allowed\":false") &&
		!holds(record, "\"verdict\":\"deny\"") &&
		!holds(record, "\"verdict\":\"error\""));
	arena_release(&arena);
	if (wrong)
		return OUTCOME_WRONG;
	return st == KG_OK && st2 == KG_OK && st3 == KG_OK ? OUTCOME_RIGHT
							   : OUTCOME_REFUSED;
}

/* Twice: the second review has what the first left. */
static enum outcome
review(struct kg_slice body)
{
	struct kg_reviewer *reviewer = NULL;
	enum outcome first, second;

	if (kg_reviewer_new(&reviewer) != KG_OK)
		return OUTCOME_REFUSED;
	first = judge(reviewer, body);
	second = judge(reviewer, body);
	kg_reviewer_free(reviewer);
	return first > second ? first : second;
}

static enum outcome
run_review(const struct turn *t, const char *folder)
{
	(void)t;
	(void)folder;
	return review(slice_of(denied->text, denied->len));
}

static enum outcome
run_large(const struct turn *t, const char *folder)
{
	(void)t;
	(void)folder;
	return review(large);
}

/* --- The journal --- */

static enum kg_status
write_log(const char *path)
{
	const struct journal_options o = { .path = path,
		.sync = JOURNAL_SYNC_INTERVAL,
		.rotate_bytes = 0,
		.ruleset = kg_ruleset_hash(set) };
	const struct kg_slice body =
	    SLICE(",\"time\":\"2026-11-23T14:30:00.123456Z\",\"type\":"
		  "\"decision\",\"verdict\":\"deny\",\"namespace\":\"n\","
		  "\"user\":{\"username\":\"u\"},\"findings\":[{\"rule\":"
		  "\"NOD-001\"}]}");
	char error[JOURNAL_ERROR_MAX];
	struct journal *j = NULL;
	enum kg_status st = journal_open(&o, &j, error);

	if (st != KG_OK)
		return st;
	for (int i = 0; i < 3 && st == KG_OK; i++)
		st = journal_append(j, &body, 1);
	journal_close(j);
	return st;
}

/* Whatever happened, what is in the file is a chain. */
static bool
is_chain(const char *path)
{
	struct kg_diags *diags = kg_diags_new();
	struct arena arena, names;
	struct file *file = NULL;
	struct keytab keys;
	struct kg_slice rest;
	struct verifier v;
	struct buf why;
	bool ok;

	arena_init(&arena, RECORD_MAX);
	arena_init(&names, MIB);
	ok = file_read(path, diags, &file) == KG_OK &&
	    keytab_init(&keys, &names) == KG_OK && verifier_init(&v) == KG_OK;
	rest = ok ? slice_of(file->text, file->len) : slice_of(NULL, 0);
	while (ok && rest.len > 0) {
		buf_init(&why, &arena, KIB);
		ok = verifier_line(&v, &arena, &keys, slice_cut(&rest, '\n'),
			 &why) == KG_OK;
		arena_reset(&arena);
	}
	verifier_release(&v);
	file_free(file);
	arena_release(&names);
	arena_release(&arena);
	kg_diags_free(diags);
	return ok;
}

static enum outcome
run_journal(const struct turn *t, const char *folder)
{
	char path[128];
	enum kg_status st;

	(void)t;
	(void)snprintf(path, sizeof(path), "%s/turn.log", folder);
	(void)unlink(path);
	st = write_log(path);
	(void)alloc_stop();
	if (access(path, F_OK) == 0 && !is_chain(path))
		return OUTCOME_WRONG;
	return of(st);
}

/* --- The server: start, reload, orderly end --- */

static enum outcome
run_server(const struct turn *t, const char *folder)
{
	char cert[128], key[128], log[128];
	const struct server_options o = { .policies = policies,
		.policy_count = POLICIES,
		.listen = "127.0.0.1:0",
		.admin = "127.0.0.1:0",
		.tls_cert = cert,
		.tls_key = key,
		.audit_log = log,
		.audit_sync = JOURNAL_SYNC_INTERVAL,
		.audit = audit,
		.threads = 1,
		.request_timeout_us = 5000000,
		.max_body = BODY_MAX_DEFAULT,
		.max_connections = 8 };
	sigset_t signals;
	int code;

	(void)t;
	(void)snprintf(cert, sizeof(cert), "%s/tls.crt", folder);
	(void)snprintf(key, sizeof(key), "%s/tls.key", folder);
	(void)snprintf(log, sizeof(log), "%s/server.log", folder);
	(void)unlink(log);
	/* They wait until the server asks: first a reload, then the end. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	(void)kill(getpid(), SIGHUP);
	(void)kill(getpid(), SIGTERM);
	code = server_run(&o);
	(void)alloc_stop();
	if (access(log, F_OK) == 0 && !is_chain(log))
		return OUTCOME_WRONG;
	return code == 0 ? OUTCOME_RIGHT
	    : code == 2  ? OUTCOME_REFUSED
			 : OUTCOME_WRONG;
}

/* --- Certificates --- */

static enum kg_status
make_certs(const char *folder)
{
	const struct certs_options o = { .dir = folder,
		.service = "keepgate",
		.space = "keepgate-system",
		.days = 300,
		.ca_days = 600,
		.force = true };
	char error[CERTS_ERROR_MAX] = "";
	struct certs_made made;
	struct arena arena;
	enum kg_status st;

	arena_init(&arena, MIB);
	st = certs_init(&o, &arena, &made, error);
	arena_release(&arena);
	return st != KG_OK && error[0] == '\0' ? KG_LIMIT : st;
}

static enum outcome
run_certs(const struct turn *t, const char *folder)
{
	const enum kg_status st = make_certs(folder);

	(void)t;
	return st == KG_LIMIT ? OUTCOME_WRONG : of(st);
}

/* --- What they work on --- */

/* A review of about 2 MB that is denied for the pod at its end. */
static bool
make_large(void)
{
	const struct kg_slice text = slice_of(denied->text, denied->len);
	const size_t head = slice_find(text, '{') + 1;
	static const char filler[] = "\"options\":{\"a\":[[],{},1.5,\"x\"]},";
	const size_t size = 2000000;
	char *out = malloc(size + text.len);
	size_t len = 0;

	if (out == NULL)
		return false;
	memcpy(out, text.ptr, head);
	len = head;
	len += (size_t)snprintf(out + len, 32, "\"filler\":[");
	while (len < size - 64)
		len += (size_t)snprintf(out + len, 64, "{%.*s\"b\":null},",
		    (int)sizeof(filler) - 1, filler);
	len += (size_t)snprintf(out + len, 32, "0],");
	memcpy(out + len, text.ptr + head, text.len - head);
	large = slice_of(out, len + text.len - head);
	return true;
}

bool
library_prepare(const char *folder)
{
	struct kg_diags *diags = kg_diags_new();
	char log[128];
	bool ok;

	(void)snprintf(log, sizeof(log), "%s/audit.log", folder);
	ok = diags != NULL &&
	    policies_load(policies, POLICIES, &live, diags, &set) == KG_OK &&
	    file_read("examples/reviews/3-misbuilt-enclave-pod.json", diags,
		&denied) == KG_OK &&
	    make_large() && make_certs(folder) == KG_OK &&
	    write_log(log) == KG_OK;
	if (diags != NULL && !ok)
		print_diags(diags);
	kg_diags_free(diags);
	return ok;
}

const struct turn library_turns[] = {
	{ .name = "compile", .run = run_compile },
	{ .name = "review", .run = run_review },
	{ .name = "large review", .run = run_large },
	{ .name = "journal", .run = run_journal },
	{ .name = "server", .run = run_server, .talks = true },
	{ .name = "certificates", .run = run_certs },
	{ .name = NULL },
};
