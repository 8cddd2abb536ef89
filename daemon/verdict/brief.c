/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows that ended before the kernel told that they began: two records in one. */
#include <string.h>
#include "verdict.h"

bool sp_record_split(struct sp_record *end, struct sp_record *beginning)
{
	if (!end->began)
		return false;
	*beginning = *end;
	beginning->event = SP_RECORD_DECIDED;
	beginning->time = end->began;
	memset(beginning->bytes, 0, sizeof(beginning->bytes));
	beginning->began = end->began = 0;
	end->host.missed = false;	/* it was judged when it began */
	return true;
}
