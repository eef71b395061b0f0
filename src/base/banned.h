/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that no file of ours may call: each loses a length, an error or a
 * thread's state. Included through base/slice.h, which every file reaches.
 */
#ifndef KG_BASE_BANNED_H
#define KG_BASE_BANNED_H

/* The headers that declare them come first, or the poison would bite them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__GNUC__)
#pragma GCC poison strcpy strcat strncpy strncat stpcpy sprintf vsprintf
#pragma GCC poison strtok strtok_r gets atoi atol atoll
#pragma GCC poison gmtime localtime ctime asctime tmpnam mktemp
#endif

#endif
