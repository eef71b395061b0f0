/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From scan to facts: the judging profile, the enclave containers, EPC. The
 * wiring is in wiring.c, the placement in placement.c.
 */
#include "enclave/facts.h"

#include "base/limits.h"

#define PROFILE_LABEL "keepgate.dev/profile"
#define CONTAINERS_ANNOTATION "keepgate.dev/containers"

/* --- The judging profile --- */

static size_t
first_signalled(const struct enclave_params *params, uint64_t signals)
{
	for (size_t i = 0; i < params->order_count; i++) {
		if ((signals >> params->order[i] & 1) != 0)
			return params->order[i];
	}
	return SIZE_MAX;
}

/* The declared profile, or SIZE_MAX. */
static size_t
find_declaration(struct facts *f)
{
	const struct scan *s = f->scan;
	const struct value *own = value_find(s->labels, SLICE(PROFILE_LABEL));
	const struct value *outer =
	    value_find(s->call->namespace_labels, SLICE(PROFILE_LABEL));
	size_t at;

	f->declared_value = !value_is_null(own) ? own : outer;
	if (value_is_null(f->declared_value))
		return SIZE_MAX;
	f->declared = value_str(f->declared_value);
	f->namespace_declared = value_str(outer);
	at = catalog_find(s->catalog, f->declared);
	if (at == SIZE_MAX)
		f->declaration = DECLARED_UNKNOWN;
	else if ((f->params->profiles >> at & 1) == 0)
		f->declaration = DECLARED_FOREIGN;
	else if (!value_is_null(own) && !value_is_null(outer) &&
	    !value_equal(own, outer))
		f->declaration = DECLARED_CONFLICT;
	else
		f->declaration = DECLARED_KNOWN;
	return at;
}

static void
find_profile(struct facts *f)
{
	size_t at = find_declaration(f);

	if (f->declaration != DECLARED_KNOWN &&
	    f->declaration != DECLARED_CONFLICT)
		at = first_signalled(f->params, f->scan->signals);
	if (at == SIZE_MAX)
		return;
	f->profile = &f->scan->catalog->profiles[at];
	f->profile_bit = (uint64_t)1 << at;
}

/* --- Enclave containers --- */

/* Another container mounts, at the wiring's path, the volume that c does. */
static bool
shares_socket(
    const struct scan *s, const struct wiring *w, const struct container *c)
{
	const struct mount *own = facts_mount_at(c, &w->mount_paths, NULL);

	for (size_t i = 0; own != NULL && i < s->container_count; i++) {
		const struct container *other = &s->containers[i];
		const struct mount *m;

		if (other == c || other->kind == CONTAINER_EPHEMERAL)
			continue;
		m = facts_mount_at(other, &w->mount_paths, NULL);
		if (m != NULL && slice_eq(m->volume_name, own->volume_name))
			return true;
	}
	return false;
}

static bool
is_attestation(
    const struct scan *s, const struct wiring *w, const struct container *c)
{
	if (!slice_eq(c->name, w->attestor.name) ||
	    c->kind == CONTAINER_EPHEMERAL ||
	    (c->kind == CONTAINER_INIT && !w->attestor.init))
		return false;
	for (size_t i = 0; i < w->attestor.resource_count; i++) {
		if (!container_has_count(c, &w->attestor.resources[i]))
			return false;
	}
	for (size_t i = 0; i < w->attestor.env.count; i++) {
		if (!container_has_env(c, w->attestor.env.items[i]))
			return false;
	}
	return w->mount_paths.count == 0 || shares_socket(s, w, c);
}

static void
find_attestation(struct facts *f)
{
	const struct scan *s = f->scan;

	for (size_t w = 0; w < f->wiring_count; w++) {
		if (f->wirings[w]->attestor.name.len == 0)
			continue;
		for (size_t i = 0; i < s->container_count; i++) {
			if (is_attestation(
				s, f->wirings[w], &s->containers[i])) {
				f->attestation = &s->containers[i];
				return;
			}
		}
	}
}

static bool
may_be_enclave(const struct facts *f, size_t i)
{
	const struct container *c = &f->scan->containers[i];

	return c->kind != CONTAINER_EPHEMERAL && c != f->attestation;
}

/* Marks one container named in the annotation; false: no such container. */
static bool
mark_named(struct facts *f, struct kg_slice name)
{
	bool found = false;

	for (size_t i = 0; i < f->scan->container_count; i++) {
		const struct container *c = &f->scan->containers[i];

		if (c->kind == CONTAINER_EPHEMERAL || !slice_eq(c->name, name))
			continue;
		found = true;
		if (may_be_enclave(f, i))
			f->enclave_container[i] = true;
	}
	return found;
}

