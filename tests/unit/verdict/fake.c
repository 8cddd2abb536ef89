/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <stdlib.h>
#include <string.h>
#include "fake_module.h"

/* --- queues ----------------------------------------------------------------------- */

struct fake_packet *fake_packet(struct fake *fake, uint32_t id)
{
	for (size_t i = 0; i < fake->packets_count; i++)
		if (fake->packets[i].id == id)
			return &fake->packets[i];
	ck_abort_msg("no packet %u", id);
	return NULL;
}

enum fake_fate fake_fate(struct fake *fake, uint32_t id)
{
	return fake_packet(fake, id)->fate;
}

/* The hook looks again: without an answer, that packet is lost. */
static void repeat(struct fake *fake, struct fake_packet *packet)
{
	uint8_t action = fake_hook(fake, &packet->flow);

	fake_note(fake, FAKE_REPEAT, packet->id, 0);
	if (fake->on_repeat)
		fake->on_repeat(&packet->flow, action);
	switch (action) {
	case 0:
		packet->fate = FATE_UNANSWERED;
		break;
	case SALLYPORT_ALLOW:
		packet->fate = FATE_PASSED;
		break;
	default:
		packet->fate = FATE_REFUSED;
	}
}

static void obey(struct fake *fake, uint16_t queue, uint32_t id, uint32_t verdict)
{
	struct fake_packet *packet = fake_packet(fake, id);

	ck_assert_uint_eq(packet->queue, queue);
	ck_assert(packet->fate == FATE_HELD);
	switch (verdict & NF_VERDICT_MASK) {
	case NF_REPEAT:
		repeat(fake, packet);
		break;
	case NF_QUEUE:
		ck_assert_uint_eq(verdict >> NF_VERDICT_QBITS, FAKE_WAIT);
		fake_note(fake, FAKE_MOVE, id, 0);
		packet->queue = FAKE_WAIT;
		packet->id = ++fake->last_packet;
		packet->held = false;
		break;
	case NF_DROP:
		fake_note(fake, FAKE_DROP, id, 0);
		packet->fate = FATE_DROPPED;
		break;
	default:
		ck_abort_msg("verdict %x", verdict);
	}
}

static void fake_send_verdicts(void *arg, uint16_t place, bool waiting, const void *data,
			       size_t size)
{
	struct fake *fake = arg;
	const uint8_t *at = data;
	uint16_t queue;
	uint32_t verdict, id;

	ck_assert_uint_eq(size % SP_RELEASE_MESSAGE, 0);
	for (; size; at += SP_RELEASE_MESSAGE, size -= SP_RELEASE_MESSAGE) {
		memcpy(&queue, at + 18, 2);
		memcpy(&verdict, at + 24, 4);
		memcpy(&id, at + 28, 4);
		ck_assert(waiting == (ntohs(queue) == FAKE_WAIT));
		obey(fake, ntohs(queue), ntohl(id), ntohl(verdict));
	}
}

/* Of the queue of replies: accepted, and no others. */
static void send_observed(void *arg, const void *data, size_t size)
{
	const uint8_t *at = data;
	uint16_t queue;
	uint32_t verdict, id;

	for (; size; at += SP_RELEASE_MESSAGE, size -= SP_RELEASE_MESSAGE) {
		memcpy(&queue, at + 18, 2);
		memcpy(&verdict, at + 24, 4);
		memcpy(&id, at + 28, 4);
		ck_assert_uint_eq(ntohs(queue), FAKE_OBSERVE);
		ck_assert_uint_eq(ntohl(verdict), NF_ACCEPT);
		fake_note(arg, FAKE_ACCEPT, ntohl(id), 0);
	}
}

/* --- the world -------------------------------------------------------------------- */

static void read_clocks(struct sp_now *now)
{
	*now = fake_now;
}

struct fake *fake_new_sized(struct sp_snapshot *snapshot, size_t waiting, size_t verdicts)
{
	struct sp_engine_sizes sizes = { waiting, verdicts };
	struct fake *fake = aligned_alloc(64, (sizeof(*fake) + 63) / 64 * 64);

	memset(fake, 0, sizeof(*fake));
	fake->verdicts_max = FAKE_MAX;
	fake->epoch = 7;	/* of an earlier daemon */
	fake->thread.engine.calls = &fake_calls;
	fake->thread.engine.kernel = fake;
	fake->thread.engine.read_clocks = read_clocks;
	fake->thread.engine.epoch = fake->epoch;
	fake->thread.engine.limits = (struct sallyport_pending_limits){
		.image = FAKE_MAX, .user = FAKE_MAX, .total = FAKE_MAX,
	};
	fake->thread.engine.release.queue_wait = FAKE_WAIT;
	fake->thread.engine.release.send = fake_send_verdicts;
	fake->thread.engine.release.sockets = fake;
	fake->thread.engine.release.queue_observe = FAKE_OBSERVE;
	fake->thread.engine.release.send_observed = send_observed;
	fake->thread.engine.release.observer = fake;
	ck_assert_int_eq(sp_engine_init(&fake->thread.engine, snapshot, &sizes), 0);
	sp_snapshot_unref(snapshot);
	sp_interfaces_set(&fake->thread.engine.interfaces, 2, "eth0");
	sp_interfaces_set(&fake->thread.engine.interfaces, 3, "wg0");
	ck_assert_int_eq(sp_sweep_first(&fake->thread.engine), 0);
	fake_forget_steps(fake);
	return fake;
}

