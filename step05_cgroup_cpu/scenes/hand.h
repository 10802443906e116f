/*
 * hand.h: the "by hand" lines of step 5. Which files there are to be written, and where, is the
 * host's affair: so the lines are made when the demo starts, from the lines of either layout and
 * the directory that is ours.
 */
#pragma once

struct scene;

/* Fills by_hand and shows of the scenes (ends with a NULL name). */
void hand_lines(struct scene *scenes);
