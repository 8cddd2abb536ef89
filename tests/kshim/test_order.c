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
#include "message.h"
#include "owner.h"
#include "pending.h"
#include "support.h"
#include "threads.h"
#include "verdict_table.h"

static struct sallyport_verdict verdict;	/* that allows, in force or to be */
static u64 epoch, verdict_id;
static struct law_socket *sock;
static struct law_packet packet;
static struct sallyport_pending tag;		/* the last that came */
static u32 tags;

/* Ends of the packets, and of what went on beside them. */
static char place[64];
static unsigned int first, second;
static bool tightened;

/* --- the daemon, without a memory ------------------------------------------------ */

static int receive(u32 port, u8 number, struct nlattr **attrs)
{
	if (port != LAW_EVENTS || number != SALLYPORT_CMD_PENDING)
		return 0;
	memcpy(&tag, nla_data(attrs[SALLYPORT_A_PENDING]), sizeof(tag));
	tags++;
	return 0;
}

static void hello(void)
{
	struct message message = { };

	message_add_value(&message, SALLYPORT_A_PROTOCOL, u32, SALLYPORT_PROTOCOL);
	message_add_value(&message, SALLYPORT_A_EVENT_PORT, u32, LAW_EVENTS);
	message_add_value(&message, SALLYPORT_A_QUEUE_FIRST, u16, 10);
	message_add_value(&message, SALLYPORT_A_QUEUE_COUNT, u16, 2);
	message_add_value(&message, SALLYPORT_A_QUEUE_WAIT, u16, 20);
	ck_assert_int_eq(message_send(&message, SALLYPORT_CMD_HELLO), 0);
}

static void absent_allows(u8 action)
{
	struct message message = { };

	message_add_value(&message, SALLYPORT_A_ABSENT_OUT, u8, action);
	ck_assert_int_eq(message_send(&message, SALLYPORT_CMD_CONFIG), 0);
}

/* For all that the last tag's program does; @action. */
static int push(u8 action)
{
	struct message message = { };

	verdict = (struct sallyport_verdict) {
		.id = ++verdict_id, .image = tag.flow.image, .uid = tag.flow.uid,
		.action = action,
	};
	message_add(&message, SALLYPORT_A_VERDICT, &verdict, sizeof(verdict));
	message_add_value(&message, SALLYPORT_A_PENDING_IDS, u64, tag.id);
	message_add_value(&message, SALLYPORT_A_EPOCH, u64, epoch);
	return message_send(&message, SALLYPORT_CMD_VERDICT_PUSH);
}

static int resolve(u8 action)
{
	struct message message = { };

	message_add_value(&message, SALLYPORT_A_PENDING_IDS, u64, tag.id);
	message_add_value(&message, SALLYPORT_A_ACTION, u8, action);
	message_add_value(&message, SALLYPORT_A_EPOCH, u64, epoch);
	return message_send(&message, SALLYPORT_CMD_RESOLVE);
}

static void delete_verdict(void)
{
	struct message message = { };
	struct sallyport_verdict_ref ref = {
		.id = verdict.id, .image = verdict.image, .uid = verdict.uid,
	};

	message_add(&message, SALLYPORT_A_VERDICT_REFS, &ref, sizeof(ref));
	message_send(&message, SALLYPORT_CMD_VERDICT_DELETE);
}

static void set_epoch(void)
{
	struct message message = { };

	message_add_value(&message, SALLYPORT_A_EPOCH, u64, ++epoch);
	ck_assert_int_eq(message_send(&message, SALLYPORT_CMD_EPOCH), 0);
}

struct refs {
	int count;
	struct sallyport_flow_ref refs[16];
};

static void collect(struct nlattr **attrs, void *arg)
{
	struct refs *list = arg;
	struct sallyport_flow_ref *ref = &list->refs[list->count++];
	struct sallyport_flow flow;

	ck_assert_int_le(list->count, 16);
	memcpy(&flow, nla_data(attrs[SALLYPORT_A_FLOW]), sizeof(flow));
	*ref = (struct sallyport_flow_ref) {
		.cookie = flow.cookie, .remote_port = flow.remote_port,
		.local_port = flow.local_port, .ifindex = flow.ifindex,
		.protocol = flow.protocol, .family = flow.family,
	};
	memcpy(ref->remote, flow.remote, 16);
}

/* All flows. */
static void end_flows(void)
{
	struct message message = { };
	struct refs list = { };

	shim_dump(LAW_PORT, SALLYPORT_CMD_FLOW_DUMP, collect, &list);
	if (!list.count)
		return;
	message_add(&message, SALLYPORT_A_FLOW_REFS, list.refs, list.count * sizeof(list.refs[0]));
	ck_assert_int_eq(message_send(&message, SALLYPORT_CMD_FLOW_END), 0);
}

/* The policy denies everything now: as the daemon does it (HACKING.md). */
static void tighten(void)
{
	delete_verdict();
	set_epoch();
	end_flows();
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
	tags = 0;
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
	delete_verdict();
	set_epoch();
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
	shim_threads_run(functions, 2 + scene->crowded, turns, count);
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
	ck_assert_uint_eq(tags, 1);
	ck_assert_int_eq(push(SALLYPORT_ALLOW), 0);
	send_again();
	ck_assert_uint_eq(first, NF_ACCEPT);
	end_flows();
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
	ck_assert_uint_eq(tags, 1);
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
	ck_assert_int_eq(push(SALLYPORT_ALLOW), 0);
}

static void resolve_allow(void)
{
	ck_assert_int_eq(resolve(SALLYPORT_ALLOW), 0);
}

/* What was held, or is held now, goes on as it was answered. */
static void it_passes(void)
{
	if (tags > 1 && is_queued(first)) {
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

static void close_socket(void)
{
	law_socket_close(sock);
	sock = NULL;
	shim_advance_ms(10);
	shim_due_run();
}

static void resolve_sends(void)
{
	first = resolve(SALLYPORT_ALLOW);
}

/* What is answered for a socket that is gone leaves nothing. */
static void no_flow_is_left(void)
{
	wait_long();
	ck_assert_uint_eq(sp_flow_count(), 0);
}

static void daemon_gone(void)
{
	shim_port_closed(LAW_PORT);
}

static void arrive_and_tighten(void)
{
	hello();
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
	shim_receive = receive;
	ck_assert_int_eq(shim_module_init(), 0);
	hello();
	absent_allows(SALLYPORT_ALLOW);
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
