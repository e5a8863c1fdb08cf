import { buildOverrides, renderCodexArgs, type FolderContext } from "@trust/codex-overrides";
import { parse } from "smol-toml";

/**
 * Times for one rendering from overrides to argv, and for parsing the result with the fastest TOML parser
 * that was found, ms.
 */
export type RenderingTimes = { readonly renderMs: number; readonly parseMs: number; readonly bytes: number };

const context: FolderContext = { platform: "linux", homes: ["/home/ada"] };

/**
 * Realistic folder names: all have dots and spaces; one of ten has quotes, brackets and a letter beyond
 * ASCII.
 */
const folderNames = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) =>
    index % 10 === 0 ? `/home/ada/work/"${index}" [größe]/src` : `/home/ada/work/my app ${index}/src.v2`,
  );

/**
 * Renders this many folders once and parses the result once. `now` is a clock in milliseconds. Make several
 * measurements in one process and compare medians: the first ones include compilation.
 */
export const measureRendering = (now: () => number, count: number = 1_000): RenderingTimes => {
  const { overrides } = buildOverrides(folderNames(count), context);
  const start = now();
  const rendered = renderCodexArgs([], { overrides, untrusted: [], configured: new Map(), context });
  const between = now();
  const text = (rendered.ok && rendered.value.args[1]) || "";
  parse(text);
  return { renderMs: between - start, parseMs: now() - between, bytes: text.length };
};
