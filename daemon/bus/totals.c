/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See totals.h. The work is done by the store's thread, after that on rules. */
#include "totals.h"

#include <string.h>
#include "errors.h"
#include "flow_text.h"
#include "serve.h"

#define ROWS_MAX	10000
#define DAY		86400
#define MICROSECONDS	1000000

static const struct {
	const char *name;
	enum sp_totals_by by;
} parts[] = {
	{ "user", SP_TOTALS_USER }, { "direction", SP_TOTALS_DIRECTION },
	{ "program", SP_TOTALS_PROGRAM }, { "host", SP_TOTALS_HOST },
	{ "port", SP_TOTALS_PORT }, { "protocol", SP_TOTALS_PROTOCOL },
	{ "action", SP_TOTALS_ACTION },
};

/* A call that waits for the store's thread. */
struct asking {
	struct sp_call *call;
	struct sp_face *face;
	struct sp_totals_query query;
	char *program, *contains;	/* of the query */
	gboolean page;			/* more than these rows is no error */
	struct sp_total *rows;
	size_t count;
	enum sp_store_error error;
	char message[300];
};

static void asking_free(void *data)
{
	struct asking *asking = data;

	sp_totals_rows_free(asking->rows, asking->count);
	g_free(asking->program);
	g_free(asking->contains);
	g_free(asking);
}

static void add(GVariantBuilder *builder, const char *key, GVariant *value)
{
	g_variant_builder_add(builder, "{sv}", key, value);
}

/* Only what is told apart. */
static GVariant *describe(const struct sp_total *row, unsigned by)
{
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
	if (by & SP_TOTALS_START)
		add(&b, "start", g_variant_new_int64(row->start * MICROSECONDS));
	if (by & SP_TOTALS_USER)
		add(&b, "user", g_variant_new_uint32(row->uid));
	if (by & SP_TOTALS_DIRECTION)
		add(&b, "direction", g_variant_new_string(row->direction == SP_IN ? "in" : "out"));
	if (by & SP_TOTALS_PROGRAM)
		sp_describe_text(&b, "program", row->program, strlen(row->program));
	if (by & SP_TOTALS_HOST)
		sp_describe_text(&b, "host", row->host, strlen(row->host));
	if (by & SP_TOTALS_PORT)
		add(&b, "port", g_variant_new_uint32(row->port));
	if (by & SP_TOTALS_PROTOCOL)
		add(&b, "protocol", g_variant_new_take_string(sp_protocol_word(row->protocol)));
	if (by & SP_TOTALS_ACTION)
		add(&b, "action", g_variant_new_string(sp_action_text(row->action)));
	add(&b, "flows", g_variant_new_uint64(row->flows));
	add(&b, "bytes-out", g_variant_new_uint64(row->bytes_out));
	add(&b, "bytes-in", g_variant_new_uint64(row->bytes_in));
	return g_variant_builder_end(&b);
}

static void on_asked(void *data)
{
	struct asking *asking = data;
	GVariantBuilder builder;

	if (asking->error) {
		sp_call_fail(asking->call, SP_ERROR_NOT_READY, "%s", asking->message);
		return;
	}
	if (asking->count > asking->query.limit && !asking->page) {
		sp_call_fail(asking->call, SP_ERROR_LIMIT,
			     "that is more than %d rows: ask for less time, or tell less apart", ROWS_MAX);
		return;
	}
	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	for (size_t i = 0; i < MIN(asking->count, asking->query.limit); i++)
		g_variant_builder_add_value(&builder, describe(&asking->rows[i], asking->query.by));
	sp_call_return(asking->call, g_variant_new("(u@aa{sv})", (guint32)asking->query.span,
						   g_variant_builder_end(&builder)));
}

static void fail(struct asking *asking, enum sp_store_error error, const char *message)
{
	asking->error = error;
	g_strlcpy(asking->message, message, sizeof(asking->message));
}

/* In the store's thread. */
static void ask(struct sp_totals *totals, void *data)
{
	struct asking *asking = data;
	enum sp_store_error error;

	if (!totals) {
		fail(asking, SP_STORE_FAILED, "the history can't be read now");
		return;
	}
	error = sp_totals_query(totals, &asking->query, &asking->rows, &asking->count);
	if (error)
		fail(asking, error, sp_totals_message(totals));
}

static void forget(struct sp_totals *totals, void *data)
{
	struct asking *asking = data;
	enum sp_store_error error;

	if (!totals) {
		fail(asking, SP_STORE_FAILED, "the history can't be changed now");
		return;
	}
	error = sp_totals_forget(totals, asking->query.uid);
	if (error)
		fail(asking, error, sp_totals_message(totals));
}

static struct asking *asking_new(struct sp_call *call, struct sp_face *face)
{
	struct asking *asking = g_new0(struct asking, 1);

	asking->call = call;
	asking->face = face;
	asking->query.uid = sp_call_all(call) ? SP_ANY_USER : sp_call_uid(call);
	return asking;
}

