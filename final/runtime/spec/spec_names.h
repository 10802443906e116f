/*
 * spec_names.h: every member that the OCI runtime specification has for Linux, and what becomes of
 * it here.
 */
#pragma once

#include "spec_reader.h"

/* Goes through the whole document. Of a member that the specification has, the type is checked; one
 * that this runtime does not act on is an error (ENOTSUP), unless its value asks for nothing: "",
 * [], {}, false, 0, or -1 where that means "no limit". A member that the specification does not
 * have is passed over, as it demands ("Extensibility": unknown properties must be ignored).
 *
 * Returns 0, or -1 with errno EINVAL, ENOTSUP and the failure record. */
int spec_names_check(const struct spec_node *document);

/* The same for a "linux" or "process" object that stands alone. */
int spec_names_check_linux(const struct spec_node *linux_part);
int spec_names_check_process(const struct spec_node *process);
