/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The law: what the kernel answers from its tables equals what the policy says
 * about that flow, rule by rule, for every flow and at every moment. Random
 * rules, flows, names of hosts and devices, and clocks.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "facts.h"
#include "fake.h"

#define RULES	12
#define STEPS	400
#define WORLDS	60

static const char *const programs[] = { "/usr/bin/a", "/usr/bin/b", "/opt/c" };
static const char *const hosts[] = { "a.test", "www.a.test", "b.test" };
static const char *const devices[] = { "eth0", "wg0", "tun1" };

static struct fake *fake;
static struct sp_rule rules[RULES];
static uint64_t since[RULES];	/* when each came to be as it is */
static size_t rules_count;
static struct sp_defaults defaults;
static uint64_t last_epoch, last_rule;
static uint64_t images[6];

/* What was learned, as the model keeps it. */
#define NOTES	512
struct note {
	uint8_t address[16];
	const char *name;
	struct sp_asker asker;
	bool sure;
	uint64_t expires;
};
static struct note notes[NOTES];
static size_t notes_count;

/* Look-ups that were lost: of whom (0: of everybody), when. */
static struct { uint32_t uid; uint64_t when; } losses[NOTES];
static size_t losses_count;

static bool answering;		/* a person's word, whatever the policy */

static unsigned int one_of(unsigned int count)
{
	return (unsigned int)random() % count;
}

static void random_address(uint8_t address[16])
{
	char text[32];

	snprintf(text, sizeof(text), "10.%u.0.%u", one_of(3), one_of(4));
	fake_address(text, address);
}

static void cut(struct sp_prefix *prefix)
{
	for (int i = prefix->length; i < 128; i++)
		prefix->address[i / 8] &= (uint8_t)~(0x80 >> i % 8);
}

static void random_remote(struct sp_rule *rule)
{
	static const uint8_t lengths[] = { 96 + 8, 96 + 16, 96 + 24, 96 + 31, 128 };

	if (one_of(2))
		return;
	if (one_of(2)) {
		rule->remote_kind = one_of(2) ? SP_REMOTE_HOST : SP_REMOTE_DOMAIN;
		rule->remote_name = (char *)hosts[one_of(3)];
		return;
	}
	random_address(rule->remote.address);
	rule->remote.length = lengths[one_of(5)];
	cut(&rule->remote);
}

static struct sp_ports random_ports(void)
{
	uint16_t first = (uint16_t)(80 + one_of(3));

	return (struct sp_ports){ first, (uint16_t)(first + one_of(3)) };
}

static struct sp_rule random_rule(void)
{
	struct sp_rule rule;

	sp_rule_init(&rule);
	rule.id = ++last_rule;
	rule.action = 1 + one_of(4);
	rule.floor = one_of(6) == 0;
	if (one_of(2))
		rule.program = (char *)programs[one_of(3)];
	if (one_of(4) == 0)
		rule.user = 1000 + one_of(2);
	if (one_of(2))
		rule.protocol = one_of(2) ? IPPROTO_TCP : IPPROTO_UDP;
	random_remote(&rule);
	if (rule.protocol != SP_ANY_PROTOCOL && one_of(2))
		rule.remote_port = random_ports();
	if (one_of(4) == 0)
		rule.interface = (char *)devices[one_of(3)];
	if (one_of(4) == 0)
		rule.expires = fake_now.real + (1 + one_of(40)) * SECOND;
	return rule;
}

static struct sp_snapshot *compile(void)
{
	struct sp_snapshot *snapshot;

	snapshot = sp_snapshot_new(rules, rules_count, &defaults, ++last_epoch,
				   fake_now.real);
	ck_assert_ptr_nonnull(snapshot);
	return snapshot;
}

/* Its number stays; often it is another host's, and nothing else. */
static void edit_rule(unsigned int i)
{
	const struct sp_rule before = rules[i];

	rules[i] = random_rule();
	if (before.remote_name && one_of(2)) {
		rules[i] = before;
		rules[i].remote_name = (char *)hosts[one_of(3)];
	}
	rules[i].id = before.id;
	if (before.action != rules[i].action || before.remote_kind != rules[i].remote_kind ||
	    before.remote_name != rules[i].remote_name)
		since[i] = fake_now.boot;
}

