/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change is acted on when two looks in a row have seen the same (nobody is
 * writing any more) and a look after the reading still does (nothing was
 * swapped meanwhile). So a directory that is replaced by a symbolic link, a
 * file that is half written, a certificate whose key comes a moment later:
 * each is taken as a whole, or refused with what is in force left alone.
 */
#include "server/reload.h"

#include <inttypes.h>

#include "audit/record.h"
#include "base/limits.h"
#include "io/log.h"
#include "io/policies.h"
#include "server/tls.h"
#include "server/worker.h"

/* Between looks; and between looks at something that is changing. */
#define LOOK_US 1000000
#define SETTLE_US 200000
/* What never settles is loaded after this time as it is. */
#define UNSETTLED_MAX_US 1500000

static const char *const names[RELOAD_COUNT] = {
	[RELOAD_POLICIES] = "policies",
	[RELOAD_CERTIFICATE] = "certificate",
	[RELOAD_CLIENT_CA] = "client-ca",
};

/* --- Loading --- */

/* The first error, with its place, and how many more there are. */
static void
summarise(const struct kg_diags *diags, char error[RELOAD_ERROR_MAX])
{
	const size_t errors = kg_diags_errors(diags);
	const struct kg_diag *first = NULL;
	int n;

	for (size_t i = 0; first == NULL && i < kg_diags_count(diags); i++) {
		first = kg_diags_get(diags, i);
		if (first->severity != KG_ERROR)
			first = NULL;
	}
	if (first == NULL) {
		(void)snprintf(error, RELOAD_ERROR_MAX, "out of memory");
		return;
	}
	n = snprintf(
	    error, RELOAD_ERROR_MAX - 32, "%.*s", SLICE_ARG(first->file));
	if (first->line > 0 && n >= 0 && n < RELOAD_ERROR_MAX - 32)
		n += snprintf(error + n, RELOAD_ERROR_MAX - 32 - (size_t)n,
		    ":%u:%u", first->line, first->column);
	if (n >= 0 && n < RELOAD_ERROR_MAX - 32)
		(void)snprintf(error + n, RELOAD_ERROR_MAX - 32 - (size_t)n,
		    "%s%.*s", n > 0 ? ": " : "", SLICE_ARG(first->message));
	n = (int)strlen(error);
	if (errors > 1)
		(void)snprintf(error + n, RELOAD_ERROR_MAX - (size_t)n,
		    " (and %zu more)", errors - 1);
}

/* What was loaded and is not in force yet; one of them is set. */
struct loaded {
	struct kg_ruleset *set;
	struct tls_identity *identity;
	struct tls_trust *trust;
};

static void
loaded_release(struct loaded *l)
{
	kg_ruleset_unref(l->set);
	tls_identity_unref(l->identity);
	tls_trust_unref(l->trust);
}

static bool
load_policies(const struct server *s, bool start, struct kg_ruleset **out,
    char error[RELOAD_ERROR_MAX])
{
	const struct kg_options how = { .live = true,
		.cel_compat = s->options->cel_compat };
	struct kg_diags *diags = kg_diags_new();
	enum kg_status st;

	*out = NULL;
	(void)snprintf(error, RELOAD_ERROR_MAX, "out of memory");
	if (diags == NULL) {
		if (start)
			print_diags(NULL);
		return false;
	}
	st = policies_load(
	    s->options->policies, s->options->policy_count, &how, diags, out);
	if (start)
		print_diags(diags);
	else
		log_diags("policy", diags);
	if (st != KG_OK)
		summarise(diags, error);
	kg_diags_free(diags);
	return st == KG_OK;
}

static bool
load(const struct server *s, enum reload_what what, bool start,
    struct loaded *out, char error[RELOAD_ERROR_MAX])
{
	const struct server_options *o = s->options;

	_Static_assert(TLS_ERROR_MAX == RELOAD_ERROR_MAX, "one buffer");
	switch (what) {
	case RELOAD_POLICIES:
		return load_policies(s, start, &out->set, error);
	case RELOAD_CERTIFICATE:
		return tls_identity_load(o->tls_cert, o->tls_key,
			   &out->identity, error) == KG_OK;
	case RELOAD_CLIENT_CA:
		return tls_trust_load(o->client_ca, &out->trust, error) ==
		    KG_OK;
	case RELOAD_COUNT:
		break;
	}
	return false;
}

/* --- Putting in force --- */

