/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names from replies as they come out of the queue, and what hangs on them:
 * verdicts, waiting flows, open flows; also on the absence of a name.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fake.h"
#include "learn.h"
#include "message.h"
#include "observe.h"

#define CURL "/usr/bin/curl"
#define SHOP "198.51.100.1"

static struct fake *fake;
static uint64_t curl;
static uint16_t last_id;
static uint32_t last_held;
static uint64_t last_epoch = 1;

/* curl may go to shop.test and no further than tracker.test; else @out. */
static struct sp_snapshot *policy(enum sp_action out)
{
	struct sp_rule rules[] = {
		fake_rule(1, SP_ALLOW, CURL, NULL, 0),
		fake_rule(2, SP_DENY, NULL, NULL, 0),
	};

	rules[0].remote_kind = SP_REMOTE_HOST;
	rules[0].remote_name = (char *)"shop.test";
	rules[1].remote_kind = SP_REMOTE_DOMAIN;
	rules[1].remote_name = (char *)"tracker.test";
	return fake_policy(1, out, rules, 2);
}

static void begin(enum sp_action out)
{
	uint8_t resolver[1][16];

	fake = fake_new(policy(out));
	fake->thread.engine.learned.observes = true;
	curl = fake_image(fake, CURL, 0);
	fake_address("192.0.2.53", resolver[0]);
	sp_observer_set_resolvers(&fake->thread.engine.learned.observer,
				  (const uint8_t (*)[16])resolver, 1);
}

static void setup(void)
{
	begin(SP_ASK);
}

static void teardown(void)
{
	fake_free(fake);
}

static struct sallyport_flow dns_flow(uint64_t image)
{
	struct sallyport_flow flow = fake_flow(image, "192.0.2.53", 53);

	flow.protocol = IPPROTO_UDP;
	flow.local_port = htons(40000);
	return flow;
}

static void ask(uint64_t image, const char *name)
{
	struct message message;
	struct sp_query query = { .flow = dns_flow(image), .payload = message.bytes };

	message_query(&message, ++last_id, name, TYPE_A);
	query.length = message.length;
	sp_learn_query(&fake->thread.engine, &query);
}

/* The packet that has the reply, with its first @have bytes, as its queue hands it over. */
static void take_cut(const struct message *message, size_t have)
{
	struct sallyport_flow flow = dns_flow(curl);
	uint8_t bytes[2048];
	struct sp_queued packet = {
		.held = { .queue = FAKE_OBSERVE, .id = ++last_held },
		.family = AF_INET, .hook = NF_INET_LOCAL_IN, .in = 2, .data = bytes,
	};
	size_t headers;

	flow.direction = SALLYPORT_IN;
	headers = fake_bytes(&flow, bytes, sizeof(bytes)) - 20 + 8;
	bytes[headers - 4] = (uint8_t)((message->length + 8) >> 8);
	bytes[headers - 3] = (uint8_t)(message->length + 8);
	memcpy(bytes + headers, message->bytes, have);
	packet.length = headers + have;
	sp_learn_reply(&fake->thread.engine, &packet);
	sp_learn_settle(&fake->thread.engine);
	sp_release_observed(&fake->thread.engine.release, packet.held);
	fake_end_round(fake);
}

static void take_reply(const struct message *message)
{
	take_cut(message, message->length);
}

static void answer(const char *name, const char *address)
{
	struct message message;

	message_reply(&message, last_id, name, TYPE_A);
	message_a(&message, NULL, 300, address);
	take_reply(&message);
}

static void learn(uint64_t image, const char *name, const char *address)
{
	ask(image, name);
	answer(name, address);
}

static enum fake_fate fate_of(const struct sallyport_flow *flow)
{
	enum fake_fate fate;
	uint32_t packet = fake_send_judged(fake, flow, &fate);

	if (!packet)
		return fate;
	fake_round(fake);
	return fake->packets[fake->packets_count - 1].fate;
}

