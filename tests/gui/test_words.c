/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What prompt and notifications say. */
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "facts.h"
#include "headline.h"
#include "questions.h"
#include "refused.h"
#include "unit.h"

static void assert_headline(struct sp_question *q, const char *wanted)
{
	struct sp_headline headline;
	g_auto(GStrv) words = NULL;
	g_autofree char *plain = NULL;

	sp_headline_of(q, &headline);
	words = g_strsplit(headline.text, "\u00a0", -1);
	plain = g_strjoinv(" ", words);
	ck_assert_str_eq(plain, wanted);
	sp_headline_clear(&headline);
	sp_question_free(q);
}

static struct sp_question *inbound(const char *protocol, guint port)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "direction", "s", "in");
	g_variant_dict_insert(&dict, "name", "s", "sshd");
	g_variant_dict_insert(&dict, "protocol", "s", protocol);
	g_variant_dict_insert(&dict, "local-port", "u", port);
	g_variant_dict_insert(&dict, "remote-port", "u", 50000);
	return gui_question(1, &dict);
}

START_TEST(headlines)
{
	GVariantDict dict;

	assert_headline(gui_question(1, NULL),
			"curl wants to connect to 192.0.2.1 on HTTPS (TCP 443).");
	assert_headline(gui_question_with(1, "host", "shop.test"),
			"curl wants to connect to shop.test on HTTPS (TCP 443).");
	assert_headline(inbound("tcp", 22),
			"sshd would accept a connection from 192.0.2.1 on SSH (TCP 22).");
	assert_headline(inbound("udp", 4711),
			"sshd would receive data from 192.0.2.1 on port 4711 (UDP).");
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "protocol", "s", "icmp");
	g_variant_dict_insert(&dict, "remote-port", "u", 0);
	assert_headline(gui_question(1, &dict),
			"curl wants to connect to 192.0.2.1 on protocol ICMP.");
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "user", "u", getuid() + 1);
	g_variant_dict_insert(&dict, "remote-port", "u", 4711);
	assert_headline(gui_question(1, &dict),
			"The system program curl wants to connect to 192.0.2.1 on port 4711 (TCP).");
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "name", "s", "");
	g_variant_dict_insert(&dict, "program", "s", "");
	assert_headline(gui_question(1, &dict),
			"an unknown program wants to connect to 192.0.2.1 on HTTPS (TCP 443).");
}
END_TEST

static void assert_many(struct sp_question *first, guint count, const char *wanted)
{
	struct sp_headline headline;

	sp_headline_of_many(first, count, &headline);
	ck_assert_str_eq(headline.text, wanted);
	sp_headline_clear(&headline);
	sp_question_free(first);
}

START_TEST(headlines_of_many)
{
	assert_many(gui_question(1, NULL), 12, "curl wants to make 12 connections.");
	assert_many(inbound("tcp", 22), 5, "sshd would accept 5 connections.");
}
END_TEST

/* A name can't add to the sentence, nor be taken for a place in it. */
START_TEST(names_are_pieces)
{
	const char *const pieces[SP_SPANS] = { "{2}{3}", "b", "c" };
	const char *const hebrew[SP_SPANS] = { "אב", "b", "c" };
	struct sp_headline headline;

	sp_headline_expand("{1} to {2}", pieces, &headline);
	ck_assert_str_eq(headline.text, "{2}{3} to b");
	ck_assert_uint_eq(headline.count, 2);
	ck_assert_uint_eq(headline.spans[0].start, 0);
	ck_assert_uint_eq(headline.spans[0].end, 6);
	ck_assert_uint_eq(headline.spans[1].start, 10);
	sp_headline_clear(&headline);
	/* A translator can turn them round. */
	sp_headline_expand("{2} from {1}", pieces, &headline);
	ck_assert_str_eq(headline.text, "b from {2}{3}");
	sp_headline_clear(&headline);
	sp_headline_expand("{1} to {2}", hebrew, &headline);
	ck_assert_str_eq(headline.text, "\u2068אב\u2069 to b");
	sp_headline_clear(&headline);
}
END_TEST

static void assert_badge(const char *key, const char *text, const char *wanted, enum sp_tone tone)
{
	struct sp_question *q = gui_question_with(1, key, text);
	enum sp_tone got;

	ck_assert_str_eq(sp_facts_badge(q, &got), wanted);
	ck_assert_int_eq(got, tone);
	sp_question_free(q);
}

