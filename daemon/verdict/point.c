/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "point.h"

void sp_point(const char *name)
{
}