/* What becomes of a new connection. */
static enum fake_fate connect_to(const char *address, uint16_t port)
{
	const struct sallyport_flow flow = fake_flow(curl, address, port);

	return fate_of(&flow);
}

/* In another network namespace. */
static struct sallyport_flow flow_elsewhere(const char *address, uint16_t port)
{
	struct sallyport_flow flow = fake_flow(curl, address, port);

	flow.netns = 7;
	flow.flags |= SALLYPORT_FLOW_NETNS;
	return flow;
}

static enum fake_fate connect_elsewhere(const char *address, uint16_t port)
{
	const struct sallyport_flow flow = flow_elsewhere(address, port);

	return fate_of(&flow);
}

static bool is_open(uint16_t port)
{
	for (size_t i = 0; i < fake->flows_count; i++)
		if (fake->flows[i].flow.remote_port == htons(port))
			return true;
	return false;
}

static void pass(uint64_t seconds)
{
	fake_now.boot += seconds * SECOND;
	fake_now.real += (int64_t)seconds * SECOND;
	if (fake->thread.engine.next_change && fake_now.real >= fake->thread.engine.next_change)
		ck_assert_int_eq(sp_sweep(&fake->thread.engine), 0);
	fake_end_round(fake);
}

START_TEST(a_rule_with_a_name)
{
	learn(curl, "shop.test", SHOP);
	ck_assert_int_eq(fake_step(fake, FAKE_ACCEPT), 0);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
	/* the verdict is for this address, as long as the name lives */
	ck_assert_uint_eq(fake->verdicts_count, 1);
	ck_assert_uint_eq(fake->verdicts[0].remote_length, 128);
	ck_assert_uint_ge(fake->verdicts[0].expires, fake_now.boot + 600 * SECOND);
	ck_assert_int_eq(connect_to("198.51.100.2", 443), FATE_HELD);
	/* and for later addresses of the name */
	learn(curl, "shop.test", "198.51.100.3");
	ck_assert_int_eq(connect_to("198.51.100.3", 443), FATE_PASSED);
}
END_TEST

START_TEST(forged_replies_go_on_and_say_nothing)
{
	ask(curl, "shop.test");
	last_id++;
	answer("shop.test", SHOP);
	last_id--;
	answer("evil.test", SHOP);
	ck_assert_uint_eq(fake_count(fake, FAKE_ACCEPT), 2);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_HELD);
}
END_TEST

/* What waits for a person is decided by the name that comes. */
START_TEST(a_name_for_what_waits)
{
	struct sp_report report;

	ck_assert_int_eq(connect_to(SHOP, 443), FATE_HELD);
	ck_assert_uint_ne(fake_asked(fake), 0);
	fake_forget_steps(fake);
	learn(curl, "shop.test", SHOP);
	ck_assert(fake_report(fake, SP_REPORT_GONE, &report));
	ck_assert_int_eq(report.gone.reason, SP_GONE_RULE);
	ck_assert(is_open(443));
	/* decided before the reply goes to its program */
	ck_assert_int_lt(fake_step(fake, FAKE_PUSH), fake_step(fake, FAKE_ACCEPT));
}
END_TEST

/* A denial by name ends what was allowed for lack of one. */
START_TEST(a_name_for_what_is_open)
{
	fake_free(fake);
	begin(SP_ALLOW);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
	ck_assert_int_eq(connect_to("198.51.100.2", 444), FATE_PASSED);
	fake_forget_steps(fake);
	learn(curl, "www.tracker.test", SHOP);
	ck_assert(!is_open(443));
	ck_assert(is_open(444));
	ck_assert_int_lt(fake_step(fake, FAKE_FORGET), fake_step(fake, FAKE_EPOCH));
	ck_assert_int_lt(fake_step(fake, FAKE_EPOCH), fake_step(fake, FAKE_END_FLOWS));
	ck_assert_int_lt(fake_step(fake, FAKE_END_FLOWS), fake_step(fake, FAKE_ACCEPT));
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_REFUSED);
}
END_TEST

