/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SGX SIGSTRUCTs (Intel SDM volume 3D, "Enclave signature structure"): found
 * in a bare .sig file or anywhere in a signed image, taken apart, and checked
 * as EINIT would. Nothing in the bytes is trusted.
 */
#ifndef KG_ENCLAVE_SIGSTRUCT_H
#define KG_ENCLAVE_SIGSTRUCT_H

#include "base/buf.h"
#include "base/sha256.h"

#define SIGSTRUCT_SIZE 1808u

enum sigstruct_debug {
	DEBUG_REFUSED,   /* EINIT refuses a debug enclave */
	DEBUG_SET,       /* the attributes demand one */
	DEBUG_PERMITTED, /* the mask leaves it to who starts the enclave */
};

struct sigstruct {
	size_t offset;           /* in the file */
	struct kg_slice section; /* of the ELF image; "" none, or unknown */
	char mrenclave[SHA256_HEX], mrsigner[SHA256_HEX];
	uint16_t product_id, svn;
	uint32_t vendor; /* 0x8086: Intel; 0: anybody else */
	uint32_t date;   /* binary-coded decimal: 0x20261125 */
	uint32_t misc_select, misc_mask;
	uint64_t flags, flags_mask; /* attributes: flags ... */
	uint64_t xfrm, xfrm_mask;   /* ... and state components */
	enum sigstruct_debug debug;
	const char *problem; /* why EINIT would refuse it; NULL: it is valid */
};

struct sigstructs {
	struct sigstruct *list;
	size_t count;
	bool truncated; /* more than SIGSTRUCTS_MAX */
	bool elf;       /* the bytes are an ELF image */
};

/*
 * Finds every SIGSTRUCT by its header constants and exponent, at any byte, so
 * that none can hide behind another. Bytes are borrowed; the list and section
 * names live in the arena or in the bytes. KG_OK (also when there is none), or
 * KG_NOMEM, KG_LIMIT of the arena.
 */
enum kg_status sigstruct_find(struct arena *arena, struct kg_slice bytes,
    struct sigstructs *out) KG_MUST_CHECK;

/* "2026-11-25", or "" when the digits are no date. `text` takes 11 bytes. */
void sigstruct_date(const struct sigstruct *s, char text[11]);

#endif
