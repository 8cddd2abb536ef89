// SPDX-License-Identifier: GPL-2.0
/* DNS that passes, with the whole module: who is told of what, and who is not. */
#include <string.h>

#include "law.h"
#include "message.h"
#include "observe.h"
#include "stats.h"
#include "support.h"

#define OBSERVERS	79	/* netlink port that hears of queries */
#define QUEUE		30
#define CLIENT		1000	/* uid */

static const u8 query[] = {
	0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0,
	4, 's', 'h', 'o', 'p', 4, 't', 'e', 's', 't', 0, 0, 1, 0, 1,
};

static u64 epoch;
static struct sallyport_pending tag;
static int told;
static bool deaf;
static struct sallyport_flow asker;
static u8 question[SALLYPORT_QUESTION_MAX];
static int question_length;
static struct sallyport_stream stream;	/* of the last, if it had one */
static bool has_stream;
static u32 sequence, acknowledged;	/* of what is sent */
static u64 missed;	/* as the module said last */

static void hear_query(struct nlattr **attrs)
{
	struct nlattr *payload = attrs[SALLYPORT_A_QUESTION];

	told++;
	memcpy(&asker, nla_data(attrs[SALLYPORT_A_FLOW]), sizeof(asker));
	question_length = nla_len(payload);
	memcpy(question, nla_data(payload), question_length);
	has_stream = attrs[SALLYPORT_A_STREAM];
	if (has_stream)
		memcpy(&stream, nla_data(attrs[SALLYPORT_A_STREAM]), sizeof(stream));
}

static void hear_tag(const struct sallyport_tag *begun)
{
	tag = begun->pending;
}

static int receive(u32 port, u8 number, struct nlattr **attrs)
{
	if (port == OBSERVERS && deaf)
		return -EAGAIN;
	if (attrs[SALLYPORT_A_MISSED])
		missed = nla_get_u64(attrs[SALLYPORT_A_MISSED]);
	if (port == OBSERVERS && number == SALLYPORT_CMD_QUERY)
		hear_query(attrs);
	return 0;
}

static int hello_with(bool port, bool queue, u16 number)
{
	struct message message = { };

	message_add_value(&message, SALLYPORT_A_PROTOCOL, u32, SALLYPORT_PROTOCOL);
	message_add_value(&message, SALLYPORT_A_EVENT_PORT, u32, LAW_EVENTS);
	message_add_value(&message, SALLYPORT_A_QUEUE_FIRST, u16, 10);
	message_add_value(&message, SALLYPORT_A_QUEUE_COUNT, u16, 2);
	message_add_value(&message, SALLYPORT_A_QUEUE_WAIT, u16, 20);
	if (port)
		message_add_value(&message, SALLYPORT_A_OBSERVE_PORT, u32, OBSERVERS);
	if (queue)
		message_add_value(&message, SALLYPORT_A_QUEUE_OBSERVE, u16, number);
	return message_send(&message, SALLYPORT_CMD_HELLO);
}

static void observed(void)
{
	struct message message = { };

	missed = 1;
	ck_assert_int_eq(message_send(&message, SALLYPORT_CMD_OBSERVED), 0);
}

/* Another daemon comes. */
static void come_again(void)
{
	missed = 1;
	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
}

static void resolve(u8 action)
{
	struct sallyport_answer answer = { .epoch = epoch, .action = action };

	ck_assert_int_eq(message_answer(&answer, &tag.id, 1), 0);
}

static struct law_socket *open_as(u8 protocol, u8 family, u32 uid)
{
	int i;

	law_socket_open(&law_processes[0], protocol, family);
	for (i = LAW_SOCKETS - 1; i >= 0 && !law_sockets[i].sk; i--)
		;
	law_sockets[i].sk->sk_uid.val = uid;
	return &law_sockets[i];
}

static struct law_socket *open_udp(void)
{
	return open_as(IPPROTO_UDP, AF_INET, CLIENT);
}

static struct law_packet packet_of(struct law_socket *socket, u8 direction, u16 port)
{
	return (struct law_packet) {
		.sk = socket->sk, .socket = socket, .net = &init_net, .bytes = 100,
		.direction = direction,
		.key = { .family = socket->sk->sk_family,
			 .protocol = socket->sk->sk_protocol, .remote = 1,
			 .remote_port = port, .local_port = socket->port,
			 .ifindex = 2 },
	};
}

