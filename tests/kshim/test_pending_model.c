// SPDX-License-Identifier: GPL-2.0
/* kmod/pending.c against a list: at random. Socket c belongs to image c % 8 and user c % 3. */
#include <linux/jiffies.h>
#include <linux/timekeeping.h>
#include "holding.h"
#include "support.h"

#define COOKIES	30

static struct model {
	bool waits;
	u64 since;
	unsigned long queued;
	u32 packets;
	u32 bytes;
	u32 repeats;
} model[COOKIES];

static struct sp_flow_desc model_desc(u32 cookie)
{
	struct sp_flow_desc desc = cookie % 2 ? tcp(cookie, cookie % 8) :
						udp(cookie, cookie % 8);

	desc.uid = cookie % 3;
	desc.direction = cookie % 5 == 0;
	return desc;
}

static u32 model_waiting(bool (*same)(u32 a, u32 b), u32 cookie)
{
	u32 i, n = 0;

	for (i = 0; i < COOKIES; i++)
		n += model[i].waits && same(i, cookie);
	return n;
}

static bool same_all(u32 a, u32 b)
{
	return true;
}

static bool same_image(u32 a, u32 b)
{
	return a % 8 == b % 8;
}

static bool same_user(u32 a, u32 b)
{
	return a % 3 == b % 3;
}

/* What all have of a program is each user's own. */
static bool same_share(u32 a, u32 b)
{
	return same_image(a, b) && same_user(a, b);
}

static bool both_inbound(u32 a, u32 b)
{
	return a % 5 == 0 && b % 5 == 0;
}

static bool model_full(u32 cookie)
{
	return model_waiting(same_all, cookie) >= limits.total ||
	       model_waiting(same_share, cookie) >= limits.image ||
	       model_waiting(same_user, cookie) >= limits.user ||
	       model_waiting(both_inbound, cookie) >= limits.total / 4;
}

static bool model_room(const struct model *m, u32 cookie, u32 bytes)
{
	if (!m->packets)
		return true;
	if (m->packets >= SP_PENDING_PACKETS)
		return false;
	if (cookie % 2)
		return (long)(jiffies - m->queued) > (long)HZ;
	return m->bytes + bytes <= SP_PENDING_BYTES;
}

static void model_hold(u32 cookie)
{
	struct sp_flow_desc desc = model_desc(cookie);
	struct model *m = &model[cookie];
	u32 bytes = 1 + shim_random(6000);
	enum sp_hold ret = hold(&desc, bytes);

	if (!m->waits && ret == SP_HOLD_NEW) {
		ck_assert(!model_full(cookie));
		*m = (struct model) { .waits = true, .since = shim_boottime };
	} else if (!m->waits) {
		ck_assert_int_eq(ret, SP_HOLD_REFUSE);
		ck_assert(reason == SALLYPORT_STAT_NO_MEMORY ? shim_failed() :
			  model_full(cookie));
		return;
	} else if (!model_room(m, cookie, bytes)) {
		ck_assert(refused(ret, SALLYPORT_STAT_HELD_ENOUGH));
		return;
	} else {
		ck_assert_int_eq(ret, SP_HOLD_MORE);
	}
	m->queued = jiffies;
	m->packets++;
	m->bytes += bytes;
}

static void model_return(u32 cookie)
{
	struct sp_flow_desc desc = model_desc(cookie);
	struct model *m = &model[cookie];
	enum sp_hold ret = again(&desc, 1);

	if (m->waits && ++m->repeats < SP_PENDING_REPEATS * m->packets) {
		ck_assert_int_eq(ret, SP_HOLD_MORE);
		return;
	}
	ck_assert(refused(ret, SALLYPORT_STAT_UNANSWERED));
	if (m->waits && m->packets)
		m->packets--;
	if (m->waits && m->bytes)
		m->bytes--;
	if (!m->packets)
		m->repeats = 0;
}

static void model_expire(bool all)
{
	u32 i, n = 0, before = sp_pending_count();

	for (i = 0; i < COOKIES; i++) {
		if (!model[i].waits || (!all && shim_boottime - model[i].since <
					limits.seconds * NSEC_PER_SEC))
			continue;
		model[i].waits = false;
		n++;
	}
	if (all)
		sp_pending_clear();
	else
		sp_pending_expire();
	ck_assert_uint_eq(before - sp_pending_count(), n);
}

static void model_check(void)
{
	struct sp_pending *pending;
	struct sp_flow_desc desc;
	u32 i;

	for (i = 0; i < COOKIES; i++) {
		desc = model_desc(i);
		pending = find(&desc);
		ck_assert_int_eq(!!pending, model[i].waits);
		if (!pending)
			continue;
		ck_assert_uint_eq(pending->packets, model[i].packets);
		ck_assert_uint_eq(pending->bytes, model[i].bytes);
		ck_assert_ptr_eq(by_id(pending->id), pending);
	}
	ck_assert_uint_eq(sp_pending_count(), model_waiting(same_all, 0));
}

START_TEST(random_steps)
{
	struct sp_flow_desc desc;
	int step;
	u32 cookie;

	shim_seed(_i);
	shim_hash_mask = _i % 2 ? 3 : UINT32_MAX;
	for (step = 0; step < 10000; step++) {
		shim_fail_chance(15);
		cookie = shim_random(COOKIES);
		switch (shim_random(16)) {
		case 0:
			model_expire(!shim_random(20));
			break;
		case 1:
			shim_advance_ms(shim_random(4000));
			break;
		case 2:
			shim_settle();
			break;
		case 3: case 4:
			desc = model_desc(cookie);
			remove_flow(&desc);
			model[cookie].waits = false;
			break;
		case 5: case 6: case 7:
			model_return(cookie);
			break;
		default:
			model_hold(cookie);
		}
		if (!shim_random(8))
			model_check();
	}
	model_check();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("pending_model");

	tcase_add_checked_fixture(tcase, start, stop);
	tcase_add_loop_test(tcase, random_steps, 1, 7);
	return support_run(tcase);
}
