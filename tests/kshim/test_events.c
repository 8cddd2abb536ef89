// SPDX-License-Identifier: GPL-2.0
/* What the daemon is told of flows that a verdict allows, with the whole module. */
#include <string.h>

#include <linux/ktime.h>

#include "events.h"
#include "law.h"
#include "simple_daemon.h"
#include "stats.h"
#include "support.h"

#define SOCKET_FLOWS	128u	/* at most of one socket: main.c's, of a table of 1024 */
#define MESSAGE		64u	/* events in one; events.c */
#define AT_ONCE		512u	/* flows that began; likewise */
#define ALIKE		8u	/* the last events, with which others are told; likewise */

static struct sallyport_event events[1024];
static u32 told, lost;
static struct cgroup cgroup = { 101 };

static int receive(u32 port, u8 number, struct nlattr **attrs)
{
	u32 count;

	if (port != LAW_EVENTS || number != SALLYPORT_CMD_EVENTS)
		return simple_receive(port, number, attrs);
	lost += nla_get_u32(attrs[SALLYPORT_A_EVENTS_LOST]);
	count = nla_len(attrs[SALLYPORT_A_EVENTS]) / sizeof(events[0]);
	ck_assert_uint_le(count, MESSAGE);
	ck_assert_uint_le(told + count, 1024);
	memcpy(&events[told], nla_data(attrs[SALLYPORT_A_EVENTS]), count * sizeof(events[0]));
	told += count;
	return 0;
}

static void begin(void)
{
	shim_init();
	init_net.next = NULL;
	*shim_param_flows = 1024;
	*shim_param_cache_sets = 4;
	*shim_param_sockets = 1024;
	*shim_param_images = 1024;
	*shim_param_processes = 1024;
	law_world_begin();
	shim_receive = receive;
	ck_assert_int_eq(shim_module_init(), 0);
	simple_hello();
	law_fork(NULL);
}

static void end(void)
{
	law_world_end();
	shim_module_exit();
	shim_exit();
}

static unsigned int send_to(struct law_socket *socket, u16 port)
{
	struct law_packet packet = {
		.sk = socket->sk, .socket = socket, .net = &init_net, .bytes = 100,
		.key = { .family = AF_INET, .protocol = IPPROTO_UDP, .remote = 1,
			 .remote_port = port, .local_port = socket->port, .ifindex = 2 },
	};
	struct sk_buff *skb = law_packet_build(&packet);
	unsigned int said = law_packet_send(&packet, skb, &law_processes[0].task);

	if (said != NF_STOLEN)
		kfree_skb(skb);
	return said & NF_VERDICT_MASK;
}

static void send_many(struct law_socket *socket, u16 first, u32 count)
{
	while (count--)
		ck_assert_uint_eq(send_to(socket, first++), NF_ACCEPT);
}

static struct law_socket *open_socket(void)
{
	int i;

	law_socket_open(&law_processes[0], IPPROTO_UDP, AF_INET);
	for (i = LAW_SOCKETS - 1; i >= 0 && !law_sockets[i].sk; i--)
		;
	law_sockets[i].sk->sk_uid.val = 1000;
	law_sockets[i].sk->sk_cgrp_data = &cgroup;
	return &law_sockets[i];
}

/* In some tenths of a second; what was closed is gone in the first moment. */
static void send_all(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		shim_rcu_run();
		shim_work_run();
		shim_delayed_run();
		shim_advance_ms(100);
	}
}

/* The first program may do all. The socket that asked keeps its question. */
static void begin_allowed(void)
{
	begin();
	ck_assert_uint_eq(send_to(open_socket(), 1), NF_QUEUE);
	ck_assert_int_eq(simple_push(SALLYPORT_ALLOW), 0);
	ck_assert_uint_eq(sp_flow_count(), 0);
}

static struct sp_flow *last_flow;

static int is_last(struct sp_flow *flow, void *arg)
{
	last_flow = flow;
	return 0;
}

static void begin_again(void)
{
	u32 bucket = 0, skip = 0;

	support_enter();
	sp_flow_table_walk(&bucket, &skip, is_last, NULL);
	sp_event_begun(last_flow);
	support_leave();
}

