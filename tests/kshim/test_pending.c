// SPDX-License-Identifier: GPL-2.0
/* kmod/pending.c */
#include <linux/jiffies.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include "holding.h"
#include "standins.h"
#include "support.h"

START_TEST(new_flow_is_tagged)
{
	struct sp_flow_desc desc = udp(1, 0), other = desc;
	struct sp_pending *pending;
	struct sallyport_pending again;

	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_NEW);
	ck_assert_uint_eq(tag.epoch, 33);
	ck_assert_uint_eq(tag.since, shim_boottime);
	ck_assert_uint_eq(tag.packets, 1);
	ck_assert_uint_eq(tag.bytes, 100);
	ck_assert_uint_eq(tag.flow.cookie, 1);
	ck_assert_uint_eq(tag.flow.image, 16);
	pending = find(&desc);
	ck_assert_ptr_nonnull(pending);
	ck_assert_ptr_eq(by_id(tag.id), pending);
	ck_assert_ptr_null(by_id(tag.id + 1));
	ck_assert_ptr_null(by_id(tag.id + 256));
	other.key.remote_port++;
	ck_assert_ptr_null(find(&other));
	sp_pending_tag(pending, &again);
	ck_assert_mem_eq(&again, &tag, sizeof(tag));
	ck_assert_uint_eq(sp_pending_count(), 1);
	ck_assert_uint_eq(sp_pending_max(), limits.total);
}
END_TEST

START_TEST(removed_flow_is_gone)
{
	struct sp_flow_desc desc = udp(1, 0);
	struct sp_pending *pending;
	u64 id;

	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_NEW);
	id = tag.id;
	rcu_read_lock();
	pending = sp_pending_find(&desc.key);
	sp_pending_remove(pending);
	sp_pending_remove(pending);
	/* who found it may still look at it */
	ck_assert_uint_eq(pending->desc.image->info.id, 16);
	rcu_read_unlock();
	ck_assert_ptr_null(find(&desc));
	ck_assert_ptr_null(by_id(id));
	ck_assert_uint_eq(sp_pending_count(), 0);
	ck_assert_uint_eq(sp_user_count(), 0);
	ck_assert_int_eq(support_waiting(images[0]), 0);
	ck_assert_int_eq(refcount_read(&images[0]->refs), 2);
	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_NEW);
	ck_assert_uint_ne(tag.id, id);
}
END_TEST

START_TEST(datagrams_are_held_up_to_a_number)
{
	struct sp_flow_desc desc = udp(1, 0);
	int i;

	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_NEW);
	for (i = 1; i < SP_PENDING_PACKETS; i++)
		ck_assert_int_eq(hold(&desc, 100), SP_HOLD_MORE);
	ck_assert(refused(hold(&desc, 100), SALLYPORT_STAT_HELD_ENOUGH));
	shim_advance_ms(5000);
	ck_assert(refused(hold(&desc, 100), SALLYPORT_STAT_HELD_ENOUGH));
	ck_assert_uint_eq(find(&desc)->packets, SP_PENDING_PACKETS);
	ck_assert_uint_eq(find(&desc)->bytes, 100 * SP_PENDING_PACKETS);
}
END_TEST

START_TEST(datagrams_are_held_up_to_a_size)
{
	struct sp_flow_desc desc = udp(1, 0), big = udp(2, 0);

	ck_assert_int_eq(hold(&desc, SP_PENDING_BYTES - 10), SP_HOLD_NEW);
	ck_assert(refused(hold(&desc, 11), SALLYPORT_STAT_HELD_ENOUGH));
	ck_assert(refused(hold(&desc, U32_MAX), SALLYPORT_STAT_HELD_ENOUGH));
	ck_assert_int_eq(hold(&desc, 10), SP_HOLD_MORE);
	ck_assert(refused(hold(&desc, 1), SALLYPORT_STAT_HELD_ENOUGH));
	ck_assert_int_eq(hold(&big, 65535), SP_HOLD_NEW);
	ck_assert(refused(hold(&big, 1), SALLYPORT_STAT_HELD_ENOUGH));
}
END_TEST

