/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of rtnetlink's messages are worth waking up for: of neighbours only what says
 * something new about a gateway. The kernel asks the filter, so that the other machines of
 * a busy network, and a gateway that is used, cost nothing.
 */
#pragma once

#include <linux/filter.h>
#include "gateways.h"

#define SP_GATEWAY_FILTER_MAX	(8u + SP_GATEWAYS_MAX * 48u)	/* instructions */

/* All but news of neighbours passes. How many there are. */
gsize sp_gateway_filter(const struct sp_gateway *gateways, gsize count,
			struct sock_filter program[SP_GATEWAY_FILTER_MAX]);
