const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * The base64 forms of a text inside a longer one: one form for each offset within a group of three bytes.
 * Characters that hold bits of a neighbour are left out.
 */
export const base64Forms = (text: string): readonly string[] => {
  const bytes = utf8(text);
  return [0, 1, 2].map((before) => {
    const bits = [...Array.from({ length: before }, () => 0), ...bytes];
    const encoded = encode(bits);
    return encoded.slice([0, 2, 3][before], Math.floor((bits.length * 8) / 6));
  });
};

const encode = (bytes: readonly number[]): string => {
  const characters: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (const shift of [18, 12, 6, 0]) characters.push(alphabet[(group >> shift) & 63] ?? "");
  }
  return characters.join("");
};

const utf8 = (text: string): number[] => {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000)
      bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else
      bytes.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 63),
        0x80 | ((point >> 6) & 63),
        0x80 | (point & 63),
      );
  }
  return bytes;
};
