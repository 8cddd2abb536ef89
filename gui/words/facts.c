/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See facts.h. */
#include "facts.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "entry.h"
#include "duration.h"
#include "format.h"
#include "host_name.h"
#include "width.h"
#include "words.h"

#define LAUNCH_SHOWN 6
#define NAME_SHOWN 48	/* cells; in the middle of a sentence */

static gboolean has_flag(const struct sp_question *q, const char *flag)
{
	return g_strv_contains((const char *const *)q->flags, flag);
}

gboolean sp_facts_is_system(const struct sp_question *q)
{
	return q->user != getuid();
}

char *sp_facts_whole_name(const struct sp_question *q)
{
	g_autoptr(SpEntry) entry = sp_entry_of_question(q);

	if (entry)
		return g_strdup(entry->name);
	return g_strdup(*q->name ? q->name : sp_format_program(q->program));
}

char *sp_facts_name(const struct sp_question *q)
{
	g_autofree char *name = sp_facts_whole_name(q);

	return sp_width_elide(name, NAME_SHOWN);
}

static const struct {
	guint16 port;
	const char *protocol;
	const char *name;
} services[] = {
	{ 21, "tcp", "FTP" }, { 22, "tcp", "SSH" }, { 25, "tcp", "SMTP" },
	{ 53, "udp", "DNS" }, { 53, "tcp", "DNS" }, { 67, "udp", "DHCP" },
	{ 80, "tcp", "HTTP" }, { 110, "tcp", "POP3" }, { 123, "udp", "NTP" },
	{ 143, "tcp", "IMAP" }, { 443, "tcp", "HTTPS" }, { 443, "udp", "HTTP/3" },
	{ 445, "tcp", "SMB" }, { 465, "tcp", "SMTP" }, { 587, "tcp", "SMTP" },
	{ 631, "tcp", "IPP" }, { 853, "tcp", "DNS over TLS" }, { 993, "tcp", "IMAP" },
	{ 995, "tcp", "POP3" }, { 1900, "udp", "SSDP" }, { 3389, "tcp", "RDP" },
	{ 5222, "tcp", "XMPP" }, { 5353, "udp", "mDNS" }, { 5900, "tcp", "VNC" },
	{ 6667, "tcp", "IRC" }, { 51820, "udp", "WireGuard" },
};

static const char *service_name(guint port, const char *protocol)
{
	for (gsize i = 0; i < G_N_ELEMENTS(services); i++)
		if (services[i].port == port && strcmp(services[i].protocol, protocol) == 0)
			return services[i].name;
	return NULL;
}

char *sp_facts_service(const struct sp_question *q)
{
	guint port = q->inbound ? q->local_port : q->remote_port;
	g_autofree char *protocol = g_ascii_strup(q->protocol, -1);
	const char *name = service_name(port, q->protocol);

	if (name)
		return g_strdup_printf("%s (%s %u)", name, protocol, port);
	if (port)
		return g_strdup_printf(_("port %u (%s)"), port, protocol);
	return *protocol ? g_strdup_printf(_("protocol %s"), protocol) : NULL;
}

static gboolean is_under(const char *path, const char *const *places)
{
	for (; *places; places++)
		if (g_str_has_prefix(path, *places) && path[strlen(*places)] == '/')
			return TRUE;
	return FALSE;
}

/* By the control group: the desktop's word, or the user's own. */
static const char *sandbox(const struct sp_question *q, enum sp_tone *tone)
{
	gboolean claimed = g_str_has_prefix(q->unit, "user:");

	*tone = claimed ? SP_TONE_WARN : SP_TONE_PLAIN;
	if (g_str_has_prefix(q->app, "flatpak:"))
		return claimed ? _("Says it is a Flatpak") : _("Flatpak");
	if (g_str_has_prefix(q->app, "snap:"))
		return claimed ? _("Says it is a Snap") : _("Snap");
	*tone = SP_TONE_BAD;
	return _("In a container");
}

