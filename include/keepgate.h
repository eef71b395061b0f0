/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keepgate as a library: compile policies into a rule set, review admission
 * requests with it, and turn decisions into audit records. It does no I/O and
 * keeps no global state.
 *
 * Words used in contracts: *borrows* (the default: the callee only looks, for
 * the duration of the call), *takes* (the callee frees, even on failure),
 * *gives* (the caller frees), *arena* (lives as long as the named owner).
 *
 * Threads: a rule set is immutable and may be shared; a reviewer belongs to
 * one thread at a time; a chain is guarded by its owner (src/io/journal.h).
 */
#ifndef KEEPGATE_H
#define KEEPGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEEPGATE_VERSION "0.1.0"
#define KEEPGATE_DATE "November 24, 2026" /* of the version, for manuals */

#if defined(__GNUC__)
#define KG_MUST_CHECK __attribute__((warn_unused_result))
#define KG_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define KG_PUBLIC __attribute__((visibility("default")))
#else
#define KG_MUST_CHECK
#define KG_PRINTF(fmt, args)
#define KG_PUBLIC
#endif

/* What kind of thing went wrong; where and why stand in diagnostics. */
enum kg_status {
	KG_OK = 0,
	KG_NOMEM,   /* the system has no memory left */
	KG_LIMIT,   /* a cap of base/limits.h was met */
	KG_SYNTAX,  /* the bytes are not JSON or YAML */
	KG_INVALID, /* well formed, but not what was asked for */
	KG_IO,      /* the system refused; only from io/ and server/ */
};

/* Bytes with a length; not NUL-terminated, may hold NULs. {NULL, 0} is empty.
 */
struct kg_slice {
	const char *ptr;
	size_t len;
};

/* --- Diagnostics --- */

enum kg_severity {
	KG_ERROR,
	KG_WARNING,
	KG_NOTE,
};

/* One message. Slices live as long as the kg_diags that holds it. */
struct kg_diag {
	enum kg_severity severity;
	struct kg_slice file;   /* "" when the message belongs to no file */
	unsigned document;      /* 1-based number within the file; 0: none */
	unsigned line;          /* 1-based; 0 when there is no position */
	unsigned column;        /* 1-based, in code points */
	struct kg_slice source; /* the line, or the part around the place */
	unsigned caret;         /* 1-based column within source */
	struct kg_slice message;
};

/* A growing list of messages; past KG_DIAGS_MAX only errors are counted. */
struct kg_diags;

KG_PUBLIC struct kg_diags *kg_diags_new(
    void) KG_MUST_CHECK; /* NULL: no memory */
KG_PUBLIC void kg_diags_free(struct kg_diags *diags);
KG_PUBLIC size_t kg_diags_count(const struct kg_diags *diags);
KG_PUBLIC size_t kg_diags_errors(const struct kg_diags *diags);
KG_PUBLIC const struct kg_diag *kg_diags_get(
    const struct kg_diags *diags, size_t index);

/* --- Rule sets --- */

/* One policy file: its name for messages, and its bytes (YAML or JSON). */
struct kg_source {
	struct kg_slice name;
	struct kg_slice text;
};

struct kg_options {
	/*
	 * The rule set will judge live requests without a cluster snapshot:
	 * selectors over namespace labels other than
	 * kubernetes.io/metadata.name are refused.
	 */
	bool live;
	/* What expressions are compatible with: 136 or 137, for Kubernetes
	 * 1.36 and 1.37; 0: 136. */
	unsigned cel_compat;
};

/* Compiled policies and profiles: immutable, hashed, shared by threads. */
struct kg_ruleset;

/*
 * Compiles all documents of the sources: EnclavePolicy, EnclaveProfile,
 * EnclaveException, Namespace, and List of these; other kinds are errors.
 * Without any policy among them the embedded pack enclave-strict is in force,
 * with a note. Reports every error it can find. On KG_OK *out holds a reference
 * that the caller gives back with kg_ruleset_unref(); otherwise it is NULL.
 * Borrows the sources.
 */
