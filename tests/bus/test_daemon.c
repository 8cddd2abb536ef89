/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the daemon by themselves: configuration, authority, names. */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "access/effect.h"
#include "access/methods.h"
#include "config.h"
#include "flow_text.h"
#include "verdict/question_key.h"
#include "question/offer.h"
#include "question/snooze.h"
#include "sp-bus.h"
#include "starter.h"
#include "stat_names.h"
#include "store_thread.h"
#include "names/dns.h"
#include "verdict_link.h"

static gboolean parse(struct sp_config *config, const char *text, char **message)
{
	g_autoptr(GError) error = NULL;
	gboolean good = sp_config_parse(config, text, strlen(text), &error);

	g_free(*message);
	*message = g_strdup(error ? error->message : "");
	return good;
}

START_TEST(config_values)
{
	struct sp_config config;
	g_autofree char *message = NULL;

	sp_config_init(&config);
	ck_assert(config.defaults.out == SP_ASK && config.defaults.in == SP_DENY);
	ck_assert(parse(&config, "[policy]\ndefault-out=drop\n[questions]\n"
			"deadline-seconds = 7\nnobody=drop\n[kernel]\njudge-loopback=true\nstealth=true\n"
			"absent-out=allow\n[store]\nfolder=/tmp/x\n", &message));
	ck_assert(config.defaults.out == SP_DROP && config.deadline == 7);
	ck_assert(config.nobody == SP_DROP && config.judge_loopback && config.stealth);
	ck_assert(config.absent_out == SP_ALLOW);
	ck_assert_str_eq(config.folder, "/tmp/x");
	ck_assert(parse(&config, "", &message));
	ck_assert(parse(&config, "# only a comment\n", &message));
	sp_config_clear(&config);
}
END_TEST

START_TEST(config_errors)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "[policy]\ndefalt-out=ask\n", "did you mean [policy] default-out?" },
		{ "[question]\noutcome=deny\n", "did you mean [questions] outcome?" },
		{ "[policy]\ndefault-out=maybe\n", "expected ask, allow, deny, drop" },
		{ "[questions]\nnobody=allow\n", "expected deny, drop" },
		{ "[questions]\noutcome=ask\n", "expected deny, drop" },
		{ "[questions]\ndeadline-seconds=61\n", "from 1 to 60" },
		{ "[questions]\ndeadline-seconds=0\n", "from 1 to 60" },
		{ "[questions]\ndeadline-seconds=\n", "from 1 to 60" },
		{ "[kernel]\nabsent-in=ask\n", "expected allow, deny, drop" },
		{ "[kernel]\njudge-loopback=1\n", "true or false" },
		{ "[kernel]\nqueue-first=-1\n", "from 0 to 65000" },
		{ "[store]\nfolder=state\n", "absolute path" },
		{ "nonsense", "" },
	};
	struct sp_config config;
	g_autofree char *message = NULL;

	sp_config_init(&config);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		ck_assert_msg(!parse(&config, cases[i].text, &message), "%s", cases[i].text);
		ck_assert_msg(strstr(message, cases[i].message), "%s: %s", cases[i].text, message);
	}
	/* Nothing of a wrong file is taken. */
	ck_assert(!parse(&config, "[policy]\ndefault-out=allow\ndefault-in=x\n", &message));
	ck_assert(config.defaults.out == SP_ASK);
	sp_config_clear(&config);
}
END_TEST

static struct sp_rule rule(guint32 owner, enum sp_action action)
{
	struct sp_rule rule;

	sp_rule_init(&rule);
	rule.owner = owner;
	rule.action = action;
	return rule;
}

