/* SPDX-License-Identifier: Apache-2.0 */
/* DBG-001, DBG-002 and DBG-005: switches of debug modes, and what the pod
 * itself starts beside the enclave. */
#include "enclave/env.h"
#include "enclave/judge.h"

/* --- DBG-001 --- */

#define LIST(array)                                       \
	{                                                 \
		array, sizeof(array) / sizeof((array)[0]) \
	}

/* These hold on every platform; a profile's own come on top. */
static const struct kg_slice zero[] = { SLICE_INIT("0") };
static const struct kg_slice hw[] = { SLICE_INIT("hw") };
static const struct kg_slice sim[] = { SLICE_INIT("SIM"), SLICE_INIT("SW") };
static const struct kg_slice sgx[] = { SLICE_INIT("sgx") };
static const struct kg_slice one[] = { SLICE_INIT("1") };
static const struct kg_slice truthy[] = { SLICE_INIT("yes"), SLICE_INIT("true"),
	SLICE_INIT("1"), SLICE_INIT("on"), SLICE_INIT("y"), SLICE_INIT("t"),
	SLICE_INIT("enable"), SLICE_INIT("enabled") };

static const struct debug_switch switches[] = {
	{ SLICE_INIT("OE_SIMULATION"), LIST(zero), true, false },
	{ SLICE_INIT("SCONE_MODE"), LIST(hw), true, false },
	{ SLICE_INIT("SGX_MODE"), LIST(sim), false, false },
	{ SLICE_INIT("GRAMINE_MODE"), LIST(sgx), true, false },
	{ SLICE_INIT("OCCLUM_RELEASE_ENCLAVE"), LIST(one), true, false },
	{ SLICE_INIT("ANJ_ENCLAVE_DEBUG_MODE"), LIST(truthy), false, false },
};

#define SWITCHES (sizeof(switches) / sizeof(switches[0]))

static bool
is_built_in(struct kg_slice env)
{
	for (size_t i = 0; i < SWITCHES; i++) {
		if (slice_eq(switches[i].env, env))
			return true;
	}
	return false;
}

static bool
value_listed(const struct debug_switch *d, struct kg_slice value)
{
	for (size_t i = 0; i < d->values.count; i++) {
		/* "HW" may not be "hw" to the runtime; "sim" may be "SIM". */
		if (d->safe ? slice_eq(d->values.items[i], value)
			    : slice_eq_nocase(d->values.items[i], value))
			return true;
	}
	return false;
}

static void
report_switch(struct judge *j, const struct container *c,
    const struct debug_switch *d, const struct env_var *v)
{
	const struct kg_slice values = list_text(j, &d->values);
	struct trail t = trail_container(j, c);

	trail_name(&t, SLICE("env"));
	if (v->source != ENV_ABSENT)
		trail_index(&t, v->index);
	finding_add(j, RULE_DBG_001, &t,
	    TEXTS(v->source == ENV_ABSENT
		    ? say(j,
			  "env %t is not set in container %q, so debug may "
			  "be chosen at run time",
			  &d->env, &c->name)
		    : v->source == ENV_LITERAL
		    ? say(j, "env %t is %q in container %q", &d->env, &v->value,
			  &c->name)
		    : say(j,
			  "env %t in container %q comes from where nobody "
			  "can see it now",
			  &d->env, &c->name),
		say(j, d->safe ? "%t: %t" : "%t is none of %t", &d->env,
		    &values),
		d->safe ? say(j, "set env %t: %q", &d->env, &d->values.items[0])
			: say(j, "remove env %t", &d->env)));
}

/* Whether a literal is unsafe; what cannot be seen is. */
static void
check_switch(
    struct judge *j, const struct container *c, const struct debug_switch *d)
{
	struct env_var v;

	env_find(j->arena, c, d->env, &v);
	if (v.source == ENV_ABSENT ? d->required
				   : v.source != ENV_LITERAL ||
		    value_listed(d, v.value) != d->safe)
		report_switch(j, c, d, &v);
}

