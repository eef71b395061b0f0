/* SPDX-License-Identifier: Apache-2.0 */
/* Image references as text: [HOST[:PORT]/]PATH[:TAG][@DIGEST]. */
#ifndef KG_ENCLAVE_IMAGE_H
#define KG_ENCLAVE_IMAGE_H

#include "base/slice.h"

/* "sha256:" and 64 lower-case hexadecimal digits. */
bool digest_valid(struct kg_slice text);

/* What stands behind "@" when it is a valid digest; else {NULL, 0}. */
struct kg_slice image_digest(struct kg_slice image);

/*
 * True for what a container runtime takes for a reference; the digest is
 * digest_valid()'s to judge.
 */
bool image_valid(struct kg_slice image);

/*
 * True when the image comes from this place: "registry.example",
 * "registry.example/team" or "docker.io/library". Whole steps only; a
 * reference without a host is of docker.io, and of docker.io/library when it
 * has no path.
 */
bool image_is_from(struct kg_slice image, struct kg_slice place);

#endif
