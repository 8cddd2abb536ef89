// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "message.h"
#include "simple_daemon.h"
#include "support.h"

struct sallyport_pending simple_tag;
struct sallyport_verdict simple_verdict;
u32 simple_tags;
u64 simple_epoch;
static u64 verdict_id;

int simple_receive(u32 port, u8 number, struct nlattr **attrs)
{
	return 0;
}

void simple_told(const struct sallyport_tag *tag)
{
	simple_tag = tag->pending;
	simple_tags++;
}

void simple_hello(void)
{
	struct message message = { };

	message_add_value(&message, SALLYPORT_A_PROTOCOL, u32, SALLYPORT_PROTOCOL);
	message_add_value(&message, SALLYPORT_A_EVENT_PORT, u32, LAW_EVENTS);
	message_add_value(&message, SALLYPORT_A_QUEUE_FIRST, u16, 10);
	message_add_value(&message, SALLYPORT_A_QUEUE_COUNT, u16, 2);
	message_add_value(&message, SALLYPORT_A_QUEUE_WAIT, u16, 20);
	ck_assert_int_eq(message_send(&message, SALLYPORT_CMD_HELLO), 0);
	law_told = simple_told;
}

void simple_absent(u8 action)
{
	struct message message = { };

	message_add_value(&message, SALLYPORT_A_ABSENT_OUT, u8, action);
	ck_assert_int_eq(message_send(&message, SALLYPORT_CMD_CONFIG), 0);
}

int simple_push(u8 action)
{
	struct sallyport_answer answer = { .epoch = simple_epoch };

	simple_verdict = (struct sallyport_verdict) {
		.id = ++verdict_id, .image = simple_tag.flow.image, .uid = simple_tag.flow.uid,
		.action = action, .direction = simple_tag.flow.direction,
	};
	answer.verdict = simple_verdict;
	return message_answer(&answer, &simple_tag.id, 1);
}

int simple_resolve(u8 action)
{
	struct sallyport_answer answer = { .epoch = simple_epoch, .action = action };

	return message_answer(&answer, &simple_tag.id, 1);
}

void simple_delete_verdict(void)
{
	struct message message = { };
	struct sallyport_verdict_ref ref = {
		.id = simple_verdict.id, .image = simple_verdict.image, .uid = simple_verdict.uid,
		.direction = simple_verdict.direction,
	};

	message_add(&message, SALLYPORT_A_VERDICT_REFS, &ref, sizeof(ref));
	message_send(&message, SALLYPORT_CMD_VERDICT_DELETE);
}

void simple_next_epoch(void)
{
	struct message message = { };

	message_add_value(&message, SALLYPORT_A_EPOCH, u64, ++simple_epoch);
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

void simple_end_flows(void)
{
	struct message message = { };
	struct refs list = { };

	shim_dump(LAW_PORT, SALLYPORT_CMD_FLOW_DUMP, collect, &list);
	if (!list.count)
		return;
	message_add(&message, SALLYPORT_A_FLOW_REFS, list.refs, list.count * sizeof(list.refs[0]));
	ck_assert_int_eq(message_send(&message, SALLYPORT_CMD_FLOW_END), 0);
}
