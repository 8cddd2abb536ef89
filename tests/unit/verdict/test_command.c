/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of the main loop, carried out without a thread; devices of this machine. */
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "fake.h"
#include "open.h"

static struct fake *fake;
static struct sp_verdict_thread *thread;
static uint64_t curl;

static void setup(void)
{
	fake = fake_new(fake_policy(1, SP_ASK, NULL, 0));
	curl = fake_image(fake, "/usr/bin/curl", 0);
	thread = &fake->thread;
	ck_assert_int_eq(sp_commands_init(thread), 0);
}

static void teardown(void)
{
	sp_commands_clear(thread);
	fake_free(fake);
}

static uint64_t ask_about(uint16_t port)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", port);

	fake_send(fake, &flow);
	fake_round(fake);
	return fake_asked(fake);
}

static struct sp_report reply(enum sp_report_kind kind)
{
	struct sp_report report;

	while (sp_verdict_report(thread, &report))
		if (report.kind == kind)
			return report;
	ck_abort_msg("no report of kind %d", kind);
	return report;
}

static void send_policy(uint64_t epoch, enum sp_action out)
{
	struct sp_snapshot *snapshot = fake_policy(epoch, out, NULL, 0);

	ck_assert_uint_ne(sp_verdict_set_snapshot(thread, snapshot, false), 0);
	sp_snapshot_unref(snapshot);
}

START_TEST(a_snapshot_is_obeyed)
{
	struct sp_report report;

	ask_about(80);
	send_policy(2, SP_ALLOW);
	sp_commands_carry_out(thread);
	fake_end_round(fake);
	ck_assert_int_eq(fake->packets[0].fate, FATE_PASSED);
	report = reply(SP_REPORT_DONE);
	ck_assert_int_eq(report.done.error, 0);
	ck_assert_uint_eq(report.done.serial, 1);
	send_policy(2, SP_DENY);	/* not newer */
	sp_commands_carry_out(thread);
	ck_assert_int_eq(reply(SP_REPORT_DONE).done.error, EINVAL);
}
END_TEST

/* The end of a question comes before the reply to its answer. */
START_TEST(an_answer_is_obeyed)
{
	uint64_t pending = ask_about(80), serial;
	struct sp_report report;

	serial = sp_verdict_answer(thread, &pending, 1, SP_DENY, SP_BY_DEADLINE, false);
	sp_commands_carry_out(thread);
	fake_end_round(fake);
	ck_assert_int_eq(fake->packets[0].fate, FATE_REFUSED);
	report = reply(SP_REPORT_GONE);
	ck_assert_uint_eq(report.gone.pending, pending);
	report = reply(SP_REPORT_DONE);
	ck_assert_uint_eq(report.done.serial, serial);
	sp_verdict_answer(thread, &pending, 1, SP_DENY, SP_BY_DEADLINE, false);
	sp_verdict_answer(thread, NULL, 0, SP_DENY, SP_BY_DEADLINE, false);
	sp_commands_carry_out(thread);
	ck_assert_int_eq(reply(SP_REPORT_DONE).done.error, ENOENT);
	ck_assert_int_eq(reply(SP_REPORT_DONE).done.error, ENOENT);
}
END_TEST

/* What was sent first is done first: a new policy, then the answer to nothing. */
START_TEST(commands_keep_their_order)
{
	uint64_t pending = ask_about(80);

	send_policy(2, SP_DENY);
	sp_verdict_answer(thread, &pending, 1, SP_ALLOW, SP_BY_ANSWER, true);
	sp_commands_carry_out(thread);
	fake_end_round(fake);
	ck_assert_int_eq(fake->packets[0].fate, FATE_REFUSED);
	ck_assert_int_eq(reply(SP_REPORT_DONE).done.error, 0);
	ck_assert_int_eq(reply(SP_REPORT_DONE).done.error, ENOENT);
}
END_TEST

static int lives(uint64_t process, uint64_t cgroup)
{
	sp_verdict_lives(thread, process, cgroup);
	sp_commands_carry_out(thread);
	return reply(SP_REPORT_DONE).done.error;
}

