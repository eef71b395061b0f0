/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate certs init and show: certificates made, and looked at. */
#include "base/limits.h"
#include "base/time.h"
#include "cli/cli.h"
#include "io/certs.h"
#include "io/file.h"
#include "value/writer.h"

#define DAYS_MAX 36500

/* "2027-11-25T18:00:00Z": certificates know no fractions. */
static const char *
time_of(int64_t seconds, char space[TIME_TEXT_LEN + 1])
{
	time_text(seconds * 1000000, space);
	space[19] = 'Z';
	space[20] = '\0';
	return space;
}

/* "DNS:a, IP:b" as a list. */
static void
write_names(struct writer *w, struct kg_slice names)
{
	writer_name(w, "names");
	writer_list(w);
	while (names.ptr != NULL)
		writer_string(w, slice_trim(slice_cut(&names, ',')));
	writer_end(w);
}

static int
print_buf(const struct buf *b)
{
	if (buf_failed(b))
		return cli_error("out of memory");
	(void)fwrite(b->ptr, 1, b->len, stdout);
	putchar('\n');
	return EXIT_OK;
}

/* --- init --- */

enum { FORM_TEXT, FORM_JSON, FORM_BUNDLE };

static struct {
	const char *dir, *service, *space;
	struct option_list dns, ips;
	int64_t days, ca_days;
	unsigned output;
	bool force;
} init = {
	.service = "keepgate",
	.space = "keepgate-system",
	.days = 365,
	.ca_days = 3650,
};

static const char *const forms[] = { "text", "json", "ca-bundle", NULL };

static const struct option init_options[] = {
	{ .name = "dir",
	    .type = OPTION_STRING,
	    .takes = TAKES_DIR,
	    .value_name = "DIR",
	    .help = "where ca.crt, ca.key, tls.crt and tls.key are written",
	    .target = &init.dir },
	{ .name = "service",
	    .type = OPTION_STRING,
	    .value_name = "NAME",
	    .help = "the Service that the API server calls",
	    .fallback = "keepgate",
	    .target = &init.service },
	{ .name = "namespace",
	    .letter = 'n',
	    .type = OPTION_STRING,
	    .value_name = "NAMESPACE",
	    .help = "the namespace of that Service",
	    .fallback = "keepgate-system",
	    .target = &init.space },
	{ .name = "dns",
	    .type = OPTION_LIST,
	    .value_name = "NAME",
	    .help = "one more DNS name",
	    .target = &init.dns },
	{ .name = "ip",
	    .type = OPTION_LIST,
	    .value_name = "ADDRESS",
	    .help = "an IP address",
	    .target = &init.ips },
	{ .name = "days",
	    .type = OPTION_INT,
	    .value_name = "N",
	    .help = "how long the serving certificate is valid",
	    .fallback = "365",
	    .min = 1,
	    .max = DAYS_MAX,
	    .target = &init.days },
	{ .name = "ca-days",
	    .type = OPTION_INT,
	    .value_name = "N",
	    .help = "how long a new CA is valid",
	    .fallback = "3650",
	    .min = 1,
	    .max = DAYS_MAX,
	    .target = &init.ca_days },
	{ .name = "force",
	    .type = OPTION_FLAG,
	    .help = "replace a serving certificate that is there",
	    .target = &init.force },
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output; ca-bundle: the CA in base64 and "
		    "nothing else",
	    .words = forms,
	    .target = &init.output },
	{ .name = NULL },
};

static void
print_made(const struct certs_made *m)
{
	char end[TIME_TEXT_LEN + 1];

	if (m->new_ca)
		printf("new CA, valid to %s: %s, its key: %s\n",
		    time_of(m->ca_not_after_s, end), m->ca_path,
		    m->ca_key_path);
	else
		printf("CA that was there, valid to %s: %s\n",
		    time_of(m->ca_not_after_s, end), m->ca_path);
	printf("serving certificate, valid to %s: %s, its key: %s\n",
	    time_of(m->not_after_s, end), m->cert_path, m->key_path);
	printf("names: %.*s\n", SLICE_ARG(m->names));
	printf("caBundle: %.*s\n", SLICE_ARG(m->ca_bundle));
}

