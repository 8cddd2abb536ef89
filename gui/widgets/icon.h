/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program's icon: its application's, or the plain one of a program. */
#pragma once

#include "entry.h"

GIcon *sp_icon_of(const char *path);
/* NULL: it is none. */
GIcon *sp_icon_of_entry(const SpEntry *entry);
