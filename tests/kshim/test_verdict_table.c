// SPDX-License-Identifier: GPL-2.0
/* kmod/verdict_table.c: what matches what, replaces, contradicts, ends. */
#include <arpa/inet.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "verdicts.h"

START_TEST(no_verdict)
{
	ck_assert_uint_eq(verdicts_find_port(80), 0);
	ck_assert_uint_eq(sp_subject_max(), verdicts_limits.subjects);
	ck_assert_uint_eq(sp_verdict_max(), verdicts_limits.verdicts);
}
END_TEST

START_TEST(answer_is_whole)
{
	struct sallyport_verdict v = verdict_of_port(1, 80, SALLYPORT_DROP);
	struct sp_flow_desc desc = support_desc(verdicts_images[0], 1, 1, 80);
	struct sp_answer answer;

	v.expires = shim_boottime + 1;
	ck_assert_int_eq(verdicts_push(&v), 0);
	rcu_read_lock();
	ck_assert(sp_verdict_find(&desc, &answer));
	rcu_read_unlock();
	ck_assert_uint_eq(answer.rule, 10);
	ck_assert_uint_eq(answer.action, SALLYPORT_DROP);
	ck_assert_uint_eq(sp_verdict_count(), 1);
	ck_assert_uint_eq(sp_subject_count(), 1);
}
END_TEST

START_TEST(subject)
{
	struct sallyport_verdict v = verdict_of(1, SALLYPORT_ALLOW);
	struct sp_flow_desc desc = support_desc(verdicts_images[0], 1, 1, 80), other;

	ck_assert_int_eq(verdicts_push(&v), 0);
	ck_assert_uint_eq(verdicts_find(&desc), 10);
	other = desc;
	other.image = verdicts_images[1];
	ck_assert(!verdicts_find(&other) && !sp_verdict_matches(&v, &other));
	other = desc;
	other.uid++;
	ck_assert(!verdicts_find(&other) && !sp_verdict_matches(&v, &other));
	other = desc;
	other.direction = SALLYPORT_IN;
	ck_assert(!verdicts_find(&other) && !sp_verdict_matches(&v, &other));
}
END_TEST

/* A verdict that looks at all, and flows that differ in one field each. */
START_TEST(fields)
{
	struct sp_flow_desc desc = support_desc(verdicts_images[0], 1, 1, 80), d;
	struct sallyport_verdict v = verdict_of(1, SALLYPORT_ALLOW);

	v.match = SALLYPORT_MATCH_ALL;
	v.process = desc.process;
	v.cgroup = desc.cgroup;
	v.protocol = desc.key.protocol;
	v.remote_port = desc.key.remote_port;
	v.local_port = desc.key.local_port;
	v.ifindex = desc.key.ifindex;
	memcpy(v.remote, &desc.key.remote, 16);
	v.remote_length = 128;
	ck_assert_int_eq(verdicts_push(&v), 0);
	ck_assert(verdicts_find(&desc) && sp_verdict_matches(&v, &desc));
#define DIFFERS(field) do {						\
	d = desc;							\
	d.field ^= 1;							\
	ck_assert(!verdicts_find(&d) && !sp_verdict_matches(&v, &d));		\
} while (0)
	DIFFERS(process);
	DIFFERS(cgroup);
	DIFFERS(key.protocol);
	DIFFERS(key.remote_port);
	DIFFERS(key.local_port);
	DIFFERS(key.ifindex);
	DIFFERS(key.remote.s6_addr[0]);
	DIFFERS(key.remote.s6_addr[15]);
#undef DIFFERS
	d = desc;
	d.flags |= SALLYPORT_FLOW_NETNS;	/* the number is another's there */
	ck_assert(!verdicts_find(&d) && !sp_verdict_matches(&v, &d));
	d = desc;
	d.key.cookie = 99;
	d.pid = 98;
	ck_assert(verdicts_find(&d) && sp_verdict_matches(&v, &d));
}
END_TEST

/* The prefix of @length bits of all ones; flows that leave it at each bit. */
START_TEST(prefixes)
{
	struct sp_flow_desc desc = support_desc(verdicts_images[0], 1, 1, 80);
	struct sallyport_verdict v = verdict_of(1, SALLYPORT_ALLOW);
	int bit;

	memset(&desc.key.remote, 0xff, 16);
	for (bit = 0; bit < _i; bit++)
		v.remote[bit / 8] |= 0x80 >> bit % 8;
	v.remote_length = _i;
	ck_assert_int_eq(verdicts_push(&v), 0);
	ck_assert_uint_eq(verdicts_find(&desc), 10);
	for (bit = 0; bit < 128; bit++) {
		desc.key.remote.s6_addr[bit / 8] ^= 0x80 >> bit % 8;
		ck_assert(!verdicts_find(&desc) == (bit < _i));
		ck_assert(sp_verdict_matches(&v, &desc) == (bit >= _i));
		desc.key.remote.s6_addr[bit / 8] ^= 0x80 >> bit % 8;
	}
}
END_TEST

