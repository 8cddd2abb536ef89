// SPDX-License-Identifier: GPL-2.0
/*
 * The law, in every order: packets on one CPU while on another the daemon pushes,
 * answers, changes the policy, or the socket goes. Each scene is played once to
 * count its points, then for every pair of them: the packet up to a point, the
 * other up to one of its own, and both to their ends.
 *
 * After a change that tightens has returned, no packet passes by an old answer.
 *
 *   SALLYPORT_LAW_STRIDE=1   every pair; otherwise one in as many each way
 */
#include <string.h>

#include "law.h"
#include "owner_record.h"
#include "pending.h"
#include "simple_daemon.h"
#include "support.h"
#include "threads.h"
#include "verdict_table.h"

static struct law_socket *sock;
static struct law_packet packet;

static struct sock *other_child;	/* of the same request as sock, and not needed */
static u64 judged;			/* new flows that a verdict let pass */

/* Ends of the packets, and of what went on beside them. */
static char place[64];
static unsigned int first, second;
static bool tightened;

/* The policy denies everything now: as the daemon does it (HACKING.md). */
static void tighten(void)
{
	simple_delete_verdict();
	simple_next_epoch();
	simple_end_flows();
	tightened = true;
}

/* --- packets ---------------------------------------------------------------------- */

static unsigned int send_packet(struct task_struct *task)
{
	struct sk_buff *skb = law_packet_build(&packet);
	bool late = tightened;
	unsigned int said = law_packet_send(&packet, skb, task);

	/* the law, also for one that is on its way while the policy changes */
	if (said == NF_ACCEPT && late)
		law_fail("a packet passes by an old answer");
	if (said != NF_STOLEN)
		kfree_skb(skb);
	return said;
}

static void send_first(void)
{
	first = send_packet(&law_processes[0].task);
}

static void send_second(void)
{
	second = send_packet(&law_processes[0].task);
}

static void send_again(void)
{
	first = send_packet(&law_daemon_task);
}

static bool is_queued(unsigned int said)
{
	return (said & NF_VERDICT_MASK) == NF_QUEUE;
}

/* --- a scene ---------------------------------------------------------------------- */

struct scene {
	void (*prepare)(void);
	void (*beside)(void);		/* what goes on */
	void (*packet)(void);		/* the packet; send_first() */
	void (*after)(void);		/* what must hold then */
	bool crowded;			/* a second packet on a third CPU */
};

static void open_socket(void)
{
	u8 protocol = IPPROTO_UDP;

	law_socket_open(&law_processes[0], protocol, AF_INET);
	sock = law_some_socket();
	packet = (struct law_packet) {
		.sk = sock->sk, .socket = sock, .net = &init_net, .bytes = 100,
		.key = { .family = AF_INET, .protocol = protocol, .remote = 1,
			 .remote_port = 53, .local_port = sock->port, .ifindex = 2 },
	};
	simple_tags = 0;
	tightened = false;
	first = second = ~0U;
}

/* Until what waits was given up, and what it held is gone. */
static void wait_long(void)
{
	int i;

	shim_advance_ms(61000);
	for (i = 0; i < 3; i++) {
		shim_due_run();
		shim_settle();
		shim_advance_ms(1000);
	}
}

/* Everything back to nothing decided, with a daemon. */
static void clear(void)
{
	if (sock)
		law_socket_close(sock);
	sock = NULL;
	tightened = false;
	simple_delete_verdict();
	simple_next_epoch();
	wait_long();
	ck_assert_uint_eq(sp_flow_count(), 0);
	ck_assert_uint_eq(sp_pending_count(), 0);
	ck_assert_uint_eq(sp_verdict_count(), 0);
	ck_assert_uint_eq(sp_owner_count(), 0);
}

static void play(const struct scene *scene, const struct shim_turn *turns, int count)
{
	void (*const functions[])(void) = {
		scene->packet, scene->beside, send_second,
	};

	open_socket();
	scene->prepare();
	law_told = NULL;	/* one daemon looks, when they are done */
	shim_threads_run(functions, 2 + scene->crowded, turns, count);
	law_told = simple_told;
	law_read_tags();
	scene->after();
	clear();
}