START_TEST(effects)
{
	struct sp_rule allow = rule(1000, SP_ALLOW), deny = rule(1000, SP_DENY);
	struct sp_rule drop = rule(1000, SP_DROP), ask = rule(1000, SP_ASK);
	struct sp_rule machine = rule(SP_SYSTEM, SP_DENY), ground = machine;
	struct sp_rule off = allow;

	ground.floor = true;
	off.enabled = false;
	ck_assert_int_eq(sp_effect_of(NULL, &allow, 1000), SP_EFFECT_OWN_WIDEN);
	ck_assert_int_eq(sp_effect_of(NULL, &deny, 1000), SP_EFFECT_OWN_NARROW);
	ck_assert_int_eq(sp_effect_of(NULL, &drop, 1000), SP_EFFECT_OWN_NARROW);
	ck_assert_int_eq(sp_effect_of(NULL, &ask, 1000), SP_EFFECT_OWN_NARROW);
	ck_assert_int_eq(sp_effect_of(&allow, NULL, 1000), SP_EFFECT_OWN_NARROW);
	ck_assert_int_eq(sp_effect_of(&deny, NULL, 1000), SP_EFFECT_OWN_WIDEN);
	ck_assert_int_eq(sp_effect_of(&ask, NULL, 1000), SP_EFFECT_OWN_WIDEN);
	ck_assert_int_eq(sp_effect_of(&deny, &drop, 1000), SP_EFFECT_OWN_WIDEN);
	ck_assert_int_eq(sp_effect_of(&allow, &deny, 1000), SP_EFFECT_OWN_NARROW);
	ck_assert_int_eq(sp_effect_of(NULL, &off, 1000), SP_EFFECT_OWN_NARROW);
	ck_assert_int_eq(sp_effect_of(NULL, &deny, 1001), SP_EFFECT_SYSTEM);
	ck_assert_int_eq(sp_effect_of(&allow, NULL, 1001), SP_EFFECT_SYSTEM);
	ck_assert_int_eq(sp_effect_of(NULL, &machine, 1000), SP_EFFECT_SYSTEM);
	ck_assert_int_eq(sp_effect_of(NULL, &machine, SP_SYSTEM), SP_EFFECT_SYSTEM);
	ck_assert_int_eq(sp_effect_of(NULL, &ground, 1000), SP_EFFECT_FLOOR);
	ck_assert_int_eq(sp_effect_of(&ground, NULL, 1000), SP_EFFECT_FLOOR);
	for (int effect = SP_EFFECT_OWN_NARROW; effect <= SP_EFFECT_FLOOR; effect++)
		ck_assert_ptr_nonnull(sp_effect_action(effect));
}
END_TEST

/* Every method of the API is in the table, and nothing else. */
START_TEST(every_method_is_listed)
{
	GDBusInterfaceInfo *const faces[] = {
		sp_bus_manager_interface_info(), sp_bus_rules_interface_info(),
		sp_bus_questions_interface_info(), sp_bus_history_interface_info(),
		sp_bus_flows_interface_info(), sp_bus_networks_interface_info(),
	};

	for (size_t i = 0; i < G_N_ELEMENTS(faces); i++) {
		for (GDBusMethodInfo **m = faces[i]->methods; m && *m; m++)
			ck_assert_msg(sp_access_find(faces[i]->name, (*m)->name) != NULL,
				      "%s.%s", faces[i]->name, (*m)->name);
		ck_assert(!faces[i]->properties || !faces[i]->properties[0]);
	}
	ck_assert_ptr_null(sp_access_find("org.sallyport.Firewall1.Rules", "Nonsense"));
	ck_assert_ptr_null(sp_access_find("org.sallyport.Firewall1.Agent", "Ask"));
}
END_TEST

/* Wherever it runs, unless it has no path of its own. */
START_TEST(one_question_of_several_flows)
{
	struct sallyport_flow one = { .image = 20, .cgroup = 1 }, two = { .image = 20, .cgroup = 2 };
	struct sallyport_image image = { .id = 20 };
	struct sp_question_key first, second;

	sp_question_key_of(&one, &image, &first);
	sp_question_key_of(&two, &image, &second);
	ck_assert(sp_question_key_equal(&first, &second));
	image.flags = SALLYPORT_IMAGE_FOREIGN;
	sp_question_key_of(&one, &image, &first);
	sp_question_key_of(&two, &image, &second);
	ck_assert(!sp_question_key_equal(&first, &second));
}
END_TEST

