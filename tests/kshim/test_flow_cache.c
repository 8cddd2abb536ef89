// SPDX-License-Identifier: GPL-2.0
/* kmod/flow_cache.c and the inline look-up in kmod/flow_cache.h */
#include <linux/string.h>
#include "flow_cache.h"
#include "support.h"

#define SETS 4

static struct sp_image *image;

/* What was reported last, and how many times. */
static struct {
	u32 count;
	u64 bytes[2];
	u64 packets[2];
} ended;

static void note_ended(struct sp_flow *flow)
{
	int i;

	ended.count++;
	for (i = 0; i < 2; i++) {
		ended.bytes[i] = atomic64_read(&flow->bytes[i]);
		ended.packets[i] = atomic64_read(&flow->packets[i]);
	}
}

static void start_with(u32 sets, sp_flow_ended_fn fn)
{
	struct sp_flow_limits limits = { 1000, 1000, 1000 };

	image = support_image(16);
	ck_assert_int_eq(sp_user_init(), 0);
	ck_assert_int_eq(sp_cache_init(sets), 0);
	ck_assert_int_eq(sp_flow_table_init(&limits, fn), 0);
}

static void start(void)
{
	shim_init();
	start_with(SETS, note_ended);
}

static void stop(void)
{
	shim_cpu = 0;
	sp_flow_table_exit();
	sp_cache_exit();
	sp_user_exit();
	sp_image_put(image);
	shim_exit();
}

static void restart(u32 sets, sp_flow_ended_fn fn)
{
	stop();
	shim_init();
	start_with(sets, fn);
}

static struct sp_flow_desc desc_of(u64 cookie)
{
	return support_desc(image, cookie, 1, 443);
}

static struct sp_flow *insert(u64 cookie, u8 action)
{
	struct sp_flow_desc desc = desc_of(cookie);
	struct sp_flow *flow;

	support_enter();
	ck_assert_int_eq(sp_flow_insert(&desc, action, 5, &flow), 0);
	support_leave();
	return flow;
}

static u8 hit(u64 cookie, u8 direction, u32 bytes, u32 packets)
{
	struct sp_flow_desc desc = desc_of(cookie);
	u8 action;

	support_enter();
	action = support_hit(&desc.key, direction, bytes, packets);
	support_leave();
	return action;
}

static void fill(struct sp_flow *flow, u8 direction, u32 bytes, u32 packets)
{
	support_enter();
	sp_cache_fill(flow, sp_cache_begin(), direction, bytes, packets);
	support_leave();
}

static bool counts_are(const struct sp_flow *flow, u64 bytes_out,
		       u64 packets_out, u64 bytes_in, u64 packets_in)
{
	return atomic64_read(&flow->bytes[SALLYPORT_OUT]) == bytes_out &&
	       atomic64_read(&flow->packets[SALLYPORT_OUT]) == packets_out &&
	       atomic64_read(&flow->bytes[SALLYPORT_IN]) == bytes_in &&
	       atomic64_read(&flow->packets[SALLYPORT_IN]) == packets_in;
}

START_TEST(hit_after_fill)
{
	struct sp_flow *flow = insert(1, SALLYPORT_DENY);

	ck_assert_uint_eq(hit(1, 0, 100, 1), 0);
	fill(flow, SALLYPORT_OUT, 100, 1);
	ck_assert_uint_eq(hit(1, SALLYPORT_OUT, 50, 2), SALLYPORT_DENY);
	ck_assert_uint_eq(hit(1, SALLYPORT_IN, 7, 1), SALLYPORT_DENY);
	ck_assert_uint_eq(hit(2, SALLYPORT_IN, 7, 1), 0);
	ck_assert(counts_are(flow, 0, 0, 0, 0));
	sp_cache_harvest();
	ck_assert(counts_are(flow, 150, 3, 7, 1));
	sp_cache_harvest();
	ck_assert(counts_are(flow, 150, 3, 7, 1));
}
END_TEST

/* Every field of the key counts. */
START_TEST(key_is_compared_whole)
{
	struct sp_flow_desc desc;
	struct sp_flow *flow;
	u8 action;
	size_t i;

	restart(1, note_ended);
	flow = insert(1, SALLYPORT_ALLOW);
	fill(flow, SALLYPORT_OUT, 1, 1);
	for (i = 0; i < sizeof(desc.key); i++) {
		desc = desc_of(1);
		((u8 *)&desc.key)[i] ^= 1;
		support_enter();
		action = support_hit(&desc.key, 0, 1, 1);
		support_leave();
		ck_assert_uint_eq(action, 0);
	}
	sp_cache_harvest();
	ck_assert(counts_are(flow, 1, 1, 0, 0));
}
END_TEST

