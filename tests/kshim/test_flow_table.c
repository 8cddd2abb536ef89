// SPDX-License-Identifier: GPL-2.0
/* kmod/flow_table.c */
#include "flow_cache.h"
#include "support.h"

#define TOTAL	40
#define USER	30
#define SOCKET	8

static struct sp_image *image;
static u32 ended;		/* reports */
static u64 ended_cookie;	/* of the last one */

static void count_ended(struct sp_flow *flow)
{
	ended_cookie = flow->desc.key.cookie;
	ck_assert(flow->dead);
	shim_check_idle();
	ended++;
}

static void start_with(u32 total, u32 user, u32 socket)
{
	struct sp_flow_limits limits = { total, user, socket };

	image = support_image(16);
	ck_assert_int_eq(sp_user_init(), 0);
	ck_assert_int_eq(sp_cache_init(4), 0);
	ck_assert_int_eq(sp_flow_table_init(&limits, count_ended), 0);
}

static void start(void)
{
	shim_init();
	start_with(TOTAL, USER, SOCKET);
}

static void stop(void)
{
	shim_fail_nth(0);
	sp_flow_table_exit();
	sp_cache_exit();
	ck_assert_uint_eq(sp_flow_count(), 0);
	sp_user_exit();
	ck_assert_int_eq(refcount_read(&image->refs), 1);
	sp_image_put(image);
	shim_exit();
}

static int insert(const struct sp_flow_desc *desc, u8 action,
		  struct sp_flow **flow)
{
	struct sp_flow *unused;
	int err;

	support_enter();
	err = sp_flow_insert(desc, action, 5, flow ? flow : &unused);
	support_leave();
	return err;
}

static struct sp_flow *find(const struct sp_flow_desc *desc)
{
	struct sp_flow *flow;

	support_enter();
	flow = sp_flow_find(&desc->key);
	support_leave();
	return flow;
}

static struct sp_flow *find_wire(const struct sp_flow_desc *desc)
{
	struct sp_flow *flow;

	support_enter();
	flow = sp_flow_find_wire(&desc->wire, 0);
	support_leave();
	return flow;
}

static void kill_flow(struct sp_flow *flow)
{
	support_enter();
	sp_flow_kill(flow);
	support_leave();
}

/* In process context, where BH are enabled. */
static void kill_desc(const struct sp_flow_desc *desc)
{
	sp_flow_kill_key(&desc->key);
}

START_TEST(insert_and_find)
{
	struct sp_flow_desc desc = support_desc(image, 1, 1, 53), other = desc;
	struct sp_flow *flow, *again;

	ck_assert_ptr_null(find(&desc));
	ck_assert_ptr_null(find_wire(&desc));
	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, &flow), 0);
	ck_assert_ptr_eq(find(&desc), flow);
	ck_assert_ptr_eq(find_wire(&desc), flow);
	ck_assert_uint_eq(flow->rule, 5);
	ck_assert_uint_eq(flow->action, SALLYPORT_ALLOW);
	ck_assert_uint_eq(flow->created, shim_boottime);
	ck_assert_int_eq(refcount_read(&image->refs), 2);
	ck_assert_uint_eq(sp_flow_count(), 1);
	ck_assert_uint_eq(sp_flow_max(), TOTAL);

	ck_assert_int_eq(insert(&desc, SALLYPORT_DENY, &again), 0);
	ck_assert_ptr_eq(again, flow);
	ck_assert_uint_eq(sp_flow_count(), 1);
	other.key.ifindex++;
	ck_assert_ptr_null(find(&other));
	other.wire.netns++;
	ck_assert_ptr_null(find_wire(&other));
}
END_TEST

