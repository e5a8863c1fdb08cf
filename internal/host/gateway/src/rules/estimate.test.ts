import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { checkBody } from "./check-body.ts";
import { estimatedInput } from "./estimate.ts";
import { sizeOf } from "./measure-media.ts";
import type { VendorName } from "./vendors.ts";

const u16 = (value: number): number[] => [value >> 8, value & 255];
const png = (width: number, height: number, bytes = 64): Buffer => {
  const file = Buffer.alloc(Math.max(bytes, 32), 7);
  file.write("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 0, "latin1");
  file.writeUInt32BE(width, 16);
  file.writeUInt32BE(height, 20);
  return file;
};
const gif = (width: number, height: number): Buffer => {
  const file = Buffer.from("GIF89a0000", "latin1");
  file.writeUInt16LE(width, 6);
  file.writeUInt16LE(height, 8);
  return file;
};
const frame = (marker: number, width: number, height: number): number[] => [
  ...[0xff, marker, 0, 11, 8],
  ...u16(height),
  ...u16(width),
  ...[1, 1, 17, 0],
];
/** A JPEG with a profile of 60,000 bytes, in which another picture's header stands, before its frame. */
const jpeg = (width: number, height: number, marker = 0xc2): Buffer => {
  const profile = Buffer.alloc(60_000);
  Buffer.from(frame(0xc0, 1, 1)).copy(profile, 100);
  const tables = [0xff, 0xc4, 0, 4, 0, 0];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe1, ...u16(profile.length + 2)]),
    profile,
    Buffer.from([0xff, ...tables, ...frame(marker, width, height)]),
  ]);
};
const webp = (kind: string, ...more: number[]): Buffer =>
  Buffer.concat([Buffer.from(`RIFF0000WEBP${kind}0000`, "latin1"), Buffer.from(more), Buffer.alloc(10)]);

describe("the size of a picture by its header", () => {
  test.for<{ what: string; bytes: Buffer; size: readonly [number, number] | null }>([
    { what: "PNG", bytes: png(700, 500), size: [700, 500] },
    { what: "GIF", bytes: gif(320, 200), size: [320, 200] },
    { what: "JPEG, behind a profile and tables", bytes: jpeg(4_000, 3_000), size: [4_000, 3_000] },
    { what: "JPEG of the basic kind", bytes: jpeg(40, 30, 0xc0), size: [40, 30] },
    {
      what: "WebP with loss",
      bytes: webp("VP8 ", 0, 0, 0, 157, 1, 42, 0x80, 0x02, 0xe0, 0x01),
      size: [640, 480],
    },
    { what: "WebP without loss", bytes: webp("VP8L", 0x2f, 0x7f, 0xc2, 0x77, 0), size: [640, 480] },
    {
      what: "WebP with more parts",
      bytes: webp("VP8X", 0, 0, 0, 0, 0x7f, 2, 0, 0xdf, 1, 0),
      size: [640, 480],
    },
    { what: "a PNG that is cut", bytes: png(1, 1).subarray(0, 20), size: null },
    { what: "a picture without pixels", bytes: png(0, 5), size: null },
    { what: "a JPEG without a frame", bytes: jpeg(1, 1).subarray(0, 60_000), size: null },
    {
      what: "a JPEG whose segment has no length",
      bytes: Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0]),
      size: null,
    },
    { what: "an empty file", bytes: Buffer.alloc(0), size: null },
    { what: "something else", bytes: Buffer.from("<svg width='9' height='9'/>".repeat(3)), size: null },
  ])("$what", ({ bytes, size }) => {
    expect(sizeOf(bytes)).toEqual(size === null ? null : { width: size[0], height: size[1] });
  });
});

/** The estimate of a body, without that of its text. */
const estimateOf = (vendor: VendorName, model: string, block: object): number => {
  const conversations = {
    anthropic: {
      messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: [block] }] }],
    },
    openai: { input: [{ type: "message", role: "user", content: [block] }] },
    google: { contents: [{ role: "user", parts: [{ functionResponse: { name: "a", parts: [block] } }] }] },
  };
  const body = { ...(vendor === "google" ? {} : { model }), ...conversations[vendor] };
  const route = { vendor, model: vendor === "google" ? model : null };
  const checked = checkBody(route, JSON.stringify(body), null);
  if (!checked.ok) throw new Error(checked.error.message);
  const words = checked.value.media.reduce((text, { data }) => text.replace(data, ""), checked.value.text);
  return estimatedInput(vendor, checked.value) - Math.ceil(Buffer.byteLength(words) / 4);
};
const ofAnthropic = (model: string, bytes: Buffer, mediaType = "image/png"): number =>
  estimateOf("anthropic", model, {
    type: mediaType === "application/pdf" ? "document" : "image",
    source: { type: "base64", media_type: mediaType, data: bytes.toString("base64") },
  });
const ofOpenai = (model: string, bytes: Buffer, detail?: string): number =>
  estimateOf("openai", model, {
    type: "input_image",
    image_url: `data:image/png;base64,${bytes.toString("base64")}`,
    ...(detail === undefined ? {} : { detail }),
  });

