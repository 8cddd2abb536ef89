/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers of packages, as rpm would write them and as it would not. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "identity.h"
#include "rpm.h"

enum { CHAR = 1, INT16 = 3, INT32 = 4, STRING = 6, BIN = 7, STRINGS = 8 };

#define SHA256 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define MD5 "0123456789abcdef0123456789abcdef"

/* A header that is being written. */
static GByteArray *entries, *data;
static GString *files;		/* what came of it */

static void put32(GByteArray *array, guint32 value)
{
	value = GUINT32_TO_BE(value);
	g_byte_array_append(array, (const guint8 *)&value, 4);
}

static void entry(guint32 tag, guint32 type, guint32 offset, guint32 count)
{
	put32(entries, tag);
	put32(entries, type);
	put32(entries, offset);
	put32(entries, count);
}

static void text(guint32 tag, guint32 type, guint32 count, const char *value, gsize length)
{
	entry(tag, type, data->len, count);
	g_byte_array_append(data, (const guint8 *)value, length);
}

#define TEXT(tag, type, count, value)	text(tag, type, count, value, sizeof(value))

static void numbers(guint32 tag, guint32 type, guint32 count, const guint32 *values)
{
	entry(tag, type, data->len, count);
	for (guint32 i = 0; i < count; i++) {
		guint16 brief = GUINT16_TO_BE((guint16)values[i]);

		if (type == INT32)
			put32(data, values[i]);
		else
			g_byte_array_append(data, (const guint8 *)&brief, 2);
	}
}

#define NUMBERS(tag, type, ...) \
	numbers(tag, type, G_N_ELEMENTS(((const guint32[]){ __VA_ARGS__ })), \
		(const guint32[]){ __VA_ARGS__ })

static void setup(void)
{
	entries = g_byte_array_new();
	data = g_byte_array_new();
	files = g_string_new(NULL);
}

static void teardown(void)
{
	g_byte_array_unref(entries);
	g_byte_array_unref(data);
	g_string_free(files, TRUE);
}

/* "/usr/bin/curl 8:0123…", a file a line. */
static void on_file(const struct sp_rpm_file *file, void *arg)
{
	g_string_append_printf(files, "%.*s%.*s %u:%.*s\n", (int)file->folder.length,
			       file->folder.text, (int)file->name.length, file->name.text,
			       file->digest.length ? file->algorithm : 0,
			       (int)file->digest.length, file->digest.text);
}

static GByteArray *whole(void)
{
	GByteArray *header = g_byte_array_new();

	put32(header, entries->len / 16);
	put32(header, data->len);
	g_byte_array_append(header, entries->data, entries->len);
	g_byte_array_append(header, data->data, data->len);
	return header;
}

/* In memory of its own, so that a sanitizer sees what is read beyond it. */
static bool read_bytes(const guint8 *bytes, gsize length)
{
	guint8 *copy = malloc(length ? length : 1);
	struct sp_span name;
	bool good;

	memcpy(copy, bytes, length);
	g_string_truncate(files, 0);
	sp_rpm_name(copy, length, &name);
	good = sp_rpm_files(copy, length, on_file, NULL);
	ck_assert(good || !files->len);
	free(copy);
	return good;
}

static bool read_header(void)
{
	GByteArray *header = whole();
	bool good = read_bytes(header->data, header->len);

	g_byte_array_unref(header);
	return good;
}

/* Three files in two folders; one of the tags with which it is to be tried otherwise. */
static void usual_but(guint32 without)
{
	if (without != 1000)
		TEXT(1000, STRING, 1, "curl");
	if (without != 1117)
		TEXT(1117, STRINGS, 3, "curl\0bin\0curlrc");
	if (without != 1118)
		TEXT(1118, STRINGS, 2, "/usr/bin/\0/etc/");
	if (without != 1116)
		NUMBERS(1116, INT32, 0, 0, 1);
	if (without != 1030)
		NUMBERS(1030, INT16, 0100755, 0100755, 0100644);
}

#define ALL "/usr/bin/curl 0:\n/usr/bin/bin 0:\n/etc/curlrc 0:\n"

static void assert_files(const char *wanted)
{
	ck_assert(read_header());
	ck_assert_str_eq(files->str, wanted);
}

START_TEST(names)
{
	GByteArray *header;
	struct sp_span name;

	usual_but(0);
	header = whole();
	ck_assert(sp_rpm_name(header->data, header->len, &name));
	ck_assert_uint_eq(name.length, 4);
	ck_assert_int_eq(memcmp(name.text, "curl", 4), 0);
	g_byte_array_unref(header);
}
END_TEST

