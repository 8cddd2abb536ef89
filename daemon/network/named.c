/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See named.h. A group of the file is a network. What is wrong in it is passed over. */
#include "named.h"

#include <string.h>
#include "errors.h"
#include "networks.h"
#include "state_file.h"

struct sp_named_list {
	char *path;
	GArray *all;	/* struct sp_named */
};

static void named_clear(void *data)
{
	struct sp_named *named = data;

	g_free(named->id);
	g_free(named->name);
	g_free(named->title);
}

/* --- the file ------------------------------------------------------------------------ */

static gboolean save(const struct sp_named_list *list, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) problem = NULL;

	for (guint i = 0; i < list->all->len; i++) {
		const struct sp_named *named = &g_array_index(list->all, struct sp_named, i);

		g_key_file_set_string(file, named->id, "name", named->name);
		g_key_file_set_string(file, named->id, "title", named->title);
		g_key_file_set_uint64(file, named->id, "maker", named->maker);
		g_key_file_set_int64(file, named->id, "since", named->since);
	}
	if (sp_state_file_write(list->path, file, &problem))
		return TRUE;
	g_set_error_literal(error, SP_ERROR, SP_ERROR_NOT_SAVED, problem->message);
	return FALSE;
}

static void load_one(struct sp_named_list *list, GKeyFile *file, const char *id)
{
	g_autofree char *name = g_key_file_get_string(file, id, "name", NULL);
	g_autofree char *title = g_key_file_get_string(file, id, "title", NULL);
	struct sp_named named = { 0 };

	if (!name || (*name && !sp_network_is_name(name)) || list->all->len == SP_NAMED_MAX)
		return;
	named.id = g_strdup(id);
	named.name = g_steal_pointer(&name);
	named.title = title ? g_steal_pointer(&title) : g_strdup("");
	named.maker = (guint32)g_key_file_get_uint64(file, id, "maker", NULL);
	named.since = g_key_file_get_int64(file, id, "since", NULL);
	g_array_append_val(list->all, named);
}

struct sp_named_list *sp_named_list_new(const char *folder, const char *name)
{
	struct sp_named_list *list = g_new0(struct sp_named_list, 1);
	g_autoptr(GKeyFile) file = NULL;
	g_auto(GStrv) ids = NULL;

	list->path = g_build_filename(folder, name, NULL);
	list->all = g_array_new(FALSE, TRUE, sizeof(struct sp_named));
	g_array_set_clear_func(list->all, named_clear);
	file = sp_state_file_read(list->path);
	ids = file ? g_key_file_get_groups(file, NULL) : NULL;
	for (guint i = 0; ids && ids[i]; i++)
		load_one(list, file, ids[i]);
	return list;
}

void sp_named_list_free(struct sp_named_list *list)
{
	if (!list)
		return;
	g_array_unref(list->all);
	g_free(list->path);
	g_free(list);
}

/* --- the list ------------------------------------------------------------------------ */

const struct sp_named *sp_named_all(const struct sp_named_list *list, guint *count)
{
	*count = list->all->len;
	return (const struct sp_named *)(void *)list->all->data;
}

static guint place(const struct sp_named_list *list, const char *id)
{
	guint i = 0;

	while (i < list->all->len &&
	       strcmp(g_array_index(list->all, struct sp_named, i).id, id))
		i++;
	return i;
}

const struct sp_named *sp_named_find(const struct sp_named_list *list, const char *id)
{
	guint at = place(list, id);

	return at < list->all->len ? &g_array_index(list->all, struct sp_named, at) : NULL;
}

gboolean sp_named_put(struct sp_named_list *list, const struct sp_named *new, GError **error)
{
	struct sp_named *old, before, named = {
		.id = g_strdup(new->id), .name = g_strdup(new->name),
		.title = g_strdup(new->title), .maker = new->maker, .since = new->since,
	};
	guint at = place(list, new->id);

	if (at == SP_NAMED_MAX) {
		named_clear(&named);
		g_set_error(error, SP_ERROR, SP_ERROR_LIMIT,
			    "at most %u networks have a name; forget some", SP_NAMED_MAX);
		return FALSE;
	}
	if (at == list->all->len)
		g_array_set_size(list->all, at + 1);
	old = &g_array_index(list->all, struct sp_named, at);
	before = *old;
	*old = named;
	if (save(list, error)) {
		named_clear(&before);
		return TRUE;
	}
	if (before.id) {
		*old = before;
		named_clear(&named);
	} else {
		g_array_set_size(list->all, at);
	}
	return FALSE;
}

gboolean sp_named_set(struct sp_named_list *list, const char *id, const char *name,
		      const char *title, guint32 maker, GError **error)
{
	const struct sp_named named = {
		.id = (char *)id, .name = (char *)name, .title = (char *)title, .maker = maker,
		.since = g_get_real_time(),
	};

	return sp_named_put(list, &named, error);
}

gboolean sp_named_remove(struct sp_named_list *list, const char *id, GError **error)
{
	guint at = place(list, id);
	struct sp_named named;

	if (at == list->all->len) {
		g_set_error(error, SP_ERROR, SP_ERROR_NO_SUCH_NETWORK,
			    "there is no such network among those that somebody named");
		return FALSE;
	}
	named = g_array_index(list->all, struct sp_named, at);
	/* Its clear function would free what may have to be put back. */
	g_array_index(list->all, struct sp_named, at) = (struct sp_named){ 0 };
	g_array_remove_index(list->all, at);
	if (save(list, error)) {
		named_clear(&named);
		return TRUE;
	}
	g_array_insert_val(list->all, at, named);
	return FALSE;
}

gboolean sp_named_clear(struct sp_named_list *list, GError **error)
{
	g_array_set_size(list->all, 0);
	return sp_state_file_remove(list->path, error);
}
