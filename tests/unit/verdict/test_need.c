/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts that come later, or not at all. */
#include <stdlib.h>
#include <string.h>
#include "fake.h"
#include "need.h"

#define CURL "/usr/bin/curl"
#define WGET "/usr/bin/wget"
#define PACKAGE "curl"
#define UNIT "backup.service"
#define CGROUP 4711

/* A source that has room for so much and answers when the test says so. */
static struct {
	size_t room, count;
	struct sp_want *wants[16];
	size_t ready, taken;
	struct sp_known *answers[16];
} source;

static struct fake *fake;
static uint64_t curl, wget;

static void begin(void *data)
{
}

static bool want(void *data, struct sp_want *given)
{
	if (source.count == source.room)
		return false;
	source.wants[source.count++] = given;
	return true;
}

static struct sp_known *take(void *data)
{
	return source.taken < source.ready ? source.answers[source.taken++] : NULL;
}

static const struct sp_fact_source calls = { begin, want, take, -1, NULL };

static struct sp_snapshot *policy(uint64_t epoch, enum sp_action action)
{
	struct sp_rule rule = fake_rule(1, action, NULL, NULL, 0);

	rule.package = (char *)PACKAGE;
	return fake_policy(epoch, SP_DENY, &rule, 1);
}

static void setup(void)
{
	memset(&source, 0, sizeof(source));
	source.room = 16;
	fake = fake_new(policy(1, SP_ALLOW));
	fake->thread.engine.needs.source = &calls;
	curl = fake_image(fake, CURL, 0);
	wget = fake_image(fake, WGET, 0);
}

static void teardown(void)
{
	for (size_t i = 0; i < source.count; i++)
		sp_want_free(source.wants[i]);
	fake_free(fake);
}

static uint32_t send_to(uint16_t port, uint64_t image)
{
	struct sallyport_flow flow = fake_flow(image, "198.51.100.1", port);
	uint32_t packet;

	flow.cgroup = CGROUP;
	packet = fake_send(fake, &flow);
	fake_round(fake);
	return packet;
}

static void answer(struct sp_known *known)
{
	ck_assert_ptr_nonnull(known);
	source.answers[source.ready++] = known;
	sp_need_take(&fake->thread.engine);
	if (fake->thread.engine.sweep_wanted)
		ck_assert_int_eq(sp_sweep(&fake->thread.engine), 0);
	fake_end_round(fake);
}

static struct sp_known *is_of(uint64_t image, const char *package)
{
	return sp_known_new(SP_KNOWN_PACKAGE, image, package, NULL);
}

static void pass_time(uint64_t ns)
{
	fake_now.boot += ns;
	fake_now.real += (int64_t)ns;
	sp_need_expire(&fake->thread.engine);
	if (fake->thread.engine.sweep_wanted)
		ck_assert_int_eq(sp_sweep(&fake->thread.engine), 0);
	fake_end_round(fake);
}

START_TEST(a_flow_waits_for_its_fact)
{
	uint32_t packet = send_to(443, curl);

	ck_assert_int_eq(fake_fate(fake, packet), FATE_HELD);
	ck_assert_uint_eq(source.count, 1);
	ck_assert_int_eq(source.wants[0]->kind, SP_KNOWN_PACKAGE);
	ck_assert_uint_eq(source.wants[0]->id, curl);
	ck_assert_str_eq(source.wants[0]->path, CURL);
	ck_assert_uint_eq(fake_asked(fake), 0);
	answer(is_of(curl, PACKAGE));
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
	ck_assert_uint_eq(fake->verdicts_count, 1);
	ck_assert_uint_eq(fake->verdicts[0].match, 0);
}
END_TEST

