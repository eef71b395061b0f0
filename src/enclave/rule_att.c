/* SPDX-License-Identifier: Apache-2.0 */
/* ATT: is attestation wired, completely, in every enclave container? */
#include "base/limits.h"
#include "enclave/judge.h"
#include "enclave/path.h"

/* The wiring that most enclave containers have; the first on a tie. */
static size_t
best_wiring(const struct facts *f)
{
	size_t best = 0;

	for (size_t w = 1; w < f->wiring_count; w++) {
		if (f->complete[w] > f->complete[best])
			best = w;
	}
	return best;
}

/* Of the wirings, the one whose env or mount the container already has. */
static const struct wiring *
intended_wiring(const struct facts *f, const struct container *c)
{
	const struct wiring *best = f->wirings[0];
	size_t most = 0;

	for (size_t w = 0; w < f->wiring_count; w++) {
		const struct wiring *wiring = f->wirings[w];
		const struct mount *m =
		    facts_mount_at(c, &wiring->mount_paths, NULL);
		size_t score = 0;

		score += m != NULL && wiring_takes_volume(wiring, m->volume);
		score +=
		    wiring->attestor.name.len > 0 && f->attestation != NULL;
		for (size_t i = 0; i < wiring->resource_count; i++)
			score +=
			    2u * container_has_count(c, &wiring->resources[i]);
		if (score > most) {
			most = score;
			best = wiring;
		}
	}
	return best;
}

static struct kg_slice
wiring_names(const struct judge *j)
{
	const struct facts *f = j->facts;
	struct buf b;

	buf_init(&b, j->arena, 4 * KIB);
	for (size_t w = 0; w < f->wiring_count; w++) {
		if (w > 0)
			buf_puts(&b, ", ");
		buf_put(&b, f->wirings[w]->name);
	}
	return buf_slice(&b);
}

static void
report_wiring(struct judge *j, enum rule rule, const struct container *c,
    const struct wiring *w)
{
	const struct kg_slice names = wiring_names(j);
	const struct trail t = trail_container(j, c);
	struct buf gaps;

	buf_init(&gaps, j->arena, 4 * KIB);
	wiring_describe_gaps(&gaps, j->facts, w, c);
	finding_add(j, rule, &t,
	    TEXTS(say(j, "enclave container %q: wiring %t is incomplete: %t",
		      &c->name, &w->name,
		      &(struct kg_slice){ gaps.ptr, gaps.len }),
		say(j,
		    rule == RULE_ATT_001
			? "one complete wiring of attestation: %t"
			: "the same complete wiring in every enclave "
			  "container, "
			  "one of %t",
		    &names),
		say(j, "complete wiring %t in container %q", &w->name,
		    &c->name)));
}

/* ATT-001 and ATT-002. */
static void
check_wired(struct judge *j)
{
	const struct facts *f = j->facts;
	const size_t best = best_wiring(f);

	if (f->enclave_count == 0 || f->complete[best] == f->enclave_count)
		return;
	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];

		if (!f->enclave_container[i])
			continue;
		if (f->complete[best] == 0) {
			report_wiring(
			    j, RULE_ATT_001, c, intended_wiring(f, c));
			return; /* once for the pod */
		}
		if (!wiring_complete(f, f->wirings[best], c))
			report_wiring(j, RULE_ATT_002, c, f->wirings[best]);
	}
}

/* --- ATT-004: what stands behind the socket --- */

static bool
at_wiring_path(const struct facts *f, struct kg_slice path)
{
	for (size_t w = 0; w < f->wiring_count; w++) {
		const struct string_list *paths = &f->wirings[w]->mount_paths;

		for (size_t i = 0; i < paths->count; i++) {
			if (path_within(path, paths->items[i]))
				return true;
		}
	}
	return false;
}

static bool
fits_some_wiring(const struct facts *f, const struct volume *v)
{
	for (size_t w = 0; w < f->wiring_count; w++) {
		if (f->wirings[w]->mount_paths.count > 0 &&
		    wiring_takes_volume(f->wirings[w], v))
			return true;
	}
	return false;
}

/* The source of a volume: its member that is not the name. */
static struct kg_slice
volume_source(const struct judge *j, const struct mount *m)
{
	const struct volume *v = m->volume;

	if (v == NULL)
		return say(j, "no volume %q in the pod", &m->volume_name);
	if (v->host_path.len > 0)
		return say(j, "volume %q is hostPath %q, type %q", &v->name,
		    &v->host_path, &v->host_type);
	for (size_t i = 0; i < value_members(v->value); i++) {
		const struct kg_slice name =
		    value_str(&v->value->u.members[i].name);
		const struct value *source = &v->value->u.members[i].value;
		const struct kg_slice medium =
		    value_str(value_get(source, KEY_medium));

		if (slice_is(name, "name") || value_is_null(source))
			continue;
		if (slice_is(name, "emptyDir"))
			return say(j, "volume %q is emptyDir, medium %q",
			    &v->name, &medium);
		return say(j, "volume %q is %q", &v->name, &name);
	}
	return say(j, "volume %q is an emptyDir on disk", &v->name);
}