static void
write_issued(struct writer *w, const char *name, const char *cert,
    const char *key, int64_t not_after_s)
{
	char end[TIME_TEXT_LEN + 1];

	writer_name(w, name);
	writer_object(w);
	writer_member(w, "certificate", slice_str(cert));
	writer_member(w, "key", slice_str(key));
	writer_member(w, "notAfter", slice_str(time_of(not_after_s, end)));
	writer_end(w);
}

static int
print_made_json(struct arena *arena, const struct certs_made *m)
{
	struct writer w;
	struct buf b;

	buf_init(&b, arena, MIB);
	writer_init(&w, &b);
	writer_object(&w);
	write_issued(&w, "ca", m->ca_path, m->ca_key_path, m->ca_not_after_s);
	writer_name(&w, "newCa");
	writer_bool(&w, m->new_ca);
	write_issued(&w, "serving", m->cert_path, m->key_path, m->not_after_s);
	write_names(&w, m->names);
	writer_member(&w, "caBundle", m->ca_bundle);
	writer_end(&w);
	return print_buf(&b);
}

static int
init_in(struct arena *arena)
{
	const struct certs_options o = { .dir = init.dir,
		.service = init.service,
		.space = init.space,
		.dns = init.dns.items,
		.dns_count = init.dns.count,
		.ips = init.ips.items,
		.ip_count = init.ips.count,
		.days = init.days,
		.ca_days = init.ca_days,
		.force = init.force };
	char error[CERTS_ERROR_MAX];
	struct certs_made made;

	if (certs_init(&o, arena, &made, error) != KG_OK)
		return cli_error("%s", error);
	if (init.output == FORM_JSON)
		return print_made_json(arena, &made);
	if (init.output == FORM_BUNDLE)
		printf("%.*s\n", SLICE_ARG(made.ca_bundle));
	else
		print_made(&made);
	return EXIT_OK;
}

static int
run_init(size_t count, const char *const *arguments)
{
	struct arena arena;
	int code;

	(void)count;
	(void)arguments;
	if (init.dir == NULL)
		return cli_error("certs init needs --dir DIR");
	arena_init(&arena, 16 * MIB);
	code = init_in(&arena);
	arena_release(&arena);
	free(init.dns.items);
	free(init.ips.items);
	return code;
}

const struct command cmd_certs_init = {
	.name = "certs init",
	.summary = "make a CA and the webhook's serving certificate",
	.arguments = "",
	.text = "The certificate is good for the Service's names, SERVICE, "
		"SERVICE.NAMESPACE, with .svc and .svc.cluster.local behind "
		"it, and for those of --dns and --ip. Keys are ECDSA P-256, "
		"readable by their owner alone.\n\n"
		"A CA that is in the directory issues again: --force then "
		"renews the serving certificate and leaves the CA as it is. "
		"To change the CA, make a new one in another directory and "
		"put both into caBundle until the server has the new "
		"certificate.",
	.options = init_options,
	.exits =
	    (const struct term[]){
		{ "0", "the files are written" },
		{ "2", "nothing was written, or not all, and why is said" },
		{ NULL, NULL },
	    },
	.examples =
	    (const struct term[]){
		{ "keepgate certs init --dir certs",
		    "for the Service keepgate in keepgate-system" },
		{ "keepgate certs init --dir certs --force -o ca-bundle",
		    "renew, and print what caBundle must hold" },
		{ NULL, NULL },
	    },
	.see_also = (const char *const[]){ "certs show", "serve", NULL },
	.run = run_init,
};

/* --- show --- */

static struct {
	const char *key, *ca, *service, *space;
	int64_t warn_days;
	unsigned output;
} show = { .space = "keepgate-system", .warn_days = 30 };

