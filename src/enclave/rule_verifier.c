/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ATT-007 to ATT-009: the variables that attestation depends on, and the
 * hosts that they name. They must be known when the pod is admitted.
 */
#include "enclave/env.h"
#include "enclave/judge.h"

/* One variable of one container; or, without one, an annotation. */
struct subject {
	const struct container *container;
	const struct env_rule *rule;
	struct env_var var;
};

static struct trail
trail_entry(const struct judge *j, const struct subject *s)
{
	struct trail t;

	if (s->container == NULL) {
		t = trail_metadata(j);
		trail_name(&t, SLICE("annotations"));
		trail_name(&t, s->rule->name);
		return t;
	}
	t = trail_container(j, s->container);
	trail_name(&t, SLICE("env"));
	trail_index(&t, s->var.index);
	return t;
}

/* --- ATT-007: known at admission --- */

static bool
field_allowed(struct kg_slice path)
{
	return slice_is(path, "status.hostIP") ||
	    slice_is(path, "metadata.uid");
}

static void
check_duplicates(struct judge *j, const struct subject *s)
{
	const struct kg_slice name = s->rule->name;
	const struct trail t = trail_entry(j, s);
	const struct kg_slice texts[3] = {
		say(j, "env %t %d times in container %q%s", &name,
		    (int64_t)s->var.others + 1, &s->container->name,
		    s->var.differing ? ", with different values" : ""),
		SLICE("one entry"),
		SLICE("remove the others: the last one wins"),
	};

	if (s->var.differing)
		finding_add(j, RULE_ATT_007, &t, texts);
	else
		finding_advise(j, RULE_ATT_007, &t, texts);
}

static bool
rule_names(const struct profile *p, struct kg_slice name)
{
	for (size_t i = 0; i < p->env_count; i++) {
		if (slice_eq(p->env[i].name, name))
			return true;
	}
	return false;
}

/* A reference may be to another such variable, or to an allowed field; one to
 * a later entry stays as it is written. */
static bool
reference_allowed(
    const struct judge *j, const struct subject *s, struct kg_slice name)
{
	struct env_var v;

	env_find(j->arena, s->container, name, &v);
	if (v.source == ENV_ABSENT || v.index >= s->var.index)
		return false;
	return rule_names(j->facts->profile, name) ||
	    (v.source == ENV_FIELD && field_allowed(v.field));
}

static void
report_source(struct judge *j, const struct subject *s, struct kg_slice found)
{
	const struct trail t = trail_entry(j, s);

	finding_add(j, RULE_ATT_007, &t,
	    TEXTS(found,
		say(j,
		    "a literal value, or a fieldRef of status.hostIP or "
		    "metadata.uid"),
		say(j,
		    "write the value of %t into the pod, where it can be "
		    "judged",
		    &s->rule->name)));
}

static void
check_references(struct judge *j, const struct subject *s)
{
	const struct kg_slice raw = value_str(
	    value_get(value_at(s->container->env, s->var.index), KEY_value));
	struct kg_slice name;
	size_t at = 0;

	while (env_reference(raw, &at, &name)) {
		if (reference_allowed(j, s, name))
			continue;
		report_source(j, s,
		    say(j, "env %t refers to %q in container %q",
			&s->rule->name, &name, &s->container->name));
		return;
	}
}

static void
check_source(struct judge *j, const struct subject *s)
{
	const struct kg_slice name = s->rule->name;

	switch (s->var.source) {
	case ENV_ABSENT:
		break;
	case ENV_LITERAL:
		check_references(j, s);
		break;
	case ENV_FIELD:
		if (!field_allowed(s->var.field))
			report_source(j, s,
			    say(j, "env %t from field %q in container %q",
				&name, &s->var.field, &s->container->name));
		break;
	case ENV_FOREIGN:
		report_source(j, s,
		    say(j,
			"env %t from a ConfigMap, Secret or resource in "
			"container %q",
			&name, &s->container->name));
		break;
	}
}

static void
check_env_from(struct judge *j, const struct container *c)
{
	struct trail t;

	if (value_len(c->env_from) == 0)
		return;
	t = trail_container(j, c);
	trail_name(&t, SLICE("envFrom"));
	finding_add(j, RULE_ATT_007, &t,
	    TEXTS(say(j, "envFrom in enclave container %q", &c->name),
		say(j, "variables by name: nobody can see here what it brings"),
		say(j,
		    "name the variables that the container needs under env")));
}

/* --- ATT-008: hosts --- */

struct address {
	struct kg_slice scheme, host, port; /* "" when not said */
};

