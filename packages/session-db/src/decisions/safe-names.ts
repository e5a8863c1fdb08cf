/** Longest part of a path, bytes of ASCII: a file system allows 255, and a number may be added. */
const longest = 200;

/**
 * Whether a message's id may be a folder's name: letters, digits, and `. _ : @ -` between them. A path has
 * parts, so it is none.
 */
export const isFolderName = (id: string): boolean =>
  id.length <= longest && /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/.test(id);

/**
 * A name for an attachment that stays in its folder, from a name that somebody else chose: the last part of
 * a path, without control characters, hidden by no dot.
 */
export const safeFileName = (name: string): string => {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const plain = last
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "")
    .replace(/^[\s.]+/, "")
    .trim();
  return cut(plain) || "file";
};

/** Safe names for all attachments of a message: a name that was given twice gets a number. */
export const safeFileNames = (names: readonly string[]): readonly string[] => {
  const given = new Set<string>();
  return names.map((name) => {
    const safe = safeFileName(name);
    const numbered = (count: number): string => (count === 1 ? safe : `${count}-${safe}`);
    let count = 1;
    while (given.has(numbered(count).toLowerCase())) count += 1;
    given.add(numbered(count).toLowerCase());
    return numbered(count);
  });
};

/** Four bytes of UTF-8 at most for each character. The end stays, for it says what kind of file it is. */
const cut = (name: string): string => {
  const characters = [...name];
  return characters.length * 4 <= longest
    ? name
    : characters
        .slice(-longest / 4)
        .join("")
        .replace(/^[\s.]+/, "");
};
