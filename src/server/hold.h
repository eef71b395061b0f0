/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answers of one turn of the loop leave together, when it ends. A client
 * that serves many connections, as the API server does, is then woken once
 * and finds them all; and head and body of an answer are one TLS record and
 * one packet. Their records are written together just before, and a turn that
 * lasts lets go in between.
 */
#ifndef KG_SERVER_HOLD_H
#define KG_SERVER_HOLD_H

#include "server/conn.h"

/* Before something is sent on a session of ours: it will be held, or else may
 * leave at once. False: the client has to take what it was sent before. */
bool hold_answer(struct conn *c);

/* The end of a turn: all that is held leaves. */
void hold_release(struct conns *t);

/* What is held of one connection leaves, as far as its client takes it; the
 * rest with its next answer or by conns_tick(). */
void hold_release_one(struct conn *c);

/* The connection closes: nothing of it is held any more. */
void hold_forget(struct conn *c);

#endif
