import { Buffer } from "node:buffer";
import type { CheckedBody } from "./check-body.ts";
import type { Media } from "./check-content.ts";
import { pagesOf, type Size, sizeOf } from "./measure-media.ts";
import type { VendorName } from "./vendors.ts";

/** UTF-8 bytes of a request's text for each token. */
const bytesOfToken = 4;

/**
 * Tokens of a page of a PDF. Anthropic documents 1,500 to 3,000 for its text, and one picture of it; OpenAI a text and a
 * picture too.
 */
const tokensOfPage = 3_000;

/** Most pages that a PDF is taken for if they cannot be counted. Each has at least this many bytes. */
const [mostUnseenPages, bytesOfUnseenPage] = [100, 4_096];

/** The input of a request as the vendor would count it: text by bytes, pictures by pixels, PDFs by pages. */
export const estimatedInput = (
  vendor: VendorName,
  { text, model, media }: Pick<CheckedBody, "text" | "model" | "media">,
): number => {
  const packed = media.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);
  const words = Math.ceil(Math.max(0, Buffer.byteLength(text) - packed) / bytesOfToken);
  return media.reduce((sum, each) => sum + tokensOfMedia(vendor, model, each), words);
};

const tokensOfMedia = (vendor: VendorName, model: string, { mediaType, data, detail }: Media): number => {
  const bytes = Buffer.from(data, "base64");
  if (mediaType === "application/pdf") {
    const unseen = Math.min(mostUnseenPages, Math.ceil(bytes.length / bytesOfUnseenPage));
    return (pagesOf(bytes) ?? unseen) * tokensOfPage;
  }
  if (!mediaType.startsWith("image/")) return Math.ceil(bytes.length / bytesOfToken);
  return pictures[vendor](model, sizeOf(bytes), detail ?? "auto");
};

const scaled = ({ width, height }: Size, factor: number): Size =>
  factor >= 1 ? { width, height } : { width: width * factor, height: height * factor };

/** The squares of this edge that cover a picture. */
const squares = ({ width, height }: Size, edge: number): number =>
  Math.ceil(width / edge) * Math.ceil(height / edge);

/** Longest edge in pixels and most tokens of a picture: later models see more of it. */
const anthropicNative = (model: string): { readonly edge: number; readonly most: number } =>
  /^claude-(?:3|(?:opus|sonnet|haiku)-4(?:-[0-6])?(?:-\d{8})?$)/.test(model)
    ? { edge: 1_568, most: 1_568 }
    : { edge: 2_576, most: 4_784 };

/** platform.claude.com, Vision: a token for each 28 by 28 pixels, after scaling to the native resolution. */
const anthropicPicture = (model: string, size: Size | null): number => {
  const { edge, most } = anthropicNative(model);
  if (size === null) return most;
  return Math.min(most, squares(scaled(size, edge / Math.max(size.width, size.height)), 28));
};

/** How a family of models counts pictures. Patches are 32 by 32 pixels, tiles 512 by 512. */
type PictureRule =
  | { readonly models: RegExp; readonly base: number; readonly tile: number }
  | { readonly models: RegExp; readonly factor: number; readonly most: (detail: string) => number };

const small = (): number => 1_536;

/**
 * platform.openai.com, Images and vision; the first row that fits counts. Of models that the page did not name when
 * this was written, pictures count as those of the newest one.
 */
const pictureRules: readonly PictureRule[] = [
  { models: /^gpt-4o-mini/, base: 2_833, tile: 5_667 },
  { models: /^(?:gpt-[\d.]+|o4)(?:-codex)?-mini/, factor: 1.72, most: small },
  { models: /^gpt-[\d.]+-nano/, factor: 2.46, most: small },
  { models: /^(?:gpt-4|chatgpt-4)/, base: 85, tile: 170 },
  { models: /^o[13]/, base: 75, tile: 150 },
  { models: /^gpt-5(?:$|-)/, base: 70, tile: 140 },
  { models: /^gpt-5\.[123](?:$|-)/, factor: 1.2, most: small },
  { models: /^gpt-5\.4/, factor: 1.2, most: (detail) => (detail === "original" ? 10_000 : 2_500) },
  { models: /^/, factor: 1.2, most: (detail) => (detail === "high" ? 2_500 : 10_000) },
];

const openaiPicture = (model: string, size: Size | null, detail: string): number => {
  const rule = pictureRules.find(({ models }) => models.test(model));
  if (rule === undefined) throw new Error(`No rule counts pictures for ${model}.`);
  if ("tile" in rule) {
    if (detail === "low") return rule.base;
    // 2,048 by 768 has the most tiles.
    const tiles = size === null ? 8 : squares(toTiles(size), 512);
    return rule.base + tiles * rule.tile;
  }
  // Low detail is a picture of 512 by 512.
  const most = detail === "low" ? 256 : rule.most(detail);
  return Math.ceil(Math.min(most, size === null ? most : squares(size, 32)) * rule.factor);
};

/**
 * Google documents a number of tokens for each picture by its `mediaResolution`, which nobody here could read. Gemini CLI
 * 0.61.0 estimates a picture so.
 */
const googlePicture = (): number => 3_000;

const pictures: Readonly<Record<VendorName, (model: string, size: Size | null, detail: string) => number>> = {
  anthropic: anthropicPicture,
  openai: openaiPicture,
  google: googlePicture,
};

/** Into a square of 2,048, and then to 768 on the shorter edge. */
const toTiles = (size: Size): Size => {
  const inside = scaled(size, 2_048 / Math.max(size.width, size.height));
  return scaled(inside, 768 / Math.min(inside.width, inside.height));
};