static bool faulty(struct sallyport_verdict v)
{
	const char *what = NULL;
	int err = sp_verdict_check(&v, &what);

	ck_assert(err == (what ? -EINVAL : 0));
	return err;
}

START_TEST(faults)
{
	struct sallyport_verdict good = verdict_of(1, SALLYPORT_DROP), v;

	good.match = SALLYPORT_MATCH_ALL & ~SALLYPORT_MATCH_INTERFACE;
	good.remote[0] = 0xfe;
	good.remote_length = 7;
	ck_assert(!faulty(good));
#define FAULT(change) do {						\
	v = good;							\
	v.change;							\
	ck_assert(faulty(v));						\
} while (0)
	FAULT(action = 0);
	FAULT(action = 4);
	FAULT(direction = 2);
	FAULT(match = 0x40);
	FAULT(match |= 0x80000000u);
	FAULT(remote_length = 129);
	FAULT(remote_length = 255);
	FAULT(remote_length = 6);
	FAULT(remote[0] = 0xff);
	FAULT(remote[15] = 1);
	FAULT(reserved = 1);
	FAULT(ifindex = 1);
	good.match = SALLYPORT_MATCH_INTERFACE;
	FAULT(process = 1);
	FAULT(cgroup = 1);
	FAULT(protocol = 6);
	FAULT(remote_port = 1);
	FAULT(local_port = 1);
#undef FAULT
	ck_assert(!faulty(good));
}
END_TEST

START_TEST(replace)
{
	struct sallyport_verdict a = verdict_of_port(1, 80, SALLYPORT_ALLOW);
	struct sallyport_verdict b = verdict_of_port(2, 80, SALLYPORT_DENY);

	ck_assert_int_eq(verdicts_push(&a), 0);
	ck_assert_int_eq(verdicts_push(&b), 0);
	ck_assert_uint_eq(verdicts_find_port(80), 20);
	ck_assert_uint_eq(sp_verdict_count(), 1);
	ck_assert(!verdicts_delete(&a));
	ck_assert(verdicts_delete(&b));
	ck_assert(!verdicts_delete(&b));
	ck_assert_uint_eq(verdicts_find_port(80), 0);
	ck_assert_uint_eq(sp_subject_count(), 0);
	ck_assert_uint_eq(sp_user_count(), 0);
}
END_TEST

START_TEST(contradictions_are_refused)
{
	struct sallyport_verdict port = verdict_of_port(1, 80, SALLYPORT_ALLOW);
	struct sallyport_verdict any = verdict_of(2, SALLYPORT_DENY);
	struct sallyport_verdict tcp = verdict_of(3, SALLYPORT_DROP);

	tcp.match = SALLYPORT_MATCH_PROTOCOL;
	tcp.protocol = IPPROTO_TCP;
	ck_assert_int_eq(verdicts_push(&port), 0);
	ck_assert_int_eq(verdicts_push(&any), -EEXIST);
	ck_assert_int_eq(verdicts_push(&tcp), -EEXIST);
	ck_assert_uint_eq(sp_verdict_count(), 1);
	any.action = SALLYPORT_ALLOW;
	ck_assert_int_eq(verdicts_push(&any), 0);
	/* replacing must not contradict the others either */
	any.action = SALLYPORT_DENY;
	ck_assert_int_eq(verdicts_push(&any), -EEXIST);
	ck_assert_uint_eq(verdicts_find_port(81), 20);
	ck_assert(verdicts_delete(&port));
	ck_assert_int_eq(verdicts_push(&any), 0);
	/* other subjects do not matter */
	port.direction = SALLYPORT_IN;
	ck_assert_int_eq(verdicts_push(&port), 0);
}
END_TEST

/* Verdicts that differ in a field that both look at may differ in action. */
START_TEST(disjoint_verdicts)
{
	struct sallyport_verdict a = verdict_of(1, SALLYPORT_ALLOW), b;

	a.match = SALLYPORT_MATCH_ALL;
	a.remote[0] = 0xfe;
	a.remote_length = 8;
#define DISJOINT(change) do {						\
	ck_assert_int_eq(verdicts_push(&a), 0);					\
	b = a;								\
	b.id = 2;							\
	b.action = SALLYPORT_DENY;					\
	b.change;							\
	ck_assert_int_eq(verdicts_push(&b), 0);					\
	ck_assert(verdicts_delete(&a) && verdicts_delete(&b));				\
} while (0)
	DISJOINT(process = 1);
	DISJOINT(cgroup = 1);
	DISJOINT(protocol = 1);
	DISJOINT(remote_port = 1);
	DISJOINT(local_port = 1);
	DISJOINT(ifindex = 1);
	DISJOINT(remote[0] = 0xff);
