// SPDX-License-Identifier: GPL-2.0
/* kmod/user.c */
#include <linux/err.h>
#include "support.h"
#include "user.h"

static void start(void)
{
	shim_init();
	ck_assert_int_eq(sp_user_init(), 0);
}

static void stop(void)
{
	ck_assert_uint_eq(sp_user_count(), 0);
	sp_user_exit();
	shim_exit();
}

START_TEST(charges_are_limited_by_kind)
{
	struct sp_user *user = sp_user_charge(5, SP_CHARGE_FLOW, 2);

	ck_assert_ptr_eq(sp_user_charge(5, SP_CHARGE_FLOW, 2), user);
	ck_assert_int_eq(PTR_ERR(sp_user_charge(5, SP_CHARGE_FLOW, 2)), -ENOSPC);
	ck_assert_ptr_eq(sp_user_charge(5, SP_CHARGE_PENDING, 1), user);
	ck_assert_uint_eq(sp_user_count(), 1);
	sp_user_uncharge(user, SP_CHARGE_FLOW);
	ck_assert_ptr_eq(sp_user_charge(5, SP_CHARGE_FLOW, 2), user);
	sp_user_uncharge(user, SP_CHARGE_FLOW);
	sp_user_uncharge(user, SP_CHARGE_FLOW);
	ck_assert_uint_eq(sp_user_count(), 1);
	sp_user_uncharge(user, SP_CHARGE_PENDING);
}
END_TEST

START_TEST(lowered_limit)
{
	struct sp_user *user = sp_user_charge(5, SP_CHARGE_FLOW, 9);

	ck_assert_ptr_eq(sp_user_charge(5, SP_CHARGE_FLOW, 9), user);
	ck_assert_int_eq(PTR_ERR(sp_user_charge(5, SP_CHARGE_FLOW, 1)), -ENOSPC);
	sp_user_uncharge(user, SP_CHARGE_FLOW);
	sp_user_uncharge(user, SP_CHARGE_FLOW);
}
END_TEST

START_TEST(refused_charge_leaves_no_record)
{
	ck_assert_int_eq(PTR_ERR(sp_user_charge(5, SP_CHARGE_FLOW, 0)), -ENOSPC);
	ck_assert_uint_eq(sp_user_count(), 0);
}
END_TEST

START_TEST(no_memory)
{
	shim_fail_nth(1);
	ck_assert_int_eq(PTR_ERR(sp_user_charge(5, SP_CHARGE_FLOW, 2)), -ENOMEM);
	ck_assert(shim_failed());
	ck_assert_uint_eq(sp_user_count(), 0);
}
END_TEST

START_TEST(users_are_bounded)
{
	struct sp_user **users = calloc(sp_user_max(), sizeof(*users));
	u32 i;

	for (i = 0; i < sp_user_max(); i++) {
		users[i] = sp_user_charge(i, SP_CHARGE_FLOW, 1);
		ck_assert(!IS_ERR(users[i]));
	}
	ck_assert_int_eq(PTR_ERR(sp_user_charge(i, SP_CHARGE_FLOW, 1)), -ENOSPC);
	ck_assert_uint_eq(sp_user_count(), sp_user_max());
	for (i = 0; i < sp_user_max(); i++)
		sp_user_uncharge(users[i], SP_CHARGE_FLOW);
	free(users);
}
END_TEST

#define MODEL_USERS 12
#define MODEL_LIMIT 5

struct model {
	struct sp_user *user;
	u32 count[__SP_CHARGE_MAX];
};

static bool model_lives(const struct model *model)
{
	int i;

	for (i = 0; i < __SP_CHARGE_MAX; i++)
		if (model->count[i])
			return true;
	return false;
}

static void model_charge(struct model *model, u32 uid, enum sp_charge what)
{
	struct sp_user *user = sp_user_charge(uid, what, MODEL_LIMIT);

	if (model->count[what] == MODEL_LIMIT) {
		ck_assert_int_eq(PTR_ERR(user), -ENOSPC);
	} else if (IS_ERR(user)) {
		ck_assert_int_eq(PTR_ERR(user), -ENOMEM);
		ck_assert(!model_lives(model));
	} else {
		ck_assert(!model_lives(model) || user == model->user);
		model->user = user;
		model->count[what]++;
	}
}

static void model_check(const struct model *models)
{
	u32 alive = 0;
	int i;

	for (i = 0; i < MODEL_USERS; i++)
		alive += model_lives(&models[i]);
	ck_assert_uint_eq(sp_user_count(), alive);
}

START_TEST(random_steps)
{
	struct model models[MODEL_USERS] = { }, *model;
	enum sp_charge what;
	int step;
	u32 uid;

	shim_seed(_i);
	shim_hash_mask = 3;
	shim_fail_chance(20);
	for (step = 0; step < 10000; step++) {
		uid = shim_random(MODEL_USERS);
		what = shim_random(__SP_CHARGE_MAX);
		model = &models[uid];
		if (shim_random(2)) {
			model_charge(model, uid, what);
		} else if (model->count[what]) {
			model->count[what]--;
			sp_user_uncharge(model->user, what);
		}
		if (!shim_random(100))
			shim_rcu_run();
		model_check(models);
	}
	for (uid = 0; uid < MODEL_USERS; uid++)
		for (what = 0; what < __SP_CHARGE_MAX; what++)
			while (models[uid].count[what]--)
				sp_user_uncharge(models[uid].user, what);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("user");

	tcase_add_checked_fixture(tcase, start, stop);
	tcase_add_test(tcase, charges_are_limited_by_kind);
	tcase_add_test(tcase, lowered_limit);
	tcase_add_test(tcase, refused_charge_leaves_no_record);
	tcase_add_test(tcase, no_memory);
	tcase_add_test(tcase, users_are_bounded);
	tcase_add_loop_test(tcase, random_steps, 1, 4);
	return support_run(tcase);
}