START_TEST(use_is_harvested)
{
	struct sp_flow *flow = insert(1, SALLYPORT_ALLOW);

	fill(flow, SALLYPORT_OUT, 1, 1);
	shim_advance_ms(40000);		/* jiffies wrap */
	hit(1, SALLYPORT_OUT, 1, 1);
	sp_cache_harvest();
	ck_assert_uint_eq(flow->used, jiffies);
	shim_advance_ms(1000);
	sp_cache_harvest();
	ck_assert_uint_eq(flow->used, jiffies - HZ);
}
END_TEST

START_TEST(big_packets)
{
	struct sp_flow *flow = insert(1, SALLYPORT_ALLOW);
	int i;

	fill(flow, SALLYPORT_OUT, U32_MAX, 3);
	for (i = 0; i < 9; i++)
		hit(1, SALLYPORT_OUT, U32_MAX, 3);
	sp_cache_harvest();
	ck_assert(counts_are(flow, 10ULL * U32_MAX, 30, 0, 0));
}
END_TEST

START_TEST(new_generation_voids)
{
	struct sp_flow *flow = insert(1, SALLYPORT_ALLOW);

	for (shim_cpu = 0; shim_cpu < shim_cpus; shim_cpu++)
		fill(flow, SALLYPORT_OUT, 10, 1);
	sp_cache_invalidate();
	for (shim_cpu = 0; shim_cpu < shim_cpus; shim_cpu++)
		ck_assert_uint_eq(hit(1, SALLYPORT_OUT, 10, 1), 0);
	shim_cpu = 0;
	fill(flow, SALLYPORT_OUT, 10, 1);
	ck_assert_uint_eq(hit(1, SALLYPORT_OUT, 10, 1), SALLYPORT_ALLOW);
	sp_cache_harvest();
	ck_assert(counts_are(flow, 60, 6, 0, 0));
}
END_TEST

/* Found before the policy changed, filled in after. */
START_TEST(fill_of_an_old_generation)
{
	struct sp_flow *flow = insert(1, SALLYPORT_ALLOW);
	u32 generation = sp_cache_begin();

	sp_cache_invalidate();
	support_enter();
	sp_cache_fill(flow, generation, SALLYPORT_OUT, 10, 1);
	support_leave();
	ck_assert_uint_eq(hit(1, SALLYPORT_OUT, 10, 1), 0);
	sp_cache_harvest();
	ck_assert(counts_are(flow, 10, 1, 0, 0));
}
END_TEST

START_TEST(generation_wraps)
{
	struct sp_flow_key zero = { };
	struct sp_flow *flow = insert(1, SALLYPORT_ALLOW);
	u8 action;

	sp_cache_generation = U32_MAX;
	fill(flow, SALLYPORT_OUT, 10, 1);
	ck_assert_uint_eq(hit(1, SALLYPORT_OUT, 10, 1), SALLYPORT_ALLOW);
	sp_cache_invalidate();
	ck_assert_uint_eq(sp_cache_begin(), 1);
	ck_assert_uint_eq(hit(1, SALLYPORT_OUT, 10, 1), 0);
	support_enter();
	action = support_hit(&zero, 0, 1, 1);
	support_leave();
	ck_assert_uint_eq(action, 0);
}
END_TEST

/* One set: empty ways first, then void ones, then the least recently used. */
START_TEST(replacement)
{
	struct sp_flow *flows[8];
	int i;

	restart(1, note_ended);
	shim_advance_ms(16500);		/* jiffies wrap on the way */
	for (i = 0; i < 8; i++)
		flows[i] = insert(i, SALLYPORT_ALLOW);
	for (i = 0; i < 4; i++) {
		fill(flows[i], SALLYPORT_OUT, 10, 1);
		shim_advance_ms(1000);
	}
	for (i = 0; i < 4; i++)
		if (i != 2)
			ck_assert(hit(i, SALLYPORT_OUT, 10, 1));
	shim_advance_ms(1000);
	fill(flows[4], SALLYPORT_OUT, 10, 1);
	ck_assert(counts_are(flows[2], 10, 1, 0, 0));
	for (i = 0; i < 5; i++)
		ck_assert(hit(i, SALLYPORT_OUT, 10, 1) ==
			  (i == 2 ? 0 : SALLYPORT_ALLOW));

	sp_cache_invalidate();
	fill(flows[0], SALLYPORT_OUT, 10, 1);
	for (i = 5; i < 8; i++) {
		shim_advance_ms(1000);
		fill(flows[i], SALLYPORT_OUT, 10, 1);
	}
	for (i = 0; i < 8; i++)
		ck_assert(!hit(i, 0, 10, 1) == (i >= 1 && i < 5));
}
END_TEST

