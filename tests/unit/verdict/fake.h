/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel module in memory behind struct sp_kernel_calls, with its queues: it
 * keeps verdicts, waiting flows and open flows as the real one does, notes what
 * it is told in which order, and judges packets that come back.
 */
#pragma once

#include <check.h>
#include <stdalign.h>
#include "thread.h"

#define FAKE_MAX	4096
#define FAKE_FIRST	100	/* number of the fast queue */
#define FAKE_WAIT	200	/* … and of the waiting queue */
#define FAKE_OBSERVE	300	/* … and of the queue of DNS replies */
#define SECOND		1000000000ll

enum fake_op {
	FAKE_PUSH, FAKE_RESOLVE, FAKE_FORGET, FAKE_EPOCH, FAKE_END_FLOWS,
	FAKE_REPEAT, FAKE_MOVE, FAKE_DROP, FAKE_ACCEPT,
};

struct fake_step {
	enum fake_op op;
	uint64_t value;		/* packet, pending or epoch; else how many */
	uint8_t action;
};

/* What the hook would say to a packet that comes back. */
enum fake_fate {
	FATE_HELD, FATE_PASSED, FATE_REFUSED, FATE_UNANSWERED, FATE_DROPPED,
};

struct fake_packet {
	uint32_t id;
	uint16_t queue;
	struct sallyport_flow flow;
	enum fake_fate fate;
	bool held;
};

struct fake_pending {
	uint64_t id;
	struct sallyport_flow flow;
	uint32_t packets;
};

struct fake_flow {
	struct sallyport_flow flow;
	struct sallyport_counts counts;
};

struct fake {
	alignas(64) struct sp_verdict_thread thread;	/* never run: its engine is driven */
	uint64_t epoch;
	uint8_t mode;
	size_t steps_count, packets_count, pending_count, flows_count;
	size_t verdicts_count, verdicts_max, images_count, ended_count;
	struct fake_step steps[FAKE_MAX];
	struct fake_packet packets[FAKE_MAX];
	struct fake_pending pending[FAKE_MAX];
	struct fake_flow flows[FAKE_MAX];
	struct sallyport_verdict verdicts[FAKE_MAX];
	struct sp_image_record images[16];
	struct sallyport_flow_ref ended[FAKE_MAX];
	struct sp_chain chain;	/* of the one process that runs */
	const char *cgroup_path;	/* of each; NULL: gone */
	int status_error;		/* an errno, or 0 */

	/* Messages that lie unread on the event socket. */
	size_t tags_count;
	uint64_t tags[FAKE_MAX];
	size_t events_count;
	struct sallyport_event events[64];
	uint32_t events_lost;
	bool overrun;

	/* What the next call of a kind returns; one shot unless FAKE_ALWAYS. */
	int push_error, resolve_error, forget_error;
	bool errors_stay;
	size_t fail_resolve_of;		/* fails with ENOSPC for more ids than this */
	/* Each packet that comes back, and what the hook says to it now. */
	void (*on_repeat)(const struct sallyport_flow *flow, uint8_t action);
	uint32_t last_packet;
	uint64_t last_pending;
};

extern struct sp_now fake_now;		/* the clocks */

/* The kernel with one engine under @snapshot; sp_sweep_first() is done. */
struct fake *fake_new(struct sp_snapshot *snapshot);
struct fake *fake_new_sized(struct sp_snapshot *snapshot, size_t waiting,
			    size_t verdicts);
void fake_free(struct fake *fake);
void fake_forget_steps(struct fake *fake);

/* An image with this path is in the kernel; its number. */
uint64_t fake_image(struct fake *fake, const char *path, uint32_t flags);
struct sallyport_flow fake_flow(uint64_t image, const char *remote, uint16_t port);
/*
 * A packet of @flow meets the hook: by verdict or flow, else it waits, is tagged
 * and lies in the fast queue. Its number, or 0 if it was judged at once.
 */
uint32_t fake_send(struct fake *fake, const struct sallyport_flow *flow);
uint32_t fake_send_judged(struct fake *fake, const struct sallyport_flow *flow,
			  enum fake_fate *fate);
/* The daemon's turn: news, packets, end of the round. */
void fake_round(struct fake *fake);
void fake_round_without_news(struct fake *fake);
void fake_deliver(struct fake *fake, uint32_t packet);
void fake_end_round(struct fake *fake);
/* A waiting flow is given up: EXPIRED or ABANDONED. */
void fake_give_up(struct fake *fake, uint64_t pending, enum sallyport_event_kind kind);
void fake_event(struct fake *fake, enum sallyport_event_kind kind,
		const struct sallyport_flow *flow);

struct fake_packet *fake_packet(struct fake *fake, uint32_t id);
enum fake_fate fake_fate(struct fake *fake, uint32_t id);
size_t fake_count(const struct fake *fake, enum fake_op op);
/* Index of the first step of a kind, or -1. */
int fake_step(const struct fake *fake, enum fake_op op);

/* The next report of @kind, passing over others. */
bool fake_report(struct fake *fake, enum sp_report_kind kind, struct sp_report *report);
/* The number of the flow that the next ASK is about, or 0. */
uint64_t fake_asked(struct fake *fake);

/* A snapshot of rules in the policy's language, a line a rule. */
struct sp_snapshot *fake_policy(uint64_t epoch, enum sp_action out,
				const struct sp_rule *rules, size_t count);
struct sp_rule fake_rule(uint64_t id, enum sp_action action, const char *program,
			 const char *remote, uint16_t port);
/* Sets the snapshot and sweeps. */
int fake_set_policy(struct fake *fake, struct sp_snapshot *snapshot);

void fake_address(const char *text, uint8_t address[16]);
/* A TCP, UDP or ICMP echo packet of @flow; its length. */
size_t fake_bytes(const struct sallyport_flow *flow, uint8_t *bytes, size_t size);

Suite *suite_packet(void);
Suite *suite_queued(void);
Suite *suite_mailbox(void);
Suite *suite_message(void);
Suite *suite_waiting(void);
Suite *suite_installed(void);
Suite *suite_once(void);
Suite *suite_cover(void);
Suite *suite_facts(void);
Suite *suite_interfaces(void);
Suite *suite_known(void);
Suite *suite_record(void);
Suite *suite_reports(void);
Suite *suite_release(void);
Suite *suite_answer(void);
Suite *suite_command(void);
Suite *suite_links(void);
Suite *suite_sweep(void);
Suite *suite_need(void);
Suite *suite_networks(void);
Suite *suite_news(void);
Suite *suite_places(void);
Suite *suite_learn(void);
Suite *suite_law(void);