KG_PUBLIC enum kg_status kg_ruleset_compile(const struct kg_source *sources,
    size_t count, const struct kg_options *options, struct kg_diags *diags,
    struct kg_ruleset **out) KG_MUST_CHECK;

KG_PUBLIC struct kg_ruleset *kg_ruleset_ref(struct kg_ruleset *set);
KG_PUBLIC void kg_ruleset_unref(struct kg_ruleset *set);

/*
 * 64 hexadecimal digits: SHA-256 over the documents in force, sorted by kind
 * and name, each as canonical JSON (RFC 8785) and a newline.
 */
KG_PUBLIC struct kg_slice kg_ruleset_hash(const struct kg_ruleset *set);

/* --- Reviews --- */

enum kg_phase {
	KG_VALIDATE,
	KG_MUTATE,
};

/* Ordered by strength as a request's verdict: the greatest wins. */
enum kg_verdict {
	KG_ALLOW,
	KG_WARN,
	KG_VERDICT_ERROR,
	KG_DENY,
};

/* What a finding does. Ordered by strength. */
enum kg_action {
	KG_ACTION_OFF,
	KG_ACTION_EXCEPTED, /* by an EnclaveException */
	KG_ACTION_AUDIT,
	KG_ACTION_WARN,
	KG_ACTION_DENY,
};

/* What the caller knows about a call and the request itself does not say. */
struct kg_call {
	enum kg_phase phase;
	/*
	 * The body was made from a bare manifest, not by an API server: a
	 * finding in a pod template keeps the pod's action, and an object
	 * that carries metadata.uid is a dump of a running one (NOD-003).
	 */
	bool manifest;
	/*
	 * The decision will be recorded with its objects: where their text
	 * stands in the body is kept.
	 */
	bool recorded;
	/*
	 * JSON object with the labels of the request's namespace, from
	 * outside the rule set; empty when the caller does not know them.
	 */
	struct kg_slice namespace_labels;
	/*
	 * Wall clock, in microseconds since 1970; the library reads none.
	 * 0: not known, and then no exception holds.
	 */
	int64_t now_us;
};

struct kg_finding {
	struct kg_slice policy;  /* name of the policy */
	struct kg_slice rule;    /* "EPC-001" */
	enum kg_action action;   /* never off */
	struct kg_slice pointer; /* RFC 6901, into the object as received */
	struct kg_slice found;
	struct kg_slice allowed;
	struct kg_slice fix;
	/* Of a policy's own validation: `found` is its message, pointer,
	 * allowed and fix are empty, and this is the code of a denial (403,
	 * 413 or 422). Of a built-in rule: 0. */
	unsigned code;
};

/* What a policy's auditAnnotations say. The name is <policy>.<key>: the API
 * server puts its own name of the webhook and a slash in front. */
struct kg_annotation {
	struct kg_slice name, value;
};

/* An evaluation error of one policy, and what its failurePolicy made of it. */
struct kg_eval_error {
	struct kg_slice policy;
	struct kg_slice message;
	bool ignored; /* failurePolicy: Ignore */
};

/* One use of an EnclaveException: it took this finding's action away. */
struct kg_exception_use {
	struct kg_slice exception; /* name */
	struct kg_slice policy, rule, pointer;
};

struct kg_gvk {
	struct kg_slice group, version, kind;
};

struct kg_gvr {
	struct kg_slice group, version, resource;
};

/* The request as it was received; members that were absent are empty. */
struct kg_request {
	struct kg_slice api_version; /* admission.k8s.io/v1 or .../v1beta1 */
	struct kg_slice uid;
	struct kg_gvk kind;
	struct kg_gvr resource;
	struct kg_slice subresource;
	struct kg_slice name, generate_name, ns;
	struct kg_slice operation; /* CREATE, UPDATE, DELETE or CONNECT */
	struct kg_slice username;
	const struct kg_slice *groups;
	size_t group_count;
	bool dry_run;
	const struct value *raw;        /* the request's object itself */
	const struct value *object;     /* src/value/value.h; NULL: absent */
	const struct value *old_object; /* or null */
};