START_TEST(what_is_known_is_not_asked_for_again)
{
	send_to(443, curl);
	send_to(80, curl);
	ck_assert_uint_eq(source.count, 1);
	answer(is_of(curl, "other"));
	ck_assert_uint_eq(fake_count(fake, FAKE_REPEAT), 2);
	ck_assert_uint_eq(fake->thread.engine.waiting.count, 0);
	fake->verdicts_count = 0;
	ck_assert_int_eq(fake_fate(fake, send_to(81, curl)), FATE_REFUSED);
	ck_assert_uint_eq(source.count, 1);
}
END_TEST

START_TEST(without_a_fact_nothing_is_allowed)
{
	uint32_t packet = send_to(443, curl);

	pass_time(SP_NEED_PATIENCE - 1);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_HELD);
	pass_time(1);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_REFUSED);
	/* … and not for ever. */
	ck_assert_uint_eq(fake->verdicts_count, 1);
	ck_assert_uint_eq(fake->verdicts[0].expires, fake_now.boot + SP_KNOWN_RETRY);
	answer(is_of(curl, PACKAGE));
	ck_assert_uint_eq(fake->verdicts_count, 0);
	ck_assert_int_eq(fake_fate(fake, send_to(443, curl)), FATE_PASSED);
}
END_TEST

START_TEST(a_failure_is_tried_again)
{
	uint32_t packet = send_to(443, curl);

	answer(sp_known_failure(SP_KNOWN_PACKAGE, curl));
	ck_assert_int_eq(fake_fate(fake, packet), FATE_REFUSED);
	pass_time(SP_KNOWN_RETRY);
	fake->verdicts_count = 0;
	packet = send_to(80, curl);
	ck_assert_uint_eq(source.count, 2);
	answer(is_of(curl, PACKAGE));
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
}
END_TEST

START_TEST(a_source_without_room_is_asked_again)
{
	uint32_t first, second;

	source.room = 1;
	first = send_to(443, curl);
	second = send_to(443, wget);
	ck_assert_uint_eq(source.count, 1);
	ck_assert_uint_eq(fake->thread.engine.needs.refused, 1);
	source.room = 2;
	answer(is_of(curl, PACKAGE));
	ck_assert_int_eq(fake_fate(fake, first), FATE_PASSED);
	ck_assert_int_eq(fake_fate(fake, second), FATE_HELD);
	ck_assert_uint_eq(source.count, 2);
	ck_assert_uint_eq(source.wants[1]->id, wget);
}
END_TEST

/* No rule that is still in the running looks at it. */
START_TEST(what_changes_nothing_is_not_asked_for)
{
	struct sp_rule rules[] = {
		fake_rule(1, SP_ALLOW, CURL, NULL, 443),
		fake_rule(2, SP_ALLOW, CURL, NULL, 443),
	};

	rules[1].package = (char *)PACKAGE;
	fake_set_policy(fake, fake_policy(2, SP_DENY, rules, 2));
	ck_assert_int_eq(fake_fate(fake, send_to(443, curl)), FATE_PASSED);
	ck_assert_uint_eq(source.count, 0);
}
END_TEST

static void open_flow(void)
{
	uint32_t packet = send_to(443, curl);

	answer(is_of(curl, PACKAGE));
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
	/* As a daemon that has just started: nothing is known. */
	sp_known_clear(&fake->thread.engine.needs.known);
}

START_TEST(an_open_flow_goes_on_until_its_fact_is_there)
{
	open_flow();
	fake_set_policy(fake, policy(2, SP_ALLOW));
	ck_assert(fake->thread.engine.undecided);
	ck_assert_uint_eq(fake->ended_count, 0);
	answer(is_of(curl, PACKAGE));
	ck_assert(!fake->thread.engine.undecided);
	ck_assert_uint_eq(fake->ended_count, 0);
	ck_assert_uint_eq(fake->flows_count, 1);
}
END_TEST

START_TEST(an_open_flow_is_ended_by_its_fact)
{
	open_flow();
	fake_set_policy(fake, policy(2, SP_ALLOW));
	answer(is_of(curl, "other"));
	ck_assert(!fake->thread.engine.undecided);
	ck_assert_uint_eq(fake->ended_count, 1);
}
END_TEST

