/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the daemon says of itself and of the kernel's side. */
#include <string.h>

#include <glib/gi18n.h>

#include "calls.h"
#include "doctor_private.h"
#include "words.h"

/* What the kernel's probes show, by which programs are known. */
static gboolean is_about_probes(const char *reason)
{
	return g_str_has_prefix(reason, "the kernel does not");
}

static void examine_reasons(struct sp_examination *on, enum sp_finding_level level)
{
	g_autofree const char **reasons = NULL;

	g_variant_lookup(on->status, "reasons", "^a&s", &reasons);
	for (gsize i = 0; reasons && reasons[i]; i++)
		if (!is_about_probes(reasons[i]) &&
		    strcmp(reasons[i], sp_dict_string(on->status, "store-trouble"))) {
			sp_doctor_tell(on, level, "daemon-reason", g_strdup(reasons[i]),
				       g_strdup(_("See the daemon's log: journalctl -u sallyportd")));
			sp_doctor_command(on, "journalctl -u sallyportd");
		}
}

static void examine_probes(struct sp_examination *on)
{
	g_autofree const char **reasons = NULL;
	gboolean good = TRUE;

	g_variant_lookup(on->status, "reasons", "^a&s", &reasons);
	for (gsize i = 0; reasons && reasons[i]; i++) {
		if (!is_about_probes(reasons[i]))
			continue;
		good = FALSE;
		sp_doctor_tell(on, SP_FINDING_NOTE, "probes", g_strdup_printf(
			_("A probe of the module does not fire: %s."), reasons[i]),
			g_strdup(_("Programs are less surely known; what is not known is asked about. "
				   "Boot a kernel that Sallyport supports, or load the module anew: "
				   "rmmod sallyport && modprobe sallyport")));
		sp_doctor_command(on, "rmmod sallyport && modprobe sallyport");
	}
	if (good && strcmp(sp_dict_string(on->status, "state"), "no module"))
		sp_doctor_tell(on, SP_FINDING_GOOD, "probes",
			g_strdup(_("The module's probes fire.")), NULL);
}

static void examine_store(struct sp_examination *on)
{
	const char *trouble = sp_dict_string(on->status, "store-trouble");

	if (!*trouble)
		sp_doctor_tell(on, SP_FINDING_GOOD, "store",
			       g_strdup(_("Rules are kept.")), NULL);
	else
		sp_doctor_tell(on, SP_FINDING_NOTE, "store", g_strdup_printf(
			_("Rules may not be kept: %s."), trouble),
			g_strdup(_("Make room on the disk of /var/lib/sallyport, and see that it can be "
				   "written; sallyportd(8) says what becomes of a damaged store.")));
}

static void examine_state(struct sp_examination *on)
{
	const char *state = sp_dict_string(on->status, "state");

	if (!strcmp(state, "protecting")) {
		sp_doctor_tell(on, SP_FINDING_GOOD, "daemon",
			       g_strdup(_("The daemon protects this machine.")), NULL);
		return;
	}
	if (!strcmp(state, "degraded")) {
		sp_doctor_tell(on, SP_FINDING_NOTE, "daemon",
			g_strdup(_("The daemon protects this machine, but not fully.")),
			g_strdup(_("The reasons follow.")));
		examine_reasons(on, SP_FINDING_NOTE);
		return;
	}
	sp_doctor_tell(on, SP_FINDING_BAD, "daemon", g_strdup_printf(
		_("The daemon does not protect this machine: %s."), state),
		g_strdup(_("“sallyport status” says why.")));
	examine_reasons(on, SP_FINDING_BAD);
}

static void examine_agents(struct sp_examination *on)
{
	if (sp_dict_number(on->status, "agents")) {
		sp_doctor_tell(on, SP_FINDING_GOOD, "agents",
			       g_strdup(_("Somebody is there to be asked.")), NULL);
		return;
	}
	sp_doctor_tell(on, SP_FINDING_NOTE, "agents",
		g_strdup(_("Nobody is there to be asked: what no rule decides is refused.")),
		g_strdup(_("Log in to a desktop with Sallyport's agent, or: sallyport answer")));
	sp_doctor_command(on, "sallyport answer");
}

/* More than this was not seen: a table was full, or there was no memory. */
static void examine_counters(struct sp_examination *on)
{
	static const char *const names[] = {
		"flow-full", "owner-full", "image-full", "process-full", "origin-full", "no-memory",
		"abort-lost", "tag-lost",
	};
	g_autoptr(GVariant) counters = g_variant_lookup_value(on->status, "counters",
							      G_VARIANT_TYPE("a{st}"));

	for (gsize i = 0; counters && i < G_N_ELEMENTS(names); i++) {
		guint64 count = sp_dict_number(counters, names[i]);

		if (!count)
			continue;
		sp_doctor_tell(on, SP_FINDING_NOTE, "counters", g_strdup_printf(
			"%s: %" G_GUINT64_FORMAT " (%s).", names[i], count,
			sp_words_counter(names[i])),
			g_strdup(_("See the tables' sizes: sallyport status --verbose")));
		sp_doctor_command(on, "sallyport status --verbose");
	}
}

void sp_doctor_daemon(struct sp_examination *on)
{
	if (!on->status) {
		sp_doctor_tell(on, SP_FINDING_BAD, "daemon",
			g_strdup_printf(_("The daemon does not answer: %s."), on->problem),
			g_strdup(_("Start it: systemctl enable --now sallyportd")));
		sp_doctor_command(on, "systemctl enable --now sallyportd");
		return;
	}
	examine_state(on);
	examine_probes(on);
	examine_store(on);
	examine_agents(on);
	examine_counters(on);
}