/*
 * What was decided, and on what. Everything in it lives in the reviewer's
 * arena until the next review, or in the body that was reviewed.
 */
struct kg_decision {
	enum kg_phase phase;
	enum kg_verdict verdict;
	bool allowed;
	int code;       /* 200 allowed, 403 denied, 500 evaluation error, 400
			   malformed */
	bool malformed; /* no request could be read from the body; code says
			   whose fault it is */
	struct kg_slice error; /* why, when malformed */
	struct kg_slice body;  /* as given to kg_review() */
	struct kg_request request;
	struct kg_slice profile;           /* judging profile; "" none */
	const struct kg_finding *findings; /* by policy, place, rule */
	size_t finding_count;
	const struct kg_eval_error *errors;
	size_t error_count;
	const struct kg_exception_use *exceptions;
	size_t exception_count;
	const struct kg_annotation *annotations;
	size_t annotation_count;
	struct kg_slice ruleset; /* hash */
};

/* Arena and scratch of one reviewing thread. */
struct kg_reviewer;

KG_PUBLIC enum kg_status kg_reviewer_new(
    struct kg_reviewer **out) KG_MUST_CHECK;
KG_PUBLIC void kg_reviewer_free(struct kg_reviewer *reviewer);

/*
 * Where expressions find time zones: the TZif data of one by name, which has
 * to live as long as the reviewer; {NULL, 0}: there is none of this name.
 * Without it they know UTC and fixed offsets alone.
 */
typedef struct kg_slice kg_zone_fn(void *context, struct kg_slice name);

KG_PUBLIC void kg_reviewer_set_zones(
    struct kg_reviewer *reviewer, kg_zone_fn *find, void *context);

/*
 * Reviews one AdmissionReview (admission.k8s.io v1 or v1beta1). The body is
 * borrowed until the next review and never written. KG_OK: a decision was
 * reached (any verdict). KG_SYNTAX, KG_INVALID, KG_LIMIT: the body is
 * malformed; *out still holds a decision (malformed, code 400) that can be
 * recorded and answered. KG_NOMEM: *out is a decision of verdict error (code
 * 500) with what could be read; malformed when that is not even the request.
 */
KG_PUBLIC enum kg_status kg_review(struct kg_reviewer *reviewer,
    const struct kg_ruleset *set, const struct kg_call *call,
    struct kg_slice body, const struct kg_decision **out) KG_MUST_CHECK;

/*
 * The AdmissionReview answer in the request's own version, without a final
 * newline; for a malformed body one line of text. Arena of the reviewer.
 */
KG_PUBLIC enum kg_status kg_decision_reply(struct kg_reviewer *reviewer,
    const struct kg_decision *decision, struct kg_slice *out) KG_MUST_CHECK;

/* "allow", "warn", "deny", "error" / "off", "excepted", "audit",
 * "warn", "deny" */
KG_PUBLIC const char *kg_verdict_name(enum kg_verdict verdict);
KG_PUBLIC const char *kg_action_name(enum kg_action action);

/* --- The rules that are built in --- */

struct kg_rule_info {
	const char *id;        /* "EPC-001" */
	enum kg_action action; /* default */
	const char *title;     /* one line */
	const char *text;      /* why it exists and what it checks */
	const char *fix;       /* what to change */
	const char *example;   /* YAML of a pod that it refuses */
	const char *fixed;     /* YAML of the same pod, mended */
};

KG_PUBLIC size_t kg_rule_count(void);
KG_PUBLIC const struct kg_rule_info *kg_rule_get(size_t index);

#endif
