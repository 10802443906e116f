/*
 * program.c: scripts and ELF programs, as execve(2) sees them.
 */
#define _GNU_SOURCE
#include "program.h"
#include "keep_errno.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A script: "#!", blanks, the interpreter, perhaps one argument. */
static void script_interpreter(const char *line, char *out, size_t size)
{
	line += 2 + strspn(line + 2, " \t");
	snprintf(out, size, "%.*s", (int)strcspn(line, " \t\n"), line);
}

/* The two word sizes differ in the width of these. */
struct segment {
	unsigned type;
	off_t at;
	size_t size;
};

union head {
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;
	char text[256 + 1];
};

static int read_segment(int fd, const union head *head, int i, struct segment *out)
{
	Elf64_Phdr wide;
	Elf32_Phdr narrow;

	if (head->wide.e_ident[EI_CLASS] == ELFCLASS64) {
		off_t at = (off_t)(head->wide.e_phoff + (Elf64_Off)i * sizeof(wide));
		if (pread(fd, &wide, sizeof(wide), at) != (ssize_t)sizeof(wide))
			return -1;
		*out = (struct segment){ wide.p_type, (off_t)wide.p_offset, wide.p_filesz };
	} else {
		off_t at = (off_t)(head->narrow.e_phoff + (size_t)i * sizeof(narrow));
		if (pread(fd, &narrow, sizeof(narrow), at) != (ssize_t)sizeof(narrow))
			return -1;
		*out = (struct segment){ narrow.p_type, (off_t)narrow.p_offset, narrow.p_filesz };
	}
	return 0;
}

/* A program that is linked dynamically names its loader in a PT_INTERP segment. */
static int elf_interpreter(int fd, const union head *head, char *out, size_t size)
{
	bool wide = head->wide.e_ident[EI_CLASS] == ELFCLASS64;
	size_t entry = wide ? head->wide.e_phentsize : head->narrow.e_phentsize;
	int count = wide ? head->wide.e_phnum : head->narrow.e_phnum;
	struct segment segment;

	if (entry != (wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)))
		goto bad;
	for (int i = 0; i < count; i++) {
		if (read_segment(fd, head, i, &segment) < 0)
			goto bad;
		if (segment.type != PT_INTERP)
			continue;
		ssize_t n = pread(fd, out, segment.size < size ? segment.size : size - 1,
				  segment.at);
		out[n < 0 ? 0 : n] = '\0';
		return n < 0 ? -1 : 0;
	}
	return 0;
bad:
	errno = ENOEXEC;
	return -1;
}

int exec_interpreter(const char *path, char *out, size_t size)
{
	union head head = { .text = "" };
	int result = -1, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	out[0] = '\0';
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, head.text, sizeof(head.text) - 1);
	if (n > 2 && memcmp(head.text, "#!", 2) == 0) {
		script_interpreter(head.text, out, size);
		result = 0;
	} else if (n >= (ssize_t)sizeof(head.narrow) && memcmp(head.text, ELFMAG, SELFMAG) == 0) {
		result = elf_interpreter(fd, &head, out, size);
	} else if (n >= 0) {
		errno = ENOEXEC;
	}
	close_keeping_errno(fd);
	return result;
}
