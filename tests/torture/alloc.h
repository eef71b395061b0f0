/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocations that fail on demand: ours (the linker wraps malloc, calloc and
 * realloc of our objects), libyaml's (by symbol), cJSON's and OpenSSL's (by
 * their hooks).
 */
#ifndef KG_TESTS_TORTURE_ALLOC_H
#define KG_TESTS_TORTURE_ALLOC_H

#include <stdbool.h>

/* Hooks up the libraries; before any of them is used. */
void alloc_setup(void);

/* The n-th allocation from now on fails; with `on` all later ones too. */
void alloc_fail_at(long n, bool on);

/* Stops failing; true when the n-th was asked for. */
bool alloc_stop(void);

#endif
