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
	int n = snprintf(head, RECORD_HEAD_MAX,
	    "{\"v\":1,\"seq\":%llu,\"prev\":\"%.*s\"",
	    (unsigned long long)chain->seq, SHA256_HEX, chain->prev);

	if (lost > 0)
		n += snprintf(head + n, RECORD_HEAD_MAX - (size_t)n,
		    ",\"lost\":%llu", (unsigned long long)lost);
	return (size_t)n;
}

enum kg_status
chain_advance(struct chain *chain, struct kg_slice head, struct kg_slice body)
{
	char digest[SHA256_HEX];
	enum kg_status st = sha256_begin(chain->hash);

	if (st == KG_OK)
		st = sha256_update(chain->hash, head);
	if (st == KG_OK)
		st = sha256_update(chain->hash, body);
	if (st == KG_OK)
		st = sha256_end(chain->hash, digest);
	if (st != KG_OK)
		return st;
	memcpy(chain->prev, digest, sizeof(digest));
	chain->seq++;
	return KG_OK;
}

enum kg_status
chain_resume(struct chain *chain, struct kg_slice line, uint64_t seq)
{
	chain->seq = seq;
	return chain_advance(chain, line, slice_of(NULL, 0));
}