/* By what is proven only: the package, the file's fate, where it lies. */
const char *sp_facts_badge(const struct sp_question *q, enum sp_tone *tone)
{
	static const char *const homes[] = { "/home", "/root", NULL };
	static const char *const passing[] = { "/tmp", "/var/tmp", "/dev/shm", "/run/user", NULL };
	static const char *const places[] = { "/usr/bin", "/usr/sbin", "/usr/lib",
		"/usr/libexec", "/bin", "/sbin", "/lib", NULL };

	*tone = SP_TONE_BAD;
	if (has_flag(q, "deleted"))
		return _("Deleted from disk");
	if (has_flag(q, "foreign") || has_flag(q, "userns"))
		return sandbox(q, tone);
	if (*q->package && q->package_state == SP_PACKAGE_MODIFIED)
		return _("Packaged, but modified");
	if (has_flag(q, "changed"))
		return _("Changed since you allowed it");
	*tone = SP_TONE_WARN;
	if (*q->bundle)
		return _("Out of an AppImage");
	if (has_flag(q, "private") || is_under(q->program, passing))
		return _("In a temporary place");
	if (!*q->program || has_flag(q, "no-path"))
		return _("File unknown");
	if (is_under(q->program, homes))
		return _("In a home folder");
	*tone = SP_TONE_GOOD;
	if (*q->package && q->package_state == SP_PACKAGE_UNMODIFIED)
		return _("Packaged and unmodified");
	*tone = SP_TONE_PLAIN;
	if (*q->package)
		return _("Packaged");
	return is_under(q->program, places) ? _("In a system folder") : _("Not in a system folder");
}

/* From who came first: "systemd → bash → curl". */
char *sp_facts_chain(const struct sp_question *q)
{
	guint count = MIN(g_strv_length(q->ancestors), LAUNCH_SHOWN);
	GString *text;

	if (!count && !*q->parent)
		return NULL;
	text = g_string_new(NULL);
	if (!count)
		g_string_append_printf(text, "%s \u2192 ", sp_format_program(q->parent));
	for (guint i = count; i > 0; i--)
		g_string_append_printf(text, "%s \u2192 ", sp_format_program(q->ancestors[i - 1]));
	g_string_append(text, *q->name ? q->name : sp_format_program(q->program));
	return g_string_free(text, FALSE);
}

char *sp_facts_started_by(const struct sp_question *q)
{
	g_autoptr(GString) text = NULL;

	if (!*q->parent)
		return NULL;
	text = g_string_new(sp_format_program(q->parent));
	for (guint i = 1; q->ancestors[0] && q->ancestors[i] && i < LAUNCH_SHOWN; i++)
		g_string_append_printf(text, ", %s", sp_format_program(q->ancestors[i]));
	return g_strdup_printf(_("Started by %s"), text->str);
}

char *sp_facts_why(const struct sp_question *q)
{
	if (!*q->rule)
		return g_strdup(_("No rule is about this"));
	return g_strdup_printf(_("A rule asks: %s"), q->rule);
}

char *sp_facts_certainty(const struct sp_question *q)
{
	g_autofree char *name = sp_facts_name(q);

	return g_strdup_printf(_("%s runs other code: whatever that is may connect anywhere, always. If that is meant, press Allow again."),
			       name);
}

/* As many as help: the last are always the same. */
char *sp_facts_launch(const struct sp_question *q)
{
	GString *text;

	if (!q->ancestors[0])
		return *q->parent ? g_strdup(q->parent) : NULL;
	text = g_string_new(NULL);
	for (guint i = 0; q->ancestors[i] && i < LAUNCH_SHOWN; i++)
		g_string_append_printf(text, "%s%s", i ? " \u2190 " : "",
				       sp_format_program(q->ancestors[i]));
	return g_string_free(text, FALSE);
}

