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
		size_t length = strcspn(phrase, "{");

		sp_buffer_add(out, phrase, length);
		phrase += length;
		if (!strncmp(phrase, "{1}", 3) || !strncmp(phrase, "{2}", 3)) {
			sp_buffer_string(out, phrase[1] == '1' ? first : second);
			phrase += 3;
		} else if (*phrase) {
			sp_buffer_add(out, phrase++, 1);
		}
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

static char *program(const struct sp_rule *rule)
{
	struct sp_buffer out = { 0 };
	const char *slash;
	char *path, *name;

	if (!rule->program)
		return strdup(_("any program"));
	slash = strrchr(rule->program, '/');
	path = literal(rule->program);
	name = literal(slash ? slash + 1 : rule->program);
	if (path && name)
		expand(&out, _("{1} ({2})"), name, path);
	else
		out.failed = true;
	free(path);
	free(name);
	return sp_buffer_take(&out);
}

static char *who(const struct sp_rule *rule)
{
	char *text = program(rule), user[16];

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

static char *place(const struct sp_rule *rule)
{
	char text[SP_PREFIX_TEXT];

	if (!rule->remote.length)
		return strdup(_("any address"));
	sp_print_prefix(&rule->remote, text);
	return strdup(text);
}

/* With whom, on which port, by which protocol; through what, until when. */
static char *what(const struct sp_rule *rule)
{
	bool out = rule->direction == SP_OUT;
	char *text = place(rule), name[32], time[SP_TIME_TEXT], *interface;

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
	if (rule->interface) {
		interface = literal(rule->interface);
		wrap(&text, _("{1}, through interface {2}"), interface ? interface : "");
		free(interface);
	}
	if (rule->expires) {
		sp_print_time(rule->expires, time);
		wrap(&text, _("{1}, until {2}"), time);
	}
	return text;
}

static void add_remark(struct sp_buffer *out, bool so, const char *remark)
{
	if (!so)
		return;
	sp_buffer_string(out, " ");
	sp_buffer_string(out, remark);
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
	add_remark(&out, !rule->enabled, _("(Switched off.)"));
	free(first);
	free(second);
	return sp_buffer_take(&out);
}
