/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule in plain words. A sentence is built from whole phrases with {1} and
 * {2} in them, each of which a translator can turn round; what is put in is
 * never itself read as a phrase.
 */
#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "buffer.h"
#include "field.h"
#include "prefix.h"
#include "protocol.h"
#include "sentence.h"

#define _(text) dgettext("sallyport", text)
#define N_(text) text

static const char *const sentences[2][SP_ASK + 1] = {
	[SP_OUT] = {
		[SP_ALLOW] = N_("Allow {1} to connect to {2}."),
		[SP_DENY] = N_("Deny connections by {1} to {2}."),
		[SP_DROP] = N_("Silently drop connections by {1} to {2}."),
		[SP_ASK] = N_("Ask before {1} connects to {2}."),
	},
	[SP_IN] = {
		[SP_ALLOW] = N_("Allow {1} to accept connections from {2}."),
		[SP_DENY] = N_("Deny connections to {1} from {2}."),
		[SP_DROP] = N_("Silently drop connections to {1} from {2}."),
		[SP_ASK] = N_("Ask before {1} accepts connections from {2}."),
	},
};

/* @phrase with @first and @second in it. */
static void expand(struct sp_buffer *out, const char *phrase,
		   const char *first, const char *second)
{
	while (*phrase) {
		size_t length = 3;

		if (!strncmp(phrase, "{1}", 3)) {
			sp_buffer_string(out, first);
		} else if (!strncmp(phrase, "{2}", 3)) {
			sp_buffer_string(out, second);
		} else {
			length = 1 + strcspn(phrase + 1, "{");
			sp_buffer_add(out, phrase, length);
		}
		phrase += length;
	}
}

/* Replaces *@text, which may be NULL (no memory, and stays so). */
static void wrap(char **text, const char *phrase, const char *second)
{
	struct sp_buffer out = { 0 };

	if (!*text)
		return;
	expand(&out, phrase, *text, second);
	free(*text);
	*text = sp_buffer_take(&out);
}

static char *literal(const char *text)
{
	return sp_text_literal(text, strlen(text));
}

/* As wrap(), with @text made harmless; NULL: there is nothing to say. */
static void wrap_text(char **text, const char *phrase, const char *more)
{
	char *harmless = more ? literal(more) : NULL;

	if (!more)
		return;
	if (harmless) {
		wrap(text, phrase, harmless);
	} else {
		free(*text);
		*text = NULL;
	}
	free(harmless);
}

static char *program(const struct sp_rule *rule)
{
	struct sp_buffer out = { 0 };
	const char *slash;
	char *path, *name;

	if (!rule->program)
		return strdup(rule->process ? _("one running program") : _("any program"));
	path = literal(rule->program);
	slash = rule->program_glob ? NULL : strrchr(rule->program, '/');
	name = literal(slash ? slash + 1 : rule->program);
	if (path && name)
		expand(&out, rule->program_glob ? _("any program like {1}") : _("{1} ({2})"),
		       name, path);
	else
		out.failed = true;
	free(path);
	free(name);
	return sp_buffer_take(&out);
}

static void wrap_process(char **text, const struct sp_rule *rule)
{
	char number[24];

	if (rule->traced != SP_TRACED_ANY)
		wrap(text, rule->traced == SP_TRACED_YES ? _("{1}, while it is traced,") :
		     _("{1}, unless it is traced,"), "");
	if (rule->process) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)rule->process);
		wrap(text, _("{1} (instance {2})"), number);
	}
	if (rule->cgroup) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)rule->cgroup);
		wrap(text, _("{1} (control group {2})"), number);
	}
}

static char *who(const struct sp_rule *rule)
{
	char *text = program(rule), user[16];

	wrap_text(&text, _("{1} with SHA-256 sum {2}"), rule->hash);
	wrap_text(&text, _("{1} of package {2}"), rule->package);
	wrap_text(&text, _("{1} of application {2}"), rule->app);
	wrap_text(&text, _("{1} in unit {2}"), rule->unit);
	wrap_text(&text, _("{1} running script {2}"), rule->script);
	wrap_text(&text, _("{1} started by {2}"), rule->parent);
	wrap_process(&text, rule);
	if (rule->user != SP_ANY_USER) {
		snprintf(user, sizeof(user), "%u", (unsigned)rule->user);
		wrap(&text, _("{1} of user {2}"), user);
	}
	return text;
}

static const char *protocol_name(int protocol, char text[32])
{
	const char *name = sp_protocol_name(protocol);
	size_t i;

	if (!name) {
		snprintf(text, 32, _("protocol %d"), protocol);
		return text;
	}
	if (!strcmp(name, "icmpv6"))
		return "ICMPv6";
	if (!strcmp(name, "udplite"))
		return "UDP-Lite";
	for (i = 0; name[i] && i < 31; i++)
		text[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 'a' + 'A') : name[i];
	text[i] = '\0';
	return text;
}