static const struct option show_options[] = {
	{ .name = "key",
	    .type = OPTION_STRING,
	    .takes = TAKES_FILE,
	    .value_name = "FILE",
	    .help = "private key that must be the certificate's",
	    .target = &show.key },
	{ .name = "ca",
	    .type = OPTION_STRING,
	    .takes = TAKES_FILE,
	    .value_name = "FILE",
	    .help = "CA by which the chain must verify, as caBundle",
	    .target = &show.ca },
	{ .name = "service",
	    .type = OPTION_STRING,
	    .value_name = "NAME",
	    .help = "Service that the certificate must be good for",
	    .target = &show.service },
	{ .name = "namespace",
	    .letter = 'n',
	    .type = OPTION_STRING,
	    .value_name = "NAMESPACE",
	    .help = "the namespace of that Service",
	    .fallback = "keepgate-system",
	    .target = &show.space },
	{ .name = "warn-days",
	    .type = OPTION_INT,
	    .value_name = "N",
	    .help = "to expire within so many days is a problem",
	    .fallback = "30",
	    .min = 0,
	    .max = DAYS_MAX,
	    .target = &show.warn_days },
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output; json: one document a file, one a line",
	    .words = output_words,
	    .target = &show.output },
	{ .name = NULL },
};

static long long
days_left(const struct cert *c, const struct certs_wants *wants)
{
	return (c->not_after_s - wants->now_s) / CERTS_SECONDS_A_DAY;
}

static void
put_row(struct buf *b, const char *name, struct kg_slice text)
{
	buf_printf(b, "  %-9s", name);
	buf_put_line(b, text);
	buf_putc(b, '\n');
}

static void
put_cert(struct buf *b, size_t index, const struct cert *c,
    const struct certs_wants *wants)
{
	char from[TIME_TEXT_LEN + 1], to[TIME_TEXT_LEN + 1];

	buf_printf(b, " certificate %zu%s\n", index, c->ca ? ", a CA" : "");
	put_row(b, "subject", c->subject);
	put_row(b, "issuer", c->issuer);
	if (c->names.len > 0)
		put_row(b, "names", c->names);
	buf_printf(b, "  %-9s%s to %s, %lld days left\n", "valid",
	    time_of(c->not_before_s, from), time_of(c->not_after_s, to),
	    days_left(c, wants));
	put_row(b, "key", c->key);
	put_row(b, "serial", c->serial);
	put_row(b, "SHA-256", c->sha256);
}

static void
put_text(struct buf *b, const char *path, const struct cert_report *r,
    const struct certs_wants *wants)
{
	buf_put_line(b, slice_str(path));
	buf_puts(b, ":\n");
	for (size_t i = 0; i < r->count; i++)
		put_cert(b, i + 1, &r->certs[i], wants);
	if (r->key_matches)
		buf_puts(b, " the key is its key\n");
	if (r->chain_verifies)
		buf_puts(b, " the chain verifies\n");
	if (r->host_matches)
		buf_printf(b, " good for %s\n", wants->host);
	for (size_t i = 0; i < r->problem_count; i++) {
		buf_puts(b, " problem: ");
		buf_put_line(b, r->problems[i]);
		buf_putc(b, '\n');
	}
	if (r->problem_count == 0)
		buf_puts(b, " fine\n");
}

static void
write_cert(
    struct writer *w, const struct cert *c, const struct certs_wants *wants)
{
	char time[TIME_TEXT_LEN + 1];

	writer_object(w);
	writer_member(w, "subject", c->subject);
	writer_member(w, "issuer", c->issuer);
	write_names(w, c->names);
	writer_name(w, "ca");
	writer_bool(w, c->ca);
	writer_member(
	    w, "notBefore", slice_str(time_of(c->not_before_s, time)));
	writer_member(w, "notAfter", slice_str(time_of(c->not_after_s, time)));
	writer_name(w, "daysLeft");
	writer_int(w, days_left(c, wants));
	writer_member(w, "key", c->key);
	writer_member(w, "serial", c->serial);
	writer_member(w, "sha256", c->sha256);
	writer_end(w);
}