/* Both ways round: who begins is stopped at a point, the other at one of his. */
static void play_pairs(const struct scene *scene, int stride)
{
	int points[2], begins, i, j;

	play(scene, NULL, 0);
	points[0] = shim_thread_points(0);
	points[1] = shim_thread_points(1);
	for (begins = 0; begins < 2; begins++)
		for (i = 0; i <= points[begins] + 2; i += stride)
			for (j = 0; j <= points[!begins] + 2; j += stride) {
				struct shim_turn turns[] = {
					{ begins, i }, { !begins, j },
					{ begins, -1 }, { !begins, -1 },
				};

				sprintf(place, "%d to %d, then to %d", begins, i, j);
				play(scene, turns, 4);
			}
}

static void play_crowd(const struct scene *scene, int times)
{
	struct shim_turn turns[24];
	size_t i;

	while (times--) {
		for (i = 0; i < ARRAY_SIZE(turns); i++) {
			turns[i].thread = shim_random(3);
			turns[i].points = 1 + shim_random(40);
		}
		sprintf(place, "crowd, %d left", times);
		play(scene, turns, ARRAY_SIZE(turns));
	}
}

/* --- the scenes ------------------------------------------------------------------- */

/* Asked and answered: the verdict is in force, the flow not open. */
static void with_verdict(void)
{
	send_first();
	ck_assert_uint_eq(simple_tags, 1);
	ck_assert_int_eq(simple_push(SALLYPORT_ALLOW), 0);
	send_again();
	ck_assert_uint_eq(first, NF_ACCEPT);
	simple_end_flows();
	shim_settle();
}

static void with_flow(void)
{
	with_verdict();
	send_first();
	ck_assert_uint_eq(first, NF_ACCEPT);
}

static void asked(void)
{
	send_first();
	ck_assert_uint_eq(simple_tags, 1);
}

/* Denied: asked about at best. */
static void nothing_passes(void)
{
	shim_settle();
	send_first();
	ck_assert_uint_ne(first, NF_ACCEPT);
}

static void push_allow(void)
{
	ck_assert_int_eq(simple_push(SALLYPORT_ALLOW), 0);
}

static void resolve_allow(void)
{
	ck_assert_int_eq(simple_resolve(SALLYPORT_ALLOW), 0);
}

/* What was held, or is held now, goes on as it was answered. */
static void it_passes(void)
{
	if (simple_tags > 1 && is_queued(first)) {
		push_allow();
		send_again();
	} else if (is_queued(first)) {
		send_again();
	}
	ck_assert_uint_eq(first, NF_ACCEPT);
	send_first();
	ck_assert_uint_eq(first, NF_ACCEPT);
}

static void push_then_tighten(void)
{
	push_allow();
	tighten();
}

static void resolve_then_tighten(void)
{
	resolve_allow();
	tighten();
}

/* A connection is tried, and given up for listening on its socket. */
static void asked_and_given_up(void)
{
	law_socket_close(sock);
	law_socket_open(&law_processes[0], IPPROTO_TCP, AF_INET);
	sock = law_some_socket();
	law_socket_state(sock, &law_processes[0], TCP_SYN_SENT);
	packet.sk = sock->sk;
	packet.socket = sock;
	packet.flags = 2;
	packet.key.protocol = IPPROTO_TCP;
	packet.key.local_port = sock->port;
	asked();
	law_socket_state(sock, NULL, TCP_CLOSE);
}

static void listen_on_it(void)
{
	law_socket_state(sock, &law_processes[0], TCP_LISTEN);
	tightened = true;
	simple_resolve(SALLYPORT_DENY);
}

static void close_socket(void)
{
	law_socket_close(sock);
	sock = NULL;
	shim_advance_ms(10);
	shim_due_run();
}

static void resolve_sends(void)
{
	first = simple_resolve(SALLYPORT_ALLOW);
}

/* What is answered for a socket that is gone leaves nothing. */
static void no_flow_is_left(void)
{
	wait_long();
	ck_assert_uint_eq(sp_flow_count(), 0);
}

/* --- a connection whose handshake ended on two CPUs ---------------------------------- */

static void from_the_network(struct law_socket *socket, struct sock *sk, u8 flags)
{
	packet = (struct law_packet) {
		.direction = SALLYPORT_IN, .sk = sk, .socket = socket, .net = &init_net,
		.bytes = 100, .early = true, .flags = flags,
		.last_ack = sk->sk_state == TCP_NEW_SYN_RECV,
		.key = { .family = AF_INET, .protocol = IPPROTO_TCP, .remote = 1,
			 .remote_port = 50000, .local_port = socket->port, .ifindex = 2 },
	};
}