struct fake *fake_new(struct sp_snapshot *snapshot)
{
	return fake_new_sized(snapshot, 256, 1024);
}

void fake_free(struct fake *fake)
{
	struct sp_waiting_flow *flow;

	TAILQ_FOREACH(flow, &fake->thread.engine.waiting.judged, order)
		flow->held = 0;
	sp_engine_clear(&fake->thread.engine);
	free(fake);
}

void fake_forget_steps(struct fake *fake)
{
	fake->steps_count = 0;
}

uint64_t fake_image(struct fake *fake, const char *path, uint32_t flags)
{
	struct sp_image_record *image = &fake->images[fake->images_count++];

	memset(image, 0, sizeof(*image));
	image->info.id = SALLYPORT_IMAGE_FIRST + fake->images_count;
	image->info.flags = flags;
	if (path) {
		image->path_length = (uint16_t)strlen(path);
		strcpy(image->path, path);
	}
	return image->info.id;
}

void fake_address(const char *text, uint8_t address[16])
{
	if (inet_pton(AF_INET6, text, address) == 1)
		return;
	memset(address, 0, 10);
	memset(address + 10, 0xff, 2);
	ck_assert_int_eq(inet_pton(AF_INET, text, address + 12), 1);
}

struct sallyport_flow fake_flow(uint64_t image, const char *remote, uint16_t port)
{
	static uint64_t cookie;
	struct sallyport_flow flow = {
		.cookie = ++cookie,
		.image = image,
		.process = 77,
		.cgroup = 5,
		.ifindex = 2,
		.uid = 1000,
		.pid = 4242,
		.family = AF_INET,
		.protocol = IPPROTO_TCP,
		.direction = SALLYPORT_OUT,
	};

	fake_address("192.0.2.10", flow.local);
	fake_address(remote, flow.remote);
	if (strchr(remote, ':')) {
		flow.family = AF_INET6;
		fake_address("2001:db8::10", flow.local);
	}
	flow.local_port = htons((uint16_t)(30000 + cookie % 20000));
	flow.remote_port = htons(port);
	return flow;
}

static size_t ip_header(const struct sallyport_flow *flow, const uint8_t *source,
			const uint8_t *dest, uint8_t *bytes)
{
	if (flow->family == AF_INET) {
		bytes[0] = 0x45;
		bytes[9] = flow->protocol;
		memcpy(bytes + 12, source + 12, 4);
		memcpy(bytes + 16, dest + 12, 4);
		return 20;
	}
	bytes[0] = 0x60;
	bytes[6] = flow->protocol;
	memcpy(bytes + 8, source, 16);
	memcpy(bytes + 24, dest, 16);
	return 40;
}

size_t fake_bytes(const struct sallyport_flow *flow, uint8_t *bytes, size_t size)
{
	bool out = flow->direction == SALLYPORT_OUT;
	size_t at;

	memset(bytes, 0, size);
	at = ip_header(flow, out ? flow->local : flow->remote,
		       out ? flow->remote : flow->local, bytes);
	if (flow->protocol == IPPROTO_ICMP) {
		bytes[at] = 8;
		memcpy(bytes + at + 4, &flow->local_port, 2);
		return at + 8;
	}
	memcpy(bytes + at, out ? &flow->local_port : &flow->remote_port, 2);
	memcpy(bytes + at + 2, out ? &flow->remote_port : &flow->local_port, 2);
	return at + 20;
}

static uint32_t enqueue(struct fake *fake, const struct sallyport_flow *flow)
{
	struct fake_packet *packet = &fake->packets[fake->packets_count++];

	ck_assert_uint_lt(fake->packets_count, FAKE_MAX);
	memset(packet, 0, sizeof(*packet));
	packet->id = ++fake->last_packet;
	packet->queue = FAKE_FIRST;
	packet->flow = *flow;
	return packet->id;
}

uint32_t fake_send_judged(struct fake *fake, const struct sallyport_flow *flow,
			  enum fake_fate *fate)
{
	uint8_t action = fake_hook(fake, flow);
	struct fake_pending *pending;
	size_t i;

	*fate = FATE_HELD;
	if (action) {
		*fate = action == SALLYPORT_ALLOW ? FATE_PASSED : FATE_REFUSED;
		return 0;
	}
	for (i = 0; i < fake->pending_count; i++)
		if (fake_same_flow(&fake->pending[i].flow, flow)) {
			fake->pending[i].packets++;
			return enqueue(fake, flow);
		}
	pending = &fake->pending[fake->pending_count++];
	pending->id = ++fake->last_pending;
	pending->flow = *flow;
	pending->packets = 1;
	fake->tags[fake->tags_count++] = pending->id;
	return enqueue(fake, flow);
}

