const count = (text: string, units: RegExp): number => text.match(units)?.length ?? 0;

/**
 * The size of a text in UTF-8 bytes, for cores, which have no `TextEncoder`. A unit beyond ASCII takes a second byte,
 * and a unit from U+0800 a third. The halves of a surrogate pair take four bytes together.
 */
export const utf8Bytes = (text: string): number => {
  const beyondAscii = count(text, /[\u0080-\uffff]/g);
  if (beyondAscii === 0) return text.length;
  return text.length + beyondAscii + count(text, /[\u0800-\ud7ff\ue000-\uffff]/g);
};
