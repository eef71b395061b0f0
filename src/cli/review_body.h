/* SPDX-License-Identifier: Apache-2.0 */
/* The AdmissionReview that creating a bare object would send. */
#ifndef KG_CLI_REVIEW_BODY_H
#define KG_CLI_REVIEW_BODY_H

#include "cli/cli.h"
#include "value/writer.h"

struct review_subject {
	struct kg_slice api_version, kind, resource; /* "apps/v1" ... */
	struct kg_slice name, ns;
	const char *user;
	const struct option_list *groups;
	const struct value *object;
	uint64_t sequence; /* makes the uid: the same run, the same bytes */
};

void review_body_write(struct writer *w, const struct review_subject *s);

#endif
