/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An oddity as findings.c makes it. */
#pragma once

#include "analyse.h"
#include "findings.h"

/* NULL: not one that can be mended here. @rules: those that were analysed. */
SpOddity *sp_oddity_new(const struct sp_finding *finding, const struct sp_rule *rules, gsize count);
