/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small languages of texts; the first byte says which. What is read and
 * printed reads as the same again.
 */
#include <math.h>

#include "base/limits.h"
#include "value/amount.h"
#include "value/ip.h"
#include "value/moment.h"
#include "value/nameformat.h"
#include "value/number.h"
#include "value/semver.h"
#include "value/url.h"
#include "value/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
try_amount(struct arena *a, struct kg_slice text)
{
	const struct amount zero = amount_of_int(0);
	struct amount x, sum;
	int64_t n;

	if (amount_parse(a, text, &x) != AMOUNT_OK)
		return;
	(void)amount_double(a, &x);
	if (amount_int(&x, &n))
		must(amount_sign(&x) == (n > 0) - (n < 0));
	if (amount_add(a, &x, &zero, false, &sum))
		must(amount_cmp(&x, &sum) == 0);
}

static void
try_ip(struct arena *a, struct kg_slice text)
{
	struct cidr c, back;
	struct buf b;

	buf_init(&b, a, MIB);
	if (!cidr_parse(text, &c, &b))
		return;
	must(b.len == 0);
	cidr_put(&b, &c);
	must(cidr_parse(buf_slice(&b), &back, NULL));
	must(ip_equal(&c.ip, &back.ip) && c.bits == back.bits);
	must(cidr_contains_ip(&c, &c.ip));
	back = cidr_masked(&c);
	must(cidr_contains(&back, &c) && cidr_contains(&c, &back));
}

static void
try_url(struct arena *a, struct kg_slice text)
{
	struct kg_slice rest, name, value;
	struct buf b, error;
	struct url u, back;

	buf_init(&b, a, MIB);
	buf_init(&error, a, MIB);
	if (!url_parse(a, text, &u, &error))
		return;
	(void)url_hostname(&u);
	(void)url_port(&u);
	rest = u.raw_query;
	while (url_next_param(a, &rest, &name, &value))
		;
	url_put(&b, &u);
	/* Not every URL that prints is a request's. */
	(void)url_parse(a, buf_slice(&b), &back, NULL);
}

static void
try_semver(struct arena *a, struct kg_slice text)
{
	struct semver v, w;
	struct buf error;

	buf_init(&error, a, MIB);
	if (semver_parse(a, text, false, &v, &error)) {
		must(semver_parse(a, text, true, &w, &error));
		must(semver_cmp(&v, &w) == 0);
	}
	(void)semver_parse(a, text, true, &w, &error);
}

static void
try_time(struct arena *a, struct kg_slice text)
{
	struct moment m, back;
	int64_t nanos, again;
	struct buf b;

	buf_init(&b, a, MIB);
	if (moment_parse(text, &m) == MOMENT_OK) {
		moment_put(&b, &m);
		must(moment_parse(buf_slice(&b), &back) == MOMENT_OK);
		must(back.seconds == m.seconds && back.nanos == m.nanos &&
		    back.offset == m.offset);
	}
	buf_init(&b, a, MIB);
	if (duration_parse(text, &nanos) == DURATION_OK) {
		duration_put_go(&b, nanos);
		must(duration_parse(buf_slice(&b), &again) == DURATION_OK);
		must(again == nanos);
	}
}

static void
try_double(struct arena *a, struct kg_slice text)
{
	double d, back;
	struct buf b;

	buf_init(&b, a, MIB);
	if (double_read(text, &d) != DOUBLE_OK)
		return;
	double_put(&b, d, DOUBLE_GENERAL, -1);
	must(double_read(buf_slice(&b), &back) == DOUBLE_OK);
	must(isnan(d) ? isnan(back) : back >= d && back <= d);
}

static void
try_format(struct arena *a, struct kg_slice text)
{
	struct kg_slice messages[NAME_MESSAGES_MAX];

	for (int i = 0; i < FORMAT_COUNT; i++)
		must(name_format_check(a, (enum name_format)i, text,
			 messages) <= NAME_MESSAGES_MAX);
}

static void
try_zone(struct arena *a, struct kg_slice text)
{
	int64_t offset;

	(void)a;
	(void)zone_fixed(text, &offset);
	(void)zone_offset(text, 1700000000, &offset);
	(void)zone_offset(text, 4100000000, &offset);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(
	    struct arena *, struct kg_slice) = { try_amount, try_ip, try_url,
		try_semver, try_time, try_double, try_format, try_zone };
	struct arena arena;

	if (size == 0)
		return 0;
	arena_init(&arena, 256 * MIB);
	tries[data[0] % (sizeof(tries) / sizeof(tries[0]))](
	    &arena, slice_of((const char *)data + 1, size - 1));
	arena_release(&arena);
	return 0;
}
