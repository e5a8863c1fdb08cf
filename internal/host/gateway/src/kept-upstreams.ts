import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "@gatehouse/fs-kit";
import { fail, ok, parseJson, type Result, systemCode } from "@gatehouse/std";
import { defaultUpstreams, parseUpstream, type Upstreams, vendorNames } from "./rules/vendors.ts";

/** Why the addresses of a data folder cannot be read, and the fix. */
type UpstreamsError = {
  readonly code: "upstreams-unreadable";
  readonly message: string;
  readonly fix: string;
};

const fileIn = (dataDir: string): string => join(dataDir, "upstreams.json");

/**
 * The addresses that the operator set for a host, without the vendors' own. Fails if the file is torn or unreadable,
 * because keys and messages would go to another address.
 */
export const readUpstreams = async (dataDir: string): Promise<Result<Partial<Upstreams>, UpstreamsError>> => {
  let text: string;
  try {
    text = await readFile(fileIn(dataDir), "utf8");
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" || code === "ENOTDIR" ? ok({}) : fail(unreadable(dataDir, code));
  }
  const parsed = parseUpstreams(text);
  return parsed.ok ? parsed : fail(unreadable(dataDir, parsed.error));
};

/** The addresses in a text. The error is a clause. */
export const parseUpstreams = (text: string): Result<Partial<Upstreams>, string> => {
  const read = parseJson(text);
  if (typeof read !== "object" || read === null || Array.isArray(read)) return fail("it is torn");
  const parsed = Object.entries(read).map(([name, url]) => parseUpstream(`${name}=${String(url)}`));
  const problem = parsed.find((each) => typeof each === "string");
  if (typeof problem === "string") return fail(problem);
  return ok(Object.assign({}, ...parsed) as Partial<Upstreams>);
};

/** Keeps addresses with those of earlier starts, and returns all. The address of the vendor itself takes one back. */
export const keepUpstreams = async (
  dataDir: string,
  given: Partial<Upstreams>,
): Promise<Result<Partial<Upstreams>, UpstreamsError>> => {
  const kept = await readUpstreams(dataDir);
  if (!kept.ok && vendorNames.some((name) => given[name] === undefined)) return kept;
  const all = { ...(kept.ok ? kept.value : {}), ...given };
  const own = Object.entries(all).filter(
    ([name, url]) => url.href !== defaultUpstreams[name as keyof Upstreams].href,
  );
  const upstreams = Object.fromEntries(own) as Partial<Upstreams>;
  if (Object.keys(given).length > 0) await replaceFile(fileIn(dataDir), JSON.stringify(upstreams));
  return ok(upstreams);
};

const unreadable = (dataDir: string, why: string): UpstreamsError => ({
  code: "upstreams-unreadable",
  message: `The addresses of the models' vendors cannot be read from ${fileIn(dataDir)} (${why}).`,
  fix: "set each again: gatehouse up --upstream anthropic=URL --upstream openai=URL --upstream google=URL",
});
