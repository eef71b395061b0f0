/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of a SIGSTRUCT: its RSA-3072 signature and its quotients. */
#ifndef KG_ENCLAVE_SIGVERIFY_H
#define KG_ENCLAVE_SIGVERIFY_H

#include "base/slice.h"

#define SIGSTRUCT_KEY_SIZE 384u
#define SIGSTRUCT_MODULUS 128u
#define SIGSTRUCT_EXPONENT 512u

/*
 * Checks all 1808 bytes' signature (PKCS #1 v1.5, SHA-256, exponent 3) over
 * the parts that the SDM says, and q1 and q2. *problem says what does not
 * hold; NULL when all does. KG_OK, or KG_NOMEM when OpenSSL could not work:
 * then nothing is known.
 */
enum kg_status sigstruct_verify(
    struct kg_slice bytes, const char **problem) KG_MUST_CHECK;

#endif
