/* SPDX-License-Identifier: GPL-2.0-or-later */
/* losses.c: whom a look-up that was not seen is about, and until when. */
#include "losses.h"
#include "unit.h"

#define SECOND	1000000000ull
#define NOW	(5000 * SECOND)
#define ALICE	1000
#define BOB	1001
#define SYSTEM	101

static struct sp_losses losses;
static uint64_t until;

static void begin(void)
{
	losses = (struct sp_losses){ 0 };
}

static bool is_about(uint32_t uid, uint64_t opened, uint64_t boot)
{
	return sp_losses_find(&losses, uid, opened, boot, &until);
}

START_TEST(nothing_lost)
{
	ck_assert(!is_about(ALICE, 0, NOW));
	ck_assert(!losses.begun);
}
END_TEST

START_TEST(of_a_user)
{
	sp_losses_add(&losses, ALICE, NOW, NOW);
	ck_assert(losses.begun);
	ck_assert(is_about(ALICE, 0, NOW));
	ck_assert_uint_eq(until, NOW + SP_LOSS_LIFE);
	ck_assert(!is_about(BOB, 0, NOW));
	ck_assert(is_about(ALICE, 0, NOW + SP_LOSS_LIFE - 1));
	ck_assert(!is_about(ALICE, 0, NOW + SP_LOSS_LIFE));
}
END_TEST

START_TEST(of_everybody)
{
	sp_losses_add_everybody(&losses, NOW, NOW);
	ck_assert(is_about(ALICE, 0, NOW) && is_about(SYSTEM, 0, NOW));
	/* what services ask for is asked for everybody */
	begin();
	sp_losses_add(&losses, SYSTEM, NOW, NOW);
	ck_assert(is_about(ALICE, 0, NOW));
}
END_TEST

START_TEST(the_last_to_end_counts)
{
	sp_losses_add(&losses, ALICE, NOW, NOW);
	sp_losses_add_everybody(&losses, NOW - 100 * SECOND, NOW);
	ck_assert(is_about(ALICE, 0, NOW));
	ck_assert_uint_eq(until, NOW + SP_LOSS_LIFE);
	ck_assert(is_about(BOB, 0, NOW));
	ck_assert_uint_eq(until, NOW - 100 * SECOND + SP_LOSS_LIFE);
}
END_TEST

/* One more while one is live changes when it ends, and begins nothing. */
START_TEST(goes_on)
{
	sp_losses_add(&losses, ALICE, NOW, NOW);
	losses.begun = false;
	sp_losses_add(&losses, ALICE, NOW + 60 * SECOND, NOW + 60 * SECOND);
	ck_assert(!losses.begun);
	ck_assert(is_about(ALICE, 0, NOW + SP_LOSS_LIFE));
	ck_assert(!is_about(ALICE, 0, NOW + SP_LOSS_LIFE + 60 * SECOND));
	sp_losses_add(&losses, ALICE, NOW + 2 * SP_LOSS_LIFE, NOW + 2 * SP_LOSS_LIFE);
	ck_assert(losses.begun);
	/* an older one that is heard of later takes nothing away */
	sp_losses_add(&losses, ALICE, NOW + 2 * SP_LOSS_LIFE - SECOND, NOW + 2 * SP_LOSS_LIFE);
	is_about(ALICE, 0, NOW + 2 * SP_LOSS_LIFE);
	ck_assert_uint_eq(until, NOW + 3 * SP_LOSS_LIFE);
}
END_TEST

START_TEST(long_ago)
{
	sp_losses_add_everybody(&losses, NOW - SP_LOSS_LIFE, NOW);
	ck_assert(!losses.begun);
	ck_assert(!is_about(ALICE, 0, NOW));
}
END_TEST

START_TEST(what_was_open_before)
{
	sp_losses_add(&losses, ALICE, NOW, NOW);
	sp_losses_add_everybody(&losses, NOW + 60 * SECOND, NOW + 60 * SECOND);
	ck_assert(!is_about(ALICE, NOW - 1, NOW + 60 * SECOND));
	ck_assert(is_about(ALICE, NOW, NOW + 60 * SECOND));
	ck_assert_uint_eq(until, NOW + SP_LOSS_LIFE);
	ck_assert(is_about(ALICE, NOW + 60 * SECOND, NOW + 60 * SECOND));
	/* it began earlier, as is heard now */
	losses.begun = false;
	sp_losses_add(&losses, ALICE, NOW - 10 * SECOND, NOW + 60 * SECOND);
	ck_assert(losses.begun);
	ck_assert(is_about(ALICE, NOW - 1, NOW + 60 * SECOND));
}
END_TEST

START_TEST(too_many_are_everybody)
{
	uint32_t uid;

	for (uid = 0; uid < SP_LOSSES_MAX; uid++)
		sp_losses_add(&losses, ALICE + uid, NOW, NOW);
	ck_assert(is_about(ALICE + SP_LOSSES_MAX - 1, 0, NOW));
	ck_assert(!is_about(BOB + SP_LOSSES_MAX, 0, NOW));
	sp_losses_add(&losses, ALICE + SP_LOSSES_MAX, NOW, NOW);
	ck_assert(is_about(BOB + SP_LOSSES_MAX, 0, NOW));
	/* a place that is over is taken again */
	losses.everybody = (struct sp_loss){ 0 };
	sp_losses_add(&losses, 7000, NOW + SP_LOSS_LIFE, NOW + SP_LOSS_LIFE);
	ck_assert(is_about(7000, 0, NOW + SP_LOSS_LIFE));
	ck_assert(!is_about(7001, 0, NOW + SP_LOSS_LIFE));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("losses");
	TCase *tcase = tcase_create("losses");

	tcase_add_checked_fixture(tcase, begin, NULL);
	tcase_add_test(tcase, nothing_lost);
	tcase_add_test(tcase, of_a_user);
	tcase_add_test(tcase, of_everybody);
	tcase_add_test(tcase, the_last_to_end_counts);
	tcase_add_test(tcase, goes_on);
	tcase_add_test(tcase, long_ago);
	tcase_add_test(tcase, what_was_open_before);
	tcase_add_test(tcase, too_many_are_everybody);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