static void change_rules(void)
{
	unsigned int i;

	if (rules_count && one_of(2)) {
		i = one_of((unsigned int)rules_count);
		rules[i] = rules[--rules_count];
		since[i] = since[rules_count];
	} else if (rules_count && one_of(3) == 0) {
		edit_rule(one_of((unsigned int)rules_count));
	} else if (rules_count < RULES) {
		since[rules_count] = fake_now.boot;
		rules[rules_count++] = random_rule();
	}
	defaults.out = 1 + one_of(4);
	ck_assert_int_eq(fake_set_policy(fake, compile()), 0);
}

static struct sallyport_flow random_flow(void)
{
	struct sallyport_flow flow = fake_flow(images[one_of(6)], "10.0.0.1",
					       (uint16_t)(79 + one_of(6)));

	random_address(flow.remote);
	flow.protocol = one_of(2) ? IPPROTO_TCP : IPPROTO_UDP;
	flow.uid = 1000 + one_of(3);
	flow.ifindex = 1 + one_of(4);
	return flow;
}

static const struct sp_image_record *image_of(uint64_t id)
{
	for (size_t i = 0; i < fake->images_count; i++)
		if (fake->images[i].info.id == id)
			return &fake->images[i];
	return NULL;
}

/* --- names: what counts for whom, said once more ------------------------------ */

struct model_names {
	size_t count, doubtful;
	const char *names[NOTES + 1];
};

static bool is_own(const struct note *note, const struct sallyport_flow *flow)
{
	return note->asker.image == flow->image && note->asker.uid == flow->uid;
}

/* Those of one kind that speak about the flow's remote, now. */
static void add_names(struct model_names *model, const struct sallyport_flow *flow,
		      bool own, bool sure)
{
	for (size_t i = 0; i < notes_count; i++) {
		const struct note *note = &notes[i];

		if (note->sure != sure || is_own(note, flow) != own ||
		    memcmp(note->address, flow->remote, 16) ||
		    note->expires <= fake_now.boot)
			continue;
		if (own || note->asker.uid == flow->uid || note->asker.uid < 1000)
			model->names[model->count++] = note->name;
	}
}

static void find_names(const struct sallyport_flow *flow, const char *kept,
		       struct model_names *model)
{
	bool others;
	size_t sure;

	model->count = 0;
	add_names(model, flow, true, true);
	others = !model->count;
	if (others)
		add_names(model, flow, false, true);
	if (kept)
		model->names[model->count++] = kept;
	sure = model->count;
	add_names(model, flow, true, false);
	if (others)
		add_names(model, flow, false, false);
	model->doubtful = model->count - sure;
}

static uint64_t loss_end(size_t i)
{
	return losses[i].when + SP_NAMES_SHORTEST * (uint64_t)SECOND;
}

/* One that goes on began with the first of those that it overlaps. */
static uint64_t loss_begin(size_t last)
{
	uint64_t begin = losses[last].when;

	for (size_t i = last; i-- > 0;)
		if (losses[i].uid == losses[last].uid && loss_end(i) > begin)
			begin = losses[i].when;
	return begin;
}

/* May it have names that were not seen? @opened: 0, it is new. */
static bool may_miss(const struct sallyport_flow *flow, uint64_t opened)
{
	for (size_t i = 0; i < losses_count; i++)
		if ((!losses[i].uid || losses[i].uid == flow->uid) &&
		    loss_end(i) > fake_now.boot && (!opened || opened >= loss_begin(i)))
			return true;
	return false;
}

/* With the open flows, which may come half a second later. */
static void settle(void)
{
	fake->thread.engine.learned.listed = 0;
	sp_learn_settle(&fake->thread.engine);
}

/* As the kernel tells it, or by our own want of room. */
static void lose(void)
{
	uint32_t uid = one_of(3) ? 1000 + one_of(3) : 0;

	if (uid)
		sp_losses_add(&fake->thread.engine.learned.observer.losses, uid, fake_now.boot,
			      fake_now.boot);
	else
		sp_learn_missed_now(&fake->thread.engine);
	settle();
	losses[losses_count].uid = uid;
	losses[losses_count++].when = fake_now.boot;
	fake_end_round(fake);
}

static struct note *find_note(const struct note *like)
{
	for (size_t i = 0; i < notes_count; i++)
		if (!memcmp(notes[i].address, like->address, 16) &&
		    notes[i].name == like->name && notes[i].sure == like->sure &&
		    notes[i].asker.image == like->asker.image &&
		    notes[i].asker.uid == like->asker.uid)
			return &notes[i];
	notes[notes_count] = *like;
	return &notes[notes_count++];
}

