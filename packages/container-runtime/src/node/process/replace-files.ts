import { createHash } from "node:crypto";
import { ok } from "@gatehouse/std";
import { signatureOf } from "../../files-in.ts";
import type { Container } from "../../runtime.ts";
import { placeFiles } from "./place-files.ts";

/**
 * Makes the function that replaces files of one workload. Calls run one after the other. The same files as in
 * the last call are not written again, because a host calls it for each session after each change of a
 * configuration.
 */
export const fileReplacer = (folder: string, account: string | null): Container["replaceFiles"] => {
  let last = "";
  let placing: ReturnType<Container["replaceFiles"]> = Promise.resolve(ok(null));
  return (files) => {
    const signature = createHash("sha256").update(signatureOf(files)).digest("hex");
    placing = placing.then(async () => {
      if (signature === last) return ok(null);
      const placed = await placeFiles({ ...files, folder }, account);
      last = placed.ok ? signature : "";
      return placed;
    });
    return placing;
  };
};
