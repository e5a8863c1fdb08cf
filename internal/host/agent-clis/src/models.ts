import { edits, fieldsOf, listOf, nearest } from "@gatehouse/std";

/** A model in a CLI's list. */
export type KnownModel = {
  /** The name that the CLI accepts. */
  readonly value: string;
  /** The name that the CLI sends to the vendor. */
  readonly resolved: string;
  /** The display name. For a model that the CLI does not know, this is its value. */
  readonly title: string;
  /** The efforts that the model supports. */
  readonly efforts: readonly string[];
};

/** The settings of an agent that its CLI checks. */
export type AskedModel = { readonly model: string | null; readonly effort: string | null };

/** A name that a CLI does not know. */
export type UnknownName = {
  readonly field: "model" | "effort";
  readonly value: string;
  /** The most similar known name; null if no known name is similar. */
  readonly near: string | null;
  readonly known: readonly string[];
};

/** A CLI's judgement of a model and an effort. */
export type ModelVerdict = {
  readonly unknown: readonly UnknownName[];
  /** A sentence if the known model does not support the effort that is set. */
  readonly note: string | null;
};

/**
 * Judges a model and an effort by the models that a CLI lists. With `isWhole`, a name outside the list is unknown.
 *
 * Without `isWhole`, the list is that of Claude Code started with this model. Claude Code (2.1.252 - 2.1.328) adds the model
 * to its list: a known one with a display name ("Sonnet 4.5"), an unknown one with its value as title. It does not add a name
 * that it only translates, such as `claude-opus-4-1-20250805`.
 */
export const judge = (
  { models, isWhole }: { readonly models: readonly KnownModel[]; readonly isWhole: boolean },
  { model, effort }: AskedModel,
): ModelVerdict => {
  const own = models.find(({ value }) => value === (model ?? "default"));
  const isKnown = own === undefined ? !isWhole : isWhole || own.title !== own.value || isListed(models, own);
  const all = [...new Set(models.flatMap(({ efforts }) => efforts))];
  const unknown: UnknownName[] = [];
  if (!isKnown && model !== null)
    unknown.push(unknownName("model", model, namesOf(models.filter((each) => each !== own))));
  if (effort !== null && !all.includes(effort)) unknown.push(unknownName("effort", effort, all));
  const isIgnored =
    effort !== null && unknown.length === 0 && own !== undefined && !own.efforts.includes(effort);
  const note = isIgnored ? `${own.title} has no effort "${effort}", so it is not used.` : null;
  return { unknown, note };
};

/** True if another entry of the list has this model's value as its resolved name. */
const isListed = (models: readonly KnownModel[], own: KnownModel): boolean =>
  models.some((each) => each !== own && each.resolved === own.value);

const namesOf = (models: readonly KnownModel[]): readonly string[] => [
  ...new Set(models.flatMap(({ value, resolved }) => [value, resolved])),
];

const unknownName = (field: UnknownName["field"], value: string, known: readonly string[]): UnknownName => ({
  field,
  value,
  known,
  near: nearest(known, (name) => edits(value.toLowerCase(), name)),
});

type Fields = Readonly<Record<string, unknown>>;

const isText = (value: unknown): value is string => typeof value === "string";

/** Returns the models of a list; null if the value is not a list, is empty, or has an entry of another form. */
const allIn = (
  list: unknown,
  modelIn: (entry: Fields) => KnownModel | null,
): readonly KnownModel[] | null => {
  if (!Array.isArray(list) || list.length === 0) return null;
  const known = list.map((entry: unknown) => modelIn((entry ?? {}) as Fields));
  return known.every((each) => each !== null) ? known : null;
};

/** Reads the models in Claude Code's answer to `initialize`; null if the answer has another form. */
export const claudeModelsIn = (answer: unknown): readonly KnownModel[] | null =>
  allIn((answer as { readonly models?: unknown } | null | undefined)?.models, (entry) => {
    const { value, resolvedModel: resolved = value, displayName: title = value } = entry;
    const { supportedEffortLevels: efforts } = entry;
    if (!isText(value) || !isText(resolved) || !isText(title)) return null;
    return { value, resolved, title, efforts: Array.isArray(efforts) ? efforts.filter(isText) : [] };
  });

/** Reads the models in Codex's answer to `model/list`; null for another form. Adds the default model as `default`. */
export const codexModelsIn = (answer: unknown): readonly KnownModel[] | null => {
  const { data } = (answer ?? {}) as { readonly data?: unknown };
  const models = allIn(data, ({ model, displayName: title = model, supportedReasoningEfforts: efforts }) => {
    if (!isText(model) || !isText(title)) return null;
    const names = Array.isArray(efforts)
      ? efforts.map(
          (each: unknown) => (each as { readonly reasoningEffort?: unknown } | null)?.reasoningEffort,
        )
      : [];
    return { value: model, resolved: model, title, efforts: names.filter(isText) };
  });
  if (models === null) return null;
  const defaultName = (data as readonly Fields[]).find((entry) => entry["isDefault"] === true)?.["model"];
  const own = models.filter(({ value }) => value === defaultName);
  return [...own.map((model) => ({ ...model, value: "default" })), ...models];
};

/**
 * Reads the models in Gemini CLI's answer to `session/new` (0.61.0); null for another form. Leaves out `auto`, by which the CLI would
 * choose a model anew for each request.
 */
export const geminiModelsIn = (answer: unknown): readonly KnownModel[] | null =>
  allIn(
    listOf(fieldsOf(fieldsOf(answer)["models"])["availableModels"]).filter(
      ({ modelId }) => modelId !== "auto",
    ),
    ({ modelId: value, name: title }) =>
      isText(value) && isText(title) ? { value, resolved: value, title, efforts: [] } : null,
  );
