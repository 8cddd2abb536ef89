/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See sp-settings-page.h. It is there without the daemon, too: the check-up says what is wrong. */
#include "sp-settings-page.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "sp-check-list.h"
#include "sp-mode-chooser.h"
#include "sp-network-list.h"
#include "sp-resolver-row.h"

struct _SpSettingsPage {
	AdwBin parent;
	SpStatus *status;
	SpQuery *query;		/* of the settings */
	GPtrArray *rows;	/* of the settings' group, borrowed */
	GtkImage *icon;
	GtkLabel *title, *detail;
	SpModeChooser *modes;
	SpNetworkList *networks;
	SpResolverRow *resolver;
	AdwPreferencesGroup *settings;
	SpCheckList *checks;
};

G_DEFINE_FINAL_TYPE(SpSettingsPage, sp_settings_page, ADW_TYPE_BIN)

static void show_icon(SpSettingsPage *self)
{
	static const struct {
		const char *icon, *class;
	} looks[] = {
		[SP_HEALTH_UNKNOWN] = { "dialog-question-symbolic", "dim-label" },
		[SP_HEALTH_GOOD] = { "security-high-symbolic", "success" },
		[SP_HEALTH_NOTE] = { "security-medium-symbolic", "warning" },
		[SP_HEALTH_BAD] = { "security-low-symbolic", "error" },
	};
	enum sp_health health = sp_status_health(self->status);

	for (guint i = 0; i < G_N_ELEMENTS(looks); i++)
		gtk_widget_remove_css_class(GTK_WIDGET(self->icon), looks[i].class);
	gtk_widget_add_css_class(GTK_WIDGET(self->icon), looks[health].class);
	gtk_image_set_from_icon_name(self->icon, looks[health].icon);
}

static const char *problem_of(SpSettingsPage *self)
{
	SpQuery *query = sp_status_query(self->status);
	const char *message = sp_query_message(query);

	if (message)
		return message;
	return sp_query_state(query) == SP_QUERY_ABSENT ? _("it is not running") : _("not yet");
}

static void show_status(SpSettingsPage *self)
{
	g_autofree char *detail = sp_status_detail(self->status);
	gboolean waiting = sp_query_state(sp_status_query(self->status)) == SP_QUERY_WAITING;

	show_icon(self);
	gtk_label_set_text(self->title, sp_status_title(self->status));
	gtk_label_set_text(self->detail, detail);
	gtk_widget_set_visible(GTK_WIDGET(self->detail), *detail != '\0');
	if (!waiting)
		sp_check_list_examine(self->checks, sp_status_dict(self->status), problem_of(self));
}

/* Settings as they are named in the file, in words. */
static const struct {
	const char *key, *title;
} titles[] = {
	{ "default-out", N_("Outgoing connections that no rule is about") },
	{ "default-in", N_("Incoming connections that no rule is about") },
	{ "deadline-seconds", N_("A question waits for so many seconds") },
	{ "outcome", N_("If nobody answers") },
	{ "nobody", N_("If nobody can be asked") },
	{ "absent-out", N_("Outgoing, while the service is away") },
	{ "absent-in", N_("Incoming, while the service is away") },
	{ "judge-loopback", N_("Judge what the machine says to itself") },
	{ "password-to-allow", N_("A password for each answer that allows for longer than once") },
	{ "grace-seconds", N_("After log-in, wait so many seconds for somebody who asks") },
	{ "stealth", N_("Answer nothing to what no program wants") },
	{ "hosts", N_("Remember to which hosts programs connected") },
};

static const char *word_of(const char *value)
{
	static const struct {
		const char *value, *word;
	} words[] = {
		{ "allow", N_("Allow") }, { "deny", N_("Deny") }, { "drop", N_("Drop Silently") },
		{ "ask", N_("Ask") },
	};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		if (strcmp(words[i].value, value) == 0)
			return _(words[i].word);
	return value;
}

static char *words_of(GVariant *value)
{
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING))
		return g_strdup(word_of(g_variant_get_string(value, NULL)));
	if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
		return g_strdup(g_variant_get_boolean(value) ? _("Yes") : _("No"));
	return g_variant_print(value, FALSE);
}

static void add_setting(SpSettingsPage *self, const char *title, GVariant *value)
{
	GtkWidget *row = adw_action_row_new(), *label;
	g_autofree char *words = words_of(value);

	label = gtk_label_new(words);
	gtk_widget_add_css_class(label, "secondary");
	adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
	adw_action_row_add_suffix(ADW_ACTION_ROW(row), label);
	adw_preferences_group_add(self->settings, row);
	g_ptr_array_add(self->rows, row);
}

