/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate serve: flags over the configuration file over defaults. */
#include "base/limits.h"
#include "cel/env.h"
#include "cli/cli.h"
#include "io/log.h"
#include "server/config.h"

/* What a flag that was not given leaves here. */
#define UNSET_INT (-1)
#define UNSET_WORD UINT_MAX

static struct {
	struct option_list policies, client_names;
	const char *listen, *admin, *cert, *key, *client_ca, *log, *config;
	unsigned sync, objects, failure, log_format, log_level, compat;
	int64_t rotate, threads, drain, max_body, max_connections, timeout;
	bool echo;
} opt = {
	.sync = UNSET_WORD,
	.objects = UNSET_WORD,
	.failure = UNSET_WORD,
	.log_format = UNSET_WORD,
	.log_level = UNSET_WORD,
	.compat = UNSET_WORD,
	.rotate = UNSET_INT,
	.threads = UNSET_INT,
	.drain = UNSET_INT,
	.max_body = UNSET_INT,
	.max_connections = UNSET_INT,
	.timeout = UNSET_INT,
};

static const struct option options[] = {
	{ .name = "policy",
	    .letter = 'p',
	    .type = OPTION_LIST,
	    .takes = TAKES_FILE,
	    .value_name = "FILE|DIR",
	    .help = "policies to judge by",
	    .fallback = "enclave-strict",
	    .target = &opt.policies },
	{ .name = "listen",
	    .type = OPTION_STRING,
	    .value_name = "ADDRESS:PORT",
	    .help = "HTTPS for the API server",
	    .fallback = "127.0.0.1:8443",
	    .target = &opt.listen },
	{ .name = "admin",
	    .type = OPTION_STRING,
	    .value_name = "ADDRESS:PORT",
	    .help = "health and metrics",
	    .fallback = "127.0.0.1:8081",
	    .target = &opt.admin },
	{ .name = "tls-cert",
	    .type = OPTION_STRING,
	    .takes = TAKES_FILE,
	    .value_name = "FILE",
	    .help = "serving certificate and its chain, PEM",
	    .target = &opt.cert },
	{ .name = "tls-key",
	    .type = OPTION_STRING,
	    .takes = TAKES_FILE,
	    .value_name = "FILE",
	    .help = "its private key, PEM",
	    .target = &opt.key },
	{ .name = "client-ca",
	    .type = OPTION_STRING,
	    .takes = TAKES_FILE,
	    .value_name = "FILE",
	    .help = "clients need a certificate of these authorities, PEM",
	    .target = &opt.client_ca },
	{ .name = "client-name",
	    .type = OPTION_LIST,
	    .value_name = "NAME",
	    .help = "... in this name (DNS or URI of the SAN, or CN)",
	    .fallback = "any",
	    .target = &opt.client_names },
	{ .name = "audit-log",
	    .type = OPTION_STRING,
	    .takes = TAKES_FILE,
	    .value_name = "FILE|-",
	    .help = "where decisions are recorded",
	    .fallback = "nowhere",
	    .target = &opt.log },
	{ .name = "audit-sync",
	    .type = OPTION_WORD,
	    .help = "when records are forced to disk; interval: every 5 ms",
	    .fallback = "interval",
	    .words = config_sync_words,
	    .target = &opt.sync },
	{ .name = "audit-rotate",
	    .type = OPTION_SIZE,
	    .value_name = "SIZE",
	    .help = "start a new log file at this size; 0: never",
	    .fallback = "256Mi",
	    .min = 0,
	    .max = INT64_MAX,
	    .target = &opt.rotate },
	{ .name = "audit-on-failure",
	    .type = OPTION_WORD,
	    .help = "what happens when a record cannot be written",
	    .fallback = "deny",
	    .words = config_failure_words,
	    .target = &opt.failure },
	{ .name = "audit-objects",
	    .type = OPTION_WORD,
	    .help = "how much of an object is recorded",
	    .fallback = "full",
	    .words = config_objects_words,
	    .target = &opt.objects },
	{ .name = "threads",
	    .type = OPTION_INT,
	    .value_name = "N",
	    .help = "reviewing threads",
	    .fallback = "one a core, at most 4",
	    .min = 1,
	    .max = 64,
	    .target = &opt.threads },
	{ .name = "drain",
	    .type = OPTION_DURATION,
	    .value_name = "TIME",
	    .help = "serve on for so long after SIGTERM",
	    .fallback = "5s",
	    .target = &opt.drain },
	{ .name = "max-body",
	    .type = OPTION_SIZE,
	    .value_name = "SIZE",
	    .help = "largest request body",
	    .fallback = "8Mi",
	    .min = BODY_MAX_FLOOR,
	    .max = BODY_MAX_CEILING,
	    .target = &opt.max_body },
	{ .name = "max-connections",
	    .type = OPTION_INT,
	    .value_name = "N",
	    .help = "connections at a time",
	    .fallback = "512",
	    .min = 1,
	    .max = 1000000,
	    .target = &opt.max_connections },
	{ .name = "request-timeout",
	    .type = OPTION_DURATION,
	    .value_name = "TIME",
	    .help = "cut a request that takes longer, from its first byte",
	    .fallback = "5s",
	    .target = &opt.timeout },
	{ .name = "cel-compat",
	    .type = OPTION_WORD,
	    .value_name = "1.36|1.37",
	    .help = "the release of Kubernetes whose language policies use",
	    .fallback = "1.36",
	    .words = cel_compat_words,
	    .target = &opt.compat },
	{ .name = "log-format",
	    .type = OPTION_WORD,
	    .value_name = "text|json",
	    .help = "of the operational log on standard error",
	    .fallback = "text",
	    .words = config_format_words,
	    .target = &opt.log_format },
	{ .name = "log-level",
	    .type = OPTION_WORD,
	    .value_name = "error|warn|info|debug",
	    .help = "the least important that is logged",
	    .fallback = "info",
	    .words = config_level_words,
	    .target = &opt.log_level },
	{ .name = "config",
	    .type = OPTION_STRING,
	    .takes = TAKES_FILE,
	    .value_name = "FILE",
	    .help = "a KeepgateConfiguration; flags win over it",
	    .target = &opt.config },
#ifdef KG_BENCH
	{ .name = "bench-echo",
	    .type = OPTION_FLAG,
	    .help = "answer without reviewing: the floor of the benchmark",
	    .target = &opt.echo },
#endif
	{ .name = NULL },
};