START_TEST(who_lives_is_told)
{
	fake->chain = (struct sp_chain){ .count = 1, .links = { { .id = 7 } } };
	ck_assert_int_eq(lives(7, 0), 0);
	ck_assert_int_eq(lives(8, 0), ENOENT);
	ck_assert_int_eq(lives(7, 5), ENOENT);
	fake->cgroup_path = "/user.slice/a.scope";
	ck_assert_int_eq(lives(7, 5), 0);
	ck_assert_int_eq(lives(0, 5), 0);
	ck_assert_int_eq(lives(8, 5), ENOENT);
	/* Without the module nobody knows. */
	fake->status_error = ENOENT;
	ck_assert_int_eq(lives(8, 0), ENODEV);
}
END_TEST

START_TEST(status_is_told)
{
	struct sp_report report;

	ask_about(80);
	strcpy(thread->hello.version, "1.2.3");
	ck_assert_uint_eq(sp_verdict_status(thread), 1);
	sp_commands_carry_out(thread);
	report = reply(SP_REPORT_STATUS);
	ck_assert_uint_eq(report.status.serial, 1);
	ck_assert_uint_eq(report.status.waiting, 1);
	ck_assert_uint_eq(report.status.epoch, 8);
	ck_assert_str_eq(report.status.module_version, "1.2.3");
}
END_TEST

static struct sallyport_flow open_flow(uint64_t image, uint16_t port)
{
	struct sallyport_flow flow = fake_flow(image, "198.51.100.1", port);

	fake_send(fake, &flow);
	return flow;
}

START_TEST(the_mode_is_the_kernels)
{
	sp_verdict_set_mode(thread, SALLYPORT_MODE_OFF);
	sp_commands_carry_out(thread);
	ck_assert_int_eq(reply(SP_REPORT_DONE).done.error, 0);
	ck_assert_int_eq(fake->mode, SALLYPORT_MODE_OFF);
	sp_verdict_set_mode(thread, 7);
	sp_verdict_set_mode(thread, SALLYPORT_MODE_NORMAL);
	sp_commands_carry_out(thread);
	ck_assert_int_eq(reply(SP_REPORT_DONE).done.error, EINVAL);
	ck_assert_int_eq(reply(SP_REPORT_DONE).done.error, 0);
	ck_assert_int_eq(fake->mode, SALLYPORT_MODE_NORMAL);
}
END_TEST

/* Every flow is there, with its program's path, and can be ended by what it is. */
START_TEST(open_flows_are_told_and_ended)
{
	uint64_t wget = fake_image(fake, "/usr/bin/wget", 0);
	struct sallyport_flow_ref ref;
	struct sp_report report;
	struct sp_flow_list *list;
	const uint64_t images[] = { wget, curl, wget, 9999 };
	size_t i;

	send_policy(2, SP_ALLOW);
	sp_commands_carry_out(thread);
	for (i = 0; i < 4; i++)
		open_flow(images[i], (uint16_t)(80 + i));
	fake_round(fake);
	ck_assert_uint_ne(sp_verdict_flows(thread), 0);
	sp_commands_carry_out(thread);
	report = reply(SP_REPORT_FLOWS);
	list = report.flows.list;
	ck_assert_uint_eq(list->count, fake->flows_count);
	ck_assert_uint_ge(list->count, 3);
	ck_assert_int_eq(list->real, fake_now.real);
	for (i = 0; i < list->count; i++)
		ck_assert_str_eq(list->flows[i].path, list->flows[i].flow.image == curl ?
				 "/usr/bin/curl" : list->flows[i].flow.image == wget ?
				 "/usr/bin/wget" : "");
	sp_flow_ref_of(&list->flows[0].flow, &ref);
	ck_assert_uint_ne(sp_verdict_end_flows(thread, &ref, 1), 0);
	sp_commands_carry_out(thread);
	ck_assert_int_eq(reply(SP_REPORT_DONE).done.error, 0);
	ck_assert_uint_eq(fake->ended_count, 1);
	ck_assert_mem_eq(&fake->ended[0], &ref, sizeof(ref));
	sp_flow_list_free(list);
}
END_TEST

