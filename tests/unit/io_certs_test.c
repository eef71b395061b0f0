/* SPDX-License-Identifier: Apache-2.0 */
/* Names that certificates may carry, and certificates as time goes by. */
#include <sys/stat.h>
#include <unistd.h>

#include "io/certs.h"
#include "io/file.h"
#include "unit/unit.h"

static char folder[] = "/tmp/keepgate-certs-XXXXXX";

static int64_t start_s; /* before anything was made */

static int
setup(void **state)
{
	start_s = clock_wall_us() / 1000000;
	return mkdtemp(folder) != NULL ? unit_setup(state) : -1;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "ca.crt", "ca.key", "tls.crt",
		"tls.key" };
	char path[80];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	return rmdir(folder) == 0 ? unit_teardown(state) : -1;
}

static void
test_dns_names(void **state)
{
	static const struct {
		const char *name;
		bool ok;
	} cases[] = {
		{ "a", true },
		{ "keepgate.ns.svc", true },
		{ "*.example.com", true },
		{ "3com.example", true },
		{ "", false },
		{ ".", false },
		{ "a.", false },
		{ ".a", false },
		{ "a..b", false },
		{ "-a", false },
		{ "a-", false },
		{ "a_b", false },
		{ "a.*.b", false },
		{ "*", false },
		{ "a b", false },
		{ "a,DNS:b", false },
	};
	char text[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (certs_is_dns_name(slice_str(cases[i].name)) != cases[i].ok)
			fail_msg("%s", cases[i].name);
	}
	memset(text, 'a', sizeof(text));
	assert_true(certs_is_dns_name(slice_of(text, 63)));
	assert_false(certs_is_dns_name(slice_of(text, 64)));
	for (size_t i = 50; i < sizeof(text); i += 50)
		text[i] = '.';
	assert_true(certs_is_dns_name(slice_of(text, 253)));
	assert_false(certs_is_dns_name(slice_of(text, 254)));
}

static void
make(int64_t days, int64_t ca_days, bool force, enum kg_status want)
{
	const char *const ips[] = { "127.0.0.1", "::1" };
	const struct certs_options o = { .dir = folder,
		.service = "gate",
		.space = "ns",
		.ips = ips,
		.ip_count = 2,
		.days = days,
		.ca_days = ca_days,
		.force = force };
	char error[CERTS_ERROR_MAX] = "";
	struct certs_made made;
	const enum kg_status st = certs_init(&o, &arena, &made, error);

	if (st != want)
		fail_msg("%d: %s", (int)st, error);
}

/* What is wrong so many days from now. */
static void
problem_after(int64_t days, int64_t warn_days, const char *want)
{
	char path[80], ca[80], error[CERTS_ERROR_MAX];
	const struct certs_wants wants = { .ca = ca,
		.host = "gate.ns.svc",
		.warn_s = warn_days * CERTS_SECONDS_A_DAY,
		.now_s = start_s + days * CERTS_SECONDS_A_DAY };
	struct cert_report r;

	(void)snprintf(path, sizeof(path), "%s/tls.crt", folder);
	(void)snprintf(ca, sizeof(ca), "%s/ca.crt", folder);
	assert_int_equal(certs_look(path, &wants, &arena, &r, error), KG_OK);
	assert_true(r.host_matches);
	if (want == NULL) {
		assert_int_equal(r.problem_count, 0);
		assert_true(r.chain_verifies);
	} else {
		assert_true(r.problem_count > 0);
		assert_slice(r.problems[0], want);
	}
}

static void
test_time(void **state)
{
	(void)state;
	make(10, 20, false, KG_OK);
	problem_after(0, 5, NULL);
	problem_after(6, 5, "certificate 1 expires in 4 days");
	problem_after(6, 0, NULL);
	problem_after(11, 0, "certificate 1 has expired");
	problem_after(-1, 0, "certificate 1 is not valid yet");
	/* The CA must outlive what it issues, and is never made again. */
	make(30, 100, true, KG_INVALID);
	make(20, 100, true, KG_OK);
	problem_after(15, 0, NULL);
}

/* A key that everybody reads is no key. */
static void
test_modes(void **state)
{
	char path[80];
	struct stat st;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/tls.key", folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dns_names),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_modes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