static void
check_sockets(struct judge *j, const struct container *c)
{
	const struct facts *f = j->facts;

	for (size_t i = 0; i < c->mount_count; i++) {
		const struct mount *m = &c->mounts[i];
		struct kg_slice source;
		struct trail t;

		if (!at_wiring_path(f, m->path) ||
		    fits_some_wiring(f, m->volume))
			continue;
		source = volume_source(j, m);
		t = trail_container(j, c);
		trail_name(&t, SLICE("volumeMounts"));
		trail_index(&t, i);
		finding_add(j, RULE_ATT_004, &t,
		    TEXTS(say(j, "%t, mounted at %t", &source, &m->path),
			say(j,
			    "the hostPath of the node's agent (type "
			    "Directory, Socket or none), or an emptyDir of "
			    "medium Memory with the sidecar"),
			say(j,
			    "back the socket with one of these: anything "
			    "else can hold a forged agent")));
	}
}

/* --- ATT-010: env and mount go together --- */

static void
report_lone_env(struct judge *j, const struct container *c,
    const struct wiring *w, struct kg_slice name, size_t index)
{
	struct trail t = trail_container(j, c);

	trail_name(&t, SLICE("env"));
	trail_index(&t, index);
	finding_add(j, RULE_ATT_010, &t,
	    TEXTS(say(j,
		      "env %t is set in container %q, but no socket is "
		      "mounted",
		      &name, &c->name),
		say(j, "both, or neither"),
		say(j, "mount the agent's socket at %t, or remove the env",
		    &w->mount_paths.items[0])));
}

static void
report_lone_mount(struct judge *j, const struct container *c,
    struct kg_slice name, size_t index)
{
	struct trail t = trail_container(j, c);

	trail_name(&t, SLICE("volumeMounts"));
	trail_index(&t, index);
	finding_add(j, RULE_ATT_010, &t,
	    TEXTS(say(j,
		      "the agent's socket is mounted in container %q, but "
		      "env %t is not set",
		      &c->name, &name),
		say(j, "both, or neither"),
		say(j, "set env %t: 1, or remove the mount", &name)));
}

/* Once for each env name of a wiring, whichever wirings share it. */
static void
check_pair(struct judge *j, const struct container *c, const struct wiring *w,
    struct kg_slice name)
{
	const struct facts *f = j->facts;
	const size_t env_at = container_env(c, name, c->env_count);
	const bool env = env_at != SIZE_MAX;
	size_t mount_at = 0;
	bool mounted = false;

	for (size_t i = 0; i < f->wiring_count && !mounted; i++)
		mounted = facts_mount_at(c, &f->wirings[i]->mount_paths,
			      &mount_at) != NULL;
	if (env && !mounted)
		report_lone_env(j, c, w, name, env_at);
	if (!env && mounted)
		report_lone_mount(j, c, name, mount_at);
}

/* It is asked for without a socket too: so it does not announce one. */
static bool
stands_alone(const struct facts *f, struct kg_slice name)
{
	for (size_t w = 0; w < f->wiring_count; w++) {
		if (f->wirings[w]->mount_paths.count == 0 &&
		    string_list_has(&f->wirings[w]->env_require, name))
			return true;
	}
	return false;
}

static bool
named_before(const struct facts *f, size_t wiring, struct kg_slice name)
{
	for (size_t w = 0; w < wiring; w++) {
		if (f->wirings[w]->mount_paths.count > 0 &&
		    string_list_has(&f->wirings[w]->env_require, name))
			return true;
	}
	return false;
}

static void
check_pairs(struct judge *j, const struct container *c)
{
	const struct facts *f = j->facts;

	for (size_t w = 0; w < f->wiring_count; w++) {
		const struct wiring *wiring = f->wirings[w];

		if (wiring->mount_paths.count == 0)
			continue;
		for (size_t i = 0; i < wiring->env_require.count; i++) {
			const struct kg_slice name =
			    wiring->env_require.items[i];

			if (!named_before(f, w, name) && !stands_alone(f, name))
				check_pair(j, c, wiring, name);
		}
	}
}

void
rules_att(struct judge *j)
{
	const struct facts *f = j->facts;

	if (f->wiring_count == 0)
		return;
	check_wired(j);
	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];

		if (f->enclave_container[i] || c == f->attestation)
			check_sockets(j, c);
		if (f->enclave_container[i])
			check_pairs(j, c);
	}
}