START_TEST(an_open_flow_whose_fact_does_not_come_ends)
{
	open_flow();
	fake_set_policy(fake, policy(2, SP_ALLOW));
	pass_time(SP_NEED_PATIENCE);
	ck_assert(!fake->thread.engine.undecided);
	ck_assert_uint_eq(fake->ended_count, 1);
}
END_TEST

/* Two programs, whatever their numbers are: what is known of one stays when the other's comes. */
START_TEST(facts_of_two_open_flows)
{
	struct sp_rule rule = fake_rule(1, SP_DENY, NULL, NULL, 0);

	fake_set_policy(fake, fake_policy(2, SP_ALLOW, NULL, 0));
	wget = fake->images[1].info.id = curl + 4 * SP_KNOWN_BUCKETS;
	send_to(443, curl);
	send_to(444, wget);
	ck_assert_uint_eq(fake->flows_count, 2);
	rule.package = (char *)PACKAGE;
	fake_set_policy(fake, fake_policy(3, SP_ALLOW, &rule, 1));
	ck_assert_uint_eq(source.count, 2);
	answer(is_of(curl, "other"));
	ck_assert(fake->thread.engine.undecided);
	answer(is_of(wget, "another"));
	ck_assert(!fake->thread.engine.undecided);
	ck_assert_uint_eq(source.count, 2);
	ck_assert_uint_eq(fake->ended_count, 0);
}
END_TEST

START_TEST(what_facts_rest_on_has_changed)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);
	uint32_t packet;

	rule.package = (char *)"curl";
	fake_set_policy(fake, fake_policy(2, SP_DENY, &rule, 1));
	packet = send_to(443, curl);
	answer(is_of(curl, PACKAGE));
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
	answer(sp_known_new(SP_KNOWN_PACKAGE, 0, NULL, NULL));
	ck_assert_uint_eq(fake->ended_count, 0);
	ck_assert_uint_eq(source.count, 2);
	answer(is_of(curl, NULL));
	ck_assert_uint_eq(fake->ended_count, 1);
	ck_assert_int_eq(fake_fate(fake, send_to(80, curl)), FATE_REFUSED);
}
END_TEST

/* A file that is not the one its path names is of no package; nobody is asked. */
START_TEST(a_file_from_elsewhere_is_of_no_package)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);

	rule.package = (char *)"curl";
	fake_set_policy(fake, fake_policy(2, SP_DENY, &rule, 1));
	curl = fake_image(fake, CURL, SALLYPORT_IMAGE_FOREIGN);
	ck_assert_int_eq(fake_fate(fake, send_to(443, curl)), FATE_REFUSED);
	ck_assert_uint_eq(source.count, 0);
}
END_TEST

static struct sp_snapshot *about_unit(const char *unit)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);

	rule.unit = (char *)unit;
	return fake_policy(2, SP_DENY, &rule, 1);
}

/* The kernel is asked, once, and nobody waits. */
START_TEST(a_unit_is_known_at_once)
{
	fake->cgroup_path = "/system.slice/" UNIT;
	fake_set_policy(fake, about_unit(UNIT));
	ck_assert_int_eq(fake_fate(fake, send_to(443, curl)), FATE_PASSED);
	ck_assert_uint_eq(fake->verdicts_count, 1);
	ck_assert_uint_eq(fake->verdicts[0].match, SALLYPORT_MATCH_CGROUP);
	ck_assert_uint_eq(fake->verdicts[0].cgroup, CGROUP);
	fake->cgroup_path = NULL;
	ck_assert_int_eq(fake_fate(fake, send_to(80, wget)), FATE_PASSED);
	ck_assert_uint_eq(source.count, 0);
}
END_TEST