static void
set_text(const char **to, const char *flag)
{
	if (flag != NULL)
		*to = flag;
}

/* Flags over what stands there. */
static void
apply_flags(struct server_options *o)
{
	if (opt.policies.count > 0) {
		o->policies = opt.policies.items;
		o->policy_count = opt.policies.count;
	}
	set_text(&o->listen, opt.listen);
	set_text(&o->admin, opt.admin);
	set_text(&o->tls_cert, opt.cert);
	set_text(&o->tls_key, opt.key);
	set_text(&o->client_ca, opt.client_ca);
	if (opt.client_names.count > 0) {
		o->client_names = opt.client_names.items;
		o->client_name_count = opt.client_names.count;
	}
	if (opt.compat != UNSET_WORD)
		o->cel_compat = cel_compat_level(opt.compat);
	if (opt.log_format != UNSET_WORD)
		o->log_format = (enum log_format)opt.log_format;
	if (opt.log_level != UNSET_WORD)
		o->log_level = (enum log_level)opt.log_level;
	set_text(&o->audit_log, opt.log);
	if (opt.sync != UNSET_WORD)
		o->audit_sync = (enum journal_sync)opt.sync;
	if (opt.objects != UNSET_WORD)
		o->audit.objects = (enum audit_objects)opt.objects;
	if (opt.failure != UNSET_WORD)
		o->audit_fail_open = opt.failure == 1;
	if (opt.rotate != UNSET_INT)
		o->audit_rotate = (uint64_t)opt.rotate;
	if (opt.threads != UNSET_INT)
		o->threads = (unsigned)opt.threads;
	if (opt.drain != UNSET_INT)
		o->drain_us = opt.drain;
	if (opt.max_body != UNSET_INT)
		o->max_body = (size_t)opt.max_body;
	if (opt.max_connections != UNSET_INT)
		o->max_connections = (unsigned)opt.max_connections;
	if (opt.timeout != UNSET_INT)
		o->request_timeout_us = opt.timeout;
	o->echo = opt.echo;
}