/* What the hook says of a packet with this payload. */
static unsigned int send_payload(const struct law_packet *packet, const u8 *payload,
				 size_t length, struct task_struct *task)
{
	struct sk_buff *skb = law_packet_build(packet);
	bool by_tcp = packet->key.protocol == IPPROTO_TCP;
	u8 *at = skb->data + skb->transport + (by_tcp ? 20 : 8);
	unsigned int said;

	if (by_tcp) {
		struct tcphdr *tcp = (struct tcphdr *)(at - 20);

		tcp->seq = htonl(sequence);
		tcp->ack_seq = htonl(acknowledged);
	}
	memcpy(at, payload, length);
	skb->len = at + length - skb->data;
	said = law_packet_send(packet, skb, task);
	if (said != NF_STOLEN)
		kfree_skb(skb);
	return said;
}

static unsigned int ask(const struct law_packet *packet)
{
	return send_payload(packet, query, sizeof(query), &law_processes[0].task);
}

static unsigned int answer_with(const struct law_packet *packet, u8 flags, u8 code,
				u8 questions, u8 answers)
{
	u8 reply[sizeof(query)];

	memcpy(reply, query, sizeof(query));
	reply[2] = flags;
	reply[3] = code;
	reply[5] = questions;
	reply[7] = answers;
	return send_payload(packet, reply, sizeof(reply), NULL);
}

static unsigned int answer(const struct law_packet *packet)
{
	return answer_with(packet, 0x81, 0x80, 1, 1);
}

/* The flow of a socket with port 53 of its remote, which may go on. */
static void allow(const struct law_packet *packet)
{
	ck_assert_uint_eq(ask(packet) & NF_VERDICT_MASK, NF_QUEUE);
	ck_assert_int_eq(told, 0);
	resolve(SALLYPORT_ALLOW);
	ck_assert_uint_eq(send_payload(packet, query, sizeof(query), &law_daemon_task),
			  NF_ACCEPT);
}

static const unsigned int shown =
	NF_QUEUE | QUEUE << NF_VERDICT_QBITS | NF_VERDICT_FLAG_QUEUE_BYPASS;

static void begin(void)
{
	shim_init();
	init_net.next = NULL;
	law_world_begin();
	shim_receive = receive;
	law_told = hear_tag;
	ck_assert_int_eq(shim_module_init(), 0);
	law_fork(NULL);
	told = 0;
	deaf = false;
}

static void end(void)
{
	shim_port_closed(LAW_PORT);
	law_world_end();
	shim_module_exit();
	shim_exit();
}

START_TEST(hello_wants_both)
{
	ck_assert_int_eq(hello_with(true, false, 0), -EINVAL);
	ck_assert_int_eq(hello_with(false, true, QUEUE), -EINVAL);
	ck_assert_int_eq(hello_with(true, true, 11), -EINVAL);	/* one of the fast ones */
	ck_assert_int_eq(hello_with(true, true, 20), -EINVAL);
	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
}
END_TEST

START_TEST(without_observers)
{
	struct law_socket *socket = open_udp();
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, 53);
	struct law_packet in = packet_of(socket, SALLYPORT_IN, 53);

	ck_assert_int_eq(hello_with(false, false, 0), 0);
	allow(&out);
	ck_assert_uint_eq(answer(&in), NF_ACCEPT);
	ck_assert_int_eq(told, 0);
	out.key.ifindex = 1;
	ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_int_eq(told, 0);
}
END_TEST

START_TEST(a_query_and_its_reply)
{
	struct law_socket *socket = open_udp();
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, 53);
	struct law_packet in = packet_of(socket, SALLYPORT_IN, 53);

	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	allow(&out);
	ck_assert_int_eq(told, 1);
	ck_assert_uint_eq(asker.image, tag.flow.image);
	ck_assert_uint_eq(asker.process, tag.flow.process);
	ck_assert_uint_eq(asker.uid, CLIENT);
	ck_assert_uint_eq(asker.local_port, htons(socket->port));
	ck_assert_int_eq(question_length, sizeof(query));
	ck_assert_mem_eq(question, query, sizeof(query));
	ck_assert_uint_eq(answer(&in), shown);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_OBSERVED), 1);
	/* each of them, and none by the cache */
	ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_int_eq(told, 2);
	ck_assert_uint_eq(asker.image, tag.flow.image);
	ck_assert_uint_eq(answer(&in), shown);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_CACHE_HIT), 0);
}
END_TEST

