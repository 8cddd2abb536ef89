// SPDX-License-Identifier: GPL-2.0
/* kmod/verdict_table.c: random steps, held against a list that is searched whole. */
#include <arpa/inet.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "verdicts.h"

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
	struct sp_flow_desc desc = support_desc(verdicts_images[shim_random(2)], 1, 1,
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
	int err = verdicts_push(&v);
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
	ck_assert(verdicts_delete(&model[i]) || !in_force(&model[i]));
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
	TCase *tcase = tcase_create("verdict_model");

	tcase_add_checked_fixture(tcase, verdicts_start, verdicts_stop);
	tcase_add_loop_test(tcase, random_steps, 1, 7);
	return support_run(tcase);
}