START_TEST(killed_flow_is_gone_and_reported)
{
	struct sp_flow_desc desc = support_desc(image, 1, 1, 53);
	struct sp_flow *flow, *again;

	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, &flow), 0);
	kill_flow(flow);
	kill_flow(flow);
	ck_assert_ptr_null(find(&desc));
	ck_assert_ptr_null(find_wire(&desc));
	ck_assert_uint_eq(ended, 0);
	ck_assert_uint_eq(sp_flow_count(), 1);
	/* another one while the first is being buried */
	ck_assert_int_eq(insert(&desc, SALLYPORT_DENY, &again), 0);
	ck_assert_ptr_ne(again, flow);
	shim_rcu_run();
	ck_assert_uint_eq(ended, 0);
	shim_settle();
	ck_assert_uint_eq(ended, 1);
	ck_assert_uint_eq(sp_flow_count(), 1);
	ck_assert_ptr_eq(find(&desc), again);
	kill_desc(&desc);
	kill_desc(&desc);
	shim_settle();
	ck_assert_uint_eq(ended, 2);
	ck_assert_uint_eq(sp_user_count(), 0);
}
END_TEST

static int stop_desc(const struct sp_flow_desc *desc)
{
	struct sp_flow *flow;
	int error = -ENOENT;

	support_enter();
	flow = sp_flow_find(&desc->key);
	if (flow)
		error = sp_flow_stop(flow);
	support_leave();
	return error;
}

START_TEST(stopped_flow_is_dropped_until_it_is_killed)
{
	struct sp_flow_desc desc = support_desc(image, 1, 1, 53);
	struct sp_flow *flow;
	int i;

	desc.key.protocol = desc.wire.protocol = IPPROTO_TCP;
	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	ck_assert_int_eq(stop_desc(&desc), 0);
	shim_settle();
	ck_assert_uint_eq(sp_flow_count(), 1);
	for (i = 0; i < 3; i++) {
		flow = find(&desc);
		ck_assert_ptr_nonnull(flow);
		ck_assert_ptr_eq(find_wire(&desc), flow);
		ck_assert_uint_eq(flow->action, SALLYPORT_DROP);
		ck_assert_ptr_eq(flow->desc.image, image);
		shim_advance_ms(100000);
		sp_flow_table_age();
	}
	kill_desc(&desc);
	shim_settle();
	ck_assert_ptr_null(find(&desc));
	ck_assert_uint_eq(sp_flow_count(), 0);
	ck_assert_int_eq(refcount_read(&image->refs), 1);
}
END_TEST

START_TEST(what_can_not_be_stopped_is_as_it_was)
{
	struct sp_flow_desc desc = support_desc(image, 1, 1, 53);

	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	shim_fail_nth(1);
	ck_assert_int_eq(stop_desc(&desc), -ENOMEM);
	shim_fail_nth(0);
	ck_assert_uint_eq(find(&desc)->action, SALLYPORT_ALLOW);
	ck_assert_uint_eq(sp_flow_count(), 1);
}
END_TEST

START_TEST(found_before_it_was_killed)
{
	struct sp_flow_desc desc = support_desc(image, 1, 1, 53);
	struct sp_flow *flow;

	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, &flow), 0);
	support_enter();
	flow = sp_flow_find(&desc.key);
	sp_flow_hold(flow);
	support_leave();
	kill_desc(&desc);
	shim_settle();
	ck_assert_uint_eq(ended, 1);
	ck_assert_uint_eq(flow->rule, 5);
	ck_assert_uint_eq(sp_flow_count(), 1);
	sp_flow_put(flow);
	ck_assert_uint_eq(sp_flow_count(), 0);
}
END_TEST

START_TEST(reports_are_in_order)
{
	struct sp_flow_desc desc;
	u64 cookie;

	for (cookie = 1; cookie < 6; cookie++) {
		desc = support_desc(image, cookie, 1, 53);
		ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	}
	for (cookie = 1; cookie < 6; cookie++)
		sp_flow_kill_cookie(cookie);
	shim_settle();
	ck_assert_uint_eq(ended, 5);
	ck_assert_uint_eq(ended_cookie, 5);
}
END_TEST