static void assert_packaged(const char *state, const char *wanted, enum sp_tone tone)
{
	struct sp_question *q;
	GVariantDict dict;
	enum sp_tone got;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "package", "s", "curl");
	g_variant_dict_insert(&dict, "package-state", "s", state);
	q = gui_question(1, &dict);
	ck_assert_str_eq(sp_facts_badge(q, &got), wanted);
	ck_assert_int_eq(got, tone);
	sp_question_free(q);
}

static struct sp_question *flagged(const char *flag)
{
	const char *const flags[] = { flag, NULL };
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	return gui_question(1, &dict);
}

START_TEST(badges_say_what_is_proven)
{
	struct sp_question *q = flagged("deleted");
	enum sp_tone tone;

	ck_assert_str_eq(sp_facts_badge(q, &tone), "Deleted from disk");
	ck_assert_int_eq(tone, SP_TONE_BAD);
	sp_question_free(q);
	assert_badge("program", "/usr/bin/curl", "In a system folder", SP_TONE_PLAIN);
	assert_badge("program", "/usr/binary/curl", "Not in a system folder", SP_TONE_PLAIN);
	assert_badge("program", "/home/alice/curl", "In a home folder", SP_TONE_WARN);
	assert_badge("program", "/tmp/curl", "In a temporary place", SP_TONE_WARN);
	assert_badge("program", "", "File unknown", SP_TONE_WARN);
	assert_badge("package", "curl", "Packaged", SP_TONE_PLAIN);
	assert_packaged("unmodified", "Packaged and unmodified", SP_TONE_GOOD);
	assert_packaged("modified", "Packaged, but modified", SP_TONE_BAD);
}
END_TEST

static void assert_past(guint allowed, guint denied, guint hosts, const char *wanted)
{
	struct sp_question *q;
	GVariantDict dict;
	g_autofree char *text = NULL;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "past", "(uuu)", allowed, denied, hosts);
	q = gui_question(1, &dict);
	text = sp_facts_past(q);
	ck_assert_str_eq(text, wanted);
	sp_question_free(q);
}

START_TEST(the_past_in_words)
{
	struct sp_question *q = gui_question(1, NULL);

	ck_assert_ptr_null(sp_facts_past(q));	/* unknown is not "never" */
	sp_question_free(q);
	assert_past(0, 0, 0, "Its first connection lately");
	assert_past(1, 0, 1, "Lately allowed once to one address");
	assert_past(41, 2, 6, "Lately allowed 41 times to 6 addresses, denied 2 times");
	assert_past(0, 1, 0, "Lately denied once");
}
END_TEST

/* Who listens is told apart from who goes out. */
START_TEST(listeners_are_told)
{
	struct sp_question *in = inbound("tcp", 22), *out = gui_question(1, NULL);
	g_autofree char *warning = sp_facts_warning(in), *none = sp_facts_warning(out);

	ck_assert_str_eq(warning, "It listens: whoever is let in can use what it offers.");
	ck_assert_str_eq(none, "");
	sp_question_free(in);
	sp_question_free(out);
}
END_TEST

static void assert_warning(struct sp_question *q, const char *part)
{
	g_autofree char *warning = sp_facts_warning(q);

	ck_assert_msg(strstr(warning, part) != NULL, "%s", warning);
	sp_question_free(q);
}

START_TEST(what_is_unusual_is_told)
{
	GVariantDict dict;

	assert_warning(flagged("changed"), "not the version that you allowed");
	assert_warning(flagged("deleted"), "replaced or removed after it was started");
	assert_warning(flagged("traced"), "Another program can change what it does");
	assert_warning(flagged("group"), "every program that listens gets it");
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "user", "u", getuid() + 1);
	g_variant_dict_insert(&dict, "user-name", "s", "backup");
	assert_warning(gui_question(1, &dict), "It runs as the user backup, not as you.");
}
END_TEST

/* What a command line says is a claim; what was executed is known. */
START_TEST(scripts_that_were_executed_are_told)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "name", "s", "python3");
	g_variant_dict_insert(&dict, "runs", "s", "interpreter");
	g_variant_dict_insert(&dict, "script", "s", "/usr/bin/sync");
	assert_warning(gui_question(1, &dict), "python3 runs the script /usr/bin/sync.");
}
END_TEST

