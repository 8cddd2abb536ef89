/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's names for things, in words: tables, in the order of the module. */
#include "words.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "duration.h"
#include "width.h"

static const struct {
	const char *name;
	enum sp_counter_group group;
	const char *words;
} counters[] = {
	{ "cache-hit", SP_GROUP_PASSED, N_("decided from a processor's own cache") },
	{ "flow-hit", SP_GROUP_PASSED, N_("of connections already decided") },
	{ "verdict-hit", SP_GROUP_PASSED, N_("new connections decided in the kernel") },
	{ "upcall", SP_GROUP_PASSED, N_("sent to sallyportd for a decision") },
	{ "repeat", SP_GROUP_PASSED, N_("came back from sallyportd") },
	{ "loopback", SP_GROUP_PASSED, N_("within the machine, not judged") },
	{ "always", SP_GROUP_PASSED, N_("always allowed: neighbours, DHCP, errors of connections") },
	{ "control", SP_GROUP_PASSED, N_("the kernel's own answers to packets of no socket") },
	{ "foreign", SP_GROUP_PASSED, N_("of network namespaces that are not judged here") },
	{ "absent-pass", SP_GROUP_PASSED, N_("allowed while sallyportd was away, as configured") },
	{ "off", SP_GROUP_PASSED, N_("while the firewall was off") },
	{ "established", SP_GROUP_PASSED, N_("of sockets older than the firewall") },
	{ "unwanted", SP_GROUP_PASSED, N_("inbound, no program wants them") },
	{ "frame", SP_GROUP_PASSED, N_("of packet sockets, without IP: ARP, log-in at the switch and the like") },
	{ "deny", SP_GROUP_REFUSED, N_("refused by a rule, an answer or the default") },
	{ "drop", SP_GROUP_REFUSED, N_("dropped by a rule, an answer or the default") },
	{ "absent", SP_GROUP_REFUSED, N_("unknown, and sallyportd was away") },
	{ "no-queue", SP_GROUP_REFUSED, N_("unknown, in a namespace that has no queue") },
	{ "queue-soon", SP_GROUP_REFUSED, N_("unknown, in a namespace whose queue was just being opened") },
	{ "held-enough", SP_GROUP_REFUSED, N_("the connection waits for an answer with as much as it may") },
	{ "limit-image", SP_GROUP_REFUSED, N_("too many connections of one program wait") },
	{ "limit-user", SP_GROUP_REFUSED, N_("too many connections of one user wait") },
	{ "limit-total", SP_GROUP_REFUSED, N_("too many connections wait") },
	{ "tag-lost", SP_GROUP_REFUSED, N_("sallyportd did not keep up") },
	{ "no-memory", SP_GROUP_REFUSED, N_("the kernel had no memory") },
	{ "unanswered", SP_GROUP_REFUSED, N_("came back from sallyportd without a decision") },
	{ "unsettled", SP_GROUP_REFUSED, N_("policy kept changing while they were judged") },
	{ "unheld", SP_GROUP_REFUSED, N_("of packet sockets, unknown: lost while sallyportd decides") },
	{ "frame-foreign", SP_GROUP_REFUSED, N_("of packet sockets, without IP, by programs in user namespaces") },
	{ "stealth", SP_GROUP_REFUSED, N_("inbound, no program wants them: not answered") },
	{ "malformed", SP_GROUP_REFUSED, N_("headers that make no sense") },
	{ "pending-expired", SP_GROUP_OTHER, N_("connections that waited too long") },
	{ "aborted", SP_GROUP_OTHER, N_("open connections ended because policy changed") },
	{ "abort-lost", SP_GROUP_OTHER, N_("open connections that could not be ended: no memory") },
	{ "flow-full", SP_GROUP_OTHER, N_("allowed, but not remembered: table or quota full") },
	{ "owner-full", SP_GROUP_OTHER, N_("sockets whose owner was not recorded: table full") },
	{ "image-full", SP_GROUP_OTHER, N_("programs that were not recorded: table full") },
	{ "event-lost", SP_GROUP_OTHER, N_("events lost on the way to the log") },
	{ "stale", SP_GROUP_OTHER, N_("decisions refused because policy had changed meanwhile") },
	{ "pending-abandoned", SP_GROUP_OTHER, N_("connections that waited until their program gave up") },
	{ "observed", SP_GROUP_OTHER, N_("DNS replies that sallyportd saw") },
	{ "query-lost", SP_GROUP_OTHER, N_("DNS queries that sallyportd was not told of: their replies name nothing") },
	{ "held-lost", SP_GROUP_REFUSED, N_("waited, and were lost on the way to sallyportd or back") },
	{ "reply-unseen", SP_GROUP_OTHER, N_("DNS replies that passed without sallyportd, which did not look: they name nothing") },
	{ "process-full", SP_GROUP_OTHER, N_("processes that were not recorded: table full") },
	{ "origin-full", SP_GROUP_OTHER, N_("processes whose parents were not recorded: table full") },
	{ "daemon-unmatched", SP_GROUP_OTHER, N_("packets that sallyportd dropped: it did not know whose they were") },
	{ "daemon-queue-full", SP_GROUP_REFUSED, N_("dropped: the queue to sallyportd was full") },
	{ "daemon-queue-overrun", SP_GROUP_REFUSED, N_("dropped: sallyportd did not empty its queue's buffer") },
	{ "daemon-limited", SP_GROUP_OTHER, N_("questions that were refused: too many wait") },
	{ "daemon-failed", SP_GROUP_OTHER, N_("answers that the kernel could not take") },
	{ "daemon-alone", SP_GROUP_OTHER, N_("connections decided one by one: no room for a verdict") },
	{ "daemon-waiting", SP_GROUP_OTHER, N_("connections that wait for an answer now") },
};