/* As a reply would bring it, before its program gets it. */
static void learn(void)
{
	static const uint32_t users[] = { 1000, 1001, 101 };
	struct note like = { .name = hosts[one_of(3)], .sure = one_of(4) != 0 };
	struct sp_names_pushed pushed;
	struct sp_name_note note;
	uint64_t end;

	random_address(like.address);
	like.asker.image = images[one_of(2)];
	like.asker.uid = users[one_of(3)];
	note = (struct sp_name_note){
		.address = like.address, .name = like.name, .asker = like.asker,
		.sure = like.sure, .ttl = one_of(2000),
	};
	sp_names_add(fake->thread.engine.learned.observer.names, &note, fake_now.boot, &pushed);
	settle();
	ck_assert(!fake->thread.engine.sweep_wanted);
	end = fake_now.boot + (note.ttl < 600 ? 600 : note.ttl) * (uint64_t)SECOND;
	end += SP_NAMES_GRAIN - end % SP_NAMES_GRAIN;
	if (find_note(&like)->expires < end)
		find_note(&like)->expires = end;
	fake_end_round(fake);
}

/* The measure: rule by rule. @kept: a name that the flow has, or NULL. @opened: 0, it is new. */
static enum sp_action plain_kept(const struct sallyport_flow *flow, const char *kept,
				 uint64_t opened)
{
	const struct sp_image_record *image = image_of(flow->image);
	struct sallyport_image none = { .id = flow->image };
	struct sp_decision decision;
	struct model_names model;
	struct sp_facts facts;
	struct sp_flow key;

	sp_flow_of(flow, &key);
	find_names(flow, kept, &model);
	sp_facts_fill(&facts, image ? &image->info : &none, image ? image->path : NULL,
		      sp_interfaces_name(&fake->thread.engine.interfaces, flow->ifindex));
	if (model.count == model.doubtful && may_miss(flow, opened)) {
		facts.names.state = SP_FACT_FAILED;
	} else {
		facts.names.state = SP_FACT_KNOWN;
		facts.names.names = model.names;
		facts.names.count = model.count;
		facts.names.doubtful = model.doubtful;
	}
	sp_decide_plain(rules, rules_count, &defaults, &key, &facts, fake_now.real,
			&decision);
	return decision.action;
}

static enum sp_action plain(const struct sallyport_flow *flow)
{
	return plain_kept(flow, NULL, 0);
}

/* The name by which an open flow was allowed, as the rule was then: of a domain, some in it. */
static const char *kept_by(const struct sallyport_counts *counts, char name[32])
{
	for (size_t i = 0; i < rules_count; i++) {
		const struct sp_rule *rule = &rules[i];

		if (rule->id != counts->rule || rule->action != SP_ALLOW ||
		    !rule->remote_name || counts->created <= since[i])
			continue;
		snprintf(name, 32, "%s%s", rule->remote_kind == SP_REMOTE_DOMAIN ? "*." : "",
			 rule->remote_name);
		return name;
	}
	return NULL;
}

/* What waited and goes back gets what the policy says by then. */
static void check_repeat(const struct sallyport_flow *flow, uint8_t action)
{
	if (!answering)
		ck_assert_uint_eq(action, (uint8_t)plain(flow));
}

/* Sent, and judged in the kernel or by us: the same either way. */
static void check_new_flow(void)
{
	struct sallyport_flow flow = random_flow();
	enum sp_action expected = plain(&flow);
	enum fake_fate fate;
	uint32_t packet = fake_send_judged(fake, &flow, &fate);
	uint64_t pending;

	if (packet) {
		fake_round(fake);
		fate = fake->packets[fake->packets_count - 1].fate;
	}
	if (fate == FATE_HELD) {
		ck_assert_int_eq(expected, SP_ASK);
		pending = fake_asked(fake);
		ck_assert_uint_ne(pending, 0);
		answering = one_of(2);
		if (answering)
			sp_answer_given(&fake->thread.engine, &pending, 1, 1 + one_of(3),
					SP_BY_ANSWER, false);
		fake_end_round(fake);
		answering = false;
		return;
	}
	ck_assert_msg(fate == (expected == SP_ALLOW ? FATE_PASSED : FATE_REFUSED),
		      "fate %d, the policy says %d", fate, expected);
}

/* After a sweep: none that is open may be denied. */
static void check_open_flows(void)
{
	char name[32];

	for (size_t i = 0; i < fake->flows_count; i++) {
		const struct sallyport_counts *counts = &fake->flows[i].counts;
		enum sp_action action = plain_kept(&fake->flows[i].flow, kept_by(counts, name),
						   counts->created);

		if (counts->action == SALLYPORT_ALLOW)
			ck_assert(action == SP_ALLOW || action == SP_ASK);
	}
}