/* Names that come one upon the other: new flows at once, open ones are not listed for each. */
START_TEST(many_names_for_what_is_open)
{
	struct sp_engine *engine;

	fake_free(fake);
	begin(SP_ALLOW);
	engine = &fake->thread.engine;
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
	ck_assert_int_eq(connect_to("198.51.100.2", 444), FATE_PASSED);
	ck_assert_int_eq(connect_to("198.51.100.3", 445), FATE_PASSED);
	fake_forget_steps(fake);
	learn(curl, "www.tracker.test", SHOP);
	ck_assert(!is_open(443));
	ck_assert_uint_eq(sp_learn_lists_at(&engine->learned), 0);
	learn(curl, "www.tracker.test", "198.51.100.2");
	learn(curl, "www.tracker.test", "198.51.100.3");
	ck_assert_uint_eq(fake_count(fake, FAKE_END_FLOWS), 1);
	ck_assert_int_eq(connect_to("198.51.100.2", 446), FATE_REFUSED);
	ck_assert(is_open(444));
	fake_now.boot = sp_learn_lists_at(&engine->learned);
	sp_learn_list(engine);
	ck_assert_uint_eq(fake_count(fake, FAKE_END_FLOWS), 2);
	ck_assert(!is_open(444));
	ck_assert(!is_open(445));
	ck_assert_uint_eq(sp_learn_lists_at(&engine->learned), 0);
}
END_TEST

/* Nothing is decided again for addresses on which nothing hangs. */
START_TEST(nothing_for_the_rest)
{
	learn(curl, "shop.test", SHOP);
	connect_to(SHOP, 443);
	fake_forget_steps(fake);
	learn(curl, "www.tracker.test", "198.51.100.9");
	learn(curl, "shop.test", SHOP);		/* known, and lives longer */
	ck_assert_uint_eq(fake->steps_count, 2);
	ck_assert_uint_eq(fake_count(fake, FAKE_ACCEPT), 2);
}
END_TEST

/* When the name is gone an open connection keeps it, a new one has none. */
START_TEST(a_name_that_expires)
{
	fake_free(fake);
	begin(SP_DENY);
	learn(curl, "shop.test", SHOP);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
	pass(700);
	ck_assert(is_open(443));
	ck_assert_int_eq(connect_to(SHOP, 444), FATE_REFUSED);
	/* but not once it is denied by another name */
	learn(curl, "tracker.test", SHOP);
	ck_assert(!is_open(443));
}
END_TEST

/* An allow for a domain, which is older than the other two. */
static struct sp_snapshot *policy_for_domain(bool with_host, bool denied)
{
	static const enum sp_action actions[] = { SP_ALLOW, SP_ALLOW, SP_DENY };
	struct sp_rule rules[3];
	size_t count = 0, i;

	for (i = 0; i < 3; i++) {
		if ((i == 1 && !with_host) || (i == 2 && !denied))
			continue;
		rules[count] = fake_rule(i + 1, actions[i], NULL, NULL, 0);
		rules[count].remote_kind = i == 1 ? SP_REMOTE_HOST : SP_REMOTE_DOMAIN;
		rules[count++].remote_name = (char *)"shop.test";
	}
	return fake_policy(++last_epoch, SP_DENY, rules, count);
}

/* What was allowed as something in a domain was not allowed as its host of that name. */
START_TEST(a_name_in_a_domain)
{
	ck_assert_int_eq(fake_set_policy(fake, policy_for_domain(false, false)), 0);
	learn(curl, "cdn.shop.test", SHOP);
	pass(1);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
	pass(700);
	ck_assert(is_open(443));
	ck_assert_int_eq(fake_set_policy(fake, policy_for_domain(true, false)), 0);
	ck_assert(is_open(443));
	ck_assert_int_eq(fake_set_policy(fake, policy_for_domain(true, true)), 0);
	ck_assert(!is_open(443));
}
END_TEST

