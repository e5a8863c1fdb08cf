/** Maximum number of statements that a session keeps prepared: each costs memory on the server. */
const most = 200;

/**
 * Returns a function that names statements, so that the server keeps them prepared: without a name, reading a
 * row by its id takes twice as long. Undefined for a text beyond the first 200.
 */
export const preparedNames = (): ((text: string) => string | undefined) => {
  const names = new Map<string, string>();
  return (text) => {
    if (!names.has(text) && names.size < most) names.set(text, `s${names.size}`);
    return names.get(text);
  };
};
