import type { FolderAnswer } from "./answer.ts";

/** The planned folder: its real path, and the key under which trust should be recorded. */
export type PlannedTrust = { readonly real: string; readonly trustKey: string };

export type FolderDecision =
  | { readonly type: "accept"; readonly directory: string }
  | { readonly type: "ask-again" }
  /** Accepts nothing; `why` is a sentence. */
  | { readonly type: "refuse"; readonly why: string };

/**
 * The decision for the CLI's answer. Accepts trust only if the CLI names the real folder and would record the
 * planned key. The pinned directory protects the folder, but only this comparison protects the key.
 */
export const decideFolder = (answer: FolderAnswer, { real, trustKey }: PlannedTrust): FolderDecision => {
  switch (answer.status) {
    case "needs-trust": {
      const { directory, trustRoot } = answer;
      const key = trustRoot ?? directory;
      if (directory !== real)
        return { type: "refuse", why: `It names the folder ${directory}, not ${real}.` };
      if (key !== trustKey)
        return { type: "refuse", why: `It would record ${key}, and ${trustKey} was planned.` };
      return { type: "accept", directory };
    }
    case "busy":
      return { type: "ask-again" };
    case "ok":
      return { type: "refuse", why: "It says that the folder is trusted, and its state does not say so." };
    case "unsupported":
      return { type: "refuse", why: "It does not know the question." };
    case "refused":
      return { type: "refuse", why: `It refuses the folder: ${answer.detail}` };
  }
};