/* Rule 1 allows @name to curl, rule 2 SHOP by its address, if it must. */
static struct sp_snapshot *policy_for_host(const char *name, bool by_address)
{
	struct sp_rule rules[] = {
		fake_rule(1, SP_ALLOW, CURL, NULL, 0),
		fake_rule(2, SP_ALLOW, CURL, SHOP, 0),
	};

	rules[0].remote_kind = SP_REMOTE_HOST;
	rules[0].remote_name = (char *)name;
	return fake_policy(++last_epoch, SP_DENY, rules, 1 + by_address);
}

/* A rule that is edited is another. */
START_TEST(a_name_that_a_rule_has_no_more)
{
	ck_assert_int_eq(fake_set_policy(fake, policy_for_host("shop.test", false)), 0);
	learn(curl, "shop.test", SHOP);
	pass(1);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
	pass(700);
	ck_assert(is_open(443));
	ck_assert_int_eq(fake_set_policy(fake, policy_for_host("news.test", true)), 0);
	ck_assert(is_open(443));
	ck_assert_int_eq(fake_set_policy(fake, policy_for_host("news.test", false)), 0);
	ck_assert(!is_open(443));
}
END_TEST

/* Files of rules were edited while there was no daemon: their rules' numbers are others'. */
START_TEST(a_name_under_an_earlier_daemon)
{
	struct sp_engine *engine = &fake->thread.engine;

	ck_assert_int_eq(fake_set_policy(fake, policy_for_host("shop.test", false)), 0);
	learn(curl, "shop.test", SHOP);
	pass(1);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
	sp_rule_names_clear(&engine->rule_names);
	pass(700);
	sp_rule_names_begin(&engine->rule_names, 2);
	ck_assert_int_eq(sp_sweep(engine), 0);
	ck_assert(is_open(443));
	sp_rule_names_begin(&engine->rule_names, 1);
	ck_assert_int_eq(sp_sweep(engine), 0);
	ck_assert(!is_open(443));
	learn(curl, "shop.test", SHOP);
	pass(1);
	ck_assert_int_eq(connect_to(SHOP, 444), FATE_PASSED);
	pass(700);
	ck_assert(is_open(444));
}
END_TEST

/* Where the kernel did not obey, flows began under the old rule after the new was there. */
START_TEST(a_name_from_when_it_is_obeyed)
{
	struct sp_snapshot *news = policy_for_host("news.test", true);

	ck_assert_int_eq(fake_set_policy(fake, policy_for_host("shop.test", false)), 0);
	learn(curl, "shop.test", SHOP);
	pass(1);
	ck_assert_int_eq(connect_to(SHOP, 442), FATE_PASSED);
	fake->forget_error = ENOMEM;
	ck_assert_int_eq(fake_set_policy(fake, news), ENOMEM);
	pass(1);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
	ck_assert_int_eq(sp_sweep(&fake->thread.engine), 0);
	ck_assert(is_open(443));
	ck_assert_int_eq(fake_set_policy(fake, policy_for_host("news.test", false)), 0);
	ck_assert(!is_open(443));
	/* and from then on it is the rule's */
	learn(curl, "news.test", "198.51.100.7");
	pass(1);
	ck_assert_int_eq(connect_to("198.51.100.7", 444), FATE_PASSED);
	pass(700);
	ck_assert(is_open(444));
}
END_TEST

/* Two programs, one address: each by the name that it asked for. */
START_TEST(an_address_of_two_names)
{
	uint64_t other = fake_image(fake, "/usr/bin/wget", 0);

	learn(other, "tracker.test", SHOP);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_REFUSED);
	learn(curl, "shop.test", SHOP);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
}
END_TEST

/* The server is none of the machine's: its word allows nothing, and denies. */
START_TEST(a_name_by_any_server)
{
	sp_observer_set_resolvers(&fake->thread.engine.learned.observer, NULL, 0);
	learn(curl, "shop.test", SHOP);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_HELD);
	learn(curl, "tracker.test", "198.51.100.2");
	ck_assert_int_eq(connect_to("198.51.100.2", 443), FATE_REFUSED);
}
END_TEST

