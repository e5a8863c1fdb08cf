/** A text that somebody else wrote and that root reads at a terminal: what that would obey (`"\e[2J"`) is written out. */
export const visible = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\p{Cs}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/gu,
    (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`,
  );
