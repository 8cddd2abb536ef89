/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "This domain": by the list of public suffixes, with libpsl. */
#pragma once

/*
 * The domain that somebody registered, of the host's name in lower case: the part
 * of it that begins there ("example.co.uk" of "www.example.co.uk"). NULL: it has
 * none, for it is a public suffix itself, or one label.
 */
const char *sp_domain_of(const char *host);
