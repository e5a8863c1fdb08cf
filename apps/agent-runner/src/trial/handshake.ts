import { fail, type Result } from "@gatehouse/std";
import type { ProviderError } from "../provider.ts";

/** A program that was started for a trial. */
type Tried = { readonly exited: Promise<unknown>; readonly kill: () => void };

/**
 * Waits until a program has introduced itself, then ends it with its process group. `unavailable`: it took too long to
 * say anything.
 */
export const handshake = async (
  program: Tried,
  introduced: Promise<Result<null, ProviderError>>,
  { title, limitMs }: { readonly title: string; readonly limitMs: number },
): Promise<Result<null, ProviderError>> => {
  let late: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Result<never, ProviderError>>((resolve) => {
    const message = `${title} did not finish its trial within ${limitMs / 1_000} s.`;
    late = setTimeout(() => resolve(fail({ code: "unavailable", message })), limitMs);
  });
  const result = await Promise.race([introduced, tooLate]);
  clearTimeout(late);
  program.kill();
  // Its folder is removed next.
  await program.exited;
  return result;
};
