/** The descriptor in a child that closes when its host has ended. */
export const lifeline = 3;

/** The first line of a child: it is ready to read. After that it answers each line with one line. */
export const readyLine = "ready";
