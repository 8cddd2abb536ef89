/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions as the daemon asks them, for tests. */
#pragma once

#include "question.h"

/* curl to 192.0.2.2 port 80, or with @more, which it takes, added or changed. */
struct sp_question *test_question(guint64 id, GVariantDict *more);

#define TEST_DEADLINE (60 * G_USEC_PER_SEC)	/* on the wall clock */