static int interrupted;

/* A table that changes all the time while it is listed the first time, and then has one. */
static int interrupted_flows(void *arg, void (*fn)(const struct sallyport_flow *,
						   const struct sallyport_counts *, void *),
			     void *fn_arg)
{
	const struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", 80);
	const struct sallyport_counts counts = { 0 };
	size_t count = interrupted ? 1 : SP_FLOW_LIST_MAX + 1;

	while (count--)
		fn(&flow, &counts, fn_arg);
	return interrupted++ ? 0 : EINTR;
}

START_TEST(a_listing_that_was_interrupted_counts_not)
{
	struct sp_kernel_calls calls = *thread->engine.calls;
	struct sp_flow_list *list;

	interrupted = 0;
	calls.flows = interrupted_flows;
	thread->engine.calls = &calls;
	ck_assert_int_eq(sp_open_list(&thread->engine, &list), 0);
	ck_assert_uint_eq(list->count, 1);
	sp_flow_list_free(list);
}
END_TEST

START_TEST(a_program_is_told)
{
	struct sp_report report;

	fake->chain.count = 1;
	fake->chain.links[0] = (struct sallyport_process){
		.id = 9, .image = fake_image(fake, "/usr/bin/agent", SALLYPORT_IMAGE_USERNS),
		.pid = 4242, .flags = SALLYPORT_PROCESS_TRACED,
	};
	sp_verdict_program(thread, 4242);
	sp_verdict_program(thread, 4243);
	sp_commands_carry_out(thread);
	report = reply(SP_REPORT_PROGRAM);
	ck_assert_str_eq(report.program.program->path, "/usr/bin/agent");
	ck_assert_uint_eq(report.program.program->process, 9);
	ck_assert_uint_eq(report.program.program->process_flags, SALLYPORT_PROCESS_TRACED);
	ck_assert_uint_eq(report.program.program->image_flags, SALLYPORT_IMAGE_USERNS);
	free(report.program.program);
	ck_assert_int_eq(reply(SP_REPORT_DONE).done.error, ENOENT);
}
END_TEST

START_TEST(a_failed_snapshot_is_told_and_tried_again)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", 80);

	send_policy(2, SP_ALLOW);
	sp_commands_carry_out(thread);
	reply(SP_REPORT_DONE);
	fake_send(fake, &flow);
	fake_round(fake);
	fake->forget_error = ENOMEM;
	send_policy(3, SP_DENY);
	sp_commands_carry_out(thread);
	ck_assert_int_eq(reply(SP_REPORT_DONE).done.error, ENOMEM);
	ck_assert(thread->engine.sweep_wanted);
}
END_TEST

/* Replies that nobody takes: then no more commands. */
START_TEST(commands_are_bounded_by_their_replies)
{
	struct sp_report report;
	int i;

	for (i = 0; i < SP_COMMANDS_MAX; i++) {
		ck_assert_uint_ne(sp_verdict_status(thread), 0);
		sp_commands_carry_out(thread);
	}
	ck_assert_uint_eq(sp_verdict_status(thread), 0);
	ck_assert_uint_eq(sp_verdict_answer(thread, NULL, 0, SP_DENY, SP_BY_ANSWER, false), 0);
	ck_assert(sp_verdict_report(thread, &report));
	ck_assert_uint_ne(sp_verdict_status(thread), 0);
	ck_assert_uint_eq(sp_verdict_status(thread), 0);
}
END_TEST

/* Left over at the end: freed, as LeakSanitizer sees. */
START_TEST(commands_left_over_are_freed)
{
	uint64_t ids[3] = { 1, 2, 3 };

	send_policy(2, SP_ALLOW);
	ck_assert_uint_ne(sp_verdict_answer(thread, ids, 3, SP_DENY, SP_BY_ANSWER, true), 0);
	ck_assert_uint_ne(sp_verdict_flows(thread), 0);
	sp_commands_carry_out(thread);		/* its reply is left over, too */
	ck_assert_uint_ne(sp_verdict_end_flows(thread, &(struct sallyport_flow_ref){ 0 }, 1), 0);
}
END_TEST