/* Only what passes: nothing is told of what waits or is refused. */
START_TEST(what_is_refused_is_not_told)
{
	struct law_socket *socket = open_udp();
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, 53);

	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	ck_assert_uint_eq(ask(&out) & NF_VERDICT_MASK, NF_QUEUE);
	resolve(SALLYPORT_DENY);
	ck_assert_uint_eq(ask(&out) & NF_VERDICT_MASK, NF_DROP);
	ck_assert_int_eq(told, 0);
}
END_TEST

START_TEST(what_could_be_no_reply)
{
	struct law_socket *socket = open_udp();
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, 53);
	struct law_packet in = packet_of(socket, SALLYPORT_IN, 53);

	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	allow(&out);
	ck_assert_uint_eq(answer_with(&in, 0x01, 0x80, 1, 1), NF_ACCEPT); /* a query */
	ck_assert_uint_eq(answer_with(&in, 0x91, 0x80, 1, 1), NF_ACCEPT); /* opcode */
	ck_assert_uint_eq(answer_with(&in, 0x81, 0x83, 1, 1), NF_ACCEPT); /* an error */
	ck_assert_uint_eq(answer_with(&in, 0x81, 0x80, 2, 1), NF_ACCEPT);
	ck_assert_uint_eq(answer_with(&in, 0x81, 0x80, 1, 0), NF_ACCEPT);
	ck_assert_uint_eq(send_payload(&in, query, 16, NULL), NF_ACCEPT); /* short */
	ck_assert_uint_eq(send_payload(&in, query, 0, NULL), NF_ACCEPT);
	in.sk = NULL;
	in.socket = NULL;
	ck_assert_uint_eq(answer(&in), NF_ACCEPT);	/* for nobody */
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_OBSERVED), 0);
}
END_TEST

START_TEST(another_port)
{
	struct law_socket *socket = open_udp();
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, 54);
	struct law_packet in = packet_of(socket, SALLYPORT_IN, 54);

	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	allow(&out);
	ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_uint_eq(answer(&in), NF_ACCEPT);
	ck_assert_int_eq(told, 0);
	ck_assert_uint_gt(stat_of(SALLYPORT_STAT_CACHE_HIT), 0);
}
END_TEST

START_TEST(another_namespace)
{
	struct law_socket *socket = open_udp();
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, 53);

	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	out.net = &law_container;
	out.key.ifindex = 1;
	ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_int_eq(told, 0);
}
END_TEST

START_TEST(loopback)
{
	struct law_socket *socket = open_as(IPPROTO_UDP, AF_INET6, CLIENT);
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, 53);
	struct law_packet in = packet_of(socket, SALLYPORT_IN, 53);

	out.key.ifindex = in.key.ifindex = 1;
	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_int_eq(told, 1);
	ck_assert_uint_eq(asker.uid, CLIENT);
	ck_assert_uint_ge(asker.image, SALLYPORT_IMAGE_FIRST);
	ck_assert_uint_eq(answer(&in), shown);
	in.key.remote_port = 54;
	ck_assert_uint_eq(answer(&in), NF_ACCEPT);
	/* judged or not, each packet is counted once */
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_LOOPBACK), 3);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_OBSERVED), 1);
}
END_TEST

static struct law_packet stream_of(u8 direction)
{
	struct law_socket *socket = open_as(IPPROTO_TCP, AF_INET, CLIENT);
	struct law_packet packet = packet_of(socket, direction, 53);

	packet.key.ifindex = 1;
	packet.bytes = 4000;
	packet.flags = 0x10;
	return packet;
}

/* Each segment, from the SYN on, whatever it looks like. */
START_TEST(tcp)
{
	struct law_packet out = stream_of(SALLYPORT_OUT);

	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	sequence = 0xffffffff;
	out.flags = 0x02;
	ck_assert_uint_eq(send_payload(&out, query, 0, &law_processes[0].task), NF_ACCEPT);
	ck_assert_int_eq(told, 1);
	ck_assert(has_stream && stream.begins);
	ck_assert_uint_eq(stream.sequence, 0);
	ck_assert_uint_eq(stream.length, 0);
	ck_assert_int_eq(question_length, 0);
	out.flags = 0x10;
	sequence = 0;
	acknowledged = 77;
	ck_assert_uint_eq(send_payload(&out, query, 0, &law_processes[0].task), NF_ACCEPT);
	ck_assert_int_eq(told, 1);
	ck_assert_uint_eq(send_payload(&out, query, 5, &law_processes[0].task), NF_ACCEPT);
	ck_assert_int_eq(told, 2);
	ck_assert(has_stream && !stream.begins);
	ck_assert_uint_eq(stream.sequence, 0);
	ck_assert_uint_eq(stream.acknowledged, 77);
	ck_assert_uint_eq(stream.length, 5);
	ck_assert_int_eq(question_length, 5);
	ck_assert_mem_eq(question, query, 5);
	ck_assert_uint_eq(asker.uid, CLIENT);
}
END_TEST

