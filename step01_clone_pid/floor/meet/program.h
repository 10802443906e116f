/*
 * program.h: what the kernel needs to start a file, read from the file itself.
 */
#pragma once

#include <stddef.h>

/* What execve(2) starts to run this file: the path after "#!" of a script, the loader that an ELF
 * program asks for in its PT_INTERP segment. out: room for the path, which is cut to it; "" for a
 * static program. Whether the file may be executed is not looked at.
 * Returns 0, or -1 with errno: of open(2) and read(2), or ENOEXEC: neither a script nor a whole ELF
 * program. Source: execve(2), elf(5). */
int exec_interpreter(const char *path, char *out, size_t size);
