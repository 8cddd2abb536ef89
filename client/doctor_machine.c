/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What else is on this machine that weakens the firewall or gets in its way. */
#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "doctor_private.h"

#define PTRACE_SCOPE "/proc/sys/kernel/yama/ptrace_scope"
#define POLKITD "/usr/lib/polkit-1/polkitd"
#define ACTIONS "/usr/share/polkit-1/actions/org.sallyport.firewall1.policy"

static void examine_tracing(struct sp_examination *on)
{
	g_autofree char *scope = sp_doctor_read(on, PTRACE_SCOPE);

	if (scope && strcmp(scope, "0")) {
		sp_doctor_tell(on, SP_FINDING_GOOD, "tracing",
			g_strdup(_("Programs can't trace each other at will.")), NULL);
		return;
	}
	sp_doctor_tell(on, SP_FINDING_NOTE, "tracing",
		g_strdup(_("A program may trace any other of the same user, and so act as one that "
			   "is allowed.")),
		g_strdup(_("Write “kernel.yama.ptrace_scope = 1” to /etc/sysctl.d/10-ptrace.conf, "
			   "then: sysctl --system")));
	sp_doctor_command(on, "echo 'kernel.yama.ptrace_scope = 1' >/etc/sysctl.d/10-ptrace.conf && "
			      "sysctl --system");
}

/* Firewalls that ask, as we do: two of them ask twice, or hide flows from each other. */
static gboolean is_rival(const char *name)
{
	static const char *const rivals[] = { "opensnitchd", "portmaster-core", "douaned" };

	for (gsize i = 0; i < G_N_ELEMENTS(rivals); i++)
		if (!strcmp(name, rivals[i]))
			return TRUE;
	return FALSE;
}

static void examine_process(struct sp_examination *on, const char *pid)
{
	g_autofree char *path = g_strdup_printf("/proc/%s/comm", pid);
	g_autofree char *name = sp_doctor_read(on, path);

	if (!name || !is_rival(name))
		return;
	sp_doctor_tell(on, SP_FINDING_NOTE, "others", g_strdup_printf(
		_("%s runs too: both decide about each connection."), name),
		g_strdup(_("Use one of them. Rules of nftables, firewalld and ufw are no conflict.")));
}

static void examine_others(struct sp_examination *on)
{
	g_autofree char *folder = sp_doctor_path(on, "/proc");
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (g_ascii_isdigit(name[0]))
			examine_process(on, name);
}

/* Without it root alone can change anything, and nobody can be asked. */
static void examine_polkit(struct sp_examination *on)
{
	g_autofree char *daemon = sp_doctor_path(on, POLKITD);
	g_autofree char *actions = sp_doctor_path(on, ACTIONS);

	if (!g_file_test(daemon, G_FILE_TEST_EXISTS)) {
		sp_doctor_tell(on, SP_FINDING_BAD, "polkit",
			g_strdup(_("polkit is not installed: only root can answer, or change rules.")),
			g_strdup(_("Install it: apt install polkitd")));
		sp_doctor_command(on, "apt install polkitd");
	} else if (!g_file_test(actions, G_FILE_TEST_EXISTS)) {
		sp_doctor_tell(on, SP_FINDING_BAD, "polkit",
			g_strdup(_("polkit does not know Sallyport's actions: only root can answer, or "
				   "change rules.")),
			g_strdup(_("Install Sallyport again: apt install --reinstall sallyport")));
		sp_doctor_command(on, "apt install --reinstall sallyport");
	} else {
		sp_doctor_tell(on, SP_FINDING_GOOD, "polkit",
			g_strdup(_("polkit knows who may do what.")), NULL);
	}
}

void sp_doctor_machine(struct sp_examination *on)
{
	examine_polkit(on);
	examine_tracing(on);
	examine_others(on);
}
