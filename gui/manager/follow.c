/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See follow.h. */
#include "follow.h"

struct follower {
	SpPage *page;		/* owns this */
	SpQuery *first, *query;	/* the first may be NULL */
	GListModel *shown;
};

static void follower_free(gpointer data)
{
	struct follower *follower = data;

	g_clear_object(&follower->first);
	g_object_unref(follower->query);
	g_object_unref(follower->shown);
	g_free(follower);
}

/* The one whose state counts. */
static SpQuery *current(const struct follower *follower)
{
	return follower->first && sp_query_state(follower->first) != SP_QUERY_READY ?
	       follower->first : follower->query;
}

static enum sp_page_state state_of(const struct follower *follower)
{
	switch (sp_query_state(current(follower))) {
	case SP_QUERY_WAITING:
		return SP_PAGE_LOADING;
	case SP_QUERY_ABSENT:
		return SP_PAGE_DISCONNECTED;
	case SP_QUERY_LOCKED:
		return SP_PAGE_LOCKED;
	case SP_QUERY_FAILED:
		return SP_PAGE_ERROR;
	case SP_QUERY_READY:
		break;
	}
	return g_list_model_get_n_items(follower->shown) ? SP_PAGE_CONTENT : SP_PAGE_EMPTY;
}

static void show(struct follower *follower)
{
	sp_page_show(follower->page, state_of(follower), sp_query_message(current(follower)));
	sp_page_set_stale(follower->page, sp_query_is_stale(follower->query));
}

static void unlock(struct follower *follower)
{
	sp_query_unlock(current(follower));
}

static void retry(struct follower *follower)
{
	sp_query_refresh(current(follower));
}

/* A handler for @signal of @object that ends with the page. */
static void connect(struct follower *follower, gpointer object, const char *signal,
		    void (*handler)(struct follower *follower))
{
	GClosure *closure = g_cclosure_new_swap(G_CALLBACK(handler), follower, NULL);

	g_object_watch_closure(G_OBJECT(follower->page), closure);
	g_signal_connect_closure(object, signal, closure, FALSE);
}

void sp_follow(SpPage *page, SpQuery *query, GListModel *shown)
{
	sp_follow_both(page, NULL, query, shown);
}

void sp_follow_both(SpPage *page, SpQuery *first, SpQuery *query, GListModel *shown)
{
	struct follower *follower = g_new0(struct follower, 1);

	follower->page = page;
	g_set_object(&follower->first, first);
	follower->query = g_object_ref(query);
	follower->shown = g_object_ref(shown);
	if (first)
		connect(follower, first, "changed", show);
	connect(follower, query, "changed", show);
	connect(follower, shown, "items-changed", show);
	connect(follower, page, "unlock", unlock);
	connect(follower, page, "retry", retry);
	g_object_set_data_full(G_OBJECT(page), "follower", follower, follower_free);
	show(follower);
}