START_TEST(kill_while_cached_everywhere)
{
	struct sp_flow *flow = insert(1, SALLYPORT_ALLOW);
	struct sp_flow *other = insert(2, SALLYPORT_ALLOW);
	struct sp_flow_desc desc = desc_of(1);

	for (shim_cpu = 0; shim_cpu < shim_cpus; shim_cpu++) {
		fill(flow, SALLYPORT_OUT, 10, 1);
		fill(other, SALLYPORT_OUT, 10, 1);
		hit(1, SALLYPORT_IN, 100 * shim_cpu, 1);
	}
	shim_cpu = 1;
	sp_flow_kill_key(&desc.key);
	ck_assert(counts_are(flow, 40, 4, 600, 4));
	for (shim_cpu = 0; shim_cpu < shim_cpus; shim_cpu++) {
		ck_assert_uint_eq(hit(1, 0, 10, 1), 0);
		ck_assert_uint_eq(hit(2, 0, 10, 1), SALLYPORT_ALLOW);
	}
	shim_settle();
	ck_assert_uint_eq(ended.count, 1);
	ck_assert_uint_eq(ended.bytes[SALLYPORT_IN], 600);
	ck_assert_uint_eq(sp_flow_count(), 1);
	sp_cache_harvest();
	ck_assert(counts_are(other, 80, 8, 0, 0));
}
END_TEST

/* A packet that found the flow just before it was killed. */
START_TEST(fill_of_a_dead_flow)
{
	struct sp_flow *flow = insert(1, SALLYPORT_ALLOW);

	fill(flow, SALLYPORT_OUT, 10, 1);
	sp_flow_kill_cookie(1);
	shim_cpu = 2;
	fill(flow, SALLYPORT_IN, 20, 2);
	ck_assert_uint_eq(hit(1, 0, 10, 1), 0);
	ck_assert(counts_are(flow, 10, 1, 20, 2));
	shim_settle();
	ck_assert_uint_eq(ended.packets[SALLYPORT_IN], 2);
}
END_TEST

/* The killer has not come to this CPU yet when the next flow is filled in. */
START_TEST(successor_takes_the_way)
{
	struct sp_flow *flow = insert(1, SALLYPORT_ALLOW), *next;

	fill(flow, SALLYPORT_OUT, 10, 1);
	flow->cpus = 0;		/* as if it stood before the look at this */
	sp_flow_kill_cookie(1);
	flow->cpus = 1;
	next = insert(1, SALLYPORT_DENY);
	ck_assert_uint_eq(hit(1, SALLYPORT_OUT, 1, 1), SALLYPORT_ALLOW);
	fill(next, SALLYPORT_OUT, 10, 1);
	ck_assert(counts_are(flow, 11, 2, 0, 0));
	ck_assert_uint_eq(hit(1, SALLYPORT_OUT, 10, 1), SALLYPORT_DENY);
	sp_cache_evict(flow);
	ck_assert_uint_eq(hit(1, SALLYPORT_OUT, 10, 1), SALLYPORT_DENY);
}
END_TEST

/* More CPUs than flow->cpus has bits. */
START_TEST(many_processors)
{
	struct sp_flow *flow;

	stop();
	shim_cpus = 70;
	shim_init();
	start_with(SETS, note_ended);
	flow = insert(1, SALLYPORT_ALLOW);
	shim_cpu = 68;
	fill(flow, SALLYPORT_OUT, 10, 1);
	shim_cpu = 4;		/* the same bit */
	fill(flow, SALLYPORT_OUT, 10, 1);
	sp_flow_kill_cookie(1);
	ck_assert_uint_eq(hit(1, 0, 10, 1), 0);
	shim_cpu = 68;
	ck_assert_uint_eq(hit(1, 0, 10, 1), 0);
	shim_settle();
	ck_assert_uint_eq(ended.bytes[SALLYPORT_OUT], 20);
}
END_TEST

/* Memory of other CPUs, flows and tables is read-only while there are hits. */
START_TEST(hit_writes_only_its_own_memory)
{
	struct sp_flow *flow;
	int i;

	stop();
	shim_init();
	shim_use_pages();
	start_with(SETS, note_ended);
	flow = insert(1, SALLYPORT_ALLOW);
	for (shim_cpu = 0; shim_cpu < 3; shim_cpu++)
		fill(flow, SALLYPORT_OUT, 10, 1);
	shim_cpu = 1;
	shim_protect(per_cpu_ptr(&sp_cache, 1)->sets);
	for (i = 0; i < 100; i++)
		ck_assert(hit(1, SALLYPORT_OUT, 10, 1));
	ck_assert_uint_eq(hit(2, SALLYPORT_OUT, 10, 1), 0);
	shim_unprotect();
	sp_cache_harvest();
	ck_assert(counts_are(flow, 1030, 103, 0, 0));
}
END_TEST

