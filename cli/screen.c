/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the terminal agent shows. Each line has a rank: 0 must be there, the
 * greatest goes first.
 */
#include "screen.h"

#include <string.h>

#include <glib/gi18n.h>

#include "format.h"
#include "host_name.h"
#include "table.h"
#include "width.h"
#include "words.h"

enum rank {
	RANK_MUST,
	RANK_RULE,
	RANK_PROGRAM,
	RANK_FLAGS,
	RANK_DESTINATION,
	RANK_USER,
	RANK_COMMAND,
	RANK_BEHIND,
	RANK_PARENT,
	RANK_TEXT,
	RANK_BLANK,
};

struct line {
	char *text;
	enum rank rank;
	enum sp_style style;
};

struct page {
	GArray *lines;
	int columns;
	const struct sp_dialog *dialog;
	const struct sp_question *question;
	struct sp_moment now;
};

static void line_clear(gpointer data)
{
	g_free(((struct line *)data)->text);
}

/* Takes @text. */
static void add(struct page *page, enum rank rank, enum sp_style style, char *text)
{
	struct line line = { text, rank, style };

	g_array_append_val(page->lines, line);
}

static void add_blank(struct page *page)
{
	add(page, RANK_BLANK, SP_STYLE_PLAIN, g_strdup(""));
}

static void add_wrapped(struct page *page, enum rank rank, enum sp_style style,
			const char *text)
{
	g_autoptr(GPtrArray) lines = sp_width_wrap(text, page->columns);

	for (guint i = 0; i < lines->len; i++)
		add(page, rank, style, g_strdup(g_ptr_array_index(lines, i)));
}

#define INDENT	2
#define LABEL	14	/* cells for a label */
#define NARROW	50	/* fewer columns: labels in front, not beside */
#define FACT_LINES 3

static char *labelled(const char *label, const char *text, gboolean first)
{
	int blanks = LABEL - (first ? sp_width(label) : 0);

	return g_strdup_printf("%*s%s%*s%s", INDENT, "", first ? label : "",
			       MAX(blanks, 1), "", text);
}

/* "  Program       /usr/bin/curl", with more lines below where it is long. */
static void add_fact(struct page *page, enum rank rank, const char *label,
		     const char *text)
{
	int room = page->columns - INDENT - MAX(LABEL, sp_width(label) + 1);
	g_autoptr(GPtrArray) lines = NULL;
	g_autofree char *cut = NULL;

	if (!*text)
		return;
	if (page->columns < NARROW) {
		g_autofree char *joined = g_strdup_printf("%s: %s", label, text);
		g_autofree char *short_text = sp_width_elide(joined, page->columns * FACT_LINES);

		add_wrapped(page, rank, SP_STYLE_PLAIN, short_text);
		return;
	}
	cut = sp_width_elide(text, room * FACT_LINES);
	lines = sp_width_wrap(cut, room);
	for (guint i = 0; i < lines->len; i++)
		add(page, rank, SP_STYLE_PLAIN,
		    labelled(label, g_ptr_array_index(lines, i), i == 0));
}

static char *user_text(const struct sp_question *q)
{
	if (!q->pid)
		return g_strdup(q->user_name);
	return g_strdup_printf(_("%s, process %u"), q->user_name, q->pid);
}

static char *destination_text(const struct sp_question *q)
{
	g_autofree char *remotes = sp_question_remotes(q);
	g_autofree char *peer = sp_format_peer(q->inbound ? "in" : "out", remotes,
					       q->remote_port, q->local_port);

	if (!*q->interface)
		return g_strdup_printf(_("%s, %s"), peer, q->protocol);
	return g_strdup_printf(_("%s, %s, through %s"), peer, q->protocol, q->interface);
}

/* "": no name is known. */
static char *host_text(const struct sp_question *q)
{
	g_autofree char *host = sp_host_name(q->host);

	switch (q->host_source) {
	case SP_HOST_OWN:
		return g_strdup_printf(_("%s (this program looked it up)"), host);
	case SP_HOST_SYSTEM:
		return g_strdup_printf(_("%s (the system's resolver told it to some program: it may be another host)"),
				       host);
	case SP_HOST_OTHER:
		return g_strdup_printf(_("%s (another program looked it up: it may be another host)"),
				       host);
	case SP_HOST_NETWORK:
		return g_strdup_printf(_("%s (whoever is in the local network answered so: anybody there can)"),
				       host);
	case SP_HOST_DOUBTFUL:
		return g_strdup_printf(_("%s (by a server that is not one of this machine's: anybody can say that)"),
				       host);
	case SP_HOST_UNKNOWN:
		break;
	}
	return g_strdup("");
}

