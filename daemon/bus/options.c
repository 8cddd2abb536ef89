/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of methods: what is not known is an error, not passed over. */
#include "faces.h"

#include <string.h>
#include "errors.h"

static const char *type_of(const char *key, const char *const *known)
{
	for (; *known; known += 2)
		if (!strcmp(known[0], key))
			return known[1];
	return NULL;
}

gboolean sp_options_check(GVariant *options, const char *const *known, GError **error)
{
	GVariantIter iter;
	const char *key;
	GVariant *value;

	if (g_variant_n_children(options) > 16) {
		g_set_error(error, SP_ERROR, SP_ERROR_INVALID_ARGUMENT, "too many options");
		return FALSE;
	}
	g_variant_iter_init(&iter, options);
	while (g_variant_iter_next(&iter, "{&sv}", &key, &value)) {
		const char *type = type_of(key, known);
		gboolean good = type && g_variant_is_of_type(value, G_VARIANT_TYPE(type));

		g_variant_unref(value);
		if (good)
			continue;
		g_set_error(error, SP_ERROR, SP_ERROR_INVALID_ARGUMENT,
			    type ? "option \"%.32s\" is of another type" :
				   "there is no option \"%.32s\"", key);
		return FALSE;
	}
	return TRUE;
}
