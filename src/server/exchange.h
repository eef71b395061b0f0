/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request under way, with the buffer of its body. Exchanges are kept for
 * the next request, so that a steady server allocates none; buffers grow by
 * what has arrived, never by what a client states.
 */
#ifndef KG_SERVER_EXCHANGE_H
#define KG_SERVER_EXCHANGE_H

#include "server/worker.h"

struct exchange {
	struct exchange *next; /* among the spare ones */
	struct MHD_Connection *connection;
	enum kg_phase phase;
	bool selftest, answered;
	unsigned refused; /* status to answer once the body is read; 0: none */
	const char *line; /* ... and the reason */
	char *body;
	size_t len, cap;
};

/* NULL: no memory. */
struct exchange *exchange_begin(
    struct worker *w, struct MHD_Connection *connection, enum kg_phase phase);
void exchange_end(struct worker *w, struct exchange *x);

/* False: longer than --max-body, or no memory for it, ours or all clients'. */
bool exchange_append(
    struct worker *w, struct exchange *x, const char *data, size_t n);

/* Frees what the worker keeps. */
void exchange_release(struct worker *w);

#endif