/* [SCHEME://][USER@]HOST[:PORT][/...] */
static struct address
address_of(struct kg_slice text)
{
	struct address a = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	struct kg_slice rest = text;
	size_t at = slice_find(text, ':');

	if (slice_starts(slice_from(text, at), SLICE("://"))) {
		a.scheme = slice_upto(text, at);
		rest = slice_from(text, at + 3);
	}
	rest = slice_upto(rest, slice_find(rest, '/'));
	rest = slice_upto(rest, slice_find(rest, '?'));
	rest = slice_upto(rest, slice_find(rest, '#'));
	while ((at = slice_find(rest, '@')) < rest.len)
		rest = slice_from(rest, at + 1);
	if (rest.len > 0 && rest.ptr[0] == '[') {
		at = slice_find(rest, ']');
		a.host = slice_upto(slice_from(rest, 1), at > 0 ? at - 1 : 0);
		rest = slice_from(rest, at + 1);
		a.port = slice_from(rest, 1);
		return a;
	}
	at = slice_find(rest, ':');
	a.host = slice_upto(rest, at);
	a.port = slice_from(rest, at + 1);
	return a;
}

/* "host", "host:port" or "*.domain" */
static bool
host_listed(const struct string_list *list, const struct address *a)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct kg_slice entry = list->items[i];
		const size_t colon = slice_find(entry, ':');
		const struct kg_slice host = slice_upto(entry, colon);
		const struct kg_slice tail = slice_from(host, 1);

		if (colon < entry.len &&
		    !slice_eq(slice_from(entry, colon + 1), a->port))
			continue;
		if (slice_eq_nocase(host, a->host))
			return true;
		if (slice_starts(host, SLICE("*.")) && a->host.len > tail.len &&
		    slice_eq_nocase(
			slice_from(a->host, a->host.len - tail.len), tail))
			return true;
	}
	return false;
}

/* This very node, by an address or by a variable of its address. */
static bool
is_local(const struct judge *j, const struct container *c, struct kg_slice host)
{
	struct kg_slice name;
	struct env_var v;
	size_t at = 0;

	if (slice_eq_nocase(host, SLICE("localhost")) ||
	    slice_starts(host, SLICE("127.")) || slice_is(host, "::1"))
		return true;
	if (c == NULL || !env_reference(host, &at, &name) || at != host.len ||
	    name.len + 3 != host.len)
		return false;
	env_find(j->arena, c, name, &v);
	return v.source == ENV_FIELD && slice_is(v.field, "status.hostIP");
}

static struct kg_slice
verifier_names(const struct judge *j)
{
	const struct string_list *list = &j->params->verifiers;
	struct buf b;

	buf_init(&b, j->arena, 4096);
	for (size_t i = 0; i < list->count; i++) {
		buf_puts(&b, i > 0 ? ", " : "");
		buf_put_line(&b, list->items[i]);
	}
	return buf_failed(&b) ? SLICE("those of attestation.verifiers")
			      : buf_slice(&b);
}

static void
report_host(struct judge *j, const struct subject *s, struct kg_slice host)
{
	const struct kg_slice names = verifier_names(j);
	const struct trail t = trail_entry(j, s);

	finding_add(j, RULE_ATT_008, &t,
	    TEXTS(say(j, "%t names host %q", &s->rule->name, &host),
		say(j, "a host of attestation.verifiers: %t", &names),
		say(j,
		    "use a listed verifier, or have this one listed: who "
		    "attests elsewhere proves nothing to us")));
}

static void
report_nobody(struct judge *j, const struct subject *s)
{
	const struct trail t = trail_entry(j, s);

	finding_add(j, RULE_ATT_008, &t,
	    TEXTS(say(j, "env %t is empty in container %q: nobody verifies",
		      &s->rule->name, &s->container->name),
		say(j, "the address of a verifier"),
		say(j, "write the verifier's address into %t",
		    &s->rule->name)));
}

static void
report_clear(struct judge *j, const struct subject *s, struct kg_slice address)
{
	const enum rule rule =
	    s->rule->role == ENV_COLLATERAL ? RULE_ATT_009 : RULE_ATT_008;
	const struct trail t = trail_entry(j, s);

	finding_add(j, rule, &t,
	    TEXTS(say(j, "%t is %q, in the clear", &s->rule->name, &address),
		say(j, "https, except to the node itself"),
		say(j, "use https")));
}

/* A verifier, an agent or a source of collateral at this address. */
static void
check_address(struct judge *j, const struct subject *s, struct kg_slice text)
{
	const enum env_role role = s->rule->role;
	const struct address a = address_of(text);
	const bool local = is_local(j, s->container, a.host);

	if (slice_eq_nocase(a.scheme, SLICE("http")) && !local)
		report_clear(j, s, text);
	if (role == ENV_COLLATERAL || (role == ENV_AGENT && local))
		return;
	if (j->params->verifiers.count > 0 &&
	    !host_listed(&j->params->verifiers, &a))
		report_host(j, s, a.host);
}