/* How long the history is kept: no setting, but what is to be known beside them. */
static void add_retention(SpSettingsPage *self, GVariant *dict)
{
	guint32 minutes, hours, days, size;
	g_autofree char *words = NULL;
	g_autoptr(GVariant) value = NULL;

	if (!g_variant_lookup(dict, "kept-minutes", "u", &minutes) ||
	    !g_variant_lookup(dict, "kept-hours", "u", &hours) ||
	    !g_variant_lookup(dict, "kept-days", "u", &days) ||
	    !g_variant_lookup(dict, "history-size", "u", &size))
		return;
	/* TRANSLATORS: how long the history is kept, in days; then its size at most, in MiB */
	words = g_strdup_printf(_("Minutes for %u d, hours for %u d, days for %u d; at most %u MiB"),
				minutes, hours, days, size);
	value = g_variant_ref_sink(g_variant_new_string(words));
	add_setting(self, _("The history is kept"), value);
}

static void clear_settings(SpSettingsPage *self)
{
	for (guint i = 0; i < self->rows->len; i++)
		adw_preferences_group_remove(self->settings, self->rows->pdata[i]);
	g_ptr_array_set_size(self->rows, 0);
}

static void show_settings(SpSettingsPage *self)
{
	g_autoptr(GVariant) dict = NULL;
	gboolean ready = sp_query_state(self->query) == SP_QUERY_READY;

	gtk_widget_set_visible(GTK_WIDGET(self->settings), ready);
	if (!ready)
		return;
	clear_settings(self);
	dict = g_variant_get_child_value(sp_query_result(self->query), 0);
	for (guint i = 0; i < G_N_ELEMENTS(titles); i++) {
		g_autoptr(GVariant) value = g_variant_lookup_value(dict, titles[i].key, NULL);

		if (value)
			add_setting(self, _(titles[i].title), value);
	}
	add_retention(self, dict);
}

static void sp_settings_page_dispose(GObject *object)
{
	SpSettingsPage *self = SP_SETTINGS_PAGE(object);

	g_clear_object(&self->status);
	g_clear_object(&self->query);
	g_clear_pointer(&self->rows, g_ptr_array_unref);
	G_OBJECT_CLASS(sp_settings_page_parent_class)->dispose(object);
}

static void sp_settings_page_class_init(SpSettingsPageClass *class)
{
	GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = sp_settings_page_dispose;
	g_type_ensure(SP_TYPE_MODE_CHOOSER);
	g_type_ensure(SP_TYPE_CHECK_LIST);
	g_type_ensure(SP_TYPE_NETWORK_LIST);
	g_type_ensure(SP_TYPE_RESOLVER_ROW);
	gtk_widget_class_set_template_from_resource(widget, "/org/sallyport/ui/sp-settings-page.ui");
	gtk_widget_class_bind_template_child(widget, SpSettingsPage, icon);
	gtk_widget_class_bind_template_child(widget, SpSettingsPage, title);
	gtk_widget_class_bind_template_child(widget, SpSettingsPage, detail);
	gtk_widget_class_bind_template_child(widget, SpSettingsPage, modes);
	gtk_widget_class_bind_template_child(widget, SpSettingsPage, networks);
	gtk_widget_class_bind_template_child(widget, SpSettingsPage, resolver);
	gtk_widget_class_bind_template_child(widget, SpSettingsPage, settings);
	gtk_widget_class_bind_template_child(widget, SpSettingsPage, checks);
}

static void sp_settings_page_init(SpSettingsPage *self)
{
	self->rows = g_ptr_array_new();
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sp_settings_page_new(SpStatus *status, SpRules *rules, SpChanges *changes)
{
	SpSettingsPage *self = g_object_new(SP_TYPE_SETTINGS_PAGE, NULL);

	self->status = g_object_ref(status);
	self->query = sp_query_new(sp_changes_link(changes), "Manager", "GetSettings",
				   g_variant_new("()"));
	sp_mode_chooser_set(self->modes, status, changes);
	sp_check_list_set(self->checks, changes);
	sp_network_list_set(self->networks, changes);
	sp_resolver_row_set(self->resolver, rules, changes);
	g_signal_connect_object(status, "changed", G_CALLBACK(show_status), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->query, "changed", G_CALLBACK(show_settings), self,
				G_CONNECT_SWAPPED);
	show_status(self);
	show_settings(self);
	return GTK_WIDGET(self);
}