static void
mark_annotated(struct facts *f)
{
	struct kg_slice rest = value_str(
	    value_find(f->scan->annotations, SLICE(CONTAINERS_ANNOTATION)));

	size_t names = 0;

	while (rest.ptr != NULL) {
		const struct kg_slice name = slice_trim(slice_cut(&rest, ','));

		/* Past the cap a name is as good as unknown: it is said. */
		if (name.len > 0 &&
		    (++names > CONTAINER_NAMES_MAX || !mark_named(f, name)) &&
		    f->unknown_container.ptr == NULL)
			f->unknown_container = name;
	}
}

static void
mark_enclaves(struct facts *f)
{
	const struct scan *s = f->scan;
	bool app = false;

	for (size_t i = 0; i < s->container_count; i++) {
		if (!may_be_enclave(f, i))
			continue;
		f->enclave_container[i] =
		    (s->containers[i].signals & f->profile_bit) != 0 ||
		    (f->params->all_containers &&
			s->containers[i].kind == CONTAINER_APP);
	}
	mark_annotated(f);
	for (size_t i = 0; i < s->container_count; i++)
		app = app ||
		    (f->enclave_container[i] &&
			s->containers[i].kind == CONTAINER_APP);
	for (size_t i = 0; i < s->container_count; i++) {
		if (!app && s->containers[i].kind == CONTAINER_APP &&
		    may_be_enclave(f, i))
			f->enclave_container[i] = true;
		f->enclave_count += f->enclave_container[i];
	}
}

/* --- Amounts and EPC --- */

struct amount
amount_read(const struct value *v, int64_t unit)
{
	struct amount a = { .value = v };
	struct quantity q;

	if (v == NULL)
		return a;
	if (quantity_read(v, &q) != QUANTITY_OK || !quantity_is_integer(&q) ||
	    q.whole < 0) {
		a.state = AMOUNT_UNREADABLE;
		return a;
	}
	a.state = AMOUNT_OK;
	a.format = q.format;
	a.bytes = q.whole > INT64_MAX / unit ? INT64_MAX : q.whole * unit;
	return a;
}

/* The request is mostly a copy of the limit, made by the API server. */
static struct amount
request_amount(const struct value *v, int64_t unit, const struct amount *limit)
{
	const struct kg_slice text = value_str(v);
	struct amount a = *limit;

	if (text.len == 0 || !slice_eq(text, value_str(limit->value)))
		return amount_read(v, unit);
	a.value = v;
	return a;
}

/* Reads the amounts of one list into the row: its limits, or its requests. */
static void
read_list(const struct profile *p, const struct value *list, bool limits,
    struct amounts *row)
{
	for (size_t i = 0; i < value_members(list); i++) {
		const struct member *m = &list->u.members[i];
		const struct kg_slice name = value_str(&m->name);

		if ((p->resource_lengths & slice_length_bit(name)) == 0)
			continue;
		for (size_t k = 0; k < p->resource_count; k++) {
			const struct profile_resource *res = &p->resources[k];

			if (!slice_eq(name, res->name))
				continue;
			if (limits)
				row[k].limit =
				    amount_read(&m->value, res->unit);
			else
				row[k].request = request_amount(
				    &m->value, res->unit, &row[k].limit);
		}
	}
}

static void
read_amounts(struct facts *f)
{
	for (size_t i = 0; i < f->scan->container_count; i++) {
		const struct container *c = &f->scan->containers[i];
		struct amounts *row = facts_row(f, c);

		read_list(f->profile, c->limits, true, row);
		read_list(f->profile, c->requests, false, row);
	}
}

const struct profile_resource *
facts_memory(const struct facts *f, const struct container *c)
{
	const struct profile *p = f->profile;
	const struct amounts *row = facts_row(f, c);
	const struct profile_resource *requested = NULL;

	for (size_t i = 0; i < p->resource_count; i++) {
		if (p->resources[i].role != ROLE_MEMORY)
			continue;
		if (row[i].limit.state != AMOUNT_ABSENT)
			return &p->resources[i];
		if (row[i].request.state != AMOUNT_ABSENT && requested == NULL)
			requested = &p->resources[i];
	}
	return requested;
}

int64_t
facts_epc(const struct facts *f, const struct container *c)
{
	const struct profile_resource *res = facts_memory(f, c);

	return res != NULL ? amount_asked(facts_amounts(f, c, res))->bytes : 0;
}