START_TEST(tcp_replies)
{
	struct law_packet in = stream_of(SALLYPORT_IN);

	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	ck_assert_uint_eq(send_payload(&in, query, 3, NULL), shown);
	ck_assert_uint_eq(answer(&in), shown);
	ck_assert_uint_eq(send_payload(&in, query, 0, NULL), NF_ACCEPT);
	in.key.remote_port = 54;
	ck_assert_uint_eq(answer(&in), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_OBSERVED), 2);
}
END_TEST

/* A long one in pieces, and that there is more than those. */
START_TEST(tcp_pieces)
{
	const int most = SP_SEGMENT_PIECES * SALLYPORT_QUESTION_MAX;
	struct law_packet out = stream_of(SALLYPORT_OUT);
	u8 much[3000];
	size_t i;

	for (i = 0; i < sizeof(much); i++)
		much[i] = i * 7 >> 2;
	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	sequence = 1000;
	ck_assert_uint_eq(send_payload(&out, much, SALLYPORT_QUESTION_MAX + 12,
				       &law_processes[0].task), NF_ACCEPT);
	ck_assert_int_eq(told, 2);
	ck_assert_uint_eq(stream.sequence, 1000 + SALLYPORT_QUESTION_MAX);
	ck_assert_uint_eq(stream.length, 12);
	ck_assert_mem_eq(question, much + SALLYPORT_QUESTION_MAX, 12);
	told = 0;
	ck_assert_uint_eq(send_payload(&out, much, most, &law_processes[0].task), NF_ACCEPT);
	ck_assert_int_eq(told, SP_SEGMENT_PIECES);
	ck_assert_uint_eq(stream.length, SALLYPORT_QUESTION_MAX);
	told = 0;
	ck_assert_uint_eq(send_payload(&out, much, sizeof(much), &law_processes[0].task),
			  NF_ACCEPT);
	ck_assert_int_eq(told, SP_SEGMENT_PIECES);
	ck_assert_int_eq(question_length, SALLYPORT_QUESTION_MAX);
	ck_assert_uint_eq(stream.length,
			  sizeof(much) - (most - SALLYPORT_QUESTION_MAX));
}
END_TEST

static const u8 local_query[] = {
	0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0,
	3, 'n', 'a', 's', 5, 'l', 'o', 'c', 'a', 'l', 0, 0, 1, 0, 1,
	3, 'n', 'a', 's', 5, 'l', 'o', 'c', 'a', 'l', 0, 0, 28, 0, 1,
};

static unsigned int announce(const struct law_packet *packet, u8 answers)
{
	u8 reply[sizeof(local_query)];

	memcpy(reply, local_query, sizeof(reply));
	reply[2] = 0x84;
	reply[5] = 0;
	reply[7] = answers;
	return send_payload(packet, reply, sizeof(reply), NULL);
}

/* mDNS and LLMNR: a group is asked, and whoever is there answers. */
START_TEST(local_names)
{
	struct law_socket *socket = open_udp();
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, _i);
	struct law_packet in = packet_of(socket, SALLYPORT_IN, _i);

	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	allow(&out);
	ck_assert_uint_eq(send_payload(&out, local_query, sizeof(local_query),
				       &law_processes[0].task), NF_ACCEPT);
	ck_assert_int_eq(told, 2);
	ck_assert(!has_stream);
	ck_assert_int_eq(question_length, sizeof(local_query));
	ck_assert_uint_eq(announce(&in, 1), shown);
	ck_assert_uint_eq(announce(&in, 0), NF_ACCEPT);
	ck_assert_uint_eq(send_payload(&in, local_query, sizeof(local_query), NULL),
			  NF_ACCEPT);	/* a query */
	/* one question, in a name server's port */
	out.key.ifindex = 1;
	out.key.remote_port = 53;
	ck_assert_uint_eq(send_payload(&out, local_query, sizeof(local_query),
				       &law_processes[0].task), NF_ACCEPT);
	ck_assert_int_eq(told, 2);
}
END_TEST

