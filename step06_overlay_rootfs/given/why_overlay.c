/*
 * why_overlay.c: why an overlay cannot be mounted.
 */
#define _GNU_SOURCE
#include "why_overlay.h"
#include "step01_clone_pid/floor/call/why_when.h"

static WHEN(is_overlay)
{
	return has_type(f, "overlay");
}

static WHEN(overlay_missing)
{
	return is_overlay(h, f) && !facts_filesystem(h, "overlay");
}

/* Rows are read as a table. */
/* clang-format off */
static const struct why_row rows[] = {
/* ---- mounting an overlay ---- */
{ "mount", EINVAL, is_overlay,
  "The overlay's options do not fit: workdir must be an empty directory on the same mount as upperdir, and upperdir must not "
  "be on an overlay.",
  "Check lowerdir=, upperdir=, workdir= and read: sudo dmesg | tail." },
{ "mount", EBUSY, is_overlay, "upperdir or workdir is in use by another overlay.",
  "Give every overlay its own upperdir and workdir." },
{ "mount", ENOENT, is_overlay, "One of the directories in lowerdir, upperdir, workdir, or the mount point %s, does not exist.",
  "mkdir -p them first." },
{ "mount", ENODEV, overlay_missing, "This kernel has no overlay file system loaded.", "sudo modprobe overlay" },
};
/* clang-format on */

struct why_table why_overlay = { .rows = rows, .count = sizeof(rows) / sizeof(rows[0]) };
