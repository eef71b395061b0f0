/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration file, a closed schema like every object of ours:
 *
 *	apiVersion: keepgate.dev/v1alpha1
 *	kind: KeepgateConfiguration
 *	listen: 0.0.0.0:8443
 *	tls: {cert: /tls/tls.crt, key: /tls/tls.key}
 *	audit: {log: /var/log/keepgate/audit.log, onFailure: deny}
 */
#include "server/config.h"

#include "base/duration.h"
#include "base/limits.h"
#include "cel/env.h"
#include "io/file.h"
#include "value/node.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const char *const config_sync_words[] = { "always", "interval", "never", NULL };
const char *const config_objects_words[] = { "none", "metadata", "full", NULL };
const char *const config_failure_words[] = { "deny", "allow", NULL };
const char *const config_format_words[] = { "text", "json", NULL };
const char *const config_level_words[] = { "error", "warn", "info", "debug",
	NULL };

/* A string as a C string: the options reach system calls. */
static void
read_text(struct node_reader *r, struct node n, const char **out)
{
	struct kg_slice s = { NULL, 0 };
	char *text;

	node_string(r, n, &s);
	if (s.ptr == NULL && !value_is(n.v, VALUE_STRING))
		return;
	if (memchr(s.ptr, '\0', s.len) != NULL) {
		node_error(r, n, "%.*s holds a NUL", SLICE_ARG(n.path));
		return;
	}
	text = arena_alloc(r->arena, s.len + 1);
	if (text == NULL)
		return;
	if (s.len > 0)
		memcpy(text, s.ptr, s.len);
	*out = text;
}

/* A list of strings; absent: what was there stays. */
static void
read_texts(struct node_reader *r, struct node n, const char *const **out,
    size_t *out_count)
{
	const char **texts;
	size_t count;

	if (n.v == NULL || !node_list(r, n, &count))
		return;
	texts = arena_alloc(r->arena, (count + 1) * sizeof(*texts));
	if (texts == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		texts[i] = "";
		read_text(r, node_at(r, n, i), &texts[i]);
	}
	*out = texts;
	*out_count = count;
}

/* "5s", "1m30s": digits and a unit, repeated. */
static void
read_duration(struct node_reader *r, struct node n, int64_t *us)
{
	const char *text = NULL;

	read_text(r, n, &text);
	if (text != NULL && !duration_us(text, us))
		node_error(r, n, "%.*s: want a duration, such as 5s",
		    SLICE_ARG(n.path));
}

static void
read_number(struct node_reader *r, struct node n, int64_t max, unsigned *out)
{
	int64_t value = *out;

	node_int(r, n, 1, max, &value);
	*out = (unsigned)value;
}

static void
read_tls(struct node_reader *r, struct node n, struct server_options *o)
{
	static const char *const fields[] = { "cert", "key", "clientCA",
		"clientNames" };

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	read_text(r, node_get(r, n, "cert"), &o->tls_cert);
	read_text(r, node_get(r, n, "key"), &o->tls_key);
	read_text(r, node_get(r, n, "clientCA"), &o->client_ca);
	read_texts(r, node_get(r, n, "clientNames"), &o->client_names,
	    &o->client_name_count);
}

static void
read_log(struct node_reader *r, struct node n, struct server_options *o)
{
	static const char *const fields[] = { "format", "level" };
	unsigned format = o->log_format, level = o->log_level;

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	node_enum(r, node_get(r, n, "format"), config_format_words, 2, &format);
	node_enum(r, node_get(r, n, "level"), config_level_words, 4, &level);
	o->log_format = (enum log_format)format;
	o->log_level = (enum log_level)level;
}