START_TEST(no_names)
{
	static const struct {
		guint32 type, count;
		const char *text;
		gsize length;
	} names_[] = {
		{ STRING, 1, "", 1 },		/* empty */
		{ STRING, 1, "curl", 4 },	/* without an end */
		{ STRING, 0, "curl", 5 },
		{ STRING, 2, "curl\0wget", 10 },
		{ STRINGS, 1, "curl", 5 },
		{ BIN, 5, "curl", 5 },
	};
	GByteArray *header;
	struct sp_span name;

	usual_but(1000);
	text(1000, names_[_i].type, names_[_i].count, names_[_i].text, names_[_i].length);
	header = whole();
	ck_assert(!sp_rpm_name(header->data, header->len, &name));
	g_byte_array_unref(header);
}
END_TEST

START_TEST(files_of_folders)
{
	usual_but(0);
	assert_files(ALL);
}
END_TEST

START_TEST(no_files)
{
	TEXT(1000, STRING, 1, "gpg-pubkey");
	assert_files("");
}
END_TEST

START_TEST(not_installed)
{
	usual_but(0);
	TEXT(1029, CHAR, 3, "\0\1\3");
	assert_files("/usr/bin/curl 0:\n");
}
END_TEST

START_TEST(ghosts)
{
	usual_but(0);
	NUMBERS(1037, INT32, 64, 1, 65);
	assert_files("/usr/bin/bin 0:\n");
}
END_TEST

START_TEST(regular_alone)
{
	usual_but(1030);
	NUMBERS(1030, INT16, 0120777, 0040755, 0100644);
	assert_files("/etc/curlrc 0:\n");
}
END_TEST

START_TEST(digests)
{
	usual_but(0);
	NUMBERS(5011, INT32, 8);
	TEXT(1035, STRINGS, 3, SHA256 "\0\0" MD5);
	assert_files("/usr/bin/curl 8:" SHA256 "\n/usr/bin/bin 0:\n/etc/curlrc 0:\n");
}
END_TEST

START_TEST(digests_of_old)
{
	usual_but(0);
	TEXT(1035, STRINGS, 3, MD5 "\0" SHA256 "\0" "X123456789abcdef0123456789abcdef");
	assert_files("/usr/bin/curl 1:" MD5 "\n/usr/bin/bin 0:\n/etc/curlrc 0:\n");
}
END_TEST

START_TEST(digests_unknown)
{
	usual_but(0);
	NUMBERS(5011, INT32, 99);
	TEXT(1035, STRINGS, 3, MD5 "\0" SHA256 "\0");
	assert_files(ALL);
}
END_TEST

/* What an installation changed is appended. */
START_TEST(the_last_counts)
{
	usual_but(0);
	TEXT(1118, STRINGS, 2, "/opt/bin/\0/opt/etc/");
	assert_files("/opt/bin/curl 0:\n/opt/bin/bin 0:\n/opt/etc/curlrc 0:\n");
}
END_TEST

/* One is a file; the others have no name, or their folder is none. */
START_TEST(odd_paths)
{
	TEXT(1117, STRINGS, 6, "a\0\0b/c\0d\0e\0f");
	TEXT(1118, STRINGS, 4, "/ok/\0relative/\0/no-slash\0");
	NUMBERS(1116, INT32, 0, 0, 0, 1, 2, 4);
	NUMBERS(1030, INT16, 0100755, 0100755, 0100755, 0100755, 0100755, 0100755);
	assert_files("/ok/a 0:\n");
}
END_TEST

static const guint32 needed[] = { 1117, 1118, 1116, 1030 };

/* Without any of them there are no files, or no sense. */
START_TEST(missing)
{
	usual_but(needed[_i]);
	read_header();
	ck_assert_str_eq(files->str, "");
}
END_TEST

START_TEST(wrong_types)
{
	static const guint32 types[] = { 0, CHAR, INT16, INT32, 5, STRING, BIN, STRINGS, 9, 77 };
	static const guint32 tags[] = { 1117, 1118, 1116, 1030, 1029, 1035, 1037, 5011 };
	static const guint32 right[] = {
		STRINGS, STRINGS, INT32, INT16, CHAR, STRINGS, INT32, INT32,
	};

	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		if (types[i] == right[_i])
			continue;
		teardown();
		setup();
		usual_but(tags[_i]);
		text(tags[_i], types[i], 3, "0123456789ab", 13);
		ck_assert(!read_header());
	}
}
END_TEST

/* Of each tag, in its own type, as many as there is no room for, or another number. */
START_TEST(wrong_counts)
{
	static const struct {
		guint32 tag, type;
	} all[] = {
		{ 1117, STRINGS }, { 1118, STRINGS }, { 1116, INT32 }, { 1030, INT16 },
		{ 1029, CHAR }, { 1035, STRINGS }, { 1037, INT32 }, { 5011, INT32 },
	};
	static const guint32 counts[] = {
		2, 4, 5, 100, 0x10000, 0x100001, 0x3fffffff, 0x40000000, 0x40000001,
		0x7fffffff, 0x80000000, 0x80000001, 0xffffffff,
	};

	for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
		if (all[_i].tag == 1118 && counts[i] == 2)
			continue;
		teardown();
		setup();
		usual_but(all[_i].tag);
		text(all[_i].tag, all[_i].type, counts[i], "/a/\0/b/\0/c", 10);
		ck_assert(!read_header());
	}
}
END_TEST