static void
check_switches(struct judge *j, const struct container *c)
{
	const struct profile *p = j->facts->profile;

	for (size_t i = 0; i < SWITCHES; i++) {
		if (container_has_env(c, switches[i].env))
			check_switch(j, c, &switches[i]);
	}
	for (size_t i = 0; i < p->debug_count; i++) {
		const struct debug_switch *d = &p->debug[i];

		/* One place, one finding: the built-in one stands. */
		if (container_has_env(c, d->env) ? !is_built_in(d->env)
						 : d->required)
			check_switch(j, c, d);
	}
}

/* --- DBG-002 --- */

/* "/usr/bin/gdb" is gdb. */
static struct kg_slice
base_name(struct kg_slice path)
{
	struct kg_slice rest = path;

	while (rest.ptr != NULL)
		path = slice_cut(&rest, '/');
	return path;
}

static const struct kg_slice tracers[] = { SLICE_INIT("strace"),
	SLICE_INIT("ltrace"), SLICE_INIT("gdb"), SLICE_INIT("gdbserver"),
	SLICE_INIT("sgx-gdb"), SLICE_INIT("oegdb"), SLICE_INIT("ego-gdb"),
	SLICE_INIT("lldb"), SLICE_INIT("lldb-server"), SLICE_INIT("perf") };

static bool
is_tracer(struct kg_slice name)
{
	static const struct string_list list = LIST(tracers);

	return string_list_has(&list, name);
}

/* After these another program's name follows. */
static const struct kg_slice launchers[] = { SLICE_INIT("exec"),
	SLICE_INIT("env"), SLICE_INIT("sudo"), SLICE_INIT("nohup"),
	SLICE_INIT("nice"), SLICE_INIT("tini"), SLICE_INIT("dumb-init"),
	SLICE_INIT("setsid"), SLICE_INIT("--") };

static bool
is_launcher(struct kg_slice name)
{
	static const struct string_list list = LIST(launchers);

	return string_list_has(&list, name);
}

static const struct kg_slice shells[] = { SLICE_INIT("sh"), SLICE_INIT("bash"),
	SLICE_INIT("dash"), SLICE_INIT("ash"), SLICE_INIT("zsh"),
	SLICE_INIT("ksh") };

static bool
is_shell(struct kg_slice name)
{
	static const struct string_list list = LIST(shells);

	return string_list_has(&list, name);
}

/* A walk over the words of a command line and of the scripts in it. */
struct words {
	struct kg_slice before; /* the word before; {NULL, 0}: none */
	bool first;             /* a program's name is to come */
	struct kg_slice culprit;
};

