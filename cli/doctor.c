/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport doctor: what is wrong, and what to do about it. */
#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "doctor.h"
#include "error.h"
#include "output.h"
#include "table.h"
#include "width.h"

#define INDENT 6	/* cells; the marks are shorter */

static gboolean json;

static const GOptionEntry entries[] = {
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write JSON"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage usage = {
	.command = "doctor",
	.description = N_("Looks for what keeps this machine from being protected, or from staying so,\n"
			  "and says what to do about it. Changes nothing."),
	.entries = entries,
};

static const struct level {
	const char *name, *mark;
	enum sp_style style;
} levels[] = {
	[SP_FINDING_GOOD] = { "good", N_("good"), SP_STYLE_GOOD },
	[SP_FINDING_NOTE] = { "note", N_("note"), SP_STYLE_WARN },
	[SP_FINDING_BAD] = { "bad", N_("bad"), SP_STYLE_BAD },
};

/* The first line begins where the text is, at INDENT. */
static void append_wrapped(GString *to, const char *text)
{
	int width = sp_output_width();
	g_autofree char *harmless = sp_width_harmless(text);
	g_autoptr(GPtrArray) lines = sp_width_wrap(harmless, width > 4 * INDENT ?
						   width - INDENT : G_MAXINT);

	for (guint i = 0; i < lines->len; i++)
		g_string_append_printf(to, "%*s%s\n", i ? INDENT : 0, "",
				       (char *)g_ptr_array_index(lines, i));
}

static void append_finding(GString *to, const struct sp_finding *finding)
{
	const struct level *level = &levels[finding->level];

	sp_style_append(to, _(level->mark), level->style, sp_output_colour());
	g_string_append_printf(to, "%*s", MAX(INDENT - sp_width(_(level->mark)), 1), "");
	append_wrapped(to, finding->what);
	if (!finding->advice)
		return;
	g_string_append_printf(to, "%*s", INDENT, "");
	append_wrapped(to, finding->advice);
}

static void show(const GPtrArray *findings)
{
	g_autoptr(GString) to = g_string_new(NULL);

	for (guint i = 0; i < findings->len; i++)
		append_finding(to, g_ptr_array_index(findings, i));
	sp_output_put(to->str);
}

static void show_json(const GPtrArray *findings)
{
	g_auto(GVariantBuilder) list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aa{sv}"));
	g_autoptr(GVariant) value = NULL;

	for (guint i = 0; i < findings->len; i++) {
		const struct sp_finding *finding = g_ptr_array_index(findings, i);

		g_variant_builder_open(&list, G_VARIANT_TYPE_VARDICT);
		g_variant_builder_add(&list, "{sv}", "check", g_variant_new_string(finding->check));
		g_variant_builder_add(&list, "{sv}", "level",
				      g_variant_new_string(levels[finding->level].name));
		g_variant_builder_add(&list, "{sv}", "what", g_variant_new_string(finding->what));
		g_variant_builder_add(&list, "{sv}", "advice",
				      g_variant_new_string(finding->advice ?: ""));
		g_variant_builder_close(&list);
	}
	value = g_variant_ref_sink(g_variant_builder_end(&list));
	sp_output_put_json(value);
}

/* What can't be had is a finding, or left out: nobody is asked for a password. */
static GPtrArray *examine(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GDBusConnection) bus = sp_bus_connect(&error);
	g_autoptr(GVariant) status = bus ? sp_call_status(bus, &error) : NULL, rules = NULL;
	GPtrArray *findings = sp_doctor_examine("", status, status ? NULL : error->message);

	g_setenv("SALLYPORT_NO_PASSWORD", "1", TRUE);
	rules = status ? sp_call_rules_list(bus, FALSE, NULL) : NULL;
	if (rules)
		sp_doctor_rules(findings, rules);
	return findings;
}

gboolean sp_doctor(int argc, char **argv, GError **error)
{
	g_autoptr(GPtrArray) findings = NULL;

	if (!sp_command_parse(&usage, &argc, &argv, error))
		return FALSE;
	findings = examine();
	if (json)
		show_json(findings);
	else
		show(findings);
	if (sp_doctor_worst(findings) < SP_FINDING_BAD)
		return TRUE;
	g_set_error_literal(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_FAILED,
			    _("this machine is not protected as it should be"));
	return FALSE;
}