/* The audit log says so before a decision can be made by it. */
static void
write_record(struct server *s, enum reload_what what,
    const struct kg_ruleset *set, const char *error)
{
	const struct record_reload reload = { .time_us = clock_wall_us(),
		.what = slice_str(names[what]),
		.ruleset = kg_ruleset_hash(set),
		.error = slice_str(error) };
	struct kg_slice body;
	struct arena arena;

	if (s->journal == NULL)
		return;
	arena_init(&arena, RECORD_RELOAD_MAX);
	journal_set_ruleset(s->journal, reload.ruleset);
	if (record_reload_body(&arena, &reload, &body) != KG_OK ||
	    journal_append(s->journal, &body, 1) != KG_OK)
		LOG(LOG_ERROR, "journal", log_text("what", "reload-record"));
	arena_release(&arena);
}

static void
publish(struct server *s, const struct loaded *l)
{
	for (unsigned i = 0; i < s->worker_count; i++) {
		struct worker *w = &s->workers[i];

		if (l->set != NULL)
			worker_put_ruleset(w, kg_ruleset_ref(l->set));
		if (l->identity != NULL)
			worker_put_identity(w, tls_identity_ref(l->identity));
		if (l->trust != NULL)
			worker_put_trust(w, tls_trust_ref(l->trust));
	}
}

/* Exchanges the server's own; *l gets what was there before. */
static void
exchange(struct server *s, struct loaded *l)
{
	const struct loaded new = *l;

	if (new.set != NULL) {
		l->set = s->set;
		s->set = new.set;
	}
	if (new.identity != NULL) {
		l->identity = s->identity;
		s->identity = new.identity;
	}
	if (new.trust != NULL) {
		l->trust = s->trust;
		s->trust = new.trust;
	}
}

static void
succeed(struct server *s, enum reload_what what, struct loaded *l)
{
	struct reload_item *item = &s->reload.items[what];

	write_record(s, what, l->set != NULL ? l->set : s->set, "");
	publish(s, l);
	pthread_mutex_lock(&s->lock);
	exchange(s, l);
	item->ok++;
	item->error[0] = '\0';
	pthread_mutex_unlock(&s->lock);
	LOG(LOG_INFO, "reload", log_text("what", names[what]),
	    log_text("result", "ok"),
	    log_slice("ruleset", kg_ruleset_hash(s->set)));
}

static void
fail(struct server *s, enum reload_what what, const char *error)
{
	struct reload_item *item = &s->reload.items[what];

	write_record(s, what, s->set, error);
	pthread_mutex_lock(&s->lock);
	item->failed++;
	if (item->error[0] == '\0')
		item->failed_us = clock_wall_us();
	(void)snprintf(item->error, sizeof(item->error), "%s", error);
	pthread_mutex_unlock(&s->lock);
	LOG(LOG_ERROR, "reload", log_text("what", names[what]),
	    log_text("result", "failed"), log_text("error", error),
	    log_slice("ruleset", kg_ruleset_hash(s->set)));
}

/* --- Looking --- */

static bool
same(const struct file_print *a, const struct file_print *b)
{
	return memcmp(a->hex, b->hex, sizeof(a->hex)) == 0;
}

static bool
look(const struct reload_item *item, struct file_print *out)
{
	return item->list != NULL && file_look(item->list, item->count, out);
}

/* Reads, and puts in force what was read whole. */
static void
reload(struct server *s, enum reload_what what, const struct file_print *print,
    bool settled)
{
	struct reload_item *item = &s->reload.items[what];
	char error[RELOAD_ERROR_MAX];
	struct loaded l = { 0 };
	const bool ok = load(s, what, false, &l, error);
	struct file_print after;

	if (settled && look(item, &after) && !same(&after, print)) {
		item->seen = after; /* it changed while it was read */
		loaded_release(&l);
		return;
	}
	item->loaded = *print;
	item->changed_us = 0;
	item->asked = false;
	if (ok)
		succeed(s, what, &l);
	else
		fail(s, what, error);
	loaded_release(&l);
}

/* True when it is to be looked at again soon. */
static bool
look_at(struct server *s, enum reload_what what, int64_t now)
{
	struct reload_item *item = &s->reload.items[what];
	struct file_print print;
	bool calm, settled;

	if (!look(item, &print))
		return false;
	calm = same(&print, &item->seen);
	item->seen = print;
	if (same(&print, &item->loaded) && !item->asked) {
		item->changed_us = 0;
		return false;
	}
	if (item->changed_us == 0)
		item->changed_us = now;
	settled = now - item->changed_us < UNSETTLED_MAX_US;
	if (calm || !settled)
		reload(s, what, &print, settled);
	return item->changed_us != 0;
}