START_TEST(a_cgroup_that_is_gone_allows_nothing)
{
	fake_set_policy(fake, about_unit(UNIT));
	ck_assert_int_eq(fake_fate(fake, send_to(443, curl)), FATE_REFUSED);
	ck_assert_uint_eq(fake->verdicts[0].expires, fake_now.boot + SP_KNOWN_RETRY);
}
END_TEST

START_TEST(a_users_unit_is_not_the_systems)
{
	fake->cgroup_path = "/user.slice/user-1000.slice/user@1000.service/app.slice/" UNIT;
	fake_set_policy(fake, about_unit(UNIT));
	ck_assert_int_eq(fake_fate(fake, send_to(443, curl)), FATE_REFUSED);
}
END_TEST

START_TEST(a_claim_allows_nothing)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);

	rule.app = (char *)"flatpak:org.example.App";
	fake->cgroup_path = "/user.slice/user-1000.slice/user@1000.service/app.slice/"
			    "app-flatpak-org.example.App-1.scope";
	fake_set_policy(fake, fake_policy(2, SP_DENY, &rule, 1));
	ck_assert_int_eq(fake_fate(fake, send_to(443, curl)), FATE_REFUSED);
	rule.action = SP_DENY;
	fake_set_policy(fake, fake_policy(3, SP_ALLOW, &rule, 1));
	ck_assert_int_eq(fake_fate(fake, send_to(80, curl)), FATE_REFUSED);
}
END_TEST

#define PROCESS 77

/* curl, of a shell, of a first process; @rule is about the process. */
static enum fake_fate fate_in_chain(uint64_t epoch, struct sp_rule *rule, uint16_t port)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", port);
	enum fake_fate fate;
	uint32_t packet;

	flow.process = PROCESS;
	fake_set_policy(fake, fake_policy(epoch, SP_DENY, rule, 1));
	packet = fake_send_judged(fake, &flow, &fate);
	fake_round(fake);
	return packet ? fake_fate(fake, packet) : fate;
}

static void make_chain(void)
{
	fake->chain = (struct sp_chain){
		.count = 3,
		.links = {
			{ .id = PROCESS, .image = curl },
			{ .id = 70, .image = fake_image(fake, "/usr/bin/bash", 0) },
			{ .id = 60, .image = curl },
		},
	};
}

START_TEST(parents)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);

	make_chain();
	rule.parent = (char *)"/usr/bin/bash";
	ck_assert_int_eq(fate_in_chain(2, &rule, 1), FATE_PASSED);
	ck_assert_uint_eq(fake->verdicts[0].match, SALLYPORT_MATCH_PROCESS);
	rule.parent = (char *)"/usr/bin/dash";
	ck_assert_int_eq(fate_in_chain(3, &rule, 2), FATE_REFUSED);
}
END_TEST

START_TEST(parents_that_are_not_known_allow_nothing)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);

	make_chain();
	fake->chain.links[2].flags = SALLYPORT_PROCESS_CUT;
	rule.parent = (char *)"/usr/bin/bash";
	ck_assert_int_eq(fate_in_chain(2, &rule, 1), FATE_REFUSED);
}
END_TEST

START_TEST(scripts)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);

	make_chain();
	rule.script = (char *)"/usr/local/bin/backup";
	fake->chain.links[0].script = fake_image(fake, rule.script, 0);
	ck_assert_int_eq(fate_in_chain(2, &rule, 1), FATE_PASSED);
	fake->chain.links[0].id = PROCESS + 1;	/* gone */
	sp_ancestry_clear(&fake->thread.engine.needs.ancestries);
	ck_assert_int_eq(fate_in_chain(3, &rule, 2), FATE_REFUSED);
}
END_TEST

START_TEST(scripts_from_elsewhere)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);

	make_chain();
	rule.script = (char *)"/usr/local/bin/backup";
	fake->chain.links[0].script = fake_image(fake, rule.script, SALLYPORT_IMAGE_FOREIGN);
	ck_assert_int_eq(fate_in_chain(2, &rule, 1), FATE_REFUSED);
}
END_TEST

