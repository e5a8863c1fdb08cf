/** The descriptor in a child whose end says that its host has ended. */
export const lifeline = 3;

/** A child's first line: it can read. Then comes one line for each line that it gets. */
export const readyLine = "ready";
