/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists: what their files may say, what they answer, and what they weigh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lists.h"
#include "unit.h"

#define MILLION 1000000
#define MANY_PREFIXES 500000
#define MEMORY_MAX (64u << 20)

static struct sp_list *list;
static struct sp_text_error error;

static struct sp_list *read_bytes(const char *text, size_t length)
{
	FILE *file = length ? fmemopen((void *)(uintptr_t)text, length, "r") : fopen("/dev/null", "r");
	struct sp_list *result = sp_list_read("some", file, &error);

	fclose(file);
	return result;
}

static void read_text(const char *text)
{
	list = read_bytes(text, strlen(text));
	ck_assert_msg(list, "%u:%u: %s", error.line, error.column, error.message);
}

static void expect_fault(const char *text, size_t length, unsigned line, unsigned column,
			 const char *word)
{
	ck_assert_ptr_null(read_bytes(text, length));
	ck_assert_msg(error.line == line && error.column == column && strstr(error.message, word),
		      "expected %u:%u: %s, got %u:%u: %s", line, column, word, error.line,
		      error.column, error.message);
}

#define FAULT(text, line, column, word) expect_fault(text, sizeof(text) - 1, line, column, word)

/* Is it in the list, with a proof of @length bits? */
static bool has(const char *address, uint8_t length)
{
	uint8_t bytes[16], bits = 255;
	bool answer;

	unit_address(address, bytes);
	answer = sp_list_has_address(list, bytes, &bits);
	ck_assert_uint_eq(bits, length);
	return answer;
}

START_TEST(domains_have_what_is_beneath)
{
	read_text("example.org\n.b.test\n*.c.test\nD.Test.\nx\n");
	ck_assert(sp_list_has_name(list, "example.org"));
	ck_assert(sp_list_has_name(list, "a.b.example.org"));
	ck_assert(!sp_list_has_name(list, "notexample.org"));
	ck_assert(!sp_list_has_name(list, "org"));
	ck_assert(sp_list_has_name(list, "b.test") && sp_list_has_name(list, "x.b.test"));
	ck_assert(sp_list_has_name(list, "c.test") && sp_list_has_name(list, "d.test"));
	ck_assert(sp_list_has_name(list, "x") && sp_list_has_name(list, "a.x"));
	ck_assert_uint_eq(sp_list_names(list), 5);
	sp_list_unref(list);
}
END_TEST

START_TEST(hosts_files_name_hosts)
{
	read_text("# hosts\r\n127.0.0.1 localhost\n::1\tip6-localhost  ip6-loopback\n"
		  "0.0.0.0 0.0.0.0\n0.0.0.0 ads.example.org\tx.test # two\n"
		  "0.0.0.0 both.test\nboth.test\n");
	ck_assert(sp_list_has_name(list, "ads.example.org"));
	ck_assert(!sp_list_has_name(list, "a.ads.example.org"));
	ck_assert(!sp_list_has_name(list, "example.org"));
	ck_assert(sp_list_has_name(list, "x.test"));
	ck_assert(sp_list_has_name(list, "beneath.both.test"));
	ck_assert(!sp_list_has_name(list, "localhost"));
	ck_assert(!has("127.0.0.1", 0));
	ck_assert_uint_eq(sp_list_names(list), 3);
	sp_list_unref(list);
}
END_TEST

START_TEST(addresses_and_their_proofs)
{
	read_text("192.0.2.0/24\n192.0.2.7\n2001:db8::/32\n10.0.0.1-10.0.0.2\n");
	ck_assert_uint_eq(sp_list_prefixes(list), 4);	/* one is in another */
	ck_assert(has("192.0.2.7", 96 + 24));
	ck_assert(has("10.0.0.1", 128) && has("10.0.0.2", 128));
	ck_assert(!has("10.0.0.3", 128) && !has("10.0.0.0", 128));
	ck_assert(!has("192.0.3.0", 96 + 24));
	ck_assert(!has("2001:db9::", 32));
	ck_assert(has("2001:db8::5", 32));
	sp_list_unref(list);
}
END_TEST

START_TEST(says_what_is_wrong)
{
	FAULT("a.test\nb..test\n", 2, 1, "empty part");
	FAULT("192.0.2.1/24\n", 1, 1, "192.0.2.0/24");
	FAULT("# fine\n\n  192.0.2.300\n", 3, 3, "no address");
	FAULT("a.test b.test\n", 1, 1, "one word");
	FAULT("||ads.example^\n", 1, 1, "letters");
	FAULT("0.0.0.0 ok.test b\xc3\xbc.test\n", 1, 17, "letters");
	FAULT("a\0b\n", 1, 2, "NUL");
	FAULT("a\0\1\nb\n", 1, 2, "NUL");
	FAULT("a\nb\0", 2, 2, "NUL");
	FAULT("::/0\n", 1, 1, "every IPv4");
	ck_assert_ptr_null(sp_list_read("../x", stdin, &error));
	ck_assert_ptr_null(sp_list_load("a", "/nowhere/at/all", &error));
	ck_assert_uint_eq(error.line, 0);
	ck_assert_ptr_null(sp_list_load("a", "/", &error));
}
END_TEST

START_TEST(limits_lines)
{
	static char line[SP_LIST_LINE_MAX + 2];

	memset(line, ' ', sizeof(line));
	line[SP_LIST_LINE_MAX] = '\n';
	list = read_bytes(line, SP_LIST_LINE_MAX + 1);
	ck_assert_ptr_nonnull(list);
	sp_list_unref(list);
	line[SP_LIST_LINE_MAX] = ' ';
	line[SP_LIST_LINE_MAX + 1] = '\n';
	expect_fault(line, sizeof(line), 1, SP_LIST_LINE_MAX + 1, "longer than");
}
END_TEST

