// SPDX-License-Identifier: GPL-2.0
/* What the daemon's file gives and takes, with the whole module. */
#include <string.h>

#include "events.h"
#include "image.h"
#include "law.h"
#include "message.h"
#include "pending.h"
#include "simple_daemon.h"
#include "stats.h"
#include "support.h"

#define RING	2048	/* upcall.c */

static _Alignas(8) char room[4 * SALLYPORT_TAG_MAX];
static struct law_socket *sender;

static void begin(void)
{
	shim_init();
	init_net.next = NULL;
	*shim_param_flows = 1024;
	law_world_begin();
	shim_receive = simple_receive;
	ck_assert_int_eq(shim_module_init(), 0);
	simple_hello();
	law_told = NULL;	/* read by the test */
	law_fork(NULL);
	law_socket_open(&law_processes[0], IPPROTO_UDP, AF_INET);
	sender = law_some_socket();
	sender->net = sender->sk->sk_net = &init_net;
}

static void end(void)
{
	law_world_end();
	shim_module_exit();
	shim_exit();
}

static unsigned int send_to(u16 port)
{
	struct law_packet packet = {
		.sk = sender->sk, .socket = sender, .net = &init_net, .bytes = 100,
		.key = { .family = AF_INET, .protocol = IPPROTO_UDP, .remote = 1,
			 .remote_port = port, .local_port = sender->port, .ifindex = 2 },
	};
	struct sk_buff *skb = law_packet_build(&packet);
	unsigned int said = law_packet_send(&packet, skb, &law_processes[0].task);

	if (said != NF_STOLEN)
		kfree_skb(skb);
	return said & NF_VERDICT_MASK;
}

/* How many bytes of tags; or the error. */
static ssize_t get(size_t size)
{
	return shim_proc_read(room, size);
}

static const struct sallyport_tag *first(void)
{
	return (const void *)room;
}

static const struct sallyport_tag *after(const struct sallyport_tag *tag)
{
	return (const void *)((const char *)tag + tag->size);
}

START_TEST(flows_are_told_of_in_their_order)
{
	const struct sallyport_tag *tag = first();
	int size;

	ck_assert_int_eq(get(sizeof(room)), 0);
	ck_assert_uint_eq(send_to(100), NF_QUEUE);
	ck_assert_uint_eq(send_to(100), NF_QUEUE);
	ck_assert_uint_eq(send_to(101), NF_QUEUE);
	size = get(sizeof(room));
	ck_assert_uint_eq(tag->pending.flow.remote_port, htons(100));
	ck_assert_uint_eq(tag->pending.packets, 2);
	ck_assert_uint_eq(tag->image.id, tag->pending.flow.image);
	ck_assert_str_eq(tag->comm, "law");
	ck_assert_uint_eq(tag->size % SALLYPORT_TAG_ALIGN, 0);
	ck_assert_uint_le(sizeof(*tag) + tag->path_length, tag->size);
	tag = after(tag);
	ck_assert_uint_eq(tag->pending.flow.remote_port, htons(101));
	ck_assert_ptr_eq(after(tag), room + size);
	ck_assert_int_eq(get(sizeof(room)), 0);
}
END_TEST

/* The rest is got the next time; no tag is cut. */
START_TEST(as_many_as_there_is_room_for)
{
	ck_assert_uint_eq(send_to(100), NF_QUEUE);
	ck_assert_uint_eq(send_to(101), NF_QUEUE);
	ck_assert_int_eq(get(SALLYPORT_TAG_MAX - 1), -EINVAL);
	ck_assert_int_eq(get(0), -EINVAL);
	ck_assert_int_eq(get(SALLYPORT_TAG_MAX), first()->size);
	ck_assert_uint_eq(first()->pending.flow.remote_port, htons(100));
	ck_assert_int_eq(get(SALLYPORT_TAG_MAX), first()->size);
	ck_assert_uint_eq(first()->pending.flow.remote_port, htons(101));
	ck_assert_int_eq(get(SALLYPORT_TAG_MAX), 0);
}
END_TEST