START_TEST(a_flow_that_lasts_is_told_of_twice)
{
	struct law_socket *socket = open_socket();

	send_many(socket, 100, 1);
	ck_assert_uint_eq(told, 0);
	send_all();
	ck_assert_uint_eq(told, 1);
	ck_assert_uint_eq(events[0].kind, SALLYPORT_EVENT_FLOW);
	ck_assert_uint_eq(events[0].action, SALLYPORT_ALLOW);
	ck_assert_uint_eq(events[0].rule, simple_verdict.rule);
	ck_assert_uint_eq(events[0].flow.remote_port, htons(100));
	ck_assert_uint_eq(events[0].bytes[0], 0);
	send_many(socket, 100, 2);	/* another one, too */
	law_socket_close(socket);
	send_all();
	ck_assert_uint_eq(told, 3);
	ck_assert_uint_eq(events[1].kind, SALLYPORT_EVENT_ENDED);
	ck_assert_uint_eq(events[2].kind, SALLYPORT_EVENT_ENDED);
	ck_assert_uint_eq(!!events[1].began + !!events[2].began, 1);
	send_all();
	ck_assert_uint_eq(told, 3);
}
END_TEST

START_TEST(a_brief_flow_is_told_of_once)
{
	struct law_socket *socket = open_socket();
	u64 began;

	shim_advance_ms(7);
	began = ktime_get_boottime_ns();
	send_many(socket, 100, 1);
	send_many(socket, 100, 1);
	shim_advance_ms(5);
	law_socket_close(socket);
	send_all();
	ck_assert_uint_eq(told, 1);
	ck_assert_uint_eq(events[0].kind, SALLYPORT_EVENT_ENDED);
	ck_assert_uint_eq(events[0].began, began);
	ck_assert_uint_gt(events[0].time, began);
	ck_assert_uint_eq(events[0].bytes[0], 200);
	ck_assert_uint_eq(events[0].flow.remote_port, htons(100));
	send_all();
	ck_assert_uint_eq(told, 1);
}
END_TEST

static void have_brief(u16 port)
{
	struct law_socket *socket = open_socket();

	send_many(socket, port, 1);
	shim_advance_ms(1);
	law_socket_close(socket);
}

START_TEST(brief_ones_that_are_alike_are_told_of_together)
{
	struct law_socket *socket = open_socket();
	u64 began = ktime_get_boottime_ns();
	u16 local_port = socket->port;

	send_many(socket, 100, 1);
	law_socket_close(socket);
	have_brief(101);
	have_brief(100);
	have_brief(100);
	send_all();
	ck_assert_uint_eq(told, 2);
	ck_assert_uint_eq(events[0].kind, SALLYPORT_EVENT_ENDED);
	ck_assert_uint_eq(events[0].count, 3);
	ck_assert_uint_eq(events[0].began, began);
	ck_assert_uint_ge(events[0].time, began + 3 * NSEC_PER_MSEC);
	ck_assert_uint_eq(events[0].bytes[0], 300);
	ck_assert_uint_eq(events[0].flow.remote_port, htons(100));
	ck_assert_uint_eq(events[0].flow.local_port, htons(local_port));
	ck_assert_uint_eq(events[1].count, 1);
	ck_assert_uint_eq(events[1].flow.remote_port, htons(101));
	have_brief(100);
	send_all();
	ck_assert_uint_eq(told, 3);
	ck_assert_uint_eq(events[2].count, 1);
}
END_TEST

/* That it began is known: its end alone is told. */
START_TEST(one_that_lasted_is_told_of_alone)
{
	struct law_socket *socket = open_socket();

	send_many(socket, 100, 1);
	send_all();
	have_brief(100);
	law_socket_close(socket);
	have_brief(100);
	send_all();
	ck_assert_uint_eq(told, 3);
	ck_assert_uint_eq(events[0].kind, SALLYPORT_EVENT_FLOW);
	ck_assert_uint_eq(events[1].count, 2);
	ck_assert_uint_ne(events[1].began, 0);
	ck_assert_uint_eq(events[2].count, 1);
	ck_assert_uint_eq(events[2].began, 0);
}
END_TEST

START_TEST(among_the_last_few_events_alone)
{
	u16 port;

	for (port = 100; port <= 100 + ALIKE; port++)
		have_brief(port);
	have_brief(101);
	have_brief(100);
	send_all();
	ck_assert_uint_eq(told, ALIKE + 2);
	ck_assert_uint_eq(events[0].count, 1);
	ck_assert_uint_eq(events[1].count, 2);
	ck_assert_uint_eq(events[ALIKE + 1].count, 1);
	ck_assert_uint_eq(events[ALIKE + 1].flow.remote_port, htons(100));
}
END_TEST