static char *flags_text(const struct sp_question *q)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; q->flags[i]; i++) {
		g_autofree char *words = sp_width_harmless(sp_words_flag(q->flags[i]));

		g_string_append_printf(text, "%s%s", i ? "; " : "", words);
	}
	if (*q->runs)
		g_string_append_printf(text, "%s%s", text->len ? "; " : "",
				       _("it runs other code: an answer is about whatever that is"));
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static char *package_text(const struct sp_question *q)
{
	if (!*q->package)
		return g_strdup("");
	switch (q->package_state) {
	case SP_PACKAGE_UNMODIFIED:
		return g_strdup_printf(_("%s, unmodified"), q->package);
	case SP_PACKAGE_MODIFIED:
		return g_strdup_printf(_("%s, but modified"), q->package);
	case SP_PACKAGE_UNKNOWN:
		break;
	}
	return g_strdup(q->package);
}

/* AppImage, container, application, unit: what says most. */
static char *place_text(const struct sp_question *q)
{
	if (*q->bundle)
		return g_strdup(q->bundle);
	if (*q->container)
		return g_strdup(q->container);
	return g_strdup(*q->app ? q->app : q->unit);
}

/* The nearest ones, the nearest first. */
static char *parents_text(const struct sp_question *q, const char *unknown)
{
	g_autoptr(GString) text = g_string_new(*q->parent ? q->parent : unknown);

	for (guint i = 1; q->ancestors[0] && q->ancestors[i] && i < 4; i++)
		g_string_append_printf(text, " < %s", sp_format_program(q->ancestors[i]));
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* What is known about the flow, in the order it is shown. */
struct fact {
	enum rank rank;
	const char *label;
	char *text;
};

#define FACTS 10

static void collect_facts(const struct sp_question *q, struct fact facts[FACTS])
{
	const char *unknown = _("unknown");
	struct fact all[FACTS] = {
		{ RANK_PROGRAM, _("Program"), g_strdup(*q->program ? q->program : unknown) },
		{ RANK_PROGRAM, _("Package"), package_text(q) },
		{ RANK_PROGRAM, _("Runs in"), place_text(q) },
		{ RANK_FLAGS, _("Note"), flags_text(q) },
		{ RANK_USER, _("User"), user_text(q) },
		{ RANK_COMMAND, _("Command line"), g_strdup(q->command_line) },
		{ RANK_PARENT, _("Script"), g_strdup(q->script) },
		{ RANK_PARENT, _("Started by"), parents_text(q, unknown) },
		{ RANK_DESTINATION, q->inbound ? _("From") : _("Destination"),
		  destination_text(q) },
		{ RANK_DESTINATION, _("Name"), host_text(q) },
	};

	memcpy(facts, all, sizeof(all));
}

static void clear_facts(struct fact facts[FACTS])
{
	for (int i = 0; i < FACTS; i++)
		g_free(facts[i].text);
}

static void add_facts(struct page *page)
{
	struct fact facts[FACTS];

	collect_facts(page->question, facts);
	for (int i = 0; i < FACTS; i++)
		add_fact(page, facts[i].rank, facts[i].label, facts[i].text);
	clear_facts(facts);
}

char *sp_screen_countdown(const struct sp_dialog *d, struct sp_moment now)
{
	const struct sp_question *q = sp_dialog_current(d);
	int seconds = (int)MIN(sp_dialog_seconds(d, now), G_MAXINT);

	return g_strdup_printf(q->drops ? _("dropped in %d s") : _("denied in %d s"), seconds);
}

/* "1 connection waits; denied in 41 s" */
static void add_waiting(struct page *page)
{
	g_autofree char *countdown = sp_screen_countdown(page->dialog, page->now);
	guint flows = page->question->flows;
	g_autofree char *waiting = g_strdup_printf(
		ngettext("%u connection waits", "%u connections wait", flows), flows);
	g_autofree char *text = g_strdup_printf("%s; %s", waiting, countdown);

	add_wrapped(page, RANK_MUST, SP_STYLE_WARN, text);
}

/* The rule that "allow" would make, as a sentence and as text. */
static void add_rule(struct page *page)
{
	guint index = sp_dialog_scope(page->dialog);
	const struct sp_scope *scope = sp_question_scope(page->question, index);
	g_autofree char *sentence = sp_question_sentence(page->question, index, "allow");

	add_fact(page, RANK_RULE, _("For"), *scope->label ? scope->label : scope->name);
	if (sentence)
		add_fact(page, RANK_RULE, _("If allowed"), sentence);
	add_fact(page, sentence ? RANK_TEXT : RANK_RULE, _("As text"), scope->text);
}

static void add_message(struct page *page)
{
	const char *message = sp_dialog_message(page->dialog);
	g_autofree char *cut = NULL, *harmless = NULL;

	if (!message)
		return;
	harmless = sp_width_harmless(message);
	cut = sp_width_elide(harmless, page->columns * FACT_LINES);
	add_wrapped(page, RANK_MUST, SP_STYLE_BAD, cut);
}

/* The hints for keys, as many in a line as fit. */
static void add_hints(struct page *page, char **hints, enum sp_style style)
{
	g_autoptr(GString) line = g_string_new(NULL);

	for (; *hints; hints++) {
		if (line->len && sp_width(line->str) + 3 + sp_width(*hints) > page->columns) {
			add(page, RANK_MUST, style, g_strdup(line->str));
			g_string_truncate(line, 0);
		}
		g_string_append_printf(line, "%s%s", line->len ? "   " : "", *hints);
	}
	add(page, RANK_MUST, style, g_strdup(line->str));
}

static void add_keys(struct page *page)
{
	gboolean inert = sp_dialog_inert(page->dialog, page->now);
	g_autofree char *lifetime = sp_words_lifetime(sp_dialog_lifetime(page->dialog));
	g_auto(GStrv) answers = g_new0(char *, 5);
	char *others[] = { (char *)_("s scope"), (char *)_("l how long"),
			   (char *)_("q quit"), NULL };

	answers[0] = g_strdup_printf(_("a allow %s"), lifetime);
	answers[1] = g_strdup(_("o allow once"));
	answers[2] = g_strdup_printf(_("d deny %s"), lifetime);
	answers[3] = g_strdup(_("n not now"));
	add_hints(page, answers, inert ? SP_STYLE_DIM : SP_STYLE_BOLD);
	add_hints(page, others, inert ? SP_STYLE_DIM : SP_STYLE_PLAIN);
}

static void add_behind(struct page *page)
{
	guint count = sp_dialog_count_behind(page->dialog);
	g_autofree char *heading = NULL;

	if (!count)
		return;
	heading = g_strdup_printf(ngettext("%u more question waits:",
					   "%u more questions wait:", count), count);
	add_blank(page);
	add_wrapped(page, RANK_BEHIND, SP_STYLE_PLAIN, heading);
	for (guint i = 0; i < count && i < 100; i++) {
		g_autofree char *flow = sp_question_flow(sp_dialog_behind(page->dialog, i));
		g_autofree char *line = g_strdup_printf("  %s", flow);

		add(page, RANK_BEHIND, SP_STYLE_DIM, sp_width_elide(line, page->columns));
	}
}

static void compose(struct page *page)
{
	add_wrapped(page, RANK_MUST, SP_STYLE_BOLD, page->question->title);
	add_blank(page);
	add_facts(page);
	add_blank(page);
	add_rule(page);
	add_blank(page);
	add_message(page);
	add_waiting(page);
	add_keys(page);
	add_behind(page);
}

/* The last line of the greatest rank goes; FALSE: all that is left must stay. */
static gboolean drop_line(GArray *lines)
{
	guint worst = 0;

	for (guint i = 0; i < lines->len; i++)
		if (g_array_index(lines, struct line, i).rank >=
		    g_array_index(lines, struct line, worst).rank)
			worst = i;
	if (g_array_index(lines, struct line, worst).rank == RANK_MUST)
		return FALSE;
	g_array_remove_index(lines, worst);
	return TRUE;
}

static void too_small(struct page *page)
{
	g_array_set_size(page->lines, 0);
	add(page, RANK_MUST, SP_STYLE_WARN,
	    sp_width_elide(_("A question waits: too small"), page->columns));
}

void sp_screen_make(struct sp_screen *screen, const struct sp_dialog *dialog,
		    int rows, int columns, gboolean colour, struct sp_moment now)
{
	struct page page = {
		.lines = g_array_new(FALSE, FALSE, sizeof(struct line)),
		.columns = MAX(columns, 1), .dialog = dialog,
		.question = sp_dialog_current(dialog), .now = now,
	};

	g_array_set_clear_func(page.lines, line_clear);
	screen->lines = g_ptr_array_new_with_free_func(g_free);
	screen->complete = columns >= 20;
	compose(&page);
	while (screen->complete && page.lines->len > (guint)MAX(rows, 1))
		screen->complete = drop_line(page.lines);
	if (!screen->complete)
		too_small(&page);
	for (guint i = 0; i < page.lines->len; i++) {
		struct line *line = &g_array_index(page.lines, struct line, i);
		GString *text = g_string_new(NULL);

		sp_style_append(text, line->text, line->style, colour);
		g_ptr_array_add(screen->lines, g_string_free(text, FALSE));
	}
	g_array_unref(page.lines);
}

void sp_screen_clear(struct sp_screen *screen)
{
	g_clear_pointer(&screen->lines, g_ptr_array_unref);
}

char *sp_screen_plain(const struct sp_dialog *dialog, struct sp_moment now)
{
	const struct sp_question *q = sp_dialog_current(dialog);
	g_autofree char *countdown = sp_screen_countdown(dialog, now);
	g_autofree char *lifetimes = g_strjoinv(", ", q->lifetimes);
	GString *text = g_string_new(NULL);
	struct fact facts[FACTS];

	g_string_append_printf(text, "%s\n", q->title);
	collect_facts(q, facts);
	for (int i = 0; i < FACTS; i++)
		if (*facts[i].text)
			g_string_append_printf(text, "  %s: %s\n", facts[i].label, facts[i].text);
	clear_facts(facts);
	for (guint i = 0; i < q->scopes->len; i++) {
		const struct sp_scope *scope = sp_question_scope(q, i);

		g_string_append_printf(text, _("  Scope %s: %s\n"), scope->name, scope->text);
	}
	g_string_append_printf(text, _("  How long: %s\n"), lifetimes);
	g_string_append_printf(text, "  %s\n", countdown);
	return g_string_free(text, FALSE);
}