START_TEST(snoozing)
{
	struct sp_snooze *snooze = sp_snooze_new();
	struct sallyport_flow flow = { .image = 20, .uid = 1000, .protocol = 6 };
	const struct sallyport_image image = { .id = 20 };
	struct sp_question_key key, other;

	sp_question_key_of(&flow, &image, &key);
	flow.remote_port = 1;
	sp_question_key_of(&flow, &image, &other);
	ck_assert(!sp_snooze_has(snooze, &key));
	sp_snooze_add(snooze, &key);
	ck_assert(sp_snooze_has(snooze, &key) && !sp_snooze_has(snooze, &other));
	for (int i = 0; i < 255; i++)
		sp_snooze_add(snooze, &other);
	ck_assert(sp_snooze_has(snooze, &key));
	sp_snooze_add(snooze, &other);
	ck_assert(!sp_snooze_has(snooze, &key));
	sp_snooze_free(snooze);
}
END_TEST

START_TEST(addresses_are_written_as_the_system_does)
{
	static const char *const addresses[] = {
		"0.0.0.0", "1.20.199.200", "9.10.99.100", "101.110.250.255", "255.255.255.255",
		"::", "::1", "2001:db8::5", "fe80::1234:5678:9abc:def0",
	};
	guint8 address[16] = { [10] = 0xff, [11] = 0xff };

	for (gsize i = 0; i < G_N_ELEMENTS(addresses); i++) {
		g_autofree char *text = NULL;

		if (!inet_pton(AF_INET, addresses[i], address + 12))
			ck_assert_int_eq(inet_pton(AF_INET6, addresses[i], address), 1);
		text = sp_address_text(address);
		ck_assert_str_eq(text, addresses[i]);
	}
}
END_TEST

START_TEST(counters_have_names)
{
	for (int i = 0; i < __SALLYPORT_STAT_MAX; i++)
		ck_assert_ptr_nonnull(sp_stat_name(i));
	ck_assert_str_eq(sp_stat_name(SALLYPORT_STAT_CACHE_HIT), "cache-hit");
	ck_assert_ptr_null(sp_stat_name(__SALLYPORT_STAT_MAX));
	ck_assert_uint_eq(sp_table_count * 8, sizeof(struct sallyport_tables));
}
END_TEST

/* An answer to a rule that asks about a unit is about that unit. */
START_TEST(answers_say_what_the_ask_says)
{
	struct sp_waiting waiting = {
		.flow = { .image = 16, .uid = 1000, .protocol = 6, .remote_port = 0x5000,
			  .direction = SALLYPORT_OUT },
		.image = { .id = 16 },
		.path = "/usr/bin/curl",
		.path_length = 13,
	};
	struct sp_rule ask;
	struct sp_offer offer;

	sp_rule_init(&ask);
	ask.id = 7;
	ask.owner = 1000;
	ask.unit = (char *)"user:backup.service";
	ask.traced = SP_TRACED_NO;
	sp_offer_init(&offer, &waiting, &ask, FALSE, 1000);
	ck_assert(offer.lasting);
	ck_assert_str_eq(offer.rules[SP_SCOPE_ANYTHING].unit, ask.unit);
	ck_assert_str_eq(offer.rules[SP_SCOPE_ANYTHING].program, "/usr/bin/curl");
	ck_assert_int_eq(offer.rules[SP_SCOPE_ANYTHING].traced, SP_TRACED_NO);
	sp_offer_clear(&offer);
}
END_TEST