static void
take_word(struct words *w, struct kg_slice word)
{
	const struct kg_slice name = base_name(word);
	const bool pair =
	    (slice_is(w->before, "occlum") && slice_is(name, "gdb")) ||
	    (slice_is(w->before, "ego") && slice_is(name, "debug"));

	if (w->culprit.ptr == NULL &&
	    (pair || slice_is(name, "gramine-direct") ||
		slice_is(word, "--debug-mode") ||
		slice_starts(word, SLICE("--debug-mode=")) ||
		(w->first && is_tracer(name))))
		w->culprit = word;
	w->first = is_launcher(name) || slice_ends(word, SLICE(";")) ||
	    slice_is(word, "&&") || slice_is(word, "||") ||
	    slice_is(word, "|") || slice_is(word, "&");
	w->before = name;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One entry of command or args: a word, or a script of several. */
static void
take_entry(struct words *w, struct kg_slice text)
{
	size_t i = 0, start;
	bool script = false;

	for (i = 0; i < text.len; i++)
		script = script || is_blank(text.ptr[i]);
	w->first = w->first || script;
	for (i = 0; i < text.len;) {
		const bool line = text.ptr[i] == '\n';

		if (is_blank(text.ptr[i])) {
			w->first = w->first || line;
			i++;
			continue;
		}
		start = i;
		while (i < text.len && !is_blank(text.ptr[i]))
			i++;
		take_word(w, slice_of(text.ptr + start, i - start));
	}
}

static void
check_member(struct judge *j, const struct container *c,
    const struct value *list, const char *member, struct words *w)
{
	for (size_t i = 0; i < value_len(list); i++) {
		struct trail t;

		w->culprit = slice_of(NULL, 0);
		take_entry(w, value_str(value_at(list, i)));
		if (w->culprit.ptr == NULL)
			continue;
		t = trail_container(j, c);
		trail_name(&t, slice_str(member));
		trail_index(&t, i);
		finding_add(j, RULE_DBG_002, &t,
		    TEXTS(say(j, "%q in the command line of container %q",
			      &w->culprit, &c->name),
			say(j,
			    "no debugger, no debug mode, no run outside the "
			    "enclave"),
			say(j,
			    "start the program as it is to run in "
			    "production")));
	}
}

/* A word of command and args together; "" past the last. */
static struct kg_slice
word_at(const struct container *c, size_t n)
{
	const size_t count = value_len(c->command);

	return value_str(
	    n < count ? value_at(c->command, n) : value_at(c->args, n - count));
}

/* The option that makes the words from n on a script; {NULL, 0}: none. */
static struct kg_slice
script_option(const struct container *c, size_t n)
{
	for (;; n++) {
		const struct kg_slice flag = word_at(c, n);

		if (flag.len < 2 || (flag.ptr[0] != '-' && flag.ptr[0] != '+'))
			return slice_of(NULL, 0);
		if (flag.ptr[1] != '-' && slice_find(flag, 'c') < flag.len)
			return flag;
		n += flag.ptr[flag.len - 1] == 'o'; /* -o pipefail */
	}
}

/* sh -c SCRIPT: what runs is a text of the pod, not of the image. */
static void
check_shell(struct judge *j, const struct container *c)
{
	struct kg_slice shell, flag;
	struct trail t;
	size_t n = 0;

	if (value_len(c->command) == 0)
		return;
	shell = base_name(word_at(c, 0));
	while (is_launcher(shell) || slice_is(shell, "busybox"))
		shell = base_name(word_at(c, ++n));
	if (!is_shell(shell))
		return;
	flag = script_option(c, n + 1);
	if (flag.len == 0)
		return;
	t = trail_container(j, c);
	trail_name(&t, SLICE("command"));
	finding_advise(j, RULE_DBG_002, &t,
	    TEXTS(say(j, "container %q starts through %t %t", &c->name, &shell,
		      &flag),
		say(j, "the enclave's program itself"),
		say(j, "name the program in command, without a shell")));
}

/* --- DBG-005 --- */

/* A handler of the container: a member of its `list`, or for NULL of it. */
static void
check_exec(struct judge *j, const struct container *c, const char *list,
    const char *what, const struct value *handler)
{
	struct trail t;

	if (value_is_null(value_find(handler, SLICE("exec"))))
		return;
	t = trail_container(j, c);
	if (list != NULL)
		trail_name(&t, slice_str(list));
	trail_name(&t, slice_str(what));
	trail_name(&t, SLICE("exec"));
	finding_advise(j, RULE_DBG_005, &t,
	    TEXTS(say(j, "%s of container %q runs a command", what, &c->name),
		say(j, "httpGet, tcpSocket or grpc"),
		say(j,
		    "let the enclave's program answer over the network: "
		    "the command runs outside the enclave")));
}

static void
check_handlers(struct judge *j, const struct container *c)
{
	static const struct {
		enum key_id key;
		const char *name;
	} probes[] = { { KEY_livenessProbe, "livenessProbe" },
		{ KEY_readinessProbe, "readinessProbe" },
		{ KEY_startupProbe, "startupProbe" } };
	static const char *const hooks[] = { "postStart", "preStop" };
	const struct value *lifecycle = value_get(c->value, KEY_lifecycle);

	for (size_t i = 0; i < 3; i++)
		check_exec(j, c, NULL, probes[i].name,
		    value_get(c->value, probes[i].key));
	for (size_t i = 0; i < 2; i++)
		check_exec(j, c, "lifecycle", hooks[i],
		    value_find(lifecycle, slice_str(hooks[i])));
}

void
rules_dbg(struct judge *j)
{
	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];
		struct words w = { .first = true };

		if (c == j->facts->attestation)
			check_switches(j, c);
		if (!j->facts->enclave_container[i])
			continue;
		check_switches(j, c);
		check_member(j, c, c->command, "command", &w);
		check_member(j, c, c->args, "args", &w);
		if (j->facts->profile->tee == TEE_PROCESS)
			check_shell(j, c);
		if (c->handlers)
			check_handlers(j, c);
	}
}
