/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prompt's windows as pictures. */
#include "picture.h"
#include "questions.h"
#include "sp-answer-bar.h"
#include "sp-prompt-window.h"

static void show(GtkApplication *application, const char *name, SpProgram *program)
{
	GtkWidget *window = sp_prompt_window_new(application, program);

	sp_prompt_window_appear(SP_PROMPT_WINDOW(window));
	picture_wait(SP_ANSWER_INERT + 200);
	picture_save(window, name);
	gtk_window_destroy(GTK_WINDOW(window));
	g_object_unref(program);
}

static SpProgram *program_of(struct sp_question *question)
{
	SpProgram *program = sp_program_new(question);
	g_autoptr(SpRequest) ask = sp_request_new(question);

	sp_program_add(program, ask);
	return program;
}

static void add(SpProgram *program, guint64 id, const char *remote)
{
	g_autoptr(SpRequest) ask = sp_request_new(gui_question_with(id, "remote", remote));

	sp_program_add(program, ask);
}

static struct sp_question *plain(void)
{
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "host", "s", "shop.test");
	g_variant_dict_insert(&dict, "host-source", "s", "own");
	g_variant_dict_insert(&dict, "past", "(uuu)", 41, 2, 6);
	return gui_question(1, &dict);
}

static struct sp_question *hostile(void)
{
	g_autoptr(GString) path = g_string_new("/home/alice/");
	GVariantDict dict;

	for (int i = 0; i < 40; i++)
		g_string_append(path, "<b>very</b>&amp;/");
	g_string_append(path, "\\xe2\\x80\\xaegnp.exe\\x1b[2J");
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "program", "s", path->str);
	g_variant_dict_insert(&dict, "name", "s", "\\xe2\\x80\\xaegnp.exe\\x1b[2J");
	g_variant_dict_insert(&dict, "lifetime-default", "s", "once");
	return gui_question(2, &dict);
}

static struct sp_question *system_python(void)
{
	const char *const flags[] = { "older", NULL };
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "program", "s", "/usr/bin/python3.11");
	g_variant_dict_insert(&dict, "name", "s", "python3.11");
	g_variant_dict_insert(&dict, "command-line", "s", "python3 /opt/sync/sync.py --all");
	g_variant_dict_insert(&dict, "parent", "s", "/usr/lib/systemd/systemd");
	g_variant_dict_insert(&dict, "user", "u", 4242);
	g_variant_dict_insert(&dict, "user-name", "s", "backup");
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	return gui_question(3, &dict);
}

static void take(GtkApplication *application)
{
	SpProgram *program = program_of(plain());

	show(application, "question", program);
	program = program_of(plain());
	add(program, 11, "198.51.100.7");
	add(program, 12, "2001:db8::1:80");
	show(application, "waiting", program);
	program = program_of(plain());
	for (guint i = 0; i < 12; i++) {
		g_autofree char *remote = g_strdup_printf("198.51.100.%u", i + 1);

		add(program, 100 + i, remote);
	}
	show(application, "flood", program);
	show(application, "hostile", program_of(hostile()));
	show(application, "system", program_of(system_python()));
}

int main(int argc, char **argv)
{
	return picture_main(argc, argv, take);
}