START_TEST(one_that_waits_no_more_is_not_told_of)
{
	ck_assert_uint_eq(send_to(100), NF_QUEUE);
	sp_pending_clear();
	ck_assert_uint_eq(send_to(101), NF_QUEUE);
	ck_assert_int_eq(get(sizeof(room)), first()->size);
	ck_assert_uint_eq(first()->pending.flow.remote_port, htons(101));
}
END_TEST

START_TEST(a_daemon_that_does_not_look)
{
	u64 lost = stat_of(SALLYPORT_STAT_TAG_LOST);
	int i;

	for (i = 0; i < RING; i++) {
		ck_assert_uint_eq(send_to(100), NF_QUEUE);
		sp_pending_clear();
	}
	ck_assert_uint_ne(send_to(100), NF_QUEUE);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_TAG_LOST), lost + 1);
	ck_assert_uint_eq(sp_pending_count(), 0);
	ck_assert_int_eq(get(sizeof(room)), 0);
	ck_assert_uint_eq(send_to(100), NF_QUEUE);
	ck_assert_int_eq(get(sizeof(room)), first()->size);
}
END_TEST

START_TEST(another_daemon_is_not_told_of_what_is_gone)
{
	ck_assert_uint_eq(send_to(100), NF_QUEUE);
	shim_port_closed(LAW_PORT);
	ck_assert_int_eq(get(sizeof(room)), -EPERM);
	simple_hello();
	law_told = NULL;
	ck_assert_int_eq(get(sizeof(room)), 0);
}
END_TEST

static struct sallyport_answer allow(void)
{
	return (struct sallyport_answer) { .action = SALLYPORT_ALLOW };
}

START_TEST(only_the_daemon_is_served)
{
	struct sallyport_answer answer = allow();

	shim_current = &law_processes[0].task;
	ck_assert_int_eq(message_answer(&answer, NULL, 0), -EPERM);
	ck_assert_int_eq(get(sizeof(room)), -EPERM);
	shim_current = &law_daemon_task;
	ck_assert_int_eq(message_answer(&answer, NULL, 0), 0);
}
END_TEST

START_TEST(an_answer_has_its_size)
{
	static char big[sizeof(struct sallyport_answer) +
			(SALLYPORT_ANSWER_FLOWS + 1) * sizeof(u64)];
	struct sallyport_answer *answer = (void *)big;
	const u32 sizes[] = { 0, sizeof(*answer) - 1, sizeof(*answer) + 1, sizeof(big) };
	u32 i;

	*answer = allow();
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		ck_assert_int_eq(shim_proc_write(big, sizes[i]), -EINVAL);
	ck_assert_int_eq(shim_proc_write(big, sizeof(big) - sizeof(u64)),
			 sizeof(big) - sizeof(u64));
	answer->reserved[6] = 1;
	ck_assert_int_eq(message_answer(answer, NULL, 0), -EINVAL);
	*answer = (struct sallyport_answer) { .action = SALLYPORT_DROP + 1 };
	ck_assert_int_eq(message_answer(answer, NULL, 0), -EINVAL);
}
END_TEST

/* Those that don't wait are passed over, of however many. */
START_TEST(many_are_answered_at_once)
{
	struct sallyport_answer answer = allow();
	u64 ids[40] = { 0 };

	ck_assert_uint_eq(send_to(100), NF_QUEUE);
	get(sizeof(room));
	ids[39] = first()->pending.id;
	shim_fail_nth(1);
	ck_assert_int_eq(message_answer(&answer, ids, 40), -ENOMEM);
	shim_fail_nth(0);
	ck_assert_int_eq(message_answer(&answer, ids, 40), 0);
	ck_assert_uint_eq(send_to(100), NF_ACCEPT);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("upcall");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, flows_are_told_of_in_their_order);
	tcase_add_test(tcase, as_many_as_there_is_room_for);
	tcase_add_test(tcase, one_that_waits_no_more_is_not_told_of);
	tcase_add_test(tcase, a_daemon_that_does_not_look);
	tcase_add_test(tcase, another_daemon_is_not_told_of_what_is_gone);
	tcase_add_test(tcase, only_the_daemon_is_served);
	tcase_add_test(tcase, an_answer_has_its_size);
	tcase_add_test(tcase, many_are_answered_at_once);
	return support_run(tcase);
}
