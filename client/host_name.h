/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of hosts as people read them. An internationalised name travels in ASCII
 * ("xn--bcher-kva.example"), which can't be mistaken for another, and can't be read.
 */
#pragma once

#include <glib.h>

/*
 * In Unicode and in ASCII: "bücher.example (xn--bcher-kva.example)". A name one of
 * whose parts mixes scripts, as names do that are to look like others, stays in ASCII,
 * with a word about that. What is no internationalised name is returned as it is.
 */
char *sp_host_name(const char *ascii);
/* Letters of several scripts that no language writes together, in one part? */
gboolean sp_host_name_is_mixed(const char *unicode);
