/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes' quantities: 64Mi, 1500m, in exact arithmetic. */
#include "cel/library.h"
#include "value/amount.h"

struct quantity_value {
	struct cel_opaque head;
	struct amount amount;
};

static const struct amount *
amount_of(const struct value *v)
{
	return &((const struct quantity_value *)v->u.opaque)->amount;
}

static bool
equal(const struct cel_opaque *a, const struct cel_opaque *b)
{
	return amount_cmp(&((const struct quantity_value *)a)->amount,
		   &((const struct quantity_value *)b)->amount) == 0;
}

static const struct cel_opaque_class quantity_class = {
	.name = SLICE_INIT("kubernetes.Quantity"),
	.go_name = "cel.Quantity",
	.equal = equal,
};

static struct value
quantity(struct cel_eval *e, const struct amount *amount)
{
	struct quantity_value *v = arena_alloc(e->arena, sizeof(*v));

	if (v == NULL)
		return cel_no_memory();
	v->head.class = &quantity_class;
	v->amount = *amount;
	return cel_opaque(&v->head);
}

struct value
cel_fn_quantity(struct cel_eval *e, const struct value *args)
{
	struct amount amount;
	const enum amount_error error =
	    amount_parse(e->arena, cel_slice(&args[0]), &amount);

	return error == AMOUNT_OK ? quantity(e, &amount)
				  : cel_error(amount_error_text(error));
}

struct value
cel_fn_is_quantity(struct cel_eval *e, const struct value *args)
{
	struct amount amount;

	return cel_bool(
	    amount_parse(e->arena, cel_slice(&args[0]), &amount) == AMOUNT_OK);
}

struct value
cel_fn_quantity_sign(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_int(amount_sign(amount_of(&args[0])));
}

struct value
cel_fn_quantity_is_integer(struct cel_eval *e, const struct value *args)
{
	int64_t n;

	(void)e;
	return cel_bool(amount_int(amount_of(&args[0]), &n));
}

struct value
cel_fn_quantity_integer(struct cel_eval *e, const struct value *args)
{
	int64_t n;

	(void)e;
	if (!amount_int(amount_of(&args[0]), &n))
		return cel_error("cannot convert value to integer");
	return cel_int(n);
}

struct value
cel_fn_quantity_double(struct cel_eval *e, const struct value *args)
{
	return cel_double(amount_double(e->arena, amount_of(&args[0])));
}

/* The second is a quantity or an int. */
static struct value
sum(struct cel_eval *e, const struct value *args, bool subtract)
{
	struct amount other, out;

	other = args[1].kind == CEL_INT ? amount_of_int(args[1].u.integer)
					: *amount_of(&args[1]);
	if (!amount_add(e->arena, amount_of(&args[0]), &other, subtract, &out))
		return cel_error(amount_error_text(AMOUNT_LIMIT));
	return quantity(e, &out);
}

struct value
cel_fn_quantity_add(struct cel_eval *e, const struct value *args)
{
	return sum(e, args, false);
}

struct value
cel_fn_quantity_sub(struct cel_eval *e, const struct value *args)
{
	return sum(e, args, true);
}

static int
order_of(const struct value *args)
{
	return amount_cmp(amount_of(&args[0]), amount_of(&args[1]));
}

struct value
cel_fn_quantity_less(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_bool(order_of(args) < 0);
}

struct value
cel_fn_quantity_greater(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_bool(order_of(args) > 0);
}

struct value
cel_fn_quantity_compare(struct cel_eval *e, const struct value *args)
{
	(void)e;
	return cel_int(order_of(args));
}