static void receive_first(void)
{
	first = send_packet(NULL);
}

static void accepted_twice(void)
{
	struct law_socket *listener;

	law_socket_close(sock);
	law_socket_open(&law_processes[0], IPPROTO_TCP, AF_INET);
	listener = law_some_socket();
	listener->net = listener->sk->sk_net = &init_net;
	law_socket_state(listener, &law_processes[0], TCP_LISTEN);
	from_the_network(listener, listener->sk, 2);
	receive_first();
	ck_assert_int_eq(simple_push(SALLYPORT_ALLOW), 0);
	send_again();
	ck_assert_uint_eq(first, NF_ACCEPT);
	law_request(listener, 1, 50000);
	from_the_network(listener, listener->request, 0x10);
	receive_first();
	ck_assert_uint_eq(first, NF_ACCEPT);
	other_child = law_accept_twice(listener);
	sock = law_accept(listener);
	law_socket_close(listener);
	from_the_network(sock, sock->sk, 0x10);
	judged = stat_of(SALLYPORT_STAT_VERDICT_HIT);
}

static void late_one_goes(void)
{
	sock_put(other_child);
	shim_advance_ms(10);
	shim_due_run();
}

/* By the flow that it began with, of the program that listened. */
static void connection_goes_on(void)
{
	u64 cookie = sock->sk->sk_cookie.counter;
	struct sp_who who;

	ck_assert_uint_eq(first, NF_ACCEPT);
	receive_first();
	ck_assert_uint_eq(first, NF_ACCEPT);
	ck_assert_uint_eq(sp_flow_count(), 1);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_VERDICT_HIT), judged);
	ck_assert(sp_owner_who(cookie, &who));
	ck_assert_uint_eq(who.pid, law_processes[0].task.tgid);
	sp_image_put(who.image);
}

static void daemon_gone(void)
{
	shim_port_closed(LAW_PORT);
}

static void arrive_and_tighten(void)
{
	simple_hello();
	tighten();
}

static const struct scene scenes[] = {
	{ with_flow, tighten, send_first, nothing_passes, false },
	{ with_verdict, tighten, send_first, nothing_passes, false },
	{ asked, push_allow, send_again, it_passes, false },
	{ asked, push_allow, send_first, it_passes, false },
	{ asked, resolve_allow, send_again, it_passes, false },
	{ asked, push_then_tighten, send_again, nothing_passes, false },
	{ asked, resolve_then_tighten, send_again, nothing_passes, false },
	{ asked, resolve_then_tighten, send_first, nothing_passes, false },
	{ asked, close_socket, resolve_sends, no_flow_is_left, false },
	{ asked_and_given_up, listen_on_it, send_again, nothing_passes, false },
	{ accepted_twice, late_one_goes, receive_first, connection_goes_on, false },
	{ daemon_gone, arrive_and_tighten, send_first, nothing_passes, false },
	{ with_verdict, tighten, send_first, nothing_passes, true },
	{ with_flow, tighten, send_first, nothing_passes, true },
	{ asked, resolve_then_tighten, send_again, nothing_passes, true },
};

static void begin(void)
{
	shim_init();
	init_net.next = NULL;
	*shim_param_flows = 1024;
	*shim_param_cache_sets = 4;
	shim_place = place;
	law_world_begin();
	law_policy_begin();
	law_referee_begin();
	shim_receive = simple_receive;
	ck_assert_int_eq(shim_module_init(), 0);
	simple_hello();
	simple_absent(SALLYPORT_ALLOW);
	law_fork(NULL);
}

static void end(void)
{
	shim_port_closed(LAW_PORT);
	law_world_end();
	shim_module_exit();
	shim_exit();
}

START_TEST(no_order_breaks_the_law)
{
	const char *given = getenv("SALLYPORT_LAW_STRIDE");
	int stride = given ? atoi(given) : 4;

	begin();
	if (scenes[_i].crowded)
		play_crowd(&scenes[_i], 20000 / (stride * stride));
	else
		play_pairs(&scenes[_i], stride);
	end();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("order");

	tcase_add_loop_test(tcase, no_order_breaks_the_law, 0, ARRAY_SIZE(scenes));
	return support_run(tcase);
}