/* What was not asked for has no member. */
static void
write_asked(struct writer *w, const char *name, bool asked, bool holds)
{
	if (!asked)
		return;
	writer_name(w, name);
	writer_bool(w, holds);
}

static void
put_json(struct buf *b, const char *path, const struct cert_report *r,
    const struct certs_wants *wants)
{
	struct writer w;

	writer_init(&w, b);
	writer_object(&w);
	writer_member(&w, "file", slice_str(path));
	writer_name(&w, "certificates");
	writer_list(&w);
	for (size_t i = 0; i < r->count; i++)
		write_cert(&w, &r->certs[i], wants);
	writer_end(&w);
	write_asked(&w, "keyMatches", wants->key != NULL, r->key_matches);
	write_asked(&w, "chainVerifies", wants->ca != NULL, r->chain_verifies);
	write_asked(&w, "hostMatches", wants->host != NULL, r->host_matches);
	writer_name(&w, "problems");
	writer_list(&w);
	for (size_t i = 0; i < r->problem_count; i++)
		writer_string(&w, r->problems[i]);
	writer_end(&w);
	writer_end(&w);
	buf_putc(b, '\n');
}

static int
show_file(
    struct arena *arena, const char *path, const struct certs_wants *wants)
{
	char error[CERTS_ERROR_MAX];
	struct cert_report report;
	struct buf b;

	if (certs_look(path, wants, arena, &report, error) != KG_OK)
		return cli_error("%s", error);
	buf_init(&b, arena, 4 * MIB);
	if (show.output == OUTPUT_JSON)
		put_json(&b, path, &report, wants);
	else
		put_text(&b, path, &report, wants);
	if (buf_failed(&b))
		return cli_error("out of memory");
	(void)fwrite(b.ptr, 1, b.len, stdout);
	return report.problem_count == 0 ? EXIT_OK : EXIT_DENIED;
}

static int
run_show(size_t count, const char *const *arguments)
{
	char host[300];
	const struct certs_wants wants = { .key = show.key,
		.ca = show.ca,
		.host = show.service != NULL ? host : NULL,
		.warn_s = show.warn_days * CERTS_SECONDS_A_DAY,
		.now_s = clock_wall_us() / 1000000 };
	struct arena arena;
	int code = EXIT_OK;

	certs_watch_memory();
	/* The name that the API server asks for. */
	if (show.service != NULL &&
	    (size_t)snprintf(host, sizeof(host), "%s.%s.svc", show.service,
		show.space) >= sizeof(host))
		return cli_error("--service and --namespace are too long");
	for (size_t i = 0; i < count; i++) {
		int one;

		arena_init(&arena, 16 * MIB);
		one = show_file(&arena, arguments[i], &wants);
		arena_release(&arena);
		code = one > code ? one : code;
	}
	return code;
}

const struct command cmd_certs_show = {
	.name = "certs show",
	.summary = "look at certificates as the API server will",
	.arguments = "FILE...",
	.takes = TAKES_FILE,
	.least = 1,
	.most = ARGUMENTS_ANY,
	.text = "Each certificate of a file is looked at for its dates; key, "
		"chain and Service are asked of the first of each file.",
	.options = show_options,
	.exits =
	    (const struct term[]){
		{ "0", "all is fine" },
		{ "1",
		    "a problem: expired or soon to be, another's key, a chain "
		    "that does not verify, no such name" },
		{ "2", "a file is unreadable or no PEM" },
		{ NULL, NULL },
	    },
	.examples =
	    (const struct term[]){
		{ "keepgate certs show --key tls.key --ca ca.crt --service "
		  "keepgate tls.crt",
		    "whether the API server will take this pair" },
		{ NULL, NULL },
	    },
	.see_also = (const char *const[]){ "certs init", "serve", NULL },
	.run = run_show,
};