START_TEST(no_memory_changes_nothing)
{
	struct sp_flow_desc desc = support_desc(image, 1, 1, 53);
	size_t live = shim_live();
	struct sp_flow *flow = NULL;
	int n, err;

	for (n = 1; ; n++) {
		shim_fail_nth(n);
		err = insert(&desc, SALLYPORT_ALLOW, &flow);
		if (!shim_failed())
			break;
		ck_assert_int_eq(err, -ENOMEM);
		ck_assert_ptr_null(flow);
		ck_assert_ptr_null(find(&desc));
		shim_settle();
		ck_assert_uint_eq(shim_live(), live);
		ck_assert_uint_eq(sp_flow_count(), 0);
		ck_assert_uint_eq(sp_user_count(), 0);
	}
	ck_assert_int_eq(err, 0);
	ck_assert_int_eq(n, 3);
}
END_TEST

START_TEST(limit_of_socket)
{
	struct sp_flow_desc desc;
	int i;

	for (i = 0; i < SOCKET; i++) {
		desc = support_desc(image, 1, i, 53);
		ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	}
	desc = support_desc(image, 1, i, 53);
	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), -ENOSPC);
	desc = support_desc(image, 2, i, 53);
	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	desc = support_desc(image, 1, 3, 53);
	kill_desc(&desc);
	desc = support_desc(image, 1, 100, 53);
	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	desc = support_desc(image, 1, 101, 53);
	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), -ENOSPC);
}
END_TEST

START_TEST(limits_of_user_and_table)
{
	struct sp_flow_desc desc;
	int i;

	for (i = 0; i < USER; i++) {
		desc = support_desc(image, i, 1, 53);
		ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	}
	desc = support_desc(image, i, 1, 53);
	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), -ENOSPC);
	for (; i < TOTAL; i++) {
		desc = support_desc(image, i, 1, 53);
		desc.uid = 0;
		ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	}
	desc = support_desc(image, i, 1, 53);
	desc.uid = 1;
	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), -ENOSPC);
	ck_assert_uint_eq(sp_user_count(), 2);
	sp_flow_kill_cookie(0);
	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), -ENOSPC);
	shim_settle();
	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
}
END_TEST

START_TEST(cookie_kills_all_of_a_socket)
{
	struct sp_flow_desc desc;
	int i;

	stop();
	shim_init();
	start_with(2000, 2000, 2000);
	shim_hash_mask = _i ? UINT32_MAX : 0;
	for (i = 0; i < 300; i++) {
		desc = support_desc(image, 1 + i % 3, i / 3, 53);
		ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	}
	sp_flow_kill_cookie(2);
	shim_settle();
	ck_assert_uint_eq(ended, 100);
	ck_assert_uint_eq(sp_flow_count(), 200);
	for (i = 0; i < 300; i++) {
		desc = support_desc(image, 1 + i % 3, i / 3, 53);
		ck_assert(!find(&desc) == (i % 3 == 1));
	}
	support_enter();
	sp_flow_kill_cookie(1);		/* in softirq */
	support_leave();
	sp_flow_kill_cookie(99);
	shim_settle();
	ck_assert_uint_eq(ended, 200);
}
END_TEST

START_TEST(wire_finds_the_newest_allowed)
{
	struct sp_flow_desc a = support_desc(image, 1, 1, 53), b = a, c = a;
	struct sp_flow *first, *second, *third;

	b.key.ifindex = 3;
	c.key.cookie = 2;
	ck_assert_int_eq(insert(&a, SALLYPORT_DENY, &first), 0);
	ck_assert_ptr_eq(find_wire(&a), first);
	ck_assert_int_eq(insert(&b, SALLYPORT_ALLOW, &second), 0);
	ck_assert_ptr_eq(find_wire(&a), second);
	ck_assert_int_eq(insert(&c, SALLYPORT_DENY, &third), 0);
	ck_assert_ptr_eq(find_wire(&a), second);
	kill_flow(second);
	ck_assert_ptr_eq(find_wire(&a), third);
	ck_assert_int_eq(insert(&b, SALLYPORT_ALLOW, &second), 0);
	kill_flow(third);
	ck_assert_int_eq(insert(&c, SALLYPORT_ALLOW, &third), 0);
	ck_assert_ptr_eq(find_wire(&a), third);
	kill_flow(third);
	ck_assert_ptr_eq(find_wire(&a), second);
	kill_flow(second);
	ck_assert_ptr_eq(find_wire(&a), first);
	kill_flow(first);
	ck_assert_ptr_null(find_wire(&a));
}
END_TEST