START_TEST(segment_is_queued_again_after_a_second)
{
	struct sp_flow_desc desc = tcp(1, 0);
	int i;

	ck_assert_int_eq(hold(&desc, 60), SP_HOLD_NEW);
	ck_assert(refused(hold(&desc, 60), SALLYPORT_STAT_HELD_ENOUGH));
	shim_advance_ms(1000);
	ck_assert(refused(hold(&desc, 60), SALLYPORT_STAT_HELD_ENOUGH));
	shim_advance_ms(4);
	ck_assert_int_eq(hold(&desc, 60), SP_HOLD_MORE);
	ck_assert(refused(hold(&desc, 60), SALLYPORT_STAT_HELD_ENOUGH));
	for (i = 2; i < SP_PENDING_PACKETS; i++) {
		shim_advance_ms(20000);		/* jiffies wrap */
		ck_assert_int_eq(hold(&desc, 60), SP_HOLD_MORE);
	}
	shim_advance_ms(20000);
	ck_assert(refused(hold(&desc, 60), SALLYPORT_STAT_HELD_ENOUGH));
}
END_TEST

START_TEST(returned_without_a_verdict)
{
	struct sp_flow_desc desc = tcp(1, 0);

	ck_assert_int_eq(hold(&desc, 60), SP_HOLD_NEW);
	ck_assert_int_eq(again(&desc, 60), SP_HOLD_MORE);
	ck_assert(refused(again(&desc, 60), SALLYPORT_STAT_UNANSWERED));
	ck_assert_uint_eq(find(&desc)->packets, 0);
	ck_assert_uint_eq(find(&desc)->bytes, 0);
	ck_assert(refused(again(&desc, 60), SALLYPORT_STAT_UNANSWERED));
	/* nothing is held: the next one is, at once */
	ck_assert_int_eq(hold(&desc, 60), SP_HOLD_MORE);
	ck_assert_int_eq(again(&desc, 60), SP_HOLD_MORE);
	ck_assert(refused(again(&desc, 60), SALLYPORT_STAT_UNANSWERED));
}
END_TEST

START_TEST(each_datagram_may_return_once)
{
	struct sp_flow_desc desc = udp(1, 0);
	u32 dropped = 0;
	int i;

	for (i = 0; i < 4; i++)
		ck_assert_int_ne(hold(&desc, 100), SP_HOLD_REFUSE);
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(again(&desc, 100), SP_HOLD_MORE);
	for (i = 0; i < 4; i++)
		dropped += again(&desc, 100) == SP_HOLD_REFUSE;
	ck_assert_uint_ge(dropped, 1);
	for (i = 0; i < 4; i++)
		dropped += again(&desc, 100) == SP_HOLD_REFUSE;
	ck_assert_uint_ge(dropped, 4);
	ck_assert_uint_eq(find(&desc)->packets, 0);
}
END_TEST

START_TEST(returned_when_nothing_waits)
{
	struct sp_flow_desc desc = tcp(1, 0);

	ck_assert(refused(again(&desc, 60), SALLYPORT_STAT_UNANSWERED));
	ck_assert_uint_eq(sp_pending_count(), 0);
}
END_TEST

START_TEST(limits_are_kept)
{
	struct sp_flow_desc desc;
	u32 i;

	for (i = 0; i < limits.image; i++) {
		desc = udp(i, 0);
		ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
	}
	desc = udp(i, 0);
	ck_assert(refused(hold(&desc, 1), SALLYPORT_STAT_LIMIT_IMAGE));
	for (; i < limits.user; i++) {
		desc = udp(i, 1);
		ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
	}
	desc = udp(i, 1);
	ck_assert(refused(hold(&desc, 1), SALLYPORT_STAT_LIMIT_USER));
	ck_assert_int_eq(support_waiting(images[1]),
			 limits.user - limits.image);
	for (; i < limits.total; i++) {
		desc = udp(i, 2 + i % 4);
		desc.uid = 2000 + i % 4;
		ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
	}
	desc = udp(i, 7);
	desc.uid = 0;
	ck_assert(refused(hold(&desc, 1), SALLYPORT_STAT_LIMIT_TOTAL));
	ck_assert_uint_eq(sp_pending_count(), limits.total);
	desc = udp(3, 0);
	remove_flow(&desc);
	desc = udp(100, 0);
	ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
}
END_TEST

static struct sp_flow_desc inbound(u64 cookie, u8 host, int image)
{
	struct sp_flow_desc desc = support_desc(images[image], cookie, host, 1);

	support_protocol(&desc, IPPROTO_TCP);
	desc.direction = SALLYPORT_IN;
	return desc;
}

START_TEST(users_share_no_program)
{
	struct sp_flow_desc desc;
	u32 i;

	for (i = 0; i < limits.image; i++) {
		desc = udp(i, 0);
		desc.uid = 1000;
		ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
	}
	desc = udp(i, 0);
	desc.uid = 1000;
	ck_assert(refused(hold(&desc, 1), SALLYPORT_STAT_LIMIT_IMAGE));
	desc.uid = 1001;
	ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
	desc.key.cookie++;
	desc.uid = 0;
	ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
}
END_TEST

