/** A row, with all names that people may use for it. */
export type NamedRow = {
  readonly id: string;
  /** Its display name, and for a group its folder. */
  readonly names: readonly string[];
};

const lower = (text: string): string => text.toLowerCase();

/**
 * True if a text has the form of a generated id, such as `ag-...` for the prefix `ag`. Such a text is never a
 * name.
 */
export const isIdForm = (text: string, idPrefix: string | undefined): boolean =>
  idPrefix !== undefined && text.startsWith(`${idPrefix}-`) && text.length > idPrefix.length + 1;

/**
 * The rows that a text may mean. Chat and every command use this one rule: the row with exactly this id, else
 * the rows with this name, in any case. A text in the form of a generated id is never a name: it means the
 * rows whose id begins with it. If there are several rows, the text is ambiguous, and the caller has to
 * refuse it.
 */
export const rowsMeant = <R extends NamedRow>(
  rows: readonly R[],
  text: string,
  idPrefix?: string,
): readonly R[] => {
  const exact = rows.filter(({ id }) => id === text);
  if (exact.length > 0) return exact;
  if (isIdForm(text, idPrefix)) return rows.filter(({ id }) => id.startsWith(text));
  return rows.filter(({ names }) => names.map(lower).includes(lower(text)));
};