char *sp_facts_past(const struct sp_question *q)
{
	g_autofree char *allowed = NULL, *hosts = NULL, *denied = NULL;

	if (!q->past_known)
		return NULL;
	if (!q->past_allowed && !q->past_denied)
		return g_strdup(_("Its first connection lately"));
	denied = g_strdup_printf(ngettext("denied once", "denied %u times", q->past_denied),
				 q->past_denied);
	if (!q->past_allowed)
		return g_strdup_printf(_("Lately %s"), denied);
	allowed = g_strdup_printf(ngettext("allowed once", "allowed %u times", q->past_allowed),
				  q->past_allowed);
	hosts = g_strdup_printf(ngettext("to one address", "to %u addresses", q->past_hosts),
				q->past_hosts);
	if (!q->past_denied)
		return g_strdup_printf(_("Lately %s %s"), allowed, hosts);
	/* TRANSLATORS: "Lately allowed 41 times to 6 addresses, denied 2 times" */
	return g_strdup_printf(_("Lately %s %s, %s"), allowed, hosts, denied);
}

static char *host_words(const struct sp_question *q, const char *host)
{
	g_autofree char *remotes = sp_question_remotes(q);

	switch (q->host_source) {
	case SP_HOST_OWN:
		return g_strdup_printf(_("%s – the program looked this name up itself"), remotes);
	case SP_HOST_SYSTEM:
		return g_strdup_printf(_("%s – the system's resolver told some program this name: it may be another host"),
				       q->remote);
	case SP_HOST_OTHER:
		return g_strdup_printf(_("%s – another program looked this name up: it may be another host"),
				       q->remote);
	case SP_HOST_NETWORK:
		return g_strdup_printf(_("%s – called %s by whoever answered in the local network: anybody there can say that"),
				       q->remote, host);
	case SP_HOST_DOUBTFUL:
		return g_strdup_printf(_("%s – called %s by a server that is not one of this machine's: anybody can say that"),
				       q->remote, host);
	case SP_HOST_UNKNOWN:
		break;
	}
	return NULL;
}

/* The headline has the name as it travels; here it is as it is meant to be read. */
char *sp_facts_host(const struct sp_question *q)
{
	g_autofree char *host = sp_host_name(q->host);
	g_autofree char *words = host_words(q, host);

	if (!words || strcmp(host, q->host) == 0 || !sp_question_host_is_sure(q))
		return g_steal_pointer(&words);
	return g_strdup_printf("%s · %s", host, words);
}

/* What the command line says is run; a program can write what it likes there. */
static char *claimed_script(const struct sp_question *q)
{
	g_auto(GStrv) words = g_strsplit(q->command_line, " ", 8);

	for (guint i = 1; words[0] && words[i]; i++)
		if (words[i][0] && words[i][0] != '-')
			return sp_width_elide(words[i], NAME_SHOWN);
	return NULL;
}

static void add_line(GString *text, const char *line)
{
	if (text->len)
		g_string_append_c(text, '\n');
	g_string_append(text, line);
}

static void warn_of_interpreter(GString *text, const struct sp_question *q)
{
	g_autofree char *name = sp_facts_name(q), *script = claimed_script(q), *line = NULL;

	if (*q->script)
		line = g_strdup_printf(_("%s runs the script %s. An answer about %s holds for whatever it runs."),
				       name, q->script, name);
	else if (script)
		line = g_strdup_printf(_("%s runs other code; by its command line this is %s. An answer holds for whatever it runs."),
				       name, script);
	else
		line = g_strdup_printf(_("%s runs other code. An answer holds for whatever it runs."),
				       name);
	add_line(text, line);
}

char *sp_facts_warning(const struct sp_question *q)
{
	GString *text = g_string_new(NULL);
	g_autofree char *user = NULL;

	if (sp_facts_is_system(q)) {
		user = g_strdup_printf(_("It runs as the user %s, not as you."),
				       *q->user_name ? q->user_name : _("unknown"));
		add_line(text, user);
	}
	if (q->inbound)
		add_line(text, _("It listens: whoever is let in can use what it offers."));
	if (*q->runs)
		warn_of_interpreter(text, q);
	if (has_flag(q, "changed"))
		add_line(text, _("Its file is not the version that you allowed: it was updated, or replaced by something else."));
	if (has_flag(q, "deleted"))
		add_line(text, _("Its file was replaced or removed after it was started."));
	if (has_flag(q, "traced"))
		add_line(text, _("Another program can change what it does: it is traced."));
	if (has_flag(q, "group"))
		add_line(text, _("Sent to a group: every program that listens gets it."));
	if (!*sp_question_scope(q, 0)->text)
		add_line(text, _("No rule can be made here: the answer holds for what waits now."));
	return g_string_free(text, FALSE);
}

