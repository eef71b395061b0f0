/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISO-002 to ISO-004 and ISO-008: what the pod shares with its node, and its
 * containers with each other. rule_priv.c has what processes may do.
 */
#include "enclave/judge.h"
#include "enclave/path.h"

/* --- ISO-002 --- */

/*
 * Device nodes, the kernel's own files, the kubelet's state, and the sockets
 * and state of container runtimes. /var/run is /run on nearly every node.
 */
static const struct kg_slice guarded[] = {
	SLICE_INIT("/dev"),
	SLICE_INIT("/sys"),
	SLICE_INIT("/proc"),
	SLICE_INIT("/var/lib/kubelet"),
	SLICE_INIT("/etc/kubernetes"),
	SLICE_INIT("/var/lib/containerd"),
	SLICE_INIT("/var/lib/docker"),
	SLICE_INIT("/var/lib/containers"),
	SLICE_INIT("/run/containerd"),
	SLICE_INIT("/var/run/containerd"),
	SLICE_INIT("/run/crio"),
	SLICE_INIT("/var/run/crio"),
	SLICE_INIT("/run/docker.sock"),
	SLICE_INIT("/var/run/docker.sock"),
	SLICE_INIT("/run/docker"),
	SLICE_INIT("/var/run/docker"),
	SLICE_INIT("/run/dockershim.sock"),
	SLICE_INIT("/var/run/dockershim.sock"),
	SLICE_INIT("/run/cri-dockerd.sock"),
	SLICE_INIT("/var/run/cri-dockerd.sock"),
	SLICE_INIT("/run/podman"),
	SLICE_INIT("/var/run/podman"),
	SLICE_INIT("/var/lib/rancher"),
	SLICE_INIT("/run/k3s/containerd"),
	SLICE_INIT("/var/run/k3s/containerd"),
	SLICE_INIT("/var/lib/crio"),
	SLICE_INIT("/var/lib/k0s"),
	SLICE_INIT("/run/k0s"),
	SLICE_INIT("/var/run/k0s"),
	SLICE_INIT("/var/snap/microk8s"),
	SLICE_INIT("/run/nri"),
	SLICE_INIT("/var/run/nri"),
	SLICE_INIT("/run/vc"),
	SLICE_INIT("/var/run/vc"),
	SLICE_INIT("/run/kata-containers"),
	SLICE_INIT("/var/run/kata-containers"),
};

/* The guarded path that this one is, lies under, or contains; {NULL, 0}. */
static struct kg_slice
guarded_path(struct kg_slice path)
{
	for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++) {
		if (path_within(path, guarded[i]) ||
		    path_within(guarded[i], path))
			return guarded[i];
	}
	return slice_of(NULL, 0);
}

/* The path of a wiring is ATT-004's to judge. */
static bool
is_wiring_path(const struct facts *f, struct kg_slice path)
{
	for (size_t w = 0; w < f->wiring_count; w++) {
		if (f->wirings[w]->host_path &&
		    string_list_has(&f->wirings[w]->host_paths, path))
			return true;
	}
	return false;
}

static void
check_host_path(struct judge *j, size_t index)
{
	const struct volume *v = &j->scan->volumes[index];
	const struct kg_slice written =
	    value_str(value_get(value_get(v->value, KEY_hostPath), KEY_path));
	struct kg_slice guard;
	struct trail t;

	if (is_wiring_path(j->facts, v->host_path) ||
	    string_list_has(&j->facts->profile->host_paths, v->host_path))
		return;
	guard = guarded_path(v->host_path);
	if (guard.ptr == NULL)
		return;
	t = trail_spec(j);
	trail_name(&t, SLICE("volumes"));
	trail_index(&t, index);
	trail_name(&t, SLICE("hostPath"));
	trail_name(&t, SLICE("path"));
	finding_add(j, RULE_ISO_002, &t,
	    TEXTS(slice_eq(written, v->host_path)
		    ? say(j, "volume %q is hostPath %q", &v->name, &written)
		    : say(j, "volume %q is hostPath %q, which is %q", &v->name,
			  &written, &v->host_path),
		say(j, "no hostPath that reaches %t", &guard),
		say(j,
		    path_within(v->host_path, SLICE("/dev"))
			? "ask for the device by its resource instead"
			: "remove the volume, or use a path of its own")));
}

/* Behind a claim a local volume may be any disk of the node. */
static void
check_block_devices(struct judge *j, const struct container *c)
{
	struct trail t;

	if (value_len(c->devices) == 0 || j->facts->profile->tee != TEE_PROCESS)
		return;
	t = trail_container(j, c);
	trail_name(&t, SLICE("volumeDevices"));
	finding_advise(j, RULE_ISO_002, &t,
	    TEXTS(say(j,
		      "container %q uses a raw block device, whose source "
		      "nobody can see here",
		      &c->name),
		say(j, "volumes with a file system"),
		say(j,
		    "use volumeMounts, or make sure that the claim's volume "
		    "is no disk of the node")));
}

/* --- ISO-003, ISO-004 --- */

