/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods of History about history.db: Totals, Forget. */
#pragma once

#include "faces.h"
#include "sp-bus.h"

void sp_face_totals(SpBusHistory *skeleton, struct sp_face *face);