#undef DISJOINT
}
END_TEST

START_TEST(expiry)
{
	struct sallyport_verdict a = verdict_of_port(1, 80, SALLYPORT_ALLOW);
	struct sallyport_verdict b = verdict_of(2, SALLYPORT_DENY);

	a.expires = shim_boottime + 1000 * 1000000ULL;
	ck_assert_int_eq(verdicts_push(&a), 0);
	shim_advance_ms(999);
	ck_assert_uint_eq(verdicts_find_port(80), 10);
	ck_assert_int_eq(verdicts_push(&b), -EEXIST);
	sp_verdict_table_age();
	ck_assert_uint_eq(sp_verdict_count(), 1);
	shim_advance_ms(1);
	ck_assert_uint_eq(verdicts_find_port(80), 0);
	ck_assert_int_eq(verdicts_push(&b), 0);
	ck_assert_uint_eq(verdicts_find_port(80), 20);
	ck_assert_uint_eq(sp_verdict_count(), 1);
	b.expires = shim_boottime + 1;
	ck_assert_int_eq(verdicts_push(&b), 0);
	shim_advance_ms(1);
	sp_verdict_table_age();
	ck_assert_uint_eq(sp_verdict_count(), 0);
	ck_assert_uint_eq(sp_subject_count(), 0);
}
END_TEST

/* A push that fails takes nothing but what had expired. */
START_TEST(failed_push_after_expiry)
{
	struct sallyport_verdict v = verdict_of_port(1, 80, SALLYPORT_ALLOW);

	v.expires = shim_boottime + 1;
	ck_assert_int_eq(verdicts_push(&v), 0);
	shim_advance_ms(1);
	v.id = 2;
	shim_fail_nth(1);
	ck_assert_int_eq(verdicts_push(&v), -ENOMEM);
	ck_assert_uint_eq(sp_verdict_count(), 0);
	ck_assert_uint_eq(sp_subject_count(), 0);
	ck_assert_uint_eq(sp_user_count(), 0);
}
END_TEST

static u32 walked[300];

static int walk_some(const struct sallyport_verdict *verdict, void *arg)
{
	if (!shim_random(10))
		return -EMSGSIZE;
	walked[verdict->id]++;
	return 0;
}

START_TEST(walk_sees_each_once)
{
	struct sallyport_verdict v;
	u32 position = 0, state, i;
	int ret;

	shim_hash_mask = _i ? 1 : UINT32_MAX;
	for (i = 0; i < 300; i++) {
		v = verdict_of_port(i, i, SALLYPORT_ALLOW);
		v.image = 16 + i % 4;
		ck_assert_int_eq(verdicts_push(&v), 0);
	}
	do {
		ret = sp_verdict_table_walk(&position, &state, walk_some, NULL);
	} while (ret == -EMSGSIZE);
	ck_assert_int_eq(ret, 0);
	for (i = 0; i < 300; i++)
		ck_assert_uint_eq(walked[i], 1);
}
END_TEST

START_TEST(walk_tells_of_deletions)
{
	struct sallyport_verdict v = verdict_of_port(1, 1, SALLYPORT_ALLOW);
	struct sallyport_verdict_ref ref = {
		.id = v.id, .image = v.image, .uid = v.uid, .direction = v.direction,
	};
	u32 position = 0, before, state;

	sp_verdict_table_walk(&position, &before, walk_some, NULL);
	ck_assert_uint_ne(before, 0);
	ck_assert_int_eq(verdicts_push(&v), 0);
	sp_verdict_table_walk(&position, &state, walk_some, NULL);
	ck_assert_uint_eq(state, before);
	ck_assert(sp_verdict_delete(&ref));
	sp_verdict_table_walk(&position, &state, walk_some, NULL);
	ck_assert_uint_ne(state, before);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("verdict_table");

	tcase_add_checked_fixture(tcase, verdicts_start, verdicts_stop);
	tcase_add_test(tcase, no_verdict);
	tcase_add_test(tcase, answer_is_whole);
	tcase_add_test(tcase, subject);
	tcase_add_test(tcase, fields);
	tcase_add_loop_test(tcase, prefixes, 0, 129);
	tcase_add_test(tcase, faults);
	tcase_add_test(tcase, replace);
	tcase_add_test(tcase, contradictions_are_refused);
	tcase_add_test(tcase, disjoint_verdicts);
	tcase_add_test(tcase, expiry);
	tcase_add_test(tcase, failed_push_after_expiry);
	tcase_add_loop_test(tcase, walk_sees_each_once, 0, 2);
	tcase_add_test(tcase, walk_tells_of_deletions);
	return support_run(tcase);
}
