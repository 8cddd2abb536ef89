/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See tally.h. A flow counts when it was decided (DECIDED) or answered (ANSWERED), or
 * each time a packet of it was refused by a verdict or by the kernel itself (REFUSED);
 * its bytes when it ended (ENDED).
 */
#include "tally.h"

#include <string.h>
#include "flow_text.h"
#include "log.h"
#include "verdict/hash.h"

#define MINUTE	60

struct sp_tally {
	struct sp_store_thread *store;
	gboolean hosts;
	gint64 minute;		/* that @sums are of, s */
	GHashTable *sums;	/* struct sp_total, itself */
	struct sp_total *last;	/* of them, that was found; NULL */
	GHashTable *users;	/* uid → how many of @sums */
	guint timer;
};

static guint hash_text(const char *text)
{
	return sp_hash(text, strlen(text));
}

static guint hash(const void *data)
{
	const struct sp_total *t = data;

	return hash_text(t->program) ^ hash_text(t->host) * 31u ^
	       ((guint)t->port << 16 | (guint)t->action << 8 | (guint)t->protocol << 1 | t->direction) ^
	       t->uid * 2654435761u;
}

static gboolean equal(const void *a, const void *b)
{
	const struct sp_total *x = a, *y = b;

	return x->uid == y->uid && x->port == y->port && x->protocol == y->protocol &&
	       x->action == y->action && x->direction == y->direction &&
	       !strcmp(x->program, y->program) && !strcmp(x->host, y->host);
}

static void sum_free(void *data)
{
	struct sp_total *sum = data;

	g_free(sum->program);
	g_free(sum->host);
	g_free(sum);
}

static void clear(struct sp_tally *tally)
{
	tally->last = NULL;
	g_hash_table_remove_all(tally->sums);
	g_hash_table_remove_all(tally->users);
}

static gboolean on_timer(void *data)
{
	struct sp_tally *tally = data;

	tally->timer = 0;
	sp_tally_flush(tally);
	return G_SOURCE_REMOVE;
}

struct sp_tally *sp_tally_new(struct sp_store_thread *store, gboolean hosts)
{
	struct sp_tally *tally = g_new0(struct sp_tally, 1);

	tally->store = store;
	tally->hosts = hosts;
	tally->sums = g_hash_table_new_full(hash, equal, sum_free, NULL);
	tally->users = g_hash_table_new(NULL, NULL);
	return tally;
}

void sp_tally_free(struct sp_tally *tally)
{
	if (!tally)
		return;
	sp_tally_flush(tally);
	g_clear_handle_id(&tally->timer, g_source_remove);
	g_hash_table_unref(tally->sums);
	g_hash_table_unref(tally->users);
	g_free(tally);
}

/* Its name, if that is no guess; else its address, written to @buffer. */
static const char *host_text(const struct sp_tally *tally, const struct sp_record *record,
			     char buffer[SP_ADDRESS_TEXT])
{
	const struct sp_host *host = &record->host;

	if (!tally->hosts)
		return "";
	if (sp_host_is_sure(host))
		return host->name;
	sp_address_write(record->flow.remote, buffer);
	return buffer;
}

/* The record's part of what is told apart; what it says lies in the record and @buffer. */
static void describe(const struct sp_tally *tally, const struct sp_record *record,
		     char buffer[SP_ADDRESS_TEXT], struct sp_total *sum)
{
	const struct sallyport_flow *flow = &record->flow;
	gboolean inbound = flow->direction == SP_IN;

	sum->start = tally->minute;
	sum->uid = flow->uid;
	sum->direction = flow->direction;
	sum->action = record->action;
	sum->protocol = flow->protocol;
	sum->port = GUINT16_FROM_BE(inbound ? flow->local_port : flow->remote_port);
	sum->program = (char *)record->path;
	sum->host = (char *)host_text(tally, record, buffer);
}

/* There is no room: only who, whether, and which way. */
static void fold(struct sp_total *sum)
{
	sum->program = sum->host = (char *)"";
	sum->port = 0;
	sum->protocol = 0;
}

static guint count_of(struct sp_tally *tally, guint32 uid)
{
	return GPOINTER_TO_UINT(g_hash_table_lookup(tally->users, GUINT_TO_POINTER(uid)));
}

static gboolean has_room(struct sp_tally *tally, guint32 uid)
{
	return g_hash_table_size(tally->sums) < SP_TALLY_MAX &&
	       count_of(tally, uid) < SP_TALLY_OF_USER;
}

static struct sp_total *add_sum(struct sp_tally *tally, const struct sp_total *key)
{
	struct sp_total *sum = g_new(struct sp_total, 1);