/* Anybody may send as many answers as he likes: that is nobody's loss. */
START_TEST(many_local_answers)
{
	struct law_socket *socket = open_udp();
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, 5353);
	struct law_packet in = packet_of(socket, SALLYPORT_IN, 5353);
	int i;

	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	allow(&out);
	told = 0;
	for (i = 0; i < SP_LOCAL_BURST; i++)
		ck_assert_uint_eq(announce(&in, 1), shown);
	ck_assert_uint_eq(announce(&in, 1), NF_ACCEPT);
	in.key.ifindex = 1;
	in.key.remote_port = 53;
	ck_assert_uint_eq(answer(&in), shown);
	in.key.ifindex = 2;
	in.key.remote_port = 5353;
	jiffies += HZ;
	for (i = 0; i < SP_LOCAL_SECOND; i++)
		ck_assert_uint_eq(announce(&in, 1), shown);
	ck_assert_uint_eq(announce(&in, 1), NF_ACCEPT);
	deaf = true;
	ck_assert_uint_eq(send_payload(&out, local_query, sizeof(local_query),
				       &law_processes[0].task), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_QUERY_LOST), 1);
	observed();
	ck_assert_uint_eq(missed, 0);
	deaf = false;
	for (i = 0; i < 2 * SP_QUERIES_BURST; i++)
		ck_assert_uint_eq(send_payload(&out, local_query, sizeof(local_query),
					       &law_processes[0].task), NF_ACCEPT);
	ck_assert_int_lt(told, 2 * SP_QUERIES_BURST);
	ck_assert_int_gt(question_length, 0);
	shim_port_closed(LAW_EVENTS);
	jiffies += HZ;
	ck_assert_uint_eq(announce(&in, 1), NF_ACCEPT);
	come_again();
	ck_assert_uint_eq(missed, 0);
}
END_TEST

/* A user who asks for much uses up his own share. */
START_TEST(too_many_queries)
{
	struct law_socket *socket = open_udp(), *other;
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, 53);
	int i;

	out.key.ifindex = 1;
	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	for (i = 0; i < SP_QUERIES_BURST; i++)
		ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_int_eq(question_length, sizeof(query));
	/* that there were more is told once a second, and whose they were */
	for (i = 0; i < 10; i++)
		ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_int_eq(told, SP_QUERIES_BURST + 1);
	ck_assert_int_eq(question_length, 0);
	ck_assert_uint_eq(asker.uid, CLIENT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_QUERY_LOST), 10);
	/* the next daemon does not know whose */
	observed();
	ck_assert_uint_eq(missed, 0);
	told--;
	other = open_as(IPPROTO_UDP, AF_INET, CLIENT + 1);
	out = packet_of(other, SALLYPORT_OUT, 53);
	out.key.ifindex = 1;
	ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_int_eq(told, SP_QUERIES_BURST + 1);
	jiffies += HZ;
	out = packet_of(socket, SALLYPORT_OUT, 53);
	out.key.ifindex = 1;
	for (i = 0; i < SP_QUERIES_SECOND + 10; i++)
		ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_int_eq(told, SP_QUERIES_BURST + 1 + SP_QUERIES_SECOND + 1);
	shim_port_closed(LAW_EVENTS);
	come_again();
	ck_assert_uint_eq(missed, shim_boottime);
}
END_TEST

/* Segments have a share of their own: who sends much of something else asks all the same. */
START_TEST(too_many_segments)
{
	struct law_packet segments = stream_of(SALLYPORT_OUT);
	struct law_socket *socket = open_udp();
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, 53);
	int i;

	out.key.ifindex = 1;
	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	for (i = 0; i < SP_QUERIES_BURST + 10; i++)
		ck_assert_uint_eq(send_payload(&segments, query, 5, &law_processes[0].task),
				  NF_ACCEPT);
	ck_assert_int_eq(told, SP_QUERIES_BURST + 1);
	ck_assert_int_eq(question_length, 0);
	ck_assert(!has_stream);
	ck_assert_uint_eq(asker.protocol, IPPROTO_TCP);
	ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_int_eq(told, SP_QUERIES_BURST + 2);
	ck_assert_int_eq(question_length, sizeof(query));
}
END_TEST