START_TEST(listener_is_asked_about_once)
{
	struct sp_flow_desc a = inbound(1, 1, 0), b = inbound(1, 2, 0);
	struct sp_flow_desc other = inbound(2, 2, 0);

	ck_assert_int_eq(hold(&a, 60), SP_HOLD_NEW);
	ck_assert(refused(hold(&b, 60), SALLYPORT_STAT_LIMIT_IMAGE));
	ck_assert_int_eq(hold(&other, 60), SP_HOLD_NEW);
	b.key.local_port++;
	ck_assert_int_eq(hold(&b, 60), SP_HOLD_NEW);
	b.key.local_port--;
	remove_flow(&a);
	ck_assert_int_eq(hold(&b, 60), SP_HOLD_NEW);
	b.direction = SALLYPORT_OUT;
	b.key.remote_port++;
	ck_assert_int_eq(hold(&b, 60), SP_HOLD_NEW);
}
END_TEST

START_TEST(inbound_has_its_share)
{
	struct sp_flow_desc desc;
	u32 i;

	for (i = 0; i < limits.total / 4; i++) {
		desc = inbound(i, 1, i % 8);
		ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
	}
	desc = inbound(i, 1, 7);
	ck_assert(refused(hold(&desc, 1), SALLYPORT_STAT_LIMIT_TOTAL));
	desc = udp(i, 7);
	ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
	desc = inbound(0, 1, 0);
	remove_flow(&desc);
	desc = inbound(i, 1, 7);
	ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
}
END_TEST

START_TEST(limits_can_be_set)
{
	struct sallyport_pending_limits got, low = { 1, 1, 1, 1 };
	struct sallyport_pending_limits high = { 9, 9, U32_MAX, 9 };
	struct sp_flow_desc desc;
	int i;

	for (i = 0; i < 3; i++) {
		desc = udp(i, 0);
		ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
	}
	sp_pending_set_limits(&low);
	sp_pending_get_limits(&got);
	ck_assert_mem_eq(&got, &low, sizeof(got));
	desc = udp(i, 0);
	ck_assert(refused(hold(&desc, 1), SALLYPORT_STAT_LIMIT_TOTAL));
	sp_pending_set_limits(&high);
	ck_assert_uint_eq(sp_pending_max(), SP_PENDING_MAX);
	ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
}
END_TEST

START_TEST(no_memory_changes_nothing)
{
	struct sp_flow_desc desc = _i ? inbound(1, 1, 0) : udp(1, 0);
	size_t live = shim_live();
	enum sp_hold ret;
	int n;

	for (n = 1; ; n++) {
		shim_fail_nth(n);
		ret = hold(&desc, 1);
		if (!shim_failed())
			break;
		ck_assert(refused(ret, SALLYPORT_STAT_NO_MEMORY));
		ck_assert_ptr_null(find(&desc));
		ck_assert_uint_eq(sp_pending_count(), 0);
		ck_assert_uint_eq(sp_user_count(), 0);
		ck_assert_int_eq(support_waiting(images[0]), 0);
		shim_settle();
		ck_assert_uint_eq(shim_live(), live);
	}
	ck_assert_int_eq(ret, SP_HOLD_NEW);
	ck_assert_int_eq(n, 3);
}
END_TEST

static void give_answer(const struct sp_flow_desc *desc, u8 action, u64 epoch)
{
	struct sp_pending_answer given = { .action = action, .rule = 5, .epoch = epoch };

	rcu_read_lock();
	sp_pending_answer(sp_pending_find(&desc->key), &given);
	rcu_read_unlock();
}

static void comes_back(const struct sp_flow_desc *desc, u32 bytes)
{
	rcu_read_lock();
	sp_pending_returned(sp_pending_find(&desc->key), bytes);
	rcu_read_unlock();
}

START_TEST(answered_until_all_came_back)
{
	struct sp_flow_desc desc = udp(1, 0);
	u64 id;

	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_NEW);
	id = tag.id;
	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_MORE);
	give_answer(&desc, 0, 0);
	ck_assert_ptr_null(by_id(id));		/* no question any more */
	comes_back(&desc, 100);
	ck_assert_ptr_nonnull(find(&desc));	/* says whose the other is */
	comes_back(&desc, 100);
	ck_assert_ptr_null(find(&desc));
	ck_assert_uint_eq(sp_pending_count(), 0);
}
END_TEST

