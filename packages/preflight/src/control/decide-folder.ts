import type { FolderAnswer } from "./answer.ts";

/** The folder that was planned: its real path, and the key that trust is to be recorded under. */
export type PlannedTrust = { readonly real: string; readonly trustKey: string };

export type FolderDecision =
  | { readonly type: "accept"; readonly directory: string }
  | { readonly type: "ask-again" }
  /** Nothing is accepted; `why` is a sentence. */
  | { readonly type: "refuse"; readonly why: string };

/**
 * What follows from the CLI's answer. Trust is accepted only where the CLI names the real folder, and would record the
 * planned key: a pinned directory guards the folder, and nothing but this comparison guards the key.
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