START_TEST(interpreters_are_told)
{
	struct sp_question *q;
	g_autofree char *warning = NULL;
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "name", "s", "python3");
	g_variant_dict_insert(&dict, "runs", "s", "interpreter");
	g_variant_dict_insert(&dict, "command-line", "s", "python3 -u sync.py --all");
	q = gui_question(1, &dict);
	warning = sp_facts_warning(q);
	ck_assert_ptr_nonnull(strstr(warning, "by its command line this is sync.py"));
	sp_question_free(q);
}
END_TEST

static void assert_badge_of(const char *key, const char *text, const char *flag,
			    const char *badge, enum sp_tone tone)
{
	const char *const flags[] = { flag, NULL };
	struct sp_question *q;
	enum sp_tone got;
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, key, "s", text);
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	q = gui_question(1, &dict);
	ck_assert_str_eq(sp_facts_badge(q, &got), badge);
	ck_assert_int_eq(got, tone);
	sp_question_free(q);
}

START_TEST(badges_of_sandboxes_and_changes)
{
	assert_badge_of("app", "flatpak:org.example.App", "foreign", "Flatpak", SP_TONE_PLAIN);
	assert_badge_of("app", "snap:hello", "foreign", "Snap", SP_TONE_PLAIN);
	assert_badge_of("container", "docker 1234", "foreign", "In a container", SP_TONE_BAD);
	assert_badge_of("package", "curl", "changed", "Changed since you allowed it", SP_TONE_BAD);
}
END_TEST

/* Anybody can give his own unit such a name. */
START_TEST(a_sandbox_by_its_own_word)
{
	const char *const flags[] = { "foreign", NULL };
	struct sp_question *q;
	enum sp_tone tone;
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "app", "s", "flatpak:org.example.App");
	g_variant_dict_insert(&dict, "unit", "s", "user:app-flatpak-org.example.App-1.scope");
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	q = gui_question(1, &dict);
	ck_assert_str_eq(sp_facts_badge(q, &tone), "Says it is a Flatpak");
	ck_assert_int_eq(tone, SP_TONE_WARN);
	sp_question_free(q);
}
END_TEST

START_TEST(out_of_an_appimage)
{
	const char *const flags[] = { "private", NULL };
	struct sp_question *q;
	enum sp_tone tone;
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "bundle", "s", "/home/alice/Shop.AppImage");
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	q = gui_question(1, &dict);
	ck_assert_str_eq(q->bundle, "/home/alice/Shop.AppImage");
	ck_assert_str_eq(sp_facts_badge(q, &tone), "Out of an AppImage");
	ck_assert_int_eq(tone, SP_TONE_WARN);
	sp_question_free(q);
}
END_TEST

START_TEST(where_it_comes_from)
{
	const char *const ancestors[] = { "/usr/bin/bash", "/usr/bin/gnome-shell",
					  "/usr/lib/systemd/systemd", NULL };
	g_autofree char *chain = NULL, *parents = NULL;
	struct sp_question *q;
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "ancestors", "^as", ancestors);
	q = gui_question(1, &dict);
	chain = sp_facts_chain(q);
	parents = sp_facts_started_by(q);
	ck_assert_str_eq(chain, "systemd \u2192 gnome-shell \u2192 bash \u2192 curl");
	ck_assert_str_eq(parents, "Started by bash, gnome-shell, systemd");
	sp_question_free(q);
	q = gui_question_with(1, "parent", "");
	ck_assert_ptr_null(sp_facts_chain(q));
	sp_question_free(q);
}
END_TEST

START_TEST(long_names_are_elided_in_the_middle)
{
	g_autofree char *name = g_strnfill(300, 'x');
	struct sp_headline headline;
	struct sp_question *q;

	name[0] = 'a';
	name[299] = 'z';
	q = gui_question_with(1, "name", name);
	sp_headline_of(q, &headline);
	ck_assert_int_lt(strlen(headline.text), 150);
	ck_assert(g_str_has_prefix(headline.text, "axxx"));
	ck_assert_ptr_nonnull(strstr(headline.text, "xxx\u2026xxx"));
	ck_assert_ptr_nonnull(strstr(headline.text, "xxxz wants to connect"));
	sp_headline_clear(&headline);
	sp_question_free(q);
}
END_TEST