START_TEST(a_folder_is_no_list)
{
	struct sp_text_error fault;

	ck_assert_ptr_null(sp_list_load("x", "/", &fault));
	ck_assert_uint_eq(fault.line, 0);
	ck_assert_ptr_null(sp_list_load("x", "/nowhere/at/all", &fault));
	ck_assert_uint_eq(fault.line, 0);
}
END_TEST

START_TEST(takes_an_empty_file)
{
	list = read_bytes("", 0);
	ck_assert_ptr_nonnull(list);
	ck_assert(!has("192.0.2.1", 0) && !sp_list_has_name(list, "a.test"));
	ck_assert_str_eq(sp_list_name(list), "some");
	sp_list_unref(sp_list_ref(list));
	sp_list_unref(list);
	sp_list_unref(NULL);
}
END_TEST

/* Names as long as those of real lists are, 20 bytes. */
START_TEST(a_million_domains_fit)
{
	FILE *file = tmpfile();
	char name[64];

	for (unsigned i = 0; i < MILLION; i++)
		fprintf(file, "host%07u.ads%02u.test\n", i, i % 100);
	rewind(file);
	list = sp_list_read("million", file, &error);
	ck_assert_ptr_nonnull(list);
	ck_assert_uint_eq(sp_list_names(list), MILLION);
	ck_assert_uint_le(sp_list_memory(list), MEMORY_MAX);
	printf("# a million domains: %.1f MB\n", (double)sp_list_memory(list) / (1 << 20));
	for (unsigned i = 0; i < MILLION; i += 997) {
		snprintf(name, sizeof(name), "www.host%07u.ads%02u.test", i, i % 100);
		ck_assert(sp_list_has_name(list, name));
		snprintf(name, sizeof(name), "host%07u.ads%02u.test", i, (i + 1) % 100);
		ck_assert(!sp_list_has_name(list, name));
	}
	sp_list_unref(list);
	fclose(file);
}
END_TEST

START_TEST(half_a_million_prefixes_fit)
{
	struct unit_random random = { 5 };
	FILE *file = tmpfile();

	for (unsigned i = 0; i < MANY_PREFIXES; i++)
		fprintf(file, "2001:%x:%x:%x::/64\n", i >> 12, i & 0xfff, 1 + unit_below(&random, 9));
	rewind(file);
	list = sp_list_read("many", file, &error);
	ck_assert_ptr_nonnull(list);
	ck_assert_uint_eq(sp_list_prefixes(list), MANY_PREFIXES);
	ck_assert_uint_le(sp_list_memory(list), MEMORY_MAX);
	printf("# 500,000 prefixes: %.1f MB\n", (double)sp_list_memory(list) / (1 << 20));
	sp_list_unref(list);
	fclose(file);
}
END_TEST

/* Against looking at each prefix; and every flow that agrees in the proof has the answer. */
START_TEST(proofs_hold)
{
	struct unit_random random = { 6 };
	struct sp_prefix prefixes[40];
	char text[4096];

	for (unsigned round = 0; round < 300; round++) {
		size_t length = 0, count = 1 + unit_below(&random, 40);

		for (size_t i = 0; i < count; i++) {
			unsigned bits = 8 + unit_below(&random, 25);
			uint32_t address = (10u << 24 | unit_below(&random, 1 << 24)) &
					   (UINT32_MAX << (32 - bits));

			length += (size_t)snprintf(text + length, sizeof(text) - length,
				"%u.%u.%u.%u/%u\n", address >> 24, address >> 16 & 255,
				address >> 8 & 255, address & 255, bits);
			memset(&prefixes[i], 0, sizeof(prefixes[i]));
			memset(prefixes[i].address + 10, 0xff, 2);
			for (int b = 0; b < 4; b++)
				prefixes[i].address[12 + b] = (uint8_t)(address >> (24 - 8 * b));
			prefixes[i].length = (uint8_t)(96 + bits);
		}
		list = read_bytes(text, length);
		ck_assert_ptr_nonnull(list);
		for (unsigned n = 0; n < 200; n++) {
			uint8_t address[16] = { [10] = 0xff, 0xff, 10 }, other[16], bits, unused;
			bool answer, expected = false;

			for (int b = 13; b < 16; b++)
				address[b] = (uint8_t)unit_below(&random, 256);
			answer = sp_list_has_address(list, address, &bits);
			for (size_t i = 0; i < count; i++) {
				bool in = true;

				for (unsigned b = 0; b < prefixes[i].length; b++)
					in &= !((prefixes[i].address[b / 8] ^ address[b / 8]) & (0x80 >> b % 8));
				expected |= in;
			}
			ck_assert_int_eq(answer, expected);
			memcpy(other, address, 16);
			for (unsigned b = bits; b < 128; b++)
				if (unit_chance(&random, 2))
					other[b / 8] ^= (uint8_t)(0x80 >> b % 8);
			ck_assert_int_eq(sp_list_has_address(list, other, &unused), answer);
		}
		sp_list_unref(list);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lists");
	TCase *tcase = tcase_create("lists");

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, domains_have_what_is_beneath);
	tcase_add_test(tcase, hosts_files_name_hosts);
	tcase_add_test(tcase, addresses_and_their_proofs);
	tcase_add_test(tcase, says_what_is_wrong);
	tcase_add_test(tcase, limits_lines);
	tcase_add_test(tcase, a_folder_is_no_list);
	tcase_add_test(tcase, takes_an_empty_file);
	tcase_add_test(tcase, a_million_domains_fit);
	tcase_add_test(tcase, half_a_million_prefixes_fit);
	tcase_add_test(tcase, proofs_hold);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