START_TEST(init_without_memory)
{
	size_t live;
	int n, err;

	sp_cache_exit();
	live = shim_live();
	for (n = 1; ; n++) {
		shim_fail_nth(n);
		err = sp_cache_init(SETS);
		if (!shim_failed())
			break;
		ck_assert_int_eq(err, -ENOMEM);
		ck_assert_uint_eq(shim_live(), live);
	}
	ck_assert_int_eq(err, 0);
	ck_assert_int_eq(n, shim_cpus + 1);
}
END_TEST

/*
 * Random packets on random CPUs against a list: an answer is always that of
 * the living flow, a refused generation answers nothing, and what was counted
 * is in the report when the flow ends.
 */
#define COOKIES	40

static struct model {
	struct sp_flow *flow;
	u8 action;
	u64 bytes[2];
	u64 packets[2];
} model[COOKIES];
static u32 model_ended;

static void model_compare(const struct sp_flow *flow, struct model *m)
{
	int i;

	for (i = 0; i < 2; i++) {
		ck_assert_uint_eq(atomic64_read(&flow->bytes[i]), m->bytes[i]);
		ck_assert_uint_eq(atomic64_read(&flow->packets[i]),
				  m->packets[i]);
	}
}

/* The model settles after each death, so there is one dead flow at most. */
static void model_note_ended(struct sp_flow *flow)
{
	struct model *m = &model[flow->desc.key.cookie];

	ck_assert_ptr_eq(flow, m->flow);
	model_compare(flow, m);
	*m = (struct model) { };
	model_ended++;
}

static void model_packet(u32 cookie)
{
	struct sp_flow_desc desc = desc_of(cookie);
	u32 bytes = shim_random(1500), generation;
	u8 direction = shim_random(2), action;
	struct model *m = &model[cookie];

	support_enter();
	action = support_hit(&desc.key, direction, bytes, 1);
	if (!action) {
		generation = sp_cache_begin();
		if (!m->flow) {
			m->action = 1 + shim_random(3);
			ck_assert_int_eq(sp_flow_insert(&desc, m->action, 1,
							&m->flow), 0);
		}
		ck_assert_ptr_eq(sp_flow_find(&desc.key), m->flow);
		sp_cache_fill(m->flow, generation, direction, bytes, 1);
	} else {
		ck_assert_ptr_nonnull(m->flow);
		ck_assert_uint_eq(action, m->action);
	}
	support_leave();
	m->bytes[direction] += bytes;
	m->packets[direction]++;
}

static void model_kill(u32 cookie)
{
	bool lived = model[cookie].flow;

	model_ended = 0;
	sp_flow_kill_cookie(cookie);
	shim_settle();
	ck_assert_uint_eq(model_ended, lived);
}

static void model_harvest(void)
{
	u32 i;

	sp_cache_harvest();
	for (i = 0; i < COOKIES; i++)
		if (model[i].flow)
			model_compare(model[i].flow, &model[i]);
}

START_TEST(random_steps)
{
	u32 cookie;
	int step;

	shim_seed(_i);
	restart(1U << _i, model_note_ended);
	shim_seed(_i);
	for (step = 0; step < 30000; step++) {
		cookie = shim_random(COOKIES);
		shim_cpu = shim_random(shim_cpus);
		switch (shim_random(100)) {
		case 0:
			model_harvest();
			break;
		case 1:
			sp_cache_invalidate();
			break;
		case 2: case 3: case 4:
			model_kill(cookie);
			break;
		case 5:
			shim_advance_ms(shim_random(100));
			break;
		default:
			model_packet(cookie);
		}
	}
	stop();
	ck_assert_uint_eq(sp_flow_count(), 0);
	start();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("flow_cache");

	tcase_add_checked_fixture(tcase, start, stop);
	tcase_add_test(tcase, hit_after_fill);
	tcase_add_test(tcase, key_is_compared_whole);
	tcase_add_test(tcase, use_is_harvested);
	tcase_add_test(tcase, big_packets);
	tcase_add_test(tcase, new_generation_voids);
	tcase_add_test(tcase, fill_of_an_old_generation);
	tcase_add_test(tcase, generation_wraps);
	tcase_add_test(tcase, replacement);
	tcase_add_test(tcase, kill_while_cached_everywhere);
	tcase_add_test(tcase, fill_of_a_dead_flow);
	tcase_add_test(tcase, successor_takes_the_way);
	tcase_add_test(tcase, many_processors);
	tcase_add_test(tcase, hit_writes_only_its_own_memory);
	tcase_add_test(tcase, init_without_memory);
	tcase_add_loop_test(tcase, random_steps, 0, 4);
	return support_run(tcase);
}
