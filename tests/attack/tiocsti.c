/*
 * tiocsti.c - types a command into each terminal that it can get at: TIOCSTI of ioctl_tty(2).
 * Says "tried" at its end.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void)
{
	static const char *const paths[] = { "/dev/tty",     "/dev/console", "/proc/self/fd/0",
					     "/proc/1/fd/0", "/proc/1/fd/1", "/proc/1/fd/2" };

	for (int i = 0; i < 9; i++) {
		int fd = i < 3 ? i : open(paths[i - 3], O_RDWR | O_NOCTTY);
		ioctl(fd, TIOCSCTTY, 1);
		for (const char *c = "echo typed$((40+2))\n"; *c; c++)
			ioctl(fd, TIOCSTI, c);
	}
	puts("tried");
	return 0;
}