describe("a picture counts by its pixels", () => {
  const fourMegabytes = png(3_000, 2_000, 4_000_000);
  test.for([
    { model: "claude-sonnet-4-5", bytes: png(700, 700), tokens: 25 * 25 },
    { model: "claude-sonnet-4-5-20250929", bytes: png(1_092, 1_092), tokens: 39 * 39 },
    { model: "claude-opus-4-6", bytes: fourMegabytes, tokens: 1_568 },
    { model: "claude-haiku-4-5", bytes: png(9_000, 20), tokens: 56 },
    { model: "claude-3-haiku-20240307", bytes: png(8_000, 8_000), tokens: 1_568 },
    { model: "claude-opus-4-8", bytes: fourMegabytes, tokens: 4_784 },
    { model: "claude-opus-5-5", bytes: png(1_000, 1_000), tokens: 36 * 36 },
    { model: "claude-opus-5-5", bytes: Buffer.alloc(4_000_000), tokens: 4_784 },
    { model: "claude-sonnet-4-5", bytes: Buffer.alloc(4_000_000), tokens: 1_568 },
  ])("for $model: $tokens", ({ model, bytes, tokens }) => expect(ofAnthropic(model, bytes)).toBe(tokens));

  test.for([
    { model: "gpt-4o", detail: "high", bytes: png(1_024, 1_024), tokens: 85 + 4 * 170 },
    { model: "gpt-4o", detail: "high", bytes: png(2_048, 4_096), tokens: 85 + 6 * 170 },
    { model: "gpt-4o", detail: "low", bytes: png(4_096, 8_192), tokens: 85 },
    { model: "gpt-4o-mini", detail: "high", bytes: png(512, 512), tokens: 2_833 + 5_667 },
    { model: "gpt-5-codex", detail: "auto", bytes: png(1_024, 1_024), tokens: 70 + 4 * 140 },
    { model: "o3", detail: "high", bytes: png(1_024, 1_024), tokens: 75 + 4 * 150 },
    { model: "gpt-5.4-mini", detail: "high", bytes: png(1_800, 2_400), tokens: Math.ceil(1_536 * 1.72) },
    { model: "gpt-5-nano", detail: "high", bytes: png(1_024, 1_024), tokens: Math.ceil(1_024 * 2.46) },
    { model: "gpt-5.4", detail: "high", bytes: fourMegabytes, tokens: 3_000 },
    { model: "gpt-5.5", detail: undefined, bytes: fourMegabytes, tokens: Math.ceil(94 * 63 * 1.2) },
    { model: "gpt-5.5", detail: "low", bytes: fourMegabytes, tokens: 308 },
    { model: "gpt-9", detail: "auto", bytes: Buffer.alloc(4_000_000), tokens: 12_000 },
    { model: "gpt-4o", detail: "high", bytes: Buffer.alloc(4_000_000), tokens: 85 + 8 * 170 },
  ])("for $model at $detail: $tokens", ({ model, detail, bytes, tokens }) =>
    expect(ofOpenai(model, bytes, detail)).toBe(tokens),
  );
});

const pageObject = (number: number): string => `${number} 0 obj\n<< /Type /Page /Parent 1 0 R >>\nendobj\n`;
const tree = (count: number): string => `1 0 obj\n<</Type/Pages/Count ${count}>>\nendobj\n`;
const pages = (count: number): string =>
  Array.from({ length: count }, (_, at) => pageObject(at + 2)).join("");
const pdf = (text: string | Buffer, bytes = 0): Buffer => {
  const file = Buffer.concat([Buffer.from("%PDF-1.7\n"), Buffer.from(text), Buffer.from("%%EOF")]);
  return Buffer.concat([file, Buffer.alloc(Math.max(0, bytes - file.length), 1)]);
};
const packed = (text: string): Buffer => {
  const stream = deflateSync(text);
  const head = `9 0 obj\n<</Type/ObjStm/N 3/Length ${stream.length}/Filter/FlateDecode>>\nstream\r\n`;
  return Buffer.concat([Buffer.from(head), stream, Buffer.from("\r\nendstream\nendobj\n")]);
};

describe("a PDF counts by its pages", () => {
  test.for([
    { what: "10 MB with 40 pages", bytes: pdf(tree(40) + pages(40), 10_000_000), tokens: 40 * 3_000 },
    { what: "12 pages in packed objects", bytes: pdf(packed(tree(12) + pages(12))), tokens: 12 * 3_000 },
    { what: "10 MB of which nothing is seen", bytes: pdf("", 10_000_000), tokens: 100 * 3_000 },
    { what: "a small one of which nothing is seen", bytes: pdf(""), tokens: 3_000 },
    { what: "damaged packed objects", bytes: pdf("<</Type/ObjStm>>stream\nnothing"), tokens: 3_000 },
    {
      what: "packed objects of 1 GB in all",
      bytes: pdf(Buffer.concat(Array.from({ length: 256 }, () => packed(" ".repeat(2 ** 22 + 1))))),
      tokens: 100 * 3_000,
    },
  ])("$what", ({ bytes, tokens }) => {
    const found = ofAnthropic("claude-sonnet-4-5", bytes, "application/pdf");
    if (tokens === 300_000) expect(found).toBeLessThanOrEqual(tokens);
    else expect(found).toBe(tokens);
  });

  test("for Google too, whose pictures all count the same", () => {
    const file = (mimeType: string, bytes: Buffer) =>
      estimateOf("google", "gemini-2.5-pro", { inlineData: { mimeType, data: bytes.toString("base64") } });
    expect(file("application/pdf", pdf(tree(4) + pages(4)))).toBe(12_000);
    expect([png(1, 1), png(9_000, 9_000)].map((bytes) => file("image/png", bytes))).toEqual([3_000, 3_000]);
  });

  test("for OpenAI too, and another file by its bytes", () => {
    const file = (data: string) => estimateOf("openai", "gpt-5.5", { type: "input_file", file_data: data });
    const data = pdf(tree(4) + pages(4)).toString("base64");
    expect(file(`data:application/pdf;base64,${data}`)).toBe(12_000);
    expect(file(`data:text/csv;base64,${Buffer.alloc(4_000).toString("base64")}`)).toBe(1_000);
  });
});
