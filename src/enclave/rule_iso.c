/* SPDX-License-Identifier: Apache-2.0 */
/* ISO: what could reach into the enclave's pod, or out of it, on the node. */
#include "enclave/judge.h"
#include "enclave/path.h"

static void
check_privileged(struct judge *j)
{
	for (size_t i = 0; i < j->scan->container_count; i++) {
		const struct container *c = &j->scan->containers[i];
		struct trail t;

		if (!value_true(
			value_get(value_get(c->value, KEY_securityContext),
			    KEY_privileged)))
			continue;
		t = trail_container(j, c);
		trail_name(&t, SLICE("securityContext"));
		trail_name(&t, SLICE("privileged"));
		finding_add(j, RULE_ISO_001, &t,
		    TEXTS(say(j, "container %q is privileged", &c->name),
			say(j, "privileged: false, or absent"),
			say(j,
			    "remove privileged: the device plugin grants "
			    "the enclave devices")));
	}
}

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
	SLICE_INIT("/run/k3s/containerd"),
	SLICE_INIT("/var/run/k3s/containerd"),
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
	const struct kg_slice guard = guarded_path(v->host_path);
	const struct kg_slice written =
	    value_str(value_get(value_get(v->value, KEY_hostPath), KEY_path));
	struct trail t;

	if (guard.ptr == NULL || is_wiring_path(&j->facts, v->host_path))
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

void
rules_iso(struct judge *j)
{
	check_privileged(j);
	for (size_t i = 0; i < j->scan->volume_count; i++) {
		if (j->scan->volumes[i].host_path.len > 0)
			check_host_path(j, i);
	}
}