/* Addresses are separated by commas, semicolons or blanks. False: none. */
static bool
check_addresses(struct judge *j, const struct subject *s, struct kg_slice text)
{
	bool any = false;

	while (text.len > 0) {
		size_t n = 0;

		while (n < text.len && strchr(",; \t\n", text.ptr[n]) == NULL)
			n++;
		if (n > 0)
			check_address(j, s, slice_upto(text, n));
		any = any || n > 0;
		text = slice_from(text, n + 1);
	}
	return any;
}

/* --- ATT-009: collateral --- */

static void
check_secure(struct judge *j, const struct subject *s)
{
	static const char *const off[] = { "false", "0", "no", "off", "f",
		"n" };
	const struct kg_slice value = slice_trim(s->var.value);
	struct trail t;

	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
		if (!slice_eq_nocase(value, slice_str(off[i])))
			continue;
		t = trail_entry(j, s);
		finding_add(j, RULE_ATT_009, &t,
		    TEXTS(say(j, "env %t is %q in container %q", &s->rule->name,
			      &value, &s->container->name),
			say(j, "certificates of the service are checked"),
			say(j, "remove the variable, or set it to true")));
	}
}

static void
check_config(struct judge *j, const struct container *c, size_t index)
{
	const struct profile *p = j->facts->profile;
	const struct mount *m = &c->mounts[index];
	const struct value *map;
	struct trail t;

	if (!string_list_has(&p->collateral_paths, m->path))
		return;
	map = value_find(
	    m->volume != NULL ? m->volume->value : NULL, SLICE("configMap"));
	if (value_is(map, VALUE_OBJECT) &&
	    (p->collateral_maps.count == 0 ||
		string_list_has(
		    &p->collateral_maps, value_str(value_get(map, KEY_name)))))
		return;
	t = trail_container(j, c);
	trail_name(&t, SLICE("volumeMounts"));
	trail_index(&t, index);
	finding_add(j, RULE_ATT_009, &t,
	    TEXTS(say(j, "volume %q at %t in container %q", &m->volume_name,
		      &m->path, &c->name),
		say(j,
		    "a ConfigMap, of those that the profile lists under "
		    "collateral.configMaps if it lists any"),
		say(j,
		    "mount a reviewed ConfigMap: this file says whom "
		    "quoting trusts")));
}

/* --- All --- */

static void
check_variable(
    struct judge *j, const struct container *c, const struct env_rule *rule)
{
	struct subject s = { .container = c, .rule = rule };

	env_find(j->arena, c, rule->name, &s.var);
	if (s.var.others > 0)
		check_duplicates(j, &s);
	check_source(j, &s);
	if (rule->role == ENV_SECURE)
		check_secure(j, &s);
	if (rule->role == ENV_PLAIN || rule->role == ENV_SECURE ||
	    s.var.source != ENV_LITERAL)
		return;
	if (!check_addresses(j, &s, s.var.value) && rule->role == ENV_VERIFIER)
		report_nobody(j, &s);
}

static void
check_container(struct judge *j, const struct container *c)
{
	const struct profile *p = j->facts->profile;

	for (size_t i = 0; i < p->env_count; i++) {
		if (container_has_env(c, p->env[i].name))
			check_variable(j, c, &p->env[i]);
	}
	for (size_t i = 0; i < c->mount_count; i++)
		check_config(j, c, i);
	if (p->tee == TEE_PROCESS)
		check_env_from(j, c);
}

/* Verifiers in annotations: "agent.aa_kbc_params=cc_kbc::http://host". */
static void
check_annotation(
    struct judge *j, const struct annotation_value *v, struct kg_slice mark)
{
	const struct kg_slice text =
	    value_str(value_find(j->scan->annotations, v->key));
	const struct env_rule rule = { v->key, ENV_VERIFIER };
	const struct subject s = { .rule = &rule };

	for (size_t i = 0; i + mark.len < text.len; i++) {
		const struct kg_slice rest = slice_from(text, i);
		struct kg_slice word;

		if (!slice_starts(rest, mark))
			continue;
		word = slice_from(rest, mark.len);
		word = slice_upto(word, slice_find(word, ' '));
		(void)check_addresses(j, &s, word);
	}
}

void
rules_verifier(struct judge *j)
{
	const struct facts *f = j->facts;

	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];

		if (f->enclave_container[i] || c == f->attestation)
			check_container(j, c);
	}
	for (size_t i = 0; i < f->profile->value_count; i++) {
		const struct annotation_value *v = &f->profile->values[i];

		for (size_t k = 0; k < v->after.count; k++)
			check_annotation(j, v, v->after.items[k]);
	}
}
