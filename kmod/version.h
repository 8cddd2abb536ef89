/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SALLYPORT_VERSION_H
#define _SALLYPORT_VERSION_H

#ifndef SALLYPORT_VERSION
#define SALLYPORT_VERSION "0.1.0"
#endif

#endif