/* --- look-ups that were not seen ----------------------------------------------------- */

/* Some reply passed unseen, or a query was not told. */
static void miss(void)
{
	sp_learn_missed_now(&fake->thread.engine);
	sp_learn_settle(&fake->thread.engine);
	fake_end_round(fake);
}

/*
 * What no name denied may have one now: new connections are refused, open ones go on; and
 * an address whose name is known is judged by that.
 */
START_TEST(a_name_that_may_be_missing)
{
	fake_free(fake);
	begin(SP_ALLOW);
	learn(curl, "shop.test", SHOP);
	ck_assert_int_eq(connect_to("198.51.100.2", 443), FATE_PASSED);
	ck_assert_uint_eq(fake->verdicts_count, 1);
	pass(1);
	fake_forget_steps(fake);
	miss();
	ck_assert_uint_eq(fake_count(fake, FAKE_EPOCH), 1);
	ck_assert_uint_eq(fake->verdicts_count, 0);	/* what was decided without a name */
	ck_assert(is_open(443));
	ck_assert_int_eq(connect_to("198.51.100.2", 444), FATE_REFUSED);
	ck_assert_int_eq(connect_to("198.51.100.4", 445), FATE_REFUSED);
	ck_assert_int_eq(connect_to(SHOP, 446), FATE_PASSED);
	ck_assert_int_eq(connect_to("192.0.2.53", 53), FATE_PASSED);
	/* looked up again, seen */
	learn(curl, "news.test", "198.51.100.4");
	ck_assert_int_eq(connect_to("198.51.100.4", 447), FATE_PASSED);
	/* it matters for as long as such a name lives */
	pass(SP_NAMES_SHORTEST - 1);
	ck_assert_int_eq(connect_to("198.51.100.2", 448), FATE_REFUSED);
	pass(1);
	ck_assert_int_eq(connect_to("198.51.100.2", 449), FATE_PASSED);
	ck_assert(is_open(443));
}
END_TEST

/* It is told with what was decided then. */
START_TEST(a_name_that_may_be_missing_is_told)
{
	const struct sallyport_flow named = fake_flow(curl, SHOP, 443);
	const struct sallyport_flow nameless = fake_flow(curl, "198.51.100.2", 443);
	struct sp_host host;

	learn(curl, "shop.test", SHOP);
	sp_learned_show(&fake->thread.engine.learned, &nameless, &fake_now, &host);
	ck_assert(!host.missed);
	miss();
	sp_learned_show(&fake->thread.engine.learned, &nameless, &fake_now, &host);
	ck_assert(host.missed);
	sp_learned_show(&fake->thread.engine.learned, &named, &fake_now, &host);
	ck_assert(!host.missed);
	ck_assert_str_eq(host.name, "shop.test");
}
END_TEST

/* What programs in other network namespaces look up is not seen. */
START_TEST(a_name_elsewhere)
{
	const struct sallyport_flow nameless = flow_elsewhere("198.51.100.2", 443);
	struct sp_host host;

	fake_free(fake);
	begin(SP_ALLOW);
	learn(curl, "shop.test", SHOP);
	ck_assert_int_eq(connect_to("198.51.100.2", 440), FATE_PASSED);
	ck_assert_int_eq(connect_elsewhere("198.51.100.2", 441), FATE_REFUSED);
	ck_assert_int_eq(connect_to("198.51.100.2", 442), FATE_PASSED);
	ck_assert_int_eq(connect_elsewhere("198.51.100.2", 443), FATE_REFUSED);
	sp_learned_show(&fake->thread.engine.learned, &nameless, &fake_now, &host);
	ck_assert(host.missed);
	/* the other way round, too */
	ck_assert_int_eq(connect_elsewhere("198.51.100.3", 444), FATE_REFUSED);
	ck_assert_int_eq(connect_to("198.51.100.3", 445), FATE_PASSED);
	/* what has a name, or is known otherwise */
	ck_assert_int_eq(connect_elsewhere(SHOP, 446), FATE_PASSED);
	ck_assert_int_eq(connect_elsewhere("192.0.2.53", 53), FATE_PASSED);
	ck_assert_int_eq(connect_elsewhere("127.0.0.1", 447), FATE_PASSED);
	learn(curl, "news.test", "198.51.100.2");
	ck_assert_int_eq(connect_elsewhere("198.51.100.2", 448), FATE_PASSED);
	sp_learned_show(&fake->thread.engine.learned, &nameless, &fake_now, &host);
	ck_assert(!host.missed);
}
END_TEST