/* Takes @asking. */
static void submit(struct asking *asking, sp_totals_work work, void (*done)(void *data))
{
	struct sp_call *call = asking->call;

	if (!sp_store_thread_totals(asking->face->parts->store, work, done, asking, asking_free))
		sp_call_fail(call, SP_ERROR_LIMIT, "the store has too much to do");
}

static gboolean read_by(const char *const *names, unsigned *by, GError **error)
{
	for (; *names; names++) {
		gsize i = 0;

		while (i < G_N_ELEMENTS(parts) && strcmp(parts[i].name, *names))
			i++;
		if (i == G_N_ELEMENTS(parts)) {
			g_set_error(error, SP_ERROR, SP_ERROR_INVALID_ARGUMENT,
				    "totals can't be told apart by \"%.32s\"", *names);
			return FALSE;
		}
		*by |= parts[i].by;
	}
	return TRUE;
}

/* The finest that is kept since @from. */
static enum sp_span span_since(gint64 from)
{
	gint64 age = g_get_real_time() / MICROSECONDS - from;

	return age <= DAY ? SP_MINUTE : age <= 31 * DAY ? SP_HOUR : SP_DAY;
}

/* Which rows, and of them the page. */
static gboolean read_options(struct asking *asking, GVariant *options, GError **error)
{
	static const char *const known[] = { "all", "b", "program", "s", "contains", "s",
					     "skip", "u", "limit", "u", NULL };
	struct sp_totals_query *query = &asking->query;
	guint32 skip = 0, limit = ROWS_MAX;
	g_autofree char *contains = NULL;

	if (!sp_options_check(options, known, error))
		return FALSE;
	asking->page = g_variant_lookup(options, "limit", "u", &limit);
	if (!limit || limit > ROWS_MAX) {
		g_set_error(error, SP_ERROR, SP_ERROR_INVALID_ARGUMENT, "a page has 1 to %d rows",
			    ROWS_MAX);
		return FALSE;
	}
	g_variant_lookup(options, "skip", "u", &skip);
	g_variant_lookup(options, "program", "s", &asking->program);
	if (g_variant_lookup(options, "contains", "s", &contains))
		asking->contains = g_ascii_strdown(contains, -1);
	query->limit = limit;
	query->skip = skip;
	query->program = asking->program;
	query->contains = asking->contains;
	return TRUE;
}

static gboolean read_query(struct asking *asking, GError **error)
{
	struct sp_totals_query *query = &asking->query;
	g_autoptr(GVariant) options = NULL;
	g_autofree const char **by = NULL;
	gint64 from, to;
	guint32 step;

	g_variant_get(sp_call_arguments(asking->call), "(xxu^a&s@a{sv})", &from, &to, &step, &by,
		      &options);
	if (!read_options(asking, options, error) || !read_by(by, &query->by, error))
		return FALSE;
	if (step && step != SP_MINUTE && step != SP_HOUR && step != SP_DAY) {
		g_set_error(error, SP_ERROR, SP_ERROR_INVALID_ARGUMENT,
			    "a step is 60, 3600 or 86400 seconds, or 0");
		return FALSE;
	}
	query->span = step ? step : span_since(from / MICROSECONDS);
	query->by |= step ? SP_TOTALS_START : 0;
	query->from = from / MICROSECONDS - (from / MICROSECONDS) % query->span;
	query->to = to / MICROSECONDS + (to % MICROSECONDS != 0);
	return TRUE;
}

static void totals(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	struct asking *asking = asking_new(call, face);
	g_autoptr(GError) error = NULL;

	if (!read_query(asking, &error)) {
		sp_call_fail_with(call, error);
		asking_free(asking);
		return;
	}
	/* What is not in the file yet is to be there, too. */
	sp_tally_flush(face->parts->tally);
	submit(asking, ask, on_asked);
}

static void on_forgotten(void *data)
{
	struct asking *asking = data;

	if (asking->error)
		sp_call_fail(asking->call, SP_ERROR_NOT_READY, "%s", asking->message);
	else
		sp_call_return(asking->call, NULL);
}

static void forget_history(struct sp_call *call, void *data)
{
	static const char *const known[] = { "all", "b", NULL };
	struct sp_face *face = data;
	struct asking *asking;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;

	g_variant_get(sp_call_arguments(call), "(@a{sv})", &options);
	if (!sp_options_check(options, known, &error)) {
		sp_call_fail_with(call, error);
		return;
	}
	asking = asking_new(call, face);
	sp_tally_forget(face->parts->tally, asking->query.uid);
	sp_history_forget(face->parts->history, asking->query.uid);
	submit(asking, forget, on_forgotten);
}

static const struct sp_method methods[] = {
	{ "handle-totals", totals },
	{ "handle-forget", forget_history },
	{ NULL, NULL },
};

void sp_face_totals(SpBusHistory *skeleton, struct sp_face *face)
{
	sp_serve(skeleton, face, methods);
}
