/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The prompt's windows as pictures. */
#include <glib/gi18n.h>

#include "picture.h"
#include "questions.h"
#include "sp-answer-bar.h"
#include "sp-prompt-window.h"
#include "widgets.h"

/* With what @act, if any, has done to it. */
static void show_after(GtkApplication *application, const char *name, SpProgram *program,
		       void (*act)(GtkWidget *window))
{
	GtkWidget *window = sp_prompt_window_new(application, program);

	sp_prompt_window_appear(SP_PROMPT_WINDOW(window));
	picture_wait(SP_ANSWER_INERT + 200);
	if (act) {
		act(window);
		picture_wait(SP_ANSWER_INERT + 200);
	}
	picture_save(window, name);
	gtk_window_destroy(GTK_WINDOW(window));
	g_object_unref(program);
}

static void show(GtkApplication *application, const char *name, SpProgram *program)
{
	show_after(application, name, program, NULL);
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
	g_variant_dict_insert(&dict, "runs", "s", "interpreter");
	g_variant_dict_insert(&dict, "user", "u", 4242);
	g_variant_dict_insert(&dict, "user-name", "s", "backup");
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	return gui_question(3, &dict);
}

static const char *const chain[] = { "/usr/bin/bash", "/usr/libexec/gnome-terminal-server",
				     "/usr/bin/gnome-shell", "/usr/lib/systemd/systemd", NULL };

/* Of one's own, and not what it was. */
static struct sp_question *changed_tool(void)
{
	const char *const flags[] = { "changed", NULL };
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "program", "s", "/home/alice/bin/tool");
	g_variant_dict_insert(&dict, "name", "s", "tool");
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	g_variant_dict_insert(&dict, "versions", "b", TRUE);
	g_variant_dict_insert(&dict, "ancestors", "^as", chain);
	g_variant_dict_insert(&dict, "rule-text", "s", "ask out program /home/alice/bin/tool");
	g_variant_dict_insert(&dict, "hash", "s",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	return gui_question(4, &dict);
}

static struct sp_question *inbound(void)
{
	GVariantBuilder scopes;
	GVariantDict dict;

	g_variant_builder_init(&scopes, G_VARIANT_TYPE("a(sss)"));
	g_variant_builder_add(&scopes, "(sss)", "this-host-port", "",
			      "allow in program /usr/sbin/sshd protocol tcp from 192.168.1.20 port 22");
	g_variant_builder_add(&scopes, "(sss)", "this-port", "",
			      "allow in program /usr/sbin/sshd protocol tcp port 22");
	g_variant_builder_add(&scopes, "(sss)", "anything", "", "allow in program /usr/sbin/sshd");
	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "direction", "s", "in");
	g_variant_dict_insert(&dict, "program", "s", "/usr/sbin/sshd");
	g_variant_dict_insert(&dict, "name", "s", "sshd");
	g_variant_dict_insert(&dict, "command-line", "s", "sshd: /usr/sbin/sshd -D");
	g_variant_dict_insert(&dict, "parent", "s", "/usr/lib/systemd/systemd");
	g_variant_dict_insert(&dict, "unit", "s", "ssh.service");
	g_variant_dict_insert(&dict, "package", "s", "openssh-server");
	g_variant_dict_insert(&dict, "package-state", "s", "unmodified");
	g_variant_dict_insert(&dict, "user", "u", 0);
	g_variant_dict_insert(&dict, "user-name", "s", "root");
	g_variant_dict_insert(&dict, "remote", "s", "192.168.1.20");
	g_variant_dict_insert(&dict, "remote-port", "u", 51324);
	g_variant_dict_insert(&dict, "local-port", "u", 22);
	g_variant_dict_insert_value(&dict, "scopes", g_variant_builder_end(&scopes));
	return gui_question(5, &dict);
}

/* A program of a sandbox, whose answer ends with it; an address in place of a name. */
static struct sp_question *of_sandbox(const char *host)
{
	const char *const lifetimes[] = { "once", "quit", "15m", "1h", "logout", "reboot", "always",
					  NULL };
	const char *const flags[] = { "foreign", NULL };
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "program", "s", "/app/bin/mail");
	g_variant_dict_insert(&dict, "name", "s", "mail");
	g_variant_dict_insert(&dict, "app", "s", "flatpak:org.example.Mail");
	g_variant_dict_insert(&dict, "unit", "s", "app-flatpak-org.example.Mail-4711.scope");
	g_variant_dict_insert(&dict, "flags", "^as", flags);
	g_variant_dict_insert(&dict, "lifetimes", "^as", lifetimes);
	g_variant_dict_insert(&dict, "lifetime-default", "s", "quit");
	g_variant_dict_insert(&dict, "host", "s", host);
	g_variant_dict_insert(&dict, "host-source", "s", "other");
	return gui_question(6, &dict);
}

static GtkWidget *find(GtkWidget *from, GType type, const char *label)
{
	GtkWidget *found = NULL;
	g_autofree char *text = NULL;

	if (G_TYPE_CHECK_INSTANCE_TYPE(from, type)) {
		g_object_get(from, "label", &text, NULL);
		if (g_strcmp0(text, label) == 0)
			return from;
	}
	for (GtkWidget *w = gtk_widget_get_first_child(from); w && !found;
	     w = gtk_widget_get_next_sibling(w))
		found = find(w, type, label);
	return found;
}

static void open_details(GtkWidget *window)
{
	gtk_expander_set_expanded(GTK_EXPANDER(find(window, GTK_TYPE_EXPANDER, _("D_etails"))), TRUE);
}

static void open_lifetimes(GtkWidget *window)
{
	GtkWidget *list = widgets_first(window, GTK_TYPE_DROP_DOWN);

	g_signal_emit_by_name(list, "activate");
	while (!widgets_first(list, GTK_TYPE_POPOVER))
		g_main_context_iteration(NULL, TRUE);
}

/* As far as the answer that is to be given twice. */
static void allow_anything(GtkWidget *window)
{
	const char *label = _("Anything");

	gtk_check_button_set_active(GTK_CHECK_BUTTON(find(window, GTK_TYPE_CHECK_BUTTON, label)),
				    TRUE);
	g_signal_emit_by_name(find(window, GTK_TYPE_BUTTON, _("_Allow")), "clicked");
}

/* More was heard of it: the buttons sleep again. */
static void take_late(GtkApplication *app)
{
	SpProgram *program = program_of(of_sandbox(""));
	GtkWidget *window = sp_prompt_window_new(app, program);

	sp_prompt_window_appear(SP_PROMPT_WINDOW(window));
	picture_wait(SP_ANSWER_INERT + 200);
	picture_save(window, "quit");
	sp_request_renew(sp_program_get(program, 0), of_sandbox("imap.shop.test"));
	picture_wait(SP_ANSWER_INERT / 3);
	picture_save(window, "late");
	gtk_window_destroy(GTK_WINDOW(window));
	g_object_unref(program);
}

static void take(GtkApplication *application)
{
	SpProgram *program = program_of(plain());

	show(application, "question", program);
	take_late(application);
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
	show(application, "changed", program_of(changed_tool()));
	show(application, "inbound", program_of(inbound()));
	show_after(application, "details", program_of(changed_tool()), open_details);
	show_after(application, "lifetimes", program_of(of_sandbox("")), open_lifetimes);
	show_after(application, "certain", program_of(system_python()), allow_anything);
}

int main(int argc, char **argv)
{
	return picture_main(argc, argv, take);
}