START_TEST(traced)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);

	make_chain();
	rule.traced = SP_TRACED_NO;
	ck_assert_int_eq(fate_in_chain(2, &rule, 1), FATE_PASSED);
	fake->chain.links[0].flags = SALLYPORT_PROCESS_TRACED;
	sp_ancestry_clear(&fake->thread.engine.needs.ancestries);
	ck_assert_int_eq(fate_in_chain(3, &rule, 2), FATE_REFUSED);
	fake->chain.links[0].flags = SALLYPORT_PROCESS_BLIND;
	sp_ancestry_clear(&fake->thread.engine.needs.ancestries);
	ck_assert_int_eq(fate_in_chain(4, &rule, 3), FATE_REFUSED);
}
END_TEST

#define SUM "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* The source gets the file itself, opened through the process that executes it. */
START_TEST(hashes)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", 443);
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);
	uint32_t packet;

	make_chain();
	rule.hash = (char *)SUM;
	fake_set_policy(fake, fake_policy(2, SP_DENY, &rule, 1));
	flow.process = PROCESS;
	packet = fake_send(fake, &flow);
	fake_round(fake);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_HELD);
	ck_assert_uint_eq(source.count, 1);
	ck_assert_int_eq(source.wants[0]->kind, SP_KNOWN_HASH);
	ck_assert_int_ge(source.wants[0]->fd, 0);
	answer(sp_known_new(SP_KNOWN_HASH, curl, SUM, NULL));
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
	ck_assert_uint_eq(fake->verdicts[0].match, 0);
}
END_TEST

/* curl is refused, but for a file with the right sum. */
static struct sp_snapshot *unless_it_is(const char *hash)
{
	struct sp_rule rules[] = {
		fake_rule(1, SP_DENY, CURL, NULL, 0),
		fake_rule(2, SP_ALLOW, CURL, NULL, 0),
	};

	rules[1].hash = (char *)hash;
	return fake_policy(3, SP_ALLOW, rules, 1 + (hash != NULL));
}

static uint32_t send_by(uint64_t process, uint16_t port)
{
	struct sallyport_flow flow = fake_flow(curl, "198.51.100.1", port);
	uint32_t packet;

	flow.process = process;
	packet = fake_send(fake, &flow);
	fake_round(fake);
	return packet;
}

/* What was decided for all of a program, before any rule looked at its sum. */
START_TEST(a_hash_that_nobody_wanted_yet)
{
	uint32_t packet;

	make_chain();
	fake_set_policy(fake, unless_it_is(NULL));
	ck_assert_int_eq(fake_fate(fake, send_by(PROCESS, 443)), FATE_REFUSED);
	ck_assert_uint_eq(fake->verdicts_count, 1);
	fake_set_policy(fake, unless_it_is(SUM));
	ck_assert_uint_eq(fake->verdicts_count, 0);
	packet = send_by(PROCESS, 80);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_HELD);
	answer(sp_known_new(SP_KNOWN_HASH, curl, SUM, NULL));
	ck_assert_int_eq(fake_fate(fake, packet), FATE_PASSED);
}
END_TEST

/* Nobody is there through whom its file could be opened: somebody else may be later. */
START_TEST(a_hash_without_a_process)
{
	uint32_t packet;

	make_chain();
	fake_set_policy(fake, unless_it_is(SUM));
	packet = send_by(0, 443);
	ck_assert_uint_eq(source.count, 0);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_HELD);
	pass_time(SP_NEED_PATIENCE);
	ck_assert_int_eq(fake_fate(fake, packet), FATE_REFUSED);
	ck_assert_uint_eq(fake->verdicts_count, 1);
	ck_assert_uint_eq(fake->verdicts[0].expires, fake_now.boot + SP_KNOWN_RETRY);
}
END_TEST

