/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See rule_log.h. A minute begins with the first decision that is logged. In it each
 * rule and each owner of rules has a count; they go when the minute is over.
 */
#include "rule_log.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "flow_text.h"
#include "log.h"
#include "sentence.h"

#define MINUTE	60	/* seconds */

struct count {
	guint64 rule;		/* or the owner */
	guint written, left_out;
};

struct sp_rule_log {
	const struct sp_policy *policy;
	GHashTable *rules, *owners;	/* struct count, by @rule */
	guint minute;			/* timer; 0: nothing was logged */
};

static struct count *count_of(GHashTable *counts, guint64 key)
{
	struct count *count = g_hash_table_lookup(counts, &key);

	if (count)
		return count;
	count = g_new0(struct count, 1);
	count->rule = key;
	g_hash_table_insert(counts, &count->rule, count);
	return count;
}

static void tell_left_out(struct sp_rule_log *log)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, log->rules);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct count *count = value;

		if (count->left_out)
			sp_log_left_out(count->rule, count->left_out);
	}
	g_hash_table_remove_all(log->rules);
	g_hash_table_remove_all(log->owners);
}

static gboolean on_minute(void *data)
{
	struct sp_rule_log *log = data;

	log->minute = 0;
	tell_left_out(log);
	return G_SOURCE_REMOVE;
}

/* Within the limits? */
static gboolean may(struct sp_rule_log *log, const struct sp_rule *rule, guint flows)
{
	struct count *own = count_of(log->rules, rule->id);
	struct count *all = count_of(log->owners, rule->owner);
	guint most = rule->owner == SP_SYSTEM ? SP_RULE_LOG_OF_SYSTEM : SP_RULE_LOG_OF_USER;

	if (!log->minute)
		log->minute = g_timeout_add_seconds(MINUTE, on_minute, log);
	if (own->written == SP_RULE_LOG_OF_RULE || all->written == most) {
		own->left_out += flows;
		return FALSE;
	}
	own->written++;
	all->written++;
	return TRUE;
}

static gboolean is_decision(const struct sp_record *record)
{
	switch (record->event) {
	case SP_RECORD_DECIDED:
	case SP_RECORD_ASKED:
		return record->rule != 0;
	case SP_RECORD_REFUSED:
		return record->rule != 0 && record->by == SP_BY_RULE;
	case SP_RECORD_ANSWERED:
	case SP_RECORD_EXPIRED:
	case SP_RECORD_ENDED:
		break;
	}
	return FALSE;
}

static void write_entry(const struct sp_record *record)
{
	const struct sallyport_flow *flow = &record->flow;
	char *program = sp_text_literal(record->path, strnlen(record->path, sizeof(record->path)));
	char *host = sp_text_literal(record->host.name, strlen(record->host.name));
	g_autofree char *remote = sp_address_text(flow->remote);
	g_autofree char *protocol = sp_protocol_text(flow->protocol);
	const struct sp_log_decision decision = {
		.rule = record->rule,
		.action = sp_action_text(record->action),
		.in = flow->direction == SALLYPORT_IN,
		.program = program && *program ? program : "?",
		.uid = flow->uid,
		.protocol = protocol,
		.remote = remote,
		.remote_port = ntohs(flow->remote_port),
		.local_port = ntohs(flow->local_port),
		.flows = record->flows,
		.host = record->host.origin == SP_HOST_NONE || !host ? "" : host,
	};

	sp_log_decision(&decision);
	free(program);
	free(host);
}

void sp_rule_log_add(struct sp_rule_log *log, const struct sp_record *record)
{
	const struct sp_rule *rule;

	if (!is_decision(record))
		return;
	rule = sp_policy_decider(log->policy, record->rule);
	if (rule && rule->log && may(log, rule, record->flows))
		write_entry(record);
}

struct sp_rule_log *sp_rule_log_new(const struct sp_policy *policy)
{
	struct sp_rule_log *log = g_new0(struct sp_rule_log, 1);

	log->policy = policy;
	log->rules = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	log->owners = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	return log;
}

void sp_rule_log_free(struct sp_rule_log *log)
{
	if (!log)
		return;
	g_clear_handle_id(&log->minute, g_source_remove);
	tell_left_out(log);
	g_hash_table_unref(log->rules);
	g_hash_table_unref(log->owners);
	g_free(log);
}