/* What still waits is what a person must decide. */
static void check_waiting(void)
{
	for (size_t i = 0; i < fake->pending_count; i++)
		ck_assert_int_eq(plain(&fake->pending[i].flow), SP_ASK);
}

/* Every verdict, under the policy as it is: for flows that it matches. */
static void check_verdicts(void)
{
	for (size_t i = 0; i < fake->verdicts_count; i++) {
		const struct sallyport_verdict *verdict = &fake->verdicts[i];
		struct sallyport_flow flow = random_flow();

		flow.image = verdict->image;
		flow.uid = verdict->uid;
		if (!sp_cover_matches(verdict, &flow) ||
		    (verdict->expires && verdict->expires <= fake_now.boot))
			continue;
		ck_assert_uint_eq(verdict->action, (uint8_t)plain(&flow));
	}
}

/* As the thread does: a sweep at the moment that was noted. */
static void pass_time(void)
{
	int64_t left = (1 + one_of(one_of(3) ? 20 : 900)) * SECOND, step;

	while (left) {
		step = left;
		if (fake->thread.engine.next_change &&
		    fake->thread.engine.next_change - fake_now.real < left)
			step = fake->thread.engine.next_change - fake_now.real;
		fake_now.real += step;
		fake_now.boot += (uint64_t)step;
		left -= step;
		if (fake->thread.engine.next_change && fake_now.real >= fake->thread.engine.next_change)
			ck_assert_int_eq(sp_sweep(&fake->thread.engine), 0);
		fake_end_round(fake);
	}
}

/* A snapshot leaves out what had expired: the daemon compiles another then. */
static void set_clock(void)
{
	fake_now.real += ((int)one_of(60) - 30) * SECOND;
	ck_assert_int_eq(fake_set_policy(fake, compile()), 0);
	fake_end_round(fake);
}

static void rename_device(void)
{
	sp_interfaces_set(&fake->thread.engine.interfaces, 2 + one_of(3), devices[one_of(3)]);
	if (fake->thread.engine.interfaces.changed)
		ck_assert_int_eq(sp_sweep(&fake->thread.engine), 0);
	fake_end_round(fake);
}

static void step(void)
{
	switch (one_of(28)) {
	case 0:
		change_rules();
		break;
	case 1:
		pass_time();
		break;
	case 2:
		rename_device();
		break;
	case 3:
		if (one_of(4) == 0)
			set_clock();
		break;
	case 4:
		if (one_of(3) == 0)
			lose();
		break;
	case 5:
	case 6:
	case 7:
	case 8:
		learn();
		break;
	default:
		check_new_flow();
		return;
	}
	check_open_flows();
	check_waiting();
	check_verdicts();
}

static void make_world(void)
{
	struct sp_report report;
	int i;

	rules_count = notes_count = losses_count = 0;
	defaults = (struct sp_defaults){ SP_ASK, SP_DENY };
	last_epoch = 0;
	fake = fake_new(compile());
	fake->on_repeat = check_repeat;
	fake->thread.engine.learned.observes = true;
	for (i = 0; i < 3; i++)
		images[i] = fake_image(fake, programs[i], 0);
	images[3] = fake_image(fake, programs[0], SALLYPORT_IMAGE_FOREIGN);
	images[4] = SALLYPORT_IMAGE_UNKNOWN;
	images[5] = SALLYPORT_IMAGE_KERNEL;
	for (i = 0; i < 6; i++)
		change_rules();
	for (i = 0; i < STEPS; i++) {
		step();
		if (i % 50 == 0)
			while (fake_report(fake, SP_REPORT_STOPPED, &report))
				;
	}
	fake_free(fake);
}

START_TEST(tables_say_what_the_policy_says)
{
	struct sp_now start = fake_now;
	unsigned int world;

	for (world = 0; world < WORLDS; world++) {
		srandom((unsigned int)_i * 1000 + world);
		make_world();
		fake_now = start;
	}
}
END_TEST

Suite *suite_law(void)
{
	Suite *suite = suite_create("law");
	TCase *tests = tcase_create("law");

	tcase_add_loop_test(tests, tables_say_what_the_policy_says, 0, 4);
	tcase_set_timeout(tests, 120);
	suite_add_tcase(suite, tests);
	return suite;
}
