// SPDX-License-Identifier: GPL-2.0
/* kmod/verdict_table.c */
#include <arpa/inet.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include "support.h"
#include "verdict_table.h"

#define UID 1000

static const struct sp_verdict_limits limits = {
	.subjects = 6,
	.user_subjects = 4,
	.verdicts = 600,
	.user_verdicts = 500,
};

static struct sp_image *images[8];	/* ids 16 to 23 */

static void start(void)
{
	int i;

	shim_init();
	for (i = 0; i < 8; i++)
		images[i] = support_image(16 + i);
	ck_assert_int_eq(sp_user_init(), 0);
	ck_assert_int_eq(sp_verdict_table_init(&limits), 0);
}

static void stop(void)
{
	int i;

	shim_fail_nth(0);
	sp_verdict_table_exit();
	ck_assert_uint_eq(sp_verdict_count(), 0);
	ck_assert_uint_eq(sp_subject_count(), 0);
	for (i = 0; i < 8; i++) {
		ck_assert_int_eq(refcount_read(&images[i]->refs), 1);
		sp_image_put(images[i]);
	}
	sp_user_exit();
	shim_exit();
}

static struct sallyport_verdict verdict_of(u64 id, u8 action)
{
	return (struct sallyport_verdict) {
		.id = id,
		.rule = id * 10,
		.image = 16,
		.uid = UID,
		.action = action,
	};
}

static struct sallyport_verdict port_verdict(u64 id, u16 port, u8 action)
{
	struct sallyport_verdict v = verdict_of(id, action);

	v.match = SALLYPORT_MATCH_REMOTE_PORT;
	v.remote_port = htons(port);
	return v;
}

static int push(const struct sallyport_verdict *v)
{
	const char *what;

	ck_assert_int_eq(sp_verdict_check(v, &what), 0);
	return sp_verdict_push(v, images[v->image - 16]);
}

static bool delete(const struct sallyport_verdict *v)
{
	struct sallyport_verdict_ref ref = {
		.id = v->id,
		.image = v->image,
		.uid = v->uid,
		.direction = v->direction,
	};

	return sp_verdict_delete(&ref);
}

/* The rule, or 0. */
static u64 find(const struct sp_flow_desc *desc)
{
	struct sp_answer answer = { };
	bool found;

	rcu_read_lock();
	found = sp_verdict_find(desc, &answer);
	rcu_read_unlock();
	ck_assert_int_eq(found, !!answer.action);
	return answer.rule;
}

static u64 find_port(u16 port)
{
	struct sp_flow_desc desc = support_desc(images[0], 1, 1, port);

	return find(&desc);
}

START_TEST(no_verdict)
{
	ck_assert_uint_eq(find_port(80), 0);
	ck_assert_uint_eq(sp_subject_max(), limits.subjects);
	ck_assert_uint_eq(sp_verdict_max(), limits.verdicts);
}
END_TEST

START_TEST(answer_is_whole)
{
	struct sallyport_verdict v = port_verdict(1, 80, SALLYPORT_DROP);
	struct sp_flow_desc desc = support_desc(images[0], 1, 1, 80);
	struct sp_answer answer;

	v.expires = shim_boottime + 1;
	ck_assert_int_eq(push(&v), 0);
	rcu_read_lock();
	ck_assert(sp_verdict_find(&desc, &answer));
	rcu_read_unlock();
	ck_assert_uint_eq(answer.rule, 10);
	ck_assert_uint_eq(answer.expires, v.expires);
	ck_assert_uint_eq(answer.action, SALLYPORT_DROP);
	ck_assert_uint_eq(sp_verdict_count(), 1);
	ck_assert_uint_eq(sp_subject_count(), 1);
}
END_TEST

