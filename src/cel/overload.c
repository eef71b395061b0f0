/* SPDX-License-Identifier: Apache-2.0 */
/* The table of builtin.def, and how a row is written for people. */
#include "cel/overload.h"

#define A0 { NULL }, 0
#define A1(x) { &cel_t_##x }, 1
#define A2(x, y) { &cel_t_##x, &cel_t_##y }, 2
#define A3(x, y, z) { &cel_t_##x, &cel_t_##y, &cel_t_##z }, 3
#define A4(x, y, z, u) { &cel_t_##x, &cel_t_##y, &cel_t_##z, &cel_t_##u }, 4
#define OVERLOAD(                                                           \
    id, function, style, args, result, impl, cost, library, since, doc)     \
	{ #id, function, CEL_##style, args, &cel_t_##result, cel_fn_##impl, \
		CEL_COST_##cost, CEL_LIB_##library, since, doc },

const struct cel_overload cel_builtins[] = {
#include "cel/builtin.def"
};
#undef OVERLOAD

const size_t cel_builtin_count = sizeof(cel_builtins) / sizeof(*cel_builtins);

/* The compiler has instructions for it: this is never called. */
struct value
cel_fn_special(struct cel_eval *eval, const struct value *args)
{
	(void)eval;
	(void)args;
	return (struct value){ .kind = CEL_ERROR };
}

struct value
cel_fn_missing(struct cel_eval *eval, const struct value *args)
{
	(void)eval;
	(void)args;
	return (struct value){ .kind = CEL_ERROR };
}

void
cel_overload_put(struct buf *out, const struct cel_overload *overload)
{
	const size_t first = overload->style == CEL_MEMBER ? 1 : 0;

	if (first == 1) {
		buf_putc(out, '<');
		cel_type_put(out, overload->params[0]);
		buf_puts(out, ">.");
	}
	buf_puts(out, overload->function);
	buf_putc(out, '(');
	for (size_t i = first; i < overload->param_count; i++) {
		if (i > first)
			buf_puts(out, ", ");
		cel_type_put(out, overload->params[i]);
	}
	buf_puts(out, ") -> ");
	cel_type_put(out, overload->result);
}
