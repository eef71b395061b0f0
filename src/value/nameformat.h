/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formats that names, labels and other texts of Kubernetes have to have,
 * and apimachinery's own words for what is wrong with one.
 */
#ifndef KG_VALUE_NAMEFORMAT_H
#define KG_VALUE_NAMEFORMAT_H

#include "base/buf.h"

enum name_format {
	FORMAT_DNS1123_LABEL,
	FORMAT_DNS1123_SUBDOMAIN,
	FORMAT_DNS1035_LABEL,
	FORMAT_QUALIFIED_NAME,
	FORMAT_DNS1123_LABEL_PREFIX,
	FORMAT_DNS1123_SUBDOMAIN_PREFIX,
	FORMAT_DNS1035_LABEL_PREFIX,
	FORMAT_LABEL_VALUE,
	FORMAT_URI,
	FORMAT_UUID,
	FORMAT_BYTE,
	FORMAT_DATE,
	FORMAT_DATETIME,
	FORMAT_COUNT
};

/* "dns1123Label" ... */
const char *name_format_text(enum name_format format);

/* FORMAT_COUNT: none of this name. */
enum name_format name_format_find(struct kg_slice name);

/* Length of the pattern that Kubernetes reckons a check to cost. */
unsigned name_format_weight(enum name_format format);

/* Messages are at most so many. */
#define NAME_MESSAGES_MAX 4

/* Gives the number of messages, in the arena; 0: nothing is wrong. */
size_t name_format_check(struct arena *a, enum name_format format,
    struct kg_slice text, struct kg_slice messages[NAME_MESSAGES_MAX]);

#endif