START_TEST(why_it_is_asked)
{
	struct sp_question *q = gui_question_with(1, "rule-text", "ask out program /usr/bin/curl");
	g_autofree char *rule = sp_facts_why(q), *none = NULL;

	ck_assert_str_eq(rule, "A rule asks: ask out program /usr/bin/curl");
	sp_question_free(q);
	q = gui_question(1, NULL);
	none = sp_facts_why(q);
	ck_assert_str_eq(none, "No rule is about this");
	sp_question_free(q);
}
END_TEST

/* 64 digits are for details, not for a sentence. */
START_TEST(what_is_for_one_version_says_so)
{
	g_autofree char *effect = NULL, *command = NULL;
	struct sp_question *q;
	GVariantDict dict;
	guint scope;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "versions", "b", TRUE);
	q = gui_question(1, &dict);
	ck_assert(sp_question_has_versions(q));
	scope = (guint)sp_question_find_scope(q, "anything/this-version");
	effect = sp_facts_effect(q, scope, "allow", "always");
	command = sp_facts_command(q, scope, "allow", "always");
	ck_assert_str_eq(effect, "Allow curl (/usr/bin/curl) to connect to any address. "
				 "When the program is changed, it is asked about again.");
	ck_assert_ptr_nonnull(strstr(command, "hash e3b0c442"));
	sp_question_free(q);
}
END_TEST

START_TEST(domains_are_translated)
{
	GVariantBuilder builder;
	struct sp_question *q;
	g_autofree char *label = NULL;
	GVariantDict dict;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sss)"));
	g_variant_builder_add(&builder, "(sss)", "this-domain", "All of shop.test", "");
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert_value(&dict, "scopes", g_variant_builder_end(&builder));
	q = gui_question(1, &dict);
	label = sp_facts_scope(q, 0);
	ck_assert_str_eq(label, "All of shop.test");
	sp_question_free(q);
}
END_TEST

/* A rule that is made is never said to be none. */
START_TEST(rules_of_another_language)
{
	GVariantBuilder builder;
	struct sp_question *q;
	g_autofree char *effect = NULL;
	GVariantDict dict;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sss)"));
	g_variant_builder_add(&builder, "(sss)", "anything", "Anything", "allow out on fridays");
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert_value(&dict, "scopes", g_variant_builder_end(&builder));
	q = gui_question(1, &dict);
	effect = sp_facts_effect(q, 0, "deny", "always");
	ck_assert_str_eq(effect, "deny out on fridays");
	sp_question_free(q);
}
END_TEST

START_TEST(the_command_does_the_same)
{
	struct sp_question *q = gui_question_with(1, "program", "/opt/a'b $(x)");
	g_autofree char *always = sp_facts_command(q, 3, "deny", "always");
	g_autofree char *hour = sp_facts_command(q, 3, "allow", "1h");

	ck_assert_str_eq(always,
			 "sallyport rules add 'deny out program \"/opt/a'\\''b $(x)\"'");
	ck_assert_ptr_nonnull(strstr(hour, "rules add --for 1h 'allow out"));
	ck_assert_ptr_null(sp_facts_command(q, 3, "allow", "once"));
	ck_assert_ptr_null(sp_facts_command(q, 3, "allow", "quit"));
	sp_question_free(q);
}
END_TEST

START_TEST(effects)
{
	struct sp_question *q = gui_question(1, NULL);
	g_autofree char *deny = sp_facts_effect(q, 2, "deny", "always");
	g_autofree char *once = sp_facts_effect(q, 2, "deny", "once");
	g_autofree char *hour = sp_facts_effect(q, 3, "allow", "1h");
	g_autofree char *quit = sp_facts_effect(q, 3, "allow", "quit");

	ck_assert_str_eq(quit, "Allow curl (/usr/bin/curl) to connect to any address. "
			       "This holds until it quits.");
	ck_assert_str_eq(deny, "Deny connections by curl (/usr/bin/curl) to any address on port 443 (TCP).");
	ck_assert_str_eq(once, "No rule is made: the answer holds for what waits now.");
	ck_assert_str_eq(hour, "Allow curl (/usr/bin/curl) to connect to any address. "
			       "This holds for 1 hour.");
	sp_question_free(q);
}
END_TEST