static void wrap_ports(char **text, const struct sp_ports *ports,
		       const char *one, const char *several)
{
	char number[16];

	if (ports->last - ports->first == UINT16_MAX)
		return;
	if (ports->first == ports->last) {
		snprintf(number, sizeof(number), "%u", ports->first);
		wrap(text, one, number);
	} else {
		snprintf(number, sizeof(number), "%u-%u", ports->first, ports->last);
		wrap(text, several, number);
	}
}

static char *named(const char *phrase, const char *name)
{
	char *text = strdup(name);

	wrap(&text, phrase, "");
	return text;
}

static char *range(const struct sp_rule *rule)
{
	struct sp_prefix end = { .length = 128 };
	char first[SP_PREFIX_TEXT], last[SP_PREFIX_TEXT], *text;

	memcpy(end.address, rule->remote_last, sizeof(end.address));
	sp_prefix_print(&end, last);
	memcpy(end.address, rule->remote.address, sizeof(end.address));
	sp_prefix_print(&end, first);
	text = strdup(first);
	wrap(&text, _("addresses from {1} to {2}"), last);
	return text;
}

static char *place(const struct sp_rule *rule)
{
	char text[SP_PREFIX_TEXT];

	switch (rule->remote_kind) {
	case SP_REMOTE_PREFIX:
		if (!rule->remote.length)
			return strdup(_("any address"));
		sp_prefix_print(&rule->remote, text);
		return strdup(text);
	case SP_REMOTE_RANGE:
		return range(rule);
	case SP_REMOTE_HOST:
		return strdup(rule->remote_name);
	case SP_REMOTE_DOMAIN:
		return named(_("{1} and every name beneath it"), rule->remote_name);
	case SP_REMOTE_LIST:
		return named(_("whatever is in the list {1}"), rule->remote_name);
	case SP_REMOTE_RESOLVER:
		return strdup(_("this machine's name servers"));
	case SP_REMOTE_LOOPBACK:
		return strdup(_("this machine itself"));
	case SP_REMOTE_LAN:
		return strdup(_("the local network"));
	case SP_REMOTE_MULTICAST:
		return strdup(_("groups in the network"));
	case SP_REMOTE_INTERNET:
		break;
	}
	return strdup(_("the internet"));
}

static void wrap_end(char **text, const struct sp_rule *rule)
{
	char time[SP_TIME_TEXT];

	switch (rule->bound) {
	case SP_BOUND_NONE:
		break;
	case SP_BOUND_BOOT:
		wrap(text, _("{1}, until the machine is started again"), "");
		break;
	case SP_BOUND_SESSION:
		wrap(text, _("{1}, until log-out"), "");
		break;
	case SP_BOUND_PROGRAM:
		wrap(text, _("{1}, until the program quits"), "");
		break;
	}
	if (rule->expires) {
		sp_print_time(rule->expires, time);
		wrap(text, _("{1}, until {2}"), time);
	}
}

/* With whom, on which port, by which protocol; through what, until when. */
static char *what(const struct sp_rule *rule)
{
	bool out = rule->direction == SP_OUT;
	char *text = place(rule), name[32];

	wrap_ports(&text, out ? &rule->remote_port : &rule->local_port,
		   _("{1} on port {2}"), _("{1} on ports {2}"));
	if (rule->protocol != SP_ANY_PROTOCOL)
		wrap(&text, _("{1} ({2})"), protocol_name(rule->protocol, name));
	if (out)
		wrap_ports(&text, &rule->local_port, _("{1}, from local port {2}"),
			   _("{1}, from local ports {2}"));
	else
		wrap_ports(&text, &rule->remote_port, _("{1}, from remote port {2}"),
			   _("{1}, from remote ports {2}"));
	wrap_text(&text, _("{1}, through interface {2}"), rule->interface);
	wrap_text(&text, _("{1}, in the network {2}"), rule->network);
	wrap_end(&text, rule);
	return text;
}

static void add_remark(struct sp_buffer *out, bool so, const char *remark)
{
	if (!so)
		return;
	sp_buffer_string(out, " ");
	sp_buffer_string(out, remark);
}

/* In some languages it begins with who, and that with "any program"; a name stays as it is. */
static char *capital(char *sentence, const struct sp_rule *rule)
{
	if (sentence && !rule->program && *sentence >= 'a' && *sentence <= 'z')
		*sentence = (char)(*sentence - 'a' + 'A');
	return sentence;
}

char *sp_sentence(const struct sp_rule *rule)
{
	struct sp_buffer out = { 0 };
	char *first = who(rule), *second = what(rule);

	if (first && second)
		expand(&out, _(sentences[rule->direction == SP_IN][rule->action]),
		       first, second);
	else
		out.failed = true;
	add_remark(&out, rule->floor, _("Nothing overrides this."));
	add_remark(&out, rule->log, _("It is logged."));
	add_remark(&out, !rule->enabled, _("(Switched off.)"));
	free(first);
	free(second);
	return capital(sp_buffer_take(&out), rule);
}
