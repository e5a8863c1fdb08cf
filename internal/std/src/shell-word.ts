/** A text as one word of a POSIX shell: as it is, or quoted if the shell would read anything into it. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
