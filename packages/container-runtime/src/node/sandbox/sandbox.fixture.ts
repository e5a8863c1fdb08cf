import { ownRuntimes } from "../own-runtimes.fixture.ts";
import { sandboxesIn, temporarySandboxes, type Sandboxes } from "./sandboxes-in.fixture.ts";

export type { Sandboxes } from "./sandboxes-in.fixture.ts";

/** Makes a temporary installation, which is removed when the test has finished. */
export const makeSandboxes = (): Sandboxes => {
  const folder = temporarySandboxes();
  return sandboxesIn(folder, ownRuntimes(folder));
};
