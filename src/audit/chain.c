/* SPDX-License-Identifier: Apache-2.0 */
/* The hash chain: sha256sum over each line checks it. */
#include "audit/record.h"

enum kg_status
chain_init(struct chain *chain)
{
	chain->hash = sha256_new();
	chain->seq = 1;
	memset(chain->prev, '0', sizeof(chain->prev));
	return chain->hash != NULL ? KG_OK : KG_NOMEM;
}

void
chain_release(struct chain *chain)
{
	sha256_free(chain->hash);
	chain->hash = NULL;
}

size_t
chain_head(const struct chain *chain, uint64_t lost, char *head)
{
	struct buf b;

	buf_init_over(&b, head, RECORD_HEAD_MAX);
	buf_put(&b, SLICE("{\"v\":1,\"seq\":"));
	buf_put_uint(&b, chain->seq);
	buf_put(&b, SLICE(",\"prev\":\""));
	buf_put(&b, slice_of(chain->prev, SHA256_HEX));
	buf_putc(&b, '"');
	if (lost > 0) {
		buf_put(&b, SLICE(",\"lost\":"));
		buf_put_uint(&b, lost);
	}
	return b.len;
}

enum kg_status
chain_add(struct chain *chain, struct kg_slice head, struct kg_slice body)
{
	enum kg_status st = sha256_begin(chain->hash);

	if (st == KG_OK)
		st = sha256_update(chain->hash, head);
	if (st == KG_OK)
		st = sha256_update(chain->hash, body);
	if (st == KG_OK)
		st = sha256_end(chain->hash, chain->prev);
	if (st == KG_OK)
		chain->seq++;
	return st;
}

enum kg_status
chain_resume(struct chain *chain, struct kg_slice line, uint64_t seq)
{
	chain->seq = seq;
	return chain_add(chain, line, slice_of(NULL, 0));
}
