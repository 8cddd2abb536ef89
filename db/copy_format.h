/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of a copy, for its writer and its reader. Inside db/ only. */
#pragma once

#include <inttypes.h>
#include "copy.h"

#define COPY_FILE SP_COPY_FILE
#define COPY_NEW COPY_FILE ".new"

/* Printed with these, read with the same and SCN. */
#define COPY_HEAD "# copy 1 change %" PRIu64 " next-rule %" PRIu64
#define COPY_RULE "# rule %" PRIu64 " created %" PRId64 " maker %" PRIu32
#define COPY_UNCONFIRMED " unconfirmed"
#define COPY_END "# end rules %" PRIu64 " sum %08lx"