START_TEST(subject)
{
	struct sallyport_verdict v = verdict_of(1, SALLYPORT_ALLOW);
	struct sp_flow_desc desc = support_desc(images[0], 1, 1, 80), other;

	ck_assert_int_eq(push(&v), 0);
	ck_assert_uint_eq(find(&desc), 10);
	other = desc;
	other.image = images[1];
	ck_assert(!find(&other) && !sp_verdict_matches(&v, &other));
	other = desc;
	other.uid++;
	ck_assert(!find(&other) && !sp_verdict_matches(&v, &other));
	other = desc;
	other.direction = SALLYPORT_IN;
	ck_assert(!find(&other) && !sp_verdict_matches(&v, &other));
}
END_TEST

/* A verdict that looks at all, and flows that differ in one field each. */
START_TEST(fields)
{
	struct sp_flow_desc desc = support_desc(images[0], 1, 1, 80), d;
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
	ck_assert_int_eq(push(&v), 0);
	ck_assert(find(&desc) && sp_verdict_matches(&v, &desc));
#define DIFFERS(field) do {						\
	d = desc;							\
	d.field ^= 1;							\
	ck_assert(!find(&d) && !sp_verdict_matches(&v, &d));		\
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
	ck_assert(!find(&d) && !sp_verdict_matches(&v, &d));
	d = desc;
	d.key.cookie = 99;
	d.pid = 98;
	ck_assert(find(&d) && sp_verdict_matches(&v, &d));
}
END_TEST