/* Each of them is lost, where their event is. */
START_TEST(those_that_are_lost_are_counted_one_by_one)
{
	have_brief(100);
	have_brief(100);
	shim_delayed_run();	/* their flows end, and are reported */
	shim_rcu_run();
	shim_work_run();
	shim_port_closed(LAW_PORT);
	send_all();
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_EVENT_LOST), 2);
}
END_TEST

/* Dead when its turn comes, but its end is not settled yet. */
START_TEST(its_end_may_be_told_later)
{
	struct law_socket *socket = open_socket();

	send_many(socket, 100, 1);
	law_socket_close(socket);
	shim_delayed_run();
	shim_advance_ms(100);
	shim_delayed_run();
	ck_assert_uint_eq(told, 0);
	send_all();
	ck_assert_uint_eq(told, 1);
	ck_assert_uint_eq(events[0].kind, SALLYPORT_EVENT_ENDED);
	ck_assert_uint_ne(events[0].began, 0);
}
END_TEST

START_TEST(a_young_flow_is_not_told_of)
{
	struct law_socket *socket = open_socket();

	send_many(socket, 100, 1);
	shim_advance_ms(80);
	send_many(socket, 101, 1);
	shim_advance_ms(20);
	shim_delayed_run();
	ck_assert_uint_eq(told, 1);
	ck_assert_uint_eq(events[0].flow.remote_port, htons(100));
	shim_advance_ms(100);
	shim_delayed_run();
	ck_assert_uint_eq(told, 2);
	ck_assert_uint_eq(events[1].flow.remote_port, htons(101));
}
END_TEST

START_TEST(what_two_packets_begin_is_told_of_once)
{
	struct law_socket *socket = open_socket();

	send_many(socket, 100, 1);
	begin_again();
	send_all();
	begin_again();
	send_all();
	ck_assert_uint_eq(told, 1);
}
END_TEST

START_TEST(many_are_told_of_at_once)
{
	struct law_socket *socket;
	u32 sent;

	for (sent = 0; sent < AT_ONCE; sent += SOCKET_FLOWS) {
		socket = open_socket();
		ck_assert_uint_eq(told, 0);
		send_many(socket, 1000, SOCKET_FLOWS);
	}
	shim_due_run();
	ck_assert_uint_eq(told, AT_ONCE);
	ck_assert_uint_eq(lost, 0);
}
END_TEST

START_TEST(a_daemon_that_went_misses_it)
{
	struct law_socket *socket = open_socket();

	send_many(socket, 100, 1);
	shim_port_closed(LAW_PORT);
	send_all();
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_EVENT_LOST), 1);
	simple_hello();
	law_socket_close(socket);
	send_all();
	ck_assert_uint_eq(told, 1);
	ck_assert_uint_eq(lost, 1);
	ck_assert_uint_eq(events[0].kind, SALLYPORT_EVENT_ENDED);
	ck_assert_uint_eq(events[0].began, 0);
}
END_TEST

/* And is still listed when the module goes. */
START_TEST(without_a_daemon_nothing_is_told)
{
	struct law_socket *socket = open_socket();

	send_many(socket, 100, 1);
	shim_port_closed(LAW_PORT);
	law_socket_close(socket);
	shim_rcu_run();
	shim_work_run();
	socket = open_socket();
	simple_hello();
	send_many(open_socket(), 200, 1);
	ck_assert_uint_eq(told, 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("events");

	tcase_add_checked_fixture(tcase, begin_allowed, end);
	tcase_add_test(tcase, a_flow_that_lasts_is_told_of_twice);
	tcase_add_test(tcase, a_brief_flow_is_told_of_once);
	tcase_add_test(tcase, brief_ones_that_are_alike_are_told_of_together);
	tcase_add_test(tcase, one_that_lasted_is_told_of_alone);
	tcase_add_test(tcase, among_the_last_few_events_alone);
	tcase_add_test(tcase, those_that_are_lost_are_counted_one_by_one);
	tcase_add_test(tcase, its_end_may_be_told_later);
	tcase_add_test(tcase, a_young_flow_is_not_told_of);
	tcase_add_test(tcase, what_two_packets_begin_is_told_of_once);
	tcase_add_test(tcase, many_are_told_of_at_once);
	tcase_add_test(tcase, a_daemon_that_went_misses_it);
	tcase_add_test(tcase, without_a_daemon_nothing_is_told);
	return support_run(tcase);
}