static bool ages_within(u8 protocol, u8 action, u64 seconds)
{
	struct sp_flow_desc desc = support_desc(image, 1, 1, 53);
	bool before, after;

	support_protocol(&desc, protocol);
	ck_assert_int_eq(insert(&desc, action, NULL), 0);
	shim_advance_ms(seconds * 1000);
	sp_flow_table_age();
	before = !find(&desc);
	shim_advance_ms(2000);
	sp_flow_table_age();
	after = !find(&desc);
	sp_flow_kill_cookie(1);
	shim_settle();
	return !before && after;
}

START_TEST(idle_flows_age)
{
	ck_assert(ages_within(IPPROTO_TCP, SALLYPORT_ALLOW, 5 * 24 * 3600));
	ck_assert(ages_within(IPPROTO_UDP, SALLYPORT_ALLOW, 180));
	ck_assert(ages_within(IPPROTO_UDPLITE, SALLYPORT_ALLOW, 180));
	ck_assert(ages_within(IPPROTO_ICMP, SALLYPORT_ALLOW, 30));
	ck_assert(ages_within(IPPROTO_SCTP, SALLYPORT_ALLOW, 30));
	ck_assert(ages_within(IPPROTO_TCP, SALLYPORT_DENY, 5));
	ck_assert(ages_within(IPPROTO_UDP, SALLYPORT_DROP, 5));
}
END_TEST

static void use(const struct sp_flow_desc *desc)
{
	u32 generation;

	support_enter();
	generation = sp_cache_begin();
	if (!support_hit(&desc->key, SALLYPORT_OUT, 10, 1))
		sp_cache_fill(sp_flow_find(&desc->key), generation,
			      SALLYPORT_OUT, 10, 1);
	support_leave();
}

START_TEST(used_flows_stay_unless_refused)
{
	struct sp_flow_desc desc = support_desc(image, 1, 1, 53);
	struct sp_flow_desc refused = support_desc(image, 2, 1, 53);
	int i;

	ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	ck_assert_int_eq(insert(&refused, SALLYPORT_DENY, NULL), 0);
	for (i = 0; i < 4; i++) {
		use(&desc);
		if (find(&refused))
			use(&refused);
		shim_advance_ms(100000);
		sp_flow_table_age();
		ck_assert_ptr_nonnull(find(&desc));
		ck_assert_ptr_null(find(&refused));
	}
	shim_advance_ms(100000);
	sp_flow_table_age();
	ck_assert_ptr_null(find(&desc));
}
END_TEST

static u32 walk_pause, walk_seen;

static int walk_some(struct sp_flow *flow, void *arg)
{
	u64 *hosts = arg;

	if (walk_pause && !shim_random(walk_pause))
		return -EMSGSIZE;
	*hosts ^= 1ULL << flow->desc.key.remote.s6_addr[15];
	walk_seen++;
	return 0;
}

START_TEST(walk_sees_each_once)
{
	u32 bucket = 0, skip = 0;
	struct sp_flow_desc desc;
	u64 hosts = 0;
	int i, ret;

	shim_hash_mask = 7;
	for (i = 0; i < USER; i++) {
		desc = support_desc(image, i, i, 53);
		ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	}
	walk_pause = 3;
	do {
		rcu_read_lock();
		ret = sp_flow_table_walk(&bucket, &skip, walk_some, &hosts);
		rcu_read_unlock();
	} while (ret == -EMSGSIZE);
	ck_assert_int_eq(ret, 0);
	ck_assert_uint_eq(walk_seen, USER);
	ck_assert_uint_eq(hosts, (1ULL << USER) - 1);
}
END_TEST