/* The queue was full, or a hook's end emptied it: counted, and not waited for. */
START_TEST(answered_and_lost)
{
	struct sp_flow_desc desc = udp(1, 0), other = udp(2, 1);

	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_NEW);
	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_MORE);
	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_MORE);
	ck_assert_int_eq(hold(&other, 100), SP_HOLD_NEW);
	comes_back(&desc, 100);			/* not answered: it waits on */
	give_answer(&desc, 0, 0);
	shim_advance_ms(SP_PENDING_LOST * 1000 / NSEC_PER_SEC);
	sp_pending_expire();
	ck_assert_ptr_nonnull(find(&desc));
	shim_advance_ms(1);
	sp_pending_expire();
	ck_assert_ptr_null(find(&desc));
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_HELD_LOST), 2);
	ck_assert_ptr_nonnull(find(&other));
}
END_TEST

START_TEST(answered_with_nothing_held)
{
	struct sp_flow_desc desc = udp(1, 0);

	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_NEW);
	comes_back(&desc, 100);
	ck_assert_ptr_nonnull(find(&desc));
	give_answer(&desc, 0, 0);
	ck_assert_ptr_null(find(&desc));
}
END_TEST

/* A packet socket's frames: the flow waits, the next one finds the answer. */
START_TEST(what_can_not_be_held)
{
	struct sp_flow_desc desc = udp(1, 0);

	ck_assert_int_eq(hold(&desc, 0), SP_HOLD_NEW);
	ck_assert_uint_eq(tag.packets, 0);
	ck_assert_uint_eq(tag.bytes, 0);
	ck_assert(refused(hold(&desc, 0), SALLYPORT_STAT_HELD_ENOUGH));
	ck_assert_ptr_nonnull(find(&desc));
	give_answer(&desc, 0, 0);
	ck_assert_ptr_null(find(&desc));
	ck_assert_int_eq(hold(&desc, 0), SP_HOLD_NEW);
}
END_TEST

START_TEST(answered_alone_under_its_epoch)
{
	struct sp_flow_desc desc = udp(1, 0), other = desc;
	u64 id;

	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_NEW);
	id = tag.id;
	give_answer(&desc, SALLYPORT_ALLOW, 33);
	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_ANSWERED);
	ck_assert_uint_eq(answer.action, SALLYPORT_ALLOW);
	ck_assert_uint_eq(answer.rule, 5);
	other.process++;			/* it is not his answer */
	ck_assert(refused(hold(&other, 100), SALLYPORT_STAT_HELD_ENOUGH));
	give_answer(&desc, SALLYPORT_ALLOW, 32);
	ck_assert_int_eq(again(&desc, 100), SP_HOLD_NEW);	/* asked anew */
	ck_assert_uint_ne(tag.id, id);
	ck_assert_uint_eq(sp_pending_count(), 1);
}
END_TEST

START_TEST(another_program_does_not_join)
{
	struct sp_flow_desc desc = udp(1, 0), other = udp(1, 1);

	ck_assert_int_eq(hold(&desc, 100), SP_HOLD_NEW);
	ck_assert(refused(hold(&other, 100), SALLYPORT_STAT_HELD_ENOUGH));
	ck_assert_uint_eq(find(&desc)->packets, 1);
}
END_TEST

static int count_one(const struct sp_pending *pending, void *arg)
{
	++*(u32 *)arg;
	return 0;
}

START_TEST(answered_is_no_question)
{
	struct sp_flow_desc a = udp(1, 0), b = udp(2, 0);
	u32 bucket = 0, skip = 0, questions = 0;

	ck_assert_int_eq(hold(&a, 100), SP_HOLD_NEW);
	ck_assert_int_eq(hold(&b, 100), SP_HOLD_NEW);
	give_answer(&a, 0, 0);
	rcu_read_lock();
	ck_assert_int_eq(sp_pending_walk(&bucket, &skip, count_one,
					 &questions), 0);
	rcu_read_unlock();
	ck_assert_uint_eq(questions, 1);
	/* what was held is lost: it goes, and nobody need be told */
	shim_advance_ms(5001);
	sp_pending_expire();
	ck_assert_uint_eq(expired, 0);
	ck_assert_ptr_null(find(&a));
	ck_assert_ptr_nonnull(find(&b));
}
END_TEST

