/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See follow.h. */
#include "follow.h"

struct follower {
	SpPage *page;		/* owns this */
	SpQuery *query;
	GListModel *shown;
};

static void follower_free(gpointer data)
{
	struct follower *follower = data;

	g_object_unref(follower->query);
	g_object_unref(follower->shown);
	g_free(follower);
}

static enum sp_page_state state_of(const struct follower *follower)
{
	switch (sp_query_state(follower->query)) {
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
	sp_page_show(follower->page, state_of(follower), sp_query_message(follower->query));
	sp_page_set_stale(follower->page, sp_query_is_stale(follower->query));
}

/* A handler for @signal of @object that ends with the page. */
static void connect(struct follower *follower, gpointer object, const char *signal)
{
	GClosure *closure = g_cclosure_new_swap(G_CALLBACK(show), follower, NULL);

	g_object_watch_closure(G_OBJECT(follower->page), closure);
	g_signal_connect_closure(object, signal, closure, FALSE);
}

void sp_follow(SpPage *page, SpQuery *query, GListModel *shown)
{
	struct follower *follower = g_new0(struct follower, 1);

	follower->page = page;
	follower->query = g_object_ref(query);
	follower->shown = g_object_ref(shown);
	connect(follower, query, "changed");
	connect(follower, shown, "items-changed");
	g_signal_connect_object(page, "unlock", G_CALLBACK(sp_query_unlock), query,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(page, "retry", G_CALLBACK(sp_query_refresh), query,
				G_CONNECT_SWAPPED);
	g_object_set_data_full(G_OBJECT(page), "follower", follower, follower_free);
	show(follower);
}
