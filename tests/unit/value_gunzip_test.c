/* SPDX-License-Identifier: Apache-2.0 */
/* Gzip, as zlib packs it: stored, with the fixed codes and with its own. */
#include "base/limits.h"
#include "unit/unit.h"
#include "value/base64.h"
#include "value/gunzip.h"

#define TEXT "version = \"0.1.0\"\nalgorithm = \"sha256\"\n"

static const char stored[] =
    "H4sIAAAAAAAA/wEnANj/dmVyc2lvbiA9ICIwLjEuMCIKYWxnb3JpdGhtID0gInNoYTI1"
    "NiIKbmxXnCcAAAA=";

static const char fixed[] =
    "H4sIAAAAAAAA/ytLLSrOzM9TsFVQMtAz1DNQ4krMSc8vyizJyAWJFWckGpmaKXEBAG5s"
    "V5wnAAAA";

static const char named[] =
    "H4sICAAAAAAA/2luaXRkYXRhLnRvbWwAK0stKs7Mz1OwVVAy0DPUM1DiSsxJzy/KLMnI"
    "BYkVZyQamZopcQEAbmxXnCcAAAA=";

static const char dynamic[] =
    "H4sIAAAAAAAA/0XWu20DQRAEUZ9RKITt3n9AMgQQyt8UhOsaWmuxQPLm7dz75/f7q73e"
    "/4eew8/Rn2M8x3yO9Rz7Oc5z3HycTDpKSCkpKaWlxJSaklN6Ts98r/ScntNzek7P6Tk9"
    "p9fT6+l1fmh6Pb2eXk+vp9fT6+mN9EZ6I73BP5feSG+kN9Ib6Y30ZnozvZneTG/yKNKb"
    "6c30ZnozvZXeSm+lt9Jb6S2ebXorvZXeSm+nt9Pb6e30dno7vc2wpLfT2+md9E56J72T"
    "3knvpHfSO0xfeie9m95N76Z307vp3fRueje9yzjXPDPQjYlujHRjphtD3Zjqxlg35rox"
    "2I3yhwrlwlJaikt5KTAlpshgRqCRSyFl3Ag4Qo6gI+wIPEKP4CP8qBdwyhAShgQioUgw"
    "Eo4EJCFJUNKou4MymgQn4UmAEqIEKWFKoBKqNOtaogwsIUvQErYELqFL8BK+BDCtuvEo"
    "Y0wgE8oEM+FMQBPSBDVhTbsuU8pwE94EOCFOkBPmBDqhTrDTqXuaMvIEPWFP4BP6BD/h"
    "TwAUAnVrBdQOYAlg0Bg0Bo1BY9AYNAaNQWPQqvVCGYPGoDFoDBqDxqAx6Npbtbg+m4ty"
    "7a5aXrW9an3V/qoFhkFj0Bh0r6VIGYPGoDFoDBqDxqAxaAwagx61bylj0Bg0Bo1BY9AY"
    "NAaNQWPQs1Y5ZQwag8agMWgMGoPGoDFoDHrVWwJlDBqDxqAxaAwag8agMWgMetcLCGUM"
    "GoPGoDFoDBqDxqAxaAz61LsNZQwag8agMWgMGoPGoDFoDPrWa9N9/QEQ+jN+HgoAAA==";

static const char empty[] = "H4sIAAAAAAAA/wMAAAAAAAAAAAA=";

static struct kg_slice
packed(struct arena *a, const char *base64)
{
	struct kg_slice out;

	assert_true(base64_bytes(a, slice_str(base64), &out));
	return out;
}

static void
unpacks(void **state)
{
	static const char *const same[] = { stored, fixed, named };
	struct kg_slice out;
	struct arena a;
	char line[16];
	size_t at = 0;

	(void)state;
	arena_init(&a, MIB);
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		assert_true(gunzip(&a, packed(&a, same[i]), &out));
		assert_slice(out, TEXT);
	}
	assert_true(gunzip(&a, packed(&a, empty), &out));
	assert_int_equal(out.len, 0);
	assert_true(gunzip(&a, packed(&a, dynamic), &out));
	for (int i = 0; i < 300; i++) {
		const int n = snprintf(line, sizeof(line), "line %d\n", i);

		assert_true(slice_starts(
		    slice_from(out, at), slice_of(line, (size_t)n)));
		at += (size_t)n;
	}
	assert_int_equal(at, out.len);
	arena_release(&a);
}

/* No part of it, and nothing behind it, passes; with a bit turned over only
 * what still gives the same. */
static void
refuses_damage(void **state)
{
	static const char *const all[] = { stored, fixed, named, dynamic,
		empty };
	struct kg_slice out, want;
	struct arena a;

	(void)state;
	arena_init(&a, 64 * MIB);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const struct kg_slice good = packed(&a, all[i]);
		char *copy = arena_array(&a, good.len + 1, 1);

		assert_non_null(copy);
		assert_true(gunzip(&a, good, &want));
		memcpy(copy, good.ptr, good.len);
		copy[good.len] = 0;
		assert_false(gunzip(&a, slice_of(copy, good.len + 1), &out));
		for (size_t n = 0; n < good.len; n++)
			assert_false(gunzip(&a, slice_upto(good, n), &out));
		for (size_t bit = 0; bit < good.len * 8; bit++) {
			copy[bit / 8] ^= (char)(1 << bit % 8);
			if (gunzip(&a, slice_of(copy, good.len), &out))
				assert_true(slice_eq(out, want));
			copy[bit / 8] ^= (char)(1 << bit % 8);
		}
	}
	arena_release(&a);
}

static void
holds_to_its_cap(void **state)
{
	struct kg_slice out, good;
	struct arena a;
	char *copy;

	(void)state;
	arena_init(&a, 4 * MIB);
	good = packed(&a, stored);
	copy = arena_array(&a, good.len, 1);
	assert_non_null(copy);
	memcpy(copy, good.ptr, good.len);
	copy[good.len - 1] = 0x7f; /* says 2 GiB */
	assert_false(gunzip(&a, slice_of(copy, good.len), &out));
	assert_false(arena_failed(&a));
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacks),
		cmocka_unit_test(refuses_damage),
		cmocka_unit_test(holds_to_its_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
