import { expect, test } from "vitest";
import { utf8Bytes } from "./utf8-bytes.ts";

test.each([
  { text: "", bytes: 0 },
  { text: "abc", bytes: 3 },
  { text: "ö€", bytes: 5 },
  { text: "a😀b", bytes: 6 },
  { text: "\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff", bytes: 17 },
])("utf8Bytes counts $bytes bytes in $text", ({ text, bytes }) => expect(utf8Bytes(text)).toBe(bytes));
