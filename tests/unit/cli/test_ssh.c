/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Would a change end the ssh connection that it comes over? */
#include <stdlib.h>
#include <string.h>

#include "rule_text.h"
#include "ssh.h"
#include "unit.h"

#define CONNECTION	"192.0.2.9 50123 198.51.100.1 22"

/* Rules, a line each, as a stance. */
struct policy {
	GArray *typed;
	struct sp_rule rules[8];
	struct sp_stance stance;
};

static void fill(struct policy *policy, const char *mode, enum sp_action in, const char *text)
{
	g_autoptr(GError) error = NULL;

	policy->typed = *text ? sp_rule_text_parse(text, strlen(text), "test", SP_SYSTEM, &error) :
			g_array_new(FALSE, FALSE, sizeof(struct sp_typed_rule));
	ck_assert_msg(policy->typed != NULL, "%s", error ? error->message : "");
	policy->stance = (struct sp_stance){
		.rules = policy->rules, .count = policy->typed->len, .mode = mode,
		.defaults = { .out = SP_ASK, .in = in },
	};
	for (guint i = 0; i < policy->typed->len; i++) {
		policy->rules[i] = g_array_index(policy->typed, struct sp_typed_rule, i).rule;
		policy->rules[i].id = i + 1;
	}
}

static gboolean cut_off_seen(gboolean partial, const char *mode_before, const char *before,
			     const char *mode_after, const char *after)
{
	struct sp_flow_line flow;
	struct policy a, b;
	gboolean cut;

	ck_assert(sp_ssh_flow(CONNECTION, &flow));
	fill(&a, mode_before, SP_DENY, before);
	fill(&b, mode_after, SP_DENY, after);
	a.stance.partial = b.stance.partial = partial;
	cut = sp_ssh_cut_off(&flow, &a.stance, &b.stance);
	sp_flow_line_clear(&flow);
	g_array_unref(a.typed);
	g_array_unref(b.typed);
	return cut;
}

static gboolean cut_off(const char *mode_before, const char *before, const char *mode_after,
			const char *after)
{
	return cut_off_seen(FALSE, mode_before, before, mode_after, after);
}

START_TEST(the_flow_is_the_servers)
{
	struct sp_flow_line flow;
	static const guint8 from[16] = { [10] = 0xff, 0xff, 192, 0, 2, 9 };

	ck_assert(sp_ssh_flow(CONNECTION, &flow));
	ck_assert_int_eq(flow.flow.direction, SP_IN);
	ck_assert_uint_eq(flow.flow.local_port, 22);
	ck_assert_uint_eq(flow.flow.remote_port, 50123);
	ck_assert_mem_eq(flow.flow.remote, from, 16);
	sp_flow_line_clear(&flow);
	ck_assert(sp_ssh_flow("fe80::1%eth0 50123 fe80::2%eth0 22", &flow));
	sp_flow_line_clear(&flow);
	ck_assert(!sp_ssh_flow("", &flow));
	ck_assert(!sp_ssh_flow("192.0.2.9 50123 198.51.100.1", &flow));
	ck_assert(!sp_ssh_flow("192.0.2.9 50123 198.51.100.1 22 more", &flow));
	ck_assert(!sp_ssh_flow("a b c d", &flow));
}
END_TEST

START_TEST(what_denies_it_cuts_off)
{
	const char *ssh = "allow in program /usr/sbin/sshd port 22\n";

	ck_assert(cut_off("normal", ssh, "normal", ""));
	ck_assert(cut_off("normal", ssh, "normal",
			  "allow in program /usr/sbin/sshd port 22\nfloor deny in port 22\n"));
	ck_assert(cut_off("normal", ssh, "lockdown", ssh));
	ck_assert(!cut_off("normal", ssh, "off", ssh));
	ck_assert(!cut_off("normal", ssh, "normal",
			   "allow in program /usr/sbin/sshd port 22\ndeny in port 80\n"));
	ck_assert(!cut_off("normal", "floor allow in port 22\n", "lockdown",
			   "floor allow in port 22\n"));
	ck_assert(cut_off("off", "", "normal", ""));
	/* It did not pass before, either: older than the firewall. */
	ck_assert(!cut_off("normal", "", "normal", "deny out port 80\n"));
	ck_assert(!cut_off("lockdown", ssh, "lockdown", ""));
}
END_TEST

static gboolean cut_off_by_name(const char *rules, const char *before, const char *after)
{
	struct sp_flow_line flow;
	struct policy a, b;
	gboolean cut;

	ck_assert(sp_ssh_flow(CONNECTION, &flow));
	fill(&a, "normal", SP_DENY, rules);
	fill(&b, "normal", SP_DENY, rules);
	a.stance.network = before;
	b.stance.network = after;
	cut = sp_ssh_cut_off(&flow, &a.stance, &b.stance);
	sp_flow_line_clear(&flow);
	g_array_unref(a.typed);
	g_array_unref(b.typed);
	return cut;
}

/* "": it has no name, and each deny about networks holds. */
START_TEST(another_name_of_its_network_may_cut_off)
{
	const char *home = "allow in port 22 network home\n";
	const char *denied = "allow in port 22\ndeny in port 22 network cafe\n";

	ck_assert(cut_off_by_name(home, "home", "cafe"));
	ck_assert(cut_off_by_name(home, "home", ""));
	ck_assert(!cut_off_by_name(home, "", "home"));
	ck_assert(cut_off_by_name(denied, "home", "cafe"));
	ck_assert(cut_off_by_name(denied, "home", ""));
	ck_assert(!cut_off_by_name("allow in port 22\n", "home", ""));
}
END_TEST

/* What can't be known here may cut off. */
START_TEST(doubt_is_yes)
{
	ck_assert(cut_off("normal", "allow in port 22\n", "normal",
			  "allow in port 22\ndeny in port 22 package openssh-server\n"));
	ck_assert(!cut_off("normal", "allow in port 22\n", "normal",
			   "allow in port 22\nallow in program /usr/sbin/sshd port 22\n"));
}
END_TEST

/* Who sees his own rules only does not see by which the connection passes. */
START_TEST(a_hidden_rule_may_let_it_pass)
{
	ck_assert(!cut_off("normal", "", "normal", "deny in port 22\n"));
	ck_assert(cut_off_seen(TRUE, "normal", "", "normal", "deny in port 22\n"));
	ck_assert(cut_off_seen(TRUE, "normal", "", "normal", "ask in port 22\n"));
	ck_assert(cut_off_seen(TRUE, "normal", "", "lockdown", ""));
	ck_assert(!cut_off_seen(TRUE, "lockdown", "", "lockdown", ""));
	ck_assert(!cut_off_seen(TRUE, "normal", "", "normal", "allow in port 22\n"));
	ck_assert(!cut_off_seen(TRUE, "normal", "", "normal", "deny in port 80\n"));
	ck_assert(!cut_off_seen(TRUE, "normal", "", "off", ""));
}
END_TEST

START_TEST(the_connection_is_found)
{
	g_autofree char *found = NULL;

	g_setenv("SSH_CONNECTION", CONNECTION, TRUE);
	found = sp_ssh_connection();
	ck_assert_str_eq(found, CONNECTION);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ssh");
	TCase *tests = tcase_create("ssh");

	tcase_add_test(tests, the_flow_is_the_servers);
	tcase_add_test(tests, what_denies_it_cuts_off);
	tcase_add_test(tests, another_name_of_its_network_may_cut_off);
	tcase_add_test(tests, doubt_is_yes);
	tcase_add_test(tests, a_hidden_rule_may_let_it_pass);
	tcase_add_test(tests, the_connection_is_found);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