/* Of those told of some go before the walk goes on. */
START_TEST(walk_leaves_none_out)
{
	u32 bucket = 0, left = 0;
	struct sp_flow_desc desc;
	u64 hosts = 0, told;
	int i, ret;

	shim_hash_mask = 7;
	for (i = 0; i < USER; i++) {
		desc = support_desc(image, i, i, 53);
		ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
	}
	walk_pause = 3;
	do {
		told = 0;
		rcu_read_lock();
		ret = sp_flow_table_walk(&bucket, &left, walk_some, &told);
		rcu_read_unlock();
		hosts |= told;
		for (i = 0; i < USER; i++)
			if (told >> i & 1) {
				desc = support_desc(image, i, i, 53);
				sp_flow_kill_key(&desc.key);
			}
	} while (ret == -EMSGSIZE);
	ck_assert_int_eq(ret, 0);
	ck_assert_uint_eq(hosts, (1ULL << USER) - 1);
}
END_TEST

START_TEST(init_without_memory)
{
	struct sp_flow_limits limits = { TOTAL, USER, SOCKET };
	size_t live;
	int n, err;

	sp_flow_table_exit();
	live = shim_live();
	for (n = 1; ; n++) {
		shim_fail_nth(n);
		err = sp_flow_table_init(&limits, count_ended);
		if (!shim_failed())
			break;
		ck_assert_int_eq(err, -ENOMEM);
		ck_assert_uint_eq(shim_live(), live);
	}
	ck_assert_int_eq(err, 0);
	ck_assert_int_eq(n, 5);
}
END_TEST

START_TEST(exit_reports_all)
{
	struct sp_flow_desc desc;
	int i;

	for (i = 0; i < 10; i++) {
		desc = support_desc(image, i % 4, i, 53);
		ck_assert_int_eq(insert(&desc, SALLYPORT_ALLOW, NULL), 0);
		use(&desc);
	}
	stop();
	ck_assert_uint_eq(ended, 10);
	start();
}
END_TEST

/*
 * Against a list. Keys are (cookie, host); the wire tuple is the host's, so
 * that sockets share it. Flows that were killed count until they are settled.
 */
#define COOKIES	6
#define HOSTS	10

struct model {
	struct sp_flow *flow;
	u64 born;
	u8 action;
};

static struct model model[COOKIES][HOSTS];
static u64 model_births;
static u32 model_dying;

static struct sp_flow_desc model_desc(int cookie, int host)
{
	struct sp_flow_desc desc = support_desc(image, cookie, host, 53);

	desc.uid = cookie % 2;
	return desc;
}

static u32 model_alive(int cookie)
{
	u32 alive = 0;
	int host;

	for (host = 0; host < HOSTS; host++)
		alive += !!model[cookie][host].flow;
	return alive;
}

static u32 model_all(void)
{
	u32 alive = 0;
	int cookie;

	for (cookie = 0; cookie < COOKIES; cookie++)
		alive += model_alive(cookie);
	return alive;
}

static void model_insert(int cookie, int host)
{
	struct sp_flow_desc desc = model_desc(cookie, host);
	struct model *m = &model[cookie][host];
	u8 action = 1 + shim_random(3);
	struct sp_flow *flow = NULL;
	int err = insert(&desc, action, &flow);

	if (m->flow) {
		ck_assert_int_eq(err, 0);
		ck_assert_ptr_eq(flow, m->flow);
	} else if (err) {
		ck_assert_ptr_null(flow);
		ck_assert(err == -ENOMEM ? shim_failed() :
			  model_alive(cookie) >= SOCKET ||
			  model_all() + model_dying >= USER);
	} else {
		ck_assert_uint_lt(model_alive(cookie), SOCKET);
		*m = (struct model) { flow, ++model_births, action };
	}
}