uint32_t fake_send(struct fake *fake, const struct sallyport_flow *flow)
{
	enum fake_fate fate;

	return fake_send_judged(fake, flow, &fate);
}

void fake_deliver(struct fake *fake, uint32_t id)
{
	struct fake_packet *packet = fake_packet(fake, id);
	uint8_t bytes[128];
	struct sp_queued queued = {
		.held = { packet->queue, packet->id, 0 },
		.netns = packet->flow.netns,
		.family = packet->flow.family,
		.data = bytes,
	};

	queued.length = fake_bytes(&packet->flow, bytes, sizeof(bytes));
	if (packet->flow.direction == SALLYPORT_OUT) {
		queued.hook = NF_INET_LOCAL_OUT;
		queued.out = packet->flow.ifindex;
	} else {
		queued.hook = NF_INET_LOCAL_IN;
		queued.in = packet->flow.ifindex;
	}
	packet->held = true;
	sp_answer_packet(&fake->thread.engine, &queued);
}

static bool deliver_all(struct fake *fake, uint16_t queue)
{
	bool some = false;

	for (size_t i = 0; i < fake->packets_count; i++) {
		struct fake_packet *packet = &fake->packets[i];

		if (packet->queue != queue || packet->held ||
		    packet->fate != FATE_HELD)
			continue;
		some = true;
		fake_deliver(fake, packet->id);
	}
	return some;
}

void fake_end_round(struct fake *fake)
{
	if (fake->thread.engine.resync_wanted)
		sp_news_resync(&fake->thread.engine);
	sp_answer_all(&fake->thread.engine);
	sp_release_flush(&fake->thread.engine.release);
	sp_installed_prepare(&fake->thread.engine.installed);
}

void fake_round_without_news(struct fake *fake)
{
	deliver_all(fake, FAKE_FIRST);
	fake_end_round(fake);
	deliver_all(fake, FAKE_WAIT);
	fake_end_round(fake);
}

void fake_round(struct fake *fake)
{
	fake_read_news(fake);
	fake_round_without_news(fake);
}

void fake_give_up(struct fake *fake, uint64_t id, enum sallyport_event_kind kind)
{
	struct fake_pending *pending = fake_find_pending(fake, id);

	ck_assert_ptr_nonnull(pending);
	fake->events[fake->events_count++] = (struct sallyport_event){
		.kind = kind, .id = id, .flow = pending->flow,
		.time = fake_now.boot, .count = 1,
	};
	fake_remove_pending(fake, pending);
}

void fake_event(struct fake *fake, enum sallyport_event_kind kind,
		const struct sallyport_flow *flow)
{
	fake->events[fake->events_count++] = (struct sallyport_event){
		.kind = kind, .flow = *flow, .time = fake_now.boot - SECOND,
		.action = SALLYPORT_ALLOW, .count = 1,
	};
}

size_t fake_count(const struct fake *fake, enum fake_op op)
{
	size_t count = 0;

	for (size_t i = 0; i < fake->steps_count; i++)
		count += fake->steps[i].op == op;
	return count;
}

int fake_step(const struct fake *fake, enum fake_op op)
{
	for (size_t i = 0; i < fake->steps_count; i++)
		if (fake->steps[i].op == op)
			return (int)i;
	return -1;
}

bool fake_report(struct fake *fake, enum sp_report_kind kind, struct sp_report *report)
{
	while (sp_reports_take(&fake->thread.engine.reports, report)) {
		if (report->kind == kind)
			return true;
		if (report->kind == SP_REPORT_ASK)
			free(report->ask.waiting);
	}
	return false;
}

uint64_t fake_asked(struct fake *fake)
{
	struct sp_report report;
	uint64_t pending;

	if (!fake_report(fake, SP_REPORT_ASK, &report))
		return 0;
	pending = report.ask.waiting->pending;
	free(report.ask.waiting);
	return pending;
}

struct sp_snapshot *fake_policy(uint64_t epoch, enum sp_action out,
				const struct sp_rule *rules, size_t count)
{
	struct sp_defaults defaults = { out, SP_DENY };
	struct sp_snapshot *snapshot;

	snapshot = sp_snapshot_new(rules, count, &defaults, epoch, fake_now.real);
	ck_assert_ptr_nonnull(snapshot);
	return snapshot;
}

struct sp_rule fake_rule(uint64_t id, enum sp_action action, const char *program,
			 const char *remote, uint16_t port)
{
	struct sp_rule rule;

	sp_rule_init(&rule);
	rule.id = id;
	rule.action = action;
	rule.program = (char *)program;
	if (remote) {
		fake_address(remote, rule.remote.address);
		rule.remote.length = 128;
	}
	if (port) {
		rule.protocol = IPPROTO_TCP;
		rule.remote_port = (struct sp_ports){ port, port };
	}
	return rule;
}

int fake_set_policy(struct fake *fake, struct sp_snapshot *snapshot)
{
	int error;

	sp_engine_set_snapshot(&fake->thread.engine, snapshot);
	sp_snapshot_unref(snapshot);
	error = sp_sweep(&fake->thread.engine);
	sp_release_flush(&fake->thread.engine.release);
	return error;
}