enum sp_counter_group sp_words_counter_group(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(counters); i++)
		if (strcmp(counters[i].name, name) == 0)
			return counters[i].group;
	return SP_GROUP_OTHER;
}

const char *sp_words_counter(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(counters); i++)
		if (strcmp(counters[i].name, name) == 0)
			return _(counters[i].words);
	return name;
}

struct word {
	const char *name, *words;
};

/* @name itself where the table has no words for it. */
static const char *find(const struct word *words, gsize count, const char *name)
{
	for (gsize i = 0; i < count; i++)
		if (strcmp(words[i].name, name) == 0)
			return _(words[i].words);
	return name;
}

const char *sp_words_flag(const char *flag)
{
	static const struct word words[] = {
		{ "older", N_("started before the firewall") },
		{ "foreign", N_("runs in another root or mount namespace: the path is its own") },
		{ "deleted", N_("its file was deleted from the disk") },
		{ "userns", N_("runs in a container of a user") },
		{ "private", N_("its file is on a file system of a user: known for this run only") },
		{ "no-path", N_("its path can't be told") },
		{ "changed", N_("its file is not the version that a rule allows") },
		{ "traced", N_("another program can write to its memory") },
		{ "secure", N_("it has more rights than who started it") },
		{ "group", N_("not per program: multicast or broadcast") },
		{ "inherited", N_("a connection that was accepted by another program") },
		{ "namespace", N_("in a network of its own within the machine") },
	};

	return find(words, G_N_ELEMENTS(words), flag);
}

const char *sp_words_by(const char *by)
{
	static const struct word words[] = {
		{ "rule", N_("rule") },
		{ "default", N_("default") },
		{ "answer", N_("answer") },
		{ "deadline", N_("no answer in time") },
		{ "nobody", N_("nobody to ask") },
		{ "kernel", N_("kernel") },
		{ "limit", N_("limit") },
		{ "learning", N_("learning") },
	};

	return find(words, G_N_ELEMENTS(words), by);
}

const char *sp_words_cancel(const char *reason)
{
	static const struct word words[] = {
		{ "answered", N_("answered elsewhere") },
		{ "rule", N_("decided by a new rule") },
		{ "expired", N_("nobody answered in time") },
		{ "gone", N_("the program gave up") },
		{ "joined", N_("one question with another address of the host") },
		{ "dismissed", N_("dismissed elsewhere") },
		{ "disconnected", N_("the kernel module is not there any more") },
		{ "stopping", N_("sallyportd stops") },
	};

	return find(words, G_N_ELEMENTS(words), reason);
}

char *sp_words_lifetime(const char *lifetime)
{
	g_autofree char *duration = NULL;
	gint64 seconds;

	if (strcmp(lifetime, "always") == 0)
		return g_strdup(_("always"));
	if (strcmp(lifetime, "once") == 0)
		return g_strdup(_("once"));
	if (strcmp(lifetime, "quit") == 0)
		return g_strdup(_("until it quits"));
	if (strcmp(lifetime, "logout") == 0)
		return g_strdup(_("until you log out"));
	if (strcmp(lifetime, "reboot") == 0)
		return g_strdup(_("until the machine restarts"));
	if (!sp_duration_parse(lifetime, &seconds))
		return sp_width_harmless(lifetime);
	duration = sp_duration_words(seconds);
	return g_strdup_printf(_("for %s"), duration);
}

char *sp_words_answer(const char *action, const char *lifetime)
{
	g_autofree char *when = sp_words_lifetime(lifetime);

	/* TRANSLATORS: %s is "always", "once", "for 15 minutes" */
	return g_strdup_printf(strcmp(action, "allow") == 0 ?
			       _("allowed %s") : _("denied %s"), when);
}
