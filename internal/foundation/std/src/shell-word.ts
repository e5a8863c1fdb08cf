/**
 * A text as one word of a POSIX shell: unchanged, or quoted if it has characters that the shell interprets.
 */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
