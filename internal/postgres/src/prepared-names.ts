/** Statements that a session keeps prepared at most: each costs memory on the server. */
const most = 200;

/**
 * Names by which the server keeps the statements of a program prepared: without one, a row by its id takes
 * twice as long. Undefined for a text beyond the first 200.
 */
export const preparedNames = (): ((text: string) => string | undefined) => {
  const names = new Map<string, string>();
  return (text) => {
    if (!names.has(text) && names.size < most) names.set(text, `s${names.size}`);
    return names.get(text);
  };
};