	*sum = *key;
	sum->program = g_strdup(key->program);
	sum->host = g_strdup(key->host);
	g_hash_table_add(tally->sums, sum);
	g_hash_table_insert(tally->users, GUINT_TO_POINTER(sum->uid),
			    GUINT_TO_POINTER(count_of(tally, sum->uid) + 1));
	return sum;
}

/*
 * Where the record belongs; NULL: it is not counted. Mostly there is a sum already, often
 * the last one's: nothing is copied before it is known that there is none.
 */
static struct sp_total *find_sum(struct sp_tally *tally, const struct sp_record *record)
{
	char buffer[SP_ADDRESS_TEXT];
	struct sp_total key = { 0 }, *sum;

	describe(tally, record, buffer, &key);
	if (tally->last && equal(tally->last, &key))
		return tally->last;
	sum = g_hash_table_lookup(tally->sums, &key);
	if (!sum && !has_room(tally, key.uid)) {
		fold(&key);
		sum = g_hash_table_lookup(tally->sums, &key);
	}
	if (!sum && g_hash_table_size(tally->sums) < 2 * SP_TALLY_MAX)
		sum = add_sum(tally, &key);
	tally->last = sum;
	return sum;
}

void sp_tally_add(struct sp_tally *tally, const struct sp_record *record)
{
	gint64 minute = record->time / 1000000000 / MINUTE * MINUTE;
	struct sp_total *sum;

	if (record->event == SP_RECORD_ASKED || record->event == SP_RECORD_EXPIRED)
		return;
	if (minute != tally->minute)
		sp_tally_flush(tally);
	tally->minute = minute;
	sum = find_sum(tally, record);
	if (!sum)
		return;
	if (record->event != SP_RECORD_ENDED)
		sum->flows += record->flows;
	sum->bytes_out += record->bytes[0];
	sum->bytes_in += record->bytes[1];
	if (!tally->timer)
		tally->timer = g_timeout_add_seconds(MINUTE, on_timer, tally);
}

struct batch {
	GArray *rows;		/* struct sp_total */
	enum sp_store_error error;
	char message[300];
};

static void batch_free(void *data)
{
	struct batch *batch = data;

	for (guint i = 0; i < batch->rows->len; i++) {
		g_free(g_array_index(batch->rows, struct sp_total, i).program);
		g_free(g_array_index(batch->rows, struct sp_total, i).host);
	}
	g_array_unref(batch->rows);
	g_free(batch);
}

/* In the store's thread. */
static void write_batch(struct sp_totals *totals, void *data)
{
	struct batch *batch = data;

	if (totals)
		batch->error = sp_totals_add(totals, (struct sp_total *)(void *)batch->rows->data,
					     batch->rows->len);
	if (totals && batch->error)
		g_strlcpy(batch->message, sp_totals_message(totals), sizeof(batch->message));
}

static void on_written(void *data)
{
	static struct sp_log_limit limit = SP_LOG_LIMIT(3, 3600);
	struct batch *batch = data;

	if (batch->error && sp_log_may(&limit))
		sp_log_warn("%u sums of the history are lost: %s", batch->rows->len, batch->message);
}

/* What does not fit in the store's queue is lost: the history may be. */
void sp_tally_flush(struct sp_tally *tally)
{
	struct batch *batch;
	GHashTableIter iter;
	void *key;

	if (!g_hash_table_size(tally->sums))
		return;
	batch = g_new0(struct batch, 1);
	batch->rows = g_array_new(FALSE, FALSE, sizeof(struct sp_total));
	g_hash_table_iter_init(&iter, tally->sums);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		struct sp_total *sum = key;
		struct sp_total row = *sum;

		row.program = g_steal_pointer(&sum->program);
		row.host = g_steal_pointer(&sum->host);
		g_array_append_val(batch->rows, row);
		g_hash_table_iter_steal(&iter);
		g_free(sum);
	}
	clear(tally);
	sp_store_thread_totals(tally->store, write_batch, on_written, batch, batch_free);
}

static gboolean is_of(void *key, void *value, void *data)
{
	return ((const struct sp_total *)key)->uid == GPOINTER_TO_UINT(data);
}

void sp_tally_forget(struct sp_tally *tally, guint32 uid)
{
	if (uid == SP_ANY_USER) {
		clear(tally);
		return;
	}
	tally->last = NULL;
	g_hash_table_foreach_remove(tally->sums, is_of, GUINT_TO_POINTER(uid));
	g_hash_table_remove(tally->users, GUINT_TO_POINTER(uid));
}
