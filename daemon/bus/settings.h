/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods of Manager about mode, guard and configuration. */
#pragma once

#include "faces.h"
#include "sp-bus.h"

void sp_face_settings(SpBusManager *skeleton, struct sp_face *face);