/* Nobody has a rule by name: it is as everywhere. */
START_TEST(nobody_names_elsewhere)
{
	const struct sp_rule rules[] = { fake_rule(1, SP_ALLOW, CURL, NULL, 0) };

	fake_free(fake);
	fake = fake_new(fake_policy(1, SP_ASK, (struct sp_rule *)rules, 1));
	fake->thread.engine.learned.observes = true;
	curl = fake_image(fake, CURL, 0);
	ck_assert_int_eq(connect_elsewhere("198.51.100.2", 441), FATE_PASSED);
	ck_assert_int_eq(connect_to("198.51.100.2", 442), FATE_PASSED);
	ck_assert_uint_eq(fake->verdicts_count, 1);
}
END_TEST

#define GROUP 1u

/* Sends to a group's listener what does not fit into its buffer. */
static void overrun(const struct sp_netlink *netlink)
{
	const struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = GROUP };
	uint8_t much[4096] = { 0 };
	int sender = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK), i;

	ck_assert_int_ge(sender, 0);
	sp_netlink_set_buffer(netlink, 4096);
	for (i = 0; i < 64; i++)
		sendto(sender, much, sizeof(much), MSG_DONTWAIT,
		       (const struct sockaddr *)(const void *)&group, sizeof(group));
	close(sender);
}

/*
 * Groups are for who administers the network: of a namespace of one's own, then. Not
 * everybody may have one: nobody in a chroot.
 */
static bool may_have_groups(void)
{
	int status = -1;
	pid_t child;

	if (!geteuid())
		return true;
	child = fork();
	if (!child)
		_exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) ? 1 : 0);
	return child > 0 && waitpid(child, &status, 0) == child && !status;
}

/* The kernel itself says that a socket's buffer had no room: a reply has passed unseen. */
START_TEST(a_buffer_without_room)
{
	struct sp_observe observe = { .queries.fd = -1, .replies.fd = -1 };

	ck_assert(!geteuid() || !unshare(CLONE_NEWUSER | CLONE_NEWNET));
	fake_free(fake);
	begin(SP_ALLOW);
	ck_assert_int_eq(sp_netlink_open(&observe.queries, NETLINK_USERSOCK, 0), 0);
	ck_assert_int_eq(sp_netlink_open(&observe.replies, NETLINK_USERSOCK, GROUP), 0);
	ck_assert(sp_batch_init(&observe.asked, 8, 1024));
	ck_assert(sp_batch_init(&observe.answered, 8, 9216));
	sp_observe_replies(&observe, &fake->thread.engine);
	ck_assert_int_eq(connect_to("198.51.100.2", 443), FATE_PASSED);
	overrun(&observe.replies);
	sp_observe_replies(&observe, &fake->thread.engine);
	fake_end_round(fake);
	ck_assert_int_eq(connect_to("198.51.100.2", 444), FATE_REFUSED);
	sp_observe_close(&observe);
}
END_TEST