/* The daemon's buffer is full, or it is gone: queries go out all the same. */
START_TEST(nobody_hears)
{
	struct law_socket *socket = open_udp();
	struct law_packet out = packet_of(socket, SALLYPORT_OUT, 53);
	struct law_packet in = packet_of(socket, SALLYPORT_IN, 53);

	out.key.ifindex = in.key.ifindex = 1;
	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	observed();
	ck_assert_uint_eq(missed, 0);
	deaf = true;
	ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_QUERY_LOST), 1);
	observed();
	ck_assert_uint_eq(missed, shim_boottime);
	shim_port_closed(LAW_EVENTS);
	ck_assert_uint_eq(ask(&out), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_QUERY_LOST), 1);
	/* the next daemon hears when a reply last passed while there was none */
	shim_boottime += 1000;
	ck_assert_uint_eq(answer(&in), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_REPLY_UNSEEN), 1);
	shim_boottime += 1000;
	come_again();
	ck_assert_uint_eq(missed, shim_boottime - 1000);
}
END_TEST

/* Over loopback too: programs ask a stub there. */
START_TEST(nobody_is_there)
{
	struct law_socket *socket = open_udp();
	struct law_packet in = packet_of(socket, SALLYPORT_IN, 53);

	in.key.ifindex = 1;
	come_again();
	ck_assert_uint_eq(missed, 0);
	shim_port_closed(LAW_EVENTS);
	in.key.remote_port = 54;
	ck_assert_uint_eq(answer(&in), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_REPLY_UNSEEN), 0);
	in.key.remote_port = 53;
	ck_assert_uint_eq(answer(&in), NF_ACCEPT);
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_REPLY_UNSEEN), 1);
	come_again();
	ck_assert_uint_eq(missed, shim_boottime);
}
END_TEST

/* A daemon that hangs is waited for, but not for long; then it is tried. */
START_TEST(nobody_looks)
{
	struct law_socket *socket = open_udp();
	struct law_packet in = packet_of(socket, SALLYPORT_IN, 53);
	int i;

	in.key.ifindex = 1;
	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	ck_assert_uint_eq(answer(&in), shown);
	jiffies += SP_OBSERVE_PATIENCE;
	ck_assert_uint_eq(answer(&in), shown);
	for (i = 0; i < 10; i++) {
		jiffies++;
		ck_assert_uint_eq(answer(&in), NF_ACCEPT);
	}
	ck_assert_uint_eq(stat_of(SALLYPORT_STAT_REPLY_UNSEEN), 10);
	ck_assert_uint_eq(missed, 0);	/* it has not asked */
	/* not each of a program that asks once in a while */
	for (i = 1; i <= 3; i++) {
		jiffies += SP_OBSERVE_PATIENCE + HZ;
		ck_assert_uint_eq(answer(&in), NF_ACCEPT);
	}
	jiffies += SP_OBSERVE_TRIAL;
	ck_assert_uint_eq(answer(&in), shown);
	ck_assert_uint_eq(answer(&in), NF_ACCEPT);
	/* it goes on */
	observed();
	ck_assert_uint_eq(missed, shim_boottime);
	for (i = 0; i < 10; i++)
		ck_assert_uint_eq(answer(&in), shown);
	/* another comes, while nobody has looked */
	jiffies += SP_OBSERVE_TRIAL + 1;
	ck_assert_uint_eq(answer(&in), shown);
	ck_assert_uint_eq(answer(&in), NF_ACCEPT);
	shim_port_closed(LAW_EVENTS);
	ck_assert_int_eq(hello_with(true, true, QUEUE), 0);
	ck_assert_uint_eq(answer(&in), shown);
	ck_assert_uint_eq(answer(&in), shown);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("observe");

	tcase_add_checked_fixture(tcase, begin, end);
	tcase_add_test(tcase, hello_wants_both);
	tcase_add_test(tcase, without_observers);
	tcase_add_test(tcase, a_query_and_its_reply);
	tcase_add_test(tcase, what_is_refused_is_not_told);
	tcase_add_test(tcase, what_could_be_no_reply);
	tcase_add_test(tcase, another_port);
	tcase_add_test(tcase, another_namespace);
	tcase_add_test(tcase, loopback);
	tcase_add_test(tcase, tcp);
	tcase_add_test(tcase, tcp_replies);
	tcase_add_test(tcase, tcp_pieces);
	tcase_add_loop_test(tcase, local_names, 5353, 5354);
	tcase_add_loop_test(tcase, local_names, 5355, 5356);
	tcase_add_test(tcase, many_local_answers);
	tcase_add_test(tcase, too_many_queries);
	tcase_add_test(tcase, too_many_segments);
	tcase_add_test(tcase, nobody_hears);
	tcase_add_test(tcase, nobody_is_there);
	tcase_add_test(tcase, nobody_looks);
	return support_run(tcase);
}