/* It has ended, or its file is on a file system of its user's. */
START_TEST(hashes_that_are_not_to_be_had)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);

	rule.hash = (char *)SUM;
	ck_assert_int_eq(fate_in_chain(2, &rule, 1), FATE_REFUSED);
	curl = fake_image(fake, CURL, SALLYPORT_IMAGE_PRIVATE);
	make_chain();
	ck_assert_int_eq(fate_in_chain(3, &rule, 2), FATE_REFUSED);
	ck_assert_uint_eq(source.count, 0);
}
END_TEST

/* curl, of the chain, in a question. */
static uint64_t asked_about(uint32_t flags)
{
	struct sallyport_flow flow;

	curl = fake_image(fake, CURL, flags);
	make_chain();
	flow = fake_flow(curl, "198.51.100.1", 443);
	flow.process = PROCESS;
	fake_set_policy(fake, fake_policy(2, SP_ASK, NULL, 0));
	fake_send(fake, &flow);
	fake_round(fake);
	return fake->last_pending;
}

/* Nothing decides by it; the person is to know it, and may answer for it. */
START_TEST(a_question_has_the_hash)
{
	uint64_t pending = asked_about(0);
	struct sp_report report;

	ck_assert(fake_report(fake, SP_REPORT_ASK, &report));
	ck_assert_str_eq(report.ask.waiting->hash, "");
	free(report.ask.waiting);
	ck_assert_uint_eq(source.count, 1);
	ck_assert_int_eq(source.wants[0]->kind, SP_KNOWN_HASH);
	answer(sp_known_new(SP_KNOWN_HASH, curl, SUM, NULL));
	ck_assert(fake_report(fake, SP_REPORT_LATE, &report));
	ck_assert_uint_eq(report.late.pending, pending);
	ck_assert_str_eq(report.late.hash, SUM);
	ck_assert_uint_eq(fake->thread.engine.waiting.asked, 1);
	/* the next question has it at once */
	fake_send(fake, &(struct sallyport_flow){ .image = curl, .process = PROCESS,
						  .direction = SALLYPORT_OUT, .protocol = 6,
						  .remote = { 7 }, .cookie = 99 });
	fake_round(fake);
	ck_assert(fake_report(fake, SP_REPORT_ASK, &report));
	ck_assert_str_eq(report.ask.waiting->hash, SUM);
	free(report.ask.waiting);
	ck_assert_uint_eq(source.count, 1);
}
END_TEST

START_TEST(a_question_without_a_hash)
{
	struct sp_report report;

	asked_about(SALLYPORT_IMAGE_PRIVATE);
	ck_assert(fake_report(fake, SP_REPORT_ASK, &report));
	free(report.ask.waiting);
	ck_assert_uint_eq(source.count, 0);
}
END_TEST

/* All that was found out about the process reaches who is asked. */
START_TEST(a_question_has_the_chain)
{
	struct sp_report report;

	fake->cgroup_path = "/system.slice/" UNIT;
	asked_about(0);
	ck_assert(fake_report(fake, SP_REPORT_ASK, &report));
	ck_assert_uint_eq(report.ask.waiting->ancestors, 2);
	ck_assert_str_eq(report.ask.waiting->ancestor_paths, "/usr/bin/bash");
	ck_assert_str_eq(report.ask.waiting->cgroup.unit, UNIT);
	free(report.ask.waiting);
}
END_TEST

static void ask_about_bundle(uint32_t flags, const char *launcher, uint32_t its_flags,
			     const char *bundle)
{
	struct sallyport_flow flow;
	struct sp_report report;

	curl = fake_image(fake, "/tmp/.mount_shop/curl", flags);
	make_chain();
	fake->chain.links[2].image = fake_image(fake, launcher, its_flags);
	flow = fake_flow(curl, "198.51.100.1", 443);
	flow.process = PROCESS;
	fake_set_policy(fake, fake_policy(2, SP_ASK, NULL, 0));
	fake_send(fake, &flow);
	fake_round(fake);
	ck_assert(fake_report(fake, SP_REPORT_ASK, &report));
	ck_assert_str_eq(report.ask.waiting->bundle, bundle);
	free(report.ask.waiting);
}