static int
serve(struct arena *arena)
{
	struct server_options o = {
		.listen = "127.0.0.1:8443",
		.admin = "127.0.0.1:8081",
		.audit_sync = JOURNAL_SYNC_INTERVAL,
		.audit_rotate = 256u * MIB,
		.audit = { .objects = AUDIT_FULL },
		.drain_us = 5000000,
		.request_timeout_us = 5000000,
		.max_body = BODY_MAX_DEFAULT,
		.max_connections = 512,
		.log_level = LOG_INFO,
	};
	struct kg_diags *diags = kg_diags_new();
	bool ok = diags != NULL;

	if (ok && opt.config != NULL)
		ok = config_read(opt.config, arena, diags, &o);
	print_diags(diags);
	kg_diags_free(diags);
	if (!ok)
		return EXIT_ERROR;
	apply_flags(&o);
	if (o.tls_cert == NULL || o.tls_key == NULL)
		return cli_error("serve needs --tls-cert and --tls-key");
	if (o.client_name_count > 0 && o.client_ca == NULL)
		return cli_error("--client-name needs --client-ca");
	return server_run(&o);
}

static int
run_serve(size_t count, const char *const *arguments)
{
	struct arena arena;
	int code;

	(void)count;
	(void)arguments;
	arena_init(&arena, 16 * MIB);
	code = serve(&arena);
	arena_release(&arena);
	free(opt.policies.items);
	free(opt.client_names.items);
	return code;
}

static const struct term exits[] = {
	{ "0", "an orderly end, after SIGTERM or SIGINT" },
	{ "2", "it could not start" },
	{ NULL, NULL },
};

static const struct term signals[] = {
	{ "SIGTERM", "drain: unready, serve on for --drain, finish, end" },
	{ "SIGINT", "the same" },
	{ "SIGHUP", "look at policies and certificates at once" },
	{ NULL, NULL },
};

static const struct term paths[] = {
	{ "/v1/validate", "judges (POST, HTTPS)" },
	{ "/v1/mutate", "allows without a patch (POST, HTTPS)" },
	{ "/healthz", "the process runs (admin port)" },
	{ "/readyz", "it takes requests (admin port)" },
	{ "/metrics", "for Prometheus (admin port)" },
	{ NULL, NULL },
};

static const struct term statuses[] = {
	{ "200", "a review was answered, whatever the verdict" },
	{ "400", "no HTTP, or no AdmissionReview" },
	{ "403", "the client's certificate is not of --client-name" },
	{ "404", "no such path" },
	{ "405", "another method than POST" },
	{ "411", "no Content-Length" },
	{ "413", "a body larger than --max-body" },
	{ "415", "another Content-Type than application/json" },
	{ "500", "memory ran out; the API server's failurePolicy decides" },
	{ "503", "/readyz: not ready, and why" },
	{ NULL, NULL },
};

static const struct term metrics[] = {
	{ "keepgate_admission_requests_total",
	    "requests by phase, verdict, operation and resource" },
	{ "keepgate_admission_duration_seconds",
	    "time from the last byte of a request to its answer" },
	{ "keepgate_findings_total", "findings by rule and action" },
	{ "keepgate_exceptions_total",
	    "findings that an exception let pass, by policy and rule" },
	{ "keepgate_ruleset_info", "the hash of the rule set in force" },
	{ "keepgate_reloads_total",
	    "reloads of policies, certificate and client CA, by result" },
	{ "keepgate_reload_failing",
	    "1 while the last reload of it failed and the old is in force" },
	{ "keepgate_journal_failures_total",
	    "audit records that could not be written or synced" },
	{ "keepgate_certificate_expiry_seconds",
	    "seconds until a certificate expires" },
	{ NULL, NULL },
};

static const struct section sections[] = {
	{ "paths", paths },
	{ "signals", signals },
	{ "HTTP status", statuses },
	{ "metrics", metrics },
	{ NULL, NULL },
};

static const struct term examples[] = {
	{ "keepgate serve -p policies/ --tls-cert tls.crt --tls-key tls.key "
	  "--audit-log audit.log",
	    "a webhook on 127.0.0.1:8443 that records what it decides" },
	{ NULL, NULL },
};

const struct command cmd_serve = {
	.name = "serve",
	.summary = "answer the API server: the webhook",
	.arguments = "",
	.text = "Two ports: HTTPS for the API server, plain HTTP for health "
		"and metrics. Decisions are recorded in the audit log before "
		"they are answered.\n\n"
		"Everything can stand in a KeepgateConfiguration file as well; "
		"flags win over it.",
	.options = options,
	.exits = exits,
	.examples = examples,
	.sections = sections,
	.see_also = (const char *const[]){ "audit verify", "check", NULL },
	.run = run_serve,
};