char *sp_facts_flags(const struct sp_question *q)
{
	GString *text;

	if (!q->flags[0])
		return NULL;
	text = g_string_new(NULL);
	for (guint i = 0; q->flags[i]; i++)
		add_line(text, sp_words_flag(q->flags[i]));
	return g_string_free(text, FALSE);
}

/* The rule's text says "allow" first, whatever the answer is. */
static char *rule_text(const struct sp_question *q, guint scope, const char *action)
{
	const char *text = sp_question_scope(q, scope)->text;

	if (!*text)
		return NULL;
	if (g_str_has_prefix(text, "allow "))
		return g_strconcat(action, text + strlen("allow"), NULL);
	return g_strdup(text);
}

char *sp_facts_command(const struct sp_question *q, guint scope,
		       const char *action, const char *lifetime)
{
	g_autofree char *text = rule_text(q, scope, action), *quoted = NULL;

	gint64 seconds;

	if (!text)
		return NULL;
	quoted = g_shell_quote(text);
	if (strcmp(lifetime, "always") == 0)
		return g_strdup_printf("sallyport rules add %s", quoted);
	/* What ends with a process or a session is not said in a line. */
	if (!sp_duration_parse(lifetime, &seconds))
		return NULL;
	return g_strdup_printf("sallyport rules add --for %s %s", lifetime, quoted);
}

/* 64 digits say nothing in a sentence. */
static char *sentence_of(const struct sp_question *q, guint scope, const char *action)
{
	const char *name = sp_question_scope(q, scope)->name;
	g_autofree char *wider = NULL, *sentence = NULL;
	int index;

	if (!g_str_has_suffix(name, SP_THIS_VERSION))
		return sp_question_sentence(q, scope, action);
	wider = g_strndup(name, strlen(name) - strlen(SP_THIS_VERSION));
	index = sp_question_find_scope(q, wider);
	sentence = index < 0 ? NULL : sp_question_sentence(q, (guint)index, action);
	if (!sentence)
		return sp_question_sentence(q, scope, action);
	return g_strdup_printf(_("%s When the program is changed, it is asked about again."), sentence);
}

char *sp_facts_effect(const struct sp_question *q, guint scope,
		      const char *action, const char *lifetime)
{
	g_autofree char *sentence = NULL, *duration = NULL;

	if (strcmp(lifetime, "once") != 0) {
		sentence = sentence_of(q, scope, action);
		if (!sentence)	/* said in a way that is not known here */
			sentence = rule_text(q, scope, action);
	}
	if (!sentence)
		return g_strdup(_("No rule is made: the answer holds for what waits now."));
	if (strcmp(lifetime, "always") == 0)
		return g_steal_pointer(&sentence);
	duration = sp_words_lifetime(lifetime);
	/* TRANSLATORS: a rule as a sentence, then "for 15 minutes" */
	return g_strdup_printf(_("%s This holds %s."), sentence, duration);
}

char *sp_facts_scope(const struct sp_question *q, guint scope)
{
	const struct sp_scope *s = sp_question_scope(q, scope);
	guint port = q->inbound ? q->local_port : q->remote_port;

	if (strcmp(s->name, "this-host-port") == 0)
		return g_strdup(*s->text ? _("This host and port") : _("This connection"));
	if (strcmp(s->name, "this-host") == 0)
		return g_strdup(_("This host, any port"));
	if (strcmp(s->name, "this-domain") == 0 && g_str_has_prefix(s->label, "All of "))
		return g_strdup_printf(_("All of %s"), s->label + strlen("All of "));
	if (strcmp(s->name, "this-address") == 0)
		return g_strdup(_("This address, any port"));
	if (strcmp(s->name, "this-port") == 0)
		return g_strdup_printf(_("Any host, port %u"), port);
	if (strcmp(s->name, "anything") == 0)
		return g_strdup(q->inbound ? _("Anything that comes in") : _("Anything"));
	return g_strdup(*s->label ? s->label : s->name);
}