#define SUM "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* A file that others can change: each answer also for what it is now. */
START_TEST(answers_for_this_version)
{
	struct sp_waiting waiting = {
		.flow = { .image = 16, .uid = 1000, .protocol = 6, .remote_port = 0x5000,
			  .direction = SALLYPORT_OUT },
		.image = { .id = 16 },
		.path = "/home/alice/tool",
		.path_length = 16,
		.hash = SUM,
	};
	gboolean version;
	enum sp_scope scope;
	struct sp_offer offer;
	struct sp_rule rule, ask;

	sp_offer_init(&offer, &waiting, NULL, FALSE, 1000);
	ck_assert(!sp_offer_find_scope(&offer, "anything/this-version", &scope, &version));
	sp_offer_clear(&offer);
	sp_offer_init(&offer, &waiting, NULL, TRUE, 1000);
	ck_assert(sp_offer_find_scope(&offer, "anything", &scope, &version) && !version);
	ck_assert(sp_offer_find_scope(&offer, "anything/this-version", &scope, &version));
	ck_assert(version && scope == SP_SCOPE_ANYTHING);
	ck_assert(!sp_offer_find_scope(&offer, "/this-version", &scope, &version));
	sp_offer_rule(&offer, scope, TRUE, SP_LIFETIME_ALWAYS, SP_DENY, 1000, &rule);
	ck_assert_str_eq(rule.hash, SUM);
	ck_assert_ptr_null(sp_rule_check(&rule));
	sp_rule_clear(&rule);
	sp_offer_rule(&offer, scope, FALSE, SP_LIFETIME_ALWAYS, SP_DENY, 1000, &rule);
	ck_assert_ptr_null(rule.hash);
	sp_rule_clear(&rule);
	sp_offer_clear(&offer);
	/* What asks about one version is answered for that one. */
	sp_rule_init(&ask);
	ask.id = 7;
	ask.owner = 1000;
	ask.hash = (char *)SUM;
	sp_offer_init(&offer, &waiting, &ask, TRUE, 1000);
	ck_assert(!sp_offer_find_scope(&offer, "anything/this-version", &scope, &version));
	ck_assert_str_eq(offer.rules[SP_SCOPE_ANYTHING].hash, SUM);
	sp_offer_clear(&offer);
}
END_TEST

/* A program, a service of the system's, a name server, or who listens where only root's
 * services can. A user's own unit is whatever he says. */
static gboolean names_who(const struct sp_rule *rule)
{
	const struct sp_ports *port = &rule->local_port;

	return rule->program || (rule->unit && !g_str_has_prefix(rule->unit, "user:")) ||
	       rule->remote_kind == SP_REMOTE_RESOLVER ||
	       (rule->direction == SP_IN && port->last && port->last < 1024);
}

/* A port; where the protocol has none, one address. */
static gboolean names_where(const struct sp_rule *rule)
{
	if (rule->protocol == IPPROTO_ICMPV6)
		return rule->remote_kind == SP_REMOTE_PREFIX && rule->remote.length == 128;
	return rule->remote_port.last < 65535 || rule->local_port.last < 65535;
}

/* What is shipped can be read, and names who and where of each. */
static void assert_starter(const char *file, guint at_least)
{
	g_autofree char *path = g_build_filename(g_getenv("DATA"), file, NULL);
	g_autofree char *text = NULL;
	g_autoptr(GArray) rules = NULL;
	gsize length;

	ck_assert(g_file_get_contents(path, &text, &length, NULL));
	rules = sp_starter_parse(text, length, NULL);
	ck_assert_ptr_nonnull(rules);
	ck_assert_uint_ge(rules->len, at_least);
	for (guint i = 0; i < rules->len; i++) {
		const struct sp_rule *rule = &g_array_index(rules, struct sp_rule, i);

		ck_assert_int_eq(rule->action, SP_ALLOW);
		ck_assert_uint_eq(rule->owner, SP_SYSTEM);
		ck_assert_ptr_nonnull(rule->note);
		ck_assert(names_who(rule));
		ck_assert(names_where(rule));
	}
}

START_TEST(starter_rules)
{
	assert_starter("starter.rules", 20);
	assert_starter("starter-ssh.rules", 1);
}
END_TEST

START_TEST(starter_rules_with_an_error)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(sp_starter_parse("#: why\nallow out prot tcp\n", 28, &error));
	ck_assert_ptr_nonnull(strstr(error->message, "line 2"));
}
END_TEST

START_TEST(an_open_ssh_session)
{
	static const char head[] =
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n";
	g_autofree char *open = g_strconcat(head,
		"   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
		"   1: 0A00020F:0016 0A000202:C5B2 01 00000000:00000000 02:000A2B4C 00000000\n", NULL);
	g_autofree char *six = g_strconcat(head,
		"   0: 0000000000000000FFFF00000F02000A:0016 0000000000000000FFFF00000202000A:D431 01 0\n",
		NULL);
	g_autofree char *listens = g_strconcat(head,
		"   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000\n"
		"   1: 0A00020F:C5B2 0A000202:0016 01 00000000:00000000 02:000A2B4C 00000000\n", NULL);

	ck_assert(sp_starter_has_ssh(open));
	ck_assert(sp_starter_has_ssh(six));
	ck_assert(!sp_starter_has_ssh(listens));
	ck_assert(!sp_starter_has_ssh(""));
}
END_TEST

