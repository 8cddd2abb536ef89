/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sentence.c and literal.c: what people read. */
#include <libintl.h>
#include <stdlib.h>
#include <string.h>
#include "sentence.h"
#include "unit.h"

#undef dgettext
#undef dcgettext

/* What another language makes of an allow; NULL: English is read. */
static const char *translated;

char *dcgettext(const char *domain, const char *text, int category)
{
	(void)domain;
	(void)category;
	if (translated && !strcmp(text, "Allow {1} to connect to {2}."))
		return (char *)translated;
	return (char *)text;
}

char *dgettext(const char *domain, const char *text)
{
	return dcgettext(domain, text, 0);
}

static const struct {
	const char *line, *sentence;
} sentences[] = {
	{ "allow out program /usr/bin/curl to 192.0.2.1 port 80 protocol tcp",
	  "Allow curl (/usr/bin/curl) to connect to 192.0.2.1 on port 80 (TCP)." },
	{ "allow in program /usr/sbin/sshd from 192.0.2.0/24 port 22",
	  "Allow sshd (/usr/sbin/sshd) to accept connections from 192.0.2.0/24 on port 22." },
	{ "deny out", "Deny connections by any program to any address." },
	{ "drop out port 135-139 protocol udp",
	  "Silently drop connections by any program to any address on ports 135-139 (UDP)." },
	{ "ask out program /a", "Ask before a (/a) connects to any address." },
	{ "deny in", "Deny connections to any program from any address." },
	{ "drop in protocol icmpv6", "Silently drop connections to any program from any address (ICMPv6)." },
	{ "ask in user 1000",
	  "Ask before any program of user 1000 accepts connections from any address." },
	{ "ask out owner 1000", "Ask before any program connects to any address." },
	{ "allow out protocol 200", "Allow any program to connect to any address (protocol 200)." },
	{ "allow out protocol udplite local-port 5-6",
	  "Allow any program to connect to any address (UDP-Lite), from local ports 5-6." },
	{ "allow in remote-port 53 port 1000",
	  "Allow any program to accept connections from any address on port 1000, from remote port 53." },
	{ "allow out to 2001:db8::/32 interface wg0",
	  "Allow any program to connect to 2001:db8::/32, through interface wg0." },
	{ "floor deny out until 2030-01-02T03:04:05Z",
	  "Deny connections by any program to any address, until 2030-01-02T03:04:05Z. Nothing overrides this." },
	{ "disabled allow out",
	  "Allow any program to connect to any address. (Switched off.)" },
	{ "log allow out program like /opt/a-*/b package p to www.example.org",
	  "Allow any program like /opt/a-*/b of package p to connect to www.example.org. It is logged." },
	{ "allow out app snap:a unit a.service script /s parent /p to domain example.org",
	  "Allow any program of application snap:a in unit a.service running script /s started by /p to connect to example.org and every name beneath it." },
	{ "deny out traced yes to @trackers",
	  "Deny connections by any program, while it is traced, to whatever is in the list trackers." },
	{ "allow out traced no to 192.0.2.1-192.0.2.9 network home",
	  "Allow any program, unless it is traced, to connect to addresses from 192.0.2.1 to 192.0.2.9, in the network home." },
	{ "allow out process 5 cgroup 6 until quit boot 0123456789abcdef0123456789abcdef",
	  "Allow one running program (instance 5) (control group 6) to connect to any address, until the program quits." },
	{ "allow in from lan until reboot boot 0123456789abcdef0123456789abcdef",
	  "Allow any program to accept connections from the local network, until the machine is started again." },
	{ "ask out to internet until logout session 3 boot 0123456789abcdef0123456789abcdef",
	  "Ask before any program connects to the internet, until log-out." },
	{ "allow out to resolver", "Allow any program to connect to this machine's name servers." },
	{ "deny out to loopback", "Deny connections by any program to this machine itself." },
	{ "drop out to multicast", "Silently drop connections by any program to groups in the network." },
	{ "allow out program /a hash 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	  "Allow a (/a) with SHA-256 sum 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef to connect to any address." },
	{ "allow out program \"/tmp/a {2} \\xe2\\x80\\xae\"",
	  "Allow a {2} \\u{202E} (/tmp/a {2} \\u{202E}) to connect to any address." },
};

START_TEST(says_rules)
{
	struct sp_rule rule;
	char *sentence;

	rule = unit_rule(sentences[_i].line, 1);
	sentence = sp_sentence(&rule);
	ck_assert_str_eq(sentence, sentences[_i].sentence);
	free(sentence);
	sp_rule_clear(&rule);
}
END_TEST

/* Who begins with a capital letter, a program is called what it is called. */
static const struct {
	const char *line, *phrase, *sentence;
} others[] = {
	{ "allow out", "{1} may connect to {2}.", "Any program may connect to any address." },
	{ "allow out program /usr/bin/curl", "{1} may connect to {2}.",
	  "curl (/usr/bin/curl) may connect to any address." },
	{ "allow out", "~ {1}: {2}", "~ any program: any address" },
};

START_TEST(begins_as_a_sentence_does)
{
	struct sp_rule rule = unit_rule(others[_i].line, 1);
	char *sentence;

	translated = others[_i].phrase;
	sentence = sp_sentence(&rule);
	translated = NULL;
	ck_assert_str_eq(sentence, others[_i].sentence);
	free(sentence);
	sp_rule_clear(&rule);
}
END_TEST

static const struct {
	const char *text, *shown;
} literals[] = {
	{ "", "" },
	{ "curl", "curl" },
	{ "é 中 😀 ~", "é 中 😀 ~" },
	{ "a\nb\x1b[31m\x7f\t", "a\\x0Ab\\x1B[31m\\x7F\\x09" },
	{ "\xc2\x85", "\\u{0085}" },
	{ "\xe2\x80\xaegpj.exe", "\\u{202E}gpj.exe" },
	{ "\xe2\x80\x8b\xe2\x81\xa6\xef\xbb\xbf\xd8\x9c\xc2\xad", "\\u{200B}\\u{2066}\\u{FEFF}\\u{061C}\\u{00AD}" },
	{ "\xf3\xa0\x81\x81", "\\u{E0041}" },
	{ "a\xff\xc3", "a\\xFF\\xC3" },
	{ "\\x0A", "\\\\x0A" },
	{ "\xed\xa0\x80", "\\xED\\xA0\\x80" },
};

START_TEST(makes_text_harmless)
{
	char *shown = sp_text_literal(literals[_i].text, strlen(literals[_i].text));

	ck_assert_str_eq(shown, literals[_i].shown);
	free(shown);
}
END_TEST

START_TEST(gives_the_text_back)
{
	char *text = sp_text_of_literal(literals[_i].shown);

	ck_assert_str_eq(text, literals[_i].text);
	free(text);
}
END_TEST

START_TEST(knows_what_is_no_literal)
{
	static const char *const none[] = {
		"\\", "a\\", "\\y", "\\x", "\\x4", "\\xag", "\\x00", "\\u", "\\u{", "\\u{}",
		"\\u{41", "\\u{110000}", "\\u{0000041}", "\\u{0}", "\\u{4 1}", "\\u{-1}", "\\x 4",
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(!sp_text_of_literal(none[i]), "%s", none[i]);
}
END_TEST

START_TEST(takes_nul_bytes)
{
	char *shown = sp_text_literal("a\0b", 3);

	ck_assert_str_eq(shown, "a\\x00b");
	free(shown);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sentence");
	TCase *tcase = tcase_create("sentence");

	tcase_add_loop_test(tcase, says_rules, 0, sizeof(sentences) / sizeof(sentences[0]));
	tcase_add_loop_test(tcase, begins_as_a_sentence_does, 0, sizeof(others) / sizeof(others[0]));
	tcase_add_loop_test(tcase, makes_text_harmless, 0, sizeof(literals) / sizeof(literals[0]));
	tcase_add_loop_test(tcase, gives_the_text_back, 0, sizeof(literals) / sizeof(literals[0]));
	tcase_add_test(tcase, knows_what_is_no_literal);
	tcase_add_test(tcase, takes_nul_bytes);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