int64_t
reload_look(struct server *s)
{
	const int64_t now = clock_mono_us();
	bool soon = false;

	for (unsigned i = 0; i < RELOAD_COUNT; i++)
		soon = look_at(s, (enum reload_what)i, now) || soon;
	return soon ? SETTLE_US : LOOK_US;
}

int64_t
reload_all(struct server *s)
{
	for (unsigned i = 0; i < RELOAD_COUNT; i++)
		s->reload.items[i].asked = true;
	return reload_look(s);
}

/* --- Starting --- */

static bool
has_stdin(const struct server_options *o)
{
	for (size_t i = 0; i < o->policy_count; i++) {
		if (strcmp(o->policies[i], "-") == 0)
			return true;
	}
	return false;
}

static void
name_files(struct server *s)
{
	const struct server_options *o = s->options;
	struct reload_item *items = s->reload.items;

	if (o->policy_count > 0 && !has_stdin(o)) {
		items[RELOAD_POLICIES].list = o->policies;
		items[RELOAD_POLICIES].count = o->policy_count;
	}
	items[RELOAD_CERTIFICATE].paths[0] = o->tls_cert;
	items[RELOAD_CERTIFICATE].paths[1] = o->tls_key;
	items[RELOAD_CERTIFICATE].count = 2;
	items[RELOAD_CERTIFICATE].list = items[RELOAD_CERTIFICATE].paths;
	if (o->client_ca == NULL)
		return;
	items[RELOAD_CLIENT_CA].paths[0] = o->client_ca;
	items[RELOAD_CLIENT_CA].count = 1;
	items[RELOAD_CLIENT_CA].list = items[RELOAD_CLIENT_CA].paths;
}

bool
reload_start(struct server *s)
{
	struct loaded l = { 0 };

	name_files(s);
	for (unsigned i = 0; i < RELOAD_COUNT; i++) {
		const enum reload_what what = (enum reload_what)i;
		struct reload_item *item = &s->reload.items[i];
		char error[RELOAD_ERROR_MAX];

		/* Looked at before it is read: a change shows afterwards. */
		(void)look(item, &item->loaded);
		item->seen = item->loaded;
		if (what == RELOAD_CLIENT_CA && s->options->client_ca == NULL)
			continue;
		if (!load(s, what, true, &l, error)) {
			if (what != RELOAD_POLICIES)
				fprintf(stderr, "keepgate: %s\n", error);
			loaded_release(&l);
			return false;
		}
	}
	exchange(s, &l);
	return true;
}

/* --- What others see --- */

void
reload_put_failures(struct server *s, struct buf *out)
{
	pthread_mutex_lock(&s->lock);
	for (unsigned i = 0; i < RELOAD_COUNT; i++) {
		const struct reload_item *item = &s->reload.items[i];
		char since[TIME_TEXT_LEN];

		if (item->error[0] == '\0')
			continue;
		time_text(item->failed_us, since);
		buf_printf(out, "reload of %s failed since %.*s: ", names[i],
		    TIME_TEXT_LEN, since);
		buf_put_line(out, slice_str(item->error));
		buf_puts(out, "\n");
	}
	pthread_mutex_unlock(&s->lock);
}

void
reload_put_metrics(struct server *s, struct buf *out)
{
	pthread_mutex_lock(&s->lock);
	metrics_header(out, "keepgate_reloads_total", "counter",
	    "Reloads, by what was loaded and what came of it.");
	for (unsigned i = 0; i < RELOAD_COUNT; i++) {
		const struct reload_item *item = &s->reload.items[i];

		buf_printf(out,
		    "keepgate_reloads_total{what=\"%s\",result=\"ok\"} "
		    "%" PRIu64 "\n"
		    "keepgate_reloads_total{what=\"%s\",result=\"failed\"} "
		    "%" PRIu64 "\n",
		    names[i], item->ok, names[i], item->failed);
	}
	metrics_header(out, "keepgate_reload_failing", "gauge",
	    "1 while the last reload failed and older content is in force.");
	for (unsigned i = 0; i < RELOAD_COUNT; i++)
		buf_printf(out, "keepgate_reload_failing{what=\"%s\"} %d\n",
		    names[i], s->reload.items[i].error[0] != '\0');
	pthread_mutex_unlock(&s->lock);
}