/* By its proven path, and only of programs on a file system of its own. */
START_TEST(a_question_has_the_bundle)
{
	ask_about_bundle(SALLYPORT_IMAGE_PRIVATE, "/home/alice/Shop.AppImage", 0,
			 "/home/alice/Shop.AppImage");
}
END_TEST

START_TEST(a_question_without_a_bundle)
{
	ask_about_bundle(0, "/home/alice/Shop.AppImage", 0, "");
}
END_TEST

START_TEST(a_bundle_whose_path_is_not_proven)
{
	ask_about_bundle(SALLYPORT_IMAGE_PRIVATE, "/home/alice/Shop.AppImage",
			 SALLYPORT_IMAGE_FOREIGN, "");
}
END_TEST

START_TEST(a_launcher_that_is_no_bundle)
{
	ask_about_bundle(SALLYPORT_IMAGE_PRIVATE, "/home/alice/.AppImage", 0, "");
}
END_TEST

/* "Until it quits": the process and its descendants of the same image. */
START_TEST(family)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, NULL, NULL, 0);

	make_chain();
	rule.process = 60;
	ck_assert_int_eq(fate_in_chain(2, &rule, 1), FATE_PASSED);
	rule.process = 70;
	ck_assert_int_eq(fate_in_chain(3, &rule, 2), FATE_REFUSED);
}
END_TEST

Suite *suite_need(void)
{
	Suite *suite = suite_create("need");
	TCase *tests = tcase_create("need");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_flow_waits_for_its_fact);
	tcase_add_test(tests, what_is_known_is_not_asked_for_again);
	tcase_add_test(tests, without_a_fact_nothing_is_allowed);
	tcase_add_test(tests, a_failure_is_tried_again);
	tcase_add_test(tests, a_source_without_room_is_asked_again);
	tcase_add_test(tests, what_changes_nothing_is_not_asked_for);
	tcase_add_test(tests, an_open_flow_goes_on_until_its_fact_is_there);
	tcase_add_test(tests, an_open_flow_is_ended_by_its_fact);
	tcase_add_test(tests, an_open_flow_whose_fact_does_not_come_ends);
	tcase_add_test(tests, facts_of_two_open_flows);
	tcase_add_test(tests, what_facts_rest_on_has_changed);
	tcase_add_test(tests, a_file_from_elsewhere_is_of_no_package);
	tcase_add_test(tests, a_unit_is_known_at_once);
	tcase_add_test(tests, a_cgroup_that_is_gone_allows_nothing);
	tcase_add_test(tests, a_users_unit_is_not_the_systems);
	tcase_add_test(tests, parents);
	tcase_add_test(tests, parents_that_are_not_known_allow_nothing);
	tcase_add_test(tests, scripts);
	tcase_add_test(tests, scripts_from_elsewhere);
	tcase_add_test(tests, traced);
	tcase_add_test(tests, family);
	tcase_add_test(tests, hashes);
	tcase_add_test(tests, a_hash_that_nobody_wanted_yet);
	tcase_add_test(tests, a_hash_without_a_process);
	tcase_add_test(tests, hashes_that_are_not_to_be_had);
	tcase_add_test(tests, a_question_has_the_hash);
	tcase_add_test(tests, a_question_without_a_hash);
	tcase_add_test(tests, a_question_has_the_chain);
	tcase_add_test(tests, a_question_has_the_bundle);
	tcase_add_test(tests, a_question_without_a_bundle);
	tcase_add_test(tests, a_bundle_whose_path_is_not_proven);
	tcase_add_test(tests, a_launcher_that_is_no_bundle);
	tcase_add_test(tests, a_claim_allows_nothing);
	suite_add_tcase(suite, tests);
	return suite;
}