static void refuse(struct sp_refused *refused, const char *program, const char *by,
		   const char *action, gboolean counts)
{
	GVariantDict dict;
	g_autoptr(GVariant) record = NULL;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "program", "s", program);
	g_variant_dict_insert(&dict, "by", "s", by);
	g_variant_dict_insert(&dict, "action", "s", action);
	g_variant_dict_insert(&dict, "direction", "s", "out");
	g_variant_dict_insert(&dict, "remote", "s", "192.0.2.1");
	g_variant_dict_insert(&dict, "remote-port", "u", 80);
	record = g_variant_ref_sink(g_variant_dict_end(&dict));
	ck_assert(sp_refused_add(refused, record) == counts);
}

START_TEST(refusals_are_gathered)
{
	struct sp_refused *refused = sp_refused_new();
	g_autofree char *one = NULL, *summary = NULL, *body = NULL;

	refuse(refused, "/usr/bin/curl", "rule", "deny", FALSE);
	refuse(refused, "/usr/bin/curl", "answer", "deny", FALSE);
	refuse(refused, "/usr/bin/curl", "nobody", "allow", FALSE);
	refuse(refused, "/usr/bin/curl", "deadline", "deny", TRUE);
	one = sp_refused_body(refused);
	ck_assert_str_eq(one, "curl → 192.0.2.1 port 80 – nobody answered in time");
	refuse(refused, "/usr/bin/curl", "deadline", "drop", TRUE);
	refuse(refused, "/usr/bin/wget", "limit", "deny", TRUE);
	summary = sp_refused_summary(refused);
	body = sp_refused_body(refused);
	ck_assert_str_eq(summary, "3 connections were refused");
	ck_assert_str_eq(body, "curl, 2 times – nobody answered in time\n"
			       "wget → 192.0.2.1 port 80 – too many were waiting");
	sp_refused_clear(refused);
	ck_assert_uint_eq(sp_refused_count(refused), 0);
	sp_refused_free(refused);
}
END_TEST

START_TEST(many_programs_are_a_few_lines)
{
	struct sp_refused *refused = sp_refused_new();
	g_autofree char *body = NULL;
	g_auto(GStrv) lines = NULL;

	for (int i = 0; i < 500; i++) {
		g_autofree char *program = g_strdup_printf("/opt/%d", i);

		refuse(refused, program, "limit", "deny", TRUE);
	}
	body = sp_refused_body(refused);
	lines = g_strsplit(body, "\n", -1);
	ck_assert_uint_eq(g_strv_length(lines), 5);
	ck_assert_uint_eq(sp_refused_count(refused), 500);
	sp_refused_free(refused);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("words");
	TCase *tests = tcase_create("words");

	setlocale(LC_ALL, "");
	tcase_add_test(tests, headlines);
	tcase_add_test(tests, headlines_of_many);
	tcase_add_test(tests, names_are_pieces);
	tcase_add_test(tests, badges_say_what_is_proven);
	tcase_add_test(tests, the_past_in_words);
	tcase_add_test(tests, listeners_are_told);
	tcase_add_test(tests, what_is_unusual_is_told);
	tcase_add_test(tests, scripts_that_were_executed_are_told);
	tcase_add_test(tests, interpreters_are_told);
	tcase_add_test(tests, badges_of_sandboxes_and_changes);
	tcase_add_test(tests, a_sandbox_by_its_own_word);
	tcase_add_test(tests, out_of_an_appimage);
	tcase_add_test(tests, where_it_comes_from);
	tcase_add_test(tests, long_names_are_elided_in_the_middle);
	tcase_add_test(tests, why_it_is_asked);
	tcase_add_test(tests, what_is_for_one_version_says_so);
	tcase_add_test(tests, domains_are_translated);
	tcase_add_test(tests, rules_of_another_language);
	tcase_add_test(tests, the_command_does_the_same);
	tcase_add_test(tests, effects);
	tcase_add_test(tests, refusals_are_gathered);
	tcase_add_test(tests, many_programs_are_a_few_lines);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