START_TEST(offsets_beyond)
{
	static const guint32 offsets[] = { 1, 1000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };

	for (gsize i = 0; i < G_N_ELEMENTS(offsets); i++) {
		teardown();
		setup();
		usual_but(1116);
		entry(1116, INT32, offsets[i] == 1 ? data->len - 4 : offsets[i], 3);
		ck_assert(!read_header());
	}
}
END_TEST

/* Entries that lie over each other and out of order are only odd. */
START_TEST(overlapping)
{
	text(1030, INT16, 3, "\x81\xed\x81\xed\x81\xed", 6);
	entry(1116, INT32, 6, 3);
	entry(1029, CHAR, 6, 3);
	text(1118, STRINGS, 1, "\0\0\0\0\0\0\0\0\0\0\0\0/a/", 16);
	entry(1117, STRINGS, 22, 3);
	g_byte_array_append(data, (const guint8 *)"x\0y\0z", 6);
	/* Its folder's name is empty. */
	assert_files("");
	entry(1118, STRINGS, 18, 1);
	entry(1117, STRINGS, 22, 3);
	assert_files("/a/x 0:\n/a/y 0:\n/a/z 0:\n");
}
END_TEST

START_TEST(cut_short)
{
	GByteArray *header;

	usual_but(0);
	NUMBERS(5011, INT32, 8);
	TEXT(1035, STRINGS, 3, SHA256 "\0" SHA256 "\0" SHA256);
	header = whole();
	for (guint length = 0; length < header->len; length++)
		ck_assert(!read_bytes(header->data, length));
	ck_assert(read_bytes(header->data, header->len));
	g_byte_array_append(header, (const guint8 *)"", 1);
	ck_assert(!read_bytes(header->data, header->len));
	g_byte_array_unref(header);
}
END_TEST

/* Each byte in turn is another: whatever comes of it lies within. */
START_TEST(each_byte)
{
	GByteArray *header;

	usual_but(0);
	TEXT(1029, CHAR, 3, "\0\0");
	NUMBERS(1037, INT32, 0, 0, 0);
	NUMBERS(5011, INT32, 8);
	TEXT(1035, STRINGS, 3, SHA256 "\0" SHA256 "\0" SHA256);
	header = whole();
	for (guint i = 0; i < header->len; i++)
		for (guint bit = 0; bit < 8; bit++) {
			header->data[i] ^= 1u << bit;
			read_bytes(header->data, header->len);
			header->data[i] ^= 1u << bit;
		}
	g_byte_array_unref(header);
}
END_TEST

START_TEST(huge_heads)
{
	static const guint32 heads[][2] = {
		{ 0, 0 }, { 1, 0 }, { 0, 1 }, { 0xffffffff, 0 }, { 0, 0xffffffff },
		{ 0xffffffff, 0xffffffff }, { 0x10000000, 8 }, { 0x10000, 0 }, { 0xfffffff, 0x10 },
	};
	guint8 bytes[64] = { 0 };

	for (gsize i = 0; i < G_N_ELEMENTS(heads); i++) {
		GByteArray *header = g_byte_array_new();

		put32(header, heads[i][0]);
		put32(header, heads[i][1]);
		ck_assert_int_eq(read_bytes(header->data, header->len), i == 0);
		g_byte_array_append(header, bytes, sizeof(bytes));
		ck_assert(!read_bytes(header->data, header->len));
		g_byte_array_unref(header);
	}
}
END_TEST

Suite *suite_rpm(void)
{
	Suite *suite = suite_create("rpm");
	TCase *tests = tcase_create("rpm");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, names);
	tcase_add_loop_test(tests, no_names, 0, 6);
	tcase_add_test(tests, files_of_folders);
	tcase_add_test(tests, no_files);
	tcase_add_test(tests, not_installed);
	tcase_add_test(tests, ghosts);
	tcase_add_test(tests, regular_alone);
	tcase_add_test(tests, digests);
	tcase_add_test(tests, digests_of_old);
	tcase_add_test(tests, digests_unknown);
	tcase_add_test(tests, the_last_counts);
	tcase_add_test(tests, odd_paths);
	tcase_add_loop_test(tests, missing, 0, G_N_ELEMENTS(needed));
	tcase_add_loop_test(tests, wrong_types, 0, 8);
	tcase_add_loop_test(tests, wrong_counts, 0, 8);
	tcase_add_test(tests, offsets_beyond);
	tcase_add_test(tests, overlapping);
	tcase_add_test(tests, cut_short);
	tcase_add_test(tests, each_byte);
	tcase_add_test(tests, huge_heads);
	suite_add_tcase(suite, tests);
	return suite;
}