static void
check_switch(struct judge *j, enum rule rule, enum key_id key, const char *name)
{
	struct trail t;

	if (!value_on(j->scan->spec[key]))
		return;
	t = trail_spec(j);
	trail_name(&t, slice_str(name));
	finding_add(j, rule, &t,
	    TEXTS(say(j, "%s: true", name), say(j, "false, or absent"),
		say(j, "remove %s", name)));
}

static void
check_ports(struct judge *j, const struct container *c)
{
	const struct string_list *allowed = &j->facts->profile->host_ports;

	for (size_t i = 0; i < value_len(c->ports); i++) {
		const struct value *port =
		    value_get(value_at(c->ports, i), KEY_hostPort);
		struct kg_slice number;
		struct trail t;

		if (!value_is(port, VALUE_INT) || port->u.integer == 0)
			continue;
		number = say(j, "%d", port->u.integer);
		if (string_list_has(allowed, number))
			continue;
		t = trail_container(j, c);
		trail_name(&t, SLICE("ports"));
		trail_index(&t, i);
		trail_name(&t, SLICE("hostPort"));
		finding_add(j, RULE_ISO_003, &t,
		    TEXTS(say(j, "hostPort %t in container %q", &number,
			      &c->name),
			say(j, "no port of the node"),
			say(j, "remove hostPort and use a Service")));
	}
}

static void
check_namespaces(struct judge *j)
{
	const bool host_network = value_on(j->scan->spec[KEY_hostNetwork]);

	check_switch(j, RULE_ISO_003, KEY_hostPID, "hostPID");
	check_switch(j, RULE_ISO_003, KEY_hostIPC, "hostIPC");
	check_switch(j, RULE_ISO_003, KEY_hostNetwork, "hostNetwork");
	check_switch(j, RULE_ISO_004, KEY_shareProcessNamespace,
	    "shareProcessNamespace");
	/* With the node's network every port is one of the node. */
	for (size_t i = 0; !host_network && i < j->scan->container_count; i++)
		check_ports(j, &j->scan->containers[i]);
}

/* --- ISO-008 --- */

static bool
at_socket_path(const struct judge *j, const struct mount *m)
{
	const struct facts *f = j->facts;

	for (size_t w = 0; w < f->wiring_count; w++) {
		if (string_list_has(&f->wirings[w]->mount_paths, m->path))
			return true;
	}
	return false;
}

/* Somebody has the agent's socket in this volume, or it is the node's folder
 * of it by another name; an ephemeral container counts, so that nothing is
 * hidden by moving an enclave there. */
static bool
holds_socket(const struct judge *j, const struct mount *mount)
{
	const struct facts *f = j->facts;

	if (mount->volume != NULL &&
	    is_wiring_path(f, mount->volume->host_path))
		return true;
	for (size_t i = 0; i < j->scan->container_count; i++) {
		for (size_t w = 0; w < f->wiring_count; w++) {
			const struct mount *m =
			    facts_mount_at(&j->scan->containers[i],
				&f->wirings[w]->mount_paths, NULL);

			if (m != NULL &&
			    slice_eq(m->volume_name, mount->volume_name))
				return true;
		}
	}
	return false;
}

static struct trail
trail_mount(const struct judge *j, const struct container *c, size_t index)
{
	struct trail t = trail_container(j, c);

	trail_name(&t, SLICE("volumeMounts"));
	trail_index(&t, index);
	return t;
}

static void
check_propagation(struct judge *j, const struct container *c, size_t index)
{
	const struct kg_slice mode =
	    value_str(value_get(c->mounts[index].value, KEY_mountPropagation));
	struct trail t;

	if (mode.len == 0 || slice_is(mode, "None"))
		return;
	t = trail_mount(j, c, index);
	trail_name(&t, SLICE("mountPropagation"));
	finding_add(j, RULE_ISO_008, &t,
	    TEXTS(
		say(j, "mountPropagation %q in container %q", &mode, &c->name),
		say(j, "None, or absent"), say(j, "remove mountPropagation")));
}

static void
check_mounts(struct judge *j, size_t i)
{
	const struct container *c = &j->scan->containers[i];
	/* Not by the list it stands in: moving it must not clear this. What
	 * is mounted where the socket belongs is for the ATT rules. */
	const bool own = (c->signals & j->facts->profile_bit) != 0;

	for (size_t m = 0; m < c->mount_count; m++) {
		const struct kg_slice volume = c->mounts[m].volume_name;
		struct trail t;

		check_propagation(j, c, m);
		if (own || at_socket_path(j, &c->mounts[m]) ||
		    !holds_socket(j, &c->mounts[m]))
			continue;
		t = trail_mount(j, c, m);
		finding_add(j, RULE_ISO_008, &t,
		    TEXTS(say(j,
			      "container %q mounts volume %q, which holds the "
			      "agent's socket",
			      &c->name, &volume),
			say(j,
			    "only enclave containers and the attestation "
			    "container mount it"),
			say(j, "remove the mount from this container")));
	}
}

void
rules_iso(struct judge *j)
{
	for (size_t i = 0; i < j->scan->volume_count; i++) {
		if (j->scan->volumes[i].host_path.len > 0)
			check_host_path(j, i);
	}
	check_namespaces(j);
	for (size_t i = 0; i < j->scan->container_count; i++) {
		check_block_devices(j, &j->scan->containers[i]);
		check_mounts(j, i);
	}
}
