import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, ok, systemCode } from "@gatehouse/std";
import type { RuntimeResult } from "@nc/container-runtime";
import { buildImage, type ImageBuild } from "@nc/container-runtime/node";

/** The time limit of a build, ms. */
const mostBuildMs = 15 * 60_000;

/**
 * Builds an image from a temporary folder, into which `place` writes a `Containerfile` and the files that it copies. If the
 * folder cannot be written (a full disk), the build fails.
 */
export const buildInFolder = async (
  { signal, ...build }: Omit<ImageBuild, "context">,
  place: (context: string) => Promise<void>,
): Promise<RuntimeResult<string>> => {
  const context = await placed(place);
  if (!context.ok) return context;
  try {
    return await buildImage({
      ...build,
      context: context.value,
      signal: AbortSignal.any([signal, AbortSignal.timeout(mostBuildMs)]),
    });
  } finally {
    await rm(context.value, { recursive: true, force: true });
  }
};

/** Creates the folder and its files. Removes the folder if that fails. */
const placed = async (place: (context: string) => Promise<void>): Promise<RuntimeResult<string>> => {
  const parent = tmpdir();
  let context: string | null = null;
  try {
    context = await mkdtemp(join(parent, "gatehouse-image-"));
    await place(context);
    return ok(context);
  } catch (error) {
    if (context !== null) await rm(context, { recursive: true, force: true });
    return fail({
      code: "build-failed",
      message: `The files of the build cannot be written below ${parent} (${systemCode(error)}).`,
      fix: "Free space there, or name another folder with TMPDIR.",
    });
  }
};