static void on_looked(struct sp_store_result *result, void *data)
{
	ck_assert_int_eq(result->error, SP_STORE_NO_CHANGE);
	++*(guint *)data;
}

static void on_expired(struct sp_store_result *result, void *data)
{
	ck_assert_int_eq(result->error, SP_STORE_OK);
	*(gboolean *)data = TRUE;
}

/* Their results come by the main loop, so until then all of them are under way. */
START_TEST(who_reads_the_store_keeps_no_change_out)
{
	g_autofree char *folder = g_dir_make_tmp("sallyport-store-XXXXXX", NULL);
	g_autofree char *command = g_strdup_printf("rm -r %s", folder);
	g_autofree char *damaged = NULL;
	g_autoptr(GArray) rules = NULL;
	struct sp_store_thread *thread = sp_store_thread_start(folder, NULL, NULL, &rules, &damaged,
							       NULL);
	guint looks = 0, looked = 0;
	gboolean expired = FALSE;

	ck_assert_ptr_nonnull(thread);
	while (sp_store_thread_change(thread, 1, FALSE, 1000, on_looked, &looked))
		ck_assert_uint_lt(looks++, 1000);
	ck_assert(!sp_store_thread_journal(thread, 1, on_looked, &looked));
	ck_assert(sp_store_thread_expire(thread, 1, on_expired, &expired));
	while (looked < looks || !expired)
		g_main_context_iteration(NULL, TRUE);
	ck_assert(sp_store_thread_change(thread, 1, FALSE, 1000, on_looked, &looked));
	sp_store_thread_stop(thread);
	while (looked <= looks)
		g_main_context_iteration(NULL, TRUE);
	sp_store_thread_free(thread);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

static void on_link_room(void *data)
{
	++*(guint *)data;
}

/* As many as the thread owes us replies to at most; then again, and none is left out. */
START_TEST(names_are_told_as_there_is_room)
{
	static const struct sp_verdict_config config;
	const struct sp_defaults defaults = { SP_DENY, SP_DENY };
	struct sp_snapshot *snapshot = sp_snapshot_new(NULL, 0, &defaults, 1, 0);
	guint room = 0, told = 1;
	struct sp_link *link = sp_link_new(&config, &(struct sp_link_handler){
		.room = on_link_room, .data = &room });
	static const struct sp_dns_reply reply;

	ck_assert(sp_link_tell(link, &reply));	/* nobody is there */
	ck_assert(freopen("/dev/null", "w", stdout));	/* what the fake says is no point */
	sp_link_start(link, snapshot);
	while (sp_link_tell(link, &reply))
		told++;
	ck_assert_uint_eq(told, 32);
	ck_assert_uint_eq(room, 0);
	while (!room)
		g_main_context_iteration(NULL, TRUE);
	while (g_main_context_iteration(NULL, FALSE))
		;
	ck_assert_uint_eq(room, 1);
	ck_assert(sp_link_tell(link, &reply));
	sp_link_free(link);
	sp_snapshot_unref(snapshot);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("daemon");
	TCase *tests = tcase_create("daemon");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, config_values);
	tcase_add_test(tests, config_errors);
	tcase_add_test(tests, effects);
	tcase_add_test(tests, every_method_is_listed);
	tcase_add_test(tests, one_question_of_several_flows);
	tcase_add_test(tests, snoozing);
	tcase_add_test(tests, addresses_are_written_as_the_system_does);
	tcase_add_test(tests, counters_have_names);
	tcase_add_test(tests, answers_say_what_the_ask_says);
	tcase_add_test(tests, answers_for_this_version);
	tcase_add_test(tests, starter_rules);
	tcase_add_test(tests, starter_rules_with_an_error);
	tcase_add_test(tests, an_open_ssh_session);
	tcase_add_test(tests, who_reads_the_store_keeps_no_change_out);
	tcase_add_test(tests, names_are_told_as_there_is_room);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