/* Where no rule names a host nothing was looked at, and nothing is refused. */
START_TEST(nobody_looks_at_names)
{
	struct sp_rule rule = fake_rule(1, SP_ALLOW, CURL, NULL, 0);

	ck_assert_int_eq(fake_set_policy(fake, fake_policy(2, SP_DENY, &rule, 1)), 0);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
	fake_forget_steps(fake);
	miss();
	ck_assert_uint_eq(fake->verdicts_count, 1);
	ck_assert_uint_eq(fake_count(fake, FAKE_EPOCH), 0);
	ck_assert_int_eq(connect_to("198.51.100.2", 443), FATE_PASSED);
}
END_TEST

/* A user who asks for more than his share does this to himself alone. */
START_TEST(beyond_a_users_share)
{
	struct sp_query query = { .length = 0 };

	fake_free(fake);
	begin(SP_ALLOW);
	query.flow = dns_flow(curl);
	query.flow.uid = 1001;
	sp_learn_query(&fake->thread.engine, &query);
	sp_learn_settle(&fake->thread.engine);
	fake_end_round(fake);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
	query.flow.uid = fake_flow(curl, SHOP, 443).uid;
	sp_learn_query(&fake->thread.engine, &query);
	sp_learn_settle(&fake->thread.engine);
	fake_end_round(fake);
	ck_assert_int_eq(connect_to(SHOP, 444), FATE_REFUSED);
}
END_TEST

/* One that is larger than what the queue copies. */
START_TEST(a_reply_that_is_cut)
{
	struct message message;

	fake_free(fake);
	begin(SP_ALLOW);
	ask(curl, "www.tracker.test");
	message_reply(&message, last_id, "www.tracker.test", TYPE_A);
	message_a(&message, NULL, 300, "198.51.100.2");
	take_cut(&message, message.length - 1);
	ck_assert_int_eq(connect_to("198.51.100.2", 443), FATE_REFUSED);
}
END_TEST

/* A segment from the server, with its first @have bytes in the queue's message. */
static void take_segment(uint32_t sequence, const uint8_t *data, size_t length, size_t have)
{
	struct sallyport_flow flow = dns_flow(curl);
	uint8_t bytes[2048];
	struct sp_queued packet = {
		.held = { .queue = FAKE_OBSERVE, .id = ++last_held },
		.family = AF_INET, .hook = NF_INET_LOCAL_IN, .in = 2, .data = bytes,
	};
	size_t headers = 40;

	flow.direction = SALLYPORT_IN;
	flow.protocol = IPPROTO_TCP;
	memset(bytes, 0, sizeof(bytes));
	fake_bytes(&flow, bytes, sizeof(bytes));
	bytes[2] = (uint8_t)((headers + length) >> 8);
	bytes[3] = (uint8_t)(headers + length);
	sequence = htonl(sequence);
	memcpy(bytes + 24, &sequence, 4);
	bytes[32] = 0x50;
	memcpy(bytes + headers, data, have);
	packet.length = headers + have;
	sp_learn_reply(&fake->thread.engine, &packet);
	sp_learn_settle(&fake->thread.engine);
	sp_release_observed(&fake->thread.engine.release, packet.held);
	fake_end_round(fake);
}

static void ask_by_tcp(const char *name)
{
	struct message message, stream = { .length = 0 };
	struct sp_query query = {
		.flow = dns_flow(curl), .by_stream = true,
		.stream = { .sequence = 1, .begins = 1 },
	};

	query.flow.protocol = IPPROTO_TCP;
	sp_learn_query(&fake->thread.engine, &query);
	message_query(&message, ++last_id, name, TYPE_A);
	message_number(&stream, (uint32_t)message.length, 2);
	message_bytes(&stream, message.bytes, message.length);
	query.payload = stream.bytes;
	query.length = stream.length;
	query.stream = (struct sallyport_stream){
		.sequence = 1, .acknowledged = 9000, .length = (uint32_t)stream.length,
	};
	sp_learn_query(&fake->thread.engine, &query);
}