START_TEST(the_heartbeat_pokes)
{
	struct pollfd fd = { .fd = thread->commands.fd, .events = POLLIN };

	ck_assert_int_eq(poll(&fd, 1, 0), 0);
	sp_verdict_heartbeat(thread);
	ck_assert_int_eq(poll(&fd, 1, 0), 1);
	sp_commands_carry_out(thread);
	ck_assert_int_eq(poll(&fd, 1, 0), 0);
}
END_TEST

Suite *suite_command(void)
{
	Suite *suite = suite_create("command");
	TCase *tests = tcase_create("command");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_snapshot_is_obeyed);
	tcase_add_test(tests, an_answer_is_obeyed);
	tcase_add_test(tests, commands_keep_their_order);
	tcase_add_test(tests, who_lives_is_told);
	tcase_add_test(tests, status_is_told);
	tcase_add_test(tests, the_mode_is_the_kernels);
	tcase_add_test(tests, open_flows_are_told_and_ended);
	tcase_add_test(tests, a_listing_that_was_interrupted_counts_not);
	tcase_add_test(tests, a_program_is_told);
	tcase_add_test(tests, a_failed_snapshot_is_told_and_tried_again);
	tcase_add_test(tests, commands_are_bounded_by_their_replies);
	tcase_add_test(tests, commands_left_over_are_freed);
	tcase_add_test(tests, the_heartbeat_pokes);
	suite_add_tcase(suite, tests);
	return suite;
}

/* --- rtnetlink of the machine that we are on ------------------------------------- */

START_TEST(this_machines_devices)
{
	struct sp_interfaces interfaces = { 0 };
	struct sp_links links;

	ck_assert_int_eq(sp_links_open(&links), 0);
	sp_links_read(&links, &interfaces);
	ck_assert_str_eq(sp_interfaces_name(&interfaces, if_nametoindex("lo")), "lo");
	ck_assert(!interfaces.changed);
	sp_links_close(&links);
	sp_interfaces_clear(&interfaces);
}
END_TEST

/* The batch grows while all of it is filled. */
START_TEST(batches_read_everything)
{
	struct {
		struct nlmsghdr header;
		uint8_t rest[16];
	} noop = { .header = {
		.nlmsg_len = sizeof(noop), .nlmsg_type = 0x7fff,	/* no such request */
		.nlmsg_flags = NLM_F_REQUEST,
	} };
	const struct nlmsghdr *message;
	struct sp_netlink netlink;
	struct sp_batch batch;
	int count, i, total = 0;
	bool more = true;
	size_t left;

	ck_assert_int_eq(sp_netlink_open(&netlink, NETLINK_ROUTE, 0), 0);
	ck_assert(sp_batch_init(&batch, 8, 1024));
	for (i = 0; i < 50; i++)
		ck_assert_int_eq(sp_netlink_send(&netlink, &noop, sizeof(noop)), 0);
	while (more) {
		count = sp_batch_receive(&batch, &netlink, &more);
		ck_assert_int_ge(count, 0);
		for (i = 0; i < count; i++) {
			message = sp_batch_first(&batch, (unsigned int)i, &left);
			ck_assert_ptr_nonnull(message);
			ck_assert_uint_eq(message->nlmsg_type, NLMSG_ERROR);
			ck_assert_int_ne(sp_message_error(message), 0);
		}
		total += count;
	}
	ck_assert_int_eq(total, 50);
	sp_batch_clear(&batch);
	sp_netlink_close(&netlink);
}
END_TEST

Suite *suite_links(void)
{
	Suite *suite = suite_create("links");
	TCase *tests = tcase_create("links");

	tcase_add_test(tests, this_machines_devices);
	tcase_add_test(tests, batches_read_everything);
	suite_add_tcase(suite, tests);
	return suite;
}
