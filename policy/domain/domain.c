/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libpsl.h>
#include "domain.h"

const char *sp_domain_of(const char *host)
{
	const psl_ctx_t *suffixes = psl_builtin();

	return suffixes ? psl_registrable_domain(suffixes, host) : 0;
}