START_TEST(expiry)
{
	struct sp_flow_desc first = udp(1, 0), second = udp(2, 0);

	ck_assert_int_eq(hold(&first, 1), SP_HOLD_NEW);
	shim_advance_ms(1000);
	ck_assert_int_eq(hold(&second, 1), SP_HOLD_NEW);
	shim_advance_ms(58999);
	sp_pending_expire();
	ck_assert_uint_eq(expired, 0);
	shim_advance_ms(1);
	sp_pending_expire();
	ck_assert_uint_eq(expired, 1);
	ck_assert_ptr_null(find(&first));
	ck_assert_ptr_nonnull(find(&second));
	sp_pending_clear();
	ck_assert_uint_eq(expired, 1);
	ck_assert_uint_eq(abandoned, 0);
	ck_assert_uint_eq(sp_pending_count(), 0);
}
END_TEST

START_TEST(closed_sockets_wait_for_nothing)
{
	u64 stats[__SALLYPORT_STAT_MAX] = { };
	struct sp_flow_desc desc = udp(1, 0);

	ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
	ck_assert_int_eq(socket_held.refs, 1);
	ck_assert_uint_eq(shim_delayed_run(), 1);
	ck_assert_ptr_nonnull(find(&desc));
	socket_held.closed = true;
	ck_assert_uint_eq(shim_delayed_run(), 1);
	ck_assert_ptr_null(find(&desc));
	ck_assert_uint_eq(abandoned, 1);
	ck_assert_uint_eq(expired, 0);
	shim_settle();
	ck_assert_int_eq(socket_held.refs, 0);
	ck_assert_uint_eq(shim_delayed_run(), 0);
	sp_stats_sum(stats);
	ck_assert_uint_eq(stats[SALLYPORT_STAT_PENDING_ABANDONED], 1);
}
END_TEST

START_TEST(limit_longer_than_uptime)
{
	struct sallyport_pending_limits longer = limits;
	struct sp_flow_desc desc = udp(1, 0);

	longer.seconds = U32_MAX;
	sp_pending_set_limits(&longer);
	ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
	sp_pending_expire();
	ck_assert_ptr_nonnull(find(&desc));
}
END_TEST

static u32 walked[16];

static int walk_some(const struct sp_pending *pending, void *arg)
{
	if (!shim_random(3))
		return -EMSGSIZE;
	walked[pending->desc.key.cookie]++;
	return 0;
}

START_TEST(walk_sees_each_once)
{
	u32 bucket = 0, skip = 0, i;
	struct sp_flow_desc desc;
	int ret;

	shim_hash_mask = _i ? 1 : UINT32_MAX;
	for (i = 0; i < limits.total; i++) {
		desc = udp(i, i % 8);
		desc.uid = i % 8;
		ck_assert_int_eq(hold(&desc, 1), SP_HOLD_NEW);
	}
	do {
		rcu_read_lock();
		ret = sp_pending_walk(&bucket, &skip, walk_some, NULL);
		rcu_read_unlock();
	} while (ret == -EMSGSIZE);
	ck_assert_int_eq(ret, 0);
	for (i = 0; i < limits.total; i++)
		ck_assert_uint_eq(walked[i], 1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("pending");

	tcase_add_checked_fixture(tcase, start, stop);
	tcase_add_test(tcase, new_flow_is_tagged);
	tcase_add_test(tcase, removed_flow_is_gone);
	tcase_add_test(tcase, datagrams_are_held_up_to_a_number);
	tcase_add_test(tcase, datagrams_are_held_up_to_a_size);
	tcase_add_test(tcase, segment_is_queued_again_after_a_second);
	tcase_add_test(tcase, returned_without_a_verdict);
	tcase_add_test(tcase, each_datagram_may_return_once);
	tcase_add_test(tcase, returned_when_nothing_waits);
	tcase_add_test(tcase, limits_are_kept);
	tcase_add_test(tcase, users_share_no_program);
	tcase_add_test(tcase, listener_is_asked_about_once);
	tcase_add_test(tcase, inbound_has_its_share);
	tcase_add_test(tcase, limits_can_be_set);
	tcase_add_loop_test(tcase, no_memory_changes_nothing, 0, 2);
	tcase_add_test(tcase, answered_until_all_came_back);
	tcase_add_test(tcase, answered_and_lost);
	tcase_add_test(tcase, answered_with_nothing_held);
	tcase_add_test(tcase, what_can_not_be_held);
	tcase_add_test(tcase, answered_alone_under_its_epoch);
	tcase_add_test(tcase, another_program_does_not_join);
	tcase_add_test(tcase, answered_is_no_question);
	tcase_add_test(tcase, expiry);
	tcase_add_test(tcase, closed_sockets_wait_for_nothing);
	tcase_add_test(tcase, limit_longer_than_uptime);
	tcase_add_loop_test(tcase, walk_sees_each_once, 0, 2);
	return support_run(tcase);
}