/* What a reply by TCP says counts when it is whole; what is cut off is missed. */
START_TEST(by_tcp)
{
	struct message message, stream = { .length = 0 };

	fake_free(fake);
	begin(SP_ALLOW);
	ask_by_tcp("tracker.test");
	message_reply(&message, last_id, "tracker.test", TYPE_A);
	message_a(&message, NULL, 300, SHOP);
	message_number(&stream, (uint32_t)message.length, 2);
	message_bytes(&stream, message.bytes, message.length);
	take_segment(9000, stream.bytes, 20, 20);
	ck_assert_int_eq(connect_to(SHOP, 443), FATE_PASSED);
	if (_i) {
		take_segment(9020, stream.bytes + 20, stream.length - 20, stream.length - 20);
		ck_assert_int_eq(connect_to(SHOP, 444), FATE_REFUSED);
		ck_assert_int_eq(connect_to("198.51.100.99", 444), FATE_PASSED);
	} else {
		take_segment(9020, stream.bytes + 20, stream.length - 20, 5);
		ck_assert_int_eq(connect_to("198.51.100.99", 444), FATE_REFUSED);
	}
}
END_TEST

static void expect_late(uint64_t pending, const char *name, enum sp_host_origin origin)
{
	struct sp_report report;

	ck_assert(fake_report(fake, SP_REPORT_LATE, &report));
	ck_assert_uint_eq(report.late.pending, pending);
	ck_assert_str_eq(report.late.host.name, name);
	ck_assert_int_eq(report.late.host.origin, origin);
}

static void expect_no_news(void)
{
	struct sp_report report;

	ck_assert(!fake_report(fake, SP_REPORT_LATE, &report));
}

/* Who is being asked hears of the name; one that is no surer takes no place. */
START_TEST(a_name_for_a_question)
{
	uint64_t wget = fake_image(fake, "/usr/bin/wget", 0), pending;

	ck_assert_int_eq(connect_to(SHOP, 443), FATE_HELD);
	pending = fake_asked(fake);
	learn(wget, "another.test", SHOP);
	expect_late(pending, "another.test", SP_HOST_BY_ANOTHER);
	learn(wget, "elsewhere.test", "198.51.100.9");
	expect_no_news();
	learn(curl, "mine.test", SHOP);
	expect_late(pending, "mine.test", SP_HOST_BY_ITSELF);
	learn(curl, "second.test", SHOP);
	learn(wget, "third.test", SHOP);
	expect_no_news();
}
END_TEST

Suite *suite_learn(void)
{
	Suite *suite = suite_create("learn");
	TCase *tests = tcase_create("learn");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_rule_with_a_name);
	tcase_add_test(tests, forged_replies_go_on_and_say_nothing);
	tcase_add_test(tests, a_name_for_what_waits);
	tcase_add_test(tests, a_name_for_what_is_open);
	tcase_add_test(tests, many_names_for_what_is_open);
	tcase_add_test(tests, nothing_for_the_rest);
	tcase_add_test(tests, a_name_that_expires);
	tcase_add_test(tests, a_name_in_a_domain);
	tcase_add_test(tests, a_name_that_a_rule_has_no_more);
	tcase_add_test(tests, a_name_under_an_earlier_daemon);
	tcase_add_test(tests, a_name_from_when_it_is_obeyed);
	tcase_add_test(tests, an_address_of_two_names);
	tcase_add_test(tests, a_name_by_any_server);
	tcase_add_test(tests, a_name_for_a_question);
	tcase_add_test(tests, a_name_that_may_be_missing);
	tcase_add_test(tests, a_name_that_may_be_missing_is_told);
	tcase_add_test(tests, a_name_elsewhere);
	tcase_add_test(tests, nobody_names_elsewhere);
	if (may_have_groups())
		tcase_add_test(tests, a_buffer_without_room);
	tcase_add_test(tests, nobody_looks_at_names);
	tcase_add_test(tests, beyond_a_users_share);
	tcase_add_test(tests, a_reply_that_is_cut);
	tcase_add_loop_test(tests, by_tcp, 0, 2);
	suite_add_tcase(suite, tests);
	return suite;
}
