/** Text of a file as a message shows it: not more of it than helps. */
export const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