static void model_kill(int cookie, int host)
{
	struct sp_flow_desc desc = model_desc(cookie, host);
	struct model *m = &model[cookie][host];

	model_dying += !!m->flow;
	if (m->flow && shim_random(2))
		kill_flow(m->flow);
	else
		kill_desc(&desc);
	m->flow = NULL;
}

static void model_kill_cookie(int cookie)
{
	int host;

	model_dying += model_alive(cookie);
	for (host = 0; host < HOSTS; host++)
		model[cookie][host].flow = NULL;
	sp_flow_kill_cookie(cookie);
}

static struct sp_flow *model_wire(int host)
{
	struct model *best = NULL, *m;
	bool better;
	int i;

	for (i = 0; i < COOKIES; i++) {
		m = &model[i][host];
		if (!m->flow)
			continue;
		better = !best ||
			 (best->action == SALLYPORT_ALLOW) <
			 (m->action == SALLYPORT_ALLOW) ||
			 ((best->action == SALLYPORT_ALLOW) ==
			  (m->action == SALLYPORT_ALLOW) &&
			  m->born > best->born);
		if (better)
			best = m;
	}
	return best ? best->flow : NULL;
}

static void model_check(void)
{
	struct sp_flow_desc desc;
	int cookie, host;

	for (host = 0; host < HOSTS; host++) {
		for (cookie = 0; cookie < COOKIES; cookie++) {
			desc = model_desc(cookie, host);
			ck_assert_ptr_eq(find(&desc), model[cookie][host].flow);
		}
		ck_assert_ptr_eq(find_wire(&desc), model_wire(host));
	}
	ck_assert_uint_eq(sp_flow_count(), model_all() + model_dying);
}

START_TEST(random_steps)
{
	int step, cookie, host;

	shim_seed(_i);
	shim_hash_mask = _i % 2 ? 3 : UINT32_MAX;
	for (step = 0; step < 10000; step++) {
		cookie = shim_random(COOKIES);
		host = shim_random(HOSTS);
		shim_fail_chance(20);
		switch (shim_random(12)) {
		case 0:
			model_kill_cookie(cookie);
			break;
		case 1:
			shim_settle();
			model_dying = 0;
			break;
		case 2: case 3: case 4:
			model_kill(cookie, host);
			break;
		default:
			model_insert(cookie, host);
		}
		if (!shim_random(8))
			model_check();
	}
	model_check();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("flow_table");

	tcase_add_checked_fixture(tcase, start, stop);
	tcase_add_test(tcase, insert_and_find);
	tcase_add_test(tcase, killed_flow_is_gone_and_reported);
	tcase_add_test(tcase, stopped_flow_is_dropped_until_it_is_killed);
	tcase_add_test(tcase, what_can_not_be_stopped_is_as_it_was);
	tcase_add_test(tcase, found_before_it_was_killed);
	tcase_add_test(tcase, reports_are_in_order);
	tcase_add_test(tcase, no_memory_changes_nothing);
	tcase_add_test(tcase, limit_of_socket);
	tcase_add_test(tcase, limits_of_user_and_table);
	tcase_add_loop_test(tcase, cookie_kills_all_of_a_socket, 0, 2);
	tcase_add_test(tcase, wire_finds_the_newest_allowed);
	tcase_add_test(tcase, idle_flows_age);
	tcase_add_test(tcase, used_flows_stay_unless_refused);
	tcase_add_test(tcase, walk_sees_each_once);
	tcase_add_test(tcase, walk_leaves_none_out);
	tcase_add_test(tcase, init_without_memory);
	tcase_add_test(tcase, exit_reports_all);
	tcase_add_loop_test(tcase, random_steps, 1, 7);
	return support_run(tcase);
}
