/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See headline.h. Pieces are literal text by now; they are not read again. */
#include "headline.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "facts.h"
#include "width.h"

#define HOST_SHOWN	72	/* cells; it is whole in the details */
#define ISOLATE		"\u2068"
#define ISOLATE_END	"\u2069"

static gboolean is_rtl(const char *text)
{
	for (; *text; text = g_utf8_next_char(text))
		switch (g_unichar_get_script(g_utf8_get_char(text))) {
		case G_UNICODE_SCRIPT_HEBREW:
		case G_UNICODE_SCRIPT_ARABIC:
		case G_UNICODE_SCRIPT_SYRIAC:
		case G_UNICODE_SCRIPT_THAANA:
		case G_UNICODE_SCRIPT_NKO:
			return TRUE;
		default:
			break;
		}
	return FALSE;
}

static void add_piece(struct sp_headline *headline, GString *text, const char *piece,
		      gboolean isolated)
{
	struct sp_span *span = &headline->spans[headline->count++];

	if (isolated)
		g_string_append(text, ISOLATE);
	span->start = (guint)text->len;
	g_string_append(text, piece);
	span->end = (guint)text->len;
	if (isolated)
		g_string_append(text, ISOLATE_END);
}

/* The number of the piece that @text begins with, or -1. */
static int piece_at(const char *text)
{
	if (text[0] == '{' && text[1] >= '1' && text[1] < '1' + SP_SPANS && text[2] == '}')
		return text[1] - '1';
	return -1;
}

void sp_headline_expand(const char *phrase, const char *const pieces[SP_SPANS],
			struct sp_headline *headline)
{
	GString *text = g_string_new(NULL);
	gboolean rtl = is_rtl(phrase);

	headline->count = 0;
	while (*phrase) {
		int piece = piece_at(phrase);

		if (piece < 0 || headline->count == SP_SPANS) {
			g_string_append_c(text, *phrase++);
			continue;
		}
		add_piece(headline, text, pieces[piece], rtl || is_rtl(pieces[piece]));
		phrase += 3;
	}
	headline->text = g_string_free(text, FALSE);
}

/* Others have none that could be accepted: what comes is taken as it comes. */
static gboolean has_connections(const struct sp_question *q)
{
	static const char *const names[] = { "tcp", "sctp", "dccp", NULL };

	return g_strv_contains(names, q->protocol);
}

static const char *phrase_of_inbound(const struct sp_question *q, gboolean service)
{
	gboolean system = sp_facts_is_system(q);

	if (!has_connections(q) && service)
		return system ? _("The system program {1} would receive data from {2} on {3}.") :
				_("{1} would receive data from {2} on {3}.");
	if (!has_connections(q))
		return system ? _("The system program {1} would receive data from {2}.") :
				_("{1} would receive data from {2}.");
	if (service)
		return system ? _("The system program {1} would accept a connection from {2} on {3}.") :
				_("{1} would accept a connection from {2} on {3}.");
	return system ? _("The system program {1} would accept a connection from {2}.") :
			_("{1} would accept a connection from {2}.");
}

/* What the sentence says depends on who asks; {3} is the service. */
static const char *phrase_of(const struct sp_question *q, gboolean service)
{
	gboolean system = sp_facts_is_system(q);

	if (q->inbound)
		return phrase_of_inbound(q, service);
	if (service)
		return system ? _("The system program {1} wants to connect to {2} on {3}.") :
				_("{1} wants to connect to {2} on {3}.");
	return system ? _("The system program {1} wants to connect to {2}.") :
			_("{1} wants to connect to {2}.");
}

/* "HTTPS (TCP 443)" is one word where lines break. */
static char *unbroken_service(const struct sp_question *q)
{
	g_autofree char *service = sp_facts_service(q);
	g_auto(GStrv) words = service ? g_strsplit(service, " ", -1) : NULL;

	return words ? g_strjoinv("\u00a0", words) : NULL;
}

void sp_headline_of(const struct sp_question *q, struct sp_headline *headline)
{
	g_autofree char *service = unbroken_service(q), *name = sp_facts_name(q);
	g_autofree char *remote = sp_width_elide(sp_question_far_end(q), HOST_SHOWN);
	const char *const pieces[SP_SPANS] = { name, remote, service ? service : "" };

	sp_headline_expand(phrase_of(q, service != NULL), pieces, headline);
}

void sp_headline_of_many(const struct sp_question *first, guint count,
			 struct sp_headline *headline)
{
	g_autofree char *number = g_strdup_printf("%u", count), *name = sp_facts_name(first);
	const char *const pieces[SP_SPANS] = { name, number, "" };
	const char *phrase;

	/* TRANSLATORS: {1} is a program, {2} a number */
	if (first->inbound)
		phrase = ngettext("{1} would accept {2} connection.",
				  "{1} would accept {2} connections.", count);
	else
		phrase = ngettext("{1} wants to make {2} connection.",
				  "{1} wants to make {2} connections.", count);
	sp_headline_expand(phrase, pieces, headline);
}

void sp_headline_clear(struct sp_headline *headline)
{
	g_clear_pointer(&headline->text, g_free);
	headline->count = 0;
}
