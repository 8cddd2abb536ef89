/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose name and icon a program gets. Who owns an entry counts: it wants root. */
#include <sys/stat.h>
#include <unistd.h>

#include <string.h>

#include <check.h>
#include <glib/gstdio.h>

#include "entry.h"
#include "questions.h"
#include "unit.h"

#define PROGRAM "/usr/bin/env"	/* a file of its own everywhere, and only root's */

static char *folder, *entry;

static void setup(void)
{
	folder = g_dir_make_tmp("entries-XXXXXX", NULL);
	entry = g_build_filename(folder, "env.desktop", NULL);
	ck_assert_int_eq(g_chmod(folder, 0755), 0);
}

static void teardown(void)
{
	g_unlink(entry);
	g_rmdir(folder);
	g_free(entry);
	g_free(folder);
}

static void write_entry(const char *line, const char *more)
{
	g_autofree char *text = g_strdup_printf("[Desktop Entry]\nType=Application\n"
						"Name=Environs\nIcon=environs\nExec=%s\n%s",
						line, more);

	ck_assert(g_file_set_contents(entry, text, -1, NULL));
	ck_assert_int_eq(g_chmod(entry, 0644), 0);
}

static gboolean is_found(const char *path)
{
	g_autoptr(SpEntry) found = sp_entry_in(folder, path);

	return found != NULL;
}

static gboolean presents(const char *line)
{
	write_entry(line, "");
	return is_found(PROGRAM);
}

START_TEST(name_and_icon_are_the_entrys)
{
	g_autoptr(SpEntry) found = NULL;
	g_autofree char *icon = NULL;

	write_entry(PROGRAM " %U", "");
	found = sp_entry_in(folder, PROGRAM);
	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found->name, "Environs");
	icon = g_icon_to_string(found->icon);
	ck_assert_str_eq(icon, "environs");
}
END_TEST

START_TEST(what_it_starts_is_the_file)
{
	ck_assert(presents("env"));
	ck_assert(presents("env --new-window %u"));
	ck_assert(!presents("/usr/bin/id"));
	ck_assert(!presents("/tmp/env"));
	ck_assert(!presents("bin/env"));
	ck_assert(!presents("no-such-program-here"));
	ck_assert(!presents("\"env"));
	write_entry(PROGRAM, "");
	ck_assert(!is_found("/tmp/env"));
	ck_assert(!is_found("/usr/bin/id"));
}
END_TEST

/* Else every script would be the application that one of them is. */
START_TEST(what_it_runs_is_not_the_file)
{
	ck_assert(!presents("env python3 /usr/share/environs/environs.py"));
	ck_assert(!presents("env -i environs"));
	ck_assert(!presents("env LANG=C environs %U"));
}
END_TEST

/* PATH is whatever a program of the person's wants it to be. */
START_TEST(the_environment_does_not_count)
{
	g_autofree char *link = g_build_filename(folder, "environs", NULL);
	g_autofree char *places = g_strconcat(folder, ":/usr/bin", NULL);

	g_setenv("PATH", places, TRUE);
	ck_assert_int_eq(symlink(PROGRAM, link), 0);
	ck_assert(!presents("environs"));
	ck_assert(presents("env"));
	g_unlink(link);
}
END_TEST

START_TEST(only_roots_entries_count)
{
	ck_assert(presents("env"));
	ck_assert_int_eq(chown(entry, 65534, 0), 0);
	ck_assert(!is_found(PROGRAM));
	ck_assert_int_eq(chown(entry, 0, 0), 0);
	ck_assert_int_eq(g_chmod(entry, 0664), 0);
	ck_assert(!is_found(PROGRAM));
	ck_assert_int_eq(g_chmod(entry, 0644), 0);
	ck_assert(is_found(PROGRAM));
	ck_assert_int_eq(g_chmod(folder, 0777), 0);
	ck_assert(!is_found(PROGRAM));
}
END_TEST

/* An administrator's entry for what its user can replace says nothing. */
START_TEST(only_roots_programs_count)
{
	g_autofree char *program = g_build_filename(folder, "env", NULL);

	ck_assert(g_file_set_contents(program, "", 0, NULL));
	ck_assert_int_eq(g_chmod(program, 0755), 0);
	write_entry(program, "");
	ck_assert(is_found(program));
	ck_assert_int_eq(chown(program, 65534, 0), 0);
	ck_assert(!is_found(program));
	g_unlink(program);
}
END_TEST

START_TEST(hidden_ones_are_none)
{
	write_entry(PROGRAM, "Hidden=true\n");
	ck_assert(!is_found(PROGRAM));
}
END_TEST

START_TEST(names_are_harmless)
{
	g_autoptr(SpEntry) found = NULL;

	write_entry(PROGRAM, "Name[C]=a\nName=\u202egnp.exe\x1b[2J\n");
	found = sp_entry_in(folder, PROGRAM);
	ck_assert_ptr_nonnull(found);
	ck_assert_ptr_null(strstr(found->name, "\u202e"));
	ck_assert_ptr_null(strchr(found->name, '\x1b'));
}
END_TEST

static gboolean asks_as_one(const char *flag, const char *runs)
{
	const char *const flags[] = { flag, NULL };
	GVariantDict dict;
	struct sp_question *question;
	gboolean is;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "program", "s", "/usr/bin/vim");
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	g_variant_dict_insert(&dict, "runs", "s", runs);
	question = gui_question(1, &dict);
	is = sp_entry_may_be(question);
	sp_question_free(question);
	return is;
}

/* The path that a program wears elsewhere is not this machine's file. */
START_TEST(a_path_of_elsewhere_says_nothing)
{
	static const char *const elsewhere[] = { "foreign", "userns", "private", "deleted",
						 "no-path" };

	ck_assert(asks_as_one(NULL, ""));
	ck_assert(asks_as_one("older", ""));
	ck_assert(!asks_as_one(NULL, "interpreter"));
	for (gsize i = 0; i < G_N_ELEMENTS(elsewhere); i++)
		ck_assert(!asks_as_one(elsewhere[i], ""));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("entries");
	TCase *tests = tcase_create("entries");

	if (getuid() != 0) {
		puts("1..0 # SKIP needs root");
		return 0;
	}
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, name_and_icon_are_the_entrys);
	tcase_add_test(tests, what_it_starts_is_the_file);
	tcase_add_test(tests, what_it_runs_is_not_the_file);
	tcase_add_test(tests, the_environment_does_not_count);
	tcase_add_test(tests, only_roots_entries_count);
	tcase_add_test(tests, only_roots_programs_count);
	tcase_add_test(tests, hidden_ones_are_none);
	tcase_add_test(tests, names_are_harmless);
	tcase_add_test(tests, a_path_of_elsewhere_says_nothing);
	suite_add_tcase(suite, tests);
	return unit_run(suite);
}