static int64_t
add_saturated(int64_t a, int64_t b)
{
	return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/*
 * What the scheduler reserves (KEP-753): all app containers and restartable
 * init containers together, or, while it runs, an init container with the
 * restartable ones before it.
 */
static int64_t
effective_epc(const struct facts *f)
{
	const struct scan *s = f->scan;
	int64_t running = 0, restartable = 0, peak = 0;

	for (size_t i = 0; i < s->container_count; i++) {
		const struct container *c = &s->containers[i];
		const int64_t epc = facts_epc(f, c);
		int64_t now;

		if (c->kind == CONTAINER_APP)
			running = add_saturated(running, epc);
		else if (c->kind == CONTAINER_RESTARTABLE)
			restartable = add_saturated(restartable, epc);
		else if (c->kind == CONTAINER_INIT) {
			now = add_saturated(restartable, epc);
			peak = now > peak ? now : peak;
		}
	}
	running = add_saturated(running, restartable);
	return running > peak ? running : peak;
}

/* --- All --- */

static void
choose_wirings(struct facts *f)
{
	const struct profile *p = f->profile;
	struct arena *a = f->scan->arena;

	f->wirings = arena_array(a, p->wiring_count, sizeof(*f->wirings));
	f->complete = arena_alloc(a, p->wiring_count * sizeof(*f->complete));
	if (f->wirings == NULL || f->complete == NULL)
		return;
	for (size_t i = 0; i < p->wiring_count; i++) {
		if (f->params->wirings.count == 0 ||
		    string_list_has(&f->params->wirings, p->wirings[i].name))
			f->wirings[f->wiring_count++] = &p->wirings[i];
	}
}

/* Behind the first that is complete everywhere none counts any more. */
static void
count_complete(struct facts *f)
{
	for (size_t w = 0; w < f->wiring_count; w++) {
		if (w > 0 && f->complete[w - 1] == f->enclave_count)
			return;
		for (size_t i = 0; i < f->scan->container_count; i++) {
			if (f->enclave_container[i] &&
			    wiring_complete(
				f, f->wirings[w], &f->scan->containers[i]))
				f->complete[w]++;
		}
	}
}

/*
 * What the RuntimeClass adds to nodeSelector stands in every pod that an API
 * server sends; templates and files wait for it.
 */
static const struct value *
injected_selector(const struct facts *f, struct kg_slice class)
{
	const struct profile *p = f->profile;

	if (!f->scan->pod->is_template && !f->scan->call->manifest)
		return NULL;
	for (size_t i = 0; i < p->class_default_count; i++) {
		if (slice_eq(p->class_defaults[i].name, class))
			return p->class_defaults[i].selector;
	}
	return NULL;
}

static void
check_placement(struct facts *f)
{
	const struct kg_slice class =
	    value_str(f->scan->spec[KEY_runtimeClassName]);
	const struct placement_rules rules = {
		.profile = f->profile,
		.extra = f->params->predicates,
		.extra_count = f->params->predicate_count,
		.class_selector = injected_selector(f, class),
	};

	placement_check(f->scan->pod->spec, &rules, &f->placement);
	if (runtime_class_listed(&f->profile->runtime_proves, class))
		f->placement.proven = true;
}

enum kg_status
facts_make(
    struct scan *scan, const struct enclave_params *params, struct facts *f)
{
	*f = (struct facts){ .scan = scan, .params = params };
	find_profile(f);
	if (f->profile == NULL)
		return KG_OK;
	f->enclave_container =
	    arena_alloc(scan->arena, scan->container_count * sizeof(bool));
	f->amounts = arena_alloc(scan->arena,
	    scan->container_count * f->profile->resource_count *
		sizeof(*f->amounts));
	choose_wirings(f);
	if (arena_failed(scan->arena))
		return scan->arena->failure;
	read_amounts(f);
	find_attestation(f);
	mark_enclaves(f);
	f->effective_epc = effective_epc(f);
	count_complete(f);
	check_placement(f);
	return KG_OK;
}

enum kg_status
facts_of(struct scan *scan, const struct enclave_params *params,
    const struct facts **out)
{
	struct facts *f;
	enum kg_status st;

	*out = scan->facts;
	if (scan->facts != NULL && scan->facts->params == params)
		return KG_OK;
	f = arena_array(scan->arena, 1, sizeof(*f));
	if (f == NULL)
		return scan->arena->failure;
	st = facts_make(scan, params, f);
	if (st == KG_OK)
		*out = scan->facts = f;
	return st;
}

const struct wiring *
facts_wiring(const struct facts *f)
{
	for (size_t w = 0; f->enclave_count > 0 && w < f->wiring_count; w++) {
		if (f->complete[w] == f->enclave_count)
			return f->wirings[w];
	}
	return NULL;
}
