import { runnableProvider } from "@gatehouse/provider-facts/agents";
import { modelAsker, type AskModelsDeps } from "./ask-models.ts";
import { modelQuestions } from "./model-questions.ts";
import { judge, type AskedModel, type UnknownName } from "./models.ts";

/** The result of checking a model and an effort before they are saved. */
export type ModelCheck = {
  /** The names that the CLI does not know. Empty if the CLI gave no answer. */
  readonly unknown: readonly UnknownName[];
  /** Sentences for the person about settings that the CLI ignores. */
  readonly notes: readonly string[];
  /** A clause that says why the CLI gave no answer. Null with an answer, or for a provider without a list. */
  readonly unasked: string | null;
};

/** Asks the CLI of a provider about a model and an effort. */
export type CheckModel = (provider: string, asked: AskedModel) => Promise<ModelCheck>;

/** Makes the check for a host's data folder. Caches answers until the CLI's file changes. */
export const modelChecker = (deps: AskModelsDeps): CheckModel => {
  const made = new Map(
    Object.entries(modelQuestions).map(([provider, question]) => [provider, modelAsker(question, deps)]),
  );
  return async (provider, asked) => {
    const ask = made.get(provider);
    if (ask === undefined) return { unknown: [], notes: [], unasked: null };
    const models = await ask(asked.model);
    if (!models.ok) return { unknown: [], notes: [], unasked: models.error };
    const hasEffort = runnableProvider(provider)?.applies.includes("effort") === true;
    const { unknown, note } = judge(models.value, hasEffort ? asked : { ...asked, effort: null });
    return { unknown, notes: note === null ? [] : [note], unasked: null };
  };
};