static void
read_audit(struct node_reader *r, struct node n, struct server_options *o)
{
	static const char *const fields[] = { "log", "sync", "rotate",
		"onFailure", "objects", "redact" };
	unsigned sync = o->audit_sync, objects = o->audit.objects;
	unsigned failure = o->audit_fail_open;
	int64_t rotate = (int64_t)o->audit_rotate;

	if (n.v == NULL || !node_fields(r, n, fields, COUNT(fields)))
		return;
	read_text(r, node_get(r, n, "log"), &o->audit_log);
	node_enum(r, node_get(r, n, "sync"), config_sync_words, 3, &sync);
	node_bytes(r, node_get(r, n, "rotate"), &rotate);
	node_enum(
	    r, node_get(r, n, "onFailure"), config_failure_words, 2, &failure);
	node_enum(
	    r, node_get(r, n, "objects"), config_objects_words, 3, &objects);
	node_strings(r, node_get(r, n, "redact"), &o->audit.redact);
	o->audit_sync = (enum journal_sync)sync;
	o->audit.objects = (enum audit_objects)objects;
	o->audit_fail_open = failure == 1;
	o->audit_rotate = (uint64_t)rotate;
	for (size_t i = 0; i < o->audit.redact.count; i++) {
		if (o->audit.redact.items[i].len == 0 ||
		    o->audit.redact.items[i].ptr[0] != '/')
			node_error(r, node_at(r, node_get(r, n, "redact"), i),
			    "a JSON pointer begins with /");
	}
}

static void
read_compat(struct node_reader *r, struct node n, unsigned *level)
{
	unsigned index = 0;

	if (n.v == NULL)
		return;
	node_enum(r, n, cel_compat_words, 2, &index);
	*level = cel_compat_level(index);
}

static void
read_root(
    struct node_reader *r, const struct document *doc, struct server_options *o)
{
	static const char *const fields[] = { "apiVersion", "kind", "metadata",
		"policies", "celCompat", "listen", "admin", "tls", "audit",
		"log", "threads", "drain", "maxBody", "maxConnections",
		"requestTimeout" };
	const struct node root = node_root(doc);
	int64_t body = (int64_t)o->max_body;

	if (!slice_is(value_str(value_get(doc->root, KEY_kind)),
		"KeepgateConfiguration") ||
	    !slice_is(value_str(value_get(doc->root, KEY_apiVersion)),
		"keepgate.dev/v1alpha1"))
		node_error(r, root,
		    "want apiVersion keepgate.dev/v1alpha1 and kind "
		    "KeepgateConfiguration");
	if (!node_fields(r, root, fields, COUNT(fields)))
		return;
	read_texts(
	    r, node_get(r, root, "policies"), &o->policies, &o->policy_count);
	read_compat(r, node_get(r, root, "celCompat"), &o->cel_compat);
	read_text(r, node_get(r, root, "listen"), &o->listen);
	read_text(r, node_get(r, root, "admin"), &o->admin);
	read_tls(r, node_get(r, root, "tls"), o);
	read_audit(r, node_get(r, root, "audit"), o);
	read_log(r, node_get(r, root, "log"), o);
	read_number(r, node_get(r, root, "threads"), 64, &o->threads);
	read_duration(r, node_get(r, root, "drain"), &o->drain_us);
	node_bytes(r, node_get(r, root, "maxBody"), &body);
	if (body < BODY_MAX_FLOOR || body > BODY_MAX_CEILING)
		node_error(r, node_get(r, root, "maxBody"),
		    "maxBody: want 4Ki to 64Mi");
	o->max_body = (size_t)body;
	read_number(r, node_get(r, root, "maxConnections"), 1000000,
	    &o->max_connections);
	read_duration(
	    r, node_get(r, root, "requestTimeout"), &o->request_timeout_us);
}

bool
config_read(const char *path, struct arena *arena, struct kg_diags *diags,
    struct server_options *options)
{
	struct node_reader r = { .arena = arena, .diags = diags };
	struct yaml_reader *reader = NULL;
	struct file *file = NULL;
	struct keytab keys;
	struct document doc;
	bool more = false;
	bool ok;

	ok = file_read(path, diags, &file) == KG_OK && file != NULL &&
	    keytab_init(&keys, arena) == KG_OK &&
	    yaml_reader_new(arena, &keys, slice_str(path),
		arena_copy(arena, slice_of(file->text, file->len)), NULL, diags,
		&reader) == KG_OK &&
	    yaml_read(reader, &doc, &more) == KG_OK;
	if (ok && more)
		read_root(&r, &doc, options);
	else if (ok)
		diag_add(diags, KG_ERROR,
		    &(const struct place){ .file = slice_str(path) }, POS_NONE,
		    "no document in the configuration file");
	yaml_reader_free(reader);
	file_free(file);
	return ok && more && !r.failed && !arena_failed(arena);
}