/* The prefix of @length bits of all ones; flows that leave it at each bit. */
START_TEST(prefixes)
{
	struct sp_flow_desc desc = support_desc(images[0], 1, 1, 80);
	struct sallyport_verdict v = verdict_of(1, SALLYPORT_ALLOW);
	int bit;

	memset(&desc.key.remote, 0xff, 16);
	for (bit = 0; bit < _i; bit++)
		v.remote[bit / 8] |= 0x80 >> bit % 8;
	v.remote_length = _i;
	ck_assert_int_eq(push(&v), 0);
	ck_assert_uint_eq(find(&desc), 10);
	for (bit = 0; bit < 128; bit++) {
		desc.key.remote.s6_addr[bit / 8] ^= 0x80 >> bit % 8;
		ck_assert(!find(&desc) == (bit < _i));
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
	struct sallyport_verdict a = port_verdict(1, 80, SALLYPORT_ALLOW);
	struct sallyport_verdict b = port_verdict(2, 80, SALLYPORT_DENY);

	ck_assert_int_eq(push(&a), 0);
	ck_assert_int_eq(push(&b), 0);
	ck_assert_uint_eq(find_port(80), 20);
	ck_assert_uint_eq(sp_verdict_count(), 1);
	ck_assert(!delete(&a));
	ck_assert(delete(&b));
	ck_assert(!delete(&b));
	ck_assert_uint_eq(find_port(80), 0);
	ck_assert_uint_eq(sp_subject_count(), 0);
	ck_assert_uint_eq(sp_user_count(), 0);
}
END_TEST

START_TEST(contradictions_are_refused)
{
	struct sallyport_verdict port = port_verdict(1, 80, SALLYPORT_ALLOW);
	struct sallyport_verdict any = verdict_of(2, SALLYPORT_DENY);
	struct sallyport_verdict tcp = verdict_of(3, SALLYPORT_DROP);

	tcp.match = SALLYPORT_MATCH_PROTOCOL;
	tcp.protocol = IPPROTO_TCP;
	ck_assert_int_eq(push(&port), 0);
	ck_assert_int_eq(push(&any), -EEXIST);
	ck_assert_int_eq(push(&tcp), -EEXIST);
	ck_assert_uint_eq(sp_verdict_count(), 1);
	any.action = SALLYPORT_ALLOW;
	ck_assert_int_eq(push(&any), 0);
	/* replacing must not contradict the others either */
	any.action = SALLYPORT_DENY;
	ck_assert_int_eq(push(&any), -EEXIST);
	ck_assert_uint_eq(find_port(81), 20);
	ck_assert(delete(&port));
	ck_assert_int_eq(push(&any), 0);
	/* other subjects do not matter */
	port.direction = SALLYPORT_IN;
	ck_assert_int_eq(push(&port), 0);
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
	ck_assert_int_eq(push(&a), 0);					\
	b = a;								\
	b.id = 2;							\
	b.action = SALLYPORT_DENY;					\
	b.change;							\
	ck_assert_int_eq(push(&b), 0);					\
	ck_assert(delete(&a) && delete(&b));				\
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
	struct sallyport_verdict a = port_verdict(1, 80, SALLYPORT_ALLOW);
	struct sallyport_verdict b = verdict_of(2, SALLYPORT_DENY);

	a.expires = shim_boottime + 1000 * 1000000ULL;
	ck_assert_int_eq(push(&a), 0);
	shim_advance_ms(999);
	ck_assert_uint_eq(find_port(80), 10);
	ck_assert_int_eq(push(&b), -EEXIST);
	sp_verdict_table_age();
	ck_assert_uint_eq(sp_verdict_count(), 1);
	shim_advance_ms(1);
	ck_assert_uint_eq(find_port(80), 0);
	ck_assert_int_eq(push(&b), 0);
	ck_assert_uint_eq(find_port(80), 20);
	ck_assert_uint_eq(sp_verdict_count(), 1);
	b.expires = shim_boottime + 1;
	ck_assert_int_eq(push(&b), 0);
	shim_advance_ms(1);
	sp_verdict_table_age();
	ck_assert_uint_eq(sp_verdict_count(), 0);
	ck_assert_uint_eq(sp_subject_count(), 0);
}
END_TEST

/* A push that fails takes nothing but what had expired. */
START_TEST(failed_push_after_expiry)
{
	struct sallyport_verdict v = port_verdict(1, 80, SALLYPORT_ALLOW);

	v.expires = shim_boottime + 1;
	ck_assert_int_eq(push(&v), 0);
	shim_advance_ms(1);
	v.id = 2;
	shim_fail_nth(1);
	ck_assert_int_eq(push(&v), -ENOMEM);
	ck_assert_uint_eq(sp_verdict_count(), 0);
	ck_assert_uint_eq(sp_subject_count(), 0);
	ck_assert_uint_eq(sp_user_count(), 0);
}
END_TEST

/* The i-th mask, of 12 that differ. */
static struct sallyport_verdict masked(int i)
{
	struct sallyport_verdict v = port_verdict(i + 1, 80, SALLYPORT_ALLOW);

	v.remote_length = i;
	return v;
}

START_TEST(masks_are_limited)
{
	struct sallyport_verdict v;
	int i;

	for (i = 0; i < SALLYPORT_SUBJECT_MASKS; i++) {
		v = masked(i);
		ck_assert_int_eq(push(&v), 0);
	}
	v = masked(i);
	ck_assert_int_eq(push(&v), -ENOSPC);
	/* one more of a mask that is there, then the mask's place is kept */
	v = masked(3);
	v.remote_port = htons(81);
	ck_assert_int_eq(push(&v), 0);
	v = masked(3);
	ck_assert(delete(&v));
	v = masked(i);
	ck_assert_int_eq(push(&v), 0);
	ck_assert_uint_eq(sp_verdict_count(), SALLYPORT_SUBJECT_MASKS);
}
END_TEST

START_TEST(mask_is_freed_by_its_last_verdict)
{
	struct sallyport_verdict v;
	int i;

	for (i = 0; i < SALLYPORT_SUBJECT_MASKS; i++) {
		v = masked(i);
		ck_assert_int_eq(push(&v), 0);
	}
	v = masked(3);
	v.id = 100;
	v.remote_port = htons(81);
	ck_assert_int_eq(push(&v), 0);
	ck_assert(delete(&v));
	v = masked(i);
	ck_assert_int_eq(push(&v), -ENOSPC);
	v = masked(3);
	ck_assert(delete(&v));
	v = masked(i);
	ck_assert_int_eq(push(&v), 0);
}
END_TEST

START_TEST(verdicts_of_a_subject_are_limited)
{
	struct sallyport_verdict v;
	int i;

	for (i = 0; i < SALLYPORT_SUBJECT_VERDICTS; i++) {
		v = port_verdict(i, i, SALLYPORT_ALLOW);
		ck_assert_int_eq(push(&v), 0);
	}
	v = port_verdict(i, i, SALLYPORT_ALLOW);
	ck_assert_int_eq(push(&v), -ENOSPC);
	v = port_verdict(i, 5, SALLYPORT_DENY);
	ck_assert_int_eq(push(&v), 0);
	ck_assert_uint_eq(find_port(5), 10 * i);
}
END_TEST

START_TEST(users_and_table_are_limited)
{
	struct sallyport_verdict v = verdict_of(1, SALLYPORT_ALLOW);
	u32 i;

	for (i = 0; i < limits.user_subjects; i++) {
		v.image = 16 + i;
		ck_assert_int_eq(push(&v), 0);
	}
	v.image = 16 + i;
	ck_assert_int_eq(push(&v), -ENOSPC);
	v.uid = 0;
	for (i = 0; i < limits.subjects - limits.user_subjects; i++) {
		v.image = 16 + i;
		ck_assert_int_eq(push(&v), 0);
	}
	v.image = 16 + i;
	ck_assert_int_eq(push(&v), -ENOSPC);

	v.match = SALLYPORT_MATCH_LOCAL_PORT;
	for (i = 0; sp_verdict_count() < limits.verdicts; i++) {
		v.image = 16 + i / 255;
		v.uid = v.image < 17 ? 0 : UID;
		v.local_port = i % 255;
		ck_assert_int_eq(push(&v), 0);
	}
	v.image = 19;
	v.uid = UID;
	ck_assert_int_eq(push(&v), -ENOSPC);
}
END_TEST

START_TEST(verdicts_of_a_user_are_limited)
{
	struct sallyport_verdict v;
	u32 i;

	for (i = 0; i < limits.user_verdicts; i++) {
		v = port_verdict(i, i, SALLYPORT_ALLOW);
		v.image = 16 + i % 4;
		ck_assert_int_eq(push(&v), 0);
	}
	v = port_verdict(i, i, SALLYPORT_ALLOW);
	ck_assert_int_eq(push(&v), -ENOSPC);
	v.uid = 0;
	ck_assert_int_eq(push(&v), 0);
}
END_TEST

/* Push into an empty table, add to a subject, replace. */
START_TEST(no_memory_changes_nothing)
{
	struct sallyport_verdict pushes[3] = {
		port_verdict(1, 80, SALLYPORT_ALLOW),
		port_verdict(2, 81, SALLYPORT_DENY),
		port_verdict(3, 80, SALLYPORT_DENY),
	};
	int i, n, err, allocations[3] = { 3, 1, 1 };
	size_t live;
	u32 verdicts;
	u64 rule;

	for (i = 0; i < 3; i++) {
		live = shim_live();
		verdicts = sp_verdict_count();
		rule = find_port(80);
		for (n = 1; ; n++) {
			shim_fail_nth(n);
			err = push(&pushes[i]);
			if (!shim_failed())
				break;
			ck_assert_int_eq(err, -ENOMEM);
			ck_assert_uint_eq(sp_verdict_count(), verdicts);
			ck_assert_uint_eq(sp_subject_count(), i > 0);
			ck_assert_uint_eq(find_port(80), rule);
			shim_settle();
			ck_assert_uint_eq(shim_live(), live);
		}
		ck_assert_int_eq(err, 0);
		ck_assert_int_eq(n, allocations[i] + 1);
	}
	ck_assert_uint_eq(find_port(80), 30);
}
END_TEST

START_TEST(init_without_memory)
{
	sp_verdict_table_exit();
	shim_fail_nth(1);
	ck_assert_int_eq(sp_verdict_table_init(&limits), -ENOMEM);
	ck_assert_int_eq(sp_verdict_table_init(&limits), 0);
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
	u32 position = 0, i;
	int ret;

	shim_hash_mask = _i ? 1 : UINT32_MAX;
	for (i = 0; i < 300; i++) {
		v = port_verdict(i, i, SALLYPORT_ALLOW);
		v.image = 16 + i % 4;
		ck_assert_int_eq(push(&v), 0);
	}
	do {
		ret = sp_verdict_table_walk(&position, walk_some, NULL);
	} while (ret == -EMSGSIZE);
	ck_assert_int_eq(ret, 0);
	for (i = 0; i < 300; i++)
		ck_assert_uint_eq(walked[i], 1);
}
END_TEST

/*
 * Random pushes, deletions and time against a list. After each, for random
 * flows: an answer if and only if a verdict of the list in force matches; all
 * that match have the answer's action, and one of them its rule.
 */
#define MODEL 300

static struct sallyport_verdict model[MODEL];
static u32 model_count;
static u64 model_id;

static bool in_force(const struct sallyport_verdict *v)
{
	return !v->expires || v->expires > shim_boottime;
}

static void random_remote(u8 *remote)
{
	memset(remote, 0, 16);
	remote[0] = shim_random(2) * 0xff;
	remote[8] = shim_random(4) << 6;
	remote[15] = shim_random(3);
}

static struct sp_flow_desc random_desc(void)
{
	struct sp_flow_desc desc = support_desc(images[shim_random(2)], 1, 1,
						80 + shim_random(3));

	desc.uid = shim_random(2);
	desc.direction = shim_random(2);
	desc.process = shim_random(2);
	desc.cgroup = shim_random(2);
	desc.key.ifindex = shim_random(2);
	desc.flags = shim_random(2) ? SALLYPORT_FLOW_NETNS : 0;
	desc.key.local_port = shim_random(2);
	desc.key.protocol = shim_random(2);
	random_remote(desc.key.remote.s6_addr);
	return desc;
}

/* The flow's fields under a random mask. */
static struct sallyport_verdict random_verdict(void)
{
	static const u8 lengths[] = { 0, 0, 4, 65, 66, 128 };
	struct sp_flow_desc desc = random_desc();
	struct sallyport_verdict v = verdict_of(++model_id, 1 + shim_random(3));
	u32 bit;

	v.image = desc.image->info.id;
	v.uid = desc.uid;
	v.direction = desc.direction;
	v.match = shim_random(64) & shim_random(64);
	v.remote_length = lengths[shim_random(sizeof(lengths))];
	memcpy(v.remote, &desc.key.remote, 16);
	for (bit = v.remote_length; bit < 128; bit++)
		v.remote[bit / 8] &= ~(0x80 >> bit % 8);
	if (v.match & SALLYPORT_MATCH_PROCESS)
		v.process = desc.process;
	if (v.match & SALLYPORT_MATCH_CGROUP)
		v.cgroup = desc.cgroup;
	if (v.match & SALLYPORT_MATCH_PROTOCOL)
		v.protocol = desc.key.protocol;
	if (v.match & SALLYPORT_MATCH_REMOTE_PORT)
		v.remote_port = desc.key.remote_port;
	if (v.match & SALLYPORT_MATCH_LOCAL_PORT)
		v.local_port = desc.key.local_port;
	if (v.match & SALLYPORT_MATCH_INTERFACE)
		v.ifindex = desc.key.ifindex;
	if (!shim_random(3))
		v.expires = shim_boottime + shim_random(100) * 1000000ULL;
	return v;
}

/* Written apart from the table's own, field by field. */
static bool naive_matches(const struct sallyport_verdict *v,
			  const struct sp_flow_desc *d)
{
	u32 bit;

	for (bit = 0; bit < v->remote_length; bit++)
		if ((v->remote[bit / 8] ^ d->key.remote.s6_addr[bit / 8]) &
		    0x80 >> bit % 8)
			return false;
#define FIELD(flag, name, value) \
	(!(v->match & SALLYPORT_MATCH_##flag) || v->name == (value))
	return v->image == d->image->info.id && v->uid == d->uid &&
	       v->direction == d->direction &&
	       FIELD(PROCESS, process, d->process) &&
	       FIELD(CGROUP, cgroup, d->cgroup) &&
	       FIELD(PROTOCOL, protocol, d->key.protocol) &&
	       FIELD(REMOTE_PORT, remote_port, d->key.remote_port) &&
	       FIELD(LOCAL_PORT, local_port, d->key.local_port) &&
	       FIELD(INTERFACE, ifindex, d->flags & SALLYPORT_FLOW_NETNS ?
					 0 : d->key.ifindex);
#undef FIELD
}

static bool same_place(const struct sallyport_verdict *a,
		       const struct sallyport_verdict *b)
{
	return a->image == b->image && a->uid == b->uid &&
	       a->direction == b->direction && a->match == b->match &&
	       a->process == b->process && a->cgroup == b->cgroup &&
	       a->protocol == b->protocol && a->ifindex == b->ifindex &&
	       a->remote_port == b->remote_port &&
	       a->local_port == b->local_port &&
	       a->remote_length == b->remote_length &&
	       !memcmp(a->remote, b->remote, 16);
}

static void model_remove(u32 i)
{
	model[i] = model[--model_count];
}

static void model_push(void)
{
	struct sallyport_verdict v = random_verdict();
	int err = push(&v);
	u32 i;

	if (err) {
		ck_assert(err == -EEXIST || err == -ENOSPC ||
			  (err == -ENOMEM && shim_failed()));
		return;
	}
	for (i = 0; i < model_count; i++)
		if (same_place(&model[i], &v))
			model_remove(i);
	ck_assert_uint_lt(model_count, MODEL);
	model[model_count++] = v;
}

static void model_delete(void)
{
	u32 i = shim_random(model_count + 1);

	if (i == model_count)
		return;
	/* an expired one may be gone */
	ck_assert(delete(&model[i]) || !in_force(&model[i]));
	model_remove(i);
}

static void model_check(void)
{
	struct sp_flow_desc desc = random_desc();
	struct sp_answer answer;
	bool found, rule = false;
	u32 matches = 0, i;

	rcu_read_lock();
	found = sp_verdict_find(&desc, &answer);
	rcu_read_unlock();
	for (i = 0; i < model_count; i++) {
		ck_assert_int_eq(sp_verdict_matches(&model[i], &desc),
				 naive_matches(&model[i], &desc));
		if (!in_force(&model[i]) || !naive_matches(&model[i], &desc))
			continue;
		matches++;
		ck_assert(found);
		ck_assert_uint_eq(answer.action, model[i].action);
		rule |= answer.rule == model[i].rule;
	}
	ck_assert_int_eq(found, matches > 0);
	ck_assert_int_eq(found, rule);
}

static void model_age(void)
{
	u32 i, n = 0;

	sp_verdict_table_age();
	for (i = 0; i < model_count; i++)
		if (in_force(&model[i]))
			model[n++] = model[i];
	model_count = n;
	ck_assert_uint_eq(sp_verdict_count(), model_count);
}

START_TEST(random_steps)
{
	int step;

	shim_seed(_i);
	shim_hash_mask = _i % 2 ? 3 : UINT32_MAX;
	for (step = 0; step < 10000; step++) {
		shim_fail_chance(15);
		switch (shim_random(8)) {
		case 0: case 1:
			model_delete();
			break;
		case 2:
			shim_advance_ms(shim_random(20));
			break;
		case 3:
			if (!shim_random(10))
				model_age();
			break;
		default:
			model_push();
		}
		if (!shim_random(50))
			shim_rcu_run();
		model_check();
	}
	model_age();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("verdict_table");

	tcase_add_checked_fixture(tcase, start, stop);
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
	tcase_add_test(tcase, masks_are_limited);
	tcase_add_test(tcase, mask_is_freed_by_its_last_verdict);
	tcase_add_test(tcase, verdicts_of_a_subject_are_limited);
	tcase_add_test(tcase, users_and_table_are_limited);
	tcase_add_test(tcase, verdicts_of_a_user_are_limited);
	tcase_add_test(tcase, no_memory_changes_nothing);
	tcase_add_test(tcase, init_without_memory);
	tcase_add_loop_test(tcase, walk_sees_each_once, 0, 2);
	tcase_add_loop_test(tcase, random_steps, 1, 7);
	return support_run(tcase);
}
